"""Is everything there that must go into a merge? Pure. A member is missing only with a registered gap.

A gap is a chunk that never comes: who approved that, why, and how many events go with it (None: nobody
knows). A chunk whose production failed is no gap until somebody approved one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from merging.errors import UnplannableInputs
from merging.model import Member

Chunk = tuple[int, str]
"""A run and a chunk of it."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A chunk that is merged without, with the reason, who approved it, and the events lost with it."""

    run: int
    chunk: str
    reason: str
    approver: str
    n_events: int | None


@dataclass(frozen=True, slots=True)
class Due:
    """What a unit consists of: its chunks, those whose production failed, and the registered gaps."""

    chunks: Collection[Chunk]
    failed: Collection[Chunk] = ()
    gaps: tuple[Gap, ...] = ()


@dataclass(frozen=True, slots=True)
class Hole:
    """A chunk because of which nothing is merged, and why."""

    run: int
    chunk: str
    why: str


def holes(members: Iterable[Member], due: Due) -> tuple[Hole, ...]:
    """Every chunk that speaks against merging these members, by run and chunk; nothing if all is well."""
    there = {(member.run, member.chunk) for member in members}
    chunks, failed = set(due.chunks), set(due.failed)
    gaps = {(gap.run, gap.chunk): gap for gap in due.gaps}
    found = [Hole(*chunk, "it is not a chunk of this unit") for chunk in there - chunks]
    for chunk in chunks - there - set(gaps):
        why = "its production failed, and no gap is registered" if chunk in failed else "it is missing"
        found.append(Hole(*chunk, why))
    found += [Hole(*chunk, "its production failed") for chunk in failed & there]
    found += [Hole(*chunk, "it is there, but registered as a gap") for chunk in there & set(gaps)]
    found += [Hole(*chunk, why) for chunk, gap in gaps.items() if (why := _unfit(gap))]
    return tuple(sorted(found, key=lambda hole: (hole.run, hole.chunk, hole.why)))


def _unfit(gap: Gap) -> str:
    lacking = [word for word in ("reason", "approver") if not getattr(gap, word).strip()]
    if lacking:
        return f"its gap has no {' and no '.join(lacking)}"
    return "its gap has a negative number of events" if gap.n_events is not None and gap.n_events < 0 else ""


def refuse_holes(members: Iterable[Member], due: Due) -> None:
    """Raises UnplannableInputs, naming the first of the holes and their number."""
    if found := holes(members, due):
        first = found[0]
        more = f", and {len(found) - 1} more" if len(found) > 1 else ""
        text = f"run {first.run} chunk {first.chunk}: {first.why}{more}; 'ddm gap add' registers a gap"
        raise UnplannableInputs(text, subject=f"run {first.run}")
