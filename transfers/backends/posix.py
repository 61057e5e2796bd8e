"""Local disk, or any file system mounted on this machine, as an endpoint: ``file:///directory``.

The root directory must exist: a file system that is not mounted is unreachable, its files are not missing.
Checksums are computed by reading. Names are taken literally; ``..`` is refused.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from catalog.clock import Clock
from catalog.states import Locality
from transfers.backends.localfiles import (
    Contents,
    Directories,
    by_path,
    contents_of,
    copy_new,
    inside,
    itself,
    local_path,
    open_source,
    same_or_exists,
    stretches,
)
from transfers.errormap import from_oserror, outcome_of
from transfers.errors import EndpointUnreachable, FileExists, Unsupported
from transfers.listing import look, tree
from transfers.model import (
    CopyOrder,
    Done,
    Entry,
    Failed,
    FetchOrder,
    Listing,
    Looked,
    Observation,
    Observed,
    Outcome,
    Space,
    Span,
    Unknown,
)
from transfers.ports import Capabilities, Following, Storage
from transfers.walking import side_by_side
from transfers.watch import UNWATCHED, Watch, meter

THREADS = 8

T = TypeVar("T")
R = TypeVar("R")


class PosixStorage:
    """Prober, copier, lister and remover of the files below ``root``, ``threads`` files at a time."""

    def __init__(self, root: Path, threads: int = THREADS) -> None:
        self.root = root
        self._threads = threads

    def storage(self) -> Storage:
        """This directory as the ports of an endpoint."""
        can = Capabilities(schemes=frozenset({"file"}))
        return Storage(can, self, self, self, lister=self, space=self, shelf=self, ranges=self, walker=self)

    def place(self, path: str) -> Path:
        return inside(self.root, path)

    def space(self) -> Space:
        """What the file system tells us, as users without privileges may use it; quotas it may not tell."""
        self._reach()
        try:
            found = os.statvfs(self.root)
        except OSError:
            return Space()
        return Space(found.f_bavail * found.f_frsize, found.f_blocks * found.f_frsize)

    def probe(self, paths: Sequence[str]) -> Mapping[str, Observation]:
        self._reach()
        answers: list[Observation] = _side_by_side(
            self._threads, lambda path: outcome_of(self._probe, path), paths
        )
        return dict(zip(paths, answers, strict=True))

    def copy(self, orders: Sequence[CopyOrder], watch: Watch = UNWATCHED) -> Mapping[str, Outcome]:
        self._reach()
        names = Directories()
        outcomes: list[Outcome] = _side_by_side(
            self._threads, lambda order: outcome_of(self._copy, order, names, watch), orders
        )
        troubles = names.sync()
        return {
            order.path: _kept(outcome, self.root / order.path.lstrip("/"), troubles)
            for order, outcome in zip(orders, outcomes, strict=True)
        }

    def fetch(self, orders: Sequence[FetchOrder], watch: Watch = UNWATCHED) -> Mapping[str, Outcome]:
        self._reach()
        names = Directories()
        outcomes: list[Outcome] = _side_by_side(
            self._threads, lambda order: outcome_of(self._fetch, order, names, watch), orders
        )
        troubles = names.sync()
        return {
            order.destination: _kept(outcome, Path(order.destination), troubles)
            for order, outcome in zip(orders, outcomes, strict=True)
        }

    def ranges(self, spans: Sequence[Span]) -> Mapping[Span, bytes | Failed | Unknown]:
        self._reach()
        found: dict[Span, bytes | Failed | Unknown] = {}
        for path, its in by_path(spans).items():
            read = outcome_of(self._stretches, path, its)
            found |= dict.fromkeys(its, read) if isinstance(read, Failed) else read
        return found

    def remove(self, paths: Sequence[str]) -> Mapping[str, Outcome]:
        self._reach()
        return {path: outcome_of(self._remove, path) for path in paths}

    def list(self, directory: str, *, recursive: bool = False) -> Iterator[Entry]:
        self._reach()
        yield from tree(self.root, directory, recursive=recursive)

    def walk(self, following: Following) -> Iterator[tuple[str, Looked]]:
        device = self._device()

        def look_into(directory: str) -> Listing:
            try:
                return look(self.root, directory)
            finally:
                if self._device() != device:  # what it was mounted on is empty, and nothing is missing
                    raise EndpointUnreachable(
                        f"{self.root} is another file system than when the walk began", subject=str(self.root)
                    )

        yield from side_by_side(look_into, following, self._threads)

    def _device(self) -> int:
        self._reach()
        return os.stat(self.root).st_dev

    def _reach(self) -> None:
        if not self.root.is_dir():  # invariant 5: nobody there says nothing about the files
            raise EndpointUnreachable(f"{self.root} is not there: mount or create it", subject=str(self.root))

    def _probe(self, path: str) -> Observed:
        file = inside(self.root, path)
        size, checksum = contents_of(file)
        return Observed(size, checksum, Locality.ONLINE, how="read", itself=itself(file))

    def _copy(self, order: CopyOrder, names: Directories, watch: Watch) -> Done:
        destination = inside(self.root, order.path)
        wanted = (order.size, order.adler32)
        moved = meter(watch, order.path)
        moved(0)
        if self._adopted(destination, wanted, names):
            return Done(adopted=True)
        try:
            copy_new(local_path(order.source), destination, wanted, moved, names)
        except FileExists:  # somebody was faster: compare what they wrote
            if not self._adopted(destination, wanted, names):
                raise
            return Done(adopted=True)
        return Done()

    def _adopted(self, file: Path, wanted: Contents, names: Directories) -> bool:
        """Whether an equal file is there. It may be of somebody who died before it was safe on disk."""
        if not same_or_exists(file, wanted):
            return False
        with open_source(file) as stream:
            os.fsync(stream.fileno())
        names.changed(file.parent)
        return True

    def _fetch(self, order: FetchOrder, names: Directories, watch: Watch) -> Done:
        source, wanted = inside(self.root, order.path), (order.size, order.adler32)
        copy_new(source, Path(order.destination), wanted, meter(watch, order.destination), names)
        return Done()

    def _stretches(self, path: str, its: Sequence[Span]) -> dict[Span, bytes]:
        return stretches(inside(self.root, path), its)

    def _remove(self, path: str) -> Done:
        inside(self.root, path).unlink()
        return Done()


def _side_by_side(threads: int, call: Callable[[T], R], items: Sequence[T]) -> list[R]:
    """The answer to each, in order. Reading, writing and summing let other threads run; above all the waits
    for the disk at the end of each small file go side by side."""
    if len(items) == 1:
        return [call(items[0])]
    with ThreadPoolExecutor(min(threads, len(items)), "ddm-posix") as pool:
        return list(pool.map(call, items))


def _kept(outcome: Outcome, place: Path, troubles: Mapping[Path, OSError]) -> Outcome:
    """The outcome of a file, given the directories whose names could not be forced to disk."""
    trouble = troubles.get(place.parent)
    return from_oserror(trouble) if trouble and isinstance(outcome, Done) else outcome


def open_storage(prefix: str, *, clock: Clock, options: Mapping[str, str]) -> Storage:
    """The endpoint ``file:///directory``. Option ``threads``: files at a time, 8 unless said otherwise.

    Raises Unsupported for another prefix or unknown options.
    """
    threads = options.get("threads", str(THREADS))
    unknown = sorted(set(options) - {"threads"})
    if unknown or not threads.isdecimal() or int(threads) == 0:
        wrong = ", ".join(unknown) or f"threads = {threads!r}"
        raise Unsupported(f"the posix backend has one option, threads (a number); {wrong} was given")
    return PosixStorage(local_path(prefix), int(threads)).storage()
