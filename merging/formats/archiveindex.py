"""What is in an archive that ddm made, and one member of it, without unpacking the rest.

An archive is read from a path or from anything that can seek (``transfers.ranged`` reads one in a remote
storage). Its last member, ``index.json``, lists the others; what it says must agree with the archive, and
with the bytes of a member that is read. A member that is itself an archive, as it lies (``stored``), is read
in its place: so a log is had from the archive of its run within the archive of a production.

The index, version 2::

    {"version": 2,
     "archive": {"task": "P08", "production": "…", "product": "logs", "run": 275678, "part": 0},
     "gaps":    [{"run": 275678, "chunk": "11093", "reason": "…", "approver": "…"}, …],
     "members": [{"name": "…", "size": 812, "adler32": "04a9f1cf", "crc32": "352441c2",
                  "run": 275678, "chunk": "11091", "job": 17, "attempt": 1}, …]}

A member that is an archive has ``members``, the number of its own. Version 1 had name, size and adler32 only.
"""

from __future__ import annotations

import io
import json
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final, Protocol

from catalog.checksum import Adler32, adler32
from catalog.errors import DataManagementError
from merging.errors import ArchiveBroken, MemberDiffers, MemberMissing, MergeError

INDEX: Final = "index.json"
"""The member that lists the others."""

VERSION: Final = 2

_TAIL: Final = 256 << 10
"""Bytes at the end of an archive that are asked for at once: the lists of some thousand members."""

_LOCAL_HEADER: Final = struct.Struct("<4s22xHH")
_BROKEN: Final = (zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, struct.error)

Source = Path | IO[bytes] | io.RawIOBase
"""An archive: a path, or an open file that can seek."""

Value = str | int


@dataclass(frozen=True, slots=True)
class Member:
    """A member as the index has it. ``about``: what was told of it; {} in version 1."""

    name: str
    size: int
    adler32: Adler32
    about: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Index:
    """What an archive says of itself. ``archive``: whose it is; ``gaps``: what is not in it, and why."""

    members: tuple[Member, ...]
    version: int = VERSION
    archive: Mapping[str, Value] = field(default_factory=dict)
    gaps: tuple[Mapping[str, Value], ...] = ()

    @property
    def by_name(self) -> dict[str, Member]:
        return {member.name: member for member in self.members}


class Reader(Protocol):
    """An archive that is being read."""

    def sizes(self) -> list[tuple[str, int]]:
        """Names and sizes of all members, in order."""

    def open(self, name: str) -> IO[bytes]:
        """A member's bytes. Raises KeyError."""

    def place(self, name: str) -> tuple[int, int]:
        """Where a member lies as it is: offset and length. Raises KeyError, or MergeError if it is packed."""


class ZipReader:
    def __init__(self, source: Source) -> None:
        self._archive = zipfile.ZipFile(source)

    def sizes(self) -> list[tuple[str, int]]:
        return [(info.filename, info.file_size) for info in self._archive.infolist()]

    def open(self, name: str) -> IO[bytes]:
        info = self._archive.getinfo(name)
        self._ahead(info, info.compress_size)
        return self._archive.open(name)

    def place(self, name: str) -> tuple[int, int]:
        info = self._archive.getinfo(name)
        if info.compress_type != zipfile.ZIP_STORED:
            raise MergeError(f"member {name} is packed: what is in it cannot be had alone", subject=name)
        stream = self._stream()
        stream.seek(info.header_offset)
        mark, of_name, extra = _LOCAL_HEADER.unpack(stream.read(_LOCAL_HEADER.size))
        if mark != b"PK\3\4":
            raise zipfile.BadZipFile(f"no header of {name} at offset {info.header_offset}")
        return info.header_offset + _LOCAL_HEADER.size + of_name + extra, info.file_size

    def close(self) -> None:
        self._archive.close()

    def _ahead(self, info: zipfile.ZipInfo, size: int) -> None:
        """All of the member in one request, where requests are dear; its local header is as long as what the
        list has of it, or a little longer."""
        if (want := getattr(self._stream(), "want", None)) is not None:
            want(info.header_offset, _LOCAL_HEADER.size + len(info.filename.encode()) + 64 + size)

    def _stream(self) -> IO[bytes]:
        stream = self._archive.fp
        if stream is None:
            raise zipfile.BadZipFile("it is closed")
        return stream


class TarReader:
    def __init__(self, source: Source) -> None:
        if isinstance(source, Path):
            self._archive = tarfile.open(source, "r:")  # noqa: SIM115 - closed by close
        else:
            self._archive = tarfile.open(fileobj=source, mode="r:")  # noqa: SIM115

    def sizes(self) -> list[tuple[str, int]]:
        members = self._archive.getmembers()
        end = members[-1].offset_data + members[-1].size if members else 0
        stream: Any = self._archive.fileobj
        size = stream.seek(0, io.SEEK_END)
        if size < end + 2 * tarfile.BLOCKSIZE or size % tarfile.BLOCKSIZE:
            raise tarfile.ReadError(f"truncated, without the mark of an archive's end after offset {end}")
        return [(member.name, member.size) for member in members]

    def open(self, name: str) -> IO[bytes]:
        stream = self._archive.extractfile(name)
        if stream is None:
            raise KeyError(name)
        return stream

    def place(self, name: str) -> tuple[int, int]:
        info = self._archive.getmember(name)
        return info.offset_data, info.size

    def close(self) -> None:
        self._archive.close()


class Window(io.RawIOBase):
    """A stretch of an open file as a file of its own; its reads are those of the file around it."""

    def __init__(self, around: IO[bytes], start: int, size: int) -> None:
        self._around, self._start, self._size, self._at = around, start, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise OSError(22, f"before the beginning: {base + offset}")
        self._at = base + offset
        return self._at

    def readinto(self, buffer: Any) -> int:
        count = max(0, min(len(buffer), self._size - self._at))
        self._around.seek(self._start + self._at)
        found = self._around.read(count) if count else b""
        buffer[: len(found)] = found
        self._at += len(found)
        return len(found)

    def want(self, offset: int, length: int) -> None:
        """See ``transfers.ranged.RangedFile.want``."""
        if (want := getattr(self._around, "want", None)) is not None:
            want(self._start + offset, min(length, self._size - offset))


@contextmanager
def reading(source: Source, called: str = "") -> Iterator[Reader]:
    """The archive, of either kind. Raises ArchiveBroken, also for what is found while it is read; errors of
    the storage pass."""
    name = called or str(source)
    try:
        archive: ZipReader | TarReader = ZipReader(source) if _is_zip(source) else TarReader(source)
        try:
            yield archive
        finally:
            archive.close()
    except DataManagementError:
        raise
    except _BROKEN as error:
        raise broken(name, str(error)) from None
    except (OSError, ValueError, NotImplementedError, RuntimeError) as error:
        raise broken(name, f"cannot be read: {error}") from error


def broken(name: str, why: str) -> ArchiveBroken:
    """The error for an archive that is not one, or not whole."""
    return ArchiveBroken(f"{name}: no archive with an index, or a part of one ({why})", subject=name)


def _is_zip(source: Source) -> bool:
    if isinstance(source, Path):
        with open(source, "rb") as stream:
            return stream.read(2) == b"PK"
    size = source.seek(0, io.SEEK_END)
    if (want := getattr(source, "want", None)) is not None:
        want(max(0, size - _TAIL), _TAIL)
    found = zipfile.is_zipfile(source)  # its end first: then nothing of the beginning is asked for
    if not found:
        source.seek(0)
        found = source.read(2) == b"PK"
    source.seek(0)
    return found


def checked(archive: Reader, called: str) -> Index:
    """The index, which must agree with the archive in names, sizes and order. Raises ArchiveBroken."""
    sizes = archive.sizes()
    try:
        with archive.open(INDEX) as stream:
            found = parsed(stream.read())
    except KeyError:
        raise broken(called, f"it has no {INDEX}") from None
    except (AttributeError, TypeError, ValueError) as error:
        raise broken(called, f"its {INDEX} cannot be taken: {error}") from None
    there = [(name, size) for name, size in sizes if name != INDEX]
    if there != [(member.name, member.size) for member in found.members]:
        told, held = (
            {name for name, _ in some} for some in (((m.name, m.size) for m in found.members), there)
        )
        odd = sorted(told ^ held)
        text = f"the index and the archive differ{f', first in {odd[0]}' if odd else ''}"
        raise ArchiveBroken(f"{called}: {text}", subject=called)
    return found


_OWN = ("name", "size", "adler32")


def parsed(text: bytes) -> Index:
    """An index of either version. Raises ValueError, TypeError, AttributeError or KeyError."""
    data = json.loads(text)
    entries = data.get("members")
    if not isinstance(entries, list) or data.get("version") not in (1, VERSION):
        raise ValueError(f"no list of members, or of version {data.get('version')!r}")
    try:
        members = tuple(
            Member(
                entry["name"],
                int(entry["size"]),
                Adler32.parse(entry["adler32"]),
                {key: value for key, value in entry.items() if key not in _OWN},
            )
            for entry in entries
        )
    except KeyError as error:
        raise ValueError(f"a member without {error}") from None
    return Index(members, data["version"], dict(data.get("archive", {})), tuple(data.get("gaps", ())))


def written(
    members: Sequence[Mapping[str, Value]],
    archive: Mapping[str, Value],
    gaps: Sequence[Mapping[str, Value]],
) -> bytes:
    """The text of an index."""
    found = {"version": VERSION, "archive": dict(archive), "gaps": list(gaps), "members": list(members)}
    return json.dumps(found, indent=1).encode("ascii")


@contextmanager
def inside(
    source: Source, within: Sequence[str] = (), called: str = ""
) -> Iterator[tuple[Reader, Index, str]]:
    """The archive that lies in others, by the names of members from the outermost, with its index and what
    errors call it. Raises what ``reading`` and ``checked`` raise, and MemberMissing."""
    label = called or str(source)
    with reading(source, called) as archive:
        index = checked(archive, label)
        if not within:
            yield archive, index, label
            return
        if within[0] not in index.by_name:
            raise _missing(within[0], label)
        place = archive.place(within[0])
        name = f"{label}: {within[0]}"
        with _opened(source) as stream, inside(Window(stream, *place), within[1:], name) as found:
            yield found


@contextmanager
def _opened(source: Source) -> Iterator[Any]:
    if isinstance(source, Path):
        with open(source, "rb") as stream:
            yield stream
    else:
        yield source


def index_of(source: Source, called: str = "", within: Sequence[str] = ()) -> Index:
    """The index of an archive, compared with the archive's own list. Raises ArchiveBroken, MemberMissing."""
    with inside(source, within, called) as (_, index, _label):
        return index


def read_member(source: Source, name: str, called: str = "", within: Sequence[str] = ()) -> bytes:
    """The bytes of one member, compared with what the index says of it.

    ``within``: names of members that are themselves archives, each in the one before; ``name`` is in the
    last. Only what is needed is read: the lists and the member. Raises ArchiveBroken, MemberMissing, or
    MemberDiffers when the bytes are not those of the index.
    """
    with inside(source, within, called) as (archive, index, label):
        return _member(archive, index, name, label)


def _member(archive: Reader, index: Index, name: str, label: str) -> bytes:
    member = index.by_name.get(name)
    if member is None:
        raise _missing(name, label)
    try:
        with archive.open(name) as stream:
            content = stream.read()
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:  # its crc32, among others
        raise MemberDiffers(f"{label}: member {name}: {error}", subject=label) from None
    if (len(content), adler32([content])) != (member.size, member.adler32):
        text = (
            f"{label}: member {name} is not what the index says: {len(content)} bytes with adler32 "
            f"{adler32([content])}, not {member.size} with {member.adler32}"
        )
        raise MemberDiffers(text, subject=label)
    return content


def _missing(name: str, label: str) -> MemberMissing:
    return MemberMissing(f"{label}: has no member {name}", subject=name)
