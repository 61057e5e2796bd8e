"""Listings of what this process can see: a directory of a mounted file system, or a flat table of paths."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from catalog.checksum import Adler32
from transfers.errormap import error_of
from transfers.errors import FileMissing, PermissionRefused
from transfers.model import Entry

_NOWHERE = {errno.ENOENT, errno.ENOTDIR, errno.ELOOP}  # where a link may lead, or what is gone since


def tree(root: Path, directory: str, *, recursive: bool) -> Iterator[Entry]:
    """The files and directories in ``directory`` below ``root``, as ``transfers.ports.Lister`` wants them.

    A symbolic link is what it leads to, but nothing below a linked directory is listed: links may go round
    in circles and out of the endpoint. Pipes, sockets, devices and links that lead nowhere are no files and
    are left out. Raises FileMissing when there is no such directory, StorageError when one cannot be read.
    """
    if not directory.startswith("/") or "\0" in directory or not {".", ".."}.isdisjoint(directory.split("/")):
        raise PermissionRefused(f"{directory!r} is not a directory inside the endpoint", subject=directory)
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
    try:
        with os.scandir(root / path.lstrip("/")) as entries:
            for entry in entries:
                try:
                    found.append((entry.name, entry.stat(), entry.is_symlink()))
                except OSError as error:
                    if error.errno not in _NOWHERE:
                        raise
    except OSError as error:
        kind = error_of(error.errno)
        raise kind(f"{path or '/'}: {os.strerror(error.errno or 0)}", subject=path or "/") from None
    return found
