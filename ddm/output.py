"""Rows as a file or on standard output, as long as they come: JSON lines, CSV or Parquet.

Only a page of rows is in memory. A file is written beside its place, made durable and put there at the end,
and never over another one: whoever sees it sees all of it. Values: adler32 as eight digits, times in ISO
8601 with Z; what is unknown is null, in CSV an empty field.
"""

from __future__ import annotations

import csv
import io
import json
import os
import secrets
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC
from enum import StrEnum
from pathlib import Path
from typing import IO, Any, NamedTuple, Protocol

from catalog.errors import BadInput
from ddm.errors import ConfigError

Rows = list[tuple[Any, ...]]
Pages = Iterable[Rows]


class Column(NamedTuple):
    """A column: ``kind`` is text, number, real, bool, time (aware) or adler32 (a number)."""

    name: str
    kind: str


class Format(StrEnum):
    """How rows are written."""

    JSONL = "jsonl"
    CSV = "csv"
    PARQUET = "parquet"


def format_of(path: Path) -> Format:
    """The format that the name of a file says. Raises BadInput."""
    found = {".jsonl": Format.JSONL, ".json": Format.JSONL, ".csv": Format.CSV, ".parquet": Format.PARQUET}
    try:
        return found[path.suffix.lower()]
    except KeyError:
        raise BadInput(
            "give --format, or a name that ends with .jsonl, .csv or .parquet", subject=str(path)
        ) from None


class Writer(Protocol):
    def write(self, rows: Rows) -> None:
        """Write these rows."""
        ...

    def close(self) -> None:
        """Write what must stand at the end."""
        ...


def write(columns: Sequence[Column], pages: Pages, to: IO[bytes], form: Format) -> int:
    """Write the rows to an open binary stream; returns how many. Pages may be empty."""
    writer = WRITERS[form](columns, to)
    written = 0
    for rows in filter(None, pages):
        writer.write(rows)
        written += len(rows)
    writer.close()
    return written


def write_file(columns: Sequence[Column], pages: Pages, path: Path, form: Format) -> int:
    """Write a new file, all or nothing; returns how many rows. Raises BadInput if there is one already."""
    with new_file(path) as stream:
        return write(columns, pages, stream, form)


@contextmanager
def new_file(path: Path, *, replace: bool = False) -> Iterator[IO[bytes]]:
    """A file that comes into being, complete, when the block ends well. Raises BadInput if it exists, unless
    it is to be replaced."""
    if path.exists() and not replace:
        raise BadInput("the file exists, and nothing is overwritten", subject=str(path))
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        beside.touch(exist_ok=False)
    except OSError as error:  # of the name that was asked for: nobody knows the other one
        raise OSError(error.errno, error.strerror, str(path)) from None
    with open(beside, "wb") as stream:
        try:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
            if replace:
                os.replace(beside, path)
            else:
                os.link(beside, path)  # refuses where a rename would overwrite
        except FileExistsError:
            raise BadInput("the file exists, and nothing is overwritten", subject=str(path)) from None
        finally:
            with suppress(FileNotFoundError):
                os.unlink(beside)
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def write_out(columns: Sequence[Column], pages: Pages, form: Format) -> int:
    """Write the rows to standard output."""
    if form is Format.PARQUET and sys.stdout.isatty():
        raise BadInput("Parquet is not for a terminal; give --output FILE", subject="--format")
    sys.stdout.flush()
    return write(columns, pages, sys.stdout.buffer, form)


# ----------------------------------------------------------------------------- the values
def _texts(columns: Sequence[Column], rows: Rows) -> Iterable[tuple[Any, ...]]:
    """The rows with checksums and times as text."""
    found = [
        values if column.kind not in _TEXT_OF else [_text(column.kind, value) for value in values]
        for column, values in zip(columns, zip(*rows, strict=True), strict=True)
    ]
    return zip(*found, strict=True)


def _text(kind: str, value: Any) -> str | None:
    return None if value is None else _TEXT_OF[kind](value)


_TEXT_OF: dict[str, Callable[[Any], str]] = {
    "adler32": lambda value: f"{value:08x}",
    "time": lambda value: value.astimezone(UTC).isoformat().replace("+00:00", "Z"),
}


class _Lines:
    """JSON lines: an object on each line."""

    def __init__(self, columns: Sequence[Column], to: IO[bytes]) -> None:
        self._columns, self._to = columns, to
        self._names = [column.name for column in columns]
        self._encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

    def write(self, rows: Rows) -> None:
        names, encode = self._names, self._encode
        lines = [encode(dict(zip(names, row, strict=True))) for row in _texts(self._columns, rows)]
        self._to.write(("\n".join(lines) + "\n").encode())

    def close(self) -> None:
        self._to.flush()


class _Csv:
    """CSV with a header, UTF-8, as RFC 4180 quotes but with plain line ends."""

    def __init__(self, columns: Sequence[Column], to: IO[bytes]) -> None:
        self._columns, self._to = columns, to
        self._write([tuple(column.name for column in columns)])

    def write(self, rows: Rows) -> None:
        self._write(_texts(self._columns, rows))

    def _write(self, rows: Iterable[tuple[Any, ...]]) -> None:
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(rows)
        self._to.write(text.getvalue().encode())

    def close(self) -> None:
        self._to.flush()


class _Parquet:
    """Parquet, a row group for each page; adler32 is a text, times are timestamps in UTC."""

    def __init__(self, columns: Sequence[Column], to: IO[bytes]) -> None:
        try:
            import pyarrow
            import pyarrow.parquet
        except ImportError:
            raise ConfigError(
                "Parquet needs the Python package 'pyarrow': pip install 'ddm[parquet]'", subject="--format"
            ) from None
        self._arrow: Any = pyarrow
        self._kinds = [column.kind for column in columns]
        kinds = {
            "number": pyarrow.int64(),
            "real": pyarrow.float64(),
            "bool": pyarrow.bool_(),
            "time": pyarrow.timestamp("us", tz="UTC"),
        }
        fields = [(column.name, kinds.get(column.kind, pyarrow.string())) for column in columns]
        self._schema = pyarrow.schema(fields)
        self._writer: Any = pyarrow.parquet.ParquetWriter(to, self._schema)

    def write(self, rows: Rows) -> None:
        columns = [
            [_text(kind, value) for value in values] if kind == "adler32" else list(values)
            for kind, values in zip(self._kinds, zip(*rows, strict=True), strict=True)
        ]
        arrays = [self._arrow.array(v, f.type) for v, f in zip(columns, self._schema, strict=True)]
        self._writer.write_table(self._arrow.Table.from_arrays(arrays, schema=self._schema))

    def close(self) -> None:
        self._writer.close()


WRITERS: dict[Format, Callable[[Sequence[Column], IO[bytes]], Writer]] = {
    Format.JSONL: _Lines,
    Format.CSV: _Csv,
    Format.PARQUET: _Parquet,
}
