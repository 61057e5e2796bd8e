"""What a comparison found: a Parquet file with a row for every place that is not CONSISTENT, and its reader.

The file is written whole and never changed. Its columns are those of ``Finding``; ``endpoint_id`` stands
beside the name, and times are UTC without a zone. Rows lie in the order of kind, endpoint and path.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from catalog.errors import BadInput
from ddm.reconcile import engine as engines
from ddm.reconcile.engine import Engine, text
from ddm.reconcile.kinds import Kind
from ddm.reconcile.verdicts import Standing

FILE = "findings.parquet"
_AT_ONCE = 5000


@dataclass(frozen=True, slots=True)
class Finding:
    """A place of which a comparison says something.

    ``endpoint``: its name, ``path`` there. ``expected``: a live copy of the catalogue was there;
    ``present``: the scan has it. ``replica_id`` to ``adler32`` (a number): what the catalogue believes, of
    places that are expected; ``seen_size``, ``seen_adler32``: what the storage says. ``other``: the place
    that belongs to it, ``ENDPOINT:PATH``. ``said``: more, in words: what a list says, or which request or
    job explains it. ``lfn``, ``run``, ``dataset``: of what the catalogue knows. ``since``: of the copy's
    state, at the moment of the catalogue after the scans. ``first_seen``: when the scan began that saw it
    first. Only what is CONFIRMED may be acted on, after one more look at the storage.
    """

    endpoint: str
    path: str
    kind: Kind
    standing: Standing
    expected: bool
    present: bool
    replica_id: int | None
    file_id: int | None
    state: str | None
    size: int | None
    adler32: int | None
    seen_size: int | None
    seen_adler32: int | None
    other: str | None
    said: str | None
    lfn: str | None
    run: int | None
    dataset: str | None
    since: datetime | None
    first_seen: datetime

    @property
    def place(self) -> str:
        """``ENDPOINT:PATH``."""
        return f"{self.endpoint}:{self.path}"

    @property
    def bytes(self) -> int | None:
        """As the storage says, else the catalogue."""
        return self.size if self.seen_size is None else self.seen_size


COLUMNS = tuple(field.name for field in fields(Finding))


def read(
    directory: Path,
    *,
    kinds: Collection[Kind] = (),
    standings: Collection[Standing] = (),
    endpoint: str | None = None,
    under: str = "",
    limit: int | None = None,
) -> Iterator[Finding]:
    """The findings in the directory of a comparison that is DONE, in the order of kind, endpoint and path.

    Only those of these kinds and standings (empty: all), of this endpoint, whose path begins with ``under``.
    A stream: close it if you do not read to its end. Raises BadInput if the file is not there.
    """
    file = source(directory)
    wanted: list[tuple[str, list[str]]] = [
        ("kind", list(kinds)),
        ("standing", list(standings)),
        ("endpoint", [endpoint] if endpoint else []),
    ]
    where = [f"{name} IN ({', '.join(text(one) for one in some)})" for name, some in wanted if some]
    if under:
        where.append(f"starts_with(path, {text(under)})")
    question = f"SELECT {', '.join(COLUMNS)} FROM {file}"
    question += f" WHERE {' AND '.join(where)}" if where else ""
    question += " ORDER BY kind, endpoint, path, replica_id"
    question += f" LIMIT {int(limit)}" if limit is not None else ""
    with engines.opened() as engine:
        yield from of_rows(engine, question)


def at_place(directory: Path, endpoint: str, path: str) -> list[Finding]:
    """What a comparison says of one place; empty: it is CONSISTENT, or neither expected nor there."""
    where = f"endpoint = {text(endpoint)} AND path = {text(path)}"
    with engines.opened() as engine:
        return list(of_rows(engine, f"SELECT {', '.join(COLUMNS)} FROM {source(directory)} WHERE {where}"))


def source(directory: Path) -> str:
    """What the engine reads the findings from. Raises BadInput if they are not there."""
    file = directory / FILE
    if not file.is_file():
        raise BadInput("the findings of this comparison are not there; compare again", subject=str(file))
    return f"read_parquet({text(str(file))})"


def of_rows(engine: Engine, question: str) -> Iterator[Finding]:
    """The answer to a question for COLUMNS, as findings."""
    for rows in engine.stream(question, _AT_ONCE):
        yield from map(_finding, rows)


def _finding(row: tuple[Any, ...]) -> Finding:
    endpoint, path, kind, standing, *facts, since, first_seen = row
    rest: list[Any] = [*facts, since and since.replace(tzinfo=UTC), first_seen.replace(tzinfo=UTC)]
    return Finding(endpoint, path, _KINDS[kind], _STANDINGS[standing], *rest)


_KINDS = {str(kind): kind for kind in Kind}
_STANDINGS = {str(standing): standing for standing in Standing}
