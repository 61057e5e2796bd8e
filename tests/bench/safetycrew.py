"""People who do things at random, and then tidy up: for the random runs of ``tests.bench.safety``.

They may do whatever the operations allow: what is refused is refused, and counted.
"""

from __future__ import annotations

import random
import sqlite3
from collections import Counter
from collections.abc import Callable

from catalog.db import revise
from catalog.db.engine import Catalog
from catalog.errors import DataManagementError
from catalog.states import RequestKind
from ddm.app import App
from ddm.operations import catalogued, checks, freezing, holds, jobs, merges, requests, trash, waiving
from ddm.operations.common import because
from ddm.testing.world import World

WHY = "it seemed right"


class Crew:
    """``acts``: what was done, by kind; ``refused``: what was refused. ``patience``: tidyings left."""

    def __init__(
        self, world: World, catalog: Catalog, chance: random.Random, say: Callable[[str], None]
    ) -> None:
        self.acts: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.patience = 25
        self._world, self._catalog, self._chance, self._say = world, catalog, chance, say
        self._place = world.settings.catalog.removeprefix("sqlite:///")

    def rows(self, question: str) -> list[tuple[object, ...]]:
        """Asked of the tables by the driver itself."""
        tables = sqlite3.connect(self._place)
        try:
            return tables.execute(question).fetchall()
        finally:
            tables.close()

    def count(self, question: str) -> int:
        return int(str(self.rows(question)[0][0]))

    # ------------------------------------------------------------------------------- at random
    def act(self, app: App) -> None:
        """One act, whatever comes to mind."""
        kind = self._chance.choice(sorted(self._possible))
        self._try(kind, lambda: self._possible[kind](self, app))

    def _try(self, kind: str, do: Callable[[], object]) -> bool:
        try:
            done = do()
        except DataManagementError as error:
            self.refused[kind] += 1
            self._say(f"people: {kind} is refused: {error}")
            return False
        if done is None:
            return False
        self.acts[kind] += 1
        self._say(f"people: {kind}")
        return True

    def _one(self, question: str) -> object | None:
        """One row's first column, by chance."""
        found = self.rows(question)
        return self._chance.choice(found)[0] if found else None

    def _lfn(self, states: str, role: str = "") -> str | None:
        """The LFN of a file with a copy in one of these states."""
        which = f" AND f.role = '{role}'" if role else ""
        key = self._one(
            f"SELECT f.id FROM replica r JOIN file f ON f.id = r.file_id WHERE r.state IN ({states}){which}"
        )
        return None if key is None else self._name(int(str(key)))

    def _name(self, file: int) -> str:
        from catalog.testing import facts

        with self._catalog.read() as conn:
            return next(str(one.lfn) for one in facts.replicas(conn) if one.file_id == file)

    def _resume(self, app: App) -> object | None:
        kind = self._chance.choice(list(RequestKind))
        if not self.count(f"SELECT count(*) FROM item WHERE state = 'HELD' AND kind = '{kind.value}'"):
            return None
        return requests.resume(self._catalog, kind, None, WHY)

    def _resume_jobs(self, app: App) -> object | None:
        if not self.count("SELECT count(*) FROM job WHERE state = 'HELD'"):
            return None
        return jobs.resume(self._catalog, None, WHY)

    def _cancel_job(self, app: App) -> object | None:
        key = self._one("SELECT id FROM job WHERE state IN ('WAITING', 'READY', 'RUNNING', 'HELD')")
        return None if key is None else jobs.cancel(app, [int(str(key))], WHY, act=True)

    def _waive(self, app: App) -> object | None:
        found = self.rows("SELECT run, product, state FROM cross_check")
        failed = [row for row in found if row[2] == "FAILED"]
        if not found:
            return None
        run, product, _ = self._chance.choice(failed or found)
        return waiving.waive(self._catalog, self._world.settings, int(str(run)), str(product), WHY, act=True)

    def _again(self, app: App) -> object | None:
        key = self._one("SELECT id FROM merge_group WHERE state <> 'VOID'")
        return None if key is None else merges.again(self._catalog, [int(str(key))], WHY, act=True)

    def _void(self, app: App) -> object | None:
        key = self._one("SELECT id FROM merge_group WHERE state <> 'VOID'")
        return None if key is None else merges.void(self._catalog, [int(str(key))], WHY, act=True)

    def _revise(self, app: App) -> object | None:
        found = self.rows("SELECT run, product FROM merge_group")
        if not found:
            return None
        run, product = self._chance.choice(found)
        with self._catalog.begin("operation") as conn:
            return revise.revise(conn, int(str(run)), str(product), None, because(self._catalog, WHY))

    def _restore(self, app: App) -> object | None:
        lfn = self._lfn("'TRASHED'")
        return None if lfn is None else trash.restore(self._catalog, [lfn], WHY)

    def _compare(self, app: App) -> object | None:
        lfn = self._lfn("'AVAILABLE', 'LOST'")
        return None if lfn is None else catalogued.compare(self._catalog, [lfn], WHY)

    def _freeze(self, app: App) -> object:
        where = self._chance.choice([(None, None), ("disk", None), (None, "P08")])
        return freezing.lay(self._catalog, *where, WHY)

    def _thaw(self, app: App) -> object | None:
        if not self.count("SELECT count(*) FROM trash_freeze WHERE thawed_at IS NULL"):
            return None
        return freezing.thaw(self._catalog, None, WHY)

    def _hold(self, app: App) -> object | None:
        until = self._chance.choice(["12 h", "3 d"])
        lfn = self._lfn("'AVAILABLE', 'TRASHED'", "intermediate")
        run = self._chance.choice(self._world.raw).run
        wanted = holds.Wanted(run=run) if lfn is None or self._chance.random() < 0.3 else holds.Wanted((lfn,))
        return holds.add(self._catalog, wanted, until, WHY)

    def _lift(self, app: App) -> object | None:
        key = self._one("SELECT id FROM hold WHERE lifted_at IS NULL")
        return None if key is None else holds.lift(self._catalog, [int(str(key))], WHY, act=True)

    def _gap(self, app: App) -> object:
        lfn = str(self._chance.choice(self._world.raw).lfn)
        return jobs.add_gaps(
            app, [lfn], task=None, reason=WHY, approver="the run coordinator", act=True, events=9
        )

    def _repair(self, app: App) -> object | None:
        key = self._one("SELECT run FROM cross_check WHERE state = 'FAILED'")
        if key is None:
            return None
        product = self._one(f"SELECT product FROM cross_check WHERE state = 'FAILED' AND run = {key}")
        return checks.repair(self._catalog, self._world.settings, int(str(key)), str(product), WHY, act=True)

    _possible: dict[str, Callable[[Crew, App], object]] = {  # noqa: RUF012
        "resume": _resume,
        "resume jobs": _resume_jobs,
        "cancel": _cancel_job,
        "waive": _waive,
        "merge again": _again,
        "void": _void,
        "revise": _revise,
        "restore": _restore,
        "compare": _compare,
        "freeze": _freeze,
        "thaw": _thaw,
        "hold": _hold,
        "lift": _lift,
        "gap": _gap,
        "repair": _repair,
    }

    # -------------------------------------------------------------------------------- tidying up
    def undo(self) -> None:
        """Nothing is frozen or held any more."""
        self._try("thaw", lambda: self._thaw(None))  # type: ignore[arg-type]
        for (key,) in self.rows("SELECT id FROM hold WHERE lifted_at IS NULL"):
            self._try("lift", lambda key=key: holds.lift(self._catalog, [int(str(key))], WHY, act=True))

    def tidy(self) -> bool:
        """See to what is held, some rounds long; whether anything was done."""
        if self.patience <= 0:
            return False
        self.patience -= 1
        done = [self._try("resume jobs", lambda: self._resume_jobs(None))]  # type: ignore[arg-type]
        for kind in RequestKind:
            held = self.count(f"SELECT count(*) FROM item WHERE state = 'HELD' AND kind = '{kind.value}'")
            if held:
                done.append(
                    self._try("resume", lambda kind=kind: requests.resume(self._catalog, kind, None, WHY))
                )
        for run, product in self.rows("SELECT run, product FROM cross_check WHERE state = 'FAILED'"):
            done.append(
                self._try(
                    "repair",
                    lambda run=run, product=product: checks.repair(
                        self._catalog, self._world.settings, int(str(run)), str(product), WHY, act=True
                    ),
                )
            )
        for (key,) in self.rows("SELECT id FROM merge_group WHERE state = 'HELD'"):
            done.append(
                self._try(
                    "merge again", lambda key=key: merges.again(self._catalog, [int(str(key))], WHY, act=True)
                )
            )
        return any(done)
