"""When a running campaign of recalls will be over, as a range: from what has finished so far, no more.

The theory, and where each number comes from:

- The clock of the rate starts with the first file that came: before it were queues, mounts and seeks, which
  are paid once.
- The history is cut into blocks of equal time. Blocks in which hardly anything came are outages: they do not
  spoil the rate, for the next outage is not foreseen, but they make the range later. Younger blocks weigh
  more, up to three times as much as the oldest: rates drift.
- Files and bytes each give an answer; where files differ in size neither is right alone, so it is their mean,
  and the range spans both.
- The end is slower than the middle: drives run out of tapes one by one. ``TAIL`` of the whole time is added.
- The range grows with the scatter of the blocks and with the scarcity of the history. In simulated campaigns
  with outages, drift, unequal tapes and files the end lies inside in more than eight of ten
  (tests/unit/transfers/test_forecast.py).
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import fmean, median, pstdev

MOST_BLOCKS = 20
LEAST_BLOCKS = 4
LEAST_FILES = 5
"""Files that came after the first, before anything is said."""
FLAT = 0.1  # a block with less than this part of the median rate is an outage
TAIL, TAIL_AT_MOST = 0.02, 0.06  # of the whole time: the slower end
EARLIER, LATER = 0.06, 0.12  # of the remaining time: what no history tells
SCATTER = 1.5  # standard errors of the mean rate
LONGEST = timedelta(days=36_500)


@dataclass(frozen=True, slots=True)
class Sample:
    """How many files and bytes of the campaign had been recalled by then, since its begin."""

    at: datetime
    files: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """When it will be over: ``earliest`` <= ``finish_at`` <= ``latest``; all None when it cannot be told.

    ``reason`` says to people what it rests on, or why nothing can be told. Rates are those of the recent
    history without outages; 0 when unknown. ``waiting_for_person``: files that are not in it at all.
    """

    finish_at: datetime | None
    earliest: datetime | None
    latest: datetime | None
    files_per_s: float
    bytes_per_s: float
    reason: str
    waiting_for_person: int = 0


@dataclass(frozen=True, slots=True)
class _Rate:
    """Of files or of bytes, per second: without outages, all in all, and the relative error of the first."""

    usual: float
    whole: float
    error: float


def forecast(
    samples: Sequence[Sample],
    remaining_files: int,
    remaining_bytes: int,
    now: datetime,
    waiting_for_person: int = 0,
) -> Forecast:
    """When the remaining files will have been recalled, without those that wait for a person.

    Samples may be irregular and in any order; those after ``now`` are ignored, and a count that falls back is
    taken as not rising. More remaining files or bytes never make an earlier end. Never raises.
    """
    person = max(waiting_for_person, 0)
    suffix = f"; {person} more wait for a person" if person else ""
    if remaining_files <= 0 and remaining_bytes <= 0:
        return Forecast(now, now, now, 0.0, 0.0, f"nothing is left to recall{suffix}", person)
    history = _clean(samples, now)
    if len(history) < 3 or history[-1].files - history[0].files < LEAST_FILES:
        return Forecast(None, None, None, 0.0, 0.0, f"not enough data yet{suffix}", person)
    elapsed = _seconds(history[0].at, history[-1].at)
    rates = [_rate([getattr(sample, what) for sample in history], history) for what in ("files", "bytes")]
    quiet = _quiet(history)
    left = (max(remaining_files, 0), max(remaining_bytes, 0))
    low, middle, high = _range([(n, rate) for n, rate in zip(left, rates, strict=True)], elapsed, quiet)
    if high > LONGEST.total_seconds():
        reason = f"at this rate it would take more than a century{suffix}"
        return Forecast(None, None, None, rates[0].usual, rates[1].usual, reason, person)
    try:
        finish_at, earliest, latest = (now + timedelta(seconds=seconds) for seconds in (middle, low, high))
    except OverflowError:
        return Forecast(None, None, None, 0.0, 0.0, "the calendar ends before the campaign", person)
    reason = f"from {history[-1].files - history[0].files} files in {_hours(elapsed)}"
    if quiet > max(3 * _usual_gap(history), elapsed / MOST_BLOCKS):
        reason += f"; nothing has come for {_hours(quiet)}"
    return Forecast(finish_at, earliest, latest, rates[0].usual, rates[1].usual, reason + suffix, person)


def _range(work: Sequence[tuple[int, _Rate]], elapsed: float, quiet: float) -> tuple[float, float, float]:
    """Seconds that remain: at least, probably, at most."""
    known = [(n, rate) for n, rate in work if rate.usual > 0]
    usual = [n / rate.usual for n, rate in known]
    whole = [n / rate.whole for n, rate in known]
    error = SCATTER * max(rate.error for _, rate in known)
    middle = fmean(usual)
    low = min(usual) / (1 + error + EARLIER)
    high = max(usual + whole) * (1 + error + LATER)
    tail = min(TAIL * (elapsed + middle), middle / 2)
    tail_at_most = min(TAIL_AT_MOST * (elapsed + high), high)
    return low, middle + tail, high + tail_at_most + quiet  # an outage that lasts may last as long again


def _rate(counts: Sequence[int], history: Sequence[Sample]) -> _Rate:
    """The rate of a count over the blocks of its history."""
    steps = sum(after > before for before, after in pairwise(counts))
    blocks = min(MOST_BLOCKS, max(LEAST_BLOCKS, steps // 2))
    times = [_seconds(history[0].at, sample.at) for sample in history]
    width = times[-1] / blocks
    edges = [_at(times, counts, width * number) for number in range(blocks)] + [float(counts[-1])]
    rates = [(after - before) / width for before, after in pairwise(edges)]
    floor = FLAT * median(rates)
    alive = [(rate, 0.5 + number / blocks) for number, rate in enumerate(rates) if rate > floor]
    if not alive:
        return _Rate(0.0, 0.0, 1.0)
    usual = sum(rate * weight for rate, weight in alive) / sum(weight for _, weight in alive)
    values = [rate for rate, _ in alive]
    scatter = pstdev(values) / fmean(values) / math.sqrt(len(values))
    return _Rate(usual, fmean(rates), max(scatter, 1 / max(steps, 1)))


def _at(times: Sequence[float], counts: Sequence[int], when: float) -> float:
    """The count at a time, along straight lines between the samples."""
    after = bisect_right(times, when)
    if after >= len(times):
        return float(counts[-1])
    before = max(after - 1, 0)
    span = times[after] - times[before]
    part = (when - times[before]) / span if span > 0 else 0.0
    return counts[before] + (counts[after] - counts[before]) * part


def _clean(samples: Sequence[Sample], now: datetime) -> list[Sample]:
    """In order of time, one per time, never falling, from the first file that came until the last word.

    Silence of the samples themselves, for much longer than is usual between two, is a flat piece until now.
    """
    found: list[Sample] = []
    for sample in sorted((s for s in samples if s.at <= now), key=lambda s: s.at):
        files, size = max(sample.files, 0), max(sample.bytes, 0)
        if found:
            files, size = max(files, found[-1].files), max(size, found[-1].bytes)
        if found and found[-1].at == sample.at:
            found.pop()
        found.append(Sample(sample.at, files, size))
    first = next((number for number, sample in enumerate(found) if sample.files > 0), len(found))
    found = found[first:]
    if len(found) > 2 and _seconds(found[-1].at, now) > 3 * _usual_gap(found):
        found.append(Sample(now, found[-1].files, found[-1].bytes))
    return found


def _usual_gap(history: Sequence[Sample]) -> float:
    return median(_seconds(a.at, b.at) for a, b in pairwise(history))


def _quiet(history: Sequence[Sample]) -> float:
    """Seconds since the last file came."""
    last = next(sample.at for sample in history if sample.files == history[-1].files)
    return _seconds(last, history[-1].at)


def _seconds(begin: datetime, end: datetime) -> float:
    return (end - begin).total_seconds()


def _hours(seconds: float) -> str:
    return f"{seconds / 3600:.3g} h" if seconds >= 3600 else f"{seconds / 60:.2g} min"
