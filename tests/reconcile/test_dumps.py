"""Lists read in the engine say what ``ddm.sources`` says of them, line by line; what is bad is counted and
kept."""

from __future__ import annotations

import gzip

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.errors import BadInput
from ddm.reconcile import dumps
from ddm.reconcile import engine as engines
from ddm.sources import formats
from ddm.sources.rows import Row

NAME = st.text(st.sampled_from("ab .é\"'\\=%_"), min_size=1, max_size=6)
SIZE = st.sampled_from(["0", "12", "1073741824", "1.5", "-1", "9" * 19, "9" * 20, "", "1e3", "+4", " 4"])
SUM = st.sampled_from(["0000abcd", "ABCDEF01", "abc", "adler32:0000abcd", "", "0x00abcd", "0000_bcd"])


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    with engines.opened(tmp_path_factory.mktemp("lists"), engines.Bounds(200, 1)) as engine:
        yield engine


def read(engine, content: bytes, format_: str, prefix: str = "/") -> tuple[dumps.Counted, list[tuple]]:
    source, part = engine.directory / "given", engine.directory / "part.parquet"
    for old in (source, part):
        old.unlink(missing_ok=True)
    source.write_bytes(content)
    counted = dumps.part(engine, source, part, prefix=prefix, format_=format_)
    return counted, engine.rows(f"SELECT path, size, adler32, problem FROM read_parquet('{part}')")


def good(rows: list[tuple]) -> list[tuple]:
    return sorted((row[:3] for row in rows if row[3] is None), key=str)


def by_sources(engine, content: bytes, format_: str) -> list[tuple]:
    source = engine.directory / "given"
    source.write_bytes(content)
    rows = [row for row in formats.rows(source, "given", format_) if isinstance(row, Row)]
    return sorted(
        ((row.lfn, row.size, None if row.adler32 is None else int(row.adler32)) for row in rows), key=str
    )


@st.composite
def lists(draw) -> tuple[str, str]:
    format_ = draw(st.sampled_from(["csv", "xrdfs", "find", "names"]))
    lines = []
    for name, size, sum_ in draw(st.lists(st.tuples(NAME, SIZE, SUM), max_size=6)):
        match format_:
            case "csv":
                lines.append(f"/{name},{size},{sum_}".replace('"', "'"))
            case "xrdfs":
                between = f" {sum_}" if sum_ else ""
                lines.append(f"-rw-r--r-- u g {size}{between} 2024-01-01 00:00:00 /{name}")
            case "find":
                lines.append(f"{size or 0} /{name}")
            case "names":
                lines.append(f"/{name}")
        if draw(st.integers(0, 5)) == 0:
            lines.append(draw(st.sampled_from(["nonsense", "d rwx", "#c", ""])) if format_ != "csv" else "x")
    header = ["lfn,size,adler32"] if format_ == "csv" else []
    return format_, "".join(line + draw(st.sampled_from(["\n", "\n", "\r\n"])) for line in header + lines)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(made=lists())
def test_the_engine_takes_what_the_readers_take(engine, made: tuple[str, str]) -> None:
    format_, text = made
    if format_ in ("xrdfs", "find"):
        text = text.replace("\r", "")
    _, rows = read(engine, text.encode(), format_)
    expected = by_sources(engine, text.encode(), format_)
    assert good(rows) == [row for row in expected if row[0].startswith("/") and row[0] != "/"]


def test_names_with_line_breaks_and_bytes_that_are_no_text(engine):
    counted, rows = read(engine, b"12 /a\nb\x0013 /c\rd\0", "find")
    assert good(rows) == [("/a\x1a0Ab", 12, None), ("/c\x1a0Dd", 13, None)]
    counted, rows = read(engine, "/caf\u00e9\n".encode() + b"/caf\xe9\n/x\x01y\n", "names")
    assert good(rows) == [("/caf\x1aE9", None, None), ("/caf\u00e9", None, None), ("/x\x1a01y", None, None)]
    assert (counted.lines, counted.garbled) == (3, 0)


def test_bad_lines_are_counted_by_what_can_be_told_of_them(engine):
    content = (
        b"path,size,adler32\n/e/a,12,0000abcd\n/e/b,1.5,0000abcd\n/e/c,12\n/other/d,12,0000abcd\n,,\nxx\n"
    )
    counted, rows = read(engine, content, "csv", prefix="/e/")
    assert (counted.lines, counted.outside, counted.named, counted.garbled) == (6, 1, 2, 2)
    assert {row[0] for row in rows if row[3] is not None and row[0]} == {"/b", "/c"}
    assert ("garbled", "xx") in counted.examples


def test_compressed_lists_and_such_that_are_cut_off(engine):
    whole = gzip.compress(b"".join(b"/a/%06d\n" % number for number in range(20000)))
    counted, _ = read(engine, whole, "names")
    assert counted.lines == 20000
    with pytest.raises(BadInput, match="cut off"):
        read(engine, whole[:-2000], "names")


def test_a_line_without_an_end_is_no_list(engine):
    with pytest.raises(BadInput):
        read(engine, b"/a\n" + b"x" * 3_000_000, "names")


def test_urls_and_doubled_slashes_are_places_of_the_endpoint(engine):
    _, rows = read(
        engine,
        b"root://door//eos/a/x\nroot://door//eos//a/y\nroot://other//eos/a/z\n",
        "names",
        "root://door//eos/",
    )
    assert [(row[0], row[3]) for row in sorted(rows, key=str)] == [
        ("/a/x", None),
        ("/a/y", None),
        (None, "outside"),
    ]


@pytest.mark.parametrize("quote", ["", '"'])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_marks_before_a_header_and_one_that_comes_again(engine, end, quote):
    lines = [
        "#ddm begun=2026-11-30",
        "path,size",
        f"{quote}/a{quote},1",
        "path,size",
        f"{quote}/b{quote},2",
        "",
    ]
    _, rows = read(engine, end.join(lines).encode(), "csv")
    assert sorted(rows) == [("/a", 1, None, None), ("/b", 2, None, None)]


def test_a_byte_order_mark_is_no_part_of_a_header(engine):
    _, rows = read(engine, b"\xef\xbb\xbfpath,size\r\n/a,1\r\n", "csv")
    assert rows == [("/a", 1, None, None)]
