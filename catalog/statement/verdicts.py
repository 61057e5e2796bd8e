"""What follows from the facts of a statement: per run what is open, why, and the command; then the totals.

Nothing is believed that can be computed: not the state of a cross-check where its numbers are stated, not
*settled* where the evidence is. The rules:

1. Every raw chunk is processed or in the gap register, and none is both. A gap has events, reason, approver.
2. Every processed chunk has a file in a part of each product, or one left out on purpose; of a product that
   is made of another, every part of that.
3. Events agree: raw, job and file of every chunk; what went into a part, and what is in it. A difference is
   accepted only with a waiver in force, of that part or of the run.
4. Every part is archived: one copy on tape is AVAILABLE, its evidence agrees with size and adler32 of the
   merged file, is of the grade asked for, and settled. A part that went into one of another product may be
   kept within that alone: then this is asked of that one.
5. What was removed is named, with size and adler32, by a certificate whose seal is right.
6. Nothing was removed of a part without an AVAILABLE copy on tape with evidence that agrees. (Settled it was
   when the certificate was issued; a copy that was doubted since, and found good, is settled anew later.)

What breaks 3 to 6 does not wait for anything: it *does not add up*, and a person must look.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from catalog.checksum import Adler32
from catalog.evidence import Grade, Piece, Settled, Wanted, settled
from catalog.statement.values import Facts, OnTape, Part, Product, Removed, Run, Seen, said
from catalog.states import CheckState, GroupState, ReplicaState

DONE = (GroupState.ARCHIVED, GroupState.CLEANED)


class Kind(StrEnum):
    """What an open matter is."""

    UNDER_WAY = "under way"  # the flow goes on by itself
    PERSON = "a person"  # somebody must decide
    WRONG = "does not add up"  # facts contradict each other


class Verdict(StrEnum):
    """What a run, or the period, came to."""

    ARCHIVED = "archived"  # verified and archived, nothing missing
    EXCUSED = "excused"  # the same but for what is in the gap register, or was waived
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Open:
    """Something that keeps a run from being complete."""

    kind: Kind = said("`under way`, `a person` or `does not add up`")
    where: str = said("product and part; empty: the run")
    why: str = said("in words")
    command: str = said("what shows more, or moves it")


@dataclass(frozen=True, slots=True)
class Judged:
    """The verdict on a run."""

    task: str = said("name of the task")
    run: int = said("its number")
    verdict: Verdict = said("`archived`, `excused` (gaps or waivers) or `open`")
    open: tuple[Open, ...] = said("what keeps it from being complete; none unless the verdict is `open`")
    excuses: tuple[str, ...] = said("gaps and waivers, in words")


@dataclass(frozen=True, slots=True)
class ProductTotal:
    """Sums of a product over all runs."""

    product: str = said("its name")
    parts: int = said("merged files")
    archived: int = said("of these, with a settled copy on tape")
    size: int = said("bytes of the merged files")
    events: int | None = said("events in them; nothing if one is unknown, or it is not of events")
    removed: int = said("per-chunk copies removed")
    removed_size: int = said("bytes of these")
    kept: int = said("per-chunk copies that are there, or in the trash")


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over all runs."""

    runs: int = said("runs")
    archived: int = said("runs that are verified and archived, nothing missing")
    excused: int = said("runs with gaps or waivers, otherwise verified and archived")
    open: int = said("runs that are open")
    wrong: int = said("runs in which something does not add up")
    chunks: int = said("raw files")
    size: int = said("their bytes")
    events: int = said("their events, as far as known")
    gaps: int = said("chunks in the gap register")
    events_lost: int | None = said("events in these; nothing if one is unknown")
    waivers: int = said("waivers in force")
    products: tuple[ProductTotal, ...] = said("sums of each product")


Places = Mapping[tuple[str, str, str], tuple[Run, Product, Part]]
"""Task, product and ``RUN/PART`` of every part, and where it is stated."""


def judge(facts: Facts) -> tuple[Judged, ...]:
    """The verdict on every run, as of the time of the statement.

    A part that holds files of several runs is stated under the first, and speaks for all of them.
    """
    at = datetime.fromisoformat(facts.made_at)
    places = places_of(facts)
    return tuple(_judge(run, at, places) for run in facts.runs)


def places_of(facts: Facts) -> Places:
    """Every part by its place."""
    return {
        (run.task, product.product, f"{run.run}/{part.part}"): (run, product, part)
        for run in facts.runs
        for product in run.products
        for part in product.parts
    }


def _judge(run: Run, at: datetime, places: Places) -> Judged:
    matters = list(_chunks(run))
    for product in run.products:
        matters += _product(run, product, at, places)
        matters += _elsewhere(run, product, at, places)
    excuses = tuple(_excuses(run))
    verdict = Verdict.OPEN if matters else Verdict.EXCUSED if excuses else Verdict.ARCHIVED
    return Judged(run.task, run.run, verdict, tuple(matters), excuses)


def _elsewhere(run: Run, product: Product, at: datetime, places: Places) -> Iterator[Open]:
    for place in product.parts_elsewhere:
        found = places.get((run.task, product.product, place))
        if found is None:
            text = f"part {place}, which holds files of it, is not stated"
            yield Open(Kind.WRONG, product.product, text, f"ddm explain {run.run}")
            continue
        owner, its_product, part = found
        for matter in _part(owner, its_product, part, at, places):
            yield Open(matter.kind, f"{matter.where} of run {owner.run}", matter.why, matter.command)


def overall(runs: Iterable[Judged]) -> Verdict:
    """The verdict on the period: the worst of its runs; open if there is none."""
    seen = {judged.verdict for judged in runs}
    for verdict in (Verdict.OPEN, Verdict.EXCUSED, Verdict.ARCHIVED):
        if verdict in seen:
            return verdict
    return Verdict.OPEN


def _excuses(run: Run) -> Iterator[str]:
    for gap in run.gaps:
        yield f"chunk {gap.chunk}: {gap.reason} (approved by {gap.approver}, {gap.events} events)"
    for product in run.products:
        for waiver in product.waivers:
            where = product.product if waiver.part is None else f"{product.product} part {waiver.part}"
            yield f"{where}: {'; '.join(waiver.differences)} (accepted by {waiver.by}: {waiver.reason})"


# ------------------------------------------------------------------------------------------- rule 1
def _chunks(run: Run) -> Iterator[Open]:
    explain = f"ddm explain {run.run}"
    if run.undefined:
        text = f"not all its files are known: {run.undefined}"
        yield Open(Kind.PERSON, "", text, f"ddm dataset define {run.dataset} {run.run} --reason '…'")
    if run.open:
        yield Open(
            Kind.PERSON, "", "its dataset is open: files may still come", f"ddm dataset close {run.dataset}"
        )
    if run.incomplete:
        yield Open(Kind.PERSON, "", f"{run.incomplete} raw files without size or checksum", explain)
    for gap in run.gaps:
        if gap.events is None or not gap.reason or not gap.approver:
            yield Open(Kind.WRONG, "", f"gap {gap.chunk} lacks events, reason or approver", "ddm gap list")
    left = run.chunks - run.processed - len(run.gaps)
    if left < 0:
        text = f"{run.processed} chunks processed and {len(run.gaps)} gaps are more than {run.chunks} chunks"
        yield Open(Kind.WRONG, "", text, explain)
    elif run.held:
        text = f"{left} of {run.chunks} chunks are not processed, {run.held} of them held"
        yield Open(Kind.PERSON, "", text, f"ddm job list --state held --run {run.run}")
    elif left:
        yield Open(Kind.UNDER_WAY, "", f"{left} of {run.chunks} chunks are not processed", explain)


# -------------------------------------------------------------------------------------- rules 2 and 3
def _product(run: Run, product: Product, at: datetime, places: Places) -> Iterator[Open]:
    name, explain = product.product, f"ddm explain {run.run}"
    if run.processed == 0 and not product.parts and not product.files:
        return  # all of it is in the gap register, or rule 1 has said why not
    due, what = run.processed, "chunks"
    if product.made_of:
        below = [one for one in run.products if one.product == product.made_of]
        due, what = sum(len(one.parts) for one in below), f"parts of {product.made_of}"
    accounted = product.files + product.left_out
    if accounted < due and run.processed + len(run.gaps) >= run.chunks:
        yield Open(Kind.UNDER_WAY, name, f"{due - accounted} of {due} {what} are in no part", explain)
    elif accounted > due:
        yield Open(Kind.WRONG, name, f"{accounted} files in parts or left out, of {due} {what}", explain)
    yield from _check(run, product)
    if product.counted != "none" and product.files and not product.waivers:
        yield from _events(run, product)
    for part in product.parts:
        yield from _part(run, product, part, at, places)


def _check(run: Run, product: Product) -> Iterator[Open]:
    command = f"ddm check explain {run.run} {product.product}"
    if not product.parts:
        return
    if product.check == CheckState.FAILED:
        yield Open(Kind.PERSON, product.product, "the cross-check failed", command)
    elif product.check not in (CheckState.PASSED, CheckState.WAIVED):
        yield Open(Kind.UNDER_WAY, product.product, "the cross-check is not passed", command)
    elif product.check == CheckState.WAIVED and not product.waivers:
        yield Open(
            Kind.WRONG, product.product, "the cross-check is waived, and no waiver is in force", command
        )


def _events(run: Run, product: Product) -> Iterator[Open]:
    numbers = {"raw files": product.raw, "jobs": product.jobs, "files": product.read}
    command = f"ddm check explain {run.run} {product.product}"
    told = ", ".join(f"{who} {'unknown' if n is None else n}" for who, n in numbers.items())
    whole = product.counted == "all" and not product.made_of
    compared = [product.jobs, product.read] + ([product.raw] if whole else [])
    if len(set(compared)) > 1 or None in compared:
        yield Open(Kind.WRONG, product.product, f"sums of events differ: {told}", command)
    elif product.differ:
        text = f"events of {product.differ} chunks differ, though the sums agree: {told}"
        yield Open(Kind.WRONG, product.product, text, command)
    if product.made_of:
        return
    if product.counted == "subset" and (product.read or 0) > (product.raw or 0):
        yield Open(Kind.WRONG, product.product, f"more events than the raw files have: {told}", command)
    every = product.files == run.chunks - len(run.gaps) and not run.unknown
    lost = _sum([gap.events for gap in run.gaps])
    if product.raw is not None and lost is not None and every and product.raw + lost != run.events:
        text = f"{product.raw} events of raw files and {lost} of gaps are not the {run.events} of the run"
        yield Open(Kind.WRONG, product.product, text, command)


# ------------------------------------------------------------------------------------- rules 3 to 6
def _part(run: Run, product: Product, part: Part, at: datetime, places: Places) -> Iterator[Open]:
    where = f"{product.product} part {part.part}"
    stopped = {GroupState.HELD: "its merge is held", GroupState.MISMATCHED: "it does not hold what went in"}
    if part.state in stopped:
        yield Open(Kind.PERSON, where, stopped[GroupState(part.state)], f"ddm explain {run.run}")
    elif part.state not in DONE:
        yield Open(Kind.UNDER_WAY, where, f"it is {part.state}, not archived", f"ddm explain {run.run}")
    agree = part.events_in is not None and part.events_in == part.events_out
    excused = product.counted == "none" or any(w.part in (None, part.part) for w in product.waivers)
    if part.size is not None and not agree and not excused:
        text = f"{_told(part.events_in)} events went in, {_told(part.events_out)} are in it"
        yield Open(Kind.WRONG, where, text, f"ddm check explain {run.run} {product.product}")
    _, keeper, kept = last_of(run, product, part, places)
    if part.state in DONE and kept is part:
        yield from _archive(product, part, at, where)
    elif part.state in DONE and not any(settled_at(copy, kept, keeper, at) for copy in kept.on_tape):
        kind = Kind.UNDER_WAY if kept.state in DONE else Kind.WRONG
        yield Open(
            kind, where, f"not settled: the {part.within} that keeps it is not", f"ddm explain {kept.lfn}"
        )
    yield from _removals(part, where, safe=any(_pieces(copy, kept) for copy in _available(kept)))


def last_of(run: Run, product: Product, part: Part, places: Places) -> tuple[Run, Product, Part]:
    """The part that keeps this one on tape: itself, or the last of those that it went into."""
    found = (run, product, part)
    for _ in range(len(places)):  # a circle ends
        _, _, last = found
        if last.on_tape or not last.within:
            break
        name, _, place = last.within.rpartition(" ")
        further = places.get((run.task, name, place))
        if further is None:
            break
        found = further
    return found


def _told(number: int | None) -> str:
    return "unknown" if number is None else str(number)


def _archive(product: Product, part: Part, at: datetime, where: str) -> Iterator[Open]:
    command = f"ddm explain {part.lfn}"
    good = _available(part)
    if not good:
        yield Open(Kind.WRONG, where, "it counts as archived, and no copy on tape is AVAILABLE", command)
        return
    for copy in good:
        if not copy.evidence:
            text = f"its copy at {copy.endpoint} is AVAILABLE without any evidence"
            yield Open(Kind.WRONG, where, text, command)
        for seen in copy.evidence:
            if unlike(seen, part):
                text = f"evidence of {seen.at} has {seen.size} bytes, adler32 {seen.adler32}"
                yield Open(Kind.WRONG, where, f"{text}, the file {part.size}, {part.adler32}", command)
    if not any(settled_at(copy, part, product, at) for copy in good):
        yield Open(Kind.UNDER_WAY, where, f"not settled: {_unsettled(good[0], part, product, at)}", command)


def _available(part: Part) -> list[OnTape]:
    return [copy for copy in part.on_tape if copy.state == ReplicaState.AVAILABLE]


def unlike(seen: Seen, part: Part) -> bool:
    """Whether a piece of evidence speaks of another file than this one."""
    told = [(seen.size, part.size), (seen.adler32, part.adler32)]
    return any(one is not None and one != other for one, other in told)


def settled_at(copy: OnTape, part: Part, product: Product, at: datetime) -> datetime | None:
    """Since when the copy is settled, as of a time; None: it is not."""
    found = settled(_pieces(copy, part), _wanted(product), at)
    good = copy.state == ReplicaState.AVAILABLE and part.size is not None
    return found.at if good and isinstance(found, Settled) else None


def _unsettled(copy: OnTape, part: Part, product: Product, at: datetime) -> str:
    found = settled(_pieces(copy, part), _wanted(product), at)
    return "" if isinstance(found, Settled) else found.reason


def _wanted(product: Product) -> Wanted:
    return Wanted(Grade(product.grade), timedelta(seconds=product.settle))


def _pieces(copy: OnTape, part: Part) -> list[Piece]:
    """The evidence that is of this file, and was taken since the copy is AVAILABLE."""
    since = datetime.fromisoformat(copy.since)
    found = [
        Piece(
            Grade(seen.grade),
            datetime.fromisoformat(seen.at),
            seen.source,
            seen.how,
            size=seen.size,
            adler32=None if seen.adler32 is None else Adler32.parse(seen.adler32),
        )
        for seen in copy.evidence
        if not unlike(seen, part) and (seen.grade == Grade.A or None not in (seen.size, seen.adler32))
    ]
    return [piece for piece in found if piece.taken_at >= since]


def _removals(part: Part, where: str, *, safe: bool) -> Iterator[Open]:
    command = f"ddm certificate verify {part.lfn}"
    for removed in part.removed:
        yield from _removal(removed, where, command)
    gone = sum(
        entry.files - entry.written_off for entry in part.removed if entry.state == ReplicaState.DELETED
    )
    if gone and not safe:
        text = f"{gone} of its per-chunk copies are gone, and the merged file is not safe on tape"
        yield Open(Kind.WRONG, where, text, command)


def _removal(removed: Removed, where: str, command: str) -> Iterator[Open]:
    owed = removed.files - removed.written_off
    if not owed:
        return
    if not removed.seal and removed.state == ReplicaState.TRASHED:
        return  # nobody removes it without one
    if not removed.seal:
        text = f"{owed} per-chunk copies are {removed.state} without a certificate"
        yield Open(Kind.WRONG, where, text, command)
    elif not removed.intact:
        text = f"certificate {removed.seal[:16]} is not what was sealed"
        yield Open(Kind.WRONG, where, text, command)
    elif removed.named < owed:
        text = (
            f"certificate {removed.seal[:16]} names {removed.named} of {owed} copies {removed.state} under it"
        )
        yield Open(Kind.WRONG, where, text, command)


# -------------------------------------------------------------------------------------------- totals
def totals(facts: Facts, judged: Iterable[Judged]) -> Totals:
    """The sums. A merged file counts once, under the run that it is called after."""
    verdicts = list(judged)
    at = datetime.fromisoformat(facts.made_at)
    lost = [gap.events for run in facts.runs for gap in run.gaps]
    count = {verdict: sum(one.verdict is verdict for one in verdicts) for verdict in Verdict}
    places = places_of(facts)
    each: dict[str, list[tuple[Run, Product]]] = {}
    for run in facts.runs:
        for product in run.products:
            each.setdefault(product.product, []).append((run, product))
    return Totals(
        runs=len(facts.runs),
        archived=count[Verdict.ARCHIVED],
        excused=count[Verdict.EXCUSED],
        open=count[Verdict.OPEN],
        wrong=sum(any(entry.kind is Kind.WRONG for entry in one.open) for one in verdicts),
        chunks=sum(run.chunks for run in facts.runs),
        size=sum(run.size for run in facts.runs),
        events=sum(run.events for run in facts.runs),
        gaps=len(lost),
        events_lost=_sum(lost),
        waivers=sum(len(product.waivers) for run in facts.runs for product in run.products),
        products=tuple(_product_total(name, found, at, places) for name, found in sorted(each.items())),
    )


def _product_total(
    name: str, found: Iterable[tuple[Run, Product]], at: datetime, places: Places
) -> ProductTotal:
    parts = [(run, product, part) for run, product in found for part in product.parts]
    gone = [entry for _, _, part in parts for entry in part.removed if entry.state == ReplicaState.DELETED]
    trashed = sum(entry.files for _, _, part in parts for entry in part.removed) - sum(e.files for e in gone)
    counted = all(product.counted != "none" for _, product, _ in parts)
    settled_ones = 0
    for run, product, part in parts:
        _, keeper, kept = last_of(run, product, part, places)
        safe = any(settled_at(copy, kept, keeper, at) for copy in kept.on_tape)
        settled_ones += part.state in DONE and safe
    return ProductTotal(
        product=name,
        parts=len(parts),
        archived=settled_ones,
        size=sum(part.size or 0 for _, _, part in parts),
        events=_sum([part.events_out for _, _, part in parts]) if counted else None,
        removed=sum(entry.files for entry in gone),
        removed_size=sum(entry.size for entry in gone),
        kept=sum(part.kept for _, _, part in parts) + trashed,
    )


def _sum(numbers: Iterable[int | None]) -> int | None:
    """The sum; None if one of them is unknown."""
    known = list(numbers)
    return None if None in known else sum(n for n in known if n is not None)


def counts(judged: Iterable[Judged]) -> Mapping[Kind, int]:
    """How many open matters there are of each kind."""
    found = dict.fromkeys(Kind, 0)
    for one in judged:
        for entry in one.open:
            found[entry.kind] += 1
    return found
