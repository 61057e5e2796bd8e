"""Raw event catalogues in text: ``run LFN events`` in each line, as many files as there are.

Files may be large and files of a run stand together in them, so one reading remembers where the lines of
each run are, and a question reads only those. A file that has changed since is read anew. Options: ``path``
(may have ``*``; relative to ddm.toml), ``match`` (``lfn``, ``base_name``), ``witness``.
"""

from __future__ import annotations

import glob
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from catalog.errors import BadInput
from ddm.events.options import agreed, by_base_name, number, taken, witness
from ddm.events.ports import Answer, Around, Asked, NotKnown

LONGEST_LINE = 1 << 16
MOST_EXTENTS = 1 << 20
"""Beyond so many stretches (runs mixed at random) a catalogue is refused rather than remembered."""


def open_source(options: Mapping[str, str], around: Around) -> TextSource:
    taken(options, "text", ("path",), "match", "witness")
    return TextSource(around.root, options)


@dataclass(slots=True)
class _Known:
    """Where the lines of each run are in a file: (offset, end, number of the first line)."""

    stamp: tuple[int, int, int]
    runs: dict[int, list[tuple[int, int, int]]] = field(default_factory=dict)


class TextSource:
    """Text catalogues; see the module."""

    at_once = 5000
    products: tuple[str, ...] = ("raw",)
    reads_files = False

    def __init__(self, root: Path, options: Mapping[str, str]) -> None:
        self.witness = witness(options)
        self._pattern = str(root / options["path"])
        self._by_name = by_base_name(options)
        self._known: dict[Path, _Known] = {}

    def ask(self, files: Sequence[Asked]) -> Mapping[str, Answer]:
        """Raises BadInput for a file that cannot be read or is no such catalogue."""
        wanted: dict[tuple[int, str], list[str]] = defaultdict(list)
        for file in files:
            wanted[file.run, file.base_name if self._by_name else file.lfn].append(file.lfn)
        found: dict[str, list[Answer]] = defaultdict(list)
        for path in self._paths():
            for run, name, value, where in self._lines(path, {run for run, _ in wanted}):
                for lfn in wanted.get((run, name), ()):
                    found[lfn].append(number(value, where))
        return {
            file.lfn: agreed(found[file.lfn], self._pattern)
            if file.lfn in found
            else NotKnown(f"{self._pattern}: not there in run {file.run}")
            for file in files
        }

    def _paths(self) -> list[Path]:
        paths = [Path(name) for name in sorted(glob.glob(self._pattern))]
        if not paths:
            raise BadInput("no such event catalogue", subject=self._pattern)
        return paths

    def _lines(self, path: Path, runs: set[int]) -> Iterator[tuple[int, str, str, str]]:
        """The lines of these runs that can be read: run, name, events, where."""
        try:
            with open(path, "rb") as stream:
                known = self._index(path, stream)
                for run in sorted(runs & known.runs.keys()):
                    for offset, end, line in known.runs[run]:
                        stream.seek(offset)
                        for text in stream.read(end - offset).splitlines():
                            words = text.decode(errors="replace").split()
                            if len(words) == 3:
                                yield run, words[1], words[2], f"{path}:{line}"
                            line += 1
        except OSError as error:
            raise BadInput(error.strerror or str(error), subject=str(path)) from None

    def _index(self, path: Path, stream) -> _Known:  # type: ignore[no-untyped-def]
        stat = path.stat()
        stamp = (stat.st_ino, stat.st_size, stat.st_mtime_ns)
        known = self._known.get(path)
        if known is None or known.stamp != stamp:
            known = _Known(stamp, _extents(path, stream))
            self._known[path] = known
        return known


def _extents(path: Path, stream) -> dict[int, list[tuple[int, int, int]]]:  # type: ignore[no-untyped-def]
    """Where the lines of each run are. Raises BadInput if no line begins with a run, or one is endless.

    A line that is none of ``run name events`` is no line of any run; what it says of a file stays unknown.
    """
    runs: dict[int, list[tuple[int, int, int]]] = {}
    extents = offset = line = 0
    while text := stream.readline(LONGEST_LINE):
        line += 1
        if len(text) == LONGEST_LINE:
            raise BadInput(f"a line of more than {LONGEST_LINE} bytes", subject=f"{path}:{line}")
        begin, offset = offset, offset + len(text)
        word = text.split(None, 1)[:1]
        if not word or not word[0].isdigit() or len(word[0]) > 9:
            continue
        stretches = runs.setdefault(int(word[0]), [])
        if stretches and stretches[-1][1] == begin:
            stretches[-1] = (stretches[-1][0], offset, stretches[-1][2])
            continue
        stretches.append((begin, offset, line))
        extents += 1
        if extents > MOST_EXTENTS:
            raise BadInput("the runs stand in it at random: sort it by run", subject=f"{path}:{line}")
    if line and not runs:
        raise BadInput("no line 'run LFN events' in it", subject=str(path))
    return runs
