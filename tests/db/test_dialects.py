"""The shipped suite of the catalogue on both databases."""

from __future__ import annotations

import shutil

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
        name = postgresql_server.create(postgresql_template)
        with Catalog(postgresql_server.url(name), clock=SimulatedClock(), actor="tester") as catalog:
            yield catalog
        postgresql_server.drop(name)
