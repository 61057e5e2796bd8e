"""A private, real PostgreSQL server for tests, and fresh databases in it; no silent skip where CI runs.

``postgresql_server`` starts the server of Debian's package once per session: in a directory of its own, on a
unix socket only, without fsync. It ends with the session, and with pytest however that ends.
``postgresql_url`` is the URL of an empty database of its own for one test. Tests of a catalogue are lent one
that was emptied after the test before (``lend``): to make and drop one takes longer than most of them.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import Any

import pytest

PACKAGES = "postgresql (server programs) and the Python package psycopg[binary]"
START_TIME = 60.0  # seconds; a busy machine may take long
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_connections": "60",
    "shared_buffers": "64MB",
}


def programs() -> Path | None:
    """The folder of the newest server programs of Debian, or of those in the path."""
    debian = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/postgres")]
    if debian:
        return max(debian, key=lambda path: float(path.parent.name))
    found = shutil.which("postgres")
    return Path(found).parent if found else None


def missing() -> str:
    """What the tests need and do not find, in words; empty when all is there."""
    try:
        import psycopg  # noqa: F401
    except ImportError:
        return f"needs {PACKAGES}: psycopg cannot be imported"
    if programs() is None:
        return f"needs {PACKAGES}: no /usr/lib/postgresql/*/bin/postgres and none in the PATH"
    if os.geteuid() == 0 and "postgres" not in {entry.pw_name for entry in pwd.getpwall()}:
        return f"needs {PACKAGES}: there is no user 'postgres', and the server refuses to run as root"
    return ""


LENDINGS = 40  # how often a database is emptied and lent again; dead rows stay in it
LARGEST = 32 * 2**20  # bytes of one that is

SHAPE = """
  SELECT md5(string_agg(fact, ',' ORDER BY fact)) FROM (
    SELECT concat_ws(' ', oid, relname, relnatts, relchecks, relhastriggers, relrowsecurity, relacl) AS fact
      FROM pg_class WHERE relnamespace = 'public'::regnamespace
    UNION ALL SELECT concat_ws(' ', oid, conname) FROM pg_constraint
      WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT concat_ws(' ', oid, proname) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION ALL SELECT concat_ws(' ', oid, nspname, nspacl) FROM pg_namespace WHERE nspname NOT LIKE 'pg_%'
    UNION ALL SELECT concat_ws(' ', setrole, setconfig) FROM pg_db_role_setting s
      JOIN pg_database d ON d.oid = s.setdatabase AND d.datname = current_database()
    UNION ALL SELECT concat_ws(' ', version_num) FROM alembic_version) all_facts
"""
"""Everything but the rows that a test of a catalogue may have changed."""

EMPTY = """
  SELECT 'SET session_replication_role = replica;' || string_agg(format('DELETE FROM %I', relname), ';')
    FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> 'alembic_version'
"""
RESTART = "SELECT setval(oid::regclass, 1, false) FROM pg_class WHERE relkind = 'S'"


class PostgreSQLServer:
    """A running server; ``stop`` may be repeated."""

    def __init__(self, binaries: Path, settings: Mapping[str, str] | None = None) -> None:
        self.binaries = binaries
        self.settings = SETTINGS | dict(settings or {})
        self.root = Path(tempfile.mkdtemp(prefix="ddm-pg-", dir="/tmp"))  # short: a socket has 107 bytes
        self._numbers = count(1)
        self._shapes: dict[str, str] = {}  # of templates
        self._lent: dict[str, str] = {}  # database → template
        self._free: dict[str, list[str]] = {}  # template → databases that were emptied
        self._times: dict[str, int] = {}  # database → how often it was lent
        self._process: subprocess.Popen[bytes] | None = None
        if os.geteuid() == 0:
            shutil.chown(self.root, "postgres", "postgres")
        try:
            self._run(
                "initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "-N"
            )
            self.start()
        except BaseException:
            self.stop()
            raise

    @property
    def data(self) -> Path:
        return self.root / "data"

    def start(self) -> None:
        """Start the server and wait until it answers."""
        options = [f"-c{name}={value}" for name, value in self.settings.items()]
        command: list[str | Path] = [self.binaries / "postgres", "-D", self.data, "-k", self.root, *options]
        with open(self.root / "log", "ab") as log:
            self._process = subprocess.Popen(
                [*_as_owner(), *command], cwd=self.root, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        end = time.monotonic() + START_TIME
        ready: list[str | Path] = [self.binaries / "pg_isready", "-q", "-h", self.root, "-U", "postgres"]
        while subprocess.run(ready, check=False).returncode != 0:
            if self._process.poll() is not None or time.monotonic() > end:
                raise RuntimeError("PostgreSQL did not start: " + (self.root / "log").read_text()[-2000:])
            time.sleep(0.05)

    def halt(self) -> None:
        """Stop the server, keep its data. (A fast shutdown: open connections are ended.)"""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(30)
            except subprocess.TimeoutExpired:
                self._process.send_signal(signal.SIGQUIT)
                self._process.wait(30)
            self._process = None

    def stop(self) -> None:
        """Stop the server and remove its directory."""
        self.halt()
        shutil.rmtree(self.root, ignore_errors=True)  # what is left in /tmp harms nobody

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://postgres@/{database}?host={self.root}"

    def create(self, template: str = "template0") -> str:
        """A new database; returns its name."""
        name = f"t{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def drop(self, database: str) -> None:
        self.execute(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")

    def lend(self, template: str) -> str:
        """A database like the template, which has no rows; returns its name. To be given back."""
        if self._free.get(template):
            name = self._free[template].pop()
        else:
            name = self.create(template)
            if template not in self._shapes:
                self._shapes[template] = self._ask(SHAPE, name)
        self._lent[name] = template
        self._times[name] = self._times.get(name, 0) + 1
        return name

    def give_back(self, database: str) -> None:
        """Empty it for the next test; drop it if it is not what it was, apart from its rows."""
        template = self._lent.pop(database)
        if self._times[database] < LENDINGS and self._emptied(database, self._shapes[template]):
            self._free.setdefault(template, []).append(database)
        else:
            self.drop(database)

    def _emptied(self, database: str, shape: str) -> bool:
        self.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'")
        size = int(self._ask(f"SELECT pg_database_size('{database}')"))
        if size > LARGEST or self._ask(SHAPE, database) != shape:
            return False
        self.execute(self._ask(EMPTY, database), database)
        self.execute(RESTART, database)
        return True

    def _ask(self, question: str, database: str = "postgres") -> str:
        """The one value that answers a question of an administrator."""
        with self._open(database) as connection:
            row = connection.execute(question.encode()).fetchone()
            assert row is not None
            return str(row[0])

    def execute(self, statement: str, database: str = "postgres") -> None:
        """Statements of an administrator, outside any transaction."""
        with self._open(database) as connection:
            connection.execute(statement.encode())

    def _open(self, database: str) -> Any:
        import psycopg

        return psycopg.connect(host=str(self.root), user="postgres", dbname=database, autocommit=True)

    def _run(self, program: str, *arguments: str | Path) -> None:
        command = [*_as_owner(), self.binaries / program, *arguments]
        done = subprocess.run(command, cwd=self.root, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{program} failed: {done.stderr.strip()[-2000:]}")


def _as_owner() -> list[str]:
    """Run as somebody PostgreSQL accepts, and end (fast shutdown) when pytest is killed."""
    user = ["--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []
    return ["setpriv", "--pdeathsig=INT", *user]


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[PostgreSQLServer]:
    if message := missing():
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    binaries = programs()
    assert binaries is not None
    server = PostgreSQLServer(binaries)
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture
def postgresql_url(postgresql_server: PostgreSQLServer) -> Iterator[str]:
    """The URL of an empty database for this test alone."""
    name = postgresql_server.create()
    yield postgresql_server.url(name)
    postgresql_server.drop(name)
