"""What a server says is in a directory, in pieces: all of it, or a word that it cannot be read."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transfers.backends.xrootd.commands import IS_DIR, OFFLINE, OTHER, POSC_PENDING
from transfers.backends.xrootd.rows import Found, Names, Rows

NAMES = st.binary(min_size=1, max_size=12).filter(
    lambda name: not set(name) & set(b"\0\n/") and name not in (b".", b"..")
)
FLAGS = st.sampled_from([16, 48, 48 | IS_DIR, OTHER, OTHER | OFFLINE, 16 | POSC_PENDING])
ENTRY = st.tuples(st.integers(0, 1 << 62), FLAGS, st.integers(0, 1 << 40))
ENTRIES = st.dictionaries(NAMES, ENTRY, max_size=30)


def told(entries: dict[bytes, tuple[int, int, int]], sizes: bool = True) -> list[bytes]:
    """As a server tells them, entry by entry; the end of the last is a zero."""
    parts = [b".\n0 0 0 0\n"] if sizes else []
    for number, (name, (size, flags, at)) in enumerate(entries.items()):
        stat = b"%d %d %d %d 1 1 0644 user group\n" % (number + 1, size, flags, at) if sizes else b""
        parts.append(name + b"\n" + stat)
    if parts:
        parts[-1] = parts[-1][:-1] + b"\0"
    return parts


def read(parts: list[bytes]) -> Found:
    rows = Rows()
    for part in parts:
        rows.add(memoryview(part))
    return rows.found()


def text(name: bytes) -> str:
    return name.decode(errors="surrogateescape")


@given(ENTRIES)
def test_every_entry_comes_out_as_what_it_is(entries: dict[bytes, tuple[int, int, int]]) -> None:
    found = read(told(entries))
    files = {
        text(name): (size, at or -1)
        for name, (size, flags, at) in entries.items()
        if not flags & (IS_DIR | POSC_PENDING) and flags != OTHER
    }
    columns = zip(found.sizes, found.modified, strict=True)
    assert dict(zip(found.names, columns, strict=True)) == files
    assert set(found.directories) == {text(name) for name, entry in entries.items() if entry[1] & IS_DIR}
    assert len(found) == len(entries)
    names = Names()
    for part in told(entries, sizes=False):
        names.add(part)
    assert len(names) == len(entries)
    assert set(names.all()) == {text(name) for name in entries}
    assert found.missing(names.all()) == []


@given(st.dictionaries(NAMES, ENTRY, min_size=1, max_size=8), st.integers(0, 1000), st.integers(1, 1000))
def test_a_line_too_few_or_too_many_is_seen(
    entries: dict[bytes, tuple[int, int, int]], start: int, length: int
) -> None:
    """Of a name with a line break, or an answer that was cut."""
    whole = b"".join(told(entries))
    lines = whole.rstrip(b"\0").split(b"\n")
    at = 2 + start % (len(lines) - 2)
    broken = [*lines[:at], b"x", *lines[at:]]
    with pytest.raises(ValueError, match="taken apart"):
        read([b"\n".join(broken) + b"\0"])
    with pytest.raises(ValueError, match="taken apart"):
        read([b"\n".join(lines[:at] + lines[at + 1 :]) + b"\0"])


def test_a_server_that_tells_no_sizes_is_not_believed() -> None:
    with pytest.raises(ValueError, match="without sizes"):
        read([b"a\nb\0"])
    with pytest.raises(ValueError, match="without sizes"):
        read([])


def test_checksums_are_read_where_there_are_any() -> None:
    stat = b"1 5 16 7 1 1 0644 u g [ %s ]\n"
    sums = [b"adler32:0000a1b2", b"adler32:none", b"md5:0123", b"adler32:a1b2"]
    parts = [b".\n0 0 0 0\n", *(b"%d\n" % number + stat % one for number, one in enumerate(sums))]
    assert list(read(parts).sums) == [0xA1B2, -1, -1, 0xA1B2]


def test_what_a_server_left_out_is_missing() -> None:
    entries = {b"%d" % number: (number, 16, 1) for number in range(9)}
    names = Names()
    for part in told(entries, sizes=False):
        names.add(part)
    short = dict(list(entries.items())[:5])
    assert len(read(told(short))) < len(names)
    assert read(told(short)).missing(names.all()) == ["5", "6", "7", "8"]


@given(ENTRIES, st.integers(1, 7))
def test_pieces_make_no_difference(entries: dict[bytes, tuple[int, int, int]], many: int) -> None:
    parts = told(entries)
    cuts = [*range(0, len(parts), many), len(parts)]
    pieces = [b"".join(parts[start:end]) for start, end in pairwise(cuts)]
    assert read(pieces) == read(parts)
