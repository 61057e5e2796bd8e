"""Frozen values that the questions of the catalogue are answered with.

Sizes are bytes, times aware UTC. ``endpoint`` is an endpoint's name; ``path`` is relative to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from catalog.checksum import Adler32
from catalog.names import LFN
from catalog.states import EndpointKind, RepairAct, RepairOutcome, ReplicaState, Role, Witness


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file to register, with the replica that holds its bytes and what is known of its events."""

    lfn: LFN
    role: Role
    product: str
    run: int
    chunk: str
    size: int | None  # None, like adler32: nobody has said
    adler32: Adler32 | None
    path: str
    part: int | None = None
    events: Mapping[Witness, int] = field(default_factory=dict)
    parents: tuple[int, ...] = ()
    where: str = ""  # file:line of the list it comes from, for messages
    types: Mapping[Witness, Mapping[str, int]] = field(default_factory=dict)  # events by type, where told


@dataclass(frozen=True, slots=True)
class Conflict:
    """A name that is known with something else."""

    lfn: str
    text: str
    where: str = ""


@dataclass(frozen=True, slots=True)
class Registration:
    """What came of a registration: how many were new or known already, and what conflicts (not changed)."""

    added: int
    same: int
    conflicts: tuple[Conflict, ...] = ()
    ids: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Compared:
    """A replica to be compared with its file."""

    id: int
    endpoint: str
    kind: EndpointKind
    path: str
    state: str
    size: int
    adler32: Adler32
    tries: int
    product: str = ""


@dataclass(frozen=True, slots=True)
class OpenItem:
    """A request item with what its order needs. ``unit`` groups what should be recalled together."""

    id: int
    replica_id: int
    endpoint: str
    path: str
    size: int
    adler32: Adler32
    attempts: int
    tries: int = 0
    unit: str = ""
    source: tuple[str, str] | None = None  # endpoint and path of the source of a copy
    request_id: int | None = None
    token: str = ""
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Amount:
    """So many files, so many bytes."""

    files: int = 0
    size: int = 0

    def __add__(self, other: Amount) -> Amount:
        return Amount(self.files + other.files, self.size + other.size)


class Recall(NamedTuple):
    """A recall that is to be asked for, or is under way. A tuple, as there are many in a window."""

    id: int
    replica_id: int
    path: str
    size: int
    adler32: int
    attempts: int
    tries: int
    since: datetime
    campaign_id: int  # 0: nobody's
    tape: str
    position: int


class Wish(NamedTuple):
    """A file on tape that a campaign wants. ``tape`` is "" when nobody told where the file is.

    A tuple, as there are many: a window is filled with tens of thousands of them.
    """

    replica_id: int
    endpoint_id: int
    size: int
    dataset_id: int
    run: int
    tape: str
    position: int
    lease_id: int  # 0: a job wants it


class RunOnTape(NamedTuple):
    """A run that is to be recalled, and where it lies. A tuple, as there are many.

    ``tapes``: those it is on, as far as anybody told, in the order of their names; ``begin``: its first
    position on the first of them.
    """

    dataset_id: int
    run: int
    files: int
    tapes: tuple[str, ...]
    begin: int


class LivePin(NamedTuple):
    """A pin with the replica it holds. A tuple, as there are many."""

    id: int
    replica_id: int
    endpoint: str
    path: str
    token: str
    size: int


@dataclass(frozen=True, slots=True)
class JobInput:
    """An input of a job, at a place where it can be read now. ``others``: more such places, as (endpoint,
    path), in the order in which to try them."""

    file_id: int
    lfn: LFN
    endpoint: str
    path: str
    size: int
    adler32: Adler32
    n_events: int | None
    others: tuple[tuple[str, str], ...] = ()
    product: str = ""
    run: int = 0
    chunk: str = ""
    part: int | None = None  # of a merged file


@dataclass(frozen=True, slots=True)
class OpenJob:
    """A job that is to be submitted, polled or ended."""

    id: int
    task_id: int
    kind: str
    run: int
    chunk: str
    attempt: int
    label: str
    native: str
    state: str
    group_id: int | None = None
    product: str = ""  # of a merge, or the only one of a chunk that is to be made again
    part: int = 0
    lfn: str = ""  # of a merge's output
    inputs: tuple[JobInput, ...] = ()


@dataclass(frozen=True, slots=True)
class KnownCopy:
    """A copy as the catalogue has it now, and what its file should be."""

    replica_id: int
    file_id: int
    lfn: str
    endpoint: str
    path: str
    tape: bool
    state: ReplicaState
    since: datetime
    size: int | None
    adler32: int | None


@dataclass(frozen=True, slots=True)
class RepairLine:
    """A line of a plan of repair. ``state``, ``changed_at``: of its copy when it was compared.

    ``replica_id`` None: the catalogue knew of nothing there; then ``size`` and ``adler32`` are as scanned.
    ``other``: the place at the same endpoint that belongs to it.
    """

    position: int
    act: RepairAct
    kind: str
    endpoint: str
    path: str
    replica_id: int | None = None
    other: str | None = None
    state: str | None = None
    changed_at: datetime | None = None
    size: int | None = None
    adler32: int | None = None
    outcome: RepairOutcome | None = None
    reason: str | None = None
