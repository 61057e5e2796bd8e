"""What event sources answer, and what they refuse: text catalogues, databases, the file itself."""

from __future__ import annotations

import math
import sqlite3
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.clock import SimulatedClock
from catalog.errors import BadInput, Retry
from catalog.ranges import LARGEST
from catalog.states import Witness
from ddm.errors import ConfigError
from ddm.events import database, reading, textfile
from ddm.events.options import agreed, number
from ddm.events.ports import Around, Asked, Counted, NotKnown, Place, Trouble
from ddm.events.registry import open_source
from ddm.settings import EventSourceSettings
from merging.date import EventType, build_event
from merging.errors import ToolMissing
from transfers.registry import open_storage

RAW = "/castor/cern.ch/compass/data/2016/raw/W14"


def lfn(chunk, run=275678):
    return f"{RAW}/cdr{chunk}-{run}.raw"


def asked(chunk, run=275678, **other):
    return Asked(lfn(chunk, run), run, "raw", **other)


@pytest.fixture
def around(tmp_path):
    return Around(tmp_path, {}, {}, tmp_path / "scratch", SimulatedClock())


# ------------------------------------------------------------------------------- numbers
@pytest.mark.parametrize("value", [0, "0", 12, "12", " 12 ", 12.0, Decimal(12), b"12", LARGEST, str(LARGEST)])
def test_a_number_of_events_is_taken_however_it_is_written(value):
    assert number(value, "a:1") == Counted(int(value))


@pytest.mark.parametrize("value", [None, "", "  ", "-1", -1, -1.0, Decimal(-1)])
def test_unknown_there_is_unknown_here_and_never_none(value):
    assert isinstance(number(value, "a:1"), NotKnown)


@pytest.mark.parametrize(
    "value",
    [
        *("-2", -2, "1.5", 1.5, "abc", "1e3", "٣", "0x10", 2**63, str(2**63), 1e30, math.nan, math.inf),
        *(Decimal("sNaN"), Decimal("1.5"), Decimal("1E+999999"), True, "9" * 5000, b"\xff", []),
    ],
)
def test_what_is_no_number_of_events_is_trouble_of_that_file(value):
    found = number(value, "a:1")
    assert isinstance(found, Trouble)
    assert found.code == "bad_count"
    assert "a:1" in found.reason
    assert len(found.reason) < 120


@given(st.one_of(st.text(max_size=30), st.integers(), st.floats(), st.decimals(), st.binary(max_size=9)))
def test_any_value_is_a_count_that_can_be_or_none(value):
    found = number(value, "a:1")
    if isinstance(found, Counted):
        assert 0 <= found.events <= LARGEST


def test_several_lines_agree_or_are_trouble():
    assert agreed([Counted(5), NotKnown("x"), Counted(5)], "a") == Counted(5)
    assert agreed([NotKnown("x"), Trouble("y")], "a") == Trouble("y")
    assert (
        agreed([Counted(5), Counted(6)], "a").reason == "a: stands there more than once, with 5 and 6 events"
    )


# ---------------------------------------------------------------------------------- text
def text(around, content, **options):
    path = around.root / "events.txt"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return textfile.open_source({"path": "events.txt", **options}, around)


def test_a_text_catalogue_answers_for_its_lines(around):
    source = text(
        around,
        f"# run lfn events\n275678 {lfn(11001)} 100\n\n275678\t{lfn(11002)}\t0\n"
        f"275679 {lfn(12001, 275679)} 7\n"
        f"275678 {lfn(11003)} -1\n275678 {lfn(11004)} abc\n275678 {lfn(11005)}\nnonsense here now",
    )
    assert source.witness == Witness.RAW_CATALOGUE
    files = [asked(chunk) for chunk in range(11001, 11006)] + [asked(12001, 275679)]
    found = source.ask(files)
    assert found[lfn(11001)] == Counted(100)
    assert found[lfn(11002)] == Counted(0)
    assert found[lfn(12001, 275679)] == Counted(7)
    assert isinstance(found[lfn(11003)], NotKnown)
    assert found[lfn(11004)].reason.endswith("events.txt:7: 'abc' is no number of events")
    assert "not there in run 275678" in found[lfn(11005)].reason


def test_base_names_may_be_what_stands_in_the_list(around):
    source = text(around, "275678 cdr11001-275678.raw 9\n", match="base_name", witness="job")
    assert source.ask([asked(11001)]) == {lfn(11001): Counted(9)}
    assert source.witness == Witness.JOB


def test_a_list_that_grew_is_read_again_and_several_lists_are_one(around):
    source = text(around, f"275678 {lfn(11001)} 1\n", path="*.txt")
    assert isinstance(source.ask([asked(11002)])[lfn(11002)], NotKnown)
    with open(around.root / "events.txt", "a") as stream:
        stream.write(f"275678 {lfn(11002)} 2")
    (around.root / "more.txt").write_text(f"275678 {lfn(11003)} 3\n275678 {lfn(11001)} 4\n")
    found = source.ask([asked(chunk) for chunk in (11001, 11002, 11003)])
    assert [found[lfn(chunk)] for chunk in (11002, 11003)] == [Counted(2), Counted(3)]
    assert "with 1 and 4 events" in found[lfn(11001)].reason


@given(
    st.lists(st.tuples(st.integers(1, 4), st.integers(0, 9), st.integers(0, 50)), max_size=30), st.booleans()
)
def test_only_the_lines_of_the_runs_asked_for_are_read_and_none_is_missed(tmp_path_factory, rows, crlf):
    root = tmp_path_factory.mktemp("list")
    around = Around(root, {}, {}, root / "scratch", SimulatedClock())
    end = "\r\n" if crlf else "\n"
    source = text(around, "".join(f"{run} /r{run}/c{chunk} {n}{end}" for run, chunk, n in rows))
    files = [Asked(f"/r{run}/c{chunk}", run, "raw") for run in range(1, 5) for chunk in range(10)]
    said: dict[str, set[int]] = {}
    for run, chunk, n in rows:
        said.setdefault(f"/r{run}/c{chunk}", set()).add(n)
    found = source.ask(files)
    assert {name for name, answer in found.items() if not isinstance(answer, NotKnown)} == set(said)
    for name, counts in said.items():
        assert found[name] == Counted(*counts) if len(counts) == 1 else isinstance(found[name], Trouble)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\0\xff\xfe" * 1000, "no line 'run LFN events'"),
        (b"x" * 100_000, "a line of more than"),
        (b"lfn,events\n/a,1\n", "no line 'run LFN events'"),
    ],
)
def test_what_is_no_catalogue_is_one_clear_error(around, content, said):
    with pytest.raises(BadInput, match=said) as caught:
        text(around, content).ask([asked(11001)])
    assert "events.txt" in caught.value.subject


def test_a_list_that_is_not_there_is_an_error_not_an_answer(around):
    source = textfile.open_source({"path": "none-*.txt"}, around)
    with pytest.raises(BadInput, match="no such event catalogue"):
        source.ask([asked(11001)])


# ---------------------------------------------------------------------------------- SQL
@pytest.fixture
def foreign(tmp_path):
    path = tmp_path / "oracle.db"
    with sqlite3.connect(path) as conn:
        conn.execute("CREATE TABLE file_maps (name TEXT, run INTEGER, events INTEGER)")
        rows = [(f"cdr{11000 + n}-275678.raw", 275678, n * 10) for n in range(1, 8)]
        conn.executemany(
            "INSERT INTO file_maps VALUES (?, ?, ?)", [*rows, ("cdr11008-275678.raw", 275678, None)]
        )
    conn.close()
    return {"url": f"sqlite:///{path}", "match": "base_name"}


QUERIES = [
    "SELECT name, events FROM file_maps WHERE name IN :lfns",
    "SELECT name, events FROM file_maps WHERE run = :run",
]


@pytest.mark.parametrize("query", QUERIES)
def test_a_database_answers_by_name_or_by_run(around, foreign, query):
    source = database.open_source({**foreign, "query": query}, around)
    found = source.ask([asked(11000 + n) for n in range(1, 10)] + [asked(11001, 999)])
    assert [found[lfn(11000 + n)] for n in (1, 7)] == [Counted(10), Counted(70)]
    assert isinstance(found[lfn(11008)], NotKnown)
    assert isinstance(found[lfn(11009)], NotKnown)
    assert isinstance(found[lfn(11001, 999)], NotKnown)


def test_names_are_asked_for_so_many_at_a_time(around, foreign):
    source = database.open_source({**foreign, "query": QUERIES[0], "at_once": "2"}, around)
    assert source.at_once == 2
    found = source.ask([asked(11000 + n) for n in range(1, 8)])
    assert [found[lfn(11000 + n)].events for n in range(1, 8)] == [10, 20, 30, 40, 50, 60, 70]


@pytest.mark.parametrize("name", ["x') OR 1=1 --", "'; DROP TABLE file_maps; --", "%"])
def test_a_name_is_a_bound_value_whatever_it_says(around, foreign, name):
    source = database.open_source({**foreign, "query": QUERIES[0]}, around)
    assert isinstance(source.ask([Asked(name, 1, "raw")])[name], NotKnown)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"query": "SELECT 1, 2"}, "binds nothing"),
        ({"query": "SELECT :lfns, :run"}, "binds :lfns, :run"),
        ({"query": "SELECT :x, 1"}, "binds :x"),
        ({"query": QUERIES[0], "at_once": "0"}, "from 1 to 10000"),
        ({"query": QUERIES[0], "at_once": "many"}, "from 1 to 10000"),
        ({"query": QUERIES[0], "match": "name"}, "'match' is"),
        ({"query": QUERIES[0], "witness": "read"}, "speaks for"),
        ({"query": QUERIES[0], "password": "x"}, "no option 'password'"),
        ({}, "needs the option 'query'"),
        ({"query": QUERIES[0], "url": "sqlite:////no/such/file.db"}, "no such database"),
        ({"query": QUERIES[0], "url": "nonsense"}, "not a database URL"),
    ],
)
def test_options_that_cannot_be_are_refused_at_once(around, foreign, options, said):
    with pytest.raises(BadInput, match=said):
        database.open_source({**foreign, **options}, around)


@pytest.mark.parametrize(
    "query", ["SELECT name FROM file_maps WHERE run = :run", "SELECT no, pe FROM x WHERE y=:run"]
)
def test_a_query_that_is_wrong_is_one_clear_error(around, foreign, query):
    with pytest.raises(BadInput):
        database.open_source({**foreign, "query": query}, around).ask([asked(11001)])


# ------------------------------------------------------------------------------- the file
@pytest.fixture
def disk(tmp_path):
    """An endpoint of local files with a raw file of 12 events; twice: read in place, and fetched."""
    root = tmp_path / "disk"
    path = root / lfn(11001).lstrip("/")
    path.parent.mkdir(parents=True)
    path.write_bytes(b"".join(build_event(EventType.PHYSICS, 275678, 1, n) for n in range(12)))
    storage = open_storage("posix", f"file://{root}", clock=SimulatedClock(), options={})
    return root, path, storage


def reader(disk, tmp_path, fetched=False):
    root, _, storage = disk
    prefix = "root://door/" if fetched else f"file://{root}"
    around = Around(tmp_path, {"disk": storage}, {"disk": prefix}, tmp_path / "scratch", SimulatedClock())
    return reading.open_source({"raw": "date"}, around)


@pytest.mark.parametrize("fetched", [False, True])
def test_the_file_itself_is_counted_where_it_is_or_from_a_copy(disk, tmp_path, fetched):
    source = reader(disk, tmp_path, fetched)
    here = (Place("disk", lfn(11001)),)
    size = disk[1].stat().st_size
    assert (source.witness, source.products, source.reads_files) == (Witness.READ, ("raw",), True)
    assert source.ask([asked(11001, places=here, size=size)]) == {lfn(11001): Counted(12)}
    wrong = source.ask([asked(11001, places=here, size=size + 1)])[lfn(11001)]
    assert (wrong.code, wrong.retry) == ("size_mismatch", Retry.LATER)
    assert list((tmp_path / "scratch").glob("*")) == [], "no copy stays behind"


@pytest.mark.parametrize("fetched", [False, True])
def test_a_file_that_cannot_be_read_is_trouble_and_another_copy_is_tried(disk, tmp_path, fetched):
    source = reader(disk, tmp_path, fetched)
    gone = Place("disk", "/not/there.raw")
    assert isinstance(source.ask([asked(11001, places=(gone,))])[lfn(11001)], Trouble)
    both = (gone, Place("disk", lfn(11001)))
    assert source.ask([asked(11001, places=both)]) == {lfn(11001): Counted(12)}
    disk[1].write_bytes(b"no DATE file at all, but long enough for a header" * 9)
    found = source.ask([asked(11001, places=both)])[lfn(11001)]
    assert (found.code, found.retry) == ("unreadable_input", Retry.PERSON)


def test_a_product_without_counter_and_a_file_without_copy_stay_unknown(disk, tmp_path):
    source = reader(disk, tmp_path)
    assert isinstance(source.ask([Asked("/a", 1, "mDST")])["/a"], NotKnown)
    assert isinstance(source.ask([asked(11001)])[lfn(11001)], NotKnown)


def test_a_counter_that_is_not_there_is_refused_at_once(around):
    with pytest.raises(ToolMissing, match="no event counter 'dates'"):
        reading.open_source({"raw": "dates"}, around)
    with pytest.raises(BadInput, match="the counter of each product"):
        reading.open_source({}, around)


# ------------------------------------------------------------------------------- by name
def test_a_source_is_found_by_name_and_its_mistakes_name_the_section(around):
    (around.root / "a.txt").write_text("")
    good = EventSourceSettings(name="raw", backend="text", options={"path": "a.txt"})
    assert isinstance(open_source(good, around), textfile.TextSource)
    with pytest.raises(
        ConfigError, match=r"\[event_source.raw\] backend: no event source is called 'oracle'"
    ):
        open_source(EventSourceSettings(name="raw", backend="oracle"), around)
    with pytest.raises(ConfigError, match=r"\[event_source.raw\] options: a text source needs"):
        open_source(EventSourceSettings(name="raw", backend="text"), around)


def test_the_paths_of_lists_are_those_of_the_configuration(around, tmp_path, monkeypatch):
    monkeypatch.chdir(Path("/"))
    assert text(around, f"275678 {lfn(11001)} 5\n").ask([asked(11001)]) == {lfn(11001): Counted(5)}
