"""The four rooms: the packages are ours, light to import, and the walls between them hold."""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import catalog
import ddm
import merging
import transfers

ROOMS = (catalog, ddm, merging, transfers)
HERE = Path(__file__).resolve().parents[2]
LINT = "from importlinter.cli import lint_imports_command; lint_imports_command()"


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.__name__)
def test_the_imported_package_is_ours(room):
    # 'catalog' and 'merging' are common words: another distribution could bring packages of these names.
    directory = Path(room.__file__).resolve().parent
    installed = importlib.metadata.distribution("ddm")
    beside = directory.parent / "pyproject.toml"
    if "DDM_TEST_WHEEL" not in os.environ and beside.exists():
        assert tomllib.loads(beside.read_text())["project"]["name"] == "ddm"
        return
    listed = {Path(installed.locate_file(path)).resolve() for path in installed.files}
    assert directory / "__init__.py" in listed
    assert directory / "py.typed" in listed
    assert "site-packages" in directory.parts


def test_no_other_distribution_brings_these_packages():
    owners = importlib.metadata.packages_distributions()
    assert {name: set(owners.get(name.__name__, ["ddm"])) for name in ROOMS} == {
        name: {"ddm"} for name in ROOMS
    }


HEAVY = ("sqlalchemy", "alembic", "sqlite3", "psycopg", "uproot", "awkward", "numpy", "XRootD", "rich")


@pytest.mark.parametrize(
    "module",
    [
        "transfers",
        "transfers.ports",
        "merging",
        "merging.plan",
        "ddm.jobs.manifest",
        "catalog",
        "catalog.names",
    ],
)
def test_what_jobs_and_clients_import_is_light(module):
    code = f"import sys, {module}; print(*(name for name in {HEAVY} if name in sys.modules))"
    # With -I neither the working directory nor the environment can bring another package of these names.
    answer = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.split() == []


def test_the_papers_of_a_job_need_no_third_party_package():
    code = "import sys, ddm.jobs.manifest; print(*{name.partition('.')[0] for name in sys.modules})"
    answer = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    # Before ours come what the interpreter itself and .pth files load.
    before = subprocess.run(
        [sys.executable, "-I", "-c", code.replace(", ddm.jobs.manifest", "")],
        capture_output=True,
        text=True,
        check=True,
    )
    new = set(answer.stdout.split()) - set(before.stdout.split())
    assert new - set(sys.stdlib_module_names) <= {"catalog", "ddm"}


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """A copy of the four packages that tests may spoil."""
    pytest.importorskip("importlinter", reason="import-linter is not installed")
    tree = tmp_path_factory.mktemp("rooms")
    for room in ROOMS:
        source = Path(room.__file__).parent
        shutil.copytree(source, tree / room.__name__, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(HERE / "pyproject.toml", tree)
    return tree


def lint(tree):
    command = [sys.executable, "-c", LINT, "--no-cache"]
    return subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)


def contracts():
    settings = tomllib.loads((HERE / "pyproject.toml").read_text())["tool"]["importlinter"]
    return [contract["name"] for contract in settings["contracts"]]


WALLS = contracts()
VIOLATIONS = [
    ("transfers/model.py", "import merging.model", WALLS[0]),
    ("merging/model.py", "import transfers.model", WALLS[0]),
    ("catalog/clock.py", "import transfers.model", WALLS[0]),
    ("transfers/model.py", "import ddm.settings", WALLS[0]),
    ("ddm/settings/__init__.py", "import sqlalchemy", WALLS[1]),
    ("catalog/names.py", "def late():\n    import sqlite3", WALLS[1]),
    ("merging/model.py", "import catalog.db", WALLS[2]),
    ("transfers/model.py", "import catalog.db.engine", WALLS[2]),
    ("ddm/settings/__init__.py", "import duckdb", WALLS[3]),
]


def test_the_walls_hold(copy):
    answer = lint(copy)
    assert answer.returncode == 0, answer.stdout
    assert all(f"{name} KEPT" in answer.stdout for name in WALLS)


@pytest.mark.parametrize(
    ("file", "line", "wall"), VIOLATIONS, ids=[f"{f}: {line}" for f, line, _ in VIOLATIONS]
)
def test_a_forbidden_import_breaks_its_contract(copy, file, line, wall):
    path = copy / file
    old = path.read_text()
    path.write_text(f"{old}\n{line}\n")
    try:
        answer = lint(copy)
    finally:
        path.write_text(old)
    assert answer.returncode != 0
    assert f"{wall} BROKEN" in answer.stdout


def test_every_contract_was_seen_to_break():
    assert {wall for _, _, wall in VIOLATIONS} == set(WALLS)
