"""Baskets copied as they are: read in the order of the file, patched in memory, written in large pieces.

A basket is a record that stands for itself; only its key says where it lies (and where its directory is), and
only the header of the tree says which entries it holds. So its compressed bytes are copied and 16 of them
set. Its key must keep its length, because offsets inside count from the start of the key; it has 64-bit
positions since ROOT 3. Every record is compared with what the header of the tree said of it.
Sources: TBasket.cxx, TKey::Streamer, TTreeCloner.cxx.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from merging.errors import NotCopyable
from merging.rootio.branches import Tree
from merging.rootio.file import RootFile
from merging.rootio.keys import BIG_KEY, FIXED, LARGEST_SMALL
from merging.rootio.sink import SPAN
from merging.rootio.writer import Folder, Writer

_GAP: Final = 1 << 18
"""Bytes between two baskets that are read along rather than jumped over."""
_FIELDS: Final = (("nbytes", 0, ">i4"), ("version", 4, ">i2"), ("objlen", 6, ">i4"), ("keylen", 14, ">i2"))
_CLASS: Final = b"\7TBasket"


class BasketCopy:
    """Copies the baskets of one tree of one input behind each other into a new file.

    ``magic``: the letters of a compression algorithm that all baskets must have, or None.
    """

    def __init__(
        self, file: RootFile, tree: Tree, writer: Writer, folder: Folder, magic: bytes | None
    ) -> None:
        self._file, self._tree, self._writer, self._folder = file, tree, writer, folder
        self._magic = magic

    def run(self) -> Any:
        """Copy them all; gives their new positions, an array in the order of branches and baskets.

        Raises UnreadableInput, naming the offset, where a record is not what was said.
        """
        import numpy

        branches = self._tree.branches.values()
        seek = numpy.concatenate([numpy.zeros(0, "i8"), *(branch.seek for branch in branches)])
        size = numpy.concatenate([numpy.zeros(0, "i8"), *(branch.size for branch in branches)])
        order = numpy.argsort(seek, kind="stable")
        copied = numpy.zeros(len(seek), "i8")
        starts, sizes = seek[order], size[order]
        self._check_apart(starts, sizes)
        for low, high in spans(starts, sizes):
            first, length = int(starts[low]), int(starts[high - 1] + sizes[high - 1] - starts[low])
            buffer = self._writer.buffer(length)
            view = memoryview(buffer)[:length]
            self._file.read_into(view, first)
            at, here = starts[low:high] - first, sizes[low:high]
            new = self._writer.position + numpy.cumsum(here) - here
            copied[order[low:high]] = new
            self._patch(numpy.frombuffer(view, "u1"), at, here, new, first)
            self._writer.write_buffer(buffer, _runs(at, here))
        return copied

    def _patch(self, data: Any, at: Any, size: Any, new: Any, first: int) -> None:
        """Set the positions in the keys."""
        import numpy

        head = {name: _field(data, at + offset, kind) for name, offset, kind in _FIELDS}
        self._check(data, at, size, head, first)
        small = head["version"] <= BIG_KEY
        if small.any():
            self._patch_small(data, at[small], new[small], first)
        big = ~small
        word = numpy.empty((int(big.sum()), 2), ">i8")
        word[:, 0], word[:, 1] = new[big], self._folder.seek
        pids = _field(data, at[big] + FIXED + 8, ">u2").astype("i8") + self._writer.pid_offset
        if len(pids) and pids.max() > 0xFFFF:
            raise self._file.bad(first, "more process ids than a key can count (65535), baskets")
        word[:, 1] |= pids << 48
        data[(at[big] + FIXED)[:, None] + numpy.arange(16)] = word.view("u1").reshape(-1, 16)

    def _patch_small(self, data: Any, at: Any, new: Any, first: int) -> None:
        import numpy

        if max(int(new.max()), self._folder.seek) > LARGEST_SMALL or self._writer.pid_offset:
            where = first + int(at[0])
            text = (
                f"{self._file.path}: a basket with 32-bit positions at offset {where} cannot go behind 2 GB"
            )
            raise NotCopyable(text, subject=str(self._file.path))
        word = numpy.empty((len(at), 2), ">i4")
        word[:, 0], word[:, 1] = new, self._folder.seek
        data[(at + FIXED)[:, None] + numpy.arange(8)] = word.view("u1").reshape(-1, 8)

    def _check(self, data: Any, at: Any, size: Any, head: dict[str, Any], first: int) -> None:
        """Every record is a basket, as long as the header of the tree says."""
        import numpy

        wrong = (
            (head["nbytes"] != size) | (head["keylen"] < 34) | (head["keylen"] > size) | (head["objlen"] < 0)
        )
        words = numpy.where(head["version"] > BIG_KEY, FIXED + 16, FIXED + 8)
        found = data[numpy.minimum((at + words)[:, None] + numpy.arange(len(_CLASS)), len(data) - 1)]
        wrong |= (found != numpy.frombuffer(_CLASS, "u1")).any(axis=1)
        if wrong.any():
            index = int(numpy.flatnonzero(wrong)[0])
            text = f"tree '{self._tree.found.path}': no basket of {int(size[index])} bytes"
            raise self._file.bad(first + int(at[index]), text)
        if self._magic is not None:
            self._check_magic(data, at, size, head, first)

    def _check_magic(self, data: Any, at: Any, size: Any, head: dict[str, Any], first: int) -> None:
        import numpy

        body = at + head["keylen"]
        packed = head["objlen"] > size - head["keylen"]
        letters = data[numpy.minimum(body[:, None] + numpy.arange(2), len(data) - 1)]
        other = packed & (letters != numpy.frombuffer(self._magic or b"", "u1")).any(axis=1)
        if other.any():
            where = first + int(at[int(numpy.flatnonzero(other)[0])])
            text = f"the basket at offset {where} is compressed otherwise than asked for"
            text += "; otherwise = 'rewrite' writes it anew"
            raise NotCopyable(f"{self._file.path}: {text}", subject=str(self._file.path))

    def _check_apart(self, starts: Any, sizes: Any) -> None:
        import numpy

        small = numpy.flatnonzero(sizes < 34)
        if len(small):
            raise self._file.bad(int(starts[small[0]]), f"tree '{self._tree.found.path}': no basket")
        over = numpy.flatnonzero(starts[1:] < starts[:-1] + sizes[:-1])
        if len(over):
            text = f"tree '{self._tree.found.path}': two baskets lie over each other"
            raise self._file.bad(int(starts[over[0] + 1]), text)


def spans(starts: Any, sizes: Any, largest: int = SPAN) -> Iterator[tuple[int, int]]:
    """Ranges of baskets (first, behind the last) that are read at once: near each other, and not too many."""
    import numpy

    stops = starts + sizes
    far = numpy.flatnonzero(starts[1:] - stops[:-1] > _GAP) + 1
    for low, high in zip([0, *far.tolist()], [*far.tolist(), len(starts)], strict=True):
        while low < high:
            fits = int(numpy.searchsorted(stops[low:high], starts[low] + largest, "right"))
            yield low, low + max(fits, 1)
            low += max(fits, 1)


def _runs(at: Any, size: Any) -> list[tuple[int, int]]:
    """Where baskets lie behind each other without a gap: start and stop of each such stretch."""
    import numpy

    stops = at + size
    breaks = numpy.flatnonzero(at[1:] != stops[:-1])
    firsts = [0, *(breaks + 1).tolist()]
    lasts = [*breaks.tolist(), len(at) - 1]
    return [(int(at[first]), int(stops[last])) for first, last in zip(firsts, lasts, strict=True)]


def _field(data: Any, at: Any, kind: str) -> Any:
    """The numbers of that type at these places."""
    import numpy

    size = numpy.dtype(kind).itemsize
    places = numpy.minimum(at[:, None] + numpy.arange(size), len(data) - 1)
    return numpy.ascontiguousarray(data[places]).view(kind)[:, 0]
