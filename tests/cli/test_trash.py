"""``ddm trash`` on real files: plans do exactly their list, the brake stops, persons are asked, nothing else
is touched."""

from __future__ import annotations

import contextlib
import json
import shutil
from datetime import timedelta

import pytest

from catalog.errors import ExitCode, IllegalTransition
from catalog.seam import OpenSeam, Seam
from ddm import flow
from ddm.app import open_app
from ddm.config import load
from ddm.operations import removing, trash
from tests.cli.period import GRACE, RUN, Period, own_time

MERGED = f"/castor/cern.ch/compass/data/2016/oracle_dst/dvcs2016P08t1/mDST/mDST-{RUN}-0-7.root"
STRANGE = "eos/experiment/compass/data/2016/dvcs2016P08t1/mDST.chunks/j1a1/notes.txt"
TRASHED = 9  # four files of each of two chunks, and the archive of the run's logs, which is in another


@pytest.fixture
def time(made):
    with own_time(made.ahead) as found:
        yield found


@pytest.fixture
def place(made, tmp_path, time) -> Period:
    """Everything is in the trash, and its grace time is over."""
    time.jump(GRACE + timedelta(hours=1))
    return made.copy(tmp_path / "place")


def settings(place: Period, **values: object) -> None:
    """Settings of [release], the last section of the file."""
    path = place.root / "ddm.toml"
    path.write_text(path.read_text() + "".join(f"{name} = {value}\n" for name, value in values.items()))


def outcomes(answer) -> dict[str, int]:
    found: dict[str, int] = {}
    for entry in answer["shown"]["amounts"]:
        found[entry["outcome"] or "open"] = found.get(entry["outcome"] or "open", 0) + entry["files"]
    return found


def gone(place: Period, before: dict[str, bytes]) -> set[str]:
    """What is not there any more; everything else is as it was, byte by byte."""
    after = place.stored()
    assert after.items() <= before.items()
    return before.keys() - after.keys()


def test_a_copy_without_a_certificate_says_why_it_never_goes(place):
    place.sql("DELETE FROM certified")
    told = place.json("trash", "list", "--limit", 1000)
    assert {tuple(one["stays"]) for one in told} == {(trash.UNSEALED,)}
    assert {one["may_go_at"] for one in told} == {None}


# ------------------------------------------------------------------------------------- plans
def test_a_plan_is_done_to_the_letter_and_nothing_else_is_touched(place):
    """Beside them are files of others: one that nobody registered, and one of another production."""
    place.at(STRANGE).write_text("somebody's notes")
    other = place.at(STRANGE.replace("notes.txt", "mDST-275678-99999-0-7.root"))
    other.write_bytes(b"of another production")
    name = f"/{other.relative_to(place.root / 'disk')}"
    place.good("put", other, name, "--endpoint", "disk", "--dataset", "other/mDST")
    before = place.stored()
    planned = place.json("trash", "plan", "--run", RUN, "--neighbours")
    assert place.stored() == before, "a plan touches nothing"
    assert planned["files"] == TRASHED
    (around,) = (one for one in planned["neighbours"] if one["directory"].endswith("mDST.chunks/j1a1"))
    assert (around["planned"], around["unregistered"], around["missing"]) == (1, 1, 0)
    assert around["others"] == {"other/mDST": 1}
    assert around["examples"] == [f"/{STRANGE}"]
    number = planned["plan"]["id"]
    told = place.run("trash", "empty", "--plan", number)
    assert "add --yes" in told.stderr
    assert place.stored() == before
    wanted = {str(line["path"]).lstrip("/") for line in place.trashed()}
    answer = place.json("trash", "empty", "--plan", number, "--yes")
    assert outcomes(answer) == {"done": TRASHED}
    assert answer["shown"]["plan"]["state"] == "DONE"
    assert gone(place, before) == wanted
    line = place.refused(ExitCode.FAILED, "trash", "empty", "--plan", number, "--yes")
    assert "it is DONE; make a new one" in line
    assert "DONE" in place.good("trash", "plans")
    assert f"{TRASHED} done" in place.good("trash", "plans", number)


def test_a_plan_says_what_stays_and_why(made, tmp_path, time):
    place = made.copy(tmp_path / "young")
    found = place.json("trash", "plan")
    assert (found["plan"], found["files"], found["looked_at"]) == (None, 0, TRASHED)
    assert {(entry["act"], entry["guard"], entry["files"]) for entry in found["kept"]} == {
        ("remove", "grace", TRASHED)
    }
    found = place.json("trash", "plan", "--ground", "on-tape")
    assert {entry["act"] for entry in found["sums"]} == {"withdraw"}
    assert found["files"] == 4
    for scope in (("--task", "nothing"), ("--endpoint", "nowhere")):
        assert "known: " in place.refused(ExitCode.USAGE, "trash", "plan", *scope)
    assert place.json("trash", "plan", "--run", 1)["looked_at"] == 0
    assert place.json("trash", "plan", "--task", "P08", "--endpoint", "tape")["looked_at"] == 0
    assert len(place.json("trash", "plans")) == 1, "what says that nothing may go is no plan"


def test_copies_on_disk_of_what_is_on_tape_go_by_plan_and_come_back(place):
    number = place.json("trash", "plan", "--ground", "on-tape", "--endpoint", "disk")["plan"]["id"]
    before = place.stored()
    place.good("trash", "freeze", "--reason", "first withdraw only")
    told = place.run("trash", "empty", "--plan", number, "--yes")
    assert told.exit_code == ExitCode.BUSY
    assert "everything is frozen" in told.stdout
    place.good("trash", "thaw", "--all", "--reason", "go on")
    place.good("trash", "empty", "--plan", number, "--yes")
    assert place.state(MERGED) == "TRASHED"
    assert len(gone(place, before)) == TRASHED, "the merged ones are withdrawn; their bytes stay"
    place.good("trash", "restore", MERGED, "--reason", "wanted")
    place.good("flow", "run")
    assert place.state(MERGED) == "AVAILABLE"


def test_what_changed_since_the_plan_is_left_out_and_told(place):
    settings(place, brake_files=100)
    number = place.json("trash", "plan")["plan"]["id"]
    lines = place.trashed()
    restored, held, missing, longer, removed = lines[:5]
    place.good("trash", "restore", restored["lfn"], "--reason", "wanted")
    place.good("hold", "add", held["lfn"], "--reason", "a look")
    place.at(missing["path"]).unlink()
    place.at(longer["path"]).write_bytes(b"somebody wrote another file there")
    before = place.stored()
    told = place.run("trash", "empty", "--plan", number, "--yes", "--json")
    assert told.exit_code == ExitCode.SOME_FAILED
    answer = place.json("trash", "plans", number)
    assert {line["lfn"]: line["outcome"] for line in answer["lines"]} == {
        restored["lfn"]: "changed",
        held["lfn"]: "changed",
        missing["lfn"]: "missing",
        longer["lfn"]: "differs",
    }
    assert len(gone(place, before)) == TRASHED - 4
    assert removed["path"].lstrip("/") in gone(place, before)


def test_the_brake_stops_a_campaign_and_a_person_releases_it(place):
    settings(place, brake_files=2, call=2)
    number = place.json("trash", "plan")["plan"]["id"]
    lines = place.trashed()
    for line in lines[:4]:
        place.at(line["path"]).unlink()
    before = place.stored()
    told = place.run("trash", "empty", "--plan", number, "--yes")
    assert told.exit_code == ExitCode.HELD
    assert "2 of 2 files are not as planned" in told.stdout
    assert gone(place, before) == set()
    for verb in (("trash", "plans"), ("flow", "status")):
        assert f"plan {number} is braked" in place.run(*verb).stdout
    line = place.refused(ExitCode.FAILED, "trash", "empty", "--plan", number, "--yes")
    assert "it is braked" in line
    place.good("trash", "resume", "--plan", number, "--reason", "they were moved away")
    told = place.run("trash", "empty", "--plan", number, "--yes")
    assert told.exit_code == ExitCode.HELD, "the next two are not there either"
    place.good("trash", "resume", "--plan", number, "--reason", "all four were")
    assert place.run("trash", "empty", "--plan", number, "--yes").exit_code == ExitCode.SOME_FAILED
    assert len(gone(place, before)) == TRASHED - 4


def test_a_campaign_waits_for_the_next_hour(place, time):
    settings(place, files_per_hour=3)
    number = place.json("trash", "plan")["plan"]["id"]
    before = place.stored()
    for expected in (3, 6):
        told = place.run("trash", "empty", "--plan", number, "--yes")
        assert told.exit_code == ExitCode.BUSY
        assert "in this hour is used up" in told.stdout
        assert len(gone(place, before)) == expected
        time.jump(timedelta(hours=1))
    place.good("trash", "empty", "--plan", number, "--yes")
    assert len(gone(place, before)) == TRASHED


def test_a_canceled_plan_and_a_changed_list_are_not_done(place):
    one, two = (place.json("trash", "plan")["plan"]["id"] for _ in range(2))
    place.good("trash", "cancel", one, "--reason", "the wrong run")
    assert "it is CANCELED" in place.refused(ExitCode.FAILED, "trash", "empty", "--plan", one, "--yes")
    assert "nothing was changed" in place.refused(ExitCode.FAILED, "trash", "cancel", one, "--reason", "x")
    other = place.sql("SELECT id FROM replica WHERE state = 'AVAILABLE' AND endpoint_id = 1 LIMIT 1")[0][0]
    place.sql("UPDATE removal_line SET replica_id = ? WHERE removal_id = ? AND position = 0", other, two)
    before = place.stored()
    line = place.refused(ExitCode.FAILED, "trash", "empty", "--plan", two, "--yes")
    assert "not the one that was planned" in line
    assert gone(place, before) == set()


def test_large_lists_want_their_number_typed(place):
    settings(place, confirm_files=5)
    number = place.json("trash", "plan")["plan"]["id"]
    before = place.stored()
    for way in (("--plan", number), ()):
        line = place.refused(ExitCode.USAGE, "trash", "empty", *way, "--yes")
        assert f"--confirm {TRASHED}" in line
        line = place.refused(ExitCode.USAGE, "trash", "empty", *way, "--yes", "--confirm", 8)
        assert f"8 was typed, but it is {TRASHED} files now" in line
    assert gone(place, before) == set()
    place.good("trash", "empty", "--plan", number, "--yes", "--confirm", TRASHED)
    assert len(gone(place, before)) == TRASHED


class Stop(BaseException):
    """The process ends here."""


class StopAt:
    """Stops the program after so many crossings of the seam."""

    def __init__(self, at: int) -> None:
        self.at, self.seen, self.names = at, 0, []

    def crossing(self, name: str):
        @contextlib.contextmanager
        def crossed():
            self.seen += 1
            self.names.append(name)
            mine = self.seen == self.at
            yield
            if mine:
                raise Stop

        return crossed()


def test_a_campaign_that_was_killed_anywhere_goes_on(place, tmp_path, time):
    """Journal first: stopped after every commit and call, which is before the next; then the plan again."""
    settings(place, call=TRASHED)
    number = place.json("trash", "plan")["plan"]["id"]
    before, trash = place.stored(), {str(line["path"]).lstrip("/") for line in place.trashed()}
    names, ended = [], False
    while not ended:
        here = place.copy(tmp_path / f"{len(names)}")
        seam = StopAt(len(names) + 1)
        ended = _acted(here, number, seam)
        names.append(seam.names[-1])
        _removed_only_what_was_journaled(here, before)
        time.jump(timedelta(minutes=30))
        assert _acted(here, number, OpenSeam()) or ended
        assert gone(here, before) == trash, names[-1]
        shutil.rmtree(here.root)
    assert names.count("disk.remove") == 1
    assert names.count("operation") >= 4


def _acted(place: Period, number: int, seam: Seam) -> bool:
    """A program that takes up what the last one left, and works the plan off; False if it was stopped."""
    app = open_app(load(place.root / "ddm.toml", {}), seam=seam)
    try:
        if isinstance(seam, OpenSeam):
            flow.recover(app)
            with contextlib.suppress(IllegalTransition):  # it had just ended
                assert removing.act(app, number).stopped == ""
        else:
            removing.act(app, number)
    except Stop:
        return False
    finally:
        app.close()
    return True


def _removed_only_what_was_journaled(place: Period, before: dict[str, bytes]) -> None:
    query = (
        "SELECT coalesce(r.path, d.path || f.name) FROM replica r JOIN file f ON f.id = r.file_id "
        "JOIN directory d ON d.id = f.directory_id WHERE r.state IN ('DELETING', 'DELETED')"
    )
    journaled = {str(path).lstrip("/") for (path,) in place.sql(query)}
    assert gone(place, before) <= journaled


# -------------------------------------------------------------------------------------- add
@pytest.fixture
def merged(place) -> Period:
    """A merged file is on disk and on tape; a second disk has a copy of it."""
    path = next(name for name in place.stored() if name.endswith(f"mDST-{RUN}-0-7.root"))
    here, there = place.at(path), place.at(MERGED, "disk2")
    there.parent.mkdir(parents=True)
    shutil.copy(here, there)
    return place


def second_copy(place: Period) -> None:
    """Register it, compare it, and the first one again, so that both were compared lately."""
    place.good("put", place.at(MERGED, "disk2"), MERGED, "--endpoint", "disk2")
    place.good("file", "compare", MERGED, "--reason", "a fresh look")
    place.good("flow", "run")


def refused_add(place: Period, *words: object, code: int = ExitCode.FAILED) -> str:
    before = place.stored(), place.stored("tape"), place.trashed()
    line = place.refused(code, "trash", "add", *words, "--reason", "x", "--yes")
    assert (place.stored(), place.stored("tape"), place.trashed()) == before
    return line


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("/castor/cern.ch/compass/data/*", "a pattern"),
        ("/castor/cern.ch/compass/data/", "a directory"),
        ("mDST-275678-0-7.root", "not a whole LFN"),
        ("/castor/cern.ch/compass/mDST-[0-9].root", "a pattern"),
    ],
)
def test_files_are_named_one_by_one(place, word, said):
    assert said in refused_add(place, word, code=ExitCode.USAGE)
    listed = place.root / "lfns.txt"
    listed.write_text(f"# a list\n{MERGED}\n\n{word}\n")
    line = refused_add(place, "--from", listed, code=ExitCode.USAGE)
    assert "line 4" in line
    assert said in line
    listed.write_text(f"{MERGED}\n{MERGED}\n")
    assert "line 2: the same file as line 1" in refused_add(place, "--from", listed, code=ExitCode.USAGE)


def test_a_spare_copy_goes_and_the_last_one_does_not(merged):
    place = merged
    second_copy(place)
    line = refused_add(place, MERGED, code=ExitCode.USAGE)
    assert "which copy? it is at" in line
    told = place.json("trash", "add", MERGED, "--endpoint", "disk2", "--reason", "one is enough", "--yes")
    assert [(one["endpoint"], one["ground"]) for one in told["copies"]] == [("disk2", "spare")]
    assert place.state(MERGED, "disk2") == "TRASHED"
    paper = json.dumps(place.json("certificate", "show", MERGED))
    assert "spare" in paper
    assert "one is enough" in paper
    told = place.json("trash", "add", MERGED, "--endpoint", "disk", "--reason", "tape will do")
    assert [one["ground"] for one in told["copies"]] == ["on tape"]
    assert place.state(MERGED) == "AVAILABLE", "without --yes it is only said"


def test_a_spare_copy_stays_when_the_other_one_is_not_there_any_more(merged, time):
    """Its last look is within the age of evidence: the catalogue thinks that it is there."""
    place = merged
    second_copy(place)
    place.good("trash", "add", MERGED, "--endpoint", "disk2", "--reason", "one is enough", "--yes")
    time.jump(GRACE + timedelta(hours=1))
    place.at(next(name for name in place.stored() if name.endswith(f"mDST-{RUN}-0-7.root"))).unlink()
    place.run("flow", "run")
    assert place.at(MERGED, "disk2").is_file()
    assert place.state(MERGED, "disk2") == "TRASHED"
    ((reason,),) = place.sql("SELECT reason FROM item WHERE kind = 'remove' AND state = 'HELD'")
    assert "no other copy of it was seen whole" in reason


def test_a_spare_copy_stays_when_the_other_one_is_the_same_file(merged, time):
    """As a directory that is mounted twice looks, or one server under two host names: nothing in the names
    tells, the file itself does."""
    place = merged
    second_copy(place)
    place.good("trash", "add", MERGED, "--endpoint", "disk2", "--reason", "one is enough", "--yes")
    time.jump(GRACE + timedelta(hours=1))
    there = place.at(next(name for name in place.stored() if name.endswith(f"mDST-{RUN}-0-7.root")))
    there.unlink()
    there.hardlink_to(place.at(MERGED, "disk2"))
    place.run("flow", "run")
    assert place.at(MERGED, "disk2").is_file()
    ((reason,),) = place.sql("SELECT reason FROM item WHERE kind = 'remove' AND state = 'HELD'")
    assert "no other copy of it was seen whole" in reason


LOSS = ("--i-accept-data-loss", "--reason", "the reconstruction was wrong", "--actor", "p.q@cern", "--json")


def test_a_directory_under_two_names_is_one_copy(place):
    """The second disk's directory is a link to the first one's: with either name both would be gone."""
    here = place.at(next(name for name in place.stored() if name.endswith(f"mDST-{RUN}-0-7.root")))
    link = place.at(MERGED, "disk2").parent
    link.parent.mkdir(parents=True)
    link.symlink_to(here.parent)
    second_copy(place)
    assert {place.state(MERGED), place.state(MERGED, "disk2")} == {"AVAILABLE"}
    line = refused_add(place, MERGED, "--endpoint", "disk2", code=ExitCode.HELD)
    assert "at the same place" in line
    line = refused_add(place, MERGED, "--endpoint", "disk2", *LOSS[:1], "--confirm", 1, code=ExitCode.HELD)
    assert "at the same place" in line
    line = refused_add(place, MERGED, "--endpoint", "disk", code=ExitCode.HELD)
    assert "at the same place" in line


def raw(place: Period) -> str:
    return (place.root / "raw.csv").read_text().splitlines()[1].split(",")[0]


def test_raw_data_are_not_lost_by_accepting_it(place):
    only = raw(place)
    assert "it is on tape" in refused_add(place, only, code=ExitCode.HELD)
    assert "--confirm 1" in refused_add(place, only, "--i-accept-data-loss", code=ExitCode.USAGE)
    told = place.run("trash", "add", only, *LOSS, "--confirm", 1, "--yes")
    assert told.exit_code == ExitCode.HELD
    assert "no registered gap" in told.stderr
    assert place.state(only, "tape") == "AVAILABLE"


def test_the_last_verified_copy_goes_only_with_a_typed_number_and_a_name(place):
    place.good("trash", "add", MERGED, "--endpoint", "disk", "--reason", "tape will do", "--yes")
    assert "it is on tape" in refused_add(place, MERGED, code=ExitCode.HELD)
    for typed in (), ("--confirm", 2):
        told = place.run("trash", "add", MERGED, *LOSS, *typed, "--yes")
        assert told.exit_code == ExitCode.USAGE
        assert "--confirm 1" in told.stderr
    told = place.run("trash", "add", MERGED, *LOSS, "--confirm", 1)
    assert "nothing was done" in told.stderr
    assert place.state(MERGED, "tape") == "AVAILABLE"
    told = place.run("trash", "add", MERGED, *LOSS, "--confirm", 1, "--yes")
    assert told.exit_code == 0, told.stderr
    assert place.state(MERGED, "tape") == "TRASHED"
    body = json.dumps(place.json("certificate", "show", MERGED))
    assert "p.q@cern" in body
    assert "the reconstruction was wrong" in body
    place.good("trash", "restore", MERGED, "--reason", "no, it was right")
    place.good("flow", "run")
    assert {place.state(MERGED), place.state(MERGED, "tape")} == {"AVAILABLE"}


def test_a_bad_copy_goes_when_a_good_one_stays(place):
    path = place.at(next(name for name in place.stored() if name.endswith(f"mDST-{RUN}-0-7.root")))
    path.write_bytes(b"spoiled" + path.read_bytes()[7:])
    place.good("file", "compare", MERGED, "--reason", "a reader complained")
    place.run("flow", "run")
    assert place.state(MERGED) == "BAD"
    before = place.stored("tape")
    told = place.json("trash", "add", MERGED, "--endpoint", "disk", "--reason", "bad bytes", "--yes")
    assert [one["ground"] for one in told["copies"]] == ["bad"]
    assert place.stored("tape") == before


def test_a_bad_copy_stays_when_nobody_sees_the_good_one(merged, time):
    """Its bytes are all there may be: with none settled on tape, the good one is looked at just before."""
    place = merged
    second_copy(place)
    path = place.at(next(name for name in place.stored() if name.endswith(f"mDST-{RUN}-0-7.root")))
    path.write_bytes(b"spoiled" + path.read_bytes()[7:])
    place.good("file", "compare", MERGED, "--reason", "a reader complained")
    place.run("flow", "run")
    assert place.state(MERGED) == "BAD"
    place.sql(
        "UPDATE replica SET state = 'LOST' WHERE endpoint_id = (SELECT id FROM endpoint WHERE name = 'tape')"
    )
    told = place.json("trash", "add", MERGED, "--endpoint", "disk", "--reason", "bad bytes", "--yes")
    assert [one["ground"] for one in told["copies"]] == ["bad"]
    time.jump(GRACE + timedelta(hours=1))
    place.at(MERGED, "disk2").unlink()
    place.run("flow", "run")
    assert path.is_file()
    ((reason,),) = place.sql("SELECT reason FROM item WHERE kind = 'remove' AND state = 'HELD'")
    assert "no other copy of it was seen whole" in reason
