"""The files of the simulated tape library: rows at rest, records awake, many at once, in little memory."""

from __future__ import annotations

import gc
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.checksum import Adler32
from transfers.backends.tapelibrary import LibrarySettings, TapeLibrary
from transfers.backends.tapelibrary.table import Table
from transfers.errors import FileExists
from transfers.model import StageOrder

SUM = Adler32(7)
PATHS = st.text(st.sampled_from("/ab\N{LATIN SMALL LETTER E WITH ACUTE}\udc80"), max_size=4)


@given(st.lists(st.tuples(st.booleans(), PATHS), max_size=60))
def test_a_table_is_a_dictionary(steps):
    table, known = Table(), {}
    for number, (add, path) in enumerate(steps):
        if add and path not in known:
            table.add(path, number, number, 1, number, float(number))
            known[path] = number
        elif not add:
            assert table.remove(path) == (known.pop(path, None) is not None)
    assert len(table) == len(known)
    assert [table.path(row) for row in table] == list(known)
    assert {path: table.size[table.row(path)] for path in known} == known
    assert all(table.row(path) == -1 for _, path in steps if path not in known)


def test_rows_of_removed_files_are_dropped_when_they_are_many():
    table = Table()
    for number in range(20_000):
        table.add(f"/d/{number}", number, 1, 2, 3, 4.0)
        table.stages[table.row(f"/d/{number}")] = number
        if number >= 100:
            assert table.remove(f"/d/{number - 100}")
    assert len(table) == 100
    assert len(table.size) < 3000
    assert all(table.stages[table.row(f"/d/{n}")] == n for n in range(19_900, 20_000))


def test_files_look_like_a_dictionary():
    tapes = TapeLibrary()
    tapes.add_on_tape("/b", 1, SUM, now=0)
    tapes.add_on_tape("/a", 2, SUM, now=0)
    tapes.add_to_buffer("/c", 3, SUM, now=0)
    tapes.stage([StageOrder("/a", 2)], 0)
    assert list(tapes.files) == ["/b", "/a", "/c"]
    assert len(tapes.files) == 3
    assert {path: record.size for path, record in tapes.files.items()} == {"/b": 1, "/a": 2, "/c": 3}
    assert "/z" not in tapes.files
    with pytest.raises(KeyError):
        tapes.files["/z"]
    with pytest.raises(KeyError):
        del tapes.files["/z"]
    del tapes.files["/a"]
    assert tapes.files.pop("/b").size == 1
    assert list(tapes.files) == ["/c"]


def test_who_watches_is_told_of_every_write_and_removal():
    tapes, told = TapeLibrary(), []
    tapes.files.watch(
        lambda path, old, new: told.append((path, old and old.size, new.size)),
        lambda path: told.append((path, path in tapes.files)),
    )
    tapes.add_to_buffer("/a", 1, SUM, now=0)
    tapes.add_on_tape("/a", 2, SUM, now=0)
    tapes.add_many([("/b", 3, SUM)], now=0)
    tapes.remove("/a")
    tapes.remove("/a")
    tapes.files.vanish("/b")
    assert told == [("/a", None, 1), ("/a", 1, 2), ("/b", None, 3), ("/a", True)]
    assert len(tapes.files) == 0
    assert tapes.buffer.used == 0


def test_many_are_new_files():
    tapes = TapeLibrary()
    assert tapes.add_many([("/a", 1, SUM), ("/b", 1, SUM)], now=0) == 2
    with pytest.raises(FileExists):
        tapes.add_many([("/c", 1, SUM), ("/a", 1, SUM)], now=0)
    assert list(tapes.files) == ["/a", "/b", "/c"]


def test_a_file_remembers_at_rest_how_often_it_was_asked_for_and_read():
    tapes = TapeLibrary()
    tapes.add_on_tape("/a", 1, SUM, now=0)
    tapes.inject("/a", "lost")
    for now in (0, 100, 200):
        token = tapes.stage([StageOrder("/a", 1)], now).token
        tapes.advance(now + 50)
        tapes.release(token, "/a", now + 50)
    assert tapes.files.active == {}
    assert (tapes.files["/a"].stages, tapes.files["/a"].recalls) == (3, 2)


def test_a_file_on_tape_costs_little_memory():
    files = 60_000
    tapes = TapeLibrary(LibrarySettings(write_drives=3))
    gc.collect()
    tracemalloc.start()
    tapes.add_many(((f"/castor/raw/W{n % 7}/cdr{n:08d}.raw", n, SUM) for n in range(files)), now=0)
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert used / files < 120  # some 80 bytes
