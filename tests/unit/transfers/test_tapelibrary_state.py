"""States of the simulated tape library that an older program has written."""

from __future__ import annotations

import json

import pytest

from catalog.checksum import Adler32
from catalog.states import Locality
from transfers.backends.tapelibrary import Fault, LibrarySettings, TapeLibrary
from transfers.model import Done, Failed, Pending, StageOrder, TapePlace

SUM = Adler32(7)
MACHINE = LibrarySettings(drives=1, mount=10, unmount=5, seek=2, rate=100, archive_delay=60, tape_size=450)

# a: done at 11; b: corrupt, done at 12; c: fails at 13; d: stuck; e: done at 30; f: lost; w, x: written
FIRST = """{"version": 1, "generation": 3, "counters": [1, 2, 2, 210, 4], "drives": [[31.0, "T00002", 1]],
"injections": [["/b", "corrupt", 0, 1.0], ["/z", "refuse", null, 0.5]],
"files": {
"/a": [100, 7, "T00001", 0, 0, 11.0, Infinity, {"request-1": 1000.0}, null, "", 1, false],
"/b": [100, 7, "T00001", 1, 0, 12.0, Infinity, {"request-1": 1000.0}, [100, 1048102454], "corrupt", 1, false],
"/c": [100, 7, "T00001", 2, 0, Infinity, 13.0, {"request-1": 1000.0}, null, "", 1, false],
"/d": [100, 7, "T00001", 3, 0, Infinity, Infinity, {"request-1": 1000.0}, null, "", 1, false],
"/e": [100, 7, "T00002", 0, 0, 30.0, Infinity, {"request-1": 1000.0}, null, "", 1, false],
"/f": [100, 7, "T00002", 1, 0, 31.0, Infinity, {"request-1": 1000.0}, null, "", 1, true],
"/w": [5, 7, "T00002", 2, 60, 0, Infinity, {}, null, "", 0, false],
"/x": [5, 7, "T00002", 3, 150, 90, Infinity, {}, null, "", 0, false]}}"""


def first(now):
    tapes = TapeLibrary(MACHINE)
    tapes.load(json.loads(FIRST), now)
    return tapes


def answers(tapes, now):
    """What each file's request is told: done, pending or a code."""
    told = {}
    for name in "abcdef":
        match tapes.poll("request-1", f"/{name}", now):
            case Done():
                told[name] = "done"
            case Pending():
                told[name] = "pending"
            case Failed(code=code):
                told[name] = code
    return told


@pytest.mark.parametrize("now", [0, 10, 12, 12.5, 13, 29, 31, 500])
def test_what_was_planned_and_not_over_is_queued_anew(now):
    tapes = first(now)
    begun = answers(tapes, now)
    assert [begun[name] for name in "ab"] == ["done" if now >= at else "pending" for at in (11, 12)]
    assert begun["c"] == ("tape_lost" if now >= 13 else "pending")
    later = answers(tapes, now + 200)
    done = {"a": "done", "b": "done", "e": "done"}
    lost = "done" if now >= 31 else "tape_lost"  # lost on tape, and recalled before
    assert later == {**done, "c": "tape_lost", "d": "pending", "f": lost}
    assert tapes.readable("/a", now + 200) == (100, SUM)
    assert tapes.readable("/b", now + 200) != (100, SUM)


def test_the_rest_is_as_it_was():
    tapes = first(100)
    assert (tapes.generation, tapes.mounts, tapes.drives[0].tape) == (3, 2, "T00002")
    assert tapes.injections[1].kind is Fault.REFUSE
    assert tapes.observe("/w", 100).locality is Locality.ONLINE_AND_NEARLINE
    assert tapes.observe("/x", 100).locality is Locality.ONLINE
    assert tapes.observe("/x", 150).place == TapePlace("T00002", 3)
    assert tapes.stage([StageOrder("/a", 100)], 150).token == "request-2"
    tapes.add_to_buffer("/y", 100, SUM, now=151)
    assert tapes.observe("/y", 300).place == TapePlace("T00002", 4)


def test_what_was_taken_over_is_kept_in_the_new_way():
    tapes = first(12.5)
    tapes.advance(13)
    data = json.loads(json.dumps(tapes.to_data()))
    assert data["version"] == 2
    other = TapeLibrary(MACHINE)
    other.load(data)
    assert answers(other, 500) == answers(tapes, 500)
    assert other.to_data() == tapes.to_data()


def test_fewer_drives_than_before_read_what_was_being_read():
    settings = LibrarySettings(drives=2, mount=10, rate=100)
    tapes = TapeLibrary(settings)
    for tape in ("T1", "T2"):
        tapes.add_on_tape(f"/{tape}", 100, SUM, now=0, tape=tape)
    token = tapes.stage([StageOrder("/T1", 100), StageOrder("/T2", 100)], 0).token
    tapes.advance(10.5)
    data = json.loads(json.dumps(tapes.to_data()))
    one = TapeLibrary(LibrarySettings(drives=1, mount=10, rate=100))
    one.load(data)
    assert one.poll(token, "/T1", 11) == Done()
    assert one.poll(token, "/T2", 50) == Done()
    assert one.files["/T2"].recalls == 1
