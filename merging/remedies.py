"""What would put a difference right. Pure: differences in, steps for a person out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from merging.verdict import Difference, What, Who


class Act(StrEnum):
    """What is to be done about a difference."""

    MERGE_AGAIN = "merge again"  # the inputs agree, the merged file does not hold them
    REPROCESS = "re-process"  # an input itself is not what it should be
    LOOK = "look"  # neither would change it: the raw side, the register or the plan is to be put right


@dataclass(frozen=True, slots=True)
class Remedy:
    """``part`` None: of the run. ``chunk`` "": of the whole part."""

    act: Act
    part: int | None
    chunk: str
    why: str


def remedies(differences: Iterable[Difference]) -> list[Remedy]:
    """One remedy for each chunk or part that differs, the most thorough one; those of inputs come first."""
    found: dict[tuple[int | None, str], Remedy] = {}
    for entry in differences:
        remedy = _remedy(entry)
        key = (remedy.part, remedy.chunk)
        if key not in found or _ORDER[remedy.act] < _ORDER[found[key].act]:
            found[key] = remedy
    return sorted(found.values(), key=lambda r: (_ORDER[r.act], -1 if r.part is None else r.part, r.chunk))


_ORDER = {Act.LOOK: 0, Act.REPROCESS: 1, Act.MERGE_AGAIN: 2}


def _remedy(entry: Difference) -> Remedy:
    if entry.part is None or entry.what == What.PLACE:
        return Remedy(Act.LOOK, entry.part, entry.chunk, "the plan of the run, or the register of its files")
    if not entry.chunk:
        return Remedy(Act.MERGE_AGAIN, entry.part, "", "its inputs agree, the merged file does not hold them")
    said = {who: n for who, n in entry.said if n is not None}
    raw = {said[who] for who in (Who.RAW_CATALOGUE, Who.RAW_FILE, Who.RAW_RECOUNT) if who in said}
    if len(raw) > 1:
        why = "the raw catalogue and the raw file differ: no job can change that"
        return Remedy(Act.LOOK, entry.part, entry.chunk, why)
    if Who.READING in said and entry.what not in (What.SIZE, What.ADLER32):
        others = {n for who, n in said.items() if who is not Who.READING}
        if len(others) == 1:
            return Remedy(
                Act.MERGE_AGAIN, entry.part, entry.chunk, "the merge read something else than is in the input"
            )
    return Remedy(Act.REPROCESS, entry.part, entry.chunk, "the input itself differs")
