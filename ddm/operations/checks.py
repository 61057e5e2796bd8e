"""Cross-checks for people: what every witness says, why something is held, repair."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from catalog.db import checklook, facts, look, recounts, redo, waivers, witnesses
from catalog.db.engine import Catalog, Connection
from catalog.db.look import CheckLine
from catalog.db.move import Why, move
from catalog.db.recounts import RecountLine
from catalog.db.redo import Redone, Reprocessed
from catalog.errors import IllegalTransition
from catalog.states import CHECK, GROUP, GroupState
from ddm.operations.checkcase import Case, case_of
from ddm.operations.common import because, doing
from ddm.operations.waiving import UNWAIVABLE, WaiverShown
from ddm.operations.waiving import lines as waiver_lines
from ddm.settings import Settings
from merging.remedies import Act, Remedy, remedies
from merging.verdict import Difference, differences_of, missing_of, sentences
from merging.waiving import Waiver, covered
from merging.witnesses import total


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
        case = case_of(conn, settings, run, product, task)
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
                shown
                for shown in waiver_lines(conn, run)
                if (shown.task, shown.product) == (row.task, product)
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


def _todo(case: Case) -> Iterable[str]:
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
        case = case_of(conn, settings, run, product, task)
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


def _check_again(conn: Connection, case: Case, groups: Sequence[int], why: Why) -> list[int]:
    """What held these parts is gone: the flow judges them anew."""
    moved = move(conn, GROUP, list(groups), "check_again", why, reason=None)
    if moved and len(moved) == len(case.groups_in(GroupState.MISMATCHED)):
        move(conn, CHECK, [case.row.id], "reopened", why)
    return moved
