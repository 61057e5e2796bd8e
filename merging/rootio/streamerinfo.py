"""What a file says of its classes: the list of TStreamerInfo, read as values, joined, written again.

Every file carries, for every version of every class in it, the members with their types. That list is all
that is needed to read objects of classes nobody here knows, and a merged file needs those of all its inputs.
Source: ROOT's io/doc/TFile ("streamerinfo"), TStreamerInfo.cxx, TStreamerElement.cxx.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from merging.rootio.wire import (
    BYTE_COUNT,
    CLASS_MASK,
    MAP_OFFSET,
    NEW_CLASS,
    U16,
    U32,
    counted,
    read_tstring,
    tstring,
)

_ELEMENT: Final = struct.Struct(">5i")
_POINTERS: Final = frozenset({"TStreamerBasicPointer", "TStreamerLoop"})
_RULES: Final = "listOfRules"
_VERSIONS: Final = {"TStreamerBase": 3, "TStreamerSTL": 3}
_IN_MEMORY: Final = 0x03000000
"""Bits that ROOT sets in every object it has in memory: kIsOnHeap and kNotDeleted."""


@dataclass(frozen=True, slots=True)
class Element:
    """One member (or base) of a class. ``kind`` is the class of the element, as ``TStreamerBase``.

    ``code`` is ROOT's number for how the member is streamed (TVirtualStreamerInfo::EReadWrite), ``title`` its
    comment, ``length`` the elements of a fixed array, ``extra`` what only some kinds have: the version of a
    base; version, name and class of a counter; kind and content of an STL container.
    """

    kind: str
    name: str
    title: str
    bits: int
    code: int
    size: int
    length: int
    dim: int
    max_index: tuple[int, ...]
    typename: str
    extra: tuple[Any, ...] = ()

    @property
    def counter(self) -> str:
        """The member that counts the elements of an array of variable length; empty for all others."""
        return str(self.extra[1]) if self.kind in _POINTERS else ""


@dataclass(frozen=True, slots=True)
class StreamerInfo:
    """One version of one class."""

    classname: str
    title: str
    bits: int
    checksum: int
    version: int
    elements: tuple[Element, ...]

    @property
    def identity(self) -> tuple[str, int, int]:
        return self.classname, self.version, self.checksum


@dataclass(slots=True)
class Streamers:
    """The classes of a file, or of several (``add``); ``rules`` are schema evolution rules, as text."""

    _infos: dict[tuple[str, int, int], StreamerInfo] = field(default_factory=dict)
    rules: dict[str, None] = field(default_factory=dict)
    plans: dict[Any, Any] = field(default_factory=dict)
    """For rootio.walk: what it has worked out of the elements."""
    _by_version: dict[tuple[str, int], StreamerInfo] = field(default_factory=dict)
    _by_checksum: dict[tuple[str, int], StreamerInfo] = field(default_factory=dict)

    def __iter__(self) -> Iterator[StreamerInfo]:
        return iter(self._infos.values())

    def __len__(self) -> int:
        return len(self._infos)

    def put(self, info: StreamerInfo) -> None:
        """Know this version too, unless it is known already."""
        if info.identity not in self._infos:
            self._infos[info.identity] = info
            self._by_version.setdefault((info.classname, info.version), info)
            self._by_checksum.setdefault((info.classname, info.checksum), info)

    def add(self, other: Streamers) -> None:
        """Know all that the other knows."""
        if other._infos.keys() != self._infos.keys():
            for info in other:
                self.put(info)
        self.rules.update(other.rules)

    def of_version(self, classname: str, version: int) -> StreamerInfo | None:
        return self._by_version.get((classname, version))

    def of_checksum(self, classname: str, checksum: int) -> StreamerInfo | None:
        return self._by_checksum.get((classname, checksum))

    def encoded(self, keylen: int) -> bytes:
        """The list as the payload of a key of that length."""
        return _Encoder(keylen).streamers(self)


@lru_cache(maxsize=16)
def read_streamers(payload: bytes, keylen: int) -> Streamers:
    """The list in the payload of a file's StreamerInfo key. Raises ValueError where it is none.

    Files of one program have equal lists, so the last few are kept: do not change what you get.
    """
    try:
        return _Decoder(payload, keylen).streamers()
    except (struct.error, IndexError, KeyError) as error:
        raise ValueError(f"it ends early or refers to nothing: {error}") from None


class _Decoder:
    def __init__(self, data: bytes, keylen: int) -> None:
        self.data, self.at, self.keylen = data, 0, keylen
        self.classes: dict[int, str] = {}

    def streamers(self) -> Streamers:
        found = Streamers()
        self._version()
        for classname, end in self._list():
            if classname == "TStreamerInfo":
                found.put(self._info())
            elif classname == "TList":
                self._rules(found)
            self.at = end
            self._string()  # the option that TList keeps behind each object
        return found

    def _take(self, layout: struct.Struct) -> tuple[Any, ...]:
        values = layout.unpack_from(self.data, self.at)
        self.at += layout.size
        return values

    def _int(self) -> int:
        (value,) = struct.unpack_from(">i", self.data, self.at)
        self.at += 4
        return int(value)

    def _string(self) -> str:
        text, self.at = read_tstring(self.data, self.at)
        return text

    def _version(self) -> int:
        """Version of the class, behind its byte count."""
        (word,) = U32.unpack_from(self.data, self.at)
        if word & BYTE_COUNT:
            self.at += 4
        (version,) = self._take(U16)
        return int(version)

    def _object(self) -> int:
        """A TObject; gives its bits."""
        version, _, bits = self._take(struct.Struct(">HII"))
        if version & 0x4000:
            raise ValueError("a TObject with a byte count")
        if bits & 0x10:
            self.at += 2
        return int(bits)

    def _named(self) -> tuple[int, str, str]:
        self._version()
        return self._object(), self._string(), self._string()

    def _list(self) -> Iterator[tuple[str, int]]:
        """Class and end of every object of a TList, whose version has been read."""
        self._object()
        self._string()
        for _ in range(self._int()):
            yield self._any()

    def _any(self) -> tuple[str, int]:
        """The class tag of a pointer, which is never null or a reference here."""
        (count,) = self._take(U32)
        end = self.at + (count & ~BYTE_COUNT)
        place = self.at
        (tag,) = self._take(U32)
        if not count & BYTE_COUNT or end > len(self.data):
            raise ValueError(f"no object at offset {place}")
        if tag == NEW_CLASS:
            stop = self.data.index(b"\0", self.at)
            classname = self.data[self.at : stop].decode()
            self.classes[place + self.keylen + MAP_OFFSET] = classname
            self.at = stop + 1
            return classname, end
        return self.classes[tag & ~CLASS_MASK], end

    def _info(self) -> StreamerInfo:
        self._version()
        bits, name, title = self._named()
        checksum, version = self._take(struct.Struct(">Ii"))
        classname, _ = self._any()
        if classname != "TObjArray":
            raise ValueError(f"the elements of {name} are a {classname}")
        self._version()
        self._object()
        self._string()
        count, _ = self._take(struct.Struct(">ii"))
        return StreamerInfo(
            name, title, bits, checksum, version, tuple(self._element() for _ in range(count))
        )

    def _element(self) -> Element:
        kind, end = self._any()
        version = self._version()
        if kind == "TStreamerSTLstring":
            version = self._version()  # it is a TStreamerSTL and nothing more
        inner = self._version()
        bits, name, title = self._named()
        code, size, length, dim = self._take(struct.Struct(">4i"))
        max_index = tuple(self._int() for _ in range(self._int())) if inner == 1 else self._take(_ELEMENT)
        typename = self._string()
        if inner == 3:
            self.at += 24  # range and factor, which the title has too
        extra = self._extra(kind, version)
        self.at = end
        return Element(kind, name, title, bits, code, size, length, dim, max_index, typename, extra)

    def _extra(self, kind: str, version: int) -> tuple[Any, ...]:
        if kind == "TStreamerBase":
            return (self._int() if version >= 2 else 0,)
        if kind in _POINTERS:
            return self._int(), self._string(), self._string()
        if kind.startswith("TStreamerSTL"):
            return self._int(), self._int()
        return ()

    def _rules(self, found: Streamers) -> None:
        self._version()
        self._object()
        if self._string() != _RULES:
            return
        for _ in range(self._int()):
            classname, end = self._any()
            if classname == "TObjString":
                self._version()
                self._object()
                found.rules[self._string()] = None
            self.at = end
            self._string()


class _Encoder:
    """Writes the list from front to back; a class is named once, then referred to by place."""

    def __init__(self, keylen: int) -> None:
        self.out = bytearray()
        self.keylen = keylen
        self.classes: dict[str, int] = {}

    def streamers(self, streamers: Streamers) -> bytes:
        start = self._open(5)
        self._object()
        self.out += tstring("")
        self.out += U32.pack(len(streamers) + bool(streamers.rules))
        for info in streamers:
            self._info(info)
            self.out += b"\0"
        if streamers.rules:
            self._rules(list(streamers.rules))
            self.out += b"\0"
        self._close(start)
        return bytes(self.out)

    def _open(self, version: int) -> int:
        start = len(self.out)
        self.out += U32.pack(0) + U16.pack(version)
        return start

    def _close(self, start: int) -> None:
        U32.pack_into(self.out, start, (len(self.out) - start - 4) | BYTE_COUNT)

    def _any(self, classname: str) -> int:
        start = len(self.out)
        self.out += U32.pack(0)
        if classname in self.classes:
            self.out += U32.pack(self.classes[classname] | CLASS_MASK)
        else:
            self.classes[classname] = len(self.out) + self.keylen + MAP_OFFSET
            self.out += U32.pack(NEW_CLASS) + classname.encode() + b"\0"
        return start

    def _object(self) -> None:
        self.out += struct.pack(">HII", 1, 0, _IN_MEMORY)

    def _named(self, bits: int, name: str, title: str) -> None:
        body = struct.pack(">HHII", 1, 1, 0, bits & ~0x10) + tstring(name) + tstring(title)
        self.out += counted(body)

    def _info(self, info: StreamerInfo) -> None:
        whole, start = self._any("TStreamerInfo"), self._open(9)
        self._named(info.bits, info.classname, info.title)
        self.out += struct.pack(">Ii", info.checksum, info.version)
        pointer, array = self._any("TObjArray"), self._open(3)
        self._object()
        self.out += tstring("") + struct.pack(">ii", len(info.elements), 0)
        for element in info.elements:
            self._element(element)
        for opened in (array, pointer, start, whole):
            self._close(opened)

    def _element(self, element: Element) -> None:
        starts = [self._any(element.kind), self._open(_VERSIONS.get(element.kind, 2))]
        if element.kind == "TStreamerSTLstring":
            starts.append(self._open(_VERSIONS["TStreamerSTL"]))
        inner = self._open(4)
        self._named(element.bits, element.name, element.title)
        self.out += struct.pack(">4i", element.code, element.size, element.length, element.dim)
        self.out += _ELEMENT.pack(*(*element.max_index, 0, 0, 0, 0, 0)[:5])
        self.out += tstring(element.typename)
        self._close(inner)
        self._extra(element)
        for start in reversed(starts):
            self._close(start)

    def _extra(self, element: Element) -> None:
        if element.kind in _POINTERS:
            version, name, classname = element.extra
            self.out += struct.pack(">i", version) + tstring(name) + tstring(classname)
        else:
            self.out += struct.pack(f">{len(element.extra)}i", *element.extra)

    def _rules(self, rules: list[str]) -> None:
        pointer, start = self._any("TList"), self._open(5)
        self._object()
        self.out += tstring(_RULES) + U32.pack(len(rules))
        for rule in rules:
            whole, inner = self._any("TObjString"), self._open(1)
            self._object()
            self.out += tstring(rule)
            self._close(inner)
            self._close(whole)
            self.out += b"\0"
        self._close(start)
        self._close(pointer)
