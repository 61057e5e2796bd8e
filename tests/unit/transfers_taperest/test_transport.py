"""Deadlines of whole calls, and errors in one language."""

from __future__ import annotations

import threading

import httpcore
import httpx
import pytest

from transfers.backends.taperest.transport import Deadline, _translated


def test_a_wait_is_never_longer_than_what_is_left_of_the_call():
    deadline = Deadline()
    with deadline.within(5):
        left = deadline.rest(60, httpcore.ReadTimeout)
        assert left is not None
        assert 4 < left <= 5
        assert deadline.rest(1, httpcore.ReadTimeout) == 1
        assert deadline.rest(None, httpcore.ReadTimeout) is not None
    assert deadline.rest(60, httpcore.ReadTimeout) == 60


def test_a_call_whose_time_is_up_waits_no_more():
    deadline = Deadline()
    with deadline.within(0), pytest.raises(httpcore.WriteTimeout):
        deadline.rest(60, httpcore.WriteTimeout)


def test_a_deadline_is_that_of_the_thread_that_calls():
    deadline, seen = Deadline(), []
    with deadline.within(5):
        thread = threading.Thread(target=lambda: seen.append(deadline.rest(60, httpcore.ReadTimeout)))
        thread.start()
        thread.join()
    assert seen == [60]


@pytest.mark.parametrize(
    "name",
    [
        "ConnectTimeout",
        "ReadTimeout",
        "WriteTimeout",
        "PoolTimeout",
        "ConnectError",
        "ReadError",
        "WriteError",
        "RemoteProtocolError",
        "LocalProtocolError",
    ],
)
def test_every_error_below_is_one_of_httpx(name: str):
    with pytest.raises(getattr(httpx, name), match="why"), _translated():
        raise getattr(httpcore, name)("why")
