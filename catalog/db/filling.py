"""Filling an empty catalogue with the rows of another: all of them, compared, or none.

In one transaction, with the schema made in it where there is none. Indexes and references are put aside while
the rows come and made again afterwards, which is several times faster and checks every reference. At the end
all rows are read back: what is in the tables has the digest of what was sent, or nothing is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import URL, Connection, bindparam, text

from catalog.db import lock
from catalog.db.engine import Catalog, lay, loose_references, migrate, refuse_broken_references
from catalog.db.streams import Batches, Content, Digest, Shape, content, count, write
from catalog.db.trouble import named, translated
from catalog.db.whole import new_file
from catalog.errors import BadInput, CatalogUnavailable

Stream = Callable[[Shape], Batches]
"""All rows of a table, in the order of its primary key."""
Told = Callable[[str, int], None]
"""Is told the table that is filled and how many of its rows are in."""


@dataclass(frozen=True, slots=True)
class Source:
    """What a catalogue is filled from: its schema revision, its tables, and the rows of each.

    ``promised``: what each table holds, where the source says so beforehand.
    """

    revision: str
    shapes: Sequence[Shape]
    stream: Stream
    promised: Mapping[str, Content] = field(default_factory=dict)


def fill(url: str, source: Source, told: Told = lambda table, rows: None) -> Mapping[str, Content]:
    """Make the catalogue of the source in a new or empty database.

    Returns what went into each table. Raises BadInput if the database holds anything; then, and after any
    other trouble, it is as it was before. The schema ends up at the newest revision.
    """
    path = sqlite_file(url)
    if path is not None and not path.exists():
        with new_file(path) as part, Catalog(sqlite_url(part)) as catalog:
            return _fill(catalog, source, told, fresh=True)
    with Catalog(url) as catalog:
        return _fill(catalog, source, told, fresh=False)


def sqlite_url(path: Path) -> str:
    """The URL of a SQLite file, whatever its name."""
    return URL.create("sqlite", database=str(path)).render_as_string()


def sqlite_file(url: str) -> Path | None:
    """The file of a SQLite URL; None of another. Raises BadInput for what is no URL of a catalogue."""
    with Catalog(url) as catalog:
        database = catalog.engine.url.database
        if catalog.engine.dialect.name != "sqlite" or database in (None, "", ":memory:"):
            return None
        return Path(str(database))


def _fill(catalog: Catalog, source: Source, told: Told, *, fresh: bool) -> Mapping[str, Content]:
    engine, shapes = catalog.engine, source.shapes
    with translated(engine), engine.connect() as conn, loose_references(conn):
        _begin(conn, fresh)
        lay(conn, source.revision, catalog.name)
        _refuse_full(conn, shapes, catalog.name)
        with _indexes_aside(conn, shapes), _references_aside(conn, shapes):
            sent = {shape.name: _send(conn, shape, source, told) for shape in shapes}
        _compare(conn, shapes, sent)
        _finish(conn, shapes)
        migrate(conn, "head", catalog.name)
        refuse_broken_references(conn, catalog.name)
        with catalog.seam.crossing("fill"):
            conn.commit()
    return sent


def _begin(conn: Connection, fresh: bool) -> None:
    if conn.dialect.name == "sqlite":
        conn.exec_driver_sql("PRAGMA temp_store=FILE").close()  # the sorting for an index grows with it
        if fresh:  # a file of our own, which gets its name at the end: its journal would be of no use
            for pragma in ("journal_mode=OFF", "synchronous=OFF"):
                conn.exec_driver_sql(f"PRAGMA {pragma}").close()
        conn.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        conn.execute(text("SELECT pg_advisory_xact_lock(:ddm, 0)"), {"ddm": lock.DDM})
        conn.execute(text("SET LOCAL maintenance_work_mem = '256MB'"))  # for the indexes


def _refuse_full(conn: Connection, shapes: Sequence[Shape], name: str) -> None:
    _refuse_rows(conn, shapes, name)
    if conn.dialect.name != "sqlite":
        quoted = conn.dialect.identifier_preparer.quote
        tables = ", ".join(quoted(shape.name) for shape in shapes)
        conn.execute(text(f"LOCK TABLE {tables} IN ACCESS EXCLUSIVE MODE"))
        _refuse_rows(conn, shapes, name)


def _refuse_rows(conn: Connection, shapes: Sequence[Shape], name: str) -> None:
    for shape in shapes:
        if rows := count(conn, shape):
            raise BadInput(
                f"it holds a catalogue already ({rows} rows in table {shape.name}), and nothing is ever "
                "overwritten: name a new place",
                subject=name,
            )


def _send(conn: Connection, shape: Shape, source: Source, told: Told) -> Content:
    digest = Digest()

    def counted(batches: Batches) -> Batches:
        for batch in batches:
            digest.add(batch)
            yield batch
            told(shape.name, digest.rows)

    with closing(source.stream(shape)) as batches, closing(counted(batches)) as sent_now:
        write(conn, shape, sent_now)
    sent = digest.content
    if source.promised.get(shape.name, sent) != sent:
        raise BadInput("its rows are not those that were exported; nothing was kept", subject=shape.name)
    return sent


def _compare(conn: Connection, shapes: Sequence[Shape], sent: Mapping[str, Content]) -> None:
    for shape in shapes:
        found = content(conn, shape)
        if found != sent[shape.name]:
            raise CatalogUnavailable(
                f"table {shape.name} holds {found.rows} rows that are not the {sent[shape.name].rows} that "
                "were sent; nothing was kept",
                subject=named(conn.engine.url),
            )


def _finish(conn: Connection, shapes: Sequence[Shape]) -> None:
    """New ids begin after the highest one; the planner knows the tables."""
    if conn.dialect.name == "sqlite":
        return
    quoted = conn.dialect.identifier_preparer.quote
    for shape in shapes:
        if shape.key == ("id",):
            table = quoted(shape.name)
            conn.execute(
                text(
                    "SELECT setval(pg_get_serial_sequence(:table, 'id'), GREATEST(max(id), 1), "  # noqa: S608
                    f"COALESCE(max(id), 0) > 0) FROM {table}"
                ),
                {"table": table},
            )
        conn.execute(text(f"ANALYZE {quoted(shape.name)}"))


# ------------------------------------------------------------------------------------------- put aside
@contextmanager
def _indexes_aside(conn: Connection, shapes: Sequence[Shape]) -> Iterator[None]:
    """Indexes that are no constraint of a table."""
    query = (
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN :tables"
        if conn.dialect.name == "sqlite"
        else "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema() "
        "AND tablename IN :tables AND indexname NOT IN (SELECT conname FROM pg_constraint "
        "WHERE connamespace = CAST(current_schema() AS regnamespace))"
    )
    found = _of_tables(conn, query, shapes)
    quoted = conn.dialect.identifier_preparer.quote
    for name, _ in found:
        _say(conn, f"DROP INDEX {quoted(name)}")
    yield
    for _, definition in found:
        _say(conn, definition)


@contextmanager
def _references_aside(conn: Connection, shapes: Sequence[Shape]) -> Iterator[None]:
    """Foreign keys. (SQLite: they are off, and all are checked before the commit.)"""
    if conn.dialect.name == "sqlite":
        yield
        return
    query = (
        "SELECT CAST(CAST(c.conrelid AS regclass) AS text), c.conname, pg_get_constraintdef(c.oid) "
        "FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid WHERE c.contype = 'f' "
        "AND c.connamespace = CAST(current_schema() AS regnamespace) AND t.relname IN :tables ORDER BY 1, 2"
    )
    found = _of_tables(conn, query, shapes)
    quoted = conn.dialect.identifier_preparer.quote
    for table, name, _ in found:
        _say(conn, f"ALTER TABLE {table} DROP CONSTRAINT {quoted(name)}")
    yield
    for table, name, definition in found:
        _say(conn, f"ALTER TABLE {table} ADD CONSTRAINT {quoted(name)} {definition}")


def _of_tables(conn: Connection, query: str, shapes: Sequence[Shape]) -> list[tuple[str, ...]]:
    names = [shape.name for shape in shapes]
    bound = text(query).bindparams(bindparam("tables", expanding=True))
    return [tuple(row) for row in conn.execute(bound, {"tables": names})]


def _say(conn: Connection, statement: str) -> None:
    conn.exec_driver_sql(statement, execution_options={"no_parameters": True})
