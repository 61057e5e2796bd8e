"""Wrappers around a whole ``Storage``: the same ports, with something done around every call.

Each wrapper is one function ``around(verb, files, call)`` that makes the call, or makes it again, or notes
that it was made; ``wrapped`` puts it around all verbs. They nest: the seam innermost, so that a retried
call crosses it each time.

    storage = retrying(seamed(storage, "cta", seam), clock=clock, chance=rng.random)
    storage = logged(storage, "cta", clock=clock)
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import chain
from typing import Protocol, TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception

from catalog.clock import Clock
from catalog.seam import Seam
from transfers.errors import StorageError, Unsupported
from transfers.model import (
    CopyOrder,
    Entry,
    Failed,
    FetchOrder,
    Looked,
    Observation,
    Outcome,
    Space,
    Span,
    StageOrder,
    StageReceipt,
    TransferOrder,
    TransferReceipt,
    Unknown,
)
from transfers.policy import BLIPS
from transfers.ports import (
    Following,
    Lister,
    RangeReader,
    Rereader,
    SpaceReporter,
    Stager,
    Storage,
    Transferrer,
    Walker,
)
from transfers.watch import UNWATCHED, Watch

T = TypeVar("T")

LOG = logging.getLogger("transfers")


class Around(Protocol):
    """What a wrapper does: it gets the verb, the number of files, and the call to make."""

    def __call__(self, verb: str, files: int, call: Callable[[], T], /) -> T: ...


@dataclass(frozen=True, slots=True)
class _Ports:
    """All ports of a storage, with ``around`` around each call."""

    inner: Storage
    around: Around

    def probe(self, paths: Sequence[str]) -> Mapping[str, Observation]:
        return self.around("probe", len(paths), lambda: self.inner.prober.probe(paths))

    def stage(self, orders: Sequence[StageOrder]) -> StageReceipt:
        return self.around("stage", len(orders), lambda: self._stager.stage(orders))

    def poll(self, token: str, paths: Sequence[str]) -> Mapping[str, Outcome]:
        return self.around("poll", len(paths), lambda: self._stager.poll(token, paths))

    def release(self, token: str, paths: Sequence[str]) -> Mapping[str, Outcome]:
        return self.around("release", len(paths), lambda: self._stager.release(token, paths))

    def cancel(self, token: str, paths: Sequence[str]) -> Mapping[str, Outcome]:
        return self.around("cancel", len(paths), lambda: self._stager.cancel(token, paths))

    def copy(self, orders: Sequence[CopyOrder], watch: Watch = UNWATCHED) -> Mapping[str, Outcome]:
        return self.around("copy", len(orders), lambda: self.inner.copier.copy(orders, watch))

    def fetch(self, orders: Sequence[FetchOrder], watch: Watch = UNWATCHED) -> Mapping[str, Outcome]:
        return self.around("fetch", len(orders), lambda: self.inner.copier.fetch(orders, watch))

    def reread(self, paths: Sequence[str], watch: Watch = UNWATCHED) -> Mapping[str, Observation]:
        return self.around("reread", len(paths), lambda: self._rereader.reread(paths, watch))

    def ranges(self, spans: Sequence[Span]) -> Mapping[Span, bytes | Failed | Unknown]:
        return self.around("ranges", len(spans), lambda: self._range_reader.ranges(spans))

    def list(self, directory: str, *, recursive: bool = False) -> Iterator[Entry]:
        """The beginning is inside ``around``, so a service that does not answer is asked again; what breaks
        off later raises where it broke off."""
        return self.around("list", 1, lambda: _begun(self._lister.list(directory, recursive=recursive)))

    def walk(self, following: Following) -> Iterator[tuple[str, Looked]]:
        """The same: what has no answer when it breaks off was not looked at."""
        return self.around("walk", 1, lambda: _begun(self._walker.walk(following)))

    def space(self) -> Space:
        return self.around("space", 0, self._reporter.space)

    def remove(self, paths: Sequence[str]) -> Mapping[str, Outcome]:
        return self.around("remove", len(paths), lambda: self.inner.remover.remove(paths))

    @property
    def _stager(self) -> Stager:
        if self.inner.stager is None:
            raise Unsupported("this endpoint is not a tape endpoint")
        return self.inner.stager

    @property
    def _rereader(self) -> Rereader:
        if self.inner.rereader is None:
            raise Unsupported("the files of this endpoint are read by fetching them")
        return self.inner.rereader

    @property
    def _range_reader(self) -> RangeReader:
        if self.inner.ranges is None:
            raise Unsupported("the files of this endpoint are read whole")
        return self.inner.ranges

    @property
    def _walker(self) -> Walker:
        if self.inner.walker is None:
            raise Unsupported("the files of this endpoint are listed directory by directory")
        return self.inner.walker

    @property
    def _reporter(self) -> SpaceReporter:
        if self.inner.space is None:
            raise Unsupported("this endpoint does not tell its free space")
        return self.inner.space

    @property
    def _lister(self) -> Lister:
        if self.inner.lister is None:
            raise Unsupported("the files of this endpoint cannot be listed")
        return self.inner.lister


def _begun(entries: Iterator[T]) -> Iterator[T]:
    """The entries, of which the first has been waited for."""
    first = next(entries, None)
    return iter(()) if first is None else chain((first,), entries)


@dataclass(frozen=True, slots=True)
class _Transfers:
    """A transferrer, with ``around`` around each call."""

    inner: Transferrer
    around: Around

    def submit(self, orders: Sequence[TransferOrder], *, label: str) -> TransferReceipt:
        return self.around("submit", len(orders), lambda: self.inner.submit(orders, label=label))

    def poll(self, requests: Mapping[str, Sequence[str]]) -> Mapping[str, Mapping[str, Outcome]]:
        files = sum(map(len, requests.values()))
        return self.around("poll_transfers", files, lambda: self.inner.poll(requests))

    def cancel(self, token: str, paths: Sequence[str]) -> Mapping[str, Outcome]:
        return self.around("cancel_transfers", len(paths), lambda: self.inner.cancel(token, paths))


def wrapped(storage: Storage, around: Around) -> Storage:
    """The storage with ``around`` around every call of every port."""
    ports = _Ports(storage, around)
    return Storage(
        storage.capabilities,
        ports,
        ports,
        ports,
        stager=ports if storage.stager else None,
        lister=ports if storage.lister else None,
        transferrer=_Transfers(storage.transferrer, around) if storage.transferrer else None,
        space=ports if storage.space else None,
        shelf=storage.shelf,  # it calls nobody
        rereader=ports if storage.rereader else None,
        ranges=ports if storage.ranges else None,
        walker=ports if storage.walker else None,
    )


def seamed(storage: Storage, name: str, seam: Seam) -> Storage:
    """Every call crosses the seam as ``name.verb``, e.g. ``cta.stage``."""

    def around(verb: str, files: int, call: Callable[[], T]) -> T:
        with seam.crossing(f"{name}.{verb}"):
            return call()

    return wrapped(storage, around)


def retrying(
    storage: Storage,
    *,
    clock: Clock,
    chance: Callable[[], float],
    attempts: int = 3,
    first: timedelta = timedelta(seconds=1),
    longest: timedelta = timedelta(seconds=15),
    deadline: timedelta = timedelta(minutes=1),
) -> Storage:
    """Whole calls that fail with one of ``policy.BLIPS`` are made again, for troubles of seconds.

    At most ``attempts`` calls, and no wait is begun after ``deadline``; then the last error is raised. Waits
    double from ``first`` to ``longest``, spread over their upper half by ``chance()`` (0 <= chance < 1).
    Longer troubles are the business of ``policy`` and ``planning.next_attempt``; trouble with one file is an
    outcome, which is not retried here. Removals are not repeated in haste: what was removed by a call whose
    answer was lost would be told as not there, and that is how a wrong list looks.
    """

    def pause(attempt: int) -> float:
        doubled: timedelta = first * 2 ** min(attempt - 1, 32)
        spread = 0.5 + 0.5 * chance()
        return spread * min(longest, doubled).total_seconds()

    def wait(state: RetryCallState) -> float:
        return pause(state.attempt_number)

    def around(verb: str, files: int, call: Callable[[], T]) -> T:
        if verb == "remove":
            return call()
        end = clock.now() + deadline

        def stop(state: RetryCallState) -> bool:
            return state.attempt_number >= attempts or clock.now() >= end

        return Retrying(
            retry=retry_if_exception(_is_blip),
            wait=wait,
            stop=stop,
            sleep=lambda seconds: clock.sleep(timedelta(seconds=seconds)),
            reraise=True,
        )(call)

    again = wrapped(storage, around)
    if storage.walker is None:
        return again
    return replace(again, walker=_WalkingOn(storage.walker, clock, pause, attempts))


@dataclass(frozen=True, slots=True)
class _WalkingOn:
    """A walk that breaks off goes on with what has no answer yet; ``attempts`` times without one, it ends."""

    inner: Walker
    clock: Clock
    pause: Callable[[int], float]
    attempts: int

    def walk(self, following: Following) -> Iterator[tuple[str, Looked]]:
        open_: dict[str, None] = {}
        again: list[str] = []
        failures = 0

        def next_one() -> str | None:
            directory = again.pop() if again else following()
            if directory is not None:
                open_[directory] = None
            return directory

        while True:
            try:
                for directory, looked in self.inner.walk(next_one):
                    open_.pop(directory, None)
                    failures = 0
                    yield directory, looked
                return
            except StorageError as error:
                failures += 1
                if not _is_blip(error) or failures >= self.attempts:
                    raise
                again += open_
                open_.clear()
                self.clock.sleep(timedelta(seconds=self.pause(failures)))


def _is_blip(error: BaseException) -> bool:
    return isinstance(error, StorageError) and error.code in BLIPS


def logged(storage: Storage, name: str, *, clock: Clock, log: logging.Logger = LOG) -> Storage:
    """One line per call: endpoint, verb, files, seconds; a warning with the error when the call failed."""

    def around(verb: str, files: int, call: Callable[[], T]) -> T:
        began = clock.now()
        try:
            answer = call()
        except StorageError as error:
            seconds = (clock.now() - began).total_seconds()
            log.warning("%s.%s files=%d seconds=%.3f %s: %s", name, verb, files, seconds, error.code, error)
            raise
        log.info("%s.%s files=%d seconds=%.3f", name, verb, files, (clock.now() - began).total_seconds())
        return answer

    return wrapped(storage, around)
