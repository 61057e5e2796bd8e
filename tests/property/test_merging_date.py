"""DATE files: what is built is walked, and what is broken is never counted in silence."""

from __future__ import annotations

import os
from collections import Counter
from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from merging.date import START_RECORDS, build_event, is_empty_dump
from merging.datewalk import EventWalk, events
from merging.datewalk import walked as counted
from merging.errors import UnreadableInput

number = st.integers(0, (1 << 32) - 1)
sizes_of_payloads = st.integers(0, 25).map(lambda words: 4 * words)
headers = st.tuples(st.integers(1, 14), number, st.integers(0, 4095), number, sizes_of_payloads)
files = st.lists(headers, min_size=1, max_size=20)


def data_of(file):
    return b"".join(build_event(kind, run, burst, at, bytes(size)) for kind, run, burst, at, size in file)


def walked(data, sizes):
    walk, at, rest = EventWalk("file", len(data)), 0, b""
    for size in [*sizes, len(data)]:
        block = rest + data[at : at + size]
        rest = block[walk.feed(block) :]
        at += size
    walk.finish(rest)
    return walk


@given(files)
def test_what_is_built_is_found_again(tmp_path_factory, file):
    path = tmp_path_factory.mktemp("date") / "file.raw"
    path.write_bytes(data_of(file))
    found = list(events(path))
    assert [(event.type, event.run, event.burst, event.number) for event in found] == [
        header[:4] for header in file
    ]
    assert [event.size for event in found] == [68 + header[4] for header in file]
    assert [event.offset for event in found] == [
        sum(event.size for event in found[:at]) for at in range(len(found))
    ]


@given(files, st.lists(st.integers(0, 150)))
def test_blocks_of_any_size_give_the_same_walk(file, sizes):
    data = data_of(file)
    assert walked(data, sizes).counts == walked(data, []).counts == Counter(header[0] for header in file)


@given(files)
def test_counting_by_heads_sees_what_walking_sees(tmp_path_factory, file):
    path = tmp_path_factory.mktemp("date") / "file.raw"
    path.write_bytes(data_of(file))
    walk = counted(path, START_RECORDS)
    assert walk.counts == Counter(header[0] for header in file)
    assert walk.records == [event for event in events(path) if event.type in START_RECORDS]


@given(files, st.lists(st.integers(0, 150)), st.data())
def test_a_cut_file_is_refused_unless_cut_between_events(file, sizes, data):
    whole = data_of(file)
    borders = {len(data_of(file[:count])) for count in range(1, len(file) + 1)}
    cut = data.draw(st.integers(0, len(whole)))
    try:
        walk = walked(whole[:cut], sizes)
    except UnreadableInput:
        assert cut not in borders
    else:
        assert cut in borders
        assert walk.offset == cut


@given(st.binary(max_size=300))
def test_any_bytes_are_walked_or_refused(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("date") / "file.raw"
    path.write_bytes(data)
    with suppress(UnreadableInput):
        assert sum(event.size for event in events(path)) == os.path.getsize(path)
    assert is_empty_dump(path) in (len(data) == 33, False)
