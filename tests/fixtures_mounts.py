"""A small file system with reflinks for a test. Only root can mount it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@pytest.fixture
def xfs(tmp_path: Path) -> Iterator[Path]:
    """An empty XFS with reflinks."""
    image = tmp_path / "xfs.image"
    with open(image, "wb") as file:
        file.truncate(400 << 20)
    with mounted(tmp_path / "xfs", "-o", "loop", image, make=["mkfs.xfs", "-q", image]) as place:
        yield place


@contextmanager
def mounted(place: Path, *how: str | Path, make: list[str | Path] | None = None) -> Iterator[Path]:
    """The place with a file system mounted on it; skips the test where that is not allowed."""
    path = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
    if os.geteuid() != 0 or (make and not shutil.which(str(make[0]), path=path)):
        pytest.skip("needs root and the tools of the file system")
    place.mkdir()
    environ = {**os.environ, "PATH": path}
    if make:
        subprocess.run(make, check=True, env=environ, capture_output=True)
    if subprocess.run(["mount", *how, place], env=environ, capture_output=True).returncode:
        pytest.skip("mounting is not allowed here")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", place], check=True, env=environ)
