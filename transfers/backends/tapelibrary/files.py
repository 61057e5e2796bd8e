"""All files of a simulated tape library: those at rest as rows of a table, the others as objects."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, MutableMapping

from catalog.checksum import Adler32
from transfers.backends.tapelibrary.records import NOBODY, FileRecord, Recall
from transfers.backends.tapelibrary.settings import NEVER
from transfers.backends.tapelibrary.table import Table
from transfers.backends.tapelibrary.tapes import Tapes
from transfers.errors import FileExists

Wrote = Callable[[str, FileRecord | None, FileRecord], None]
Removed = Callable[[str], None]


class Files(MutableMapping[str, FileRecord]):
    """The files by path.

    The record of a file at rest is made when it is asked for: changes to it are not kept. Ask the library for
    changes. ``active`` holds the records of the files that are not at rest.
    """

    def __init__(self, tapes: Tapes) -> None:
        self.active: dict[str, FileRecord] = {}
        self.table = Table()
        self._tapes = tapes
        self._wrote: Wrote | None = None
        self._removed: Removed | None = None
        self.forgets: Callable[[FileRecord], None] = lambda record: None

    def watch(self, wrote: Wrote, removed: Removed) -> None:
        """Tell of every write (path, the record before, the new record), and of every removal before it."""
        self._wrote, self._removed = wrote, removed

    # as a mapping

    def __getitem__(self, path: str) -> FileRecord:
        record = self.active.get(path)
        if record is not None:
            return record
        row = self.table.row(path)
        if row < 0:
            raise KeyError(path)
        return self._record(path, row)

    def get(self, path: str, default: FileRecord | None = None) -> FileRecord | None:  # type: ignore[override]
        record = self.active.get(path)
        if record is None:
            row = self.table.row(path)
            return default if row < 0 else self._record(path, row)
        return record

    def __contains__(self, path: object) -> bool:
        return path in self.active or (isinstance(path, str) and self.table.row(path) >= 0)

    def __iter__(self) -> Iterator[str]:
        table = self.table
        yield from [table.path(row) for row in table]
        yield from [path for path, record in self.active.items() if not record.rested]

    def __len__(self) -> int:
        return len(self.table) + sum(not record.rested for record in self.active.values())

    def __setitem__(self, path: str, record: FileRecord) -> None:
        """Take a written file in."""
        old = self.get(path)
        if self._wrote is not None:
            self._wrote(path, old, record)
        if old is not None:
            self._forget(path)
        self.active[path] = record

    def __delitem__(self, path: str) -> None:
        if path not in self:
            raise KeyError(path)
        if self._removed is not None:
            self._removed(path)
        self._forget(path)

    def vanish(self, path: str) -> None:
        """The file is gone by itself, and nobody who watches is told."""
        self._forget(path)

    # from rest and to rest

    def wake(self, path: str) -> FileRecord | None:
        """The record of a file, to be changed; None if there is no such file."""
        record = self.active.get(path)
        if record is None:
            row = self.table.row(path)
            if row < 0:
                return None
            record = self.active[path] = self._record(path, row)
        return record

    def rest(self, record: FileRecord) -> None:
        """Nothing happens to the file any more: it is on tape only, and nobody wants it."""
        table, path = self.table, record.path
        row = table.row(path)
        if row < 0:
            number = self._tapes.number(record.tape)
            row = table.add(path, record.size, record.adler32, number, record.position, record.tape_at)
        table.stages[row] = record.stages
        table.recalls[row] = record.recalls
        table.lost[row] = record.lost
        self.active.pop(path, None)

    def at_rest(self, record: FileRecord, now: float) -> bool:
        """Whether nothing will happen to the file unless somebody asks."""
        return (
            record.recall is Recall.NONE
            and record.held is NOBODY
            and record.disk_at == NEVER
            and record.tape_at <= now
        )

    def add_many(self, entries: Iterable[tuple[str, int, Adler32]], now: float, tape: str = "") -> int:
        """Put files on tape only; how many. Raises FileExists, and those before it are in."""
        table, place, row = self.table, self._tapes.place, self.table.row
        add, active, count = table.add, self.active, 0
        for path, size, adler32 in entries:
            if path in active or row(path) >= 0:
                raise FileExists(f"{path} is in the tape library", subject=path)
            number, position = place(size, tape)
            at = add(path, size, adler32, number, position, now)
            if self._wrote is not None:
                self._wrote(path, None, self._record(path, at))
            count += 1
        return count

    # inside

    def _forget(self, path: str) -> None:
        record = self.active.pop(path, None)
        if record is not None:
            self.forgets(record)
        if record is None or record.rested:
            self.table.remove(path)

    def _record(self, path: str, row: int) -> FileRecord:
        table = self.table
        tape = self._tapes.all[table.tape[row]]
        return FileRecord(
            path,
            table.size[row],
            Adler32(table.adler32[row]),
            tape.name,
            table.position[row],
            table.tape_at[row],
            NEVER,
            table.stages[row],
            table.recalls[row],
            bool(table.lost[row]) or tape.broken,
            rested=True,
        )
