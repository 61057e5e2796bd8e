"""What becomes of the objects of one name in all inputs: each kind of object says how it is merged.

The format ``root`` goes over the inputs once. For every object it asks for the kind of its class, begins a
``Part`` where the object is met first, and lets that take the object of each input in turn; at the end every
part writes its object into the directory it came from. Kinds are listed in ``KINDS``; a new one needs its
line there and nothing else. All errors are MergeErrors that name the file.
"""

from __future__ import annotations

from importlib import import_module
from typing import Final, Protocol

from merging.errors import ToolMissing
from merging.hadd.model import Options
from merging.rootio.file import Found, RootFile
from merging.rootio.writer import Folder, Writer

KINDS: Final = (
    "merging.hadd.kinds:Histograms",
    "merging.hadd.kinds:Others",
    "merging.rootio.ntuple.kind:TUPLES",
    "merging.rootio.trees:TREES",
)
"""Where the kinds are, ``module:name``, in the order in which they are asked; imported on first use. A class
is made with the options."""


class Part(Protocol):
    """One object of the output, in the making."""

    def take(self, file: RootFile, found: Found) -> None:
        """The object of the next input. The file is closed afterwards and may be deleted.

        What can be written at once (baskets, pages) is written now. Raises DifferentSchemas when it does not
        go with those taken before, UnreadableInput when it is damaged.
        """
        ...

    def write(self) -> None:
        """All inputs have been taken: write the object."""
        ...


class Comparison(Protocol):
    """Does the merged object hold what the inputs held, in order? Reads both."""

    def take(self, file: RootFile, found: Found) -> None:
        """The object of the next input, in the order of the merge."""
        ...

    def differences(self) -> tuple[str, ...]:
        """In words, each naming object and input; none when the merged object holds exactly the inputs'."""
        ...


class Kind(Protocol):
    """Objects that are merged alike."""

    everywhere: bool
    """Whether such an object must be in every input (a tree), or may be in some (a histogram)."""

    def takes(self, classname: str) -> bool:
        """Whether objects of this class are of this kind."""
        ...

    def begin(self, found: Found, writer: Writer, folder: Folder) -> Part:
        """A part for the object that was found first; it is not taken yet."""
        ...

    def entries(self, file: RootFile, found: Found) -> int | None:
        """Events in the object, told by itself and without reading its data; None if it counts none."""
        ...

    def compare(self, merged: RootFile, found: Found) -> Comparison:
        """Begin to compare the object of a merged file, which stays open, with those of the inputs."""
        ...


class Kinds:
    """All kinds, as the options of one format want them."""

    def __init__(self, options: Options | None = None) -> None:
        self._options = options or Options()
        self._made: dict[str, Kind] = {}
        self._of: dict[str, Kind | None] = {}

    def of(self, classname: str) -> Kind | None:
        """The kind that takes objects of this class, if there is one."""
        if classname not in self._of:
            kinds = (self._kind(place) for place in KINDS)
            self._of[classname] = next((kind for kind in kinds if kind.takes(classname)), None)
        return self._of[classname]

    def _kind(self, place: str) -> Kind:
        if place not in self._made:
            module, _, name = place.partition(":")
            try:
                found = getattr(import_module(module), name)
            except ImportError as error:
                text = (
                    f"merging ROOT files needs {error.name}, which is not installed: pip install 'ddm[root]'"
                )
                raise ToolMissing(text) from None
            self._made[place] = found(self._options) if isinstance(found, type) else found
        return self._made[place]


def kind_of(classname: str) -> Kind | None:
    """The kind that takes objects of this class where no options are given."""
    return _PLAIN.of(classname)


_PLAIN: Final = Kinds()
