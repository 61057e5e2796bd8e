"""What came of an import, with the lines of everything that was not taken."""

from __future__ import annotations

from dataclasses import dataclass, field

from catalog.model import Conflict

LISTED = 1000
"""Refused rows, conflicts and runs that a report names; it counts all of them."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that was not taken: where it stands, what it says, why not."""

    where: str
    value: str
    why: str


@dataclass(frozen=True, slots=True)
class OpenRun:
    """A run of which not all files are known: it keeps the dataset open."""

    run: int
    why: str


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of an import. ``planned``: nothing was changed, and the numbers say what would be.

    ``written``: the good rows are in the catalogue. ``other_runs``: rows of runs that were not asked for.
    ``incomplete``: taken without a size or checksum. ``why_open``: why the dataset was not closed as asked.
    """

    source: str
    format: str
    dataset: str
    endpoint: str
    planned: bool
    written: bool
    read: int
    added: int
    same: int
    conflicting: int
    refused: int
    other_runs: int
    incomplete: int
    conflicts: tuple[Conflict, ...]
    refusals: tuple[Refusal, ...]
    undefined: tuple[OpenRun, ...]
    closed: bool = False
    why_open: str = ""


@dataclass(slots=True)
class Tally:
    """The numbers of an import while it goes on."""

    read: int = 0
    added: int = 0
    same: int = 0
    conflicting: int = 0
    refused: int = 0
    other_runs: int = 0
    incomplete: int = 0
    conflicts: list[Conflict] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)

    def known_meanwhile(self, files: int) -> None:
        """Somebody else registered so many of the new ones after we looked."""
        self.added -= files
        self.same += files

    def differ_after_all(self, conflict: Conflict) -> None:
        """The same, with other values; it was counted as known or new, and will be as known."""
        self.same -= 1
        self.differ(conflict)

    def refuse(self, where: str, value: str, why: str) -> None:
        self.refused += 1
        if len(self.refusals) < LISTED:
            self.refusals.append(Refusal(where, value if len(value) <= 200 else value[:199] + "…", why))

    def differ(self, conflict: Conflict) -> None:
        self.conflicting += 1
        if len(self.conflicts) < LISTED:
            self.conflicts.append(conflict)
