"""What to do next, and when: pure functions of what is wanted, what is free, and one number of chance."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file that waits for its recall. ``unit``: which are needed together (a run); ``size`` in bytes."""

    item_id: int
    unit: str
    size: int


def stage_batch(
    wanted: Sequence[Wanted], *, free_bytes: int | None, free_files: int, idle: bool
) -> list[int]:
    """The items to recall now, within the budget: whole units, in the order in which they first appear.

    A unit is taken whole or not at all, and one that does not fit ends the batch: later ones do not overtake
    it, so a large unit is never starved. Only when nothing is staged or in flight (``idle``) and the first
    unit alone is larger than the budget, as many of its files as fit are taken, in order, and at least one:
    else the flow would never move. That one file is the only case in which ``free_bytes`` is exceeded.

    ``free_bytes`` None: no limit in bytes. A budget of zero files or zero bytes stops recalls, idle or not.
    """
    if free_files <= 0 or (free_bytes is not None and free_bytes <= 0):
        return []
    units: dict[str, list[Wanted]] = {}
    for item in wanted:
        units.setdefault(item.unit, []).append(item)
    batch: list[int] = []
    for unit in units.values():
        size = sum(item.size for item in unit)
        if len(unit) > free_files or (free_bytes is not None and size > free_bytes):
            break
        batch += [item.item_id for item in unit]
        free_files -= len(unit)
        free_bytes = None if free_bytes is None else free_bytes - size
    if batch or not idle or not wanted:
        return batch
    return _part(next(iter(units.values())), free_bytes, free_files)


def _part(unit: Sequence[Wanted], free_bytes: int | None, free_files: int) -> list[int]:
    """The first files of a unit that fit; the very first one even when it does not."""
    batch: list[int] = []
    taken = 0
    for item in unit[:free_files]:
        taken += item.size
        if batch and free_bytes is not None and taken > free_bytes:
            break
        batch.append(item.item_id)
    return batch


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


def batches(sequence: Sequence[T], n: int) -> Iterator[Sequence[T]]:
    """The sequence in pieces of at most ``n``, in order."""
    if n < 1:
        raise ValueError(f"a batch has at least one member, not {n}")
    for start in range(0, len(sequence), n):
        yield sequence[start : start + n]
