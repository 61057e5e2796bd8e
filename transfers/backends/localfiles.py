"""Local files as the backends need them: written whole or not at all, never over another, and compared.

Bytes go to a file in the destination's directory that has no name, or a temporary one (``newfile``), are
summed on the way (``pouring``), forced to disk, and get their name by a hard link, which fails where a name
exists. So a file that can be seen is whole and was equal to what was ordered.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import FileIO
from pathlib import Path

from catalog.checksum import Adler32, adler32_of
from transfers.backends.newfile import new_file
from transfers.backends.pouring import pour
from transfers.errors import (
    ChecksumMismatch,
    EndpointUnreachable,
    FileExists,
    FileMissing,
    PermissionRefused,
    SizeMismatch,
    Unsupported,
)
from transfers.model import Span
from transfers.verify import other_contents
from transfers.watch import Meter, unmetered

SCHEME = "file://"

Contents = tuple[int, Adler32]
"""Size and adler32."""

Wanted = tuple[int | None, Adler32 | None]
"""What contents must be; None: not known, not compared."""


def local_path(url: str) -> Path:
    """The path of ``file:///dir/name``, taken literally (no percent-encoding). Raises Unsupported."""
    path = url.removeprefix(SCHEME)
    if not url.startswith(SCHEME) or not path.startswith("/"):
        raise Unsupported(f"{url!r} is not a local file: file:///directory/name", subject=url)
    return Path(path)


def inside(root: Path, path: str) -> Path:
    """The local name of an endpoint's path. Raises PermissionRefused for one that leaves the endpoint."""
    parts = path.split("/")
    if not path.startswith("/") or path.endswith("/") or "\0" in path or not {".", ".."}.isdisjoint(parts):
        raise PermissionRefused(f"{path!r} is not the path of a file inside the endpoint", subject=path)
    return root / path.lstrip("/")


def contents_of(file: Path) -> Contents:
    """Size and adler32 by reading. OSError; Unsupported for what is not a regular file."""
    with open_source(file) as stream:
        os.posix_fadvise(stream.fileno(), 0, 0, os.POSIX_FADV_SEQUENTIAL)
        return adler32_of(stream)


def itself(file: Path) -> str:
    """The file whatever its name: device, number, and when it was written. OSError."""
    told = file.stat()
    return f"{told.st_dev}:{told.st_ino} of {told.st_mtime_ns}"


def open_source(file: Path) -> FileIO:
    """The regular file, open for reading. OSError; Unsupported for anything else, a pipe included."""
    descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    stream = FileIO(descriptor)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        stream.close()
        raise Unsupported(f"{file} is not a regular file", subject=str(file))
    return stream


def stretches(file: Path, spans: Sequence[Span]) -> dict[Span, bytes]:
    """The bytes of stretches of a regular file. OSError."""
    with open_source(file) as stream:
        return {span: _stretch(stream.fileno(), span) for span in spans}


def _stretch(descriptor: int, span: Span) -> bytes:
    """All of it, or up to the file's end: one call gives at most 2 GB."""
    parts: list[bytes] = []
    at, left = span.offset, span.length
    while left and (part := os.pread(descriptor, left, at)):
        parts.append(part)
        at, left = at + len(part), left - len(part)
    return b"".join(parts)


def by_path(spans: Sequence[Span]) -> dict[str, list[Span]]:
    """The stretches of each file."""
    found: dict[str, list[Span]] = {}
    for span in spans:
        found.setdefault(span.path, []).append(span)
    return found


def same_or_exists(file: Path, wanted: Contents) -> bool:
    """True: an equal file is there. False: nothing is there. Raises FileExists when another file is."""
    try:
        there = file.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    if not stat.S_ISREG(there.st_mode):
        raise FileExists(f"{file} exists and is not a regular file", subject=str(file))
    found = contents_of(file)
    if found == wanted:
        return True
    raise FileExists(other_contents(str(file), found, wanted), subject=str(file))


def check(contents: Wanted, wanted: Wanted, source: str) -> None:
    """Raises SizeMismatch or ChecksumMismatch when the bytes of ``source`` are not those wanted."""
    if wanted[0] is not None and contents[0] != wanted[0]:
        raise SizeMismatch(f"{source} has {contents[0]} bytes, not {wanted[0]}", subject=source)
    if wanted[1] is not None and contents[1] != wanted[1]:
        raise ChecksumMismatch(f"{source} has adler32 {contents[1]}, not {wanted[1]}", subject=source)


class Directories:
    """Directories in which names were made, to be forced to disk before the files are called done: once per
    directory, however many files. May be used by several threads."""

    def __init__(self) -> None:
        self._changed: set[Path] = set()
        self._made: set[Path] = set()

    def make(self, directory: Path) -> None:
        """Let the directory exist, and its parents."""
        if directory in self._made:
            return
        missing = [each for each in (directory, *directory.parents) if not each.exists()]
        directory.mkdir(parents=True, exist_ok=True)
        self._changed.update(each.parent for each in missing)
        self._made.add(directory)

    def changed(self, directory: Path) -> None:
        """A name was made, or adopted, in this directory."""
        self._changed.add(directory)

    def sync(self) -> dict[Path, OSError]:
        """Force all of them to disk; those that could not be, with the reason."""
        troubles = {}
        for directory in sorted(self._changed):
            try:
                sync_directory(directory)
            except OSError as error:
                troubles[directory] = OSError(error.errno, error.strerror, str(directory))
        self._changed.clear()
        return troubles


@contextmanager
def temporary_copy(
    source: Path, directory: Path, moved: Meter = unmetered
) -> Iterator[tuple[Path, Contents]]:
    """A copy of the source under a temporary name in ``directory``, forced to disk, and what it holds.

    The name is gone afterwards: link or rename it to keep the bytes.
    """
    with open_source(source) as stream:
        directory.mkdir(parents=True, exist_ok=True)
        with new_file(directory, named=True) as new:
            assert new.temporary is not None
            size, checksum = pour(stream, str(source), new, moved)
            assert checksum is not None
            new.force()
            yield new.temporary, (size, checksum)


def give_name(temporary: Path, final: Path) -> None:
    """Let the finished file have its name as well. FileExistsError when the name is taken: never replaces."""
    os.link(temporary, final)  # invariant 4
    sync_directory(final.parent)


def copy_new(
    source: Path,
    destination: Path,
    wanted: Wanted = (None, None),
    moved: Meter = unmetered,
    directories: Directories | None = None,
) -> None:
    """Copy to a new file, compared with what is ``wanted``. Raises as the parts do; leaves nothing behind.

    With ``directories`` the name is on disk only after their ``sync``; without, when this returns.
    Raises FileExists when the destination exists; FileMissing when the source does not.
    """
    if os.path.lexists(destination):
        raise FileExists(f"{destination} exists", subject=str(destination))
    try:
        stream = open_source(source)
    except FileNotFoundError:
        raise FileMissing(f"{source} does not exist", subject=str(source)) from None
    names = directories or Directories()
    with stream:
        size = os.fstat(stream.fileno()).st_size
        check((size, None), (wanted[0], None), str(source))  # a wrong size is seen before anything is copied
        try:
            names.make(destination.parent)
            with new_file(destination.parent) as new:
                contents = pour(stream, str(source), new, moved, summed=wanted[1] is not None)
                check(contents, wanted, str(source))
                new.force()
                new.name(destination)
        except FileExistsError:
            raise FileExists(f"{destination} exists", subject=str(destination)) from None
        except FileNotFoundError:  # not the source's fault
            raise EndpointUnreachable(
                f"the directory {destination.parent} is not there, and cannot be made",
                subject=str(destination),
                advice="mount it, or give another place",
            ) from None
        names.changed(destination.parent)
    if directories is None:
        for trouble in names.sync().values():
            raise trouble


def sync_directory(directory: Path) -> None:
    """Force the names in a directory to disk."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
