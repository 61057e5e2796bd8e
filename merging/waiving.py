"""What holds a part, and what a person accepted. Pure.

A difference holds its own part, one of the run holds every part. A waiver names differences with their
numbers; it covers these and no others, and is void as soon as one of them is not found like that any more.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from merging.verdict import Difference, Missing, What


@dataclass(frozen=True, slots=True)
class PartVerdict:
    """What holds a part: differences of its own or of the run, and witnesses that were not heard."""

    differences: tuple[Difference, ...]
    missing: tuple[Missing, ...]


def by_part(
    differences: Iterable[Difference], missing: Iterable[Missing], parts: Iterable[int]
) -> dict[int, PartVerdict]:
    """What holds each part. A difference of the run holds every part, one of a part that part only.

    A leftover that waits for a later part holds none: only the run is not complete yet.
    """
    differences, missing = tuple(differences), tuple(missing)
    return {
        part: PartVerdict(
            tuple(entry for entry in differences if entry.part in (None, part)),
            tuple(entry for entry in missing if entry.part == part or _of_all(entry)),
        )
        for part in parts
    }


def _of_all(entry: Missing) -> bool:
    return entry.part is None and entry.what != What.PLACE


@dataclass(frozen=True, slots=True)
class Waiver:
    """Differences that a named person accepted, with a reason and with their numbers."""

    id: int
    differences: tuple[Difference, ...]
    by: str = ""
    reason: str = ""


def covered(differences: Iterable[Difference], waivers: Iterable[Waiver]) -> dict[Difference, Waiver]:
    """The differences that a waiver names: the same place, the same witnesses, the same numbers."""
    names = {entry: waiver for waiver in waivers for entry in waiver.differences}
    return {entry: names[entry] for entry in differences if entry in names}


def outlived(differences: Iterable[Difference], waivers: Iterable[Waiver]) -> list[tuple[Waiver, str]]:
    """Waivers of which a difference is no longer found with the numbers that were accepted, and why.

    They are void: what was accepted is not what is there.
    """
    now = set(differences)
    found = []
    for waiver in waivers:
        gone = [entry for entry in waiver.differences if entry not in now]
        if gone:
            found.append((waiver, _changed(gone[0], now)))
    return found


def _changed(was: Difference, now: Iterable[Difference]) -> str:
    same = [one for one in now if (one.part, one.chunk, one.what) == (was.part, was.chunk, was.what)]
    text = f"the numbers changed: accepted was '{was.sentence}'"
    return text + (f", now it is '{same[0].sentence}'" if same else ", which is not found any more")
