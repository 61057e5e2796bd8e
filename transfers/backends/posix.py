"""Local disk, or any file system mounted on this machine, as an endpoint: ``file:///directory``.

The root directory must exist: a file system that is not mounted is unreachable, its files are not missing.
Checksums are computed by reading. Names are taken literally; ``..`` is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from catalog.clock import Clock
from catalog.states import Locality
from transfers.backends.localfiles import (
    check,
    contents_of,
    copy_new,
    inside,
    local_path,
    open_source,
    same_or_exists,
)
from transfers.errormap import outcome_of
from transfers.errors import EndpointUnreachable, FileExists, Unsupported
from transfers.listing import tree
from transfers.model import CopyOrder, Done, Entry, FetchOrder, Observation, Observed, Outcome
from transfers.ports import Capabilities, Storage
from transfers.watch import UNWATCHED, Watch, meter


class PosixStorage:
    """Prober, copier, lister and remover of the files below ``root``."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def storage(self) -> Storage:
        """This directory as the ports of an endpoint."""
        return Storage(Capabilities(schemes=frozenset({"file"})), self, self, self, lister=self)

    def probe(self, paths: Sequence[str]) -> Mapping[str, Observation]:
        self._reach()
        return {path: outcome_of(self._probe, path) for path in paths}

    def copy(self, orders: Sequence[CopyOrder], watch: Watch = UNWATCHED) -> Mapping[str, Outcome]:
        self._reach()
        return {order.path: outcome_of(self._copy, order, watch) for order in orders}

    def fetch(self, orders: Sequence[FetchOrder], watch: Watch = UNWATCHED) -> Mapping[str, Outcome]:
        self._reach()
        return {order.destination: outcome_of(self._fetch, order, watch) for order in orders}

    def remove(self, paths: Sequence[str]) -> Mapping[str, Outcome]:
        self._reach()
        return {path: outcome_of(self._remove, path) for path in paths}

    def list(self, directory: str, *, recursive: bool = False) -> Iterator[Entry]:
        self._reach()
        yield from tree(self.root, directory, recursive=recursive)

    def _reach(self) -> None:
        if not self.root.is_dir():  # invariant 5: nobody there says nothing about the files
            raise EndpointUnreachable(f"{self.root} is not there: mount or create it", subject=str(self.root))

    def _probe(self, path: str) -> Observed:
        size, checksum = contents_of(inside(self.root, path))
        return Observed(size, checksum, Locality.ONLINE, how="read")

    def _copy(self, order: CopyOrder, watch: Watch) -> Done:
        destination = inside(self.root, order.path)
        wanted = (order.size, order.adler32)
        if same_or_exists(destination, wanted):
            return Done()
        source = local_path(order.source)
        with open_source(source) as stream:  # a wrong size is seen before anything is copied
            size = stream.seek(0, 2)
        check((size, order.adler32), wanted, order.source)
        try:
            copy_new(source, destination, wanted, meter(watch, order.path))
        except FileExists:  # somebody was faster: compare what they wrote
            if not same_or_exists(destination, wanted):
                raise
        return Done()

    def _fetch(self, order: FetchOrder, watch: Watch) -> Done:
        source, wanted = inside(self.root, order.path), (order.size, order.adler32)
        copy_new(source, Path(order.destination), wanted, meter(watch, order.destination))
        return Done()

    def _remove(self, path: str) -> Done:
        inside(self.root, path).unlink()
        return Done()


def open_storage(prefix: str, *, clock: Clock, options: Mapping[str, str]) -> Storage:
    """The endpoint ``file:///directory``. Raises Unsupported for another prefix or for options."""
    if options:
        raise Unsupported(f"the posix backend has no options, {', '.join(sorted(options))} was given")
    return PosixStorage(local_path(prefix)).storage()
