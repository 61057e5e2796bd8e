"""Papers of carriages: what was written is read, and what was altered is refused."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.checksum import Adler32
from catalog.errors import BadInput
from transfers.carrying.lists import (
    Arrival,
    Carried,
    CarryList,
    Checked,
    Report,
    path_of,
    read_list,
    read_report,
    write_list,
    write_report,
)

names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20).map("/{}".format)
adlers = st.integers(0, 2**32 - 1).map(Adler32)
carried = st.lists(
    st.builds(Carried, names, names, st.integers(0, 2**50), adlers, st.sampled_from(["", "root://h//x"])),
    min_size=1,
    max_size=6,
    unique_by=(lambda file: file.lfn, lambda file: file.path),
)


def checked(file, arrival):
    match arrival:
        case Arrival.SAME:
            return Checked(file, arrival, file.size, file.adler32, 7)
        case Arrival.CHECKSUM:
            return Checked(file, arrival, file.size, Adler32(int(file.adler32) ^ 1), 7, "other bytes")
        case Arrival.SIZE:
            return Checked(file, arrival, file.size + 1, None, 7)
        case _:
            return Checked(file, arrival, why="not there")


def on_disk(write, read, alter=lambda lines: lines):
    out = io.StringIO()
    write(out)
    with TemporaryDirectory() as directory:
        path = Path(directory, "paper")
        path.write_text("\n".join(alter(out.getvalue().split("\n"))), encoding="utf-8")
        return read(path)


def report(files, arrivals):
    listed = CarryList("hpc", tuple(files))
    found = tuple(
        checked(file, arrivals[place % len(arrivals)])
        for place, file in enumerate(Carried(f.lfn, f.path, f.size, f.adler32) for f in files)
    )
    when = datetime(2026, 11, 29, tzinfo=UTC)
    return Report("hpc", listed.digest, "/scratch", "node1", when, found, ("/a/extra",))


@given(carried)
def test_a_list_is_read_as_it_was_written(files):
    listed = CarryList("hpc", tuple(files))
    assert on_disk(lambda out: write_list(listed, out), read_list) == listed
    assert CarryList("hpc", tuple(reversed(files))).digest == listed.digest


@given(carried, st.lists(st.sampled_from(Arrival), min_size=1))
def test_a_report_is_read_as_it_was_written(files, arrivals):
    told = report(files, arrivals)
    assert on_disk(lambda out: write_report(told, out), read_report) == told
    assert sum(told.counts.values()) == len(files)


@given(carried, st.data())
def test_an_altered_paper_is_refused(files, data):
    """Whatever is changed in a line that says what a file is: the paper is refused, by its digest."""
    place = data.draw(st.integers(1, len(files)))
    key = data.draw(st.sampled_from(["lfn", "path", "size", "adler32", None]))

    def alter(lines):
        if key is None:
            return lines[:place] + lines[place + 1 :]
        words = json.loads(lines[place])
        words[key] = words[key] + (1 if key == "size" else "x") if key != "adler32" else "00000002"
        if key == "adler32" and files[place - 1].adler32 == 2:
            words[key] = "00000003"
        return [*lines[:place], json.dumps(words), *lines[place + 1 :]]

    listed = CarryList("hpc", tuple(files))
    with pytest.raises(BadInput):
        on_disk(lambda out: write_list(listed, out), read_list, alter)
    with pytest.raises(BadInput):
        on_disk(lambda out: write_report(report(files, [Arrival.MISSING]), out), read_report, alter)


@given(st.lists(st.text(max_size=60), max_size=5))
def test_any_text_is_read_or_refused(lines):
    for read in (read_list, read_report):
        with TemporaryDirectory() as directory:
            path = Path(directory, "paper")
            path.write_text("\n".join(lines), encoding="utf-8", errors="replace")
            with pytest.raises(BadInput):
                read(path)


def test_paths_of_urls():
    assert path_of("root://h:1094//eos/a") == "/eos/a"
    assert path_of("file:///scratch/a") == "/scratch/a"
    assert path_of("/scratch/a") == "/scratch/a"
