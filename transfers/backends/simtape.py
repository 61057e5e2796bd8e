"""A tape library with real bytes on local disk: ``simtape:///directory``, for demos and for trials.

``directory/tape`` holds the tape copies, ``directory/buffer`` the disk copies, ``directory/state.json`` the
state of the model (``transfers.backends.tapelibrary``), changed only under ``directory/lock``. The state says
what exists and where; bytes follow it lazily, when somebody asks and their time has come. Files that are in
``directory/tape`` when there is no state yet are taken in as raw data archived long ago.

Several processes may use one library at once, and any of them may be killed at any moment:

- The state is replaced whole. Bytes are whole before the state speaks of them, and are dropped only after the
  state has stopped to; what a kill leaves in between is not in the state, so it does not exist, and is
  replaced when its path is used again.
- A disk copy is dropped only when the bytes are in ``tape``.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from catalog.checksum import Adler32
from catalog.clock import Clock
from catalog.states import Locality
from transfers.backends.localfiles import (
    Contents,
    by_path,
    check,
    contents_of,
    copy_new,
    inside,
    local_path,
    stretches,
    sync_directory,
    temporary_copy,
)
from transfers.backends.tapelibrary import NEVER, Fault, FileRecord, LibrarySettings, TapeLibrary
from transfers.errormap import error_of, outcome_of
from transfers.errors import (
    EndpointUnreachable,
    FileExists,
    FileMissing,
    NotOnline,
    StorageError,
    UnreadableReply,
    Unsupported,
    failed,
)
from transfers.listing import TableWalker, table
from transfers.model import (
    CopyOrder,
    Done,
    Entry,
    Failed,
    FetchOrder,
    Observation,
    Observed,
    Outcome,
    Span,
    StageOrder,
    StageReceipt,
    Unknown,
)
from transfers.planning import batches
from transfers.ports import Capabilities, Storage
from transfers.verify import other_contents
from transfers.watch import UNWATCHED, Meter, Watch, meter

SCHEME = "simtape://"
COPIES_PER_COMMIT = 200


class SimulatedTape:
    """The four ports of a simulated tape library in a directory, and its controls."""

    def __init__(self, root: Path, clock: Clock, settings: LibrarySettings | None = None) -> None:
        """Open the library, or build it on first use."""
        self.root = root
        self._clock = clock
        self._settings = settings or LibrarySettings()
        self._seen = TapeLibrary(self._settings)
        with _whole_call():
            for directory in (self._tape, self._buffer, self._incoming):
                directory.mkdir(parents=True, exist_ok=True)
            with self._locked():
                if not self._state.exists():
                    self._save(self._taken_in())

    def storage(self) -> Storage:
        """This library as the ports of an endpoint."""
        return Storage(
            Capabilities(schemes=frozenset({"file"}), tape=True),
            self,
            self,
            self,
            stager=self,
            lister=self,
            walker=TableWalker(self._all_files, self._current),
            rereader=self,
            ranges=self,
        )

    # control: for the demo and for tests

    def seed_tape(self, files: Iterable[tuple[str, Path]]) -> None:
        """Put copies of local files on tape only, as raw data archived before this story begins."""
        with self._changed() as library:
            for path, source in files:
                if path in library.files:
                    raise FileExists(f"{path} is in the tape library", subject=path)
                with temporary_copy(source, self._incoming) as (temporary, contents):
                    _put(temporary, inside(self._tape, path))
                library.add_on_tape(path, *contents, now=self._now())

    def inject(self, pattern: str, kind: Fault | str, count: int | None = 1, *, chance: float = 1.0) -> None:
        """As ``TapeLibrary.inject``; holds for every process that uses the library."""
        with self._changed() as library:
            library.inject(pattern, kind, count, chance=chance)

    def heal(self) -> None:
        """No more new faults."""
        with self._changed() as library:
            library.heal()

    def lose(self, path: str) -> None:
        """As ``TapeLibrary.lose``."""
        with self._changed() as library:
            library.lose(path)

    def forget(self, token: str) -> None:
        """As ``TapeLibrary.forget``."""
        with self._changed() as library:
            library.forget(token, self._now())

    @contextmanager
    def control(self) -> Iterator[TapeLibrary]:
        """The model, for the controls that have no name here: outages, drives, tapes, evictions.

        What is done to it holds for every process when the block ends; nothing does if it raises.
        """
        with _whole_call(), self._changed() as library:
            yield library

    def look(self) -> TapeLibrary:
        """The state as it is now, for looking only."""
        return self._current()

    # the ports

    def probe(self, paths: Sequence[str]) -> Mapping[str, Observation]:
        with _whole_call():
            self._move_due(paths)
            library, now = self._current(), self._now()
            return {path: library.observe(path, now) for path in paths}

    def stage(self, orders: Sequence[StageOrder]) -> StageReceipt:
        with _whole_call(), self._changed() as library:
            now = self._now()
            receipt = library.stage(orders, now)
            for order in orders:
                record = library.files.get(order.path)
                if record and record.disk_at > now:  # what an eviction cut short has left
                    self._drop(order.path, record, now)
            return receipt

    def poll(self, token: str, paths: Sequence[str]) -> Mapping[str, Outcome]:
        with _whole_call():
            self._move_due(paths)
            library, now = self._current(), self._now()
            return {path: library.poll(token, path, now) for path in paths}

    def cancel(self, token: str, paths: Sequence[str]) -> Mapping[str, Outcome]:
        with _whole_call(), self._changed() as library:
            now = self._now()
            return {path: library.cancel(token, path, now) for path in paths}

    def release(self, token: str, paths: Sequence[str]) -> Mapping[str, Outcome]:
        with _whole_call(), self._changed() as library:
            now = self._now()
            outcomes = {path: library.release(token, path, now) for path in paths}
            library.evicted.extend(paths)  # also what an eviction cut short has left
            return outcomes

    def copy(self, orders: Sequence[CopyOrder], watch: Watch = UNWATCHED) -> Mapping[str, Outcome]:
        outcomes: dict[str, Outcome] = {}
        with _whole_call():
            for group in batches(orders, COPIES_PER_COMMIT):
                outcomes.update(self._copy_group(group, watch))
        return outcomes

    def fetch(self, orders: Sequence[FetchOrder], watch: Watch = UNWATCHED) -> Mapping[str, Outcome]:
        with _whole_call():
            self._move_due([order.path for order in orders])
            self._current().serve(self._now())
            return {order.destination: outcome_of(self._fetch, order, watch) for order in orders}

    def reread(self, paths: Sequence[str], watch: Watch = UNWATCHED) -> Mapping[str, Observation]:
        with _whole_call():
            self._move_due(paths)
            self._current().serve(self._now())
            return {path: self._reread(path, meter(watch, path)) for path in paths}

    def ranges(self, spans: Sequence[Span]) -> Mapping[Span, bytes | Failed | Unknown]:
        found: dict[Span, bytes | Failed | Unknown] = {}
        with _whole_call():
            groups = by_path(spans)
            self._move_due(list(groups))
            self._current().serve(self._now())
            for path, its in groups.items():
                read = outcome_of(self._stretches, path, its)
                found |= dict.fromkeys(its, read) if isinstance(read, Failed) else read
        return found

    def _stretches(self, path: str, its: Sequence[Span]) -> dict[Span, bytes] | Failed:
        readable = self._current().readable(path, self._now())
        if isinstance(readable, Failed):
            return readable
        try:
            return stretches(inside(self._buffer, path), its)
        except FileNotFoundError:
            raise NotOnline(f"{path} was just released", subject=path) from None

    def remove(self, paths: Sequence[str]) -> Mapping[str, Outcome]:
        with _whole_call(), self._locked():
            library, now = self._load(), self._now()
            outcomes = {path: library.remove(path, now) for path in paths}
            self._save(library)
            for path, outcome in outcomes.items():
                if isinstance(outcome, Done):
                    inside(self._tape, path).unlink(missing_ok=True)
                    inside(self._buffer, path).unlink(missing_ok=True)
            return outcomes

    def list(self, directory: str, *, recursive: bool = False) -> Iterator[Entry]:
        yield from table(self._all_files(), directory, recursive=recursive)

    def _all_files(self) -> Sequence[tuple[str, int, Adler32]]:
        with _whole_call():
            known = self._current().files
            return [(path, record.size, record.adler32) for path, record in known.items()]

    # copies

    def _copy_group(self, orders: Sequence[CopyOrder], watch: Watch) -> dict[str, Outcome]:
        """Bytes of all orders to temporary names, then one change of the state that takes them in."""
        outcomes: dict[str, Outcome] = {}
        with ExitStack() as stack:
            library = self._current()
            library.serve(self._now())
            arrived: list[tuple[CopyOrder, Path]] = []
            for order in orders:
                answer = outcome_of(self._bring, order, library, stack, watch)
                if isinstance(answer, Path):
                    arrived.append((order, answer))
                else:
                    outcomes[order.path] = answer
            if arrived:
                with self._changed() as library:
                    for order, temporary in arrived:
                        outcomes[order.path] = outcome_of(self._take, order, library, temporary)
        return outcomes

    def _bring(self, order: CopyOrder, library: TapeLibrary, stack: ExitStack, watch: Watch) -> Path | Done:
        """The source's bytes, compared, under a temporary name; or Done when an equal file is there."""
        inside(self._buffer, order.path)
        if _same_or_exists(library, order):
            return Done(adopted=True)
        source = local_path(order.source)
        moved = meter(watch, order.path)
        temporary, contents = stack.enter_context(temporary_copy(source, self._incoming, moved))
        check(contents, (order.size, order.adler32), order.source)
        return temporary

    def _take(self, order: CopyOrder, library: TapeLibrary, temporary: Path) -> Done:
        """Give the bytes their place. What is there without a row in the state does not exist."""
        if _same_or_exists(library, order):
            return Done(adopted=True)
        inside(self._tape, order.path).unlink(missing_ok=True)
        final = inside(self._buffer, order.path)
        _put(temporary, final)
        try:
            library.add_to_buffer(order.path, order.size, order.adler32, now=self._now())
        except StorageError:
            final.unlink()
            raise
        return Done()

    def _fetch(self, order: FetchOrder, watch: Watch) -> Done | Failed:
        path, wanted = order.path, (order.size, order.adler32)
        readable = self._current().readable(path, self._now())
        if isinstance(readable, Failed):
            return readable
        moved = meter(watch, order.destination)
        try:
            copy_new(inside(self._buffer, path), Path(order.destination), wanted, moved)
        except FileMissing:
            raise NotOnline(f"{path} was just released", subject=path) from None
        return Done()

    def _reread(self, path: str, moved: Meter) -> Observation:
        readable = self._current().readable(path, self._now())
        if isinstance(readable, Failed):
            return readable
        moved(0)
        try:
            size, checksum = contents_of(inside(self._buffer, path))
        except FileNotFoundError:
            return failed(NotOnline, f"{path} was just released")
        moved(size)
        return Observed(size, checksum, Locality.ONLINE, "read")

    # bytes follow the state

    def _move_due(self, paths: Sequence[str]) -> None:
        """Let the bytes of these files be where the state says they are by now."""
        library, now = self._current(), self._now()
        due = [path for path in paths if self._due(path, library.files.get(path), now)]
        if not due:
            return
        with self._locked():
            library, now = self._load(), self._now()
            lost = [path for path in due if not self._move(path, library.files.get(path), now)]
            if lost:
                self._save(library)

    def _due(self, path: str, record: FileRecord | None, now: float) -> bool:
        if record is None:
            return False
        return (record.on_tape(now) and not inside(self._tape, path).exists()) or (
            record.disk_at <= now and not inside(self._buffer, path).exists()
        )

    def _move(self, path: str, record: FileRecord | None, now: float) -> bool:
        """Archive or recall the bytes if it is time. False: they are gone, and the record says so now."""
        if record is None or not self._due(path, record, now):
            return True
        tape, buffer = inside(self._tape, path), inside(self._buffer, path)
        try:
            if record.on_tape(now) and not tape.exists():
                with temporary_copy(buffer, self._incoming) as (temporary, _):
                    _put(temporary, tape)
            if record.disk_at <= now and not buffer.exists():
                with temporary_copy(tape, self._incoming) as (temporary, _):
                    _damage(temporary, record.damage)
                    _put(temporary, buffer)
        except FileNotFoundError:  # somebody took the bytes out of our directories
            record.lost = True
            if not buffer.exists():
                record.disk_at = NEVER
            return False
        return True

    def _drop(self, path: str, record: FileRecord | None, now: float) -> None:
        """Drop the disk copy, never the only one: what was archived and not looked at goes to tape first."""
        tape, buffer = inside(self._tape, path), inside(self._buffer, path)
        if record is not None and record.on_tape(now) and not tape.exists() and buffer.exists():
            with temporary_copy(buffer, self._incoming) as (temporary, _):
                _put(temporary, tape)
        if tape.exists():
            buffer.unlink(missing_ok=True)

    # the state

    @property
    def _tape(self) -> Path:
        return self.root / "tape"

    @property
    def _buffer(self) -> Path:
        return self.root / "buffer"

    @property
    def _incoming(self) -> Path:
        return self.root / "incoming"

    @property
    def _state(self) -> Path:
        return self.root / "state.json"

    def _now(self) -> float:
        return self._clock.now().timestamp()

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Only one thread of one process at a time; a kill gives the lock back."""
        with open(self.root / "lock", "ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    @contextmanager
    def _changed(self) -> Iterator[TapeLibrary]:
        """The state to change: kept if the block ends well, else as it was.

        Then the bytes of disk copies that went by themselves are dropped.
        """
        with self._locked():
            library = self._load()
            yield library
            self._save(library)
            now = self._now()
            for path in library.evicted:
                record = library.files.get(path)
                if record is None or record.disk_at > now:
                    self._drop(path, record, now)

    def _load(self, known: TapeLibrary | None = None) -> TapeLibrary:
        """The state as it is kept, brought to now; ``known`` itself when that is of the same generation."""
        library, now = TapeLibrary(self._settings), self._now()
        try:
            with open(self._state, encoding="utf-8") as stream:
                generation = int(stream.readline())
                if known is not None and known.generation == generation:
                    library = known
                else:
                    library.load(json.load(stream), now)
        except FileNotFoundError:
            raise EndpointUnreachable(f"{self._state} is gone", subject=str(self.root)) from None
        except (KeyError, TypeError, ValueError) as error:
            raise UnreadableReply(f"{self._state} cannot be read: {error}", subject=str(self.root)) from None
        library.advance(now)
        return library

    def _save(self, library: TapeLibrary) -> None:
        temporary = self._state.with_suffix(".new")  # one writer at a time: we hold the lock
        with open(temporary, "w", encoding="utf-8") as out:
            library.generation += 1
            out.write(f"{library.generation}\n")
            out.write(json.dumps(library.to_data(), separators=(",", ":")))
            out.flush()
            os.fsync(out.fileno())
        os.replace(temporary, self._state)
        sync_directory(self.root)

    def _current(self) -> TapeLibrary:
        """The state for looking only; parsed again when it has changed."""
        self._seen = library = self._load(self._seen)
        return library

    def _taken_in(self) -> TapeLibrary:
        """A new library with what is in ``tape`` already."""
        library = TapeLibrary(self._settings)
        for file in sorted(file for file in self._tape.rglob("*") if file.is_file()):
            library.add_on_tape(f"/{file.relative_to(self._tape)}", *contents_of(file), now=self._now())
        return library


def _same_or_exists(library: TapeLibrary, order: CopyOrder) -> bool:
    """True: an equal file is there. False: none is. Raises FileExists when another one is (invariant 4)."""
    record = library.files.get(order.path)
    if record is None:
        return False
    there: Contents = (record.size, record.adler32)
    wanted = (order.size, order.adler32)
    if there != wanted:
        raise FileExists(other_contents(order.path, there, wanted), subject=order.path)
    return True


def _put(temporary: Path, final: Path) -> None:
    """Give whole bytes their place; what is there is not in the state and may go."""
    final.parent.mkdir(parents=True, exist_ok=True)
    os.replace(temporary, final)


def _damage(file: Path, damage: str) -> None:
    """Do to the recalled bytes what the fault says."""
    size = file.stat().st_size
    if damage == Fault.TRUNCATE:
        os.truncate(file, size // 2)
    elif damage == Fault.CORRUPT and size:
        with open(file, "r+b") as bytes_of:
            bytes_of.seek(size // 2)
            wrong = bytes([bytes_of.read(1)[0] ^ 0x10])
            bytes_of.seek(size // 2)
            bytes_of.write(wrong)


@contextmanager
def _whole_call() -> Iterator[None]:
    """An error of the operating system that is not about one file fails the whole call."""
    try:
        yield
    except StorageError:
        raise
    except OSError as error:
        kind = error_of(error.errno)
        if kind in (FileMissing, FileExists):  # our own directories, not a file of the library
            kind = EndpointUnreachable
        raise kind(f"the simulated tape library failed: {error}") from error


def open_tape(prefix: str, *, clock: Clock, options: Mapping[str, str]) -> SimulatedTape:
    """The library ``simtape:///directory``, with its controls. Raises Unsupported for what it cannot read."""
    if not prefix.startswith(f"{SCHEME}/"):
        raise Unsupported(f"{prefix!r} is not a simulated tape library: simtape:///directory", subject=prefix)
    root = Path(prefix.removeprefix(SCHEME))
    return SimulatedTape(root, clock, LibrarySettings.from_options(options))


def open_storage(prefix: str, *, clock: Clock, options: Mapping[str, str]) -> Storage:
    """The endpoint ``simtape:///directory``. Raises Unsupported for another prefix or an unknown option."""
    return open_tape(prefix, clock=clock, options=options).storage()
