"""Lists of a storage, read by the engine into a part of a scan: a Parquet file of places.

A part has a row for every line of the list that is not a directory or a comment: ``path`` (at the endpoint, the
prefix taken off), ``size``, ``adler32`` (a number; NULL: not said), and ``problem``: NULL; ``outside``, not below
the prefix; ``garbled``, nobody can tell which file it speaks of; or a sentence of why what it says cannot be
taken. ``said`` is the line, where there is a problem. What a line means is what ``ddm.sources`` reads in it, one
by one; tests hold the two together. A format that is not known here is read by ``ddm.sources``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from catalog.errors import BadInput
from ddm.reconcile import dumpcsv, dumpjson, dumplines, dumpshapes
from ddm.reconcile.dumplines import Fields, Form
from ddm.reconcile.engine import Engine, text
from ddm.reconcile.textscreen import readable, screened
from ddm.sources import cta, formats, listings
from ddm.sources.lines import blocks, lines, opened
from ddm.sources.rows import Entry, Refused

OUTSIDE, GARBLED = "outside", "garbled"
RUCIO = "rucio"
"""A format that only this module knows: paths that may be relative to the prefix, a line each."""
_SHOWN = 300  # characters of a line with a problem that are kept


@dataclass(frozen=True, slots=True)
class Counted:
    """What a list held: ``lines`` that speak of files, of which ``outside``, ``named`` and ``garbled`` have a
    problem (see ``verdicts.Reading``); ``examples`` of them, each with its line; ``stray``: a line outside."""

    lines: int
    outside: int
    named: int
    garbled: int
    examples: tuple[tuple[str, str], ...]
    stray: str = ""


def part(
    engine: Engine,
    path: Path,
    to: Path,
    *,
    prefix: str = "/",
    root: str = "/",
    format_: str = "",
    name: str = "",
) -> Counted:
    """Read the list into ``to``, a Parquet file that is not there yet. ``prefix`` and ``root`` end with a
    slash; what is not below the root, a directory of the endpoint, is outside, too.

    Raises BadInput for a list that cannot be read at all, or of no format that is known.
    """
    name = name or str(path)
    format_ = format_ or formats.guess(path, name)
    scratch = engine.directory / f"{to.name}.text"
    try:
        reader = _NATIVE.get(format_, _by_rows)
        with engine.refusing(name):
            rows = reader(engine, path, name, scratch, format_)
            _write(engine, _placed(rows, prefix) if format_ == RUCIO else rows, to, prefix, root)
    finally:
        for one in (scratch, scratch.with_suffix(".table")):
            one.unlink(missing_ok=True)
        engine.do(f"DROP TABLE IF EXISTS {dumplines.TAKEN}")
    return counted(engine, to)


def counted(engine: Engine, *parts: Path) -> Counted:
    """What parts hold, one at least."""
    source = f"read_parquet([{', '.join(text(str(part)) for part in parts)}])"
    all_, outside, garbled, problems, stray = engine.one(
        f"SELECT count(*), count(*) FILTER (problem = '{OUTSIDE}'), count(*) FILTER (problem = '{GARBLED}'), "
        f"count(problem), min(said) FILTER (problem = '{OUTSIDE}') FROM {source}"
    )
    examples = engine.rows(
        f"SELECT DISTINCT problem, said FROM {source} WHERE problem IS NOT NULL ORDER BY ALL LIMIT 5"
    )
    return Counted(all_, outside, problems - outside - garbled, garbled, tuple(examples), stray or "")


def _placed(rows: str, prefix: str) -> str:
    """The rows of a list whose names may be relative to the prefix."""
    absolute = "starts_with(path, '/') OR contains(path, '://')"
    above = text(prefix.rstrip("/") + "/")
    return f"SELECT CASE WHEN {absolute} THEN path ELSE {above} || path END AS path, * EXCLUDE path FROM ({rows})"


def _write(engine: Engine, rows: str, to: Path, prefix: str, below: str) -> None:
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
            CASE WHEN place <> '/' AND NOT starts_with(place, {text(below)}) THEN '{OUTSIDE}'
                 WHEN place <> '/' THEN NULL
                 WHEN starts_with(path, '/') OR contains(path, '://') THEN '{OUTSIDE}' ELSE '{GARBLED}' END,
            problem,
            CASE WHEN size IS NOT NULL AND bytes IS NULL THEN 'size: a number of 0 or more is expected' END,
            CASE WHEN sum IS NOT NULL AND adler32 IS NULL
                 THEN 'adler32: eight hexadecimal digits are expected; a zero may be lost' END) AS problem FROM single)
        SELECT CASE WHEN problem IS NULL OR problem NOT IN ('{OUTSIDE}', '{GARBLED}') THEN place END AS path,
            bytes AS size, adler32, problem,
            CASE WHEN problem IS NOT NULL THEN left(said, {_SHOWN}) END AS said FROM judged
        ) TO {text(str(to))} (FORMAT parquet, PARQUET_VERSION V2, COMPRESSION zstd)"""
    )


# ------------------------------------------------------------------------------------- formats of lines
Reader = Callable[[Engine, Path, str, Path, str], str]


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
        return f"WITH lines AS ({dumplines.question(source)}) {question}"

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
    safe = screened(path, name, scratch)
    with opened(safe) as stream:
        found = dumpcsv.header(lines(stream, name), name)
    if _has_quotes(safe, name):
        return _by_shape(
            engine,
            safe,
            name,
            scratch,
            Form(lambda given: dumpcsv.rows(given, found), dumpshapes.csv(found)),
        )

    def column(wanted: tuple[str, ...]) -> str:
        place = found.column(wanted)
        return "NULL" if place is None else f"w[{place + 1}]"

    checksum = column(dumpcsv.SUMS)
    if checksum != "NULL":
        checksum = f"CASE WHEN strlen({checksum}) = 8 THEN {checksum} ELSE regexp_replace({checksum}, '(?i)^adler32:', '') END"
    wrong = f"CASE WHEN len(w) <> {len(found.names)} THEN {text(dumpcsv.OTHER_NUMBER)} END"
    return f"""WITH lines AS ({dumplines.question(safe)})
        SELECT {column(dumpcsv.PLACES)} AS path, {column(("size",))} AS size, {checksum} AS sum,
        {wrong} AS problem, line AS said
        FROM (SELECT line, string_split(line, {text(found.delimiter)}) AS w FROM lines WHERE line NOT IN ('', {text(found.line)}))"""


def _has_quotes(path: Path, name: str) -> bool:
    with opened(path) as stream:
        return any(b'"' in piece for piece in blocks(stream, name, 1 << 22))


# ---------------------------------------------------------------------- formats that have a parser of lines
def _of_shapes(form: Form) -> Reader:
    def read(engine: Engine, path: Path, name: str, scratch: Path, format_: str) -> str:
        return _by_shape(engine, screened(path, name, scratch), name, scratch, form)

    return read


def _by_shape(engine: Engine, safe: Path, name: str, scratch: Path, form: Form) -> str:
    table = scratch.with_suffix(".table")
    found = dumplines.read(engine, safe, name, form, table)
    if found is None:
        found = dumplines.tabled(table, form.parse(dumplines.given(safe, name)))
    return found


def _cta(engine: Engine, path: Path, name: str, scratch: Path, format_: str) -> str:
    """Objects one after the other; of those in one line, each is given its own first."""
    safe = screened(path, name, scratch, begin=_first_key(path))
    table = scratch.with_suffix(".table")
    found = dumplines.read(engine, safe, name, Form(_objects, dumpshapes.cta), table)
    if found is None:
        found = dumplines.tabled(table, _plain(formats.rows(safe, name, format_), readable))
    once = f"SELECT DISTINCT path, size, sum, problem, CASE WHEN problem <> '' THEN said END AS said FROM ({found})"
    return (
        f"SELECT * REPLACE (coalesce(said, path) AS said) FROM ({once})"  # a line was for each copy on tape
    )


def _objects(given: Iterable[str]) -> Iterator[Fields]:
    """Of each line the objects in it. Raises BadInput if one is not whole."""
    for line in given:
        yield from _plain(cta.cta(BytesIO(line.encode()), ""), readable)


def _first_key(path: Path) -> bytes:
    """With what each object begins; nothing if they begin lines as well."""
    with opened(path) as stream:
        head = stream.read(formats.HEAD)
    found = re.search(rb'\{"[^"\\]+":', head)
    together = found and re.search(rb"[},][ \t]*" + re.escape(found[0]), head)
    return found[0] if found and together else b""


# ------------------------------------------------------------------------------------------- other formats
def _by_rows(engine: Engine, path: Path, name: str, scratch: Path, format_: str) -> str:
    """Read one by one by ``ddm.sources``."""
    rows = _plain(formats.rows(screened(path, name, scratch), name, format_))
    return dumplines.tabled(scratch.with_suffix(".table"), rows)


def _plain(entries: Iterable[Entry], written: Callable[[str], str] = str) -> Iterator[Fields]:
    """``written``: how names are, unless the screening of the text has seen to it."""
    for entry in entries:
        if isinstance(entry, Refused):
            value = written(entry.value)
            yield value if value.startswith("/") else "", "", "", entry.why, value
        else:
            size = "" if entry.size is None else str(entry.size)
            sum_ = "" if entry.adler32 is None else str(entry.adler32)
            yield written(entry.path or entry.lfn), size, sum_, "", entry.lfn


def _parquet(engine: Engine, path: Path, name: str, scratch: Path, format_: str) -> str:
    """Parquet with columns as for CSV, in any case; a checksum is text."""
    source = f"read_parquet({text(str(path))})"
    columns = {
        column.lower(): (column, kind) for column, kind, *_ in engine.rows(f"DESCRIBE SELECT * FROM {source}")
    }

    def column(*wanted: str) -> str:
        found = [columns[one] for one in wanted if one in columns]
        if not found:
            return "NULL"
        quoted = '"' + found[0][0].replace('"', '""') + '"'
        if found[0][1] in ("DOUBLE", "FLOAT"):  # a whole number that nothing of was lost
            whole = f"{quoted} = trunc({quoted}) AND abs({quoted}) < {1 << 53}"
            return f"CASE WHEN {whole} THEN cast(cast({quoted} AS BIGINT) AS VARCHAR) ELSE cast({quoted} AS VARCHAR) END"
        return f"cast({quoted} AS VARCHAR)"

    place = column("path", "pfn", "lfn", "name")
    if place == "NULL":
        raise BadInput("it has no column path or lfn", subject=name)
    checksum = f"regexp_replace({column('adler32', 'checksum')}, '(?i)^adler32:', '')"
    return f"""SELECT {place} AS path, {column("size")} AS size, {checksum} AS sum, NULL AS problem, {place} AS said
        FROM {source}"""


_NATIVE: Mapping[str, Reader] = {
    "parquet": _parquet,
    RUCIO: _of_lines(_NAMES),
    "names": _of_lines(_NAMES),
    "find": _of_lines(_FIND, nul=True),
    "xrdfs": _of_lines(_XRDFS_LINES),
    "csv": _csv,
    "eos": _of_shapes(Form(lambda given: _plain(listings.eos(given, "")), dumpshapes.eos)),
    "jsonl": _of_shapes(Form(dumpjson.rows, dumpshapes.jsonl)),
    "cta": _cta,
}
