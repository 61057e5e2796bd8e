"""What a campaign would recall: a selection of files as a plan, in the order in which they are to come.

Runs are the units: a run comes as a whole. Runs follow each other by the tape of their first file and its
position there, if the endpoint told them; else by dataset, run and order of registration, which is about the
order in which they were archived. Within a run files go by tape and position.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    CTE,
    ColumnElement,
    Connection,
    Integer,
    Select,
    and_,
    case,
    exists,
    func,
    literal,
    or_,
    select,
    type_coerce,
)

from catalog.db import places, schema, schema_recall
from catalog.db.campaigns import on_disk
from catalog.db.condition import condition
from catalog.db.engine import among
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
    """

    endpoint: str
    files: int
    size: int
    runs: int
    online: int
    tapes: tuple[TapeShare, ...]


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
        if ids is not None:
            parts.append(among(conn, F.c.id, ids))
        self._chosen = and_(*parts)

    def learn_places(self, conn: Connection) -> None:
        """Where the files are on tape, as far as a listing told when they were registered."""
        places.learn(conn, self._chosen)

    def _good(self, endpoints: Sequence[str]) -> ColumnElement[bool]:
        return and_(
            self._chosen,
            R.c.state == ReplicaState.AVAILABLE,
            E.c.kind == EndpointKind.TAPE,
            E.c.name.in_(list(endpoints)),
            ~exists(on_disk()),
        )

    def _files(self, endpoint: str, others: Sequence[str]) -> CTE:
        """The files to recall at this endpoint: none that an endpoint named before it has on tape."""
        query = (
            select(
                R.c.id, F.c.id.label("file_id"), F.c.size, F.c.dataset_id, F.c.run,
                T.c.tape, func.coalesce(T.c.position, 0).label("position"),
            )
            .select_from(F)
            .join(R, R.c.file_id == F.c.id)
            .join(E, E.c.id == R.c.endpoint_id)
            .outerjoin(T, T.c.replica_id == R.c.id)
            .where(self._good([endpoint]))
        )  # fmt: skip
        if others:
            earlier, place = R.alias("earlier"), E.alias("place")
            query = query.where(
                ~exists(
                    select(literal(1))
                    .select_from(earlier)
                    .join(place, place.c.id == earlier.c.endpoint_id)
                    .where(
                        earlier.c.file_id == F.c.id,
                        earlier.c.state == ReplicaState.AVAILABLE,
                        place.c.name.in_(list(others)),
                    )
                )
            )
        return query.cte("wanted")

    def plan(self, conn: Connection, endpoint: str, others: Sequence[str]) -> Plan:
        """What it comes to at the endpoint, files of ``others`` apart."""
        wanted = self._files(endpoint, others)
        pinned = select(literal(1)).where(P.c.replica_id == wanted.c.id, P.c.state == PinState.ACTIVE)
        parts = conn.execute(
            select(
                wanted.c.dataset_id,
                wanted.c.run,
                func.coalesce(wanted.c.tape, ""),
                func.count(),
                func.sum(wanted.c.size),
                func.sum(case((exists(pinned), 1), else_=0)),
            ).group_by(wanted.c.dataset_id, wanted.c.run, wanted.c.tape)
        ).all()
        tapes: dict[str, tuple[int, int]] = {}
        for _, _, tape, files, size, _ in parts:
            n, total = tapes.get(tape, (0, 0))
            tapes[tape] = n + int(files), total + int(size)
        return Plan(
            endpoint,
            files=sum(n for n, _ in tapes.values()),
            size=sum(size for _, size in tapes.values()),
            runs=len({(row[0], row[1]) for row in parts}),
            online=sum(int(row[5]) for row in parts),
            tapes=tuple(TapeShare(tape, *tapes[tape]) for tape in sorted(tapes)),
        )

    def in_order(
        self, conn: Connection, endpoint: str, others: Sequence[str]
    ) -> Generator[list[Planned], None, None]:
        """The files to recall, page by page, in the order of recall."""
        query = self._ordered(endpoint, others).execution_options(yield_per=PAGE)
        with conn.execute(query) as rows:
            for page in rows.partitions():
                yield [Planned(row[0], row[1]) for row in page]

    def _ordered(self, endpoint: str, others: Sequence[str]) -> Select[Any]:
        w = self._files(endpoint, others)
        on_tapes = (
            select(w.c.dataset_id, w.c.run, w.c.tape, func.min(w.c.position).label("begin"))
            .group_by(w.c.dataset_id, w.c.run, w.c.tape)
            .cte("on_tapes")
        )
        first = (
            select(on_tapes.c.dataset_id, on_tapes.c.run, func.min(on_tapes.c.tape).label("tape"))
            .group_by(on_tapes.c.dataset_id, on_tapes.c.run)
            .cte("first_tape")
        )
        begin = on_tapes.alias("begins")
        same = and_(begin.c.dataset_id == first.c.dataset_id, begin.c.run == first.c.run)
        return (
            select(w.c.id, w.c.size)
            .join(first, and_(first.c.dataset_id == w.c.dataset_id, first.c.run == w.c.run))
            .outerjoin(begin, and_(same, begin.c.tape == first.c.tape))
            .order_by(
                type_coerce(first.c.tape.is_(None), Integer),
                first.c.tape,
                begin.c.begin,
                w.c.dataset_id,
                w.c.run,
                w.c.tape,
                w.c.position,
                w.c.file_id,
            )
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
