"""Products made of products: which merged files may go into further ones, and where the bytes end up.

A file is in one live group at most (invariant 6), so what a merged file goes into is a line, never a tree:
run archive, production archive. Only the last of the line need be on tape; what is before it is kept in it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from sqlalchemy import ColumnElement, Connection, and_, exists, func, literal, select, union

from catalog.db import schema, schema_merge, torn
from catalog.db.engine import among
from catalog.db.groups import Input, gaps_by_run, inputs
from catalog.states import GroupState, Role

F, G, M = schema.file, schema.group, schema.member
_FURTHER = G.alias("further")

SETTLED = (GroupState.CHECKED, GroupState.ARCHIVED, GroupState.CLEANED)
"""What a part must be before its file goes into another product."""

KEPT = (GroupState.ARCHIVED, GroupState.CLEANED)


@dataclass(frozen=True, slots=True)
class Ready:
    """Of a product that others are made of: ``runs`` of which every part is merged and checked; ``over``:
    these, and the runs of which every chunk is a registered gap. Nothing more comes of either."""

    runs: frozenset[int]
    over: frozenset[int]


def ready(
    conn: Connection, task: int, dataset: int, product: str, finished: Mapping[str, Collection[int]]
) -> Ready:
    """The runs of which the product is done. ``finished``: what ``groups.finished_runs`` says."""
    whole = set(finished.get("", ())) & set(finished.get(product, ()))
    runs = frozenset(whole - _under_way(conn, task, product)) if whole else frozenset()
    return Ready(runs, runs | _given_up(conn, task, dataset) if runs else runs)


def _under_way(conn: Connection, task: int, product: str) -> set[int]:
    """Runs with a part that is not checked, waits for a person, or is to be merged again."""
    more = schema_merge.group_run
    lost = torn.without_successor(conn, task, 1_000_000)
    waits = and_(
        G.c.task_id == task,
        G.c.product == product,
        (G.c.state.notin_((*SETTLED, GroupState.VOID))) | among(conn, G.c.id, lost),
    )
    others = select(more.c.run).join(G, G.c.id == more.c.group_id).where(waits)
    return {row[0] for row in conn.execute(union(select(G.c.run).where(waits), others))}


def _given_up(conn: Connection, task: int, dataset: int) -> frozenset[int]:
    """Runs of which every chunk is a registered gap."""
    gaps = gaps_by_run(conn, task)
    expected = (
        select(F.c.run, func.count())
        .where(F.c.dataset_id == dataset, F.c.role == Role.RAW, F.c.retired_at.is_(None))
        .where(among(conn, F.c.run, sorted(gaps)))
        .group_by(F.c.run)
    )
    return frozenset(run for run, chunks in conn.execute(expected) if chunks == len(gaps[run]))


def parts(conn: Connection, dataset: int, runs: Sequence[int], *, counted: bool = False) -> list[Input]:
    """The merged files of these runs in a dataset of a product, as inputs: each is called after its part."""
    found = inputs(conn, dataset, runs, counted=counted, merged=True)
    return [replace(entry, chunk=name_of(entry.part or 0)) for entry in found]


def name_of(part: int) -> str:
    """What stands for a chunk where a file is a part; in the order of the parts as text, too."""
    return f"part {part:06d}"


def due(conn: Connection, task: int, product: str, runs: Sequence[int]) -> set[tuple[int, str]]:
    """What must be there of the product: (run, part) of every live part called after one of these runs."""
    query = select(*G.c["run", "part"]).where(
        G.c.task_id == task,
        G.c.product == product,
        G.c.state != GroupState.VOID,
        among(conn, G.c.run, runs),
    )
    return {(run, name_of(part)) for run, part in conn.execute(query)}


def into(conn: Connection, files: Sequence[int]) -> dict[int, int]:
    """The live group that each of these files is a member of."""
    query = select(*M.c["file_id", "group_id"]).where(among(conn, M.c.file_id, files), M.c.live)
    return {row[0]: row[1] for row in conn.execute(query)}


def line(conn: Connection, groups: Sequence[int]) -> dict[int, tuple[int, ...]]:
    """The groups that the output of each of these goes into, and on: the last one is kept on tape.

    Empty for a group whose output is in no other.
    """
    found: dict[int, list[int]] = {group: [] for group in groups}
    now = {group: group for group in groups}  # where each line has come to
    while now:
        after = _next(conn, sorted(set(now.values())))
        now = {group: after[last] for group, last in now.items() if last in after}
        for group, further in now.items():
            found[group].append(further)
    return {group: tuple(further) for group, further in found.items()}


def _next(conn: Connection, groups: Sequence[int]) -> dict[int, int]:
    query = (
        select(G.c.id, M.c.group_id)
        .join(M, and_(M.c.file_id == G.c.output_id, M.c.live))
        .where(among(conn, G.c.id, groups))
    )
    return {row[0]: row[1] for row in conn.execute(query)}


def waiting(conn: Connection, groups: Sequence[int]) -> list[int]:
    """Those of these groups that are checked, and wait for what is to be made of them to be planned: they are
    kept only within that."""
    query = (
        select(G.c.id)
        .join(F, and_(F.c.id == G.c.output_id, F.c.role == Role.INTERMEDIATE))
        .where(
            among(conn, G.c.id, groups),
            G.c.state == GroupState.CHECKED,
            ~exists(select(literal(1)).where(M.c.file_id == G.c.output_id, M.c.live).correlate(G)),
        )
        .order_by(G.c.id)
    )
    return [row[0] for row in conn.execute(query)]


@cache
def is_kept_within() -> ColumnElement[bool]:
    """The output of a group (of the query around) is a member of one that is kept on tape."""
    return exists(
        select(literal(1))
        .select_from(M)
        .join(_FURTHER, _FURTHER.c.id == M.c.group_id)
        .where(M.c.file_id == G.c.output_id, M.c.live, _FURTHER.c.state.in_(KEPT))
        .correlate(G)
    )
