"""Backups of a PostgreSQL catalogue, by PostgreSQL's own ``pg_dump`` and ``pg_restore``.

Those are well kept, know every version of the server and restore in one transaction; we only name the file,
look through it, and refuse to restore over anything. A password is handed on in the environment.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import inspect

from catalog.db.backup import Backup
from catalog.db.engine import Catalog, known_revision
from catalog.db.trouble import named, translated
from catalog.db.whole import new_file
from catalog.errors import BadInput, CatalogUnavailable, SchemaOutOfDate

MAGIC = b"PGDMP"


def dump(catalog: Catalog, path: Path, environ: Mapping[str, str]) -> Backup:
    """Write the catalogue, as it is at this moment, into a new archive of pg_dump. Writers go on."""
    with new_file(path) as part:
        _run(
            catalog, environ, "pg_dump", ["--format=custom", "--no-owner", "--no-privileges", "--file", part]
        )
        revision = revision_in(part, environ, path)
    return Backup(path, revision, path.stat().st_size)


def is_archive(path: Path) -> bool:
    """Whether the file begins like an archive of pg_dump. Raises BadInput if it cannot be read."""
    try:
        with open(path, "rb") as file:
            return file.read(len(MAGIC)) == MAGIC
    except OSError as error:
        raise BadInput(f"it cannot be read: {error.strerror}", subject=str(path)) from None


def revision_in(path: Path, environ: Mapping[str, str], name: Path | None = None) -> str:
    """Read the whole archive; returns the schema revision in it. Raises BadInput if it is no whole one."""
    shown = name or path
    program = _program("pg_restore", environ)
    for wanted in (["--file", os.devnull], ["--data-only", "--table", "alembic_version", "--file", "-"]):
        done = subprocess.run([program, *wanted, path], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise BadInput(f"not a whole backup: {_first(done.stderr)}", subject=str(shown))
    found = re.search(r"^COPY .*alembic_version.*\n(\w+)$", done.stdout, re.MULTILINE)
    if found is None:
        raise BadInput("it holds no catalogue", subject=str(shown))
    return found[1]


def bring_back(path: Path, catalog: Catalog, environ: Mapping[str, str]) -> str:
    """Restore an archive into a database without any table, in one transaction; returns its revision.

    Raises BadInput if the database has a table, SchemaOutOfDate for an archive of a newer version.
    """
    revision = revision_in(path, environ)
    if not known_revision(revision):
        raise SchemaOutOfDate(
            f"it is at revision {revision}, which this version of ddm does not know", subject=str(path)
        )
    with translated(catalog.engine), catalog.engine.connect() as conn:
        if tables := inspect(conn).get_table_names():
            raise BadInput(
                f"the database has tables already ({min(tables)} …), and nothing is ever overwritten: make a "
                "new one with createdb",
                subject=catalog.name,
            )
    _run(
        catalog,
        environ,
        "pg_restore",
        ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", path],
    )
    return revision


def _run(catalog: Catalog, environ: Mapping[str, str], program: str, words: Sequence[str | Path]) -> None:
    """Run one of PostgreSQL's programs on the catalogue's database. Raises CatalogUnavailable."""
    from psycopg.conninfo import make_conninfo

    _, said = catalog.engine.dialect.create_connect_args(catalog.engine.url)
    options: dict[str, Any] = dict(said)
    options.pop("context", None)
    password = options.pop("password", None)
    secret = {} if password is None else {"PGPASSWORD": str(password)}
    command = [_program(program, environ), *words, "--dbname", make_conninfo(**options), "--no-password"]
    done = subprocess.run(
        command,
        env={**environ, **secret},
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode != 0:
        raise CatalogUnavailable(
            f"{program} failed: {_first(done.stderr)}", subject=named(catalog.engine.url)
        )


def _program(name: str, environ: Mapping[str, str]) -> str:
    found = shutil.which(name, path=environ.get("PATH"))
    if found is None:
        raise CatalogUnavailable(
            f"{name} is not installed; it comes with PostgreSQL's client programs "
            "('ddm db export' needs none of them)",
            subject=name,
        )
    return found


def _first(said: str) -> str:
    """What the program complained of first, without its name before it."""
    lines = [line for line in said.splitlines() if line.strip()]
    return re.sub(r"^pg_\w+: (error: )?", "", lines[0]) if lines else "it does not say why"
