"""Two things that a program does once, tests do thousands of times: compiling the statements of a catalogue
that is opened, and looking for garbage among all that was imported. Together they are a fourth of the time.
"""

from __future__ import annotations

import gc

from sqlalchemy import Engine

from catalog.db import engine

_opened = engine._engine
_first: dict[str, Engine] = {}


def share_compiled() -> None:
    """From now on a catalogue that is opened finds what others of this process have compiled.

    SQLite only: elsewhere nothing was gained.
    """
    engine._engine = _sharing


def _sharing(url: str) -> Engine:
    made = _opened(url)
    name = made.dialect.name
    if name != "sqlite":
        return made
    first = _first.get(name)
    if first is None or getattr(first.dialect, "server_version_info", None) is None:
        _first[name] = made  # one that was never connected knows nothing of its database
        if made._compiled_cache is not None:
            made._compiled_cache.capacity = 5000
        return made
    made.dialect = made.pool._dialect = first.dialect
    made._compiled_cache = first._compiled_cache
    return made


def no_collections() -> None:
    """While the tests are read nothing becomes garbage: looking for it is half of the time."""
    gc.disable()


def few_collections() -> None:
    """What is there now is not looked at again, and what comes is looked at less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    gc.enable()
