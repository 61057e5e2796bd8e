"""Ground for many journeys in one process: one engine whose file may be changed, and forks of a journey.

A fork is a copy of the whole process and of its database file, so that a journey need not be walked again
from its beginning to be stopped at each of its crossings.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from catalog.db import engine

FILES = ("world.db", "world.db-wal")
_KEPT: list[object] = []
"""Pools of the parent in a child: never closed there, as closing a connection does things to its file."""


class Ground:
    """Directories under ``root``, and one engine that opens ``world.db`` of the directory it is at."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.place = root / "world"
        self._engine: Engine | None = None

    def opened(self, url: str) -> Engine:
        """In place of ``catalog.db.engine._engine``: the statements are compiled once for all journeys."""
        if self._engine is None:
            self._engine = _MAKE(url)
            self._dispose = self._engine.dispose
            self._engine.dispose = lambda close=True: None  # type: ignore[method-assign]

            @event.listens_for(self._engine, "do_connect")
            def where(_dialect: Any, _record: Any, arguments: Any, _options: Any) -> None:
                arguments[0] = str(self.place / "world.db")

        return self._engine

    def anew(self) -> Path:
        """The directory of the next journey; the one before is over."""
        self.close()
        return self.place

    def close(self) -> None:
        if self._engine is not None:
            self._dispose()

    def fingerprint(self) -> str:
        """Of what is committed."""
        seen = hashlib.sha256()
        for name in FILES:
            if (self.place / name).exists():
                seen.update((self.place / name).read_bytes())
        return seen.hexdigest()

    def moved(self) -> None:
        """In a child: go on with a copy of what is committed, and let the parent's connections be."""
        place = self.root / f"child-{os.getpid()}"
        place.mkdir()
        for name in FILES:
            if (self.place / name).exists():
                shutil.copy(self.place / name, place / name)
        if self._engine is not None:
            _KEPT.append(self._engine.pool)
            self._dispose(close=False)
        self.place = place

    def left(self) -> None:
        """In a child, at its end."""
        shutil.rmtree(self.place, ignore_errors=True)

    def fork(self, work: Callable[[], Sequence[str]]) -> list[str]:
        """What ``work`` finds in a copy of this process; nothing of it happens here."""
        sys.stdout.flush()
        sys.stderr.flush()
        mine, its = os.pipe()
        child = os.fork()
        if child == 0:
            self._in_child(work, its)
        os.close(its)
        with os.fdopen(mine) as answers:
            text = answers.read()
        os.waitpid(child, 0)
        return json.loads(text) if text else ["the process died without a word"]

    def _in_child(self, work: Callable[[], Sequence[str]], answers: int) -> None:
        try:
            self.moved()
            found = list(work())
        except BaseException:
            found = [traceback.format_exc()]
        with os.fdopen(answers, "w") as out:
            json.dump(found, out)
        self.left()
        os._exit(0)


_MAKE = engine._engine


@contextmanager
def ground(root: Path) -> Iterator[Ground]:
    """The ground for all journeys of this process while it lasts."""
    here = Ground(root)
    before, engine._engine = engine._engine, here.opened
    synchronous, engine.SYNCHRONOUS = engine.SYNCHRONOUS, "OFF"  # nobody cuts the power here
    try:
        yield here
    finally:
        here.close()
        engine._engine, engine.SYNCHRONOUS = before, synchronous
