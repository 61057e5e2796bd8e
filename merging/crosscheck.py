"""Do the merged files of a run hold what went in? Pure: counts in, verdict out.

Three witnesses speak for every count: the raw side (the raw catalogue's count and, where the raw file was
read, the events found in it), the job that wrote the file, and the file itself, read back. The rules:

1. Unknown (None) is never zero and never agreement: it is ``Unheard``, naming the witness that is missing.
2. The tolerance is zero, for every chunk, every part and the run. Errors do not compensate: one part with
   five events too many and one with five too few are two differences.
3. 0 == 0 agrees only because the file, read back, says 0.
4. One difference outweighs any number of missing witnesses, and all differences are reported.

The raw catalogue may be silent if the raw file was read, and the raw file unread if the raw catalogue has
a count; where both speak they must agree.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from merging.model import Agree, Differ, Unheard, Verdict

_LONGEST_NAME = 60


class Counted(StrEnum):
    """What a product's event counts must add up to."""

    ALL = "all"  # every raw event is in it (mDST)
    SUBSET = "subset"  # some of the raw events are in it (event dump)
    NONE = "none"  # not a file of events (logs)


@dataclass(frozen=True, slots=True)
class ChunkFacts:
    """What is known of one chunk in one product; None is unknown.

    ``raw_catalogue``: the raw catalogue's count of the raw chunk. ``raw_read``: physics events counted in
    the raw file itself. ``job``: what the job says it wrote. ``read``: events read back from what it wrote.
    """

    chunk: str
    raw_catalogue: int | None
    raw_read: int | None
    job: int | None
    read: int | None

    @property
    def raw(self) -> int | None:
        """The raw count: of the file if it was read, else the catalogue's."""
        return self.raw_catalogue if self.raw_read is None else self.raw_read


@dataclass(frozen=True, slots=True)
class PartFacts:
    """What is known of one merged part: its chunks, what the merge job says, what was read back."""

    part: int
    chunks: tuple[ChunkFacts, ...]
    job: int | None
    read: int | None


@dataclass(slots=True)
class _Findings:
    differences: list[tuple[int | None, str]] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    def verdict(self) -> Verdict:
        if self.differences:
            return Differ(tuple(self.differences))
        return Unheard(tuple(self.missing)) if self.missing else Agree()


def cross_check(parts: Sequence[PartFacts], *, counted: Counted) -> Verdict:
    """The verdict on all parts of a run and product, per chunk, per part and for the run.

    ALL: raw count, job and file agree for each chunk; the files' sum, merge job and merged file for each
    part. SUBSET: the same, but a chunk may hold fewer events than the raw one. NONE: a merged file that was
    counted holds as many members as there are chunks; events are not compared.
    """
    found = _Findings()
    if not parts:
        found.missing.append("any part of the run")
    _check_membership(parts, found)
    for part in parts:
        if counted is Counted.NONE:
            _check_members(part, found)
            continue
        for chunk in part.chunks:
            _check_chunk(part.part, chunk, counted, found)
        _check_part(part, found)
    if counted is not Counted.NONE:
        _check_run(parts, counted, found)
    return found.verdict()


def _check_membership(parts: Sequence[PartFacts], found: _Findings) -> None:
    """A part is listed once, is made of something, and no chunk is in two places."""
    seen_parts: set[int] = set()
    seen: dict[str, int] = {}
    for part in parts:
        if part.part in seen_parts:
            found.differences.append((part.part, f"part {part.part} is listed twice"))
        seen_parts.add(part.part)
        if not part.chunks:
            found.missing.append(f"the chunks of part {part.part}")
        for chunk in part.chunks:
            if chunk.chunk in seen:
                text = f"{_named(chunk)} is in part {seen[chunk.chunk]} and again in part {part.part}"
                found.differences.append((part.part, text))
            seen[chunk.chunk] = part.part


def _check_members(part: PartFacts, found: _Findings) -> None:
    if part.read is not None and part.read != len(part.chunks):
        text = f"part {part.part}: {len(part.chunks)} files went in, {part.read} are in the merged file"
        found.differences.append((part.part, text))


def _check_chunk(part: int, chunk: ChunkFacts, counted: Counted, found: _Findings) -> None:
    name = _named(chunk)
    found.differences += ((part, text) for text in _chunk_differences(name, chunk, counted))
    if chunk.raw is None:
        found.missing.append(f"the raw count of {name} (neither in the raw catalogue nor read)")
    if chunk.job is None:
        found.missing.append(f"what the job says of {name}")
    if chunk.read is None:
        found.missing.append(f"a count read from the file of {name}")


def _chunk_differences(name: str, chunk: ChunkFacts, counted: Counted) -> Iterator[str]:
    for count in (chunk.raw_catalogue, chunk.raw_read, chunk.job, chunk.read):
        if count is not None and count < 0:
            yield f"{name}: {count} is not a number of events"
    if _differ(chunk.raw_catalogue, chunk.raw_read):
        yield f"{name}: the raw catalogue has {chunk.raw_catalogue} events, the raw file {chunk.raw_read}"
    if counted is Counted.ALL and _differ(chunk.raw, chunk.job, chunk.read):
        yield (
            f"{name}: raw count {_count(chunk.raw)}, the job says {_count(chunk.job)}, "
            f"the file holds {_count(chunk.read)} events"
        )
    elif counted is Counted.SUBSET:
        if _differ(chunk.job, chunk.read):
            yield f"{name}: the job says {chunk.job} events, the file holds {chunk.read}"
        for who, count in (("the file holds", chunk.read), ("the job says", chunk.job)):
            if count is not None and chunk.raw is not None and count > chunk.raw:
                yield f"{name}: {who} {count} events, more than the {chunk.raw} of the raw file"


def _check_part(part: PartFacts, found: _Findings) -> None:
    members = _total([chunk.read for chunk in part.chunks])
    for count in (part.job, part.read):
        if count is not None and count < 0:
            found.differences.append((part.part, f"part {part.part}: {count} is not a number of events"))
    if _differ(members, part.job, part.read):
        text = (
            f"part {part.part}: its {len(part.chunks)} files hold {_count(members)} events, "
            f"the merge job says {_count(part.job)}, the merged file holds {_count(part.read)}"
        )
        found.differences.append((part.part, text))
    if part.job is None:
        found.missing.append(f"what the merge job says of part {part.part}")
    if part.read is None:
        found.missing.append(f"a count read from the merged file of part {part.part}")


def _check_run(parts: Sequence[PartFacts], counted: Counted, found: _Findings) -> None:
    """The sums over the run: implied by the parts, and stated so that nobody has to add them up."""
    chunks = [chunk for part in parts for chunk in part.chunks]
    raw = _total([chunk.raw for chunk in chunks])
    read = _total([chunk.read for chunk in chunks])
    merged = _total([part.read for part in parts])
    if _differ(read, merged) or (counted is Counted.ALL and _differ(raw, read, merged)):
        text = (
            f"the run: raw count {_count(raw)}, the files of its {len(chunks)} chunks hold {_count(read)}, "
            f"its {len(parts)} merged files {_count(merged)} events"
        )
        found.differences.append((None, text))


def _differ(*counts: int | None) -> bool:
    return len({count for count in counts if count is not None}) > 1


def _total(counts: Sequence[int | None]) -> int | None:
    """The sum; unknown if one of them is, or if there are none."""
    known = [count for count in counts if count is not None]
    return sum(known) if counts and len(known) == len(counts) else None


def _count(count: int | None) -> str:
    return "unknown" if count is None else str(count)


def _named(chunk: ChunkFacts) -> str:
    name = chunk.chunk
    return "chunk " + (name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 1] + "…")
