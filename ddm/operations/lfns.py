"""What is in a directory of LFNs, as the catalogue has it."""

from __future__ import annotations

from collections.abc import Iterator

from catalog.checksum import Adler32
from catalog.db import ask, directories
from catalog.db.engine import Catalog, Connection
from catalog.errors import BadInput, NotRegistered
from ddm.operations import finding
from ddm.operations.looking import Line
from ddm.settings import Settings


def of_catalogue(catalog: Catalog, settings: Settings, word: str, *, recursive: bool) -> list[Line]:
    """What the catalogue has in a directory of LFNs, or what a name or pattern finds. NotRegistered."""
    if word.startswith("/") and not set("*?") & set(word):
        with catalog.read() as conn:
            if found := _directory(conn, word.rstrip("/") + "/", recursive):
                return found
    (where,) = finding.where(catalog, settings, [word])
    if finding.too_many(where):
        text = f"{finding.MOST_OF_A_PATTERN} files or more match: 'ddm file find' lists any number"
        raise BadInput(text, subject=word)
    if not where.places:
        raise NotRegistered("the catalogue has no such file or directory", subject=word)
    return _lines((p.lfn, p.size, p.adler32, p.endpoint) for p in where.places)


def _directory(conn: Connection, path: str, recursive: bool) -> list[Line]:
    below = directories.below(conn, path)
    names = sorted({other[len(path) :].partition("/")[0] for other in below if other != path})
    wanted = below if recursive else [other for other in below if other == path]
    found = [Line(path + name, None, is_directory=True) for name in names if not recursive]
    for one in wanted:
        copies = ask.of_directory(conn, one)
        found += _lines(
            (c.lfn, c.size, None if c.adler32 is None else Adler32(c.adler32), c.endpoint) for c in copies
        )
    return found


def _lines(rows: Iterator[tuple[str, int | None, Adler32 | None, str | None]]) -> list[Line]:
    """One line for each file, with all endpoints that have it."""
    found: dict[str, tuple[int | None, Adler32 | None, list[str]]] = {}
    for lfn, size, adler32, endpoint in rows:
        found.setdefault(lfn, (size, adler32, []))[2].extend([endpoint] if endpoint else [])
    return [
        Line(lfn, size, adler32=adler32, where=",".join(dict.fromkeys(places)))
        for lfn, (size, adler32, places) in sorted(found.items())
    ]
