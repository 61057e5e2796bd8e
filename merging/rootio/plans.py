"""How to read an object of a class: the elements of its StreamerInfo as steps, neighbouring numbers in one.

A step reads from a walker into a node and can encode a new value for its place. The numbers of a step are
unpacked at once: trees have tens of thousands of members, and files by the hundred.
Source: TStreamerInfoReadBuffer.cxx, TVirtualStreamerInfo::EReadWrite.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from merging.rootio.streamerinfo import Element, StreamerInfo
from merging.rootio.wire import U32, tstring

NUMBERS: Final = {
    1: "b", 2: "h", 3: "i", 4: "q", 5: "f", 6: "i", 8: "d", 10: "b", 11: "B", 12: "H", 13: "I", 14: "Q",
    15: "I", 16: "q", 17: "Q", 18: "?",
}  # fmt: skip
"""Struct letters of ROOT's codes of basic types; ``Long_t`` has always 64 bits on disk."""
ARRAYS: Final = {
    "TArrayC": "b", "TArrayS": "h", "TArrayI": "i", "TArrayF": "f", "TArrayL": "q", "TArrayL64": "q",
    "TArrayD": "d",
}  # fmt: skip
"""Classes that are a number of elements and the elements, without version."""
_FIXED, _COUNTED = 20, 40
_CHAR_STAR, _DOUBLE32, _FLOAT16 = 7, 9, 19
_RANGE = re.compile(r"\[([^,\]]*),([^,\]]*)(?:,([^\]]*))?\]")
_PLAIN: Final = frozenset(
    re.findall(
        r"\w+",
        """bool char short int long unsigned signed float double string std const Bool_t Char_t UChar_t
        Short_t UShort_t Int_t UInt_t Long_t ULong_t Long64_t ULong64_t Float_t Double_t Double32_t
        Float16_t vector set multiset list deque map multimap unordered_map unordered_set pair array
        bitset allocator less greater equal_to hash TString int8_t uint8_t int16_t uint16_t int32_t uint32_t
        int64_t uint64_t size_t""",
    )
)


class NotKnown(ValueError):
    """Something is streamed in a way that is not known here."""


class Walking(Protocol):
    """What a step needs of the walker."""

    data: bytes
    at: int

    def string(self) -> str: ...
    def object_bits(self) -> int: ...
    def by_value(self, classname: str) -> Any: ...
    def base(self, classname: str, node: Any) -> None: ...
    def pointer(self) -> Any: ...
    def std_string(self) -> str: ...
    def container(self, typename: str) -> Any: ...
    def count(self, name: str) -> int: ...


@dataclass(frozen=True, slots=True)
class Block:
    """Numbers in a row, at ``start`` to ``stop`` of the object's bytes; ``letter`` as of struct."""

    data: bytes = field(repr=False)
    start: int
    stop: int
    letter: str

    def __len__(self) -> int:
        return (self.stop - self.start) // struct.calcsize(f">{self.letter}")

    def array(self) -> Any:
        """The numbers as a read-only numpy array (big-endian), without copying them."""
        import numpy

        return numpy.frombuffer(self.data, f">{_numpy(self.letter)}", len(self), self.start)


def _numpy(letter: str) -> str:
    """numpy's name of a struct letter."""
    kind = {"f": "f", "d": "f", "?": "?"}.get(letter, "i" if letter.islower() else "u")
    return "?" if kind == "?" else f"{kind}{struct.calcsize('>' + letter)}"


def packed(letter: str, values: Any) -> bytes:
    """A row of numbers, big-endian, from any sequence or array."""
    import numpy

    return bytes(numpy.asarray(values).astype(f">{_numpy(letter)}").tobytes())


class Numbers:
    """Several members that are plain numbers, one after the other."""

    def __init__(self, fields: list[tuple[str, str]]) -> None:
        self.names = tuple(name for name, _ in fields)
        self.letters = dict(fields)
        self._layout = struct.Struct(">" + "".join(letter for _, letter in fields))

    def read(self, walker: Walking, node: Any) -> None:
        node.members.update(zip(self.names, self._layout.unpack_from(walker.data, walker.at), strict=True))
        walker.at += self._layout.size

    def place(self, name: str, start: int) -> tuple[int, int]:
        """Where one of them is, when the first is at ``start``."""
        for known, letter in self.letters.items():
            size = struct.calcsize(f">{letter}")
            if known == name:
                return start, start + size
            start += size
        raise KeyError(name)

    def encode(self, value: Any, name: str) -> bytes:
        return struct.pack(f">{self.letters[name]}", value)


@dataclass(frozen=True, slots=True)
class Member:
    """A step for one member (or base); subclasses read it, and encode another value for it."""

    names: tuple[str, ...]

    def read(self, walker: Walking, node: Any) -> None:
        raise NotImplementedError

    def encode(self, value: Any, name: str) -> bytes:
        raise NotImplementedError(f"member {name} cannot be replaced by a value")


@dataclass(frozen=True, slots=True)
class Fixed(Member):
    """An array of fixed length."""

    letter: str
    size: int

    def read(self, walker: Walking, node: Any) -> None:
        node.members[self.names[0]] = Block(walker.data, walker.at, walker.at + self.size, self.letter)
        walker.at += self.size

    def encode(self, value: Any, name: str) -> bytes:
        return packed(self.letter, value)


@dataclass(frozen=True, slots=True)
class Counted(Member):
    """An array whose length another member tells; a byte in front says whether it is there."""

    letter: str
    counter: str

    def read(self, walker: Walking, node: Any) -> None:
        there = walker.data[walker.at]
        start = walker.at + 1
        size = walker.count(self.counter) * struct.calcsize(f">{self.letter}") if there else 0
        node.members[self.names[0]] = Block(walker.data, start, start + size, self.letter)
        walker.at = start + size

    def encode(self, value: Any, name: str) -> bytes:
        return b"\1" + packed(self.letter, value) if len(value) else b"\0"


@dataclass(frozen=True, slots=True)
class Raw(Member):
    """Bytes that are passed over: numbers of reduced precision."""

    size: int

    def read(self, walker: Walking, node: Any) -> None:
        node.members[self.names[0]] = Block(walker.data, walker.at, walker.at + self.size, "B")
        walker.at += self.size

    def encode(self, value: Any, name: str) -> bytes:
        return bytes(value)


@dataclass(frozen=True, slots=True)
class RawCounted(Member):
    """The same, whose number another member tells."""

    size: int
    counter: str

    def read(self, walker: Walking, node: Any) -> None:
        size = walker.count(self.counter) * self.size if walker.data[walker.at] else 0
        start = walker.at + 1
        node.members[self.names[0]] = Block(walker.data, start, start + size, "B")
        walker.at = start + size


@dataclass(frozen=True, slots=True)
class TextMember(Member):
    """A TString."""

    def read(self, walker: Walking, node: Any) -> None:
        node.members[self.names[0]] = walker.string()

    def encode(self, value: Any, name: str) -> bytes:
        return tstring(value)


@dataclass(frozen=True, slots=True)
class StdString(Member):
    """A std::string, behind a version."""

    def read(self, walker: Walking, node: Any) -> None:
        node.members[self.names[0]] = walker.std_string()


@dataclass(frozen=True, slots=True)
class CharStar(Member):
    """A C string with four bytes of length."""

    def read(self, walker: Walking, node: Any) -> None:
        (size,) = U32.unpack_from(walker.data, walker.at)
        start = walker.at + 4
        node.members[self.names[0]] = Block(walker.data, start, start + size, "b")
        walker.at = start + size


@dataclass(frozen=True, slots=True)
class Bits(Member):
    """A TObject as base or member."""

    def read(self, walker: Walking, node: Any) -> None:
        node.members[self.names[0]] = walker.object_bits()


@dataclass(frozen=True, slots=True)
class Base(Member):
    """A base class, whose members become the object's own."""

    def read(self, walker: Walking, node: Any) -> None:
        walker.base(self.names[0], node)


@dataclass(frozen=True, slots=True)
class Numeric(Member):
    """A TArray as member: number of elements, elements."""

    letter: str

    def read(self, walker: Walking, node: Any) -> None:
        (length,) = U32.unpack_from(walker.data, walker.at)
        start = walker.at + 4
        stop = start + length * struct.calcsize(f">{self.letter}")
        node.members[self.names[0]] = Block(walker.data, start, stop, self.letter)
        walker.at = stop

    def encode(self, value: Any, name: str) -> bytes:
        return U32.pack(len(value)) + packed(self.letter, value)


@dataclass(frozen=True, slots=True)
class Inner(Member):
    """An object by value; a list of them where the member is an array."""

    classname: str
    length: int

    def read(self, walker: Walking, node: Any) -> None:
        if not self.length:
            node.members[self.names[0]] = walker.by_value(self.classname)
        else:
            node.members[self.names[0]] = [walker.by_value(self.classname) for _ in range(self.length)]


@dataclass(frozen=True, slots=True)
class Pointer(Member):
    """A pointer to an object: None, a new object, or one that was read before."""

    length: int

    def read(self, walker: Walking, node: Any) -> None:
        if not self.length:
            node.members[self.names[0]] = walker.pointer()
        else:
            node.members[self.names[0]] = [walker.pointer() for _ in range(self.length)]

    def encode(self, value: Any, name: str) -> bytes:
        if value is not None:
            raise NotImplementedError(f"pointer {name} can be replaced by nothing only")
        return U32.pack(0)


@dataclass(frozen=True, slots=True)
class Container(Member):
    """A std container, passed over by its byte count."""

    typename: str

    def read(self, walker: Walking, node: Any) -> None:
        node.members[self.names[0]] = walker.container(self.typename)


@dataclass(frozen=True, slots=True)
class Items(Member):
    """The objects of a TObjArray behind their number and the lower bound: can be replaced by none."""

    def encode(self, value: Any, name: str) -> bytes:
        if value:
            raise NotImplementedError("the objects of an array can be replaced by none only")
        return struct.pack(">ii", 0, 0)


@dataclass(frozen=True, slots=True)
class Unknown(Member):
    """What nobody can read: known only when an object with it is met."""

    code: int

    def read(self, walker: Walking, node: Any) -> None:
        raise NotKnown(f"member {self.names[0]} is streamed in a way ({self.code}) that is not known here")


Step = Numbers | Member


def plan_of(info: StreamerInfo) -> tuple[Step, ...]:
    """The steps of one version of a class."""
    steps: list[Step] = []
    fields: list[tuple[str, str]] = []
    for element in info.elements:
        if element.code in NUMBERS and element.kind != "TStreamerBase":
            fields.append((element.name, NUMBERS[element.code]))
            continue
        if fields:
            steps.append(Numbers(fields))
            fields = []
        steps.append(_step(element))
    return (*steps, Numbers(fields)) if fields else tuple(steps)


def plain(typename: str) -> bool:
    """Whether a std container holds numbers and strings alone, which refer to no other object."""
    words = re.findall(r"[A-Za-z_]\w*", typename)
    return "*" not in typename and all(word in _PLAIN for word in words)


def _step(element: Element) -> Step:
    names, code = (element.name,), element.code
    if element.kind == "TStreamerBase":
        return Bits(("@bits",)) if element.name == "TObject" else Base(names)
    if code - _FIXED in NUMBERS:
        letter = NUMBERS[code - _FIXED]
        return Fixed(names, letter, element.length * struct.calcsize(f">{letter}"))
    if code - _COUNTED in NUMBERS:
        return Counted(names, NUMBERS[code - _COUNTED], element.counter)
    for kind in (_DOUBLE32, _FLOAT16):
        size = _reduced(kind, element.title)
        if code == kind:
            return Numbers([(element.name, "f")]) if size == 4 and kind == _DOUBLE32 else Raw(names, size)
        if code == kind + _FIXED:
            return Raw(names, size * element.length)
        if code == kind + _COUNTED:
            return RawCounted(names, size, element.counter)
    return _object_step(element)


def _object_step(element: Element) -> Step:
    names, code = (element.name,), element.code
    classname = element.typename.rstrip("*& ").removeprefix("const ").strip()
    length = element.length
    if code > 80 and code - _FIXED in (61, 62, 63, 64, 65, 66, 67, 68, 69):
        code -= _FIXED
    else:
        length = 0
    match code:
        case 65 if not length:
            return TextMember(names)
        case 66 if not length:
            return Bits(names)
        case 61 | 62 | 63 | 65 | 66 | 67 | 68:
            if classname in ARRAYS and not length:
                return Numeric(names, ARRAYS[classname])
            return Inner(names, "TNamed" if code == 67 else classname, length)
        case 64 | 69:
            return Pointer(names, length)
        case 365:
            return StdString(names)
        case 300 | 500 if element.kind == "TStreamerSTLstring" or classname in ("string", "std::string"):
            return StdString(names)
        case 300 | 500 if element.kind.startswith("TStreamerSTL") and not element.length:
            return Container(names, element.typename)
        case 501:
            return Container(names, classname)
        case 7:
            return CharStar(names)
    return Unknown(names, element.code)


def _reduced(kind: int, title: str) -> int:
    """Bytes of a Double32_t or Float16_t, whose comment may hold range and bits ``[min,max,bits]``."""
    found = _RANGE.match(title.strip())
    if not found:
        return 4 if kind == _DOUBLE32 else 3
    low, high = (text.strip() for text in found.group(1, 2))
    if low != high:
        return 4
    return 3
