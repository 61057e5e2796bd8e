"""Opening a catalogue, transactions, and the few things the two databases do differently."""

from __future__ import annotations

import getpass
import json
import os
import re
import socket
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from importlib import resources
from itertools import islice, repeat
from pathlib import Path
from typing import Any

from sqlalchemy import (
    URL,
    BigInteger,
    ColumnElement,
    Connection,
    Dialect,
    Engine,
    Executable,
    Select,
    Table,
    Text,
    any_,
    cast,
    create_engine,
    event,
    func,
    inspect,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from catalog.clock import Clock, SystemClock
from catalog.db import lock, pg, readonly
from catalog.db.trouble import translated
from catalog.db.walmode import into_wal
from catalog.errors import BadInput, CatalogUnavailable, SchemaOutOfDate
from catalog.seam import OpenSeam, Seam

MIGRATIONS = "catalog.db.migrations"
BUSY_WAIT = 60.0  # seconds that SQLite waits for another writer, unless the URL says ?timeout=
PREPARED = 512  # statements that SQLite keeps prepared for a connection; a flow has more than the usual 128
SYNCHRONOUS = (
    "FULL"  # a commit is a promise: intents must survive a power cut (tests do without: tests/conftest)
)

__all__ = [
    "Catalog",
    "Connection",
    "among",
    "among_text",
    "for_update",
    "ids_of",
    "insert_columns",
    "insert_many",
    "listed",
    "listing",
    "new_ids",
    "unindexed",
]


class Catalog:
    """An open catalogue: one SQLite file or one PostgreSQL database.

    ``begin()`` gives a connection in a write transaction. Every commit passes the seam. A catalogue may be
    shared by threads; each transaction has its own connection.
    """

    def __init__(
        self, url: str, *, clock: Clock | None = None, seam: Seam | None = None, actor: str | None = None
    ) -> None:
        self.clock = clock or SystemClock()
        self.seam = seam or OpenSeam()
        self.actor = actor or f"{getpass.getuser()}@{socket.gethostname()}"
        self.engine = _engine(url)

    @contextmanager
    def begin(self, name: str = "commit") -> Iterator[Connection]:
        """One transaction. On any exception it is rolled back and nothing was changed.

        A transaction that wrote nothing ends without a commit, so that the seam sees real ones only.
        """
        with translated(self.engine), self.engine.connect() as conn:
            if conn.dialect.name == "sqlite":
                conn.exec_driver_sql("BEGIN IMMEDIATE")  # readers never wait, one writer at a time
            before = _changes(conn)
            yield conn
            if before is not None and before == _changes(conn):
                conn.rollback()
                return
            with self.seam.crossing(name):
                conn.commit()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection for questions only; what is written is thrown away."""
        with translated(self.engine), self.engine.connect() as conn:
            if conn.dialect.name == "sqlite":
                conn.exec_driver_sql("BEGIN")
            with readonly.steady(conn):
                yield conn
            conn.rollback()

    @contextmanager
    def exclusive(self, name: str) -> Iterator[lock.Check]:
        """Be the only one that does ``name`` with this catalogue, e.g. ``flow``; other programs go on.

        Raises CatalogBusy, saying who, when another process (or another ``exclusive`` of this one) does it.
        The lock vanishes with the process. Yields a check to be made between rounds: it raises
        CatalogUnavailable once the lock is lost, e.g. with the database server.
        """
        with lock.exclusive(self.engine, name, self.actor) as check:
            yield check

    def close(self) -> None:
        self.engine.dispose()

    def __enter__(self) -> Catalog:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # ------------------------------------------------------------------ schema
    def create(self) -> None:
        """Make the schema in an empty database, or bring an older one up to date. Repeat freely.

        All or nothing: an interrupted one leaves the database as it was. An empty one gets the newest schema
        at once; that this is what the migrations come to, is tested. Raises SchemaOutOfDate for a database of
        a newer version.
        """
        with translated(self.engine), self.engine.connect() as conn, loose_references(conn):
            if conn.dialect.name == "sqlite":
                conn.exec_driver_sql("BEGIN IMMEDIATE")
            else:  # one at a time
                conn.execute(text("SELECT pg_advisory_xact_lock(:ddm, 0)"), {"ddm": lock.DDM})
            lay(conn, newest_revision() or "head", self.name)
            refuse_broken_references(conn, self.name)
            conn.commit()

    def check_schema(self) -> None:
        """Raises SchemaOutOfDate unless the database has exactly the schema of this version."""
        found, wanted = self.revisions()
        if found is None:
            raise SchemaOutOfDate(
                "the database holds no catalogue", subject=self.name, advice="run 'ddm db create'"
            )
        if found != wanted:
            raise SchemaOutOfDate(
                f"the database is at revision {found}, this version of ddm needs {wanted}", subject=self.name
            )

    def revisions(self) -> tuple[str | None, str | None]:
        """The database's schema revision (None: no catalogue), and the one this version needs."""
        file = self.engine.url.database if self.engine.dialect.name == "sqlite" else None
        if file and file != ":memory:" and not os.path.exists(file):  # a question makes no file
            return None, newest_revision()
        with translated(self.engine), self.engine.connect() as conn:
            found = None
            if inspect(conn).has_table("alembic_version"):
                found = conn.execute(text("SELECT version_num FROM alembic_version")).scalar()
            return found, newest_revision()

    def knows(self, revision: str) -> bool:
        """Whether the revision is one of this version's migrations."""
        return known_revision(revision)

    @property
    def name(self) -> str:
        """The catalogue's URL without its password."""
        return self.engine.url.render_as_string(hide_password=True)


@lru_cache(maxsize=1)
def newest_revision() -> str | None:
    """The schema revision of this version; read once, as all migrations are loaded for it."""
    from alembic.script import ScriptDirectory

    return ScriptDirectory.from_config(_alembic(None)).get_current_head()


def known_revision(revision: str) -> bool:
    """Whether the revision is one of this version's migrations."""
    from alembic.script import ScriptDirectory

    script = ScriptDirectory.from_config(_alembic(None))
    return revision in {known.revision for known in script.walk_revisions()}


def lay(conn: Connection, revision: str, name: str) -> None:
    """Make the schema of that revision, in the caller's transaction; an empty database gets the newest one at
    once, everything else step by step. Raises SchemaOutOfDate."""
    if revision != newest_revision() or inspect(conn).get_table_names():
        migrate(conn, revision, name)
        return
    from alembic import command

    from catalog.db.schema import metadata

    metadata.create_all(conn, checkfirst=False)
    command.stamp(_alembic(conn), revision)


def migrate(conn: Connection, revision: str, name: str) -> None:
    """Bring the schema to the revision step by step, in the caller's transaction. Raises SchemaOutOfDate."""
    from alembic import command
    from alembic.util import CommandError

    try:
        command.upgrade(_alembic(conn), revision)
    except CommandError as error:
        raise SchemaOutOfDate(f"made by a newer version of ddm: {error}", subject=name) from None


def refuse_broken_references(conn: Connection, name: str) -> None:
    """Raises CatalogUnavailable if SQLite has references to nothing. (PostgreSQL never has.)"""
    if conn.dialect.name == "sqlite" and conn.exec_driver_sql("PRAGMA foreign_key_check").first():
        raise CatalogUnavailable(
            "rows refer to rows that are not there; nothing was changed: see ddm db check", subject=name
        )


@contextmanager
def loose_references(conn: Connection) -> Iterator[None]:
    """Foreign keys are off while SQLite copies tables, which it only allows outside of a transaction."""
    if conn.dialect.name != "sqlite":
        yield
        return
    conn.exec_driver_sql("PRAGMA foreign_keys=OFF")
    conn.commit()
    try:
        yield
    finally:
        conn.rollback()
        conn.exec_driver_sql("PRAGMA foreign_keys=ON")
        conn.commit()


def _alembic(conn: Connection | None) -> Any:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(resources.files(MIGRATIONS)).replace("%", "%%"))
    config.attributes["connection"] = conn
    return config


def _engine(url: str) -> Engine:
    shown = re.sub(r"//([^/@:]*):[^@]*@", r"//\1:***@", url)
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise BadInput("not a database URL; e.g. sqlite:////data/ddm.db", subject=shown) from None
    backend = parsed.get_backend_name()
    if parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    if backend not in ("sqlite", "postgresql"):
        raise BadInput("a catalogue is SQLite or PostgreSQL", subject=shown)
    options = _sqlite_options(parsed) if backend == "sqlite" else {}
    try:
        # a connection that broke while nobody used it is opened anew
        engine = create_engine(parsed, connect_args=options, pool_pre_ping=backend == "postgresql")
    except (ArgumentError, NoSuchModuleError, ValueError) as error:
        raise BadInput(f"not a database URL: {error}", subject=shown) from None
    except ModuleNotFoundError as error:
        raise CatalogUnavailable(
            f"this catalogue needs the Python package '{error.name}': pip install 'ddm[postgresql]'",
            subject=shown,
        ) from None
    if backend == "sqlite":
        _prepare_sqlite(engine, parsed.database)
    else:
        _prepare_postgresql(engine)
    return engine


def _sqlite_options(url: URL) -> dict[str, Any]:
    wait = {} if "timeout" in url.query else {"timeout": BUSY_WAIT}
    return {"cached_statements": PREPARED, **wait}


def _prepare_sqlite(engine: Engine, database: str | None) -> None:
    if database and database != ":memory:" and not os.path.isdir(Path(database).parent):
        where = Path(database).parent
        raise CatalogUnavailable(f"no such directory, or one you may not enter: {where}", subject=database)

    if database and database != ":memory:":
        readonly.install(engine, Path(database))

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        if readonly.is_readonly(connection):
            return
        into_wal(connection)
        for pragma in (
            f"synchronous={SYNCHRONOUS}",
            "foreign_keys=ON",
            "cache_size=-65536",
            "temp_store=MEMORY",
            "mmap_size=67108864",  # spares a copy of each page that is read; counts as resident memory
            "wal_autocheckpoint=8000",  # 32 MB: a page that many commits change is copied back once
        ):
            connection.execute(f"PRAGMA {pragma}")


def _prepare_postgresql(engine: Engine) -> None:
    """Our questions are for few rows of large tables: find them by index, and compile nothing for them."""

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        connection.execute("SET random_page_cost = 1.1")
        connection.execute("SET jit = off")
        connection.commit()


# ---------------------------------------------------------------------- many at a time
def among(conn: Connection, column: ColumnElement[Any], values: Sequence[int]) -> ColumnElement[bool]:
    """``column IN values`` for any number of values, as one bound parameter."""
    return column.in_(listed(conn, values))


def among_few(conn: Connection, column: ColumnElement[Any], values: Sequence[int]) -> ColumnElement[bool]:
    """The same, where an index is to be asked for each value: PostgreSQL takes the others for a join, and may
    read the table for it."""
    if conn.dialect.name == "sqlite":
        return among(conn, column, values)
    return column == any_(cast(list(values), ARRAY(BigInteger)))


def listed(conn: Connection, values: Sequence[int]) -> Select[Any]:
    if conn.dialect.name == "sqlite":
        return select(func.json_each(json.dumps(list(values))).table_valued("value").c.value)
    return select(func.unnest(cast(list(values), ARRAY(BigInteger))).column_valued("value"))


def listing(conn: Connection, values: Sequence[int]) -> tuple[str, dict[str, Any]]:
    """The same for SQL as text: what to write between the parentheses, and its parameter."""
    if conn.dialect.name == "sqlite":
        return "SELECT value FROM json_each(:listed)", {"listed": json.dumps(list(values))}
    return "SELECT unnest(CAST(:listed AS bigint[]))", {"listed": list(values)}


def among_text(conn: Connection, column: ColumnElement[Any], values: Sequence[str]) -> ColumnElement[bool]:
    """The same for texts, e.g. names."""
    if conn.dialect.name == "sqlite":
        return column.in_(select(func.json_each(json.dumps(list(values))).table_valued("value").c.value))
    return column.in_(select(func.unnest(cast(list(values), ARRAY(Text))).column_valued("value")))


def ids_of(conn: Connection, query: Executable, **values: Any) -> list[int]:
    """The ids that a question, or an ``UPDATE … RETURNING``, answers with; ``values`` are its parameters."""
    return list(conn.execute(query, values).scalars().all())  # all at once: twice as fast as one by one


def new_ids(conn: Connection, table: Table, count: int) -> Sequence[int]:
    """That many unused ids of the table, rising, for rows inserted in this transaction."""
    if conn.dialect.name == "sqlite":  # we hold the write lock
        last = conn.execute(select(func.coalesce(func.max(table.c.id), 0))).scalar_one()
        return range(last + 1, last + 1 + count)
    first, last, scattered = conn.execute(
        text(
            "SELECT min(v), max(v), "
            "CASE WHEN max(v) - min(v) + 1 <> count(*) THEN array_agg(v ORDER BY v) END "
            "FROM (SELECT nextval(:sequence) AS v FROM generate_series(1, :n)) AS fresh"
        ),
        {"sequence": f"{table.name}_id_seq", "n": count},
    ).one()
    return range(first, last + 1) if scattered is None else list(scattered)


def insert_many(conn: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert the rows; all have the same columns."""
    if rows:
        insert_columns(conn, table, {name: [row[name] for row in rows] for name in rows[0]}, len(rows))


def insert_columns(conn: Connection, table: Table, columns: Mapping[str, Any], count: int) -> None:
    """Insert ``count`` rows given by column: a list or range of its values, or one value for all rows.

    By the driver's own means, ``executemany`` of SQLite and ``COPY`` of PostgreSQL: SQLAlchemy looks at each
    value of each row in Python, which takes longer than the database takes to insert it.
    """
    if not count:
        return
    many = {name: value for name, value in columns.items() if isinstance(value, (list, range))}
    one = {name: value for name, value in columns.items() if name not in many}
    if conn.dialect.name == "sqlite":
        statement, binders = _plain_insert(conn.dialect, table, frozenset(columns))
        values = [_bound(binder, name, many, one) for name, binder in binders]
        conn.exec_driver_sql(statement, list(islice(zip(*values), count)))  # noqa: B905 - some are endless
    elif count < pg.FEW:
        rows = [
            {**one, **dict(zip(many, values, strict=True))} for values in zip(*many.values(), strict=True)
        ]
        conn.execute(table.insert(), rows or [one])
    else:
        pg.copy(conn, table, many, one, count)


def _bound(binder: Binder, name: str, many: Mapping[str, Any], one: Mapping[str, Any]) -> Iterable[Any]:
    if name in one:
        return repeat(one[name] if binder is None else binder(one[name]))
    return many[name] if binder is None else map(binder, many[name])


Binder = Callable[[Any], Any] | None


@lru_cache(maxsize=128)
def _plain_insert(
    dialect: Dialect, table: Table, names: frozenset[str]
) -> tuple[str, list[tuple[str, Binder]]]:
    """The insert of these columns as text, and how a value of each is bound, in the order of the text."""
    quoted = dialect.identifier_preparer
    columns = [column for column in table.c if column.name in names]
    listing = ", ".join(quoted.format_column(column) for column in columns)
    marks = ", ".join("?" * len(columns))
    text = f"INSERT INTO {quoted.format_table(table)} ({listing}) VALUES ({marks})"  # noqa: S608
    return text, [(c.name, c.type.dialect_impl(dialect).bind_processor(dialect)) for c in columns]


def unindexed(column: ColumnElement[str]) -> ColumnElement[str]:
    """The column, but not as a reason to use its index: for a state that most rows are in."""
    return column.concat("")


def _changes(conn: Connection) -> int | None:
    """How many rows this connection ever wrote; None where the database does not tell (PostgreSQL)."""
    driver = conn.connection.dbapi_connection
    return getattr(driver, "total_changes", None)


def for_update(conn: Connection, query: Select[Any], of: Table, *, skip_locked: bool = False) -> Select[Any]:
    """Lock the rows of ``of`` until the end of the transaction. (SQLite: the write lock does that.)"""
    return query if conn.dialect.name == "sqlite" else query.with_for_update(of=of, skip_locked=skip_locked)
