"""Looking into many directories: what every Walker shares, and one for every storage that has a Lister.

walker = walker_of(storage)
for directory, looked in tree(walker, ["/2016"]):        # and all that is below
    ...
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import ParamSpec

from transfers.errormap import from_oserror
from transfers.errors import (
    CircuitOpen,
    CredentialExpired,
    CredentialMissing,
    EndpointUnreachable,
    FileMissing,
    StorageError,
    StorageTimeout,
    TransientStorageError,
    UnreadableReply,
    Unsupported,
    failed,
    raised,
)
from transfers.model import NOT_TOLD, Entry, Failed, Listing, Looked, Unknown
from transfers.ports import Following, Lister, Storage, Walker

P = ParamSpec("P")

THREADS = 8
GIVE_UP = 8
"""Troubles of the endpoint in a row, after which nothing more is asked of it."""

OF_ENDPOINT = (EndpointUnreachable, StorageTimeout, CredentialExpired, CredentialMissing, CircuitOpen)
"""Errors that say nothing of the directory asked for."""


def walker_of(storage: Storage) -> Walker:
    """The storage's own, or one that lists directory by directory. Raises Unsupported: it cannot list."""
    if storage.walker is not None:
        return storage.walker
    if storage.lister is None:
        raise Unsupported("the files of this endpoint cannot be listed")
    return ListWalker(storage.lister)


def below(directory: str, name: str) -> str:
    """The path of what is in a directory."""
    return f"{directory.rstrip('/')}/{name}"


class Frontier:
    """What of a tree is still to be looked into: the newest first, so that little waits in a wide tree.

    ``following`` is for ``Walker.walk``; tell it what was found with ``found``.
    """

    def __init__(self, tops: Sequence[str]) -> None:
        self._waiting: list[tuple[str | None, list[str]]] = [(None, [*reversed(tops)])]

    def following(self) -> str | None:
        while self._waiting:
            above, names = self._waiting[-1]
            if names:
                name = names.pop()
                return name if above is None else below(above, name)
            self._waiting.pop()
        return None

    def found(self, directory: str, listing: Listing) -> None:
        if listing.directories:
            self._waiting.append((directory, [*listing.directories]))


def tree(walker: Walker, tops: Sequence[str]) -> Iterator[tuple[str, Looked]]:
    """All directories at and below the tops, as ``Walker.walk`` tells of each. Raises like it."""
    frontier = Frontier(tops)
    for directory, looked in walker.walk(frontier.following):
        if isinstance(looked, Listing):
            frontier.found(directory, looked)
        yield directory, looked


class Hope:
    """Whether it makes sense to ask an endpoint for more, from what came of late."""

    def __init__(self) -> None:
        self._answered, self._in_a_row = False, 0

    def heard(self, trouble: StorageError | None) -> None:
        """``trouble``: of the endpoint, None: it answered. Raises it when there is no hope."""
        if trouble is None:
            self._answered, self._in_a_row = True, 0
            return
        self._in_a_row += 1
        if not self._answered or self._in_a_row >= GIVE_UP:
            raise trouble


def looked_at(error: StorageError | OSError, directory: str) -> Looked:
    """What came of a directory that met this error. No answer, or one that cannot be read, is Unknown."""
    if isinstance(error, (*OF_ENDPOINT, UnreadableReply)):
        return Unknown(f"{directory}: {error}")
    if isinstance(error, StorageError):
        return failed(type(error), str(error))
    return from_oserror(error)


def one_by_one(look: Callable[[str], Listing], following: Following) -> Iterator[tuple[str, Looked]]:
    """``Walker.walk`` by a function that looks into one directory; it raises StorageError or OSError."""
    hope = Hope()
    while (directory := following()) is not None:
        yield directory, _outcome(hope, directory, look, directory)


def side_by_side(
    look: Callable[[str], Listing], following: Following, threads: int
) -> Iterator[tuple[str, Looked]]:
    """The same by a function that may block: so many directories at a time, each with a thread."""
    hope = Hope()
    pool = ThreadPoolExecutor(threads, "ddm-walk")
    under_way: dict[Future[Listing], str] = {}
    try:
        while True:
            while len(under_way) < threads and (directory := following()) is not None:
                under_way[pool.submit(look, directory)] = directory
            if not under_way:
                return
            for future in wait(under_way, return_when=FIRST_COMPLETED).done:
                directory = under_way.pop(future)
                yield directory, _outcome(hope, directory, future.result)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _outcome(
    hope: Hope, directory: str, get: Callable[P, Listing], *args: P.args, **more: P.kwargs
) -> Looked:
    try:
        listing = get(*args, **more)
    except (StorageError, OSError) as error:
        hope.heard(error if isinstance(error, OF_ENDPOINT) else None)
        return looked_at(error, directory)
    hope.heard(None)
    return listing


class ListWalker:
    """Walker of a storage that lists directory by directory."""

    def __init__(self, lister: Lister, threads: int = THREADS) -> None:
        self._lister, self._threads = lister, threads

    def walk(self, following: Following) -> Iterator[tuple[str, Looked]]:
        yield from side_by_side(self._look, following, self._threads)

    def _look(self, directory: str) -> Listing:
        return listing_of(self._lister.list(directory))


class WalkLister:
    """Lister of a storage that has a walker."""

    def __init__(self, walker: Walker) -> None:
        self._walker = walker

    def list(self, directory: str, *, recursive: bool = False) -> Iterator[Entry]:
        tops = [directory]
        looks = tree(self._walker, tops) if recursive else self._walker.walk(Frontier(tops).following)
        for path, looked in looks:
            if not isinstance(looked, Listing):
                raise _not_listed(path, looked, asked=path == directory)
            yield from looked.entries(path)
            if (problem := _not_whole(path, looked, recursive)) is not None:
                raise problem


def _not_listed(path: str, looked: Failed | Unknown, *, asked: bool) -> StorageError:
    if not asked and isinstance(looked, Failed) and looked.code == FileMissing.code:
        # It was there a moment ago. That is no word about the directory asked for.
        return TransientStorageError(f"{path} is gone while it was listed", subject=path)
    return raised(looked, path)


def _not_whole(path: str, listing: Listing, recursive: bool) -> StorageError | None:
    """Why these entries are not all. A link that leads nowhere is nothing."""
    for name, why in listing.unseen():
        return TransientStorageError(f"{below(path, name)}: {why}", subject=below(path, name))
    for name in listing.linked if recursive else ():
        if name not in listing.others:
            place = below(path, name)
            return Unsupported(
                f"{place} leads back to a directory above it: no end of the list", subject=place
            )
    return None


def listing_of(entries: Iterator[Entry]) -> Listing:
    """The entries of one directory as columns."""
    names: list[str] = []
    sizes, modified, sums = array("q"), array("q"), array("q")
    directories: list[str] = []
    for entry in entries:
        name = entry.path.rpartition("/")[2]
        if entry.is_directory:
            directories.append(name)
            continue
        names.append(name)
        sizes.append(entry.size)
        modified.append(NOT_TOLD if entry.modified_at is None else int(entry.modified_at.timestamp()))
        sums.append(NOT_TOLD if entry.adler32 is None else entry.adler32)
    return Listing(names, sizes, modified, sums, directories)
