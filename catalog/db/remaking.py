"""What has to be made again since its last copy is lost: by which job, from what, and whether that can be.

A file with an AVAILABLE copy anywhere is not lost. A chunk's file that is in an archived merge is not missed.
A raw file cannot be made again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, exists, literal, select

from catalog.db import schema, schema_repairs
from catalog.db.engine import among
from catalog.db.redo import STOPPED
from catalog.states import GroupState, JobKind, RepairOutcome, ReplicaState, Role

F, R, G, M, J, JI, UP = (
    schema.file,
    schema.replica,
    schema.group,
    schema.member,
    schema.job,
    schema.job_input,
    schema.parent,
)
L = schema_repairs.repair_line
KEPT = (GroupState.ARCHIVED, GroupState.CLEANED)


@dataclass(frozen=True, slots=True)
class Redo:
    """A file of which no copy is left, and how it can be had again.

    ``group``: the merge it came of; ``jobs``: that have to run again. ``possible``: what they read is there.
    ``advice``: what a person can do.
    """

    lfn: str
    run: int
    product: str
    role: Role
    group: int | None
    jobs: tuple[int, ...]
    possible: bool
    advice: str


def to_redo(conn: Connection, repair: int, limit: int) -> list[Redo]:
    """Of the files whose copies this plan found to be lost, those that have to be made again; by name."""
    rows = conn.execute(_lost(repair).limit(limit)).all()
    merged = [row.id for row in rows if row.part is not None]
    chunks = [row.id for row in rows if row.part is None and row.role != Role.RAW]
    groups = _groups_of(conn, merged)
    inputs = _inputs(conn, [group.id for group in groups.values()])
    made_by = _makers(conn, [*chunks, *(file for its in inputs.values() for file in its)])
    safe = _safe(conn, [*made_by.raw.values(), *(file for its in inputs.values() for file in its)])
    found = []
    for row in rows:
        if row.role == Role.RAW:
            text = "nothing makes it again: 'ddm gap add' registers the gap"
            found.append(Redo(row.lfn, row.run, row.product, Role.RAW, None, (), False, text))
        elif (group := groups.get(row.id)) is not None:
            found.append(_merged(row, group, inputs.get(group.id, []), made_by, safe))
        else:
            found.append(_made(row, [row.id], None, made_by, safe))
    return found


def _lost(repair: int) -> Any:
    """Files of lines that are done, of which no copy is AVAILABLE, and that no archived merge holds."""
    good, merge = R.alias("good"), G.alias("merge")
    has_good = select(literal(1)).where(good.c.file_id == F.c.id, good.c.state == ReplicaState.AVAILABLE)
    is_kept = (
        select(literal(1))
        .select_from(M)
        .join(merge, and_(merge.c.id == M.c.group_id, merge.c.state.in_([str(state) for state in KEPT])))
        .where(M.c.file_id == F.c.id, M.c.live)
    )
    return (
        select(F.c.id, schema.lfn(), *F.c["run", "product", "role", "part"])
        .join(R, R.c.file_id == F.c.id)
        .join(L, L.c.replica_id == R.c.id)
        .where(L.c.repair_id == repair, L.c.outcome == RepairOutcome.DONE.value)
        .where(R.c.state == ReplicaState.LOST, F.c.retired_at.is_(None), ~exists(has_good), ~exists(is_kept))
        .distinct()
        .order_by("lfn")
    )


def _groups_of(conn: Connection, files: Sequence[int]) -> dict[int, Any]:
    query = select(*G.c["id", "state", "output_id"]).where(
        among(conn, G.c.output_id, files), G.c.state != GroupState.VOID
    )
    return {row.output_id: row for row in conn.execute(query)} if files else {}


def _inputs(conn: Connection, groups: Sequence[int]) -> dict[int, list[int]]:
    query = select(*M.c["group_id", "file_id"]).where(among(conn, M.c.group_id, groups), M.c.live)
    found: dict[int, list[int]] = defaultdict(list)
    for group, file in conn.execute(query).all() if groups else ():
        found[group].append(file)
    return found


@dataclass(frozen=True, slots=True)
class _Makers:
    """Of files that jobs made: their raw file, and the job."""

    raw: Mapping[int, int]
    job: Mapping[int, int]


def _makers(conn: Connection, files: Sequence[int]) -> _Makers:
    query = (
        select(UP.c.file_id, UP.c.parent_id, J.c.id)
        .join(JI, JI.c.file_id == UP.c.parent_id)
        .join(J, and_(J.c.id == JI.c.job_id, J.c.kind == JobKind.PROCESS.value))
        .where(among(conn, UP.c.file_id, files))
        .order_by(J.c.id)
    )
    rows = conn.execute(query).all() if files else ()
    return _Makers({row[0]: row[1] for row in rows}, {row[0]: row[2] for row in rows})


def _safe(conn: Connection, files: Sequence[int]) -> set[int]:
    query = select(R.c.file_id).where(
        among(conn, R.c.file_id, files), R.c.state.concat("") == ReplicaState.AVAILABLE
    )
    return set(conn.execute(query).scalars()) if files else set()


def _merged(row: Any, group: Any, inputs: Sequence[int], made_by: _Makers, safe: set[int]) -> Redo:
    gone = [file for file in inputs if file not in safe]
    if gone or not inputs:
        return _made(row, gone, group.id, made_by, safe)
    verb = f"ddm merge revise {row.run} --product {row.product}"
    if group.state in (*STOPPED, GroupState.MERGED):
        verb = f"ddm merge again {group.id}"
    text = f"its {len(inputs)} inputs are there: '{verb} --reason …'"
    return Redo(row.lfn, row.run, row.product, Role(row.role), group.id, (), True, text)


def _made(row: Any, files: Sequence[int], group: int | None, made_by: _Makers, safe: set[int]) -> Redo:
    """By the jobs that made these files, if their raw files are there."""
    jobs = tuple(sorted({made_by.job[file] for file in files if file in made_by.job}))
    lacking = sum(made_by.raw.get(file) not in safe for file in files)
    if lacking or not files:
        text = f"{lacking} of {len(files)} raw files are not there: 'ddm gap add' registers the gap"
    else:
        text = f"{len(jobs)} jobs have to process their raw files again: see 'ddm check repair'"
    return Redo(row.lfn, row.run, row.product, Role(row.role), group, jobs, bool(files) and not lacking, text)
