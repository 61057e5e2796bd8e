"""stage, job, merge, check, gap, archive and trash: what the commands print, ask for and end with."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import timedelta

import click
import pytest
from click.testing import CliRunner

from catalog.db.look import ArchiveCount
from catalog.errors import ExitCode
from catalog.states import GroupState
from ddm import flow
from ddm.cli.program import NOUNS, ddm
from ddm.jobs.manifest import read_manifest
from ddm.operations import archive
from ddm.testing.world import World
from tests.cli.place import RAW, Place

RUN = 275_678
HISTOGRAM = f"/castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/histos/histsum-{RUN}-0-7.root"


class Stopped(Place):
    """Commands on the catalogue of a simulated world; the configuration has the names of the world."""

    def __init__(self, root, database) -> None:
        super().__init__(root)
        shutil.copy(database, root / "ddm.db")
        text = (root / "ddm.toml").read_text().replace("data/2016/", "generalprod/")
        (root / "ddm.toml").write_text(
            text.replace('production = "dvcs2016P08t1"', 'production = "dvcs2016P08"')
        )


def driven(root, spoil) -> World:
    """A world that went on as far as it could by itself; ``spoil`` is done to it before."""
    world = World(root, runs=1, chunks=3)
    spoil(world)
    app = world.open()
    try:
        world.register(app)
        flow.run(app, max_rounds=3000)
    finally:
        app.close()
    return world


@pytest.fixture(scope="module")
def troubled(tmp_path_factory):
    """The database of a world with a mismatched merge of histograms."""
    root = tmp_path_factory.mktemp("troubled")
    driven(root, lambda world: world.mischief.loses_events.add(HISTOGRAM))
    return root / "world.db"


@pytest.fixture(scope="module")
def stuck(tmp_path_factory):
    """The database of a world with a held recall, held jobs, and a chunk nobody can read."""
    root = tmp_path_factory.mktemp("stuck")

    def spoil(world: World) -> None:
        world.tape.inject(world.raw[1].lfn, "fail")
        world.mischief.dies = 1.0

    driven(root, spoil)
    return root / "world.db"


@pytest.fixture(scope="module")
def full(tmp_path_factory):
    """The database of a world with everything in the trash."""
    root = tmp_path_factory.mktemp("full")

    def keep(world: World) -> None:
        products = {
            name: replace(product, grace=timedelta(days=14))
            for name, product in world.settings.products.items()
        }
        world.settings = replace(world.settings, products=products)

    driven(root, keep)
    return root / "world.db"


@pytest.fixture
def mismatch(tmp_path, troubled):
    return Stopped(tmp_path / "place", troubled)


@pytest.fixture
def stop(tmp_path, stuck):
    return Stopped(tmp_path / "place", stuck)


@pytest.fixture
def rubbish(tmp_path, full):
    return Stopped(tmp_path / "place", full)


@pytest.mark.parametrize("noun", NOUNS)
def test_the_help_of_every_command_has_examples_and_exit_codes(noun):
    from importlib import import_module

    def look(words: list[str], command: click.Command) -> None:
        told = CliRunner().invoke(ddm, [*words, "--help"])
        assert told.exit_code == 0
        verbs = command.commands if isinstance(command, click.Group) else {}
        leaf = ("--json",) if len(words) > 1 and not verbs else ()
        for wanted in ("Examples:", f"ddm {' '.join(words)}", "Exit codes:", *leaf):
            assert wanted in told.output, words
        for verb, part in verbs.items():
            look([*words, verb], part)

    look([noun], import_module(NOUNS[noun][0]).cli)


# ----------------------------------------------------------------------------------- stage, job
def test_stage_status_tells_what_is_held_and_why(stop):
    told = stop.good("stage", "status")
    assert "tape_lost" in told
    (line,) = stop.json("stage", "status")["endpoints"]
    assert (line["endpoint"], line["held"]["files"], line["budget"]) == ("tape", 1, 2_000_000)


def test_stage_resume_wants_items_or_all_and_a_reason(stop):
    assert "or --all" in stop.refused(ExitCode.USAGE, "stage", "resume", "--reason", "x")
    assert "--reason" in stop.refused(ExitCode.USAGE, "stage", "resume", 1)
    assert "no such recall" in stop.refused(ExitCode.FAILED, "stage", "resume", 4711, "--reason", "x")
    assert "1 recall will be tried again" in stop.good("stage", "resume", "--all", "--reason", "x")


def test_giving_up_a_recall_that_is_wanted_is_refused_with_advice(stop):
    item = stop.json("stage", "status")["troubles"][0]["item"]
    line = stop.refused(ExitCode.FAILED, "stage", "give-up", item, "--reason", "x", "--yes")
    assert "ddm gap add" in line


def test_held_jobs_are_listed_shown_and_resumed(stop):
    found = stop.json("job", "list", "--state", "held", "--run", RUN)
    assert len(found) == 2
    job = str(found[0]["id"])
    assert "no_report" in stop.good("job", "list", "--state", "HELD")
    assert "exhausted" in stop.good("job", "show", job)
    assert stop.json("job", "show", job)["job"]["state"] == "HELD"
    assert stop.json("job", "resume", job, "--reason", "repaired", "--actor", "me@here")[0]["id"] == int(job)
    last = stop.json("job", "show", job)["history"][-1]
    assert (last["event"], last["actor"], last["reason"]) == ("resumed", "me@here", "repaired")
    assert "is WAITING, not HELD" in stop.refused(ExitCode.FAILED, "job", "resume", job, "--reason", "x")
    assert "no such job" in stop.refused(ExitCode.FAILED, "job", "show", 4711)


# --------------------------------------------------------------------------------- manifests
def test_a_manifest_of_a_group_is_what_the_flow_would_send_and_can_be_read(mismatch, tmp_path):
    (group,) = [
        e["group"] for e in mismatch.json("merge", "show", RUN) if e["group"]["state"] == "MISMATCHED"
    ]
    found = read_manifest(mismatch.good("merge", "manifest", group["id"]))
    (promise,) = found.promises
    assert (promise.lfn, promise.tool, promise.counter) == (group["lfn"], "root", "root-hist")
    assert len(found.inputs) == group["members"]
    assert f"/group-{group['id']}/" in promise.url
    assert all("/disk/" in entry.url and entry.product == "hist" for entry in found.inputs)
    words = ("merge", "manifest", group["id"], "--check", "--label", "mine", "-o", tmp_path / "c.json")
    assert f"{len(found.inputs)} inputs and 1 merged file, " in mismatch.good(*words)
    assert "is not overwritten" in mismatch.refused(ExitCode.FAILED, *words)
    check = read_manifest((tmp_path / "c.json").read_text())
    (kept,) = check.promises
    assert (check.kind, check.label, check.inputs) == ("check", "mine", found.inputs)
    assert None not in (kept.size, kept.adler32)
    assert "/mine/" not in kept.url
    assert "no such merge group" in mismatch.refused(ExitCode.FAILED, "merge", "manifest", 9999)


def test_the_merge_of_a_group_in_levels_ends_where_one_job_would(mismatch, tmp_path):
    (group,) = [e["group"] for e in mismatch.json("merge", "show", RUN) if e["group"]["part"] == 0
                and e["group"]["state"] == "MISMATCHED"]  # fmt: skip
    chain = tmp_path / "chain"
    told = mismatch.json("merge", "manifest", group["id"], "--per-job", 2, "-o", chain)
    assert told["manifests"] == ["1-0001.json", "2-0000.json"]
    papers = [json.loads((chain / name).read_text()) for name in told["manifests"]]
    whole = json.loads(mismatch.good("merge", "manifest", group["id"]))
    assert papers[-1]["promises"] == whole["promises"]
    lfns = [entry["lfn"] for paper in papers for entry in paper["inputs"] if "from_report" not in entry]
    assert sorted(lfns) == sorted(entry["lfn"] for entry in whole["inputs"])
    before = {path: path.read_bytes() for path in chain.iterdir()}
    again = mismatch.run("merge", "manifest", group["id"], "--per-job", 2, "-o", chain)
    assert again.exit_code != 0
    assert {path: path.read_bytes() for path in chain.iterdir()} == before
    assert "DIRECTORY" in mismatch.refused(ExitCode.USAGE, "merge", "manifest", group["id"], "--per-job", 2)
    text = mismatch.good("merge", "manifest", group["id"], "--per-job", 2, "-o", tmp_path / "other")
    assert "2 jobs in 2 levels, 3 inputs" in text
    assert "by name" in text


# --------------------------------------------------------------------------------- merge, check
def test_a_merge_is_shown_and_done_again_only_with_yes(mismatch):
    (group,) = [e for e in mismatch.json("merge", "show", RUN) if e["group"]["state"] == "MISMATCHED"]
    number = group["group"]["id"]
    assert "MISMATCHED" in mismatch.good("merge", "show", RUN)
    told = mismatch.run("merge", "again", number, "--reason", "x")
    assert (told.exit_code, "nothing was done; add --yes" in told.stderr) == (0, True)
    assert HISTOGRAM in told.stdout
    (still,) = [e for e in mismatch.json("merge", "show", RUN) if e["group"]["id"] == number]
    assert still == group
    mismatch.good("merge", "again", number, "--reason", "x", "--yes")
    line = mismatch.refused(ExitCode.FAILED, "merge", "again", number, "--reason", "x", "--yes")
    assert "is MERGING, not MISMATCHED or HELD" in line


def test_a_plan_is_priced_compared_and_revised(mismatch):
    told = mismatch.good("merge", "plan", RUN)
    assert "price: 3 files" in told
    assert "revision 1 of" in told
    assert "to tape, about" in told
    everything = mismatch.json("merge", "plan", "P08")
    planned = {plan["product"]: plan["unit"] for plan in everything if plan["product"] != "prodlogs"}
    assert set(planned.values()) == {str(RUN)}
    (waits,) = [line for line in mismatch.good("merge", "plan", "P08").splitlines() if "to plan" in line]
    assert "prodlogs" in waits  # of all runs, when each of them is done
    (histograms,) = mismatch.json("merge", "plan", RUN, "--product", "hist")
    assert histograms["revisions"][0]["hash"] == histograms["hash"]
    assert histograms["price"]["tape_files"] == len(histograms["parts"]) == 1
    line = mismatch.refused(ExitCode.USAGE, "merge", "plan", RUN, "--product", "mdst")
    assert "there is no product of this name; there are: " in line
    assert "nothing stale" in mismatch.good("merge", "stale")
    arguments = ("merge", "revise", RUN, "--product", "hist", "--reason", "smaller")
    seen = mismatch.run(*arguments)
    assert (seen.exit_code, "nothing was done; add --yes" in seen.stderr) == (0, True)
    assert "nothing stale" in mismatch.good("merge", "stale")
    assert "retired: 1 part" in mismatch.good(*arguments, "--yes")
    (stale,) = mismatch.json("merge", "stale", RUN)
    assert (stale["lfn"], stale["state"], stale["why"]) == (HISTOGRAM, "TRASHED", "smaller")
    assert "retired part" in mismatch.good("merge", "stale")
    again = mismatch.good("merge", "plan", RUN, "--product", "hist")
    assert "would be planned so" in again
    assert "retired" in again
    mismatch.refused(ExitCode.FAILED, *arguments, "--yes")


def test_the_only_part_is_void_and_the_plan_is_shown_anew(mismatch):
    shown = mismatch.json("merge", "show", RUN)
    (number,) = [e["group"]["id"] for e in shown if e["group"]["product"] == "hist"]
    mismatch.good("merge", "void", number, "--reason", "x", "--yes")
    plans = {plan["product"]: plan for plan in mismatch.json("merge", "plan", RUN)}
    assert (plans["hist"]["stored"], plans["hist"]["finished"]) == (False, True)
    assert plans["mDST"]["stored"]
    assert "would be planned so" in mismatch.good("merge", "plan", RUN)
    assert "no task has raw files" in mismatch.refused(ExitCode.FAILED, "merge", "plan", 1)


def test_a_check_is_shown_with_its_witnesses_and_waived_with_yes(mismatch):
    told = mismatch.good("check", "show", RUN)
    assert "FAILED" in told
    assert "merged read" in told
    shown = mismatch.json("check", "show")
    assert (shown["checks"][0]["product"], shown["parts"]) == ("hist", [])
    mismatch.good("check", "waive", RUN, "hist", "--reason", "understood")
    assert mismatch.json("check", "show")["checks"][0]["state"] == "FAILED"
    mismatch.good("check", "waive", RUN, "hist", "--reason", "understood", "--yes")
    checks = {line["product"]: line for line in mismatch.json("check", "show")["checks"]}
    assert (checks["hist"]["state"], checks["hist"]["reason"]) == ("WAIVED", "understood")
    told = mismatch.good("check", "show", RUN)
    assert "waived by" in told
    assert "waivers: 1 in force, 0 void" in told
    assert "Waivers: 1 in force, 0 void" in mismatch.run("flow", "status").stdout
    book = mismatch.json("check", "waivers")
    assert [(entry["product"], entry["reason"]) for entry in book["waivers"]] == [("hist", "understood")]
    assert "understood" in mismatch.good("check", "waivers", "--run", RUN)
    assert "nothing was ever waived" in mismatch.good("check", "waivers", "--period", "P77")
    line = mismatch.refused(ExitCode.FAILED, "check", "waive", RUN, "logs", "--reason", "x", "--yes")
    assert "nothing in it is to be accepted" in line


def test_a_check_is_explained_and_repaired_with_yes(mismatch):
    told = mismatch.good("check", "explain", RUN, "hist")
    assert "(1 lost)" not in told.splitlines()[0]
    assert "merge job → merged file" in told
    assert "do: part 0: its inputs agree, the merged file does not hold them" in told
    found = mismatch.json("check", "explain", RUN, "hist")
    assert [(one["what"], one["by"]) for one in found["findings"]] == [("events", -1)]
    plan = mismatch.good("check", "repair", RUN, "hist", "--reason", "disk repaired")
    assert plan.startswith("part 0 would be merged again of the same")
    assert mismatch.json("check", "show")["checks"][0]["state"] == "FAILED"
    done = mismatch.good("check", "repair", RUN, "hist", "--reason", "disk repaired", "--yes")
    assert "the flow does it: ddm flow run" in done
    line = mismatch.refused(ExitCode.FAILED, "check", "repair", RUN, "hist", "--reason", "x", "--yes")
    assert "no part of it is MISMATCHED" in line


def test_a_sample_is_planned(mismatch):
    plan = mismatch.good("check", "sample", "--fraction", "0.5", "--dataset", "2016/W14", "--plan")
    assert plan.startswith("to recount: ")
    assert "to recall: " in plan
    assert mismatch.json("check", "sample", "--fraction", "1", "--run", "1..2", "--plan")["files"] == []
    assert "above 0" in mismatch.refused(ExitCode.USAGE, "check", "sample", "--fraction", "0", "--plan")
    assert "A..B" in mismatch.refused(ExitCode.USAGE, "check", "sample", "--fraction", "1", "--run", "9..1")


def test_a_report_of_files_that_nobody_knows_is_told(waiting, tmp_path):
    paper = tmp_path / "report.json"
    paper.write_text(
        '{"version": 1, "kind": "check", "label": "l", "host": "wn", "started_at": "", "ended_at": "",'
        ' "files": [{"lfn": "/nobody/knows", "url": "x"}], "compared": [], "code": "", "text": ""}'
    )
    told = waiting.run("check", "take", paper)
    assert told.exit_code == ExitCode.SOME_FAILED
    assert "the catalogue knows no such file: /nobody/knows" in told.stdout


# -------------------------------------------------------------------------------------- archive
def test_what_is_kept_within_another_archive_is_no_trouble():
    def stage(group: GroupState, *, within: bool) -> str:
        return archive.stage_of(ArchiveCount("P08", "logs", group, None, within, 2, 100))

    assert stage(GroupState.CLEANED, within=True) == stage(GroupState.ARCHIVED, within=True) == "in another"
    assert stage(GroupState.CLEANED, within=False) == "trouble", "it was on tape, and is there no more"
    assert stage(GroupState.HELD, within=True) == "trouble"


def test_archive_status_tells_how_far_each_product_is(mismatch):
    lines = {line["product"]: line["stages"] for line in mismatch.json("archive", "status")["products"]}
    assert set(lines["mDST"]) == {"on tape"}
    assert set(lines["hist"]) == {"trouble"}
    assert "on tape" in mismatch.good("archive", "status")


def test_nothing_archived_is_said_so(stop):
    assert "nothing is merged yet" in stop.good("archive", "status")
    assert "no such copy" in stop.refused(ExitCode.FAILED, "archive", "resume", 1, "--reason", "x")


# ---------------------------------------------------------------------------------------- trash
def test_the_trash_is_listed_restored_and_proven(rubbish):
    found = rubbish.json("trash", "list", "--limit", 1000)
    assert len(found) == 12
    lfn = found[0]["line"]["lfn"]
    assert found[0]["line"]["seal"][:16] in rubbish.good("trash", "list")
    (proof,) = rubbish.json("certificate", "verify", lfn)
    assert proof["standing"] == "stands"
    assert "1 certificate: 1 stands" in rubbish.good("certificate", "verify", lfn)
    assert lfn in rubbish.good("certificate", "show", lfn)
    assert proof["seal"][:16] in rubbish.good("certificate", "list")
    assert "yes  members" in rubbish.good("explain", "delete", lfn)
    assert "UNVERIFIED" in rubbish.good("trash", "restore", lfn, "--reason", "for a study")
    line = rubbish.refused(ExitCode.FAILED, "trash", "restore", lfn, "--reason", "x")
    assert "no copy that is TRASHED" in line
    assert len(rubbish.json("trash", "list", "--limit", 1000)) == 11


def test_a_certificate_that_was_changed_is_found_out(rubbish):
    import sqlite3

    lfn = rubbish.json("trash", "list", "--limit", 1)[0]["line"]["lfn"]
    with sqlite3.connect(rubbish.root / "ddm.db") as base:
        base.execute("UPDATE certificate SET body = replace(body, 'PASSED', 'WAIVED')")
    base.close()
    told = rubbish.run("certificate", "verify", lfn)
    assert told.exit_code == ExitCode.FAILED
    assert "WRONG    seal" in told.stdout


def test_emptying_the_trash_shows_the_plan_first(rubbish):
    told = rubbish.run("trash", "empty")  # the demo's configuration has no grace time
    assert told.exit_code == 0
    assert "to remove: 12 copies" in told.stdout
    assert "add --yes" in told.stderr
    assert len(rubbish.json("trash", "list")) == 12


def test_an_empty_trash_is_said_so(tmp_path):
    place = Place(tmp_path)
    place.register()
    assert "the trash is empty" in place.good("trash", "list")
    assert place.json("trash", "empty", "--yes") == {"plan": [], "removed": 0, "left": 0, "held": 0}
    assert "nothing in the trash may go now" in place.good("trash", "empty")


# -------------------------------------------------------------------------------- gap, job cancel
@pytest.fixture
def waiting(tmp_path):
    """Raw files that are not on the tape, whose jobs are defined."""
    place = Place(tmp_path)
    place.register()
    place.run("flow", "once")
    assert {job["state"] for job in place.json("job", "list")} == {"WAITING"}
    return place


def test_a_gap_is_registered_only_with_yes_and_an_approver(waiting):
    lfn = f"{RAW}/cdr11001-{RUN}.raw"
    assert "--approver" in waiting.refused(ExitCode.USAGE, "gap", "add", lfn, "--reason", "x")
    options = ("--reason", "never written", "--approver", "A. Smith")
    told = waiting.run("gap", "add", "cdr11001-275678.raw", *options, "--json")
    assert told.exit_code == 0
    assert json.loads(told.stdout)["gaps"][0]["lfn"] == lfn
    assert "no gap is registered" in waiting.good("gap", "list")
    waiting.good("gap", "add", lfn, *options, "--yes")
    (gap,) = waiting.json("gap", "list")
    assert (gap["chunk"], gap["n_events"], gap["approver"]) == ("11001", 10, "A. Smith")
    assert "A. Smith" in waiting.good("gap", "list")
    assert "already" in waiting.refused(ExitCode.FAILED, "gap", "add", lfn, *options, "--yes")
    assert [job["state"] for job in waiting.json("job", "list", "--run", RUN)].count("CANCELED") == 1


def test_jobs_are_canceled_all_or_none(waiting):
    ids = [job["id"] for job in waiting.json("job", "list")]
    waiting.good("job", "cancel", *ids, "--reason", "x")
    line = waiting.refused(ExitCode.FAILED, "job", "cancel", ids[0], 4711, "--reason", "x", "--yes")
    assert "no such job" in line
    assert len(waiting.json("job", "list", "--state", "waiting")) == 3
    waiting.good("job", "cancel", ids[0], "--reason", "x", "--yes")
    assert len(waiting.json("job", "list", "--state", "canceled")) == 1
    line = waiting.refused(ExitCode.FAILED, "job", "cancel", *ids, "--reason", "x", "--yes")
    assert "is CANCELED and cannot be canceled" in line
