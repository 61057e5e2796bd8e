"""ROOT files for tests of merging: those of others in tests/data/root, and merging object by object."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from merging.rootio.compression import Compression
from merging.rootio.file import DIRECTORIES, RootFile
from merging.rootio.parts import Part, kind_of
from merging.rootio.writer import Writer

DATA = Path(__file__).parent / "data" / "root"
"""Files that ROOT wrote, of versions 5.23 to 6.38; SOURCES beside them says where they come from."""


def joined(inputs: Sequence[Path], output: Path) -> tuple[int, int]:
    """Merge by the kinds of objects alone, without the format ``root`` around them; tells size and sum."""
    writer = Writer(output, output.name, Compression())
    parts: dict[str, Part] = {}
    for path in inputs:
        with RootFile(path) as file:
            writer.streamers.add(file.streamers())
            for found in file.objects():
                if found.key.classname in DIRECTORIES:
                    continue
                if found.path not in parts:
                    kind = kind_of(found.key.classname)
                    assert kind is not None, found
                    parts[found.path] = kind.begin(found, writer, writer.directory(found.folder))
                parts[found.path].take(file, found)
    for part in parts.values():
        part.write()
    return writer.close()


def each(path: Path, use: Callable[[RootFile, Any], Any]) -> dict[str, Any]:
    """What ``use`` gives for every object of a file that is no directory, by path."""
    with RootFile(path) as file:
        return {
            found.path: use(file, found) for found in file.objects() if found.key.classname not in DIRECTORIES
        }


def differences(inputs: Sequence[Path], merged: Path) -> list[str]:
    """What the kinds of objects say differs between a merged file and its inputs."""
    told: list[str] = []
    with RootFile(merged) as file:
        for found in file.objects():
            kind = kind_of(found.key.classname)
            if found.key.classname in DIRECTORIES or kind is None:
                continue
            comparison = kind.compare(file, found)
            for path in inputs:
                with RootFile(path) as one:
                    comparison.take(one, next(other for other in one.objects() if other.path == found.path))
            told += comparison.differences()
    return told
