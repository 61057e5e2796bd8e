"""dataset, group and meta: what a person says of sets of files, and what is refused in one line."""

from __future__ import annotations

import sqlite3

import pytest

from catalog.errors import ExitCode
from tests.cli.place import RAW, Place

CHUNK = "cdr11000-275678.raw"


@pytest.fixture
def place(tmp_path):
    made = Place(tmp_path)
    made.register()
    return made


# ----------------------------------------------------------------------------------- show
def test_a_dataset_is_shown_with_its_tier_and_runs(place):
    (line,) = [line for line in place.json("dataset", "show") if line["name"] == "2016/W14"]
    assert (line["runs"], line["files"], line["events"], line["group"], line["newest"]) == (
        1,
        3,
        30,
        None,
        True,
    )
    shown = place.json("dataset", "show", "2016/W14")
    assert shown["runs"][0] == {
        "run": 275678,
        "role": "raw",
        "product": "raw",
        "files": 3,
        "size": 3003,
        "events": 30,
        "unknown": 0,
    }
    assert shown["versions"] == [{"name": "2016/W14", "version": 1, "state": "OPEN", "newest": True}]
    text = place.good("dataset", "show", "2016/W14")
    assert "version  1\n" in text
    assert "group    nobody" in text


def test_what_is_not_there_is_said_so(place):
    for command in (("show",), ("tree",), ("history",), ("close",)):
        assert "no such dataset" in place.refused(ExitCode.FAILED, "dataset", *command, "nothing")
    assert "no such group" in place.refused(ExitCode.FAILED, "dataset", "show", "--group", "nobody")
    place.refused(ExitCode.FAILED, "meta", "show", "nothing")


# -------------------------------------------------------------------------- parents, tree
def test_a_tree_is_drawn_with_totals_once(place):
    for name in ("2016", "mdst"):
        place.good("dataset", "add", name)
    place.good("dataset", "add", "P08", "--parent", "2016", "--parent", "mdst")
    assert place.json("dataset", "attach", "2016/W14", "P08", "2016")["parents"] == ["2016", "P08"]
    tree = place.json("dataset", "tree", "2016")
    assert [(line["name"], line["depth"], line["files"]) for line in tree] == [
        ("2016", 0, 3),
        ("2016/W14", 1, 3),
        ("P08", 1, 3),
        ("2016/W14", 2, 3),
    ]
    assert tree[0]["tiers"][0]["events"] == 30
    assert "  P08" in place.good("dataset", "tree")
    shown = place.good("dataset", "show", "2016")
    assert "holds    2016/W14, P08" in shown
    assert "with all datasets below it" in shown


def test_a_cycle_is_refused_with_the_way(place):
    place.good("dataset", "add", "top")
    place.good("dataset", "attach", "2016/W14", "top")
    assert "(top > 2016/W14)" in place.refused(ExitCode.USAGE, "dataset", "attach", "top", "2016/W14")
    assert "its own parent" in place.refused(ExitCode.USAGE, "dataset", "attach", "top", "top")
    told = place.good("dataset", "detach", "2016/W14", "top", "--reason", "a mistake")
    assert told == "dataset 2016/W14 is under no other\n"
    place.good("dataset", "attach", "top", "2016/W14")


# -------------------------------------------------------------------------------- closing
def test_an_empty_dataset_is_not_closed_by_mistake(place):
    place.good("dataset", "add", "empty")
    assert "--empty" in place.refused(ExitCode.FAILED, "dataset", "close", "empty")
    assert "CLOSED" in place.good("dataset", "close", "empty", "--empty")
    assert "CLOSED already" in place.good("dataset", "close", "empty", "--empty")


def test_a_dataset_with_a_run_that_is_not_defined_is_not_closed(place):
    with sqlite3.connect(place.root / "ddm.db") as base:
        base.execute(
            "INSERT INTO undefined_run (dataset_id, run, reason, since)"
            " SELECT id, 275701, 'look-up failed', '2016-07-01T00:00:00.000000+00:00' FROM dataset"
            " WHERE name = '2016/W14'"
        )
    base.close()
    assert "275701" in place.refused(ExitCode.FAILED, "dataset", "close", "2016/W14")
    assert place.json("dataset", "show", "2016/W14")["undefined"] == {"275701": "look-up failed"}
    assert "275701  look-up failed" in place.good("dataset", "show", "2016/W14")


# ------------------------------------------------------------------------------- versions
def test_a_version_is_a_new_dataset_and_the_old_name_keeps_its_meaning(place):
    assert "2016/W14@2 is OPEN" in place.good("dataset", "version", "2016/W14", "--reason", "new alignment")
    shown = place.good("dataset", "show", "2016/W14")
    assert "version  1; 2016/W14@2 is newer" in shown
    assert place.json("dataset", "show", "2016/W14")["dataset"]["files"] == 3
    newest = place.json("dataset", "show", "2016/W14", "--newest")
    assert (newest["dataset"]["name"], newest["version"], newest["dataset"]["files"]) == ("2016/W14@2", 2, 0)
    names = [line["name"] for line in place.json("dataset", "show", "--newest")]
    assert "2016/W14@2" in names
    assert "2016/W14" not in names


def test_the_same_lfn_is_refused_in_the_new_version(place):
    place.good("dataset", "version", "2016/W14", "--reason", "new alignment")
    told = place.run("file", "register", place.raw_list(), "--dataset", "2016/W14@2", "--endpoint", "tape")
    assert told.exit_code != ExitCode.DONE
    assert "known in another dataset" in told.stderr
    assert place.json("dataset", "show", "2016/W14@2")["dataset"]["files"] == 0


def test_a_person_does_not_make_the_name_of_a_version(place):
    assert "ddm dataset version" in place.refused(ExitCode.USAGE, "dataset", "add", "2016/W14@7")
    place.good("dataset", "version", "2016/W14", "--reason", "x")
    assert "OPEN already" in place.good("dataset", "add", "2016/W14@2")


@pytest.mark.parametrize("name", ["", "/x", "a//b", "a/../b", "a\tb", "a\x00b", "x" * 2000, " a"])
def test_a_name_that_cannot_be_is_refused(place, name):
    place.refused(ExitCode.USAGE, "dataset", "add", name)


# ------------------------------------------------------------------------------- metadata
def test_what_is_said_of_a_dataset_has_a_type_and_changes_with_a_reason(place):
    told = place.good("dataset", "set", "2016/W14", "target=NH3", "beam=190.5", "approved=true", "phast=8")
    assert told.startswith("4 values added\n")
    assert place.json("dataset", "show", "2016/W14")["meta"] == {
        "approved": True,
        "beam": 190.5,
        "phast": 8,
        "target": "NH3",
    }
    assert "--reason" in place.refused(ExitCode.USAGE, "dataset", "set", "2016/W14", "phast=9", "new=1")
    assert "new" not in place.json("dataset", "show", "2016/W14")["meta"]
    changed = place.json("dataset", "set", "2016/W14", "phast=9", "beam=191", "--reason", "the logbook")
    assert (changed["changed"], changed["meta"]["phast"], changed["meta"]["beam"]) == (2, 9, 191.0)
    gone = place.json("dataset", "unset", "2016/W14", "phast", "--reason", "not known")
    assert (gone["withdrawn"], "phast" in gone["meta"]) == (1, False)
    events = [
        (line["event"], line["old"], line["new"]) for line in place.json("dataset", "history", "2016/W14")
    ]
    assert ("changed", "phast=8", "phast=9") in events
    assert ("forgotten", "phast=9", "") in events


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("phast=eight", "'phast' is int"),
        ("phast=8.5", "'phast' is int"),
        ("phast=99999999999999999999", "'phast' is int"),
        ("phast", "KEY=VALUE"),
        ("=7", "not a key"),
        ("a b=7", "not a key"),
        ("other=", "empty"),
        ("other=a\nb", "line break"),
        ("other=" + "x" * 1_000_000, "1000000 bytes"),
        ("PHAST=7", "differs by case"),
    ],
)
def test_a_value_that_cannot_be_is_refused_in_one_line(place, word, says):
    place.good("meta", "define", "phast", "int")
    said = place.refused(ExitCode.USAGE, "dataset", "set", "2016/W14", word)
    assert says in said
    assert len(said) < 400


def test_a_key_given_twice_is_refused(place):
    assert "twice" in place.refused(ExitCode.USAGE, "dataset", "set", "2016/W14", "a=1", "a=1")


def test_keys_are_defined_once_and_shown(place):
    assert (
        place.good("meta", "define", "n_v0", "int", "--description", "vertices")
        == "key n_v0 is int: vertices\n"
    )
    assert "is int already" in place.good("meta", "define", "n_v0", "int")
    assert "one type for ever" in place.refused(ExitCode.FAILED, "meta", "define", "n_v0", "real")
    place.good("meta", "set", CHUNK, "n_v0=3", "magnet=+")
    (key,) = [key for key in place.json("meta", "keys") if key["key"] == "n_v0"]
    assert (key["type"], key["files"], key["datasets"], key["description"]) == ("int", 1, 0, "vertices")


def test_what_is_said_of_a_file(place):
    assert place.json("meta", "set", CHUNK, "magnet=+", "taken=2016-06-12T03:00:00+02:00")["added"] == 2
    assert place.json("meta", "show", f"{RAW}/{CHUNK}")["meta"] == {
        "magnet": "+",
        "taken": "2016-06-12T01:00:00+00:00",
    }
    assert "known as +, here -" in place.refused(ExitCode.USAGE, "meta", "set", CHUNK, "magnet=-")
    assert "1 value changed" in place.good("meta", "set", CHUNK, "magnet=-", "--reason", "logbook")
    assert "2 values withdrawn" in place.good("meta", "unset", CHUNK, "magnet", "taken", "--reason", "x")
    assert "nothing is said" in place.good("meta", "show", CHUNK)


# --------------------------------------------------------------------------------- owners
def test_only_members_do_what_a_person_does(place):
    place.good("group", "add", "production", "--member", "alice", "--description", "central production")
    place.good("dataset", "own", "2016/W14", "production")
    commands = [
        ("close", "2016/W14"),
        ("reopen", "2016/W14", "--reason", "x"),
        ("version", "2016/W14", "--reason", "x"),
        ("set", "2016/W14", "a=1"),
        ("unset", "2016/W14", "a", "--reason", "x"),
        ("attach", "2016/W14", "other"),
        ("attach", "other", "2016/W14"),
        ("own", "2016/W14", "--nobody", "--reason", "x"),
    ]
    place.good("dataset", "add", "other")
    before = place.json("dataset", "history", "2016/W14")
    for command in commands:
        said = place.refused(ExitCode.FAILED, "dataset", *command, "--actor", "bob@lxplus")
        assert "group 'production'" in said
        assert "ddm group show" in said
    place.refused(ExitCode.FAILED, "meta", "set", CHUNK, "a=1", "--actor", "bob@lxplus")
    assert place.json("dataset", "history", "2016/W14") == before
    assert "CLOSED" in place.good("dataset", "close", "2016/W14", "--actor", "alice@lxplus")


def test_datasets_are_listed_by_group(place):
    place.good("group", "add", "production")
    place.good("dataset", "add", "mine", "--group", "production", "--set", "phast=8")
    assert [line["name"] for line in place.json("dataset", "show", "--group", "production")] == ["mine"]
    (line,) = place.json("group", "show", "production")
    assert (line["members"], line["datasets"]) == ([], 1)
    assert "everybody" in place.good("group", "show")


def test_a_group_changes_by_its_members(place):
    place.good("group", "add", "g", "--member", "alice")
    place.refused(
        ExitCode.FAILED, "group", "change", "g", "--join", "bob", "--reason", "x", "--actor", "bob@b"
    )
    place.refused(ExitCode.USAGE, "group", "change", "g", "--reason", "x")
    done = place.json(
        "group", "change", "g", "--join", "bob", "--leave", "alice", "--reason", "x", "--actor", "alice"
    )
    assert done["members"] == ["bob"]


def test_own_wants_a_group_or_nobody(place):
    place.refused(ExitCode.USAGE, "dataset", "own", "2016/W14")
    place.good("group", "add", "g")
    assert "belongs to g" in place.good("dataset", "own", "2016/W14", "g")
    assert "already" in place.good("dataset", "own", "2016/W14", "g")
    assert "needs a reason" in place.refused(ExitCode.FAILED, "dataset", "own", "2016/W14", "--nobody")
    assert "nobody" in place.good("dataset", "own", "2016/W14", "--nobody", "--reason", "dissolved")
