"""Which files of a run and product go together. Pure, and the same for the same files in any order.

The files are taken in chunk order and cut into contiguous parts. Three wishes, the first first:

1. no part above the limits, except a single file that is larger than the target: it is a part of its own;
2. as few parts as possible;
3. as even as possible: the sum of the squares of the parts' sizes is the least of all such cuts.

How: filling each part to the brim from the left gives the fewest parts and, for each cut, the rightmost
place it can have; filling from the right gives the leftmost. With the fewest parts, the ranges of two cuts
never overlap (else one part could be saved), so each place belongs to one cut at most, and a dynamic
programme over the places is linear: the cost (P[j] - P[i])**2, with P the running sum of sizes, is a line in
P[j] for every i, and the lower envelope of lines inserted by slope and asked in order needs no search.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate, pairwise
from operator import attrgetter

from merging.errors import UnplannableInputs
from merging.model import Limits, Member, Plan, PlannedGroup


def plan(members: Iterable[Member], limits: Limits) -> Plan:
    """The parts of a run and product, numbered from 0 in chunk order.

    Raises UnplannableInputs for nothing at all, a name or chunk given twice, a negative size, or limits
    that admit no file. Time grows as n log n: a million files take a few seconds.
    """
    members = list(members)
    _check(members, limits)
    members = _in_chunk_order(members)
    cuts = [0]
    for start, stop in _stretches(members, limits.target):
        sizes = [member.size for member in members[start:stop]]
        cuts += (start + cut for cut in _even_cuts(sizes, limits))
    groups = (tuple(members[start:stop]) for start, stop in pairwise(cuts))
    return Plan(
        groups=tuple(PlannedGroup(part, group) for part, group in enumerate(groups)),
        hash=_hash(members, limits),
    )


def _check(members: Sequence[Member], limits: Limits) -> None:
    if limits.target < 1 or limits.max_inputs < 1:
        raise UnplannableInputs(
            f"limits that admit no file: {limits.target} bytes, {limits.max_inputs} files in a part"
        )
    if not members:
        raise UnplannableInputs("no files to merge")
    for member in members:
        if member.size < 0:
            raise UnplannableInputs(f"{member.lfn}: a size of {member.size} bytes", subject=member.lfn)
    _check_distinct(members, "file", attrgetter("lfn"))
    _check_distinct(members, "chunk", attrgetter("chunk"))


def _check_distinct(members: Sequence[Member], what: str, name: Callable[[Member], str]) -> None:
    if len({name(member) for member in members}) == len(members):
        return
    for one, other in pairwise(sorted(members, key=lambda member: (name(member), member.lfn))):
        if name(one) == name(other):
            text = f"{what} {name(one)} is given twice: {one.lfn} and {other.lfn}"
            raise UnplannableInputs(text, subject=other.lfn)


def _in_chunk_order(members: list[Member]) -> list[Member]:
    """By chunk number if all chunks are numbers (007 before 11), else by the chunk's text."""
    by_text = sorted(members, key=attrgetter("chunk"))
    if not all(member.chunk.isascii() and member.chunk.isdigit() for member in members):
        return by_text
    width = max(len(member.chunk) for member in members)
    return sorted(
        by_text, key=lambda member: member.chunk.zfill(width)
    )  # 9 and 09 stay in order of their text


def _hash(members: Sequence[Member], limits: Limits) -> str:
    """sha256 of one line for the limits and one per file; the length of each name makes it unambiguous."""
    digest = hashlib.sha256(f"ddm plan 1 {limits.target} {limits.max_inputs}\n".encode())
    for member in members:
        digest.update(f"{member.size} {len(member.lfn)} {member.lfn}\n".encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def _stretches(members: Sequence[Member], target: int) -> Iterator[tuple[int, int]]:
    """The stretches (start, stop) of files within the target, and each oversize file as one of its own."""
    start = 0
    for at, member in enumerate(members):
        if member.size > target:
            if start < at:
                yield start, at
            yield at, at + 1
            start = at + 1
    if start < len(members):
        yield start, len(members)


def _even_cuts(sizes: Sequence[int], limits: Limits) -> list[int]:
    """Where the parts of one stretch end: fewest parts, then least sum of squares."""
    total = [0, *accumulate(sizes)]
    if len(sizes) == 1:
        return [1]
    right = _filled_from_left(total, limits)
    left = _filled_from_right(total, limits)
    best, came_from = [0] * len(total), [0] * len(total)
    for (a, b), (c, d) in pairwise(zip(left, right, strict=True)):
        _one_more_part(total, limits, (a, b), (c, d), best, came_from)
    cuts = [len(sizes)]
    while came_from[cuts[-1]]:
        cuts.append(came_from[cuts[-1]])
    return cuts[::-1]


def _filled_from_left(total: Sequence[int], limits: Limits) -> list[int]:
    """The rightmost places of all cuts, from 0 to the end."""
    cuts, end = [0], len(total) - 1
    while (at := cuts[-1]) < end:
        furthest = min(end, at + limits.max_inputs)
        cuts.append(bisect_right(total, total[at] + limits.target, at + 1, furthest + 1) - 1)
    return cuts


def _filled_from_right(total: Sequence[int], limits: Limits) -> list[int]:
    """The leftmost places of all cuts, from 0 to the end."""
    mirrored = [total[-1] - value for value in reversed(total)]
    end = len(total) - 1
    return [end - cut for cut in reversed(_filled_from_left(mirrored, limits))]


def _one_more_part(
    total: Sequence[int],
    limits: Limits,
    before: tuple[int, int],
    after: tuple[int, int],
    best: list[int],
    came_from: list[int],
) -> None:
    """The best way to each place of a cut, given the best ways to each place of the cut before it.

    For a part from i to j the cost is best[i] + (P[j] - P[i])**2, which is P[j]**2 plus a line in P[j] with
    slope -2 P[i]. Going down in j, places i become allowed from the right to the left (the limits), so lines
    come in by growing slope and are asked at falling P[j]: what is worse once stays worse.
    """
    slopes: list[int] = []
    constants: list[int] = []
    places: list[int] = []
    head, entering = 0, before[1]
    for j in range(after[1], after[0] - 1, -1):
        x = total[j]
        first = max(before[0], j - limits.max_inputs)
        while entering >= first and x - total[entering] <= limits.target:
            p = total[entering]
            _insert(slopes, constants, places, head, (p, best[entering] + p * p, entering))
            entering -= 1
        while head + 1 < len(places) and (
            constants[head + 1] - 2 * slopes[head + 1] * x <= constants[head] - 2 * slopes[head] * x
        ):
            head += 1
        best[j] = x * x - 2 * slopes[head] * x + constants[head]
        came_from[j] = places[head]


def _insert(
    slopes: list[int], constants: list[int], places: list[int], head: int, line: tuple[int, int, int]
) -> None:
    """Add a line to the envelope, dropping those at its end that are nowhere the lowest any more."""
    p3, c3, place = line
    while len(places) > head:
        p2, c2 = slopes[-1], constants[-1]
        if p2 == p3:
            if c2 <= c3:
                return
        elif len(places) == head + 1:
            break
        else:
            p1, c1 = slopes[-2], constants[-2]
            if (c2 - c3) * (p1 - p2) < (c1 - c2) * (p2 - p3):
                break
        slopes.pop(), constants.pop(), places.pop()
    slopes.append(p3)
    constants.append(c3)
    places.append(place)
