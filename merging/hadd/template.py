"""One way the bytes of an object can lie: where the numbers to add are, and which bytes must not change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from merging.hadd.rules import BINS, SQUARES

Array = NDArray[Any]

WIDE: Final[Mapping[str, str]] = {"b": "i8", "h": "i8", "i": "i8", "q": "i8", "f": "f8", "d": "f8"}
"""In what the sums of each type are kept: integers exactly, everything else in double precision."""
_NUMPY: Final[Mapping[str, str]] = {"b": "i1", "h": "i2", "i": "i4", "q": "i8", "f": "f4", "d": "f8"}


@dataclass(frozen=True, slots=True)
class Field:
    """A member in the bytes of an object, ``size`` bytes from ``at`` on; ``type`` is a letter of struct if it
    is added. Bytes between the fields are structure: byte counts, versions, class tags, lengths, strings.
    """

    name: str
    at: int
    size: int
    type: str = ""
    array: bool = False

    @property
    def slice(self) -> slice:
        return slice(self.at, self.at + self.size)

    @property
    def dtype(self) -> np.dtype[Any]:
        return np.dtype(f">{_NUMPY[self.type]}")

    @property
    def count(self) -> int:
        return self.size // self.dtype.itemsize

    def numbers(self, data: bytes) -> Array:
        """The values, in the byte order of the file, without a copy."""
        return np.frombuffer(data, self.dtype, self.count, self.at)


@dataclass(frozen=True, slots=True)
class Template:
    """The added fields of an object, and the rest of its bytes as it was in the first of its kind."""

    size: int
    added: tuple[Field, ...]
    fixed: tuple[slice, ...]
    """All bytes that are not added. If they are equal, nothing else needs to be looked at."""
    fixed_bytes: bytes
    decisive: tuple[slice, ...]
    """Those of them that tell the structure or must be equal; titles, style and the like left out."""
    decisive_bytes: bytes
    noted: tuple[slice, ...]
    """The titles, which may be others of the same length."""
    noted_bytes: bytes
    lacks_squares: bool
    """Whether it is a histogram whose squares of weights are the contents of its bins."""

    @classmethod
    def of(
        cls, data: bytes, added: Sequence[Field], kept: Sequence[Field], titles: Sequence[Field]
    ) -> Template:
        """From an object, its fields to add and those that may differ from object to object."""
        fixed = complement(added, len(data))
        decisive = complement([*added, *kept, *titles], len(data))
        noted = tuple(title.slice for title in titles)
        lacks = any(part.name == "fSumw2" and not part.size for part in added)
        return cls(
            len(data),
            tuple(added),
            fixed,
            joined([data], [fixed]),
            decisive,
            joined([data], [decisive]),
            noted,
            joined([data], [noted]),
            lacks,
        )

    def watches(self, name: str) -> bool:
        """Whether the absolute values of a member are needed: of bins whose squares another may have."""
        return self.lacks_squares and name == BINS

    @property
    def kind(self) -> frozenset[str]:
        """The squares of weights that are there: objects of the same kind can be summed together."""
        return frozenset(part.name for part in self.added if part.name in SQUARES and part.size)

    @property
    def names(self) -> frozenset[str]:
        """All members that are added."""
        return frozenset(part.name for part in self.added)

    def fits(self, data: bytes) -> bool:
        """Whether this object has the same structure and all that decides is equal."""
        return len(data) == self.size and joined([data], [self.decisive]) == self.decisive_bytes


def complement(fields: Iterable[Field], size: int) -> tuple[slice, ...]:
    """The places outside of the fields, in order."""
    gaps, at = [], 0
    for field in sorted(fields, key=lambda field: field.at):
        if field.at > at:
            gaps.append(slice(at, field.at))
        at = max(at, field.at + field.size)
    if at < size:
        gaps.append(slice(at, size))
    return tuple(gaps)


def joined(datas: Iterable[bytes], places: Iterable[Sequence[slice]]) -> bytes:
    """The bytes at the places of each object, one after the other."""
    return b"".join([data[place] for data, some in zip(datas, places, strict=True) for place in some])
