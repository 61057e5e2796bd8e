"""The archive: what is on tape and what is on its way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from catalog.db import evidence_look, look
from catalog.db.engine import Catalog
from catalog.db.evidence_look import Proof, Waiting
from catalog.db.look import ArchiveCount, TroubleLine
from catalog.evidence import Grade, Wanted, settled_in_short
from catalog.model import Amount
from catalog.states import GroupState, ItemState, ReplicaState, RequestKind
from ddm.settings import Settings

STAGES: tuple[str, ...] = (
    *("to merge", "to check", "checked", "copying", "in buffer", "on tape", "in another", "trouble"),
)
"""How far a merge is, in the order of its journey. ``in another``: it is kept in what was made of it."""

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
class ProofLine:
    """On what evidence the merged files of a product are on tape.

    ``wanted``: the grade that is asked for; ``best``: files by the best grade they have; ``settled``: files
    on whose strength something may be deleted, ``settling``: the others; ``settles_at``: when the first of
    them can be. ``waiting``: copies that are not on tape yet, ``oldest``: since when the oldest is in its
    state (``oldest_state``); however old, it is waited for and never sent again.
    """

    task: str
    product: str
    wanted: Grade
    best: dict[str, int]
    settled: Amount
    settling: Amount
    settles_at: datetime | None
    waiting: int
    oldest: datetime | None
    oldest_state: str


@dataclass(frozen=True, slots=True)
class ArchiveStatus:
    """Every product, its evidence, how many copies are held, and what goes wrong with copies."""

    products: tuple[ArchiveLine, ...]
    proofs: tuple[ProofLine, ...]
    held: int
    troubles: tuple[TroubleLine, ...]


def stage_of(count: ArchiveCount) -> str:
    """How far such a merge is: decided by the tape replica if there is one, else by the group.

    "in another": it is kept in what was merged of it, such as the logs of a run in those of the production.
    """
    if count.replica is not None:
        return _TAPE.get(ReplicaState(count.replica), "trouble")
    group = GroupState(count.group)
    if count.within and group in (GroupState.ARCHIVED, GroupState.CLEANED):
        return "in another"
    return _DISK.get(group, "trouble")


def status(catalog: Catalog, settings: Settings | None = None) -> ArchiveStatus:
    """How the archiving is, product by product. Without settings, evidence is wanted as by default."""
    with catalog.read() as conn:
        counts = look.archive_counts(conn)
        copies = look.open_requests(conn, RequestKind.COPY)
        troubles = look.troubles(conn, RequestKind.COPY)
        proofs = evidence_look.proofs(conn)
        waiting = evidence_look.on_the_way(conn)
    lines: dict[tuple[str, str], ArchiveLine] = {}
    for count in counts:
        line = lines.setdefault((count.task, count.product), ArchiveLine(count.task, count.product))
        before = line.stages.setdefault(stage_of(count), Amount())
        line.stages[stage_of(count)] = Amount(before.files + count.files, before.size + count.size)
    held = sum(line.files for line in copies if line.state == ItemState.HELD)
    told = []
    keys = [(one.task, one.product) for one in proofs] + [(one.task, one.product) for one in waiting]
    for task, product in dict.fromkeys(keys):
        known = settings.products.get(product) if settings else None
        told.append(
            _proof_line(
                (task, product),
                known.wanted if known else Wanted(),
                [one for one in proofs if (one.task, one.product) == (task, product)],
                [one for one in waiting if (one.task, one.product) == (task, product)],
            )
        )
    return ArchiveStatus(tuple(lines.values()), tuple(told), held, tuple(troubles))


def _proof_line(
    key: tuple[str, str], wanted: Wanted, proofs: Sequence[Proof], waiting: Sequence[Waiting]
) -> ProofLine:
    best: dict[str, int] = {}
    settled, settling, first = Amount(), Amount(), None
    for one in proofs:
        best[one.best or "none"] = best.get(one.best or "none", 0) + 1
        done, at = settled_in_short(one, wanted)
        if done:
            settled += Amount(1, one.size)
        else:
            settling += Amount(1, one.size)
            first = at if first is None or (at is not None and at < first) else first
    oldest = min(waiting, key=lambda one: one.oldest, default=None)
    return ProofLine(
        *(*key, wanted.grade, dict(sorted(best.items())), settled, settling),
        settles_at=first,
        waiting=sum(one.files for one in waiting),
        oldest=oldest.oldest if oldest else None,
        oldest_state=oldest.state if oldest else "",
    )
