"""The tapes of a simulated library: their names, what is written on them, which of them cannot be read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Tape:
    """A tape: how many files and bytes are on it, and whether it can be read.

    ``broken``: never again. ``back_at``: not before that time; ``refuse``: until then its files are refused.
    """

    name: str
    files: int = 0
    used: float = 0.0
    broken: bool = False
    back_at: float = 0.0
    refuse: bool = False


class Tapes:
    """All tapes, by number and by name. Written files are laid on the open ones in turn."""

    def __init__(self, size: float, write_drives: int) -> None:
        self.size = size
        self.all: list[Tape] = []
        self.numbers: dict[str, int] = {}
        self.open: list[int] = []
        self.made = 0
        self.turn = 0
        self.refusing = False  # some tape refuses its files, or did
        self._writers = write_drives

    def named(self, name: str) -> Tape:
        """The tape of this name, new if there is none."""
        return self.all[self.number(name)]

    def number(self, name: str) -> int:
        number = self.numbers.get(name)
        if number is None:
            number = self.numbers[name] = len(self.all)
            self.all.append(Tape(name))
        return number

    def place(self, size: int, name: str = "") -> tuple[int, int]:
        """Tape number and position of the next file: on the tape named, or on the next of the open ones."""
        number = self.number(name) if name else self._writable(size)
        tape = self.all[number]
        position = tape.files
        tape.files += 1
        tape.used += size
        return number, position

    def close(self, name: str) -> None:
        """Write no more files on this tape."""
        self.open = [number for number in self.open if self.all[number].name != name]

    def _writable(self, size: int) -> int:
        if len(self.open) < self._writers:
            self.open.append(self._new())
        self.turn = (self.turn + 1) % len(self.open)
        number = self.open[self.turn]
        tape = self.all[number]
        if tape.files and tape.used + size > self.size:
            number = self.open[self.turn] = self._new()
        return number

    def _new(self) -> int:
        while True:
            self.made += 1
            name = f"T{self.made:05d}"
            if name not in self.numbers:
                return self.number(name)
