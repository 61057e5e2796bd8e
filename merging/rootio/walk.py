"""Any object of a file, taken apart by the file's own StreamerInfo.

``walk`` finds every member by name, every nested object, and all that must change when bytes are put in or
taken out: byte counts, class tags, references. It decodes numbers and strings; arrays stay where they are
(``Block``) until somebody wants them. Classes that stream themselves in a way of their own (baskets, indices,
TClonesArray …) and classes without StreamerInfo are passed over by their byte count (``Walked.opaque``).
Source: TBufferFile.cxx (ReadObjectAny, ReadVersion, CheckByteCount), TObjArray.cxx, TList.cxx, TRef.cxx.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from merging.errors import MergeError
from merging.rootio.plans import (
    ARRAYS,
    Bits,
    Items,
    NotKnown,
    Numbers,
    Numeric,
    Step,
    TextMember,
    plain,
    plan_of,
)
from merging.rootio.streamerinfo import Streamers
from merging.rootio.wire import (
    BYTE_COUNT,
    CLASS_MASK,
    MAP_OFFSET,
    NEW_CLASS,
    U32,
    read_tstring,
)

_OBJECT: Final = struct.Struct(">HII")
_VERSION: Final = struct.Struct(">h")
_COUNTED_VERSION: Final = 0x4000
_REFERENCED: Final = 0x10
_HAS_UUID: Final = 0x20
_LISTS: Final = frozenset({"TList", "THashList"})
_OBJECT_STRING: Final = (Bits(("@bits",)), TextMember(("fString",)))
_ITEMS: Final = Items(("@items",))
_OWN_WAY: Final = frozenset(
    {
        "TBasket",
        "TClonesArray",
        "TRefArray",
        "TMap",
        "THashTable",
        "TExMap",
        "TTreeIndex",
        "TChainIndex",
        "TRefTable",
    }
)


_SELF: Final = 1
"""The tag that refers to the object of the key itself, however long the key is (TKey::ReadObj)."""


class Unwalkable(MergeError, ValueError):
    """The object cannot be taken apart, or not be put together as asked: what, and where in its bytes."""


@dataclass(slots=True, eq=False)
class Node:
    """One object: its members, those of its bases among them (the derived one wins where names are equal).

    Values: numbers, str, ``Block``, ``Node``, None, or lists of these. ``items`` are the objects of a
    collection. ``start`` and ``end`` enclose the object from its version (or byte count, for one by value).
    ``outer`` is where the pointer in front of it starts (its byte count and class tag), else ``start``.
    ``versions``: of its class and of every base that was met, in that order. ``opaque``: passed over, it has
    no members.
    """

    classname: str
    version: int
    start: int
    end: int
    members: dict[str, Any] = field(default_factory=dict)
    items: list[Any] = field(default_factory=list)
    versions: dict[str, int] = field(default_factory=dict)
    places: list[tuple[Step, int, int]] = field(default_factory=list)
    checksum: int = 0
    opaque: bool = False
    outer: int = -1

    @property
    def lineage(self) -> list[str]:
        """Its class and the bases that were met."""
        return list(self.versions)

    def place(self, name: str) -> tuple[Step, int, int]:
        """The step that read a member, and the bytes of the member. KeyError if there is none."""
        for step, start, end in reversed(self.places):
            if name in step.names:
                if isinstance(step, Numbers):
                    return (step, *step.place(name, start))
                return step, start, end
        raise KeyError(name)


@dataclass(slots=True)
class Walked:
    """An object and all in it: ``nodes`` in the order of the bytes.

    ``counts``: place of a byte count and end of what it counts. ``classes``: where a class is named.
    ``tags``: place of a tag, the place it refers to, and whether that is a class.
    """

    data: bytes
    keylen: int
    root: Node
    nodes: list[Node]
    counts: list[tuple[int, int]]
    classes: dict[int, str]
    tags: list[tuple[int, int, bool]]
    opaque: list[Node]

    def of_class(self, classname: str) -> Iterator[Node]:
        """All objects of this class and of classes derived from it."""
        return (node for node in self.nodes if classname in node.versions)


def walk(data: bytes, classname: str, streamers: Streamers, keylen: int) -> Walked:
    """Take the object apart. Raises Unwalkable, also when bytes are left over.

    ``data``: its decompressed bytes. ``keylen``: the length of the key in front of them.
    """
    walker = _Walker(data, streamers, keylen)
    try:
        root = walker.by_value(classname)
    except (struct.error, IndexError, ValueError, KeyError) as error:
        if isinstance(error, Unwalkable):
            raise
        raise Unwalkable(f"a {classname} at byte {walker.at} of {len(data)}: {error}") from error
    if walker.at != len(data):
        raise Unwalkable(f"a {classname} of {walker.at} bytes in a record of {len(data)}")
    if not isinstance(root, Node):
        raise Unwalkable(f"a {classname} has no members")
    return Walked(data, keylen, root, walker.nodes, walker.counts, walker.classes, walker.tags, walker.opaque)


class _Walker:
    def __init__(self, data: bytes, streamers: Streamers, keylen: int) -> None:
        self.data, self.at = data, 0
        self._streamers, self._keylen = streamers, keylen
        self._frames: list[Node] = []
        self._objects: dict[int, Node] = {}
        self.nodes: list[Node] = []
        self.counts: list[tuple[int, int]] = []
        self.classes: dict[int, str] = {}
        self.tags: list[tuple[int, int, bool]] = []
        self.opaque: list[Node] = []

    # what steps use

    def string(self) -> str:
        text, self.at = read_tstring(self.data, self.at)
        return text

    def object_bits(self) -> int:
        """A TObject; gives its bits. One that is referred to has a process id behind."""
        version, _, bits = _OBJECT.unpack_from(self.data, self.at)
        if version & _COUNTED_VERSION:
            self.at += 4
            _, _, bits = _OBJECT.unpack_from(self.data, self.at)
        self.at += 12 if bits & _REFERENCED else 10
        return bits  # type: ignore[no-any-return]  # it is unpacked as a number

    def count(self, name: str) -> int:
        """The member that counts, of this object or of the one around it."""
        for node in reversed(self._frames):
            if name in node.members:
                return int(node.members[name])
        raise ValueError(f"counter {name} was not read")

    def std_string(self) -> str:
        version_at = self.at
        _, end = self._header()
        text = self.string()
        self._closed(end, version_at, "a std::string")
        return text

    def container(self, typename: str) -> Node:
        start = self.at
        (count,) = U32.unpack_from(self.data, start)
        if not count & BYTE_COUNT:
            raise ValueError(f"{typename} has no byte count")
        self.at = start + 4 + (count & ~BYTE_COUNT)
        node = Node(typename, 0, start, self.at, opaque=True)
        if self.at > len(self.data):
            raise ValueError(f"{typename} goes over the end")
        if not plain(typename):
            self.opaque.append(node)
        return node

    def pointer(self) -> Node | None:
        """Behind a pointer: a new object, None, or one that was read before."""
        start = self.at
        (count,) = U32.unpack_from(self.data, start)
        end = None
        if count & BYTE_COUNT and count != NEW_CLASS:
            self.at += 4
            end = self.at + (count & ~BYTE_COUNT)
        place = self.at
        (tag,) = U32.unpack_from(self.data, place)
        self.at += 4
        if not tag & CLASS_MASK:
            return self._referred(tag, place)
        if end is None:
            raise ValueError("an object without byte count")
        classname = self._class_of(tag, place)
        self.counts.append((start, end))
        node = self._new(classname, self.at, start)
        if classname in _OWN_WAY:
            self._pass_over(node, end)
        else:
            self._fill_or_pass_over(node, end)
        self._closed(end, start, classname)
        node.end = end
        return node

    def by_value(self, classname: str) -> Any:
        if classname == "TString":
            return self.string()
        if classname == "TObject":
            return self.object_bits()
        node = self._new(classname, self.at, None)
        if classname in _OWN_WAY or not self._readable(classname):
            (count,) = U32.unpack_from(self.data, self.at)
            if not count & BYTE_COUNT:
                raise ValueError(f"a {classname} has neither StreamerInfo nor byte count")
            self._pass_over(node, self.at + 4 + (count & ~BYTE_COUNT))
        else:
            self._fill(classname, node)
        node.end = self.at
        return node

    def base(self, classname: str, node: Node) -> None:
        self._fill(classname, node)

    # what is behind

    def _new(self, classname: str, start: int, tagged_at: int | None) -> Node:
        node = Node(classname, 0, start, start, outer=start if tagged_at is None else tagged_at)
        self.nodes.append(node)
        if tagged_at is not None:
            self._objects[tagged_at] = node
        return node

    def _referred(self, tag: int, place: int) -> Node | None:
        if not tag:
            return None
        if tag == _SELF:
            return self.nodes[0]
        target = tag - MAP_OFFSET - self._keylen
        if target not in self._objects:
            raise ValueError(f"a reference to {tag}, where no object was read")
        self.tags.append((place, target, False))
        return self._objects[target]

    def _class_of(self, tag: int, place: int) -> str:
        if tag == NEW_CLASS:
            stop = self.data.index(b"\0", self.at)
            classname = self.data[self.at : stop].decode("utf-8", "surrogateescape")
            self.classes[place] = classname
            self.at = stop + 1
            return classname
        target = (tag & ~CLASS_MASK) - MAP_OFFSET - self._keylen
        if target not in self.classes:
            raise ValueError(f"a class tag {tag:#x}, where no class was named")
        self.tags.append((place, target, True))
        return self.classes[target]

    def _pass_over(self, node: Node, end: int) -> None:
        if end > len(self.data):
            raise ValueError(f"a {node.classname} goes over the end")
        node.opaque, node.versions = True, {node.classname: 0}
        if node.classname != "TBasket":  # nothing in a basket's bytes refers to objects outside of it
            self.opaque.append(node)
        self.at = end

    def _fill_or_pass_over(self, node: Node, end: int) -> None:
        """Read an object; where one of its members cannot be read, pass over it whole."""
        start = self.at
        lists: tuple[list[Any], ...] = (self.nodes, self.counts, self.tags, self.opaque, self._frames)
        lengths = [len(some) for some in lists]
        try:
            self._fill(node.classname, node)
        except NotKnown:
            for some, length in zip(lists, lengths, strict=True):
                del some[length:]
            self.classes = {place: name for place, name in self.classes.items() if place < start}
            self._objects = {place: known for place, known in self._objects.items() if place < start}
            self.at = start
            node.members, node.items, node.places = {}, [], []
            self._pass_over(node, end)

    def _readable(self, classname: str) -> bool:
        if classname in _SPECIAL:
            return True
        (word,) = U32.unpack_from(self.data, self.at)
        at = self.at + 4 if word & BYTE_COUNT else self.at
        (version,) = _VERSION.unpack_from(self.data, at)
        known = self._streamers.plans.get((classname, version, False)) if version > 0 else None
        if known is not None:
            return known[0] is not None
        before, self.at = self.at, at + 2
        found = self._plan(classname, version, 0 if word & BYTE_COUNT else None)[0]
        self.at = before
        return found is not None

    def _plan(
        self, classname: str, version: int, end: int | None
    ) -> tuple[tuple[Step, ...] | None, int, bool]:
        """The steps, the checksum of the class, and whether that stands in the bytes (here)."""
        known = self._streamers.plans
        by_checksum = version <= 0 and end is not None
        if by_checksum:
            (version,) = U32.unpack_from(self.data, self.at)
        identity = classname, version, by_checksum
        if identity not in known:
            find = self._streamers.of_checksum if by_checksum else self._streamers.of_version
            info = find(classname, version)
            known[identity] = (plan_of(info), info.checksum) if info else (None, 0)
        steps, checksum = known[identity]
        return steps, checksum, by_checksum

    def _header(self) -> tuple[int, int | None]:
        start = self.at
        (word,) = U32.unpack_from(self.data, start)
        if not word & BYTE_COUNT:
            (version,) = _VERSION.unpack_from(self.data, start)
            self.at = start + 2
            return version, None
        end = start + 4 + (word & ~BYTE_COUNT)
        self.counts.append((start, end))
        (version,) = _VERSION.unpack_from(self.data, start + 4)
        self.at = start + 6
        return version, end

    def _closed(self, end: int | None, start: int, what: str) -> None:
        if end is not None and self.at != end:
            raise ValueError(f"{what} from byte {start} should end at {end}, not {self.at}")

    def _fill(self, classname: str, node: Node) -> None:
        node.versions[classname] = 0
        if classname in _SPECIAL:
            _SPECIAL[classname](self, classname, node)
            return
        start = self.at
        version, end = self._header()
        if end == self.at:
            return  # a base without members, which may have no StreamerInfo
        known = self._streamers.plans.get((classname, version, False)) if version > 0 else None
        steps, checksum, stands = (*known, False) if known else self._plan(classname, version, end)
        if steps is None:
            raise NotKnown(f"no StreamerInfo of {classname} version {version}")
        if stands:
            self.at += 4
        node.versions[classname] = version
        if len(node.versions) == 1:
            node.version, node.checksum = version, checksum
        self._frames.append(node)
        places, before = node.places, self.at
        for step in steps:
            step.read(self, node)
            places.append((step, before, self.at))
            before = self.at
        self._frames.pop()
        self._closed(end, start, classname)

    def _array(self, classname: str, node: Node) -> None:
        step, start = Numeric(("fArray",), ARRAYS[classname]), self.at
        step.read(self, node)
        node.places.append((step, start, self.at))

    def _object_array(self, classname: str, node: Node) -> None:
        start = self.at
        node.version, end = self._header()
        if node.version > 2:
            node.members["@bits"] = self.object_bits()
        if node.version > 1:
            node.members["fName"] = self.string()
        size, node.members["fLowerBound"] = struct.unpack_from(">ii", self.data, self.at)
        items_at = self.at
        self.at += 8
        node.items = [self.pointer() for _ in range(size)]
        node.places.append((_ITEMS, items_at, self.at))
        self._closed(end, start, classname)

    def _list(self, classname: str, node: Node) -> None:
        start = self.at
        node.version, end = self._header()
        node.members["@bits"] = self.object_bits()
        node.members["fName"] = self.string()
        (size,) = U32.unpack_from(self.data, self.at)
        self.at += 4
        for _ in range(size):
            node.items.append(self.pointer())
            self.string()  # the option that a TList keeps of each
        self._closed(end, start, classname)

    def _reference(self, classname: str, node: Node) -> None:
        bits = self.object_bits()
        if bits & _HAS_UUID:
            self.string()
        else:
            self.at += 2

    def _time(self, classname: str, node: Node) -> None:
        step, start = Numbers([("fDatime", "I")]), self.at
        step.read(self, node)
        node.places.append((step, start, self.at))

    def _object_string(self, classname: str, node: Node) -> None:
        """Read without StreamerInfo, which some writers of axis labels leave out."""
        start = self.at
        node.version, end = self._header()
        for step in _OBJECT_STRING:
            before = self.at
            step.read(self, node)
            node.places.append((step, before, self.at))
        self._closed(end, start, classname)

    def _bare_object(self, classname: str, node: Node) -> None:
        node.members["@bits"] = self.object_bits()


_SPECIAL: Final = {
    **dict.fromkeys(ARRAYS, _Walker._array),
    **dict.fromkeys(_LISTS, _Walker._list),
    "TObjArray": _Walker._object_array,
    "TRef": _Walker._reference,
    "TDatime": _Walker._time,
    "TObject": _Walker._bare_object,
    "TObjString": _Walker._object_string,
}
