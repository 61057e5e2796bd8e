"""The statement of a period for people. Pure: a statement in, blocks out, which ``ddm.pages`` writes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from catalog.statement.paper import Statement
from catalog.statement.values import OnTape, Part, Product, Run
from catalog.statement.verdicts import Verdict, counts, settled_at
from catalog.units import human_size
from ddm.pages import FORMS, Block, Grid, Heading, Name

WORDS: Mapping[Verdict, str] = {
    Verdict.ARCHIVED: "verified and archived",
    Verdict.EXCUSED: "verified and archived, with gaps or waivers",
    Verdict.OPEN: "OPEN",
}


def blocks(statement: Statement, seal: str) -> Iterator[Block]:
    """The statement in the order in which it is read."""
    facts = statement.facts
    yield Heading(f"End-of-campaign statement: {facts.period}", 1)
    yield Grid(
        ("", ""),
        (
            ("verdict", _verdict(statement)),
            ("tasks", ", ".join(facts.tasks)),
            ("made", f"{_time(facts.made_at)} UTC by {facts.made_by}"),
            ("catalogue", facts.catalogue),
            ("seal", seal),
        ),
    )
    yield from facts.remarks
    yield from _totals(statement)
    yield from _open(statement)
    yield from _gaps(statement)
    yield from _waivers(statement)
    yield from _runs(statement)
    yield from _files(statement)
    yield from _removals(statement)
    yield Heading("Approved")
    yield Grid(("name", "date", "signature"), ((" ", " ", " "), (" ", " ", " ")))


def _verdict(statement: Statement) -> str:
    if statement.verdict is not Verdict.OPEN:
        return f"COMPLETE: every run is {WORDS[statement.verdict]}"
    kinds = ", ".join(f"{n} {kind}" for kind, n in counts(statement.judged).items() if n)
    return f"OPEN: {statement.totals.open} of {statement.totals.runs} runs ({kinds or 'no run'})"


def _totals(statement: Statement) -> Iterator[Block]:
    sums = statement.totals
    yield Heading("Totals")
    yield Grid(
        ("runs", "archived", "excused", "open", "chunks", "size", "events", "gaps", "lost", "waivers"),
        (
            (
                sums.runs, sums.archived, sums.excused, sums.open, sums.chunks, human_size(sums.size),
                sums.events, sums.gaps, sums.events_lost, sums.waivers,
            ),
        ),
    )  # fmt: skip
    yield Grid(
        ("product", "merged", "settled on tape", "size", "events", "chunk files removed", "size", "kept"),
        tuple(
            (
                one.product, one.parts, one.archived, human_size(one.size), one.events, one.removed,
                human_size(one.removed_size), one.kept,
            )
            for one in sums.products
        ),
    )  # fmt: skip


def _open(statement: Statement) -> Iterator[Block]:
    rows = [
        (judged.task, judged.run, matter.kind, matter.where or "run", matter.why, Name(matter.command))
        for judged in statement.judged
        for matter in judged.open
    ]
    if rows:
        yield Heading("Open")
        yield Grid(("task", "run", "waits for", "of", "why", "command"), tuple(rows))


def _gaps(statement: Statement) -> Iterator[Block]:
    rows = [
        (run.task, run.run, gap.chunk, gap.events, gap.reason, gap.approver, _time(gap.at), Name(gap.lfn))
        for run in statement.facts.runs
        for gap in run.gaps
    ]
    if rows:
        yield Heading("Gap register")
        columns = ("task", "run", "chunk", "events", "reason", "approved by", "at", "file")
        yield Grid(columns, tuple(rows))


def _waivers(statement: Statement) -> Iterator[Block]:
    rows = [
        (run.task, run.run, product.product, waiver.part, "; ".join(waiver.differences), waiver.reason,
         waiver.by, _time(waiver.at))
        for run, product in _products(statement)
        for waiver in product.waivers
    ]  # fmt: skip
    if rows:
        yield Heading("Waivers")
        columns = ("task", "run", "product", "part", "accepted", "reason", "by", "at")
        yield Grid(columns, tuple(rows))


def _products(statement: Statement) -> Iterator[tuple[Run, Product]]:
    for run in statement.facts.runs:
        for product in run.products:
            yield run, product


def _parts(statement: Statement) -> Iterator[tuple[Run, Product, Part]]:
    for run, product in _products(statement):
        for part in product.parts:
            yield run, product, part


def _runs(statement: Statement) -> Iterator[Block]:
    yield Heading("Runs")
    rows = [
        (run.task, run.run, WORDS[judged.verdict], run.chunks, run.processed, len(run.gaps), run.events)
        for run, judged in zip(statement.facts.runs, statement.judged, strict=True)
    ]
    columns = ("task", "run", "verdict", "chunks", "processed", "gaps", "events")
    yield Grid(columns, tuple(rows))
    yield Heading("Events", 3)
    yield Grid(
        ("task", "run", "product", "chunk files", "raw", "jobs", "files", "merged", "cross-check"),
        tuple(
            (
                run.task, run.run, product.product, product.files, product.raw, product.jobs, product.read,
                _merged(product), product.check or ("in another run" if product.parts_elsewhere else "none"),
            )
            for run, product in _products(statement)
        ),
    )  # fmt: skip


def _merged(product: Product) -> int | str | None:
    """Events in the merged files, where these are of this run alone."""
    if product.counted == "none":
        return None
    if product.parts_elsewhere or any(len(part.runs) > 1 for part in product.parts):
        return "of several runs"
    known = [part.events_out for part in product.parts]
    return None if None in known else sum(n for n in known if n is not None)


def _files(statement: Statement) -> Iterator[Block]:
    yield Heading("Merged files")
    at = datetime.fromisoformat(statement.facts.made_at)
    rows = [
        (run.run, product.product, part.part, Name(part.lfn), part.size, part.adler32,
         "; ".join(_copy(copy, part, product, at) for copy in part.on_tape) or _inside(part))
        for run, product, part in _parts(statement)
    ]  # fmt: skip
    columns = ("run", "product", "part", "file", "bytes", "adler32", "on tape, evidence")
    yield Grid(columns, tuple(rows))


def _inside(part: Part) -> str | None:
    return f"within {part.within}" if part.within else None


def _copy(copy: OnTape, part: Part, product: Product, at: datetime) -> str:
    since = settled_at(copy, part, product, at)
    place = copy.endpoint if copy.path == part.lfn else f"{copy.endpoint}:{copy.path}"
    seen = ", ".join(f"{piece.grade} {_time(piece.at)}" for piece in copy.evidence) or "no evidence"
    settled = f"settled {since:%Y-%m-%d %H:%M}" if since else "not settled"
    return f"{place} {copy.state}: {seen}; {settled}"


def _removals(statement: Statement) -> Iterator[Block]:
    rows = [
        (run.run, product.product, part.part, entry.state, entry.files, human_size(entry.size),
         _time(entry.issued_at) if entry.issued_at else None, entry.seal or None)
        for run, product, part in _parts(statement)
        for entry in part.removed
    ]  # fmt: skip
    if rows:
        yield Heading("Chunk files withdrawn and removed")
        columns = ("run", "product", "part", "state", "files", "size", "certified", "seal")
        yield Grid(columns, tuple(rows))


def _time(text: str) -> str:
    return datetime.fromisoformat(text).strftime("%Y-%m-%d %H:%M")


def page(statement: Statement, seal: str, form: str) -> str:
    """The statement in one of the FORMS."""
    return FORMS[form](list(blocks(statement, seal)), f"ddm: statement of {statement.facts.period}")
