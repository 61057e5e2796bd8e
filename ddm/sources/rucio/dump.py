"""Dumps of the replicas of an RSE, plain or compressed (``.bz2``, ``.gz``, ``.xz``), line by line.

Two forms are read:

1. what Rucio itself writes of an RSE: no header, between tabs: RSE, scope, name, checksum, size, created,
   path, updated, state (the last one may lack);
2. a table with a header between commas, semicolons or tabs, whose columns are called as in (1), or as
   answers of the REST interface call them: ``scope,name,path,adler32,bytes``. ``scope`` and ``name`` must be
   there, or ``did`` with both.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from catalog.errors import BadInput
from ddm.sources.lines import lines, opened
from ddm.sources.rows import Refused, number, short
from ddm.sources.rucio.replies import RucioFile, checksum, did, state

REPLICAS = ("rse", "scope", "name", "checksum", "size", "created", "path", "updated", "state")
_ALIASES = {"bytes": "size", "adler32": "checksum", "n_events": "events", "replica_state": "state"}
_DELIMITERS = ",;\t"


class Line(NamedTuple):
    """A file of a dump, and where it stands."""

    file: RucioFile
    where: str


def read(path: Path) -> Iterator[Line | Refused]:
    """Every line of the dump. Raises BadInput for a file that is none."""
    name = str(path)
    with opened(path) as stream:
        found = enumerate(lines(stream, name), 1)
        first = next(found, None)
        if first is None:
            return
        columns, delimiter, header = _form(first[1], name)
        if not header:
            yield _line(first[1], columns, delimiter, name, 1)
        for at, text in found:
            if text.strip():
                yield _line(text, columns, delimiter, name, at)


def _form(line: str, name: str) -> tuple[Sequence[str], str, bool]:
    """The columns, what stands between them, and whether this line is their header."""
    text = line.rstrip("\r")
    tabs = text.count("\t")
    words = [word.strip().lower() for word in text.split("\t")]
    if tabs in (len(REPLICAS) - 1, len(REPLICAS) - 2) and "scope" not in words:
        return REPLICAS[: tabs + 1], "\t", False
    delimiter = max(_DELIMITERS, key=text.count)
    columns = [word.strip('" ').lower() for word in text.split(delimiter)]
    columns = [_ALIASES.get(word, word) for word in columns]
    if not ({"scope", "name"} <= set(columns) or "did" in columns):
        raise BadInput(
            "no dump of replicas: neither the nine columns between tabs that Rucio writes, nor a header with "
            "scope and name; 'scope,name,path,adler32,bytes' is a good one",
            subject=f"{name}:1",
        )
    if len(set(columns)) != len(columns):
        raise BadInput("more than one column has the same name", subject=f"{name}:1")
    return columns, delimiter, True


def _line(text: str, columns: Sequence[str], delimiter: str, source: str, at: int) -> Line | Refused:
    text = text.rstrip("\r")
    words = next(csv.reader([text], delimiter=delimiter)) if '"' in text else text.split(delimiter)
    if len(words) != len(columns) and not (columns == REPLICAS and len(words) == len(columns) - 1):
        why = f"{len(words)} columns, where {len(columns)} are expected"
        return Refused(source, at, "", f"{why}: {short(text)}")
    values = {name: word.strip() for name, word in zip(columns, words, strict=False)}
    name = values.get("name", "")
    try:
        scope = values.get("scope", "")
        if "did" in values:
            both = did(values["did"])
            scope, name = both.scope, both.name
        if not name:
            raise ValueError("name: is empty")
        return Line(
            RucioFile(
                scope,
                name,
                number(values.get("size"), "size"),
                checksum(values.get("checksum")),
                number(values.get("events"), "events"),
                values.get("rse", ""),
                state(values.get("state", "")),
            ),
            f"{source}:{at}",
        )
    except ValueError as error:
        return Refused(source, at, name, str(error))


def is_cut(path: Path) -> bool:
    """Whether the last line has no end: then the dump is likely cut."""
    last = b"\n"
    with opened(path) as stream:
        while block := stream.read(1 << 20):
            last = block[-1:]
    return last != b"\n"
