"""Wrappers that keep a storage, its links and our credential from being worn out.

    storage = retrying(logged(storage, …), …)            blips of seconds, inside
    storage = breaking(storage, "eos", board)            what keeps failing is left alone
    storage = credentialed(storage, keeper, pace)        the credential lasts as long as the work
    storage = throttled(storage, "eos", slots, calls=16) so many calls at a time, outermost: whoever waited
                                                         for a slot then asks the breaker

A copy is guarded twice, as a call to the endpoint and on the link of each of its sources: orders whose link
is open are outcomes (``circuit_open``), and the others are copied. So one dead source stops nobody else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TypeVar

from transfers.board import Board, Slots, link
from transfers.breaker import Evidence, Permit, of_code, of_outcomes
from transfers.credentials.keeper import Keeper
from transfers.credentials.model import Pace
from transfers.errors import CircuitOpen, StorageError, failed
from transfers.model import CopyOrder, FetchOrder, Outcome, StageReceipt, TransferReceipt
from transfers.ports import Copier, Storage
from transfers.watch import UNWATCHED, Watch
from transfers.wrappers import wrapped

T = TypeVar("T")


def breaking(storage: Storage, name: str, board: Board) -> Storage:
    """Calls to an endpoint that keeps failing are refused with CircuitOpen until the next try.

    Recalls, and copies that a service makes, have breakers of their own: they may be another service's work.
    """

    def around(verb: str, files: int, call: Callable[[], T]) -> T:
        service = service_of(name, verb)
        permit = board.admit(service)
        with _answered(board, service, permit) as tell:
            answer = call()
            tell(*_evidence(verb, answer))
        return answer

    guarded = wrapped(storage, around)
    return replace(guarded, copier=_BreakingCopier(storage.copier, guarded.copier, name, board))


_RECALLS = frozenset({"stage", "poll", "release", "cancel"})
_TRANSFERS = frozenset({"submit", "poll_transfers", "cancel_transfers"})
_ASKING = frozenset({"poll", "poll_transfers"})


def service_of(name: str, verb: str) -> str:
    """The name of the breaker for a verb: of the endpoint, of its recalls, or of its transfers."""
    if verb in _RECALLS:
        return f"{name} recalls"
    return f"{name} transfers" if verb in _TRANSFERS else name


def _evidence(verb: str, answer: object) -> tuple[Evidence, str, str]:
    """What an answer tells. To be told what became of files is an answer, whatever became of them."""
    if isinstance(answer, StageReceipt | TransferReceipt):
        answer = answer.outcomes
    if verb in _ASKING:
        return Evidence.GOOD, "", ""
    return of_outcomes(answer.values()) if isinstance(answer, Mapping) else (Evidence.GOOD, "", "")


Tell = Callable[[Evidence, str, str], None]


@contextmanager
def _answered(board: Board, name: str, permit: Permit) -> Iterator[Tell]:
    """Gives the permit back in any case: with what is told, or what the error tells, or nothing."""
    told: tuple[Evidence, str, str] = (Evidence.NONE, "", "")

    def tell(evidence: Evidence, cause: str, text: str) -> None:
        nonlocal told
        told = (evidence, cause, text)

    try:
        yield tell
    except StorageError as error:
        told = (of_code(error.code), error.code, str(error))
        raise
    finally:
        board.heard(name, permit, told[0], cause=told[1], text=told[2])


@dataclass(frozen=True, slots=True)
class _BreakingCopier:
    """``guarded`` is the copier with the endpoint's breaker around it, for ``fetch``."""

    inner: Copier
    guarded: Copier
    name: str
    board: Board

    def fetch(self, orders: Sequence[FetchOrder], watch: Watch = UNWATCHED) -> Mapping[str, Outcome]:
        return self.guarded.fetch(orders, watch)

    def copy(self, orders: Sequence[CopyOrder], watch: Watch = UNWATCHED) -> Mapping[str, Outcome]:
        by_link: dict[str, list[CopyOrder]] = {}
        for order in orders:
            by_link.setdefault(link(order.source, self.name), []).append(order)
        permit = self.board.admit(self.name)
        with _answered(self.board, self.name, permit) as tell:
            permits, outcomes = self._admitted(by_link)
            try:
                outcomes |= self._copied(by_link, permits, watch)
            finally:
                for where, own in permits.items():
                    found = [outcomes[order.path] for order in by_link[where] if order.path in outcomes]
                    evidence, cause, text = of_outcomes(found)
                    self.board.heard(where, own, evidence, cause=cause, text=text)
            tell(*self._of_endpoint(by_link, permits, outcomes))
        return outcomes

    def _admitted(
        self, by_link: Mapping[str, Sequence[CopyOrder]]
    ) -> tuple[dict[str, Permit], dict[str, Outcome]]:
        permits: dict[str, Permit] = {}
        outcomes: dict[str, Outcome] = {}
        for where, orders in by_link.items():
            try:
                permits[where] = self.board.admit(where)
            except CircuitOpen as error:
                outcomes |= {order.path: failed(CircuitOpen, str(error)) for order in orders}
        return permits, outcomes

    def _copied(
        self, by_link: Mapping[str, Sequence[CopyOrder]], permits: Mapping[str, Permit], watch: Watch
    ) -> Mapping[str, Outcome]:
        orders = [order for where in permits for order in by_link[where]]
        return self.inner.copy(orders, watch) if orders else {}

    def _of_endpoint(
        self,
        by_link: Mapping[str, Sequence[CopyOrder]],
        permits: Mapping[str, Permit],
        outcomes: Mapping[str, Outcome],
    ) -> tuple[Evidence, str, str]:
        """What the copies tell of the endpoint: bad only when those of several links failed alike."""
        paths = [order.path for where in permits for order in by_link[where]]
        tried = [outcomes[path] for path in paths if path in outcomes]
        evidence, cause, text = of_outcomes(tried)
        if evidence is Evidence.BAD and len(permits) == 1:
            return Evidence.NONE, "", ""  # it may be the source: its link has a breaker of its own
        return evidence, cause, text


def throttled(storage: Storage, name: str, slots: Slots, *, calls: int, copies: int) -> Storage:
    """At most ``calls`` calls at a time at the endpoint, and ``copies`` of them on each link.

    In this process; others are the business of the service, which knows of all. A bulk copy is one call, with
    a slot on each of its links. Raises EndpointBusy when no slot comes free in time.
    """

    def around(verb: str, files: int, call: Callable[[], T]) -> T:
        with slots.taken([(name, calls)]):
            return call()

    guarded = wrapped(storage, around)
    return replace(guarded, copier=_ThrottledCopier(guarded.copier, name, slots, copies))


@dataclass(frozen=True, slots=True)
class _ThrottledCopier:
    inner: Copier
    name: str
    slots: Slots
    copies: int

    def fetch(self, orders: Sequence[FetchOrder], watch: Watch = UNWATCHED) -> Mapping[str, Outcome]:
        return self.inner.fetch(orders, watch)

    def copy(self, orders: Sequence[CopyOrder], watch: Watch = UNWATCHED) -> Mapping[str, Outcome]:
        links = {link(order.source, self.name) for order in orders}
        # the links first, then the endpoint: whoever waits for a link takes no slot from other calls
        with self.slots.taken([(where, self.copies) for where in links]):
            return self.inner.copy(orders, watch)


def credentialed(storage: Storage, keeper: Keeper, pace: Pace) -> Storage:
    """Before every call the credential is looked at, and renewed when it is time; bytes to be moved need one
    that lasts as long as they take at this pace.

    Raises CredentialMissing, CredentialExpired or PermissionRefused, and then the call was not made.
    """

    def around(verb: str, files: int, call: Callable[[], T]) -> T:
        keeper.current()
        return call()

    guarded = wrapped(storage, around)
    return replace(guarded, copier=_CredentialedCopier(storage.copier, keeper, pace))


@dataclass(frozen=True, slots=True)
class _CredentialedCopier:
    inner: Copier
    keeper: Keeper
    pace: Pace

    def fetch(self, orders: Sequence[FetchOrder], watch: Watch = UNWATCHED) -> Mapping[str, Outcome]:
        self.keeper.current(self.pace.time_for(sum(order.size or 0 for order in orders), len(orders)))
        return self.inner.fetch(orders, watch)

    def copy(self, orders: Sequence[CopyOrder], watch: Watch = UNWATCHED) -> Mapping[str, Outcome]:
        self.keeper.current(self.pace.time_for(sum(order.size for order in orders), len(orders)))
        return self.inner.copy(orders, watch)
