"""The list of our files for another catalogue: the same lines from both databases, scoped, whatever a name
holds."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

import pytest

from catalog.checksum import Adler32
from catalog.db import cataloguelist, files, registering
from catalog.db.cataloguelist import Scope
from catalog.db.move import Why
from catalog.errors import NotRegistered
from catalog.model import NewFile
from catalog.names import LFN
from catalog.states import EndpointKind, Role, Witness

WHY = Why(datetime(2026, 11, 1, 6, tzinfo=UTC), "tests", "")
NAMES = ("/a/x", '/a/q"t', "/b/ü\\v", "/b/it's")


@pytest.fixture
def filled(catalog):
    with catalog.begin() as conn:
        tape = files.ensure_endpoint(conn, "tape", EndpointKind.TAPE)
        disk = files.ensure_endpoint(conn, "disk", EndpointKind.DISK)
        dataset = files.ensure_dataset(conn, "2016/W14", WHY)
        for n, name in enumerate(NAMES):
            entry = NewFile(
                LFN(name),
                Role.RAW if n else Role.INTERMEDIATE,
                "raw" if n else "mDST",
                275678,
                f"{n:05d}",
                n or None,
                Adler32(n) if n else None,
                name,
            )
            place = disk if n == 1 else tape
            registering.register(conn, [entry], dataset=dataset, endpoint=place, why=WHY)
    return catalog


EVERYTHING = Scope()


def listed(catalog, scope=EVERYTHING):
    to = io.BytesIO()
    with catalog.read() as conn:
        count = cataloguelist.export(conn, scope, to)
    rows = sorted(csv.reader(io.StringIO(to.getvalue().decode()), delimiter="\t"))
    assert len(rows) == count
    return rows


def test_every_file_is_a_line_with_what_is_known_of_it(filled):
    with filled.begin() as conn:
        ids = {lfn: key for key, lfn, *_ in cataloguelist.raw_page(conn, 0, 10)}
        said = [
            (ids["/b/it's"], Witness.JOB, 7),
            (ids["/b/it's"], Witness.READ, 8),
            (ids['/a/q"t'], Witness.JOB, 9),
        ]
        files.say_events_again(conn, said, WHY)
    since = "2026-11-01T06:00:00"
    assert listed(filled) == [
        ['/a/q"t', "2016/W14", "1", "1", "9", since, "0"],
        ["/a/x", "2016/W14", "", "", "", since, "0"],
        ["/b/it's", "2016/W14", "3", "3", "8", since, "0"],
        ["/b/ü\\v", "2016/W14", "2", "2", "", since, "0"],
    ]


def test_a_scope_is_kept_and_what_was_replaced_is_marked(filled):
    assert [row[0] for row in listed(filled, Scope(raw=True))] == ['/a/q"t', "/b/it's", "/b/ü\\v"]
    with filled.read() as conn:
        tape = conn.exec_driver_sql("SELECT id FROM endpoint WHERE name = 'tape'").scalar_one()
    assert [row[0] for row in listed(filled, Scope(endpoint=tape))] == ["/a/x", "/b/it's", "/b/ü\\v"]
    with filled.begin() as conn:
        conn.exec_driver_sql("UPDATE replica SET state = 'LOST' WHERE file_id = (SELECT max(id) FROM file)")
        conn.exec_driver_sql("UPDATE file SET retired_at = registered_at WHERE name = 'x'")
    rows = listed(filled, Scope(endpoint=tape))
    assert [(row[0], row[6]) for row in rows] == [("/a/x", "1"), ("/b/ü\\v", "0")]


def test_raw_files_come_page_by_page(filled):
    with filled.read() as conn:
        first = cataloguelist.raw_page(conn, 0, 2)
        rest = cataloguelist.raw_page(conn, first[-1][0], 2)
        assert [row[1] for row in (*first, *rest)] == ['/a/q"t', "/b/ü\\v", "/b/it's"]
        assert cataloguelist.known_datasets(conn, ["x", "2016/W14"]).keys() == {"2016/W14"}
        with pytest.raises(NotRegistered):
            cataloguelist.dataset_ids(conn, ["x"])
