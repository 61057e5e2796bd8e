"""The statement of a period for people: as text, Markdown, and one HTML page that can be printed.

Pure: a statement in, blocks out, and each form renders the blocks. The HTML page needs nothing else: no
script, no font, no other file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape

from catalog.statement.paper import Statement
from catalog.statement.values import OnTape, Part, Product, Run
from catalog.statement.verdicts import Verdict, counts, settled_at
from catalog.units import human_size

WORDS: Mapping[Verdict, str] = {
    Verdict.ARCHIVED: "verified and archived",
    Verdict.EXCUSED: "verified and archived, with gaps or waivers",
    Verdict.OPEN: "OPEN",
}


@dataclass(frozen=True, slots=True)
class Heading:
    text: str
    level: int = 2


@dataclass(frozen=True, slots=True)
class Grid:
    """A table. A None is shown as ``-``."""

    columns: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]


Block = Heading | Grid | str


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
        (judged.task, judged.run, matter.kind, matter.where or "run", matter.why, matter.command)
        for judged in statement.judged
        for matter in judged.open
    ]
    if rows:
        yield Heading("Open")
        yield Grid(("task", "run", "waits for", "of", "why", "command"), tuple(rows))


def _gaps(statement: Statement) -> Iterator[Block]:
    rows = [
        (run.task, run.run, gap.chunk, gap.events, gap.reason, gap.approver, _time(gap.at), gap.lfn)
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
        (run.run, product.product, part.part, part.lfn, part.size, part.adler32,
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


# ----------------------------------------------------------------------------------------- the forms
def as_text(found: Iterable[Block]) -> str:
    """For a terminal or a plain file."""
    lines: list[str] = []
    for block in found:
        match block:
            case Heading(text, level):
                lines += ["", text, ("=" if level == 1 else "-") * len(text)]
            case Grid(columns, rows):
                lines += [*_text_rows([columns, *rows] if any(columns) else list(rows)), ""]
            case text:
                lines += [text, ""]
    return "\n".join(lines).strip() + "\n"


def _text_rows(rows: Sequence[Sequence[object]]) -> list[str]:
    told = [[_cell(cell) for cell in row] for row in rows]
    widths = [max(len(row[n]) for row in told) for n in range(len(told[0]))] if told else []
    return ["  ".join(cell.ljust(widths[n]) for n, cell in enumerate(row)).rstrip() for row in told]


def _cell(value: object) -> str:
    return "-" if value is None else " ".join(str(value).split())


def as_markdown(found: Iterable[Block]) -> str:
    """For a wiki or a repository."""
    lines: list[str] = []
    for block in found:
        match block:
            case Heading(text, level):
                lines += ["#" * level + " " + _markdown(text), ""]
            case Grid(columns, rows):
                lines += ["| " + " | ".join(columns) + " |", "|" + " --- |" * len(columns)]
                lines += ["| " + " | ".join(map(_markdown, row)) + " |" for row in rows]
                lines.append("")
            case text:
                lines += [_markdown(text), ""]
    return "\n".join(lines)


def _markdown(value: object) -> str:
    """A cell; what Markdown or HTML would take for its own is said plainly."""
    text = escape(_cell(value), quote=False)
    for sign in "\\|*_`[]#":
        text = text.replace(sign, f"\\{sign}")
    return text


_STYLE = """
body { font: 10pt/1.35 sans-serif; margin: 2em; color: #111; }
h1 { font-size: 16pt; } h2 { font-size: 12pt; margin: 1.6em 0 .4em; } h3 { font-size: 10pt; }
table { border-collapse: collapse; margin: .4em 0 1em; }
th, td { border: 1px solid #999; padding: .15em .5em; text-align: left; vertical-align: top;
  overflow-wrap: anywhere; }
th { background: #eee; } td.n { text-align: right; white-space: nowrap; }
td.open { font-weight: bold; }
@media print {
  @page { size: A4 landscape; margin: 12mm; }
  body { margin: 0; font-size: 8pt; } thead { display: table-header-group; } tr { break-inside: avoid; }
}
"""


def as_html(found: Iterable[Block], title: str) -> str:
    """One page, whole by itself, for the screen and for printing (A4, landscape)."""
    parts = [
        "<!DOCTYPE html>",
        f'<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>',
        f"<style>{_STYLE}</style></head><body>",
    ]
    for block in found:
        match block:
            case Heading(text, level):
                parts.append(f"<h{level}>{escape(text)}</h{level}>")
            case Grid(columns, rows):
                head = "".join(f"<th>{escape(name)}</th>" for name in columns)
                parts.append("<table>" + (f"<thead><tr>{head}</tr></thead>" if any(columns) else ""))
                parts += ["<tr>" + "".join(map(_html, row)) + "</tr>" for row in rows]
                parts.append("</table>")
            case text:
                parts.append(f"<p>{escape(text)}</p>")
    return "\n".join([*parts, "</body></html>"]) + "\n"


def _html(value: object) -> str:
    text = _cell(value)
    kind = ' class="n"' if isinstance(value, int) else ' class="open"' if text.startswith("OPEN") else ""
    return f"<td{kind}>{escape(text)}</td>"


FORMS: Mapping[str, Callable[[Sequence[Block], str], str]] = {
    "text": lambda found, _: as_text(found),
    "markdown": lambda found, _: as_markdown(found),
    "html": as_html,
}
"""How a statement is written for people, by the name of the form."""


def page(statement: Statement, seal: str, form: str) -> str:
    """The statement in one of the FORMS."""
    return FORMS[form](list(blocks(statement, seal)), f"ddm: statement of {statement.facts.period}")
