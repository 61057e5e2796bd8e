"""Waivers: differences that somebody accepted with their numbers, and the book of all there ever were."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from catalog.db import redo, waivers
from catalog.db.engine import Catalog, Connection
from catalog.db.move import Why, move
from catalog.errors import IllegalTransition
from catalog.states import CHECK, GROUP, CheckState, GroupState
from ddm import waiverbook
from ddm.operations.checkcase import Case, case_of
from ddm.operations.common import because, doing
from ddm.settings import Settings
from merging.verdict import Difference, What, differences_of, missing_of
from merging.waiving import by_part, covered

UNWAIVABLE = (What.SIZE, What.ADLER32, What.CONTENT)
"""Bytes that differ are never accepted, only counts."""


@dataclass(frozen=True, slots=True)
class Waived:
    """What was accepted of a cross-check, by whom, and the groups that go on."""

    task: str
    run: int
    product: str
    accepted: tuple[str, ...]
    waivers: tuple[int, ...]
    groups: tuple[int, ...]


def waive(
    catalog: Catalog,
    settings: Settings,
    run: int,
    product: str,
    reason: str,
    *,
    task: str | None = None,
    part: int | None = None,
    act: bool,
) -> Waived:
    """Accept the differences that are found now, with their numbers, of all parts or of one.

    Each waiver holds as long as the numbers do. Bytes and checksums are never accepted, nor is silence.
    Raises NotRegistered; BadInput; IllegalTransition if it did not fail, or something cannot be accepted.
    """
    why = because(catalog, reason)
    with doing(catalog, act) as conn:
        case = case_of(conn, settings, run, product, task)
        held = case.groups_in(GroupState.MISMATCHED)
        if case.row.state not in (CheckState.FAILED, CheckState.WAIVED) or not (held and case.open):
            raise IllegalTransition(
                f"it is {case.row.state}, and nothing in it is to be accepted; nothing was changed",
                subject=case.name,
            )
        wanted = [entry for entry in case.open if part is None or entry.part in (None, part)]
        chosen = {entry.part for entry in wanted}
        _refuse(conn, case, wanted, {p: g for p, g in held.items() if part in (None, p)})
        by = {
            where: waiverbook.write(entry for entry in wanted if entry.part == where)
            for where in sorted(chosen, key=lambda entry: -1 if entry is None else entry)
        }
        made = waivers.add(conn, case.row.id, by, why)
        moved = _let_go(conn, settings, case, why)
        return Waived(
            case.row.task, run, product, tuple(entry.sentence for entry in wanted), tuple(made), tuple(moved)
        )


def _refuse(conn: Connection, case: Case, wanted: Sequence[Difference], groups: Mapping[int, int]) -> None:
    if not wanted:
        raise IllegalTransition("that part does not differ; nothing was changed", subject=case.name)
    bytes_ = [entry for entry in wanted if entry.what in UNWAIVABLE]
    if bytes_:
        text = f"counts can be waived, bytes cannot: {bytes_[0].sentence}; nothing was changed"
        raise IllegalTransition(
            text, subject=case.name, advice=f"ddm check repair {case.row.run} {case.row.product}"
        )
    silent = [entry for entry in missing_of(case.verdict) if entry.part in (None, *groups)]
    if silent:
        text = f"a witness was not heard, and silence cannot be accepted: {silent[0].sentence}"
        raise IllegalTransition(f"{text}; nothing was changed", subject=case.name)
    redo.refuse_bad_bytes(conn, list(groups.values()))


def _let_go(conn: Connection, settings: Settings, case: Case, why: Why) -> list[int]:
    """Groups of which every difference is accepted now go on; the check, when nothing else holds it."""
    standing = waiverbook.in_force(conn, [case.row.id])[case.row.id]
    accepted = covered(differences_of(case.verdict), standing)
    left = [entry for entry in differences_of(case.verdict) if entry not in accepted]
    held = case.groups_in(GroupState.MISMATCHED)
    free = [held[part] for part, found in by_part(left, (), held).items() if not found.differences]
    moved = move(conn, GROUP, free, "waived", why)
    if not left:
        move(conn, CHECK, [case.row.id], "waived", why)
    return moved


# ----------------------------------------------------------------------------------- waivers
@dataclass(frozen=True, slots=True)
class WaiverShown:
    """A waiver in the book. ``events``: how many too many (+) or lost (-) events were accepted with it."""

    id: int
    task: str
    year: str
    period: str
    run: int
    product: str
    part: int | None
    accepted: tuple[str, ...]
    events: int
    by: str
    reason: str
    at: str
    state: str
    void_reason: str


@dataclass(frozen=True, slots=True)
class PeriodBook:
    """The waivers of a period and product."""

    year: str
    period: str
    product: str
    in_force: int
    void: int
    events: int


@dataclass(frozen=True, slots=True)
class Book:
    """Every waiver there ever was, and their sums by period."""

    waivers: tuple[WaiverShown, ...]
    periods: tuple[PeriodBook, ...]


def book(catalog: Catalog, run: int | None = None, period: str | None = None) -> Book:
    """The waivers, newest first; none is ever left out for being void."""
    with catalog.read() as conn:
        found = [entry for entry in lines(conn, run) if period in (None, entry.period)]
    sums: dict[tuple[str, str, str], list[WaiverShown]] = {}
    for entry in found:
        sums.setdefault((entry.year, entry.period, entry.product), []).append(entry)
    periods = (
        PeriodBook(
            *key,
            in_force=sum(entry.state == "in force" for entry in entries),
            void=sum(entry.state == "void" for entry in entries),
            events=sum(entry.events for entry in entries if entry.state == "in force"),
        )
        for key, entries in sorted(sums.items())
    )
    return Book(tuple(found), tuple(periods))


def lines(conn: Connection, run: int | None) -> list[WaiverShown]:
    """Every waiver, of one run or of all, newest first."""
    found = []
    for line in waivers.lines(conn, run):
        task = json.loads(line.definition)
        accepted = waiverbook.read(line.differences)
        events = (entry.by or 0 for entry in accepted if entry.what == What.EVENTS)
        found.append(
            WaiverShown(
                id=line.id,
                task=line.task,
                year=str(task.get("year", "")),
                period=str(task.get("period", "")),
                run=line.run,
                product=line.product,
                part=line.part,
                accepted=tuple(entry.sentence for entry in accepted),
                events=sum(events),
                by=line.made_by,
                reason=line.reason,
                at=line.made_at.isoformat(),
                state="in force" if line.void_at is None else "void",
                void_reason=line.void_reason or "",
            )
        )
    return found
