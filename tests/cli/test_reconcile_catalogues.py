"""``ddm reconcile catalogues``: raw catalogue, ProdSys and Rucio beside ours; nothing is changed anywhere."""

from __future__ import annotations

import bz2
import json
import os
import sqlite3
import time

import pytest

from catalog.errors import ExitCode
from ddm.testing.rucio import RucioServer, file
from tests.cli.place import RAW, Place
from tests.prodsys_world import World, merged

RUN = 275678


def lfn(n: int) -> str:
    return f"{RAW}/cdr11{n:03d}-{RUN}.raw"


@pytest.fixture
def place(tmp_path):
    made = Place(tmp_path / "place")
    made.register(9)
    made.later = time.time() + 7200  # lists are made later than what was registered
    return made


def content(place):
    with sqlite3.connect(place.root / "ddm.db") as base:
        found = list(base.iterdump())
    base.close()
    return found


def write(place, name, text, *, later=True):
    path = place.root / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    if later:
        os.utime(path, (place.later, place.later))
    return path


def ends(place, code, *words):
    """The answer of a comparison that must end with this code, and change nothing."""
    before = content(place)
    done = place.run("reconcile", "catalogues", *words, "--json")
    assert done.exit_code == code, done.output
    assert content(place) == before
    return json.loads(done.stdout)


def kinds(answer):
    return {line["kind"]: line["files"] for line in answer["kinds"] if line["files"]}


def doubts(answer):
    return [line["kind"] for line in answer["kinds"] if line["doubt"]]


def events(numbers=range(9), **over):
    return "".join(f"{RUN} {lfn(n)} {over.get(str(n), 10)}\n" for n in numbers)


# --------------------------------------------------------------------------------- raw catalogue
def test_a_raw_catalogue_that_says_the_same_is_said_to(place):
    answer = ends(place, ExitCode.DONE, "raw", write(place, "raw.txt", events()))
    assert (answer["here"], answer["there"], answer["both"], kinds(answer)) == (9, 9, 9, {})
    compared = {line["kind"]: line["compared"] for line in answer["kinds"]}
    assert (compared["events differ"], compared["size differs"]) == (9, 0)


def test_what_differs_is_counted_shown_and_written_out(place, tmp_path):
    text = events(range(1, 9), **{"3": 11}) + f"{RUN} {lfn(100)} 10\n"
    path = write(place, "raw.txt", text)
    rest = tmp_path / "rest.csv"
    answer = ends(place, ExitCode.HELD, "raw", path, "--output", rest)
    assert kinds(answer) == {"only here": 1, "only there": 1, "events differ": 1}
    assert [one["lfn"] or one["other_name"] for one in answer["examples"]] == [lfn(3), lfn(0), lfn(100)]
    rows = rest.read_text().splitlines()
    assert rows[0].startswith("kind,lfn,dataset,size,adler32,events,other_name")
    assert rows[1] == f"events differ,{lfn(3)},2016/W14,1003,00000003,10,{lfn(3)},,,,11,{path}:3"
    assert "overwritten" in place.refused(
        ExitCode.USAGE, "reconcile", "catalogues", "raw", path, "--output", rest
    )
    text = place.run("reconcile", "catalogues", "raw", path).stdout
    assert "our catalogue has it, the other one does not" in text
    assert lfn(100) in text


def test_everything_that_differs_goes_to_parquet_too(place, tmp_path):
    import pyarrow.parquet

    csv = place.list(*(f"{lfn(n)},{1000 + n},0000000{n + (n == 4)},10" for n in range(9)), name="list.csv")
    rest = tmp_path / "rest.parquet"
    answer = ends(place, ExitCode.HELD, "raw", csv, "--output", rest, "--made-at", "2036-01-01")
    assert kinds(answer) == {"checksum differs": 1}
    (row,) = pyarrow.parquet.read_table(rest).to_pylist()
    assert (row["adler32"], row["other_adler32"]) == ("00000004", "00000005")


def more(place, dataset, run, chunks=40):
    names = [f"{RAW}/cdr12{n:03d}-{run}.raw" for n in range(chunks)]
    path = place.list(*(f"{name},7,00000007,10" for name in names), name="more.csv")
    place.good("file", "register", path, "--dataset", dataset, "--endpoint", "tape")
    return "".join(f"{run} {name} 10\n" for name in names)


def test_half_a_list_is_no_reason_to_miss_files(place):
    text = events() + more(place, "2016/W14", RUN)
    answer = ends(place, ExitCode.HELD, "raw", write(place, "raw.txt", text[:-2]))  # '… 1' of '… 10'
    assert (kinds(answer), doubts(answer), answer["refused"]) == ({"only here": 1}, ["only here"], 1)
    half = text[: text.index("cdr12020")]
    answer = ends(place, ExitCode.HELD, "raw", write(place, "raw.txt", half[: half.rindex("\n") + 1]))
    assert (kinds(answer), doubts(answer)) == ({"only here": 20}, ["only here"])


def test_a_list_of_other_files_is_not_believed(place):
    more(place, "2016/W15", 275700)
    answer = ends(place, ExitCode.HELD, "raw", write(place, "raw.txt", events()))
    assert (kinds(answer), doubts(answer)) == ({"only here": 40}, ["only here"])
    answer = ends(place, ExitCode.DONE, "raw", write(place, "raw.txt", events()), "--dataset", "2016/W14")
    assert (answer["here"], answer["both"]) == (9, 9)
    place.refused(ExitCode.FAILED, "reconcile", "catalogues", "raw", place.root / "raw.txt", "--dataset", "x")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (events(range(9)) + "what is this\n" * 2, "2 of 11 lines cannot be read"),
        ("# nothing\n", "it is empty"),
        (b"\xff\xfe" * 40, "of which format"),
    ],
    ids=["garbage", "empty", "binary"],
)
def test_what_cannot_be_such_a_list_is_refused(place, text, words):
    path = write(place, "raw.txt", text)
    more = () if isinstance(text, bytes) else ("--format", "raw")
    assert words in place.refused(ExitCode.USAGE, "reconcile", "catalogues", "raw", path, *more)


def test_a_list_that_is_too_old_is_refused_and_what_came_since_is_in_flight(place):
    path = write(place, "raw.txt", events(range(8)), later=False)
    words = ("reconcile", "catalogues", "raw", path, "--made-at", "2020-01-01T00:00Z")
    assert "older than 30 days" in place.refused(ExitCode.USAGE, *words)
    assert kinds(ends(place, ExitCode.DONE, "raw", path)) == {"in flight": 1}


def test_a_list_of_base_names_is_found_by_them(place):
    text = "lfn,events\n" + "".join(f"{lfn(n).rpartition('/')[2]},10\n" for n in range(9))
    answer = ends(place, ExitCode.DONE, "raw", write(place, "names.csv", text))
    assert (answer["joined_by"], answer["both"]) == ("base name", 9)


def test_an_event_source_of_ddm_toml_is_asked_of_what_we_know(place):
    config = place.root / "ddm.toml"
    config.write_text(
        config.read_text() + '\n[event_source.list]\nbackend = "text"\noptions = { path = "events.txt" }\n'
    )
    write(place, "events.txt", events(range(9), **{"3": 11}))
    place.run("reconcile", "catalogues", "raw", "list")  # endpoints of ddm.toml are known from then on
    answer = ends(place, ExitCode.HELD, "raw", "list")
    assert (kinds(answer), answer["only_ours"]) == ({"events differ": 1}, True)


def test_a_database_is_asked_run_by_run(place):
    base = sqlite3.connect(place.root / "raw.db")
    base.execute("CREATE TABLE files (run INTEGER, path TEXT, events INTEGER)")
    base.executemany("INSERT INTO files VALUES (?, ?, ?)", [(RUN, lfn(n), 10 + (n == 2)) for n in range(9)])
    base.commit()
    base.close()
    runs = write(place, "runs.txt", f"{RUN}\n")
    query = "SELECT path AS lfn, events FROM files WHERE run = :run"
    url = f"sqlite:///{place.root / 'raw.db'}"
    answer = ends(place, ExitCode.HELD, "raw", url, "--query", query, "--runs", runs)
    assert kinds(answer) == {"events differ": 1}


# --------------------------------------------------------------------------------------- ProdSys
@pytest.fixture
def prodsys(tmp_path):
    place = Place(tmp_path / "place")
    place.good("db", "upgrade")
    place.later = time.time() + 7200
    world = World()
    world.task(1, "dvcs2016P08t1_part1", status="archived")
    for chunk in range(11001, 11007):
        part = 0 if chunk < 11004 else 1
        states = merged("mdst", part) | merged("histos", 0)
        world.job(1, 275603, chunk, number_of_events=chunk, **states)
    place.world = world
    path = world.dump(place.root / "prodsys.sql.gz")
    report = place.root / "report.jsonl"
    place.good("db", "import-prodsys", path, "--tape", "tape", "--disk", "disk", "--report", report)
    return place


def dumped(place):
    path = place.world.dump(place.root / "later.sql.gz")
    os.utime(path, (place.later, place.later))
    return path


def test_prodsys_says_the_same_after_its_import(prodsys):
    answer = ends(prodsys, ExitCode.DONE, "prodsys", dumped(prodsys))
    assert (answer["here"], answer["there"], kinds(answer)) == (27, 27, {})


def test_prodsys_that_went_on_differs_by_what_it_did(prodsys):
    prodsys.world.job(1, 275603, 11007, number_of_events=5)
    prodsys.world.jobs[0]["number_of_events"] = 99
    answer = ends(prodsys, ExitCode.HELD, "prodsys", dumped(prodsys))
    assert kinds(answer)["events differ"] == 1
    assert kinds(answer)["only there"] >= 1
    cut = dumped(prodsys)
    cut.write_bytes(cut.read_bytes()[:-40])
    place_words = ("reconcile", "catalogues", "prodsys", cut)
    assert "cut" in prodsys.refused(ExitCode.USAGE, *place_words)


# ----------------------------------------------------------------------------------------- Rucio
def replica(n, rse="CTA", size=None, state="A"):
    size = 1000 + n if size is None else size
    return f"{rse}\traw\t{lfn(n)}\t0000000{n}\t{size}\t2026-01-01 00:00:00\tx\t2026-01-01 00:00:00\t{state}\n"


def test_a_dump_of_an_rse_is_compared_with_what_has_a_copy_there(place):
    text = "".join(replica(n, size=7 if n == 2 else None, state="C" if n == 5 else "A") for n in range(8))
    path = write(place, "replicas.bz2", bz2.compress(text.encode()))
    words = ("rucio", path, "--endpoint", "tape", "--rse", "CTA")
    answer = ends(place, ExitCode.HELD, *words)
    assert kinds(answer) == {"size differs": 1, "only here": 1, "in flight": 1}
    assert ends(place, ExitCode.HELD, *words, "--scope", "raw")["both"] == 7


def test_a_dump_of_another_rse_is_refused(place):
    path = write(place, "replicas", "".join(replica(n, "OTHER") for n in range(8)))
    line = place.refused(
        ExitCode.USAGE, "reconcile", "catalogues", "rucio", path, "--endpoint", "tape", "--rse", "CTA"
    )
    assert "it says that it is of OTHER, not of CTA" in line
    assert "which RSE" in place.refused(ExitCode.USAGE, "reconcile", "catalogues", "rucio", path)


@pytest.fixture
def server():
    with RucioServer() as made:
        made.add("raw", "2016.W14", [file("raw", lfn(n), 1000 + n, f"0000000{n}", 10) for n in range(9)])
        yield made


@pytest.fixture
def asked(place, server):
    secret = write(place, "secret", "secret\n")
    login = ("--user", "reader", "--password-file", secret, "--per-minute", 60000)
    return ("rucio", server.url, "--dataset", "2016/W14=raw:2016.W14", *login)


def test_a_server_is_asked_dataset_by_dataset_and_nothing_of_it_stays(place, server, asked):
    answer = ends(place, ExitCode.DONE, *asked)
    assert (answer["both"], kinds(answer), answer["unread"]) == (9, {}, {})
    assert not list((place.root / "reconcile").glob("*"))
    server.datasets["raw", "2016.W14"][3]["events"] = 9
    server.datasets["raw", "2016.W14"].pop()
    answer = ends(place, ExitCode.HELD, *asked)
    assert kinds(answer) == {"events differ": 1, "in flight": 1}  # it was registered just now


def test_a_dataset_that_never_comes_whole_is_not_missed(place, server, asked):
    server.add("raw", "2016.W15", [file("raw", lfn(100), 7)])
    server.trouble("short", where="files", count=5)
    more = (*asked, "--dataset", "2016/W15=raw:2016.W15")
    place.good("file", "register", place.raw_list(1, 275700), "--dataset", "2016/W15", "--endpoint", "tape")
    answer = ends(place, ExitCode.HELD, *more)
    assert list(answer["unread"]) == ["raw:2016.W14"]
    assert kinds(answer)["unreadable"] == 9
    again = ends(place, ExitCode.HELD, *more)
    assert (again["unread"], again["both"]) == ({}, 9)


def test_datasets_of_a_scope_or_an_rse_need_names_that_correspond(place, server, asked):
    login = asked[4:]
    line = place.refused(
        ExitCode.USAGE, "reconcile", "catalogues", "rucio", server.url, "--scope", "raw", *login
    )
    assert "--dataset OURS=THEIRS" in line
    for n in range(9):
        server.place("CTA", "raw", lfn(n))
    words = ("rucio", server.url, "--rse", "CTA", "--endpoint", "tape", *login)
    assert ends(place, ExitCode.DONE, *words)["both"] == 9


def test_a_server_that_does_not_let_us_in_or_is_not_there_is_one_line(place, server, asked):
    write(place, "secret", "wrong\n")
    assert "let us in" in place.refused(ExitCode.USAGE, "reconcile", "catalogues", *asked)
    nobody = ("rucio", server.url, "--scope", "raw")
    assert "--token-file" in place.refused(ExitCode.USAGE, "reconcile", "catalogues", *nobody)


@pytest.mark.mariadb
def test_the_live_database_of_prodsys_is_read_and_stays_as_it_is(prodsys, mariadb_server):
    name = mariadb_server.create()
    prodsys.world.fill(mariadb_server, name)
    prodsys.run("reconcile", "catalogues", "prodsys", mariadb_server.url(name))
    answer = ends(prodsys, ExitCode.DONE, "prodsys", mariadb_server.url(name))
    assert (answer["here"], answer["both"], kinds(answer)) == (27, 27, {})
