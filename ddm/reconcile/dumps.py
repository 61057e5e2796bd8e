"""Lists of a storage, read by the engine into a part of a scan: a Parquet file of places.

A part has a row for every line of the list that is not a directory or a comment: ``path`` (at the endpoint, the
prefix taken off), ``size``, ``adler32`` (a number; NULL: not said), and ``problem``: NULL; ``outside``, not below
the prefix; ``garbled``, nobody can tell which file it speaks of; or a sentence of why what it says cannot be
taken. ``said`` is the line, where there is a problem. What a line means is what ``ddm.sources`` reads in it, one
by one; tests hold the two together. A format that is not known here is read by ``ddm.sources``.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from catalog.errors import BadInput
from ddm.reconcile.engine import Engine, text
from ddm.reconcile.textscreen import CUT, screened
from ddm.sources import formats
from ddm.sources.lines import MAX_LINE, blocks, lines, opened
from ddm.sources.rows import Refused
from ddm.sources.tables import DELIMITERS

OUTSIDE, GARBLED = "outside", "garbled"
_SHOWN = 300  # characters of a line with a problem that are kept


@dataclass(frozen=True, slots=True)
class Counted:
    """What a list held: ``lines`` that speak of files, of which ``outside``, ``named`` and ``garbled`` have a
    problem (see ``verdicts.Reading``); ``examples`` of them, each with its line."""

    lines: int
    outside: int
    named: int
    garbled: int
    examples: tuple[tuple[str, str], ...]


def part(
    engine: Engine, path: Path, to: Path, *, prefix: str = "/", format_: str = "", name: str = ""
) -> Counted:
    """Read the list into ``to``, a Parquet file that is not there yet. ``prefix`` ends with a slash.

    Raises BadInput for a list that cannot be read at all, or of no format that is known.
    """
    name = name or str(path)
    format_ = format_ or formats.guess(path, name)
    scratch = engine.directory / f"{to.name}.text"
    try:
        reader = _NATIVE.get(format_, _by_rows)
        with engine.refusing(name):
            _write(engine, reader(engine, path, name, scratch, format_), to, prefix)
    finally:
        scratch.unlink(missing_ok=True)
    return counted(engine, to)


def counted(engine: Engine, part: Path) -> Counted:
    """What a part holds."""
    source = f"read_parquet({text(str(part))})"
    all_, outside, garbled, problems = engine.one(
        f"SELECT count(*), count(*) FILTER (problem = '{OUTSIDE}'), count(*) FILTER (problem = '{GARBLED}'), "
        f"count(problem) FROM {source}"
    )
    examples = engine.rows(
        f"SELECT DISTINCT problem, said FROM {source} WHERE problem IS NOT NULL ORDER BY ALL LIMIT 5"
    )
    return Counted(all_, outside, problems - outside - garbled, garbled, tuple(examples))


def _write(engine: Engine, rows: str, to: Path, prefix: str) -> None:
    """``rows``: a question for (path, size, sum as texts, problem, said); empty texts are not said.

    Expressions, not ``trim`` with characters, say what is a number: that takes a third of the time.
    """
    root = prefix.rstrip("/")
    digits = "regexp_full_match(size, '[0-9]{1,19}')"
    hexadecimal = "regexp_full_match(sum, '[0-9a-fA-F]{8}')"
    engine.do(
        f"""COPY (
        WITH given AS (SELECT path, nullif(size::VARCHAR, '') AS size, nullif(sum::VARCHAR, '') AS sum,
            problem::VARCHAR AS problem, said FROM ({rows})),
        placed AS (SELECT
            CASE WHEN starts_with(path, {text(root + "/")}) THEN substr(path, {len(root) + 1}) END AS below,
            CASE WHEN {digits} THEN try_cast(size AS BIGINT) END AS bytes,
            CASE WHEN {hexadecimal} THEN cast('0x' || sum AS UBIGINT) END AS adler32, * FROM given),
        single AS (SELECT
            CASE WHEN contains(below, '//') THEN '/' || ltrim(below, '/') ELSE below END AS place, * FROM placed),
        judged AS (SELECT place, bytes, adler32, said, coalesce(
            CASE WHEN place <> '/' THEN NULL
                 WHEN starts_with(path, '/') OR contains(path, '://') THEN '{OUTSIDE}' ELSE '{GARBLED}' END,
            problem,
            CASE WHEN size IS NOT NULL AND bytes IS NULL THEN 'size: a number of 0 or more is expected' END,
            CASE WHEN sum IS NOT NULL AND adler32 IS NULL
                 THEN 'adler32: eight hexadecimal digits are expected; a zero may be lost' END) AS problem FROM single)
        SELECT CASE WHEN problem IS NULL OR problem NOT IN ('{OUTSIDE}', '{GARBLED}') THEN place END AS path,
            bytes AS size, adler32, problem,
            CASE WHEN problem IS NOT NULL THEN left(said, {_SHOWN}) END AS said FROM judged
        ) TO {text(str(to))} (FORMAT parquet, COMPRESSION zstd)"""
    )


# ------------------------------------------------------------------------------------- formats of lines
Reader = Callable[[Engine, Path, str, Path, str], str]


def _lines(source: Path, skip: int = 0) -> str:
    """The lines of a safe text, as a question for (line); one that is too long is taken for garbled."""
    return (
        "SELECT CASE WHEN ends_with(line, chr(13)) THEN left(line, -1) ELSE line END AS line FROM "
        f"read_csv({text(str(source))}, columns = {{'line': 'VARCHAR'}}, "
        f"delim = {text(CUT)}, quote = '', escape = '', comment = '', header = false, auto_detect = false, "
        f"skip = {skip}, strict_mode = false, new_line = '\\n', max_line_size = {MAX_LINE * 4})"
    )


_XRDFS = (
    r"^-(?:[r-][w-][x-]){1,3}"
    r"(?: [0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2} +([0-9]{1,19}) "
    r"| +[^\s]+ +[^\s]+ +([0-9]{1,19})(?: +([^ ]+))? [0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2} )"
    r"((?:[a-z]+:/)?/.*)$"
)


def _of_lines(question: str, *, nul: bool = False) -> Reader:
    def read(engine: Engine, path: Path, name: str, scratch: Path, format_: str) -> str:
        ends_with_nul = nul and _has_nul(path)
        source = screened(path, name, scratch, nul=ends_with_nul)
        return f"WITH lines AS ({_lines(source)}) {question}"

    return read


def _has_nul(path: Path) -> bool:
    with opened(path) as stream:
        return b"\0" in stream.read(formats.HEAD)


_NAMES = """SELECT line AS path, NULL AS size, NULL AS sum, NULL AS problem, line AS said
    FROM lines WHERE line <> '' AND NOT starts_with(line, '#')"""

_FIND = r"""SELECT regexp_extract(line, '^[^ ]+ (/.*)$', 1, 's') AS path, regexp_extract(line, '^([^ ]*) /', 1) AS size,
    NULL AS sum, NULL AS problem, line AS said FROM lines WHERE line <> ''"""

_XRDFS_LINES = f"""SELECT coalesce(nullif(g.path, ''), regexp_extract(line, ' ((?:root:/)?/.*)$', 1)) AS path,
    coalesce(nullif(g.old, ''), g.size) AS size,
    CASE WHEN regexp_full_match(g.sum, '(adler32:)?[0-9a-fA-F]{{8}}') THEN right(g.sum, 8) END AS sum,
    CASE WHEN g.path = '' THEN 'not a line of xrdfs HOST ls -l -R DIR' END AS problem, line AS said
    FROM (SELECT line, regexp_extract(line, {text(_XRDFS)}, ['old', 'size', 'sum', 'path'], 's') AS g FROM lines
    WHERE line <> '' AND NOT starts_with(line, 'd'))"""


def _csv(engine: Engine, path: Path, name: str, scratch: Path, format_: str) -> str:
    """CSV whose header names the columns: path (or pfn, lfn, name), size, adler32; others are not looked at."""
    if _has_quotes(path, name):
        return _by_rows(engine, path, name, scratch, format_)
    with opened(path) as stream:
        header = next(lines(stream, name), "")
    delimiter = max(DELIMITERS, key=header.count)
    names = [one.strip().lower() for one in header.rstrip("\r").split(delimiter)]
    place = next((one for one in ("path", "pfn", "lfn", "name") if one in names), None)
    if place is None:
        raise BadInput(
            "the header lacks path and lfn; 'path,size,adler32' is a good one", subject=f"{name}:1"
        )
    if len(set(names)) != len(names):
        raise BadInput("more than one column has the same name", subject=f"{name}:1")

    def column(*wanted: str) -> str:
        found = [f"w[{names.index(one) + 1}]" for one in wanted if one in names]
        return found[0] if found else "NULL"

    checksum = column("adler32", "checksum")
    if checksum != "NULL":
        checksum = f"CASE WHEN strlen({checksum}) = 8 THEN {checksum} ELSE regexp_replace({checksum}, '(?i)^adler32:', '') END"
    wrong = f"CASE WHEN len(w) <> {len(names)} THEN 'another number of columns than the header has' END"
    return f"""WITH lines AS ({_lines(screened(path, name, scratch), skip=1)})
        SELECT {column(place)} AS path, {column("size")} AS size, {checksum} AS sum,
        {wrong} AS problem, line AS said
        FROM (SELECT line, string_split(line, {text(delimiter)}) AS w FROM lines WHERE line <> '')"""


def _has_quotes(path: Path, name: str) -> bool:
    with opened(path) as stream:
        return any(b'"' in piece for piece in blocks(stream, name, 1 << 22))


# ------------------------------------------------------------------------------------------- other formats
def _by_rows(engine: Engine, path: Path, name: str, scratch: Path, format_: str) -> str:
    """Read one by one by ``ddm.sources``, and written as a table that the engine reads."""
    with open(scratch, "x", newline="", encoding="utf-8", errors="backslashreplace") as table:
        writer = csv.writer(table, delimiter="\t", quoting=csv.QUOTE_ALL)
        writer.writerows(_plain(path, name, format_))
    columns = ", ".join(f"'{one}': 'VARCHAR'" for one in ("path", "size", "sum", "problem", "said"))
    return f"""SELECT nullif(path, '') AS path, size, sum, nullif(problem, '') AS problem, said
        FROM read_csv({text(str(scratch))}, columns = {{{columns}}}, delim = '\t', quote = '"', escape = '"',
        header = false, auto_detect = false, max_line_size = {MAX_LINE * 8})"""


def _plain(path: Path, name: str, format_: str) -> Iterator[tuple[str, ...]]:
    for entry in formats.rows(path, name, format_):
        if isinstance(entry, Refused):
            yield entry.value if entry.value.startswith("/") else "", "", "", entry.why, entry.value
        else:
            size = "" if entry.size is None else str(entry.size)
            yield (
                entry.path or entry.lfn,
                size,
                "" if entry.adler32 is None else str(entry.adler32),
                "",
                entry.lfn,
            )


_NATIVE: Mapping[str, Reader] = {
    "names": _of_lines(_NAMES),
    "find": _of_lines(_FIND, nul=True),
    "xrdfs": _of_lines(_XRDFS_LINES),
    "csv": _csv,
}
