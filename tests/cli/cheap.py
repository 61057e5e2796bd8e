"""Commands within one process for little: what each does again for itself is done once for all of them.

Most of the time of a command on a small catalogue goes into reading ``ddm.toml`` and into making SQL of
queries, which each new engine does anew. A place that is always at the same path has one of each.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from unittest import mock

from catalog.db import engine
from ddm import config
from ddm.cli import toolkit
from ddm.settings import Settings


@contextmanager
def commands_are_cheap() -> Iterator[None]:
    """While it lasts. A catalogue that is closed leaves no connection open, so its file may be replaced."""
    read = cache(lambda text, path: config.loads(text, path, {}))

    def load(path: Path | None = None, _: Mapping[str, str] | None = None) -> Settings:
        assert path is not None
        return read(path.read_text(), path)

    with (
        mock.patch.object(engine, "_engine", cache(engine._engine)),
        mock.patch.object(toolkit, "load", load),
        mock.patch.object(os, "fsync", return_value=None),
    ):
        yield
