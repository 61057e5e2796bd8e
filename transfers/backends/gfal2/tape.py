"""Recall from tape: the Stager of an endpoint, and where files are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar

from catalog.states import Locality
from transfers.backends.gfal2.client import Client
from transfers.backends.gfal2.commands import Name, pin_seconds, request_timeout
from transfers.backends.gfal2.errors import Problem
from transfers.backends.gfal2.library import Answers
from transfers.backends.gfal2.replies import (
    NOBODY,
    absent,
    accepted,
    archived,
    doubtful,
    in_order,
    is_cut,
    locality,
    online,
    polled,
    read_status,
    wordless,
)
from transfers.errors import FileMissing, RequestVanished, StorageError, failed
from transfers.model import Done, Failed, Outcome, Pending, StageOrder, StageReceipt, Unknown

T = TypeVar("T")

OUT_OF_ORDER = Problem(0, "the service told of the files in another order than asked")


class TapeSystem:
    """Polls, for as many files at a time as the service can answer."""

    def __init__(self, client: Client) -> None:
        self._client = client
        # Learned from the first cut answer. Threads may write it at once; any value that was seen will do.
        self._at_a_time = client.limits.max_files

    def poll(self, names: Sequence[Name], token: str) -> dict[Name, Problem | None]:
        """The answers about a request. Raises StorageError when nothing at all is answered."""
        return self._asked(names, lambda part: self._client.poll(part, token))

    def archive_poll(self, names: Sequence[Name]) -> dict[Name, Problem | None]:
        """The answers about the copies on tape. Raises like ``poll``."""
        return self._asked(names, self._client.archive_poll)

    def places(self, statuses: Mapping[Name, Locality]) -> dict[Name, Locality]:
        """Where each file is, from its ``user.status`` and, where that leaves a doubt, from the tape
        system."""
        doubt = [name for name, status in statuses.items() if doubtful(status)]
        answers = _told(lambda: self.archive_poll(doubt)) if doubt else {}
        on_tape = {name: archived(answer) for name, answer in answers.items()}
        unclear = [name for name in doubt if statuses[name] is Locality.UNKNOWN and on_tape.get(name)]
        is_online: Mapping[Name, bool | None] = {}
        if unclear and self._client.endpoint.is_root:
            answers = _told(lambda: self.poll(unclear, NOBODY))
            is_online = {name: online(answer) for name, answer in answers.items()}
        return {
            name: locality(status, on_tape.get(name), is_online.get(name))
            for name, status in statuses.items()
        }

    def _asked(
        self, names: Sequence[Name], ask: Callable[[Sequence[Name]], Answers]
    ) -> dict[Name, Problem | None]:
        found: dict[Name, Problem | None] = {}
        rest = list(names)
        while rest:
            part = rest[: self._at_a_time]
            answers = ask(part)
            if is_cut(answers) and len(part) > 1:
                self._at_a_time = len(part) // 2
                continue
            if not in_order(part, answers):
                answers = [OUT_OF_ORDER] * len(part)
            found.update(zip(part, answers, strict=True))
            rest = rest[len(part) :]
        return found


def _is_missing(outcome: Outcome) -> bool:
    return isinstance(outcome, Failed) and outcome.code == FileMissing.code


def _told(ask: Callable[[], Mapping[Name, T]]) -> Mapping[Name, T]:
    """What is told; nothing if the call fails: nobody concludes anything from that."""
    try:
        return ask()
    except StorageError:
        return {}


def _by_place(name: Name, place: Locality) -> Outcome:
    """How a file is of which there is no request."""
    if place.readable:
        return Done()
    if place is Locality.NEARLINE:
        return failed(RequestVanished, f"{name.name}: on tape only, and the service gave no request")
    return Unknown(f"{name.name}: there is no request, and its place is {place}")


class TapeStager:
    """Stager. A token is the service's; it is "" when the service gives none as all files are online."""

    def __init__(self, client: Client, tape: TapeSystem) -> None:
        self._client, self._endpoint, self._tape = client, client.endpoint, tape

    def stage(self, orders: Sequence[StageOrder]) -> StageReceipt:
        """As the port says: one request for all the files, with the longest lifetime of the orders."""
        names, refused = self._endpoint.named([order.path for order in orders], plain=True)
        if not names:
            return StageReceipt("", refused)
        token, told = self._stage(list(names.values()), pin_seconds(orders))
        return StageReceipt(token, {**refused, **{path: told[name] for path, name in names.items()}})

    def _stage(self, names: Sequence[Name], pin: int, again: bool = True) -> tuple[str, dict[Name, Outcome]]:
        """Token and outcomes of one request. If it is refused as a whole, the missing files are left out."""
        timeout = request_timeout(self._endpoint, self._client.limits)
        staging = self._client.bring_online(names, pin, timeout)
        refused = {
            name: problem
            for name, problem in zip(names, staging.problems, strict=True)
            if problem is not None
        }
        outcomes = self._refusals(refused)
        good = [name for name in names if name not in refused]
        if good or staging.token:
            return staging.token, outcomes | self._after(staging.token, good)
        there = [name for name in names if not _is_missing(outcomes[name])]
        if again and there and len(there) < len(names):
            token, told = self._stage(there, pin, again=False)
            return token, outcomes | told
        return "", outcomes

    def _refusals(self, problems: Mapping[Name, Problem]) -> dict[Name, Outcome]:
        """The outcomes of files that a request was refused for: services tell one file's trouble of all.

        Invariant 5: what ``stat`` sees is not missing, whatever the request was told.
        """
        asked = [name for name, problem in problems.items() if problem.missing or len(problems) > 1]
        seen = _told(lambda: self._client.look(asked, status=False, checksum=False)) if asked else {}
        outcomes: dict[Name, Outcome] = {}
        for name, problem in problems.items():
            found = seen.get(name)
            outcomes[name] = (
                found.outcome(name.name) if isinstance(found, Problem) else problem.outcome(name.name)
            )
            if problem.missing and not isinstance(found, Problem):
                outcomes[name] = Unknown(f"{name.name}: refused, and not seen to be missing: {problem.words}")
        return outcomes

    def _after(self, token: str, names: Sequence[Name]) -> dict[Name, Outcome]:
        """The outcomes of a request just accepted: a file that was online already is seen by a poll only."""
        if not names:
            return {}
        try:
            answers = self._outcomes(token, names)
        except StorageError:  # accepted it is, whatever comes after; polling will tell
            return dict.fromkeys(names, Pending())
        if not token:
            return answers
        return {name: accepted(answers[name]) for name in names}

    def poll(self, token: str, paths: Sequence[str]) -> Mapping[str, Outcome]:
        names, refused = self._endpoint.named(paths, plain=True)
        told = self._outcomes(token, list(names.values())) if names else {}
        return {**refused, **{path: told[name] for path, name in names.items()}}

    def _outcomes(self, token: str, names: Sequence[Name]) -> dict[Name, Outcome]:
        if not token:
            return {name: _by_place(name, place) for name, place in self._places(names).items()}
        answers = self._tape.poll(names, token)
        outcomes = {name: polled(answer, name.name) for name, answer in answers.items()}
        unclear = [name for name in names if wordless(answers[name])]
        witnesses = _told(lambda: self._tape.archive_poll(unclear)) if unclear else {}
        for name, answer in witnesses.items():
            if absent(answer, name.name):
                outcomes[name] = polled(answer, name.name)
        return outcomes

    def _places(self, names: Sequence[Name]) -> dict[Name, Locality]:
        """Where files are; UNKNOWN if it cannot be had."""
        statuses = _told(lambda: self._client.statuses(names)) if names else {}
        return self._tape.places({name: read_status(statuses.get(name)) for name in names})

    def cancel(self, token: str, paths: Sequence[str]) -> Mapping[str, Outcome]:
        """As the port says. A file, or a request, that the service does not know is not recalled by it."""
        names, refused = self._endpoint.named(paths, plain=True)
        told: dict[Name, Outcome] = {name: Done() for name in names.values()}
        if token:
            for name, problem in self._singly(
                list(names.values()), lambda part: self._client.abort(part, token)
            ):
                if problem is not None and not problem.gone:
                    told[name] = problem.outcome(name.name)
        return {**refused, **{path: told[name] for path, name in names.items()}}

    def release(self, token: str, paths: Sequence[str]) -> Mapping[str, Outcome]:
        """As the port says. What is not online yet is not wanted any more: its recall is aborted."""
        names, refused = self._endpoint.named(paths, plain=True)
        told = self._release(token, list(names.values())) if names else {}
        return {**refused, **{path: told[name] for path, name in names.items()}}

    def _release(self, token: str, names: Sequence[Name]) -> dict[Name, Outcome]:
        told: dict[Name, Outcome] = {name: Done() for name in names}
        for name, problem in self._singly(names, lambda part: self._client.release(part, token)):
            if problem is not None and not problem.gone:
                told[name] = problem.outcome(name.name)
        answers = _told(lambda: self._tape.poll(names, token)) if token else {}
        coming = [name for name, answer in answers.items() if polled(answer, name.name) == Pending()]
        if coming:
            # Its outcome is of no interest: at worst a file is recalled for nobody, which harms nobody.
            _told(lambda: dict(zip(coming, self._client.abort(coming, token), strict=True)))
        refused = [name for name, outcome in told.items() if not isinstance(outcome, Done)]
        places = self._places(refused)
        return told | {name: Done() for name in refused if places[name] is Locality.NEARLINE}

    def _singly(
        self, names: Sequence[Name], call: Callable[[Sequence[Name]], Answers]
    ) -> Iterator[tuple[Name, Problem | None]]:
        """The answers of one call for all; one by one if it is refused, as it is when one file is missing."""
        if not names:
            return
        answers = call(names)
        refused = len(names) > 1 and all(answer is not None for answer in answers)
        for name, answer in zip(names, answers, strict=True):
            yield name, call([name])[0] if refused else answer
