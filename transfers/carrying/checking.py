"""What arrived: every file of a list is read and compared, side by side, and nothing is read twice.

What was found goes to a file line by line, so a check that was stopped goes on where it was. A file that was
the same before, and has the same size and time of change, is taken to be the same.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import islice
from pathlib import Path

from catalog.checksum import Adler32
from transfers.backends.localfiles import contents_of, inside
from transfers.carrying.lists import Arrival, Carried, Checked
from transfers.errors import EndpointUnreachable, StorageError

THREADS = 8
EXTRA = 1000
"""So many files that the list does not have are named; more are not looked for."""

_AT_A_TIME = 512


def check(
    files: Sequence[Carried], root: Path, before: Mapping[str, Checked], threads: int = THREADS
) -> Iterator[Checked]:
    """What is found of each file below ``root``, in any order of ending, as they end.

    ``before``: what was found earlier, by path. Raises EndpointUnreachable when the root is not there.
    """
    if not root.is_dir():
        raise EndpointUnreachable(f"{root} is not there: is it mounted here?", subject=str(root))
    waiting = iter(files)
    with ThreadPoolExecutor(threads, "ddm-carry") as pool:
        while batch := list(islice(waiting, _AT_A_TIME)):
            yield from pool.map(lambda file: _found(file, root, before.get(file.path)), batch)


def others(files: Iterable[Carried], root: Path) -> list[str]:
    """Files in the directories of the list that the list does not have; the first thousand."""
    known = {file.path for file in files}
    found: list[str] = []
    for directory in sorted({os.path.dirname(path) for path in known}):
        try:
            with os.scandir(inside(root, directory) if directory.strip("/") else root) as entries:
                names = sorted(entry.name for entry in entries if not entry.is_dir())
        except OSError:  # the files that should be in it are missing, which is said
            continue
        found += [path for name in names if (path := f"{directory.rstrip('/')}/{name}") not in known]
        if len(found) >= EXTRA:
            break
    return found[:EXTRA]


def outputs(directory: Path, root: Path, lfn: str, threads: int = THREADS) -> Iterator[Carried]:
    """Every regular file below ``directory`` with its size and adler32, as a list for the way home.

    The path is that below ``root``, the LFN the same behind ``lfn``. Raises OSError for what cannot be read.
    """

    def described(file: Path) -> Carried:
        path = f"/{file.relative_to(root)}"
        size, adler32 = contents_of(file)
        return Carried(f"{lfn.rstrip('/')}{path}", path, size, adler32)

    waiting = _below(directory)
    with ThreadPoolExecutor(threads, "ddm-carry") as pool:
        while batch := list(islice(waiting, _AT_A_TIME)):
            yield from pool.map(described, batch)


def _below(directory: Path) -> Iterator[Path]:
    for place, directories, names in os.walk(directory, onerror=_raise):
        directories.sort()
        for name in sorted(names):
            if stat.S_ISREG(os.stat(os.path.join(place, name)).st_mode):
                yield Path(place, name)


def _raise(error: OSError) -> None:
    raise error


def _found(file: Carried, root: Path, before: Checked | None) -> Checked:
    told = partial(Checked, file)
    try:
        place = inside(root, file.path)
        status = os.stat(place)
        if status.st_size != file.size and stat.S_ISREG(status.st_mode):  # no need to read it
            why = f"{status.st_size} bytes, not {file.size}"
            return told(Arrival.SIZE, status.st_size, None, status.st_ctime_ns, why)
        if before is not None and _untouched(file, before, status):
            return before
        size, adler32 = contents_of(place)
        if os.stat(place).st_ctime_ns != status.st_ctime_ns or size != status.st_size:
            return told(Arrival.UNREADABLE, why="it was written to while we read: is it still being copied?")
        return _compared(file, size, adler32, status.st_ctime_ns)
    except (FileNotFoundError, NotADirectoryError):
        return told(Arrival.MISSING, why="not there")
    except OSError as error:
        return told(Arrival.UNREADABLE, why=error.strerror or str(error))
    except StorageError as error:
        return told(Arrival.UNREADABLE, why=str(error))


def _compared(file: Carried, size: int, adler32: Adler32, ctime_ns: int) -> Checked:
    if adler32 == file.adler32:
        return Checked(file, Arrival.SAME, size, adler32, ctime_ns)
    return Checked(file, Arrival.CHECKSUM, size, adler32, ctime_ns, f"adler32 {adler32}, not {file.adler32}")


def _untouched(file: Carried, before: Checked, status: os.stat_result) -> bool:
    """It was the same, as the list says now too, and nobody has written to it since."""
    told = (before.file.lfn, before.file.path, before.file.size, before.file.adler32)
    return (
        before.arrival is Arrival.SAME
        and told == (file.lfn, file.path, file.size, file.adler32)
        and (before.size, before.ctime_ns) == (status.st_size, status.st_ctime_ns)
    )
