"""Whatever bytes a reader gets: rows that are there, entries that are refused, or BadInput. Nothing else."""

from __future__ import annotations

import contextlib
import csv
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from catalog.checksum import Adler32
from catalog.errors import BadInput
from ddm.sources import formats
from ddm.sources.rows import Refused, Row

BITS = [
    b"/castor/a/cdr11091-275678.raw",
    b"lfn,size,adler32,n_events",
    b'{"lfn": "/a", "size": 1, "x": 2.5}',
    b'{"af": {"size": "1", "checksum": [{"type": "ADLER32", "value": "0004a9f1"}]}, "df": {"path": "/a"}',
    b'"tf": {"vid": "V1", "copyNb": 1}}',
    b"-rw-r--r-- a b 12 2016-07-01 12:00:00 /a",
    b"275678 /a 12",
    b"path=/a size=1 checksum=0004a9f1",
    b'path="/a" type=file',
    b"keylength.file=2 file=/a size=1 xs=0004a9f1",
    b"12 /a",
    b"[",
    b"]",
    b",",
    b"\n",
    b"\r\n",
    b"\0",
    b'"',
    b"\xff",
    b"\xc3\xa4",
    b"\x1f\x8b\x08",
    b"BZh9",
    b"PAR1",
    b"=",
    b"-1",
]
soup = st.lists(st.one_of(st.sampled_from(BITS), st.binary(max_size=8)), max_size=30).map(b"".join)
lines = st.lists(st.sampled_from(BITS), max_size=12).map(b"\n".join)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)
@given(data=st.one_of(soup, lines, st.binary(max_size=200)))
@example(data=b"")
@pytest.mark.parametrize("name", list(formats.FORMATS))
def test_any_bytes_give_rows_that_are_there_or_bad_input(tmp_path: Path, name: str, data: bytes) -> None:
    path = tmp_path / "list"
    path.write_bytes(data)
    try:
        found = list(formats.rows(path, "list", name))
    except BadInput as error:
        assert error.subject  # noqa: PT017
        return
    for entry in found:
        assert entry.where.startswith("list:")
        if isinstance(entry, Refused):
            assert entry.why
        elif not data.startswith((b"\x1f\x8b", b"BZh", b"PAR1")):
            _is_there(entry, data, name)


def _is_there(row: Row, data: bytes, name: str) -> None:
    written = [row.lfn.encode(), json.dumps(row.lfn).encode()[1:-1], row.lfn.replace('"', '""').encode()]
    assert any(form in data for form in written)
    assert row.size is None or str(row.size).encode() in data or name in ("jsonl", "cta")
    assert row.adler32 is None or str(row.adler32).encode() in data.lower()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(data=soup)
def test_the_format_of_any_bytes_is_guessed_or_asked_for(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "list"
    path.write_bytes(data)
    with contextlib.suppress(BadInput):
        assert formats.guess(path) in formats.FORMATS


NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\n\r\0"), min_size=1, max_size=30)
FILES = st.lists(
    st.tuples(
        NAMES.map(lambda name: f"/d/{name}"),
        st.none() | st.integers(0, (1 << 63) - 1),
        st.none() | st.integers(0, (1 << 32) - 1).map(Adler32),
        st.none() | st.integers(0, 1 << 40),
    ),
    min_size=1,
    max_size=20,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(files=FILES)
def test_what_is_written_is_what_is_read(tmp_path: Path, files) -> None:
    names = ("lfn", "size", "adler32", "n_events")
    with open(tmp_path / "csv", "w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(names)
        writer.writerows([["" if cell is None else cell for cell in file] for file in files])
    with open(tmp_path / "jsonl", "w") as stream:
        for file in files:
            said = dict(zip(names, file, strict=True))
            said["adler32"] = None if file[2] is None else str(file[2])
            stream.write(json.dumps(said) + "\n")
    for name in ("csv", "jsonl"):
        found = list(formats.rows(tmp_path / name, "list", name))
        assert [(row.lfn, row.size, row.adler32, row.n_events) for row in found] == files
