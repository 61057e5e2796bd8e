"""The only module that speaks to gfal2: thin calls, each with a deadline, troubles as values.

Importing it loads the library. Its XRootD plug-in brings an XRootD client of its own, which left alone tries
for eight minutes to reach a server that is not there, and rounds every deadline up to 15 seconds. That client
reads its limits from the environment when it is loaded, with the first context; so they are there for that
moment, except those that the user has set: this is the one place where environment variables have a say.
(Another XRootD client in the same process does not see them.)

That client's fork handler is switched off, as it may wait for ever. So a process forked from one that has
used this backend cannot use it; it is told so. Programs may be run at any time.
"""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

from transfers.backends.gfal2.calls import Caller, Rules
from transfers.backends.gfal2.commands import Endpoint, Limits, Name
from transfers.backends.gfal2.errors import OVERDUE, Problem
from transfers.backends.gfal2.replies import Seen
from transfers.errors import CredentialExpired, StorageError, Unsupported
from transfers.model import Outcome, Unknown

_gfal2: Any = import_module("gfal2")

XRD_LIMITS = {
    "XRD_CONNECTIONWINDOW": "5",  # seconds for one attempt to connect
    "XRD_CONNECTIONRETRY": "1",  # attempts; trying again is the caller's affair, who has a clock for it
    "XRD_STREAMERRORWINDOW": "2",  # seconds for which a failed connection is not tried again
    "XRD_TIMEOUTRESOLUTION": "1",  # seconds between looks at the deadlines
    "XRD_STREAMTIMEOUT": "60",  # seconds of silence, in the middle of a copy say, that end a connection
    "XRD_REQUESTTIMEOUT": "300",  # seconds for a request that has no deadline of its own
    "XRD_RUNFORKHANDLER": "0",  # see above
}


class _Gate:
    """What the threads of this process may do at once at one service, as the first to come has it in its
    options.

    An XRootD server computes few checksums at a time (``xrootd.chksum max``, 4 by default), and each copy
    ends with one. One more is told to come again after half a minute, and sometimes gets no answer at all.
    """

    def __init__(self, limits: Limits) -> None:
        self.checksums = threading.BoundedSemaphore(limits.calls)
        self.copies = threading.BoundedSemaphore(limits.copies)


_CANCELLED = 15.0  # seconds that a cancelled copy may take to remove what it has written
_UNLINKS = 50  # files in one call
_TRIES = 3  # of a checksum that a server fails at
_first = threading.Lock()
_user: list[int] = []  # the process that has loaded the XRootD client

_gates: dict[str, _Gate] = {}
_gates_lock = threading.Lock()

T = TypeVar("T")
Answers = list[Problem | None]


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
            names, lambda context, name: _seen(context, name.url, status), lambda name: self.limits.timeout
        )
        files = {
            name: seen for name, seen in found.items() if isinstance(seen, Seen) and not seen.is_directory
        }
        if not checksum or not files:
            return found
        sums: dict[Name, str | Problem] = {}
        for _ in range(_TRIES):
            rest = {name: seen.size for name, seen in files.items() if _passing(sums.get(name))}
            if not rest:
                break
            sums |= self._checksums(rest)
        return found | {name: replace(seen, checksum=sums[name]) for name, seen in files.items()}

    def _checksums(self, sizes: Mapping[Name, int]) -> dict[Name, str | Problem]:
        try:
            return self._each(
                list(sizes),
                lambda context, name: _checksum(context, name.url),
                lambda name: self.limits.checksum_deadline(sizes[name]),
                self._gate.checksums,
            )
        except StorageError as error:  # it has just answered to stat: this is about the checksums only
            return dict.fromkeys(sizes, Problem(OVERDUE.code, str(error)))

    def remove(self, names: Sequence[Name]) -> dict[Name, Problem | None]:
        """Remove each file; an empty directory too, so look before. Raises like ``look``."""
        parts = [tuple(names[start : start + _UNLINKS]) for start in range(0, len(names), _UNLINKS)]

        def act(context: Any, part: tuple[Name, ...]) -> Answers | Problem:
            return _bulk(part, lambda urls: context.unlink(urls))

        told: dict[Name, Problem | None] = {}
        for part, answers in self._each(parts, act, lambda part: self.limits.timeout).items():
            whole = [answers] * len(part) if isinstance(answers, Problem) else answers
            told.update(zip(part, whole, strict=True))
        return told

    # ------------------------------------------------------------------- tape
    def statuses(self, names: Sequence[Name]) -> dict[Name, str | Problem]:
        """``user.status`` of each file; a problem says nothing of the file. Raises like ``look``."""
        return self._each(
            names, lambda context, name: _status(context, name.url), lambda name: self.limits.timeout
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
    def copies(self, jobs: Sequence[T], act: Callable[[Copying, T], Outcome]) -> dict[T, Outcome]:
        """Run copy jobs, some at a time, each with a context that is cancelled when its time is over."""

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
        )
        return self._caller.run(jobs, work, rules)

    # -------------------------------------------------------------- machinery
    def _list(self, names: Sequence[Name], call: Callable[[Any, list[str]], Any]) -> Answers:
        return self._all(lambda context: _bulk(names, lambda urls: call(context, urls)), len(names))

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
        if self.limits.proxy_file:
            _give(context, self.endpoint.server, "X509_CERT", self.limits.proxy_file)
        if self.limits.token_file:
            _give(context, self.endpoint.server, "BEARER", _token(self.limits.token_file))
        return context


class Copying:
    """What one copy job does, in its own context. Every method gives a Problem or what it is asked for."""

    def __init__(self, context: Any, limits: Limits) -> None:
        self._context, self._limits = context, limits

    def copy(self, source: str, target: str, checksum: str = "") -> Problem | None:
        """Copy one file to a name that nobody else has. With ``checksum`` both ends must have that
        adler32."""
        parameters = self._context.transfer_parameters()
        parameters.overwrite = False
        parameters.create_parent = True
        parameters.timeout = self._limits.copy_timeout
        if checksum:
            parameters.set_checksum(_gfal2.checksum_mode.both, "ADLER32", checksum)
        return _asked(lambda: self._context.filecopy(parameters, source, target), lambda _: None)

    def look(self, url: str) -> Seen | Problem:
        """What there is, with its checksum."""
        found = _seen(self._context, url, status=False)
        if isinstance(found, Problem) or found.is_directory:
            return found
        answer: str | Problem | None = None
        for _ in range(_TRIES):
            if _passing(answer):
                answer = _checksum(self._context, url)
        return replace(found, checksum=answer)

    def rename(self, url: str, to: str) -> Problem | None:
        return _asked(lambda: self._context.rename(url, to), lambda _: None)

    def unlink(self, url: str) -> Problem | None:
        return _asked(lambda: self._context.unlink(url), lambda _: None)


def new_context() -> Any:
    """A context; the first one loads the plug-ins, with the limits of the XRootD client."""
    with _first:
        if _user and _user[0] != os.getpid():
            raise Unsupported("gfal2 does not survive a fork: start the process as a program of its own")
        if _user:
            return _gfal2.creat_context()
        added = [key for key in XRD_LIMITS if key not in os.environ]
        os.environ.update({key: XRD_LIMITS[key] for key in added})
        try:
            context = _gfal2.creat_context()
        finally:
            for key in added:
                del os.environ[key]
        _user.append(os.getpid())
        return context


def _give(context: Any, server: str, kind: str, value: str) -> None:
    context.cred_set(server, context.cred_new(kind, value))


def _token(file: str) -> str:
    try:
        token = Path(file).read_text(encoding="ascii").strip()
    except (OSError, ValueError) as error:
        raise CredentialExpired(
            f"the token of option token_file cannot be read: {error}", subject=file
        ) from None
    if not token:
        raise CredentialExpired(f"{file}, named by option token_file, is empty", subject=file)
    return token


def _of_endpoint(answer: object) -> bool:
    return isinstance(answer, Problem) and answer.of_endpoint


def _seen(context: Any, url: str, status: bool) -> Seen | Problem:
    found = _asked(lambda: context.stat(url), lambda info: Seen(int(info.st_size), int(info.st_mode)))
    if isinstance(found, Problem) or not status:
        return found
    return replace(found, status=_status(context, url))


def _status(context: Any, url: str) -> str | Problem:
    return _asked(lambda: context.getxattr(url, "user.status"), str)


def _checksum(context: Any, url: str) -> str | Problem:
    return _asked(lambda: context.checksum(url, "ADLER32"), str)


def _passing(answer: str | Problem | None) -> bool:
    """Is there no checksum yet, and may there be one when it is asked for again? Servers that compute several
    at a time fail at some for no reason."""
    if isinstance(answer, Problem):
        return not (answer.of_endpoint or answer.missing or issubclass(answer.error, Unsupported))
    return answer is None


def _bulk(names: Sequence[Name], call: Callable[[list[str]], Any]) -> Answers | Problem:
    """The answers of a call of lists: None or an error for each."""
    answers = _asked(lambda: call([name.url for name in names]), list)
    if isinstance(answers, Problem):
        return answers
    if len(answers) != len(names):
        return Problem(errno.EBADMSG, f"{len(answers)} answers for {len(names)} files")
    return [None if answer is None else _problem(answer) for answer in answers]


def _asked(call: Callable[[], Any], read: Callable[[Any], T]) -> T | Problem:
    """What a call gives, read; or the Problem it met."""
    try:
        return read(call())
    except _gfal2.GError as error:
        return _problem(error)


def _problem(error: Any) -> Problem:
    return Problem(int(error.code), str(error.message))
