"""Lines of a list taken apart by the engine as their parser would do it, in a quarter of the time.

The parser reads the first lines until it takes one that has a shape (``dumpshapes``). Lines of that shape are
taken apart by the engine; all others are read by the parser, whatever they are. So a list says the same in both
ways, and the stranger its lines are the longer it takes. A list without a shape is read by the parser alone.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

from catalog.errors import BadInput
from ddm.reconcile.dumpmarks import MARK
from ddm.reconcile.dumpshapes import Shape
from ddm.reconcile.engine import Engine, text
from ddm.reconcile.textscreen import CUT
from ddm.sources.lines import MAX_LINE, lines, opened

Fields = tuple[str, str, str, str, str]
"""Path, size, checksum, problem, and what is kept of the line; empty: not said."""
Parser = Callable[[Iterable[str]], Iterator[Fields]]

TAKEN = "taken"
"""The table with a row for each line: path, size and sum, or the line if it has another shape."""
_TRIED = 1000  # lines of which one must have a shape
_LONGEST = 4000  # bytes of a line of some shape: what is longer is none that a program writes every day
_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class Form:
    """How lines are read: ``parse`` takes one after the other, and what it says of one may depend on those before
    the first that it takes; ``shape``: of a line that it takes."""

    parse: Parser
    shape: Callable[[str], Shape | None]


def question(source: Path) -> str:
    """The lines of a safe text that are no marks, as a question for (line); too long a one is BadInput."""
    return (
        "SELECT CASE WHEN ends_with(line, chr(13)) THEN left(line, -1) ELSE line END AS line FROM "
        f"read_csv({text(str(source))}, columns = {{'line': 'VARCHAR'}}, "
        f"delim = {text(CUT)}, quote = '', escape = '', comment = '', header = false, auto_detect = false, "
        f"strict_mode = false, new_line = '\\n', max_line_size = {MAX_LINE * 4}) "
        f"WHERE NOT starts_with(line, {text(MARK)})"
    )


def read(engine: Engine, source: Path, name: str, form: Form, table: Path) -> str | None:
    """The files of a safe text, as a question for path, size, sum, problem and said; None if no line has a
    shape, or the parser cannot read a line alone. ``table``: a new file beside it."""
    try:
        found = _first(source, name, form)
        if found is None:
            return None
        before, count, shape = found
        _take_apart(engine, question(source), shape, name)
        others = (
            line
            for batch in engine.stream(f"SELECT line FROM {TAKEN} WHERE line IS NOT NULL", _AT_ONCE)
            for (line,) in batch
        )
        rest = tabled(table, islice(form.parse(chain(before, others)), count, None))
    except BadInput:
        table.unlink(missing_ok=True)
        return None
    return (
        f"SELECT path, size, sum, NULL::VARCHAR AS problem, path AS said FROM {TAKEN} WHERE line IS NULL "
        f"UNION ALL SELECT * FROM ({rest})"
    )


def given(source: Path, name: str) -> Iterator[str]:
    """The same lines for a parser; a mark is an empty line."""
    with opened(source) as stream:
        for line in lines(stream, name):
            yield "" if line.startswith(MARK) else line.removesuffix("\r")


def _first(source: Path, name: str, form: Form) -> tuple[list[str], int, Shape] | None:
    """The lines up to the first that the parser takes and that has a shape, how many rows they are, the shape."""
    before: list[str] = []

    def noted() -> Iterator[str]:
        for line in islice(given(source, name), _TRIED):
            before.append(line)
            yield line

    rows = []
    for row in form.parse(noted()):
        rows.append(row)
        if not row[3] and (shape := form.shape(before[-1])):
            again = [*form.parse([*before, *before])] == rows + rows  # does it say so wherever they stand?
            return (before, len(rows), shape) if again else None
    return None


def _take_apart(engine: Engine, source: str, shape: Shape, name: str) -> None:
    """The table ``TAKEN`` of the lines."""

    def column(group: str) -> str:
        return f'g."{group}"' if group in shape.groups else "NULL"

    names = ", ".join(text(group) for group in shape.groups)
    unset = ", ".join(text(one) for one in shape.unset)
    sum_ = column("sum")
    with engine.refusing(name):
        engine.do(
            f"""CREATE OR REPLACE TEMP TABLE {TAKEN} AS
            WITH parts AS (SELECT line, regexp_extract(line, {text(f"^{shape.pattern}$")}, [{names}]) AS g
                FROM ({source}) WHERE line <> ''),
            judged AS (SELECT *, {shape.must(column)} AND strlen(line) < {_LONGEST} AS same FROM parts)
            SELECT CASE WHEN NOT same THEN line END AS line, CASE WHEN same THEN {column("path")} END AS path,
                CASE WHEN same THEN {column("size")} END AS size,
                CASE WHEN same AND {sum_} NOT IN ({unset}) THEN lower({sum_}) END AS sum FROM judged"""
        )


def tabled(path: Path, rows: Iterable[Fields]) -> str:
    """Rows in a new file, as a question of the engine."""
    with open(path, "x", newline="", encoding="utf-8", errors="backslashreplace") as table:
        csv.writer(table, delimiter="\t", quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(rows)
    columns = ", ".join(f"'{one}': 'VARCHAR'" for one in ("path", "size", "sum", "problem", "said"))
    return f"""SELECT nullif(path, '') AS path, size, sum, nullif(problem, '') AS problem, said
        FROM read_csv({text(str(path))}, columns = {{{columns}}}, delim = '\t', quote = '"', escape = '"',
        header = false, auto_detect = false, new_line = '\\n', max_line_size = {MAX_LINE * 8})"""
