"""The demo's raw data: what a period looks like, and that its papers tell the truth."""

from __future__ import annotations

import csv
import random
import re
from collections import Counter
from pathlib import Path

import pytest

from catalog.checksum import adler32
from ddm.demo.rawdata import make_period, write_raw_catalogue, write_registration
from merging import counters
from merging.date import EventType
from merging.datewalk import events


@pytest.fixture
def period(tmp_path: Path):
    return make_period(tmp_path / "tape", rng=random.Random(7), chunks=(6, 5), events=(20, 40))


def where(tmp_path: Path, lfn: str) -> Path:
    return tmp_path / "tape" / lfn.lstrip("/")


def test_names_are_those_of_the_experiment(period) -> None:
    assert period[0].lfn == "/castor/cern.ch/compass/data/2016/raw/W14/cdr11091-275678.raw"
    for chunk in period:
        assert re.fullmatch(rf".*/2016/raw/W14/cdr{chunk.chunk}-{chunk.run}\.raw", chunk.lfn)
        assert re.fullmatch(r"1[1-4]\d{3}", chunk.chunk)
    assert Counter(chunk.run for chunk in period) == {275678: 6, 275679: 5}
    assert len({chunk.lfn for chunk in period}) == 11


def test_the_default_runs_have_24_and_20_chunks_of_their_own(tmp_path: Path) -> None:
    period = make_period(tmp_path, rng=random.Random(1), events=(1, 2))
    assert Counter(chunk.run for chunk in period) == {275678: 24, 275679: 20}
    assert len({chunk.chunk for chunk in period}) == 44


def test_papers_say_what_the_files_hold(period, tmp_path: Path) -> None:
    for chunk in period:
        data = where(tmp_path, chunk.lfn).read_bytes()
        assert (len(data), adler32([data])) == (chunk.size, chunk.adler32)
        counted = counters.find("date")(where(tmp_path, chunk.lfn))
        assert chunk.n_events in (counted, None)
        assert {event.run for event in events(where(tmp_path, chunk.lfn))} == {chunk.run}


def test_one_count_is_unknown_and_one_chunk_is_empty(period, tmp_path: Path) -> None:
    (unknown,) = [chunk for chunk in period if chunk.n_events is None]
    (empty,) = [chunk for chunk in period if chunk.n_events == 0]
    assert counters.find("date")(where(tmp_path, unknown.lfn)) >= 20
    assert counters.find("date")(where(tmp_path, empty.lfn)) == 0
    assert empty.size > 0


@pytest.mark.parametrize("chunks", [(2,), (3,), (1, 1), (4,), (5,), (1, 4)])
def test_small_periods_have_both_as_well(tmp_path: Path, chunks: tuple[int, ...]) -> None:
    period = make_period(tmp_path, rng=random.Random(1), chunks=chunks, events=(1, 2))
    assert sorted(str(chunk.n_events) for chunk in period if not chunk.n_events) == ["0", "None"]


def test_events_are_of_every_kind_and_spills_never_go_back(period, tmp_path: Path) -> None:
    walked = list(events(where(tmp_path, period[0].lfn)))
    kinds = EventType
    assert walked[0].type == kinds.START_OF_RUN
    assert {event.type for event in walked} == {
        kinds.START_OF_RUN, kinds.START_OF_BURST, kinds.PHYSICS, kinds.CALIBRATION, kinds.END_OF_BURST
    }  # fmt: skip
    bursts = [event.burst for event in walked]
    assert bursts == sorted(bursts)
    numbers = [event.number for event in walked if event.type == kinds.PHYSICS]
    assert numbers == sorted(set(numbers))


def test_the_same_seed_makes_the_same_bytes(period, tmp_path: Path) -> None:
    again = make_period(tmp_path / "again", rng=random.Random(7), chunks=(6, 5), events=(20, 40))
    other = make_period(tmp_path / "other", rng=random.Random(8), chunks=(6, 5), events=(20, 40))
    assert again == period
    assert other != period


def test_existing_raw_data_are_not_overwritten(period, tmp_path: Path) -> None:
    with pytest.raises(FileExistsError):
        make_period(tmp_path / "tape", rng=random.Random(9), chunks=(6, 5), events=(20, 40))
    data = where(tmp_path, period[0].lfn).read_bytes()
    assert adler32([data]) == period[0].adler32


@pytest.mark.parametrize("chunks", [(), (3, 0), (4000,)])
def test_impossible_periods_are_refused(tmp_path: Path, chunks: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="chunk"):
        make_period(tmp_path, rng=random.Random(1), chunks=chunks, events=(0, 0))


def test_the_raw_catalogue_has_a_line_for_each_chunk(period, tmp_path: Path) -> None:
    write_raw_catalogue(period, tmp_path / "raw.txt")
    lines = [line.split(" ") for line in (tmp_path / "raw.txt").read_text().splitlines()]
    assert [(int(run), lfn) for run, lfn, _ in lines] == [(chunk.run, chunk.lfn) for chunk in period]
    unknown = [lfn for _, lfn, n_events in lines if n_events == "-1"]
    assert unknown == [chunk.lfn for chunk in period if chunk.n_events is None]


def test_the_registration_list_leaves_the_unknown_empty(period, tmp_path: Path) -> None:
    write_registration(period, tmp_path / "list.csv")
    with open(tmp_path / "list.csv", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["lfn"] for row in rows] == [chunk.lfn for chunk in period]
    assert [row["n_events"] for row in rows] == [
        "" if chunk.n_events is None else str(chunk.n_events) for chunk in period
    ]
    assert [row["adler32"] for row in rows] == [str(chunk.adler32) for chunk in period]
