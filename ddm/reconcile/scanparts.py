"""Parts of a scan: what was listed, collected as text, and written whole as Parquet.

A part is made under another name, forced to disk and renamed; it counts only once the log of the scan says so
(``ddm.reconcile.walklog``). One that was written and not logged is written over by the next.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from ddm.reconcile import engine as engines
from ddm.reconcile.engine import Bounds, Engine, text
from ddm.reconcile.textscreen import readable
from transfers.model import NOT_TOLD, Listing

MEMORY = Bounds(memory_mb=200, threads=1)
SCRATCH = "scratch"
_COLUMNS = "{'path': 'VARCHAR', 'size': 'BIGINT', 'adler32': 'BIGINT', 'problem': 'VARCHAR'}"


@contextmanager
def scratch(directory: Path) -> Iterator[Engine]:
    """The engine, with scratch files in the directory of a scan; what a killed process left of those goes."""
    where = directory / SCRATCH
    shutil.rmtree(where, ignore_errors=True)  # nothing of it is used again by anybody
    where.mkdir()
    try:
        with engines.opened(where, MEMORY) as engine:
            yield engine
    finally:
        shutil.rmtree(where, ignore_errors=True)


def part(directory: Path, number: int) -> Path:
    """The name of a part."""
    return directory / f"part-{number:06d}.parquet"


class Parts:
    """The parts of a scan, one after the other; ``kept``: how many there are."""

    def __init__(self, engine: Engine, directory: Path, kept: int) -> None:
        self._engine, self._directory, self._kept = engine, directory, kept
        self._text = engine.directory / "listed"
        self._lines: BinaryIO = open(self._text, "wb", buffering=1 << 20)  # noqa: SIM115  closed by write
        self.rows = 0
        part(directory, kept + 1).unlink(missing_ok=True)  # it was written, and the log does not know it

    def add(self, above: str, listing: Listing) -> None:
        """What is in a directory (with its slash), all of it."""
        for line in _lines(above, listing):
            self._lines.write(line.encode())
        self.rows += len(listing.names) + len(listing.others)

    def write(self) -> int:
        """Write what came since the last time as a part; its number, 0: nothing came."""
        if not self.rows:
            return 0
        self._lines.close()
        self._kept += 1
        write_whole(self._engine, self._question(), part(self._directory, self._kept))
        self._lines, self.rows = open(self._text, "wb", buffering=1 << 20), 0  # noqa: SIM115
        return self._kept

    def close(self) -> None:
        self._lines.close()

    def _question(self) -> str:
        return f"""SELECT path, nullif(size, {NOT_TOLD}) AS size,
            cast(nullif(adler32, {NOT_TOLD}) AS UBIGINT) AS adler32,
            nullif(problem, '') AS problem, nullif(problem, '') AS said
            FROM read_csv({text(str(self._text))}, columns = {_COLUMNS},
            delim = '\t', quote = '"', escape = '"', header = false, auto_detect = false)"""


def write_whole(engine: Engine, question: str, to: Path) -> None:
    """The answer as a Parquet file that is there whole or not at all."""
    new = to.with_suffix(".new")
    new.unlink(missing_ok=True)
    engine.do(f"COPY ({question}) TO {text(str(new))} (FORMAT parquet, COMPRESSION zstd)")
    settle(new, to)


def settle(new: Path, to: Path) -> None:
    """Force a finished file to disk and give it its name."""
    with open(new, "rb") as file:
        os.fsync(file.fileno())
    os.replace(new, to)
    above = os.open(to.parent, os.O_RDONLY)
    try:
        os.fsync(above)
    finally:
        os.close(above)


def _lines(above: str, listing: Listing) -> Iterator[str]:
    """The lines of a directory's files, as one text, and of what is no file, each with why."""
    if listing.names:
        start = f'"{_quoted([above])[0]}'
        rows = zip(_quoted(listing.names), listing.sizes, listing.sums, strict=True)
        yield "".join([f'{start}{name}"\t{size}\t{value}\t\n' for name, size, value in rows])
    for name, why in listing.others.items():
        place, said = _quoted([above + name, why])
        yield f'"{place}"\t{NOT_TOLD}\t{NOT_TOLD}\t"{said}"\n'


def _quoted(names: Iterable[str]) -> list[str]:
    """The names as they stand between quotes."""
    whole = "\0".join(names)
    if whole.replace("\0", "").isprintable() and '"' not in whole:  # nearly always, and told at once for all
        return whole.split("\0")
    return [readable(name).replace('"', '""') for name in names]
