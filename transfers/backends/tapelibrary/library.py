"""The simulated tape library itself: what may be asked of it, and how tests let it go wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from catalog.checksum import Adler32
from transfers.backends.tapelibrary import state
from transfers.backends.tapelibrary.agenda import Agenda, Kind
from transfers.backends.tapelibrary.buffer import Buffer
from transfers.backends.tapelibrary.faults import (
    ARCHIVE_FAULTS,
    RECALL_FAULTS,
    REQUEST_FAULTS,
    Contents,
    Fault,
    Faults,
    Injection,
)
from transfers.backends.tapelibrary.files import Files
from transfers.backends.tapelibrary.records import NOBODY, FileRecord, Recall
from transfers.backends.tapelibrary.robot import Counters, Drive, Robot
from transfers.backends.tapelibrary.settings import NEVER, LibrarySettings
from transfers.backends.tapelibrary.tapes import Tapes
from transfers.errors import (
    EndpointBusy,
    EndpointUnreachable,
    FileMissing,
    NotOnline,
    QuotaExceeded,
    RequestVanished,
    TapeLost,
    Unsupported,
    failed,
)
from transfers.model import (
    Done,
    Failed,
    Observation,
    Observed,
    Outcome,
    Pending,
    StageOrder,
    StageReceipt,
    TapePlace,
)

_DONE, _PENDING = Done(), Pending()
_SECOND = timedelta(seconds=1)


class TapeLibrary:
    """The model. Not thread-safe: the backends hold a lock. Every ``now`` is in seconds since the epoch.

    Time only goes on: a ``now`` before one that was given already counts as that one. Questions and changes
    raise EndpointUnreachable while the service is out; what is under "control" never does.
    ``generation`` counts the changes that were kept; whoever keeps the state counts it. ``evicted``: paths
    whose disk copy went by itself; whoever keeps bytes takes them out.
    """

    def __init__(self, settings: LibrarySettings | None = None) -> None:
        self.settings = settings or LibrarySettings()
        self.now = -NEVER
        self.generation = 0
        self.counters = Counters()
        self.evicted: list[str] = []
        self.faults = Faults(self.settings.seed)
        self.tapes = Tapes(self.settings.tape_size, self.settings.write_drives)
        self.files = Files(self.tapes)
        self.files.forgets = self._forget
        self.agenda = Agenda()
        self.buffer = Buffer(self.settings.buffer_size, self.agenda, self._evict_spare)
        self.robot = Robot(self.settings, self.tapes, self.buffer, self.agenda, self.counters, self._read)
        self._handlers: dict[Kind, Callable[[Any, float], None]] = {
            Kind.LAPSE: self._lapsed,
            Kind.EVICTION: self._lost_early,
            Kind.TAPE: lambda _, at: self.robot.start(at),
            Kind.REPAIR: self.robot.repaired,
            Kind.DRIVE: self.robot.finished,
        }

    # looking

    @property
    def drives(self) -> list[Drive]:
        return self.robot.drives

    @property
    def injections(self) -> list[Injection]:
        return self.faults.injections

    @property
    def mounts(self) -> int:
        return self.counters.mounts

    def is_out(self, now: float) -> bool:
        """Whether the service is out at this time."""
        return any(start <= now < end for start, end in self.robot.outages)

    # time

    def advance(self, now: float) -> float:
        """Let happen what has happened until now; the library's own time."""
        agenda = self.agenda
        while agenda.due(now):
            at, kind, thing = agenda.pop()
            self.now = max(self.now, at)
            self._handlers[kind](thing, at)
        self.now = max(self.now, now)
        return self.now

    def serve(self, now: float) -> float:
        """As ``advance``. Raises EndpointUnreachable while the service is out."""
        now = self.advance(now)
        if self.robot.outages and self.is_out(now):
            raise EndpointUnreachable("the simulated tape library is out of service")
        return now

    # control: for tests and the demo

    def inject(self, pattern: str, kind: Fault | str, count: int | None = 1, *, chance: float = 1.0) -> None:
        """Let ``kind`` happen to the next ``count`` files (None: all) whose path matches the pattern."""
        self.faults.injections.append(Injection(pattern, Fault(kind), count, chance))

    def heal(self) -> None:
        """No more new faults; what is already under way stays as it is."""
        self.faults.injections.clear()

    def lose(self, path: str) -> None:
        """The tape is destroyed where this file is: it cannot be recalled any more. Raises FileMissing."""
        record = self._known(path)
        record.lost = True
        self.robot.unwant(record)
        self._held_back(record)
        self._settle(record)

    def evict(self, path: str, now: float) -> None:
        """Drop the disk copy and all holds on it, unless it is the only copy. Raises FileMissing."""
        now = self.advance(now)
        record = self._known(path)
        if record.disk_at <= now and record.on_tape(now):
            record.held = NOBODY
            self._drop(record)
            self.robot.room(now)
        else:
            self._settle(record)

    def forget(self, token: str, now: float) -> None:
        """Forget a request: its files are held no more, and recalls that have not begun are dropped."""
        now = self.advance(now)
        for record in list(self.files.active.values()):
            if token in record.held:
                self._release(record, token, now, drops=False)
        self.robot.room(now)

    def outage(self, start: float, seconds: float) -> None:
        """Nobody answers from then on for so long. The queue survives; drives stand still."""
        start = max(start, self.now)
        self.robot.outages.append((start, start + seconds))
        self.robot.put_off()

    def drive_down(self, number: int, now: float, *, until: float = NEVER) -> None:
        """Take a drive out of service; what it was reading is read again by another one."""
        now = self.advance(now)
        self._settle_all(self.robot.take_down(self._drive(number), now, until))

    def drive_up(self, number: int, now: float) -> None:
        """Put a drive back into service."""
        self.robot.bring_up(self._drive(number), self.advance(now))

    def break_tape(self, name: str, now: float, *, until: float | None = None, refuse: bool = False) -> None:
        """The tape cannot be read: never again, so that its files are lost, or not before ``until``.

        Until then its files stay wanted; with ``refuse`` new requests for them are refused as busy.
        """
        now = self.advance(now)
        tape = self.tapes.named(name)
        if until is None:
            self._destroy(name, now)
        else:
            tape.back_at, tape.refuse = max(tape.back_at, until), refuse
            self.tapes.refusing |= refuse
            self.agenda.add(until, Kind.TAPE, self.tapes.number(name), tape)
        self._settle_all(self.robot.take_out(name, now))

    def add_on_tape(self, path: str, size: int, adler32: Adler32, *, now: float, tape: str = "") -> None:
        """Put a file on tape only, as if archived and released long ago. In place of one of that name."""
        record = FileRecord(path, size, adler32, tape_at=now)
        self._append(record, tape)
        self.files[path] = record
        self.files.rest(record)

    def add_many(self, entries: Iterable[tuple[str, int, Adler32]], *, now: float, tape: str = "") -> int:
        """As ``add_on_tape`` for many new files, quickly; how many. Raises FileExists."""
        return self.files.add_many(entries, now, tape)

    def add_to_buffer(self, path: str, size: int, adler32: Adler32, *, now: float) -> None:
        """Take a written file into the buffer and plan its archival. In place of one of that name.

        Raises QuotaExceeded when there is no room for it, EndpointUnreachable.
        """
        time = self.serve(now)
        if not self.buffer.take(size):
            raise QuotaExceeded(f"no room for {path}: the buffer has {self.buffer.free:.0f} bytes free")
        record = FileRecord(path, size, adler32, disk_at=now, used_at=time)
        self.robot.serial += 1
        record.serial = self.robot.serial
        if self.faults.draw(path, 0, ARCHIVE_FAULTS) is None:
            record.tape_at = now + self.settings.archive_delay
        self._append(record)
        self.files[path] = record
        self.buffer.look(record, time)

    # questions

    def observe(self, path: str, now: float) -> Observation:
        """What a probe answers; the checksum is that of the namespace, nothing is recalled."""
        now = self.serve(now)
        record = self.files.get(path)
        if record is None:
            return _missing(path)
        place = TapePlace(record.tape, record.position) if record.tape_at <= now else None
        return Observed(record.size, record.adler32, record.locality(now), place=place)

    def readable(self, path: str, now: float) -> Contents | Failed:
        """What a reader of the disk copy gets."""
        now = self.serve(now)
        record = self.files.active.get(path)
        if record is None or record.disk_at > now:
            if path not in self.files:
                return _missing(path)
            return failed(NotOnline, f"{path} is on tape only: stage it first")
        record.used_at = now
        return record.on_disk_contents

    def poll(self, token: str, path: str, now: float) -> Outcome:
        return self.poll_many(token, (path,), now)[path]

    def poll_many(self, token: str, paths: Sequence[str], now: float) -> dict[str, Outcome]:
        """How far the request is with each of its files."""
        now = self.serve(now)
        active, outcomes = self.files.active, dict[str, Outcome]()
        for path in paths:
            record = active.get(path)
            if record is not None and record.disk_at <= now:
                outcomes[path] = _DONE
            else:
                outcomes[path] = self._poll(token, path, record or self.files.get(path))
        return outcomes

    def _poll(self, token: str, path: str, record: FileRecord | None) -> Outcome:
        """Of a file that has no disk copy."""
        if record is None:
            return _missing(path)
        if record.lost or record.recall is Recall.FAILED:
            return failed(TapeLost, f"{path} cannot be read from tape {record.tape}")
        if token in record.held:
            return _PENDING
        return failed(RequestVanished, f"request {token} does not ask for {path}")

    # changes

    def stage(self, orders: Sequence[StageOrder], now: float) -> StageReceipt:
        """Accept what can be accepted, and let the drives see it."""
        now = self.serve(now)
        self.counters.requests += 1
        token = f"request-{self.counters.requests}"
        outcomes = {order.path: self._accept(order, token, now) for order in orders}
        self.robot.start(now)
        return StageReceipt(token, outcomes)

    def release(self, token: str, path: str, now: float) -> Outcome:
        """Take the token's hold away; the disk copy goes with the last one, if there is a copy on tape."""
        return self.release_many(token, (path,), now)[path]

    def release_many(self, token: str, paths: Sequence[str], now: float) -> dict[str, Outcome]:
        """As ``release``, of many files."""
        now = self.serve(now)
        active, outcomes = self.files.active, dict[str, Outcome]()
        for path in paths:
            record = active.get(path)
            if record is not None:
                self._release(record, token, now, drops=True)
            outcomes[path] = _DONE
        if self.buffer.limited:
            self.robot.room(now)
        return outcomes

    def cancel(self, token: str, path: str, now: float) -> Outcome:
        """Drop the request's hold on a file that is not in the buffer yet; the recall goes with the last.

        A file that is being read meanwhile is read to its end, and then dropped unless somebody wants it.
        """
        now = self.serve(now)
        record = self.files.active.get(path)
        if record is not None and record.disk_at > now:
            self._release(record, token, now, drops=False)
            if self.buffer.limited:
                self.robot.room(now)
        return _DONE

    def remove(self, path: str, now: float | None = None) -> Outcome:
        """Take the file out of the namespace, tape copy included."""
        now = self.serve(self.now if now is None else now)
        if self.files.pop(path, None) is None:
            return _missing(path)
        self.robot.room(now)
        return _DONE

    # keeping the model between processes

    def to_data(self) -> dict[str, Any]:
        """The state as plain data for JSON; ``load`` takes it back."""
        return state.to_data(self)

    def load(self, data: Mapping[str, Any], now: float = -NEVER) -> None:
        """Take the state of ``to_data`` into a new library. For others: KeyError, TypeError or ValueError.

        The settings stay: with other numbers of drives, those that both have keep their tapes. ``now`` is
        needed for states of version 1, which had planned recalls in advance.
        """
        state.load(self, data, now)

    # inside: wishes

    def _accept(self, order: StageOrder, token: str, now: float) -> Outcome:
        path = order.path
        record = self.files.wake(path)
        if record is None:
            return _missing(path)
        outcome = self._considered(record, order, token, now)
        if record.held is NOBODY:
            self._settle(record)
        return outcome

    def _considered(self, record: FileRecord, order: StageOrder, token: str, now: float) -> Outcome:
        path, on_disk = record.path, record.disk_at <= now
        if record.lost and not on_disk:
            return failed(TapeLost, f"{path} cannot be read from tape {record.tape}")
        record.stages += 1
        new = not on_disk and record.recall not in (Recall.QUEUED, Recall.READING)
        fault = None
        if self.faults.injections:
            fault = self.faults.draw(path, record.stages, RECALL_FAULTS if new else REQUEST_FAULTS)
        if fault is Fault.REFUSE:
            return failed(EndpointBusy, "the tape library takes no more requests now")
        if new and self._picky and (refused := self._refused(record, now)):
            return refused
        if fault is Fault.LOST:
            return _PENDING
        lifetime = order.lifetime / _SECOND
        record.hold(token, now + lifetime if on_disk else lifetime)
        if on_disk:
            record.used_at = now
            self.buffer.look(record, now)
            return _DONE
        if new:
            record.drop()
            record.fault = fault
            if fault is not Fault.STUCK:
                self.robot.want(record)
        return _PENDING

    @property
    def _picky(self) -> bool:
        """Whether there may be a reason to refuse a recall."""
        return self.buffer.limited or self.tapes.refusing

    def _refused(self, record: FileRecord, now: float) -> Failed | None:
        """Why the recall cannot be queued."""
        tape = self.tapes.named(record.tape)
        if tape.refuse and tape.back_at > now:
            return failed(EndpointBusy, f"tape {record.tape} of {record.path} cannot be read now")
        if record.size > self.buffer.size:
            return failed(QuotaExceeded, f"{record.path} is larger than the whole buffer")
        if self.settings.when_full == "refuse" and record.size + self.robot.queued_bytes > self.buffer.free:
            return failed(EndpointBusy, f"the buffer has no room for {record.path} now")
        return None

    def _release(self, record: FileRecord, token: str, now: float, *, drops: bool) -> None:
        """Take a hold away. ``drops``: the last one takes the disk copy with it."""
        record.let_go(token, now)
        if record.disk_at <= now:
            if drops and not record.held and record.on_tape(now):
                self._drop(record)
            else:
                self.buffer.look(record, now)
        elif not record.held:
            self.robot.unwant(record)
            self._settle(record)

    # inside: events

    def _read(self, record: FileRecord, at: float) -> None:
        """A drive has read the file to its end."""
        fault, record.fault = record.fault, None
        record.recall = Recall.NONE
        if record.gone or record.lost or not record.held or fault is Fault.FAIL:
            self.buffer.give(record.size)
            if fault is Fault.FAIL:
                self.counters.failures += 1
                record.recall = Recall.FAILED
            if not record.gone:
                self._settle(record)
            return
        record.disk_at = record.used_at = at
        record.held = {token: at + lifetime for token, lifetime in record.held.items()}
        if fault in (Fault.CORRUPT, Fault.TRUNCATE):
            record.damage = fault.value
            record.recalled = self.faults.damaged(record.path, (record.size, record.adler32), fault)
        elif fault is Fault.EVICTED:
            record.evicted_at = at + self.faults.eviction_after(record.path, record.recalls)
            self.agenda.add(record.evicted_at, Kind.EVICTION, record.serial, record)
        if self.buffer.limited:
            self.buffer.look(record, at)

    def _lapsed(self, record: FileRecord, at: float) -> None:
        if record.lapses_at != at:
            return
        record.lapses_at = NEVER
        if self.buffer.look(record, at):
            self.robot.room(at)

    def _lost_early(self, record: FileRecord, at: float) -> None:
        if record.evicted_at == at and not record.gone and record.on_tape(at):
            record.held = NOBODY
            self._drop(record)
            self.robot.room(at)

    def _evict_spare(self, record: FileRecord) -> None:
        """The buffer needs the room."""
        self.counters.evictions += 1
        record.held = NOBODY  # what is left has lapsed
        self._drop(record)

    # inside: files

    def _drop(self, record: FileRecord) -> None:
        """The disk copy goes."""
        self.buffer.left(record)
        record.drop()
        self.evicted.append(record.path)
        self._settle(record)

    def _settle(self, record: FileRecord) -> None:
        """Put the file to rest if nothing more happens to it."""
        if record.recall is Recall.FAILED and not record.held:
            record.recall = Recall.NONE
        if self.files.at_rest(record, self.now):
            record.fault = None
            self.files.rest(record)

    def _settle_all(self, records: Iterable[FileRecord]) -> None:
        for record in records:
            if not record.gone:
                self._settle(record)

    def _forget(self, record: FileRecord) -> None:
        """The file leaves the namespace."""
        record.gone = True
        self.robot.unwant(record)
        if record.disk_at < NEVER:
            self.buffer.left(record)

    def _held_back(self, record: FileRecord) -> None:
        """What made a disk copy spare has changed."""
        if record.disk_at <= self.now:
            self.buffer.look(record, self.now)

    def _known(self, path: str) -> FileRecord:
        record = self.files.wake(path)
        if record is None:
            raise FileMissing(f"{path} is not in the tape library", subject=path)
        return record

    def _drive(self, number: int) -> Drive:
        if not 0 <= number < len(self.drives):
            raise Unsupported(f"there is no drive {number}: the tape library has {len(self.drives)}")
        return self.drives[number]

    def _append(self, record: FileRecord, tape: str = "") -> None:
        """Give the file its place on tape."""
        number, record.position = self.tapes.place(record.size, tape)
        record.tape = self.tapes.all[number].name

    def _destroy(self, name: str, now: float) -> None:
        """All files of the tape are lost; what was to be written on it goes to another one."""
        self.tapes.named(name).broken = True
        self.tapes.close(name)
        for record in list(self.files.active.values()):
            if record.tape != name:
                continue
            if record.tape_at > now:
                self._append(record)
                continue
            record.lost = True
            self.robot.unwant(record)
            self._held_back(record)
            self._settle(record)


def _missing(path: str) -> Failed:
    return failed(FileMissing, f"{path} is not in the tape library")
