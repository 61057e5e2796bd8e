"""Objects that are no histograms: parameters, graphs, names and strings, what is kept from the first.

Sources: ROOT's TParameter.h (Merge and the bits it looks at), TGraph.cxx, TGraphErrors.cxx and
TGraphAsymmErrors.cxx (DoMerge: the points of the others are appended).
"""

from __future__ import annotations

import re
import struct
from typing import Any, Final, Protocol

import numpy as np

from merging.errors import DifferentSchemas, MergeError
from merging.hadd.model import Options, Record
from merging.rootio.edit import Edit, edited, replaced
from merging.rootio.plans import Counted
from merging.rootio.walk import Walked

PARAMETER: Final = re.compile(r"TParameter<.+>")
GRAPHS: Final = frozenset({"TGraph", "TGraphErrors", "TGraphAsymmErrors"})
KEPT: Final = frozenset({"TNamed", "TObjString"})
"""Classes of which the first is kept without being asked to; that others differ is noted."""

_MULTIPLY, _MAX, _MIN, _FIRST, _LAST, _IS_CONST = (1 << bit for bit in range(16, 22))
_BITS_AT: Final = 6
"""Place of the status bits in a TObject."""
_POINTS: Final = "fNpoints"


class Value(Protocol):
    """Takes the objects of one path from all inputs, in order, and gives the bytes of what they make."""

    notes: set[str]
    """What others had otherwise than the first, whose it stays."""

    @property
    def classname(self) -> str: ...
    def add(self, record: Record) -> None: ...
    def data(self, keylen: int) -> bytes: ...
    def content(self, keylen: int) -> Any:
        """What is compared: a number, columns of numbers, or the bytes for a key of that length."""
        ...


class Parameter:
    """A TParameter: sum, product, maximum, minimum, first or last value, as the bits of the first say.

    Truth values are joined by OR; by AND for product and minimum. That all were equal stays on record
    (kIsConst) only if they were. A sum that the type cannot hold is refused, where ROOT would wrap around.
    """

    def __init__(self, first: Record) -> None:
        self._record = first
        self.notes: set[str] = set()
        walked = first.walked()
        self._bits = int(_member(first, walked, "@bits"))
        self._first = self._value = self._of(first, walked)
        self._constant = True

    @property
    def classname(self) -> str:
        return self._record.classname

    def add(self, record: Record) -> None:
        value = self._of(record, record.walked())
        self._constant &= value == self._first
        self._value = self._combined(value)

    def data(self, keylen: int) -> bytes:
        walked = self._record.walked()
        _, start, _ = walked.root.place("@bits")
        edits = []
        if not self._constant:
            bits = struct.pack(">I", self._bits & ~_IS_CONST)
            edits.append(Edit(start + _BITS_AT, start + _BITS_AT + 4, bits))
        try:
            edits.append(replaced(walked.root, "fVal", self._value))
        except (struct.error, OverflowError):
            text = f"'{self._record.path}': {self._value} does not fit a {self.classname}"
            raise MergeError(text, subject=self._record.path) from None
        return edited(walked, edits, keylen)

    def content(self, keylen: int) -> Any:
        return self._value

    def _combined(self, value: Any) -> Any:
        bits, known = self._bits, self._value
        if isinstance(known, bool):
            if bits & (_MULTIPLY | _MIN):
                return known and value
            if bits & _LAST:
                return value
            return known if bits & _FIRST and not bits & _MAX else known or value
        if bits & _MULTIPLY:
            return known * value
        if bits & _MAX:
            return max(known, value)
        if bits & _MIN:
            return min(known, value)
        if bits & _LAST:
            return value
        return known if bits & _FIRST else known + value

    def _of(self, record: Record, walked: Walked) -> Any:
        value = _member(record, walked, "fVal")
        if not isinstance(value, int | float):
            raise MergeError(
                f"{record.where.path}: '{record.path}' is a {record.classname}, no number",
                subject=record.path,
            )
        return value


class Graph:
    """A graph with the points of all inputs, one input after the other; its style is that of the first."""

    def __init__(self, first: Record) -> None:
        self._record = first
        self.notes: set[str] = set()
        walked = first.walked()
        _member(first, walked, _POINTS)
        _member(first, walked, "fX")
        self._columns = {name: [walked.root.members[name].array()] for name in _columns(walked)}

    @property
    def classname(self) -> str:
        return self._record.classname

    def add(self, record: Record) -> None:
        walked = record.walked()
        if sorted(_columns(walked)) != sorted(self._columns):
            text = f"{record.where.path}: '{record.path}' has other columns than in {self._record.where.path}"
            raise DifferentSchemas(text, subject=str(record.where.path))
        for name, parts in self._columns.items():
            parts.append(walked.root.members[name].array())

    def data(self, keylen: int) -> bytes:
        walked = self._record.walked()
        columns = {name: np.concatenate(parts) for name, parts in self._columns.items()}
        n_points = len(columns["fX"])
        edits = [replaced(walked.root, name, column) for name, column in columns.items()]
        return edited(walked, [*edits, replaced(walked.root, _POINTS, n_points)], keylen)

    def content(self, keylen: int) -> Any:
        return {name: np.concatenate(parts).tobytes() for name, parts in sorted(self._columns.items())}


class Kept:
    """The object of the first input, whatever the others hold; how many differ is noted."""

    def __init__(self, first: Record) -> None:
        self._record = first
        self.notes: set[str] = set()

    @property
    def classname(self) -> str:
        return self._record.classname

    def add(self, record: Record) -> None:
        if record.data != self._record.data:
            self.notes.add("content")

    def data(self, keylen: int) -> bytes:
        return edited(self._record.walked(), [], keylen)

    def content(self, keylen: int) -> Any:
        return self.data(keylen)


def _member(record: Record, walked: Walked, name: str) -> Any:
    if name not in walked.root.members:
        raise record.where.unreadable(record.path, record.classname, f"it has no {name}")
    return walked.root.members[name]


def _columns(walked: Walked) -> list[str]:
    """The arrays with one number for every point."""
    names = []
    for step, _, _ in walked.root.places:
        if isinstance(step, Counted) and step.counter == _POINTS:
            names.append(step.names[0])
    return names


def takes(classname: str, options: Options) -> bool:
    """Whether objects of this class are merged here."""
    return (
        classname in KEPT
        or classname in GRAPHS
        or classname in options.keep_first
        or PARAMETER.fullmatch(classname) is not None
    )


def value_of(record: Record, options: Options) -> Value:
    """What merges the objects of one path, from the first on."""
    if record.classname in options.keep_first or record.classname in KEPT:
        return Kept(record)
    return Graph(record) if record.classname in GRAPHS else Parameter(record)
