"""Rows of Python into the engine, by way of a text: row by row it takes a hundred times as long."""

from __future__ import annotations

import csv
from collections.abc import Iterable

from ddm.reconcile.engine import Engine, text

_NULL = "\\N"


def load(engine: Engine, table: str, rows: Iterable[tuple[object, ...]]) -> None:
    """Append the rows to a table of the engine. None is NULL.

    The rows may come from a ``stream`` of the engine: all are read before the engine is asked for more.
    """
    path = engine.directory / f"{table}.rows"
    with open(path, "w", newline="", encoding="utf-8", errors="backslashreplace") as file:
        writer = csv.writer(file, delimiter="\t", quoting=csv.QUOTE_ALL, lineterminator="\n")
        for row in rows:
            writer.writerow([_NULL if value is None else value for value in row])
    if path.stat().st_size:
        engine.do(
            f"COPY {table} FROM {text(str(path))} (FORMAT csv, DELIMITER '\t', QUOTE '\"', ESCAPE '\"', HEADER false, "
            f"NEW_LINE '\\n', PARALLEL false, NULLSTR {text(_NULL)}, AUTO_DETECT false)"
        )
    path.unlink()
