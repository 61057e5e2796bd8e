"""The shipped suite of the catalogue on both databases."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pytest

from catalog.clock import SimulatedClock
from catalog.db.engine import Catalog
from catalog.testing.suites import DialectSuite


class TestSQLite(DialectSuite):
    @pytest.fixture
    def catalog(self, tmp_path, sqlite_template):
        path = shutil.copy(sqlite_template, tmp_path / "catalog.db")
        with Catalog(f"sqlite:///{path}", clock=SimulatedClock(), actor="tester") as catalog:
            yield catalog


@pytest.mark.postgresql
class TestPostgreSQL(DialectSuite):
    many_writers = True

    @pytest.fixture
    def catalog(self, postgresql_server, postgresql_template):
        name = postgresql_server.lend(postgresql_template)
        with Catalog(postgresql_server.url(name), clock=SimulatedClock(), actor="tester") as catalog:
            yield catalog
        postgresql_server.give_back(name)


def test_a_commit_to_sqlite_is_on_the_disk_when_it_returns(sqlite_template):
    """Asked of another process: in this one tests/conftest.py took it away."""
    program = (
        "import sys; from catalog.db.engine import Catalog\n"
        "with Catalog(sys.argv[1]) as catalog, catalog.read() as conn:\n"
        "    print(conn.exec_driver_sql('PRAGMA synchronous').scalar())"
    )
    command = [sys.executable, "-c", program, f"sqlite:///{sqlite_template}"]
    told = subprocess.run(command, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "2", told  # FULL
