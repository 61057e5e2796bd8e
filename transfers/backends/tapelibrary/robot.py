"""The drives of a simulated tape library, and what they do next.

A drive that has nothing to do takes the tape with the oldest request, or with the most of them: it unmounts
the old tape, mounts the new one, and reads what is wanted of it, sweep after sweep, until nothing is. Only
then it looks for another tape. A recall needs room in the buffer when its reading begins; without any, the
drive waits.
While the service is out, drives stand still.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from transfers.backends.tapelibrary.agenda import Agenda, Kind
from transfers.backends.tapelibrary.buffer import Buffer
from transfers.backends.tapelibrary.faults import SLOWNESS, Fault
from transfers.backends.tapelibrary.queues import TapeQueue
from transfers.backends.tapelibrary.records import FileRecord, Recall
from transfers.backends.tapelibrary.settings import NEVER, LibrarySettings
from transfers.backends.tapelibrary.tapes import Tapes


class Doing(Enum):
    """What a drive does."""

    NOTHING = "nothing"
    MOUNTING = "mounting"
    READING = "reading"
    WAITING = "waiting"  # for room in the buffer
    DOWN = "down"


@dataclass(slots=True)
class Drive:
    """A tape drive: the tape in it, after which file its head stands, what it does and until when.

    ``work``: seconds that what it does takes, since ``since``; ``due``: when that is over. ``busy``: seconds
    of work it has done.
    """

    number: int
    tape: str = ""
    position: int = -1
    doing: Doing = Doing.NOTHING
    since: float = 0.0
    work: float = 0.0
    due: float = 0.0
    busy: float = 0.0
    record: FileRecord | None = None


@dataclass(slots=True)
class Counters:
    """What the library has done. ``full``: how often a drive had to wait for room in the buffer."""

    requests: int = 0
    mounts: int = 0
    seeks: int = 0
    recalls: int = 0
    bytes_read: int = 0
    failures: int = 0
    full: int = 0
    evictions: int = 0


class Robot:
    """Drives and queues. ``read`` is called for each file whose reading ended, with the time."""

    def __init__(
        self,
        settings: LibrarySettings,
        tapes: Tapes,
        buffer: Buffer,
        agenda: Agenda,
        counters: Counters,
        read: Callable[[FileRecord, float], None],
    ) -> None:
        self.settings = settings
        self.drives = [Drive(number) for number in range(settings.drives)]
        self.queues: dict[str, TapeQueue] = {}
        self.outages: list[tuple[float, float]] = []
        self.serial = 0
        self.queued_bytes = 0
        self._tapes = tapes
        self._buffer = buffer
        self._agenda = agenda
        self._counters = counters
        self._read = read

    # wishes

    def want(self, record: FileRecord) -> None:
        """Put the file into the queue of its tape; ``start`` lets the drives see it."""
        self.serial += 1
        record.serial = self.serial
        self.enter(record)

    def enter(self, record: FileRecord) -> None:
        record.recall = Recall.QUEUED
        queue = self.queues.get(record.tape)
        if queue is None:
            queue = self.queues[record.tape] = TapeQueue(record.tape)
        queue.add(record)
        self.queued_bytes += record.size

    def unwant(self, record: FileRecord) -> None:
        """Take the file out of the queue, if it is in one."""
        if record.recall is Recall.QUEUED:
            record.recall = Recall.NONE
            self.queued_bytes -= record.size
            queue = self.queues[record.tape]
            queue.left()
            self._tidy(queue)

    def start(self, now: float) -> None:
        """Let every drive that does nothing see whether there is something to do."""
        idle = [drive for drive in self.drives if drive.doing is Doing.NOTHING]
        for drive in idle:
            if drive.tape and self._queue(drive):
                self._next(drive, now)
        if len(self.queues) > sum(bool(drive.tape) for drive in self.drives):
            for drive in sorted(idle, key=lambda drive: (drive.tape != "", drive.due, drive.number)):
                if drive.doing is Doing.NOTHING:
                    self._next(drive, now)

    def room(self, now: float) -> None:
        """There may be room in the buffer again."""
        for drive in self.drives:
            if drive.doing is Doing.WAITING:
                self._next(drive, now)

    # time

    def finished(self, drive: Drive, at: float) -> None:
        """The event of a drive: what it does is over, unless that was put off or given up."""
        if drive.due != at or drive.doing not in (Doing.MOUNTING, Doing.READING):
            return
        drive.busy += drive.work
        record, drive.record = drive.record, None
        doing, drive.doing = drive.doing, Doing.NOTHING
        if doing is Doing.READING and record is not None:
            self._counters.recalls += 1
            self._counters.bytes_read += record.size
            record.recalls += 1
            self._read(record, at)
        self._next(drive, at)

    def put_off(self) -> None:
        """The outages have changed: what is being done is over later."""
        for drive in self.drives:
            if drive.doing in (Doing.MOUNTING, Doing.READING):
                self._schedule(drive)

    def take_down(self, drive: Drive, now: float, until: float) -> list[FileRecord]:
        """The drive does nothing more; its tape is for the others, and what it was reading is wanted again.

        Gives the files whose reading was given up.
        """
        given_up = self._give_up(drive)
        drive.doing, drive.due = Doing.DOWN, until
        if until < NEVER:
            self._agenda.add(until, Kind.REPAIR, drive.number, drive)
        self.room(now)
        self.start(now)
        return given_up

    def repaired(self, drive: Drive, at: float) -> None:
        """The event of a drive that was taken down until then."""
        if drive.due == at:
            self.bring_up(drive, at)

    def bring_up(self, drive: Drive, now: float) -> None:
        """Let a drive that is down work again."""
        if drive.doing is Doing.DOWN:
            drive.doing, drive.due = Doing.NOTHING, now
            self.start(now)

    def take_out(self, tape: str, now: float) -> list[FileRecord]:
        """The tape cannot be read any more, for now or for ever: the drive that has it is free.

        Gives the files whose reading was given up.
        """
        given_up = []
        for drive in self.drives:
            if drive.tape == tape:
                given_up += self._give_up(drive)
                drive.doing, drive.due = Doing.NOTHING, now
        self.room(now)
        self.start(now)
        return given_up

    # inside

    def _next(self, drive: Drive, now: float) -> None:
        """Let a drive that is free go on."""
        queue = self._queue(drive)
        if queue is not None:
            self._begin(drive, queue, now)
        elif (chosen := self._choose(now)) is not None:
            self._mount(drive, chosen, now)
        elif drive.doing is not Doing.NOTHING:
            drive.doing, drive.due = Doing.NOTHING, now

    def _queue(self, drive: Drive) -> TapeQueue | None:
        """What is wanted of the drive's tape."""
        queue = self.queues.get(drive.tape)
        return queue if queue is not None and queue.live else None

    def _choose(self, now: float) -> TapeQueue | None:
        """The tape that a drive should take. Looks at every tape of which something is wanted."""
        able = [q for q in self.queues.values() if q.live and not q.mounted and self._readable(q.tape, now)]
        if not able:
            return None
        if self.settings.mount_order == "most":
            return min(able, key=lambda queue: (-queue.live, queue.oldest()))
        return min(able, key=TapeQueue.oldest)

    def _readable(self, name: str, now: float) -> bool:
        tape = self._tapes.named(name)
        return not tape.broken and tape.back_at <= now

    def _mount(self, drive: Drive, queue: TapeQueue, now: float) -> None:
        work = self.settings.mount + (self.settings.unmount if drive.tape else 0.0)
        self._dismount(drive)
        drive.tape, queue.mounted = queue.tape, True
        self._counters.mounts += 1
        self._work(drive, Doing.MOUNTING, work, now)

    def _dismount(self, drive: Drive) -> None:
        queue = self.queues.get(drive.tape)
        if queue is not None:
            queue.dismount()
            self._tidy(queue)
        drive.tape, drive.position = "", -1

    def _tidy(self, queue: TapeQueue) -> None:
        if not queue.live and not queue.mounted:
            del self.queues[queue.tape]

    def _begin(self, drive: Drive, queue: TapeQueue, now: float) -> None:
        """Read the first file of the queue, or wait for room."""
        record = queue.first()
        if not self._buffer.take(record.size):
            if drive.doing is not Doing.WAITING:
                self._counters.full += 1
                drive.doing, drive.since = Doing.WAITING, now
            return
        queue.begin(record)
        self.queued_bytes -= record.size
        record.recall = Recall.READING
        work = record.size / self.settings.rate + self._seek(record.position - drive.position - 1)
        if record.fault is Fault.SLOW:
            work *= SLOWNESS
        drive.position, drive.record = record.position, record
        self._work(drive, Doing.READING, work, now)

    def _seek(self, distance: int) -> float:
        if not distance:
            return 0.0
        self._counters.seeks += 1
        return self.settings.seek + self.settings.locate * abs(distance)

    def _work(self, drive: Drive, doing: Doing, work: float, now: float) -> None:
        drive.doing, drive.since, drive.work, drive.due = doing, now, work, NEVER
        self._schedule(drive)

    def _schedule(self, drive: Drive) -> None:
        due = drive.since + drive.work if not self.outages else self._over(drive.since, drive.work)
        if due != drive.due:
            drive.due = due
            self._agenda.add(due, Kind.DRIVE, drive.number, drive)

    def _over(self, time: float, work: float) -> float:
        """When work is over that was begun at that time."""
        for start, end in sorted(self.outages):
            if end <= time:
                continue
            if start >= time + work:
                break
            work -= max(0.0, start - time)
            time = end
        return time + work

    def _give_up(self, drive: Drive) -> list[FileRecord]:
        """What the drive does is not done, and the tape goes out of it; the file whose reading that was."""
        record, drive.record = drive.record, None
        self._dismount(drive)
        if record is None:
            return []
        self._buffer.give(record.size)
        record.recall = Recall.NONE
        if record.held and not record.gone and not record.lost:
            self.want(record)
        return [record]
