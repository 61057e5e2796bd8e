"""Calls of a library that keeps no deadlines: a library played by the test."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

from transfers.backends.gfal2.calls import Caller, Rules
from transfers.errors import EndpointBusy


class Library:
    """Calls that answer at once, or when the test lets them, or when they are cancelled."""

    def __init__(self) -> None:
        self.opened: list[Context] = []
        self.gate = threading.Event()
        self.most = self.now = 0
        self.lock = threading.Lock()

    def open(self) -> Context:
        self.opened.append(Context())
        return self.opened[-1]

    def act(self, context: Context, item: str) -> str:
        with self.lock:
            self.now += 1
            self.most = max(self.most, self.now)
        try:
            return self._answer(context, item)
        finally:
            with self.lock:
                self.now -= 1

    def _answer(self, context: Context, item: str) -> str:
        if item.startswith("stuck"):
            self.gate.wait(30)
        if item.startswith("cancellable") and context.cancelled.wait(30):
            return "cancelled"
        if item.startswith("wrong"):
            raise KeyError(item)
        return "dead" if item.startswith("dead") else f"about {item}"


class Context:
    def __init__(self) -> None:
        self.cancelled = threading.Event()
        self.closed = False

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def library() -> Iterator[Library]:
    library = Library()
    yield library
    library.gate.set()


def caller(library: Library, most: int = 32) -> Caller[Context]:
    return Caller(library.open, lambda context: context.cancelled.set(), Context.close, most_left_behind=most)


def rules(
    seconds: float = 5.0, at_a_time: int = 3, grace: float = 0.0, gate: threading.Semaphore | None = None
) -> Rules[str, str]:
    return Rules(
        seconds=lambda item: seconds,
        at_a_time=at_a_time,
        overdue="late",
        hopeless=lambda answer: answer in ("dead", "late"),
        grace=grace,
        gate=gate,
    )


def within(seconds: float, condition: object) -> None:
    end = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < end
        time.sleep(0.005)


def test_every_item_has_an_answer_and_contexts_are_closed(library: Library) -> None:
    items = [str(number) for number in range(50)]
    answers = caller(library).run(items, library.act, rules())
    assert answers == {item: f"about {item}" for item in items}
    assert list(answers) == items
    assert 1 <= library.most <= 3
    within(5, lambda: all(context.closed for context in library.opened))


def test_a_call_that_is_late_does_not_hold_up_the_others(library: Library) -> None:
    made = caller(library)
    items = ["stuck", "a", "b", "c"]
    answers = made.run(items, library.act, rules(seconds=0.1, at_a_time=1))
    assert answers == {"stuck": "late", "a": "about a", "b": "about b", "c": "about c"}
    assert made.left_behind == 1
    library.gate.set()
    within(5, lambda: made.left_behind == 0)


def test_a_late_call_is_cancelled_alone_and_may_clean_up(library: Library) -> None:
    answers = caller(library).run(
        ["cancellable", "a", "b"], library.act, rules(seconds=0.1, at_a_time=2, grace=5)
    )
    assert answers == {"cancellable": "cancelled", "a": "about a", "b": "about b"}
    assert [context.cancelled.is_set() for context in library.opened].count(True) == 1


def test_a_cancelled_call_that_does_not_come_back_is_left_behind(library: Library) -> None:
    made = caller(library)
    assert made.run(["stuck"], library.act, rules(seconds=0.05, grace=0.05)) == {"stuck": "late"}
    assert made.left_behind == 1


def test_too_many_calls_left_behind_stop_new_ones(library: Library) -> None:
    made = caller(library, most=2)
    made.run(["stuck 1", "stuck 2"], library.act, rules(seconds=0.05))
    with pytest.raises(EndpointBusy, match="2 calls"):
        made.run(["a"], library.act, rules())
    library.gate.set()
    within(5, lambda: made.left_behind == 0)
    assert made.run(["a"], library.act, rules()) == {"a": "about a"}


def test_a_dead_service_is_not_asked_a_thousand_times(library: Library) -> None:
    items = [f"dead {number}" for number in range(1000)]
    asked = []

    def act(context: Context, item: str) -> str:
        asked.append(item)
        return library.act(context, item)

    assert set(caller(library).run(items, act, rules()).values()) == {"dead"}
    assert len(asked) < 20


def test_what_a_call_raises_is_raised_where_it_was_asked_for(library: Library) -> None:
    with pytest.raises(KeyError, match="wrong"):
        caller(library).run(["a", "wrong", "b"], library.act, rules())


def test_what_opening_a_context_raises_is_raised_too(library: Library) -> None:
    def no_context() -> Context:
        raise EndpointBusy("no credential")

    made: Caller[Context] = Caller(no_context, bool, bool)
    with pytest.raises(EndpointBusy, match="no credential"):
        made.run(["a", "b"], library.act, rules())


def test_runs_share_a_gate_and_give_it_back(library: Library) -> None:
    gate = threading.BoundedSemaphore(2)
    made = caller(library)

    def run(number: int) -> None:
        with suppress(KeyError):
            made.run([f"{number} {item}" for item in range(30)] + ["wrong"], library.act, rules(gate=gate))

    threads = [threading.Thread(target=run, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert library.most <= 2
    made.run(["stuck"], library.act, rules(seconds=0.05, gate=gate))
    library.gate.set()
    within(5, lambda: made.left_behind == 0)
    assert gate.acquire(timeout=5)
    assert gate.acquire(timeout=5)
