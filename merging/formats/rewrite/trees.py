"""TTrees: what their branches are, and copying their entries into another file with uproot."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from merging.errors import MergeError
from merging.rootfile import reading, told

_COUNTER = "int32_t"  # the only type uproot gives to a counter
_EXTRAS = ("fAliases", "fFriends", "fTreeIndex", "fUserInfo")


@dataclass(frozen=True, slots=True)
class Branch:
    """One branch: its type in ROOT's words, the type uproot writes it as, the branch that counts it."""

    name: str
    typename: str
    datashape: str
    counter: str = ""

    def __str__(self) -> str:
        return f"{self.name} {self.typename}" + (f" counted by {self.counter}" if self.counter else "")


@dataclass(frozen=True, slots=True)
class TreeSchema:
    """The branches of a tree, by name, without regard to their order."""

    title: str
    branches: tuple[Branch, ...]

    @property
    def counters(self) -> dict[str, str]:
        """The counter of each branch of variable length."""
        return {branch.name: branch.counter for branch in self.branches if branch.counter}

    def difference(self, other: TreeSchema) -> str:
        """What the other has and lacks, in words; empty if the branches are the same."""
        here, there = ({str(branch) for branch in schema.branches} for schema in (self, other))
        lacks, has = sorted(here - there), sorted(there - here)
        words = [f"lacks {', '.join(lacks[:5])}"] * bool(lacks) + [f"has {', '.join(has[:5])}"] * bool(has)
        return " and ".join(words)


def schema_of(tree: Any, path: Path) -> TreeSchema:
    """The schema of a tree. Raises MergeError, naming the branch, for what uproot could not write back."""
    for member in _EXTRAS:
        extra = tree.all_members.get(member)
        if extra is not None and (member == "fTreeIndex" or len(extra)):
            raise _refusal(tree, path, f"has a {member[1:]}, which would be lost")
    branches = tuple(_branch(tree, branch, path) for branch in tree.branches)
    if not branches or len({branch.name for branch in branches}) != len(branches):
        raise _refusal(tree, path, "has no branches, or two of the same name")
    counters = {branch.counter for branch in branches}
    for branch in branches:
        if branch.name in counters and branch.typename != _COUNTER:
            text = f"counter '{branch.name}' is a {branch.typename} and would become a {_COUNTER}"
            raise _refusal(tree, path, text)
    return TreeSchema(tree.title, branches)


def _branch(tree: Any, branch: Any, path: Path) -> Branch:
    import uproot.interpretation as kinds

    interpretation = branch.interpretation
    plain = branch.classname == "TBranch" and len(branch.member("fLeaves")) == 1 and not branch.branches
    counter = branch.count_branch.name if branch.count_branch is not None else ""
    if plain and isinstance(interpretation, kinds.numerical.AsDtype):
        datashape = _datashape(interpretation)
    elif plain and counter and isinstance(interpretation, kinds.jagged.AsJagged):
        content = interpretation.content
        is_plain = isinstance(content, kinds.numerical.AsDtype) and not interpretation.header_bytes
        datashape = f"var * {inner}" if is_plain and (inner := _datashape(content)) else ""
    elif plain and isinstance(interpretation, kinds.strings.AsStrings):
        datashape = "string"
    else:
        datashape = ""
    if not datashape:
        raise _refusal(tree, path, f"branch '{branch.name}' ({branch.typename}) cannot be written back")
    return Branch(branch.name, branch.typename, datashape, counter)


def _datashape(interpretation: Any) -> str:
    """Such as ``3 * float32``; empty for records (several leaves in one branch)."""
    dtype = interpretation.to_dtype
    base, shape = dtype.subdtype or (dtype, ())
    if base.fields is not None or base.kind not in "biuf":
        return ""
    return "".join(f"{size} * " for size in shape) + str(base.name)


class TreeCopy:
    """A tree in the new file that takes the entries of the inputs' trees, one input after the other."""

    def __init__(self, out: Any, name: str, schema: TreeSchema) -> None:
        counters = schema.counters
        self._name = name
        self._counted = set(counters.values())
        # A counter is written with the branches it counts, and must not be given as well.
        self._names = [branch.name for branch in schema.branches if branch.name not in self._counted]
        types = {branch.name: branch.datashape for branch in schema.branches if branch.name in self._names}
        try:
            self._tree = out.mktree(
                name, types, title=schema.title, counter_name=lambda counted: counters[counted]
            )
        except (NotImplementedError, TypeError, ValueError) as error:
            raise MergeError(f"tree '{name}' cannot be written: {told(error)}", subject=name) from error

    def extend(self, file: Any, path: Path, step: str) -> None:
        """Append all entries of the tree in this file, some at a time."""
        for arrays in self._steps(file, path, step):
            self._tree.extend(arrays)

    def _steps(self, file: Any, path: Path, step: str) -> Iterator[Any]:
        with reading(path):
            tree = file[self._name]
            yield from tree.iterate(self._names, step_size=step, library="ak", how=dict)


def _refusal(tree: Any, path: Path, text: str) -> MergeError:
    return MergeError(f"{path}: tree '{tree.name}' {text}", subject=str(path))
