"""Does a statement still hold? What was stated then, beside what the catalogue says now. Pure.

What was complete stays as it was: chunks, events, gaps, merged files. What may change by itself is no
difference: more evidence, per-chunk files removed, a copy of a merged file on disk that came or went. Of a
run that was open then only its merged files on tape, their evidence and the certificates are compared.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from catalog.statement.paper import Statement
from catalog.statement.values import Facts, Part, Product, Removed, Run, Seen
from catalog.statement.verdicts import DONE, Verdict
from catalog.states import ReplicaState

OF_RUN = ("dataset", "chunks", "size", "events", "unknown", "processed", "undefined")
OF_PRODUCT = ("made_of", "files", "left_out", "raw", "jobs", "read", "differ", "check")
OF_PART = ("lfn", "within", "size", "adler32", "files", "events_in", "events_out")


@dataclass(frozen=True, slots=True)
class Book:
    """What the catalogue keeps for good. ``pieces``: every piece of evidence ever taken of a copy, by LFN,
    endpoint and path; ``seals``: certificates, and whether each is intact."""

    pieces: Mapping[tuple[str, str, str], frozenset[Seen]]
    seals: Mapping[str, bool]


def differences(then: Statement, now: Facts, book: Book) -> Iterator[str]:
    """What does not hold any more, in words; nothing is what one wants to see."""
    runs = {(run.task, run.run): run for run in now.runs}
    for run, judged in zip(then.facts.runs, then.judged, strict=True):
        here = f"run {run.run} of {run.task}"
        found = runs.get((run.task, run.run))
        if found is None:
            yield f"{here}: the catalogue does not know it any more"
        elif judged.verdict is not Verdict.OPEN:
            yield from _run(run, found, here)
        if found is not None:
            yield from _products(run, found, here, book, complete=judged.verdict is not Verdict.OPEN)


def _run(then: Run, now: Run, here: str) -> Iterator[str]:
    yield from _unlike(then, now, OF_RUN, here)
    for gap in sorted({*then.gaps} ^ {*now.gaps}, key=lambda gap: gap.chunk):
        yield f"{here}: the gap register says otherwise of chunk {gap.chunk}"


def _products(then: Run, now: Run, here: str, book: Book, *, complete: bool) -> Iterator[str]:
    found = {product.product: product for product in now.products}
    for product in then.products:
        other = found.get(product.product)
        where = f"{here}, {product.product}"
        if other is None:
            if product.parts:
                yield f"{where}: the catalogue does not know it any more"
            continue
        if complete:
            yield from _unlike(product, other, OF_PRODUCT, where)
            yield from _weaker(product, other, where)
            for waiver in product.waivers:
                if waiver not in other.waivers:
                    yield f"{where}: the waiver of {waiver.by} of {waiver.at} is in force no more"
        yield from _parts(product, other, where, book)


def _weaker(then: Product, now: Product, where: str) -> Iterator[str]:
    """A rule of ddm.toml may have changed since; one that was weaker than today's proves less."""
    for name, weaker in (
        ("counted", then.counted != now.counted),
        ("grade", then.grade < now.grade),
        ("settle", then.settle < now.settle),
    ):
        if weaker:
            old, new = getattr(then, name), getattr(now, name)
            yield f"{where}: judged by a weaker rule: {name} was {old}, today it is {new}"


def _parts(then: Product, now: Product, here: str, book: Book) -> Iterator[str]:
    found = {part.part: part for part in now.parts}
    for part in then.parts:
        if part.state not in DONE:
            continue
        where, other = f"{here} part {part.part}", found.get(part.part)
        if other is None:
            yield f"{where}: the catalogue does not know it any more"
            continue
        yield from _unlike(part, other, OF_PART, where)
        if other.state not in DONE:
            yield f"{where}: it was {part.state}, now it is {other.state}"
        yield from _copies(part, other, where, book)
        yield from _certificates(part, other, where, book)


def _copies(then: Part, now: Part, where: str, book: Book) -> Iterator[str]:
    states = {(copy.endpoint, copy.path): copy.state for copy in now.on_tape}
    for copy in then.on_tape:
        place = f"{where}: its copy {copy.path} at {copy.endpoint}"
        state = states.get((copy.endpoint, copy.path))
        if copy.state == ReplicaState.AVAILABLE and state != ReplicaState.AVAILABLE:
            yield f"{place} is {state or 'gone'}"
        kept = book.pieces.get((then.lfn, copy.endpoint, copy.path), frozenset())
        for piece in copy.evidence:
            if piece not in kept:
                yield f"{place}: nobody knows of the evidence of {piece.at} any more"


def _certificates(then: Part, now: Part, where: str, book: Book) -> Iterator[str]:
    gone = {entry.seal: entry for entry in now.removed if entry.state == ReplicaState.DELETED}
    for entry in then.removed:
        name = f"{where}: certificate {entry.seal[:16]}"
        if not entry.seal:
            continue
        if entry.seal not in book.seals:
            yield f"{name} is not there any more"
        elif not book.seals[entry.seal]:
            yield f"{name} is not what was sealed"
        elif entry.state == ReplicaState.DELETED:
            other = gone.get(entry.seal)
            if other is None or not _as_much(other, entry):
                yield f"{name} does not stand for the {entry.files} copies removed under it any more"


def _as_much(now: Removed, then: Removed) -> bool:
    enough = all(getattr(now, name) >= getattr(then, name) for name in ("files", "size", "named"))
    return enough and now.written_off == then.written_off


def _unlike(then: object, now: object, names: tuple[str, ...], where: str) -> Iterator[str]:
    for name in names:
        old, new = getattr(then, name), getattr(now, name)
        if old != new:
            yield f"{where}: {name.replace('_', ' ')} was {_told(old)}, now it is {_told(new)}"


def _told(value: object) -> str:
    return "unknown" if value is None else str(value) or "nothing"
