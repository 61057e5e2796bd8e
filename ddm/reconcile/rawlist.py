"""What a list of the raw catalogue says of places where our catalogue and a storage do not agree.

1. A file that is there, that nobody here knows and the list does, is UNREGISTERED, whatever its size:
   ``said`` tells whether the sizes agree. A file that our catalogue has, without a copy there, stays DARK.
2. Of a raw file that is missing it is told whether the list still has it. That the list does not have it is
   told only if the list is whole, and speaks of other files of its dataset.
3. A list that is not plausible, is not whole, or lacks too many raw files of datasets that it speaks of, is
   half a list, or one of other files: it explains nothing, and that is said.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from catalog.checksum import adler32_of
from catalog.db import cataloguelist
from catalog.db.cataloguelist import Scope
from catalog.db.engine import Catalog
from catalog.errors import BadInput
from ddm.reconcile import catalogues, gathering
from ddm.reconcile.engine import Engine, text
from ddm.reconcile.gathering import Gathered
from ddm.reconcile.kinds import LACKING, Kind
from ddm.reconcile.verdicts import Limits, Reading, disbelief
from ddm.sources.columns import Columns

STAMP = "raw catalogue: "
"""What the remark begins with that says which list it was."""


@dataclass(frozen=True, slots=True)
class RawList:
    """A list of the raw catalogue. ``stamp``: which one, as it is kept with a comparison; ``gather``
    brings it into a scratch file."""

    stamp: str
    gather: Callable[[Path], Gathered]


def of_file(path: Path) -> RawList:
    """A file in a format that ``file register`` reads. Raises BadInput if it cannot be opened."""
    try:
        with open(path, "rb") as stream:
            size, adler32 = adler32_of(stream)
        written = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except OSError as error:
        raise BadInput(error.strerror or str(error), subject=str(path)) from None
    shown = ascii(str(path.resolve()))[1:-1]
    stamp = f"{STAMP}{shown}, {size} bytes, adler32 {adler32}, written {written:%F %T} UTC"

    def gather(scratch: Path) -> Gathered:
        return gathering.of_list(
            path, scratch, form=None, columns=Columns(), at=None, advance=lambda entries: None
        )

    return RawList(stamp, gather)


def tell(engine: Engine, catalog: Catalog, raw: RawList, limits: Limits) -> str:
    """Have the list say what it knows of the rows of ``place``; gives a sentence of what came of it."""
    try:
        gathered = raw.gather(engine.directory / "raw.tsv")
        with engine.refusing("the list"):
            catalogues.theirs(engine, gathered.parts, "raw_told")
    except BadInput as error:
        return _nothing(str(error))
    reading = gathered.reading
    doubts = [*disbelief(reading, reading.begun, catalog.clock.now(), limits)]
    if not reading.whole:
        doubts.append("it is cut off")
    if not doubts:
        ours = engine.directory / "ours.tsv"
        with catalog.read() as conn, open(ours, "xb") as to:
            cataloguelist.export(conn, Scope(raw=True), to)
        join(engine, ours, reading, limits)
        doubts = lacking(engine, limits)
    if doubts:
        return _nothing("; ".join(doubts))
    unregistered, listed = mark(engine, reading)
    return (
        f"the raw catalogue has {reading.lines} files: {unregistered} places are not registered here, "
        f"{listed} missing files are still listed"
    )


def _nothing(why: str) -> str:
    return f"the raw catalogue explains nothing: {' '.join(why.split())}"


# ----------------------------------------------------------------------------------------- in the engine
def join(engine: Engine, ours: Path, reading: Reading, limits: Limits) -> None:
    """Tables of what the list says (view ``raw_told``) beside ``place`` and a text of ``cataloguelist``.

    ``raw_here``: what it says of a name that a place has; ``raw_ours``: our raw files, ``listed`` or not,
    ``old``: registered before the list was made; ``raw_dataset``: how many of them are not in it.
    """
    name = "{0}"
    if catalogues.are_base_names(engine, "raw_told"):
        name = "regexp_extract({0}, '[^/]*$')"
    engine.do(
        f"""CREATE TABLE raw_asked AS SELECT n, CASE WHEN present THEN {name.format("path")}
        ELSE {name.format("coalesce(lfn, path)")} END AS key FROM place
        WHERE (kind = {text(Kind.DARK)} AND present) OR (kind IN ({_of_lacking()}) AND expected AND NOT present)"""
    )
    engine.do(
        f"""CREATE TABLE raw_here AS SELECT key, bool_or(problem IS NOT NULL) AS refused, min(size) AS size,
        min(adler32) AS adler32, coalesce(max(size) > min(size) OR max(adler32) > min(adler32), FALSE) AS unlike
        FROM (SELECT {name.format("name")} AS key, size, adler32, problem FROM raw_told WHERE name <> '')
        WHERE key IN (SELECT key FROM raw_asked) GROUP BY key"""
    )
    catalogues.read_ours(engine, ours, "raw_every")
    recent = text((reading.begun - limits.margin).isoformat(timespec="seconds")[:19])
    engine.do(
        f"""CREATE TABLE raw_dataset AS SELECT dataset, count(*) AS files, count(*) FILTER (NOT listed) AS missed FROM (
        SELECT dataset, {name.format("lfn")} IN (SELECT {name.format("name")} FROM raw_told WHERE name <> '') AS listed
        FROM raw_every WHERE replaced = 0 AND since < {recent}) GROUP BY ALL HAVING count(*) FILTER (listed) > 0"""
    )
    engine.do(
        f"""CREATE TABLE raw_ours AS SELECT {name.format("lfn")} AS key, bool_and(since < {recent}) AND bool_and(dataset IN (SELECT dataset FROM raw_dataset)) AS spoken
        FROM raw_every WHERE {name.format("lfn")} IN (SELECT key FROM raw_asked) GROUP BY ALL"""
    )


def lacking(engine: Engine, limits: Limits) -> list[str]:
    """Why the list is not believed beside our raw files; empty if it is."""
    files, missed = engine.one("SELECT coalesce(sum(files), 0), coalesce(sum(missed), 0) FROM raw_dataset")
    if missed <= max(limits.few, limits.brake * int(files)):
        return []
    many = f"{missed} of {files} raw files of its datasets are not in it, more than {limits.brake:.1%}"
    return [f"{many}: it is half a list, or one of other files"]


def mark(engine: Engine, reading: Reading) -> tuple[int, int]:
    """Change kind and words of the rows of ``place``; gives how many are UNREGISTERED, and how many that are
    missing are still listed."""
    seen, known = "p.seen_{0}", "p.{0}"
    there = f"""CASE WHEN h.refused THEN 'what the raw catalogue says of it cannot be read'
        WHEN o.key IS NOT NULL THEN 'the raw catalogue has it ' || {_agree(seen)} || ', and so has ours, without a copy here'
        ELSE 'the raw catalogue has it ' || {_agree(seen)} END"""
    gone = "'the raw catalogue does not list it'" if not reading.garbled else "NULL"
    absent = f"""CASE WHEN h.refused THEN 'what the raw catalogue says of it cannot be read'
        WHEN h.key IS NOT NULL THEN 'the raw catalogue still lists it ' || {_agree(known)}
        WHEN o.spoken THEN {gone} END"""
    engine.do(
        f"""CREATE TABLE raw_said AS SELECT p.n, p.present AND NOT h.refused AND o.key IS NULL AS unregistered,
        NOT p.present AND h.key IS NOT NULL AND NOT h.refused AS listed,
        CASE WHEN NOT p.present THEN {absent} WHEN h.key IS NOT NULL THEN {there} END AS said
        FROM place p JOIN raw_asked a ON a.n = p.n LEFT JOIN raw_here h ON h.key = a.key LEFT JOIN raw_ours o ON o.key = a.key"""
    )
    engine.do(
        f"""UPDATE place SET said = concat_ws('; ', place.said, r.said),
        kind = CASE WHEN r.unregistered THEN {text(Kind.UNREGISTERED)} ELSE place.kind END
        FROM raw_said r WHERE r.n = place.n AND r.said IS NOT NULL"""
    )
    unregistered, listed = engine.one(
        "SELECT count(*) FILTER (unregistered), count(*) FILTER (listed) FROM raw_said"
    )
    return int(unregistered), int(listed)


def _agree(value: str) -> str:
    """How the sizes and checksums agree, in words. ``value``: where ours is found."""
    size, adler32 = value.format("size"), value.format("adler32")
    return f"""CASE WHEN h.unlike THEN 'several times, with other values'
        WHEN h.size IS NOT NULL AND {size} IS NOT NULL AND h.size <> {size} THEN 'with ' || h.size || ' bytes, not ' || {size}
        WHEN h.adler32 IS NOT NULL AND {adler32} IS NOT NULL AND h.adler32 <> {adler32} THEN 'with another adler32'
        WHEN h.size IS NULL OR {size} IS NULL THEN 'with no size to compare'
        WHEN h.adler32 IS NULL OR {adler32} IS NULL THEN 'with the same size'
        ELSE 'with the same size and adler32' END"""


def _of_lacking() -> str:
    return ", ".join(text(kind) for kind in sorted(LACKING))
