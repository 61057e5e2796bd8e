"""Accident 8: a partial archive of logs was accepted, and other productions' logs were taken up and deleted.

There: an input/output error ended only the inner loop of a copy; what was there by then was packed and marked
archived. The files were found by ``*run*`` in a shared temporary directory, so that another production's logs
of the same run were packed too, and then deleted. Here the members of an archive are a list frozen in the
catalogue (invariant 6), each compared with its size and adler32 as it is read; a merge that cannot read one
leaves no output (``ddm.jobs.merges``); no program looks for its files by a pattern; and a work directory that
holds what is not the job's own is refused (``ddm.jobs.workplace``).

Seen to fail: with ``open_workplace`` taking a directory that is not empty, the stranger's is used.
"""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from tests.accidents.experiment import DAY, RUN, Experiment

HOME = "/eos/experiment/compass/data/2016/dvcs2016P08t1"
ARCHIVE = f"/castor/cern.ch/compass/data/2016/oracle_dst/dvcs2016P08t1/logFiles/dvcs2016P08t1.{RUN}.zip"


def logs_in(archive: Path) -> list[str]:
    with zipfile.ZipFile(archive) as opened:
        return [name for name in opened.namelist() if name != "index.json"]


@pytest.fixture
def experiment(tmp_path: Path) -> Experiment:
    made = Experiment(tmp_path / "e")
    made.register(made.take_data(chunks=3))
    return made


@pytest.mark.parametrize("harm", ["gone", "other bytes"])
def test_08_one_log_cannot_be_read_and_there_is_no_archive_of_the_others(
    experiment: Experiment, harm: str
) -> None:
    """The disk spoils one log just before the merge, which has three to pack."""
    runner, work = experiment.runner, experiment.runner._do

    def spoil_and_do(manifest):  # type: ignore[no-untyped-def]
        if manifest.kind == "merge" and "logFiles" in manifest.inputs[0].url and not spoilt:
            path = Path(manifest.inputs[1].url.removeprefix("file://"))
            data = path.read_bytes()
            spoilt[path] = data
            if harm == "gone":
                path.unlink()
            else:
                path.write_bytes(data[:-1] + b"?")
        return work(manifest)

    spoilt: dict[Path, bytes] = {}
    runner._do = spoil_and_do  # type: ignore[method-assign]
    experiment.go(3 * DAY)
    assert len(spoilt) == 1
    assert not experiment.tape_file(ARCHIVE).exists()
    assert [row for row in experiment.replicas(product="logs") if row.role == "final"] == []
    assert "DELETED" not in experiment.states()
    assert "TRASHED" not in experiment.states()


def test_08_other_productions_logs_of_the_run_are_neither_packed_nor_deleted(experiment: Experiment) -> None:
    """They lie in our directory, and have our run in their names."""
    strangers = [
        f"{HOME}/logFiles/other2016P08t1.{RUN}-11001-0.stdout.gz",
        f"{HOME}/logFiles/dvcs2016P08t1.{RUN}-11009-0.stdout.gz",
        f"{HOME}/logFiles/dvcs2016P08t1.{RUN}.stdout.gz",
    ]
    for path in strangers:
        experiment.disk_file(path).parent.mkdir(parents=True, exist_ok=True)
        experiment.disk_file(path).write_bytes(b"a log of somebody else")
    experiment.go()
    ours = [f"dvcs2016P08t1.{RUN}-{chunk}-0.stdout.gz" for chunk in (11_001, 11_002, 11_003)]
    assert logs_in(experiment.tape_file(ARCHIVE)) == ours
    assert experiment.states(role="intermediate") == {"DELETED": 6}
    assert all(experiment.disk_file(path).exists() for path in strangers)
    assert experiment.kept() == []


def test_08_a_work_directory_with_a_strangers_files_is_refused(experiment: Experiment) -> None:
    """As a node-local temporary directory that another job has used."""
    stranger = experiment.root / f"work/j1a1/other2016P08t1.{RUN}-11001-0.stdout.gz"
    stranger.parent.mkdir()
    stranger.write_bytes(b"a log of somebody else")
    experiment.go(2 * DAY)
    assert stranger.read_bytes() == b"a log of somebody else"
    assert experiment.asked("SELECT code FROM job WHERE code <> ''") == [("work_directory_in_use",)]
    experiment.go()
    assert stranger.exists()
    assert len(logs_in(experiment.tape_file(ARCHIVE))) == 3
    assert experiment.kept() == []
