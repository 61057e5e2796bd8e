"""Which files have the bytes of a stranger: found by the index of checksums, never by reading all files."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

from sqlalchemy import event, insert

from catalog.clock import SimulatedClock
from catalog.db import mending, schema
from catalog.db.engine import Catalog
from catalog.states import ReplicaState as R
from catalog.testing.builders import Situation

GOOD, ODD = 1_000, 2_000


def file(here: Situation, size: int | None, adler32: int | None, *states: R, **also: Any) -> str:
    """The LFN of a file of these bytes with a copy in each state."""
    key = here.file()
    here.set(schema.file, key, size=size, adler32=adler32, **also)
    for endpoint, state in zip((here.disk, here.tape), states, strict=False):
        here.replica(key, endpoint, state)
    return f"/made/by/hand/raw/{here.get(schema.file, key).name}"


def test_files_are_found_by_what_is_in_them(catalog: Catalog) -> None:
    with catalog.begin() as conn:
        here = Situation(conn, catalog.clock)
        good = file(here, GOOD, 1, R.AVAILABLE, R.LOST)
        file(here, GOOD, 2, R.AVAILABLE)
        lost = file(here, GOOD, 3, R.LOST)
        file(here, GOOD + 1, 3, R.AVAILABLE)  # the same checksum of other bytes
        file(here, GOOD, 4, R.AVAILABLE, retired_at=here.now)
        file(here, GOOD, 5, R.DELETED)
        far = here.file()
        conn.execute(
            insert(schema.file).values(
                **{**here.get(schema.file, far)._mapping, "id": 5 * schema.STRETCH + 7, "name": "far"},
            )
        )
        here.set(schema.file, 5 * schema.STRETCH + 7, size=GOOD, adler32=6)
        here.replica(5 * schema.STRETCH + 7, here.disk, R.AVAILABLE)
        asked = [(GOOD, number) for number in range(1, 8)]
        found = mending.good_copies(conn, asked)
        assert {content: [copy.lfn for copy in copies] for content, copies in found.items()} == {
            (GOOD, 1): [good],
            (GOOD, 2): [found[GOOD, 2][0].lfn],
            (GOOD, 6): ["/made/by/hand/raw/far"],
        }
        assert mending.without_good_copy(conn, asked) == {(GOOD, 3): lost}
        assert not mending.good_copies(conn, [])
        assert not mending.without_good_copy(conn, [])


def test_what_nobody_told_is_no_difference(catalog: Catalog) -> None:
    """A stranger, or a file, without an adler32 may be the same: only the sizes tell them apart."""
    with catalog.begin() as conn:
        here = Situation(conn, catalog.clock)
        untold = file(here, ODD, None, R.UNVERIFIED)
        told = file(here, GOOD, 3, R.LOST)
        well = file(here, GOOD + 5, 4, R.AVAILABLE)
        assert mending.without_good_copy(conn, [(ODD, 9), (GOOD, None), (GOOD + 5, None), (7, 9)]) == {
            (ODD, 9): untold,
            (GOOD, None): told,
        }
        assert mending.good_copies(conn, [(GOOD + 5, None)]) == {}, f"nobody says that it is {well}"


def test_no_question_reads_all_files(tmp_path: Path, sqlite_template: Path) -> None:
    steps: list[str] = []

    def look(_conn: Any, cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        told = cursor.connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
        steps.extend(row[3] for row in told.fetchall())

    url = f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'catalog.db')}"
    with Catalog(url, clock=SimulatedClock()) as catalog, catalog.begin() as conn:
        here = Situation(conn, catalog.clock)
        file(here, GOOD, 1, R.AVAILABLE, R.LOST)
        event.listen(catalog.engine, "before_cursor_execute", look)
        mending.good_copies(conn, [(GOOD, 1), (GOOD, 99)])
        mending.without_good_copy(conn, [(GOOD, 1), (GOOD, 99)])
        event.remove(catalog.engine, "before_cursor_execute", look)
    assert sum("ix_file_adler32" in step for step in steps) == 3, steps
    assert not [step for step in steps if re.match("SCAN (file|replica)", step)], steps
