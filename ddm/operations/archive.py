"""The archive: what is on tape and what is on its way."""

from __future__ import annotations

from dataclasses import dataclass, field

from catalog.db import look
from catalog.db.engine import Catalog
from catalog.db.look import ArchiveCount, TroubleLine
from catalog.model import Amount
from catalog.states import GroupState, ItemState, ReplicaState, RequestKind

STAGES: tuple[str, ...] = ("to merge", "to check", "checked", "copying", "in buffer", "on tape", "trouble")
"""How far a merge is, in the order of its journey."""

_TAPE = {
    ReplicaState.COPYING: "copying",
    ReplicaState.UNVERIFIED: "in buffer",
    ReplicaState.ARCHIVING: "in buffer",
    ReplicaState.AVAILABLE: "on tape",
}
_DISK = {
    GroupState.PLANNED: "to merge",
    GroupState.MERGING: "to merge",
    GroupState.MERGED: "to check",
    GroupState.CHECKED: "checked",
}


@dataclass(frozen=True, slots=True)
class ArchiveLine:
    """A product of a task: merges and bytes at each of STAGES. ``trouble`` waits for a person."""

    task: str
    product: str
    stages: dict[str, Amount] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ArchiveStatus:
    """Every product, how many copies are held, and what goes wrong with copies."""

    products: tuple[ArchiveLine, ...]
    held: int
    troubles: tuple[TroubleLine, ...]


def stage_of(count: ArchiveCount) -> str:
    """How far such a merge is: decided by the tape replica if there is one, else by the group."""
    if count.replica is not None:
        return _TAPE.get(ReplicaState(count.replica), "trouble")
    return _DISK.get(GroupState(count.group), "trouble")


def status(catalog: Catalog) -> ArchiveStatus:
    """How the archiving is, product by product."""
    with catalog.read() as conn:
        counts = look.archive_counts(conn)
        copies = look.open_requests(conn, RequestKind.COPY)
        troubles = look.troubles(conn, RequestKind.COPY)
    lines: dict[tuple[str, str], ArchiveLine] = {}
    for count in counts:
        line = lines.setdefault((count.task, count.product), ArchiveLine(count.task, count.product))
        before = line.stages.setdefault(stage_of(count), Amount())
        line.stages[stage_of(count)] = Amount(before.files + count.files, before.size + count.size)
    held = sum(line.files for line in copies if line.state == ItemState.HELD)
    return ArchiveStatus(tuple(lines.values()), held, tuple(troubles))
