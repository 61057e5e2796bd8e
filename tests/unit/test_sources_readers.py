"""Every reader on what the programs really print, and on what people really get wrong."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from catalog.errors import BadInput
from ddm.sources import formats
from ddm.sources.columns import Columns
from ddm.sources.lines import MAX_LINE
from ddm.sources.rows import Entry, Refused, Row
from ddm.sources.runs import run_list
from tests.fixtures_xrootd import stock_server  # noqa: F401

RAW = "/castor/cern.ch/compass/data/2016/raw/W14"
LFN = f"{RAW}/cdr11091-275678.raw"


def read(path: Path, text: str | bytes, kind: str = "", columns: Columns | None = None) -> list[Entry]:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    found = formats.guess(path, "list")
    assert kind in ("", found)
    return list(formats.rows(path, "list", found, columns))


def one(path: Path, text: str | bytes, kind: str, **how) -> Row:
    (found,) = read(path, text, kind, **how)
    assert isinstance(found, Row), found
    return found


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "list"


def why(found: Entry) -> str:
    assert isinstance(found, Refused), found
    return found.why


# ---------------------------------------------------------------------------------- text
def test_names_are_read_as_they_stand_with_their_lines(path):
    found = read(path, f"# W14\n\n{LFN}\r\n{LFN} \n", "names")
    assert [(row.lfn, row.where) for row in found] == [(LFN, "list:3"), (f"{LFN} ", "list:4")]
    assert (found[0].size, found[0].adler32, found[0].n_events) == (None, None, None)


def test_the_raw_catalogue_says_run_and_events(path):
    found = read(path, f"275678 {LFN} 24567\n275678\t{LFN}  -1\n275678 {LFN} 0\n", "raw")
    assert [(row.run, row.n_events) for row in found] == [(275678, 24567), (275678, None), (275678, 0)]


@pytest.mark.parametrize("text", [f"275678 {LFN} -2", f"275678 {LFN} many", f"x {LFN} 1", LFN])
def test_a_wrong_line_of_the_raw_catalogue_is_refused_with_its_text(path, text):
    path.write_text(f"275678 {LFN} 1\n{text}\n")
    good, bad = formats.rows(path, "list", "raw")
    assert isinstance(good, Row)
    assert isinstance(bad, Refused)
    assert (bad.where, bad.value) == ("list:2", text)


# ----------------------------------------------------------------------------------- CSV
def test_csv_knows_its_columns_by_name_in_any_order(path):
    text = f"\ufeffn_events,LFN,checksum,Size,t0,comment\n5,{LFN},0004A9F1,12,7,\n"
    row = one(path, text, "csv")
    assert (row.lfn, row.size, str(row.adler32), row.n_events) == (LFN, 12, "0004a9f1", 5)
    assert row.meta == {"t0": "7"}
    assert row.where == "list:2"


@pytest.mark.parametrize("mark", [";", "\t"])
def test_csv_with_other_marks(path, mark):
    assert one(path, f"lfn{mark}size\n{LFN}{mark}12\n", "csv").size == 12


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (f"{LFN},12,4a9f1,1", "eight hexadecimal digits"),
        (f"{LFN},12,md5:0004a9f1,1", "eight hexadecimal digits"),
        (f"{LFN},-12,0004a9f1,1", "size"),
        (f"{LFN},1.5,0004a9f1,1", "size"),
        (f"{LFN},{1 << 63},0004a9f1,1", "too large"),
        (f"{LFN},12,0004a9f1,-2", "n_events"),
        (f"{LFN},12", "another number of columns"),
        (",12,0004a9f1,1", "lfn"),
    ],
)
def test_a_wrong_line_of_csv_is_refused(path, line, said):
    good, bad = read(path, f"lfn,size,adler32,n_events\n{LFN},1,00000001,\n{line}\n", "csv")
    assert isinstance(good, Row)
    assert said in why(bad)
    assert bad.where == "list:3"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("file,size\n/a,1\n", "lacks lfn"),
        ("lfn,a b\n/a,1\n", "not a key"),
        ("lfn,size,SIZE\n/a,1,1\n", "more than one column"),
        ('lfn,size\n"/a,1\n', "not a CSV file"),
        ('lfn,size\n/a,"1"2\n', "not a CSV file"),
        (b"lfn,size\n/a,1\n/\xe9,1\n", "UTF-8"),
    ],
)
def test_what_is_no_csv_is_one_error_with_its_place(path, text, said):
    with pytest.raises(BadInput, match=said) as error:
        read(path, text, "csv")
    assert error.value.subject.startswith("list")


def test_columns_get_names_and_are_skipped(path):
    columns = Columns(names={"file_name": "lfn", "year": "taken.year"}, skip=frozenset({"a b"}))
    row = one(path, f"file_name,a b,year\n{LFN},x,2016\n", "csv", columns=columns)
    assert (row.lfn, row.meta) == (LFN, {"taken.year": "2016"})


def test_a_row_of_another_dataset_is_refused(path):
    columns = Columns(must={"dataset": "2016/W14"})
    good, bad = read(path, f"lfn,dataset\n{LFN},2016/W14\n{LFN},2016/W15\n", "csv", columns)
    assert isinstance(good, Row)
    assert "2016/W15" in why(bad)


# ---------------------------------------------------------------------------- JSON lines
def test_json_lines_keep_their_types(path):
    said = {"lfn": LFN, "size": 12, "n_events": -1, "good": True, "t0": 1.5, "chunk": 1091, "note": None}
    row = one(path, json.dumps(said) + "\n", "jsonl")
    assert (row.size, row.n_events, row.chunk) == (12, None, "01091")
    assert row.meta == {"good": True, "t0": 1.5}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"lfn": "/a", "lfn": "/b"}', "stands twice"),
        ('{"lfn": "/a", "size": NaN}', "NaN"),
        ('{"lfn": "/a", "x": [1]}', "takes no list"),
        ('{"lfn": "/a", "adler32": 12345678}', "eight hexadecimal digits"),
        ('{"lfn": "/a", "size": true}', "size"),
        ('{"lfn": 7}', "lfn"),
        ('{"size": 7}', "lacks lfn"),
        ("[" * 60_000, "not a JSON object"),
        ('{"lfn": "/a", "size": 1' + "0" * 5000 + "}", "not a JSON object"),
        ('{"lfn": "/a"', "not a JSON object"),
    ],
)
def test_a_wrong_line_of_json_is_refused(path, line, said):
    _, bad = read(path, f'{{"lfn": "{LFN}"}}\n{line}\n', "jsonl")
    assert said in why(bad)
    assert bad.where == "list:2"


# ------------------------------------------------------------------------------- Parquet
def parquet(path: Path, columns: dict[str, object]) -> None:
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    pq.write_table(pa.table(columns), path)


def test_parquet_has_types_and_row_numbers(path):
    pa = pytest.importorskip("pyarrow")
    moment = datetime(2016, 7, 1, 12, tzinfo=UTC)
    parquet(
        path,
        {
            "lfn": [LFN, f"{RAW}/b"],
            "size": pa.array([1, None], pa.uint64()),
            "adler32": ["00000001", None],
            "taken": pa.array([moment, None], pa.timestamp("ns", "UTC")),
        },
    )
    assert formats.guess(path) == "parquet"
    first, second = formats.rows(path, "list", "parquet")
    assert (first.size, first.adler32, first.meta, first.where) == (1, 1, {"taken": moment}, "list:row:1")
    assert (second.size, second.adler32, second.meta) == (None, None, {})


@pytest.mark.parametrize("keep", [0.3, 0.9, 0.999])
def test_parquet_that_is_cut_off_is_one_error(path, keep):
    parquet(path, {"lfn": [f"{RAW}/cdr{n:05d}-275678.raw" for n in range(20_000)]})
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * keep)])
    with pytest.raises(BadInput, match="cut off"):
        list(formats.rows(path, "list", "parquet"))


# ------------------------------------------------------------------------------ listings
def test_xrdfs_lists_files_with_sizes(path):
    text = (
        "drwxr-xr-x xrootd xrootd 4096 2026-11-22 19:06:23 /disk/data\n"
        "-rw-r--r-- xrootd xrootd  123 2026-11-22 19:06:23 /disk/data/a.raw\n"
        "-rw-r--r-- 1000 1000  123 2026-11-22 19:06:23 /disk/data/with space.raw\n"
        "-rw-r--r-- x y 123 adler32:0004a9f1 2026-11-22 19:06:23 root://host:1094//disk/c.raw\n"
        "-rw- 2016-07-01 12:00:00        4567 /disk/old.raw\n"
    )
    found = read(path, text, "xrdfs")
    assert [(row.lfn, row.size, row.adler32) for row in found] == [
        ("/disk/data/a.raw", 123, None),
        ("/disk/data/with space.raw", 123, None),
        ("root://host:1094//disk/c.raw", 123, 0x4A9F1),
        ("/disk/old.raw", 4567, None),
    ]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("/disk/data", "may be a directory"),
        ("---- 0000-00-00 00:00:00            ? /disk/a", "did not say"),
        ("-rw-r--r-- x y 1.2K 2026-11-22 19:06:23 /a", "without -h"),
        ("-rw-r--r-- x y 12 /a", "not a line of"),
    ],
)
def test_a_line_of_another_listing_is_refused(path, line, said):
    path.write_text(line + "\n")
    (bad,) = formats.rows(path, "list", "xrdfs")
    assert said in why(bad)


@pytest.mark.xrootd
def test_the_listing_of_a_real_server_is_read(path, stock_server, tmp_path):  # noqa: F811
    (tmp_path / "a").write_bytes(b"x" * 123)
    for name in ("W14/cdr11001-275678.raw", "W15/cdr11002-275679.raw"):
        url = f"root://localhost:{stock_server.port}//disk/sources/{name}"
        subprocess.run(["xrdcp", "-s", str(tmp_path / "a"), url], check=True, timeout=60)
    command = ["xrdfs", f"localhost:{stock_server.port}", "ls", "-l", "-R", "/disk/sources"]
    text = subprocess.run(command, check=True, capture_output=True, timeout=60).stdout
    found = read(path, text, "xrdfs")
    assert sorted((row.lfn, row.size) for row in found) == [
        ("/disk/sources/W14/cdr11001-275678.raw", 123),
        ("/disk/sources/W15/cdr11002-275679.raw", 123),
    ]


EOS = "/eos/experiment/compass/a.root"


@pytest.mark.parametrize(
    "line",
    [
        f"{EOS} size=12 checksum=0004a9f1",
        f"path={EOS} size=12 checksum=0004a9f1",
        f'path="{EOS}" size=12 checksum=0004a9f1',
        f'path="{EOS}" type=file  size=12 checksum=0004a9f1 checksumtype=adler attr.sys.x="a b"',
        f"keylength.file={len(EOS)} file={EOS} size=12 status=healthy xstype=adler xs=0004a9f1 etag=x",
    ],
)
def test_eos_find_of_every_version(path, line):
    row = one(path, line + "\n", "eos")
    assert (row.lfn, row.size, row.adler32) == (EOS, 12, 0x4A9F1)


def test_eos_names_with_spaces_are_read_where_they_are_quoted_only(path):
    (bad,) = read(path, "/eos/a b.root size=12\n", "eos")
    assert "--fileinfo" in why(bad)
    assert one(path, 'path="/eos/a b.root" size=12\n', "eos").lfn == "/eos/a b.root"
    text = "keylength.file=16 file=/eos/ä size=5.r size=12 xs=0004a9f1 xstype=adler\n"
    assert one(path, text, "eos").lfn == "/eos/ä size=5.r"


def test_eos_directories_are_no_files_and_links_are_refused(path):
    found = read(path, "path=/eos/d/ size=1\npath=/eos/a size=1\npath=/eos/l -> /eos/a size=1\n", "eos")
    assert [type(entry) for entry in found] == [Row, Refused]
    assert "symbolic link" in why(found[1])


def test_eos_checksums_of_another_type_are_unknown(path):
    text = 'path="/eos/a" checksumtype=md5 checksum=0004a9f10004a9f10004a9f10004a9f1\n'
    assert one(path, text, "eos").adler32 is None
    assert one(path, 'path="/eos/a" checksumtype=crc32c checksum=0004a9f1\n', "eos").adler32 is None
    assert one(path, "/eos/a checksum=00000000\n", "eos").adler32 is None


def test_an_eos_line_that_says_more_than_the_others_is_refused(path):
    _, bad = read(path, "path=/eos/a size=1\npath=/eos/b size=5 nrep=5\n", "eos")
    assert "says nrep size" in why(bad)


def test_find_ends_names_with_nul_or_line(path):
    found = read(path, b"12 /a b\0 3 /c\0".replace(b" 3", b"3"), "find")
    assert [(row.lfn, row.size) for row in found] == [("/a b", 12), ("/c", 3)]
    assert one(path, "12 /a\n", "find").size == 12


def test_the_listing_of_the_real_find_is_read(path, tmp_path):
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "a.raw").write_bytes(b"x" * 7)
    (tmp_path / "d" / "two\nlines.raw").write_bytes(b"x")
    command = ["find", str(tmp_path / "d"), "-type", "f", "-printf", r"%s /%P\0"]
    text = subprocess.run(command, check=True, capture_output=True, timeout=60).stdout
    assert sorted((row.lfn, row.size) for row in read(path, text, "find")) == [
        ("/a.raw", 7),
        ("/two\nlines.raw", 1),
    ]


def tape_file(**other: object) -> dict[str, object]:
    """As protobuf prints a TapeFileLsItem: 64-bit numbers are text."""
    return {
        "af": {
            "archiveId": "4294967296",
            "storageClass": "raw",
            "creationTime": "1467374400",
            "checksum": [{"type": "ADLER32", "value": "0004a9f1"}],
            "size": "12",
        },
        "df": {
            "diskId": "4711",
            "diskInstance": "eosctacompass",
            "ownerId": {"uid": 1, "gid": 2},
            "path": LFN,
        },
        "tf": {"vid": "V01001", "copyNb": 1, "blockId": "10", "fSeq": "2"},
        **other,
    }


def test_cta_says_where_a_file_is_on_tape(path):
    text = json.dumps([tape_file(), tape_file(tf={"vid": "V02001", "copyNb": 2, "fSeq": "9"})])
    first, second = read(path, text.replace("}, {", "},{"), "cta")
    assert (first.lfn, first.size, first.adler32, first.where) == (LFN, 12, 0x4A9F1, "list:object:1")
    assert first.meta == {"cta.vid": "V01001", "cta.fseq": 2, "cta.archive_id": 4294967296}
    assert second.meta == {}
    assert one(path, json.dumps(tape_file()) + "\n", "cta").size == 12  # --jsonl


def test_cta_without_a_path_is_refused_with_advice(path):
    (bad,) = read(path, json.dumps([tape_file(df={"diskId": "4711"})]), "cta")
    assert "--lookupnamespace" in why(bad)
    assert bad.value == "4711"


def test_cta_is_read_in_pieces(path):
    count = 3000
    text = json.dumps([tape_file() for _ in range(count)])
    assert len(read(path, text, "cta")) == count
    with pytest.raises(BadInput, match="cut off"):
        read(path, text[:-30], "cta")


def test_the_json_of_eos_is_read(path):
    said = {"path": EOS, "size": 12, "checksumtype": "adler", "checksumvalue": "0004a9f1"}
    assert one(path, f"[\n{json.dumps(said)}\n]", "cta").adler32 == 0x4A9F1


# -------------------------------------------------------------------- every kind of bytes
@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_compressed_lists_are_read_and_cut_off_ones_are_named(path, pack):
    text = "".join(f"{RAW}/cdr{n:05d}-275678.raw\n" for n in range(5000)).encode()
    assert len(read(path, pack(text), "names")) == 5000
    path.write_bytes(pack(text)[:-12])
    with pytest.raises(BadInput, match="cut off or broken"):
        list(formats.rows(path, "list", "names"))


def test_a_line_without_an_end_is_refused_before_it_is_held(path):
    path.write_bytes(b"/a\n/b\n" + b"x" * (3 << 20))
    with pytest.raises(BadInput, match="no list of files") as error:
        list(formats.rows(path, "list", "names"))
    assert error.value.subject == "list:3"
    path.write_bytes(b"[" + b'{"a":"' + b"x" * (3 << 20))
    with pytest.raises(BadInput, match="no list of files"):
        list(formats.rows(path, "list", "cta"))
    path.write_bytes(b"/b\n" + b"x" * (MAX_LINE + 1) + b"\n")
    with pytest.raises(BadInput, match="no list of files"):
        list(formats.rows(path, "list", "names"))


@pytest.mark.parametrize(
    "bytes_", [b"", b"\n\n# nothing\n", b"\x00\x01\x02", b"hello world\n", b"\xff" * 100]
)
def test_what_could_be_anything_is_asked_about(path, bytes_):
    path.write_bytes(bytes_)
    with pytest.raises(BadInput, match=r"--format|no list in it"):
        formats.guess(path)


def test_a_table_of_cta_for_people_is_not_read_as_anything(path):
    """As cta-admin prints it (CtaAdminTextFormatter.cpp): colours around the header, sizes rounded."""
    path.write_text(
        "\x1b[31;1m archive id copy no    vid fseq block id instance disk fxid size "
        "checksum type checksum value storage class owner group    creation time path        \x1b[0m\n"
        "      17       1 V00101    1        0  eosctap       1f 3.1G        ADLER32       0a1b2c3d "
        "      compass  1000  1000 2026-01-20 12:00 /eos/a.raw \n"
    )
    with pytest.raises(BadInput, match="sizes are rounded; list with 'cta-admin --json tapefile ls"):
        formats.guess(path)


def test_what_is_no_file_is_one_error(tmp_path):
    for missing in (tmp_path, tmp_path / "missing"):
        with pytest.raises(BadInput):
            formats.guess(missing)
    (tmp_path / "zst").write_bytes(b"\x28\xb5\x2f\xfd1234")
    with pytest.raises(BadInput, match="cut off or broken"):
        formats.guess(tmp_path / "zst")


# ----------------------------------------------------------------------------- run lists
def test_runs_and_ranges():
    assert run_list(["# W14", "275603, 275601", "275600-275602 # again"], "runs") == [
        275600,
        275601,
        275602,
        275603,
    ]


@pytest.mark.parametrize(
    "text", ["", "27x", "275603-", "275610-275603", "1-275603", "100000-999999", "-275603"]
)
def test_what_is_no_run_is_refused(text):
    with pytest.raises(BadInput):
        run_list([text], "runs")
