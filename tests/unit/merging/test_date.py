from __future__ import annotations

import struct

import pytest

from merging.date import EMPTY_DUMP, DateEvent, EventType, build_event, is_empty_dump
from merging.datewalk import EventWalk, events
from merging.errors import UnreadableInput


def test_an_event_is_built_as_the_format_says():
    event = build_event(
        EventType.PHYSICS, 275678, 3, 4711, b"\1\2\3\4", number_in_burst=17, trigger=2048, seconds=1470009600
    )
    words = struct.unpack("<17I", event[:68])
    assert words[:8] == (72, 0xDA1E5AFE, 68, 0x00030006, 7, 275678, 4711, 3 << 20 | 17)
    assert (words[8] >> 1) + (words[9] << 31 & 0xFFFFFFFF) == 2048
    assert words[16] == 1470009600
    assert event[68:] == b"\1\2\3\4"


def test_a_walk_tells_where_events_are(tmp_path):
    path = tmp_path / "cdr11091-275678.raw"
    path.write_bytes(build_event(1, 275678, 0, 0) + build_event(7, 275678, 2, 1, bytes(8)))
    assert list(events(path)) == [
        DateEvent(0, 68, EventType.START_OF_RUN, 275678, 0, 0),
        DateEvent(68, 76, EventType.PHYSICS, 275678, 2, 1),
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        {"payload": b"123"},
        {"burst": 4096},
        {"burst": -1},
        {"number_in_burst": 1 << 20},
        {"run": 1 << 32},
        {"seconds": -1},
    ],
)
def test_what_does_not_fit_the_header_is_not_built(wrong):
    with pytest.raises(ValueError):
        build_event(**{"type": 7, "run": 1, "burst": 1, "number": 1} | wrong)


def test_the_sentinel_of_an_empty_dump_has_33_bytes(tmp_path):
    path = tmp_path / "evtdump0-11091-275678.raw"
    path.write_bytes(EMPTY_DUMP)
    assert len(EMPTY_DUMP) == 33
    assert EMPTY_DUMP.endswith(b"\n")
    assert is_empty_dump(path)


@pytest.mark.parametrize(
    ("content", "empty"),
    [
        (b"x" * 33, True),
        (b"", False),
        (b"x" * 32, False),
        (b"x" * 34, False),
        (build_event(7, 1, 1, 1)[:33], False),
        (struct.pack(">II", 68, 0xDA1E5AFE) + bytes(25), False),
    ],
)
def test_other_sentences_of_33_bytes_are_sentinels_but_no_start_of_an_event(tmp_path, content, empty):
    path = tmp_path / "dump.raw"
    path.write_bytes(content)
    assert is_empty_dump(path) is empty


def test_a_file_that_shrinks_under_our_hands_is_refused():
    walk = EventWalk("file", 136)
    walk.feed(build_event(7, 1, 1, 1))
    with pytest.raises(UnreadableInput, match="the file has changed: 68 bytes read of 136"):
        walk.finish()


def test_a_file_that_grows_under_our_hands_is_refused():
    walk = EventWalk("file", 68)
    grown = build_event(7, 1, 1, 1) * 2
    with pytest.raises(UnreadableInput, match="the file has changed: 136 bytes read of 68"):
        walk.finish(grown[walk.feed(grown) :])
