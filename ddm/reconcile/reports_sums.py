"""Sums of the findings of a comparison, made by the engine: what comes out is as long as was asked for,
whether there are ten findings or ten million.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ddm.reconcile.engine import Engine, text
from ddm.reconcile.findings import COLUMNS, Finding, of_rows, source
from ddm.reconcile.kinds import DIFFERENCES, Kind
from ddm.reconcile.reports import Amount, Share, Shares
from ddm.reconcile.verdicts import Standing

DEEPEST = 40
"""Directories further down are taken as one: a name may be anything, and each level is a statement."""

_DIFFERENCES = ", ".join(text(kind) for kind in sorted(DIFFERENCES))
_KINDS = "list({'kind': kind, 'n': n} ORDER BY kind)"
_PARENT = "regexp_replace(dir, '[^/]*/$', '')"
_DEPTH = "length(dir) - length(replace(dir, '/', ''))"


@dataclass(frozen=True, slots=True)
class Sums:
    runs: Shares
    directories: Shares
    examples: tuple[Finding, ...]


def sums(engine: Engine, directory: Path, top: int, shown: int) -> Sums:
    """Of the findings in the directory of a comparison: differences by run and by directory, the ``top``
    largest of each, and ``shown`` places of each kind, the confirmed ones first, then the largest."""
    engine.do(
        f"CREATE TEMP VIEW found AS SELECT *, coalesce(seen_size, size, 0) AS bytes FROM {source(directory)}"
    )
    return Sums(_runs(engine, top), _directories(engine, top), _examples(engine, shown))


_SUMS = (
    "count(*) AS n, "
    f"count(*) FILTER (standing = {text(Standing.CONFIRMED)}) AS confirmed, CAST(sum(bytes) AS BIGINT) AS bytes"
)
_AGAIN = (
    "CAST(sum(n) AS BIGINT) AS n, CAST(sum(confirmed) AS BIGINT) AS confirmed, "
    "CAST(sum(bytes) AS BIGINT) AS bytes"
)
_SHARE = f"sum(n)::BIGINT AS places, sum(bytes)::BIGINT, sum(confirmed)::BIGINT, {_KINDS}"


# ------------------------------------------------------------------------------------------------ by run
def _runs(engine: Engine, top: int) -> Shares:
    engine.do(
        f"CREATE TEMP TABLE per_run AS SELECT run, kind, {_SUMS} FROM found WHERE kind IN ({_DIFFERENCES}) GROUP BY run, kind"
    )
    engine.do(
        "CREATE TEMP TABLE most AS SELECT run FROM per_run WHERE run IS NOT NULL GROUP BY run "
        f"ORDER BY sum(n) DESC, sum(bytes) DESC, run LIMIT {int(top)}"
    )
    named = engine.rows(
        f"SELECT NULL, run, {_SHARE} FROM per_run WHERE run IN (FROM most) GROUP BY run "
        "ORDER BY places DESC, 4 DESC, run"
    )
    groups = engine.number("SELECT count(DISTINCT run) FROM per_run")
    other = _together(engine, "run IS NOT NULL AND run NOT IN (FROM most)")
    return Shares(tuple(map(_share, named)), other, _together(engine, "run IS NULL"), groups)


def _together(engine: Engine, which: str) -> tuple[Share, ...]:
    """What is of these runs, in one; none if it is nothing."""
    engine.do(
        f"CREATE OR REPLACE TEMP TABLE together AS SELECT kind, {_AGAIN} FROM per_run WHERE {which} GROUP BY kind"
    )
    (row,) = engine.rows(f"SELECT NULL, NULL, {_SHARE} FROM together")
    return (_share(row),) if row[2] else ()


# ------------------------------------------------------------------------------------------ by directory
def _directories(engine: Engine, top: int) -> Shares:
    """A directory has a line of its own if ``1 / top`` of all differences is in it or below it, without
    those that have a line further down. So no place is counted twice, there are ``top`` lines at most, and
    a whole tree that is gone is one line, not thousands. Where no more than ``top`` directories have any
    difference, each has its line."""
    engine.do(
        "CREATE TEMP TABLE rest AS SELECT endpoint, "
        f"regexp_extract(path, '^(?:[^/]*/){{0,{DEEPEST}}}') AS dir, kind, {_SUMS} "
        f"FROM found WHERE kind IN ({_DIFFERENCES}) GROUP BY 1, 2, 3"
    )
    engine.do("CREATE TEMP TABLE lines AS SELECT * FROM rest WHERE FALSE")
    groups = engine.number("SELECT count(*) FROM (SELECT DISTINCT endpoint, dir FROM rest)")
    least = 1 if groups <= top else max(1, math.ceil(engine.number("SELECT sum(n) FROM rest") / top))
    for depth in range(engine.number(f"SELECT max({_DEPTH}) FROM rest"), 0, -1):
        _climb(engine, depth, least)
    order = "GROUP BY endpoint, dir ORDER BY places DESC, 4 DESC, endpoint, dir"
    largest = engine.rows(f"SELECT endpoint, dir, {_SHARE} FROM lines {order}")
    others = engine.rows(f"SELECT endpoint, NULL AS dir, {_SHARE} FROM rest {order}")
    return Shares(tuple(map(_share, largest)), tuple(map(_share, others)), (), groups)


def _climb(engine: Engine, depth: int, least: int) -> None:
    """Directories of this depth that have so many places become lines; others are counted in their parent."""
    engine.do(
        f"CREATE OR REPLACE TEMP TABLE heavy AS SELECT endpoint, dir FROM rest WHERE {_DEPTH} = {depth} "
        f"GROUP BY endpoint, dir HAVING sum(n) >= {least}"
    )
    mine = "(endpoint, dir) IN (SELECT (endpoint, dir) FROM heavy)"
    engine.do(f"INSERT INTO lines SELECT * FROM rest WHERE {mine}")
    engine.do(
        f"CREATE OR REPLACE TEMP TABLE rest AS SELECT endpoint, CASE WHEN {_DEPTH} = {depth} THEN {_PARENT} ELSE dir END AS dir, "
        f"kind, {_AGAIN} FROM rest WHERE NOT {mine} GROUP BY 1, 2, 3"
    )


def _share(row: tuple[Any, ...]) -> Share:
    endpoint, of, places, size, confirmed, kinds = row
    return Share(
        endpoint,
        of,
        Amount(places, size),
        confirmed,
        {Kind(one["kind"]): one["n"] for one in kinds or ()},
    )


# ---------------------------------------------------------------------------------------------- examples
def _examples(engine: Engine, shown: int) -> tuple[Finding, ...]:
    """Of each kind in its turn: the engine keeps no more than it is asked for."""
    there = [kind for (kind,) in engine.rows("SELECT DISTINCT kind FROM found ORDER BY kind")]
    first = f"ORDER BY standing = {text(Standing.CONFIRMED)} DESC, bytes DESC, endpoint, path"
    return tuple(
        one
        for kind in there
        for one in of_rows(
            engine,
            f"SELECT {', '.join(COLUMNS)} FROM found WHERE kind = {text(kind)} {first} LIMIT {int(shown)}",
        )
    )
