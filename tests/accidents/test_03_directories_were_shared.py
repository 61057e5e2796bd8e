"""Accident 3: directories were shared, and deleted whole.

There: the clean-up removed directories below ``path + soft``: parts and slots with the same ``soft`` lost
each other's files, and whatever else lay there. Here a removal is a list of files from the catalogue, by
their replicas (``ddm.steps.cleanup``); no storage has a call that removes a directory with its contents.

Seen to fail: with the removal of ``PosixStorage`` removing the directory around the file (``shutil.rmtree``),
the neighbours go.
"""

from __future__ import annotations

import inspect
from datetime import timedelta
from pathlib import Path

from tests.accidents.experiment import DAY, Experiment
from transfers import ports

HOME = "/eos/experiment/compass/data/2016/dvcs2016P08t1"


def test_03_neighbours_in_the_same_directories_are_not_touched(tmp_path: Path) -> None:
    """Two tasks, two slots, one ``soft``; and files that nobody registered, with names of ours, in the very
    directories of what is removed."""
    experiment = Experiment(tmp_path / "e", {"slot0": {}, "slot1": {"slot": 1, "dataset": "2016/W15"}})
    experiment.register(experiment.take_data(), task="slot0")
    experiment.go(timedelta(hours=12))
    theirs = experiment.take_data(first=12_001)
    experiment.register(theirs, task="slot1")
    experiment.tape.inject("*evtdump1-*", "no-archive", None)
    experiment.go(timedelta(hours=12))
    gone = [row.path for row in experiment.replicas(role="intermediate") if row.chunk.startswith("11")]
    assert len(gone) == 4
    strangers = {
        **{str(Path(path).with_name(f"{Path(path).name}.bak")): f"beside {path}" for path in gone},
        f"{HOME}/evtdump/evtdump0-11009-275679.raw": "another run's, by its name",
        f"{HOME}/evtdump/notes/README": "somebody's notes",
        f"{HOME}/logFiles/other2016P08.275678-11001-0.stdout.gz": "another production's",
    }
    for path, text in strangers.items():
        experiment.disk_file(path).parent.mkdir(parents=True, exist_ok=True)
        experiment.disk_file(path).write_text(text)
    before = experiment.on_disk()

    experiment.go()
    experiment.run("task", "cleanup", "slot0", "--reason", "it is over", "--yes")
    experiment.go(3 * DAY)
    assert before - experiment.on_disk() == set(gone)
    assert {path: experiment.disk_file(path).read_text() for path in strangers} == strangers
    assert {row.state for row in experiment.replicas(role="intermediate") if row.chunk.startswith("12")} == {
        "AVAILABLE"
    }
    assert experiment.kept() == []


def test_03_a_storage_can_remove_files_only_by_their_names() -> None:
    """What a remover is asked is a list of paths; what it answers is an outcome for each."""
    calls = [name for name, _ in inspect.getmembers(ports.Remover, inspect.isfunction) if name[0] != "_"]
    assert calls == ["remove"]
    assert list(inspect.signature(ports.Remover.remove).parameters) == ["self", "paths"]
