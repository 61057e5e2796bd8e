"""Parquet files: row groups one after the other, each as it was.

The row groups of the output are those of the inputs, empty ones left out. pyarrow has no way to move a row
group without decoding it (nor has any library on PyPI), so this runs at its pace, some hundred MB/s, with one
row group in memory at a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from merging.errors import DifferentSchemas, MergeError, ToolMissing, UnreadableInput
from merging.formats.files import Sink, new_file, one_by_one
from merging.model import Count, Different, MergeResult, Same, Sameness, Taken
from merging.rootfile import told

ROWS: Final = "rows"
_AT_ONCE: Final = 1 << 16


class Parquet:
    """Merges Parquet files of one schema; ``n_events`` counts rows.

    Names, types, nullability and metadata (a unit) of all columns must be those of the first input
    (DifferentSchemas). Metadata of the whole schema is that of the first; ``compression`` is too, column by
    column, unless it is given: ``zstd``, ``snappy``, ``gzip``, ``lz4``, ``brotli`` or ``none``.
    """

    one_by_one = True

    def __init__(self, *, compression: str = "") -> None:
        if compression not in ("", "zstd", "snappy", "gzip", "lz4", "brotli", "none"):
            raise MergeError(f"parquet: there is no compression '{compression}'")
        self._compression = compression

    def merge(self, inputs: Iterable[Path], output: Path) -> MergeResult:
        taken: list[Taken] = []
        with (
            new_file(output) as temporary,
            Sink(temporary, output) as sink,
            _Writing(sink, self._compression) as writing,
        ):
            for path in one_by_one(inputs):
                with _opened(path) as file:
                    writing.append(file, path)
                    rows = int(file.metadata.num_rows)
                    taken.append(Taken(str(path), path.stat().st_size, rows, {ROWS: rows}))
        total = sum(one.n_events or 0 for one in taken)
        return MergeResult(sink.size, sink.adler32, total, {ROWS: total}, tuple(taken))

    def count(self, path: Path) -> Count:
        with _opened(path) as file:
            rows = int(file.metadata.num_rows)
        return Count(rows, {ROWS: rows})

    def same_content(self, inputs: Sequence[Path], merged: Path) -> Sameness:
        with _opened(merged) as file:
            return _compared(inputs, file, merged)


def load_pyarrow() -> tuple[Any, Any]:
    """The modules pyarrow and pyarrow.parquet. Raises ToolMissing, saying what to install."""
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        text = "Parquet files need pyarrow, which is not installed: pip install 'ddm[parquet]'"
        raise ToolMissing(text) from None
    return pyarrow, pyarrow.parquet


class _Writing:
    def __init__(self, sink: Sink, compression: str) -> None:
        self._sink, self._compression = sink, compression
        self._writer: Any = None
        self._first: Path | None = None

    def append(self, file: Any, path: Path) -> None:
        pyarrow, parquet = load_pyarrow()
        schema = file.schema_arrow
        if self._first is None:
            self._first = path
            sink = pyarrow.PythonFile(self._sink, mode="w")
            compression = self._compression or _compression(file)
            self._writer = parquet.ParquetWriter(sink, schema, compression=compression)
        if difference := _difference(self._writer.schema, schema):
            text = f"{path}: has another schema than {self._first}: {difference}"
            raise DifferentSchemas(text, subject=str(path))
        for number in range(file.num_row_groups):
            with _reading(path):
                table = file.read_row_group(number)
            if table.num_rows:
                self._writer.write_table(table, row_group_size=table.num_rows)

    def __enter__(self) -> _Writing:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Write the end of the file. After an error too, so that pyarrow does not try later, for nothing."""
        if self._writer is not None:
            with suppress(*([Exception] if kind else [])):
                self._writer.close()


def _compression(file: Any) -> Any:
    """The compression of each column, as the writer takes it; of a file without rows, pyarrow's usual."""
    if not file.num_row_groups:
        return "snappy"
    group = file.metadata.row_group(0)
    columns = [group.column(number) for number in range(group.num_columns)]
    names = {column.path_in_schema: column.compression.lower() for column in columns}
    return {name: "none" if codec == "uncompressed" else codec for name, codec in names.items()}


def _difference(first: Any, other: Any) -> str:
    first, other = first.remove_metadata(), other.remove_metadata()
    if first.equals(other, check_metadata=True):
        return ""
    here, there = [_field(one) for one in first], [_field(one) for one in other]
    lacks, has = [x for x in here if x not in there], [x for x in there if x not in here]
    words = [f"lacks {', '.join(lacks[:5])}"] * bool(lacks) + [f"has {', '.join(has[:5])}"] * bool(has)
    return " and ".join(words) or "the columns have another order, or others inside"


def _field(field: Any) -> str:
    said = {key.decode(errors="replace"): value for key, value in (field.metadata or {}).items()}
    words = f"{field.name}: {field.type}" + ("" if field.nullable else " never null")
    return f"{words} {said}" if said else words


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    _, parquet = load_pyarrow()
    with _reading(path):
        file = parquet.ParquetFile(path)
    with file:
        yield file


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    pyarrow, _ = load_pyarrow()
    try:
        yield
    except (OSError, pyarrow.ArrowException, ValueError) as error:
        raise UnreadableInput(f"{path}: cannot be read: {told(error)}", subject=str(path)) from error


def _compared(inputs: Sequence[Path], merged: Any, name: Path) -> Sameness:
    pyarrow, _ = load_pyarrow()
    rows = _Rows(merged, name)
    at = 0
    for path in inputs:
        with _opened(path) as file:
            if difference := _difference(merged.schema_arrow, file.schema_arrow):
                return Different((f"{name}: has another schema than {path}: {difference}",))
            for batch in _batches(file, path):
                here = pyarrow.Table.from_batches([batch])
                there = rows.next(here.num_rows)
                if there.num_rows != here.num_rows or not _equal(here, there):
                    where = f"rows {at} to {at + here.num_rows} are not those of {path}"
                    return Different((f"{name}: {where}",))
                at += here.num_rows
    if left := merged.metadata.num_rows - at:
        return Different((f"{name}: {left} rows go on where the inputs are over",))
    return Same()


class _Rows:
    """The rows of a file, in order, in portions of any size."""

    def __init__(self, file: Any, path: Path) -> None:
        self._batches = _batches(file, path)
        self._schema = file.schema_arrow
        self._waiting: list[Any] = []

    def next(self, count: int) -> Any:
        """So many rows as a table; fewer at the end."""
        pyarrow, _ = load_pyarrow()
        parts: list[Any] = []
        while count:
            batch = self._waiting.pop() if self._waiting else next(self._batches, None)
            if batch is None:
                break
            parts.append(batch.slice(0, count))
            if batch.num_rows > count:
                self._waiting.append(batch.slice(count))
            count -= parts[-1].num_rows
        return pyarrow.Table.from_batches(parts, self._schema)


def _batches(file: Any, path: Path) -> Iterator[Any]:
    coming = file.iter_batches(batch_size=_AT_ONCE)
    while True:
        with _reading(path):
            batch = next(coming, None)
        if batch is None:
            return
        yield batch


def _equal(here: Any, there: Any) -> bool:
    # Tables with NaN never equal each other in Arrow; their text does.
    return here.equals(there) or repr(here.to_pylist()) == repr(there.to_pylist())
