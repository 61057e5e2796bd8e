"""``ddm file register`` and ``complete`` as a person uses them: every source, and what goes wrong."""

from __future__ import annotations

import gzip
import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from catalog.errors import ExitCode
from ddm.cli.program import ddm
from tests.cli.place import RAW, Place

OPTIONS = ("--dataset", "2016/W14", "--endpoint", "tape")


def lfn(chunk: int, run: int = 275678) -> str:
    return f"{RAW}/cdr{chunk:05d}-{run}.raw"


@pytest.fixture
def place(tmp_path: Path) -> Place:
    made = Place(tmp_path)
    made.good("db", "upgrade")
    return made


def write(place: Place, name: str, text: str | bytes) -> Path:
    path = place.root / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def register(place: Place, source: object, *options: str):
    return place.json("file", "register", source, *OPTIONS, *options)


def dataset(place: Place) -> dict:
    return place.json("dataset", "show", "2016/W14")


def ends(place: Place, code: int, source: object, *options: str):
    """The answer of a command that must end with this code."""
    told = place.run("file", "register", source, *OPTIONS, *options, "--json")
    assert told.exit_code == code, told.output
    return json.loads(told.stdout)


# ------------------------------------------------------------------------------- sources
SOURCES = {
    "names": f"# a list\n{lfn(11001)}\n{lfn(11002)}\n",
    "raw": f"275678 {lfn(11001)} 10\n275678 {lfn(11002)} -1\n",
    "csv": f"lfn,size,adler32\n{lfn(11001)},7,00000001\n{lfn(11002)},8,00000002\n",
    "jsonl": f'{{"lfn": "{lfn(11001)}", "size": 7}}\n{{"lfn": "{lfn(11002)}"}}\n',
    "xrdfs": f"drwxr-xr-x a b 0 2026-11-22 19:06:23 {RAW}\n"
    + "".join(f"-rw-r--r-- a b 7 2026-11-22 19:06:23 {lfn(n)}\n" for n in (11001, 11002)),
    "eos": "".join(f"path={lfn(n)} size=7 checksum=00000001\n" for n in (11001, 11002)),
    "find": "".join(f"7 {lfn(n)}\0" for n in (11001, 11002)),
}


@pytest.mark.parametrize("kind", list(SOURCES))
def test_every_source_is_guessed_planned_registered_and_compared(place, kind):
    path = write(place, "list", SOURCES[kind])
    planned = register(place, path, "--plan")
    assert (planned["format"], planned["added"], planned["planned"], planned["written"]) == (
        kind,
        2,
        True,
        False,
    )
    assert place.json("dataset", "show") == []
    done = register(place, path, "--close")
    assert (done["added"], done["same"], done["closed"], done["undefined"]) == (2, 0, True, [])
    again = register(place, path, "--close")
    assert (again["added"], again["same"]) == (0, 2)


def test_a_pipe_and_a_compressed_list_are_sources_too(place):
    packed = gzip.compress(SOURCES["names"].encode())
    assert register(place, write(place, "list.gz", packed))["added"] == 2
    words = ["file", "register", "-", *OPTIONS, "--json", "--config", str(place.root / "ddm.toml")]
    told = CliRunner().invoke(ddm, words, input=packed)
    assert told.exit_code == 0, told.output
    assert json.loads(told.stdout)["same"] == 2


def test_parquet_brings_metadata_with_types(place):
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    pq.write_table(
        pa.table({"lfn": [lfn(11001), lfn(11002)], "current": [1.5, None]}), place.root / "l.parquet"
    )
    assert register(place, place.root / "l.parquet")["added"] == 2
    assert register(place, place.root / "l.parquet")["same"] == 2


def test_a_foreign_database_is_asked_for_each_run(place):
    database = place.root / "raw.db"
    with sqlite3.connect(database) as conn:
        conn.execute("CREATE TABLE files (run_number, file_name, file_size)")
        rows = [(run, lfn(11001, run), 7) for run in (275600, 275602)]
        conn.executemany("INSERT INTO files VALUES (?, ?, ?)", rows)
    before = database.read_bytes()
    query = "SELECT file_name, file_size AS size FROM files WHERE run_number = :run"
    sql = ("--sql", f"sqlite:///{database}", "--query", query, "--column", "lfn=file_name")
    told = place.run("file", "register", *sql, *OPTIONS, "--runs", "275600-275602", "--json", "--close")
    assert told.exit_code == ExitCode.SOME_FAILED, told.output
    done = json.loads(told.stdout)
    assert (done["added"], done["closed"]) == (2, False)
    assert [entry["run"] for entry in done["undefined"]] == [275601]
    assert "275601" in done["why_open"]
    assert database.read_bytes() == before
    with sqlite3.connect(database) as conn:
        conn.execute("INSERT INTO files VALUES (275601, ?, 7)", [lfn(11001, 275601)])
    done = place.json("file", "register", *sql, *OPTIONS, "--runs", "275600-275602", "--close")
    assert (done["added"], done["same"], done["closed"]) == (1, 2, True)


@pytest.mark.parametrize(
    ("sql", "query", "said"),
    [
        ("sqlite:///{root}/missing.db", "SELECT 1", "no such database"),
        ("sqlite:///{root}/ddm.db", "SELECT lfn FROM nowhere", "no such table"),
        ("sqlite:///{root}/ddm.db", "DROP TABLE file", "the query"),
        ("sqlite:///{root}/ddm.db", "SELECT 1 AS lfn WHERE 1=:other", ":run can be bound"),
        ("sqlite:///{root}/ddm.db", "SELECT 1 AS lfn WHERE 1=:run", "--runs"),
        ("sqlite:///{root}/ddm.db", "SELECT name FROM endpoint", "lacks lfn"),
        ("nonsense", "SELECT 1", "not a database URL"),
        ("oracle://u:secret@h/x", "SELECT 1", "oracledb"),
    ],
)
def test_a_query_that_cannot_be_asked_is_one_error(place, sql, query, said):
    words = ("--sql", sql.format(root=place.root), "--query", query)
    line = place.refused(ExitCode.USAGE, "file", "register", *words, *OPTIONS)
    assert said in line
    assert "secret" not in line


# ----------------------------------------------------------------------------- run lists
def test_a_run_that_the_source_has_no_file_of_keeps_the_dataset_open(place):
    path = write(
        place, "raw.txt", f"275600 {lfn(1, 275600)} 5\n275601 {lfn(1, 275601)} 5\n275609 {lfn(1, 275609)} 5\n"
    )
    runs = write(place, "runs.txt", "275600-275601 # W14\n275602\n")
    planned = ends(place, ExitCode.FAILED, path, "--runs", str(runs), "--plan")
    assert (planned["added"], planned["other_runs"]) == (2, 1)
    done = ends(place, ExitCode.SOME_FAILED, path, "--runs", str(runs), "--close")
    assert (done["added"], done["closed"]) == (2, False)
    assert [entry["run"] for entry in done["undefined"]] == [275602]
    assert "275602" in place.refused(ExitCode.FAILED, "dataset", "close", "2016/W14")
    with path.open("a") as stream:
        stream.write(f"275602 {lfn(1, 275602)} 5\n")
    assert register(place, path, "--runs", str(runs), "--close")["closed"] is True
    assert dataset(place)["dataset"]["files"] == 3


def test_a_person_may_say_that_a_run_has_no_files(place):
    path = write(place, "raw.txt", f"275600 {lfn(1, 275600)} 5\n")
    ends(place, ExitCode.SOME_FAILED, path, "--runs", "275600-275602")
    assert "Missing option" in place.refused(ExitCode.USAGE, "dataset", "define", "2016/W14", 275601)
    told = ("--reason", "no beam")
    assert place.json("dataset", "define", "2016/W14", 275601, *told)["undefined"] == 1
    assert "275601 is not undefined" in place.refused(
        ExitCode.USAGE, "dataset", "define", "2016/W14", 275601, *told
    )
    place.good("dataset", "define", "2016/W14", 275602, *told)
    assert place.json("dataset", "close", "2016/W14")["state"] == "CLOSED"
    assert "no beam" in place.good("dataset", "history", "2016/W14")


# --------------------------------------------------------------------------- names, paths
def test_products_are_told_from_raw_files_by_their_names(place):
    path = write(place, "list", "/castor/x/mDST-275678-0-7.root\n/castor/x/mDST-275678-0-7.root.001\n")
    assert place.json("file", "register", path, "--dataset", "old/mDST", "--endpoint", "tape")["added"] == 2
    shown = place.json("file", "show", "mDST-275678-0-7.root.001")
    assert (shown["product"], shown["role"], shown["part"], shown["chunk"]) == ("mDST", "final", 1, "")


def test_paths_are_renamed_to_lfns(place):
    path = write(place, "list", "7 /eos/archive/W14/cdr11001-275678.raw\n")
    assert register(place, path, "--rename", f"/eos/archive/W14={RAW}")["added"] == 1
    shown = place.json("file", "show", lfn(11001))
    assert shown["replicas"][0]["path"] == "/eos/archive/W14/cdr11001-275678.raw"
    other = write(place, "other", "7 /elsewhere/cdr11002-275678.raw\n")
    assert "does not begin with" in place.refused(
        ExitCode.USAGE, "file", "register", other, *OPTIONS, "--rename", f"/eos={RAW}"
    )


def test_any_name_is_taken_if_the_columns_say_what_it_is(place):
    path = write(place, "list", "lfn,role,product,run,part\n/x/special.root,final,mDST,275678,3\n")
    assert "special.root" in place.refused(ExitCode.USAGE, "file", "register", path, *OPTIONS)
    assert register(place, path, "--any-name")["added"] == 1
    assert place.json("file", "show", "special.root")["part"] == 3


# ----------------------------------------------------------------------------- bad input
BAD = [
    ("/amber/data/W14/raw_300537.dat,7,00000001,1", "raw_300537.dat", "lfn,size,adler32,n_events"),
    ("/castor/mDST-275678-0-9.root,7,00000001,1", "another production", "lfn,size,adler32,n_events"),
    (f"{lfn(11002)},7,1,1", "a zero may be lost", "lfn,size,adler32,n_events"),
    (f"{lfn(11002)},7,00000001,-2", "n_events", "lfn,size,adler32,n_events"),
    (f"{lfn(11002)},-7,00000001,1", "size", "lfn,size,adler32,n_events"),
    (f"{RAW}/../cdr11002-275678.raw,7,00000001,1", "'..'", "lfn,size,adler32,n_events"),
    (f"{RAW}/cdr11002\a-275678.raw,7,00000001,1", "cdr11002", "lfn,size,adler32,n_events"),
    (f"{lfn(11002)},275679,,", "run is said to be 275679", "lfn,run,size,adler32"),
    (f"{lfn(11002)},2016/W15,,", "dataset", "lfn,dataset,size,adler32"),
    (f"root://elsewhere/{lfn(11002)},7,00000001,1", "not at the endpoint", "lfn,size,adler32,n_events"),
]


@pytest.mark.parametrize(("line", "said", "header"), BAD)
def test_a_bad_line_is_named_and_nothing_is_written(place, line, said, header):
    good = ",".join([lfn(11001), *[""] * header.count(",")])
    path = write(place, "raw.csv", f"{header}\n{good}\n{line}\n")
    told = place.refused(ExitCode.USAGE, "file", "register", path, *OPTIONS)
    assert said in told
    assert "raw.csv:3" in told
    assert place.json("dataset", "show") == []
    found = ends(place, ExitCode.USAGE, path)
    assert (found["refused"], found["written"], found["refusals"][0]["where"]) == (1, False, f"{path}:3")


def test_many_bad_lines_are_the_first_twenty_and_a_number(place):
    lines = "".join(f"{lfn(n)},7,1\n" if n % 2 else f"{lfn(n)},7,00000001\n" for n in range(11000, 11100))
    path = write(place, "raw.csv", "lfn,size,adler32\n" + lines)
    told = place.run("file", "register", path, *OPTIONS)
    assert told.exit_code == ExitCode.USAGE
    assert told.stdout == ""
    assert len(told.stderr.splitlines()) == 21
    assert "and 30 more" in told.stderr


def test_a_duplicate_with_another_size_is_a_conflict_however_far_away(place):
    lines = [f"{lfn(n)},7" for n in range(10000, 16000)]
    path = write(
        place, "raw.csv", "\n".join(["lfn,size", *lines, f"{lfn(10000)},8", f"{lfn(10001)},7"]) + "\n"
    )
    told = place.refused(ExitCode.FAILED, "file", "register", path, *OPTIONS)
    assert "stands twice" in told
    assert "raw.csv:6002" in told
    assert "raw.csv:2," in told
    assert place.json("dataset", "show") == []
    kept = ends(place, ExitCode.SOME_FAILED, path, "--keep-going")
    assert (kept["added"], kept["same"], kept["conflicting"]) == (5999, 1, 1)
    assert dataset(place)["dataset"]["files"] == 5999


def test_keep_going_writes_the_good_lines_and_leaves_the_runs_of_the_others_undefined(place):
    good, bad = f"{lfn(1, 275600)},7,00000001", f"{lfn(1, 275601)},7,1"
    path = write(place, "raw.csv", f"lfn,size,adler32\n{good}\n{bad}\nrubbish,1,1\n")
    done = ends(place, ExitCode.SOME_FAILED, path, "--keep-going", "--close")
    assert (done["added"], done["refused"], done["closed"]) == (1, 2, False)
    assert [entry["run"] for entry in done["undefined"]] == [0, 275601]
    assert "not all files" in done["why_open"]
    write(place, "raw.csv", f"lfn,size,adler32\n{good}\n{lfn(1, 275601)},7,00000001\n")
    done = register(place, path, "--close")
    assert (done["added"], done["same"], done["closed"], done["undefined"]) == (1, 1, True, [])


def test_a_conflict_with_the_catalogue_is_named_with_its_line(place):
    place.good("file", "register", place.raw_list(2), *OPTIONS)
    path = write(
        place, "b.csv", f"lfn,size,n_events\n{lfn(11000)},1000,11\n{lfn(11001)},5,\n{lfn(11005)},5,\n"
    )
    found = ends(place, ExitCode.FAILED, path)
    assert (found["added"], found["conflicting"], found["written"]) == (1, 2, False)
    assert {entry["where"] for entry in found["conflicts"]} == {f"{path}:2", f"{path}:3"}
    assert dataset(place)["dataset"]["files"] == 2


def test_metadata_that_contradicts_is_a_conflict_before_anything_is_written(place):
    first = write(place, "a.csv", f"lfn,current\n{lfn(11001)},7\n")
    assert register(place, first)["added"] == 1
    second = write(place, "b.csv", f"lfn,current\n{lfn(11002)},8\n{lfn(11001)},9\n")
    found = ends(place, ExitCode.FAILED, second)
    assert "current is known as 7, here 9" in found["conflicts"][0]["text"]
    third = write(place, "c.csv", f"lfn,current\n{lfn(11003)},many\n")
    assert "current" in place.refused(ExitCode.USAGE, "file", "register", third, *OPTIONS)
    assert dataset(place)["dataset"]["files"] == 1


def test_a_new_key_has_the_type_that_fits_every_row(place):
    rows = "".join(
        f"{lfn(n)},{n if n % 2 else n + 0.5},{'x' if n == 11003 else 7}\n" for n in range(11000, 11004)
    )
    register(place, write(place, "a.csv", f"lfn,current,note\n{rows}"))
    kinds = {key["key"]: key["type"] for key in place.json("meta", "keys")}
    assert (kinds["current"], kinds["note"]) == ("real", "text")


def test_a_closed_dataset_takes_nothing_new(place):
    register(place, place.raw_list(2), "--close")
    assert "closed" in place.refused(ExitCode.FAILED, "file", "register", place.raw_list(3), *OPTIONS)
    assert register(place, place.raw_list(2))["same"] == 2


def garbage(path: Path, kind: str, size: int) -> None:
    with path.open("wb") as stream:
        block = {"bytes": os.urandom(1 << 16), "lines": b"no file at all\n" * 4369, "line": b"x" * (1 << 16)}[
            kind
        ]
        for _ in range(size >> 16):
            stream.write(block)


@pytest.mark.parametrize("kind", ["bytes", "lines", "line"])
@pytest.mark.parametrize("named", ["names", "csv", "jsonl", "raw", "cta", "parquet", "xrdfs", "eos", "find"])
def test_garbage_is_one_error_at_once(place, kind, named):
    path = place.root / "garbage"
    garbage(path, kind, 300 << 20 if named == "names" else 8 << 20)
    told = place.refused(ExitCode.USAGE, "file", "register", path, *OPTIONS, "--format", named)
    assert str(path) in told
    assert len(told) < 1000
    assert place.json("dataset", "show") == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "no list in it"),
        (SOURCES["names"].encode("utf-16"), "--format"),
        (f"{lfn(11001)}\n{RAW}/f\xfcr.raw\n".encode("latin-1"), "UTF-8"),
        (gzip.compress(SOURCES["names"].encode() * 999)[:-20], "cut off"),
    ],
)
def test_a_file_that_is_no_list_is_one_error(place, text, said):
    assert said in place.refused(ExitCode.USAGE, "file", "register", write(place, "list", text), *OPTIONS)


def test_usage_is_told(place):
    assert "--sql and --query" in place.refused(ExitCode.USAGE, "file", "register", *OPTIONS)
    path = place.raw_list()
    assert "FIELD=COLUMN" in place.refused(
        ExitCode.USAGE, "file", "register", path, *OPTIONS, "--column", "x"
    )
    assert "no column" in place.refused(
        ExitCode.USAGE, "file", "register", path, *OPTIONS, "--column", "run=x"
    )
    assert "OLD=NEW" in place.refused(ExitCode.USAGE, "file", "register", path, *OPTIONS, "--rename", "x")
    assert "no run" in place.refused(ExitCode.USAGE, "file", "register", path, *OPTIONS, "--runs", "many")


# ------------------------------------------------------------------------------ the disk
PROGRAM = """
import resource, sys
from ddm.cli import main
resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))
sys.argv = {words!r}
main()
"""


def limited(place: Place, limit: int, *words: object) -> subprocess.CompletedProcess[str]:
    """The command with files that may not grow beyond so many bytes: a disk that is full."""
    told = ["ddm", *map(str, words), "--config", str(place.root / "ddm.toml")]
    code = PROGRAM.format(limit=limit, words=told)
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)


def test_a_full_disk_is_one_error_and_the_import_goes_on_later(place):
    path = place.list(*(f"{lfn(n)},7,00000001,1" for n in range(10000, 30000)))
    size = (place.root / "ddm.db").stat().st_size
    told = limited(place, size + 1_000_000, "file", "register", path, *OPTIONS, "--close")
    assert told.returncode == ExitCode.BUSY, told.stderr
    assert "disk" in told.stderr
    assert told.stderr.count("\n") == 1
    shown = place.json("dataset", "show")
    if shown:  # a batch was kept: then the run is not defined
        assert place.run("dataset", "close", "2016/W14").exit_code != 0
    done = register(place, path, "--close")
    assert (done["added"] + done["same"], done["closed"]) == (20000, True)


@pytest.fixture
def small_disk(tmp_path: Path):
    """A place on a disk of 3 MB that is nobody else's; the command to change how it is mounted."""
    root = tmp_path / "small"
    root.mkdir()
    mount = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(root)], capture_output=True)
    if mount.returncode:
        pytest.skip("only root may mount a small disk")
    made = Place(root)
    made.good("db", "upgrade")
    yield made
    subprocess.run(["umount", str(root)], check=True)


def remount(place: Place, how: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{how}", str(place.root)], check=True)


def test_a_disk_that_is_really_full_is_one_error_and_the_import_goes_on_with_more(small_disk, tmp_path):
    path = tmp_path / "raw.csv"
    path.write_text("lfn\n" + "".join(f"{lfn(n)}\n" for n in range(10000, 40000)))
    assert "disk" in small_disk.refused(ExitCode.BUSY, "file", "register", path, *OPTIONS, "--close")
    remount(small_disk, "size=60m")
    done = register(small_disk, path, "--close")
    assert (done["added"] + done["same"], done["closed"]) == (30000, True)


def test_a_read_only_disk_is_one_error(small_disk, tmp_path):
    path = tmp_path / "raw.csv"
    path.write_text(f"lfn\n{lfn(11001)}\n")
    remount(small_disk, "ro")
    line = small_disk.refused(ExitCode.BUSY, "file", "register", path, *OPTIONS)
    remount(small_disk, "rw")
    assert "write" in line or "read-only" in line


def test_a_read_only_catalogue_is_one_error(place):
    if os.geteuid() == 0:
        pytest.skip("root may write everything")
    (place.root / "ddm.db").chmod(0o444)
    place.root.chmod(0o555)
    try:
        assert "write" in place.refused(ExitCode.BUSY, "file", "register", "/dev/null", *OPTIONS)
    finally:
        place.root.chmod(0o755)


# -------------------------------------------------------------------------------- asking
def posix(place: Place) -> str:
    """The disk endpoint, with two files on it; a list of the names of three."""
    for chunk in (11001, 11002):
        path = place.root / "disk" / lfn(chunk).lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * chunk)
    return str(write(place, "list", "".join(f"{lfn(n)}\n" for n in (11001, 11002, 11003))))


def test_the_endpoint_completes_what_the_list_did_not_say(place):
    path = posix(place)
    options = ("--dataset", "2016/W14", "--endpoint", "disk")
    done = place.json("file", "register", path, *options)
    assert (done["added"], done["incomplete"]) == (3, 3)
    assert place.json("file", "complete", "--endpoint", "disk", "--plan")["asked"] == 3
    told = place.run("file", "complete", "--endpoint", "disk", "--json")
    assert told.exit_code == ExitCode.SOME_FAILED
    found = json.loads(told.stdout)
    assert (found["asked"], found["completed"], found["silent"]) == (3, 2, 1)
    assert "file_missing" in found["silences"][0]["why"]
    shown = place.json("file", "show", lfn(11001))
    assert shown["size"] == 11001
    events = {row["event"]: row["reason"] for row in place.json("file", "history", lfn(11001))}
    assert events["completed"].startswith("said by endpoint disk")
    assert json.loads(place.run("file", "complete", "--endpoint", "disk", "--json").stdout)["asked"] == 1


def test_asking_is_part_of_a_registration(place):
    options = ("--dataset", "2016/W14", "--endpoint", "disk", "--ask")
    assert place.json("file", "register", posix(place), *options)["added"] == 3
    assert place.json("file", "show", lfn(11002))["size"] == 11002
    assert place.json("file", "show", lfn(11003))["size"] is None


def test_a_new_dataset_is_not_called_like_a_version_of_another(place):
    path = write(place, "raw.csv", f"lfn,size,adler32\n{lfn(11001)},7,00000001\n")
    said = place.refused(
        ExitCode.USAGE, "file", "register", str(path), "--dataset", "2016/W14@2", "--endpoint", "tape"
    )
    assert "ddm dataset version" in said
