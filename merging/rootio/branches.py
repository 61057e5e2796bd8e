"""What a tree's header says: its branches, where their baskets are, and what makes two trees alike.

Only the header of a tree is read for that (kilobytes), never its data. Baskets in the order of their entries,
positions and sizes in bytes of the file. Sources: TTree, TBranch, TBranchElement, TLeaf (their StreamerInfo).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from merging.errors import NotCopyable
from merging.rootio.clusters import Clusters
from merging.rootio.file import Found, RootFile
from merging.rootio.membaskets import MemoryBasket, memory_baskets
from merging.rootio.walk import Node, Walked

_OLDEST: Final = {"TTree": 16, "TBranch": 10}
_ELEMENT: Final = (
    "fClassName",
    "fParentName",
    "fClonesName",
    "fCheckSum",
    "fClassVersion",
    "fID",
    "fType",
    "fStreamerType",
)
_LEAF: Final = ("fLenType", "fOffset", "fIsRange", "fIsUnsigned")
Words = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Branch:
    """One branch: its name with those of the branches above it, and its baskets in the file.

    ``seek``, ``size`` and ``entry`` are numpy arrays, one element a basket (empty ones left out). ``memory``
    are baskets that were never written out but lie in the header; they come after those in the file.
    ``hollow``: it has no data of its own, although the tree has entries.
    """

    name: str
    node: Node
    words: Words
    seek: Any
    size: Any
    entry: Any
    memory: tuple[MemoryBasket, ...]
    hollow: bool


@dataclass(frozen=True, slots=True)
class Tree:
    """A tree of one file. ``branches`` by name, in the order of the header."""

    found: Found
    walked: Walked
    entries: int
    branches: dict[str, Branch]
    clusters: Clusters

    @property
    def members(self) -> dict[str, Any]:
        return self.walked.root.members


def read_tree(file: RootFile, found: Found) -> Tree:
    """The tree, by its header. Raises UnreadableInput, or NotCopyable where its baskets cannot be moved."""
    try:
        return _read_tree(file, found)
    except KeyError as error:  # a member that the file's own description of the class does not have
        raise file.bad(found.key.seek, f"tree '{found.path}' without {error}") from None


def _read_tree(file: RootFile, found: Found) -> Tree:
    walked = file.walked(found.key)
    members = walked.root.members
    _check_versions(file, found, walked)
    entries = int(members["fEntries"])
    if entries < 0:
        raise file.bad(found.key.seek, f"tree '{found.path}' has {entries} entries,")
    reader = _Reader(file, found, entries)
    branches: dict[str, Branch] = {}
    for name, node in _named(members["fBranches"], ""):
        while name in branches:
            name += "'"  # two of one name: told apart by their order
        branches[name] = reader.branch(name, node)
    return Tree(found, walked, entries, branches, _clusters(members))


def difference(first: Tree, other: Tree) -> str:
    """What the other tree lacks, has or has otherwise, in words; empty when both hold the same branches."""
    if first.found.key.classname != other.found.key.classname:
        return f"it is a {other.found.key.classname}, not a {first.found.key.classname}"
    lacks = [name for name in first.branches if name not in other.branches]
    has = [name for name in other.branches if name not in first.branches]
    words = [f"it lacks branch {_some(lacks)}"] * bool(lacks) + [f"it has branch {_some(has)}"] * bool(has)
    for name, branch in other.branches.items():
        if name in first.branches and branch.words != first.branches[name].words:
            words.append(f"branch '{name}' is {_told(branch.words)}, not {_told(first.branches[name].words)}")
            break
    return " and ".join(words)


def maxima(tree: Tree) -> dict[tuple[str, int, str], tuple[Node, float]]:
    """Largest and smallest values noted in branches and leaves; readers size their buffers by them.

    By name of the branch, number of the leaf in it (0: the branch itself) and name of the member.
    """
    found: dict[tuple[str, int, str], tuple[Node, float]] = {}
    for branch in tree.branches.values():
        for number, node in enumerate((branch.node, *_leaves(branch.node))):
            names = (
                ("fMaximum", "fMinimum", "fLen") if node.classname == "TLeafC" else ("fMaximum", "fMinimum")
            )
            for name in names:
                if isinstance(value := node.members.get(name), int | float):
                    found[branch.name, number, name] = node, value
    return found


class _Reader:
    def __init__(self, file: RootFile, found: Found, entries: int) -> None:
        self._file, self._found, self._entries = file, found, entries

    def branch(self, name: str, node: Node) -> Branch:
        import numpy

        members = node.members
        if members.get("fFileName"):
            raise self._refusal(name, f"is stored in another file ({members['fFileName']})")
        if members.get("fFirstEntry"):
            raise self._refusal(name, "does not begin with the first entry")
        count, entry_number = int(members["fWriteBasket"]), int(members["fEntryNumber"])
        tables = [members[table] for table in ("fBasketSeek", "fBasketBytes", "fBasketEntry")]
        if count < 0 or min(map(len, tables)) < count:
            raise self._file.bad(self._found.key.seek, f"branch '{name}' lists too few baskets,")
        seek, size, entry = (table.array()[:count].astype("i8") for table in tables)
        stored = count if seek.all() else int(numpy.flatnonzero(seek == 0)[0])
        memory = memory_baskets(self._file, self._found, name, members["fBaskets"].items)
        end = entry_number - sum(basket.entries for basket in memory)
        holds = bool(stored or memory)
        if holds and entry_number != self._entries:
            raise self._refusal(name, f"has {entry_number} entries, the tree {self._entries}")
        columns = seek[:stored], size[:stored], entry[:stored]
        if stored:
            steps = numpy.empty(stored, "i8")
            steps[:-1], steps[-1] = entry[1:stored] - entry[: stored - 1], end - entry[stored - 1]
            smallest = steps.min()
            if smallest < 0 or entry[0]:
                raise self._refusal(name, "has baskets that do not follow each other")
            if not smallest:
                columns = seek[:stored][steps > 0], size[:stored][steps > 0], entry[:stored][steps > 0]
        elif memory and end:
            raise self._refusal(name, "has entries in no basket")
        if not holds and entry_number > 0 and node.classname == "TBranch" and _leaves(node):
            raise self._refusal(name, f"has {entry_number} entries in no basket")
        hollow = not holds and self._entries > 0
        return Branch(name, node, _words(node), *columns, memory, hollow)

    def _refusal(self, branch: str, text: str) -> NotCopyable:
        what = f"{self._file.path}: tree '{self._found.path}' at offset {self._found.key.seek}"
        return NotCopyable(f"{what}: branch '{branch}' {text}", subject=str(self._file.path))


def _check_versions(file: RootFile, found: Found, walked: Walked) -> None:
    where = f"{file.path}: tree '{found.path}' at offset {found.key.seek}"
    for classname, oldest in _OLDEST.items():
        for version in {node.versions.get(classname, oldest) for node in walked.nodes}:
            if version < oldest:
                text = (
                    f"{where} was written with {classname} version {version}, baskets need {oldest} or later"
                )
                raise NotCopyable(text, subject=str(file.path))
    for node in walked.opaque:
        if node.classname.startswith(("TLeaf", "TBranch")):
            text = f"{where} holds a {node.classname}, of which the file has no StreamerInfo"
            raise NotCopyable(text, subject=str(file.path))
    if walked.root.members.get("fBranchRef") is not None:
        raise NotCopyable(f"{where} has a table of references (TBranchRef)", subject=str(file.path))


def _named(array: Node, above: str) -> Iterator[tuple[str, Node]]:
    """All branches, each before those in it, with their names."""
    for node in array.items:
        if node is not None:
            name = f"{above}{node.members['fName']}"
            yield name, node
            yield from _named(node.members["fBranches"], f"{name}/")


def _leaves(branch: Node) -> list[Node]:
    return [leaf for leaf in branch.members["fLeaves"].items if leaf is not None]


def _words(branch: Node) -> Words:
    """What must be equal in trees that are put together: types, lengths, counters, class versions."""
    leaves = []
    for leaf in _leaves(branch):
        members = leaf.members
        counter = members.get("fLeafCount")
        length = None if leaf.classname == "TLeafC" else members.get("fLen")  # the longest string so far
        leaves.append(
            (
                leaf.classname,
                members["fName"],
                members["fTitle"],
                length,
                counter.members["fName"] if isinstance(counter, Node) else "",
                *(members.get(name) for name in _LEAF),
            )
        )
    element = tuple(branch.members.get(name) for name in _ELEMENT) if branch.classname != "TBranch" else ()
    return (branch.classname, element, tuple(leaves))


def _told(words: Words) -> str:
    """The words for a person: class and version of an object, or the leaves with their types."""
    classname, element, leaves = words
    leaf_words = ", ".join(f"{leaf[0].removeprefix('TLeaf')} {leaf[2]}" for leaf in leaves[:3])
    if element and element[0]:
        return f"{element[0]} version {element[4]} (checksum {element[3]:#x}) {leaf_words}".strip()
    return f"{classname} of {leaf_words}"


def _clusters(members: dict[str, Any]) -> Clusters:
    count = int(members.get("fNClusterRange", 0))
    ends, sizes = (
        tuple(int(value) for value in members[name].array()[:count]) if count else ()
        for name in ("fClusterRangeEnd", "fClusterSize")
    )
    return Clusters(ends, sizes, int(members.get("fAutoFlush", -1)))


def _some(names: list[str]) -> str:
    return ", ".join(f"'{name}'" for name in names[:5]) + (" …" if len(names) > 5 else "")
