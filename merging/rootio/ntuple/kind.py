"""RNTuples as a kind of object that the format ``root`` merges."""

from __future__ import annotations

from typing import Final

from merging.rootio.file import Found, RootFile
from merging.rootio.ntuple.anchor import CLASSNAME
from merging.rootio.ntuple.merge import TuplePart
from merging.rootio.ntuple.same import TupleComparison
from merging.rootio.ntuple.tuples import Tuple
from merging.rootio.writer import Folder, Writer


class TupleKind:
    everywhere = True

    def takes(self, classname: str) -> bool:
        return classname == CLASSNAME

    def begin(self, found: Found, writer: Writer, folder: Folder) -> TuplePart:
        return TuplePart(folder)

    def entries(self, file: RootFile, found: Found) -> int:
        return Tuple(file, found).n_entries

    def compare(self, merged: RootFile, found: Found) -> TupleComparison:
        return TupleComparison(merged, found)


TUPLES: Final = TupleKind()
