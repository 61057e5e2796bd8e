"""The whole catalogue as a directory of Parquet files: export, and import into an empty one.

One file for each table, and ``manifest.json`` with the schema revision, and rows, digest and sha256 of every
file, under a seal of its own. The same content gives the same bytes, from SQLite and PostgreSQL alike: rows
are in the order of the primary key, the settings of the writer are fixed, and no time of the export is in it.
(Another version of pyarrow may write other bytes; the digests of the content stay the same.)
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from catalog.db.engine import Catalog, known_revision
from catalog.db.filling import Source, Told, fill
from catalog.db.streams import BATCH, Batches, Content, Digest, Kind, Row, Shape, rows, shapes, snapshot
from catalog.db.whole import new_directory, refuse_existing
from catalog.errors import BadInput, CatalogUnavailable, SchemaOutOfDate

if TYPE_CHECKING:
    import pyarrow as pa

FORMAT = "ddm catalogue 1"
MANIFEST = "manifest.json"
GROUP = 50_000  # rows of a row group, and in memory at a time
WRITER: Mapping[str, Any] = {
    "version": "2.6",
    "data_page_version": "1.0",
    "compression": "zstd",
    "compression_level": 3,
    "use_dictionary": True,
    "write_statistics": True,
    "store_schema": False,
}


@dataclass(frozen=True, slots=True)
class Part:
    """A table in an export: its shape, its content, and the sha256 of its file."""

    shape: Shape
    content: Content
    sha256: str

    @property
    def file(self) -> str:
        return f"{self.shape.name}.parquet"


@dataclass(frozen=True, slots=True)
class Export:
    """An export: where it is, its schema revision, its tables."""

    directory: Path
    revision: str
    parts: tuple[Part, ...]

    @property
    def rows(self) -> int:
        return sum(part.content.rows for part in self.parts)


# ------------------------------------------------------------------------------------------------ writing
def export(catalog: Catalog, directory: Path, told: Told = lambda table, rows: None) -> Export:
    """Write the catalogue, as it is at this moment, into a new directory; whole or not at all.

    Raises SchemaOutOfDate for a catalogue of another version, BadInput if the directory exists.
    """
    _arrow()
    refuse_existing(directory)
    catalog.check_schema()
    revision = str(catalog.revisions()[1])
    with new_directory(directory) as part, snapshot(catalog) as conn:
        parts = tuple(_write(part, shape, rows(conn, shape, GROUP), told) for shape in shapes())
        found = Export(directory, revision, parts)
        (part / MANIFEST).write_text(json.dumps(_manifest(found), indent=1) + "\n")
    return found


def _write(directory: Path, shape: Shape, batches: Batches, told: Told) -> Part:
    import pyarrow.parquet as pq

    digest, path, fields = Digest(), directory / f"{shape.name}.parquet", _fields(shape)
    with closing(batches), open(path, "wb") as out, pq.ParquetWriter(out, fields, **WRITER) as writer:
        for batch in batches:
            digest.add(batch)
            writer.write_table(_table(shape, fields, batch), row_group_size=GROUP)
            told(shape.name, digest.rows)
    return Part(shape, digest.content, _sha256(path))


def _manifest(export: Export) -> dict[str, Any]:
    tables = [
        {
            "table": part.shape.name,
            "file": part.file,
            "rows": part.content.rows,
            "content": part.content.sha256,
            "sha256": part.sha256,
            "columns": {name: str(kind) for name, kind in part.shape.columns},
            "key": list(part.shape.key),
        }
        for part in export.parts
    ]
    body = {"format": FORMAT, "revision": export.revision, "tables": tables}
    return {**body, "seal": _seal(body)}


def _seal(body: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(body, separators=(",", ":")).encode()).hexdigest()


def _sha256(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# ------------------------------------------------------------------------------------------------ reading
def load(directory: Path, url: str, told: Told = lambda table, rows: None) -> Export:
    """Fill a new or empty catalogue from an export. An export of an older version is brought up to date.

    Every file is compared with the manifest before anything is written. Raises BadInput for an export that is
    not whole or was changed, SchemaOutOfDate for one of a newer version.
    """
    found = verify(directory)
    if not known_revision(found.revision):
        raise SchemaOutOfDate(
            f"it was exported at revision {found.revision}, which this version of ddm does not know",
            subject=str(directory),
        )
    source = Source(
        found.revision,
        [part.shape for part in found.parts],
        lambda shape: _read(directory / f"{shape.name}.parquet", shape),
        {part.shape.name: part.content for part in found.parts},
    )
    fill(url, source, told)
    return found


def verify(directory: Path) -> Export:
    """Compare an export with its manifest: every file is there, and none was changed. Raises BadInput."""
    _arrow()
    path = directory / MANIFEST
    try:
        said = json.loads(path.read_bytes())
        body = {key: value for key, value in said.items() if key != "seal"}
        if said["format"] != FORMAT:
            raise BadInput(f"not an export that this version can read: {said['format']}", subject=str(path))
        parts = tuple(map(_part, body["tables"]))
        whole = said["seal"] == _seal(body)
    except OSError as error:
        raise BadInput(f"no export of a catalogue: {error.strerror}", subject=str(path)) from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise BadInput("not the manifest of an export, or cut short", subject=str(path)) from None
    if not whole:
        raise BadInput("the manifest was changed after the export", subject=str(path))
    more = {entry.name for entry in directory.glob("*.parquet")} - {part.file for part in parts}
    if more:
        raise BadInput("a table that is not in the manifest", subject=str(directory / min(more)))
    for part in parts:
        _compare(directory / part.file, part)
    return Export(directory, str(body["revision"]), parts)


def _part(said: Mapping[str, Any]) -> Part:
    columns = tuple((str(name), Kind(kind)) for name, kind in said["columns"].items())
    shape = Shape(str(said["table"]), columns, tuple(said["key"]))
    if "/" in shape.name or said["file"] != f"{shape.name}.parquet":
        raise ValueError(said["file"])
    return Part(shape, Content(int(said["rows"]), str(said["content"])), str(said["sha256"]))


def _compare(path: Path, part: Part) -> None:
    import pyarrow.parquet as pq

    try:
        if _sha256(path) != part.sha256:
            raise BadInput("the file was changed or cut short after the export", subject=str(path))
    except OSError as error:
        raise BadInput(f"a table of the export cannot be read: {error.strerror}", subject=str(path)) from None
    found = pq.read_schema(path)
    if not found.equals(_fields(part.shape)):
        raise BadInput("its columns are not those of the manifest", subject=str(path))


def _read(path: Path, shape: Shape) -> Batches:
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(batch_size=BATCH):
            columns = [_plain(array, kind) for array, (_, kind) in zip(batch, shape.columns, strict=True)]
            yield list(zip(*columns, strict=True))


# -------------------------------------------------------------------------------------------------- arrow
def _arrow() -> None:
    try:
        import pyarrow.parquet  # noqa: F401
    except ImportError:
        raise CatalogUnavailable(
            "Parquet needs the Python package 'pyarrow': pip install 'ddm[parquet]'", subject="pyarrow"
        ) from None


def _fields(shape: Shape) -> pa.Schema:
    import pyarrow as pa

    types: Mapping[Kind, Callable[[], pa.DataType]] = {
        Kind.INTEGER: pa.int64,
        Kind.REAL: pa.float64,
        Kind.TEXT: pa.string,
        Kind.TRUTH: pa.bool_,
        Kind.TIME: lambda: pa.timestamp("us", "UTC"),
    }
    return pa.schema([pa.field(name, types[kind]()) for name, kind in shape.columns])


def _table(shape: Shape, fields: pa.Schema, batch: list[Row]) -> pa.Table:
    import pyarrow as pa

    arrays = []
    for (name, kind), type_, values in zip(
        shape.columns, fields.types, zip(*batch, strict=True), strict=True
    ):
        try:
            arrays.append(_array(kind, type_, values))
        except (pa.ArrowException, TypeError, ValueError, OverflowError) as error:
            raise CatalogUnavailable(
                f"it holds a value that is no {kind}: {error}; see ddm db check",
                subject=f"{shape.name}.{name}",
            ) from None
    return pa.table(arrays, schema=fields)


def _array(kind: Kind, type_: pa.DataType, values: tuple[Any, ...]) -> Any:
    import pyarrow as pa

    if kind is Kind.TRUTH:
        return pa.array(values, pa.int8()).cast(type_)
    if kind is not Kind.TIME:
        return pa.array(values, type_)
    texts = pa.array(values, pa.string()).dictionary_encode()  # the rows of a batch share their times
    times = texts.dictionary.cast(type_)
    if not _iso(times).equals(texts.dictionary):
        raise ValueError("a time that is not written as ISO 8601 in UTC with microseconds")
    return times.take(texts.indices)


def _plain(array: Any, kind: Kind) -> list[Any]:
    import pyarrow as pa

    if kind is Kind.TRUTH:
        return list(array.cast(pa.int8()).to_pylist())
    if kind is not Kind.TIME:
        return list(array.to_pylist())
    times = array.dictionary_encode()
    return list(_iso(times.dictionary).take(times.indices).to_pylist())


def _iso(times: Any) -> Any:
    import pyarrow as pa
    import pyarrow.compute as pc

    naive = pc.strftime(times.cast(pa.timestamp("us")), "%Y-%m-%dT%H:%M:%S")  # %S has the microseconds
    return pc.binary_join_element_wise(naive, pa.scalar("+00:00"), "")
