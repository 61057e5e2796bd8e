"""Copies that servers make among themselves: the bytes do not come here.

The client library arranges it, in a thread of its own, since it may wait for ever when a server is lost. What
counts is what the target's server says of the file afterwards. Servers take some seconds to agree on a copy,
so it is for large files.

A server keeps the part of a copy that was stopped or lost, persist-on-close or not. So the bytes go to a
temporary name, which nobody else has and which is removed when anything goes wrong, and get their name by a
rename when they are proven. Servers refuse to rename onto an existing file, and it is looked at just before.
To a tape endpoint there are no such copies: a temporary name would be archived.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Generator, Sequence
from dataclasses import replace
from typing import Any

from transfers.backends.xrootd.calls import Call, Verb, apart
from transfers.backends.xrootd.client import Stat
from transfers.backends.xrootd.commands import Limits, ThirdParty, url_of
from transfers.backends.xrootd.errors import Trouble
from transfers.backends.xrootd.library import keep_none_alive, same_process, trouble_of, xrootd
from transfers.backends.xrootd.moves import Remote, RemoteSource, before, proven
from transfers.errors import StorageError
from transfers.model import CopyOrder, Done, Outcome, Unknown
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
    part = replace(target, name=_temporary(target.name))
    wanted, over = threading.Event(), threading.Event()
    wanted.set()
    job = ThirdParty(order.source, url_of(target.server, part.name))
    try:
        (answer,) = yield [apart(lambda: _run(job, limits, wanted, over, meter))]
        if isinstance(answer, BaseException):
            raise answer
        if isinstance(answer, Trouble):
            yield [part.call(Verb.REMOVE)]
            return None if limits.thirdparty == "first" else answer.outcome(target.name)
        outcome = yield from proven(order, part)
        if isinstance(outcome, Done):
            outcome = yield from _named(order, part, target)
    except StorageError:
        wanted.clear()
        yield [apart(lambda: over.wait(_END))]
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
