"""Cross-checks for people: what every witness says, why something is held, repair, waivers."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from catalog.db import checklook, crosschecks, facts, look, recounts, redo, waivers, witnesses
from catalog.db.checklook import CheckRow
from catalog.db.crosschecks import Checkable
from catalog.db.engine import Catalog, Connection
from catalog.db.look import CheckLine
from catalog.db.move import Why, move
from catalog.db.recounts import RecountLine
from catalog.db.redo import Redone, Reprocessed
from catalog.errors import BadInput, IllegalTransition, NotRegistered
from catalog.states import CHECK, GROUP, CheckState, GroupState
from ddm import waiverbook
from ddm.operations.common import because, doing
from ddm.recipe import Recipe
from ddm.settings import Settings
from ddm.steps.judging import judge
from merging.remedies import Act, Remedy, remedies
from merging.verdict import Difference, Verdict, What, differences_of, missing_of, sentences
from merging.waiving import Waiver, by_part, covered
from merging.witnesses import total

UNWAIVABLE = (What.SIZE, What.ADLER32, What.CONTENT)
"""Bytes that differ are never accepted, only counts."""


# ------------------------------------------------------------------------------------- show
@dataclass(frozen=True, slots=True)
class PartSaid:
    """Events of a part by witness, summed over its chunks; None if one chunk's count is not known.

    ``merged_job`` and ``merged_read`` are of the merged file: what the merge says and what was read back;
    ``recount``: what was counted in it later, if it was.
    """

    task: str
    product: str
    part: int
    group_id: int
    state: str
    chunks: int
    raw_catalogue: int | None
    raw_read: int | None
    job: int | None
    read: int | None
    merged_job: int | None
    merged_read: int | None
    recount: int | None = None


@dataclass(frozen=True, slots=True)
class Side:
    """A product of the run beside the others: events by witness, summed over its parts, and by type.

    ``gaps``: chunks of the run that were given up, with ``gap_events`` (None if not known of one).
    ``by_type``: of the merged files, as read back.
    """

    task: str
    product: str
    parts: int
    chunks: int
    gaps: int
    gap_events: int | None
    raw_catalogue: int | None
    raw_read: int | None
    job: int | None
    read: int | None
    merged_job: int | None
    merged_read: int | None
    by_type: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ChecksShown:
    """Cross-checks, and for a single run what every witness says of each part and of each product."""

    checks: tuple[CheckLine, ...]
    parts: tuple[PartSaid, ...]
    products: tuple[Side, ...] = ()
    waivers: tuple[int, int] = (0, 0)  # in force, void


def shown(catalog: Catalog, limit: int, run: int | None) -> ChecksShown:
    """Cross-checks, of one run with what every witness says."""
    with catalog.read() as conn:
        found = tuple(look.checks(conn, limit, run))
        book = waivers.amounts(conn)
        if run is None:
            return ChecksShown(found, (), (), book)
        parts, types = _said(conn, run)
        return ChecksShown(found, tuple(parts), tuple(_sides(conn, run, parts, types)), book)


def _said(conn: Connection, run: int) -> tuple[list[PartSaid], dict[tuple[str, str], dict[str, int]]]:
    groups = facts.groups_of_run(conn, run)
    ids = [group.id for group in groups]
    inside, outputs = witnesses.witnessed(conn, ids), witnesses.outputs_seen(conn, ids)
    later = recounts.latest(conn, [out.file_id for out in outputs.values() if out.file_id is not None])
    types: dict[tuple[str, str], dict[str, int]] = {}
    found = []
    for group in groups:
        chunks, out = inside.get(group.id, []), outputs[group.id]
        recount = later.get(out.file_id or 0)
        sums = types.setdefault((group.task, group.product), {})
        for name, n in out.read_types.items():
            sums[name] = sums.get(name, 0) + n
        found.append(
            PartSaid(
                task=group.task,
                product=group.product,
                part=group.part,
                group_id=group.id,
                state=group.state,
                chunks=len(chunks),
                raw_catalogue=total(chunk.raw_catalogue for chunk in chunks),
                raw_read=total(chunk.raw_read for chunk in chunks),
                job=total(chunk.job for chunk in chunks),
                read=total(chunk.read for chunk in chunks),
                merged_job=out.job,
                merged_read=out.read,
                recount=None if recount is None else recount.n_events,
            )
        )
    return found, types


def _sides(
    conn: Connection, run: int, parts: Sequence[PartSaid], types: Mapping[tuple[str, str], Mapping[str, int]]
) -> Iterable[Side]:
    gaps = checklook.gaps_of_run(conn, run)
    for task, product in dict.fromkeys((part.task, part.product) for part in parts):
        mine = [part for part in parts if (part.task, part.product) == (task, product)]
        lost = gaps.get(task, [])
        yield Side(
            task=task,
            product=product,
            parts=len(mine),
            chunks=sum(part.chunks for part in mine),
            gaps=len(lost),
            gap_events=total(lost) if lost else 0,
            raw_catalogue=total(part.raw_catalogue for part in mine),
            raw_read=total(part.raw_read for part in mine),
            job=total(part.job for part in mine),
            read=total(part.read for part in mine),
            merged_job=total(part.merged_job for part in mine),
            merged_read=total(part.merged_read for part in mine),
            by_type=types[task, product],
        )


# ----------------------------------------------------------------------------- one of them
@dataclass(frozen=True, slots=True)
class _Case:
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


def _case(conn: Connection, settings: Settings, run: int, product: str, task: str | None) -> _Case:
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
    return _Case(row, entry, verdict, tuple(standing))


def _recipes(settings: Settings, row: CheckRow) -> dict[int, Recipe]:
    if row.task not in settings.tasks:
        raise BadInput(f"task '{row.task}' is not in ddm.toml", subject="task")
    return {row.task_id: Recipe(settings.tasks[row.task], settings)}


# ---------------------------------------------------------------------------------- explain
@dataclass(frozen=True, slots=True)
class Finding:
    """A difference as it is explained: which file, by how much, between whom, and what would help."""

    part: int | None
    chunk: str
    lfn: str
    what: str
    said: tuple[tuple[str, int | None], ...]
    told: tuple[str, ...]  # the same in words; adler32 as hex digits
    by: int | None
    between: tuple[str, str] | None
    sentence: str
    waiver: int | None


@dataclass(frozen=True, slots=True)
class CheckExplained:
    """Everything about one cross-check. ``verdict``: as of now; ``todo``: commands, the first one first."""

    task: str
    run: int
    product: str
    state: str
    recorded: str
    verdict: str
    text: str
    findings: tuple[Finding, ...]
    missing: tuple[str, ...]
    permitted: tuple[str, ...]
    recounts: tuple[RecountLine, ...]
    waivers: tuple[WaiverShown, ...]
    groups: tuple[tuple[int, int, str], ...]
    todo: tuple[str, ...]


def explain(
    catalog: Catalog, settings: Settings, run: int, product: str, task: str | None = None
) -> CheckExplained:
    """Which input lost what, by how much, and what to do next. Changes nothing.

    Raises NotRegistered, or BadInput for a check of several tasks.
    """
    with catalog.read() as conn:
        case = _case(conn, settings, run, product, task)
        row = case.row
        names = checklook.names(conn, [group for group, _, _ in case.entry.groups])
        accepted = covered(differences_of(case.verdict), case.waivers)
        outputs = [file for file in checklook.outputs(conn, names) if file is not None]
        return CheckExplained(
            task=row.task,
            run=run,
            product=product,
            state=row.state,
            recorded=row.verdict,
            verdict=type(case.verdict).__name__,
            text=sentences(case.verdict),
            findings=tuple(
                _finding(entry, names, accepted.get(entry)) for entry in differences_of(case.verdict)
            ),
            missing=tuple(entry.sentence for entry in missing_of(case.verdict)),
            permitted=tuple(entry.sentence for entry in case.verdict.permitted),
            recounts=tuple(recounts.lines(conn, outputs)),
            waivers=tuple(
                shown for shown in _book(conn, run) if (shown.task, shown.product) == (row.task, product)
            ),
            groups=case.entry.groups,
            todo=tuple(_todo(case)),
        )


def _finding(entry: Difference, names: Mapping[int, checklook.Names], waiver: Waiver | None) -> Finding:
    lfn = ""
    for group in names.values():
        if group.part == entry.part:
            lfn = group.members.get(entry.chunk, "") if entry.chunk else group.lfn
    step = entry.step
    return Finding(
        part=entry.part,
        chunk=entry.chunk,
        lfn=lfn,
        what=entry.what,
        said=tuple((str(who), n) for who, n in entry.said),
        told=entry.told,
        by=entry.by,
        between=None if step is None else (str(step[0]), str(step[1])),
        sentence=entry.sentence,
        waiver=None if waiver is None else waiver.id,
    )


def _todo(case: _Case) -> Iterable[str]:
    run, product = case.row.run, case.row.product
    where = f"{run} {product}"
    held = case.groups_in(GroupState.MISMATCHED)
    for remedy in remedies(case.open):
        yield _advice(remedy, where)
    if held and any(entry.what not in UNWAIVABLE for entry in case.open):
        yield f"if the difference is understood and accepted: ddm check waive {where} --reason '…' --yes"
    if held and not case.open:
        yield f"nothing differs any more: ddm check repair {where} --reason '…' --yes (checks it again)"
    if not case.open and missing_of(case.verdict):
        yield f"hear the missing witnesses: ddm explain run {run}; or merge again: ddm merge show {run}"


def _advice(remedy: Remedy, where: str) -> str:
    place = "the run" if remedy.part is None else f"part {remedy.part}"
    place += f", chunk {remedy.chunk}" if remedy.chunk else ""
    match remedy.act:
        case Act.MERGE_AGAIN:
            return f"{place}: {remedy.why}; merge it again: ddm check repair {where} --reason '…' --yes"
        case Act.REPROCESS:
            return (
                f"{place}: {remedy.why}; have the chunk processed again, and the part merged: "
                f"ddm check repair {where} --reason '…' --yes"
            )
        case Act.LOOK:
            return f"{place}: {remedy.why}; look at it: ddm explain run {where.split()[0]}"


# ------------------------------------------------------------------------------------ repair
@dataclass(frozen=True, slots=True)
class Repair:
    """What a repair does. ``looked``: what it cannot do, and a person must."""

    task: str
    run: int
    product: str
    merged_again: tuple[Redone, ...]
    reprocessed: tuple[Reprocessed, ...]
    checked_again: tuple[int, ...]
    looked: tuple[str, ...]

    @property
    def anything(self) -> bool:
        return bool(self.merged_again or self.reprocessed or self.checked_again)


def repair(
    catalog: Catalog,
    settings: Settings,
    run: int,
    product: str,
    reason: str,
    *,
    task: str | None = None,
    act: bool,
) -> Repair:
    """Merge the parts that differ again, with the same members; have inputs that differ made again.

    What was merged before is retired and its copy on disk trashed; nothing is overwritten. All or nothing.
    Raises NotRegistered; BadInput; IllegalTransition (nothing of it is held, or an old output is on tape);
    RetentionRefused.
    """
    why = because(catalog, reason)
    with doing(catalog, act) as conn:
        case = _case(conn, settings, run, product, task)
        held = case.groups_in(GroupState.MISMATCHED)
        if not held:
            raise IllegalTransition(
                f"no part of it is MISMATCHED, its cross-check is {case.row.state}; nothing was changed",
                subject=case.name,
            )
        plans = {part: remedies(entry for entry in case.open if entry.part == part) for part in held}
        of_run = remedies(entry for entry in case.open if entry.part is None)
        fine = [held[part] for part, plan in plans.items() if not plan and not of_run]
        again, redone = [], list[Reprocessed]()
        looked = [_advice(entry, f"{run} {product}") for entry in of_run]
        for part, plan in plans.items():
            look_at = [entry for entry in plan if entry.act is Act.LOOK]
            looked += [_advice(entry, f"{run} {product}") for entry in look_at]
            chunks = sorted({entry.chunk for entry in plan if entry.act is Act.REPROCESS})
            if look_at:
                continue  # to make the rest anew would be made in vain
            if chunks:
                redone.append(redo.reprocess(conn, held[part], chunks, why))
            elif plan:
                again.append(held[part])
        merged = redo.merge_again(conn, again, why) if again else []
        checked = _check_again(conn, case, fine, why)
        return Repair(
            case.row.task,
            run,
            product,
            tuple(merged),
            tuple(redone),
            tuple(checked),
            tuple(dict.fromkeys(looked)),
        )


def _check_again(conn: Connection, case: _Case, groups: Sequence[int], why: Why) -> list[int]:
    """What held these parts is gone: the flow judges them anew."""
    moved = move(conn, GROUP, list(groups), "check_again", why, reason=None)
    if moved and len(moved) == len(case.groups_in(GroupState.MISMATCHED)):
        move(conn, CHECK, [case.row.id], "reopened", why)
    return moved


# ------------------------------------------------------------------------------------- waive
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
        case = _case(conn, settings, run, product, task)
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


def _refuse(conn: Connection, case: _Case, wanted: Sequence[Difference], groups: Mapping[int, int]) -> None:
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


def _let_go(conn: Connection, settings: Settings, case: _Case, why: Why) -> list[int]:
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
        found = [entry for entry in _book(conn, run) if period in (None, entry.period)]
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


def _book(conn: Connection, run: int | None) -> list[WaiverShown]:
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
