"""Many files at a time, by one thread: the procedures of ``moves``, and the wires they ask.

A procedure is a generator. It yields calls, some at a time, is resumed with their answers when all are
there, and returns its outcome; so it reads like the story of one file. The engine begins procedures as long
as there are not too many files, and not too many bytes, in flight; sends what they ask; and looks at the
clock, and at whether somebody wants to stop: then it throws the reason into the procedure, which cleans up.

Nothing here waits for ever: wires give up silent servers, every procedure has a deadline, and one that does
not clean up within its grace is abandoned.
"""

from __future__ import annotations

import os
import selectors
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from typing import Any, Self

from transfers.backends.xrootd.calls import Call, Opened, Verb, Wire, uncreate
from transfers.backends.xrootd.plainwire import PlainWire
from transfers.errormap import from_oserror
from transfers.errors import StorageError, StorageTimeout, TransferStopped, failed
from transfers.model import Outcome, Unknown
from transfers.watch import Watch

Steps = Generator[Sequence[Call], list[Any], Outcome]

TICK = 0.1  # seconds between looks at the clock
_CLEANING = 45.0  # seconds for a procedure to clean up after itself
_LAST_WORDS = 0.2  # seconds for answers that nobody waits for
_THREADS = 8  # for what this machine does: reading and writing local files, third-party copies


def _not_wanted(call: Call, opened: Opened) -> None:
    if call.verb is Verb.CREATE:
        uncreate(call, opened)
    elif (wire := call.wire) is not None:
        wire.submit(Call(Verb.CLOSE, wire, call.name, handle=opened.handle, seconds=call.seconds))


@dataclass(slots=True, eq=False)
class Move:
    """One file on its way. ``weight``: bytes of memory it may need. ``seconds``: for all of it."""

    key: str
    steps: Callable[[], Steps]
    weight: int
    seconds: float


@dataclass(slots=True, eq=False)
class _Running:
    move: Move
    steps: Steps
    deadline: float
    turn: int = 0
    open: int = 0
    answers: list[Any] = field(default_factory=list)
    at_home: int = 0  # calls that this machine still works on
    told_to_end: bool = False


class Engine:
    """Runs moves. One call of a port has one engine, in its own thread; use it as a context."""

    def __init__(
        self, watch: Watch, *, files: int, memory: int, checksums: threading.BoundedSemaphore
    ) -> None:
        self._watch, self._files, self._memory = watch, files, memory
        self._checksums, self._waiting = checksums, deque[Call]()
        self._places = 0  # held at the gate of checksums
        self._selector = selectors.DefaultSelector()
        bell = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._selector.register(bell, selectors.EVENT_READ)
        self._bell: int | None = bell
        self._ringing = threading.Lock()
        self._mail: deque[Callable[[], None]] = deque()
        self._rung = False
        self._wires: dict[PlainWire, int] = {}
        self._reminded: list[Wire] = []
        self._pool: ThreadPoolExecutor | None = None
        self._running: set[_Running] = set()
        self._ready: deque[tuple[_Running, Any]] = deque()
        self._in_flight = 0
        self.outcomes: dict[str, Outcome] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *problem: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
        self._selector.close()
        for _ in range(self._places):  # nobody answers any more what was given up
            self._checksums.release()
        self._places = 0
        with self._ringing:
            assert self._bell is not None
            os.close(self._bell)
            self._bell = None

    # ---------------------------------------------------------------------- life
    def run(self, moves: Iterable[Move]) -> dict[str, Outcome]:
        """The outcome of each move, by its key. Moves are taken when there is room for one."""
        rest = iter(moves)
        following = next(rest, None)
        while following is not None or self._running:
            if following is not None and self._watch.stopped():
                for move in chain([following], rest):
                    self.outcomes[move.key] = failed(TransferStopped, f"{move.key}: stopped before it began")
                following = None
            while following is not None and self._has_room(following):
                self._begin(following)
                following = next(rest, None)
            self._turn()
        self._let_them_finish()
        return self.outcomes

    def _let_them_finish(self) -> None:
        """Connections on which only a close is still to be answered can be used again by the next call."""
        end = time.monotonic() + _LAST_WORDS
        while any(not wire.idle for wire in self._wires) and time.monotonic() < end:
            self._turn()

    def _has_room(self, move: Move) -> bool:
        if not self._running:
            return True
        return len(self._running) < self._files and self._in_flight + move.weight <= self._memory

    def _begin(self, move: Move) -> None:
        running = _Running(move, move.steps(), time.monotonic() + move.seconds)
        self._running.add(running)
        self._in_flight += move.weight
        self._ready.append((running, None))
        self._advance_all()

    def _advance_all(self) -> None:
        while self._ready:
            running, said = self._ready.popleft()
            if running in self._running:
                self._advance(running, said)

    def _advance(self, running: _Running, said: Any) -> None:
        try:
            step = running.steps.throw if isinstance(said, BaseException) else running.steps.send
            calls = step(said)
        except StopIteration as end:
            self._end(running, end.value)
        except StorageError as error:
            self._end(running, failed(type(error), str(error)))
        except OSError as error:
            self._end(running, from_oserror(error))
        else:
            running.turn += 1
            running.open, running.answers = len(calls), [None] * len(calls)
            turn, running.at_home = running.turn, 0
            for number, call in enumerate(calls):
                running.at_home += call.verb is Verb.LOCAL
                call.land = partial(self._landed, running, turn, number, call)
                self._submit(call)

    def _end(self, running: _Running, outcome: Outcome) -> None:
        self._running.discard(running)
        self._in_flight -= running.move.weight
        self.outcomes[running.move.key] = outcome

    def _landed(self, running: _Running, turn: int, number: int, call: Call, answer: Any) -> None:
        running.at_home -= call.verb is Verb.LOCAL
        if running.turn != turn:  # it was told to end meanwhile
            if isinstance(answer, Opened):
                _not_wanted(call, answer)
            return
        running.answers[number] = answer
        running.open -= 1
        if not running.open:
            running.turn += 1
            self._ready.append((running, running.answers))

    # --------------------------------------------------------------------- calls
    def _submit(self, call: Call) -> None:
        if call.verb in (Verb.LOCAL, Verb.APART):
            self._locally(call)
        elif call.verb is Verb.CHECKSUM:
            self._waiting.append(call)
            self._ask_for_checksums()
        else:
            assert call.wire is not None
            call.wire.submit(call)

    def _ask_for_checksums(self) -> None:
        """Servers compute few at a time; so all that this process asks go through one gate."""
        while self._waiting and self._checksums.acquire(blocking=False):
            self._places += 1
            call = self._waiting.popleft()
            land = call.land
            call.land = partial(self._checksum_landed, land)
            assert call.wire is not None
            call.wire.submit(call)

    def _checksum_landed(self, land: Callable[[Any], None], answer: Any) -> None:
        if self._places:
            self._places -= 1
            self._checksums.release()
        land(answer)
        self._ask_for_checksums()

    def _locally(self, call: Call) -> None:
        assert call.do is not None
        do = call.do

        def work() -> None:
            try:
                answer = do()
            except Exception as error:  # noqa: BLE001  # whatever it is, it is the answer
                answer = error
            self.post(lambda: call.land(answer))

        if call.verb is Verb.APART:
            threading.Thread(target=work, daemon=True, name="ddm-apart").start()
            return
        if self._pool is None:
            self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="ddm-copies")
        self._pool.submit(work)

    def post(self, act: Callable[[], None]) -> None:
        """Have this done by the engine's thread. From any thread, also when the engine has ended: then nobody
        waits for it any more, and the number of the bell may be that of somebody else's file."""
        with self._ringing:
            if self._bell is not None:
                self._mail.append(act)
                if not self._rung:
                    self._rung = True
                    os.eventfd_write(self._bell, 1)

    # ---------------------------------------------------------------------- turn
    def watch_over(self, wire: PlainWire) -> None:
        """This wire is to be written and read from now on."""
        self._wires[wire] = selectors.EVENT_READ
        self._selector.register(wire, selectors.EVENT_READ, wire)

    def remind(self, wire: Wire) -> None:
        """This wire is to look at the time now and then."""
        self._reminded.append(wire)

    def leave(self, wire: PlainWire) -> None:
        """This wire is somebody else's again."""
        if self._wires.pop(wire, None) is not None:
            self._selector.unregister(wire)

    def _turn(self) -> None:
        self._send()
        for key, _ in self._selector.select(TICK):
            if key.data is None:
                os.eventfd_read(key.fd)
                self._rung = False  # what comes from now on rings again
            elif key.data.trouble is None:
                key.data.read()
                self._forget_if_dead(key.data)
        while self._mail:
            self._mail.popleft()()
        self._advance_all()
        self._look_at_the_clock()

    def _send(self) -> None:
        for wire, events in list(self._wires.items()):
            if wire.wants_to_write and wire.trouble is None:
                wire.write()
            wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if wire.wants_to_write else 0)
            if not self._forget_if_dead(wire) and wanted != events:
                self._selector.modify(wire, wanted, wire)
                self._wires[wire] = wanted

    def _forget_if_dead(self, wire: PlainWire) -> bool:
        if wire.trouble is None:
            return False
        if self._wires.pop(wire, None) is not None:
            self._selector.unregister(wire)
            wire.close()
        return True

    def _look_at_the_clock(self) -> None:
        now = time.monotonic()
        if now < self._next_look:
            return
        self._next_look = now + TICK
        for wire in list(self._wires):
            wire.tick()
            self._forget_if_dead(wire)
        for other in self._reminded:
            other.tick()
        self._ask_for_checksums()
        stopped = self._watch.stopped()
        for running in list(self._running):
            if running.told_to_end:
                if now > running.deadline:
                    self._abandon(running)
            elif running.at_home:  # a thread still uses its files, which may not be closed under it
                if now > running.deadline + _CLEANING:
                    self._abandon(running)
            elif stopped:
                self._tell_to_end(running, TransferStopped(f"{running.move.key}: stopped"), now)
            elif now > running.deadline:
                self._tell_to_end(running, StorageTimeout(f"{running.move.key}: not copied in time"), now)
        self._advance_all()

    _next_look = 0.0

    def _tell_to_end(self, running: _Running, reason: StorageError, now: float) -> None:
        running.told_to_end = True
        running.deadline = now + _CLEANING
        running.turn += 1  # what it waits for is of no interest any more
        self._ready.append((running, reason))

    def _abandon(self, running: _Running) -> None:
        running.turn += 1
        if not running.at_home:
            running.steps.close()
        self._end(running, Unknown(f"{running.move.key}: given up, and it could not be cleaned up in time"))
