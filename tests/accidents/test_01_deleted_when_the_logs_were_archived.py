"""Accident 1: deletion was gated on the archive of the *logs* only.

There: a task was *archived* when its log file was on tape, and then the per-chunk files and event dumps of
all products went, whether the merged dumps had reached tape or not. Here a file goes only under a certificate
that names the products made from it, each with evidence of its copy on tape (invariant 3); of a run of which
one product is not archived nothing goes at all.

Seen to fail: with ``catalog.retention`` letting everything go, and the question of ``releasing.trashable``
about the other merges of the run left out, the inputs of the logs go.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.accidents.experiment import RUN, Experiment

DUMP = f"/castor/cern.ch/compass/data/2016/oracle_dst/dvcs2016P08t1/mergedDump/evtdump0-{RUN}.raw"


@pytest.fixture
def experiment(tmp_path: Path) -> Experiment:
    made = Experiment(tmp_path / "e")
    made.register(made.take_data())
    return made


def test_01_the_logs_are_on_tape_and_the_dumps_are_not_nothing_goes(experiment: Experiment) -> None:
    """The tape system takes the logs and fails with the dumps, for days."""
    experiment.tape.inject("*mergedDump*", "no-archive", None)
    experiment.go()
    on_tape = {row.product: row.state for row in experiment.replicas(endpoint="tape", role="final")}
    assert on_tape["logs"] == "AVAILABLE"
    assert on_tape["dump"] != "AVAILABLE"
    assert experiment.states(role="intermediate") == {"AVAILABLE": 4}
    assert experiment.asked("SELECT count(*) FROM certificate") == [(0,)]
    assert experiment.kept() == []
    chunk = next(row.lfn for row in experiment.replicas(product="dump", role="intermediate"))
    assert "dump" in experiment.run("explain", chunk).output


def test_01_they_go_when_the_last_product_is_on_tape_under_a_certificate_of_their_own(
    experiment: Experiment,
) -> None:
    experiment.go()
    assert experiment.states(role="intermediate") == {"DELETED": 4}
    assert experiment.states(role="final") == {"AVAILABLE": 4}
    assert experiment.kept() == []
    papers = [json.loads(body) for (body,) in experiment.asked("SELECT body FROM certificate")]
    assert {name for paper in papers for name in _names(paper)} >= {DUMP}


def _names(paper: object) -> set[str]:
    """Every text in a certificate."""
    match paper:
        case dict():
            return {name for value in paper.values() for name in _names(value)}
        case list():
            return {name for value in paper for name in _names(value)}
        case _:
            return {str(paper)}
