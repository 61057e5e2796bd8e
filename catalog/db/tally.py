# ruff: noqa: S608 - the SQL is put together from the constants below, values are bound
"""Sums that are kept with every write: files, bytes and events per run, product and state.

A person asks for totals of millions of files often, and few of them change in between. So each write adds
what it changes to ``tally``, in its own transaction, and a total is a sum over a few rows for each run.

SQLite has one writer at a time, which adds to the row itself (shard 0). In PostgreSQL rows that all writers
change would make them wait for each other: there a transaction adds rows of its own (its number is the
shard), a sum adds the shards up, and ``fold`` joins them now and then.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, TextClause, func, select, text

from catalog.db import schema
from catalog.db.engine import listing

T = schema.tally
KEYS = ("noun", "owner", "run", "role", "product", "place", "state")
SUMS = ("n", "size", "events", "unknown")
COUNTED = frozenset(
    {"replica", "job", "group", "item", "pin", "lease"}
)  # the nouns whose moves are counted; files are counted apart
MANY = 5000  # rows that wait to be folded
COMPLETE, INCOMPLETE = "COMPLETE", "INCOMPLETE"  # of a file: whether size and adler32 are known


class Key(NamedTuple):
    """What a sum is about. ``owner`` is the dataset of a file or replica, the task of a job or group,
    the campaign of a lease or recall; ``product`` the kind of a job; ``place`` the endpoint of a replica,
    recall, pin or lease, else 0. Of the items recalls alone are counted."""

    noun: str
    owner: int
    run: int
    role: str
    product: str
    place: int
    state: str


@dataclass(slots=True)
class Sums:
    """How many, their bytes and events, and how many of them have no event count."""

    n: int = 0
    size: int = 0
    events: int = 0
    unknown: int = 0

    def add(self, n: int, size: int = 0, events: int = 0, unknown: int = 0) -> None:
        self.n += n
        self.size += size
        self.events += events
        self.unknown += unknown


# -------------------------------------------------------------------------------- what the tables hold
_EVENTS = """
  LEFT JOIN event_count e_read ON e_read.file_id = f.id AND e_read.witness = 'read'
  LEFT JOIN event_count e_raw ON e_raw.file_id = f.id AND e_raw.witness = 'raw_catalogue'"""

_FILE = """
  f.dataset_id AS owner, f.run AS run, f.role AS role, f.product AS product, 0 AS place,
  CASE WHEN f.size IS NULL OR f.adler32 IS NULL THEN 'INCOMPLETE' ELSE 'COMPLETE' END AS state,
  COALESCE(f.size, 0) AS size, COALESCE(e_read.n_events, e_raw.n_events, 0) AS events,
  CASE WHEN COALESCE(e_read.n_events, e_raw.n_events) IS NULL THEN 1 ELSE 0 END AS unknown"""

_REPLICA = """
  f.dataset_id AS owner, f.run AS run, f.role AS role, f.product AS product, x.endpoint_id AS place,
  x.state AS state, COALESCE(f.size, 0) AS size, 0 AS events, 0 AS unknown"""

_OF_TASK = """
  x.task_id AS owner, x.run AS run, '' AS role, x.{product} AS product, 0 AS place, x.state AS state,
  {size} AS size, 0 AS events, 0 AS unknown"""

_RECALL = """
  {owner} AS owner, {run} AS run, '' AS role, '' AS product, r.endpoint_id AS place, x.state AS state,
  COALESCE(f.size, 0) AS size, 0 AS events, 0 AS unknown"""
_ITEM = _RECALL.format(owner="COALESCE(x.campaign_id, 0)", run="0")
_PIN = _RECALL.format(owner="0", run="0")
_LEASE = _RECALL.format(owner="x.campaign_id", run="f.run")
_FILE_OF = " JOIN file f ON f.id = r.file_id"

_TRUTH: Mapping[str, tuple[str, str]] = {  # noun → (its key and sums, its tables)
    "file": (_FILE, "file f" + _EVENTS),
    "replica": (_REPLICA, "replica x JOIN file f ON f.id = x.file_id"),
    "job": (_OF_TASK.format(product="kind", size="0"), "job x"),
    "item": (_ITEM, "item x JOIN replica r ON r.id = x.replica_id AND x.kind = 'stage'" + _FILE_OF),
    "pin": (_PIN, "pin x JOIN replica r ON r.id = x.replica_id" + _FILE_OF),
    "lease": (_LEASE, "lease x JOIN replica r ON r.id = x.replica_id" + _FILE_OF),
    "group": (_OF_TASK.format(product="product", size="x.expected_size"), "merge_group x"),
}
_ADD = (
    "ON CONFLICT (noun, owner, run, role, product, place, state, shard) DO UPDATE SET "
    "n = tally.n + excluded.n, size = tally.size + excluded.size, "
    "events = tally.events + excluded.events, unknown = tally.unknown + excluded.unknown"
)
_INTO = f"INSERT INTO tally ({', '.join((*KEYS, 'shard', *SUMS))})"


def _id(noun: str) -> str:
    return "f.id" if noun == "file" else "x.id"


def _shard(conn: Connection) -> str:
    return "0" if conn.dialect.name == "sqlite" else "CAST(CAST(pg_current_xact_id() AS text) AS bigint)"


def _grouped(noun: str, state: str, where: str) -> str:
    values, tables = _TRUTH[noun]
    return (
        f"SELECT owner, run, role, product, place, {state} AS state, count(*) AS n, sum(size) AS size, "
        "sum(events) AS events, sum(unknown) AS unknown "
        f"FROM (SELECT {values} FROM {tables}{where}) each_one "
        f"GROUP BY owner, run, role, product, place{', state' if state == 'state' else ''}"
    )


# ---------------------------------------------------------------------------------------------- writing
class Known(NamedTuple):
    """What a recall or pin counts for: its campaign (0: nobody's, or a pin), its endpoint, its bytes."""

    owner: int
    place: int
    size: int


def moved(
    conn: Connection,
    noun: str,
    ids: Sequence[int],
    old: str,
    new: str,
    known: Mapping[int, Known] | None = None,
) -> None:
    """Things of a counted noun went from one state to another (from "": they are new).

    ``known``: what each recall or pin counts for, by id, if the caller has it at hand: it spares a look at
    each file.

    What stays in its state (a pin that is extended) changes no sum, and PostgreSQL does not let one statement
    change a row twice.
    """
    if noun not in COUNTED or not ids or old == new:
        return
    if known is None:
        sign = "SELECT 1 AS sign, :new AS state" + (" UNION ALL SELECT -1, :old" if old else "")
        _add_listed(conn, noun, ids, sign, {"new": new, **({"old": old} if old else {})})
        return
    sizes: dict[tuple[int, int], list[int]] = {}
    for owner, place, size in map(known.__getitem__, ids):
        sizes.setdefault((owner, place), []).append(size)
    found: dict[Key, Sums] = {}
    for (owner, place), all_sizes in sizes.items():
        n, total = len(all_sizes), sum(all_sizes)
        found[Key(noun, owner, 0, "", "", place, new)] = Sums(n, total)
        if old:
            found[Key(noun, owner, 0, "", "", place, old)] = Sums(-n, -total)
    add(conn, found)


def taken_out(conn: Connection, noun: str, ids: Sequence[int]) -> None:
    """Say before a change that would move things to other sums: subtracts them."""
    _add_listed(conn, noun, ids, "SELECT -1 AS sign, NULL AS state", {})


def put_in(conn: Connection, noun: str, ids: Sequence[int]) -> None:
    """Say after such a change: adds them where they belong now."""
    _add_listed(conn, noun, ids, "SELECT 1 AS sign, NULL AS state", {})


def _add_listed(
    conn: Connection, noun: str, ids: Sequence[int], sign: str, states: Mapping[str, str]
) -> None:
    if not ids:
        return
    members, bound = listing(conn, ids)
    statement = _adding(noun, members, sign, _shard(conn), given=bool(states))
    conn.execute(statement, {"noun": noun, **bound, **states})


@cache
def _adding(noun: str, members: str, sign: str, shard: str, *, given: bool) -> TextClause:
    """The statement of ``_add_listed``: to read its text takes longer than to run it. ``given``: the states
    are, or each thing is in one of its own."""
    group = _grouped(noun, "''" if given else "state", f" WHERE {_id(noun)} IN ({members})")
    if noun == "file" and not given:
        group = _grouped(noun, "state", f" WHERE f.retired_at IS NULL AND f.id IN ({members})")
    state = "CAST(s.state AS text)" if given else "g.state"
    return text(
        f"{_INTO} SELECT CAST(:noun AS text), g.owner, g.run, g.role, g.product, g.place, {state}, "
        f"{shard}, s.sign * g.n, s.sign * g.size, s.sign * g.events, s.sign * g.unknown "
        f"FROM ({group}) g CROSS JOIN ({sign}) s WHERE true {_ADD}"
    )


def add(conn: Connection, sums: Mapping[Key, Sums]) -> None:
    """Add sums that the caller knows without asking the tables, e.g. of what it has just inserted."""
    if sums:
        rows = [
            {**key._asdict(), "n": s.n, "size": s.size, "events": s.events, "unknown": s.unknown}
            for key, s in sums.items()
        ]
        conn.execute(_adding_sums(_shard(conn)), rows)


@cache
def _adding_sums(shard: str) -> TextClause:
    names = ", ".join(f":{name}" for name in KEYS)
    return text(f"{_INTO} VALUES ({names}, {shard}, :n, :size, :events, :unknown) {_ADD}")


# ---------------------------------------------------------------------------------------------- reading
def sums(*by: str, noun: str, **only: Any) -> Select[Any]:
    """The question for sums of a noun, by some of the keys: their values, then n, size, events, unknown.

    >>> print(sums("run", noun="file", owner=7))  # doctest: +SKIP
    """
    totals = [func.sum(T.c[name]).label(name) for name in SUMS]
    query = select(*[T.c[name] for name in by], *totals).where(T.c.noun == noun)
    for name, value in only.items():
        query = query.where(T.c[name] == value)
    columns = [T.c[name] for name in by]
    return query.group_by(*columns).having(func.sum(T.c.n) != 0) if by else query


# --------------------------------------------------------------------------------- keeping it small, right
def fold(conn: Connection) -> int:
    """Join the shards and drop sums of nothing. Returns the rows that are gone. Repeat freely."""
    before = _rows(conn)
    joined = f"SELECT {', '.join(KEYS)}, 0, sum(n), sum(size), sum(events), sum(unknown) FROM"
    if conn.dialect.name == "sqlite":  # it has shards once a catalogue was moved there from PostgreSQL
        conn.execute(text(f"{_INTO} {joined} tally WHERE shard <> 0 GROUP BY {', '.join(KEYS)} {_ADD}"))
        conn.execute(text("DELETE FROM tally WHERE shard <> 0"))
    else:
        if not conn.execute(text("SELECT pg_try_advisory_xact_lock(7236461, 2)")).scalar():
            return 0  # somebody else does it
        gone = "WITH gone AS (DELETE FROM tally WHERE shard <> 0 RETURNING *)"
        conn.execute(text(f"{gone} {_INTO} {joined} gone GROUP BY {', '.join(KEYS)} {_ADD}"))
    empty = " AND ".join(f"{name} = 0" for name in SUMS)
    conn.execute(text(f"DELETE FROM tally WHERE {empty} AND shard = 0"))
    return before - _rows(conn)


def fold_if_long(conn: Connection) -> int:
    """The same once so many transactions have added rows of their own that sums begin to take time."""
    if conn.dialect.name == "sqlite":
        return 0
    apart = select(func.count()).select_from(T).where(T.c.shard != 0)
    return fold(conn) if conn.execute(apart).scalar_one() > MANY else 0


def _rows(conn: Connection) -> int:
    return int(conn.execute(select(func.count()).select_from(T)).scalar_one())


def _all_nouns() -> Iterable[str]:
    for noun in _TRUTH:
        where = " WHERE f.retired_at IS NULL" if noun == "file" else ""
        yield f"SELECT '{noun}' AS noun, g.* FROM ({_grouped(noun, 'state', where)}) g"


def check(conn: Connection, limit: int = 20) -> list[str]:
    """Count everything again, slowly: a sentence for each sum that is wrong."""
    keys = ", ".join(KEYS)
    minus = ", ".join(f"-{name} AS {name}" for name in SUMS)
    parts = [f"SELECT {keys}, {', '.join(SUMS)} FROM ({one}) t" for one in _all_nouns()]
    union = " UNION ALL ".join([f"SELECT {keys}, {minus} FROM tally", *parts])
    differs = " OR ".join(f"sum({name}) <> 0" for name in SUMS)
    totals = ", ".join(f"sum({name}) AS {name}" for name in SUMS)
    found = conn.execute(
        text(
            f"SELECT {keys}, {totals} FROM ({union}) both_of "
            f"GROUP BY {keys} HAVING {differs} ORDER BY {keys} LIMIT :limit"
        ),
        {"limit": limit},
    )
    return [
        f"{row.noun}s of run {row.run}, {row.product or 'any product'}, {row.state}: the tally lacks {row.n} "
        f"of them, {row.size} bytes, {row.events} events"
        for row in found
    ]


def rebuild(conn: Connection) -> None:
    """Throw the sums away and count everything again; in the caller's transaction."""
    conn.execute(text("DELETE FROM tally"))
    for one in _all_nouns():
        names = ", ".join((*KEYS, *SUMS))
        conn.execute(text(f"INSERT INTO tally (shard, {names}) SELECT 0, {names} FROM ({one}) t"))
