"""The bytes of one open file into another: by the kernel where that helps, summed on the way where not.

What was ordered has an adler32, and that must be seen in the bytes that are kept:

- A reflink (XFS, Btrfs, NFS 4.2 …) shares the source's blocks: nothing is written. Then the *new* file is
  read and summed. The source will not do: somebody may write to it between the link and the reading, and the
  new file keeps what was there at the link.
- Without reflinks one pass reads, sums and writes. Letting the kernel copy first and reading afterwards costs
  more than summing does: adler32 runs at memory speed, and the block is in the processor's cache anyway.
- When no checksum is known there is nothing to compare, and ``copy_file_range`` copies without us (on NFS 4.2
  and CephFS even within the server). The size is compared all the same.
"""

from __future__ import annotations

import errno
import fcntl
import os
from io import FileIO

from catalog.checksum import BLOCK, Adler32, Summer
from transfers.backends.newfile import NewFile
from transfers.watch import Meter

FICLONE = 0x40049409  # of linux/fs.h: _IOW(0x94, 9, int)
_RANGE = 64 << 20  # how much the kernel copies before somebody may stop it
_NOT_BY_KERNEL = {errno.EXDEV, errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.EPERM, errno.ETXTBSY}


def pour(
    source: FileIO, name: str, new: NewFile, moved: Meter, *, summed: bool = True
) -> tuple[int, Adler32 | None]:
    """Copy all of the source, which ``name`` names in errors, into the new file: size and adler32 of what is
    kept there. The adler32 is None when it is not wanted and the kernel copied."""
    os.posix_fadvise(source.fileno(), 0, 0, os.POSIX_FADV_SEQUENTIAL)
    if _reflink(source, new):
        if not summed:
            return os.fstat(new.descriptor).st_size, None
        with open(new.descriptor, "rb", buffering=0, closefd=False) as kept:
            return _read(kept, str(new.directory), None, moved)
    if not summed and (size := _by_kernel(source, new, moved)) is not None:
        return size, None
    return _read(source, name, new, moved)


def _read(source: FileIO, name: str, new: NewFile | None, moved: Meter) -> tuple[int, Adler32]:
    """Sum what is left of the source, and write it to the new file as well if there is one."""
    size = os.fstat(source.fileno()).st_size
    summer, buffer = Summer(), memoryview(bytearray(min(BLOCK, size + 1)))
    moved(0)
    while True:
        try:
            count = source.readinto(buffer)
        except OSError as error:  # says whose fault it is
            raise OSError(error.errno, error.strerror, name) from error
        if not count:
            return summer.size, summer.adler32()
        if new is not None:
            new.write(buffer[:count])
        summer.update(buffer[:count])
        moved(summer.size)


def _reflink(source: FileIO, new: NewFile) -> bool:
    """Whether the new file shares the source's blocks now."""
    try:
        fcntl.ioctl(new.descriptor, FICLONE, source.fileno())
    except OSError:  # mostly that it cannot; a real trouble is met again, and told, by the copy that follows
        return False
    return True


def _by_kernel(source: FileIO, new: NewFile, moved: Meter) -> int | None:
    """The size that the kernel copied; None when it cannot, and nothing was copied."""
    size, whole = 0, os.fstat(source.fileno()).st_size
    while True:
        moved(size)
        try:
            count = os.copy_file_range(source.fileno(), new.descriptor, _RANGE)
        except OSError as error:
            if size == 0 and error.errno in _NOT_BY_KERNEL:
                return None
            raise OSError(error.errno, error.strerror, str(new.directory)) from error
        if count == 0:  # some file systems say so of a file that has bytes: then we look ourselves
            return size if size or not whole else None
        size += count
