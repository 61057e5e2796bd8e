"""The brake of removals: when so much is not as expected that it is not the files, removing stops.

What is strange is counted by who asks: a file that the storage says is not there, or will not remove, one of
another size than planned, one that the rules refuse which allowed it in the plan. A few of these are life; a
fraction of all is a wrong list, a wrong prefix, or a storage that somebody else empties.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """``least``: so many strange files are nothing yet. ``fraction``: of all that were looked at, 0 to 1."""

    least: int
    fraction: float


def too_strange(seen: int, strange: int, limits: Limits) -> bool:
    """Whether to stop.

    >>> limits = Limits(least=10, fraction=0.1)
    >>> [too_strange(*pair, limits) for pair in ((10, 9), (100, 10), (101, 10), (10, 10))]
    [False, True, False, True]
    """
    return strange >= limits.least and strange >= limits.fraction * seen
