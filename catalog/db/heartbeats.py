"""Heartbeats of the processes that work on ranges: thousands a second, each harmless to lose.

One statement takes any number of them. It touches no index and, through ``Sender``, waits for no disk: a
crash of the database loses the last instants of heartbeats and nothing else. What ends a range goes through
``end`` in an ordinary, durable transaction.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    Connection,
    Integer,
    bindparam,
    case,
    cast,
    delete,
    func,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY

from catalog.db import schema_events
from catalog.db.engine import Catalog, among
from catalog.db.trouble import translated
from catalog.ranges import LARGEST
from catalog.states import RangeState

E, H = schema_events.event_range, schema_events.heartbeat


class Beat(NamedTuple):
    """What a process says of its range: every event before ``processed_up_to`` is processed."""

    range_id: int
    lease: int
    processed_up_to: int


class Refused(NamedTuple):
    """A heartbeat or an end of a range that changed nothing. ``code`` is for programs, ``text`` for people.

    ``lease_lost`` and ``not_running``: stop working on it, another has it. ``beyond``, ``unfinished``,
    ``unknown_range``: the process is wrong.
    """

    range_id: int
    code: str
    text: str


def heartbeat(conn: Connection, beats: Iterable[Beat], now: datetime) -> list[Refused]:
    """Take heartbeats: one statement, however many. Returns those refused, each with its reason.

    Of one that comes late, after a newer one, only that it came counts: ``processed_up_to`` never shrinks.
    Refused is an outdated lease, an ended range, and one that goes beyond its range.
    """
    newest: dict[int, Beat] = {}
    for beat in beats:
        known = newest.get(beat[0])
        if known is None or beat > known:  # the later lease, then the further one
            newest[beat[0]] = Beat(*beat)
    good = [beat for beat in newest.values() if _can_be(beat)]
    taken: set[int] = set()
    if len(good) == 1:  # a quarter of the work for the server, which knows its plan by heart
        taken = set(conn.execute(ONE, {**dict(zip(_ONE, good[0], strict=True)), "now": now}).scalars())
    elif good:
        many, _, _ = _statements(conn.dialect.name)
        taken = set(conn.execute(many, {**_bound(conn, good), "now": now}).scalars())
    if len(taken) == len(newest):
        return []
    return refusals(conn, [beat for key, beat in newest.items() if key not in taken])


def end(conn: Connection, beats: Sequence[Beat], *, complete: bool = False) -> list[int]:
    """Stop listening to these ranges, whose leases are the latest; returns their ids, for the caller to move.

    ``complete``: only those processed up to their very end.
    """
    good = [beat for beat in beats if _can_be(beat)]
    if not good:
        return []
    _, some, whole = _statements(conn.dialect.name)
    return list(conn.execute(whole if complete else some, _bound(conn, good)).scalars().all())


def _can_be(beat: Beat) -> bool:
    """Whether the database could hold the numbers at all."""
    return 0 < beat.range_id <= LARGEST and 0 < beat.lease < 2**31 and 0 <= beat.processed_up_to <= LARGEST


_ONE = ("range", "of_lease", "up_to")
ONE = (
    update(H)
    .where(
        H.c.range_id == bindparam("range", type_=BigInteger),
        H.c.lease == bindparam("of_lease", type_=Integer),
        H.c.stop >= bindparam("up_to", type_=BigInteger),
    )
    .values(
        processed_up_to=case(
            (
                H.c.processed_up_to < bindparam("up_to", type_=BigInteger),
                bindparam("up_to", type_=BigInteger),
            ),
            else_=H.c.processed_up_to,
        ),
        heard_at=bindparam("now", type_=H.c.heard_at.type),
    )
    .returning(H.c.range_id)
)
"""One heartbeat."""


@lru_cache
def _statements(dialect: str) -> tuple[Any, Any, Any]:
    """Take heartbeats; end ranges; end ranges that are complete. Made once: they are what is said most."""
    given = _given(dialect)
    greatest = func.max if dialect == "sqlite" else func.greatest
    beat = (
        update(H)
        .where(H.c.range_id == given.c.range_id, H.c.lease == given.c.lease, given.c.up_to <= H.c.stop)
        .values(
            processed_up_to=greatest(H.c.processed_up_to, given.c.up_to),
            heard_at=bindparam("now", type_=H.c.heard_at.type),
        )
        .returning(H.c.range_id)
    )
    some = tuple_(H.c.range_id, H.c.lease).in_(select(given.c.range_id, given.c.lease))
    whole = tuple_(H.c.range_id, H.c.lease, H.c.stop).in_(
        select(given.c.range_id, given.c.lease, given.c.up_to)
    )
    ends = [delete(H).where(which).returning(H.c.range_id) for which in (some, whole)]
    return beat, ends[0], ends[1]


def _given(dialect: str) -> Any:
    """The heartbeats as a table of three columns: bound as arrays (PostgreSQL) or as one JSON text."""
    if dialect == "sqlite":
        row = func.json_each(bindparam("beats")).table_valued("value")
        range_id, lease, up_to = (func.json_extract(row.c.value, f"$[{n}]") for n in range(3))
        return select(range_id.label("range_id"), lease.label("lease"), up_to.label("up_to")).subquery(
            "given"
        )
    numbers = ARRAY(BigInteger)
    arrays = [cast(bindparam(name, type_=numbers), numbers) for name in ("ids", "leases", "up_tos")]
    return func.unnest(*arrays).table_valued("range_id", "lease", "up_to", name="given").render_derived()


def _bound(conn: Connection, beats: Sequence[Beat]) -> dict[str, Any]:
    if conn.dialect.name == "sqlite":
        return {"beats": json.dumps(beats)}
    ids, leases, up_tos = (list(column) for column in zip(*beats, strict=True))
    return {"ids": ids, "leases": leases, "up_tos": up_tos}


# ------------------------------------------------------------------------------- refused
def refusals(conn: Connection, beats: Sequence[Beat], *, complete: bool = False) -> list[Refused]:
    """Why these were refused, from what the catalogue knows of their ranges now."""
    asked = [beat.range_id for beat in beats if 0 < beat.range_id <= LARGEST]
    query = select(*E.c["id", "state", "lease", "stop", "process"]).where(among(conn, E.c.id, asked))
    rows = {row.id: row for row in conn.execute(query)} if asked else {}
    return [_refusal(beat, rows.get(beat.range_id), complete) for beat in beats]


def _refusal(beat: Beat, row: Any, complete: bool) -> Refused:
    key, lease, up_to = beat
    if row is None:
        return Refused(key, "unknown_range", f"there is no range {key}")
    if lease != row.lease:
        return Refused(key, "lease_lost", f"lease {lease} is not the latest, {row.lease}: stop working on it")
    if row.state == RangeState.DONE:
        return Refused(key, "finished_already", "the range is finished")
    if row.state != RangeState.RUNNING:
        return Refused(key, "not_running", f"the range is {row.state}: stop working on it")
    if not 0 <= up_to <= row.stop:
        return Refused(key, "beyond", f"processed up to {up_to}, the range ends at {row.stop}")
    if complete and up_to < row.stop:
        return Refused(key, "unfinished", f"processed up to {up_to}, the range ends at {row.stop}")
    return Refused(key, "try_again", "the range changed at this very moment; say it again")


# ------------------------------------------------------------------------------- sending
class Sender:
    """Sends heartbeats, and nothing else, on a connection of its own whose commits wait for no disk.

    For a long-lived agent: one Sender, not shared by threads. After an error it connects anew. A context
    manager.
    """

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._conn: Connection | None = None

    def send(self, beats: Iterable[Beat]) -> list[Refused]:
        """Take the heartbeats, now. Returns those refused. Raises CatalogUnavailable: send them later."""
        catalog = self._catalog
        try:
            with translated(catalog.engine), catalog.seam.crossing("heartbeat"):
                if self._conn is None:
                    self._conn = self._connect()
                refused = heartbeat(self._conn, beats, catalog.clock.now())
                self._conn.commit()
                return refused
        except BaseException:
            self.close()
            raise

    def _connect(self) -> Connection:
        conn = self._catalog.engine.connect()
        if conn.dialect.name == "sqlite":
            said = "PRAGMA synchronous=NORMAL"  # WAL: in order, but written when convenient
        else:
            conn = conn.execution_options(isolation_level="AUTOCOMMIT")  # one round trip, no BEGIN, no COMMIT
            said = "SET synchronous_commit TO off"
        conn.detach()  # never back to the pool: nothing else may be written like this
        conn.exec_driver_sql(said)
        return conn

    def close(self) -> None:
        """Repeat freely."""
        conn, self._conn = self._conn, None
        if conn is not None:
            conn.close()

    def __enter__(self) -> Sender:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
