"""Reader of Parquet, with the extra ``parquet`` (pyarrow): a batch of rows at a time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from catalog.errors import BadInput
from ddm.sources.columns import Columns, reader
from ddm.sources.rows import Entry

BATCH = 5000


def parquet_rows(path: Path, source: str, columns: Columns | None = None) -> Iterator[Entry]:
    """The rows of a Parquet file; lines are row numbers from 1. Raises BadInput for a broken file."""
    pa, pq = _pyarrow()
    source += ":row"
    with _Translated(pa, path), pq.ParquetFile(path, buffer_size=1 << 20) as file:
        names = [field.name for field in file.schema_arrow]
        columns = columns or Columns()
        wanted = [name for name in names if name not in columns.skip]
        take = reader(wanted, source, columns, header=str(path))
        line = 0
        for batch in file.iter_batches(batch_size=BATCH, columns=wanted, use_threads=False):
            for values in _values(pa, batch):
                line += 1
                yield take(line, values)


def _values(pa: Any, batch: Any) -> Iterator[tuple[Any, ...]]:
    return zip(*(_plain(pa, column).to_pylist() for column in batch.columns), strict=True)


def _plain(pa: Any, column: Any) -> Any:
    """Times of nanoseconds are cut to microseconds, which is what Python and the catalogue keep."""
    if pa.types.is_timestamp(column.type) and column.type.unit == "ns":
        return column.cast(pa.timestamp("us", column.type.tz), safe=False)
    return column


def _pyarrow() -> tuple[Any, Any]:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ModuleNotFoundError:
        raise BadInput(
            "reading Parquet needs pyarrow: pip install 'ddm[parquet]'", subject="parquet"
        ) from None
    return pa, pq


class _Translated:
    """What pyarrow says of a broken file, as BadInput; a disk that fails stays an OSError."""

    def __init__(self, pa: Any, path: Path) -> None:
        self._pa, self._path = pa, path

    def __enter__(self) -> None:
        if self._path.is_dir():
            raise BadInput("is a directory, not a file", subject=str(self._path))

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        if isinstance(error, OSError) and error.errno is not None:
            return
        # pyarrow has ValueErrors and OSErrors of its own for bytes that it cannot read
        if isinstance(error, self._pa.ArrowException | OSError | OverflowError) or (
            isinstance(error, ValueError) and not isinstance(error, BadInput)
        ):
            said = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
            raise BadInput(f"not a Parquet file, or cut off: {said}", subject=str(self._path)) from None
