"""Inputs shared out to jobs, by events or by bytes. Pure, and the same in any order of input.

The reverse of merging: a job gets so many events, be they in ten files of 1 000 or in one of 10 000. Whole
files go together as in a merge plan (fewest jobs, as even as can be, boundaries kept). Where a program can
begin in the middle of a file, ``inside_files`` gives each job ranges of events: then a file with more events
than a job should have is read by several jobs, and every event by exactly one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from merging.cuts import Row, even
from merging.errors import UnplannableInputs
from merging.model import Limits, Member
from merging.ordering import in_order, stretches


@dataclass(frozen=True, slots=True)
class JobLimits:
    """What one job gets. ``events`` and ``size`` (bytes of the files it must read): None for no limit.

    With ``events`` jobs are evened out by events, else by bytes. ``boundaries``: what ``Member.bounds`` are.
    """

    events: int | None = None
    size: int | None = None
    max_inputs: int = 1000
    boundaries: tuple[str, ...] = ()
    inside_files: bool = False


@dataclass(frozen=True, slots=True)
class Slice:
    """Events of a file for one job: ``n_events`` from number ``first`` on, from 0; None: all of it."""

    member: Member
    first: int = 0
    n_events: int | None = None


@dataclass(frozen=True, slots=True)
class Share:
    """What one job works on, in order."""

    number: int
    slices: tuple[Slice, ...]

    @property
    def size(self) -> int:
        """Bytes of the files that the job reads from, each as a whole."""
        return sum(piece.member.size for piece in self.slices)

    @property
    def n_events(self) -> int | None:
        counts = [
            piece.member.n_events if piece.n_events is None else piece.n_events for piece in self.slices
        ]
        return None if None in counts else sum(count for count in counts if count is not None)


@dataclass(frozen=True, slots=True)
class Split:
    """Shares of all jobs. ``idle``: files without events, of which no job has anything to do."""

    shares: tuple[Share, ...]
    idle: tuple[Member, ...]
    hash: str


def split(members: Iterable[Member], limits: JobLimits) -> Split:
    """The shares, numbered from 0 in order of boundaries, run and chunk.

    Raises UnplannableInputs for what no merge plan could be made of, limits that admit nothing, or an unknown
    number of events where events decide.
    """
    _check(limits)
    ordered = in_order(members, Limits(boundaries=limits.boundaries))
    if limits.events is not None:
        _refuse_unknown(ordered)
    idle = [member for member in ordered if limits.inside_files and member.n_events == 0]
    busy = [member for member in ordered if not (limits.inside_files and member.n_events == 0)]
    cut = _ranges if limits.inside_files else _whole_files
    found: list[tuple[Slice, ...]] = []
    for start, stop in stretches(busy):
        found += cut(busy[start:stop], limits)
    shares = tuple(Share(number, slices) for number, slices in enumerate(found))
    return Split(shares, tuple(idle), _hash(shares, idle, limits))


def _check(limits: JobLimits) -> None:
    given = [limits.max_inputs, *(value for value in (limits.events, limits.size) if value is not None)]
    if min(given) < 1:
        raise UnplannableInputs(
            f"limits that admit nothing: {limits.events} events, {limits.size} bytes, "
            f"{limits.max_inputs} files"
        )
    if limits.inside_files and limits.events is None:
        raise UnplannableInputs("to share out the inside of files takes a number of events per job")


def _refuse_unknown(members: Sequence[Member]) -> None:
    for member in members:
        if member.n_events is None or member.n_events < 0:
            text = f"its events are not known ({member.n_events}), and jobs get their share by events"
            raise UnplannableInputs(f"{member.lfn}: {text}", subject=member.lfn)


def _whole_files(members: Sequence[Member], limits: JobLimits) -> list[tuple[Slice, ...]]:
    sizes = [member.size for member in members]
    most = sum(sizes) if limits.size is None else limits.size
    if limits.events is None:
        row = Row(sizes, most, limits.max_inputs)
    else:
        events = [member.n_events or 0 for member in members]
        row = Row(events, limits.events, limits.max_inputs, [(sizes, most)])
    return [tuple(Slice(member) for member in members[start:stop]) for start, stop in pairwise(even(row))]


def _ranges(members: Sequence[Member], limits: JobLimits) -> list[tuple[Slice, ...]]:
    """Even shares if files and bytes allow; else every job but the last has all it may have."""
    full = list(_filled(members, limits))
    total = sum(member.n_events or 0 for member in members)
    fair = _at(members, [total * number // len(full) for number in range(len(full) + 1)])
    return fair if all(_is_allowed(share, limits) for share in fair) else full


def _filled(members: Sequence[Member], limits: JobLimits) -> Iterator[tuple[Slice, ...]]:
    """From the left, each job takes what it may have: that needs the fewest jobs."""
    most = limits.events or 0
    share: list[Slice] = []
    events = size = 0
    for member in members:
        first, left = 0, member.n_events or 0
        while left:
            full = events == most or len(share) == limits.max_inputs
            if share and (full or (limits.size is not None and size + member.size > limits.size)):
                yield tuple(share)
                share, events, size = [], 0, 0
            taken = min(left, most - events)
            share.append(Slice(member, first, taken))
            events, size, first, left = events + taken, size + member.size, first + taken, left - taken
    if share:
        yield tuple(share)


def _at(members: Sequence[Member], places: Sequence[int]) -> list[tuple[Slice, ...]]:
    """Shares between these numbers of events, counted over all the files."""
    shares: list[list[Slice]] = [[] for _ in places[1:]]
    number = passed = 0
    for member in members:
        first, left = 0, member.n_events or 0
        while left:
            while places[number + 1] <= passed:
                number += 1
            taken = min(left, places[number + 1] - passed)
            shares[number].append(Slice(member, first, taken))
            passed, first, left = passed + taken, first + taken, left - taken
    return [tuple(share) for share in shares]


def _is_allowed(share: Sequence[Slice], limits: JobLimits) -> bool:
    return (
        bool(share)
        and len(share) <= limits.max_inputs
        and (
            limits.size is None or len(share) == 1 or sum(piece.member.size for piece in share) <= limits.size
        )
    )


def _hash(shares: Sequence[Share], idle: Sequence[Member], limits: JobLimits) -> str:
    digest = hashlib.sha256(repr(("ddm split 1", limits)).encode("utf-8", "backslashreplace"))
    for share in shares:
        for piece in share.slices:
            _put(digest, share.number, piece.first, piece.n_events, piece.member)
    for member in idle:
        _put(digest, -1, 0, 0, member)
    return digest.hexdigest()


def _put(digest: hashlib._Hash, number: int, first: int, n_events: int | None, member: Member) -> None:
    line = f"{number} {first} {n_events} {member.n_events} {member.size} {len(member.lfn)} {member.lfn}\n"
    digest.update(line.encode("utf-8", "surrogatepass"))
