"""One endpoint: calls for many files, each call under a deadline, with a context and a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from transfers.backends.gfal2.calls import Caller, Rules
from transfers.backends.gfal2.commands import Endpoint, Limits, Name
from transfers.backends.gfal2.errors import OVERDUE, Problem
from transfers.backends.gfal2.library import (
    TRIES,
    Answers,
    Copying,
    asks_for_tokens,
    checksum_of,
    each_of,
    give,
    list_of,
    look_at,
    may_pass,
    new_context,
    status_of,
)
from transfers.backends.gfal2.replies import Listed, Seen
from transfers.credentials.tls import token_in
from transfers.errors import StorageError, TransferStopped, failed
from transfers.model import Outcome, Unknown
from transfers.watch import UNWATCHED, Watch

_CANCELLED = 15.0  # seconds that a cancelled copy may take to remove what it has written
_UNLINKS = 50  # files in one call

T = TypeVar("T")


class _Gate:
    """What the threads of this process may do at once at one service, by the options of the first to come.

    An XRootD server computes few checksums at a time (``xrootd.chksum max``, 4 by default), and each copy
    ends with one. One more is told to come again after half a minute, and sometimes gets no answer at all.
    """

    def __init__(self, limits: Limits) -> None:
        self.checksums = threading.BoundedSemaphore(limits.calls)
        self.copies = threading.BoundedSemaphore(limits.copies)


_gates: dict[str, _Gate] = {}
_gates_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class Staging:
    """The answer to a bring-online request: the service's token, and what it has against each file."""

    token: str
    problems: Answers


class Client:
    """One endpoint. Safe from several threads."""

    def __init__(self, endpoint: Endpoint, limits: Limits) -> None:
        self.endpoint, self.limits = endpoint, limits
        with _gates_lock:
            self._gate = _gates.setdefault(endpoint.server, _Gate(limits))
        self._caller = Caller(self._context, lambda context: context.cancel(), lambda context: context.free())

    # ------------------------------------------------------------------ names
    def look(
        self, names: Sequence[Name], *, status: bool, checksum: bool = True
    ) -> dict[Name, Seen | Problem]:
        """What there is under each name; of files the checksum too. Raises StorageError if the service
        answers for none. ``status``: ask for ``user.status`` as well."""
        found: dict[Name, Seen | Problem] = self._each(
            names, lambda context, name: look_at(context, name.url, status), lambda name: self.limits.timeout
        )
        files = {
            name: seen for name, seen in found.items() if isinstance(seen, Seen) and not seen.is_directory
        }
        if not checksum or not files:
            return found
        sums: dict[Name, str | Problem] = {}
        for _ in range(TRIES):
            rest = {name: seen.size for name, seen in files.items() if may_pass(sums.get(name))}
            if not rest:
                break
            sums |= self._checksums(rest)
        return found | {name: replace(seen, checksum=sums[name]) for name, seen in files.items()}

    def _checksums(self, sizes: Mapping[Name, int]) -> dict[Name, str | Problem]:
        try:
            return self._each(
                list(sizes),
                lambda context, name: checksum_of(context, name.url),
                lambda name: self.limits.checksum_deadline(sizes[name]),
                self._gate.checksums,
            )
        except StorageError as error:  # it has just answered to stat: this is about the checksums only
            return dict.fromkeys(sizes, Problem(OVERDUE.code, str(error)))

    def remove(self, names: Sequence[Name]) -> dict[Name, Problem | None]:
        """Remove each file; an empty directory too, so look before. Raises like ``look``."""
        parts = [tuple(names[start : start + _UNLINKS]) for start in range(0, len(names), _UNLINKS)]

        def act(context: Any, part: tuple[Name, ...]) -> Answers | Problem:
            return each_of(part, lambda urls: context.unlink(urls))

        told: dict[Name, Problem | None] = {}
        for part, answers in self._each(parts, act, lambda part: self.limits.timeout).items():
            whole = [answers] * len(part) if isinstance(answers, Problem) else answers
            told.update(zip(part, whole, strict=True))
        return told

    def lists(self, names: Sequence[Name]) -> dict[Name, list[Listed] | Problem]:
        """What is in each directory. Raises like ``look``."""
        seconds = float(self.limits.list_timeout)
        return self._each(names, lambda context, name: list_of(context, name.url), lambda name: seconds)

    # ------------------------------------------------------------------- tape
    def statuses(self, names: Sequence[Name]) -> dict[Name, str | Problem]:
        """``user.status`` of each file; a problem says nothing of the file. Raises like ``look``."""
        return self._each(
            names, lambda context, name: status_of(context, name.url), lambda name: self.limits.timeout
        )

    def bring_online(self, names: Sequence[Name], pin: int, timeout: int) -> Staging:
        """One request for all the names. Raises StorageError if the service does not answer."""
        tokens: list[str] = []

        def call(context: Any, urls: list[str]) -> Any:
            errors, token = context.bring_online(urls, pin, timeout, True)
            tokens.append(str(token))
            return errors

        problems = self._list(names, call)
        return Staging(tokens[0] if tokens else "", problems)

    def poll(self, names: Sequence[Name], token: str) -> Answers:
        """How the recalls of a request are, one answer per name. Raises like ``bring_online``."""
        return self._list(names, lambda context, urls: context.bring_online_poll(urls, token))

    def archive_poll(self, names: Sequence[Name]) -> Answers:
        """Which files are on tape, one answer per name. Raises like ``bring_online``."""
        return self._list(names, lambda context, urls: context.archive_poll(urls))

    def release(self, names: Sequence[Name], token: str) -> Answers:
        """Release the files of a request, one answer per name. Raises like ``bring_online``."""
        return self._list(names, lambda context, urls: context.release(urls, token))

    def abort(self, names: Sequence[Name], token: str) -> Answers:
        """Take files out of a request, one answer per name. Raises like ``bring_online``."""
        return self._list(names, lambda context, urls: context.abort_bring_online(urls, token))

    # ----------------------------------------------------------------- copies
    def copies(
        self, jobs: Sequence[T], act: Callable[[Copying, T], Outcome], watch: Watch = UNWATCHED
    ) -> dict[T, Outcome]:
        """Run copy jobs, some at a time, each with a context that is cancelled when its time is over, or when
        nobody wants the copy any more."""

        def work(context: Any, job: T) -> Outcome:
            return act(Copying(context, self.limits), job)

        seconds = float(self.limits.copy_timeout)
        rules: Rules[T, Outcome] = Rules(
            seconds=lambda job: seconds,
            at_a_time=self.limits.copies,
            overdue=Unknown(f"not ended within {seconds:.0f} s, nor when it was cancelled"),
            hopeless=lambda outcome: False,
            grace=_CANCELLED,
            gate=self._gate.copies,
            stopped=watch.stopped,
            refused=failed(TransferStopped, "stopped before it began"),
        )
        return self._caller.run(jobs, work, rules)

    # -------------------------------------------------------------- machinery
    def _list(self, names: Sequence[Name], call: Callable[[Any, list[str]], Any]) -> Answers:
        return self._all(lambda context: each_of(names, lambda urls: call(context, urls)), len(names))

    def _all(self, request: Callable[[Any], Answers | Problem], count: int) -> Answers:
        """The answers of one call for many names; raises if it is the endpoint that is in trouble."""
        answers = self._each([0], lambda context, _: request(context), lambda _: self.limits.timeout)[0]
        told: Answers = [answers] * count if isinstance(answers, Problem) else answers
        if told and all(_of_endpoint(answer) for answer in told) and told[0] is not None:
            raise told[0].exception(self.endpoint.server)
        return told

    def _each(
        self,
        items: Sequence[T],
        act: Callable[[Any, T], Any],
        seconds: Callable[[T], float],
        gate: threading.Semaphore | None = None,
    ) -> dict[T, Any]:
        rules: Rules[T, Any] = Rules(
            seconds=seconds,
            at_a_time=self.limits.calls,
            overdue=OVERDUE,
            hopeless=_of_endpoint,
            gate=gate,
        )
        answers = self._caller.run(items, act, rules)
        troubles = [answer for answer in answers.values() if _of_endpoint(answer)]
        if troubles and len(troubles) == len(answers):
            raise troubles[0].exception(self.endpoint.server)
        return answers

    def _context(self) -> Any:
        """A new context with the credentials of the options."""
        context = new_context()
        asks_for_tokens(context, False)
        if self.limits.proxy_file:
            give(context, self.endpoint.server, "X509_CERT", self.limits.proxy_file)
        if self.limits.token_file:
            give(context, self.endpoint.server, "BEARER", token_in(self.limits.token_file))
        return context


def _of_endpoint(answer: object) -> bool:
    return isinstance(answer, Problem) and answer.of_endpoint
