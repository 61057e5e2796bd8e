"""Accident 5: transfers overwrote, and a name on tape had no version.

There: the name of a tape file followed from path, soft, run, slot and phast alone; a second task with the
same values, a merge made again with another grouping, or a transfer sent again after its time replaced a good
tape file. Here nothing is overwritten (invariant 4): an existing destination is compared, and adopted if it
is equal, held if it is not; a name belongs to one file with one checksum (``registering``), and a merged file
that is on tape is not made anew.

Seen to fail: with the simulated tape writing over what is there (``_same_or_exists`` forgetting it), the
stranger's file goes; with the comparison of checksums in ``registering`` left out, the second task's file is
taken for the first one's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from catalog.errors import ExitCode
from tests.accidents.experiment import DAY, RUN, Experiment
from transfers.errors import StorageTimeout
from transfers.model import CopyOrder, Outcome
from transfers.ports import Copier
from transfers.watch import UNWATCHED, Watch

HOME = "/castor/cern.ch/compass/data/2016/oracle_dst/dvcs2016P08t1"
DUMP = f"{HOME}/mergedDump/evtdump0-{RUN}.raw"


@pytest.fixture
def experiment(tmp_path: Path) -> Experiment:
    made = Experiment(tmp_path / "e", {"first": {}})
    made.register(made.take_data(), task="first")
    return made


class Deaf:
    """Makes every copy, and the first time nobody hears of it."""

    def __init__(self, copier: Copier) -> None:
        self._copier = copier
        self.asked: list[str] = []

    def copy(self, orders: Sequence[CopyOrder], watch: Watch = UNWATCHED) -> Mapping[str, Outcome]:
        first = not self.asked
        self.asked += [order.path for order in orders]
        told = self._copier.copy(orders, watch)
        if first:
            raise StorageTimeout("no answer within an hour")
        return told


def on_tape(experiment: Experiment) -> dict[str, tuple[bytes, int]]:
    """Bytes and inode of every tape file."""
    root = experiment.root / "tape/tape"
    files = [path for path in root.rglob("*") if path.is_file()]
    return {f"/{path.relative_to(root)}": (path.read_bytes(), path.stat().st_ino) for path in files}


def test_05_a_second_task_with_the_same_values_replaces_nothing(experiment: Experiment) -> None:
    """Other chunks of the same run, by a task with the same path, soft, slot and production."""
    experiment.go(3 * DAY)
    before = on_tape(experiment)
    assert DUMP in before
    experiment.configure({"first": {}, "second": {"dataset": "2016/W15"}})
    experiment.register(experiment.take_data(period="W15", first=12_001), task="second")
    experiment.go(3 * DAY)
    assert before.items() <= on_tape(experiment).items()
    held = [thing for thing in experiment.held() if thing.noun == "job"]
    assert {thing.product for thing in held} == {"dump", "logs"}
    assert all("known with adler32" in thing.cause for thing in held)
    theirs = [row for row in experiment.replicas(role="intermediate") if row.chunk.startswith("12")]
    assert {row.state for row in theirs} == {"AVAILABLE"}
    assert experiment.kept() == []


def test_05_a_merge_with_another_grouping_replaces_nothing(experiment: Experiment) -> None:
    """The target is made smaller after the run was archived; an operator asks for the merge again."""
    experiment.go(3 * DAY)
    before = on_tape(experiment)
    groups = [group for (group,) in experiment.asked("SELECT id FROM merge_group WHERE product = 'dump'")]
    assert DUMP in before
    experiment.configure({"first": {}}, {'target = "1 MB"': 'target = "1 kB"'})
    for words in (("merge", "again"), ("merge", "void")):
        told = experiment.run(*words, *groups, "--reason", "smaller files", "--yes")
        assert told.exit_code not in (ExitCode.DONE, None), told.output
    experiment.run("check", "repair", RUN, "dump", "--reason", "smaller files", "--yes")
    experiment.go()
    assert on_tape(experiment) == before
    assert experiment.kept() == []


def test_05_what_somebody_else_has_put_there_is_held_and_not_overwritten(experiment: Experiment) -> None:
    stranger = experiment.root / "stranger"
    stranger.write_bytes(b"the same name, and other bytes")
    experiment.tape.seed_tape([(DUMP, stranger)])
    experiment.go()
    assert experiment.tape_file(DUMP).read_bytes() == b"the same name, and other bytes"
    (held,) = experiment.held()
    assert (held.noun, held.cause.split(":")[0]) == ("item", "file_exists")
    assert experiment.states(role="intermediate") == {"AVAILABLE": 4}
    told = experiment.run("archive", "resume", "--all", "--reason", "try again")
    assert told.exit_code == ExitCode.DONE
    experiment.go(2 * DAY)
    assert experiment.tape_file(DUMP).read_bytes() == b"the same name, and other bytes"
    assert experiment.kept() == []


def test_05_a_copy_whose_answer_was_lost_is_adopted_and_not_made_again(experiment: Experiment) -> None:
    """The bytes arrived, and nobody heard of it: the flow was killed, or the connection broke off."""
    with experiment.program() as app:
        tape = app.storages["tape"]
    deaf = Deaf(tape.copier)
    experiment.go(timedelta(days=4), tape=replace(tape, copier=deaf))
    assert deaf.asked.count(DUMP) == 2
    assert experiment.states(role="final") == {"AVAILABLE": 4}
    assert experiment.kept() == []
