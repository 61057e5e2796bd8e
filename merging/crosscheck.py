"""Do the merged files of a run hold what went in? Pure: counts in, verdict out.

Three witnesses speak for every count: the raw side (the raw catalogue's count and, where the raw file was
read, the events found in it), the job that wrote the file, and the file itself, read back. A merge adds what
it found of its inputs when it read them, and a recount of an archived file (``ddm check sample``) speaks
beside them. The rules:

1. Unknown (None) is never zero and never agreement: it is ``Unknown``, naming the witness that is missing.
2. The tolerance is zero, for every chunk, every part and the run, for events of every type, for bytes and
   checksums. Errors do not compensate: one part with five events too many and one with five too few are two
   differences.
3. 0 == 0 agrees only because the file, read back, says 0.
4. One difference outweighs any number of missing witnesses, and all differences are reported.
5. What may differ is a written list (``Permit``); each entry that is used is named in the verdict.

The raw catalogue may be silent if the raw file was read, and the raw file unread if the raw catalogue has
a count; where both speak they must agree. Events by type are compared wherever two witnesses of the same
events tell types; nobody is missed who does not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from merging.verdict import Difference, Missing, Permit, Permitted, Verdict, What, Who, place, verdict
from merging.witnesses import (
    ChunkFacts,
    Counted,
    Gap,
    LeftOut,
    PartFacts,
    Read,
    Rules,
    RunFacts,
    Said,
    Types,
    total,
)


@dataclass(slots=True)
class _Findings:
    rules: Rules
    differences: list[Difference] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)
    permitted: list[Permitted] = field(default_factory=list)

    def compare(self, part: int | None, chunk: str, what: str, said: Said, note: str = "") -> None:
        """A difference unless all who speak say the same."""
        if len({n for _, n in said if n is not None}) > 1:
            self.differences.append(Difference(part, chunk, what, said, note))

    def misplaced(self, part: int | None, chunk: str, note: str) -> None:
        self.differences.append(Difference(part, chunk, What.PLACE.value, (), note))

    def lacks(self, part: int | None, chunk: str, who: str, note: str = "") -> None:
        self.missing.append(Missing(part, chunk, who, What.EVENTS.value, note))


def cross_check(run: RunFacts, rules: Rules) -> Verdict:
    """The verdict on all parts of a run and product, per chunk, per part and for the run.

    ALL: raw count, job and file agree for each chunk; the files' sum, merge job and merged file for each
    part. SUBSET: the same, but a chunk may hold fewer events than the raw one. NONE: a merged file that was
    counted holds as many members as there are chunks; events are not compared. In all of them the merge read
    the bytes that the catalogue knows. The order of parts and chunks does not matter.
    """
    found = _Findings(rules)
    parts = sorted(run.parts, key=lambda part: part.part)
    if not parts:
        found.lacks(None, "", "any part")
    _check_membership(parts, run, found)
    for entry in sorted(run.left_out, key=lambda entry: entry.chunk):
        _check_left_out(entry, found)
    for part in parts:
        _check_part(part, found)
    if rules.counted is not Counted.NONE:
        _check_twins(parts, found)
    if rules.counted is not Counted.NONE and not found.differences and not found.missing:
        _check_run(parts, run.left_out, found)
    return verdict(found.differences, found.missing, found.permitted)


# --------------------------------------------------------------------------------- membership
def _check_membership(parts: Sequence[PartFacts], run: RunFacts, found: _Findings) -> None:
    """A part is listed once, is made of something; every chunk of the run is in one part, and no other is."""
    seen_parts: set[int] = set()
    seen: dict[str, int] = {}
    for part in parts:
        if part.part in seen_parts:
            found.misplaced(part.part, "", "the part is listed twice")
        seen_parts.add(part.part)
        if not part.chunks:
            found.lacks(part.part, "", "its chunks")
        for name in sorted(chunk.chunk for chunk in part.chunks):
            if name in seen:
                found.misplaced(part.part, name, f"it is in part {seen[name]} as well")
                if seen[name] != part.part:
                    found.misplaced(seen[name], name, f"it is in part {part.part} as well")
            elif run.raw is not None and name not in run.raw:
                found.misplaced(part.part, name, "the dataset of raw files has no such chunk")
            seen[name] = part.part
    told = {entry.chunk for entry in run.left_out}
    for name in sorted((run.raw or frozenset()) - seen.keys() - told):
        found.misplaced(None, name, "the raw chunk is in no part")
    for name in sorted(told & seen.keys()):
        found.misplaced(seen[name], name, "it is in the part, and among those left out")


def _check_twins(parts: Sequence[PartFacts], found: _Findings) -> None:
    """Two files with the same bytes are the same events twice, whatever all the counts say."""
    chunks: dict[tuple[int, int], str] = {}
    merged: dict[tuple[int, int], str] = {}
    for part in parts:
        _check_twin(part.part, "", part, merged, found)
        for chunk in sorted(part.chunks, key=lambda chunk: chunk.chunk):
            _check_twin(part.part, chunk.chunk, chunk, chunks, found)


def _check_twin(
    part: int,
    chunk: str,
    file: PartFacts | ChunkFacts,
    seen: dict[tuple[int, int], str],
    found: _Findings,
) -> None:
    if file.size is None or file.adler32 is None or not file.read:
        return
    here = place(part, chunk)
    first = seen.setdefault((file.size, file.adler32), here)
    if first != here:
        note = f"its file has the same bytes as that of {first}, with {file.read} events"
        found.differences.append(Difference(part, chunk, What.TWICE.value, (), note))


def _check_left_out(entry: LeftOut, found: _Findings) -> None:
    """A chunk that is in no part is a gap with its events, or holds none; else it is a difference."""
    rules = found.rules
    if entry.gap is not None and Permit.GAPS in rules.permits:
        _check_gap(entry, entry.gap, found)
    elif entry.waits:
        note = "its file is a leftover, and waits for a later part"
        found.missing.append(Missing(None, entry.chunk, "a part", What.PLACE.value, note))
    elif _holds_nothing(entry, rules):
        found.permitted.append(
            Permitted(Permit.ZERO_EVENTS, None, entry.chunk, 0, "its file says 0 events and is in no part")
        )
    else:
        said: Said = (*entry.raw_said, (Who.JOB, entry.job), (Who.FILE, entry.read), (Who.PARTS, 0))
        what = "a gap, which this product does not permit" if entry.gap else "the raw chunk is in no part"
        found.differences.append(
            Difference(
                None, entry.chunk, What.PLACE.value, said if rules.counted != Counted.NONE else (), what
            )
        )


def _holds_nothing(entry: LeftOut, rules: Rules) -> bool:
    """The file itself and its job say 0; where every raw event counts, the raw side as well."""
    if Permit.ZERO_EVENTS not in rules.permits or rules.counted is Counted.NONE:
        return False
    if (entry.job, entry.read) != (0, 0):
        return False
    if rules.counted is Counted.SUBSET:
        return True
    return {n for _, n in entry.raw_said if n is not None} == {0}


def _check_gap(entry: LeftOut, gap: Gap, found: _Findings) -> None:
    note = f"{gap.reason} (approved by {gap.approver})"
    if found.rules.counted is Counted.NONE:
        found.permitted.append(Permitted(Permit.GAPS, None, entry.chunk, None, note))
        return
    found.compare(None, entry.chunk, What.EVENTS.value, (*entry.raw_said, (Who.GAP, gap.n_events)), note)
    lost = entry.raw if gap.n_events is None else gap.n_events
    if lost is None:
        who = f"{Who.GAP}, {Who.RAW_CATALOGUE} or {Who.RAW_FILE}"
        found.lacks(None, entry.chunk, who, "how many events are lost with this gap?")
    else:
        found.permitted.append(Permitted(Permit.GAPS, None, entry.chunk, -lost, note))


# --------------------------------------------------------------------------------------- parts
def _check_part(part: PartFacts, found: _Findings) -> None:
    if part.unmerged:
        found.missing.append(Missing(part.part, "", Who.MERGED_FILE, What.EVENTS.value, part.unmerged))
        return
    part = replace(part, chunks=tuple(sorted(part.chunks, key=lambda chunk: chunk.chunk)))
    counted = found.rules.counted
    _check_readings(part, found)
    for chunk in part.chunks if counted is not Counted.NONE else ():
        _check_chunk(part.part, chunk, found)
    if counted is Counted.NONE:
        said = ((Who.INPUTS, len(part.chunks)), (Who.MERGED_FILE, part.read))
        found.compare(part.part, "", What.MEMBERS.value, said)
    else:
        _check_sums(part, found)
    for recount in part.recounts:
        _check_recount(part, recount, found)


def _check_readings(part: PartFacts, found: _Findings) -> None:
    """What the merge read is what the catalogue knows, to the byte; a merge that does not tell is missed."""
    silent = [chunk.chunk for chunk in part.chunks if chunk.reading is None]
    if silent and Permit.UNREPORTED in found.rules.permits:
        note = f"of {len(silent)} inputs"
        found.permitted.append(Permitted(Permit.UNREPORTED, part.part, "", None, note))
    elif silent:
        several = len(silent) > 1 and len(silent) == len(part.chunks)
        for name in [""] if several else sorted(silent):
            note = f"bytes and adler32 of {len(silent) if several else 1} inputs"
            found.missing.append(Missing(part.part, name, Who.MERGE_JOB, "what it read", note))
    for chunk in part.chunks:
        if (seen := chunk.reading) is not None:
            sizes = (Who.CATALOGUE, chunk.size), (Who.READING, seen.size)
            sums = (Who.CATALOGUE, chunk.adler32), (Who.READING, seen.adler32)
            found.compare(part.part, chunk.chunk, What.SIZE.value, sizes)
            found.compare(part.part, chunk.chunk, What.ADLER32.value, sums)


def _check_chunk(part: int, chunk: ChunkFacts, found: _Findings) -> None:
    name, events = chunk.chunk, What.EVENTS.value
    whole = (*chunk.raw_said, *chunk.file_said)
    if not _sane(part, name, whole, found):
        return
    if found.rules.counted is Counted.ALL:
        found.compare(part, name, events, whole)
    else:
        before = len(found.differences)
        found.compare(part, name, events, chunk.raw_said)
        found.compare(part, name, events, chunk.file_said)
        told = [n for _, n in chunk.file_said if n is not None]
        if before == len(found.differences) and chunk.raw is not None and told and told[0] > chunk.raw:
            found.differences.append(Difference(part, name, events, whole, "more than the raw file holds"))
    if chunk.raw is None:
        found.lacks(part, name, f"{Who.RAW_CATALOGUE} or {Who.RAW_FILE}")
    for who, count in ((Who.JOB, chunk.job), (Who.FILE, chunk.read)):
        if count is None:
            found.lacks(part, name, who)
    reading = chunk.reading.by_type if chunk.reading else {}
    told_by = ((Who.JOB, chunk.job_types), (Who.FILE, chunk.read_types), (Who.READING, reading))
    _check_types(part, name, told_by, found)


def _sane(part: int, chunk: str, said: Said, found: _Findings) -> bool:
    """Nobody says less than nothing."""
    if all(n is None or n >= 0 for _, n in said):
        return True
    found.differences.append(
        Difference(part, chunk, What.EVENTS.value, said, "below 0 is no number of events")
    )
    return False


def _check_types(part: int, chunk: str, told_by: Sequence[tuple[Who, Types]], found: _Findings) -> None:
    """Those who tell types say the same of each."""
    speaking = [(who, types) for who, types in told_by if types]
    for name in sorted({name for _, types in speaking for name in types}):
        said = tuple((who, types.get(name, 0)) for who, types in speaking)
        found.compare(part, chunk, f"{What.EVENTS}: {name}", said)


def _check_sums(part: PartFacts, found: _Findings) -> None:
    """The files' sum, the merge job and the merged file; the same by type."""
    said = (
        (Who.INPUTS, total(chunk.read for chunk in part.chunks)),
        (Who.MERGE_JOB, part.job),
        (Who.MERGED_FILE, part.read),
    )
    if not _sane(part.part, "", said[1:], found):
        return
    found.compare(part.part, "", What.EVENTS.value, said)
    for who, count in said[1:]:
        if count is None:
            found.lacks(part.part, "", who)
    merged = ((Who.MERGE_JOB, part.job_types), (Who.MERGED_FILE, part.read_types))
    _check_types(part.part, "", merged, found)
    inputs = _sum_of_types(part.chunks)
    if inputs is not None and (types := part.read_types or part.job_types):
        _check_merged_types(part.part, inputs, types, found)


def _sum_of_types(chunks: Sequence[ChunkFacts]) -> Types | None:
    """Events by type of all files; None if one file that holds something does not tell types."""
    sums: dict[str, int] = {}
    for chunk in chunks:
        if not chunk.read_types and chunk.read != 0:
            return None
        for name, n in chunk.read_types.items():
            sums[name] = sums.get(name, 0) + n
    return sums


def _check_merged_types(part: int, inputs: Types, merged: Types, found: _Findings) -> None:
    for name in sorted(inputs.keys() | merged.keys()):
        before, after = inputs.get(name, 0), merged.get(name, 0)
        if after < before and name in found.rules.fewer:
            found.permitted.append(Permitted(Permit.FEWER, part, "", after - before, name))
            continue
        said = ((Who.INPUTS, before), (Who.MERGED_FILE, after))
        found.compare(part, "", f"{What.EVENTS}: {name}", said)


def _check_recount(part: PartFacts, recount: Read, found: _Findings) -> None:
    """What somebody counted later is what was counted then."""
    then = Read(part.size or 0, part.adler32 or 0, part.read, part.read_types)
    known = part.size is not None and part.adler32 is not None
    found.differences += recounted(part.part, "", then, recount) if known else []


def recounted(part: int | None, chunk: str, then: Read, now: Read) -> list[Difference]:
    """The differences between what is known of a file and what an independent recount found. Pure."""
    found = _Findings(Rules())
    found.compare(part, chunk, What.SIZE.value, ((Who.CATALOGUE, then.size), (Who.RECOUNT, now.size)))
    found.compare(
        part, chunk, What.ADLER32.value, ((Who.CATALOGUE, then.adler32), (Who.RECOUNT, now.adler32))
    )
    file = Who.MERGED_FILE if not chunk else Who.RAW_FILE
    found.compare(part, chunk, What.EVENTS.value, ((file, then.n_events), (Who.RECOUNT, now.n_events)))
    if then.by_type and now.by_type:
        _check_types(part or 0, chunk, ((file, then.by_type), (Who.RECOUNT, now.by_type)), found)
    if now.note and not found.differences:
        found.differences.append(Difference(part, chunk, What.CONTENT.value, (), now.note))
    return found.differences


# ----------------------------------------------------------------------------------------- run
def _check_run(parts: Sequence[PartFacts], left_out: Iterable[LeftOut], found: _Findings) -> None:
    """The sums over the run: implied by the parts, and asked so that nothing hangs on that being so."""
    chunks = [chunk for part in parts for chunk in part.chunks]
    raw, merged = total(chunk.raw for chunk in chunks), total(part.read for part in parts)
    said = (
        (Who.RAW_FILE, raw),
        (Who.INPUTS, total(chunk.read for chunk in chunks)),
        (Who.MERGED_FILE, merged),
    )
    if found.rules.counted is Counted.ALL:
        found.compare(None, "", What.EVENTS.value, said)
        return
    found.compare(None, "", What.EVENTS.value, said[1:])
    if raw is not None and merged is not None and merged != raw:
        note = f"{merged} of {raw} raw events, as the product's selection left them"
        found.permitted.append(Permitted(Permit.FILTER, None, "", merged - raw, note))
