"""One histogram, taken apart: what is added, what decides whether two may be added, what is worth a note."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final

from merging.hadd import rules
from merging.hadd.statistics import Axis
from merging.hadd.template import Field, Template
from merging.rootio.plans import Block, Numbers
from merging.rootio.walk import Node, Walked

_SAME: Final = 1e-12
"""Relative difference up to which ROOT takes edges of bins for equal (TH1::CheckAxisLimits)."""
_UNIQUE_ID: Final = struct.Struct(">2xI")
_SOME: Final = 3
_LONG: Final = 255
"""First byte of a string of 255 bytes or more; four bytes of length follow."""


@dataclass(frozen=True, slots=True)
class Look:
    """A histogram or profile. ``facts`` must be equal in all, by what they are."""

    template: Template
    facts: Mapping[str, Any]
    waiting: int
    """Entries in the buffer that were never put into bins."""
    averages: bool
    grows: bool
    """Whether an axis changes with what is filled."""
    axes: tuple[Axis, ...]

    @classmethod
    def at(cls, walked: Walked) -> Look:
        """Raises ValueError for arrays that do not go with the axes."""
        root, dimension = walked.root, rules.dimension(walked.root.classname)
        nodes = [root.members[name] for name in rules.AXES]
        axes = tuple(_axis(node) for node in nodes)
        bits = root.members["@bits"]
        added = _added(root)
        _check_lengths(added, axes[:dimension], root)
        return cls(
            template=Template.of(walked.data, added, _kept(root, nodes), _titles(walked, nodes)),
            facts=_facts(walked, dict(zip("xyz", zip(nodes, axes, strict=True), strict=True))),
            waiting=_waiting(root),
            averages=bool(bits & rules.IS_AVERAGE),
            grows=bool(bits & rules.AUTO_BIN)
            or any(node.members.get("fBits2", 0) & rules.CAN_EXTEND for node in nodes[:dimension]),
            axes=axes[:dimension],
        )

    def difference(self, other: Look) -> str | None:
        """What keeps the other from being added to this one, in words: its value, then ours."""
        for what in {**self.facts, **other.facts}:  # in their order, so that the same is told every time
            ours, theirs = self.facts.get(what), other.facts.get(what)
            if not _equal(ours, theirs):
                return f"{what} {_told(theirs, ours)}, not {_told(ours, theirs)}"
        return None


def _added(root: Node) -> list[Field]:
    fields = []
    for step, start, _ in root.places:
        if isinstance(step, Numbers):
            fields += [number for number in _numbers(step, start) if rules.is_added(number.name)]
        elif (name := step.names[0]) in rules.ARRAYS:
            block = root.members[name]
            fields.append(Field(name, block.start, block.stop - block.start, block.letter, array=True))
    return fields


def _numbers(step: Numbers, start: int) -> Iterator[Field]:
    """The numbers of a step, which lie one behind the other."""
    for name, letter in step.letters.items():
        size = struct.calcsize(f">{letter}")
        yield Field(name, start, size, letter)
        start += size


def _kept(root: Node, axes: list[Node]) -> list[Field]:
    """Numbers that may differ; and the list of functions, without its byte count, which is structure."""
    fields = []
    for step, start, _ in chain(root.places, *(axis.places for axis in axes)):
        if isinstance(step, Numbers):
            fields += [number for number in _numbers(step, start) if rules.is_kept(number.name)]
    functions = root.members.get("fFunctions")
    if isinstance(functions, Node):
        fields.append(Field("fFunctions", functions.start + 4, functions.end - functions.start - 4))
    return fields


def _titles(walked: Walked, axes: list[Node]) -> list[Field]:
    """The bytes of titles and names, without their length, which is structure."""
    fields = []
    for node, name in ((walked.root, "fName"), *((node, "fTitle") for node in (walked.root, *axes))):
        _, start, stop = node.place(name)
        start += 5 if walked.data[start] == _LONG else 1
        fields.append(Field(name, start, stop - start))
    return fields


def _check_lengths(added: list[Field], axes: tuple[Axis, ...], root: Node) -> None:
    cells = 1
    for axis in axes:
        cells *= axis.n_bins + 2
    if root.members["fNcells"] != cells:
        raise ValueError(f"fNcells is {root.members['fNcells']}, its axes have {cells} bins")
    if not {rules.ENTRIES, rules.WEIGHTS} <= {field.name for field in added if field.type == "d"}:
        raise ValueError(f"version {root.version} of its class, without {rules.ENTRIES} or {rules.WEIGHTS}")
    for field in added:
        if field.array and field.count != cells and (field.size or field.name not in rules.SQUARES):
            raise ValueError(f"{field.name} has {field.count} elements at byte {field.at}, not {cells}")


def _facts(walked: Walked, axes: Mapping[str, tuple[Node, Axis]]) -> dict[str, Any]:
    members = walked.root.members
    facts: dict[str, Any] = {"bins found from the content": bool(members["@bits"] & rules.AUTO_BIN)}
    for letter, (node, axis) in axes.items():
        facts[f"{letter} axis: bins"] = axis.n_bins
        facts[f"{letter} axis: range"] = (axis.low, axis.high)
        facts[f"{letter} axis: edges"] = axis.edges
        facts[f"{letter} axis: labels"] = _labels(walked, node)
    # After the axes: a difference of theirs is told in a person's words, not as a number of cells.
    return facts | {name: members[name] for name in rules.EQUAL if name in members}


def _axis(node: Node) -> Axis:
    members = node.members
    named = members.get("fLabels") is not None and bool(members.get("fBits2", 0) & rules.CAN_EXTEND)
    edges = tuple(members["fXbins"].array().tolist())
    return Axis(members["fNbins"], members["fXmin"], members["fXmax"], edges, named)


def _labels(walked: Walked, axis: Node) -> dict[int, str]:
    """Labels by bin: the bin is the unique id of the label (TAxis::SetBinLabel)."""
    labels = axis.members.get("fLabels")
    found = {}
    for label in labels.items if isinstance(labels, Node) else ():
        (number,) = _UNIQUE_ID.unpack_from(walked.data, label.place("@bits")[1])
        found[number] = label.members["fString"]
    return found


def _waiting(root: Node) -> int:
    buffer = root.members.get("fBuffer")
    return max(0, int(buffer.array()[0])) if isinstance(buffer, Block) and len(buffer) else 0


def _equal(one: Any, other: Any) -> bool:
    """Equality, of edges as ROOT sees it."""
    if not isinstance(one, tuple) or not isinstance(other, tuple):
        return bool(one == other)
    return len(one) == len(other) and all(
        abs(a - b) <= _SAME * (abs(a) + abs(b)) / 2 for a, b in zip(one, other, strict=True)
    )


def _told(value: Any, beside: Any) -> str:
    """A value for a message; of long ones only what differs from the other."""
    if isinstance(value, dict):
        beside = beside or {}
        parts = [f"{key}: '{text}'" for key, text in sorted(value.items()) if beside.get(key) != text]
        return f"({', '.join(parts[:_SOME])}{', …' if len(parts) > _SOME else ''})"
    if isinstance(value, tuple) and len(value) > _SOME:
        return f"({len(value)} edges from {value[0]} to {value[-1]})"
    return str(value)
