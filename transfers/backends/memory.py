"""Storage that lives in the process and holds no bytes: what simulations and benches run on.

A file is its size and adler32. With the option ``tape = "true"`` a store is the simulated tape library of
``transfers.backends.tapelibrary`` with all its latencies and faults; without it, a plain disk. Stores are
known by name: ``memory://NAME/`` is the same store everywhere in the process, until ``reset()``.

    cta = MemoryStorage("cta", clock, tape=True)
    cta.seed_tape([("/2016/raw/a.raw", 10, Adler32(7))])
    cta.storage().stager.stage([StageOrder("/2016/raw/a.raw", 10)])
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from catalog.checksum import Adler32
from catalog.clock import Clock
from catalog.states import Locality
from transfers.backends.tapelibrary import NEVER, Contents, Fault, LibrarySettings, TapeLibrary
from transfers.errors import (
    ChecksumMismatch,
    EndpointUnreachable,
    FileExists,
    FileMissing,
    NotOnline,
    QuotaExceeded,
    SizeMismatch,
    Unsupported,
    failed,
)
from transfers.listing import TableWalker, table
from transfers.model import (
    CopyOrder,
    Done,
    Entry,
    Failed,
    FetchOrder,
    Observation,
    Observed,
    Outcome,
    StageOrder,
    StageReceipt,
)
from transfers.ports import Capabilities, Storage
from transfers.verify import other_contents
from transfers.watch import UNWATCHED, Watch

SCHEME = "memory://"
MAX_FILES_PER_CALL = 50_000

_STORES: dict[str, MemoryStorage] = {}
_STORES_LOCK = threading.RLock()


class MemoryStorage:
    """A store of (size, adler32) by path; keeps all four ports. ``library`` is the model behind it."""

    def __init__(
        self, name: str, clock: Clock, *, tape: bool = False, settings: LibrarySettings | None = None
    ) -> None:
        """Make a store and let copies find it under ``memory://NAME/``, in place of one made before."""
        settings = settings or LibrarySettings()
        self.name = name
        self.tape = tape
        self.library = TapeLibrary(settings if tape else replace(settings, archive_delay=NEVER))
        self._clock = clock
        self._lock = threading.RLock()
        self._latency = timedelta(seconds=settings.latency)
        with _STORES_LOCK:
            _STORES[name] = self

    def storage(self) -> Storage:
        """This store as the ports of an endpoint."""
        capabilities = Capabilities(
            schemes=frozenset({"memory"}), max_files_per_call=MAX_FILES_PER_CALL, tape=self.tape
        )
        stager = self if self.tape else None
        walker = TableWalker(self._all_files, self._reach)
        return Storage(
            capabilities, self, self, self, stager=stager, lister=self, rereader=self, walker=walker
        )

    # control: for simulated workers, tests and the demo

    def put(self, path: str, size: int, adler32: Adler32) -> None:
        """Write a file as a worker does: never over another one (FileExists), an equal one is adopted.

        Raises QuotaExceeded when the buffer is full, EndpointUnreachable while the service is out.
        """
        with self._lock:
            outcome = self._write(path, (size, adler32))
        if isinstance(outcome, Failed):
            raise FileExists(outcome.text, subject=path)

    def seed_tape(self, entries: Iterable[tuple[str, int, Adler32]], *, tape: str = "") -> None:
        """Put new files on tape only: raw data that were archived before this story begins. FileExists."""
        with self._lock:
            self.library.add_many(entries, now=self._now(), tape=tape)

    def read(self, path: str) -> Contents:
        """What a reader of the file gets. Raises FileMissing, or NotOnline when it must be staged first.

        Raises EndpointUnreachable while the service is out.
        """
        with self._lock:
            contents = self.library.readable(path, self._now())
        if isinstance(contents, Failed):
            error = FileMissing if contents.code == FileMissing.code else NotOnline
            raise error(contents.text, subject=path)
        return contents

    def inject(self, pattern: str, kind: Fault | str, count: int | None = 1, *, chance: float = 1.0) -> None:
        """As ``TapeLibrary.inject``."""
        with self._lock:
            self.library.inject(pattern, kind, count, chance=chance)

    def heal(self) -> None:
        """As ``TapeLibrary.heal``."""
        with self._lock:
            self.library.heal()

    def evict(self, path: str) -> None:
        """As ``TapeLibrary.evict``, now."""
        with self._lock:
            self.library.evict(path, self._now())

    def forget(self, token: str) -> None:
        """As ``TapeLibrary.forget``, now."""
        with self._lock:
            self.library.forget(token, self._now())

    def outage(self, seconds: float, *, after: float = 0.0) -> None:
        """As ``TapeLibrary.outage``; it begins so many seconds from now."""
        with self._lock:
            self.library.outage(self.library.advance(self._now()) + after, seconds)

    def drive_down(self, number: int, *, seconds: float = NEVER) -> None:
        """As ``TapeLibrary.drive_down``, for so many seconds."""
        now = self._now()
        with self._lock:
            self.library.drive_down(number, now, until=now + seconds)

    def drive_up(self, number: int) -> None:
        """As ``TapeLibrary.drive_up``, now."""
        with self._lock:
            self.library.drive_up(number, self._now())

    def break_tape(self, name: str, *, seconds: float | None = None, refuse: bool = False) -> None:
        """As ``TapeLibrary.break_tape``, for so many seconds (None: for ever)."""
        now = self._now()
        with self._lock:
            until = None if seconds is None else now + seconds
            self.library.break_tape(name, now, until=until, refuse=refuse)

    # the ports

    def probe(self, paths: Sequence[str]) -> Mapping[str, Observation]:
        self._wait()
        now = self._now()
        with self._lock:
            observe = self.library.observe
            return {path: observe(path, now) for path in paths}

    def stage(self, orders: Sequence[StageOrder]) -> StageReceipt:
        self._wait()
        with self._lock:
            return self.library.stage(orders, self._now())

    def poll(self, token: str, paths: Sequence[str]) -> Mapping[str, Outcome]:
        self._wait()
        now = self._now()
        with self._lock:
            return self.library.poll_many(token, paths, now)

    def cancel(self, token: str, paths: Sequence[str]) -> Mapping[str, Outcome]:
        self._wait()
        now = self._now()
        with self._lock:
            return {path: self.library.cancel(token, path, now) for path in paths}

    def release(self, token: str, paths: Sequence[str]) -> Mapping[str, Outcome]:
        self._wait()
        now = self._now()
        with self._lock:
            return self.library.release_many(token, paths, now)

    def copy(self, orders: Sequence[CopyOrder], watch: Watch = UNWATCHED) -> Mapping[str, Outcome]:
        self._wait()
        with self._lock:
            self.library.serve(self._now())
        return {order.path: self._copy(order) for order in orders}

    def fetch(self, orders: Sequence[FetchOrder], watch: Watch = UNWATCHED) -> Mapping[str, Outcome]:
        """Unsupported: there are no bytes."""
        return {order.destination: self._fetch(order.path) for order in orders}

    def reread(self, paths: Sequence[str], watch: Watch = UNWATCHED) -> Mapping[str, Observation]:
        self._wait()
        now = self._now()
        with self._lock:
            return {path: _read_as(self.library.readable(path, now)) for path in paths}

    def remove(self, paths: Sequence[str]) -> Mapping[str, Outcome]:
        self._wait()
        now = self._now()
        with self._lock:
            return {path: self.library.remove(path, now) for path in paths}

    def list(self, directory: str, *, recursive: bool = False) -> Iterator[Entry]:
        self._reach()
        yield from table(self._all_files(), directory, recursive=recursive)

    # inside

    def _fetch(self, path: str) -> Failed:
        with self._lock:
            contents = self.library.readable(path, self._now())
        if isinstance(contents, Failed):
            return contents
        return failed(Unsupported, f"{SCHEME}{self.name}{path} has no bytes to fetch")

    def _reach(self) -> None:
        self._wait()
        with self._lock:
            self.library.serve(self._now())

    def _all_files(self) -> Sequence[tuple[str, int, Adler32]]:
        with self._lock:
            return [(path, record.size, record.adler32) for path, record in self.library.files.items()]

    def _now(self) -> float:
        return self._clock.now().timestamp()

    def _wait(self) -> None:
        if self._latency:
            self._clock.sleep(self._latency)

    def _copy(self, order: CopyOrder) -> Outcome:
        wanted = (order.size, order.adler32)
        with self._lock:
            there = self._compare(order.path, wanted)
        if there is not None:
            return there
        source = _read_url(order.source)
        if isinstance(source, Failed):
            return source
        size, checksum = source
        if size != order.size:
            return failed(SizeMismatch, f"{order.source} has {size} bytes, {order.size} were expected")
        if checksum != order.adler32:
            return failed(ChecksumMismatch, f"{order.source} has adler32 {checksum}, not {order.adler32}")
        with self._lock:
            try:
                return self._write(order.path, wanted)
            except (QuotaExceeded, EndpointUnreachable) as error:
                return failed(type(error), str(error))

    def _compare(self, path: str, wanted: Contents) -> Outcome | None:
        """Done when an equal file is there, Failed when another one is, None when there is none."""
        record = self.library.files.get(path)
        if record is None:
            return None
        there = (record.size, record.adler32)
        if there == wanted:
            return Done(adopted=True)
        return failed(FileExists, other_contents(f"{SCHEME}{self.name}{path}", there, wanted))

    def _write(self, path: str, wanted: Contents) -> Outcome:
        there = self._compare(path, wanted)
        if there is None:
            self.library.add_to_buffer(path, *wanted, now=self._now())
            return Done()
        return there


def _read_as(found: Contents | Failed) -> Observation:
    """What a reader got, as an observation."""
    return found if isinstance(found, Failed) else Observed(*found, Locality.ONLINE, "read")


def store_named(name: str) -> MemoryStorage | None:
    """The store of this name, if there is one in this process."""
    with _STORES_LOCK:
        return _STORES.get(name)


def reset() -> None:
    """Forget every store: for tests, and between simulations."""
    with _STORES_LOCK:
        _STORES.clear()


def split(url: str) -> tuple[str, str]:
    """Store name and path of ``memory://NAME/path``. Raises Unsupported for any other URL."""
    name, slash, path = url.removeprefix(SCHEME).partition("/")
    if not url.startswith(SCHEME) or not name:
        raise Unsupported(f"{url!r} is not a memory://NAME/path")
    return name, slash + path.lstrip("/")


def open_storage(prefix: str, *, clock: Clock, options: Mapping[str, str]) -> Storage:
    """The store that ``prefix`` (``memory://NAME/``) names, made on first use.

    Clock and options count on first use only: later callers get the same store.
    """
    name, rest = split(prefix)
    if rest not in ("", "/"):
        raise Unsupported(f"a memory endpoint has no directory: write memory://{name}/, not {prefix!r}")
    with _STORES_LOCK:
        store = _STORES.get(name) or _new_store(name, prefix, clock, options)
    return store.storage()


def _new_store(name: str, prefix: str, clock: Clock, options: Mapping[str, str]) -> MemoryStorage:
    tape = options.get("tape", "false").lower()
    if tape not in ("true", "false"):
        raise Unsupported(f"option tape of {prefix} is 'true' or 'false', not {tape!r}")
    settings = LibrarySettings.from_options({name: text for name, text in options.items() if name != "tape"})
    return MemoryStorage(name, clock, tape=tape == "true", settings=settings)


def _read_url(url: str) -> Contents | Failed:
    """What a reader of a memory URL gets."""
    try:
        name, path = split(url)
        store = store_named(name)
        if store is None:
            return failed(FileMissing, f"there is no store memory://{name}/ in this process")
        return store.read(path)
    except (Unsupported, FileMissing, NotOnline, EndpointUnreachable) as error:
        return failed(type(error), str(error))
