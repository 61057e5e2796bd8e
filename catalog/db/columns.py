"""What a listing can show: columns by the names of the query language, and the joins that they need."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, case, func, select

from catalog.db import schema
from catalog.db.condition import EVENTS, said_under
from catalog.errors import BadInput
from catalog.meta import MetaType, decode
from catalog.queryfields import (
    FIELDS,
    META_KEY,
    META_PREFIX,
    REPLICA_FIELDS,
    REPLICA_PREFIX,
    TIME,
    field_of,
)

F, R, E, D, DIR = schema.file, schema.replica, schema.endpoint, schema.dataset, schema.directory
LFN: ColumnElement[str] = DIR.c.path.concat(F.c.name)
"""The LFN, where the directory is joined already."""

PLACE: ColumnElement[str] = case((R.c.id.is_not(None), func.coalesce(R.c.path, LFN)))
"""The path of a replica at its endpoint, where it is joined; NULL where there is none."""

Convert = Callable[[Any], Any]

DEFAULT = (
    *("lfn", "product", "run", "chunk", "part", "size", "adler32"),
    *("replica.endpoint", "replica.path", "replica.state"),
)

_OF_FILE: dict[str, ColumnElement[Any]] = {
    **{name: F.c[name] for name in ("name", "role", "product", "run", "chunk", "part", "size", "adler32")},
    "lfn": LFN,
    "dataset": D.c.name,
    "registered": F.c.registered_at,
}
_OF_REPLICA: dict[str, ColumnElement[Any]] = {
    "state": R.c.state,
    "endpoint": E.c.name,
    "kind": E.c.kind,
    "locality": R.c.locality,
    "path": PLACE,
    "since": R.c.since,
    "verified": R.c.verified_at,
}
NAMES = (*FIELDS, *(REPLICA_PREFIX + name for name in REPLICA_FIELDS))
"""Every column but those of ``meta.KEY``."""


def check(names: Sequence[str]) -> None:
    """Raises BadInput for a column that there is not."""
    for name in names:
        key = name.removeprefix(META_PREFIX) if name.startswith(META_PREFIX) else ""
        if name not in NAMES and not META_KEY.fullmatch(key):
            near = ", ".join(get_close_matches(name, NAMES, 3)) or ", ".join(NAMES)
            raise BadInput(f"there is no column '{name[:60]}' (near: {near})", subject="columns")


def kinds(conn: Connection, names: Sequence[str]) -> list[str]:
    """What the values of each column are: text, number, real, bool, time or adler32."""
    check(names)
    return [_kind(conn, name) for name in names]


def _kind(conn: Connection, name: str) -> str:
    if name.startswith(META_PREFIX):
        found = said_under(conn, name).kind
        return "number" if found is MetaType.INT else found.value
    of_replica = name.startswith(REPLICA_PREFIX)
    field = field_of(name.removeprefix(REPLICA_PREFIX), of_replica=of_replica)
    assert field is not None
    return {"size": "number", "digits": "text", "word": "text"}.get(field.kind.name, field.kind.name)


def rows_of(conn: Connection, names: Sequence[str]) -> tuple[Select[Any], list[Convert | None]]:
    """The rows of files (and replicas, if a column is of one), and what their values must go through."""
    check(names)
    found = [_column(conn, name) for name in names]
    query = select(*(column for column, _ in found)).select_from(F).join(DIR, DIR.c.id == F.c.directory_id)
    if "dataset" in names:
        query = query.join(D, D.c.id == F.c.dataset_id)
    if any(name.startswith(REPLICA_PREFIX) for name in names):
        query = with_replicas(query)
    return query, [convert for _, convert in found]


def with_replicas(query: Select[Any]) -> Select[Any]:
    """A row of each replica that is not DELETED; one of the file alone if it has none."""
    mine = and_(R.c.file_id == F.c.id, R.c.state != "DELETED")
    return query.outerjoin(R, mine).outerjoin(E, E.c.id == R.c.endpoint_id)


def _column(conn: Connection, name: str) -> tuple[ColumnElement[Any], Convert | None]:
    if name.startswith(META_PREFIX):
        said = said_under(conn, name)
        return said.value, _CONVERT.get(said.kind)
    if name in EVENTS:
        return EVENTS[name](), None
    if name.startswith(REPLICA_PREFIX):
        inner = name.removeprefix(REPLICA_PREFIX)
        return _OF_REPLICA[inner], moment if REPLICA_FIELDS[inner].kind is TIME else None
    return _OF_FILE[name], moment if FIELDS[name].kind is TIME else None


def moment(value: Any) -> datetime:
    """A time as the driver gives it, aware UTC."""
    found = datetime.fromisoformat(value) if isinstance(value, str) else value
    assert isinstance(found, datetime)
    return found.astimezone(UTC)


_CONVERT: dict[MetaType, Convert] = {
    MetaType.BOOL: bool,
    MetaType.TIME: lambda value: decode(MetaType.TIME, (value, None, None)),
}


def converted(rows: list[tuple[Any, ...]], converts: Sequence[Convert | None]) -> list[tuple[Any, ...]]:
    """The rows with those values converted that must be."""
    if not any(converts):
        return rows
    columns = [
        values if convert is None else [None if value is None else convert(value) for value in values]
        for values, convert in zip(zip(*rows, strict=True), converts, strict=True)
    ]
    return list(zip(*columns, strict=True))
