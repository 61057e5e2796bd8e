"""A private, real MariaDB server for tests, and fresh databases in it; no silent skip where CI runs.

``mariadb_server`` starts the server of Debian's package once per session: in a directory of its own, on a
unix socket only. It ends with the session, and with pytest however that ends.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

PACKAGES = "mariadb-server (server programs), mariadb-client and the Python package pymysql"
PROGRAMS = ("mariadbd", "mariadb-install-db", "mariadb-dump")
START_TIME = 60.0  # seconds; a busy machine may take long
SETTINGS = (
    "--skip-networking",
    "--skip-log-bin",
    "--innodb-buffer-pool-size=64M",
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-doublewrite=0",
    "--performance-schema=OFF",
    "--character-set-server=utf8mb4",
)
PASSWORD = "s3cret'with\"quotes"


def program(name: str) -> str | None:
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


def missing() -> str:
    """What the tests need and do not find, in words; empty when all is there."""
    try:
        import pymysql  # noqa: F401
    except ImportError:
        return f"needs {PACKAGES}: pymysql cannot be imported"
    if absent := [name for name in PROGRAMS if program(name) is None]:
        return f"needs {PACKAGES}: no {', '.join(absent)}"
    if os.geteuid() == 0 and "mysql" not in {entry.pw_name for entry in pwd.getpwall()}:
        return f"needs {PACKAGES}: there is no user 'mysql' for the server to run as"
    return ""


class MariaDBServer:
    """A running server; ``stop`` may be repeated. Its reader is 'reader' with ``PASSWORD``."""

    def __init__(self) -> None:
        self.root = Path(tempfile.mkdtemp(prefix="ddm-my-", dir="/tmp"))  # short: a socket has 107 bytes
        self.socket = self.root / "s"
        self._numbers = count(1)
        self._process: subprocess.Popen[bytes] | None = None
        if os.geteuid() == 0:
            shutil.chown(self.root, "mysql", "mysql")
        try:
            self._install()
            self._start()
            self.execute(
                f"CREATE USER reader@localhost IDENTIFIED BY '{PASSWORD.replace(chr(39), chr(39) * 2)}'"
            )
        except BaseException:
            self.stop()
            raise

    def _install(self) -> None:
        data = f"--datadir={self.root / 'data'}"
        options = ["--no-defaults", data, "--auth-root-authentication-method=normal", "--skip-test-db"]
        command = [*_as_owner(), str(program("mariadb-install-db")), *options]
        done = subprocess.run(command, cwd=self.root, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"mariadb-install-db failed: {done.stderr.strip()[-2000:]}")

    def _start(self) -> None:
        command = [
            str(program("mariadbd")), "--no-defaults", f"--datadir={self.root / 'data'}",
            f"--socket={self.socket}", f"--pid-file={self.root / 'pid'}", *SETTINGS,
        ]  # fmt: skip
        with open(self.root / "log", "ab") as log:
            self._process = subprocess.Popen(
                [*_as_owner(), *command], cwd=self.root, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        end = time.monotonic() + START_TIME
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > end:
                raise RuntimeError("MariaDB did not start: " + (self.root / "log").read_text()[-2000:])
            time.sleep(0.05)

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as end:  # the driver leaves its own open when it is refused
            try:
                end.connect(str(self.socket))
            except OSError:
                return False
            return True

    def stop(self) -> None:
        """Stop the server and remove its directory."""
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(30)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait(30)
            self._process = None
        shutil.rmtree(self.root, ignore_errors=True)  # what is left in /tmp harms nobody

    def url(self, database: str, user: str = "root", password: str = "") -> str:
        from urllib.parse import quote

        who = f"{user}:{quote(password, safe='')}" if password else user
        return f"mysql+pymysql://{who}@localhost/{database}?unix_socket={self.socket}"

    def create(self) -> str:
        """A new database that ``reader`` may read; returns its name."""
        name = f"t{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
        self.execute(f"GRANT SELECT ON {name}.* TO reader@localhost")
        return name

    def execute(
        self, statement: str, database: str | None = None, rows: list[tuple[object, ...]] | None = None
    ):
        """A statement of an administrator; with ``rows`` once for each."""
        import pymysql

        connection = pymysql.connect(
            unix_socket=str(self.socket), user="root", database=database, charset="utf8mb4", autocommit=False
        )
        with connection, connection.cursor() as cursor:
            if rows is None:
                cursor.execute(statement)
            else:
                cursor.executemany(statement, rows)
            connection.commit()

    def dump(self, database: str, *options: str) -> bytes:
        """What the real ``mariadb-dump`` writes of the database."""
        command = [str(program("mariadb-dump")), "--no-defaults", f"--socket={self.socket}", "--user=root"]
        done = subprocess.run([*command, *options, database], capture_output=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"mariadb-dump failed: {done.stderr.decode()[-2000:]}")
        return done.stdout


def _as_owner() -> list[str]:
    """Run as somebody who is not root, and end when pytest is killed."""
    user = ["--reuid=mysql", "--regid=mysql", "--clear-groups"] if os.geteuid() == 0 else []
    return ["setpriv", "--pdeathsig=TERM", *user]


@pytest.fixture(scope="session")
def mariadb_server() -> Iterator[MariaDBServer]:
    if message := missing():
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    server = MariaDBServer()
    try:
        yield server
    finally:
        server.stop()
