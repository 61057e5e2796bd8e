"""What another catalogue says, brought to where the engine reads it: one function for each kind of source.

Each streams: nothing is held but the entry at hand. What a source is and when it was read comes with it, so
that half a list, or one of something else, is seen as what it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from catalog.clock import Clock
from catalog.db import cataloguelist, imported
from catalog.db.engine import Catalog
from ddm.events.ports import Asked, Counted, EventSource, Trouble
from ddm.importing.source import open_file, open_sql
from ddm.reconcile import theirs
from ddm.reconcile.fetching import Fetched, told
from ddm.reconcile.theirs import Told, Written
from ddm.reconcile.verdicts import Reading
from ddm.settings import Settings
from ddm.sources.columns import Columns
from ddm.sources.prodsys.files import files
from ddm.sources.prodsys.source import open_source
from ddm.sources.rows import Refused
from ddm.sources.rucio import dump

Advance = Callable[[int], None]
EVERY = 10_000  # entries between two words of progress
TEXTS = ("names", "raw", "csv", "jsonl", "find", "xrdfs", "eos")


@dataclass
class Gathered:
    """What came of a source. ``unread``: datasets there that did not come, each with why. ``raw``: it speaks
    of raw files only; ``all_of_it``: it would also have named files that we do not know."""

    reading: Reading
    parts: list[Path]
    written: Written
    unread: dict[str, str] = field(default_factory=dict)
    raw: bool = False
    all_of_it: bool = True
    done: Callable[[], None] = lambda: None


def _reading(name: str, begun: datetime, ended: datetime, written: Written, **more: object) -> Reading:
    outside = int(str(more.pop("outside", 0)))
    return Reading(
        name,
        begun,
        ended,
        lines=written.entries + outside,
        outside=outside,
        named=written.named,
        garbled=written.garbled,
        **more,  # type: ignore[arg-type]
    )


def _told(entries: Iterable[Told], advance: Advance) -> Iterator[Told]:
    """The entries; says every now and then how many there were."""
    since = 0
    for entry in entries:
        yield entry
        since += 1
        if since == EVERY:
            advance(since)
            since = 0
    advance(since)


def _cut(entries: Iterable[Told]) -> Iterator[Told]:
    """The entries of a list whose last line has no end: what that one says may be half of it."""
    last: Told | None = None
    for entry in entries:
        if last is not None:
            yield last
        last = entry
    if last is not None:
        yield last._replace(name="", problem=last.problem or "the last line has no end: it may be cut")


def made_at(path: Path, said: datetime | None) -> datetime:
    """When a list was made: as somebody says, else when its file was last written."""
    return said or datetime.fromtimestamp(path.stat().st_mtime, UTC)


# ----------------------------------------------------------------------------------------- raw catalogue
def of_list(
    path: Path, scratch: Path, *, form: str | None, columns: Columns, at: datetime | None, advance: Advance
) -> Gathered:
    """A raw catalogue as a list of any format that ``file register`` reads. Raises BadInput."""
    source = open_file(path, form, columns)
    whole = source.format not in TEXTS or not dump.is_cut(path)
    entries = theirs.of_list(source.rows())
    written = theirs.write(_told(entries if whole else _cut(entries), advance), scratch)
    source.steady()
    when = made_at(path, at)
    reading = _reading(str(path), when, when, written, whole=whole)
    return Gathered(reading, [scratch], written, raw=True)


def of_query(
    url: str, query: str, scratch: Path, *, columns: Columns, runs: Sequence[int] | None, clock: Clock
) -> Gathered:
    """A raw catalogue in somebody else's database; of runs whose question fails nothing is concluded."""
    begun = clock.now()
    with open_sql(url, query, columns, runs) as source:
        written = theirs.write(theirs.of_list(source.rows()), scratch)
        failed = {f"run {run}": why for run, why in source.failed.items()}
    reading = _reading(source.name, begun, clock.now(), written, whole=not failed)
    return Gathered(reading, [scratch], written, unread=failed, raw=True)


def of_event_source(
    catalog: Catalog, source: EventSource, name: str, scratch: Path, *, clock: Clock, advance: Advance
) -> Gathered:
    """A raw catalogue that only answers questions: it is asked of every raw file that we know."""
    begun = clock.now()
    entries = (one for page in _pages(catalog, source) for one in _asked(source, page))
    written = theirs.write(_told(entries, advance), scratch)
    reading = _reading(name, begun, clock.now(), written)
    return Gathered(reading, [scratch], written, raw=True, all_of_it=False)


def _pages(catalog: Catalog, source: EventSource) -> Iterator[list[Asked]]:
    after = 0
    while True:
        with catalog.read() as conn:
            rows = cataloguelist.raw_page(conn, after, source.at_once)
        if not rows:
            return
        after = rows[-1][0]
        yield [Asked(lfn, run, product, size) for _, lfn, run, product, size in rows]


def _asked(source: EventSource, page: list[Asked]) -> Iterator[Told]:
    answers = source.ask(page)
    for file in page:
        match answers.get(file.lfn):
            case Counted(events):
                yield Told(file.lfn, events=events)
            case Trouble(reason=reason):
                yield Told(file.lfn, problem=reason)


# ----------------------------------------------------------------------------------------------- ProdSys
def of_prodsys(
    catalog: Catalog,
    settings: Settings,
    source: str,
    scratch: Path,
    *,
    password: str | None,
    label: str,
    moved: tuple[tuple[str, str], ...],
    at: datetime | None,
    clock: Clock,
    advance: Advance,
) -> Gathered:
    """A dump of ProdSys, or its database. Raises BadInput, SourceUnavailable."""
    with catalog.read() as conn:
        known = set(imported.dataset_names(conn).values())
    live = "://" in source
    begun = clock.now() if live or not Path(source).exists() else made_at(Path(source), at)
    with open_source(source, password) as opened:
        entries = (
            Told(one.lfn, dataset=one.dataset or None, events=one.events, where=one.row, problem=one.why)
            for one in files(opened, label=label, names=settings.names, moved=moved, datasets=known)
        )
        written = theirs.write(_told(entries, advance), scratch)
        name = opened.name
    ended = clock.now() if live else begun
    return Gathered(_reading(name, begun, ended, written), [scratch], written)


# ------------------------------------------------------------------------------------------------- Rucio
def of_rucio_dump(
    path: Path, scratch: Path, *, rse: str, scope: str, at: datetime | None, advance: Advance
) -> Gathered:
    """A dump of the replicas of an RSE. Lines of another RSE are outside: so a wrong dump is seen."""
    seen: Counter[str] = Counter()

    def entries() -> Iterator[Told]:
        for one in dump.read(path):
            if isinstance(one, Refused):
                yield told(one, None, one.where)
                continue
            seen[one.file.rse] += 1
            if one.file.rse in ("", rse) and one.file.scope in (scope or one.file.scope,):
                yield told(one.file, None, one.where)

    whole = not dump.is_cut(path)
    written = theirs.write(_told(entries() if whole else _cut(entries()), advance), scratch)
    others = {name: count for name, count in seen.items() if name not in ("", rse)}
    marker = max(others, key=lambda name: others[name]) if others and not seen[rse] else None
    when = made_at(path, at)
    reading = _reading(
        rse,
        when,
        when,
        written,
        outside=sum(others.values()),
        marker=marker,
        whole=whole,
    )
    return Gathered(reading, [scratch], written)


def of_rucio(url: str, fetched: Fetched, done: Callable[[], None]) -> Gathered:
    """What a Rucio server answered."""
    reading = _reading(url, fetched.begun, fetched.ended, fetched.written)
    return Gathered(reading, fetched.parts, fetched.written, unread=fetched.unread, done=done)
