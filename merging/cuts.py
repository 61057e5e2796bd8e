"""Where a row of files is cut into parts: as few as can be, and as even as those can be.

Files keep their order, so a part is a stretch from one place to another. What a part may hold is given by
limits; a single file above them is a part of its own. Filling each part to the brim from the left gives the
fewest parts and, for each cut, the rightmost place it can have; filling from the right gives the leftmost.
With the fewest parts, the ranges of two cuts never overlap (else one part could be saved), so each place
belongs to one cut at most, and a dynamic programme over the places is linear: the cost (P[j] - P[i])**2, with
P the running sum, is a line in P[j] for every i, and the lower envelope of lines inserted by slope and asked
in order needs no search. All of this needs only that a stretch of an allowed part is allowed too.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import accumulate, pairwise


class Row:
    """A row of files by what they weigh, and what a part may weigh. Parts are evened out by ``weights``.

    ``others``: further weights with their own limits, e.g. events beside bytes.
    """

    def __init__(
        self,
        weights: Sequence[int],
        limit: int,
        max_inputs: int,
        others: Sequence[tuple[Sequence[int], int]] = (),
    ) -> None:
        self.total = [0, *accumulate(weights)]
        self.end = len(weights)
        self.limit = limit
        self.max_inputs = max_inputs
        self.others = [([0, *accumulate(more)], most) for more, most in others]

    def furthest(self, start: int) -> int:
        """The rightmost end of a part that begins here."""
        stop = min(self.end, start + self.max_inputs)
        for total, limit in ((self.total, self.limit), *self.others):
            stop = bisect_right(total, total[start] + limit, start + 1, stop + 1) - 1
        return max(stop, start + 1)

    def earliest(self, stop: int) -> int:
        """The leftmost place where a part that ends here can begin."""
        start = max(0, stop - self.max_inputs)
        for total, limit in ((self.total, self.limit), *self.others):
            start = bisect_left(total, total[stop] - limit, start, stop)
        return min(start, stop - 1)


def filled(row: Row) -> list[int]:
    """The places of cuts, 0 and the end included, with every part filled to the brim from the left."""
    cuts = [0]
    while cuts[-1] < row.end:
        cuts.append(row.furthest(cuts[-1]))
    return cuts


def even(row: Row) -> list[int]:
    """The places of cuts, 0 and the end included: fewest parts, then the least sum of squared weights."""
    right = filled(row)
    if len(right) <= 2:
        return right
    left = _filled_from_right(row)
    best, came_from = [0] * len(row.total), [0] * len(row.total)
    for before, after in pairwise(zip(left, right, strict=True)):
        _one_more_part(row, before, after, best, came_from)
    cuts = [row.end]
    while cuts[-1]:
        cuts.append(came_from[cuts[-1]])
    return cuts[::-1]


def _filled_from_right(row: Row) -> list[int]:
    cuts = [row.end]
    while cuts[-1]:
        cuts.append(row.earliest(cuts[-1]))
    return cuts[::-1]


def _one_more_part(
    row: Row, before: tuple[int, int], after: tuple[int, int], best: list[int], came_from: list[int]
) -> None:
    """The best way to each place of a cut, given the best ways to each place of the cut before it.

    For a part from i to j the cost is best[i] + (P[j] - P[i])**2, which is P[j]**2 plus a line in P[j] with
    slope -2 P[i]. Going down in j, places i become allowed from the right to the left (the limits), so lines
    come in by growing slope and are asked at falling P[j]: what is worse once stays worse.
    """
    total, limit, max_inputs, others = row.total, row.limit, row.max_inputs, row.others
    lowest, entering = before
    falls: list[int] = []  # 2 P[i]: by how much a line falls
    constants: list[int] = []
    places: list[int] = []
    head = 0
    for j in range(after[1], after[0] - 1, -1):
        x = total[j]
        first = row.earliest(j) if others else j - max_inputs
        if first < lowest:
            first = lowest
        while entering >= first and (x - total[entering] <= limit or entering == j - 1):
            p = total[entering]
            _insert(falls, constants, places, head, 2 * p, best[entering] + p * p, entering)
            entering -= 1
        value = constants[head] - falls[head] * x
        while head + 1 < len(places) and (other := constants[head + 1] - falls[head + 1] * x) <= value:
            head, value = head + 1, other
        best[j] = x * x + value
        came_from[j] = places[head]


def _insert(
    falls: list[int], constants: list[int], places: list[int], head: int, fall: int, constant: int, place: int
) -> None:
    """Add a line to the envelope, dropping those at its end that are nowhere the lowest any more."""
    while len(places) > head:
        f2, c2 = falls[-1], constants[-1]
        if f2 == fall:
            if c2 <= constant:
                return
        elif len(places) == head + 1:
            break
        else:
            f1, c1 = falls[-2], constants[-2]
            if (c2 - constant) * (f1 - f2) < (c1 - c2) * (f2 - fall):
                break
        falls.pop(), constants.pop(), places.pop()
    falls.append(fall)
    constants.append(constant)
    places.append(place)
