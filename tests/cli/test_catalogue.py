"""db, dataset and file: the commands that make and fill a catalogue."""

from __future__ import annotations

import sqlite3

import pytest

from catalog.errors import ExitCode
from ddm.cli.program import NOUNS
from tests.cli.place import RAW, Place


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path)


@pytest.fixture
def filled(place):
    place.register()
    return place


def test_every_noun_has_its_module_and_its_help():
    from importlib import import_module

    for noun, (module, text) in NOUNS.items():
        found = import_module(module).cli
        assert found.name == noun, module
        assert text


def sql(place: Place, statement: str) -> None:
    with sqlite3.connect(place.root / "ddm.db") as base:
        base.execute(statement)
    base.close()


# ------------------------------------------------------------------------------------ db
def test_a_command_before_the_database_is_made_says_how_to_make_it(place):
    assert "ddm db create" in place.refused(ExitCode.SCHEMA, "file", "show", "x")


def test_the_database_is_made_once(place):
    assert "new, empty catalogue" in place.good("db", "create")
    assert "up to date" in place.good("db", "create")
    assert place.json("db", "upgrade")["before"] == place.json("db", "upgrade")["now"]
    assert place.json("db", "check")["faults"] == []


def test_a_database_of_a_newer_version_is_refused_and_left_alone(place):
    place.good("db", "create")
    sql(place, "UPDATE alembic_version SET version_num = '9999'")
    for verb in ("create", "upgrade", "check"):
        assert "9999" in place.refused(ExitCode.SCHEMA, "db", verb)


def test_a_reference_to_nothing_is_found(filled):
    sql(filled, "UPDATE replica SET file_id = 4711 WHERE id = 1")
    told = filled.run("db", "check")
    assert told.exit_code == ExitCode.FAILED
    assert "table replica, row 1: refers to a file that is not there" in told.stdout


# ------------------------------------------------------------------------------- dataset
def test_a_dataset_is_added_closed_and_reopened_with_a_reason(place):
    place.good("db", "upgrade")
    assert place.json("dataset", "add", "2016/W14") == {
        "dataset": "2016/W14",
        "state": "OPEN",
        "changed": True,
    }
    assert "already" in place.good("dataset", "add", "2016/W14")
    assert place.json("dataset", "close", "2016/W14", "--empty")["state"] == "CLOSED"
    assert "Missing option '--reason'" in place.refused(ExitCode.USAGE, "dataset", "reopen", "2016/W14")
    assert "must not be empty" in place.refused(
        ExitCode.USAGE, "dataset", "reopen", "2016/W14", "--reason", " "
    )
    assert place.json("dataset", "reopen", "2016/W14", "--reason", "a late chunk")["state"] == "OPEN"


def test_a_dataset_with_a_name_that_cannot_be_is_refused(place):
    place.good("db", "upgrade")
    assert "ddm: " in place.refused(ExitCode.USAGE, "dataset", "add", "2016//W14")
    assert place.json("dataset", "show") == []


def test_a_dataset_that_nobody_knows_is_one_line(filled):
    for verb in ("show", "close"):
        assert "no such dataset" in filled.refused(ExitCode.FAILED, "dataset", verb, "2017/W01")


def test_a_dataset_shows_its_runs(filled):
    shown = filled.json("dataset", "show", "2016/W14")
    assert shown["dataset"]["files"] == 3
    assert shown["dataset"]["size"] == 3003
    assert shown["dataset"]["events"] == 30
    tier = {"role": "raw", "product": "raw", "files": 3, "size": 3003, "events": 30, "unknown": 0}
    assert shown["runs"] == [{"run": 275678, **tier}]
    assert "2016/W14" in filled.good("dataset", "show")
    assert "275678" in filled.good("dataset", "show", "2016/W14")


# ---------------------------------------------------------------------------------- file
def test_registering_twice_adds_nothing(filled):
    again = filled.json(
        "file", "register", filled.raw_list(4), "--dataset", "2016/W14", "--endpoint", "tape", "--close"
    )
    assert (again["added"], again["same"], again["closed"]) == (1, 3, True)
    assert filled.json("dataset", "show", "2016/W14")["dataset"]["state"] == "CLOSED"


def test_a_plan_of_a_registration_changes_nothing(place):
    place.good("db", "upgrade")
    options = ("--dataset", "2016/W14", "--endpoint", "tape", "--close", "--plan")
    planned = place.json("file", "register", place.raw_list(), *options)
    assert (planned["added"], planned["planned"], planned["closed"]) == (3, True, False)
    assert place.json("dataset", "show") == []


def test_a_conflict_changes_nothing_and_a_plan_lists_every_one(filled):
    other = filled.list(f"{RAW}/cdr11000-275678.raw,7,00000000,1", f"{RAW}/cdr11009-275678.raw,7,00000000,1")
    options = ("--dataset", "2016/W14", "--endpoint", "tape")
    line = filled.refused(ExitCode.FAILED, "file", "register", other, *options)
    assert "known with 1000 bytes, here 7" in line
    assert "raw.csv:2" in line
    assert filled.json("dataset", "show", "2016/W14")["dataset"]["files"] == 3
    told = filled.run("file", "register", other, *options, "--plan")
    assert told.exit_code == ExitCode.FAILED
    assert "conflicts: 1" in told.stdout


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (f"{RAW}/cdr11000-275678.raw,7,123,1", "eight hexadecimal digits"),
        (f"{RAW}/cdr11000-275678.raw,-7,00000123,1", "size"),
        (f"{RAW}/strange.raw,7,00000123,1", "strange.raw"),
        (f"{RAW}/cdr11000-275678.raw,7", "columns"),
    ],
)
def test_a_bad_line_is_named_and_nothing_is_changed(place, line, said):
    place.good("db", "upgrade")
    path = place.list(line)
    told = place.refused(
        ExitCode.USAGE, "file", "register", path, "--dataset", "2016/W14", "--endpoint", "tape"
    )
    assert said in told
    assert "raw.csv:2" in told
    assert place.json("dataset", "show") == []


def test_an_endpoint_or_task_that_is_not_configured_is_refused(place):
    place.good("db", "upgrade")
    path = place.raw_list()
    options = ("file", "register", path, "--dataset", "2016/W14", "--endpoint")
    assert "known: disk, tape" in place.refused(ExitCode.USAGE, *options, "castor")
    assert "known: P08" in place.refused(ExitCode.USAGE, *options, "tape", "--task", "P09")


def test_a_file_is_shown_by_name_or_base_name_with_its_witnesses(filled):
    shown = filled.json("file", "show", "cdr11001-275678.raw")
    assert shown == filled.json("file", "show", f"{RAW}/cdr11001-275678.raw")
    assert (shown["run"], shown["chunk"], shown["size"], shown["adler32"]) == (
        275678,
        "11001",
        1001,
        "00000001",
    )
    assert [(said["witness"], said["n_events"]) for said in shown["events"]] == [("raw_catalogue", 10)]
    assert [(copy["endpoint"], copy["state"]) for copy in shown["replicas"]] == [("tape", "UNVERIFIED")]
    assert "raw_catalogue" in filled.good("file", "show", "cdr11001-275678.raw")


def test_the_history_tells_who_registered_a_file(place):
    place.good("db", "upgrade")
    options = ("--dataset", "2016/W14", "--endpoint", "tape", "--actor", "shift@pccoeb03")
    place.good("file", "register", place.raw_list(), *options)
    events = place.json("file", "history", "cdr11001-275678.raw")
    assert [(row["noun"], row["event"], row["actor"]) for row in events] == [
        ("replica", "born", "shift@pccoeb03"),
        ("file", "registered", "shift@pccoeb03"),
    ]
    assert "shift@pccoeb03" in place.good("file", "history", "cdr11001-275678.raw")


def test_a_file_that_nobody_knows_is_one_line(filled):
    for verb in ("show", "history"):
        assert "no such file" in filled.refused(ExitCode.FAILED, "file", verb, "cdr99999-1.raw")


# ------------------------------------------------------------------------- what a newcomer meets
def test_a_list_from_a_spreadsheet_is_read(place):
    place.good("db", "create")
    path = place.raw_list(2)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    told = place.good("file", "register", path, "--dataset", "2016/W14", "--endpoint", "tape")
    assert told.startswith("added: 2,")


def test_a_lost_raw_copy_is_explained_with_commands_that_name_it(place):
    place.register(1)
    assert place.run("flow", "once").exit_code == 4  # cron hears that something waits for a person
    lfn = f"{RAW}/cdr11000-275678.raw"
    for subject in (lfn, "job 1"):
        told = place.good("explain", subject)
        assert f"ddm file compare {lfn} --reason" in told
        assert f"ddm gap add {lfn} --reason" in told
    assert "LOST  UNVERIFIED" in place.good("file", "compare", lfn, "--reason", "the robot is mended")
