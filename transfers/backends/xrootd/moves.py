"""The story of one file on its way, as a procedure for the engine.

``deliver`` (to a server): look at the source; read; create the target, which fails if there is one; write;
close; compare what the server says of it with the order. Sums are made while the bytes pass, and bytes other
than ordered are never closed: what this procedure has created is removed before the close would make it a
file. A target that was there before is compared and never touched.

``bring`` (to this machine): the same, into a file that gets its name when it is whole, compared and on disk.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path
from typing import Any

from catalog.checksum import EMPTY, Adler32, adler32
from catalog.states import Locality
from transfers.archivehints import opaque
from transfers.backends.localfiles import check, open_source
from transfers.backends.xrootd.calls import Call, Opened, Verb, Wire, here, is_gone
from transfers.backends.xrootd.client import Stat
from transfers.backends.xrootd.commands import OFFLINE, Limits
from transfers.backends.xrootd.errors import REFUSED_BY_SERVER, Trouble
from transfers.backends.xrootd.files import Checksum, checksum_of, may_pass, not_a_file
from transfers.backends.xrootd.ways import Ways
from transfers.errors import (
    ChecksumMismatch,
    FileExists,
    FileMissing,
    NotOnline,
    SizeMismatch,
    StorageError,
    StorageTimeout,
    TransferStopped,
    failed,
)
from transfers.model import CopyOrder, Done, Failed, Observation, Observed, Outcome, Span, Unknown
from transfers.verify import destination_as_it_is
from transfers.watch import Meter

CHUNK = 4 << 20  # bytes of one read or write
WINDOW = 4  # chunks read while as many are written
REREAD = 1 << 16  # bytes up to which a new file is read back where a call costs little
REREADS = 2  # times that it is read if it is not what was written
ASKS = 3  # times that a server is asked for a checksum which it does not give for a passing reason

_HUNG_UP = (104, 108)  # a connection that ended

Asking = Generator[Sequence[Call], list[Any], Any]


class Refused(Exception):
    """A call was answered by a trouble of this server. ``outcome`` is what that means for the file;
    ``begun``: there may be something of it at the target."""

    def __init__(self, server: str, trouble: Trouble, outcome: Failed | Unknown, *, of_source: bool) -> None:
        super().__init__(trouble.words)
        self.server, self.trouble, self.outcome, self.of_source = server, trouble, outcome, of_source
        self.begun = False


@dataclass(slots=True)
class Remote:
    """One name at one server. All calls about an open file go the way it was opened."""

    ways: Ways
    server: str
    name: str
    limits: Limits
    is_source: bool = False
    wire: Wire | None = None
    closing: bool = False  # from here on there may be a file, whatever the answer

    def call(self, verb: Verb, *, seconds: float | None = None, **more: Any) -> Call:
        if self.wire is None or self.wire.trouble is not None:
            found = self.ways.to(self.server)
            if isinstance(found, Trouble):
                raise self.refused(found)
            self.wire = found
        return Call(verb, self.wire, self.name, seconds=seconds or self.limits.timeout, **more)

    @property
    def fills(self) -> bool:
        return self.wire is None or self.wire.fills

    def create(self, order: CopyOrder) -> Call:
        """A new file, with what a tape system is told of it."""
        told = opaque(order.hints, order.size, order.adler32)
        return self.call(Verb.CREATE, seconds=self.limits.silence, opaque=told)

    def read_back(self, size: int) -> bool:
        """Is a file of this size compared by reading it, rather than by the server's word?"""
        quick = self.wire is not None and self.wire.quick
        return quick and size <= REREAD and self.limits.proof == "read" and not self.limits.tape

    def about_open(self, verb: Verb, opened: Opened, **more: Any) -> Call:
        """About a file that this one has opened: never by another way."""
        return Call(verb, self.wire, self.name, handle=opened.handle, seconds=self.limits.silence, **more)

    def good(self, answer: Any) -> Any:
        """The answer, unless it is a trouble."""
        if isinstance(answer, Trouble):
            raise self.refused(answer)
        return answer

    def refused(self, trouble: Trouble) -> Refused:
        """Before a target is to be closed there is no file, and whatever the trouble is, the copy has failed.
        Afterwards some troubles leave it open."""
        if self.is_source or not self.closing:
            text = f"{self.server}/{self.name}: {trouble.words}"
            return Refused(self.server, trouble, failed(trouble.error, text), of_source=self.is_source)
        return Refused(self.server, trouble, trouble.outcome(self.name), of_source=False)


# ------------------------------------------------------------------------------------------------ sources
@dataclass(slots=True)
class RemoteSource:
    """Bytes at a server."""

    remote: Remote
    opened: Opened | None = None
    size: int = -1

    @property
    def fills(self) -> bool:
        return self.remote.fills

    def begin(self, size: int | None) -> Asking:
        """Look at the file and open it: its size. Raises what speaks against it."""
        remote = self.remote
        (stat,) = yield [remote.call(Verb.STAT)]
        seen = remote.good(stat)
        where = f"{remote.server}/{remote.name}"
        if refusal := not_a_file(remote.name, seen):
            raise Refused(remote.server, Trouble(REFUSED_BY_SERVER, 3015), refusal, of_source=True)
        # Opening it would recall it, or wait for ever.
        if seen.flags & OFFLINE:
            raise NotOnline(f"{where} is on tape only: stage it first", subject=where)
        check((seen.size, None), (size, None), where)
        (opened,) = yield [remote.call(Verb.OPEN, seconds=remote.limits.silence)]
        self.opened, self.size = remote.good(opened), seen.size
        return seen.size

    def doubted(self, problem: Refused) -> Asking:
        """A server that cannot send what it has promised hangs up: has the file become another one?"""
        remote = self.remote
        if self.size < 0 or problem.server != remote.server or problem.trouble.code not in _HUNG_UP:
            return
        remote.wire = None
        try:
            (stat,) = yield [remote.call(Verb.STAT)]
        except Refused:
            return
        if isinstance(stat, Stat):
            check((stat.size, None), (self.size, None), f"{remote.server}/{remote.name}")

    def read(self, offset: int, length: int, into: memoryview | None) -> Call:
        assert self.opened is not None
        return self.remote.about_open(Verb.READ, self.opened, offset=offset, length=length, data=into)

    def good(self, answer: Any) -> Any:
        return self.remote.good(answer)

    def end(self) -> Sequence[Call]:
        """What is left to be asked when nothing more is read."""
        if self.opened is None:
            return []
        opened, self.opened = self.opened, None
        return [self.remote.about_open(Verb.CLOSE, opened)]


# ----------------------------------------------------------------------------------------------- streaming
@dataclass(slots=True)
class Reader:
    """A source read window by window, and summed. ``value`` and ``done`` are of what has been read."""

    source: Any
    name: str
    size: int
    wanted: Adler32 | None
    fills: bool  # buffers are read into
    value: int = EMPTY
    done: int = 0
    asked: int = 0
    _buffers: Iterator[Sequence[memoryview | None]] | None = None

    def calls(self) -> list[Call]:
        """Read the next window; none at the end."""
        if self.size <= CHUNK:
            if self.asked or not self.size:
                return []
            self.asked = self.size
            return [self.source.read(0, self.size, None)]
        if self._buffers is None:
            both = _two_windows(min(self.size, CHUNK * WINDOW))
            self._buffers = both if self.fills else repeat(_NO_BUFFERS)
        found = []
        for buffer in next(self._buffers):
            length = min(CHUNK, self.size - self.asked)
            if not length:
                break
            into = None if buffer is None else buffer[:length]
            found.append(self.source.read(self.asked, length, into))
            self.asked += length
        return found

    def take(self, calls: Sequence[Call], answers: Sequence[Any]) -> list[Any]:
        """The blocks that have come. Raises what is wrong with the source."""
        blocks = []
        for call, answer in zip(calls, answers, strict=True):
            found = self.source.good(answer)
            block = found if call.data is None else call.data[:found]
            if len(block) != call.length:
                raise SizeMismatch(
                    f"{self.name} ends after {call.offset + len(block)} bytes, not {self.size}",
                    subject=self.name,
                )
            self.value = adler32([block], self.value)
            self.done += len(block)
            blocks.append(block)
        if self.done == self.size and self.wanted is not None:
            check((self.size, Adler32(self.value)), (self.size, self.wanted), self.name)
        return blocks


_NO_BUFFERS = (None,) * WINDOW


def _two_windows(window: int) -> Iterator[list[memoryview]]:
    """Buffers, in turn: one window is read while the other is written."""
    both = []
    for _ in range(2):
        whole = memoryview(bytearray(window))
        both.append([whole[at : at + CHUNK] for at in range(0, window, CHUNK)])
    while True:
        yield from both


def deliver(
    order: CopyOrder, source: Any, target: Remote, meter: Meter, *, look_first: bool
) -> Generator[Sequence[Call], list[Any], Outcome]:
    """Copy to where nothing is, or find an equal file there. ``look_first``: before the source is read."""
    if look_first and (found := (yield from before(order, target))) is not None:
        return found
    try:
        return (yield from _delivered(order, source, target, meter))
    except (Refused, StorageError, OSError) as problem:
        if isinstance(problem, StorageTimeout) and target.closing:
            return Unknown(f"{problem}, or at least not compared")
        if not look_first and _of_source(problem, target) and (yield from _is_there(order, target)):
            return Done(adopted=True)
        raise


def _of_source(problem: Exception, target: Remote) -> bool:
    """Is it the source that is in trouble, and nobody who wants to end it all?"""
    if isinstance(problem, TransferStopped | StorageTimeout) or target.closing:
        return False
    return not isinstance(problem, Refused) or problem.of_source


def _is_there(order: CopyOrder, target: Remote) -> Asking:
    """An attempt before this one has done it, and nobody could tell; the source may have gone since."""
    try:
        return (yield from before(order, target)) == Done()
    except Refused:
        return False


def _delivered(
    order: CopyOrder, source: Any, target: Remote, meter: Meter
) -> Generator[Sequence[Call], list[Any], Outcome]:
    try:
        size = yield from source.begin(order.size)
        reader = Reader(source, order.source, size, order.adler32, source.fills and target.fills)
        calls = reader.calls()
        blocks = reader.take(calls, (yield calls) if calls else [])
        if not size:
            check((0, EMPTY), (order.size, order.adler32), order.source)
        (answer,) = yield [target.create(order)]
        if isinstance(answer, Trouble) and issubclass(answer.error, FileExists):
            found = yield from before(order, target)
            return found or Unknown(f"{target.name}: it was there, and is gone again")
        opened = target.good(answer)
        yield from _written(reader, blocks, target, opened, meter)
    except Refused as problem:
        yield from source.doubted(problem)
        raise
    finally:
        closing = source.end()
        for call in closing:
            _submit_and_forget(call)
    return (yield from proven(order, target))


def _written(reader: Reader, blocks: list[Any], target: Remote, opened: Opened, meter: Meter) -> Asking:
    """Write what the reader gives, and close. What goes wrong removes the file that was created."""
    at = 0
    try:
        while blocks:
            writes = []
            for block in blocks:
                length = len(block)
                writes.append(target.about_open(Verb.WRITE, opened, offset=at, length=length, data=block))
                at += length
            reads = reader.calls()
            answers = yield [*reads, *writes]
            for answer in answers[len(reads) :]:
                target.good(answer)
            meter(at)
            blocks = reader.take(reads, answers[: len(reads)])
        target.closing = True
        (answer,) = yield [target.about_open(Verb.CLOSE, opened)]
        target.good(answer)
    except (Refused, StorageError, OSError) as problem:
        if isinstance(problem, Refused):
            problem.begun = True
        yield from _discard(target, opened)
        raise


def _discard(target: Remote, opened: Opened) -> Asking:
    """Remove what we have created and not closed; only then close it.

    By the way it was made only. If that is lost, the server drops the file, as it was never closed; by
    another way we could not tell it from a file that somebody else has made meanwhile.
    """
    if target.wire is None or target.wire.trouble is not None:
        return
    (answer,) = yield [target.about_open(Verb.REMOVE, opened)]
    closing = target.about_open(Verb.CLOSE, opened)
    if is_gone(answer):
        yield [closing]
    elif closing.wire is not None:
        closing.wire.leave_open(closing)


def _submit_and_forget(call: Call) -> None:
    """Nobody waits for this answer: nothing follows from it."""
    if call.wire is not None:
        call.wire.submit(call)
    elif call.do is not None:
        call.do()


# ------------------------------------------------------------------------------------------------- looking
def observe(target: Remote) -> Generator[Sequence[Call], list[Any], Observation]:
    """What the server says of a name: size and checksum, or why it says nothing."""
    checksum: Checksum = None
    stat: Any = None
    for _ in range(ASKS):
        (stat,) = yield [target.call(Verb.STAT)]
        if isinstance(stat, Trouble):
            return stat.outcome(target.name)
        if refusal := not_a_file(target.name, stat):
            return refusal
        seconds = target.limits.checksum_deadline(stat.size)
        (reply,) = yield [target.call(Verb.CHECKSUM, seconds=seconds)]
        checksum = checksum_of(target.name, reply)
        if not may_pass(reply, checksum):
            break
    if isinstance(checksum, Unknown):
        return checksum
    return Observed(stat.size, checksum, Locality.UNKNOWN)


def before(order: CopyOrder, target: Remote) -> Generator[Sequence[Call], list[Any], Outcome | None]:
    """The outcome that the destination as it is decides; None: there is nothing, copy."""
    (stat,) = yield [target.call(Verb.STAT)]
    if isinstance(stat, Trouble):
        if issubclass(stat.error, FileMissing):
            return None
        raise target.refused(stat)
    seen = yield from observe(target)
    if isinstance(seen, Unknown) and isinstance(stat, Stat) and stat.size != order.size:
        seen = Observed(stat.size, None, Locality.UNKNOWN)  # its size says enough
    return destination_as_it_is(order, seen)


def proven(order: CopyOrder, target: Remote) -> Generator[Sequence[Call], list[Any], Outcome]:
    """Done only if what the server has of what we have just closed is what was ordered, by size and checksum.

    Other bytes are removed: they are ours, as the file was not there before. What cannot be seen stays, and
    is adopted or refused by the next attempt.
    """
    name = target.name
    if target.read_back(order.size):
        told = yield from _reread(order, target)
        if told is not None:
            return told
    for _ in range(ASKS):
        seconds = target.limits.checksum_deadline(order.size)
        stat, reply = yield [target.call(Verb.STAT), target.call(Verb.CHECKSUM, seconds=seconds)]
        if isinstance(stat, Trouble):
            return Unknown(f"{name}: copied, and then: {stat.words}")
        checksum = checksum_of(name, reply)
        if not may_pass(reply, checksum):
            break
    if checksum is None:
        checksum = yield from _read_back(target, stat.size)
    if isinstance(checksum, Unknown):
        return Unknown(f"{name}: copied, and then: {checksum.text}")
    if (stat.size, checksum) == (order.size, order.adler32):
        return Done()
    return (yield from _removed(order, target, stat.size, checksum))


def _removed(
    order: CopyOrder, target: Remote, size: int, checksum: Adler32
) -> Generator[Sequence[Call], list[Any], Outcome]:
    """Remove what the server has made of our bytes."""
    yield [target.call(Verb.REMOVE)]
    text = f"{target.name}: the server has {size} bytes and adler32 {checksum} of it: removed again"
    return failed(SizeMismatch if size != order.size else ChecksumMismatch, text)


def _reread(order: CopyOrder, target: Remote) -> Generator[Sequence[Call], list[Any], Outcome | None]:
    """What a small new file is at its server: read, which costs less than the server's checksum, of which few
    can be asked for at a time. Other bytes are read once more, as the line may have changed them. None: it
    cannot be read."""
    for _ in range(REREADS):
        try:
            (answer,) = yield [target.call(Verb.OPEN, seconds=target.limits.silence)]
            opened = target.good(answer)
            (answer,) = yield [target.about_open(Verb.READ, opened, length=order.size + 1)]
            _submit_and_forget(target.about_open(Verb.CLOSE, opened))
            data = target.good(answer)
        except Refused:
            return None
        checksum = adler32([data])
        if (opened.size, len(data), checksum) == (order.size, order.size, order.adler32):
            return Done()
    return (yield from _removed(order, target, max(opened.size, len(data)), checksum))


def _read_back(target: Remote, size: int) -> Generator[Sequence[Call], list[Any], Adler32]:
    """The checksum of a file at a server that computes none: read here."""
    source = RemoteSource(Remote(target.ways, target.server, target.name, target.limits))
    reader = Reader(source, target.name, size, None, source.fills)
    try:
        yield from source.begin(size)
        while calls := reader.calls():
            reader.take(calls, (yield calls))
    finally:
        for call in source.end():
            _submit_and_forget(call)
    return Adler32(reader.value)


def summed(name: str, source: Any, meter: Meter) -> Generator[Sequence[Call], list[Any], tuple[int, Adler32]]:
    """Read all of a source and keep nothing: size and adler32 of the bytes that came."""
    try:
        size = yield from source.begin(None)
        reader = Reader(source, name, size, None, source.fills)
        while calls := reader.calls():
            reader.take(calls, (yield calls))
            meter(reader.done)
        return size, Adler32(reader.value)
    except Refused as problem:
        yield from source.doubted(problem)
        raise
    finally:
        for call in source.end():
            _submit_and_forget(call)


def parts(source: Any, spans: Sequence[Span]) -> Generator[Sequence[Call], list[Any], dict[Span, bytes]]:
    """Open a source once, and read these stretches of it, all asked for at once."""
    try:
        size = yield from source.begin(None)
        wanted = [(span, at, length) for span in spans for at, length in _chunks(span, size)]
        found: dict[Span, bytes] = dict.fromkeys(spans, b"")
        for first in range(0, len(wanted), WINDOW):
            some = wanted[first : first + WINDOW]
            calls = [source.read(at, length, None) for _, at, length in some]
            for (span, at, length), answer in zip(some, (yield calls), strict=True):
                block = source.good(answer)
                if len(block) != length:
                    raise SizeMismatch(f"{span.path} ends after {at + len(block)} bytes, not {size}")
                found[span] += block
        return found
    except Refused as problem:
        yield from source.doubted(problem)
        raise
    finally:
        for call in source.end():
            _submit_and_forget(call)


def _chunks(span: Span, size: int) -> Iterator[tuple[int, int]]:
    """A stretch as reads: offset and length, as far as the file goes."""
    end = min(span.offset + span.length, size)
    for at in range(span.offset, end, CHUNK):
        yield at, min(CHUNK, end - at)


@dataclass(frozen=True, slots=True)
class Landing:
    """Where ``bring`` puts a file: made by functions that run in other threads."""

    begin: Callable[[], Any]
    write: Callable[[Any, Sequence[Any]], None]
    finish: Callable[[Any], None]
    drop: Callable[[Any], None]


def bring(
    name: str, source: Any, size: int | None, wanted: Adler32 | None, landing: Landing, meter: Meter
) -> Generator[Sequence[Call], list[Any], Outcome]:
    """Copy to a new local file: whole, compared and on disk, or not at all."""
    file: Any = None
    try:
        length = yield from source.begin(size)
        reader = Reader(source, name, length, wanted, source.fills)
        calls = reader.calls()
        blocks = reader.take(calls, (yield calls) if calls else [])
        if not length:
            check((0, EMPTY), (0, wanted), name)
        if reader.done == length:  # all of it is here: one errand for the other thread
            yield from _done_here(lambda: _whole(landing, blocks))
            meter(length)
            return Done()
        file = yield from _done_here(landing.begin)
        while blocks:
            calls = reader.calls()
            ready, put = blocks, file
            answers = yield [*calls, here(lambda ready=ready, put=put: landing.write(put, ready))]  # type: ignore[misc]
            _good_here(answers[-1])
            meter(reader.done)
            blocks = reader.take(calls, answers[:-1])
        yield from _done_here(lambda: landing.finish(file))
        return Done()
    except Refused as problem:
        yield from source.doubted(problem)
        raise
    finally:
        if file is not None:
            landing.drop(file)
        for call in source.end():
            _submit_and_forget(call)


def _whole(landing: Landing, blocks: Sequence[Any]) -> None:
    file = landing.begin()
    try:
        landing.write(file, blocks)
        landing.finish(file)
    finally:
        landing.drop(file)


def _done_here(do: Callable[[], Any]) -> Asking:
    (answer,) = yield [here(do)]
    return _good_here(answer)


def _good_here(answer: Any) -> Any:
    if isinstance(answer, BaseException):
        raise answer
    return answer


@dataclass(slots=True)
class LocalSource:
    """A file of this machine. Whatever else than a regular file it is, is refused."""

    path: Path
    stream: Any = None
    fills: bool = True

    def begin(self, size: int | None) -> Asking:
        self.stream, found = yield from _done_here(self._open)
        check((found, None), (size, None), str(self.path))
        return found

    def _open(self) -> tuple[Any, int]:
        stream = open_source(self.path)
        return stream, os.fstat(stream.fileno()).st_size

    def read(self, offset: int, length: int, into: memoryview | None) -> Call:
        descriptor = self.stream.fileno()
        call = here(lambda: os.pread(descriptor, length, offset))
        if into is not None:
            call.do = lambda: os.preadv(descriptor, [into], offset)
        call.offset, call.length, call.data = offset, length, into
        return call

    def doubted(self, problem: Refused) -> Asking:
        """What happens elsewhere says nothing of this file."""
        yield from ()

    def good(self, answer: Any) -> Any:
        return _good_here(answer)

    def end(self) -> Sequence[Call]:
        if self.stream is not None:
            self.stream.close()
        return []
