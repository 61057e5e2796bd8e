"""What a cross-check finds, as values with numbers: differences, missing witnesses, permitted differences.

A difference names where it is (part, chunk), what differs (events, events of a type, bytes, adler32, the
place in the merge), and what every witness said, in the order in which the data went: so it can be compared
with the same difference found another day, which is what a waiver is about.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Any

from catalog.checksum import Adler32

_LONGEST_NAME = 60


class Who(StrEnum):
    """Who says a number, in the order of the data's way."""

    RAW_CATALOGUE = "raw catalogue"
    RAW_FILE = "raw file"
    RAW_RECOUNT = "recount of the raw file"
    JOB = "job"
    FILE = "file"
    READING = "as the merge read it"
    CATALOGUE = "catalogue"  # of sizes and checksums
    INPUTS = "its inputs"
    MERGE_JOB = "merge job"
    MERGED_FILE = "merged file"
    RECOUNT = "recount"
    GAP = "gap register"
    PARTS = "the parts"


class What(StrEnum):
    """What is compared; events of one type are ``events: TYPE``."""

    EVENTS = "events"
    SIZE = "bytes"
    ADLER32 = "adler32"
    MEMBERS = "files"
    CONTENT = "content"  # a merged file and its inputs, compared event by event
    TWICE = "twice"  # a file with the bytes of another one
    PLACE = "place"  # in no part, in two, in one and not in the dataset


class Permit(StrEnum):
    """The written list of differences that are no fault. Each one that is used is named in the verdict."""

    FILTER = "filter"  # the product holds some of the raw events (``counted = subset``)
    ZERO_EVENTS = "zero-events"  # a chunk whose file says 0 events may be in no part
    GAPS = "gaps"  # a chunk in the gap register, with its events, may be in no part
    FEWER = "fewer"  # records of named types may be fewer in a merged file (``fewer``)
    UNREPORTED = "unreported-inputs"  # a merge job need not tell what it read of its inputs


@dataclass(frozen=True, slots=True)
class Difference:
    """Two witnesses or more that do not say the same. ``part`` None: of the run; ``chunk`` "": of the part.

    ``said``: who said which number (adler32 as a number too), in the order of the data's way, None where
    nobody did. ``note``: what numbers cannot tell.
    """

    part: int | None
    chunk: str
    what: str
    said: tuple[tuple[Who, int | None], ...] = ()
    note: str = ""

    @property
    def by(self) -> int | None:
        """How many too many at the end of the way, below 0 how many are lost; None for what is no amount."""
        known = [n for _, n in self.said if n is not None]
        if not known or self.what in (What.ADLER32, What.PLACE, What.CONTENT):
            return None
        return known[-1] - known[0]

    @property
    def step(self) -> tuple[Who, Who] | None:
        """Between whom the number first changed."""
        known = [(who, n) for who, n in self.said if n is not None]
        for (one, before), (other, after) in pairwise(known):
            if before != after:
                return one, other
        return None

    @property
    def sentence(self) -> str:
        """The difference for people."""
        text = f"{place(self.part, self.chunk)}: {self.what}"
        if self.said:
            text += ": " + ", ".join(self.told)
        if self.by:
            text += f" ({-self.by} lost)" if self.by < 0 else f" ({self.by} too many)"
        return text + (f": {self.note}" if self.note else "")

    @property
    def told(self) -> tuple[str, ...]:
        """Who said what, in words."""
        return tuple(f"{who} {self._shown(n)}" for who, n in self.said)

    def _shown(self, n: int | None) -> str:
        if n is None:
            return "unknown"
        return str(Adler32(n)) if self.what == What.ADLER32 and n >= 0 else str(n)


@dataclass(frozen=True, slots=True)
class Missing:
    """A witness that was not heard: who, of what and where."""

    part: int | None
    chunk: str
    who: str
    what: str = What.EVENTS.value
    note: str = ""

    @property
    def sentence(self) -> str:
        text = f"{place(self.part, self.chunk)}: {self.what} not told by: {self.who}"
        return text + (f" ({self.note})" if self.note else "")


@dataclass(frozen=True, slots=True)
class Permitted:
    """A difference that the written list permits: by which rule, where, how many events, and the evidence."""

    rule: Permit
    part: int | None
    chunk: str
    by: int | None
    note: str = ""

    @property
    def sentence(self) -> str:
        amount = "" if self.by is None else f" {self.by} events"
        text = f"{place(self.part, self.chunk)}: permitted ({self.rule}){amount}"
        return text + (f": {self.note}" if self.note else "")


@dataclass(frozen=True, slots=True)
class Agree:
    """Every witness says the same, but for what is permitted."""

    permitted: tuple[Permitted, ...] = ()


@dataclass(frozen=True, slots=True)
class Differ:
    """Witnesses differ: where and by how much. ``missing``: who was not heard beside that."""

    where: tuple[Difference, ...]
    missing: tuple[Missing, ...] = ()
    permitted: tuple[Permitted, ...] = ()


@dataclass(frozen=True, slots=True)
class Unknown:
    """A witness is missing: who. Not agreement."""

    missing: tuple[Missing, ...]
    permitted: tuple[Permitted, ...] = ()


Verdict = Agree | Differ | Unknown


def verdict(
    differences: Iterable[Difference], missing: Iterable[Missing], permitted: Iterable[Permitted]
) -> Verdict:
    """One difference outweighs any number of missing witnesses, and one of these any agreement."""
    where, lacking, allowed = tuple(differences), tuple(missing), tuple(permitted)
    if where:
        return Differ(where, lacking, allowed)
    return Unknown(lacking, allowed) if lacking else Agree(allowed)


def differences_of(found: Verdict) -> tuple[Difference, ...]:
    return found.where if isinstance(found, Differ) else ()


def missing_of(found: Verdict) -> tuple[Missing, ...]:
    return () if isinstance(found, Agree) else found.missing


def place(part: int | None, chunk: str) -> str:
    """Where something is, in words; names of any length stay short."""
    name = chunk if len(chunk) <= _LONGEST_NAME else chunk[: _LONGEST_NAME - 1] + "…"
    where = "the run" if part is None else f"part {part}"
    return f"{where}, chunk {name}" if chunk else where


def sentences(found: Verdict, most: int = 20) -> str:
    """The verdict for people, in one line."""
    match found:
        case Agree():
            head = "every witness agrees"
            told = [entry.sentence for entry in found.permitted]
        case Differ():
            head = ""
            told = [entry.sentence for entry in found.where] + [entry.sentence for entry in found.missing]
        case Unknown():
            head = "not heard"
            told = [entry.sentence for entry in found.missing]
    more = f"; and {len(told) - most} more" if len(told) > most else ""
    text = "; ".join(told[:most]) + more
    return f"{head}: {text}" if head and text else head or text


# ------------------------------------------------------------------------------------ as JSON
def dumps(found: Verdict) -> str:
    """The verdict as JSON: what is kept in the catalogue."""
    kind = type(found).__name__
    return json.dumps(
        {
            "verdict": kind,
            "where": [plain(entry) for entry in differences_of(found)],
            "missing": [_missing(entry) for entry in missing_of(found)],
            "permitted": [_permitted(entry) for entry in found.permitted],
        }
    )


def plain(entry: Difference) -> dict[str, Any]:
    """A difference for JSON."""
    said = [[str(who), n] for who, n in entry.said]
    return {"part": entry.part, "chunk": entry.chunk, "what": entry.what, "said": said, "note": entry.note}


def _missing(entry: Missing) -> dict[str, Any]:
    return {
        "part": entry.part,
        "chunk": entry.chunk,
        "who": entry.who,
        "what": entry.what,
        "note": entry.note,
    }


def _permitted(entry: Permitted) -> dict[str, Any]:
    return {
        "rule": str(entry.rule),
        "part": entry.part,
        "chunk": entry.chunk,
        "by": entry.by,
        "note": entry.note,
    }


def loads(text: str) -> Verdict:
    """What ``dumps`` wrote."""
    data = json.loads(text)
    missing = (Missing(**entry) for entry in data["missing"])
    permitted = (Permitted(**{**entry, "rule": Permit(entry["rule"])}) for entry in data["permitted"])
    return verdict(map(difference, data["where"]), missing, permitted)


def difference(entry: Mapping[str, Any]) -> Difference:
    """What ``plain`` wrote."""
    said = tuple((Who(who), n) for who, n in entry["said"])
    return Difference(entry["part"], entry["chunk"], entry["what"], said, entry["note"])
