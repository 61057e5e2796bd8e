"""Questions to the files of a scan."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ddm.reconcile import dumps, snapshots
from ddm.reconcile import engine as engines
from ddm.reconcile.dumps import Counted
from ddm.reconcile.engine import Engine, text
from ddm.reconcile.kinds import EXPECTED, Expected
from ddm.reconcile.scanparts import MEMORY
from ddm.reconcile.scanstore import BEFORE, parts_of


def counted(engine: Engine, where: Path) -> Counted:
    """What the parts hold: all of them, and those with a problem."""
    parts = parts_of(where)
    return dumps.counted(engine, *parts) if parts else Counted(0, 0, 0, 0, ())


def summed(engine: Engine, where: Path) -> tuple[int, int]:
    """How many places the parts hold that can be told, and their bytes."""
    files, size = engine.one(f"SELECT count(path), coalesce(sum(size), 0) FROM {_parts(where)}")
    return int(files), int(size)


def unsummed(engine: Engine, parts: Sequence[Path]) -> int:
    """How many files these parts tell no checksum of."""
    if not parts:
        return 0
    listed = ", ".join(text(str(part)) for part in parts)
    return engine.number(
        f"SELECT count(*) FROM read_parquet([{listed}]) WHERE problem IS NULL AND adler32 IS NULL"
    )


def a_path(engine: Engine, where: Path) -> str:
    """The first path that the parts hold, to show what they are of; empty: none."""
    return str(engine.one(f"SELECT coalesce(min(path), '') FROM {_parts(where)}")[0])


def problems(where: Path, limit: int) -> tuple[tuple[str, str], ...]:
    """Entries with a problem: what it is, and the path, or what a dump says; the first ones."""
    if not parts_of(where):
        return ()
    with engines.opened(None, MEMORY) as engine:
        rows = engine.rows(
            f"SELECT DISTINCT problem, coalesce(path, said) AS place FROM {_parts(where)} "
            f"WHERE problem IS NOT NULL ORDER BY ALL LIMIT {int(limit)}"
        )
    return tuple((problem, place or "") for problem, place in rows)


def expected(engine: Engine, where: Path, root: str) -> int:
    """How many files the catalogue expected below a root, whose bytes should have been there."""
    return engine.number(f"SELECT count(*) FROM ({_expected(where, root)})")


def found(engine: Engine, where: Path, root: str) -> int:
    """How many of those are in the parts. Names are compared by numbers: it is a fraction that is wanted."""
    return engine.number(
        f"SELECT count(*) FROM (SELECT hash(path) AS h FROM ({_expected(where, root)})) e "
        f"SEMI JOIN (SELECT hash(path) AS h FROM {_parts(where)} WHERE path IS NOT NULL) p ON e.h = p.h"
    )


def _parts(where: Path) -> str:
    return f"read_parquet([{', '.join(text(str(one)) for one in parts_of(where))}])"


def _expected(where: Path, root: str) -> str:
    there = ", ".join(text(state) for state, what in EXPECTED.items() if what is Expected.THERE)
    parts = ", ".join(text(str(one)) for one in snapshots.read(where / BEFORE).parts())
    if not parts:
        return "SELECT '' AS path WHERE FALSE"
    return f"SELECT path FROM read_parquet([{parts}]) WHERE state IN ({there}) AND starts_with(path, {text(root)})"
