"""What the tests of several formats share."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


def written(directory: Path, contents: Mapping[str, bytes], suffix: str) -> dict[str, Path]:
    """One file for every content, named by what it is."""
    paths = {what: directory / f"{what}{suffix}" for what in contents}
    for what, path in paths.items():
        path.write_bytes(contents[what])
    return paths
