"""Rows of named columns, as CSV, JSON lines, Parquet and SQL give them, become what they say of a file.

The columns that ddm knows, in any case and order: ``lfn`` (required), ``size``, ``adler32`` or ``checksum``,
``n_events`` or ``events``, ``path``, ``role``, ``product``, ``run``, ``chunk``, ``part``; ``dataset`` and
``endpoint``, if there, must be those that are registered to. Every other column is metadata under its name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from catalog.errors import BadInput
from catalog.meta import MetaType, check_key, encode, type_of
from catalog.meta import Value as MetaValue
from ddm.sources.rows import NO_META, Entry, Refused, Row, Written, checksum, events, number, short, whole

ALIASES = {"checksum": "adler32", "events": "n_events"}
KNOWN = ("lfn", "size", "adler32", "n_events", "path", "role", "product", "run", "chunk", "part")
MUST = ("dataset", "endpoint")


@dataclass(frozen=True, slots=True)
class Columns:
    """What the person says of the columns: ``names`` (column → what it is), ``skip``, ``must`` (→ value)."""

    names: Mapping[str, str] = field(default_factory=dict)
    skip: frozenset[str] = frozenset()
    must: Mapping[str, str] = field(default_factory=dict)

    def meaning(self, column: str) -> str:
        """The field or key that a column is; empty if it is skipped. Raises BadInput for no key."""
        if column in self.skip:
            return ""
        wanted = self.names.get(column, column)
        plain = wanted.lower()
        plain = ALIASES.get(plain, plain)
        if plain in KNOWN or plain in MUST:
            return plain
        return check_key(wanted)


def reader(
    names: Sequence[str], source: str, columns: Columns | None = None, *, header: str = ""
) -> Callable[[int, Sequence[Any]], Entry]:
    """The function that makes a row of the values of these columns. Raises BadInput for columns that are not.

    ``header`` is where they stand, for the message.
    """
    columns = columns or Columns()
    places: dict[str, int] = {}
    for index, name in enumerate(names):
        try:
            meaning = columns.meaning(name)
        except BadInput as error:
            raise BadInput(
                f"column {short(name)} is {error}; say what it is with --column, or --skip-column it",
                subject=header or source,
            ) from None
        if meaning in places:
            raise BadInput(f"more than one column is '{meaning}'", subject=header or source)
        if meaning:
            places[meaning] = index
    for wanted in columns.names:
        if wanted not in names:
            raise BadInput(f"there is no column '{wanted}'", subject=header or source)
    if "lfn" not in places:
        raise BadInput(
            "the header lacks lfn; 'lfn,size,adler32,n_events' is a good one, and --column lfn=NAME names it",
            subject=header or source,
        )
    return _Reader(source, places, columns.must, len(names)).take


class _Reader:
    def __init__(self, source: str, places: dict[str, int], must: Mapping[str, str], width: int) -> None:
        self.source, self.width = source, width
        self.lfn, *rest = (places.pop(name, width) for name in KNOWN)  # one more value stands for "none"
        (
            self.size,
            self.adler32,
            self.n_events,
            self.path,
            self.role,
            self.product,
            self.run,
            self.chunk,
            self.part,
        ) = rest
        self.few = all(place == width for place in rest[3:])
        self.must = [(name, places.pop(name), must.get(name)) for name in MUST if name in places]
        self.meta = tuple(places.items())

    def take(self, line: int, given: Sequence[Any]) -> Entry:
        if len(given) != self.width:
            return Refused(
                self.source,
                line,
                "",
                f"{len(given)} columns, but the header has {self.width}: another number of columns",
            )
        values = [*given, None]
        lfn = values[self.lfn]
        try:
            if not isinstance(lfn, str) or not lfn:
                raise ValueError(f"lfn: the name of a file is expected, not {short(lfn)}")
            if self.must:
                self._agree(values)
            size = number(values[self.size], "size")
            adler32 = checksum(values[self.adler32])
            n_events = events(values[self.n_events])
            meta = self._meta(values) if self.meta else NO_META
            if self.few:
                return Row(self.source, line, lfn, size, adler32, n_events, meta=meta)
            return Row(
                self.source,
                line,
                lfn,
                size,
                adler32,
                n_events,
                _text(values[self.path], "path"),
                _text(values[self.role], "role"),
                _text(values[self.product], "product"),
                number(values[self.run], "run"),
                _chunk(values[self.chunk]),
                number(values[self.part], "part"),
                meta,
            )
        except ValueError as error:  # BadInput too
            return Refused(self.source, line, lfn if isinstance(lfn, str) else "", str(error))

    def _agree(self, values: Sequence[Any]) -> None:
        for name, place, wanted in self.must:
            if values[place] not in (None, "", wanted) and wanted is not None:
                raise ValueError(f"{name}: is {short(values[place])}, not {short(wanted)}")

    def _meta(self, values: Sequence[Any]) -> dict[str, MetaValue]:
        found: dict[str, MetaValue] = {}
        for key, place in self.meta:
            value = values[place]
            if value is None or value == "":
                continue
            found[key] = value if type(value) is Written else typed(value, key)
        return found


def typed(value: Any, key: str) -> MetaValue:
    """A value of a typed source as one of metadata. Times without a zone are UTC. Raises BadInput."""
    match value:
        case datetime():
            found: MetaValue = value if value.tzinfo else value.replace(tzinfo=UTC)
        case date():
            found = datetime.combine(value, time(), UTC)
        case Decimal():
            number_ = whole(value)
            found = float(value) if number_ is None else number_
        case bool() | int() | float() | str():
            found = value
        case _:
            raise BadInput(f"key '{key}' takes no {type(value).__name__}: {short(value)}", subject=key)
    kind: MetaType = type_of(found)
    encode(kind, found, key)
    return found


def _text(value: Any, column: str) -> str | None:
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise ValueError(f"{column}: text is expected, not {short(value)}")
    return str(value)


def _chunk(value: Any) -> str | None:
    """The chunk as text of five digits; a typed number has lost its zeros, and gets them back."""
    found = None if isinstance(value, str) else whole(value)
    return _text(value, "chunk") if found is None else f"{found:05d}"
