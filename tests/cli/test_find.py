"""file find, where, parents and children; history; run list; completion: questions of a person."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys

import pytest

from catalog.db.engine import Catalog
from catalog.errors import ExitCode
from ddm.cli.completing import NAMES
from ddm.cli.program import ddm
from tests.cli.place import RAW, Place

RUN = 275678


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path)


@pytest.fixture
def filled(place):
    place.register(5)
    return place


def chunk(number):
    return f"{RAW}/cdr11{number:03d}-{RUN}.raw"


# ---------------------------------------------------------------------------------- find
def test_a_query_finds_files_with_their_columns(filled):
    found = filled.json(
        "file", "find", "run=275678 and size>1002", "--columns", "lfn,size,adler32,replica.pfn"
    )
    assert found["query"] == "run = 275678 and size > 1002B"
    assert found["after"] is None
    assert found["files"] == [
        {
            "lfn": chunk(n),
            "size": 1000 + n,
            "adler32": f"0000000{n}",
            "replica.pfn": f"simtape://{filled.root}/tape{chunk(n)}",
        }
        for n in (3, 4)
    ]


def test_a_query_that_finds_nothing_says_which_name_nobody_knows(filled):
    told = filled.run("file", "find", "dataset=2016/W41")
    assert told.exit_code == 0
    assert "no such file" in told.stdout
    assert "there is no dataset '2016/W41' (near: 2016/W14" in told.stderr


def test_pages_follow_one_another(filled):
    names, after = [], []
    while True:
        page = filled.json("file", "find", "all", "--columns", "name", "--limit", 2, *after)
        names += [file["name"] for file in page["files"]]
        if page["after"] is None:
            break
        after = ["--after", page["after"]]
    assert names == [f"cdr11{n:03d}-{RUN}.raw" for n in range(5)]
    assert "there are more: --after" in filled.good("file", "find", "all", "--limit", 2)
    assert "not the end of a page" in filled.refused(ExitCode.USAGE, "file", "find", "all", "--after", "x")


def test_a_wrong_query_is_one_line_with_its_place(filled):
    told = filled.refused(ExitCode.USAGE, "file", "find", "run = and size>1")
    assert "expected a whole number" in told
    assert "column 7" in told
    assert "run = ^and size>1" in told
    told = filled.refused(ExitCode.USAGE, "file", "find", "evens > 1")
    assert "near: n_events" in told


def test_wrong_columns_are_refused_with_those_that_are_near(filled):
    assert "near: lfn" in filled.refused(ExitCode.USAGE, "file", "find", "all", "--columns", "lfnn")
    assert "named twice" in filled.refused(ExitCode.USAGE, "file", "find", "all", "--columns", "lfn,lfn")
    told = filled.refused(ExitCode.USAGE, "file", "find", "all", "--columns", "meta.energy")
    assert "nothing was ever said under the key 'energy'" in told


def test_totals_count_each_file_once(filled):
    found = filled.json("file", "find", "replica.kind=tape", "--count")
    assert found == {"files": 5, "size": 5010, "size_unknown": 0, "events": 50, "events_unknown": 0}
    assert "5010 (5.01 kB)" in filled.good("file", "find", "all", "--count")


def test_all_is_written_to_a_new_file_in_each_format(filled):
    def written(name):
        path = filled.root / name
        columns = "lfn,run,part,adler32,registered,replica.state"
        done = filled.json("file", "find", "all", "--columns", columns, "--output", path)
        assert done == {"rows": 5, "path": str(path)}
        return path

    lines = [json.loads(line) for line in written("all.jsonl").read_text().splitlines()]
    assert [line["lfn"] for line in lines] == [chunk(n) for n in range(5)]
    assert lines[3]["adler32"] == "00000003"
    assert lines[3]["part"] is None
    assert lines[3]["registered"].endswith("Z")
    rows = list(csv.DictReader(written("all.csv").read_text().splitlines()))
    assert [row["adler32"] for row in rows] == [line["adler32"] for line in lines]
    assert rows[0]["part"] == ""
    parquet = pytest.importorskip("pyarrow.parquet")
    table = parquet.read_table(written("all.parquet"))
    assert str(table.schema.field("registered").type) == "timestamp[us, tz=UTC]"
    assert table.column("lfn").to_pylist() == [line["lfn"] for line in lines]
    assert table.column("adler32").to_pylist() == [line["adler32"] for line in lines]
    assert table.column("run").to_pylist() == [RUN] * 5
    assert {path.name for path in filled.root.iterdir()} >= {"all.jsonl", "all.csv", "all.parquet"}
    assert not list(filled.root.glob(".*.part"))


def test_nothing_is_overwritten_and_nothing_half_written(filled):
    path = filled.root / "kept.csv"
    path.write_text("mine\n")
    told = filled.refused(ExitCode.USAGE, "file", "find", "all", "--output", path)
    assert "nothing is overwritten" in told
    assert path.read_text() == "mine\n"
    filled.refused(ExitCode.USAGE, "file", "find", "all", "--output", filled.root / "x.txt")
    filled.refused(ExitCode.USAGE, "file", "find", "meta.x=1", "--output", filled.root / "x.csv")
    filled.refused(ExitCode.FAILED, "file", "find", "all", "--output", filled.root / "no" / "x.csv")
    assert not list(filled.root.glob("x.*"))
    assert not list(filled.root.glob(".*.part"))


def test_rows_stream_to_standard_output(filled):
    told = filled.good("file", "find", "run=275678", "--columns", "name,n_events", "--format", "csv")
    assert told.splitlines()[:2] == ["name,n_events", f"cdr11000-{RUN}.raw,10"]
    told = filled.good("file", "find", "run=1", "--format", "jsonl")
    assert told == ""
    assert filled.good("file", "find", "run=1", "--format", "csv").count("\n") == 1


def test_a_reader_that_goes_away_is_no_error(filled):
    command = [sys.executable, "-m", "ddm", "file", "find", "all", "--format", "csv"]
    command += ["--config", str(filled.root / "ddm.toml")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        told = process.stderr.read()
    assert b"Traceback" not in told


# --------------------------------------------------------------------------------- where
def test_where_takes_lfns_paths_urls_names_and_patterns(filled):
    url = f"simtape://{filled.root}/tape{chunk(1)}"
    for word in (chunk(1), f"cdr11001-{RUN}.raw", "cdr11001*", "*/raw/W14/cdr11001-*", url):
        (found,) = filled.json("file", "where", word)
        assert [place["lfn"] for place in found["places"]] == [chunk(1)], word
        assert found["places"][0]["pfn"] == url
    assert len(filled.json("file", "where", "cdr*.raw")[0]["places"]) == 5


def test_where_says_what_is_not_known(filled):
    told = filled.run("file", "where", chunk(1), "/no/such.raw")
    assert told.exit_code == ExitCode.SOME_FAILED
    assert "not known: /no/such.raw" in told.stdout
    assert filled.run("file", "where", "such.raw").exit_code == ExitCode.FAILED
    assert "give names" in filled.refused(ExitCode.USAGE, "file", "where")


def test_where_reads_a_list(filled):
    path = filled.root / "names.txt"
    path.write_text("# mine\n" + "".join(f"{chunk(n)}\n" for n in range(5)) + "\n")
    found = filled.json("file", "where", "--from", path)
    assert [entry["asked"] for entry in found] == [chunk(n) for n in range(5)]
    assert all(entry["places"] for entry in found)


# ----------------------------------------------------------------------------- provenance
@pytest.fixture
def family(filled):
    """Chunk 0 and 1 made into mDST 10 and 11, these merged into 20."""
    from sqlalchemy import insert

    from catalog.db import schema

    with Catalog(f"sqlite:///{filled.root}/ddm.db") as catalog, catalog.begin() as conn:
        first = conn.execute(schema.file.select().order_by(schema.file.c.id)).first()
        common = {"directory_id": first.directory_id, "dataset_id": first.dataset_id, "run": RUN}
        common |= {"size": 1, "adler32": 1, "registered_at": catalog.clock.now(), "product": "mDST"}
        for key, role in ((1010, "intermediate"), (1011, "intermediate"), (1020, "final")):
            values = common | {"id": key, "name": f"m{key}", "role": role, "chunk": ""}
            conn.execute(insert(schema.file).values(**values))
        pairs = [(1010, first.id), (1011, first.id + 1), (1020, 1010), (1020, 1011)]
        rows = [{"file_id": child, "parent_id": parent} for child, parent in pairs]
        conn.execute(insert(schema.parent), rows)
    return filled


def test_raw_chunks_of_a_merged_part_and_where_a_chunk_ended_up(family):
    found = family.json("file", "parents", "m1020")
    assert [(entry["generation"], entry["lfn"]) for entry in found] == [
        (1, f"{RAW}/m1010"),
        (1, f"{RAW}/m1011"),
        (2, chunk(0)),
        (2, chunk(1)),
    ]
    raw = family.json("file", "parents", "m1020", "--role", "raw")
    assert [entry["lfn"] for entry in raw] == [chunk(0), chunk(1)]
    found = family.json("file", "children", chunk(0), "--role", "final")
    assert [entry["lfn"] for entry in found] == [f"{RAW}/m1020"]
    assert [entry["lfn"] for entry in family.json("file", "children", chunk(0), "--depth", 1)] == [
        f"{RAW}/m1010"
    ]
    assert "m1020" in family.good("file", "children", chunk(0))
    assert family.json("file", "children", "m1020") == []
    assert "no such file" in family.refused(ExitCode.FAILED, "file", "parents", "x")


# -------------------------------------------------------------------------- history, runs
def test_history_tells_what_changed_since_a_time(filled):
    found = filled.json("history", "--since", "1h")
    assert {row["event"] for row in found["rows"]} >= {"born", "registered"}
    assert filled.json("history", "--until", "1h")["rows"] == []
    replicas = filled.json("history", "replica", "--limit", 1)["rows"]
    assert (replicas[0]["first"], replicas[0]["last"]) == (1, 5)
    assert filled.json("history", "replica", "3")["rows"] == replicas
    assert filled.json("history", "replica", "6")["rows"] == []
    assert "expected a time" in filled.refused(ExitCode.USAGE, "history", "--since", "yesterday")
    assert "registered" in filled.good("history", "file", "--event", "registered")


def test_history_goes_on_page_by_page(filled):
    whole = filled.json("history")["rows"]
    rows, after = [], 0
    while after is not None:
        page = filled.json("history", "--limit", 1, "--after", after)
        rows, after = rows + page["rows"], page["after"]
    assert rows == whole
    assert len(whole) > 2


def test_runs_say_what_they_lack(filled):
    (run,) = filled.json("run", "list")
    assert (run["run"], run["files"], run["complete"]) == (RUN, 5, False)
    assert run["lacks"][0] == "its dataset is open: files may still come"
    assert filled.json("run", "list", "--complete") == []
    assert filled.json("run", "list", "--limit", 1) == [run]
    assert filled.json("run", "list", "--after", run["run"] - 1) == [run]
    assert filled.json("run", "list", "--after", run["run"]) == []
    assert filled.json("run", "list", "--run", 1) == []
    assert "no: its dataset is open" in filled.good("run", "list", "--incomplete")
    assert "no such dataset" in filled.refused(ExitCode.FAILED, "run", "list", "--dataset", "x")


# ----------------------------------------------------------------------------- completion
@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_of_each_shell_is_printed(place, shell):
    assert "_DDM_COMPLETE" in place.good("completion", shell)


def offered(place, words, incomplete):
    """What Tab offers, through the program itself."""
    environ = os.environ | {
        "_DDM_COMPLETE": "bash_complete",
        "COMP_WORDS": " ".join(["ddm", "--config", f"{place.root}/ddm.toml", *words, incomplete]),
        "COMP_CWORD": str(3 + len(words)),
    }
    command = [sys.executable, "-c", "from ddm.cli.program import ddm; ddm(prog_name='ddm')"]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60)
    assert done.stderr == ""
    assert done.returncode == 0
    return [line.partition(",")[2] for line in done.stdout.splitlines() if line]


def test_names_of_the_catalogue_are_offered(filled):
    assert offered(filled, ["run", "list", "--dataset"], "2016") == ["2016/W14"]
    assert offered(filled, ["run", "list", "--run"], "27") == [str(RUN)]
    assert "n_events" in offered(filled, ["file", "find"], "n_ev")
    assert "run=1-and-replica.state" not in offered(filled, ["file", "find"], "x")
    assert offered(filled, ["file", "find", "all", "--columns"], "lfn,replica.pf") == ["lfn,replica.pfn"]
    assert "find" in offered(filled, ["file"], "f")


def test_no_catalogue_no_offer_no_error(place):
    assert offered(place, ["run", "list", "--dataset"], "2016") == []
    (place.root / "ddm.toml").write_text("not = [toml")
    assert offered(place, ["run", "list", "--dataset"], "2016") == []


def test_parameters_that_can_be_completed_are(place):
    found = {
        param.name
        for noun in ("file", "run", "dataset")
        for verb in ddm.get_command(None, noun).commands.values()
        for param in verb.params
        if "shell_complete" in vars(param)
    }
    assert {"dataset", "run", "query", "columns"} <= found <= set(NAMES)
