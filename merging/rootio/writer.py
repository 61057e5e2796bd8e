"""A new ROOT file, written from front to back: records are appended, a few known places are filled in last.

All positions have 64 bits, whatever the size of the file. What is not known when its bytes are written (the
header, where the lists of keys are) is left as zeros and set at the end; the adler32, computed while the
bytes pass, is corrected for those few bytes, so nothing is read back. The same inputs give the same bytes:
the time in the file is told by the caller (``stamp``), its UUID is made from its content.
Sources: TFile::WriteHeader, TDirectoryFile::WriteKeys, TFree, TUUID.
"""

from __future__ import annotations

import os
import struct
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from catalog.checksum import Adler32
from merging.errors import MergeError
from merging.rootio.compression import Compression, compressed
from merging.rootio.keys import Key, new_key
from merging.rootio.sink import Sink
from merging.rootio.streamerinfo import Streamers
from merging.rootio.wire import LARGEST_COUNT, tstring

_BEGIN: Final = 100
_HEAD: Final = struct.Struct(">4siiqqiiiBiqi")
_DIRECTORY: Final = struct.Struct(">hIIiiqqq")
_UUID_SIZE: Final = 18
_BIG_FILE: Final = 1_000_000
_VERSION: Final = 62400
_SMALL_WRITES: Final = 1 << 20
_MODULUS: Final = 65521
EARLIEST: Final = 1 << 22 | 1 << 17
"""The earliest time that ROOT can pack: 1 January 1995."""
_NAMESPACE: Final = uuid.UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")
_STREAMERS: Final = ("TList", "StreamerInfo", "Doubly linked list")


@dataclass(slots=True)
class Folder:
    """A directory of the new file."""

    writer: Writer
    path: str
    seek: int
    parent: int
    nbytes_name: int
    keys: list[Key] = field(default_factory=list)
    folders: dict[str, Folder] = field(default_factory=dict)
    _taken: set[tuple[str, int]] = field(default_factory=set)

    def put(
        self, classname: str, name: str, title: str, payload: bytes, compression: Compression | None = None
    ) -> Key:
        """Compress an object, write it and list it. The payload is for a key of ``key_length(…)`` bytes.

        ``compression``: other than the file's. Raises MergeError for an object of 1 GB or more, which no
        reader could read, and for a name that is taken.
        """
        if len(payload) > LARGEST_COUNT:
            where = f"{self.path}/{name}".strip("/")
            text = f"'{where}' would be {len(payload)} bytes long, an object ends at {LARGEST_COUNT}"
            raise MergeError(f"{self.writer.path.name}: {text}", subject=self.writer.path.name)
        body = compressed(payload, compression or self.writer.compression)
        key = new_key(classname, name, title, objlen=len(payload), stored=len(body), datime=self.writer.stamp)
        return self.put_stored(key, body)

    def put_stored(self, key: Key, body: bytes) -> Key:
        """Write a record that is compressed already and list it. The key keeps its length.

        Raises MergeError for a name that is taken, or a key of 32 bits beyond 2 GB.
        """
        if (key.name, key.cycle) in self._taken:
            raise MergeError(f"'{self.path}/{key.name};{key.cycle}' would be there twice", subject=key.name)
        self._taken.add((key.name, key.cycle))
        self.keys.append(self.writer.append(key, body, self))
        return self.keys[-1]


class Writer:
    """A new file at ``path`` (which must not exist), known to itself as ``name``. Any OSError comes through.

    ``required``: the compression that copied records must have, None where any will do.
    ``pid_offset``: what is added to the process ids of records that are copied now (rootio.processids).
    ``compression`` is of objects that are put; ``stamp`` is the time, as ROOT packs it, that new keys get.
    ``close`` finishes the file; without it the file is no ROOT file.
    """

    def __init__(
        self,
        path: Path,
        name: str,
        compression: Compression,
        *,
        stamp: int = EARLIEST,
        version: int = _VERSION,
    ) -> None:
        self.path, self.name, self.compression, self.stamp = path, name, compression, stamp
        self.streamers = Streamers()
        self.pid_offset = 0
        self.required: Compression | None = None
        self._version = version
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
        self._sink = Sink(self._fd)
        self._given, self._waiting = 0, bytearray()
        self._patches: dict[int, bytes] = {}
        self.write(bytes(_BEGIN))
        words = tstring(name) + tstring("")
        size = len(words) + _DIRECTORY.size + _UUID_SIZE
        key = new_key("TFile", name, "", objlen=size, stored=size, datime=stamp)
        self.top = Folder(self, "", _BEGIN, 0, key.keylen + len(words))
        self.append(key, words + bytes(_DIRECTORY.size + _UUID_SIZE), None)

    @property
    def position(self) -> int:
        """Where the next byte goes: the size so far."""
        return self._given + len(self._waiting)

    def write(self, data: bytes | bytearray | memoryview) -> int:
        """Append these bytes; gives the position of the first. The data may be reused at once."""
        at = self.position
        if len(data) < _SMALL_WRITES:
            self._waiting += data
            if len(self._waiting) >= _SMALL_WRITES:
                self._flush()
        else:
            self._flush()
            self._put(data if isinstance(data, bytes) else bytes(data))
        return at

    def buffer(self, size: int) -> bytearray:
        """A buffer of at least so many bytes for ``write_buffer``: large pieces need not be copied then."""
        return self._sink.buffer(size)

    def write_buffer(self, buffer: bytearray, pieces: Sequence[tuple[int, int]]) -> None:
        """Append these pieces (start, stop) of a buffer from ``buffer``, which is given back with that."""
        self._flush()
        view = memoryview(buffer)
        for number, (start, stop) in enumerate(pieces, 1):
            self._put(view[start:stop], buffer if number == len(pieces) else None)

    def append(self, key: Key, body: bytes | memoryview, folder: Folder | None) -> Key:
        """Append a record; gives its key as written. It is not listed in the directory it names."""
        try:
            key = key.moved(self.position, folder.seek if folder else 0)
        except ValueError as error:
            raise MergeError(f"{self.path.name}: '{key.name}': {error}", subject=self.path.name) from None
        self.write(key.encoded())
        self.write(body)
        return key

    def patch(self, at: int, data: bytes) -> None:
        """At the end, put these bytes where zeros were written. No byte may be set twice."""
        self._patches[at] = data

    def directory(self, path: str, title: str = "") -> Folder:
        """The directory of that path (empty: the top), made with its parents where it is not there yet."""
        folder = self.top
        for name in filter(None, path.split("/")):
            if name not in folder.folders:
                folder.folders[name] = self._new_folder(folder, name, title)
            folder = folder.folders[name]
        return folder

    def close(self) -> tuple[int, Adler32]:
        """Write StreamerInfo, lists of keys, free list and header. Gives size and adler32 of the file."""
        nbytes_info, seek_info = self._write_streamers()
        for folder in self._folders(self.top):
            self._write_keys(folder)
        seek_free = self.position
        nbytes_free = self._write_free()
        self._flush()
        self._sink.drain()
        size = self._sink.size
        content = f"{self.name} {size} {self._sink.sum}"
        identity = struct.pack(">H", 1) + uuid.uuid5(_NAMESPACE, content).bytes
        self._write_directory_ids(identity)
        head = _HEAD.pack(
            b"root", self._version % _BIG_FILE + _BIG_FILE, _BEGIN, size, seek_free, nbytes_free, 1,
            self.top.nbytes_name, 8, self.compression.code, seek_info, nbytes_info,
        )  # fmt: skip
        self.patch(0, head + identity)
        total = self._patched(size)
        self.abandon()
        return size, total

    def abandon(self) -> None:
        """Close the file as it is. May be repeated."""
        self._sink.stop()
        fd, self._fd = self._fd, -1
        if fd >= 0:
            os.close(fd)

    def _flush(self) -> None:
        if self._waiting:
            waiting, self._waiting = self._waiting, bytearray()
            self._put(memoryview(waiting))

    def _put(self, data: bytes | memoryview, back: bytearray | None = None) -> None:
        self._sink.put(data, back)
        self._given += len(data)

    def _patched(self, size: int) -> Adler32:
        """Set the bytes that were left open; the adler32 of the file with them.

        Where a zero becomes the byte d, n bytes from the end of the file (itself counted), the first sum of
        adler32 grows by d and the second by n * d.
        """
        first, second = self._sink.sum & 0xFFFF, self._sink.sum >> 16
        for at, data in self._patches.items():
            done = 0
            while done < len(data):
                done += os.pwrite(self._fd, data[done:], at + done)
            first += sum(data)
            second += sum((size - at - index) * byte for index, byte in enumerate(data))
        return Adler32((second % _MODULUS) << 16 | first % _MODULUS)

    def _new_folder(self, parent: Folder, name: str, title: str) -> Folder:
        size = _DIRECTORY.size + _UUID_SIZE
        key = new_key("TDirectoryFile", name, title or name, objlen=size, stored=size, datime=self.stamp)
        key = parent.put_stored(key, bytes(size))
        return Folder(self, f"{parent.path}/{name}".strip("/"), key.seek, parent.seek, key.keylen)

    def _folders(self, folder: Folder) -> Iterator[Folder]:
        yield folder
        for inner in folder.folders.values():
            yield from self._folders(inner)

    def _write_streamers(self) -> tuple[int, int]:
        classname, name, title = _STREAMERS
        key = new_key(classname, name, title, objlen=0, stored=0, datime=self.stamp)
        payload = self.streamers.encoded(key.keylen)
        body = compressed(payload, self.compression)
        key = replace(key, objlen=len(payload), nbytes=key.keylen + len(body))
        return key.nbytes, self.append(key, body, self.top).seek

    def _write_keys(self, folder: Folder) -> None:
        body = struct.pack(">i", len(folder.keys)) + b"".join(key.listed() for key in folder.keys)
        classname, name = (
            ("TDirectoryFile", folder.path.rpartition("/")[2]) if folder.path else ("TFile", self.name)
        )
        key = new_key(classname, name, "", objlen=len(body), stored=len(body), datime=self.stamp)
        key = self.append(key, body, folder)
        record = _DIRECTORY.pack(
            1005, self.stamp, self.stamp, key.nbytes, folder.nbytes_name, folder.seek, folder.parent, key.seek
        )
        self.patch(folder.seek + folder.nbytes_name, record)

    def _write_directory_ids(self, identity: bytes) -> None:
        for folder in self._folders(self.top):
            at = folder.seek + folder.nbytes_name + _DIRECTORY.size
            own = (
                uuid.uuid5(uuid.UUID(bytes=identity[2:]), folder.path).bytes if folder.path else identity[2:]
            )
            self.patch(at, identity[:2] + own)

    def _write_free(self) -> int:
        """One free segment: all behind the end of the file."""
        size = struct.calcsize(">hqq")
        key = new_key("TFile", self.name, "", objlen=size, stored=size, datime=self.stamp)
        end = self.position + key.nbytes
        last = max(2_000_000_000, (end // 1_000_000_000 + 1) * 1_000_000_000)
        self.append(key, struct.pack(">hqq", 1001, end, last), self.top)
        return key.nbytes
