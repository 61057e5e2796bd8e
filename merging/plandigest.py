"""The hash of a plan: everything that decides what goes together, and nothing else. Pure.

Texts are hashed after their lengths, so that no two different lists give the same bytes. Blocks of columns
instead of a line per file: that is five times as fast, and a million files need no memory for it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence

from merging.holes import Gap
from merging.model import LeftOut, Limits, Member

VERSION = 2
"""Another number for other rules: plans of version 1 had a target and a number of inputs only."""

_BLOCK = 20_000


def digest(
    cuts: Sequence[int],
    members: Sequence[Member],
    waiting: Sequence[Member],
    left_out: Sequence[LeftOut],
    gaps: Iterable[Gap],
    limits: Limits,
    first_part: int,
) -> str:
    """sha256 over the rules, the files in order, their cuts, what waits, what is left out, and the gaps."""
    found = hashlib.sha256()
    for line in _rules(limits, first_part):
        found.update(line)
    found.update(_numbers(cuts))
    out = [entry.member for entry in left_out]
    for group in (members, waiting, out):
        found.update(b"%d files\n" % len(group))
        for start in range(0, len(group), _BLOCK):
            for column in _columns(group[start : start + _BLOCK], limits):
                found.update(column)
    found.update(_texts([entry.why for entry in left_out]))
    for gap in sorted(gaps, key=lambda gap: (gap.run, gap.chunk)):
        found.update(_texts([str(gap.run), gap.chunk, gap.reason, gap.approver, str(gap.n_events)]))
    return found.hexdigest()


def _rules(limits: Limits, first_part: int) -> Iterator[bytes]:
    yield f"ddm plan {VERSION} from {first_part}\n".encode()
    most = -1 if limits.max_events is None else limits.max_events
    sizes = (limits.target, limits.max_inputs, most, limits.min_fill, limits.tolerance, limits.empty_size)
    yield _numbers(sizes)
    yield _texts([limits.zero_events, limits.empty, *limits.boundaries])


def _columns(members: Sequence[Member], limits: Limits) -> Iterator[bytes]:
    """What a part is made of. Runs and chunks have decided already: they are the order of the files."""
    yield _numbers([member.size for member in members])
    yield _texts([member.lfn for member in members])
    if limits.counted:
        yield _texts([str(member.n_events) for member in members])
    if limits.boundaries:
        yield _texts([f"{type(value).__name__} {value}" for member in members for value in member.bounds])


def _numbers(values: Iterable[int]) -> bytes:
    return (",".join(map(str, values)) + "\n").encode()


def _texts(values: Sequence[str]) -> bytes:
    text = ",".join(map(str, map(len, values))) + "\n" + "".join(values) + "\n"
    return text.encode("utf-8", "surrogatepass")
