"""Fresh catalogues for tests: copies of one made once, so that a test does not wait for migrations."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog.clock import SimulatedClock
from catalog.db.engine import Catalog
from tests.fixtures_postgresql import PostgreSQLServer

DIALECTS = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "catalog.db"
    with Catalog(f"sqlite:///{path}") as catalog:
        catalog.create()
    return path


@pytest.fixture(scope="session")
def postgresql_template(postgresql_server: PostgreSQLServer) -> str:
    name = postgresql_server.create()
    with Catalog(postgresql_server.url(name)) as catalog:
        catalog.create()
    return name


@pytest.fixture(params=DIALECTS)
def dialect(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def empty_url(dialect: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """The URL of a database without anything, on each of the two in turn."""
    if dialect == "sqlite":
        return f"sqlite:///{tmp_path}/empty.db"
    return str(request.getfixturevalue("postgresql_url"))


@pytest.fixture
def catalog_url(dialect: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of an empty catalogue, on each of the two databases in turn."""
    if dialect == "sqlite":
        path = shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "catalog.db")
        yield f"sqlite:///{path}"
        return
    server: PostgreSQLServer = request.getfixturevalue("postgresql_server")
    name = server.lend(request.getfixturevalue("postgresql_template"))
    yield server.url(name)
    server.give_back(name)


@pytest.fixture
def catalog(catalog_url: str) -> Iterator[Catalog]:
    """An empty catalogue under a simulated clock."""
    with Catalog(catalog_url, clock=SimulatedClock(), actor="tester") as opened:
        yield opened
