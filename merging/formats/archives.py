"""Archives of many small files (logs): zip and tar with an index, the same bytes for the same inputs.

Members have the base names of the inputs and their order; no time, owner or mode is kept. The last member,
``index.json``, lists the others with sizes and sums, and what the caller told of them: it is made in the same
pass. Reading is in ``merging.formats.archiveindex``, which also gives one member without the rest.
"""

from __future__ import annotations

import tarfile
import zipfile
import zlib
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from copy import copy
from pathlib import Path
from typing import Any, Final, Self

from catalog.checksum import Summer
from merging.errors import MergeError, UnplannableInputs, UnreadableInput
from merging.formats import files
from merging.formats.archiveindex import INDEX, Member, Reader, checked, index_of, reading, written
from merging.formats.files import Sink, blocks, new_file, one_by_one, opened_raw, read_into
from merging.model import Count, Different, MergeResult, Same, Sameness, Taken, Told

MEMBERS: Final = "members"
"""What is counted in an archive: files, not events."""

_METHODS: Final = {"deflated": zipfile.ZIP_DEFLATED, "stored": zipfile.ZIP_STORED}
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)


class _Writer(ABC):
    """An archive that is being written."""

    @abstractmethod
    def add(self, name: str, size: int, content: Iterable[bytes | memoryview]) -> None: ...


class Archive(ABC):
    """What zip and tar have in common. ``n_events`` is None: members are not events.

    Two inputs of one name are refused. Contents are compared by reading every member.
    """

    one_by_one = True

    def __init__(self) -> None:
        self._told = Told()

    def telling(self, told: Told) -> Self:
        found = copy(self)
        found._told = told
        return found

    @abstractmethod
    def _writing(self, sink: Sink) -> AbstractContextManager[_Writer]: ...

    def merge(self, inputs: Iterable[Path], output: Path) -> MergeResult:
        taken: list[Taken] = []
        entries: list[dict[str, str | int]] = []
        names: set[str] = set()
        with (
            new_file(output) as temporary,
            Sink(temporary, output) as sink,
            self._writing(sink) as archive,
        ):
            for path in one_by_one(inputs):
                _check_name(path, names)
                one, crc32 = _added(archive, path)
                taken.append(one)
                entries.append(_entry(path, one, crc32, self._told.members.get(path.name, {})))
            text = written(entries, self._told.whole, self._told.gaps)
            archive.add(INDEX, len(text), [text])
        return MergeResult(sink.size, sink.adler32, None, {MEMBERS: len(taken)}, tuple(taken))

    def count(self, path: Path) -> Count:
        return Count(None, {MEMBERS: len(index_of(path).members)})

    def same_content(self, inputs: Sequence[Path], merged: Path) -> Sameness:
        with reading(merged) as archive:
            index = checked(archive, str(merged))
            names = [member.name for member in index.members]
            expected = [path.name for path in inputs]
            if names != expected:
                return Different((f"{merged}: holds {_some(names)}, not {_some(expected)}",))
            listed = index.by_name
            found = (_difference(archive, path, listed[path.name]) for path in inputs)
            where = tuple(f"{merged}: {text}" for text in found if text)
        return Different(where) if where else Same()


class ZipArchive(Archive):
    """A zip archive. ``compression`` is ``deflated`` or ``stored`` (for what is compressed already)."""

    def __init__(self, *, compression: str = "deflated") -> None:
        super().__init__()
        if compression not in _METHODS:
            raise MergeError(f"zip: compression is {' or '.join(_METHODS)}, not '{compression}'")
        self._method = _METHODS[compression]

    @contextmanager
    def _writing(self, sink: Sink) -> Iterator[_Writer]:
        out: Any = sink  # zipfile asks for no more than writing and telling
        with zipfile.ZipFile(out, "w") as archive:
            yield _ZipWriter(archive, self._method)


class TarArchive(Archive):
    """A tar archive (POSIX.1-2001), not compressed: for what is compressed already."""

    @contextmanager
    def _writing(self, sink: Sink) -> Iterator[_Writer]:
        yield _TarWriter(sink)
        sink.write(bytes(2 * tarfile.BLOCKSIZE))
        sink.write(bytes(-sink.size % tarfile.RECORDSIZE))


class _ZipWriter(_Writer):
    def __init__(self, archive: zipfile.ZipFile, method: int) -> None:
        self._archive, self._method = archive, method

    def add(self, name: str, size: int, content: Iterable[bytes | memoryview]) -> None:
        info = zipfile.ZipInfo(name, _EPOCH)
        info.compress_type = self._method
        info.create_system = 3  # Unix, wherever it is made
        info.external_attr = 0o644 << 16
        info.file_size = size
        with self._archive.open(info, "w") as member:
            for block in content:
                member.write(block)


class _TarWriter(_Writer):
    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    def add(self, name: str, size: int, content: Iterable[bytes | memoryview]) -> None:
        info = tarfile.TarInfo(name)
        info.size = size
        self._sink.write(info.tobuf(tarfile.PAX_FORMAT))
        for block in content:
            self._sink.write(block)
        self._sink.write(bytes(-size % tarfile.BLOCKSIZE))


def _check_name(path: Path, names: set[str]) -> None:
    if path.name in names:
        raise UnplannableInputs(f"two of the files are called {path.name}", subject=path.name)
    if path.name == INDEX:
        raise UnplannableInputs(f"{path}: '{INDEX}' is the name of the archive's own list", subject=str(path))
    if not path.name.isprintable():
        raise UnplannableInputs(f"a name that cannot be printed: {str(path)!r}", subject=repr(str(path)))
    names.add(path.name)


def _added(archive: _Writer, path: Path) -> tuple[Taken, int]:
    summer, size, crc32 = Summer(), path.stat().st_size, 0

    def passing() -> Iterator[memoryview]:
        nonlocal crc32
        for block in blocks(path):
            summer.update(block)
            crc32 = zlib.crc32(block, crc32)
            yield block
        if summer.size != size:
            text = f"{path}: has changed: {summer.size} bytes read of {size}"
            raise UnreadableInput(text, subject=str(path))

    archive.add(path.name, size, passing())
    return Taken(str(path), summer.size, by_type=_counted(path), adler32=summer.adler32()), crc32


def _entry(path: Path, taken: Taken, crc32: int, told: Mapping[str, str | int]) -> dict[str, str | int]:
    """What the index says of an input; of an archive also how many members it has."""
    found: dict[str, str | int] = {
        "name": path.name,
        "size": taken.size,
        "adler32": str(taken.adler32),
        "crc32": f"{crc32:08x}",
        **told,
    }
    if taken.by_type:
        found[MEMBERS] = taken.by_type[MEMBERS]
    return found


def _counted(path: Path) -> dict[str, int]:
    """How many members an archive has; nothing for what is none."""
    with open(path, "rb") as stream:
        if stream.read(2) != b"PK":
            return {}
    try:
        return {MEMBERS: len(index_of(path).members)}
    except UnreadableInput:  # a log may begin like an archive
        return {}


def _difference(archive: Reader, path: Path, listed: Member) -> str:
    """Where a member is not the file, or not what the index says; empty if it is."""
    offset, summer = 0, Summer()
    buffer = memoryview(bytearray(files.BLOCK))
    with archive.open(path.name) as member, opened_raw(path) as stream:
        while count := read_into(buffer, stream, path):
            if member.read(count) != bytes(buffer[:count]):
                return f"member {path.name} differs from {path} after offset {offset}"
            summer.update(buffer[:count])
            offset += count
        if member.read(1):
            return f"member {path.name} goes on after {path}"
    same = (summer.size, summer.adler32()) == (listed.size, listed.adler32)
    return "" if same else f"member {path.name} is not what the index says"


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:5]) + (f" … ({len(names)} files)" if len(names) > 5 else "")
