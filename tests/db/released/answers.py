"""What a catalogue answers, in plain words that can be compared between versions of ddm.

``make.py`` asks the released version, ``tests/db/test_migrations.py`` this one, after the upgrade.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, text

from catalog.db import facts, files, look, reports
from ddm.cli.toolkit import jsonable
from tests.db.released import plain

NOUNS = {
    "dataset": "dataset",
    "file": "file",
    "replica": "replica",
    "item": "item",
    "pin": "pin",
    "job": "job",
    "group": "merge_group",
    "check": "cross_check",
}
MANY = 1_000_000


def answers(conn: Connection) -> dict[str, Any]:
    """Files, replicas, counts, history, datasets, jobs, the run table and the totals."""
    lines = plain.file_lines(conn)
    ids = {line.lfn: int(files.find_file(conn, line.lfn).id) for line in lines}
    datasets = plain.datasets(conn)
    found = {
        "datasets": datasets,
        "runs": {line.name: plain.runs(conn, line.name) for line in datasets},
        "files": {line.lfn: line for line in lines},
        "ids": ids,
        "said": {lfn: look.said_of(conn, key) for lfn, key in ids.items()},
        "replicas": {lfn: facts.replicas_of(conn, key) for lfn, key in ids.items()},
        "parents": {lfn: sorted(facts.relatives(conn, key, up=True)) for lfn, key in ids.items()},
        "history of files": {lfn: facts.history_of_file(conn, key) for lfn, key in ids.items()},
        "history": history(conn),
        "states": reports.state_counts(conn),
        "run table": reports.run_table(conn),
        "totals": reports.tier_totals(conn),
        "held": reports.held_things(conn, MANY),
        "jobs": look.jobs(conn, MANY, None, None),
        "checks": look.checks(conn, MANY),
        "gaps": look.gaps(conn, MANY),
        "tasks": look.task_ids(conn),
    }
    return jsonable(found)  # type: ignore[no-any-return]


def history(conn: Connection) -> dict[str, Any]:
    """The history of every single thing that there is."""
    return {
        noun: {key: look.history_of(conn, noun, key) for key in conn.scalars(text(f"SELECT id FROM {table}"))}
        for noun, table in NOUNS.items()
    }


def changed(old: Any, new: Any, where: str = "") -> list[str]:
    """What of the old answers is not in the new ones. New fields are welcome; advice is of today."""
    if isinstance(old, dict) and isinstance(new, dict):
        gone = [f"{where}: no {key} any more" for key in old if key not in new]
        both = (key for key in old if key in new and key not in ("noun_id", "advice"))
        return gone + [line for key in both for line in changed(old[key], new[key], f"{where}/{key}")]
    if isinstance(old, list) and isinstance(new, list):
        if len(old) != len(new):
            return [f"{where}: {len(old)} before, {len(new)} now"]
        pairs = enumerate(zip(old, new, strict=True))
        return [line for i, (one, other) in pairs for line in changed(one, other, f"{where}/{i}")]
    return [] if old == new else [f"{where}: {old!r} before, {new!r} now"]
