"""Copies in and out: the Copier, Rereader and RangeReader of an XRootD endpoint. ``moves`` tells what happens
to one file."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from catalog.states import Locality
from transfers.backends.localfiles import Directories, by_path, local_path
from transfers.backends.newfile import NewFile
from transfers.backends.xrootd.calls import Call
from transfers.backends.xrootd.client import Client
from transfers.backends.xrootd.commands import Endpoint, named, split_url
from transfers.backends.xrootd.engine import Engine, Move
from transfers.backends.xrootd.errors import REDIRECTED, Trouble
from transfers.backends.xrootd.library import same_process
from transfers.backends.xrootd.moves import (
    CHUNK,
    WINDOW,
    Landing,
    LocalSource,
    Refused,
    Remote,
    RemoteSource,
    bring,
    deliver,
    parts,
    summed,
)
from transfers.backends.xrootd.thirdparty import deliver_by_third_party
from transfers.backends.xrootd.ways import Pool, Ways
from transfers.errormap import from_oserror, outcome_of
from transfers.errors import FileExists, Unsupported, failed
from transfers.model import CopyOrder, Done, Failed, FetchOrder, Observation, Observed, Outcome, Span, Unknown
from transfers.watch import UNWATCHED, Watch, meter

LARGE = 2 * CHUNK * WINDOW
"""Bytes that a large file has in flight: one window read, one written."""

WORTH = 64 << 20
"""Bytes from which servers are asked to copy among themselves, if they may: they take seconds to agree."""


class Copier:
    """Copier. Sources: local files, and files of any XRootD server."""

    def __init__(self, client: Client, endpoint: Endpoint) -> None:
        self._client, self._endpoint, self._limits = client, endpoint, client.limits
        self._pool = Pool(plain=client.limits.directly)

    # -------------------------------------------------------------------- copy
    def copy(self, orders: Sequence[CopyOrder], watch: Watch = UNWATCHED) -> Mapping[str, Outcome]:
        names, refused = named(self._endpoint, [order.path for order in orders])
        outcomes: dict[str, Outcome] = dict(refused)
        with self._engine(watch) as (engine, ways):
            if names:
                self._reach(ways, next(iter(names.values())))
            told = engine.run(self._moves(ways, orders, names, outcomes, watch))
            self._nothing_done(ways, told)
        return outcomes | told

    def _moves(
        self,
        ways: Ways,
        orders: Sequence[CopyOrder],
        names: Mapping[str, str],
        outcomes: dict[str, Outcome],
        watch: Watch,
    ) -> Iterator[Move]:
        """The moves of the orders that have names; the outcomes of those whose source cannot be one."""
        for order in orders:
            if order.path not in names:
                continue
            source = outcome_of(_place, order.source)
            if isinstance(source, Failed):
                outcomes[order.path] = source
                continue
            steps = partial(self._copied, ways, order, source, names[order.path], watch)
            yield Move(order.path, steps, *self._means(order.size))

    def _nothing_done(self, ways: Ways, told: Mapping[str, Outcome]) -> None:
        """Raises StorageError when no file came further than to a server that is not there."""
        lost = ways.lost.get(self._client.server, [])
        if told and len(lost) == len(told):
            raise lost[0].exception(self._client.server)

    def _copied(
        self, ways: Ways, order: CopyOrder, source: Path | tuple[str, str], name: str, watch: Watch
    ) -> Generator[Sequence[Call], list[Any], Outcome]:
        told = meter(watch, order.path)

        def story() -> Generator[Sequence[Call], list[Any], Outcome]:
            target = Remote(ways, self._client.server, name, self._limits)
            if isinstance(source, Path):
                if self._limits.thirdparty == "only":
                    return failed(Unsupported, f"{order.source}: no server can fetch a local file")
                begin: Any = LocalSource(source)
            else:
                begin = RemoteSource(Remote(ways, *source, self._limits, is_source=True))
                if self._by_third_party(order):
                    found = yield from deliver_by_third_party(order, begin, target, self._limits, told)
                    if found is not None:
                        return found
            first = self._limits.tape or order.size > CHUNK
            return (yield from deliver(order, begin, target, told, look_first=first))

        return (yield from _told(ways, story))

    def _by_third_party(self, order: CopyOrder) -> bool:
        match self._limits.thirdparty:
            case _ if self._limits.tape:
                return False
            case "only":
                return True
            case "first":
                return order.size >= WORTH
            case _:
                return False

    # ------------------------------------------------------------------- fetch
    def fetch(self, orders: Sequence[FetchOrder], watch: Watch = UNWATCHED) -> Mapping[str, Outcome]:
        names, refused = named(self._endpoint, dict.fromkeys(order.path for order in orders))
        outcomes: dict[str, Outcome] = {
            order.destination: refused[order.path] for order in orders if order.path in refused
        }
        directories = Directories()
        with self._engine(watch) as (engine, ways):
            if names:
                self._reach(ways, next(iter(names.values())))
            moves = (
                Move(
                    order.destination,
                    partial(self._fetched, ways, order, names[order.path], directories, watch),
                    *self._means(order.size if order.size is not None else LARGE),
                )
                for order in orders
                if order.path in names
            )
            told = engine.run(moves)
            self._nothing_done(ways, told)
        outcomes |= told
        lost = directories.sync()
        for destination, outcome in outcomes.items():
            if isinstance(outcome, Done) and (error := lost.get(Path(destination).parent)):
                outcomes[destination] = from_oserror(error)
        return outcomes

    def _fetched(
        self, ways: Ways, order: FetchOrder, name: str, directories: Directories, watch: Watch
    ) -> Generator[Sequence[Call], list[Any], Outcome]:
        destination = Path(order.destination)

        def story() -> Generator[Sequence[Call], list[Any], Outcome]:
            if os.path.lexists(destination):
                return failed(FileExists, f"{destination} exists")
            remote = Remote(ways, self._client.server, name, self._limits, is_source=True)
            landing = _landing(destination, directories)
            told = meter(watch, order.destination)
            return (yield from bring(name, RemoteSource(remote), order.size, order.adler32, landing, told))

        return (yield from _told(ways, story))

    # ------------------------------------------------------------------ reread
    def reread(self, paths: Sequence[str], watch: Watch = UNWATCHED) -> Mapping[str, Observation]:
        names, refused = named(self._endpoint, paths)
        seen: dict[str, Observation] = {}
        with self._engine(watch) as (engine, ways):
            if names:
                self._reach(ways, next(iter(names.values())))
            moves = (
                Move(path, partial(self._reread, ways, path, name, seen, watch), *self._means(LARGE))
                for path, name in names.items()
            )
            told = engine.run(moves)
            self._nothing_done(ways, told)
        silent = Unknown("it was not read")
        for path, outcome in told.items():
            if path not in seen:
                seen[path] = outcome if isinstance(outcome, Failed | Unknown) else silent
        return refused | seen

    def _reread(
        self, ways: Ways, path: str, name: str, seen: dict[str, Observation], watch: Watch
    ) -> Generator[Sequence[Call], list[Any], Outcome]:
        def story() -> Generator[Sequence[Call], list[Any], Outcome]:
            remote = Remote(ways, self._client.server, name, self._limits, is_source=True)
            size, checksum = yield from summed(name, RemoteSource(remote), meter(watch, path))
            seen[path] = Observed(size, checksum, Locality.ONLINE, "read")
            return Done()

        return (yield from _told(ways, story))

    # ------------------------------------------------------------------ ranges
    def ranges(self, spans: Sequence[Span]) -> Mapping[Span, bytes | Failed | Unknown]:
        asked = by_path(spans)
        names, refused = named(self._endpoint, list(asked))
        found: dict[Span, bytes | Failed | Unknown] = {}
        read: dict[Span, bytes] = {}
        with self._engine(UNWATCHED) as (engine, ways):
            if names:
                self._reach(ways, next(iter(names.values())))
            moves = (
                Move(path, partial(self._parts, ways, name, asked[path], read), *self._means(LARGE))
                for path, name in names.items()
            )
            told = engine.run(moves)
            self._nothing_done(ways, told)
        for path, outcome in {**refused, **told}.items():
            bad = outcome if isinstance(outcome, Failed | Unknown) else Unknown("it was not read")
            found |= {span: read.get(span, bad) for span in asked[path]}
        return found

    def _parts(
        self, ways: Ways, name: str, spans: Sequence[Span], read: dict[Span, bytes]
    ) -> Generator[Sequence[Call], list[Any], Outcome]:
        def story() -> Generator[Sequence[Call], list[Any], Outcome]:
            remote = Remote(ways, self._client.server, name, self._limits, is_source=True)
            read.update((yield from parts(RemoteSource(remote), spans)))
            return Done()

        return (yield from _told(ways, story))

    # ------------------------------------------------------------------- means
    @contextmanager
    def _engine(self, watch: Watch) -> Iterator[tuple[Engine, Ways]]:
        same_process()
        limits = self._limits
        engine = Engine(
            watch,
            files=limits.small_copies,
            memory=limits.memory << 20,
            checksums=self._client.checksum_gate,
        )
        with engine:
            ways = Ways(engine, self._pool)
            try:
                yield engine, ways
            finally:
                ways.close()

    def _reach(self, ways: Ways, name: str) -> None:
        """Raises StorageError when the endpoint cannot be reached at all."""
        if isinstance(found := ways.to(self._client.server), Trouble):
            raise found.exception(self._client.server)
        if self._pool.needs_library(self._client.server):
            self._client.stat([name])

    def _means(self, size: int) -> tuple[int, float]:
        """Memory that a file may use while it moves, and seconds it may take."""
        if size <= CHUNK:
            return size, float(self._limits.copy_timeout)
        share = (self._limits.memory << 20) // self._limits.copies
        return max(LARGE, share), float(self._limits.copy_timeout)


def _told(
    ways: Ways, story: Callable[[], Generator[Sequence[Call], list[Any], Outcome]]
) -> Generator[Sequence[Call], list[Any], Outcome]:
    """The outcome of a story; told again through the client library if a server sends us elsewhere."""
    try:
        return (yield from story())
    except Refused as end:
        if end.trouble != REDIRECTED:
            return _ended(ways, end)
        ways.not_plain(end.server)
    try:
        return (yield from story())
    except Refused as end:
        return _ended(ways, end)


def _ended(ways: Ways, end: Refused) -> Outcome:
    if end.trouble.of_endpoint and not end.begun:
        ways.lost.setdefault(end.server, []).append(end.trouble)
    return end.outcome


def _place(source: str) -> Path | tuple[str, str]:
    """A local file, or server and name. Raises Unsupported."""
    found = split_url(source)
    return local_path(source) if found is None else found


def _landing(destination: Path, directories: Directories) -> Landing:
    def begin() -> NewFile:
        directories.make(destination.parent)
        return NewFile(destination.parent)

    def write(file: NewFile, blocks: Sequence[Any]) -> None:
        for block in blocks:
            file.write(memoryview(block))

    def finish(file: NewFile) -> None:
        file.force()
        try:
            file.name(destination)
        except FileExistsError:
            raise FileExists(f"{destination} exists", subject=str(destination)) from None
        directories.changed(destination.parent)

    return Landing(begin, write, finish, lambda file: file.close())
