"""Copies that servers make among themselves: the bytes do not come here.

The client library arranges it, in a thread of its own, since it may wait for ever when a server is lost. What
counts is what the target's server says of the file afterwards. Servers take some seconds to agree on a copy,
so it is for large files.

The destination goes on trying to reach a source that has died, for long. So the file's size is looked at, and
when it has not grown for ``stall`` seconds the copy is given up.

A server keeps the part of a copy that was stopped or lost, persist-on-close or not. So the bytes go to a
temporary name, which nobody else has and which is removed when anything goes wrong, and get their name by a
rename when they are proven. Servers refuse to rename onto an existing file, and it is looked at just before.
To a tape endpoint there are no such copies: a temporary name would be archived.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Generator, Sequence
from dataclasses import replace
from typing import Any

from transfers.backends.xrootd.calls import Call, Verb, apart
from transfers.backends.xrootd.client import Stat
from transfers.backends.xrootd.commands import Limits, ThirdParty, url_of
from transfers.backends.xrootd.errors import Trouble
from transfers.backends.xrootd.library import keep_none_alive, same_process, trouble_of, xrootd
from transfers.backends.xrootd.moves import Asking, Remote, RemoteSource, before, proven
from transfers.errors import StorageError, StorageTimeout, failed
from transfers.model import CopyOrder, Done, Outcome, Unknown
from transfers.watch import Meter

_LOOK = 0.5  # seconds between looks at how far servers are
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
    part = replace(target, name=_temporary(target.name))
    copying = _Copying(ThirdParty(order.source, url_of(target.server, part.name)), limits)
    try:
        yield from _watched(copying, part, limits, meter)
        if copying.trouble is not None:
            yield [part.call(Verb.REMOVE)]
            if limits.thirdparty == "first":
                return None
            return failed(copying.trouble.error, f"{target.name}: {copying.trouble.words}")
        outcome = yield from proven(order, part)
        if isinstance(outcome, Done):
            outcome = yield from _named(order, part, target)
    except StorageError:
        copying.cancel()
        yield [apart(lambda: copying.over.wait(_END))]
        yield [part.call(Verb.REMOVE)]
        raise
    if not isinstance(outcome, Done):
        yield [part.call(Verb.REMOVE)]
    return outcome


def _temporary(name: str) -> str:
    directory, _, last = name.rpartition("/")
    return f"{directory}/.ddm-{uuid.uuid4().hex}-{last[-60:]}.part"


def _named(order: CopyOrder, part: Remote, target: Remote) -> Generator[Sequence[Call], list[Any], Outcome]:
    """Give the proven file its name, unless something has got it meanwhile (invariant 4)."""
    if (found := (yield from before(order, target))) is not None:
        yield [part.call(Verb.REMOVE)]
        return found
    names = xrootd.FileSystem(target.server)
    (answer,) = yield [apart(lambda: names.mv(part.name, target.name, target.limits.timeout))]
    if isinstance(answer, BaseException):
        raise answer
    (stat,) = yield [target.call(Verb.STAT)]
    if isinstance(stat, Stat) and stat.size == order.size and answer[0].ok:
        return Done()
    return (
        trouble_of(answer[0]).outcome(target.name)
        if not answer[0].ok
        else Unknown(f"{target.name}: copied and renamed, and then: {stat}")
    )


def _watched(copying: _Copying, part: Remote, limits: Limits, meter: Meter) -> Asking:
    """Until the servers say that they have copied, or why not. Raises StorageTimeout when nothing grows."""
    copying.start()
    size, grown = 0, time.monotonic()
    while True:
        (over,) = yield [apart(lambda: copying.over.wait(_LOOK))]
        if over:
            break
        (stat,) = yield [part.call(Verb.STAT)]
        now = time.monotonic()
        if isinstance(stat, Stat) and stat.size > size:
            size, grown = stat.size, now
            meter(size)
        elif now - grown > limits.stall:
            text = f"{part.name}: {size} bytes, and no more for {limits.stall} s"
            raise StorageTimeout(text, subject=part.name)
    if copying.problem is not None:
        raise copying.problem


class _Copying:
    """A copy that servers make, arranged by the client library in a thread of its own. When ``over`` is set,
    ``trouble`` and ``problem`` say why it has failed; None: they say that it has not."""

    def __init__(self, job: ThirdParty, limits: Limits) -> None:
        self._job, self._limits = job, limits
        self._cancelled = threading.Event()
        self.over = threading.Event()
        self.trouble: Trouble | None = None
        self.problem: Exception | None = None

    def start(self) -> None:
        threading.Thread(target=self._run, daemon=True, name="ddm-thirdparty").start()

    def cancel(self) -> None:
        """Nobody wants it any more. ``over`` follows, if the library is not stuck."""
        self._cancelled.set()

    def _run(self) -> None:
        try:
            same_process()
            process = xrootd.CopyProcess()
            process.add_job(**self._job.arguments(self._limits))
            status = process.prepare()
            if status.ok:
                status, _ = process.run(_Handler(self._cancelled))
            self.trouble = None if status.ok else trouble_of(status)
        except Exception as problem:  # noqa: BLE001  # whatever it is, it is the answer
            self.problem = problem
        finally:
            self.over.set()


class _Handler:
    """What the library tells of a copy, and asks: from its own threads."""

    def __init__(self, cancelled: threading.Event) -> None:
        self._cancelled = cancelled

    def begin(self, number: int, total: int, source: Any, target: Any) -> None:
        """Of no interest."""

    def end(self, number: int, results: Any) -> None:
        """Of no interest."""

    def update(self, number: int, processed: int, total: int) -> None:
        keep_none_alive()

    def should_cancel(self, number: int) -> bool:
        return self._cancelled.is_set()
