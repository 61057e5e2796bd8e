"""Which files, where, made from what, and what happened: the questions of a person, answered in pages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from catalog.checksum import Adler32
from catalog.db import ask, columns, files, lineage, past
from catalog.db.ask import Copy, Totals
from catalog.db.engine import Catalog, Connection
from catalog.db.lineage import Relative
from catalog.db.past import PageOfPast
from catalog.errors import BadInput
from catalog.query import parse, show
from catalog.queryfields import TIME, Ago
from catalog.querytree import Compare
from ddm import output
from ddm.output import Column, Format, Rows
from ddm.settings import Settings

PFN = "replica.pfn"
"""A column that the catalogue does not have: the URL is made of the endpoint's prefix and the path."""

COLUMNS = (*columns.NAMES, PFN)
SHOWN = ("lfn", "dataset", "size", "adler32", "n_events")
"""What ``ddm file find`` shows unless it is told otherwise."""


@dataclass(frozen=True, slots=True)
class Found:
    """A page of files. ``after`` is where the next one begins, None at the end; ``notes`` say what is odd."""

    query: str
    columns: tuple[Column, ...]
    rows: Rows
    after: str | None
    notes: tuple[str, ...]


def find(
    catalog: Catalog, settings: Settings, text: str, names: Sequence[str], *, files: int, after: str | None
) -> Found:
    """The next so many files that the query finds. Raises BadInput."""
    query, start = parse(text), None if after is None else ask.key_of(after)
    with catalog.read() as conn:
        shown, inside = _columns(conn, settings, names)
        page = ask.page(conn, query, catalog.clock.now(), inside.names, files=files, after=start)
        notes = () if page.rows or start else tuple(ask.strangers(conn, query))
    return Found(
        show(query), shown, inside.outside(page.rows), str(page.after) if page.after else None, notes
    )


def totals(catalog: Catalog, text: str) -> Totals:
    """Files, bytes and events of all that the query finds."""
    query = parse(text)
    with catalog.read() as conn:
        return ask.totals(conn, query, catalog.clock.now())


@dataclass(frozen=True, slots=True)
class Written:
    """How many rows were written, and where."""

    rows: int
    path: str


def write(
    catalog: Catalog,
    settings: Settings,
    text: str,
    names: Sequence[str],
    *,
    path: Path | None,
    form: Format | None,
    after: str | None = None,
) -> Written:
    """Everything that the query finds, to a new file or to standard output (JSON lines, if not told)."""
    query, start = parse(text), None if after is None else ask.key_of(after)
    if form is None:
        form = Format.JSONL if path is None else output.format_of(path)
    with catalog.read() as conn:
        shown, inside = _columns(conn, settings, names)
        stream = ask.stream(conn, query, catalog.clock.now(), inside.names, after=start)
        pages = (inside.outside(rows) for rows in stream)
        if path is None:
            return Written(output.write_out(shown, pages, form), "-")
        return Written(output.write_file(shown, pages, path, form), str(path))


# ------------------------------------------------------------------------------ the columns
@dataclass(frozen=True, slots=True)
class _Inside:
    """Columns that the catalogue is asked for, and how the PFN is made of the two that come last."""

    names: tuple[str, ...]
    place: int | None
    prefixes: dict[str, str]

    def outside(self, rows: Rows) -> Rows:
        if self.place is None:
            return rows
        at = self.place
        return [(*row[:at], self.pfn(row[-2], row[-1]), *row[at:-2]) for row in rows]

    def pfn(self, endpoint: str | None, path: str | None) -> str | None:
        prefix = self.prefixes.get(endpoint or "")
        return None if prefix is None or path is None else prefix + path


def _columns(
    conn: Connection, settings: Settings, names: Sequence[str]
) -> tuple[tuple[Column, ...], _Inside]:
    if len(set(names)) != len(names):
        raise BadInput("a column is named twice", subject="--columns")
    asked = tuple(name for name in names if name != PFN)
    kinds = dict(zip(asked, columns.kinds(conn, asked), strict=True)) | {PFN: "text"}
    shown = tuple(Column(name, kinds[name]) for name in names)
    prefixes = {name: endpoint.prefix for name, endpoint in settings.endpoints.items()}
    if PFN not in names:
        return shown, _Inside(asked, None, prefixes)
    inside = (*asked, "replica.endpoint", "replica.path")
    return shown, _Inside(inside, list(names).index(PFN), prefixes)


# ------------------------------------------------------------------------------------ where
@dataclass(frozen=True, slots=True)
class Place:
    """A replica, or a file without one."""

    lfn: str
    size: int | None
    adler32: Adler32 | None
    endpoint: str | None
    state: str | None
    locality: str | None
    pfn: str | None
    path: str | None


@dataclass(frozen=True, slots=True)
class Where:
    """What was asked for, and where it is; nowhere if the catalogue does not know it."""

    asked: str
    places: tuple[Place, ...]


_URL = re.compile(r"[a-z][a-z0-9+.-]*://[^/]*", re.IGNORECASE)
MOST_OF_A_PATTERN = 1000


def where(catalog: Catalog, settings: Settings, asked: Iterable[str]) -> list[Where]:
    """Where each of these is: an LFN, a PFN (a URL, or a path at an endpoint), a base name, or a pattern."""
    words = list(dict.fromkeys(asked))
    kinds: dict[str, list[str]] = {"lfn": [], "url": [], "name": [], "pattern": []}
    for word in words:
        kinds[_kind(word)].append(word)
    with catalog.read() as conn:
        found = ask.look_up(conn, kinds["lfn"])
        found |= ask.by_path(conn, [word for word in kinds["lfn"] if not found[word]])
        found |= ask.by_name(conn, kinds["name"])
        found |= _by_url(conn, settings, kinds["url"])
        found |= {word: _by_pattern(conn, word, catalog.clock.now()) for word in kinds["pattern"]}
    return [Where(word, tuple(_place(settings, copy) for copy in found[word])) for word in words]


def _kind(word: str) -> str:
    if _URL.match(word):
        return "url"
    if set("*?") & set(word):
        return "pattern"
    return "lfn" if "/" in word else "name"


def _by_url(conn: Connection, settings: Settings, urls: Sequence[str]) -> dict[str, list[Copy]]:
    """Replicas by their URL: at the endpoint with the longest prefix of it, else at any that has the path."""
    places = {url: _at(settings, url) for url in urls}
    found = ask.by_path(conn, [path for _, path in places.values()])
    return {
        url: [copy for copy in found[path] if endpoint in (None, copy.endpoint)]
        for url, (endpoint, path) in places.items()
    }


def _at(settings: Settings, url: str) -> tuple[str | None, str]:
    known = [
        (entry.prefix, name) for name, entry in settings.endpoints.items() if url.startswith(entry.prefix)
    ]
    if known:
        prefix, name = max(known, key=lambda entry: len(entry[0]))
        return name, "/" + url[len(prefix) :].lstrip("/")
    return None, "/" + _URL.sub("", url, count=1).lstrip("/")


def too_many(where: Where) -> bool:
    """Whether a pattern may find more files than were looked up."""
    return len({place.lfn for place in where.places}) >= MOST_OF_A_PATTERN


def _by_pattern(conn: Connection, pattern: str, now: datetime) -> list[Copy]:
    query = Compare("lfn" if "/" in pattern else "name", "~", pattern)
    parse(show(query))  # says what is wrong with the pattern
    return ask.copies(conn, query, now, files=MOST_OF_A_PATTERN)


def _place(settings: Settings, copy: Copy) -> Place:
    endpoint = settings.endpoints.get(copy.endpoint or "")
    return Place(
        lfn=copy.lfn,
        size=copy.size,
        adler32=None if copy.adler32 is None else Adler32(copy.adler32),
        endpoint=copy.endpoint,
        state=copy.state,
        locality=copy.locality,
        pfn=None if endpoint is None or copy.path is None else endpoint.prefix + copy.path,
        path=copy.path,
    )


# ------------------------------------------------------------------- provenance and history
def relatives(
    catalog: Catalog, lfn: str, *, up: bool, depth: int | None = None, role: str | None = None
) -> Iterator[Relative]:
    """What the file was made from (``up``), or made into, to any depth; of one role only. NotRegistered."""
    with catalog.read() as conn:
        file = int(files.find_file(conn, lfn).id)
        for page in lineage.relatives(conn, [file], up=up, depth=depth):
            yield from (entry for entry in page if role in (None, entry.role))


def history(
    catalog: Catalog,
    *,
    limit: int,
    since: str | None = None,
    until: str | None = None,
    noun: str | None = None,
    number: int | None = None,
    event: str | None = None,
    actor: str | None = None,
    after: int = 0,
) -> PageOfPast:
    """What changed; ``since`` and ``until`` are times as in a query, or durations: so long ago."""
    with catalog.read() as conn:
        return past.happened(
            conn,
            limit=limit,
            since=_moment(catalog, since, "--since"),
            until=_moment(catalog, until, "--until"),
            noun=noun,
            number=number,
            event=event,
            actor=actor,
            after=after,
        )


def _moment(catalog: Catalog, text: str | None, option: str) -> datetime | None:
    if text is None:
        return None
    for word in (text.strip(), f"{text.strip()} ago"):
        try:
            found = TIME.read(word)
        except ValueError:
            continue
        if isinstance(found, Ago):
            return catalog.clock.now() - found.age
        assert isinstance(found, datetime)
        return found
    raise BadInput(f"expected {TIME.expected}, or 2d", subject=option)
