"""One cross-check that a person asks about, judged as of now."""

from __future__ import annotations

from dataclasses import dataclass

from catalog.db import checklook, crosschecks
from catalog.db.checklook import CheckRow
from catalog.db.crosschecks import Checkable
from catalog.db.engine import Connection
from catalog.errors import BadInput, NotRegistered
from catalog.states import GroupState
from ddm import waiverbook
from ddm.recipe import Recipe
from ddm.settings import Settings
from ddm.steps.judging import judge
from merging.verdict import Difference, Verdict, differences_of
from merging.waiving import Waiver, covered


@dataclass(frozen=True, slots=True)
class Case:
    """A cross-check that a person asks about, with the verdict as of now."""

    row: CheckRow
    entry: Checkable
    verdict: Verdict
    waivers: tuple[Waiver, ...]

    @property
    def name(self) -> str:
        return f"{self.row.product} of run {self.row.run}"

    @property
    def open(self) -> tuple[Difference, ...]:
        """Differences that nobody accepted with these numbers."""
        accepted = covered(differences_of(self.verdict), self.waivers)
        return tuple(entry for entry in differences_of(self.verdict) if entry not in accepted)

    def groups_in(self, state: GroupState) -> dict[int, int]:
        """Part → group of those in the state."""
        return {part: group for group, part, now in self.entry.groups if now == state}


def case_of(conn: Connection, settings: Settings, run: int, product: str, task: str | None) -> Case:
    """Raises NotRegistered if there is no such check, BadInput if it is of several tasks."""
    rows = [row for row in checklook.of_run(conn, run, product) if task in (None, row.task)]
    if not rows:
        raise NotRegistered(
            f"there is no cross-check of {product} of run {run}", subject=f"ddm check show {run}"
        )
    if len(rows) > 1:
        raise BadInput(f"which task? {', '.join(row.task for row in rows)}", subject="--task")
    (row,) = rows
    recipes = _recipes(settings, row)
    entries = crosschecks.of_checks(conn, [row.id])
    if not entries:
        raise NotRegistered(
            "every part of it is void; the flow plans it anew", subject=f"run {run} {product}"
        )
    ((entry, verdict),) = judge(recipes, conn, entries)
    standing = waiverbook.in_force(conn, [row.id]).get(row.id, [])
    return Case(row, entry, verdict, tuple(standing))


def _recipes(settings: Settings, row: CheckRow) -> dict[int, Recipe]:
    if row.task not in settings.tasks:
        raise BadInput(f"task '{row.task}' is not in ddm.toml", subject="task")
    return {row.task_id: Recipe(settings.tasks[row.task], settings)}
