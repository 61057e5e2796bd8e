"""Cross-checks for people: one by its run and product, and the names of what is in it. Reads only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, func, select

from catalog.db import schema
from catalog.db.engine import among
from catalog.states import Witness

F, G, M = schema.file, schema.group, schema.member


@dataclass(frozen=True, slots=True)
class CheckRow:
    """A cross-check as it is recorded."""

    id: int
    task_id: int
    task: str
    run: int
    product: str
    state: str
    verdict: str


def of_run(conn: Connection, run: int, product: str) -> list[CheckRow]:
    """The cross-checks of this run and product, one for each task."""
    check, task = schema.check, schema.task
    query = (
        select(*check.c["id", "task_id"], task.c.name, *check.c["run", "product", "state", "verdict"])
        .join(task, task.c.id == check.c.task_id)
        .where(check.c.run == run, check.c.product == product)
        .order_by(task.c.name)
    )
    return [CheckRow(*tuple(row)) for row in conn.execute(query).all()]


@dataclass(frozen=True, slots=True)
class Names:
    """The LFNs of a group: of its output, and of its members by chunk."""

    part: int
    lfn: str
    output_id: int | None
    members: Mapping[str, str] = field(default_factory=dict)


def names(conn: Connection, groups: Sequence[int]) -> dict[int, Names]:
    """The names of what is in these groups."""
    inside: dict[int, dict[str, str]] = {}
    query = select(M.c.group_id, F.c.chunk, schema.lfn()).join(F, F.c.id == M.c.file_id)
    for group, chunk, lfn in conn.execute(query.where(among(conn, M.c.group_id, groups))).all():
        inside.setdefault(group, {})[chunk] = lfn
    columns = select(*G.c["id", "part", "lfn", "output_id"]).where(among(conn, G.c.id, groups))
    return {
        key: Names(part, lfn, output, inside.get(key, {}))
        for key, part, lfn, output in conn.execute(columns).all()
    }


def outputs(conn: Connection, groups: Iterable[int]) -> list[int | None]:
    """The merged files of these groups."""
    query = select(G.c.output_id).where(among(conn, G.c.id, list(groups)))
    return [row[0] for row in conn.execute(query).all()]


def gaps_of_run(conn: Connection, run: int) -> dict[str, list[int | None]]:
    """By task, how many events are lost with each gap of the run: as registered, else of the raw file."""
    gap, task, counts = schema.gap, schema.task, schema.event_count
    said, read = counts.alias("said"), counts.alias("read")
    query = (
        select(task.c.name, func.coalesce(gap.c.n_events, read.c.n_events, said.c.n_events))
        .join(F, F.c.id == gap.c.file_id)
        .join(task, task.c.id == gap.c.task_id)
        .outerjoin(said, (said.c.file_id == F.c.id) & (said.c.witness == Witness.RAW_CATALOGUE))
        .outerjoin(read, (read.c.file_id == F.c.id) & (read.c.witness == Witness.READ))
        .where(F.c.run == run)
    )
    found: dict[str, list[int | None]] = {}
    for name, n in conn.execute(query).all():
        found.setdefault(name, []).append(n)
    return found


def ids(conn: Connection, keys: Sequence[tuple[int, int, str]]) -> list[int]:
    """The cross-checks of these (task, run, product); those that were never made are left out."""
    check = schema.check
    query = select(*check.c["id", "task_id", "run", "product"]).where(
        among(conn, check.c.run, sorted({run for _, run, _ in keys}))
    )
    wanted = set(keys)
    return [key for key, task, run, product in conn.execute(query).all() if (task, run, product) in wanted]
