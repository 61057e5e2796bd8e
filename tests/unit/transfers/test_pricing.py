"""What a campaign will cost, and what holds up one that runs."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from transfers.pricing import PACE, Bottleneck, Library, Load, TapeLoad, Work, bottleneck, price

TB = 10**12
LIBRARY = Library(drives=4, rate=250e6, mount=60, unmount=40, seek=0, tape_size=12 * TB, latency=0)
FOUR = Work(40_000, 36 * TB, 4, [TapeLoad(10_000, 9 * TB)] * 4)


def test_reading_sets_the_pace_of_large_files_in_order():
    found = price(FOUR, LIBRARY)
    assert (found.mounts, found.mounts_at_most, found.bottleneck) == (4, 4, Bottleneck.DRIVES)
    assert found.hours == found.hours_at_most == pytest.approx((9e12 / 250e6 + 100) / 3600)
    assert found.sentence == (
        "40000 files of 4 runs, 36 TB: 4 mounts, about 10 h; the drives set the pace, reading"
    )


def test_mounts_set_the_pace_of_few_files_on_many_tapes():
    found = price(Work(400, TB, 400, [TapeLoad(1, TB // 400)] * 400), LIBRARY)
    assert (found.mounts, found.bottleneck) == (400, Bottleneck.MOUNTS)


def test_one_tape_is_read_by_one_drive():
    work = Work(1, 9 * TB, 1, [TapeLoad(1, 9 * TB), TapeLoad(1, 0), TapeLoad(0, 0)])
    found = price(work, LIBRARY)
    assert found.mounts == 2
    assert found.hours == pytest.approx((9e12 / 250e6 + 60) / 3600)


def test_without_the_tapes_it_is_a_range_from_full_tapes_to_a_tape_per_run():
    found = price(Work(40_000, 36 * TB, 300), LIBRARY)
    assert (found.mounts, found.mounts_at_most) == (3, 302)
    assert found.hours < found.hours_at_most
    assert "3 to 302 mounts, about 10 h to 13.4 h" in found.sentence


@pytest.mark.parametrize(
    ("window", "drained", "network", "expected"),
    [
        (None, None, None, Bottleneck.DRIVES),
        (None, 1e6, None, Bottleneck.DRIVES),  # everything fits, whoever reads it
        (40 * TB, 1e6, None, Bottleneck.DRIVES),
        (10 * TB, 100e6, None, Bottleneck.CONSUMERS),
        (10 * TB, 5e9, None, Bottleneck.DRIVES),
        (10**9, None, None, Bottleneck.WINDOW),
        (10 * TB, None, 100e6, Bottleneck.NETWORK),
    ],
)
def test_the_slowest_sets_the_pace(window, drained, network, expected):
    found = price(FOUR, replace(LIBRARY, network=network), window=window, drained=drained)
    assert found.bottleneck is expected
    assert found.sentence.endswith(PACE[expected])


@pytest.mark.parametrize(("window", "drained"), [(0, None), (TB, 0.0)])
def test_what_cannot_end_is_said(window, drained):
    found = price(FOUR, LIBRARY, window=window, drained=drained)
    assert math.isinf(found.hours)
    assert "never over" in found.sentence


def test_nothing_costs_nothing():
    found = price(Work(0, 0, 0), LIBRARY)
    assert (found.hours, found.mounts, found.bottleneck) == (0, 0, Bottleneck.NOTHING)
    assert found.sentence == "nothing is to be recalled"


@pytest.mark.parametrize(
    "wrong", [{"drives": 0}, {"rate": 0}, {"tape_size": 0}, {"network": -1}, {"seek": -1}]
)
def test_a_library_that_cannot_be_is_refused(wrong):
    with pytest.raises(ValueError):
        Library(**wrong)


SINCE = datetime(2026, 11, 22, 10, 2, tzinfo=UTC)
FULL = Load(queued=9, in_flight=50, in_flight_bytes=80 * TB, pinned_bytes=118 * TB, window_bytes=200 * TB)


@pytest.mark.parametrize(
    ("load", "word", "sentence"),
    [
        (Load(), Bottleneck.NOTHING, "nothing is wanted"),
        (Load(pinned_bytes=TB), Bottleneck.NOTHING, "nothing is wanted"),
        (
            replace(FULL, ill_since=SINCE, ill_by="endpoint_unreachable"),
            Bottleneck.ENDPOINT,
            "the endpoint is unreachable since 2026-11-22 10:02 UTC",
        ),
        (
            replace(FULL, ill_since=SINCE, ill_by="endpoint_busy"),
            Bottleneck.ENDPOINT,
            "the endpoint answers endpoint_busy since 2026-11-22 10:02 UTC",
        ),
        (Load(for_person=12), Bottleneck.PERSON, "12 files waiting for a person"),
        (
            FULL,
            Bottleneck.CONSUMERS,
            "the buffer is full of files that nobody reads: 118 TB of 200 TB are online",
        ),
        (
            replace(FULL, in_flight_bytes=118 * TB, pinned_bytes=80 * TB, bytes_per_s=1e9),
            Bottleneck.DRIVES,
            "the tape drives: 50 files are pending at the service, 1 GB/s come",
        ),
        (
            replace(FULL, in_flight_bytes=198 * TB, pinned_bytes=0, bytes_per_s=1e8, expected=1e9),
            Bottleneck.WINDOW,
            (
                "the window is full, and mounts take their time: 50 files are pending at the service, "
                "100 MB/s come of 1 GB/s that the drives could read"
            ),
        ),
        (
            Load(in_flight=5, bytes_per_s=1e8, expected=1e9),
            Bottleneck.MOUNTS,
            (
                "mounts and seeks, or other users of the drives: 5 files are pending at the service, "
                "100 MB/s come of 1 GB/s that the drives could read"
            ),
        ),
        (
            Load(in_flight=5, bytes_per_s=6e8, expected=1e9),
            Bottleneck.DRIVES,
            "the tape drives: 5 files are pending at the service, 600 MB/s come",
        ),
        (
            Load(in_flight=5, bytes_per_s=0.95e9, network=1e9),
            Bottleneck.NETWORK,
            "the network is full: 950 MB/s",
        ),
        (
            Load(queued=7, in_flight=5, window_bytes=TB),
            Bottleneck.FLOW,
            "7 files wait although there is room: is 'ddm flow run' running?",
        ),
        (
            Load(queued=7),
            Bottleneck.FLOW,
            "7 files wait and none is asked for: is 'ddm flow run' running?",
        ),
        (
            Load(queued=7, in_flight=100, window_files=100),
            Bottleneck.DRIVES,
            "the tape drives: 100 files are pending at the service, 0 B/s come",
        ),
        (Load(later=7), Bottleneck.ENDPOINT, "7 files failed and wait for their next try"),
    ],
)
def test_what_holds_up_a_campaign_is_said(load, word, sentence):
    assert bottleneck(load) == (word, sentence)
