"""Pages for people: headings, sentences and tables, written as text, Markdown or one HTML page.

What is to be said is blocks; each form renders them. The HTML page needs nothing else: no script, no font,
no other file, no network. It is light or dark as its reader is, and can be printed. Every text goes through
``_cell`` and, in HTML, ``escape``: names of files may hold anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape as _escape
from itertools import groupby

from catalog.units import human_size
from ddm.shown import one_line


class Size(int):
    """Bytes, shown with a unit."""


class Name(str):
    """A name of a file or a command: shown as it is, spaces and all."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Spark:
    """A little curve of numbers in time; None where there is none. ``zero``: it is drawn above zero, else
    between its least and its largest number. ``text``: what it says to who cannot see it."""

    values: tuple[int | None, ...]
    text: str
    zero: bool = True

    def heights(self) -> list[float | None]:
        """From 0 to 1."""
        known = [value for value in self.values if value is not None]
        low = 0 if self.zero or not known else min(known)
        span = max(known, default=0) - low
        return [None if value is None else (value - low) / span if span else 0.0 for value in self.values]


@dataclass(frozen=True, slots=True)
class Heading:
    text: str
    level: int = 2


@dataclass(frozen=True, slots=True)
class Grid:
    """A table; None is shown as ``-``. Without names of columns, a row is the name of a fact and the fact."""

    columns: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]


Block = Heading | Grid | str


def _cell(value: object) -> str:
    match value:
        case None:
            return "-"
        case Size():
            return human_size(value)
        case Name():
            return one_line(value)
        case Spark():
            return _bars(value)
    return one_line(" ".join(str(value).split()))


def _right(grid: Grid) -> list[bool]:
    """Whether a column holds numbers only, and stands right."""
    columns = zip(*grid.rows, strict=True) if grid.rows else ((),) * len(grid.columns)
    kinds = [{type(value) for value in column if value is not None} for column in columns]
    return [bool(found) and found <= {int, float, Size} for found in kinds]


# ------------------------------------------------------------------------------------------------- text
_HEIGHTS = "▁▂▃▄▅▆▇█"


def _bars(spark: Spark) -> str:
    return "".join("·" if height is None else _HEIGHTS[round(height * 7)] for height in spark.heights())


def as_text(found: Iterable[Block]) -> str:
    """For a terminal or a plain file."""
    lines: list[str] = []
    for block in found:
        match block:
            case Heading(text, level):
                shown = _cell(text)
                lines += ["", shown, ("=" if level == 1 else "-") * len(shown)]
            case Grid():
                lines += [*_text_rows(block), ""]
            case text:
                lines += [_cell(text), ""]
    return "\n".join(lines).strip() + "\n"


WIDE = 120
"""Characters of a line of text. In a table that is wider, the widest columns come below each row."""


def _text_rows(grid: Grid) -> Iterator[str]:
    named = any(grid.columns)
    told = [[_cell(cell) for cell in row] for row in ([grid.columns] if named else []) + list(grid.rows)]
    widths = [max(map(len, column)) for column in zip(*told, strict=True)]
    right = _right(grid)
    below = _below(widths) if named else set()
    for number, row in enumerate(told):
        cells = [
            cell.rjust(widths[n]) if right[n] else cell.ljust(widths[n])
            for n, cell in enumerate(row)
            if n not in below
        ]
        yield "  ".join(cells).rstrip()
        if number:
            yield from (f"    {grid.columns[n]}: {row[n]}" for n in sorted(below) if row[n] != "-")


def _below(widths: Sequence[int]) -> set[int]:
    """The columns without which the others fit on a line, the widest first; one always stays."""
    stay = sorted(range(len(widths)), key=lambda n: (widths[n], n))
    while len(stay) > 1 and sum(widths[n] + 2 for n in stay) - 2 > WIDE:
        stay.pop()
    return set(range(len(widths))) - set(stay)


# --------------------------------------------------------------------------------------------- Markdown
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
    text = _escape(_cell(value), quote=False)
    for sign in "\\|*_`[]#":
        text = text.replace(sign, f"\\{sign}")
    return text


# ------------------------------------------------------------------------------------------------- HTML
_STYLE = """
:root { color-scheme: light dark; --ink: #111; --paper: #fff; --line: #999; --head: #eee;
  --curve: #0b5cad; --fill: #0b5cad22; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8e8e8; --paper: #15171a;
  --line: #5a6068; --head: #262a30; --curve: #7ab8ff; --fill: #7ab8ff2e; } }
body { font: 10pt/1.4 system-ui, sans-serif; margin: 1.5em auto; padding: 0 1.5em; max-width: 90em;
  color: var(--ink); background: var(--paper); }
h1 { font-size: 16pt; } h2 { font-size: 12pt; margin: 1.8em 0 .4em; } h3 { font-size: 10pt; }
p { max-width: 60em; overflow-wrap: anywhere; }
.grid { overflow-x: auto; } .grid:focus-visible { outline: 2px solid var(--curve); }
table { border-collapse: collapse; margin: .4em 0 1em; }
th, td { border: 1px solid var(--line); padding: .2em .55em; text-align: left; vertical-align: top;
  unicode-bidi: isolate; }
td { overflow-wrap: break-word; } th { background: var(--head); }
code { font: .95em ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
td code { display: inline-block; min-width: min(24em, 60vw); }
td.n { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
td.open { font-weight: bold; }
td:empty { height: 2.5em; min-width: 14em; }
svg { display: block; width: 9em; height: 2em; overflow: visible; }
svg path { fill: none; stroke: var(--curve); stroke-width: 1.5; vector-effect: non-scaling-stroke;
  stroke-linejoin: round; stroke-linecap: round; }
svg .under { fill: var(--fill); stroke: none; }
@media (max-width: 40em) { body { padding: 0 .7em; margin: .7em 0; } th, td { padding: .15em .3em; } }
@media print {
  @page { size: A4 landscape; margin: 12mm; }
  :root { --ink: #111; --paper: #fff; --line: #999; --head: #eee; --curve: #0b5cad; }
  body { margin: 0; padding: 0; max-width: none; font-size: 8pt; }
  .grid { overflow: visible; } td code { display: inline; min-width: 0; }
  h2, h3 { break-after: avoid; } thead { display: table-header-group; } tr { break-inside: avoid; }
}
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def escape(text: str) -> str:
    """The text as content or attribute of a page."""
    return _escape(one_line(text), quote=True)


def as_html(found: Iterable[Block], title: str) -> str:
    """One page, whole by itself, for the screen and for printing (A4, landscape)."""
    parts = [
        "<!DOCTYPE html>",
        f'<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>',
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<style>{_STYLE}</style></head><body><main>",
    ]
    under = title
    for block in found:
        match block:
            case Heading(text, level):
                under = text
                parts.append(f"<h{level}>{escape(text)}</h{level}>")
            case Grid():
                parts += _html_grid(block, under)
            case text:
                parts.append(f"<p>{_html_text(text)}</p>")
    return "\n".join([*parts, "</main></body></html>"]) + "\n"


def _html_grid(grid: Grid, under: str) -> Iterator[str]:
    """The table, which scrolls by itself where it is too wide, and is called as the heading above it."""
    yield f'<div class="grid" tabindex="0" role="region" aria-label="{escape(under)}"><table>'
    named, right = any(grid.columns), _right(grid)
    if named:
        head = "".join(f'<th scope="col">{escape(name)}</th>' for name in grid.columns)
        yield f"<thead><tr>{head}</tr></thead>"
    yield "<tbody>"
    for row in grid.rows:
        cells = [_html_cell(value, flush) for value, flush in zip(row, right, strict=True)]
        if not named:
            cells[0] = f'<th scope="row">{_html_text(row[0])}</th>'
        yield f"<tr>{''.join(cells)}</tr>"
    yield "</tbody></table></div>"


def _html_cell(value: object, right: bool) -> str:
    kind = ' class="n"' if right else ' class="open"' if str(value).startswith("OPEN") else ""
    return f"<td{kind}>{_html_text(value)}</td>"


def _html_text(value: object) -> str:
    if isinstance(value, Spark):
        return _svg(value)
    text = escape(_cell(value))
    return f"<code>{text}</code>" if isinstance(value, Name) else text


def _svg(spark: Spark) -> str:
    """The curve, and where a number is missing a gap in it. One number alone is a dot."""
    heights = spark.heights()
    step = 100 / max(len(heights) - 1, 1)
    curves = []
    for missing, piece in groupby(enumerate(heights), key=lambda one: one[1] is None):
        if not missing:
            points = [f"{at * step:.1f} {19 - 18 * (height or 0):.1f}" for at, height in piece]
            curve = " L".join(points) if len(points) > 1 else f"{points[0]} h.01"
            if len(points) > 1:
                left, right = points[0].split()[0], points[-1].split()[0]
                curves.append(f'<path class="under" d="M{left} 20 L{curve} L{right} 20 Z"/>')
            curves.append(f'<path d="M{curve}"/>')
    label = escape(spark.text)
    return (
        f'<svg viewBox="0 0 100 20" preserveAspectRatio="none" role="img" aria-label="{label}">'
        f"<title>{label}</title>{''.join(curves)}</svg>"
    )


FORMS: Mapping[str, Callable[[Sequence[Block], str], str]] = {
    "text": lambda found, _: as_text(found),
    "markdown": lambda found, _: as_markdown(found),
    "html": as_html,
}
"""How blocks are written for people, by the name of the form; the second argument is the title."""

SUFFIXES: Mapping[str, str] = {".txt": "text", ".md": "markdown", ".html": "html", ".htm": "html"}
"""The form that the name of a file says."""
