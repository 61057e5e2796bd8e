"""``ddm reconcile counts``: events side by side, what explains a difference, and what nothing does."""

from __future__ import annotations

import json

import pytest

from catalog.errors import ExitCode
from ddm.operations import waiving
from tests.cli.periods import RUN, Period, driven
from tests.cli.test_report import HISTOGRAM, MDST, MORE, RAW, TAPE, lost

PRODUCTS = ("evtdump", "hist", "mDST")


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A period that came to its good end."""
    return driven(tmp_path_factory.mktemp("whole"))


@pytest.fixture
def period(tmp_path, whole):
    return Period(tmp_path / "place", whole)


def told(period, code, *more):
    done = period.run("reconcile", "counts", "--json", *more)
    assert done.exit_code == code, done.output
    return json.loads(done.stdout)


def line(document, product, run=RUN):
    (found,) = [one for one in document["lines"] if (one["run"], one["product"]) == (run, product)]
    return found


def differences(document):
    return [
        (one["run"], one["product"], wrong["step"], wrong["events"])
        for one in document["lines"]
        for wrong in one["differences"]
    ]


def causes(document, product):
    return [(one["step"], one["cause"], one["events"]) for one in line(document, product)["explained"]]


def test_a_complete_period_holds_the_same_events_in_every_tier(period):
    document = told(period, ExitCode.DONE, "--period", "P08", "--year", 2016)
    assert document["differences"] == 0
    mdst = line(document, "mDST")
    assert mdst["raw"] == mdst["processed"] == mdst["merged"] == mdst["archived"]
    assert (mdst["recorded"], mdst["raw"]["unknown"]) == (None, 0)
    dump = line(document, "evtdump")
    ((step, cause, left),) = causes(document, "evtdump")
    assert (step, cause) == ("raw → processed", "subset")
    assert left == dump["raw"]["events"] - dump["processed"]["events"] > 0
    assert line(document, "logs")["processed"] is None
    total = next(one for one in document["totals"] if one["product"] == "mDST")
    assert total["archived"]["events"] == sum(line(document, "raw", RUN + n)["raw"]["events"] for n in (0, 1))


def test_one_run_or_task_can_be_asked_for_and_what_nobody_knows_is_refused(period):
    document = told(period, ExitCode.DONE, "--run", RUN)
    assert {one["run"] for one in document["lines"]} == {RUN}
    assert [one["product"] for one in document["lines"]] == ["raw", "evtdump", "hist", "logs", "mDST"]
    assert len(told(period, ExitCode.DONE, "--task", "P08")["lines"]) == 10
    assert "known: P08" in period.refused(ExitCode.USAGE, "reconcile", "counts", "--period", "P07")
    assert "no task reads" in period.refused(ExitCode.FAILED, "reconcile", "counts", "--run", 1)
    only = told(period, ExitCode.DONE, "--differing")
    assert [one["product"] for one in only["lines"]] == ["evtdump", "evtdump"]


def test_for_people_it_is_one_table_with_the_reasons_below(period):
    text = period.good("reconcile", "counts", "--period", "P08")
    assert "raw → processed  subset" in text
    assert "nothing differs unexplained" in text
    period.sql(f"{MORE} witness = 'read' AND file_id = {MDST}")
    done = period.run("reconcile", "counts")
    assert (done.exit_code, "DIFFERENCE" in done.stdout) == (ExitCode.HELD, True)
    assert f"ddm check explain {RUN} mDST" in done.stdout


WRONG = {
    f"{MORE} witness = 'read' AND file_id = {MDST}": [(RUN, "mDST", "processed → merged", -1)],
    f"UPDATE replica SET state = 'LOST' WHERE id = {TAPE}": [(RUN, "mDST", "merged → archived", None)],
    f"{MORE} witness = 'raw_catalogue' AND file_id = {RAW}": [
        (RUN, "raw", "recorded → raw", None),
        (RUN, "hist", "raw → processed", 1),
        (RUN, "mDST", "raw → processed", 1),
    ],
}


@pytest.mark.parametrize(("statement", "expected"), WRONG.items())
def test_what_nothing_explains_is_a_difference(period, statement, expected):
    assert period.sql(statement) > 0
    found = differences(told(period, ExitCode.HELD))
    assert [one[:3] for one in found] == [one[:3] for one in expected]
    for one, wanted in zip(found, expected, strict=True):
        assert wanted[3] in (None, one[3])


def test_what_nobody_counted_is_unknown_and_not_zero(period):
    period.sql(f"DELETE FROM event_count WHERE file_id = {MDST}")
    document = told(period, ExitCode.DONE)
    assert line(document, "mDST")["merged"]["unknown"] == 1
    assert ("processed → merged", "unknown", None) in causes(document, "mDST")


def test_a_gap_accounts_for_its_events(tmp_path):
    spoil, decide = lost(0)
    period = Period(tmp_path / "place", driven(tmp_path / "world", spoil, decide, runs=1))
    document = told(period, ExitCode.DONE)
    gap = next(one for one in line(document, "mDST")["explained"] if one["cause"] == "gap")
    assert (gap["files"], gap["text"]) == (1, "chunk 11001: tape torn (approved by A. Smith)")


def test_chunks_that_wait_for_a_person_account_for_theirs(tmp_path):
    def die(world):
        world.mischief.dies = 1.0

    period = Period(tmp_path / "place", driven(tmp_path / "world", die, runs=1))
    document = told(period, ExitCode.DONE)
    found = line(document, "mDST")
    assert (found["processed"]["events"], found["archived"]["events"]) == (0, 0)
    assert any(one[1] == "held" for one in causes(document, "mDST"))


def test_a_waiver_in_force_explains_what_its_part_lost_and_no_other(tmp_path):
    def spoil(world):
        world.mischief.loses_events.add(HISTOGRAM)

    def decide(app):
        waiving.waive(app.catalog, app.settings, RUN, "hist", "a bin of no use", act=True)

    period = Period(tmp_path / "place", driven(tmp_path / "world", spoil, decide, runs=1))
    (entry,) = [e for e in line(told(period, ExitCode.DONE), "hist")["explained"] if e["cause"] == "waiver"]
    assert (entry["events"], "a bin of no use" in entry["text"]) == (1, True)
    period.sql("UPDATE waiver SET part = 1 WHERE part = 0")
    assert differences(told(period, ExitCode.HELD)) == [(RUN, "hist", "processed → merged", 1)]
