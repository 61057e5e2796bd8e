"""Listings of what this process can see: a directory of a mounted file system, or a flat table of paths."""

from __future__ import annotations

import errno
import os
import stat
from array import array
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from catalog.checksum import Adler32
from transfers.errormap import error_of
from transfers.errors import FileMissing, PermissionRefused
from transfers.model import NOT_TOLD, NOWHERE, Entry, Listing, Looked
from transfers.ports import Following
from transfers.walking import listing_of, one_by_one

_NOWHERE = {errno.ENOENT, errno.ENOTDIR, errno.ELOOP}  # where a link may lead, or what is gone since


def tree(root: Path, directory: str, *, recursive: bool) -> Iterator[Entry]:
    """The files and directories in ``directory`` below ``root``, as ``transfers.ports.Lister`` wants them.

    A symbolic link is what it leads to, but nothing below a linked directory is listed: links may go round
    in circles and out of the endpoint. Pipes, sockets, devices and links that lead nowhere are no files and
    are left out. Raises FileMissing when there is no such directory, StorageError when one cannot be read.
    """
    _check(directory)
    waiting = [directory.rstrip("/")]
    while waiting:
        path = waiting.pop()
        for name, status, is_link in _read(root, path):
            entry = f"{path}/{name}"
            modified = datetime.fromtimestamp(status.st_mtime, UTC)
            if stat.S_ISDIR(status.st_mode):
                yield Entry(entry, 0, modified, is_directory=True)
                if recursive and not is_link:
                    waiting.append(entry)
            elif stat.S_ISREG(status.st_mode):
                yield Entry(entry, status.st_size, modified)


def look(root: Path, directory: str) -> Listing:
    """The same directory, not below it, as ``transfers.ports.Walker`` wants it. Raises as ``tree``."""
    _check(directory)
    names: list[str] = []
    sizes, modified = array("q"), array("q")
    directories: list[str] = []
    linked: list[str] = []
    others: dict[str, str] = {}
    with _translated(directory), os.scandir(root / directory.strip("/")) as entries:
        for entry in entries:
            is_link = entry.is_symlink()
            try:
                status = entry.stat()
            except OSError as error:
                if is_link or error.errno != errno.ENOENT:  # else it is gone since
                    others[entry.name] = _why(error)
                    linked.append(entry.name)
                continue
            if stat.S_ISDIR(status.st_mode):
                (linked if is_link else directories).append(entry.name)
            elif stat.S_ISREG(status.st_mode):
                names.append(entry.name)
                sizes.append(status.st_size)
                modified.append(int(status.st_mtime))
            else:
                others[entry.name] = "neither a file nor a directory"
    sums = array("q", [NOT_TOLD]) * len(names)
    return Listing(names, sizes, modified, sums, directories, linked, others)


class TableWalker:
    """Walker of a store that only knows whole paths: ``files`` gives all of them, once for each walk.

    ``reach`` raises StorageError when the store is away.
    """

    def __init__(
        self, files: Callable[[], Iterable[tuple[str, int, Adler32]]], reach: Callable[[], object]
    ) -> None:
        self._files, self._reach = files, reach

    def walk(self, following: Following) -> Iterator[tuple[str, Looked]]:
        index: dict[str, list[Entry]] = {}

        def look(directory: str) -> Listing:
            _check(directory)
            self._reach()
            if not index:
                index.update(_by_directory(self._files()))
            found = index.get(directory.rstrip("/"))
            if found is None:
                raise FileMissing(f"there is no directory {directory}", subject=directory)
            return listing_of(iter(found))

        return one_by_one(look, following)


def _by_directory(files: Iterable[tuple[str, int, Adler32]]) -> dict[str, list[Entry]]:
    found: dict[str, list[Entry]] = {"": []}
    for path, size, adler32 in files:
        above = path.rpartition("/")[0]
        between = above
        while between not in found:
            found[between] = []
            between = between.rpartition("/")[0]
        found[above].append(Entry(path, size, adler32=adler32))
    for directory in [each for each in found if each]:
        found[directory.rpartition("/")[0]].append(Entry(directory, 0, is_directory=True))
    return found


def _check(directory: str) -> None:
    if not directory.startswith("/") or "\0" in directory or not {".", ".."}.isdisjoint(directory.split("/")):
        raise PermissionRefused(f"{directory!r} is not a directory inside the endpoint", subject=directory)


def _why(error: OSError) -> str:
    if error.errno in _NOWHERE:
        return NOWHERE
    return f"cannot be looked at: {os.strerror(error.errno or 0)}"


@contextmanager
def _translated(path: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        kind = error_of(error.errno)
        raise kind(f"{path or '/'}: {os.strerror(error.errno or 0)}", subject=path or "/") from None


def table(files: Iterable[tuple[str, int, Adler32]], directory: str, *, recursive: bool) -> Iterator[Entry]:
    """The same of a store that only knows whole paths: a directory is there when a file is below it."""
    above = directory.rstrip("/") + "/"
    seen: set[str] = set()
    for path, size, adler32 in files:
        if path.startswith(above):
            parts = path[len(above) :].split("/")
            if recursive or len(parts) == 1:
                yield Entry(path, size, adler32=adler32)
            for depth in range(1, len(parts) if recursive else min(2, len(parts))):
                between = above + "/".join(parts[:depth])
                if between not in seen:
                    seen.add(between)
                    yield Entry(between, 0, is_directory=True)
            seen.add(above)
    if not seen and above != "/":
        raise FileMissing(f"there is no directory {directory}", subject=directory)


def _read(root: Path, path: str) -> list[tuple[str, os.stat_result, bool]]:
    """Name, what it leads to, and whether it is a link, of everything in one directory."""
    found = []
    with _translated(path), os.scandir(root / path.lstrip("/")) as entries:
        for entry in entries:
            try:
                found.append((entry.name, entry.stat(), entry.is_symlink()))
            except OSError as error:
                if error.errno not in _NOWHERE:
                    raise
    return found
