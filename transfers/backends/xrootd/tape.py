"""Recall from tape by prepare requests: the Stager of an XRootD endpoint.

A server says yes to a prepare request before it, or the tape system, knows of it, and some requests never
arrive. So a ``stage`` looks, after the server has accepted: a file that is neither online nor requested is
looked at again until the grace is over, and then asked for again, a few times; in the end its request has
vanished, which the caller hears at once rather than after hours of Pending.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

from catalog.clock import Clock
from transfers.backends.xrootd.client import Client, Stat
from transfers.backends.xrootd.commands import (
    BACKUP_EXISTS,
    CANCEL,
    EVICT,
    NO_ID,
    OFFLINE,
    STAGE,
    Endpoint,
    named,
    parameters,
    requests_of,
    token_of,
)
from transfers.backends.xrootd.errors import Trouble
from transfers.backends.xrootd.library import Deadline
from transfers.backends.xrootd.replies import confirmed, polled, read_token, text_of
from transfers.backends.xrootd.requests import Requests, Result
from transfers.backends.xrootd.tapesystem import TapeSystem
from transfers.errors import FileMissing, RequestVanished, StorageError, Unsupported, failed
from transfers.model import Done, Failed, Outcome, Pending, StageOrder, StageReceipt, Unknown

Accepted = list[tuple[str, Sequence[str]]]  # the id of a request, and its files
FIRST_LOOK_AGAIN = 0.25  # seconds; doubled until the grace is over
SMALL = 20  # files in a prepare request that takes no longer than a question
CHANGING = 1.0  # seconds after which a file that is neither requested nor online is looked at once more


class TapeStager:
    """Stager. Tokens are the ids of the prepare requests of one ``stage``, with blanks between."""

    def __init__(self, client: Client, endpoint: Endpoint, tape: TapeSystem, clock: Clock) -> None:
        self._client, self._endpoint, self._tape, self._clock = client, endpoint, tape, clock
        self._requests = Requests(client)

    # ------------------------------------------------------------------- stage
    def stage(self, orders: Sequence[StageOrder]) -> StageReceipt:
        """As the port says. Orders of several priorities (or activities) go in requests of their own."""
        deadline = Deadline(self._client.limits.call_timeout)
        names, outcomes = self._names([order.path for order in orders])
        groups: dict[tuple[int, str], list[str]] = defaultdict(list)
        for order in orders:
            if order.path in names:
                try:
                    groups[min(max(order.priority, 0), 3), self._told(order)].append(names[order.path])
                except Unsupported as error:
                    outcomes[order.path] = failed(Unsupported, str(error))
        if len(names) > SMALL:  # a silent server is noticed before it has all the time of a large request
            self._client.stat([next(iter(names.values()))])
        ids: list[str] = []
        told: dict[str, Outcome] = {}
        for (priority, told_too), group in sorted(groups.items(), reverse=True):
            told |= self._stage(group, priority, told_too, deadline, ids)
        asked = {path: told[name] for path, name in names.items() if path not in outcomes}
        return StageReceipt(token_of(ids), {**outcomes, **asked})

    def _told(self, order: StageOrder) -> str:
        return parameters(order.activity) if self._client.limits.activity else ""

    def _stage(
        self, names: Sequence[str], priority: int, told_too: str, deadline: Deadline, ids: list[str]
    ) -> dict[str, Outcome]:
        """The outcomes of files of one kind; ids of accepted requests are added to ``ids``.

        Raises StorageError if nothing at all was accepted yet, for a reason that says nothing of any file.
        """
        outcomes: dict[str, Outcome] = {}
        wanted = names
        for _ in range(self._client.limits.asks):
            result = self._requests.run(wanted, STAGE, deadline, priority=priority, parameters=told_too)
            if not ids and (trouble := result.of_the_whole):
                raise trouble.exception(self._client.server)
            outcomes |= result.open_outcomes() | self._refused(result.refused)
            accepted, unread = _read_ids(result)
            outcomes |= unread
            ids += [request for request, _ in accepted]
            seen, wanted = self._confirm(accepted, deadline)
            outcomes |= self._surely(seen)
            if not wanted:
                return outcomes
        lost = "the server accepted the request, but the tape system does not know of it; asked {} times"
        times = lost.format(self._client.limits.asks)
        return outcomes | {name: failed(RequestVanished, f"{name}: {times}") for name in wanted}

    def _refused(self, refused: Mapping[str, Trouble]) -> dict[str, Outcome]:
        """The outcomes of files that a request was refused for."""
        return self._surely({name: trouble.outcome(name) for name, trouble in refused.items()})

    def _surely(self, outcomes: dict[str, Outcome]) -> dict[str, Outcome]:
        """The same, but absence is believed of ``stat`` only.

        EOS says "does not exist or is not accessible to you", which a credential of somebody else makes true
        of every file.
        """
        missing = {name: outcome for name, outcome in outcomes.items() if _code(outcome) == FileMissing.code}
        try:
            stats = self._looked(list(missing))
        except StorageError as error:
            return outcomes | {name: Unknown(f"{name}: {error}") for name in missing}
        believed: dict[str, Outcome] = {}
        for name, stat in stats.items():
            if isinstance(stat, Stat):  # invariant 5: what stat has just seen is not missing
                believed[name] = Unknown(f"{name} is there, but the service says it is not")
            else:
                believed[name] = stat.outcome(name)
        return outcomes | believed

    def _confirm(self, accepted: Accepted, deadline: Deadline) -> tuple[dict[str, Outcome], list[str]]:
        """The outcomes of accepted requests, and the files that nobody knows to be requested after all."""
        outcomes: dict[str, Outcome] = {}
        unsure = accepted
        waits = _waits(self._client.limits.grace)
        while unsure:
            unsure = [
                (request, left)
                for request, names in unsure
                if (left := self._still_unsure(request, names, outcomes, deadline))
            ]
            wait = next(waits, None)
            if not unsure or wait is None:
                break
            if not deadline.left:  # no time to ask again: accepted it is, and polling will tell
                return outcomes | {name: Pending() for _, names in unsure for name in names}, []
            self._clock.sleep(timedelta(seconds=wait))
        return outcomes, [name for _, names in unsure for name in names]

    def _still_unsure(
        self, request: str, names: Sequence[str], outcomes: dict[str, Outcome], deadline: Deadline
    ) -> list[str]:
        try:
            answers = self._tape.states(request, names, deadline)
        except StorageError:  # accepted it is, whatever comes after; polling will tell
            answers = {}
        unsure = []
        for name in names:
            outcome = confirmed(answers.get(name), name)
            if outcome is None:
                unsure.append(name)
            else:
                outcomes[name] = outcome
        return unsure

    # ------------------------------------------------------------------- poll
    def poll(self, token: str, paths: Sequence[str]) -> Mapping[str, Outcome]:
        """As the port says. Whose request it is that brings a file online is of no interest."""
        deadline = Deadline(self._client.limits.call_timeout)
        names, refused = self._names(paths)
        request = next(iter(requests_of(token)), "")
        told = self._polled(request, list(names.values()), deadline)
        gone = [name for name, outcome in told.items() if _code(outcome) == RequestVanished.code]
        if gone:  # perhaps it came online between two looks of the service, or its request is on its way
            self._clock.sleep(timedelta(seconds=CHANGING))
            try:
                told |= self._polled(request, gone, deadline)
            except StorageError as error:
                told |= {name: Unknown(f"{name}: {error}") for name in gone}
        told = self._surely(told)
        return {**refused, **{path: told[name] for path, name in names.items()}}

    def _polled(self, request: str, names: Sequence[str], deadline: Deadline) -> dict[str, Outcome]:
        answers = self._tape.states(request, names, deadline) if names else {}
        return {name: polled(answers.get(name), name) for name in names}

    # ------------------------------------------------------- cancel and release
    def cancel(self, token: str, paths: Sequence[str]) -> Mapping[str, Outcome]:
        """As the port says. Which request of the token holds which file nobody knows: all are cancelled."""
        names, refused = self._names(paths)
        told = self._cancel(token, list(names.values()), Deadline(self._client.limits.call_timeout))
        return {**refused, **{path: told[name] for path, name in names.items()}}

    def _cancel(self, token: str, names: Sequence[str], deadline: Deadline) -> dict[str, Outcome]:
        told: dict[str, Outcome] = {name: Done() for name in names}
        # A stock server's program may refuse them all for one that is missing, and we are not told.
        names = self._there(names) if token else []
        for number, request in enumerate(requests_of(token) if names else []):
            if request == NO_ID:  # nothing to name it by; an eviction withdraws it as well
                result = self._requests.run(self._offline(names), EVICT, deadline)
            else:
                result = self._requests.run(names, CANCEL, deadline, of=request)
            if number == 0 and (trouble := result.of_the_whole):
                raise trouble.exception(self._client.server)
            told |= result.open_outcomes() | _gone_is_done(result.refused)
            if result.trouble:
                break
        return told

    def release(self, token: str, paths: Sequence[str]) -> Mapping[str, Outcome]:
        """As the port says. What is not online yet is not wanted any more: its request is cancelled."""
        deadline = Deadline(self._client.limits.call_timeout)
        names, refused = self._names(paths)
        told, online, offline = self._where(list(names.values()))
        if offline and token:
            # At worst a file is recalled for nobody, which harms nobody: so the outcome is of no interest.
            self._cancel(token, offline, deadline)
            _, late, _ = self._where(offline)  # what came online just then
            online |= late
        told |= self._evict(online, deadline)
        return {**refused, **{path: told[name] for path, name in names.items()}}

    def _evict(self, flags: Mapping[str, int], deadline: Deadline) -> dict[str, Outcome]:
        """Evict files, of these flags, until they are offline.

        EOS counts: every stage adds one, a renewed or repeated one too, and an evict takes one. Nobody tells
        the count, so there it is done until the file has gone. Other servers evict once or never.
        """
        told: dict[str, Outcome] = {}
        for _ in range(self._client.limits.evictions):
            result = self._requests.run(list(flags), EVICT, deadline)
            done: dict[str, Outcome] = {name: Done() for _, names in result.accepted for name in names}
            # evicted once is released, if perhaps not for good: what was said of a file first, counts
            told = result.open_outcomes() | _gone_is_done(result.refused) | done | told
            left = [name for name in done if flags[name] & BACKUP_EXISTS]
            if not left or result.trouble or not deadline.left:
                break
            try:
                _, flags, _ = self._where(left)
            except StorageError:
                break
        return told

    # ------------------------------------------------------------------- looks
    def _names(self, paths: Sequence[str]) -> tuple[dict[str, str], dict[str, Outcome]]:
        names, refused = named(self._endpoint, paths)
        return names, dict(refused)

    def _where(self, names: Sequence[str]) -> tuple[dict[str, Outcome], dict[str, int], list[str]]:
        """Outcomes for a release (Done, or why not), the flags of what is online, and what is offline."""
        told: dict[str, Outcome] = {}
        online: dict[str, int] = {}
        offline: list[str] = []
        for name, stat in self._looked(names).items():
            if isinstance(stat, Trouble):
                told[name] = Done() if issubclass(stat.error, FileMissing) else stat.outcome(name)
                continue
            told[name] = Done()
            if stat.flags & OFFLINE:
                offline.append(name)
            else:
                online[name] = stat.flags
        return told, online, offline

    def _looked(self, names: Sequence[str]) -> dict[str, Stat | Trouble]:
        return self._client.stat(names) if names else {}

    def _there(self, names: Sequence[str]) -> list[str]:
        """The files that are not missing, as far as can be seen."""
        return [
            name
            for name, stat in self._looked(names).items()
            if isinstance(stat, Stat) or not issubclass(stat.error, FileMissing)
        ]

    def _offline(self, names: Sequence[str]) -> list[str]:
        return self._where(names)[2]


def _waits(grace: float) -> Iterator[float]:
    """Seconds to wait before each further look, in all the grace."""
    wait = FIRST_LOOK_AGAIN
    while grace > 0:
        yield min(wait, grace)
        grace, wait = grace - wait, 2 * wait


def _read_ids(result: Result) -> tuple[Accepted, dict[str, Outcome]]:
    """The ids of accepted requests; one that cannot be read leaves its files Unknown. None at all is fine."""
    accepted: Accepted = []
    unread: dict[str, Outcome] = {}
    for reply, names in result.accepted:
        request = read_token(reply) if text_of(reply) else NO_ID
        if request is None:
            unread |= {name: Unknown(f"{name}: accepted, but with the id {reply!r}") for name in names}
        else:
            accepted.append((request, names))
    return accepted, unread


def _code(outcome: Outcome) -> str:
    return outcome.code if isinstance(outcome, Failed) else ""


def _gone_is_done(refused: Mapping[str, Trouble]) -> dict[str, Outcome]:
    return {
        name: Done() if issubclass(trouble.error, FileMissing) else trouble.outcome(name)
        for name, trouble in refused.items()
    }
