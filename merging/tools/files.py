"""What all merge tools share: a new file that appears whole or not at all, and a first look at the inputs."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from catalog.checksum import Adler32, adler32_of
from merging.errors import MergeToolFailed, UnplannableInputs, UnreadableInput

BLOCK = 4 << 20
"""Bytes read and written at a time."""


@contextmanager
def new_file(output: Path) -> Iterator[Path]:
    """A path to write to; it becomes ``output`` when the block ends well, and vanishes when it does not.

    The path has the name of ``output`` in a new directory beside it, so tools that store their file's name
    store the right one. The file is synced to disk before it gets its name, and the name is given by a hard
    link, which never replaces what is there. Raises FileExistsError if ``output`` exists, before or after;
    MergeToolFailed for any other trouble with the disk. A killed process leaves the directory behind.
    """
    if os.path.lexists(output):
        raise _exists(output)
    try:
        # Keeping one temporary file too many harms nobody; an error about it would hide the real one.
        with tempfile.TemporaryDirectory(
            prefix=".merge-", dir=output.parent, ignore_cleanup_errors=True
        ) as directory:
            temporary = Path(directory, output.name)
            yield temporary
            _publish(temporary, output)
    except FileExistsError:
        raise
    except OSError as error:
        raise MergeToolFailed(f"{output} cannot be written: {error}", subject=str(output)) from error


def _publish(temporary: Path, output: Path) -> None:
    _sync(temporary)
    try:
        os.link(temporary, output)  # invariant 4: nothing is overwritten
    except FileExistsError:
        raise _exists(output) from None
    try:
        _sync(output.parent)
    except OSError:
        output.unlink()  # ours, and not known to be on disk: on any error there is no output
        raise


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _exists(output: Path) -> FileExistsError:
    return FileExistsError(errno.EEXIST, "the output exists and is never overwritten", str(output))


def checked(inputs: Sequence[Path]) -> Sequence[Path]:
    """The inputs, if there are any, each given once and each a readable file. Raises a MergeError."""
    if not inputs:
        raise UnplannableInputs("no files to merge")
    seen: set[str] = set()
    for path in inputs:
        if (real := os.path.realpath(path)) in seen:
            raise UnplannableInputs(f"{path} is given twice", subject=str(path))
        seen.add(real)
        if not path.is_file() or not os.access(path, os.R_OK):
            raise UnreadableInput(f"{path} is not there or not a readable file", subject=str(path))
    return inputs


def blocks(path: Path) -> Iterator[memoryview]:
    """The bytes of a file, in blocks that are valid until the next one is asked for."""
    buffer = memoryview(bytearray(BLOCK))
    with open(path, "rb", buffering=0) as stream:
        while count := stream.readinto(buffer):
            yield buffer[:count]


def size_and_adler32(path: Path) -> tuple[int, Adler32]:
    """Size and adler32 of a finished file, read back."""
    with open(path, "rb") as stream:
        return adler32_of(stream)


def same_names(paths: Iterable[Path]) -> str | None:
    """A base name that two of the paths have, if there is one."""
    seen: set[str] = set()
    for path in paths:
        if path.name in seen:
            return path.name
        seen.add(path.name)
    return None
