"""The time to finish, on histories made by hand and on many simulated campaigns."""

from __future__ import annotations

import heapq
import math
import random
from datetime import UTC, datetime, timedelta
from statistics import median

import pytest

from transfers.forecast import Sample, forecast

START = datetime(2026, 11, 22, tzinfo=UTC)


def at(seconds):
    return START + timedelta(seconds=seconds)


def steady(hours, per_hour=600, size=10**9, latency=0.0):
    """A sample per minute; nothing comes until the latency is over."""
    minutes = round(hours * 60)
    counts = [max(0, round((minute - latency * 60) * per_hour / 60)) for minute in range(minutes + 1)]
    return [Sample(at(60 * minute), n, n * size) for minute, n in enumerate(counts)]


def hours_left(found, now):
    return [(when - now) / timedelta(hours=1) for when in (found.earliest, found.finish_at, found.latest)]


def test_a_steady_campaign_ends_when_its_rate_says():
    found = forecast(steady(10), 18_000, 18_000 * 10**9, at(36_000))
    earliest, middle, latest = hours_left(found, at(36_000))
    assert 27 < earliest < 30 < middle < 31 < latest < 38
    assert found.files_per_s == pytest.approx(600 / 3600, rel=0.01)
    assert found.bytes_per_s == pytest.approx(600e9 / 3600, rel=0.01)
    assert found.reason == "from 5990 files in 9.98 h"


def test_the_wait_for_the_first_file_is_not_counted_in_the_rate():
    found = forecast(steady(10, latency=5), 6000, 6000 * 10**9, at(36_000))
    assert hours_left(found, at(36_000))[1] == pytest.approx(10, rel=0.06)


def test_a_past_outage_makes_the_range_later_not_the_forecast():
    before = steady(5)
    after = [Sample(s.at + timedelta(hours=7), s.files + 3000, s.bytes + 3000 * 10**9) for s in before]
    outage = [Sample(at(18_000 + 60 * minute), 3000, 3000 * 10**9) for minute in range(1, 120)]
    now = at(12 * 3600)
    earliest, middle, latest = hours_left(forecast(before + outage + after, 6000, 6000 * 10**9, now), now)
    assert earliest < 10 < middle < 11.5
    assert latest > 12


@pytest.mark.parametrize("silent", [True, False], ids=["no samples", "flat samples"])
def test_an_outage_that_lasts_is_said_and_may_last_as_long_again(silent):
    history = steady(10)
    if not silent:
        history += [Sample(at(36_000 + 60 * minute), 6000, 6000 * 10**9) for minute in range(1, 240)]
    now = at(14 * 3600)
    found = forecast(history, 6000, 6000 * 10**9, now)
    _, middle, latest = hours_left(found, now)
    assert 10 < middle < 11.5
    assert latest > 14
    assert "nothing has come for 4 h" in found.reason or "nothing has come for 3.98 h" in found.reason


def test_younger_history_weighs_more():
    slow = steady(5, per_hour=600)
    fast = [Sample(s.at + timedelta(hours=5), 3000 + s.files * 2, 0) for s in steady(5)]
    found = forecast([Sample(s.at, s.files, 0) for s in slow] + fast, 9000, 0, at(36_000))
    assert 900 / 3600 < found.files_per_s < 1200 / 3600


def test_larger_files_to_come_make_it_later():
    few, many = (forecast(steady(10), 6000, 6000 * n * 10**9, at(36_000)) for n in (1, 2))
    assert few.finish_at < many.finish_at


@pytest.mark.parametrize(
    "samples",
    [
        [],
        steady(0),
        steady(10, latency=20),
        steady(0.02),
        [Sample(at(n), 7, 7) for n in range(100)],
        steady(10)[-2:],
    ],
)
def test_too_little_history_is_said(samples):
    found = forecast(samples, 100, 100, at(36_000))
    assert (found.finish_at, found.earliest, found.latest) == (None, None, None)
    assert found.reason == "not enough data yet"


def test_files_that_wait_for_a_person_are_not_in_it():
    now = at(36_000)
    found = forecast(steady(10), 100, 100 * 10**9, now, waiting_for_person=12)
    assert found.finish_at == forecast(steady(10), 100, 100 * 10**9, now).finish_at
    assert found.waiting_for_person == 12
    assert found.reason.endswith("; 12 more wait for a person")
    over = forecast(steady(10), 0, 0, now, waiting_for_person=1)
    assert over.finish_at == now
    assert over.reason == "nothing is left to recall; 1 more wait for a person"


def test_more_than_a_century_is_no_forecast():
    found = forecast(steady(10), 10**12, 0, at(36_000))
    assert found.finish_at is None
    assert "century" in found.reason


# the quality of the forecast: campaigns on a small model of a tape library


def campaign(chance):
    """When each file came and its size: drives, mounts, tapes of unequal fill, drift, outages."""
    drives = chance.choice([1, 2, 3, 4, 6, 8, 12])
    fill = math.log(chance.choice([5, 10, 20, 40]))
    tapes = [max(1, int(chance.lognormvariate(fill, 0.7))) for _ in range(drives * chance.randint(6, 30))]
    mount, seek, rate = chance.uniform(60, 180), chance.uniform(5, 60), chance.uniform(1e8, 3.5e8)
    size, spread = chance.choice([0.5e9, 1e9, 3e9, 8e9]), chance.choice([0, 0.3, 0.7])
    free = [chance.uniform(0, 3600)] * drives
    came = []
    for files in tapes:
        time = heapq.heappop(free) + mount * chance.uniform(0.7, 1.5)
        for _ in range(files):
            n = int(size * math.exp(chance.gauss(0, spread)))
            time += seek * chance.uniform(0.3, 1.7) + n / rate
            came.append((time, n))
        heapq.heappush(free, time)
    end = max(came)[0]
    drift = chance.uniform(-0.15, 0.15)
    came = sorted((time * (1 + drift * (time / end - 0.5)), n) for time, n in came)
    outages = [
        (chance.uniform(0, end), end * chance.uniform(0.02, 0.12))
        for _ in range(chance.choice([0, 0, 0, 0, 0, 1, 1, 2]))
    ]
    return [(time + sum(lasts for begin, lasts in outages if begin < time), n) for time, n in came]


def watched(chance, came, part):
    """The samples that were taken until a part of the files had come."""
    seen = came[: max(1, int(len(came) * part))]
    now, step = seen[-1][0], came[-1][0] / chance.choice([60, 200, 1000])
    times, time = [], 0.0
    while time < now:
        times.append(time)
        time += step * chance.uniform(0.5, 1.5)
    samples, files, size = [], 0, 0
    for time in [*times, now]:
        while files < len(seen) and seen[files][0] <= time:
            size += seen[files][1]
            files += 1
        samples.append(Sample(at(time), files, size))
    return samples


def quality(part, seeds):
    """The errors of the remaining time, relative to the true one, and how often the end was in the range."""
    errors, inside = [], 0
    for seed in seeds:
        chance = random.Random(seed)
        came = campaign(chance)
        samples = watched(chance, came, part)
        last, now, end = samples[-1], samples[-1].at, at(came[-1][0])
        found = forecast(samples, len(came) - last.files, sum(n for _, n in came) - last.bytes, now)
        assert found.finish_at is not None
        errors.append(abs((found.finish_at - now) / (end - now) - 1))
        inside += found.earliest <= end <= found.latest
    return errors, inside / len(seeds)


def test_at_a_quarter_the_median_error_is_within_15_percent_and_the_range_holds_the_end():
    errors, inside = quality(0.25, range(150))
    assert median(errors) < 0.15
    assert 0.8 <= inside <= 0.97


@pytest.mark.parametrize("part", [0.5, 0.75])
def test_later_it_is_no_worse(part):
    errors, inside = quality(part, range(500, 580))
    assert median(errors) < 0.15
    assert inside >= 0.75
