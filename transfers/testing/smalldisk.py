"""A directory that is soon full, for the processes that are told so: real errors of a full disk, without one.

::

    with SmallDisk(directory, 8_000_000) as disk:
        subprocess.run(command, env={**os.environ, **disk.environment})
        disk.resize(60_000_000)

A small library (``rig/smalldisk.c``, compiled when it is first needed) is loaded before the program and lets
its writes fail with ENOSPC when what it has written below the directory would be more than that. So nothing
must be mounted, and nobody need be root. Programs that do not use the C library are not held.
"""

from __future__ import annotations

import atexit
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Self

from catalog.errors import DataManagementError

SOURCE = Path(__file__).parent / "rig/smalldisk.c"


class SmallDiskError(DataManagementError):
    """There is no C compiler, or it refuses."""

    code = "test_server"


class SmallDisk:
    """Room for ``size`` bytes below ``directory``: for each process by itself, counted from its start."""

    def __init__(self, directory: Path, size: int) -> None:
        self._directory = directory.resolve()
        self._library = _compiled()
        self._place = Path(tempfile.mkdtemp(prefix="smalldisk"))
        self._place.chmod(0o755)
        self.resize(size)

    def resize(self, size: int) -> None:
        """From now on there is so much room, what is used included."""
        new = self._place / "new"
        new.write_text(f"{size}\n{self._directory}\n")
        new.chmod(0o644)
        new.replace(self._place / "limit")

    @property
    def environment(self) -> Mapping[str, str]:
        """Variables that a program must have to find the disk small."""
        return {"LD_PRELOAD": str(self._library), "DDM_SMALL_DISK": str(self._place / "limit")}

    def close(self) -> None:
        """May be repeated."""
        shutil.rmtree(self._place, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


@cache
def _compiled() -> Path:
    """The library, made once per process and removed at its end. Raises SmallDiskError."""
    if not (compiler := shutil.which("cc") or shutil.which("gcc")):
        raise SmallDiskError("a small disk needs a C compiler: apt-get install gcc")
    place = Path(tempfile.mkdtemp(prefix="smalldisk"))
    place.chmod(0o755)  # servers run as somebody else
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    target = place / "smalldisk.so"
    command = [compiler, "-O1", "-shared", "-fPIC", "-o", str(target), str(SOURCE), "-ldl", "-lpthread"]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        raise SmallDiskError(f"the small disk cannot be compiled: {done.stderr[-500:]}")
    return target
