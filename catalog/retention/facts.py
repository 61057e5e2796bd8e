"""Everything that retention must know of one copy, as values. What nobody knows is None, and never allows.

A paper, the facts of a product and the settings are shared by the copies they concern: a group of a thousand
inputs is described once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property

from catalog.evidence import Piece, Wanted
from catalog.states import EndpointKind, ReplicaState, Role


class Ground(StrEnum):
    """Why somebody wants the copy to go."""

    MERGED = "merged"  # an intermediate file; everything made from it is archived, settled and checked
    ON_TAPE = "on tape"  # a copy on disk of a file that itself has a settled copy on tape
    SPARE = "spare"  # another AVAILABLE, freshly compared copy on disk exists (a person asks)
    BAD = "bad"  # its bytes differ from what was registered, and a good copy exists (a person asks)
    LOSS = "loss"  # a named person accepts the loss, with reason and typed number of files

    @property
    def by_a_person(self) -> bool:
        """The flow never asks for it."""
        return self in (Ground.SPARE, Ground.BAD, Ground.LOSS)


class Asking(StrEnum):
    """What is asked for: both times the same rules, on facts read anew."""

    WITHDRAW = "withdraw"  # from its readers: it becomes TRASHED
    REMOVE = "remove"  # its bytes: it becomes DELETING


@dataclass(frozen=True, slots=True)
class Copy:
    """A replica. ``place``: where its bytes are, the same text for two entries that share them.

    ``reachable``: not carried to a place out of reach. ``read_at``: when every byte was last read by us, and
    right. ``evidence``: pieces that count, of a copy on tape.
    """

    replica_id: int
    endpoint: str
    path: str
    kind: EndpointKind
    state: ReplicaState
    since: datetime
    place: str = ""
    reachable: bool = True
    verified_at: datetime | None = None
    verified_how: str = ""
    read_at: datetime | None = None
    evidence: tuple[Piece, ...] = ()


@dataclass(frozen=True, slots=True)
class FileFacts:
    """A file of the catalogue. ``size`` in bytes; ``n_events``: 0 only if somebody read the file."""

    file_id: int
    lfn: str
    role: Role
    product: str
    run: int
    size: int | None
    adler32: int | None
    n_events: int | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """An input of a merge, at its position from 0."""

    position: int
    file_id: int
    lfn: str
    size: int | None
    adler32: int | None
    n_events: int | None = None


@dataclass(frozen=True, slots=True)
class Waiver:
    """Differences of a cross-check that a person accepted, in force. ``part``: None is the whole run."""

    part: int | None
    by: str
    reason: str
    at: datetime


@dataclass(frozen=True)  # no slots: what is computed from a thousand members is kept
class Product:
    """What was made from files: a merge group, its members, its output, and the output's copies on tape.

    ``output``: None, nobody knows the merged file. ``planned_size``: bytes of the members when planned.
    ``inputs``: ids of the files that the output was made from, as its job told; None: nobody told.
    ``siblings``: other live merges of its runs that are not archived. ``missing``: raw chunks of its runs
    without a file of this product and without an entry in the gap register. ``counted``: it holds events.
    ``within``: what the output went into, if it is no more than an input of that (logs of a run in logs of a
    production): then that one has to be safe.
    """

    group_id: int
    task: str
    product: str
    run: int
    part: int
    state: str
    plan: str
    planned_size: int | None
    members: tuple[Member, ...]
    output: FileFacts | None
    inputs: frozenset[int] | None
    tapes: tuple[Copy, ...]
    check: str
    waivers: tuple[Waiver, ...]
    siblings: int | None
    missing: int | None
    wanted: Wanted
    counted: bool = True
    within: Product | None = None

    @cached_property
    def by_file(self) -> dict[int, Member]:
        """The members by the id of their file."""
        return {member.file_id: member for member in self.members}

    @cached_property
    def size_in(self) -> int | None:
        """Bytes of the members; None if that of one is not known."""
        sizes = [member.size for member in self.members]
        return None if None in sizes else sum(size or 0 for size in sizes)

    @cached_property
    def events_in(self) -> int | None:
        """Events of the members; None if those of one are not known."""
        counts = [member.n_events for member in self.members]
        return None if None in counts else sum(count or 0 for count in counts)

    @property
    def events_out(self) -> int | None:
        return None if self.output is None else self.output.n_events

    @cached_property
    def digest(self) -> str:
        """A hash of the members, in order: LFN, size, adler32, events."""
        return members_digest(self.members)

    @cached_property
    def in_order(self) -> bool:
        """The members stand at 0, 1, 2 …, each file once."""
        positions = [member.position for member in self.members]
        return positions == list(range(len(positions))) and len(self.by_file) == len(positions)

    @property
    def waived(self) -> tuple[Waiver, ...]:
        """The waivers in force that are for this part or the whole run."""
        return tuple(waiver for waiver in self.waivers if waiver.part in (None, self.part))


def members_digest(members: tuple[Member, ...]) -> str:
    """A hash of members, in order. Texts are hashed after their lengths."""
    found = hashlib.sha256(b"ddm members 1\n")
    for member in members:
        numbers = f"{member.position} {member.size} {member.adler32} {member.n_events}"
        lfn = member.lfn.encode(errors="surrogateescape")
        found.update(f"{numbers} {len(lfn)}\n".encode() + lfn)
    return found.hexdigest()


@dataclass(frozen=True, slots=True)
class Uses:
    """Who needs the copy now, in numbers. ``requests``: copies from or to it and recalls under way."""

    jobs: int | None = None
    leases: int | None = None
    pins: int | None = None
    requests: int | None = None


@dataclass(frozen=True, slots=True)
class RawChunk:
    """A raw file whose events are in the file that is to go. ``kept``: a verified copy of it stays."""

    lfn: str
    kept: bool
    gap: bool


@dataclass(frozen=True, slots=True)
class Acceptance:
    """A person's word that the data may be lost. ``typed``: how many files they typed; ``files``: how many
    are asked for."""

    by: str
    reason: str
    typed: int
    files: int


@dataclass(frozen=True, slots=True)
class Statement:
    """What a stored certificate says of one copy. None: papers of that version do not tell.

    ``intact``: its seal is that of its body. ``products``: group id → (LFN, size, adler32 of the output,
    digest of the members).
    """

    seal: str
    intact: bool
    version: int
    issued: datetime
    ground: Ground
    lfn: str
    size: int | None
    adler32: int | None
    endpoint: str | None
    path: str | None
    products: Mapping[int, tuple[str, int | None, int | None, str | None]]
    by: str = ""
    reason: str = ""
    acceptance: Acceptance | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one copy that somebody wants to go, and of what speaks for and against it.

    ``person``: who asks, "" is the flow; ``reason``: theirs. ``products``: made from the file, live ones;
    ``origins``: the live merges whose output it is. ``others``: the file's other copies that are not DELETED.
    ``namesakes``: entries of other files, or of the same file by another endpoint's name, at the same place.
    ``raw``: the chunks whose events it holds; asked only for a loss. ``paper``: of the first asking.
    ``released``: the settings let inputs of this product go once it is archived.
    """

    asking: Asking
    ground: Ground
    now: datetime
    file: FileFacts
    copy: Copy
    wanted: Wanted
    grace: timedelta
    person: str = ""
    reason: str = ""
    products: tuple[Product, ...] | None = None
    origins: tuple[Product, ...] | None = None
    others: tuple[Copy, ...] | None = None
    uses: Uses = Uses()
    holds: tuple[str, ...] | None = None
    freezes: tuple[str, ...] | None = None
    namesakes: tuple[str, ...] | None = None
    raw: tuple[RawChunk, ...] | None = None
    released: bool = True
    acceptance: Acceptance | None = None
    paper: Statement | None = None

    @property
    def line(self) -> Iterator[tuple[FileFacts, Product]]:
        """Everything made from the file, each with the file that went into it, to the last of each line."""
        for first in self.products or ():
            file: FileFacts | None = self.file
            product: Product | None = first
            while product is not None and file is not None:
                yield file, product
                file, product = product.output, product.within
