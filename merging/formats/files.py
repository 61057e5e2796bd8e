"""What all formats share: inputs looked at when their turn comes, an output that appears whole or never."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from io import FileIO, RawIOBase
from pathlib import Path
from typing import TYPE_CHECKING

from catalog.checksum import EMPTY, Adler32, adler32, adler32_of, joined
from merging.errors import MergeToolFailed, UnplannableInputs, UnreadableInput

if TYPE_CHECKING:
    from typing_extensions import Buffer  # of collections.abc since Python 3.12

BLOCK = 1 << 20
"""Bytes read at a time: a processor's cache still holds them when they are summed and written."""

_WRITE = 256 << 10
"""Bytes written at a time. For more, the page cache looks for large pieces of free memory; where there are
few, that took five times as long as everything else (Linux 6.18, ext4: docs/decisions/0020)."""


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


class Sink(RawIOBase):
    """A new file that is written from its beginning to its end, and summed on the way.

    ``size`` and ``adler32`` are those of the bytes written so far; ``cut`` gives those of what was written
    since the last cut, so that pieces and the whole are summed once. A write that fails is a MergeToolFailed
    with file and offset. Close it, or use it in a ``with`` statement; nothing is buffered.
    """

    def __init__(self, path: Path, name: Path | None = None) -> None:
        """``name`` is what errors call the file."""
        self._name = name or path
        self._raw = FileIO(path, "xb")
        self._piece, self._piece_adler32 = 0, int(EMPTY)
        self._whole, self._whole_adler32 = 0, EMPTY

    def write(self, block: Buffer, /) -> int:
        """Write all of the block; returns its length."""
        rest = whole = memoryview(block).cast("B")
        try:
            while rest:
                rest = rest[self._raw.write(rest[:_WRITE]) :]
        except OSError as error:
            at = self.size + len(whole) - len(rest)
            text = f"{self._name} cannot be written at offset {at}: {error.strerror or error}"
            raise MergeToolFailed(text, subject=str(self._name)) from error
        self._piece += len(whole)
        self._piece_adler32 = adler32([whole], self._piece_adler32)
        return len(whole)

    def cut(self) -> tuple[int, Adler32]:
        """Size and adler32 of what was written since the last cut."""
        piece = self._piece, Adler32(self._piece_adler32)
        self._whole_adler32 = joined(self._whole_adler32, piece[1], piece[0])
        self._whole += piece[0]
        self._piece, self._piece_adler32 = 0, int(EMPTY)
        return piece

    @property
    def size(self) -> int:
        return self._whole + self._piece

    @property
    def adler32(self) -> Adler32:
        return joined(self._whole_adler32, self._piece_adler32, self._piece)

    def tell(self) -> int:
        """For libraries that ask a file where they are."""
        return self.size

    def writable(self) -> bool:
        return True

    def close(self) -> None:
        self._raw.close()
        super().close()


def checked(inputs: Iterable[Path]) -> Sequence[Path]:
    """All the inputs at once, if there are any, each given once and each a readable file.

    For formats that are not one by one. Raises a MergeError.
    """
    return list(one_by_one(inputs))


def one_by_one(inputs: Iterable[Path]) -> Iterator[Path]:
    """The inputs, each looked at when its turn comes: a file that can be read and was not given before.

    Inputs that are all there (a sequence) are looked at before the first is given, so that a long merge does
    not end at its last input for nothing. Raises a MergeError; of what the iterator raises, OSError becomes
    UnreadableInput, so that nobody takes it for trouble with the output.
    """
    if isinstance(inputs, Sequence):
        inputs = [_looked_at(path) for path in inputs]
    seen: set[str] = set()
    for path in _brought(inputs):
        if (real := os.path.realpath(path)) in seen:
            raise UnplannableInputs(f"{path} is given twice", subject=str(path))
        seen.add(real)
        yield _looked_at(path)
    if not seen:
        raise UnplannableInputs("no files to merge")


def _brought(inputs: Iterable[Path]) -> Iterator[Path]:
    coming = iter(inputs)
    while True:
        try:
            path = next(coming)
        except StopIteration:
            return
        except OSError as error:
            raise UnreadableInput(f"the next input cannot be had: {error}") from error
        yield path


def _looked_at(path: Path) -> Path:
    if not path.is_file() or not os.access(path, os.R_OK):
        raise UnreadableInput(f"{path} is not there or not a readable file", subject=str(path))
    return path


def unreadable(path: Path, error: OSError) -> UnreadableInput:
    """The error for an input that the operating system does not let us read."""
    return UnreadableInput(f"{path} cannot be read: {error.strerror or error}", subject=str(path))


def blocks(path: Path) -> Iterator[memoryview]:
    """The bytes of a file, in blocks that are valid until the next one is asked for.

    Raises UnreadableInput when the file cannot be read.
    """
    buffer = memoryview(bytearray(BLOCK))
    with opened_raw(path) as stream:
        while count := read_into(buffer, stream, path):
            yield buffer[:count]


def opened_raw(path: Path) -> FileIO:
    """The file for reading, without a buffer. Raises UnreadableInput."""
    try:
        return FileIO(path)
    except OSError as error:
        raise unreadable(path, error) from error


def read_into(buffer: memoryview, stream: FileIO, path: Path) -> int:
    """Read the next bytes of an input; how many, 0 at its end. Raises UnreadableInput."""
    try:
        return stream.readinto(buffer) or 0
    except OSError as error:
        raise unreadable(path, error) from error


def size_and_adler32(path: Path) -> tuple[int, Adler32]:
    """Size and adler32 of a finished file, read back."""
    with open(path, "rb") as stream:
        return adler32_of(stream)
