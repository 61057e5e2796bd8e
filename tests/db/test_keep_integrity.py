"""``ddm db check``: every seeded break is found, and a sound catalogue has none."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import text

from catalog.db import follow, integrity
from catalog.db.engine import Catalog
from tests.db import keep

REPLICA = "(SELECT id FROM replica WHERE state = 'AVAILABLE' ORDER BY id LIMIT 1)"
GONE = "(SELECT id FROM replica WHERE state = 'DELETED' ORDER BY id LIMIT 1)"
STEP = "INSERT INTO history (noun, noun_id, last_id, event, old, new, at, actor, reason) VALUES "
NOW = "'2026-01-01T00:00:00.000000+00:00', 'x', ''"

BREAKS: dict[str, tuple[str, str]] = {  # what is broken: what is said of it, how
    "a state that there is not": ("which there is not", "UPDATE job SET state = 'ASLEEP' WHERE id = 1"),
    "a reference to nothing": ("refers to a", "INSERT INTO parent VALUES (1, 987654)"),
    "a state changed behind the history": (
        "but its history leads to AVAILABLE",
        f"UPDATE replica SET state = 'SUSPECT' WHERE id = {REPLICA}",
    ),
    "history lost": (
        "its history does not know of it",
        "DELETE FROM history WHERE noun = 'dataset' AND event = 'born'",
    ),
    "a step in the middle lost": (
        "goes from",
        "DELETE FROM history WHERE noun = 'job' AND event = 'accepted' AND noun_id = 1",
    ),
    "a step that no table has": (
        "cannot go from AVAILABLE to COPYING",
        f"{STEP} ('replica', {REPLICA}, {REPLICA}, 'landed', 'AVAILABLE', 'COPYING', {NOW})",
    ),
    "a thing without history": (
        "does not know of it",
        "INSERT INTO dataset SELECT 9999, 'new', state, since FROM dataset WHERE id = 1",
    ),
    "a sum that is wrong": (
        "tally lacks",
        "UPDATE tally SET n = n + 1 WHERE noun = 'replica' AND state = 'AVAILABLE'",
    ),
    "a file lost from the sums": ("tally lacks", "UPDATE tally SET size = size - 1 WHERE noun = 'file'"),
    "available, and nobody knows its checksum": (
        "although nobody knows size and checksum",
        f"UPDATE file SET adler32 = NULL WHERE id = (SELECT file_id FROM replica WHERE id = {REPLICA})",
    ),
    "deleted without a certificate": (
        "deleted without a certificate",
        f"DELETE FROM certified WHERE replica_id = {GONE}",
    ),
    "a group that lost its output": (
        "merged groups have no output",
        "UPDATE merge_group SET output_id = NULL WHERE state = 'ARCHIVED'",
    ),
    "an input that is free too early": (
        "do not count as live",
        "UPDATE member SET live = 0 WHERE group_id = 1",
    ),
    "asked for without a request": (
        "without a request",
        "UPDATE item SET state = 'SUBMITTED', request_id = NULL WHERE id = 1",
    ),
    "running without a label": ("without a label", "UPDATE job SET label = NULL WHERE state = 'RUNNING'"),
    "closed, and not all runs known": (
        "runs of closed datasets are not defined",
        "INSERT INTO undefined_run SELECT id, 1, 'x', since FROM dataset WHERE state = 'CLOSED'",
    ),
    "its own parent": ("their own parents", "INSERT INTO parent VALUES (1, 1)"),
    "an index missing": ("index ix_file_dataset_run is missing", "DROP INDEX ix_file_dataset_run"),
    "a column missing": ("column reason is missing", "ALTER TABLE job DROP COLUMN reason"),
    "a table missing": ("table certified is missing", "DROP TABLE certified"),
}


@pytest.fixture
def lived_in(tmp_path) -> Path:
    keep.live_in(f"sqlite:///{tmp_path}/lived.db")
    return tmp_path / "lived.db"


def faults(path: Path) -> list[str]:
    with Catalog(f"sqlite:///{path}") as catalog, catalog.read() as conn:
        return integrity.faults(conn)


def test_a_sound_catalogue_has_no_fault(empty_url):
    keep.live_in(empty_url)
    with Catalog(empty_url) as catalog, catalog.read() as conn:
        assert integrity.faults(conn) == []


@pytest.mark.parametrize(("said", "broken"), BREAKS.values(), ids=BREAKS)
def test_a_break_is_found(lived_in, said, broken):
    connection = sqlite3.connect(lived_in)
    for statement in ("PRAGMA ignore_check_constraints=ON", "PRAGMA foreign_keys=OFF", broken):
        assert connection.execute(statement).rowcount != 0, "the break broke something"
    connection.commit()
    connection.close()
    assert any(said in fault for fault in faults(lived_in)), faults(lived_in)


def test_a_rule_missing_is_found(lived_in):
    connection = sqlite3.connect(lived_in, isolation_level=None)
    (sql,) = connection.execute("SELECT sql FROM sqlite_master WHERE name = 'endpoint'").fetchone()
    without = sql.replace("CONSTRAINT ck_endpoint_kind ", "")
    assert without != sql
    connection.execute("PRAGMA writable_schema=ON")
    connection.execute("UPDATE sqlite_master SET sql = ? WHERE name = 'endpoint'", (without,))
    connection.close()
    assert faults(lived_in) == ["table endpoint: rule ck_endpoint_kind is missing"]


@pytest.mark.postgresql
@pytest.mark.parametrize(
    ("said", "broken"),
    [
        ("index ix_file_dataset_run is missing", "DROP INDEX ix_file_dataset_run"),
        ("column reason is missing", "ALTER TABLE job DROP COLUMN reason"),
        ("table certified is missing", "DROP TABLE certified"),
        ("rule ck_job_state is missing", "ALTER TABLE job DROP CONSTRAINT ck_job_state"),
        ("tally lacks", "UPDATE tally SET events = events + 1 WHERE noun = 'file'"),
        ("but its history leads to", "UPDATE cross_check SET state = 'WAIVED' WHERE state = 'PASSED'"),
    ],
)
def test_a_break_in_postgresql_is_found(postgresql_url, said, broken):
    keep.live_in(postgresql_url)
    with Catalog(postgresql_url) as catalog:
        with catalog.begin() as conn:
            conn.execute(text(broken))
        with catalog.read() as conn:
            found = integrity.faults(conn)
    assert any(said in fault for fault in found), found


def test_the_history_is_followed_across_windows(lived_in, monkeypatch):
    """Rows that speak for many ids reach over the edge of a window."""
    monkeypatch.setattr(follow, "WINDOW", 7)
    assert faults(lived_in) == []
    connection = sqlite3.connect(lived_in)
    connection.execute(f"{STEP} ('replica', 1, 40, 'verified', 'SUSPECT', 'AVAILABLE', {NOW})")
    connection.commit()
    connection.close()
    with Catalog(f"sqlite:///{lived_in}") as catalog, catalog.read() as conn:
        assert len(follow.faults(conn, 100)) >= 6, "a fault for each window"


def test_a_break_that_is_everywhere_is_said_a_few_times(lived_in):
    connection = sqlite3.connect(lived_in)
    connection.execute("DELETE FROM history")
    connection.commit()
    connection.close()
    assert 20 < len(faults(lived_in)) < 200
