"""Pipelined questions, on a library that is played by the test."""

from __future__ import annotations

import os
import threading
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("XRootD")

from transfers.backends.xrootd import client as module
from transfers.backends.xrootd.client import LIMITS, Client, _Pipeline
from transfers.backends.xrootd.commands import Limits
from transfers.backends.xrootd.errors import Trouble
from transfers.errors import Unsupported

GOOD = SimpleNamespace(ok=True)
DEAD = SimpleNamespace(ok=False, code=108, errno=111, message="connection refused")
MISSING = SimpleNamespace(ok=False, code=400, errno=3011, message="no such file")


class Library:
    """Answers each question at once from a thread of its own, as told by ``answer``; None: never."""

    def __init__(self, answer: dict[str, Any], submitted: Any = GOOD) -> None:
        self.answer, self.submitted = answer, submitted
        self.asked: list[str] = []

    def send(self, name: str, callback: Any) -> Any:
        self.asked.append(name)
        status = self.answer.get(name, GOOD)
        if self.submitted.ok and status is not None:
            thread = threading.Thread(target=callback, args=(status, f"about {name}", None))
            thread.start()
            thread.join()
        return self.submitted


def run(library: Library, names: list[str], gate: threading.BoundedSemaphore | None = None) -> dict[str, Any]:
    return _Pipeline(library.send, str, 0.05, gate or threading.BoundedSemaphore(2)).run(names)


def test_every_name_has_an_answer() -> None:
    answers = run(Library({"b": MISSING}), ["a", "b", "c"])
    assert answers["a"] == "about a"
    assert answers["b"] == Trouble(400, 3011, "no such file")
    assert list(answers) == ["a", "b", "c"]


def test_what_is_never_answered_has_timed_out() -> None:
    answers = run(Library({"b": None}), ["a", "b"])
    assert answers["a"] == "about a"
    assert answers["b"].of_endpoint


def test_a_dead_server_is_not_asked_a_thousand_times() -> None:
    names = [str(number) for number in range(1000)]
    library = Library(dict.fromkeys(names, DEAD))
    answers = run(library, names)
    assert len(library.asked) < 20
    assert set(answers.values()) == {Trouble(108, 111, "connection refused")}


def test_some_dead_answers_among_good_ones_do_not_end_the_questions() -> None:
    names = [str(number) for number in range(100)]
    library = Library({name: DEAD for name in names if int(name) % 2})
    answers = run(library, names)
    assert library.asked == names
    assert answers["98"] == "about 98"


def test_what_cannot_be_sent_is_answered_by_that() -> None:
    assert run(Library({}, submitted=DEAD), ["a"])["a"].code == 108


def test_the_gate_is_left_as_it_was_found() -> None:
    gate = threading.BoundedSemaphore(2)
    run(Library({"b": MISSING, "d": DEAD}), ["a", "b", "c", "d"], gate)
    assert gate.acquire(blocking=False)
    assert gate.acquire(blocking=False)
    assert not gate.acquire(blocking=False)


def test_the_limits_of_the_library_are_ours_or_the_users() -> None:
    for key, value in LIMITS.items():
        if f"XRD_{key.upper()}" not in os.environ:
            assert module._xrootd.EnvGetInt(key) == value


def test_an_empty_prepare_request_never_reaches_the_library() -> None:
    with pytest.raises(ValueError, match="empty"):
        Client("root://127.0.0.1:1", Limits()).prepare([], 8)


def test_a_forked_child_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_user", [1])
    with pytest.raises(Unsupported, match="fork"):
        Client("root://127.0.0.1:1", Limits()).stat(["/a"])
