"""ROOT files into one without ROOT: baskets and pages are copied, histograms added, headers written anew.

One pass over the inputs in their order, each read once. How objects of a class are merged is for the kinds
in ``merging.rootio.parts``. What cannot be copied is refused (NotCopyable), or read and written with uproot
where that is asked for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from catalog.checksum import Adler32
from merging.errors import DifferentSchemas, MergeError, NotCopyable, UnreadableInput
from merging.formats.files import checked, new_file, one_by_one
from merging.formats.rewrite.root import RootRewrite
from merging.hadd.model import Options
from merging.model import Count, Different, MergeResult, Same, Sameness, Taken
from merging.rootio.compression import Compression
from merging.rootio.file import DIRECTORIES, Found, RootFile
from merging.rootio.parts import Comparison, Kind, Kinds, Part
from merging.rootio.processids import CLASS as PROCESS_ID
from merging.rootio.processids import ProcessIds
from merging.rootio.writer import EARLIEST, Writer

_ENOUGH: Final = 20
_COPIED: Final = "as it is"
_REFUSE, _REWRITE = "refuse", "rewrite"


class RootFiles:
    """Merges ROOT files: trees behind each other by their compressed baskets, histograms and the like added.

    Trees must be in every input, with the same branches (DifferentSchemas names file and branch). Directories
    are kept. An object that no kind takes is refused (NotCopyable).
    ``n_events``: entries of the one tree; without a tree those of the histogram ``events``; else None.
    ``by_type``: entries by the path of the tree.

    ``compression``: ``as it is`` keeps the compression of every basket and takes that of the first input for
    what is written anew; ``zlib:1``, ``zstd:5`` … refuses baskets of another algorithm. ``otherwise``: what
    to do where data cannot be copied: ``refuse``, or ``rewrite`` them with uproot (slow; then all inputs must
    be there until the end, and what uproot cannot write is refused). ``objects``, ``overflow`` and
    ``keep_first`` are of histograms and small objects (docs/howto/merge-histograms.md).
    """

    def __init__(
        self,
        *,
        compression: str = _COPIED,
        otherwise: str = _REFUSE,
        objects: str = "same",
        overflow: str = "refuse",
        keep_first: str = "",
    ) -> None:
        if otherwise not in (_REFUSE, _REWRITE):
            raise MergeError(f"root: otherwise is '{_REFUSE}' or '{_REWRITE}', not '{otherwise}'")
        self._kinds = Kinds(Options.parse(objects=objects, overflow=overflow, keep_first=keep_first))
        self._only = None if compression == _COPIED else Compression.parse(compression)
        self._rewrite = None if otherwise == _REFUSE else RootRewrite(compression=_words(self._only))

    @property
    def one_by_one(self) -> bool:
        return self._rewrite is None

    def merge(self, inputs: Iterable[Path], output: Path) -> MergeResult:
        if self._rewrite is None:
            return self._copied(one_by_one(inputs), output)
        paths = checked(inputs)
        try:
            return self._copied(iter(paths), output)
        except NotCopyable:
            return self._rewrite.merge(paths, output)

    def count(self, path: Path) -> Count:
        with RootFile(path) as file:
            return _count(file, file.objects(), self._kinds)

    def same_content(self, inputs: Sequence[Path], merged: Path) -> Sameness:
        with RootFile(merged) as out:
            comparison = _Comparison(out, self._kinds)
            for path in inputs:
                with RootFile(path) as file:
                    comparison.take(file)
        where = comparison.differences()
        return Different(where[:_ENOUGH]) if where else Same()

    def _copied(self, inputs: Iterator[Path], output: Path) -> MergeResult:
        with new_file(output) as temporary:
            merge = _Merge(temporary, self._only, self._kinds)
            try:
                for path in inputs:
                    with RootFile(path) as file:
                        merge.take(file)
                size, adler32 = merge.close()
            finally:
                merge.abandon()
            found = _reread(temporary, merge.entries, self._kinds)
        return MergeResult(size, adler32, found.n_events, found.by_type, tuple(merge.taken))


class _Merge:
    """One output in the making."""

    def __init__(self, path: Path, only: Compression | None, kinds: Kinds) -> None:
        self._path, self._only, self._kinds = path, only, kinds
        self._writer: Writer | None = None
        self._pids: ProcessIds | None = None
        self._parts: dict[str, tuple[Kind, Part, str]] = {}
        self.entries: Counter[str] = Counter()
        self.taken: list[Taken] = []

    def take(self, file: RootFile) -> None:
        writer = self._begun(file)
        writer.stamp = max(writer.stamp, file.top.modified)
        found = file.objects()
        self._check_classes(file, found)
        assert self._pids is not None
        self._pids.take(file, [one for one in found if one.key.classname == PROCESS_ID])
        writer.streamers.add(file.streamers())
        for one in found:
            if one.key.classname in DIRECTORIES:
                writer.directory(one.path, one.key.title)
            elif one.key.classname != PROCESS_ID:
                self._part(one, writer).take(file, one)
        count = _count(file, found, self._kinds)
        self._check_told(file, count)
        self.entries.update(count.by_type)
        self.taken.append(Taken(str(file.path), file.size, count.n_events, count.by_type))

    def close(self) -> tuple[int, Adler32]:
        """Write what was added up, and the lists at the end."""
        assert self._writer is not None  # one_by_one gives one input at least, or raises
        for _, part, _ in self._parts.values():
            part.write()
        return self._writer.close()

    def abandon(self) -> None:
        if self._writer is not None:
            self._writer.abandon()

    def _begun(self, file: RootFile) -> Writer:
        if self._writer is None:
            compression = self._only or Compression.of_code(file.header.compression)
            self._writer = Writer(
                self._path,
                self._path.name,
                compression,
                stamp=max(file.top.modified, EARLIEST),
                version=file.header.version,
            )
            self._writer.required = self._only
            self._pids = ProcessIds(self._writer)
        return self._writer

    def _check_classes(self, file: RootFile, found: list[Found]) -> None:
        """Every object can be merged, is of the class it was before, and trees are everywhere or nowhere."""
        here = {one.path: one for one in found}
        for path, (kind, _, classname) in self._parts.items():
            if kind.everywhere and path not in here:
                raise _differs(file, f"lacks '{path}' ({classname})")
            if path in here and here[path].key.classname != classname:
                raise _differs(file, f"'{path}' is a {here[path].key.classname}, before it was a {classname}")
        for one in found:
            classname = one.key.classname
            if one.path in self._parts or classname in DIRECTORIES or classname == PROCESS_ID:
                continue
            new = self._kinds.of(classname)
            if new is None:
                text = f"{file.path}: '{one.path}' at offset {one.key.seek} is a {classname}"
                raise NotCopyable(f"{text}, which cannot be merged", subject=str(file.path))
            if new.everywhere and self.taken:
                raise _differs(file, f"has '{one.path}' ({classname}), which {self.taken[0].name} lacks")

    def _check_told(self, file: RootFile, count: Count) -> None:
        """The number of events is that of all inputs or of none, not of those which have the histogram."""
        if self.taken and (self.taken[0].n_events is None) != (count.n_events is None):
            does, lacks = (file.path, self.taken[0].name)[:: -1 if count.n_events is None else 1]
            raise _differs(
                file, f"cannot go with {self.taken[0].name}: only {does} tells its events, not {lacks}"
            )

    def _part(self, found: Found, writer: Writer) -> Part:
        if found.path not in self._parts:
            classname = found.key.classname
            kind = self._kinds.of(classname)
            assert kind is not None
            part = kind.begin(found, writer, writer.directory(found.folder))
            self._parts[found.path] = kind, part, classname
        return self._parts[found.path][1]


class _Comparison:
    """A merged file against its inputs, object by object."""

    def __init__(self, merged: RootFile, kinds: Kinds) -> None:
        self._merged, self._kinds = merged, kinds
        self._there = {one.path: one for one in merged.objects()}
        self._where: list[str] = []
        self._open: dict[str, Comparison] = {}

    def take(self, file: RootFile) -> None:
        for one in file.objects():
            other, classname = self._there.get(one.path), one.key.classname
            if classname == PROCESS_ID:
                continue
            if other is None or _plain(other) != _plain(one):
                there = other.key.classname if other else "nothing"
                self._tell(f"'{one.path}' is {there}, in {file.path} it is {classname}")
            elif classname not in DIRECTORIES:
                self._comparison(other).take(file, one)

    def differences(self) -> tuple[str, ...]:
        for path, one in self._there.items():
            if one.key.classname not in (*DIRECTORIES, PROCESS_ID) and path not in self._open:
                self._tell(f"'{path}' is in no input")
        inner = (text for comparison in self._open.values() for text in comparison.differences())
        return (*self._where, *inner)

    def _comparison(self, other: Found) -> Comparison:
        if other.path not in self._open:
            kind = self._kinds.of(other.key.classname)
            if kind is None:
                text = f"{self._merged.path}: '{other.path}' is a {other.key.classname}: no way to compare"
                raise UnreadableInput(text, subject=str(self._merged.path))
            self._open[other.path] = kind.compare(self._merged, other)
        return self._open[other.path]

    def _tell(self, text: str) -> None:
        self._where.append(f"{self._merged.path}: {text}")


def _plain(found: Found) -> str:
    """The class; a directory is a directory, whichever of two names its class has."""
    return "TDirectoryFile" if found.key.classname in DIRECTORIES else found.key.classname


def _count(file: RootFile, found: list[Found], kinds: Kinds) -> Count:
    """Entries of trees by path; what counts the events is the one tree, or the histogram ``events``."""
    entries: dict[str, int] = {}
    filled: int | None = None
    for one in found:
        kind = None if one.key.classname in DIRECTORIES else kinds.of(one.key.classname)
        count = kind.entries(file, one) if kind else None
        if count is None:
            continue
        if one.key.classname.startswith("TH"):
            filled = count
        else:
            entries[one.path] = count
    if len(entries) == 1:
        return Count(next(iter(entries.values())), entries)
    return Count(None if entries else filled, entries)


def _reread(path: Path, entries: Mapping[str, int], kinds: Kinds) -> Count:
    """What a reader of the finished file finds. Raises MergeError when that is not what went in."""
    with RootFile(path) as file:
        count = _count(file, file.objects(), kinds)
    if dict(count.by_type) != dict(entries):
        text = f"it holds {dict(count.by_type)} entries, {dict(entries)} went in"
        raise MergeError(f"{path.name}: {text}", subject=path.name)
    return count


def _differs(file: RootFile, text: str) -> DifferentSchemas:
    return DifferentSchemas(f"{file.path}: {text}", subject=str(file.path))


def _words(compression: Compression | None) -> str:
    return f"{compression.algorithm}:{compression.level}" if compression else "zlib:1"
