"""The formats that can be registered from: what each is, how it is told from the others, its reader."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from catalog.errors import BadInput
from ddm.sources import cta, listings, tables, text
from ddm.sources.columns import Columns
from ddm.sources.lines import blocks, lines, opened
from ddm.sources.parquet import parquet_rows
from ddm.sources.rows import Entry, short

Reader = Callable[[Path, str, Columns], Iterator[Entry]]


@dataclass(frozen=True, slots=True)
class Format:
    """A format: ``says`` what it is, ``example`` how a line of it looks or which command writes it."""

    name: str
    says: str
    example: str
    read: Reader


def _of_lines(
    reader: Callable[[Iterator[str], str], Iterator[Entry]], end: bytes = b"\n", *, nul: bool = False
) -> Reader:
    def read(path: Path, name: str, _: Columns) -> Iterator[Entry]:
        with opened(path) as stream:
            yield from reader(lines(stream, name, _end_of(path) if nul else end), name)

    return read


def _end_of(path: Path) -> bytes:
    """What ends a line here: NUL, if the first one ends so."""
    with opened(path) as stream:
        return b"\0" if b"\0" in _head(stream) else b"\n"


def _of_tables(reader: Callable[[Iterator[str], str, Columns], Iterator[Entry]]) -> Reader:
    def read(path: Path, name: str, columns: Columns) -> Iterator[Entry]:
        with opened(path) as stream:
            yield from reader(lines(stream, name), name, columns)

    return read


def _cta(path: Path, name: str, _: Columns) -> Iterator[Entry]:
    with opened(path) as stream:
        yield from cta.cta(stream, name)


_FORMATS = (
    Format("names", "one LFN in a line", "/castor/…/cdr11091-275678.raw", _of_lines(text.names)),
    Format("raw", "raw event catalogue: run, LFN, events", "275678 /castor/…/cdr11091-275678.raw 24567",
           _of_lines(text.raw_catalogue)),
    Format("csv", "CSV with a header (comma, tab or semicolon)", "lfn,size,adler32,n_events",
           _of_tables(tables.csv_rows)),
    Format("jsonl", "one JSON object in a line", '{"lfn": "/castor/…", "size": 1073741824}',
           _of_tables(tables.json_rows)),
    Format("parquet", "Parquet (pip install 'ddm[parquet]')", "columns as for CSV", parquet_rows),
    Format("xrdfs", "listing of XRootD", "xrdfs HOST ls -l -R DIR", _of_lines(listings.xrdfs)),
    Format("eos", "listing of EOS", "eos find -f --size --checksum DIR", _of_lines(listings.eos)),
    Format("cta", "listing of CTA", "cta-admin --json tapefile ls --lookupnamespace --vid VID", _cta),
    Format("find", "listing of GNU find", r"find DIR -type f -printf '%s /%P\0'",
           _of_lines(listings.find, nul=True)),
)  # fmt: skip

FORMATS: Mapping[str, Format] = {entry.name: entry for entry in _FORMATS}

HEAD = 1 << 14
_TABLE_OF_CTA = re.compile(rb"archive id +copy no +vid ")


def _head(stream: BinaryIO) -> bytes:
    """The beginning; nothing if it cannot be read: the reader will say why."""
    try:
        return stream.read(HEAD)
    except (OSError, EOFError, ValueError, BadInput):
        return b""


def guess(path: Path, name: str = "") -> str:
    """The format of a file, by what it begins with. Raises BadInput if it could be any."""
    with opened(path) as stream:
        head = next(blocks(stream, name or str(path), HEAD), b"")
    if _TABLE_OF_CTA.search(head):
        raise BadInput(
            f"a table of cta-admin for people: its sizes are rounded; list with '{FORMATS['cta'].example}'",
            subject=name or str(path),
        )
    found = _guessed(head)
    if not found:
        known = ", ".join(FORMATS)
        begins = short(head[:60].decode("utf-8", "replace"))
        raise BadInput(
            f"of which format is this? it begins with {begins}; give --format, one of {known}"
            if head
            else "the file is empty: there is no list in it",
            subject=name or str(path),
        )
    return found


def _guessed(head: bytes) -> str:
    if head.startswith(b"PAR1"):
        return "parquet"
    plain = head.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
    separated = plain.replace("\0", "\n")
    first = next((one for one in separated.split("\n") if one.strip() and not one.startswith("#")), "")
    words = first.split()
    if not words:
        return ""
    if first.startswith("["):
        return "cta"
    if first.startswith("{"):
        return "cta" if '"af"' in first else "jsonl"
    if first.startswith(("path=", "keylength.")):
        return "eos"
    if first[0] in "-d" and len(words) >= 5 and set(words[0]) <= set("drwx-"):
        return "xrdfs"
    if first.startswith(("/", "root://", "file://")):
        return "eos" if any("=" in word for word in words[1:]) else "names"
    if len(words) == 3 and words[0].isdigit() and words[1].startswith("/") and words[2].lstrip("-").isdigit():
        return "raw"
    if words[0].isdigit() and len(words) >= 2 and words[1].startswith("/"):
        return "find"
    header = {word.strip('" ').lower() for mark in ",;\t" for word in first.rstrip("\r").split(mark)}
    return "csv" if "lfn" in header or (len(header) > 1 and any(mark in first for mark in ",;\t")) else ""


def rows(path: Path, name: str, format_: str, columns: Columns | None = None) -> Iterator[Entry]:
    """Everything in the file, read as this format. ``name`` stands for it in messages."""
    return FORMATS[format_].read(path, name, columns or Columns())
