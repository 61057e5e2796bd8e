"""The state of a simulated tape library as plain data, and back.

Queues, sweeps and the agenda follow from files and drives, so that a library that was read back does what the
one that was written would have done.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import astuple
from typing import TYPE_CHECKING, Any

from catalog.checksum import Adler32
from transfers.backends.tapelibrary.agenda import Kind
from transfers.backends.tapelibrary.faults import Fault, Injection
from transfers.backends.tapelibrary.queues import TapeQueue
from transfers.backends.tapelibrary.records import NOBODY, FileRecord, Recall
from transfers.backends.tapelibrary.robot import Counters, Doing, Drive
from transfers.backends.tapelibrary.settings import NEVER
from transfers.backends.tapelibrary.tapes import Tape

if TYPE_CHECKING:
    from transfers.backends.tapelibrary.library import TapeLibrary

VERSION = 2


def to_data(library: TapeLibrary) -> dict[str, Any]:
    """Everything but the settings."""
    files, tapes, robot = library.files, library.tapes, library.robot
    table = files.table
    return {
        "version": VERSION,
        "generation": library.generation,
        "now": library.now,
        "serial": robot.serial,
        "counters": astuple(library.counters),
        "tapes": [astuple(tape) for tape in tapes.all],
        "writing": [tapes.open, tapes.made, tapes.turn],
        "outages": robot.outages,
        "drives": [_drive_values(drive) for drive in robot.drives],
        "injections": [[i.pattern, i.kind.value, i.count, i.chance] for i in library.injections],
        "rest": [
            [
                table.path(row),
                table.size[row],
                table.adler32[row],
                table.tape[row],
                table.position[row],
                table.tape_at[row],
                table.stages[row],
                table.recalls[row],
                table.lost[row],
            ]
            for row in table
            if table.path(row) not in files.active
        ],
        "active": [_record_values(record) for record in files.active.values()],
    }


def load(library: TapeLibrary, data: Mapping[str, Any], now: float) -> None:
    """Fill a new library. Raises KeyError, TypeError or ValueError for data of another kind."""
    version = data["version"]
    if version == 1:
        _load_first(library, data, now)
    elif version == VERSION:
        _load(library, data)
    else:
        raise ValueError(f"state of version {version}, this program reads versions 1 and {VERSION}")
    _resume(library)


def _drive_values(drive: Drive) -> list[Any]:
    record = drive.record
    reads = None if record is None else (record.size if record.gone else record.path)
    state = [drive.doing.value, drive.since, drive.work, drive.due, drive.busy, reads]
    return [drive.tape, drive.position, *state]


def _record_values(record: FileRecord) -> list[Any]:
    return [
        record.path,
        record.size,
        record.adler32,
        record.tape,
        record.position,
        record.tape_at,
        record.disk_at,
        record.stages,
        record.recalls,
        record.lost,
        dict(record.held),
        record.recall.value,
        record.serial,
        record.fault,
        record.recalled,
        record.damage,
        record.used_at,
        record.evicted_at,
    ]


def _record(values: Sequence[Any]) -> FileRecord:
    record = FileRecord(*values)
    record.adler32 = Adler32(record.adler32)
    record.held = record.held or NOBODY
    record.recall = Recall(record.recall)
    record.fault = None if record.fault is None else Fault(record.fault)
    record.recalled = _contents(record.recalled)
    return record


def _contents(values: Sequence[int] | None) -> tuple[int, Adler32] | None:
    return None if values is None else (values[0], Adler32(values[1]))


def _load(library: TapeLibrary, data: Mapping[str, Any]) -> None:
    files, tapes, robot = library.files, library.tapes, library.robot
    library.generation, library.now, robot.serial = data["generation"], data["now"], data["serial"]
    _count(library.counters, data["counters"])
    for values in data["tapes"]:
        tapes.numbers[values[0]] = len(tapes.all)
        tapes.all.append(Tape(*values))
        tapes.refusing |= tapes.all[-1].refuse
    tapes.open, tapes.made, tapes.turn = data["writing"]
    robot.outages[:] = [(start, end) for start, end in data["outages"]]
    _inject(library, data["injections"])
    for path, size, adler32, tape, position, tape_at, stages, recalls, lost in data["rest"]:
        row = files.table.add(path, size, adler32, tape, position, tape_at)
        files.table.stages[row], files.table.recalls[row] = stages, recalls
        files.table.lost[row] = lost
    for values in data["active"]:
        record = _record(values)
        files.active[record.path] = record
    _load_drives(library, data["drives"])


def _load_drives(library: TapeLibrary, states: Sequence[Sequence[Any]]) -> None:
    drives = library.robot.drives
    for drive, (tape, position, doing, since, work, due, busy, reads) in zip(drives, states, strict=False):
        drive.tape, drive.position, drive.doing = tape, position, Doing(doing)
        drive.since, drive.work, drive.due, drive.busy = since, work, due, busy
        if isinstance(reads, str):
            drive.record = library.files.active[reads]
        elif reads is not None:
            drive.record = FileRecord("", reads, Adler32(0), gone=True)
    for *_, reads in states[len(drives) :]:  # drives that are no more: what they were reading is wanted
        if isinstance(reads, str):
            library.files.active[reads].recall = Recall.QUEUED


def _count(counters: Counters, values: Sequence[int]) -> None:
    given = Counters(*values)
    for name in counters.__slots__:
        setattr(counters, name, getattr(given, name))


def _inject(library: TapeLibrary, injections: Sequence[Sequence[Any]]) -> None:
    library.injections[:] = [Injection(p, Fault(k), count, chance) for p, k, count, chance in injections]


def _load_first(library: TapeLibrary, data: Mapping[str, Any], now: float) -> None:
    """Version 1 had planned recalls: what is not over by now is queued anew."""
    library.generation, library.now = data["generation"], now
    library.counters.requests, library.counters.mounts, made, used, written = data["counters"]
    _inject(library, data["injections"])
    tapes = library.tapes
    for drive, (_, tape, position) in zip(library.drives, data["drives"], strict=False):
        drive.tape, drive.position = tape, position
    for path, values in data["files"].items():
        record = _first_record(path, values, now)
        tape = tapes.named(record.tape)
        tape.files = max(tape.files, record.position + 1)
        tape.used += record.size
        if record.recall is Recall.QUEUED or record.disk_at < NEVER:
            library.robot.serial += 1
            record.serial = library.robot.serial
        library.files.active[path] = record
        if library.files.at_rest(record, now):
            library.files.rest(record)
    last = f"T{made:05d}"
    tapes.made, tapes.open = made, [tapes.number(last)]
    tapes.named(last).files = max(tapes.named(last).files, written)
    tapes.named(last).used = used


def _first_record(path: str, values: Sequence[Any], now: float) -> FileRecord:
    size, adler32, tape, position, tape_at, disk_at, error_at, held, recalled, damage, stages, lost = values
    record = FileRecord(path, size, Adler32(adler32), tape, position, tape_at, stages=stages, lost=lost)
    if disk_at <= now:
        record.disk_at = record.used_at = disk_at
        record.recalled, record.damage = _contents(recalled), damage
        record.held = held or NOBODY
        return record
    record.held = {token: max(0.0, end - now) for token, end in held.items()} or NOBODY
    if error_at <= now:
        record.recall = Recall.FAILED
    elif not lost and (error_at < NEVER or disk_at < NEVER):
        record.recall = Recall.QUEUED
        record.fault = Fault.FAIL if error_at < NEVER else Fault(damage) if damage else None
    return record


def _resume(library: TapeLibrary) -> None:
    """Queues, room and events, from files and drives."""
    files, robot, buffer = library.files, library.robot, library.buffer
    for drive in robot.drives:
        if drive.tape:
            queue = robot.queues[drive.tape] = TapeQueue(drive.tape)
            queue.mounted, queue.head = True, drive.position
        if drive.record is not None:
            buffer.used += drive.record.size
        if drive.doing in (Doing.MOUNTING, Doing.READING):
            library.agenda.add(drive.due, Kind.DRIVE, drive.number, drive)
        elif drive.doing is Doing.DOWN and drive.due < NEVER:
            library.agenda.add(drive.due, Kind.REPAIR, drive.number, drive)
    for number, tape in enumerate(library.tapes.all):
        if tape.back_at > library.now:
            library.agenda.add(tape.back_at, Kind.TAPE, number, tape)
    for record in sorted(files.active.values(), key=lambda record: record.serial):
        if record.disk_at < NEVER:
            buffer.used += record.size
            buffer.look(record, library.now)
        if record.evicted_at < NEVER:
            library.agenda.add(record.evicted_at, Kind.EVICTION, record.serial, record)
        if record.recall is Recall.QUEUED:
            robot.enter(record)
    robot.start(library.now)
