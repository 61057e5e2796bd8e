"""A catalogue in which an experiment has lived, for the tests of keeping it."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
from sqlalchemy import text

from catalog.db import relocate, schema
from catalog.db.engine import Catalog
from catalog.db.streams import Content, content, shapes, snapshot

RELEASED = Path(__file__).with_name("released")
NOBODY = 65534

AWKWARD = (
    "",
    "\\N",
    "\\",
    "a\tb\nc\r\\n",
    "quotes ' \" `",
    "per cent %s %(x)s %%",
    ":colon {brace}",
    "é 日本 😀 \u2028",
    "NULL",
    "\x01\x7f",
)
"""Texts that a careless writer spoils."""


def revisions() -> list[str]:
    """The schema revisions of which a catalogue is kept here."""
    return sorted(path.name.partition(".")[0] for path in RELEASED.glob("*.sqlite.sql"))


def answers_of(revision: str, dialect: str) -> Any:
    """What the released version answered; of both databases, or of the one where they answered apart."""
    apart = RELEASED / f"{revision}.{dialect}.json"
    return json.loads((apart if apart.exists() else RELEASED / f"{revision}.json").read_text())


def load_released(url: str, revision: str) -> None:
    """Make the catalogue that the released version left, in an empty database."""
    with Catalog(url) as catalog:
        dialect = catalog.engine.dialect.name
        dump = (RELEASED / f"{revision}.{dialect}.sql").read_text()
        if dialect == "sqlite":
            path = str(catalog.engine.url.database)
            connection = sqlite3.connect(path)
            connection.executescript(dump)
            connection.close()
            return
        driver: Any = catalog.engine.raw_connection()
        driver.driver_connection.execute(dump)
        driver.driver_connection.commit()
        driver.close()
        catalog.engine.dispose()  # the dump has set the search path of its session


@cache
def _template() -> Path:
    """A catalogue of the newest revision, made from the oldest one, with awkward texts and numbers."""
    directory = Path(mkdtemp(prefix="ddm-keep-", dir="/tmp"))
    path = directory / "lived.db"
    load_released(f"sqlite:///{path}", "0001")
    with Catalog(f"sqlite:///{path}", actor="keeper") as catalog:
        catalog.create()
        with catalog.begin() as conn:
            dataset = conn.execute(text("SELECT min(id) FROM dataset")).scalar_one()
            now = catalog.clock.now()
            for number, words in enumerate(AWKWARD):
                row = {"noun": "dataset", "noun_id": dataset, "last_id": dataset, "event": "described"}
                row |= {"old": "", "new": "", "at": now, "actor": words, "reason": words}
                conn.execute(schema.history.insert().values(row))
                key = {"id": number + 1, "name": f"key {number}", "type": "real", "description": words}
                conn.execute(schema.metadata.tables["meta_key"].insert().values(**key, defined_at=now))
                value = {
                    "dataset_id": dataset,
                    "key_id": number + 1,
                    "real_value": 0.1 * 10.0 ** (30 * number - 99),
                }
                conn.execute(schema.metadata.tables["dataset_meta"].insert().values(**value))
    import atexit

    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    return path


def live_in(url: str) -> str:
    """Make the lived-in catalogue in a new or empty database; returns the URL."""
    if url.startswith("sqlite"):
        shutil.copy(_template(), url.removeprefix("sqlite:///"))
    else:
        with Catalog(f"sqlite:///{_template()}") as catalog:
            relocate.move(catalog, url)
    return url


def contents(url: str) -> dict[str, Content]:
    """What is in every table."""
    with Catalog(url) as catalog, snapshot(catalog) as conn:
        return {shape.name: content(conn, shape) for shape in shapes()}


def names(directory: Path) -> set[str]:
    """What is in a directory, without the files that SQLite keeps beside an open database and locks."""
    sides = ("-wal", "-shm", ".lock")
    return {entry.name for entry in directory.iterdir() if not entry.name.endswith(sides)}


class AsNobody:
    """Inside, the files of others are protected, for root too."""

    def __enter__(self) -> None:
        if os.geteuid() == 0:
            os.seteuid(NOBODY)
            if not os.access(schema.__file__, os.R_OK, effective_ids=True):
                os.seteuid(0)
                pytest.skip(
                    f"other users may not enter {Path(schema.__file__).parent}, and this is a test of one"
                )

    def __exit__(self, *_: object) -> None:
        if os.getuid() == 0:
            os.seteuid(0)


def run(code: str, *arguments: object, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run a piece of Python in a process of its own, which may be killed."""
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, **options)
