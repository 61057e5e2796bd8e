"""What commands say: of a plan before it is done, of what was done after; every exit code is listed."""

from __future__ import annotations

import sqlite3

import pytest
from click.testing import CliRunner

from ddm.cli import check
from ddm.cli.program import ddm
from ddm.operations.waiving import Waived
from tests.cli.place import RAW, Place

CHUNK = "cdr11000-275678.raw"


@pytest.fixture
def place(tmp_path):
    made = Place(tmp_path)
    made.register()
    return made


def sql(place, statement, *values):
    with sqlite3.connect(place.root / "ddm.db") as base:
        base.execute(statement, values)
    base.close()


def test_a_gap_is_to_be_registered_and_then_registered(place):
    words = ("gap", "add", CHUNK, "--reason", "tape destroyed", "--approver", "A. Smith")
    assert place.good(*words).startswith("to register: 1 gap\n")
    done = place.good(*words, "--yes")
    assert done.startswith("registered: 1 gap\n")
    assert "job canceled" in done


@pytest.mark.parametrize(("yes", "words"), [(False, "to accept for"), (True, "accepted for")])
def test_a_waiver_says_whether_it_is_given(yes, words):
    text = list(check._render_waived(Waived("P08", 275678, "mDST", ("one event less",), (1,), (7,)), yes))
    assert text[0].startswith(words)
    assert text[1] == "  one event less"
    assert text[2] == (
        "1 merge group may now go on to the archive" if yes else "1 merge group would go on to the archive"
    )


def test_every_command_lists_the_code_of_an_interruption():
    for command in (["--help"], ["flow", "run", "--help"], ["dataset", "--help"], ["gap", "add", "--help"]):
        assert "130  interrupted" in CliRunner().invoke(ddm, command).stdout


def test_a_held_recall_of_a_run_offers_the_gap_too(place):
    sql(
        place,
        "INSERT INTO item (kind, endpoint_id, replica_id, state, since, next_try_at, code, reason)"
        " SELECT 'stage', endpoint_id, id, 'HELD', since, next_try_at, 'tape_lost', 'no medium'"
        " FROM replica ORDER BY id LIMIT 1",
    )
    text = place.good("explain", "275678")
    assert "ddm stage resume" in text
    assert f"ddm gap add {RAW}/{CHUNK}" in text


def test_an_open_dataset_with_undefined_runs_is_explained_so(place):
    sql(
        place,
        "INSERT INTO undefined_run (dataset_id, run, reason, since)"
        " SELECT id, 275678, 'the raw catalogue did not answer', since FROM dataset WHERE name = '2016/W14'",
    )
    text = place.good("explain", "275678")
    assert "not all files of the run are known in 2016/W14: the raw catalogue did not answer" in text
    assert "ddm dataset show 2016/W14" in text
    assert "ddm dataset close" not in text
