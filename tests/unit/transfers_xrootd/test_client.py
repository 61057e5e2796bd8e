"""Pipelined questions, on a library that is played by the test."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("XRootD")

from transfers.backends.xrootd import client as module
from transfers.backends.xrootd import library
from transfers.backends.xrootd.client import Client, _Pipeline
from transfers.backends.xrootd.commands import Limits
from transfers.backends.xrootd.errors import NO_ANSWER, QUEUED, Trouble
from transfers.backends.xrootd.library import LIMITS, Deadline
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
            assert library.xrootd.EnvGetInt(key) == value


def test_an_empty_prepare_request_never_reaches_the_library() -> None:
    with pytest.raises(ValueError, match="empty"):
        Client("root://127.0.0.1:1", Limits()).prepare([], 8)


def test_a_forked_child_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "_user", [1])
    with pytest.raises(Unsupported, match="fork"):
        Client("root://127.0.0.1:1", Limits()).stat(["/a"])


@pytest.mark.parametrize(
    "entry",
    [
        "from transfers.registry import open_storage; open_storage('xrootd', URL, clock=CLOCK, options={})",
        "from transfers.registry import open_stager; open_stager('xrootd', URL, clock=CLOCK, options={})",
        "from transfers.backends.xrootd import open_storage; open_storage(URL, clock=CLOCK, options={})",
        "from transfers.registry import Doors; Doors({URL: ('xrootd', {})}, CLOCK).locate(URL + '/a')",
    ],
)
def test_every_way_in_sets_the_limits_before_anything_is_asked(entry: str) -> None:
    program = (
        "from catalog.clock import SystemClock\n"
        "URL, CLOCK = 'root://127.0.0.1:1//x', SystemClock()\n"
        f"{entry}\n"
        "from XRootD.client import EnvGetInt\n"
        f"print([EnvGetInt(key) for key in {list(LIMITS)!r}])\n"
    )
    environment = {key: value for key, value in os.environ.items() if not key.startswith("XRD_")}
    done = subprocess.run(
        [sys.executable, "-c", program],
        check=True,
        capture_output=True,
        text=True,
        env=environment,
        timeout=60,
    )
    assert done.stdout.strip() == str(list(LIMITS.values()))


def test_what_the_user_has_set_in_the_environment_counts() -> None:
    program = (
        "import transfers.backends.xrootd.library\n"
        "from XRootD.client import EnvGetInt\n"
        "print(EnvGetInt('StreamTimeout'))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "XRD_STREAMTIMEOUT": "17"},
        timeout=60,
    )
    assert done.stdout.strip() == "17"


def test_a_library_that_forgets_its_deadline_does_not_hold_the_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_GRACE", 0.05)
    client = Client("root://127.0.0.1:1", Limits(timeout=1))
    client._files = SimpleNamespace(
        prepare=lambda names, flags, priority, timeout, callback: GOOD,
        query=lambda code, text, timeout, callback: GOOD,
    )
    start = time.monotonic()
    assert client.query_prepare("x", ["/a"]) == NO_ANSWER
    assert client.prepare(["/a"], 8) == NO_ANSWER
    assert client.prepare(["/b"], 8) == NO_ANSWER
    assert time.monotonic() - start < 30


def test_prepare_requests_go_one_after_the_other() -> None:
    running: list[int] = []
    most: list[int] = []

    def prepare(names: Any, flags: int, priority: int, timeout: int, callback: Any) -> Any:
        def answer() -> None:
            running.append(1)
            most.append(len(running))
            time.sleep(0.01)
            running.pop()
            callback(GOOD, b"id", None)

        threading.Thread(target=answer).start()
        return GOOD

    def work() -> None:
        client = Client("root://one-after-the-other:1", Limits())
        client._files = SimpleNamespace(prepare=prepare)
        assert [client.prepare(["/a"], 8) for _ in range(5)] == [b"id"] * 5

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert (len(most), max(most)) == (20, 1)


def test_who_waits_too_long_for_others_is_told_that_nothing_was_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_GRACE", -0.95)
    client = Client("root://queued:1", Limits(timeout=1))
    with client._gate.prepares:
        answer = client.prepare(["/a"], 8)
    assert answer == QUEUED
    assert QUEUED.of_request


def test_a_deadline_is_what_is_left_but_at_least_a_second() -> None:
    assert Deadline(100).within(30) == 30
    assert Deadline(2.5).within(30) == 3
    assert Deadline(-5).within(30) == 1
    assert Deadline(-5).left == 0
