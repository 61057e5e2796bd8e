"""Accident 2: state spread by the name of the production.

There: archiving one part of a task set every task with the same ``production`` to *archived*, among them
parts that were still running, whose intermediate files were then deleted. Here nothing has its state from a
name: a run's merges, checks and copies are rows of their own task, and what may go is asked of the products
made from *this* file.

Seen to fail: with ``catalog.retention`` letting everything go, and the question of ``releasing.trashable``
about the other merges of the run left out, the files of part 3 go with those of part 1.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from catalog.errors import ExitCode
from tests.accidents.experiment import DAY, RUN, Experiment

PART_3 = {"dataset": "2016/W14_part3", "slot": 3}


def test_02_the_other_part_of_a_production_is_archived_this_one_keeps_its_files(tmp_path: Path) -> None:
    """Two parts of one production, with the same run: one is through, the other waits for its tape."""
    apart = {'"{prod}.{run}.zip{part}"': '"{prod}.{run}.{slot}.zip{part}"'}  # or their logs had one name
    experiment = Experiment(tmp_path / "e", {"P08_part1": {}, "P08_part3": PART_3}, apart)
    one, three = experiment.take_data(), experiment.take_data(first=12_001)
    experiment.register(one, task="P08_part1")
    experiment.register(three, task="P08_part3")
    experiment.tape.inject("*/evtdump3-*", "no-archive", None)
    experiment.go()

    rows = experiment.replicas(role="intermediate")
    assert Counter((row.chunk[:2], row.state) for row in rows) == {
        ("11", "DELETED"): 4,
        ("12", "AVAILABLE"): 4,
    }
    assert experiment.kept() == []

    before = {row.path for row in rows if row.chunk[:2] == "12"}
    experiment.run("task", "cleanup", "P08_part1", "--reason", "part 1 is over", "--yes")
    told = experiment.run("task", "cleanup", "P08_part3", "--reason", "it is all one production", "--yes")
    assert told.exit_code not in (ExitCode.DONE, None), told.output
    experiment.go(3 * DAY)
    assert before <= experiment.on_disk()
    assert experiment.asked("SELECT DISTINCT run FROM merge_group") == [(RUN,)]
