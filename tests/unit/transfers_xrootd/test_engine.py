"""Many procedures in one thread, on a wire that is played by the test."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("XRootD")

from transfers.backends.xrootd import engine as module
from transfers.backends.xrootd.calls import Call, Verb, here
from transfers.backends.xrootd.engine import Engine, Move
from transfers.errors import StorageTimeout, TransferStopped, Unsupported
from transfers.model import Done, Failed, Outcome, Unknown
from transfers.watch import UNWATCHED, Watch

Steps = Generator[Sequence[Call], list[Any], Outcome]


class Wire:
    """Answers what ``answer`` gives, at once; None: never."""

    server = "root://played"
    trouble = None

    def __init__(self, answer: Any = "yes") -> None:
        self.answer = answer
        self.open: list[Call] = []
        self.most = 0

    def submit(self, call: Call) -> None:
        self.open.append(call)
        self.most = max(self.most, len(self.open))
        if self.answer is not None:
            call.land(self.answer)
            self.open.remove(call)


class Stopping:
    """A watch that stops as soon as it is asked for the second time."""

    def __init__(self) -> None:
        self.asked = 0

    def moved(self, key: str, done: int) -> None:
        """Of no interest."""

    def stopped(self) -> bool:
        self.asked += 1
        return self.asked > 2


def run(moves: Sequence[Move], watch: Watch = UNWATCHED, **means: Any) -> dict[str, Outcome]:
    given = {"files": 4, "memory": 1000, "checksums": threading.BoundedSemaphore(2), **means}
    with Engine(watch, **given) as engine:
        return engine.run(moves)


def asking(wire: Wire, verb: Verb = Verb.STAT) -> Steps:
    first, second = yield [Call(verb, wire), Call(verb, wire)]
    assert (first, second) == ("yes", "yes")
    return Done()


def move(key: str, steps: Any, *, weight: int = 1, seconds: float = 60) -> Move:
    return Move(key, steps, weight, seconds)


def test_every_move_has_its_outcome() -> None:
    def refuses() -> Steps:
        yield []
        raise Unsupported("no")

    def misses() -> Steps:
        (answer,) = yield [here(lambda: os.stat("/no/such/file"))]
        raise answer

    wire = Wire()
    moves = [move(str(number), lambda: asking(wire)) for number in range(50)]
    outcomes = run([*moves, move("misses", misses)])
    assert [outcomes[str(number)] for number in range(50)] == [Done()] * 50
    assert isinstance(outcomes["misses"], Failed)
    assert outcomes["misses"].code == "file_missing"


def test_not_more_bytes_and_files_than_allowed_are_in_flight() -> None:
    running: list[int] = []
    most: list[int] = []

    def heavy(size: int) -> Steps:
        running.append(size)
        most.append(sum(running))
        yield [here(lambda: time.sleep(0.001))]
        running.remove(size)
        return Done()

    outcomes = run([move(str(n), lambda: heavy(400), weight=400) for n in range(12)])
    assert set(outcomes.values()) == {Done()}
    assert max(most) == 800
    assert set(run([move("large", lambda: heavy(4000), weight=4000)]).values()) == {Done()}


def test_checksums_go_through_the_gate() -> None:
    gate = threading.BoundedSemaphore(2)
    wire = Wire(None)

    def three() -> Steps:
        yield [Call(Verb.CHECKSUM, wire) for _ in range(3)]
        return Done()

    def answers() -> Steps:
        for _ in range(3):
            yield [here(lambda: time.sleep(0.01))]
            for call in list(wire.open):
                wire.open.remove(call)
                call.land("sum")
        return Done()

    outcomes = run([move("three", three), move("answers", answers)], checksums=gate)
    assert set(outcomes.values()) == {Done()}
    assert wire.most == 2
    assert gate.acquire(blocking=False)
    assert gate.acquire(blocking=False)


def test_whoever_stops_ends_what_is_under_way_and_what_has_not_begun() -> None:
    cleaned: list[str] = []
    silent, good = Wire(None), Wire()

    def long() -> Steps:
        try:
            yield [Call(Verb.WRITE, silent)]
        except TransferStopped:
            cleaned.extend((yield [Call(Verb.REMOVE, good)]))
            raise
        return Done()

    outcomes = run([move(str(n), long, weight=1000) for n in range(3)], Stopping())
    assert {outcome.code for outcome in outcomes.values() if isinstance(outcome, Failed)} == {
        "transfer_stopped"
    }
    assert len(outcomes) == 3
    assert cleaned == ["yes"]


def test_a_deadline_is_one_and_who_does_not_clean_up_is_abandoned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_CLEANING", 0.1)
    silent = Wire(None)

    def stuck() -> Steps:
        try:
            yield [Call(Verb.WRITE, silent)]
        except StorageTimeout:
            yield [Call(Verb.REMOVE, silent)]
        return Done()

    def late() -> Steps:
        yield [Call(Verb.WRITE, silent)]
        return Done()

    outcomes = run([move("stuck", stuck, seconds=0.05), move("late", late, seconds=0.05)])
    assert isinstance(outcomes["stuck"], Unknown)
    assert isinstance(outcomes["late"], Failed)
    assert outcomes["late"].code == "storage_timeout"


def test_a_disk_that_never_answers_does_not_hold_the_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_CLEANING", 0.1)
    back = threading.Event()

    def hangs() -> Steps:
        yield [here(back.wait)]
        return Done()

    (outcome,) = run([move("a", hangs, seconds=0.05)]).values()
    back.set()
    assert isinstance(outcome, Unknown)


def test_an_answer_that_comes_after_the_end_touches_nothing(tmp_path: Path) -> None:
    """The number of the engine's bell may be that of another file by then."""
    with Engine(UNWATCHED, files=1, memory=1, checksums=threading.BoundedSemaphore(1)) as engine:
        engine.run([])
    files = [(tmp_path / str(number)).open("w+b") for number in range(20)]
    engine.post(lambda: None)
    for file in files:
        file.close()
    assert {file.stat().st_size for file in tmp_path.iterdir()} == {0}


def test_the_files_of_a_move_are_not_closed_under_a_thread_that_uses_them() -> None:
    """It is told to end only when the thread is back."""
    order: list[str] = []

    def writes() -> Steps:
        try:
            yield [here(lambda: (time.sleep(0.4), order.append("written")))]
            yield [Call(Verb.WRITE, Wire(None))]
        finally:
            order.append("closed")
        return Done()

    run([move("a", writes, seconds=0.05)])
    assert order == ["written", "closed"]
