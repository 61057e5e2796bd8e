"""Accident 10: what was missing on tape was archived again and again.

There: an archive that was not on tape at the next hourly look went back to *archive*, perhaps before its
transfer had been delivered: it was packed and written again without an end; the branch for files of size 0
used names that were never defined. Here what is slow is waited for, without a limit and without a second
copy; a copy on tape that was good and is missing or other later is LOST or BAD, keeps its row and blocks
another copy until a person has looked; and whatever it made superfluous stays.

Seen to fail: with ``archives.archivable`` taking groups whose copy on tape is LOST or BAD as if there were
none, another copy is asked for; with ``catalog.retention`` letting everything go, the inputs go although the
archive is lost.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from catalog.checksum import EMPTY
from tests.accidents.experiment import DAY, RUN, Experiment

HOME = "/castor/cern.ch/compass/data/2016/oracle_dst/dvcs2016P08t1"
LOGS = f"{HOME}/logFiles/dvcs2016P08t1.{RUN}.zip"


def copies(experiment: Experiment) -> int:
    """How often the flow has asked for a copy of the logs to tape."""
    query = (
        "SELECT count(*) FROM item i JOIN replica r ON r.id = i.replica_id JOIN file f ON f.id = r.file_id"
        f" WHERE i.kind = 'copy' AND f.name = '{Path(LOGS).name}'"
    )
    return int(experiment.asked(query)[0][0])


def test_10_a_tape_that_takes_days_is_waited_for(tmp_path: Path) -> None:
    slow = {'archive_delay = "600"': f'archive_delay = "{8 * 86_400}"'}
    experiment = Experiment(tmp_path / "e", changes=slow)
    experiment.register(experiment.take_data())
    experiment.go(4 * DAY)
    assert {row.state for row in experiment.replicas(endpoint="tape", role="final")} <= {
        "ARCHIVING",
        "UNVERIFIED",
    }
    assert experiment.states(role="intermediate") == {"AVAILABLE": 4}
    experiment.clock.sleep(3 * DAY)
    experiment.go(5 * DAY)
    assert {row.state for row in experiment.replicas(endpoint="tape", role="final")} == {"AVAILABLE"}
    assert copies(experiment) == 1
    assert experiment.kept() == []


@pytest.mark.parametrize("harm", ["missing", "empty"])
def test_10_an_archive_that_went_bad_is_not_written_anew_and_nothing_is_removed(
    tmp_path: Path, harm: str
) -> None:
    """It was on tape and equal once; before the inputs may go it is looked at again."""
    experiment = Experiment(tmp_path / "e", changes={'grace = "1 d"': 'grace = "2 d"'})
    experiment.register(experiment.take_data())
    experiment.go(timedelta(hours=30))
    (row,) = experiment.replicas(endpoint="tape", product="logs", role="final")
    assert row.state == "AVAILABLE"
    with experiment.tape.control() as library:
        if harm == "missing":
            library.remove(LOGS)
        else:
            library.files[LOGS] = replace(library.files[LOGS], size=0, adler32=EMPTY)
    experiment.go()
    (row,) = experiment.replicas(endpoint="tape", product="logs", role="final")
    assert row.state == {"missing": "LOST", "empty": "BAD"}[harm]
    assert copies(experiment) == 1
    assert [(thing.noun, thing.state) for thing in experiment.held()] == [("replica", row.state)]
    assert "DELETED" not in experiment.states(role="intermediate", product="logs")
    assert all(
        experiment.disk_file(row.path).exists()
        for row in experiment.replicas(role="intermediate", product="logs")
    )
    assert LOGS in experiment.run("flow", "status").output
