"""A million files in little memory: the files at rest, as columns.

A file that is on tape and nowhere else, and that nobody wants, is a row of numbers: some 80 bytes with its
name. Rows are found by a hash table of row numbers with open addressing; the directory of a path is kept once
for all its files. Rows of removed files are dropped when they are more than half.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator

from catalog.checksum import Adler32

GONE = 0xFFFFFFFF
"""In a slot: the row was removed, look on. In the column of tapes: this row is no file."""

LEAST_SLOTS = 1024


class Table:
    """Columns by row number. ``row`` finds one, ``add`` makes one, ``remove`` takes one out."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self.size = array("Q")
        self.adler32 = array("I")
        self.tape = array("I")
        self.position = array("I")
        self.tape_at = array("d")
        self.stages = array("I")
        self.recalls = array("I")
        self.lost = bytearray()
        self._hash = array("I")
        self._directory = array("I")
        self._name_at = array("Q", [0])
        self._names = bytearray()
        self._directories: list[str] = []
        self._numbers: dict[str, int] = {}
        self._slots = array("I", bytes(4 * LEAST_SLOTS))  # row number + 1; 0: free
        self._mask = LEAST_SLOTS - 1
        self._filled = 0  # slots that are not free
        self._removed = 0

    def __len__(self) -> int:
        return len(self.size) - self._removed

    def __iter__(self) -> Iterator[int]:
        """The rows, in the order in which they were made."""
        for row, tape in enumerate(self.tape):
            if tape != GONE:
                yield row

    def path(self, row: int) -> str:
        name = self._names[self._name_at[row] : self._name_at[row + 1]]
        return self._directories[self._directory[row]] + name.decode("utf-8", "surrogatepass")

    def row(self, path: str) -> int:
        """The row of this path, -1 if there is none."""
        slot = self._slot(path, hash(path) & 0xFFFFFFFF)
        return self._slots[slot] - 1

    def add(self, path: str, size: int, adler32: int, tape: int, position: int, tape_at: float) -> int:
        """A new row, for a path that has none."""
        row = len(self.size)
        if row + 1 >= GONE:
            raise OverflowError("a tape library holds at most four thousand million files")
        self._enter(row, hash(path) & 0xFFFFFFFF)
        directory, slash, name = path.rpartition("/")
        directory += slash
        number = self._numbers.get(directory)
        if number is None:
            number = self._numbers[directory] = len(self._directories)
            self._directories.append(directory)
        self._directory.append(number)
        self._names += name.encode("utf-8", "surrogatepass")
        self._name_at.append(len(self._names))
        self.size.append(size)
        self.adler32.append(adler32)
        self.tape.append(tape)
        self.position.append(position)
        self.tape_at.append(tape_at)
        self.stages.append(0)
        self.recalls.append(0)
        self.lost.append(0)
        return row

    def checksum(self, row: int) -> Adler32:
        return Adler32(self.adler32[row])

    def remove(self, path: str) -> bool:
        """Take the row of this path out; False if there is none. Other rows may get new numbers."""
        slot = self._slot(path, hash(path) & 0xFFFFFFFF)
        row = self._slots[slot] - 1
        if row < 0:
            return False
        self._slots[slot] = GONE
        self.tape[row] = GONE
        self._removed += 1
        if self._removed > LEAST_SLOTS and self._removed > len(self):
            self._compact()
        return True

    # inside

    def _slot(self, path: str, mixed: int) -> int:
        """The slot of this path, or a free one when it has none."""
        slots, hashes, mask = self._slots, self._hash, self._mask
        slot = mixed & mask
        while entry := slots[slot]:
            if entry != GONE and hashes[entry - 1] == mixed and self.path(entry - 1) == path:
                break
            slot = (slot + 1) & mask
        return slot

    def _enter(self, row: int, mixed: int) -> None:
        """Give the row a slot. The path is known to have none, so the first free one will do."""
        if 3 * self._filled >= 2 * self._mask:
            self._grow()
        slots, mask = self._slots, self._mask
        slot = mixed & mask
        while slots[slot]:
            slot = (slot + 1) & mask
        slots[slot] = row + 1
        self._hash.append(mixed)
        self._filled += 1

    def _grow(self) -> None:
        """Twice as many slots, or as many, if most of what fills them is gone."""
        size = self._mask + 1
        while 3 * len(self) >= size:
            size *= 2
        self._slots = slots = array("I", bytes(4 * size))
        self._mask = mask = size - 1
        self._filled = len(self)
        hashes = self._hash
        for row in self:
            slot = hashes[row] & mask
            while slots[slot]:
                slot = (slot + 1) & mask
            slots[slot] = row + 1

    def _compact(self) -> None:
        """Only the rows that are there, under new numbers."""
        old = Table.__new__(Table)
        old.__dict__.update(self.__dict__)
        self.clear()
        for row in old:
            new = self.add(
                old.path(row),
                old.size[row],
                old.adler32[row],
                old.tape[row],
                old.position[row],
                old.tape_at[row],
            )
            self.stages[new], self.recalls[new] = old.stages[row], old.recalls[row]
            self.lost[new] = old.lost[row]
