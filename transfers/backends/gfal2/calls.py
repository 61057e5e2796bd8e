"""Blocking calls of a library that keeps no deadlines, each under a deadline of ours.

Calls run in threads of their own, some at a time, each thread with a context of its own (what the library
needs for a call, and what can be cancelled without hitting other calls). A call whose time is over is
cancelled, if that helps, and otherwise left behind: its thread ends when the library comes back, and its
answer is not looked at. Threads left behind are counted, and too many of them stop new calls; they do not
keep the process from ending.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from transfers.errors import EndpointBusy

C = TypeVar("C")
I = TypeVar("I", bound=Hashable)  # noqa: E741
A = TypeVar("A")

MOST_LEFT_BEHIND = 32
LOOK_EVERY = 0.1  # seconds between looks at whether to go on
CANCEL_EVERY = 1.0  # seconds: a cancellation that comes between two operations of a call hits nothing


@dataclass(frozen=True, slots=True)
class Rules(Generic[I, A]):
    """How calls are made. ``seconds``: the deadline of one; ``at_a_time``: threads; ``overdue``: the answer
    of a call that missed its deadline; ``grace``: seconds that a cancelled call may take to clean up, 0:
    calls are not cancelled. After ``give_up`` answers in a row for which ``hopeless`` holds no further call
    is begun: the rest get the last answer. Once ``stopped`` says so no call is begun, the rest get the answer
    ``refused``, and calls under way are cancelled, where calls are cancelled at all.
    """

    seconds: Callable[[I], float]
    at_a_time: int
    overdue: A
    hopeless: Callable[[A], bool]
    grace: float = 0.0
    give_up: int = 8
    gate: threading.Semaphore | None = None
    stopped: Callable[[], bool] | None = None
    refused: A | None = None


class Caller(Generic[C]):
    """Makes calls with contexts that ``open`` makes, ``cancel`` interrupts and ``close`` ends."""

    def __init__(
        self,
        open_context: Callable[[], C],
        cancel: Callable[[C], object],
        close: Callable[[C], object],
        *,
        most_left_behind: int = MOST_LEFT_BEHIND,
    ) -> None:
        self.open, self.cancel, self.close = open_context, cancel, close
        self.left_behind = 0
        self._most, self._lock = most_left_behind, threading.Lock()

    def run(self, items: Sequence[I], act: Callable[[C, I], A], rules: Rules[I, A]) -> dict[I, A]:
        """The answer of ``act(context, item)`` for each item. What it raises is raised here.

        Raises EndpointBusy when too many calls of before have not come back.
        """
        if self.left_behind >= self._most:
            raise EndpointBusy(f"{self.left_behind} calls of before have not come back yet")
        return _Run(self, items, act, rules).answers()

    def leave(self, count: int) -> None:
        """Note that a call was left behind, or (-1) that it came back."""
        with self._lock:
            self.left_behind += count


@dataclass(slots=True)
class _Call(Generic[C, I]):
    """One call on its way. ``due``: by ``time.monotonic``."""

    item: I
    context: C
    due: float
    cancelled: bool = False
    cancelled_at: float = 0.0


@dataclass(slots=True)
class _Run(Generic[C, I, A]):
    """The calls of one ``run``. Everything below is changed under ``changed`` only."""

    caller: Caller[C]
    items: Sequence[I]
    act: Callable[[C, I], A]
    rules: Rules[I, A]
    changed: threading.Condition = field(default_factory=threading.Condition)
    waiting: deque[I] = field(default_factory=deque)
    calls: dict[threading.Thread, _Call[C, I]] = field(default_factory=dict)
    threads: set[threading.Thread] = field(default_factory=set)  # those not left behind
    found: dict[I, A] = field(default_factory=dict)
    in_a_row: int = 0
    raised: BaseException | None = None

    def answers(self) -> dict[I, A]:
        with self.changed:
            self.waiting.extend(self.items)
            while self.raised is None and len(self.found) < len(self.items):
                self._stop()
                self._let_go()
                self._staff()
                if len(self.found) < len(self.items) and self.raised is None:
                    self.changed.wait(self._patience())
            self.waiting.clear()
            if self.raised is not None:
                raise self.raised
            return {item: self.found[item] for item in self.items}

    def _staff(self) -> None:
        """As many threads as there is work for."""
        while len(self.threads) < min(self.rules.at_a_time, len(self.calls) + len(self.waiting)):
            thread = threading.Thread(target=self._work, name="gfal2", daemon=True)
            self.threads.add(thread)
            thread.start()

    def _patience(self) -> float | None:
        """Seconds until the next call is due."""
        dues = [call.due - time.monotonic() for call in self.calls.values()]
        dues += [LOOK_EVERY] if self.rules.stopped is not None else []
        return max(0.0, min(dues)) if dues else None

    def _stop(self) -> None:
        """Give up what waits, and cancel what is under way, if nobody wants it any more."""
        if self.rules.stopped is None or not self.rules.stopped():
            return
        while self.waiting:
            self.found[self.waiting.popleft()] = self.rules.refused  # type: ignore[assignment]
        now = time.monotonic()
        for call in self.calls.values():
            if self.rules.grace and now - call.cancelled_at >= CANCEL_EVERY:
                if not call.cancelled:
                    call.cancelled, call.due = True, min(call.due, now + self.rules.grace)
                self._cancel(call, now)

    def _cancel(self, call: _Call[C, I], now: float) -> None:
        """In a thread of its own, as the cancellation may wait for the call."""
        call.cancelled_at = now
        threading.Thread(target=self.caller.cancel, args=(call.context,), daemon=True).start()

    def _let_go(self) -> None:
        """Cancel calls that are due, and leave behind those that were cancelled or cannot be."""
        now = time.monotonic()
        for thread, call in list(self.calls.items()):
            if call.due > now:
                continue
            if self.rules.grace and not call.cancelled:
                call.cancelled, call.due = True, now + self.rules.grace
                self._cancel(call, now)
                continue
            del self.calls[thread]
            self.threads.discard(thread)
            self.caller.leave(1)
            self._leave_gate()
            self._answered(call.item, self.rules.overdue)

    def _answered(self, item: I, answer: A) -> None:
        self.found[item] = answer
        self.in_a_row = self.in_a_row + 1 if self.rules.hopeless(answer) else 0
        if self.in_a_row >= self.rules.give_up:
            while self.waiting:
                self.found[self.waiting.popleft()] = answer

    # ------------------------------------------------------------ in the threads
    def _work(self) -> None:
        thread = threading.current_thread()
        try:
            context = self.caller.open()
        except BaseException as error:  # noqa: BLE001 - it is raised in the thread that waits
            self._end(thread, error)
            return
        while (call := self._begin(thread, context)) is not None:
            answer, problem = self._made(call)
            if not self._finish(thread, call, answer, problem):
                return  # left behind; the cancellation may still hold the context, which goes with both
        self.caller.close(context)
        self._end(thread, None)

    def _pass_gate(self) -> None:
        if self.rules.gate is not None:
            self.rules.gate.acquire()

    def _leave_gate(self) -> None:
        if self.rules.gate is not None:
            self.rules.gate.release()

    def _made(self, call: _Call[C, I]) -> tuple[A | None, BaseException | None]:
        try:
            return self.act(call.context, call.item), None
        except BaseException as error:  # noqa: BLE001 - it is raised in the thread that waits
            return None, error

    def _begin(self, thread: threading.Thread, context: C) -> _Call[C, I] | None:
        self._pass_gate()
        with self.changed:
            if not self.waiting or self.raised is not None:
                self._leave_gate()
                return None
            item = self.waiting.popleft()
            call = _Call(item, context, time.monotonic() + self.rules.seconds(item))
            self.calls[thread] = call
            self.changed.notify_all()  # there is a new deadline to wait for
            return call

    def _finish(
        self, thread: threading.Thread, call: _Call[C, I], answer: A | None, error: BaseException | None
    ) -> bool:
        """Take the answer; False if nobody waits for it any more, or the context is spoilt."""
        with self.changed:
            if self.calls.pop(thread, None) is None:
                self.caller.leave(-1)
                return False
            self._leave_gate()
            if error is not None:
                self.raised = self.raised or error
            else:
                self._answered(call.item, answer)  # type: ignore[arg-type]  # None only with an error
            if call.cancelled:
                self.threads.discard(thread)
            self.changed.notify_all()
            return not call.cancelled

    def _end(self, thread: threading.Thread, error: BaseException | None) -> None:
        with self.changed:
            self.threads.discard(thread)
            self.raised = self.raised or error
            self.changed.notify_all()
