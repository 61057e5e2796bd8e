"""Ranges of the events of a file: how to cut it, and whether ranges cover it exactly once. Pure.

Events are counted from 0, and a span ``(start, stop)`` is the events ``start <= n < stop``. A file of no
events is covered by no span at all. An unknown number of events is nobody's business here: without it there
is nothing to cut and nothing to check.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from catalog.errors import BadInput

LARGEST = 2**63 - 1
"""The largest number of events that a catalogue can hold."""

Span = tuple[int, int]


class Flaw(StrEnum):
    """What is wrong with the events of a flaw's span."""

    MISSING = "missing"  # in no range
    TWICE = "twice"  # in more than one
    BEYOND = "beyond"  # the file has no such events


@dataclass(frozen=True, slots=True, order=True)
class Uncovered:
    """Events that are not in exactly one range: from ``start`` up to and without ``stop``."""

    start: int
    stop: int
    flaw: Flaw

    def __str__(self) -> str:
        return f"events {self.start} to {self.stop - 1} {_WORDS[self.flaw]}"


_WORDS = {
    Flaw.MISSING: "are in no range",
    Flaw.TWICE: "are in more than one range",
    Flaw.BEYOND: "are beyond the end of the file",
}


def checked_events(events: int, subject: str = "") -> int:
    """The number of events. Raises BadInput for a negative one and one that no catalogue can hold."""
    if not 0 <= events <= LARGEST:
        what = "less than none" if events < 0 else "more than a catalogue can hold"
        raise BadInput(f"{events} events are {what}", subject=subject)
    return events


def checked_span(span: Span, subject: str = "") -> Span:
    """The span. Raises BadInput unless ``0 <= start < stop`` and it can be held."""
    start, stop = span
    if not 0 <= start < stop <= LARGEST:
        raise BadInput(f"no range of events: from {start} up to {stop}", subject=subject)
    return span


def plan(events: int, parts: int) -> list[Span]:
    """The file cut into ``parts`` ranges, in order, whose lengths differ by one event at most.

    Never an empty range: a file of fewer events than parts has a range for each. Raises BadInput.
    """
    checked_events(events)
    if parts < 1:
        raise BadInput(f"a file is cut into at least 1 range, not {parts}")
    parts = min(parts, events)
    edges = [events * n // parts for n in range(parts + 1)] if parts else []
    return list(pairwise(edges))


def plan_by_length(events: int, longest: int) -> list[Span]:
    """The file cut into the fewest ranges of at most ``longest`` events, as even as can be."""
    if longest < 1:
        raise BadInput(f"a range has at least 1 event, not {longest}")
    return plan(events, -(-checked_events(events) // longest) or 1)


def uncovered(events: int, spans: Iterable[Span]) -> list[Uncovered]:
    """Every stretch of the file that is not in exactly one span, in order; empty: the cover is exact.

    Spans may come in any order. A stretch is named once, however many spans are wrong about it.
    """
    return list(_joined(_flaws(events, sorted(spans))))


def _flaws(events: int, spans: list[Span]) -> Iterator[Uncovered]:
    """The flaws in order of the sweep: everything before ``once`` is covered, before ``twice`` seen twice."""
    once = twice = 0
    for start, stop in spans:
        if start > once:
            yield from _within(events, once, start, Flaw.MISSING)
        elif start < once:
            lower = max(start, twice)
            upper = min(stop, once)
            yield from _within(events, lower, upper, Flaw.TWICE)
            twice = max(twice, upper)
        yield from _within(events, max(start, once), stop, None)
        once = max(once, stop)
    yield from _within(events, once, events, Flaw.MISSING)


def _within(events: int, start: int, stop: int, flaw: Flaw | None) -> Iterator[Uncovered]:
    """The flaw of a stretch; what a span covers beyond the file is a flaw of its own."""
    if flaw and start < min(stop, events):
        yield Uncovered(start, min(stop, events), flaw)
    if flaw is None and max(start, events) < stop:
        yield Uncovered(max(start, events), stop, Flaw.BEYOND)


def _joined(flaws: Iterable[Uncovered]) -> Iterator[Uncovered]:
    """The flaws in order, neighbours of one kind as one."""
    last: Uncovered | None = None
    for flaw in sorted(flaws):
        if last and last.flaw == flaw.flaw and last.stop == flaw.start:
            last = Uncovered(last.start, flaw.stop, flaw.flaw)
            continue
        if last:
            yield last
        last = flaw
    if last:
        yield last
