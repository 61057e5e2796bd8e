"""Hop 7: do the merged files of a run hold what went in? Three witnesses, per chunk, part and run.

A difference holds the parts it is in; the others go on. A waiver lets go what it names, as long as the
numbers are those that were accepted: they are compared again at every check, and every hour besides.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from catalog.db import crosschecks, waivers
from catalog.db.crosschecks import Checkable, CheckKey, Found
from catalog.db.engine import Connection
from catalog.db.move import Why, move
from catalog.states import CHECK, GROUP, CheckState, GroupState
from ddm.app import App
from ddm.steps.judging import judge
from ddm.waiverbook import in_force
from merging.verdict import Difference, Verdict, differences_of, dumps, missing_of, sentences
from merging.waiving import PartVerdict, Waiver, by_part, covered, outlived

LOOK_AGAIN = timedelta(hours=1)
"""How often the numbers of a waiver are compared with what is found."""


def check(app: App) -> int:
    """Check every run and product whose parts are merged and compared. Returns groups that moved."""
    with app.catalog.read() as conn:
        limit = app.settings.flow.batch
        ready = crosschecks.checkable(conn, limit)
        waived = waivers.to_look_at(conn, app.now - LOOK_AGAIN, limit)
        verdicts = judge(app.recipes, conn, [*ready, *crosschecks.of_checks(conn, waived, quiet=True)])
    if not verdicts:
        return 0
    with app.catalog.begin() as conn:
        return settle(conn, verdicts, app.why())


@dataclass(slots=True)
class _Case:
    """A cross-check with its verdict, and what of it was accepted before."""

    id: int
    entry: Checkable
    verdict: Verdict
    state: str
    waived: Mapping[Difference, Waiver]
    outlived: Sequence[tuple[Waiver, str]] = field(default=())

    @property
    def parts(self) -> dict[int, PartVerdict]:
        """What holds each part that is merged, waived differences left out."""
        open_ = [entry for entry in differences_of(self.verdict) if entry not in self.waived]
        merged = [part for group, part, _ in self.entry.groups if group not in self.entry.unmerged]
        return by_part(open_, missing_of(self.verdict), merged)

    @property
    def result(self) -> CheckState:
        """The state that the verdict calls for."""
        differences = differences_of(self.verdict)
        if any(entry not in self.waived for entry in differences):
            return CheckState.FAILED
        if missing_of(self.verdict):
            return CheckState.PENDING
        return CheckState.WAIVED if differences else CheckState.PASSED


def settle(conn: Connection, verdicts: Sequence[tuple[Checkable, Verdict]], why: Why) -> int:
    """Record verdicts, and move the groups on or hold them. Returns how many groups moved."""
    keys = [_key(entry) for entry, _ in verdicts]
    rows = crosschecks.ensure_checks(conn, keys, why)
    states = crosschecks.states_of(conn, list(rows.values()))
    force = in_force(conn, list(rows.values()))
    cases = []
    for key, (entry, verdict) in zip(keys, verdicts, strict=True):
        cases.append(_case(rows[key], states[rows[key]], entry, verdict, force.get(rows[key], ())))
    crosschecks.say_verdicts(
        conn, [Found(case.id, sentences(case.verdict), dumps(case.verdict)) for case in cases], why
    )
    waivers.void(conn, {waiver.id: text for case in cases for waiver, text in case.outlived}, why)
    waivers.looked_at(conn, [case.id for case in cases], why.at)
    easy = [case for case in cases if _is_easy(case)]
    moved = _pass(conn, easy, why)
    return moved + sum(_settle_one(conn, case, why) for case in cases if not _is_easy(case))


def _key(entry: Checkable) -> CheckKey:
    return entry.task_id, entry.run, entry.product


def _case(check: int, state: str, entry: Checkable, verdict: Verdict, waivers: Sequence[Waiver]) -> _Case:
    """The waivers of parts that cannot be judged now are neither used nor void."""
    unmerged = {part for group, part, _ in entry.groups if group in entry.unmerged}
    asked = [waiver for waiver in waivers if not any(one.part in unmerged for one in waiver.differences)]
    differences = differences_of(verdict)
    void = outlived(differences, asked)
    gone = {waiver.id for waiver, _ in void}
    alive = [waiver for waiver in asked if waiver.id not in gone]
    return _Case(check, entry, verdict, state, covered(differences, alive), void)


def _is_easy(case: _Case) -> bool:
    return case.result is CheckState.PASSED and case.state in (CheckState.PENDING, CheckState.PASSED)


def _pass(conn: Connection, cases: Sequence[_Case], why: Why) -> int:
    """Pass the checks that agree, and move their groups on, all at once."""
    move(conn, CHECK, [case.id for case in cases if case.state == CheckState.PENDING], "agree", why)
    merged = [group for case in cases for group, _ in _in_state(case, GroupState.MERGED)]
    return len(move(conn, GROUP, merged, "counts_agree", why))


def _in_state(case: _Case, *states: GroupState) -> Iterator[tuple[int, int]]:
    """(group, part) of the groups in these states that have a merged file to be judged."""
    for group, part, state in case.entry.groups:
        if state in states and group not in case.entry.unmerged:
            yield group, part


def _settle_one(conn: Connection, case: _Case, why: Why) -> int:
    """A verdict that is not plain agreement: each part goes its own way."""
    _move_check(conn, case, why)
    parts, moved = case.parts, 0
    for group, part in _in_state(case, GroupState.MERGED):
        found = parts[part]
        mine = {entry: w for entry, w in case.waived.items() if entry.part in (None, part)}
        if found.differences:
            moved += _hold(conn, group, "counts_differ", found.differences, why)
        elif found.missing:
            continue
        elif mine:
            moved += _hold(conn, group, "counts_differ", tuple(mine), why)
            move(conn, GROUP, [group], "waived", _waived(next(iter(mine.values())), why))
        else:
            moved += len(move(conn, GROUP, [group], "counts_agree", why))
    past = (GroupState.CHECKED, GroupState.ARCHIVED, GroupState.CLEANED)
    for group, part in _in_state(case, *past):
        own = tuple(entry for entry in parts[part].differences if entry.part == part)
        if own:
            moved += _hold(conn, group, "found_to_differ", own, why)
    return moved


def _hold(conn: Connection, group: int, event: str, found: Sequence[Difference], why: Why) -> int:
    text = "; ".join(entry.sentence for entry in found[:5])
    text += f"; and {len(found) - 5} more" if len(found) > 5 else ""
    return len(move(conn, GROUP, [group], event, why.because(text), reason=text))


def _waived(waiver: Waiver, why: Why) -> Why:
    """A person's decision of another day, still good: the numbers are those that were accepted."""
    return Why(why.at, waiver.by, f"{waiver.reason} (waiver {waiver.id}, the same numbers)")


def _move_check(conn: Connection, case: _Case, why: Why) -> None:
    ids, text = [case.id], sentences(case.verdict)
    match case.result:
        case CheckState.FAILED:
            if case.state in (CheckState.PASSED, CheckState.WAIVED):
                move(conn, CHECK, ids, "found_to_differ", why.because(text))
            else:
                move(conn, CHECK, ids, "differ", why.because(text))
        case CheckState.WAIVED:
            move(conn, CHECK, ids, "differ", why.because(text))
            move(conn, CHECK, ids, "waived", _waived(next(iter(case.waived.values())), why))
        case CheckState.PASSED:
            move(conn, CHECK, ids, "agree", why)
        case CheckState.PENDING:
            pass
