"""Cross-checks: which runs can be checked, what every witness says, and what was found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import Connection, Select, and_, bindparam, exists, literal, select, update

from catalog.db import schema
from catalog.db.engine import among, insert_many, new_ids
from catalog.db.move import Why, born
from catalog.states import CHECK, CheckState, GroupState, JobKind, JobState, ReplicaState

R, E, G, J = schema.replica, schema.endpoint, schema.group, schema.job
PAST = (GroupState.CHECKED, GroupState.ARCHIVED, GroupState.CLEANED)
COMING = (ReplicaState.COPYING, ReplicaState.UNVERIFIED, ReplicaState.SUSPECT)


@dataclass(frozen=True, slots=True)
class Checkable:
    """A (task, run, product) with its live groups as (id, part, state).

    ``unmerged``: groups that have no merged file to be checked, and why; a person looks at them.
    """

    task_id: int
    run: int
    product: str
    groups: tuple[tuple[int, int, str], ...]
    unmerged: Mapping[int, str] = field(default_factory=dict)


def checkable(conn: Connection, limit: int) -> list[Checkable]:
    """Question of hop 7: a group is merged and its output compared, no other of the run and product is on its
    way, and no chunk of the run is being made again.

    A group that waits for a person is not waited for: what holds it does not hold the others.
    """
    merged = (
        select(*G.c["task_id", "run", "product"])
        .where(G.c.state == GroupState.MERGED, ~exists(_at_work(G)))
        .distinct()
        .order_by(G.c.task_id, G.c.run, G.c.product)
        .limit(limit)
        .subquery()
    )
    same = and_(merged.c.task_id == G.c.task_id, merged.c.run == G.c.run, merged.c.product == G.c.product)
    rows = conn.execute(_with_outputs().join(merged, same)).all()
    return [entry for entry, ready in _by_check(rows) if ready]


@lru_cache(maxsize=64)
def _at_work(of: Any) -> Select[Any]:
    """Jobs of the run's chunks that are not over."""
    return select(literal(1)).where(
        J.c.task_id == of.c.task_id,
        J.c.kind == JobKind.PROCESS,
        J.c.run == of.c.run,
        J.c.state.notin_((JobState.DONE, JobState.CANCELED)),
    )


def of_checks(conn: Connection, checks: Sequence[int], *, quiet: bool = False) -> list[Checkable]:
    """The same for these cross-checks, whatever the states of their groups; ``quiet``: not those of runs of
    which a chunk is being made again."""
    if not checks:
        return []
    table = schema.check
    same = and_(table.c.task_id == G.c.task_id, table.c.run == G.c.run, table.c.product == G.c.product)
    query = _with_outputs().join(table, same).where(among(conn, table.c.id, checks))
    rows = conn.execute(query.where(~exists(_at_work(table))) if quiet else query).all()
    return [entry for entry, _ in _by_check(rows)]


@cache
def _with_outputs() -> Select[Any]:
    """Live groups in order, with whether their output on disk is compared, or may be soon."""

    def there(*states: ReplicaState) -> Any:
        return exists(
            select(literal(1))
            .select_from(R)
            .join(E, E.c.id == R.c.endpoint_id)
            .where(R.c.file_id == G.c.output_id, R.c.state.in_(states), schema.on_reachable_disk())
        )

    return (
        select(
            *G.c["id", "task_id", "run", "product", "part", "state", "output_id"],
            there(ReplicaState.AVAILABLE).label("compared"),
            there(*COMING).label("coming"),
        )
        .where(G.c.state != GroupState.VOID)
        .order_by(G.c.task_id, G.c.run, G.c.product, G.c.part)
    )


def _by_check(rows: Iterable[Any]) -> list[tuple[Checkable, bool]]:
    """Each run and product with whether it is to be checked now."""
    found: dict[tuple[int, int, str], list[tuple[int, int, str]]] = {}
    unmerged: dict[tuple[int, int, str], dict[int, str]] = {}
    fresh: set[tuple[int, int, str]] = set()
    on_the_way: set[tuple[int, int, str]] = set()
    for row in rows:
        key = (row.task_id, row.run, row.product)
        found.setdefault(key, []).append((row.id, row.part, row.state))
        lacking = unmerged.setdefault(key, {})
        if row.state == GroupState.MERGED and row.compared:
            fresh.add(key)
        elif row.state == GroupState.MERGED and not row.coming:
            lacking[row.id] = "the merged copy on disk is spoiled"
        elif row.state == GroupState.HELD:
            lacking[row.id] = "its merge is held"
        elif row.state in (GroupState.PLANNED, GroupState.MERGING, GroupState.MERGED):
            lacking[row.id] = "it is not merged and compared yet"
            on_the_way.add(key)
        elif row.output_id is None:
            lacking[row.id] = "nobody knows its merged file"
    return [
        (Checkable(*key, tuple(groups), unmerged[key]), key in fresh and key not in on_the_way)
        for key, groups in found.items()
    ]


CheckKey = tuple[int, int, str]
"""Task id, run and product."""


def ensure_checks(conn: Connection, keys: Sequence[CheckKey], why: Why) -> dict[CheckKey, int]:
    """The ids of the cross-checks; new ones are PENDING."""
    table = schema.check
    query = select(*table.c["task_id", "run", "product", "id"]).where(
        among(conn, table.c.task_id, list({task for task, _, _ in keys})),
        among(conn, table.c.run, list({run for _, run, _ in keys})),
    )
    known = {(task, run, product): key for task, run, product, key in conn.execute(query).all()}
    new = [key for key in keys if key not in known]
    ids = new_ids(conn, table, len(new)) if new else []
    shared = {"state": CheckState.PENDING.value, "since": why.at}
    rows = [
        {"id": key, "task_id": task, "run": run, "product": product, **shared}
        for key, (task, run, product) in zip(ids, new, strict=True)
    ]
    insert_many(conn, table, rows)
    born(conn, CHECK, ids, CheckState.PENDING, why)
    return known | dict(zip(new, ids, strict=True))


@dataclass(frozen=True, slots=True)
class Found:
    """What a cross-check found: in words, and as JSON with the numbers."""

    check_id: int
    verdict: str
    findings: str


def say_verdicts(conn: Connection, found: Sequence[Found], why: Why) -> None:
    """Store what cross-checks found; those that found the same as before are not written again."""
    table = schema.check
    query = select(table.c.id, table.c.findings, table.c.verdict)
    query = query.where(among(conn, table.c.id, [entry.check_id for entry in found]))
    known = {key: (findings, verdict) for key, findings, verdict in conn.execute(query).all()}
    new = [
        {"key": entry.check_id, "words": entry.verdict[:4000], "numbers": entry.findings, "at": why.at}
        for entry in found
        if known.get(entry.check_id) != (entry.findings, entry.verdict[:4000])
    ]
    if new:
        statement = update(table).where(table.c.id == bindparam("key"))
        conn.execute(
            statement.values(
                verdict=bindparam("words"), findings=bindparam("numbers"), checked_at=bindparam("at")
            ),
            new,
        )


def states_of(conn: Connection, checks: Sequence[int]) -> dict[int, str]:
    """The state of each cross-check."""
    table = schema.check
    query = select(table.c.id, table.c.state).where(among(conn, table.c.id, checks))
    return {row[0]: row[1] for row in conn.execute(query).all()}
