"""Events of every run in every tier, from the catalogue: gathered in grouped questions, judged by
``ddm.reconcile.counts``. What the statement of a period sums up is asked of the same functions.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from catalog.db import eventcounts, files, periods
from catalog.db.engine import Catalog, Connection
from catalog.db.eventcounts import Loose, Verdict
from catalog.db.periods import Members, PartFact, TaskFact
from catalog.errors import NotRegistered
from catalog.states import ReplicaState
from ddm import waiverbook
from ddm.naming import named
from ddm.operations.periods import choose
from ddm.reconcile import counts
from ddm.reconcile.tiers import Amount, Gap, Line, Product, Run, Share, Total, Undone
from ddm.settings import Settings
from merging.witnesses import Counted

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Counts:
    """Every line, sums of each product, and how many differences nothing explains."""

    tasks: tuple[str, ...]
    lines: tuple[Line, ...]
    totals: tuple[Total, ...]
    differences: int


def count(
    catalog: Catalog,
    settings: Settings,
    *,
    period: str | None = None,
    year: int | None = None,
    task: str | None = None,
    run: int | None = None,
) -> Counts:
    """Events of the runs of a period, of a task, of one run in every task, or of everything.

    All questions are of one moment. Raises BadInput for a name that no task has, or if several years have the
    period; NotRegistered for a run that no task reads.
    """
    with catalog.read() as conn:
        known = periods.tasks(conn)
        chosen = _chosen(conn, known, period, year, task, run)
        lines = tuple(line for one in chosen for line in _lines(conn, settings, one, run))
    if run is not None and not lines:
        raise NotRegistered("no task reads this run", subject=str(run))
    return Counts(
        tuple(one.name for one in chosen),
        lines,
        counts.totals(lines),
        sum(len(line.differences) for line in lines),
    )


def _chosen(
    conn: Connection,
    known: Sequence[TaskFact],
    period: str | None,
    year: int | None,
    task: str | None,
    run: int | None,
) -> list[TaskFact]:
    found = list(known)
    if task is not None:
        named(task, (one.name for one in known), "--task", "task", where="in the catalogue")
    if period is not None:
        words = {one.name for one in known} | {one.period for one in known if one.period}
        named(period, words, "--period", "period or task", where="in the catalogue")
        found = choose(found, period, year, task)
    elif task is not None:
        found = choose(found, task, year, task)
    if run is not None:
        reading = set(eventcounts.tasks_of_run(conn, run))
        found = [one for one in found if one.id in reading]
    return found


# ------------------------------------------------------------------------------------------ gathering
@dataclass
class _Gathered:
    """All that is known of a task, by what it is about. ``safe``: parts with a good copy on tape."""

    task: TaskFact
    settings: Settings
    parts: Mapping[int, PartFact]
    members: Mapping[int, list[Members]]
    inside: Mapping[tuple[int, str], list[Members]]
    named: Mapping[tuple[int, str], list[PartFact]]
    within: Mapping[int, int]
    safe: frozenset[int]
    loose: Mapping[tuple[int, str], list[Loose]]
    checks: Mapping[tuple[int, str], Verdict]
    waivers: Mapping[tuple[int, str], list[tuple[int | None, str]]]


def _lines(conn: Connection, settings: Settings, task: TaskFact, run: int | None) -> Iterator[Line]:
    known = _gather(conn, settings, task, run)
    products = list(dict.fromkeys([*task.products, *(part.product for part in known.parts.values())]))
    for one in _runs(conn, task, run):
        yield from counts.lines(one, [_product(known, one.run, name) for name in products])


def _runs(conn: Connection, task: TaskFact, run: int | None) -> Iterator[Run]:
    undone = _grouped((one.run, one) for one in eventcounts.undone(conn, task.id, task.dataset_id, run))
    gaps = _grouped((gap.run, gap) for gap in periods.gaps(conn, task.id))
    told = eventcounts.uncounted_gaps(conn, task.id)
    shared = {one.run: one.others for one in eventcounts.shared(conn, task.id, run)}
    undefined = files.undefined_runs(conn, task.dataset_id)
    said = {one.run: one for one in eventcounts.recorded(conn, task.dataset_id, run)}
    for raw in periods.raw_runs(conn, task.dataset_id, run):
        one = said[raw.run]
        yield Run(
            task=task.name,
            run=raw.run,
            chunks=raw.chunks,
            recorded=Amount(one.said, one.said_unknown),
            read=Amount(one.read, one.read_unknown),
            unlike=one.differ,
            raw=Amount(raw.events, raw.unknown),
            undone=tuple(
                Undone(each.state, each.chunks, Amount(each.events, each.unknown))
                for each in undone.get(raw.run, ())
            ),
            gaps=tuple(
                Gap(gap.chunk, gap.events, (gap.run, gap.chunk) not in told, gap.reason, gap.approver)
                for gap in gaps.get(raw.run, ())
            ),
            shared=shared.get(raw.run, 0),
            open=f"not all its files are known: {undefined[raw.run]}" if raw.run in undefined else "",
        )


def _gather(conn: Connection, settings: Settings, task: TaskFact, run: int | None) -> _Gathered:
    parts = {part.id: part for part in periods.parts(conn, task.id)}
    members = periods.members(conn, task.id, run)
    tapes = periods.on_tape(conn, task.id)
    good = {copy.file for copy in tapes if copy.state == ReplicaState.AVAILABLE}
    names = [name for name, made_of in task.products.items() if not made_of]
    return _Gathered(
        task=task,
        settings=settings,
        parts=parts,
        members=_grouped((entry.group, entry) for entry in members),
        inside=_grouped(((entry.run, parts[entry.group].product), entry) for entry in members),
        named=_grouped(((part.run, part.product), part) for part in parts.values()),
        within=periods.within(conn, task.id),
        safe=frozenset(part.id for part in parts.values() if part.output in good),
        loose=_grouped(((one.run, one.product), one) for one in eventcounts.loose(conn, task.id, names, run)),
        checks=eventcounts.verdicts(conn, task.id, run),
        waivers=_grouped(
            ((line.run, line.product), (line.part, _words(line.made_by, line.reason, line.differences)))
            for line in periods.waivers(conn, task.id)
        ),
    )


def _grouped(pairs: Iterable[tuple[K, V]]) -> dict[K, list[V]]:
    found: dict[K, list[V]] = {}
    for key, value in pairs:
        found.setdefault(key, []).append(value)
    return found


def _words(by: str, reason: str, differences: str) -> str:
    said = "; ".join(entry.sentence for entry in waiverbook.read(differences))
    return f"{said} (accepted by {by}: {reason})"


# ------------------------------------------------------------------------------------------- products
def _product(known: _Gathered, run: int, name: str) -> Product:
    settings = known.settings.products.get(name)
    made_of = known.task.products.get(name, settings.made_of if settings else "")
    counted = Counted.ALL if settings is None else settings.counted
    inside = known.inside.get((run, name), [])
    whole = counted is Counted.ALL and not made_of
    loose = known.loose.get((run, name), [])
    check = known.checks.get((run, name), Verdict("", ""))
    kept = settings is None or bool(settings.archive_to) or name in _sources(known)
    return Product(
        name=name,
        made_of=made_of,
        counted=counted,
        archived=kept,
        shares=tuple(_share(known, run, entry) for entry in inside),
        free=_outside(known, run, made_of) if made_of else _amount(loose, left_out=False),
        aside=_amount(loose, left_out=True),
        differ=sum(entry.differ_raw if whole else entry.differ for entry in inside),
        check=check.state,
        verdict=check.text,
        waivers=tuple(known.waivers.get((run, name), ())),
    )


def _sources(known: _Gathered) -> set[str]:
    """Products that others are made of: they are kept within those."""
    return {made_of for made_of in known.task.products.values() if made_of}


def _amount(loose: Iterable[Loose], *, left_out: bool) -> tuple[int, Amount]:
    found = [one for one in loose if one.left_out is left_out]
    return sum(one.files for one in found), sum((Amount(one.events, one.unknown) for one in found), Amount())


def _outside(known: _Gathered, run: int, made_of: str) -> tuple[int, Amount]:
    """Merged files of the product that this one is made of which went into no part of another."""
    found = [part for part in known.named.get((run, made_of), ()) if part.id not in known.within]
    made = sum((Amount(part.events or 0, part.events is None) for part in found if part.size), Amount())
    return len(found), made


def _share(known: _Gathered, run: int, entry: Members) -> Share:
    part = known.parts[entry.group]
    every = known.members[entry.group]
    return Share(
        part=part.part,
        state=part.state,
        mine=part.run == run,
        files=entry.files,
        here=Amount(entry.best, entry.best_unknown),
        taken=sum((Amount(one.best, one.best_unknown) for one in every), Amount()),
        made=part.events,
        exists=part.size is not None,
        safe=_is_safe(known, part.id),
    )


def _is_safe(known: _Gathered, part: int) -> bool:
    """A good copy is on tape, of the part or of what it went into."""
    for _ in range(len(known.parts) + 1):  # a circle ends
        if part in known.safe:
            return True
        if part not in known.within:
            return False
        part = known.within[part]
    return False


def differing(found: Counts) -> Counts:
    """The same with the lines only that have something to say; the sums stay those of all."""
    lines = tuple(line for line in found.lines if line.explained or line.differences)
    return Counts(found.tasks, lines, found.totals, found.differences)
