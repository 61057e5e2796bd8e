"""A new local file that nobody sees before it is whole, and of which a kill leaves as little as can be.

Where the file system has it (ext4, XFS, Btrfs, tmpfs …) the file has no name at all while it is written
(O_TMPFILE): what dies with its process leaves nothing. Elsewhere (NFS, Lustre, GPFS …) it has a temporary
name, ``.ddm-HOST-PID-THREAD-NUMBER.part``, and is locked as long as it is written, so that a file left behind
can be told from one that is being written, from any host: see ``transfers.leftovers``.
"""

from __future__ import annotations

import errno
import fcntl
import itertools
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

_numbers = itertools.count()
_NO_NAMELESS = {errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL, errno.ENOENT, errno.ENOSYS}


class NewFile:
    """An open file without its name yet. ``temporary``: the name it has meanwhile, if it must have one."""

    def __init__(self, directory: Path, *, named: bool = False) -> None:
        self.directory = directory
        self.temporary: Path | None = None
        if named or not _links_descriptors():
            self.descriptor = self._named()
            return
        try:
            self.descriptor = os.open(directory, os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC, 0o666)
        except OSError as error:
            if error.errno not in _NO_NAMELESS:
                raise
            self.descriptor = self._named()

    def write(self, block: memoryview) -> None:
        """All of the block. OSError names the directory: it is the destination that has no room."""
        try:
            done = os.write(self.descriptor, block)
            while done < len(block):
                done += os.write(self.descriptor, block[done:])
        except OSError as error:
            raise OSError(error.errno, error.strerror, str(self.directory)) from error

    def force(self) -> None:
        """Force the bytes to disk: a quota or a broken disk may be told only now."""
        try:
            os.fsync(self.descriptor)
        except OSError as error:
            raise OSError(error.errno, error.strerror, str(self.directory)) from error

    def name(self, final: Path) -> None:
        """Let the file have its name. FileExistsError when it is taken: never replaces (invariant 4)."""
        place = self.temporary or Path(f"/proc/self/fd/{self.descriptor}")
        there = os.open(final.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:  # with a directory's descriptor the call is linkat, which follows the link in /proc to the file
            os.link(place, final.name, dst_dir_fd=there, follow_symlinks=self.temporary is None)
        finally:
            os.close(there)

    def close(self) -> None:
        """The temporary name is gone, and the bytes with it unless they have their own."""
        try:
            if self.temporary is not None:
                with suppress(FileNotFoundError):
                    self.temporary.unlink()
        finally:
            os.close(self.descriptor)

    def _named(self) -> int:
        """A new file that nobody else writes: host, process, thread and number make the name, O_EXCL makes
        sure."""
        while True:
            who = f"{os.uname().nodename}-{os.getpid()}-{threading.get_native_id()}-{next(_numbers)}"
            self.temporary = self.directory / f".ddm-{who}.part"
            with suppress(FileExistsError):  # left by a process of the same number that was killed
                flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
                descriptor = os.open(self.temporary, flags, 0o666)
                with suppress(OSError):  # without locks nobody can prove it left behind, and so it is kept
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return descriptor


@contextmanager
def new_file(directory: Path, *, named: bool = False) -> Iterator[NewFile]:
    """A new file in this directory; what has not been given a name in the block is gone after it."""
    new = NewFile(directory, named=named)
    try:
        yield new
    finally:
        new.close()


@cache
def _links_descriptors() -> bool:
    """A file without a name gets one by way of /proc."""
    return os.path.isdir("/proc/self/fd")
