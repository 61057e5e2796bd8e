"""``ddm job split``: files of the catalogue, divided among jobs; what is not known is told, never guessed."""

from __future__ import annotations

import json
import sqlite3

import pytest

from catalog.errors import ExitCode, NotRegistered
from ddm import splitting
from ddm.app import open_catalog
from ddm.config import load
from merging.split import JobLimits
from tests.cli.place import RAW, Place

RUN = 275678
COUNTS = (1000, 1000, 1000, 10_000, 0)


def lfn(chunk: int) -> str:
    return f"{RAW}/cdr11{chunk:03d}-{RUN}.raw"


@pytest.fixture
def place(tmp_path):
    found = Place(tmp_path / "place")
    found.good("db", "upgrade")
    raw = found.list(*(f"{lfn(n)},{100 + n},0000000{n},{count}" for n, count in enumerate(COUNTS)))
    found.good("file", "register", raw, "--dataset", "2016/W14", "--endpoint", "tape")
    return found


def uncount(place: Place) -> None:
    """One file more, of which nobody knows the events."""
    more = place.list(f"{lfn(7)},500,00000007", name="more.csv", header="lfn,size,adler32")
    place.good("file", "register", more, "--dataset", "2016/W14", "--endpoint", "tape")


def test_whole_files_by_events(place):
    found = place.json("job", "split", RUN, "--events", 5000)
    assert [(job["n_events"], job["size"]) for job in found["jobs"]] == [
        (3000, 303),
        (10_000, 103),  # a single file above the limit
        (0, 104),
    ]
    assert [file["lfn"] for job in found["jobs"] for file in job["files"]] == [lfn(n) for n in range(5)]
    assert all(file["whole"] and file["first"] == 0 for job in found["jobs"] for file in job["files"])
    assert found["uncounted"] == found["idle"] == []


def test_ranges_inside_files_have_every_event_once(place):
    found = place.json("job", "split", RUN, "--events", 5000, "--inside-files")
    assert [job["n_events"] for job in found["jobs"]] == [4333, 4333, 4334]
    ranges = [
        (file["lfn"], file["first"], file["n_events"]) for job in found["jobs"] for file in job["files"]
    ]
    for number, count in enumerate(COUNTS):
        mine = [(first, n) for name, first, n in ranges if name == lfn(number)]
        assert sum(n for _, n in mine) == count
        assert [first for first, _ in mine] == [sum(n for _, n in mine[:at]) for at in range(len(mine))]
    assert found["idle"] == [lfn(4)]
    assert [file["whole"] for file in found["jobs"][0]["files"]] == [True, True, True, False]


def test_by_bytes_an_unknown_number_of_events_is_told_and_by_events_refused(place):
    uncount(place)
    found = place.json("job", "split", "2016/W14", "--bytes", "600 B")
    assert [job["n_events"] for job in found["jobs"]] == [13_000, None]
    assert found["uncounted"] == [lfn(7)]
    assert "1 file of unknown events" in place.good("job", "split", RUN, "--bytes", "600 B")
    told = place.refused(ExitCode.FAILED, "job", "split", RUN, "--events", 5000)
    assert f"the events of 1 of 6 files are not known, first {lfn(7)}" in told
    assert "ddm events fill" in told


def test_boundaries_are_never_mixed_and_never_guessed(place):
    told = place.refused(ExitCode.FAILED, "job", "split", RUN, "--bytes", "1 GB", "--boundaries", "spill")
    assert "nobody said its spill" in told
    for number in range(5):
        place.good("meta", "set", lfn(number), f"spill={number // 2}")
    found = place.json("job", "split", RUN, "--bytes", "1 GB", "--boundaries", "run,spill")
    assert [(job["bounds"], len(job["files"])) for job in found["jobs"]] == [
        ([RUN, 0], 2), ([RUN, 1], 2), ([RUN, 2], 1)
    ]  # fmt: skip


def test_a_query_a_file_of_jobs_and_python_agree(place):
    output = place.root / "jobs.json"
    query = f"run={RUN} and n_events>0"
    assert "jobs" in place.good("job", "split", "--query", query, "--bytes", "250 B", "-o", output)
    written = json.loads(output.read_text())
    assert written == place.json("job", "split", "--query", query, "--bytes", "250 B")
    before = output.read_bytes()
    assert place.run("job", "split", RUN, "--bytes", "1 GB", "-o", output).exit_code != 0
    assert output.read_bytes() == before, "nothing is written over"
    with open_catalog(load(place.root / "ddm.toml")) as catalog:
        found = splitting.of_query(catalog, query, JobLimits(size=250))
        with pytest.raises(NotRegistered):
            splitting.of_run(catalog, 1, JobLimits(size=250))
    assert found.hash == written["hash"]


def test_what_nobody_can_divide_is_refused(place):
    for words in ((RUN,), (), (RUN, "--query", "run=1"), (RUN, "--bytes", "1 GB", "--inside-files")):
        place.refused(ExitCode.USAGE, "job", "split", *words)
    assert "no such dataset" in place.refused(ExitCode.FAILED, "job", "split", "2016/W99", "--events", 1)


def test_files_of_several_products_or_of_unknown_size_are_refused(place):
    query = f"run={RUN}"
    database = sqlite3.connect(place.root / "ddm.db")
    with database:
        database.execute("UPDATE file SET size = NULL, adler32 = NULL WHERE chunk = '11004'")
    told = place.refused(ExitCode.FAILED, "job", "split", "--query", query, "--bytes", "1 GB")
    assert f"the size of 1 of 5 files is not known, first {lfn(4)}" in told
    with database:
        database.execute("UPDATE file SET role = 'final', product = 'mDST' WHERE chunk = '11000'")
    database.close()
    told = place.refused(ExitCode.USAGE, "job", "split", "--query", query, "--bytes", "1 GB")
    assert "several kinds (final mDST, raw raw)" in told
    assert "role=final" in told
