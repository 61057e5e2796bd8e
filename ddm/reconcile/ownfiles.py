"""The files of a scan or a comparison by their names: those that our own records say were written there.

What records are needed to know the names goes last, so that a removal that was killed can be gone on with.
Whatever else lies in a directory is not ours, and stays.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from catalog.db.comparisons import Comparison
from catalog.db.scans import Scan
from catalog.errors import BadInput
from catalog.seam import Seam
from ddm.reconcile import findings, scanstore, snapshots, walklog
from ddm.reconcile.scanparts import SCRATCH, part, settle

MARK = "comparison.json"


@dataclass(frozen=True, slots=True)
class Own:
    """Files that are there, in the order in which they may go, and then the directories, if empty."""

    files: tuple[Path, ...]
    directories: tuple[Path, ...]
    size: int


def of_scan(where: Path, row: Scan) -> Own | str:
    """The files of a scan; or why nothing of what is there is known to be its."""
    if not where.is_dir():
        return "its directory is not there"
    if not scanstore.is_of(where, row):
        return _unmarked(where)
    try:
        parts = walklog.replay(where / scanstore.LOG).parts
        before = _of_snapshot(where / scanstore.BEFORE)
    except BadInput as error:
        return f"which files are its cannot be read: {error}"
    lists = [part(where, number) for number in range(1, max(parts, 1) + 2)]  # and one not logged yet
    names = [*_with_new(lists), *before, *_with_new([where / scanstore.LIVE])]
    names += [where / scanstore.LOG, where / scanstore.LOCK, *_with_new([where / scanstore.NAME])]
    return _there(names, (where / scanstore.BEFORE, where / SCRATCH, where))


def of_comparison(where: Path, row: Comparison) -> Own | str:
    """The same of a comparison."""
    if not where.is_dir():
        return "its directory is not there"
    try:
        ours = json.loads((where / MARK).read_text()) == _mark(row)
    except (OSError, ValueError):
        ours = False
    return _there([where / findings.FILE, where / MARK], (where,)) if ours else _unmarked(where)


def mark(where: Path, row: Comparison) -> None:
    """Say in a directory which comparison it is of."""
    (where / f"{MARK}.new").write_text(json.dumps(_mark(row)))
    settle(where / f"{MARK}.new", where / MARK)


def _mark(row: Comparison) -> dict[str, object]:
    return {"comparison": row.id, "made_at": row.made_at.isoformat(), "by": row.made_by}


def _unmarked(where: Path) -> Own | str:
    """An empty directory is one that was tidied before a kill."""
    if not any(where.iterdir()):
        return Own((), (where,), 0)
    return "nothing in its directory says that it is its own: remove it by hand"


def _of_snapshot(where: Path) -> list[Path]:
    if not where.is_dir():
        return []
    try:
        blocks = snapshots.read(where).digests
    except BadInput:
        if any(where.iterdir()):
            raise
        return []
    chunks = sorted({block // snapshots.CHUNK for block in blocks})
    return [*(where / snapshots.part_name(chunk) for chunk in chunks), where / snapshots.MANIFEST]


def _with_new(paths: Iterable[Path]) -> Iterator[Path]:
    """Each with its name before it was whole."""
    for path in paths:
        yield path.with_suffix(".new") if path.suffix == ".parquet" else path.with_name(f"{path.name}.new")
        yield path


def _there(names: Iterable[Path], directories: tuple[Path, ...]) -> Own:
    found = [path for path in names if path.is_file() and not path.is_symlink()]
    return Own(tuple(found), directories, sum(path.lstat().st_size for path in found))


def remove(own: Own, seam: Seam) -> int:
    """Remove them; gives how many entries of others are left in the last directory. May be repeated."""
    for path in own.files:
        with seam.crossing("list removed"):
            path.unlink(missing_ok=True)
    for directory in own.directories:
        with suppress(OSError):  # not empty: something there is not ours
            directory.rmdir()
    last = own.directories[-1]
    return sum(1 for _ in last.iterdir()) if last.is_dir() else 0
