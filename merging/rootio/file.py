"""A ROOT file for reading: its header, directories with their keys, records, StreamerInfo, free segments.

Nothing is read that is not asked for, and every read is checked against the end of the file, so that a file
that is cut, foreign or was never closed is refused with the offset where that shows:

* shorter than its header says: truncated at its size;
* no list of keys, or records behind the end that the header tells: it was not closed (a crash while it was
  written). ROOT would try to recover what it finds, and nobody could say what is lost; here it is refused.
  A file that ROOT has recovered and closed is an ordinary one.

Sources: TFile::Init, TDirectoryFile::ReadKeys, TFree.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final

from merging.errors import UnreadableInput
from merging.rootio.compression import decompressed
from merging.rootio.keys import SHORTEST, Key
from merging.rootio.streamerinfo import Streamers, read_streamers
from merging.rootio.walk import Unwalkable, Walked, walk

_BIG_FILE: Final = 1_000_000
_BIG_DIRECTORY: Final = 1000
_HEAD_SMALL: Final = struct.Struct(">4siiiiiiiBiii")
_HEAD_BIG: Final = struct.Struct(">4siiqqiiiBiqi")
_DIRECTORY: Final = struct.Struct(">hIIii")
_PLACES_SMALL: Final = struct.Struct(">iii")
_PLACES_BIG: Final = struct.Struct(">qqq")
_LONGEST_KEY: Final = 4096
_AT_ONCE: Final = 1 << 20
_HIDDEN: Final = frozenset({"TFile", "TDirectory", "TDirectoryFile", "TList", ""})
DIRECTORIES: Final = frozenset({"TDirectory", "TDirectoryFile"})
TREES: Final = frozenset({"TTree", "TNtuple", "TNtupleD"})


@dataclass(frozen=True, slots=True)
class Header:
    """The first 100 bytes: where the parts of the file are. Positions and sizes in bytes."""

    version: int
    begin: int
    end: int
    seek_free: int
    nbytes_free: int
    n_free: int
    nbytes_name: int
    compression: int
    seek_info: int
    nbytes_info: int


@dataclass(frozen=True, slots=True)
class Directory:
    """One directory: where its list of keys is, and when it was made and last changed (packed by ROOT)."""

    seek: int
    created: int
    modified: int
    nbytes_keys: int
    seek_keys: int


@dataclass(frozen=True, slots=True)
class Found:
    """An object in the file: ``path`` such as ``run/tracks``, its directory ``run`` (empty: the top)."""

    path: str
    folder: str
    key: Key


class RootFile:
    """An open file. Any method raises UnreadableInput, which names the file and the offset.

    Not for several threads at once; ``read`` alone is (it moves no position).
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            raise UnreadableInput(f"{path} cannot be opened: {error.strerror}", subject=str(path)) from None
        try:
            self.size = os.fstat(self._fd).st_size
            self.header = self._header()
            self.top = self._directory(self.header.begin, self.header.nbytes_name)
            self._check_closed()
        except BaseException:
            os.close(self._fd)
            raise
        self._streamers: Streamers | None = None
        self._walked: dict[int, Walked] = {}

    def __enter__(self) -> RootFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """May be repeated."""
        fd, self._fd = self._fd, -1
        if fd >= 0:
            os.close(fd)

    def read(self, at: int, size: int) -> bytes:
        """Exactly these bytes."""
        self._within(at, size)
        try:
            data = os.pread(self._fd, size, at) if size <= _AT_ONCE else b""
        except OSError as error:
            raise self.bad(at, f"cannot be read ({error.strerror})") from error
        if len(data) == size:
            return data
        buffer = bytearray(size)
        self.read_into(memoryview(buffer), at)
        return bytes(buffer)

    def read_into(self, target: memoryview, at: int) -> None:
        """Fill all of the buffer with the bytes from there."""
        self._within(at, len(target))
        done = 0
        try:
            while done < len(target):
                count = os.preadv(self._fd, [target[done:]], at + done)
                if not count:
                    raise self.bad(at + done, "truncated")
                done += count
        except OSError as error:
            raise self.bad(at + done, f"cannot be read ({error.strerror})") from error

    def bad(self, at: int, what: str) -> UnreadableInput:
        """The error that says what is wrong at which offset."""
        return UnreadableInput(f"{self.path}: {what} at offset {at}", subject=str(self.path))

    def key_at(self, at: int) -> Key:
        """The key of the record that starts there."""
        data = self.read(at, min(_LONGEST_KEY, max(self.size - at, 0)))
        try:
            return Key.read(data)[0]
        except ValueError as error:
            raise self.bad(at, str(error)) from None

    def stored(self, key: Key) -> bytes:
        """What lies behind the key, as it is stored."""
        return self.read(key.seek + key.keylen, key.nbytes - key.keylen)

    def payload(self, key: Key) -> bytes:
        """The decompressed bytes of the object."""
        record = self.read(key.seek, key.nbytes)
        if not key.leads(record):
            self._check_key(key)
        data = record[key.keylen :]
        if not key.compressed:
            return data[: key.objlen]
        try:
            return decompressed(data, key.objlen)
        except ValueError as error:
            raise self.bad(key.seek, f"'{key.name}' ({key.classname}): {error}") from None

    def walked(self, key: Key) -> Walked:
        """The object taken apart; kept, for several may ask. Raises Unwalkable, naming the file, as well."""
        if key.seek not in self._walked:
            try:
                self._walked[key.seek] = walk(self.payload(key), key.classname, self.streamers(), key.keylen)
            except Unwalkable as error:
                text = f"{self.path}: '{key.name}' at offset {key.seek}: {error}"
                raise Unwalkable(text, subject=str(self.path)) from None
        return self._walked[key.seek]

    def keys(self, directory: Directory) -> list[Key]:
        """The keys of one directory, in the order of the list, all cycles."""
        if not directory.seek_keys:
            raise self.bad(directory.seek, "a directory was never closed (no list of keys)")
        record = self.read(directory.seek_keys, directory.nbytes_keys)
        try:
            head, behind = Key.read(record)
            if behind != head.keylen:  # readers look for the list behind the words, or behind the key
                raise ValueError(f"its key has {behind} bytes and says {head.keylen}")
            (count,) = struct.unpack_from(">i", record, head.keylen)
            keys, at = [], head.keylen + 4
            for _ in range(count):
                key, at = Key.read(record, at)
                keys.append(key)
        except (ValueError, struct.error) as error:
            raise self.bad(directory.seek_keys, f"no list of keys ({error})") from None
        return keys

    def subdirectory(self, key: Key) -> Directory:
        """The directory whose record this key names."""
        return self._directory(key.seek, key.keylen)

    def objects(self) -> list[Found]:
        """Every object of the file by path, the newest cycle of each; a directory stands before its content.

        A name that is used for things of two classes is refused, for the newer would hide the older, and so
        is a path that two objects have (``a/b`` at the top and ``b`` in ``a``): nobody could address both.
        """
        found = list(self._objects(self.top, "", {self.header.begin}))
        if len({one.path for one in found}) < len(found):
            seen: set[str] = set()
            for one in found:
                if one.path in seen:
                    raise self.bad(one.key.seek, f"a second '{one.path}'")
                seen.add(one.path)
        return found

    def streamers(self) -> Streamers:
        """What the file says of its classes; none if it has no such list."""
        if self._streamers is None:
            if not self.header.seek_info:
                self._streamers = Streamers()
            else:
                key = self.key_at(self.header.seek_info)
                try:
                    self._streamers = read_streamers(self.payload(key), key.keylen)
                except ValueError as error:
                    raise self.bad(key.seek, f"no list of StreamerInfo ({error})") from None
        return self._streamers

    def free_segments(self) -> list[tuple[int, int]]:
        """First and last byte of every gap; the last one lies behind the end of the file."""
        head = self.header
        if not head.seek_free:
            return []
        record = self.read(head.seek_free, head.nbytes_free)
        try:
            at, found = Key.read(record)[0].keylen, []
            for _ in range(head.n_free):
                big = struct.unpack_from(">h", record, at)[0] > _BIG_DIRECTORY
                found.append(struct.unpack_from(">qq" if big else ">ii", record, at + 2))
                at += 18 if big else 10
        except (ValueError, struct.error) as error:
            raise self.bad(head.seek_free, f"no list of free segments ({error})") from None
        return found

    def records(self) -> Iterator[Key]:
        """The key of every record from the first to the end, listed or not; gaps are passed over."""
        at = self.header.begin
        gaps = dict(self.free_segments())  # ROOT marks them with a negative size too, uproot does not
        while at < self.header.end:
            if at in gaps:
                at = gaps[at] + 1
                continue
            (nbytes,) = struct.unpack(">i", self.read(at, 4))
            if nbytes > 0:
                yield self.key_at(at)
            if not nbytes:
                raise self.bad(at, "no record")
            at += abs(nbytes)

    def _objects(self, directory: Directory, folder: str, above: set[int]) -> Iterator[Found]:
        newest: dict[str, Key] = {}
        for key in self.keys(directory):
            known = newest.get(key.name)
            if known and _plain(known) != _plain(key):
                text = f"'{folder}{key.name}' is a {known.classname} and a {key.classname}"
                raise self.bad(key.seek, text)
            if known and known.cycle == key.cycle:
                raise self.bad(key.seek, f"'{folder}{key.name}' is listed twice as cycle {key.cycle}")
            if known is None or key.cycle > known.cycle:
                newest[key.name] = key
        for key in newest.values():
            path = folder + key.name
            yield Found(path, folder.rstrip("/"), key)
            if key.classname in DIRECTORIES:
                if key.seek in above:
                    raise self.bad(key.seek, f"directory '{path}' lies in itself")
                yield from self._objects(self.subdirectory(key), f"{path}/", above | {key.seek})

    def _within(self, at: int, size: int) -> int:
        if at < 0 or size < 0:
            raise self.bad(max(at, 0), f"{size} bytes are asked for")
        if at + size > self.size:
            raise self.bad(self.size, f"truncated (bytes {at} to {at + size} are needed)")
        return size

    def _check_key(self, listed: Key) -> None:
        """The record is where the list of keys says, and is the one that it says."""
        there = self.key_at(listed.seek)
        if (there.nbytes, there.classname, there.name) != (listed.nbytes, listed.classname, listed.name):
            text = f"'{listed.name}' ({listed.classname}) is listed, '{there.name}' ({there.classname}) lies"
            raise self.bad(listed.seek, text)

    def _header(self) -> Header:
        if not self.size:
            raise UnreadableInput(f"{self.path}: the file has 0 bytes", subject=str(self.path))
        if self.read(0, min(4, self.size)) != b"root":
            raise UnreadableInput(
                f"{self.path}: not a ROOT file (no magic at offset 0)", subject=str(self.path)
            )
        head = self.read(0, _HEAD_BIG.size)
        big = struct.unpack_from(">i", head, 4)[0] >= _BIG_FILE
        fields = (_HEAD_BIG if big else _HEAD_SMALL).unpack_from(head)
        (
            _,
            version,
            begin,
            end,
            seek_free,
            nbytes_free,
            n_free,
            nbytes_name,
            _,
            code,
            seek_info,
            nbytes_info,
        ) = fields
        if end > self.size:
            raise self.bad(self.size, f"truncated, its head says {end},")
        return Header(
            version % _BIG_FILE,
            begin,
            end,
            seek_free,
            nbytes_free,
            n_free,
            nbytes_name,
            code,
            seek_info,
            nbytes_info,
        )

    def _directory(self, seek: int, nbytes_name: int) -> Directory:
        at = seek + nbytes_name
        size = _DIRECTORY.size + _PLACES_BIG.size
        record = self.read(at, min(size, max(self.size - at, 0)))
        try:
            version, created, modified, nbytes_keys, _ = _DIRECTORY.unpack_from(record)
            places = _PLACES_BIG if version > _BIG_DIRECTORY else _PLACES_SMALL
            _, _, seek_keys = places.unpack_from(record, _DIRECTORY.size)
        except struct.error:
            raise self.bad(at, "no directory") from None
        return Directory(seek, created, modified, nbytes_keys, seek_keys)

    def _check_closed(self) -> None:
        head = self.header
        if not self.top.seek_keys or not head.seek_free:
            raise self.bad(
                head.end, "not closed by the program that wrote it (no list of keys); its head ends"
            )
        self._check_end()
        if not self.keys(self.top):
            for key in self.records():
                if key.classname not in _HIDDEN:
                    raise self.bad(key.seek, f"not closed (a {key.classname} is there, and no keys), first")

    def _check_end(self) -> None:
        """Behind the end lie no objects: only lists and gaps given up, or what never was a record."""
        at = self.header.end
        while self.size - at >= SHORTEST:
            (nbytes,) = struct.unpack(">i", self.read(at, 4))
            if not nbytes:
                return
            if nbytes > 0:
                try:
                    key = self.key_at(at)
                except UnreadableInput:
                    return
                if key.classname not in _HIDDEN:
                    text = f"not closed by the program that wrote it (a {key.classname} behind its end)"
                    raise self.bad(at, text)
            at += abs(nbytes)


def _plain(key: Key) -> str:
    """The class; a directory is a directory, whichever of two names its class has."""
    return "TDirectoryFile" if key.classname in DIRECTORIES else key.classname
