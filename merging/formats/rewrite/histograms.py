"""Histograms and profiles: the sum of many, kept in the first one so that titles and axes stay.

Added are the bins, the sums of squares of weights, the entries per bin of profiles, and the totals from
which ROOT computes mean and width (fEntries, fTsumw …). Sums are kept in double precision or 64-bit integers
and brought to the type of the bins at the end, so the order of the inputs does not matter more than it must.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from merging.errors import DifferentSchemas, MergeError
from merging.rootfile import told

_CLASSES = re.compile(r"TH[123][CSILFD]|TProfile")
_AXES = ("fXaxis", "fYaxis", "fZaxis")
_SAME = ("fNcells", "fErrorMode", "fYmin", "fYmax")
_IS_AVERAGE = 1 << 18
_MOMENTS = ("w", "w2", "wx", "wx2", "wy", "wy2", "wxy", "wz", "wz2", "wxz", "wyz")
_TOTALS = ("fEntries", *(f"fTsum{moment}" for moment in _MOMENTS))
_SQUARES = {"fSumw2": "bins", "fBinSumw2": "fBinEntries"}
"""Arrays that ROOT leaves empty as long as they equal another one."""


def is_histogram(classname: str) -> bool:
    """Whether objects of this class can be added up here."""
    return _CLASSES.fullmatch(classname) is not None


class HistogramSum:
    """The running sum of one histogram over the inputs."""

    def __init__(self, histogram: Any, name: str, path: Path) -> None:
        self.histogram = histogram
        self._name = name
        self._first = path
        self._shape = self._described(histogram, path)
        self._totals = _totals(histogram)
        self._arrays = _arrays(histogram)

    def add(self, histogram: Any, path: Path) -> None:
        """Add one more. Raises DifferentSchemas unless its bins are those of the first."""
        shape = self._described(histogram, path)
        for what, value in self._shape.items():
            if shape[what] != value:
                text = f"{path}: '{self._name}' has other bins than in {self._first}: {what} {shape[what]}"
                raise DifferentSchemas(f"{text}, not {value}", subject=str(path))
        totals, arrays = _totals(histogram), _arrays(histogram)
        self._totals = {name: total + totals[name] for name, total in self._totals.items()}
        _fill_squares(self._arrays, arrays)
        _fill_squares(arrays, self._arrays)
        self._arrays = {name: array + arrays[name] for name, array in self._arrays.items()}

    def finished(self) -> Any:
        """The histogram with the sums in it. Raises MergeError if its bins cannot hold them."""
        for name, total in self._totals.items():
            _owner(self.histogram, name)._members[name] = total
        for name, array in self._arrays.items():
            self._store(name, array)
        return self.histogram

    def write(self, out: Any) -> None:
        """Write the sum to the file, under the name it had. Raises MergeError if the bins cannot hold it."""
        histogram = self.finished()
        try:
            out[self._name] = histogram
        except (AttributeError, KeyError, NotImplementedError, TypeError, ValueError) as error:
            text = f"histogram '{self._name}' cannot be written: {told(error)}"
            raise MergeError(text, subject=self._name) from error

    def _store(self, name: str, array: Any) -> None:
        import numpy

        target = _array(self.histogram, name)
        if target.dtype.kind == "i":
            bounds = numpy.iinfo(target.dtype)
            if len(array) and (array.min() < bounds.min or array.max() > bounds.max):
                text = f"histogram '{self._name}': a sum does not fit the {target.classname} of its bins"
                raise MergeError(text, subject=self._name)
        target._data = array.astype(target.dtype)
        target._members["fN"] = len(array)

    def _described(self, histogram: Any, path: Path) -> dict[str, Any]:
        """What must be equal in all inputs. Raises MergeError for a histogram whose sum means nothing."""
        members = histogram.all_members
        if members.get("@fBits", 0) & _IS_AVERAGE:
            raise self._refusal(path, "holds averages, which cannot be added")
        waiting = members.get("fBuffer")
        if waiting is not None and len(waiting) and waiting[0] > 0:
            raise self._refusal(path, "has entries that were never put into bins")
        shape = {name: members[name] for name in _SAME if name in members}
        for axis in _AXES:
            shape |= {f"{axis}.{name}": value for name, value in _axis(members[axis]).items()}
        return shape

    def _refusal(self, path: Path, text: str) -> MergeError:
        return MergeError(f"{path}: histogram '{self._name}' {text}", subject=str(path))


def same_content(one: Any, other: Any) -> bool:
    """Whether two histograms have the same totals and arrays."""
    import numpy

    pairs = [(_arrays(one), _arrays(other)), (_totals(one), _totals(other))]
    return all(
        first.keys() == second.keys()
        and all(numpy.array_equal(value, second[name], equal_nan=True) for name, value in first.items())
        for first, second in pairs
    )


def _axis(axis: Any) -> dict[str, Any]:
    members = axis.all_members
    labels = members.get("fLabels")
    return {
        "bins": members["fNbins"],
        "range": (members["fXmin"], members["fXmax"]),
        "edges": tuple(float(edge) for edge in members["fXbins"]),
        "labels": tuple((int(label.member("@fUniqueID")), str(label)) for label in labels or ()),
    }


def _totals(histogram: Any) -> dict[str, float]:
    members = histogram.all_members
    return {name: float(members[name]) for name in _TOTALS if name in members}


def _arrays(histogram: Any) -> dict[str, Any]:
    """Copies of the arrays that are added, wide enough for sums."""
    members = histogram.all_members
    names = ["bins", *(name for name in ("fSumw2", "fBinEntries", "fBinSumw2") if name in members)]
    return {name: _wide(_array(histogram, name)) for name in names}


def _wide(array: Any) -> Any:
    import numpy

    return numpy.array(array, dtype="i8" if array.dtype.kind == "i" else "f8")


def _fill_squares(arrays: dict[str, Any], other: dict[str, Any]) -> None:
    """Write out the squares that one of two histograms left empty, as ROOT does before it adds them."""
    for name, equal in _SQUARES.items():
        if name in arrays and len(other[name]) and not len(arrays[name]):
            arrays[name] = arrays[equal].astype("f8")


def _array(histogram: Any, name: str) -> Any:
    """The TArray of that name; ``bins`` is the one the histogram itself is."""
    if name != "bins":
        return histogram.member(name)
    return next(model for model in _models(histogram) if model.classname.startswith("TArray"))


def _owner(histogram: Any, name: str) -> Any:
    return next(model for model in _models(histogram) if name in model._members)


def _models(model: Any) -> list[Any]:
    """The object and all its bases."""
    return [model, *(inner for base in model.bases for inner in _models(base))]
