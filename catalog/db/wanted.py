"""What a campaign would recall: a selection of files as a plan, in the order in which they are to come.

Runs are the units: a run comes as a whole. A plan has them by the tape of their first file and its position
there, if the endpoint told them; else by dataset, run and order of registration, which is about the order in
which they were archived. (``transfers.lanes`` lays them side by side for many drives.) Within a run files go
by tape and position.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Exists,
    Select,
    and_,
    case,
    exists,
    func,
    literal,
    or_,
    select,
)

from catalog.db import places, schema, schema_recall
from catalog.db.condition import condition
from catalog.db.engine import among, unindexed
from catalog.db.recall_wishes import on_disk
from catalog.model import RunOnTape
from catalog.querytree import Query
from catalog.states import EndpointKind, PinState, ReplicaState

F, R, E, P, T = schema.file, schema.replica, schema.endpoint, schema.pin, schema_recall.tape_place
PAGE = 10_000


class Planned(NamedTuple):
    """A file to recall: its tape replica."""

    replica_id: int
    size: int


@dataclass(frozen=True, slots=True)
class TapeShare:
    """How much of a plan is on one tape; ``tape`` "" where nobody told the tape."""

    tape: str
    files: int
    size: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What a selection comes to at one endpoint, before anything is asked for.

    ``online``: files, of these, that are pinned already, so that they cost nothing. Sizes in bytes.
    ``runs``: in the plain order of the tapes.
    """

    endpoint: str
    files: int
    size: int
    online: int
    tapes: tuple[TapeShare, ...]
    runs: tuple[RunOnTape, ...]


@dataclass(slots=True)
class _Run:
    """What was found of a run, tape by tape."""

    files: int = 0
    begins: dict[str, int] = field(default_factory=dict)

    def add(self, files: int, tape: str | None, begin: int | None) -> None:
        self.files += files
        if tape is not None:
            self.begins[tape] = begin or 0

    def placed(self, dataset: int, run: int) -> RunOnTape:
        tapes = tuple(sorted(self.begins))
        return RunOnTape(dataset, run, self.files, tapes, self.begins[tapes[0]] if tapes else 0)


def _in_order_of_tapes(run: RunOnTape) -> tuple[bool, tuple[str, ...], int, int, int]:
    return not run.tapes, run.tapes[:1], run.begin, run.dataset_id, run.run


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Selected files that are not recalled: on disk already; without a good copy on tape; or incomplete."""

    on_disk: int
    not_on_tape: int


class Selection:
    """Files of a query, of a list of ids, or both together."""

    def __init__(
        self, conn: Connection, now: datetime, query: Query | None, ids: Sequence[int] | None
    ) -> None:
        parts: list[ColumnElement[bool]] = [F.c.retired_at.is_(None)]
        if query is not None:
            parts.append(condition(conn, query, now))
        self._query = and_(*parts)
        self._ids = None if ids is None else frozenset(ids)  # looked at here: a page needs few of them
        if ids is not None:
            parts.append(among(conn, F.c.id, ids))
        self._chosen = and_(*parts)

    def learn_places(self, conn: Connection) -> None:
        """Where the files are on tape, as far as a listing told when they were registered."""
        places.learn(conn, self._chosen)

    def _tables(self, endpoint: str, others: Sequence[str], chosen: Any, *columns: Any) -> Select[Any]:
        """The files to recall at this endpoint: none that an endpoint named before it has on tape."""
        query = (
            select(*columns)
            .select_from(F)
            .join(R, R.c.file_id == F.c.id)
            .join(E, E.c.id == R.c.endpoint_id)
            .outerjoin(T, T.c.replica_id == R.c.id)
            .where(
                chosen,
                unindexed(R.c.state) == ReplicaState.AVAILABLE,
                E.c.kind == EndpointKind.TAPE,
                E.c.name == endpoint,
                ~exists(on_disk()),
            )
        )
        return query.where(~_on_tape_at(others)) if others else query

    def plan(self, conn: Connection, endpoint: str, others: Sequence[str]) -> Plan:
        """What it comes to at the endpoint, files of ``others`` apart."""
        pinned = select(literal(1)).where(P.c.replica_id == R.c.id, unindexed(P.c.state) == PinState.ACTIVE)
        columns = (
            F.c.dataset_id, F.c.run, T.c.tape, func.count(), func.sum(F.c.size),
            func.sum(case((exists(pinned), 1), else_=0)), func.min(T.c.position),
        )  # fmt: skip
        query = self._tables(endpoint, others, self._chosen, *columns)
        tapes: dict[str, tuple[int, int]] = {}
        runs: dict[tuple[int, int], _Run] = {}
        online = 0
        for dataset, run, tape, files, size, pins, begin in conn.execute(
            query.group_by(F.c.dataset_id, F.c.run, T.c.tape)
        ).all():
            n, total = tapes.get(tape or "", (0, 0))
            tapes[tape or ""] = n + int(files), total + int(size)
            runs.setdefault((dataset, run), _Run()).add(int(files), tape, begin)
            online += int(pins)
        return Plan(
            endpoint,
            files=sum(n for n, _ in tapes.values()),
            size=sum(size for _, size in tapes.values()),
            online=online,
            tapes=tuple(TapeShare(tape, *tapes[tape]) for tape in sorted(tapes)),
            runs=tuple(sorted((run.placed(*key) for key, run in runs.items()), key=_in_order_of_tapes)),
        )

    def in_order(
        self, conn: Connection, endpoint: str, others: Sequence[str], runs: Sequence[RunOnTape]
    ) -> Generator[list[Planned], None, None]:
        """The files of these runs to recall, page by page, run after run as they are given."""
        for some in few(runs):
            query = self._of_runs(endpoint, others, some).execution_options(yield_per=PAGE)
            with conn.execute(query) as rows:
                if len(some) == 1:
                    for page in rows.partitions():
                        yield [Planned(row[0], row[1]) for row in page if self._has(row[2])]
                    continue
                found: dict[tuple[int, int], list[Planned]] = {(run.dataset_id, run.run): [] for run in some}
                for replica, size, file, dataset, run in rows.all():
                    if (dataset, run) in found and self._has(file):
                        found[dataset, run].append(Planned(replica, size))
            yield [entry for files in found.values() for entry in files]

    def _has(self, file: int) -> bool:
        return self._ids is None or file in self._ids

    def _of_runs(self, endpoint: str, others: Sequence[str], some: Sequence[RunOnTape]) -> Select[Any]:
        """Their files, and perhaps those of other runs of these datasets, by tape and position."""
        datasets, numbers = {run.dataset_id for run in some}, {run.run for run in some}
        return (
            self._tables(endpoint, others, self._query, R.c.id, F.c.size, F.c.id, F.c.dataset_id, F.c.run)
            .where(F.c.dataset_id.in_(sorted(datasets)), F.c.run.in_(sorted(numbers)))
            .order_by(F.c.dataset_id, F.c.run, *_BY_TAPE)
        )

    def left_out(self, conn: Connection, endpoints: Sequence[str]) -> LeftOut:
        """Which selected files are not recalled, and why."""
        on_tape = (
            select(literal(1))
            .select_from(R)
            .join(E, E.c.id == R.c.endpoint_id)
            .where(R.c.file_id == F.c.id, R.c.state == ReplicaState.AVAILABLE)
            .where(E.c.kind == EndpointKind.TAPE, E.c.name.in_(list(endpoints)))
        )
        disk = exists(on_disk(F))
        tapeless = and_(~disk, ~exists(on_tape))
        query = select(
            func.coalesce(func.sum(case((disk, 1), else_=0)), 0),
            func.coalesce(func.sum(case((tapeless, 1), else_=0)), 0),
        ).where(self._chosen, or_(disk, tapeless))
        return LeftOut(*(int(value) for value in conn.execute(query).one()))


_BY_TAPE = (case((T.c.tape.is_(None), 1), else_=0), T.c.tape, func.coalesce(T.c.position, 0), F.c.id)


def _on_tape_at(endpoints: Sequence[str]) -> Exists:
    """Whether one of these endpoints has the file on tape, too."""
    earlier, place = R.alias("earlier"), E.alias("place")
    return exists(
        select(literal(1))
        .select_from(earlier)
        .join(place, place.c.id == earlier.c.endpoint_id)
        .where(
            earlier.c.file_id == F.c.id,
            earlier.c.state == ReplicaState.AVAILABLE,
            place.c.name.in_(list(endpoints)),
        )
    )


def few(runs: Sequence[RunOnTape]) -> Iterator[list[RunOnTape]]:
    """As many runs at a time as have a page of files together; a longer one alone."""
    some: list[RunOnTape] = []
    files = 0
    for run in runs:
        if some and files + run.files > PAGE:
            yield some
            some, files = [], 0
        some.append(run)
        files += run.files
    if some:
        yield some
