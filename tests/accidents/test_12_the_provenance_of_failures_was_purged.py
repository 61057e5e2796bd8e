"""Accident 12: the rows of failed jobs were purged once a task was archived.

There: jobs that had failed, with their files, metadata and parameters, were deleted from the database of the
workload system: nobody can tell any more what failed, how often and why, and which attempt made a file. Here
a job keeps its row; each attempt, its code and its reason are in history, which only grows (no statement
deletes from it); what a file was made of is a row (``parent``), and nothing that is referred to can be
deleted (``ON DELETE RESTRICT``).

Seen to fail: with a ``DELETE FROM history`` of jobs in ``cleanup.finish``, the attempts are gone; with the
foreign keys made CASCADE, the last test finds them.
"""

from __future__ import annotations

import json

import pytest

from catalog.db import schema
from catalog.db.engine import Catalog
from catalog.errors import RuleBroken
from tests.accidents.experiment import Experiment

CLEANING = [
    ("task", "cleanup", "P08", "--reason", "the campaign is over", "--yes"),
    ("db", "vacuum"),
    ("db", "check"),
    ("trash", "empty", "--yes"),
    ("leftovers",),
]


@pytest.fixture(scope="module")
def experiment(tmp_path_factory: pytest.TempPathFactory) -> Experiment:
    """A run of which a chunk failed twice before it was done; all is archived and cleaned."""
    made = Experiment(tmp_path_factory.mktemp("purged") / "e")
    made.register(made.take_data())
    made.runner.fails["cdr11002"] = 2
    made.go()
    assert made.states(role="intermediate") == {"DELETED": 4}
    return made


def test_12_after_archive_and_clean_up_every_attempt_can_be_told(experiment: Experiment) -> None:
    for words in CLEANING:
        experiment.run(*words)
    ((job, attempt, state),) = experiment.asked("SELECT id, attempt, state FROM job WHERE chunk = '11002'")
    assert (attempt, state) == (3, "DONE")
    told = json.loads(experiment.good("job", "show", job, "--json"))
    reasons = [entry["reason"] for entry in told["history"]]
    assert sum("killed by the batch system: out of memory" in (reason or "") for reason in reasons) == 2
    for row in experiment.replicas(role="intermediate"):  # gone, and known for good
        assert "removed" in experiment.good("file", "history", row.lfn)


def test_12_what_a_file_was_made_of_is_known_when_all_of_it_is_gone(experiment: Experiment) -> None:
    (merged,) = experiment.replicas(role="final", product="dump", endpoint="tape")
    chunks = {row.file_id for row in experiment.replicas(role="intermediate", product="dump")}
    raw = {row.file_id for row in experiment.replicas(role="raw")}
    parents: dict[int, set[int]] = {}
    for file, parent in experiment.asked("SELECT file_id, parent_id FROM parent"):
        parents.setdefault(file, set()).add(parent)
    assert parents[merged.file_id] == chunks
    assert {up for chunk in chunks for up in parents[chunk]} == raw


@pytest.mark.parametrize("table", ["job", "file", "replica", "merge_group", "certificate", "dataset"])
def test_12_the_database_itself_refuses_to_forget(experiment: Experiment, table: str) -> None:
    with (
        Catalog(experiment.settings.catalog) as catalog,
        pytest.raises(RuleBroken),
        catalog.begin() as conn,
    ):
        conn.exec_driver_sql(f"DELETE FROM {table}")


def test_12_no_table_is_deleted_along_with_another() -> None:
    cascading = [
        f"{table.name}.{column.name}"
        for table in schema.metadata.tables.values()
        for column in table.columns
        for key in column.foreign_keys
        if key.ondelete != "RESTRICT"
    ]
    assert cascading == []
