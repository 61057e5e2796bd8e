"""A real small period with everything in the trash: files on disk, a tape library, a catalogue, commands.

Made once (two chunks through real jobs, some seconds) and copied for each test. Its clock is the machine's,
pushed forward by whoever lets time pass: nobody waits.
"""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest import mock

from catalog.clock import SystemClock
from ddm.demo import period
from tests.cli.place import Place

RUN = 275_678
GRACE = timedelta(days=2)


class Time:
    """How far the clock of every program is ahead of the machine's."""

    ahead = timedelta(0)

    @classmethod
    def jump(cls, duration: timedelta) -> None:
        cls.ahead += duration


def _now(_: SystemClock) -> datetime:
    return datetime.now(UTC) + Time.ahead


@contextmanager
def own_time(ahead: timedelta = timedelta(0), breath: float = 0.0) -> Iterator[type[Time]]:
    """While it lasts, the clock of programs in this process can be pushed forward, and nobody sleeps.

    ``ahead``: where it begins; a period that was made in its own time goes on from there. ``breath``: seconds
    that who would sleep leaves the machine to others, such as real jobs.
    """

    def sleep(_: SystemClock, duration: timedelta) -> None:
        Time.jump(max(timedelta(0), duration))
        time.sleep(breath)

    Time.ahead = ahead
    with mock.patch.object(SystemClock, "now", _now), mock.patch.object(SystemClock, "sleep", sleep):
        yield Time


class Period(Place):
    """The period in a directory of its own, and the files below its endpoints."""

    ahead = timedelta(0)
    """Where the clock stood when it was made."""

    @classmethod
    def make(cls, root: Path) -> Period:
        """Run it as far as it goes: every product archived, every intermediate file in the trash."""
        period.prepare(root, period.Options(1, 2, "local", 1, None))
        config = root / "ddm.toml"
        text = re.sub(r"^settle = .*\n", "", config.read_text(), flags=re.MULTILINE)
        text = text.replace('grace = "0 s"', f'grace = "{GRACE.days} d"\nsettle = "0 s"')
        config.write_text(text + _SECOND_DISK)
        (root / "disk2").mkdir()
        made = cls.again(root)
        made.good("db", "create")
        made.good("file", "register", root / "raw.csv", "--dataset", period.DATASET, "--endpoint", "tape")
        made.run("dataset", "close", period.DATASET)
        made.good("flow", "run")
        Period.ahead = Time.ahead
        return made

    @classmethod
    def again(cls, root: Path) -> Period:
        found = cls.__new__(cls)
        found.root = root
        return found

    def copy(self, root: Path) -> Period:
        """The same again, elsewhere: its configuration names its own directory only."""
        shutil.copytree(self.root, root, symlinks=True)
        return Period.again(root)

    # ------------------------------------------------------------------------ what is there
    def stored(self, endpoint: str = "disk") -> dict[str, bytes]:
        """Every file below an endpoint, byte by byte."""
        top = self.root / endpoint
        return {
            str(Path(base, name).relative_to(top)): Path(base, name).read_bytes()
            for base, _, names in os.walk(top)
            for name in names
        }

    def trashed(self) -> list[dict[str, object]]:
        return [entry["line"] for entry in self.json("trash", "list", "--limit", 1000)]

    def state(self, lfn: str, endpoint: str = "disk") -> str:
        return next(
            r["state"] for r in self.json("file", "show", lfn)["replicas"] if r["endpoint"] == endpoint
        )

    def at(self, path: object, endpoint: str = "disk") -> Path:
        return self.root / endpoint / str(path).lstrip("/")

    def sql(self, text: str, *values: object) -> list[tuple[object, ...]]:
        with sqlite3.connect(self.root / "ddm.db") as base:
            found = base.execute(text, values).fetchall()
        base.close()
        return found


_SECOND_DISK = """
[endpoint.disk2]
kind = "disk"
backend = "posix"
prefix = "file://{here}/disk2"

[release]
"""
