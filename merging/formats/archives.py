"""Archives of many small files (logs): zip and tar with an index, the same bytes for the same inputs.

Members have the base names of the inputs and their order; no time, owner or mode is kept. The last member,
``index.json``, lists the others with size and adler32. ``read_member`` gives one of them without unpacking
the rest.
"""

from __future__ import annotations

import json
import tarfile
import zipfile
import zlib
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from catalog.checksum import Adler32, Summer
from merging.errors import MergeError, UnplannableInputs, UnreadableInput
from merging.formats import files
from merging.formats.files import Sink, blocks, new_file, one_by_one, opened_raw, read_into
from merging.model import Count, Different, MergeResult, Same, Sameness, Taken
from merging.rootfile import reading

INDEX: Final = "index.json"
"""The member that lists the others: ``{"version": 1, "members": [{"name", "size", "adler32"}, …]}``."""

MEMBERS: Final = "members"
"""What is counted in an archive: files, not events."""

_METHODS: Final = {"deflated": zipfile.ZIP_DEFLATED, "stored": zipfile.ZIP_STORED}
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_BROKEN: Final = (zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError)


class _Writer(ABC):
    """An archive that is being written."""

    @abstractmethod
    def add(self, name: str, size: int, content: Iterable[bytes | memoryview]) -> None: ...


class _Reader(ABC):
    """An archive that is being read."""

    @abstractmethod
    def sizes(self) -> list[tuple[str, int]]:
        """Names and sizes of all members, in order."""

    @abstractmethod
    def open(self, name: str) -> IO[bytes]:
        """A member's bytes. Raises KeyError."""


class Archive(ABC):
    """What zip and tar have in common. ``n_events`` is None: members are not events.

    Two inputs of one name are refused. Contents are compared by reading every member.
    """

    one_by_one = True

    @abstractmethod
    def _writing(self, sink: Sink) -> AbstractContextManager[_Writer]: ...

    @staticmethod
    @abstractmethod
    def _reading(path: Path) -> AbstractContextManager[_Reader]: ...

    def merge(self, inputs: Iterable[Path], output: Path) -> MergeResult:
        taken: list[Taken] = []
        names: set[str] = set()
        with (
            new_file(output) as temporary,
            Sink(temporary, output) as sink,
            self._writing(sink) as archive,
        ):
            for path in one_by_one(inputs):
                _check_name(path, names)
                taken.append(_added(archive, path))
            text = json.dumps({"version": 1, "members": [_entry(one) for one in taken]}, indent=1)
            archive.add(INDEX, len(text), [text.encode("ascii")])
        return MergeResult(sink.size, sink.adler32, None, {MEMBERS: len(taken)}, tuple(taken))

    def count(self, path: Path) -> Count:
        with _opened(self._reading, path) as archive:
            return Count(None, {MEMBERS: len(_members(archive, path))})

    def same_content(self, inputs: Sequence[Path], merged: Path) -> Sameness:
        with _opened(self._reading, merged) as archive:
            names = [member.name for member in _members(archive, merged)]
            expected = [path.name for path in inputs]
            if names != expected:
                return Different((f"{merged}: holds {_some(names)}, not {_some(expected)}",))
            found = (_difference(archive, path) for path in inputs)
            where = tuple(f"{merged}: {text}" for text in found if text)
        return Different(where) if where else Same()


class ZipArchive(Archive):
    """A zip archive. ``compression`` is ``deflated`` or ``stored`` (for what is compressed already)."""

    def __init__(self, *, compression: str = "deflated") -> None:
        if compression not in _METHODS:
            raise MergeError(f"zip: compression is {' or '.join(_METHODS)}, not '{compression}'")
        self._method = _METHODS[compression]

    @contextmanager
    def _writing(self, sink: Sink) -> Iterator[_Writer]:
        out: Any = sink  # zipfile asks for no more than writing and telling
        with zipfile.ZipFile(out, "w") as archive:
            yield _ZipWriter(archive, self._method)

    @staticmethod
    @contextmanager
    def _reading(path: Path) -> Iterator[_Reader]:
        with zipfile.ZipFile(path) as archive:
            yield _ZipReader(archive)


class TarArchive(Archive):
    """A tar archive (POSIX.1-2001), not compressed: for what is compressed already."""

    @contextmanager
    def _writing(self, sink: Sink) -> Iterator[_Writer]:
        yield _TarWriter(sink)
        sink.write(bytes(2 * tarfile.BLOCKSIZE))
        sink.write(bytes(-sink.size % tarfile.RECORDSIZE))

    @staticmethod
    @contextmanager
    def _reading(path: Path) -> Iterator[_Reader]:
        with tarfile.open(path, "r:") as archive:
            yield _TarReader(archive, path)


def read_member(archive: Path, name: str) -> bytes:
    """The bytes of one member of a zip or tar archive made here, compared with the index.

    Only the member and the lists are read. Raises UnreadableInput if the archive or the member is broken, and
    KeyError if there is no such member.
    """
    kind: type[Archive] = ZipArchive if _starts_like_zip(archive) else TarArchive
    with _opened(kind._reading, archive) as found:
        listed = {member.name: member for member in _members(found, archive)}
        if name in listed:
            with found.open(name) as stream:
                content = stream.read()
    member = listed[name]
    summer = Summer()
    summer.update(content)
    if (summer.size, summer.adler32()) != (member.size, member.adler32):
        text = f"{archive}: member {name} is not what the index says"
        raise UnreadableInput(text, subject=str(archive))
    return content


def _starts_like_zip(path: Path) -> bool:
    for block in blocks(path):
        return bytes(block[:2]) == b"PK"
    return False


@dataclass(frozen=True, slots=True)
class _Member:
    name: str
    size: int
    adler32: Adler32


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


class _ZipReader(_Reader):
    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive

    def sizes(self) -> list[tuple[str, int]]:
        return [(info.filename, info.file_size) for info in self._archive.infolist()]

    def open(self, name: str) -> IO[bytes]:
        return self._archive.open(name)


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


class _TarReader(_Reader):
    def __init__(self, archive: tarfile.TarFile, path: Path) -> None:
        self._archive, self._path = archive, path

    def sizes(self) -> list[tuple[str, int]]:
        members = self._archive.getmembers()
        end = members[-1].offset_data + members[-1].size if members else 0
        size = self._path.stat().st_size
        if size < end + 2 * tarfile.BLOCKSIZE or size % tarfile.BLOCKSIZE:
            text = f"{self._path}: truncated, without the mark of an archive's end after offset {end}"
            raise UnreadableInput(text, subject=str(self._path))
        return [(member.name, member.size) for member in members]

    def open(self, name: str) -> IO[bytes]:
        stream = self._archive.extractfile(name)
        if stream is None:
            raise KeyError(name)
        return stream


def _check_name(path: Path, names: set[str]) -> None:
    if path.name in names:
        raise UnplannableInputs(f"two of the files are called {path.name}", subject=path.name)
    if path.name == INDEX:
        raise UnplannableInputs(f"{path}: '{INDEX}' is the name of the archive's own list", subject=str(path))
    if not path.name.isprintable():
        raise UnplannableInputs(f"a name that cannot be printed: {str(path)!r}", subject=repr(str(path)))
    names.add(path.name)


def _added(archive: _Writer, path: Path) -> Taken:
    summer, size = Summer(), path.stat().st_size

    def passing() -> Iterator[memoryview]:
        for block in blocks(path):
            summer.update(block)
            yield block
        if summer.size != size:
            text = f"{path}: has changed: {summer.size} bytes read of {size}"
            raise UnreadableInput(text, subject=str(path))

    archive.add(path.name, size, passing())
    return Taken(str(path), summer.size, adler32=summer.adler32())


def _entry(taken: Taken) -> dict[str, str | int]:
    return {"name": Path(taken.name).name, "size": taken.size, "adler32": str(taken.adler32)}


@contextmanager
def _opened(opening: Any, path: Path) -> Iterator[_Reader]:
    with reading(path):
        try:
            with opening(path) as archive:
                yield archive
        except _BROKEN as error:
            text = f"{path}: no archive with an index ({error})"
            raise UnreadableInput(text, subject=str(path)) from None


def _members(archive: _Reader, path: Path) -> list[_Member]:
    """The members but the index, which must agree with the archive. Raises UnreadableInput."""
    found = [(name, size) for name, size in archive.sizes() if name != INDEX]
    try:
        with archive.open(INDEX) as stream:
            entries = json.load(stream)["members"]
        listed = [_Member(entry["name"], entry["size"], Adler32.parse(entry["adler32"])) for entry in entries]
    except (KeyError, TypeError, ValueError) as error:
        text = f"{path}: no archive with an index ({error})"
        raise UnreadableInput(text, subject=str(path)) from None
    if found != [(member.name, member.size) for member in listed]:
        raise UnreadableInput(f"{path}: the index and the archive differ", subject=str(path))
    return listed


def _difference(archive: _Reader, path: Path) -> str:
    """Where a member is not the file; empty if it is."""
    offset = 0
    buffer = memoryview(bytearray(files.BLOCK))
    with archive.open(path.name) as member, opened_raw(path) as stream:
        while count := read_into(buffer, stream, path):
            if member.read(count) != bytes(buffer[:count]):
                return f"member {path.name} differs from {path} after offset {offset}"
            offset += count
        return f"member {path.name} goes on after {path}" if member.read(1) else ""


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:5]) + (f" … ({len(names)} files)" if len(names) > 5 else "")
