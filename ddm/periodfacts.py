"""The facts of the tasks of a period, from the catalogue, as the statement has them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import TypeVar

from catalog.checksum import Adler32
from catalog.db import evidence, files, periods
from catalog.db.engine import Catalog, Connection
from catalog.db.periods import GoneFact, Members, PaperFact, PartFact, TapeFact, TaskFact
from catalog.db.waivers import WaiverLine
from catalog.evidence import Piece, Wanted
from catalog.statement.values import Facts, Gap, OnTape, Part, Product, Removed, Run, Seen, Waived
from catalog.states import JobState, ReplicaState
from ddm import waiverbook
from ddm.settings import ProductSettings, Settings
from merging.witnesses import Counted

_T = TypeVar("_T")
_K = TypeVar("_K", bound=Hashable)
USUAL = Wanted()


def facts(
    conn: Connection, catalog: Catalog, settings: Settings, name: str, chosen: Sequence[TaskFact]
) -> Facts:
    """What the catalogue has of these tasks, and nothing that was kept in other places."""
    remarks: list[str] = []
    runs = [run for task in chosen for run in _runs(conn, settings, task, remarks)]
    return Facts(
        period=name,
        tasks=tuple(task.name for task in chosen),
        made_at=catalog.clock.now().isoformat(),
        made_by=catalog.actor,
        catalogue=catalog.name,
        remarks=tuple(remarks),
        runs=tuple(runs),
    )


@dataclass
class _OfTask:
    """All that is known of a task, by what it is about."""

    task: TaskFact
    products: Mapping[str, ProductSettings | None]
    parts: Mapping[tuple[int, str], list[PartFact]]
    by_id: Mapping[int, PartFact]
    members: Mapping[int, list[Members]]
    inside: Mapping[tuple[int, str], list[Members]]
    within: Mapping[int, int]
    tapes: Mapping[int, list[TapeFact]]
    pieces: Mapping[int, tuple[Piece, ...]]
    gone: Mapping[int, list[GoneFact]]
    papers: Mapping[int, PaperFact]
    written_off: Mapping[int, int]
    kept: Mapping[int, int]
    left_out: Mapping[tuple[int, str], int]
    checks: Mapping[tuple[int, str], str]
    waivers: Mapping[tuple[int, str], list[WaiverLine]]


def _runs(conn: Connection, settings: Settings, task: TaskFact, remarks: list[str]) -> Iterator[Run]:
    known = _gather(conn, settings, task)
    for name, product in known.products.items():
        if product is None:
            remarks.append(f"{task.name}: {name} is not in ddm.toml any more; the usual rules are assumed")
    raw = {run.run: run for run in periods.raw_runs(conn, task.dataset_id)}
    undefined = files.undefined_runs(conn, task.dataset_id)
    jobs, gaps = periods.jobs(conn, task.id), _grouped(periods.gaps(conn, task.id), lambda gap: gap.run)
    unreadable = sum(run.unreadable for run in raw.values())
    if unreadable:
        remarks.append(f"{task.name}: {unreadable} raw files have no AVAILABLE copy")
    for number in sorted({*raw, *undefined, *(run for run, _ in known.parts)}):
        counted = raw.get(number, periods.RawRun(number, 0, 0, 0, 0, 0, 0))
        states = jobs.get(number, {})
        yield Run(
            task=task.name,
            dataset=task.dataset,
            open=task.open,
            run=number,
            chunks=counted.chunks,
            size=counted.size,
            events=counted.events,
            unknown=counted.unknown,
            incomplete=counted.incomplete,
            unreadable=counted.unreadable,
            undefined=undefined.get(number, ""),
            processed=states.get(JobState.DONE, 0),
            held=states.get(JobState.HELD, 0),
            gaps=tuple(
                Gap(gap.chunk, gap.lfn, gap.events, gap.reason, gap.approver, gap.at.isoformat())
                for gap in gaps.get(number, ())
            ),
            products=tuple(_product(known, number, name) for name in known.products),
        )


def _grouped(things: Iterable[_T], key: Callable[[_T], _K]) -> dict[_K, list[_T]]:
    found: dict[_K, list[_T]] = defaultdict(list)
    for thing in things:
        found[key(thing)].append(thing)
    return dict(found)


def _gather(conn: Connection, settings: Settings, task: TaskFact) -> _OfTask:
    parts = periods.parts(conn, task.id)
    by_id = {part.id: part for part in parts}
    members = periods.members(conn, task.id)
    tapes = periods.on_tape(conn, task.id)
    gone = periods.gone(conn, task.id)
    certificates = sorted({entry.certificate for entry in gone if entry.certificate is not None})
    names = list(dict.fromkeys([*task.products, *(part.product for part in parts)]))
    return _OfTask(
        task=task,
        products={name: settings.products.get(name) for name in names},
        parts=_grouped(parts, lambda part: (part.run, part.product)),
        by_id=by_id,
        members=_grouped(members, lambda entry: entry.group),
        inside=_grouped(members, lambda entry: (entry.run, by_id[entry.group].product)),
        within=periods.within(conn, task.id),
        tapes=_grouped(tapes, lambda copy: copy.file),
        pieces=evidence.counting(conn, [copy.replica for copy in tapes]),
        gone=_grouped(gone, lambda entry: entry.group),
        papers=dict(periods.papers(conn, certificates)),
        written_off=periods.written_off(conn, task.id),
        kept=periods.kept(conn, task.id),
        left_out=periods.left_out(conn, task.id),
        checks=periods.checks(conn, task.id),
        waivers=_grouped(periods.waivers(conn, task.id), lambda line: (line.run, line.product)),
    )


def _product(known: _OfTask, run: int, name: str) -> Product:
    settings = known.products[name]
    counted = Counted.ALL if settings is None else settings.counted
    inside = known.inside.get((run, name), [])
    wanted = settings.wanted if settings else USUAL
    elsewhere = {known.by_id[entry.group] for entry in inside} - set(known.parts.get((run, name), ()))
    made_of = known.task.products.get(name, settings.made_of if settings else "")
    return Product(
        product=name,
        made_of=made_of,
        counted=counted.value,
        grade=wanted.grade.value,
        settle=ceil(wanted.settle.total_seconds()),
        files=sum(entry.files for entry in inside),
        left_out=known.left_out.get((run, name), 0),
        raw=None if made_of else _sum((entry.raw, entry.raw_unknown) for entry in inside),
        jobs=_sum((entry.jobs, entry.jobs_unknown) for entry in inside),
        read=_sum((entry.read, entry.read_unknown) for entry in inside),
        differ=_differing(inside, counted, made_of),
        check=known.checks.get((run, name), ""),
        waivers=tuple(_waived(line) for line in known.waivers.get((run, name), ())),
        parts=tuple(_part(known, part) for part in known.parts.get((run, name), ())),
        parts_elsewhere=tuple(f"{part.run}/{part.part}" for part in sorted(elsewhere)),
    )


def _differing(inside: Iterable[Members], counted: Counted, made_of: str) -> int:
    if counted is Counted.NONE:
        return 0
    raw_too = counted is Counted.ALL and not made_of
    return sum(entry.differ_raw if raw_too else entry.differ for entry in inside)


def _sum(numbers: Iterable[tuple[int, int]]) -> int | None:
    """The sum of (amount, how many did not tell); None if anybody did not."""
    known = list(numbers)
    return None if any(unknown for _, unknown in known) else sum(amount for amount, _ in known)


def _waived(line: WaiverLine) -> Waived:
    differences = tuple(entry.sentence for entry in waiverbook.read(line.differences))
    return Waived(line.part, line.made_by, line.made_at.isoformat(), line.reason, differences)


def _part(known: _OfTask, part: PartFact) -> Part:
    inside = known.members.get(part.id, [])
    further = known.by_id.get(known.within.get(part.id, 0))
    return Part(
        part=part.part,
        state=part.state,
        runs=tuple(sorted({entry.run for entry in inside} | {part.run})),
        lfn=part.lfn,
        size=part.size,
        adler32=_hex(part.adler32),
        files=sum(entry.files for entry in inside),
        events_in=_sum((entry.best, entry.best_unknown) for entry in inside),
        events_out=part.events,
        on_tape=tuple(_on_tape(known, copy) for copy in known.tapes.get(part.output or 0, ())),
        within=f"{further.product} {further.run}/{further.part}" if further else "",
        on_disk=part.on_disk,
        removed=tuple(_removed(known, entry) for entry in known.gone.get(part.id, ())),
        kept=known.kept.get(part.id, 0),
    )


def _hex(adler32: int | None) -> str | None:
    return None if adler32 is None else str(Adler32(adler32))


def _on_tape(known: _OfTask, copy: TapeFact) -> OnTape:
    pieces = known.pieces.get(copy.replica, ())
    return OnTape(
        copy.endpoint,
        copy.path,
        copy.state,
        copy.since.isoformat(),
        tuple(seen(piece) for piece in pieces),
    )


def seen(piece: Piece) -> Seen:
    """A piece of evidence as it is stated."""
    adler32 = None if piece.adler32 is None else str(piece.adler32)
    return Seen(piece.grade.value, piece.taken_at.isoformat(), piece.source, piece.how, piece.size, adler32)


def _removed(known: _OfTask, entry: GoneFact) -> Removed:
    paper = None if entry.certificate is None else known.papers.get(entry.certificate)
    lost = paper is None and entry.state == ReplicaState.DELETED
    return Removed(
        seal=paper.seal if paper else "",
        issued_at=paper.issued_at.isoformat() if paper else "",
        state=entry.state,
        files=entry.files,
        size=entry.size,
        named=paper.named.get((entry.group, entry.state), 0) if paper else 0,
        intact=paper.intact if paper else False,
        written_off=known.written_off.get(entry.group, 0) if lost else 0,
    )
