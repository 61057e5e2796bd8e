"""What the engine takes apart is what the parser says, line by line, however odd the lines are."""

from __future__ import annotations

import gzip
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.errors import BadInput
from ddm.reconcile import dumplines, dumps, textscreen
from ddm.reconcile import engine as engines

ODD = st.text(
    st.sampled_from("ab/ .é\"'\\=%,;\t\x7f\x85\xa0\u2028\x1a\x01\x00\r{}[]"), min_size=1, max_size=6
)
NAME = st.one_of(st.from_regex(r"[a-z]{1,3}(/[a-z0-9%]{1,4}){0,2}", fullmatch=True), ODD)
SIZE = st.one_of(
    st.integers(0, 1 << 40).map(str),
    st.sampled_from(["0", "007", "1.5", "-1", "9" * 18, "9" * 19, "9" * 20, "", "1e3", " 4", "٣"]),
)
SUM = st.one_of(
    st.from_regex(r"[0-9a-fA-F]{8}", fullmatch=True),
    st.sampled_from(
        ["0004a9f1", "00000000", "0", "none", "", "abc", "adler32:0004a9f1", "a" * 32, "0x04a9f1"]
    ),
)


def eos(name: str, size: str, sum_: str) -> str:
    return f"path=/e/{name} size={size} checksum={sum_}"


def newfind(name: str, size: str, sum_: str) -> str:
    return f'path="/e/{name}" type=file  size={size} checksum={sum_} checksumtype=adler'


def fileinfo(name: str, size: str, sum_: str) -> str:
    path = f"/e/{name}"
    rest = f'etag="7:{sum_}" fsid=1 fsid=2 '
    return (
        f"keylength.file={len(path.encode())} file={path} size={size} mtime=1.5 xstype=adler xs={sum_} {rest}"
    )


def untyped(name: str, size: str, sum_: str) -> str:
    return f"/e/{name} size={size} nrep=2 checksum={sum_ * 4}"


def jsonl(name: str, size: str, sum_: str) -> str:
    number = int(size) if size.isascii() and size.isdigit() else size
    return json.dumps(
        {"Path": f"/e/{name}", "size": number, "adler32": sum_, "x": [1.5, None, True]}, ensure_ascii=False
    )


def cta(name: str, size: str, sum_: str) -> str:
    archive = {"archiveId": size, "checksum": [{"type": "ADLER32", "value": sum_}], "size": size}
    tape = {"vid": name, "copyNb": len(sum_), "fSeq": "1"}
    item = {"af": archive, "df": {"ownerId": {"uid": 1}, "path": f"/e/{name}"}, "tf": tape}
    return json.dumps(item, ensure_ascii=False, separators=(",", ":"))


def eos_json(name: str, size: str, sum_: str) -> str:
    return json.dumps({"path": f"/e/{name}", "size": size, "checksumtype": "adler", "checksumvalue": sum_})


def quoted(name: str, size: str, sum_: str) -> str:
    return f'"/e/{name}",{size},"{sum_}"'


STYLES = {
    eos: "eos",
    newfind: "eos",
    fileinfo: "eos",
    untyped: "eos",
    jsonl: "jsonl",
    cta: "cta",
    eos_json: "cta",
    quoted: "csv",
}
OTHERS = [
    "",
    "#ddm begun=2026-11-30",
    "# x",
    "nonsense",
    "/",
    "path=/e/d/ size=1",
    "path=/e/l -> /e/m",
    '"',
    "{}",
    "[",
    "5",
]


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    with engines.opened(tmp_path_factory.mktemp("lists"), engines.Bounds(200, 1)) as engine:
        yield engine


def read(engine, content: bytes, format_: str) -> list[tuple] | str:
    """The rows of the part, or why there is none."""
    source, part = engine.directory / "given", engine.directory / "part.parquet"
    for old in (source, part):
        old.unlink(missing_ok=True)
    source.write_bytes(content)
    try:
        dumps.part(engine, source, part, prefix="/e/", format_=format_, name="given")
    except BadInput as error:
        return str(error)
    return sorted(
        engine.rows(
            "SELECT path, size, adler32, problem, CASE WHEN problem <> 'outside' THEN said END "
            f"FROM read_parquet('{part}')"
        ),
        key=str,
    )


@st.composite
def lists(draw) -> tuple[str, bytes]:
    style = draw(st.sampled_from([*STYLES]))
    between = (
        draw(st.sampled_from(["\n", "\n", "\r\n", ",", "]["]))
        if STYLES[style] == "cta"
        else draw(st.sampled_from(["\n", "\r\n"]))
    )
    found = [style("good", "12", "0004a9f1")] if draw(st.integers(0, 5)) else []
    for fields in draw(st.lists(st.tuples(NAME, SIZE, SUM), min_size=1, max_size=12)):
        line = draw(st.sampled_from([style] * 8 + [*STYLES]))(*fields)
        match draw(st.integers(0, 12)):
            case 0:
                line = line[: draw(st.integers(0, len(line)))]
            case 1:
                line = draw(st.sampled_from(OTHERS)) if between.endswith("\n") else line
            case 2:
                place = draw(st.integers(0, len(line)))
                line = line[:place] + draw(st.sampled_from(' "\t,=}\r\\x')) + line[place:]
        found.append("" if STYLES[style] == "cta" and line.startswith("#ddm") else line)
    text = between.join(found).encode()
    text = b"[" + text + b"]" if between in (",", "][") else text + draw(st.sampled_from([b"\n", b""]))
    if draw(st.integers(0, 5)) == 0:
        place = draw(st.integers(0, len(text)))
        text = text[:place] + draw(st.sampled_from([b"\xff", b"\xc3", b"\0", b"\xef\xbb\xbf"])) + text[place:]
    head = b'"path",size,"adler32"\n' if STYLES[style] == "csv" else b""
    return STYLES[style], head + text


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(made=lists())
def test_the_engine_and_the_parser_say_the_same(engine, made: tuple[str, bytes]) -> None:
    format_, content = made
    fast = read(engine, content, format_)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(dumplines, "read", lambda *_: None)
        slow = read(engine, content, format_)
    assert fast == slow


@pytest.mark.parametrize("style", STYLES)
def test_lines_of_one_shape_are_left_to_the_engine(engine, tmp_path, monkeypatch, style):
    parsed = []
    tabled = dumplines.tabled
    monkeypatch.setattr(
        dumplines, "tabled", lambda path, rows: tabled(path, (parsed.append(row) or row for row in rows))
    )
    lines = [style(f"d/{n}", str(n), f"{n:08x}") for n in range(1, 40)]
    odd = style('a "b" = c', "x", "1")
    head = ['"path",size,"adler32"'] if STYLES[style] == "csv" else []
    rows = read(engine, "\n".join([*head, *lines, odd, ""]).encode(), STYLES[style])
    sums = [None if style is untyped else n for n in range(1, 40)]
    good = [row[:3] for row in rows if row[3] is None]
    assert sorted(good, key=lambda row: row[1]) == [(f"/d/{n}", n, sums[n - 1]) for n in range(1, 40)]
    assert (len(rows), len(parsed)) == (40, 1)


def test_objects_in_one_line_are_read_one_by_one(engine):
    lines = [cta(f"d/{n}", str(n), "0004a9f1") for n in range(2000)]
    text = "[" + ",".join(lines[:1200]) + "][" + ",".join(lines[1200:]) + "]"
    whole = read(engine, text.encode(), "cta")
    assert sorted(row[1] for row in whole) == [*range(2000)]
    assert read(engine, gzip.compress(text.encode()), "cta") == whole
    assert "cut off" in str(read(engine, text[:-30].encode(), "cta"))


def test_a_file_with_two_copies_on_tape_is_one_whoever_reads_its_lines(engine):
    first = cta("d/a", "12", "0004A9f1")
    again = first.replace(":", " :", 1).replace('size":"', 'size":"00')
    rows = read(engine, f"{first}\n{again}\n".encode(), "cta")
    assert [row[:3] for row in rows] == [("/d/a", 12, 0x4A9F1)]


def test_json_lines_have_the_columns_of_csv(engine):
    lines = [
        '{"pfn": "/e/a", "size": 12, "checksum": "0004a9f1"}',
        '{"LFN": "/e/b", "size": "13", "extra": {"a": [1]}}',
        '{"path": null, "lfn": "/e/c\\nd", "size": null}',
        '{"size": 12}',
        '{"path": "/e/d", "Path": "/e/e"}',
        '{"path": "/e/f", "size": 1.5}',
    ]
    rows = read(engine, "\n".join(lines).encode(), "jsonl")
    assert [row[:3] for row in rows if row[3] is None] == [
        ("/a", 12, 0x4A9F1),
        ("/b", 13, None),
        ("/c\x1a0Ad", None, None),
    ]
    assert sorted(row[3] for row in rows if row[3])[:2] == ["garbled", "garbled"]
    assert [row[0] for row in rows if "size" in (row[3] or "")] == ["/f"]


@given(text=st.text(st.sampled_from('{"a:x'), max_size=40), size=st.integers(1, 7))
def test_what_begins_a_line_is_found_wherever_the_pieces_are_cut(text, size):
    content, begin = text.encode(), b'{"a":'
    pieces = [content[at : at + size] for at in range(0, len(content), size)]
    assert b"".join(textscreen._broken(iter(pieces), begin)) == content.replace(begin, b"\n" + begin)


@given(
    content=st.lists(
        st.sampled_from([b"a", b"\n", b"\r", b"\x00", b"\x1a", b"\xff", "\u00e9\u20ac".encode()])
    )
)
@pytest.mark.parametrize("nul", [False, True])
def test_bytes_are_screened_wherever_they_are_cut(nul, content):
    whole = b"".join(content)
    pieces = [whole[at : at + 1] for at in range(len(whole))]
    assert b"".join(textscreen._written(iter(pieces), nul=nul)) == b"".join(
        textscreen._written(iter([whole]), nul=nul)
    )


def test_objects_that_are_refused_may_have_any_name(engine):
    names = ["a\rb", "a\nb", 'a"\tb', "a\x1ab\r\n"]
    rows = read(engine, "".join(cta(name, "x", "1") + "\n" for name in names).encode(), "cta")
    assert sorted(row[0] for row in rows) == ["/a\x1a0Ab", "/a\x1a0Db", "/a\x1a1Ab\x1a0D\x1a0A", '/a"\tb']
    assert all("size" in row[3] for row in rows)
