"""What the catalogue expects at endpoints, at one moment, on disk: a directory of Parquet files by blocks of ids.

    blocks.json            which endpoints, how many rows, the sha256 of the text of each block
    part-NNNNNN.parquet    rows of up to ``CHUNK`` blocks: the columns of ``catalog.db.believed``

A snapshot may be taken *since* an earlier one. Then only blocks are asked that may have changed: those which
the database says were written since (``believed.touched``), and those whose sums are others now than in the
earlier one, so that one who wrote behind the back of the program is found as well. Of those asked, the ones
whose text is not the same are kept.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event

from catalog.db import believed
from catalog.db.engine import Catalog, Connection
from catalog.errors import BadInput
from ddm.reconcile.engine import Engine, text

CHUNK = 50
"""Blocks of a part: half a million ids."""
READERS = 2
MANIFEST = "blocks.json"
_TYPES = {
    "id": "BIGINT",
    "file_id": "BIGINT",
    "endpoint_id": "BIGINT",
    "state": "VARCHAR",
    "since": "VARCHAR",
    "size": "BIGINT",
    "adler32": "BIGINT",
    "path": "VARCHAR",
}
"""Of ``catalog.db.believed``, in its order."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """``digests``: of every block that is not empty, by its number. ``since``: the seal of the snapshot
    whose unchanged blocks were left out; empty, all are there."""

    directory: Path
    endpoints: tuple[int, ...]
    rows: int
    block: int
    digests: Mapping[int, str]
    moment: Mapping[str, int | str]
    since: str = ""

    @property
    def seal(self) -> str:
        """Tells snapshots of different content apart."""
        content = json.dumps([self.endpoints, self.block, sorted(self.digests.items())])
        return hashlib.sha256(content.encode()).hexdigest()

    def parts(self, blocks: frozenset[int] | None = None) -> tuple[Path, ...]:
        """The Parquet files; only those that may have rows of these blocks."""
        found = sorted(self.directory.glob("part-*.parquet"))
        if blocks is None:
            return tuple(found)
        chunks = {number // CHUNK for number in blocks}
        return tuple(part for part in found if int(part.stem.partition("-")[2]) in chunks)

    def comparable(self, other: Snapshot) -> bool:
        """Whether blocks of both are of the same endpoints and ids."""
        return (set(self.endpoints), self.block) == (set(other.endpoints), other.block)

    def differing(self, other: Snapshot) -> frozenset[int]:
        """The blocks that are not the same in both, which are ``comparable``."""
        every = self.digests.keys() | other.digests.keys()
        return frozenset(key for key in every if self.digests.get(key) != other.digests.get(key))


def part_name(chunk: int) -> str:
    """Of the file with so many blocks."""
    return f"part-{chunk:06d}.parquet"


def read(directory: Path) -> Snapshot:
    """A snapshot that was taken. Raises BadInput where there is none."""
    try:
        said = json.loads((directory / MANIFEST).read_text())
        digests = {int(key): str(value) for key, value in said["digests"].items()}
        endpoints = tuple(said["endpoints"])
        moment, since = dict(said["moment"]), str(said["since"])
        return Snapshot(directory, endpoints, said["rows"], said["block"], digests, moment, since)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadInput(f"no snapshot of what is expected: {error}", subject=str(directory)) from None


def take(
    engine: Engine,
    catalog: Catalog,
    endpoints: Sequence[int],
    to: Path,
    *,
    since: Path | None = None,
    readers: int = READERS,
) -> Snapshot:
    """What the catalogue expects now at the endpoints (ids): ``to``, a directory that is not there yet.

    It gets its name when it is whole. ``since``: an earlier one of the same endpoints, if only what became of
    it is wanted. Nobody who writes to the catalogue waits for it.
    """
    earlier = None if since is None else read(since)
    if earlier is not None and (set(earlier.endpoints), earlier.block) != (set(endpoints), believed.BLOCK):
        raise BadInput("the earlier snapshot is of other endpoints", subject=str(since))
    partial = to.with_name(f"{to.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)  # ours, of one that was killed
    partial.mkdir(parents=True)
    with believed.readers(catalog, readers) as connections:
        moment = believed.moment(connections[0])
        work = _work(engine, connections, tuple(endpoints), partial, earlier)
        digests, rows = _all(engine, connections, work)
    said = {
        "endpoints": [*endpoints],
        "rows": rows,
        "block": believed.BLOCK,
        "moment": moment,
        "since": "" if earlier is None else earlier.seal,
        "digests": digests,
    }
    (partial / MANIFEST).write_text(json.dumps(said))
    for path in (*partial.iterdir(), partial):
        _to_disk(path)
    partial.rename(to)
    _to_disk(to.parent)
    return read(to)


def _to_disk(path: Path) -> None:
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


# ------------------------------------------------------------------------------------------------- reading
@dataclass(frozen=True, slots=True)
class _Work:
    """What readers share: the chunks that are left, the blocks that are asked and how many rows they hold, if
    not all are, and whether a reader has failed."""

    endpoints: tuple[int, ...]
    directory: Path
    earlier: Snapshot | None
    blocks: range
    asked: frozenset[int] | None
    rows: int
    chunks: SimpleQueue[int]
    stop: Event

    def left(self) -> Iterator[int]:
        """The chunks that nobody has taken, one after the other; none after a failure."""
        while not self.stop.is_set():
            try:
                yield self.chunks.get_nowait()
            except Empty:
                return

    def of(self, chunk: int) -> Iterator[int]:
        first = chunk * CHUNK
        for number in range(max(first, self.blocks.start), min(first + CHUNK, self.blocks.stop)):
            if self.asked is None or number in self.asked:
                yield number


def _work(
    engine: Engine,
    connections: Sequence[Connection],
    endpoints: tuple[int, ...],
    directory: Path,
    earlier: Snapshot | None,
) -> _Work:
    blocks = believed.blocks(connections[0])
    asked, rows = None, 0
    if earlier is not None:
        asked, rows = _asked(engine, connections, endpoints, blocks, earlier)
    work = _Work(endpoints, directory, earlier, blocks, asked, rows, SimpleQueue(), Event())
    every = range(blocks.start // CHUNK, -(-blocks.stop // CHUNK))
    for chunk in every if asked is None else sorted({number // CHUNK for number in asked}):
        work.chunks.put(chunk)
    return work


def _asked(
    engine: Engine,
    connections: Sequence[Connection],
    endpoints: tuple[int, ...],
    blocks: range,
    earlier: Snapshot,
) -> tuple[frozenset[int] | None, int]:
    """The blocks that may differ from the earlier ones, and how many rows there are; None: all may."""
    touched = believed.touched(connections[0], earlier.moment)
    if touched is None:
        return None, 0
    size = max(1, -(-len(blocks) // len(connections)))
    parts = [blocks[start : start + size] for start in range(0, len(blocks), size)]
    now: dict[int, tuple[int, int, int]] = {}
    with ThreadPoolExecutor(len(connections)) as pool:
        for found in pool.map(believed.sums, connections, [endpoints] * len(parts), parts):
            now |= found
    rows = engine.rows(
        f"SELECT id // {earlier.block}, {believed.SUMS} FROM ({_parquet(earlier.parts())}) GROUP BY 1"
    )
    then = {row[0]: tuple(map(int, row[1:])) for row in rows}
    differ = {key for key in now.keys() | then.keys() if now.get(key) != then.get(key)}
    return frozenset(touched | differ), sum(count for count, *_ in now.values())


def _all(engine: Engine, connections: Sequence[Connection], work: _Work) -> tuple[dict[int, str], int]:
    digests: dict[int, str] = {}
    if work.earlier is not None and work.asked is not None:
        digests |= {key: value for key, value in work.earlier.digests.items() if key not in work.asked}
    total, count = 0, len(connections)
    with ThreadPoolExecutor(count) as writers, ThreadPoolExecutor(count) as readers:
        futures = [readers.submit(_reader, engine, conn, work, writers) for conn in connections]
        try:
            for future in futures:
                found, rows = future.result()
                digests |= found
                total += rows
        except BaseException:
            work.stop.set()
            raise
    return dict(sorted(digests.items())), total if work.asked is None else work.rows


def _reader(
    engine: Engine, conn: Connection, work: _Work, writers: ThreadPoolExecutor
) -> tuple[dict[int, str], int]:
    """Chunk after chunk, until none is left, as text; while it is made into Parquet the next one is read."""
    digests: dict[int, str] = {}
    total = 0
    writing: deque[Future[None]] = deque()
    for chunk in work.left():
        name = part_name(chunk).removesuffix(".parquet")
        lines = engine.directory / f"{work.directory.name}-{name}.text"
        try:
            found, rows, kept = _to_text(conn, work, chunk, lines)
        except BaseException:
            lines.unlink(missing_ok=True)
            raise
        digests |= found
        total += rows
        writing.append(writers.submit(_write, engine, lines, work.directory / f"{name}.parquet", kept))
        if len(writing) > 1:
            writing.popleft().result()
    for one in writing:
        one.result()
    return digests, total


def _write(engine: Engine, lines: Path, to: Path, kept: bool) -> None:
    try:
        if kept:
            with engine.beside() as own:
                own.do(_into_parquet(lines, to))
    finally:
        lines.unlink()


def _to_text(conn: Connection, work: _Work, chunk: int, to: Path) -> tuple[dict[int, str], int, bool]:
    digests: dict[int, str] = {}
    total, kept = 0, False
    with open(to, "wb") as file:
        for number in work.of(chunk):
            lines, rows = believed.block(conn, work.endpoints, number)
            if rows:
                digests[number] = hashlib.sha256(lines).hexdigest()
                total += rows
            if rows and (work.earlier is None or work.earlier.digests.get(number) != digests[number]):
                file.write(lines)
                kept = True
    return digests, total, kept


def _into_parquet(lines: Path, to: Path) -> str:
    """By one thread: names may have line breaks, and where a line begins is then seen from its beginning."""
    columns = ", ".join(f"'{column}': '{kind}'" for column, kind in _TYPES.items())
    return (
        f"COPY (SELECT * FROM read_csv({text(str(lines))}, columns = {{{columns}}}, delim = '\t', quote = '\"', "
        "escape = '\"', header = false, auto_detect = false, new_line = '\\n', parallel = false)) "
        f"TO {text(str(to))} (FORMAT parquet, PARQUET_VERSION V2, COMPRESSION zstd)"
    )


# ---------------------------------------------------------------------------------------------- in the engine
def load(engine: Engine, before: Sequence[Path], after: Sequence[Path], endpoints: Mapping[int, str]) -> None:
    """``before``, a view of what was expected, and ``moved``, a table of the rows, old and new, of all
    replicas that are not the same in both. ``endpoints``: each with the path below which it is about.

    The first of ``after`` belongs to the first of ``before``, and so on, if they are as many. Texts of
    ``believed.export`` do instead of snapshots. Raises BadInput if they do not belong together.
    """
    pairs = list(zip(before, after, strict=True)) if len(before) == len(after) else []
    changes = [_changes(old, new) for old, new in pairs]
    if not pairs or any(blocks is None for blocks in changes):
        if any(path.is_dir() and read(path).since for path in after):
            raise BadInput("what changed since another snapshot says nothing here", subject=str(after[0]))
        changes = [None]
        pairs = []
    if partial := [path for path in before if path.is_dir() and read(path).since]:
        raise BadInput("it has only what changed since another snapshot", subject=str(partial[0]))
    where = f"({' OR '.join(_below(*one) for one in endpoints.items()) or 'FALSE'})"
    sources = [_source(engine, path, f"before{number}") for number, path in enumerate(before)]
    engine.do(f"CREATE VIEW before AS SELECT * FROM ({' UNION ALL '.join(sources)}) WHERE {where}")
    engine.do("CREATE TABLE moved AS SELECT *, FALSE AS new FROM before LIMIT 0")
    if not pairs:
        now = [_source(engine, path, f"after{number}") for number, path in enumerate(after)]
        _moved(engine, "SELECT * FROM before", f"SELECT * FROM ({' UNION ALL '.join(now)}) WHERE {where}")
    for (old, new), blocks in zip(pairs, changes, strict=False):
        if blocks:
            inside = f"{where} AND id // {believed.BLOCK} IN (SELECT block FROM differing)"
            engine.do("CREATE OR REPLACE TABLE differing (block BIGINT)")
            engine.do("INSERT INTO differing SELECT unnest(?::BIGINT[])", [sorted(blocks)])
            _moved(
                engine,
                f"SELECT * FROM ({_parquet(read(old).parts(blocks))}) WHERE {inside}",
                f"SELECT * FROM ({_parquet(read(new).parts(blocks))}) WHERE {inside}",
            )


def _below(endpoint: int, root: str) -> str:
    below = "" if root == "/" else f" AND starts_with(path, {text(root)})"
    return f"(endpoint_id = {int(endpoint)}{below})"


def _changes(before: Path, after: Path) -> frozenset[int] | None:
    """The blocks that changed; None, nobody can tell."""
    if not (before.is_dir() and after.is_dir()):
        return None
    old, new = read(before), read(after)
    if new.since not in ("", old.seal) or not old.comparable(new):
        return None
    return old.differing(new)


def _source(engine: Engine, path: Path, name: str) -> str:
    if path.is_dir():
        return _parquet(read(path).parts())
    kept = engine.directory / f"{name}.parquet"
    engine.do(_into_parquet(path, kept))
    return _parquet((kept,))


def _parquet(parts: Sequence[Path]) -> str:
    if not parts:
        return f"SELECT {', '.join(f'NULL::{kind} AS {name}' for name, kind in _TYPES.items())} WHERE FALSE"
    return f"SELECT * FROM read_parquet([{', '.join(text(str(part)) for part in parts)}])"


def _moved(engine: Engine, old: str, new: str) -> None:
    """Rows that the other side has not, exactly: the columns themselves are compared."""
    differs = " OR ".join(f"x.{name} IS DISTINCT FROM y.{name}" for name in _TYPES)
    engine.do(f"CREATE OR REPLACE TEMP VIEW old AS {old}")
    engine.do(f"CREATE OR REPLACE TEMP VIEW new AS {new}")
    for mine, theirs, is_new in (("old", "new", False), ("new", "old", True)):
        engine.do(
            f"INSERT INTO moved SELECT x.*, {is_new} FROM {mine} x LEFT JOIN {theirs} y ON y.id = x.id WHERE {differs}"
        )
