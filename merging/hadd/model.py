"""What merging of objects is told, and where what it takes came from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from merging.errors import MergeError, UnreadableInput
from merging.rootio.streamerinfo import Streamers
from merging.rootio.walk import Unwalkable, Walked, walk


@dataclass(frozen=True, slots=True)
class Options:
    """``union``: objects need not be in all inputs. ``saturate``: integer bins stop at their largest number,
    as ROOT's do, instead of refusing. ``keep_first``: classes that are taken from the first input as they
    are, whatever the others hold; without it what cannot be merged is refused.
    """

    union: bool = False
    saturate: bool = False
    keep_first: frozenset[str] = frozenset()

    @classmethod
    def parse(cls, *, objects: str = "same", overflow: str = "refuse", keep_first: str = "") -> Options:
        """From the words of a configuration. Raises MergeError for others."""
        for name, word, known in (
            ("objects", objects, ("same", "union")),
            ("overflow", overflow, ("refuse", "saturate")),
        ):
            if word not in known:
                raise MergeError(f"root: {name} is '{known[0]}' or '{known[1]}', not '{word}'")
        return cls(objects == "union", overflow == "saturate", frozenset(keep_first.split()))


@dataclass(frozen=True, slots=True)
class Context:
    """The input an object comes from, and where its record starts there."""

    path: Path
    offset: int

    def unreadable(self, name: str, classname: str, reason: str) -> UnreadableInput:
        text = f"{self.path}: '{name}' ({classname}) at offset {self.offset}: {reason}"
        return UnreadableInput(text, subject=str(self.path))


@dataclass(frozen=True, slots=True)
class Record:
    """One object of an input, decompressed, with what is needed to take it apart."""

    where: Context
    path: str
    classname: str
    data: bytes
    keylen: int
    streamers: Streamers

    def walked(self) -> Walked:
        """Its members. Raises UnreadableInput, naming file and object, where its bytes make no sense."""
        try:
            return walk(self.data, self.classname, self.streamers, self.keylen)
        except Unwalkable as error:
            raise self.where.unreadable(self.path, self.classname, str(error)) from None
