"""Registering raw files: a list becomes files, replicas and event counts, all or nothing.

The list is CSV with a header; ``lfn``, ``size`` and ``adler32`` are required, ``n_events`` may be empty or -1
(unknown; 0 means zero) and ``path`` may name another place at the endpoint than the LFN.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path

from catalog.checksum import Adler32
from catalog.db import files
from catalog.db.engine import Catalog
from catalog.db.move import Why
from catalog.errors import BadInput, BadName, ConflictingRegistration
from catalog.model import Conflict, NewFile, Registration
from catalog.names import Template, check_lfn
from catalog.states import EndpointKind, Role, Witness

REQUIRED = ("lfn", "size", "adler32")
BATCH = 5000
RAW = "raw"


def read_list(path: Path, raw_name: Template) -> Iterator[NewFile]:
    """The files of a CSV list, in order. Raises BadInput naming file and line."""
    try:
        with open(path, newline="", encoding="utf-8-sig") as stream:  # a spreadsheet's mark is no column
            yield from _read(csv.DictReader(stream, strict=True), str(path), raw_name)
    except OSError as error:
        raise BadInput(error.strerror or str(error), subject=str(path)) from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadInput(f"not a CSV file in UTF-8: {error}", subject=str(path)) from None


def _read(rows: csv.DictReader[str], name: str, raw_name: Template) -> Iterator[NewFile]:
    missing = [column for column in REQUIRED if column not in (rows.fieldnames or ())]
    if missing:
        raise BadInput(f"the header lacks {', '.join(missing)}", subject=f"{name}:1")
    for row in rows:
        where = f"{name}:{rows.line_num}"
        try:
            yield _entry(row, where, raw_name)
        except (ValueError, BadName) as error:
            raise BadInput(str(error), subject=where) from None


def _entry(row: dict[str, str], where: str, raw_name: Template) -> NewFile:
    if None in row or None in row.values():
        raise ValueError("the line has another number of columns than the header")
    lfn = check_lfn(row["lfn"])
    fields = raw_name.parse(lfn.rsplit("/", 1)[-1])
    size, n_events = _integer(row, "size"), _integer(row, "n_events", unknown="-1")
    if size is None:
        raise ValueError("size: missing")
    return NewFile(
        lfn=lfn,
        role=Role.RAW,
        product=RAW,
        run=int(fields["run"]),
        chunk=str(fields["chunk"]),
        size=size,
        adler32=_checksum(row["adler32"]),
        path=check_lfn(row["path"]) if row.get("path") else lfn,
        events={} if n_events is None else {Witness.RAW_CATALOGUE: n_events},
        where=where,
    )


def _checksum(text: str) -> Adler32:
    """A list is an authority, so it must be exact: eight digits, none lost on the way."""
    text = text.strip()
    if len(text.removeprefix("adler32:")) != 8:
        raise ValueError(f"adler32: eight hexadecimal digits are expected, not '{text}'; a zero may be lost")
    return Adler32.parse(text)


def _integer(row: dict[str, str], column: str, unknown: str = "") -> int | None:
    text = (row.get(column) or "").strip()
    if text in ("", unknown):
        return None
    if not text.isascii() or not text.isdigit():
        raise ValueError(f"{column}: a number of 0 or more is expected, not '{text}'")
    if int(text) >= 1 << 63:
        raise ValueError(f"{column}: {text} is too large")
    return int(text)


def register(
    catalog: Catalog,
    entries: Iterable[NewFile],
    *,
    dataset: str,
    endpoint: str,
    kind: EndpointKind,
    close: bool = False,
    plan: bool = False,
) -> Registration:
    """Register the files in one transaction; with any conflict nothing is changed.

    Raises ConflictingRegistration naming the first conflicts. ``close`` says that the dataset is complete.
    Repeat freely: what is known already is compared. ``plan`` does the same, changes nothing, and returns
    the conflicts instead.
    """
    added = same = 0
    conflicts: list[Conflict] = []
    with catalog.begin() as conn:
        why = Why(catalog.clock.now(), catalog.actor, "registered from a list")
        place = files.ensure_endpoint(conn, endpoint, kind)
        group = files.ensure_dataset(conn, dataset, why)
        for batch in _batches(entries):
            found = files.register(conn, batch, dataset=group, endpoint=place, why=why)
            conflicts += found.conflicts
            if found.conflicts and not plan:
                first = found.conflicts[0]
                more = f" (and {len(found.conflicts) - 1} more)" if len(found.conflicts) > 1 else ""
                raise ConflictingRegistration(f"{first.lfn}: {first.text}{more}", subject=first.where)
            added, same = added + found.added, same + found.same
        if close:
            files.close_dataset(conn, dataset, why)
        if plan:
            conn.rollback()
    return Registration(added, same, tuple(conflicts))


def _batches(entries: Iterable[NewFile]) -> Iterator[list[NewFile]]:
    batch: list[NewFile] = []
    for entry in entries:
        batch.append(entry)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
