"""No question of retention reads a large table from end to end, however many copies it is asked of."""

from __future__ import annotations

import re
import shutil
from typing import Any

import pytest
from sqlalchemy import event

from catalog.clock import SimulatedClock
from catalog.db import certificates, going, papertoday, releasing
from catalog.db.engine import Catalog
from catalog.retention.verifying import named
from catalog.testing.builders import Situation
from catalog.testing.releasing import MERGED, RULES

LARGE = ("replica", "file", "item", "member", "job", "job_input", "parent", "event_count", "history", "lease")
LARGE += ("evidence", "certified", "certificate", "merge_group", "pin", "merge_group_run")
SMALL_BY_NATURE = {"merge_group_run"}  # asked whether it is empty


@pytest.fixture
def catalog(tmp_path: Any, sqlite_template: Any) -> Any:
    path = shutil.copy(sqlite_template, tmp_path / "catalog.db")
    with Catalog(f"sqlite:///{path}", clock=SimulatedClock(), actor="tester") as catalog:
        yield catalog


def test_every_question_is_answered_by_indexes(catalog: Catalog) -> None:
    plans: dict[str, list[str]] = {}

    def look(_conn: Any, cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "WITH")):
            explained = cursor.connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
            plans[statement] = [row[3] for row in explained.fetchall()]

    with catalog.begin() as conn:
        here = Situation(conn, catalog.clock)
        copies = [here.archived(part=part).replica for part in range(5)]
        event.listen(catalog.engine, "before_cursor_execute", look)
        releasing.withdraw(conn, copies, MERGED, RULES, here.why)
        going.facts(conn, copies, None, RULES, here.why)
        releasing.due(conn, here.now, 10)
        paper = certificates.page(conn, 0, 10)[0]
        certificates.find(conn, paper.seal[:12])
        certificates.find(conn, "1")
        papertoday.today(conn, *named(paper.body))
        event.remove(catalog.engine, "before_cursor_execute", look)
    assert len(plans) > 20
    scans = {
        (found[1], statement)
        for statement, steps in plans.items()
        for step in steps
        if (found := re.match(r"SCAN (\w+)(?! USING)", step)) and _table(found[1], statement) in LARGE
    }
    assert {one for one in scans if _table(*one) not in SMALL_BY_NATURE} == set(), scans


def _table(name: str, statement: str) -> str:
    """The table that an alias stands for."""
    found = re.search(rf"\b(\w+) AS {re.escape(name)}\b", statement)
    return found[1] if found else name
