"""Provenance both ways, to any depth: what a file was made from, and where it ended up.

Gone through a generation at a time: each file comes once, with the shortest way to it, and a circle (which
nothing makes, but nothing forbids) ends.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, select

from catalog.db import schema
from catalog.db.columns import DIR, LFN, D, F
from catalog.db.engine import among, ids_of

P = schema.parent
BATCH = 10_000


class Relative(NamedTuple):
    """A file that this one was made from, or that was made from it. ``retired``: replaced meanwhile."""

    generation: int  # 1: at once
    lfn: str
    dataset: str
    role: str
    product: str
    run: int
    chunk: str
    part: int | None
    retired: bool


def relatives(
    conn: Connection, files: Sequence[int], *, up: bool, depth: int | None = None
) -> Iterator[list[Relative]]:
    """The files that these were made from (``up``) or made into, nearest first, in pages.

    At most ``depth`` generations; None is all of them. Memory holds an id of each relative.
    """
    seen, now, generation = set(files), list(files), 0
    while now and (depth is None or generation < depth):
        generation += 1
        found = sorted(set(_next(conn, now, up)) - seen)
        seen.update(found)
        for at in range(0, len(found), BATCH):
            yield _described(conn, found[at : at + BATCH], generation)
        now = found


def _next(conn: Connection, files: Sequence[int], up: bool) -> Iterator[int]:
    mine, other = (P.c.file_id, P.c.parent_id) if up else (P.c.parent_id, P.c.file_id)
    for at in range(0, len(files), BATCH):
        query = select(other).where(among(conn, mine, files[at : at + BATCH])).distinct()
        yield from ids_of(conn, query)


def _described(conn: Connection, ids: Sequence[int], generation: int) -> list[Relative]:
    query = (
        select(LFN, D.c.name, *F.c["role", "product", "run", "chunk", "part"], F.c.retired_at.is_not(None))
        .select_from(F)
        .join(DIR, DIR.c.id == F.c.directory_id)
        .join(D, D.c.id == F.c.dataset_id)
        .where(among(conn, F.c.id, ids))
        .order_by(F.c.run, F.c.id)
    )
    return [Relative._make((generation, *row)) for row in conn.execute(query).all()]
