"""Trees, one behind the other: baskets are copied, the header is written anew.

The merged header is that of the first input with other numbers in it: the tables of baskets, the entries and
bytes, the largest values of counters, the cluster ranges. Everything else in it stays as it was, by rule:

* aliases and user information are those of the first input;
* an index is dropped: its entry numbers are those of one file;
* friends are kept if all inputs name the same, else dropped: they belong to the entries of one file.

Trees must have the same branches of the same types and class versions (DifferentSchemas), in any order. What
cannot be copied is NotCopyable. Sources: TTreeCloner.cxx, TTree.cxx (CopyEntries, Merge).
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from merging.errors import DifferentSchemas, MergeError, NotCopyable
from merging.rootio.baskets import BasketCopy
from merging.rootio.branches import Branch, Tree, difference, maxima, read_tree
from merging.rootio.clusters import Clusters, joined
from merging.rootio.edit import Edit, edited, replaced
from merging.rootio.file import TREES as CLASSES
from merging.rootio.file import Found, RootFile
from merging.rootio.keys import key_length
from merging.rootio.treecompare import TreeComparison
from merging.rootio.walk import Node, Unwalkable
from merging.rootio.wire import LARGEST_COUNT
from merging.rootio.writer import Folder, Writer

MOST_ENTRIES: Final = (1 << 63) - 1
MOST_BASKETS: Final = (1 << 31) - 2
_BYTES_PER_BASKET: Final = 4 + 8 + 8
_FEWEST_SLOTS: Final = 10
_HEADER_ROOM: Final = 1 << 20


@dataclass(slots=True)
class Table:
    """The baskets of one branch in the output, so far: 20 bytes for each."""

    seek: array[int] = field(default_factory=lambda: array("q"))
    size: array[int] = field(default_factory=lambda: array("i"))
    entry: array[int] = field(default_factory=lambda: array("q"))
    entries: int = 0
    entry_number: int = 0
    unpacked: int = 0
    packed: int = 0
    hollow: str = ""
    """The first input in which the branch holds nothing although the tree has entries."""

    def add(self, seek: Any, size: Any, entry: Any) -> None:
        """More baskets, as arrays."""
        self.seek.frombytes(seek.astype("i8").tobytes())
        self.size.frombytes(size.astype("i4").tobytes())
        self.entry.frombytes(entry.astype("i8").tobytes())


class TreePart:
    """One tree of the output. Raises NotCopyable, DifferentSchemas and UnreadableInput from ``take``."""

    def __init__(self, path: str, writer: Writer, folder: Folder) -> None:
        self._path, self._writer, self._folder = path, writer, folder
        self._first: Tree | None = None
        self._from = ""
        self._tables: dict[str, Table] = {}
        self._maxima: dict[tuple[str, int, str], float] = {}
        self._clusters: list[tuple[int, Clusters]] = []
        self._friends: tuple[Any, ...] | None = ()
        self._same_friends = True
        self._entries = 0

    def take(self, file: RootFile, found: Found) -> None:
        tree = read_tree(file, found)
        if self._first is None:
            self._begin(tree, file)
        first = self._first
        assert first is not None
        if words := difference(first, tree):
            text = f"{file.path}: tree '{self._path}' differs from that in {self._from}: {words}"
            raise DifferentSchemas(text, subject=str(file.path))
        self._check_limits(file, tree)
        self._check_whole(file, tree)
        self._copy(file, tree)
        self._note(tree)

    def write(self) -> None:
        tree = self._first
        assert tree is not None
        key = tree.found.key
        keylen = key_length(key.classname, key.name, key.title)
        try:
            edits = [*self._tree_edits(tree), *self._branch_edits(tree), *self._maxima_edits(tree)]
            header = edited(tree.walked, edits, keylen)
        except Unwalkable as error:
            text = f"{self._from}: tree '{self._path}' at offset {key.seek}: {error}"
            raise NotCopyable(text, subject=self._from) from None
        self._folder.put(key.classname, key.name, key.title, header)

    def _begin(self, tree: Tree, file: RootFile) -> None:
        self._first, self._from = tree, str(file.path)
        self._tables = {name: Table() for name in tree.branches}
        self._maxima = {place: value for place, (_, value) in maxima(tree).items()}
        self._friends = _friends(tree)

    def _copy(self, file: RootFile, tree: Tree) -> None:
        required = self._writer.required
        magic = required.magic if required else None
        copied = BasketCopy(file, tree, self._writer, self._folder, magic).run()
        at = 0
        for name, branch in tree.branches.items():
            table, count = self._tables[name], len(branch.seek)
            table.add(copied[at : at + count], branch.size, branch.entry + self._entries)
            at += count
            members = branch.node.members
            table.unpacked += int(members["fTotBytes"])
            table.packed += int(members["fZipBytes"])
            table.entries += int(members["fEntries"])
            table.entry_number += int(members["fEntryNumber"])
            self._write_memory(table, branch, tree.entries)

    def _write_memory(self, table: Table, branch: Branch, entries: int) -> None:
        """The baskets that were in the header, as ordinary ones: the last of this input."""
        import numpy

        start = self._entries + entries - sum(basket.entries for basket in branch.memory)
        for basket in branch.memory:
            writer, seek = self._writer, self._writer.position
            record, unpacked = basket.record(writer.compression, seek, self._folder.seek, writer.pid_offset)
            self._writer.write(record)
            table.add(*(numpy.array([value]) for value in (seek, len(record), start)))
            table.unpacked += unpacked
            table.packed += len(record)
            start += basket.entries

    def _note(self, tree: Tree) -> None:
        """What the header of the sum needs of each input besides its baskets."""
        self._clusters.append((tree.entries, tree.clusters))
        for place, (_, value) in maxima(tree).items():
            widest = min if place[2] == "fMinimum" else max
            self._maxima[place] = widest(self._maxima.get(place, value), value)
        friends = _friends(tree)
        self._same_friends &= friends is not None and friends == self._friends
        self._entries += tree.entries

    def _check_limits(self, file: RootFile, tree: Tree) -> None:
        """What the format cannot hold is known before it is written."""
        most = 0
        size = len(tree.walked.data) + _HEADER_ROOM
        for name, branch in tree.branches.items():
            count = len(self._tables[name].seek) + len(branch.seek) + len(branch.memory)
            most = max(most, count)
            size += _BYTES_PER_BASKET * count
        for value, limit, what in (
            (self._entries + tree.entries, MOST_ENTRIES, "entries"),
            (most, MOST_BASKETS, "baskets in one branch"),
            (size, LARGEST_COUNT, "bytes in its header"),
        ):
            if value > limit:
                text = f"with it tree '{self._path}' would have {value} {what}, it can have {limit}"
                raise MergeError(f"{file.path}: {text}", subject=str(file.path))

    def _check_whole(self, file: RootFile, tree: Tree) -> None:
        """A branch holds data in all inputs that have entries, or in none: entries have no gaps."""
        for name, branch in tree.branches.items():
            table = self._tables[name]
            table.hollow = table.hollow or (str(file.path) if branch.hollow else "")
            holds = bool(len(table.seek) or len(branch.seek) or branch.memory)
            if table.hollow and holds:
                text = (
                    f"tree '{self._path}': branch '{name}' holds nothing in {table.hollow} and data elsewhere"
                )
                raise NotCopyable(f"{file.path}: {text}", subject=str(file.path))

    def _tree_edits(self, tree: Tree) -> Iterator[Edit]:
        root, members = tree.walked.root, tree.members
        clusters = joined(self._clusters)
        packed = sum(table.packed for table in self._tables.values())
        values = {
            "fEntries": self._entries,
            "fTotBytes": sum(table.unpacked for table in self._tables.values()),
            "fZipBytes": packed,
            "fSavedBytes": 0,
            "fFlushedBytes": packed,
            "fAutoFlush": clusters.auto_flush,
            "fNClusterRange": len(clusters.ends),
            "fClusterRangeEnd": clusters.ends,
            "fClusterSize": clusters.sizes,
            "fIndexValues": (),
            "fIndex": (),
            "fTreeIndex": None,
        }
        if not self._same_friends:
            values["fFriends"] = None
        for name, value in values.items():
            if name in members:
                yield replaced(root, name, value)

    def _branch_edits(self, tree: Tree) -> Iterator[Edit]:
        import numpy

        for name, branch in tree.branches.items():
            table, node = self._tables[name], branch.node
            count = len(table.seek)
            room = numpy.zeros(max(count + 1, _FEWEST_SLOTS) - count, "i8")
            end = room.copy()
            end[0] = table.entry_number
            yield replaced(node, "fWriteBasket", count)
            yield replaced(node, "fMaxBaskets", count + len(room))
            yield replaced(node, "fEntries", table.entries)
            yield replaced(node, "fEntryNumber", table.entry_number)
            yield replaced(node, "fTotBytes", table.unpacked)
            yield replaced(node, "fZipBytes", table.packed)
            yield replaced(node, "fBasketBytes", numpy.concatenate([numpy.array(table.size, "i8"), room]))
            yield replaced(node, "fBasketSeek", numpy.concatenate([numpy.array(table.seek, "i8"), room]))
            yield replaced(node, "fBasketEntry", numpy.concatenate([numpy.array(table.entry, "i8"), end]))
            yield replaced(node.members["fBaskets"], "@items", ())

    def _maxima_edits(self, tree: Tree) -> Iterator[Edit]:
        for place, (node, value) in maxima(tree).items():
            if self._maxima[place] != value:
                yield replaced(node, place[2], self._maxima[place])


@dataclass(frozen=True, slots=True)
class Trees:
    """The kind of TTree, TNtuple and TNtupleD."""

    everywhere: bool = True

    def takes(self, classname: str) -> bool:
        return classname in CLASSES

    def begin(self, found: Found, writer: Writer, folder: Folder) -> TreePart:
        return TreePart(found.path, writer, folder)

    def entries(self, file: RootFile, found: Found) -> int:
        return int(file.walked(found.key).root.members["fEntries"])

    def compare(self, merged: RootFile, found: Found) -> TreeComparison:
        return TreeComparison(merged, found)


TREES: Final = Trees()


def _friends(tree: Tree) -> tuple[Any, ...] | None:
    """The friends of a tree as they are named in it; None where that cannot be read."""
    friends = tree.members.get("fFriends")
    if not isinstance(friends, Node):
        return ()
    if any(friend is None or friend.opaque for friend in friends.items):
        return None
    names = ("fName", "fTitle", "fTreeName")
    return tuple(tuple(friend.members.get(name) for name in names) for friend in friends.items)
