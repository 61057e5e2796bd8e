"""Local files as the backends need them: written whole or not at all, never over another, and compared.

Bytes go to a temporary name in the destination's directory, are summed on the way, forced to disk, and get
their name by a hard link, which fails where a name exists. So a file that can be seen is whole and was equal
to what was ordered, and a kill at any moment leaves at most a temporary file (``.ddm-*.part``).
"""

from __future__ import annotations

import itertools
import os
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import FileIO
from pathlib import Path
from typing import BinaryIO

from catalog.checksum import BLOCK, Adler32, Summer, adler32_of
from transfers.errors import (
    ChecksumMismatch,
    FileExists,
    FileMissing,
    PermissionRefused,
    SizeMismatch,
    Unsupported,
)
from transfers.watch import Meter, unmetered

SCHEME = "file://"

Contents = tuple[int, Adler32]
"""Size and adler32."""

Wanted = tuple[int | None, Adler32 | None]
"""What contents must be; None: not known, not compared."""

_numbers = itertools.count()


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
        return adler32_of(stream)


@contextmanager
def open_source(file: Path) -> Iterator[FileIO]:
    """The regular file, open for reading. OSError; Unsupported for anything else, a pipe included."""
    descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(descriptor, "rb", buffering=0) as stream:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise Unsupported(f"{file} is not a regular file", subject=str(file))
        yield stream


def same_or_exists(file: Path, wanted: Contents) -> bool:
    """True: an equal file is there. False: nothing is there. Raises FileExists when another file is."""
    try:
        there = file.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    if not stat.S_ISREG(there.st_mode):
        raise FileExists(f"{file} exists and is not a regular file", subject=str(file))
    if there.st_size == wanted[0] and contents_of(file) == wanted:
        return True
    raise FileExists(f"{file} exists with other contents ({there.st_size} bytes)", subject=str(file))


def check(contents: Contents, wanted: Wanted, source: str) -> None:
    """Raises SizeMismatch or ChecksumMismatch when the bytes of ``source`` are not those wanted."""
    if wanted[0] is not None and contents[0] != wanted[0]:
        raise SizeMismatch(f"{source} has {contents[0]} bytes, not {wanted[0]}", subject=source)
    if wanted[1] is not None and contents[1] != wanted[1]:
        raise ChecksumMismatch(f"{source} has adler32 {contents[1]}, not {wanted[1]}", subject=source)


@contextmanager
def temporary_copy(
    source: Path, directory: Path, moved: Meter = unmetered
) -> Iterator[tuple[Path, Contents]]:
    """A copy of the source under a temporary name in ``directory``, forced to disk, and what it holds.

    The name is gone afterwards: link or rename it to keep the bytes.
    """
    with open_source(source) as stream:
        directory.mkdir(parents=True, exist_ok=True)
        temporary, out = _new_temporary(directory)
        try:
            with out:
                contents = _copy(stream, out, moved)
                out.flush()
                os.fsync(out.fileno())
            yield temporary, contents
        finally:
            with suppress(FileNotFoundError):
                temporary.unlink()


def give_name(temporary: Path, final: Path) -> None:
    """Let the finished file have its name as well. FileExistsError when the name is taken: never replaces."""
    os.link(temporary, final)  # invariant 4
    sync_directory(final.parent)


def copy_new(
    source: Path, destination: Path, wanted: Wanted = (None, None), moved: Meter = unmetered
) -> None:
    """Copy to a new file, compared with what is ``wanted``. Raises as the parts do; leaves nothing behind.

    Raises FileExists when the destination exists; FileMissing when the source does not.
    """
    if os.path.lexists(destination):
        raise FileExists(f"{destination} exists", subject=str(destination))
    try:
        with temporary_copy(source, destination.parent, moved) as (temporary, contents):
            check(contents, wanted, str(source))
            give_name(temporary, destination)
    except FileExistsError:
        raise FileExists(f"{destination} exists", subject=str(destination)) from None
    except FileNotFoundError:
        raise FileMissing(f"{source} does not exist", subject=str(source)) from None


def sync_directory(directory: Path) -> None:
    """Force the names in a directory to disk."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _new_temporary(directory: Path) -> tuple[Path, BinaryIO]:
    """A new file that nobody else writes: process, thread and number make the name, O_EXCL makes sure."""
    while True:
        name = f".ddm-{os.getpid()}-{threading.get_native_id()}-{next(_numbers)}.part"
        with suppress(FileExistsError):  # left by a process of the same number that was killed
            return directory / name, open(directory / name, "xb")


def _copy(stream: FileIO, out: BinaryIO, moved: Meter) -> Contents:
    """Copy and sum in one pass."""
    summer, buffer = Summer(), memoryview(bytearray(BLOCK))
    while count := stream.readinto(buffer):
        out.write(buffer[:count])
        summer.update(buffer[:count])
        moved(summer.size)
    return summer.size, summer.adler32()
