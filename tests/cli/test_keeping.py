"""hold, task, endpoint pressure: what the commands print, ask for and end with."""

from __future__ import annotations

import pytest

from catalog.errors import ExitCode
from ddm.config import load
from ddm.recipe import Recipe
from tests.cli.periods import RUN, Period, driven

WHY = ("--reason", "the campaign is over")


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return driven(tmp_path_factory.mktemp("whole"), runs=1)


@pytest.fixture
def period(tmp_path, whole):
    return Period(tmp_path / "place", whole)


# ---------------------------------------------------------------------------------------------- hold
def test_a_hold_is_made_listed_and_lifted(period):
    told = period.good("hold", "add", "--run", RUN, "--until", "6 months", "--reason", "a study")
    assert told.startswith(f"hold 1: run {RUN}, 19 files, until ")
    (line,) = period.json("hold", "list")
    assert (line["run"], line["reason"], line["files"]) == (RUN, "a study", 19)
    assert "nothing was done" in period.run("hold", "lift", 1, "--reason", "done").stderr
    assert period.json("hold", "list")
    assert "lifted: 1 hold" in period.good("hold", "lift", 1, "--reason", "done", "--yes")
    assert "nothing is held" in period.good("hold", "list")
    assert "lifted" in period.good("hold", "list", "--all")
    assert "lifted already" in period.refused(ExitCode.FAILED, "hold", "lift", 1, "--reason", "x", "--yes")


def test_holds_of_files_datasets_and_tasks(period):
    name = f"mDST-{RUN}-0-7.root"
    assert "named files, 1 file" in period.good("hold", "add", name, "--reason", "x")
    assert "dataset P08/mDST, 1 file" in period.good("hold", "add", "--dataset", "P08/mDST", "--reason", "x")
    assert "task P08, 19 files" in period.good("hold", "add", "--task", "P08", "--reason", "x")
    listed = period.root / "names.txt"
    listed.write_text(f"# mine\n{name}\n")
    assert "1 file" in period.good("hold", "add", "--from", listed, "--reason", "x")


def test_holds_that_cannot_be_are_refused(period):
    assert "--reason" in period.refused(ExitCode.USAGE, "hold", "add", "--run", RUN)
    assert "name files" in period.refused(ExitCode.USAGE, "hold", "add", "--reason", "x")
    assert "no file" in period.refused(ExitCode.USAGE, "hold", "add", "--run", 1, "--reason", "x")
    assert "such as" in period.refused(
        ExitCode.USAGE, "hold", "add", "--run", RUN, "--until", "soon", "--reason", "x"
    )
    assert "over already" in period.refused(
        ExitCode.USAGE, "hold", "add", "--run", RUN, "--until", "2016-01-01", "--reason", "x"
    )
    assert "no task 'P9' in the catalogue" in period.refused(
        ExitCode.USAGE, "hold", "add", "--task", "P9", "--reason", "x"
    )


def test_a_hold_that_comes_too_late_says_so(period):
    assert period.sql("UPDATE replica SET state = 'DELETING' WHERE id = 20") == 1
    done = period.run("hold", "add", "--run", RUN, "--reason", "x")
    assert done.exit_code == ExitCode.SOME_FAILED
    assert "1 copy too late" in done.stdout


# ---------------------------------------------------------------------------------------------- task
def left_behind(period):
    """A second attempt of the first job has written and was never heard of; the path of what it wrote."""
    settings = load(period.root / "ddm.toml")
    recipe = Recipe(settings.tasks["P08"], settings)
    period.sql("UPDATE job SET attempt = 2 WHERE id = 1")
    _, path = recipe.chunk_names("mDST", RUN, "11001", "j1a2")
    file = period.root / "disk" / path.lstrip("/")
    file.parent.mkdir(parents=True)
    file.write_bytes(b"x" * 1000)
    home = period.root / "jobs" / "j1a1"
    home.mkdir(parents=True)
    (home / "worker.out").write_text("done")
    return file


def test_tasks_are_listed(period):
    (line,) = period.json("task", "list")
    assert (line["task"], line["period"], line["configured"]) == ("P08", "P08", True)
    assert "2016/W14" in period.good("task", "list")


def test_a_clean_up_is_shown_then_done_and_the_rest_waits_for_the_flow(period):
    file = left_behind(period)
    done = period.run("task", "cleanup", "P08", *WHY)
    assert done.exit_code == ExitCode.DONE, done.output
    assert "left behind by attempts: 1 file, 1 kB; 5 paths looked at" in done.stdout
    assert "directories of jobs to remove: 1, 1 file" in done.stdout
    assert "nothing was done" in done.stderr
    assert (period.root / "jobs" / "j1a1").exists()
    told = period.good("task", "cleanup", "P08", *WHY, "--yes")
    assert "1 new" in told
    assert not (period.root / "jobs" / "j1a1").exists()
    assert file.exists(), "the flow removes it"
    period.good("flow", "once")
    assert not file.exists()
    assert period.good("task", "cleanup", "P08", *WHY, "--yes").count("0 new") == 1


def test_strangers_in_a_jobs_directory_are_named_and_stay(period):
    left_behind(period)
    (period.root / "jobs" / "j1a1" / "thesis.root").write_text("mine")
    done = period.run("task", "cleanup", "P08", *WHY, "--yes")
    assert done.exit_code == ExitCode.SOME_FAILED
    assert "thesis.root" in done.stdout
    assert (period.root / "jobs" / "j1a1" / "thesis.root").exists()


def test_an_open_task_is_not_cleaned_up(period):
    period.sql("UPDATE merge_group SET state = 'CHECKED' WHERE product = 'mDST'")
    left_behind(period)
    line = period.refused(ExitCode.FAILED, "task", "cleanup", "P08", *WHY, "--yes")
    assert "1 of its 1 runs are open" in line
    assert "ddm report period P08 --task P08" in line
    assert (period.root / "jobs" / "j1a1").exists()
    assert "known: P08" in period.refused(ExitCode.FAILED, "task", "cleanup", "P9", *WHY)


# ------------------------------------------------------------------------------------------ pressure
def test_pressure_shows_its_plan_and_does_it_when_told(period):
    marks = ("--high", "8000 PB", "--low", "8500 PB")
    done = period.run("endpoint", "pressure", "disk", *marks, "--plan")
    assert done.exit_code == ExitCode.SOME_FAILED, done.output
    assert "nothing more may go" in done.stdout
    assert str(RUN) in done.stdout
    assert done.stderr == ""
    assert "nothing was done" in period.run("endpoint", "pressure", "disk", *marks).stderr
    told = period.run("endpoint", "pressure", "disk", *marks, "--yes", "--json")
    assert told.exit_code == ExitCode.SOME_FAILED
    assert '"moved": 4' in told.stdout
    assert len(period.json("trash", "list")) == 4


def test_a_disk_with_room_is_left_alone(period):
    told = period.good("endpoint", "pressure", "disk", "--high", "1 B", "--low", "2 B", "--yes")
    assert "no pressure" in told


def test_marks_that_do_not_fit_are_refused(period):
    run = ("endpoint", "pressure")
    assert "give --high and --low" in period.refused(ExitCode.USAGE, *run, "disk")
    assert "one kind" in period.refused(ExitCode.USAGE, *run, "disk", "--high", "9 %", "--low", "1 TB")
    assert "less full" in period.refused(ExitCode.USAGE, *run, "disk", "--high", "2 TB", "--low", "1 TB")
    assert "how much is used" in period.refused(ExitCode.USAGE, *run, "disk", "--high", "x", "--low", "1 TB")
    assert "from tape" in period.refused(ExitCode.USAGE, *run, "tape", "--high", "9 %", "--low", "8 %")
    assert "known: disk, tape" in period.refused(ExitCode.USAGE, *run, "x", "--high", "9 %", "--low", "8 %")


def test_a_plan_of_removal_for_a_task_names_what_its_clean_up_would_withdraw_besides(period):
    assert period.json("trash", "plan", "--task", "P08", "--no-save")["cleanup"] == []
    config = period.root / "ddm.toml"
    config.write_text(config.read_text().replace("[product.mDST]", '[product.mDST]\nafter_task = "go"'))
    (one,) = period.json("trash", "plan", "--task", "P08", "--no-save")["cleanup"]
    cleaned = period.json("task", "cleanup", "P08", *WHY)
    assert [one] == [found for found in cleaned["outputs"] if found["ground"] == "on tape"]
    assert one["withdrawn"] + sum(one["kept"].values()) == 1
    told = period.good("trash", "plan", "--task", "P08", "--no-save")
    assert "goes with 'ddm task cleanup P08 --reason …'" in told
    assert period.json("trash", "plan", "--task", "P08", "--run", RUN, "--no-save")["cleanup"] == []
