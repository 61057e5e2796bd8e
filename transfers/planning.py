"""What to do next, and when: pure functions of what is wanted, what is free, and one number of chance."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, Protocol, TypeVar

T = TypeVar("T")


class Wanted(Protocol):
    """A file that somebody wants from tape: a row of ``catalog.model.Wish``."""

    @property
    def size(self) -> int: ...
    @property
    def dataset_id(self) -> int: ...
    @property
    def run(self) -> int: ...


W = TypeVar("W", bound=Wanted)


@dataclass(slots=True)
class Consumer(Generic[W]):
    """One who wants files, in order. Consumers of one ``production`` share its part of the window.

    ``priority``: higher goes first. ``all_seen``: these are all that it wants; else its last unit may be
    longer than seen here.
    """

    id: int
    production: str
    priority: int
    wishes: Sequence[W]
    all_seen: bool = True


def share_window(
    consumers: Sequence[Consumer[W]], *, free_bytes: int | None, free_files: int, idle: bool
) -> dict[int, list[W]]:
    """Who may recall what now, by consumer: whole units (runs), within the free part of the window.

    The highest priority goes first, as long as it wants anything. Within a priority the production that has
    got the fewest bytes here is next; among equals, the consumer that comes first in the sequence (give the
    one that has waited longest first). A unit is taken whole or not at all, and one that does not fit ends
    the sharing: nothing overtakes it, so a large unit is never starved. Only when nothing is staged or in
    flight (``idle``) and the first unit alone is larger than the window, as many of its files as fit are
    taken, in order, and at least one: else nothing would ever move. That one file is the only case in which
    ``free_bytes`` is exceeded.

    ``free_bytes`` None: no limit in bytes. A window of zero files or zero bytes stops recalls, idle or not.
    """
    chosen: dict[int, list[W]] = {}
    if free_files <= 0 or (free_bytes is not None and free_bytes <= 0):
        return chosen
    left = {consumer.id: deque(_units(consumer)) for consumer in consumers}
    got: dict[str, int] = {consumer.production: 0 for consumer in consumers}
    waiting = [consumer for consumer in consumers if left[consumer.id]]
    while waiting:
        first = max(consumer.priority for consumer in waiting)
        consumer = min((c for c in waiting if c.priority == first), key=lambda c: got[c.production])
        unit = left[consumer.id].popleft()
        size = sum(wish.size for wish in unit)
        if len(unit) > free_files or (free_bytes is not None and size > free_bytes):
            if idle and not chosen:
                chosen[consumer.id] = _part(unit, free_bytes, free_files)
            break
        chosen.setdefault(consumer.id, []).extend(unit)
        got[consumer.production] += size
        free_files -= len(unit)
        free_bytes = None if free_bytes is None else free_bytes - size
        if not left[consumer.id]:
            waiting.remove(consumer)
    return chosen


def _units(consumer: Consumer[W]) -> list[list[W]]:
    """The wishes by run, in the order in which the runs first appear; a last one not wholly seen waits."""
    units: dict[tuple[int, int], list[W]] = {}
    for wish in consumer.wishes:
        units.setdefault((wish.dataset_id, wish.run), []).append(wish)
    if not consumer.all_seen and len(units) > 1:
        last = consumer.wishes[-1]
        del units[last.dataset_id, last.run]
    return list(units.values())


def _part(unit: Sequence[W], free_bytes: int | None, free_files: int) -> list[W]:
    """The first files of a unit that fit; the very first one even when it does not."""
    batch: list[W] = []
    taken = 0
    for item in unit[:free_files]:
        taken += item.size
        if batch and free_bytes is not None and taken > free_bytes:
            break
        batch.append(item)
    return batch


def next_poll(
    gap: timedelta, *, changed: int, pending: int, shortest: timedelta, longest: timedelta
) -> timedelta:
    """How long to wait before a request is asked about again, ``gap`` after it was last asked about.

    In the gap ``changed`` of its files came and ``pending`` did not. At that pace half of the rest will have
    come after the wait; when nothing came it is half as long again. So the number of polls grows with the
    logarithm of the files, and of the time that nothing happens.
    """
    wait = gap * (pending / (2 * changed)) if changed else gap * 1.5
    return max(shortest, min(longest, wait))


def next_attempt(
    attempts: int, *, now: datetime, first: timedelta, longest: timedelta, chance: float
) -> datetime:
    """When to try again after ``attempts`` failed ones (1, 2, …).

    The wait doubles from ``first`` up to ``longest``; ``chance`` (0 <= chance < 1) spreads it over its upper
    half, so that what failed together does not come back together.
    """
    doublings = min(max(attempts - 1, 0), 64)
    wait = longest if first >= longest / 2**doublings else first * 2**doublings
    return now + wait * (0.5 + 0.5 * chance)


def whole_units(sequence: Sequence[T], n: int, unit: Callable[[T], str]) -> Iterator[Sequence[T]]:
    """The same, and members of one unit that follow each other are in one piece, unless they are more than n.

    >>> list(whole_units("aabbbc", 4, str))
    ['aa', 'bbbc']
    """
    if n < 1:
        raise ValueError(f"a batch has at least one member, not {n}")
    start = end = 0
    while end < len(sequence):
        border = end + 1
        while border < len(sequence) and unit(sequence[border]) == unit(sequence[end]):
            border += 1
        if border - start > n and end > start:
            yield sequence[start:end]
            start = end
        while border - start > n:  # a unit that is larger than a piece
            yield sequence[start : start + n]
            start += n
        end = border
    if start < len(sequence):
        yield sequence[start:]


def batches(sequence: Sequence[T], n: int) -> Iterator[Sequence[T]]:
    """The sequence in pieces of at most ``n``, in order."""
    if n < 1:
        raise ValueError(f"a batch has at least one member, not {n}")
    for start in range(0, len(sequence), n):
        yield sequence[start : start + n]
