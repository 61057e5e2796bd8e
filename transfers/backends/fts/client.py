"""The only module that speaks to an FTS: thin calls through ``fts3``'s Context, each with a deadline.

Importing it loads ``fts3`` (and M2Crypto). Nothing is asked before the first call. The proxy file is looked
at before each call, and a renewed one is taken at once.

With the option ``token_file`` we are who the bearer token says, and there is no delegation.

The delegation (FTS works with a copy of our proxy that it makes itself) is kept here: any call renews it when
less than twelve hours of it are left and our own proxy has more. FTS starts no recall with less than 90
minutes.
"""

from __future__ import annotations

import json
import os
import threading
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import quote

from fts3.rest.client.context import Context
from fts3.rest.client.delegator import Delegator
from fts3.rest.client.exceptions import FTS3ClientException

from catalog.clock import Clock
from transfers.backends.fts.errors import Answer
from transfers.backends.fts.options import Options
from transfers.backends.fts.replies import (
    FILE_FIELDS,
    Gone,
    Job,
    JobAnswer,
    read_jobs,
    read_listing,
    read_submitted,
    read_time,
    says_gone,
)
from transfers.backends.fts.requester import Requester
from transfers.credentials.tls import check_proxy, token_in
from transfers.errors import (
    CredentialExpired,
    EndpointUnreachable,
    PermissionRefused,
    StorageError,
    UnreadableReply,
)
from transfers.model import Unknown

IDS = 100  # job ids in one URL; from 110 the web server answers 404 and means something else
FILE_IDS = 100  # file ids in one URL
RENEW = timedelta(hours=12)  # of the delegation, when less is left
LEAST = timedelta(seconds=5400)  # with less FTS starts no recall
LEAST_TO_COPY = timedelta(hours=1)  # with less it takes no job at all
WORTH = timedelta(hours=1)  # a new delegation that gains less is not made

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Identity:
    """Who we are for the service. ``namespace``: of the ids of our VO's jobs."""

    delegation_id: str
    vo: str
    namespace: uuid.UUID


@dataclass(frozen=True, slots=True)
class Conflict:
    """The service has a job of this id, or another job is busy with one of the destinations."""

    text: str


@dataclass(frozen=True, slots=True)
class BadRequest:
    """The service refuses the submission for what is in it."""

    text: str


class _Keeper(Delegator):  # type: ignore[misc]  # fts3 has no types
    """The stock delegation code, with a clock that knows its zone (and is the one we are given)."""

    def __init__(self, context: Any, clock: Clock) -> None:
        super().__init__(context)
        self._clock = clock

    def _get_remaining_life(self, delegation_id: str) -> timedelta | None:
        told = self.get_info(delegation_id)
        end = read_time(told.get("termination_time")) if isinstance(told, dict) else None
        return None if end is None else end - self._clock.now()


class _Session:
    """One proxy: the context made of it, who it is, and how long its delegation lasts."""

    def __init__(self, context: Any, stamp: object) -> None:
        self.context = context
        self.stamp = stamp
        self.identity: Identity | None = None
        self.delegated_until: datetime | None = None
        self.own_end: datetime = min(
            (
                cert.get_not_after().get_datetime().astimezone(UTC)
                for cert in getattr(context, "x509_list", ())
            ),
            default=datetime.min.replace(tzinfo=UTC),
        )


class Client:
    """One FTS. Safe from several threads. Every method raises StorageError when there is no answer."""

    def __init__(self, options: Options, clock: Clock) -> None:
        self._options, self._clock = options, clock
        self._where = options.endpoint
        self._lock = threading.RLock()
        self._session: _Session | None = None

    def identity(self) -> Identity:
        """Who we are. Raises PermissionRefused when the service does not take us for anybody."""
        with self._lock:
            session = self._opened()
            if session.identity is None:
                session.identity = _identity(self._get("/whoami"), self._where, self._options.token_file)
            return session.identity

    def submit(self, body: object, *, least: timedelta = LEAST) -> str | Conflict | BadRequest:
        """Send a job; its id. A repetition is answered Conflict. ``least``: as of ``keep_delegation``."""
        self.keep_delegation(least=least)
        text = json.dumps(body, separators=(",", ":"))
        for last in (False, True):
            try:
                told = self._call(lambda context: context.post_json("/jobs", text))
            except Answer as answer:
                if answer.status == 409:  # in whatever words: looking at the job tells what it is
                    return Conflict(answer.message)
                if answer.status == 400 and answer.json:
                    return BadRequest(answer.message)
                if answer.status == 419 and not last:
                    self.keep_delegation(now=True, least=least)
                    continue
                raise answer.error(self._where) from answer
            if (name := read_submitted(told)) is not None:
                return name
            raise UnreadableReply(f"{self._where} accepted a job, but tells no id: {told[:200]!r}")
        raise AssertionError("unreachable")

    def listed(self) -> dict[str, str]:
        """The state of every unfinished job of our delegation, by id: one call for any number of jobs.

        A job that is not in it has ended, or is none of these: only looking at it tells.
        """
        who = quote(self.identity().delegation_id, safe="")
        try:
            text = self._call(lambda context: context.get(f"/jobs?dlg_id={who}&fields=job_id,job_state"))
        except Answer as answer:
            raise answer.error(self._where) from answer
        if (told := read_listing(text)) is None:
            raise UnreadableReply(f"{self._where} lists no jobs: {text[:200]!r}", subject=self._where)
        return told

    def jobs(self, ids: Sequence[str], *, files: bool, token: bool = False) -> dict[str, JobAnswer]:
        """Jobs, with their files if wanted (and the storage's ``token`` of each), up to 100 in one call.

        When one call of several fails, its ids are Unknown. Raises StorageError when all do.
        """
        fields = ",".join((*FILE_FIELDS, "bringonline_token") if token else FILE_FIELDS)
        query = f"?files={fields}" if files else ""
        answers: dict[str, JobAnswer] = {}
        problem: StorageError | None = None
        for start in range(0, len(ids), IDS):
            part = ids[start : start + IDS]
            try:
                answers.update(self._jobs(part, query))
            except StorageError as error:
                problem = error
                answers.update({name: Unknown(str(error)) for name in part})
        if problem is not None and all(isinstance(answer, Unknown) for answer in answers.values()):
            raise problem
        return answers

    def archived(self, job_id: str) -> Job | None:
        """A job that was over long ago, from the service's archive; None: not there, or unreadable."""
        try:
            told = self._call(lambda context: context.get(f"/archive/{job_id}"))
        except Answer:
            return None
        answer = read_jobs(told, [job_id])[job_id]
        return answer if isinstance(answer, Job) else None

    def cancel(self, job_id: str, file_ids: Sequence[int] | None = None) -> None:
        """Cancel a job, or files of it. A job that is over, or not there, is fine."""
        if file_ids is None:
            self._delete(f"/jobs/{job_id}")
            return
        for start in range(0, len(file_ids), FILE_IDS):
            part = ",".join(map(str, file_ids[start : start + FILE_IDS]))
            self._delete(f"/jobs/{job_id}/files/{part}")

    def keep_delegation(self, *, now: bool = False, least: timedelta = LEAST) -> None:
        """Renew the delegation if it is time, or ``now``. Nothing is asked while enough is left of it.

        Raises CredentialExpired if less than ``least`` is left. With a token there is nothing to delegate.
        """
        if self._options.token_file:
            return
        with self._lock:
            session = self._opened()
            soon = self._clock.now() + RENEW
            if session.delegated_until is None:
                session.delegated_until = self._delegated_until()
            until = session.delegated_until
            gains = until is None or session.own_end - until >= WORTH
            if now or until is None or (until < soon and gains):
                self._delegate(session)
                until = session.delegated_until = self._delegated_until()
            if until is None or until - self._clock.now() < least:
                minutes = least // timedelta(minutes=1)
                raise CredentialExpired(
                    f"the proxy that {self._where} may use ends {until or 'now'}: "
                    f"a {'recall' if least == LEAST else 'job'} needs {minutes} minutes",
                    subject=self._where,
                )

    # inside

    def _delegated_until(self) -> datetime | None:
        told = self._get(f"/delegation/{self.identity().delegation_id}")
        return read_time(told.get("termination_time")) if isinstance(told, dict) else None

    def _delegate(self, session: _Session) -> None:
        lifetime = max(session.own_end - self._clock.now(), WORTH)
        try:
            _Keeper(session.context, self._clock).delegate(lifetime=lifetime, force=True)
        except FTS3ClientException as error:
            raise self._foreign(error, "the proxy could not be delegated") from error

    def _jobs(self, ids: Sequence[str], query: str) -> dict[str, JobAnswer]:
        path = f"/jobs/{','.join(ids)}{query}"
        try:
            return read_jobs(self._call(lambda context: context.get(path)), ids)
        except Answer as answer:
            if answer.status == 404 and len(ids) == 1 and says_gone(answer.text, ids[0]):
                return {ids[0]: Gone()}
            raise answer.error(self._where) from answer

    def _get(self, path: str) -> Any:
        """The JSON at a path."""
        try:
            text = self._call(lambda context: context.get(path))
        except Answer as answer:
            raise answer.error(self._where) from answer
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            raise UnreadableReply(f"{self._where}{path} answered no JSON: {text[:200]!r}") from None

    def _delete(self, path: str) -> None:
        try:
            self._call(lambda context: context.delete(path))
        except Answer as answer:
            if not (answer.status == 404 and answer.json):
                raise answer.error(self._where) from answer

    def _call(self, call: Callable[[Any], T]) -> T:
        with self._lock:
            context = self._opened().context
        return call(context)

    def _opened(self) -> _Session:
        """The session of the proxy as it is on disk now."""
        session = self._session
        token_file = self._options.token_file
        if session is not None and session.stamp == _stamp(token_file or session.context.ucert):
            return session

        def request_class(certificate: str | None, key: str | None, **rest: object) -> Requester:
            token = str(rest.get("fts_access_token") or "")
            if certificate is None and not token:
                raise CredentialExpired("there is no X.509 proxy: make one, or give the option 'proxy'")
            return Requester(self._options, certificate, key, token)

        try:
            stamp = _stamp(token_file)
            if self._options.proxy:
                check_proxy(self._options.proxy)
            context = Context(
                self._options.endpoint,
                ucert=self._options.proxy or None,
                fts_access_token=token_in(token_file) if token_file else None,
                request_class=request_class,
                user_agent="ddm",
            )
        except StorageError:
            raise
        except Exception as error:
            raise self._foreign(error, "the credential cannot be used") from error
        self._session = _Session(context, stamp if token_file else _stamp(context.ucert))
        return self._session

    def _foreign(self, error: BaseException, what: str) -> StorageError:
        """An error of ``fts3``, which wraps ours: the one inside, if it is ours."""
        inner: BaseException | None = error
        while inner is not None:
            if isinstance(inner, StorageError):
                return inner
            if isinstance(inner, Answer):
                return inner.error(self._where)
            inner = inner.__context__
        if isinstance(error, FTS3ClientException) and "endpoint" in str(error).lower():
            return EndpointUnreachable(f"{self._where}: {error}", subject=self._where)
        return CredentialExpired(f"{what}: {error}", subject=self._options.proxy or self._where)


def _stamp(path: str | None) -> object:
    """Something that changes when the file is replaced."""
    try:
        found = os.stat(path or "")
    except OSError:
        return None
    return (found.st_mtime_ns, found.st_size, found.st_ino)


def _identity(told: Any, where: str, token_file: str = "") -> Identity:
    """Who we are, from the answer to whoami."""
    try:
        if token_file and (not told["vos"] or told.get("method") != "oauth2"):
            # An expired or unknown token is no error for the service: it answers 200, to nobody.
            raise CredentialExpired(
                f"{where} does not take the token in {token_file}: it is over, or nobody knows its issuer",
                subject=token_file,
            )
        if not told["vos"] or told.get("method") == "unauthenticated":
            # Not an error for the service, which answers 200; all that follows would be refused.
            raise PermissionRefused(f"{where} takes us for nobody: is the proxy one of a VO that it serves?")
        vo = str(told["vos"][0])
        namespaces = told.get("vos_id") or []
        namespace = uuid.UUID(namespaces[0]) if namespaces else uuid.uuid5(uuid.UUID(told["base_id"]), vo)
        return Identity(str(told["delegation_id"]), vo, namespace)
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        raise UnreadableReply(
            f"{where}: whoami tells too little: {str(told)[:200]}", subject=where
        ) from error
