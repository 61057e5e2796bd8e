"""Copies that servers make among themselves: the bytes do not come here.

The client library arranges it, in a thread of its own, since it may wait for ever when a server is lost. What
counts is what the target's server says of the file afterwards. Servers take some seconds to agree on a copy,
so it is for large files.
"""

from __future__ import annotations

import threading
from collections.abc import Generator, Sequence
from typing import Any

from transfers.backends.xrootd.calls import Call, apart
from transfers.backends.xrootd.commands import Limits, ThirdParty, url_of
from transfers.backends.xrootd.errors import Trouble
from transfers.backends.xrootd.library import keep_none_alive, same_process, trouble_of, xrootd
from transfers.backends.xrootd.moves import Remote, RemoteSource, before, proven
from transfers.errors import FileExists, StorageError, failed
from transfers.model import CopyOrder, Failed, Outcome, Unknown
from transfers.watch import Meter

_END = 10.0  # seconds for the library to end a copy that nobody wants any more


def deliver_by_third_party(
    order: CopyOrder, source: RemoteSource, target: Remote, limits: Limits, meter: Meter
) -> Generator[Sequence[Call], list[Any], Outcome | None]:
    """The outcome, or None: the servers cannot do it, and nothing is there: let it stream through us."""
    if (found := (yield from before(order, target))) is not None:
        return found
    yield from source.begin(order.size)
    for call in source.end():
        yield [call]
    wanted = threading.Event()
    wanted.set()
    over = threading.Event()
    job = ThirdParty(order.source, url_of(target.server, target.name))
    try:
        (answer,) = yield [apart(lambda: _run(job, limits, wanted, over, meter))]
    except StorageError:
        wanted.clear()
        yield [apart(lambda: over.wait(_END))]
        raise
    if isinstance(answer, BaseException):
        raise answer
    if answer is None:
        return (yield from proven(order, target))
    left = yield from before(order, target)
    if left is None and limits.thirdparty == "first":
        return None
    return _not_made(order, target, answer, left)


def _not_made(order: CopyOrder, target: Remote, answer: Trouble, left: Outcome | None) -> Outcome:
    """The copy failed. What is there nevertheless is not ours to remove: perhaps it is another's."""
    outcome = answer.outcome(target.name)
    if left is None:
        return outcome
    if isinstance(left, Failed | Unknown) and answer.error is not FileExists:
        return failed(answer.error, f"{outcome.text}; and now: {left.text}")
    return left


def _run(
    job: ThirdParty, limits: Limits, wanted: threading.Event, over: threading.Event, meter: Meter
) -> Trouble | None:
    """Let the servers copy; None: they say that they have. Ends early when it is not wanted any more."""
    same_process()
    try:
        process = xrootd.CopyProcess()
        process.add_job(**job.arguments(limits))
        status = process.prepare()
        if status.ok:
            status, _ = process.run(_Handler(wanted, meter))
        return None if status.ok else trouble_of(status)
    finally:
        over.set()


class _Handler:
    """What the library tells of a copy, and asks: from its own threads."""

    def __init__(self, wanted: threading.Event, meter: Meter) -> None:
        self._wanted, self._meter = wanted, meter

    def begin(self, number: int, total: int, source: Any, target: Any) -> None:
        """Of no interest."""

    def end(self, number: int, results: Any) -> None:
        """Of no interest."""

    def update(self, number: int, processed: int, total: int) -> None:
        keep_none_alive()
        try:
            self._meter(processed)
        except StorageError:
            self._wanted.clear()

    def should_cancel(self, number: int) -> bool:
        return not self._wanted.is_set()
