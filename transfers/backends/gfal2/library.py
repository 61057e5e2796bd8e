"""The only module that speaks to gfal2: thin calls in a context that is given, troubles as values.

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
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib import import_module
from typing import Any, TypeVar

from transfers.backends.gfal2.commands import Limits, Name, passes_through
from transfers.backends.gfal2.errors import Problem
from transfers.backends.gfal2.replies import Listed, Seen
from transfers.errors import Unsupported

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
TRIES = 3  # of a checksum that a server fails at

_first = threading.Lock()
_user: list[int] = []  # the process that has loaded the XRootD client

T = TypeVar("T")
Answers = list[Problem | None]


class Copying:
    """What one copy job does, in its own context. Every method gives a Problem or what it is asked for."""

    def __init__(self, context: Any, limits: Limits) -> None:
        self._context, self._limits = context, limits

    def copy(
        self, source: str, target: str, checksum: str = "", moved: Callable[[int], None] | None = None
    ) -> Problem | None:
        """Copy one file to a name that nobody else has. With ``checksum`` both ends must have that adler32.

        ``moved`` is told how many bytes have moved, by the plug-ins that tell: from a thread of gfal2, which
        must not see an exception.
        """
        through = passes_through(source, target)
        if self._limits.third_party_only and through:
            return Problem(errno.EPROTONOSUPPORT, "these two services cannot copy between themselves")
        # Of uploads, too, the plug-in asks whether it may.
        streamed = not self._limits.third_party_only or through is not None
        self._context.set_opt_boolean("HTTP PLUGIN", "ENABLE_STREAM_COPY", streamed)
        asks_for_tokens(self._context, through is None)
        parameters = self._context.transfer_parameters()
        parameters.overwrite = False
        parameters.create_parent = True
        parameters.timeout = self._limits.copy_timeout
        if checksum:
            parameters.set_checksum(_gfal2.checksum_mode.both, "ADLER32", checksum)
        if moved is not None:
            parameters.monitor_callback = lambda source, target, average, instant, done, elapsed: moved(done)
        problem = asked(lambda: self._context.filecopy(parameters, source, target), lambda _: None)
        asks_for_tokens(self._context, False)
        return problem

    def look(self, url: str) -> Seen | Problem:
        """What there is, with its checksum."""
        found = look_at(self._context, url, status=False)
        if isinstance(found, Problem) or found.is_directory:
            return found
        answer: str | Problem | None = None
        for _ in range(TRIES):
            if may_pass(answer):
                answer = checksum_of(self._context, url)
        return replace(found, checksum=answer)

    def rename(self, url: str, to: str) -> Problem | None:
        """Give a file another name. It replaces what is there: look before."""
        return asked(lambda: self._context.rename(url, to), lambda _: None)

    def unlink(self, url: str) -> Problem | None:
        """Remove one file, or an empty directory; again, if a cancellation hits this instead of a copy."""
        for _ in range(TRIES):
            problem = asked(lambda: self._context.unlink(url), lambda _: None)
            if problem is None or not problem.cancelled:
                break
        return problem


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


def asks_for_tokens(context: Any, yes: bool) -> None:
    """Whether a davs:// service is asked for a token of its own before each operation, by way of a proxy. It
    doubles the time of everything, and only third-party copies between two services need it."""
    context.set_opt_boolean("HTTP PLUGIN", "RETRIEVE_BEARER_TOKEN", yes)


def give(context: Any, server: str, kind: str, value: str) -> None:
    """Let the context show this credential to this server."""
    context.cred_set(server, context.cred_new(kind, value))


def look_at(context: Any, url: str, status: bool) -> Seen | Problem:
    """Size, mode and, if asked for, ``user.status``."""
    found = asked(lambda: context.stat(url), lambda info: Seen(int(info.st_size), int(info.st_mode)))
    if isinstance(found, Problem) or not status:
        return found
    return replace(found, status=status_of(context, url))


def list_of(context: Any, url: str) -> list[Listed] | Problem:
    """What is in a directory, without itself and its parent."""

    def read(directory: Any) -> list[Listed]:
        found: list[Listed] = []
        while True:
            entry, info = directory.readpp()
            if entry is None or not entry.d_name:
                return found
            if entry.d_name not in (".", ".."):
                found.append(
                    Listed(entry.d_name, Seen(int(info.st_size), int(info.st_mode)), int(info.st_mtime))
                )

    return asked(lambda: read(context.opendir(url)), lambda found: found)


def status_of(context: Any, url: str) -> str | Problem:
    """``user.status``: where the file is. A problem says nothing of the file."""
    return asked(lambda: context.getxattr(url, "user.status"), str)


def checksum_of(context: Any, url: str) -> str | Problem:
    """The adler32 that the service gives, in its own spelling."""
    return asked(lambda: context.checksum(url, "ADLER32"), str)


def may_pass(answer: str | Problem | None) -> bool:
    """Is there no checksum yet, and may there be one when it is asked for again? Servers that compute several
    at a time fail at some for no reason."""
    if isinstance(answer, Problem):
        return not (answer.of_endpoint or answer.missing or issubclass(answer.error, Unsupported))
    return answer is None


def each_of(names: Sequence[Name], call: Callable[[list[str]], Any]) -> Answers | Problem:
    """The answers of a call of lists: None or an error for each."""
    answers = asked(lambda: call([name.url for name in names]), list)
    if isinstance(answers, Problem):
        return answers
    if len(answers) != len(names):
        return Problem(errno.EBADMSG, f"{len(answers)} answers for {len(names)} files")
    return [None if answer is None else _problem(answer) for answer in answers]


def asked(call: Callable[[], Any], read: Callable[[Any], T]) -> T | Problem:
    """What a call gives, read; or the Problem it met."""
    try:
        return read(call())
    except _gfal2.GError as error:
        return _problem(error)


def _problem(error: Any) -> Problem:
    return Problem(int(error.code), str(error.message))
