"""Files of ROOT trees and histograms into one, read and written with uproot.

This path reads every basket and writes it again: some tens of MB/s, with memory bounded by ``step``. Copying
the compressed baskets as they are is many times faster; this is for what cannot be copied, and the reference
for what a merged file must hold.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from catalog.errors import DataManagementError
from merging.errors import DifferentSchemas, MergeError
from merging.formats.files import checked, new_file, size_and_adler32
from merging.formats.rewrite.compare import same_objects
from merging.formats.rewrite.histograms import HistogramSum, is_histogram, same_content
from merging.formats.rewrite.trees import TreeCopy, TreeSchema, schema_of
from merging.model import Count, MergeResult, Sameness, Taken
from merging.rootfile import (
    DIRECTORIES,
    EVENTS,
    TREES,
    event_count,
    load_uproot,
    objects,
    opened,
    reading,
    told,
)

_COMPRESSION = re.compile(r"(zlib|lzma|lz4|zstd):([0-9])")


class RootRewrite:
    """Merges ROOT files of equal content: trees one after the other, histograms and profiles added up.

    All inputs must hold the same objects, in the same directories, of the same classes; trees the same
    branches with the same types, histograms the same bins (DifferentSchemas). Trees of numbers, fixed and
    variable arrays of numbers (the counters stay what they are) and strings can be merged; TH1, TH2, TH3
    and TProfile are added bin by bin with variances, entries and statistics, and keep the title and style
    of the first. Everything else (objects and std containers in trees, graphs, user lists …) is refused
    with a MergeError that names the object, before anything is announced.

    The result is opened again before it gets its name: same objects, same branches, the sum of the
    entries, the sums in the bins. ``n_events``: entries of the one tree; without a tree those of the
    histogram ``events``; else None.

    ``step``: how much of a tree is in memory at a time. ``compression``: ``zlib:1``, ``lz4:4``, ``zstd:5`` …
    """

    one_by_one = False

    def __init__(self, *, step: str = "64 MB", compression: str = "zlib:1") -> None:
        if not re.fullmatch(r"[1-9][0-9]* ?[kMG]?B", step):
            raise MergeError(f"root: step is a size such as '64 MB', not '{step}'")
        found = _COMPRESSION.fullmatch(compression)
        if not found:
            raise MergeError(f"root: compression is such as 'zlib:1' or 'zstd:5', not '{compression}'")
        self._step = step
        self._algorithm, self._level = found[1].upper(), int(found[2])

    def merge(self, inputs: Iterable[Path], output: Path) -> MergeResult:
        uproot = load_uproot()
        compression = getattr(uproot, self._algorithm)(self._level)
        with new_file(output) as temporary:
            paths = checked(inputs)
            content = _first_look(paths)
            with _written(uproot, temporary, compression) as out:
                _fill(out, content, paths, self._step)
            n_events = _verified(temporary, content)
            size, adler32 = size_and_adler32(temporary)
            taken = tuple(_taken(path, self.count(path)) for path in paths)
        return MergeResult(size, adler32, n_events, content.entries, taken)

    def count(self, path: Path) -> Count:
        with opened(path) as file, reading(path):
            classes = objects(file)
            entries = {name: int(file[name].num_entries) for name, cls in classes.items() if cls in TREES}
            return Count(_n_events(file, path, classes, entries), entries)

    def same_content(self, inputs: Sequence[Path], merged: Path) -> Sameness:
        return same_objects(inputs, merged, self._step)


def _taken(path: Path, count: Count) -> Taken:
    return Taken(str(path), path.stat().st_size, count.n_events, count.by_type)


class _Content:
    """What all inputs hold: classes by path, schemas of trees, sums so far."""

    def __init__(self, classes: dict[str, str], schemas: dict[str, TreeSchema]) -> None:
        self.classes = classes
        self.schemas = schemas
        self.entries = dict.fromkeys(schemas, 0)
        self.sums: dict[str, HistogramSum] = {}


def _first_look(inputs: Sequence[Path]) -> _Content:
    """The content of the first file, after all others were compared with it: cheap, no basket is read."""
    first: _Content | None = None
    for path in inputs:
        with opened(path) as file, reading(path):
            classes = objects(file)
            for name, classname in classes.items():
                _check_class(name, classname, path)
            schemas = {name: schema_of(file[name], path) for name, cls in classes.items() if cls == "TTree"}
            entries = {name: int(file[name].num_entries) for name in schemas}
        if first is None:
            first = _Content(classes, schemas)
        _check_same(first, classes, schemas, (inputs[0], path))
        for name, count in entries.items():
            first.entries[name] += count
    assert first is not None
    return first


def _check_class(name: str, classname: str, path: Path) -> None:
    if classname != "TTree" and classname not in DIRECTORIES and not is_histogram(classname):
        raise MergeError(f"{path}: '{name}' is a {classname}, which cannot be merged", subject=str(path))


def _check_same(
    first: _Content, classes: Mapping[str, str], schemas: Mapping[str, TreeSchema], paths: tuple[Path, Path]
) -> None:
    for name in sorted(first.classes.keys() | classes.keys()):
        here, there = classes.get(name, "nothing"), first.classes.get(name, "nothing")
        if here != there:
            text = f"{paths[1]}: '{name}' is {here}, in {paths[0]} it is {there}"
            raise DifferentSchemas(text, subject=str(paths[1]))
    for name, schema in schemas.items():
        if difference := first.schemas[name].difference(schema):
            text = f"{paths[1]}: tree '{name}' differs from that in {paths[0]}: {difference}"
            raise DifferentSchemas(text, subject=str(paths[1]))


@contextmanager
def _written(uproot: Any, path: Path, compression: Any) -> Iterator[Any]:
    """The new file, to be filled. What uproot cannot write is a MergeError, a full disk an OSError."""
    with ExitStack() as stack:
        try:
            out = stack.enter_context(uproot.recreate(path, compression=compression))
            yield out
            stack.close()
        except (DataManagementError, OSError):
            raise
        except Exception as error:
            raise MergeError(
                f"{path.name}: uproot cannot write it: {told(error)}", subject=path.name
            ) from error


def _fill(out: Any, content: _Content, inputs: Sequence[Path], step: str) -> None:
    """One pass over the inputs: trees go on into the output, histograms add up and are written at the end."""
    for name, classname in content.classes.items():
        if classname in DIRECTORIES:
            out.mkdir(name)
    copies = {name: TreeCopy(out, name, schema) for name, schema in content.schemas.items()}
    for path in inputs:
        with opened(path) as file:
            for copy in copies.values():
                copy.extend(file, path, step)
            for name, classname in content.classes.items():
                if is_histogram(classname):
                    with reading(path):
                        histogram = file[name]
                    if name in content.sums:
                        content.sums[name].add(histogram, path)
                    else:
                        content.sums[name] = HistogramSum(histogram, name, path)
    for total in content.sums.values():
        total.write(out)


def _verified(path: Path, content: _Content) -> int | None:
    """Open the result as a reader would, compare, and tell its number of events."""
    with opened(path) as file, reading(path):
        if objects(file) != content.classes:
            raise _lost(path, "objects are missing or of another class")
        for name, schema in content.schemas.items():
            tree = file[name]
            if difference := schema.difference(schema_of(tree, path)):
                raise _lost(path, f"tree '{name}' cannot be written back as it was: {difference}")
            if tree.num_entries != content.entries[name]:
                raise _lost(
                    path, f"tree '{name}' has {tree.num_entries} entries, {content.entries[name]} went in"
                )
        for name, total in content.sums.items():
            if not same_content(file[name], total.histogram):
                raise _lost(path, f"histogram '{name}' is not what was written")
        return _n_events(file, path, content.classes, content.entries)


def _n_events(file: Any, path: Path, classes: Mapping[str, str], entries: Mapping[str, int]) -> int | None:
    if len(entries) == 1:
        return next(iter(entries.values()))
    if not entries and classes.get(EVENTS, "").startswith("TH1"):
        return event_count(file[EVENTS], path)
    return None


def _lost(path: Path, text: str) -> MergeError:
    return MergeError(f"{path.name}: {text}", subject=path.name)
