"""The REST interface of the test server: requests to answers, over the tables of jobs."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from http import HTTPStatus
from urllib.parse import parse_qs, unquote, urlsplit

from catalog.clock import Clock
from transfers.testing.fts import texts
from transfers.testing.fts.daemons import Daemons
from transfers.testing.fts.delegation import Desk
from transfers.testing.fts.model import (
    FileRecord,
    JobRecord,
    Kind,
    Request,
    Response,
    ServerSettings,
    seconds,
    told,
)
from transfers.testing.fts.records import file_record, job_record
from transfers.testing.fts.storages import Storages, identity
from transfers.testing.fts.submission import BadSubmission, namespace, read_submission

SCRIPT = 36  # characters that the web server puts before a path when it looks for a file of that name
LONGEST_NAME = 4096
LONGEST_LINE = 8190
MOST_LISTED = 500  # jobs, if a limit is asked for
MOST_FILES_LISTED = 1000
LEAST_TO_SUBMIT = timedelta(hours=1)
OVER = frozenset({"FINISHED", "FAILED", "FINISHEDDIRTY", "CANCELED"})


class Refused(Exception):
    """An answer that is not 200."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message


class Service:
    """Jobs, delegations and who may see what. Not thread-safe: the server holds a lock."""

    def __init__(self, settings: ServerSettings, clock: Clock, storages: Storages, desk: Desk) -> None:
        self._settings, self._clock, self.desk = settings, clock, desk
        self.daemons = Daemons(settings, clock, storages, desk)
        self.jobs: dict[str, JobRecord] = {}
        self.archived: dict[str, JobRecord] = {}
        self._open: set[str] = set()
        self._ended: deque[tuple[datetime, str]] = deque()

    def answer(self, request: Request) -> Response:
        """The answer to a call; what the daemons have to do by now is done before."""
        if (page := too_long(request)) is not None:
            return page
        self.run()
        try:
            return self._route(request)
        except Refused as refused:
            return _json({"status": _status(refused.status), "message": refused.message}, refused.status)

    def run(self) -> None:
        """Let the daemons do what is due, and move old jobs to the archive."""
        self.daemons.run()
        now = self._clock.now()
        over = [name for name in self._open if name not in self.jobs or self.jobs[name].state in OVER]
        for name in over:
            self._open.discard(name)
            if job := self.jobs.get(name):
                job.finished_at = job.finished_at or now
                self._ended.append((job.finished_at, name))
        while self._ended and now - self._ended[0][0] >= seconds(self._settings.archive_after):
            name = self._ended.popleft()[1]
            if name in self.jobs:
                self.archived[name] = self.jobs.pop(name)

    def _route(self, request: Request) -> Response:
        parts = urlsplit("//host/" + request.target.lstrip("/"))
        words = [unquote(word) for word in parts.path.split("/") if word]
        query = {name: values[-1] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        if not words:
            return _json(_about())
        routes: dict[tuple[str, str], Callable[[Request, list[str], Mapping[str, str]], Response]] = {
            ("GET", "whoami"): self._whoami,
            ("GET", "delegation"): self._delegation,
            ("PUT", "delegation"): self._delegate,
            ("DELETE", "delegation"): self._undelegate,
            ("POST", "jobs"): self._submit,
            ("PUT", "jobs"): self._submit,
            ("GET", "jobs"): self._get_jobs,
            ("DELETE", "jobs"): self._cancel,
            ("GET", "archive"): self._get_archived,
            ("GET", "files"): self._list_files,
        }
        route = routes.get((request.method, words[0]))
        if route is None:
            raise Refused(405 if any(word == words[0] for _, word in routes) else 404, "Not found")
        if not request.user.known and words[0] != "whoami":
            raise Refused(403, "Not enough permissions")
        return route(request, words[1:], query)

    # who

    def _whoami(self, request: Request, words: list[str], query: Mapping[str, str]) -> Response:
        user, base = request.user, self._settings.base_id
        return _json(
            {
                "base_id": base,
                "delegation_id": user.delegation_id,
                "dn": [user.dn],
                "is_root": False,
                "level": {"transfer": "user"} if user.known else {},
                "method": user.method,
                "roles": [],
                "user_dn": user.dn,
                "voms_cred": [],
                "vos": [user.vo] if user.known else [],
                "vos_id": [str(namespace(base, user.vo))] if user.known else [],
            }
        )

    def _delegation(self, request: Request, words: list[str], query: Mapping[str, str]) -> Response:
        self._own(request, words)
        if words[1:] == ["request"]:
            return Response(200, self.desk.request().encode(), "text/plain")
        until = self.desk.until(words[0])
        return _json(None if until is None else {"termination_time": told(until)})

    def _delegate(self, request: Request, words: list[str], query: Mapping[str, str]) -> Response:
        self._own(request, words)
        problem = self.desk.accept(words[0], request.user.dn, request.body.decode("ascii", "replace"))
        if problem:
            raise Refused(400, problem)
        return Response(201, b"", "text/plain")

    def _undelegate(self, request: Request, words: list[str], query: Mapping[str, str]) -> Response:
        self._own(request, words)
        self.desk.drop(words[0])
        return Response(204, b"")

    def _own(self, request: Request, words: list[str]) -> None:
        if not words or words[0] != request.user.delegation_id:
            raise Refused(403, "The requested ID and the credentials ID do not match")

    # jobs

    def _submit(self, request: Request, words: list[str], query: Mapping[str, str]) -> Response:
        if words:
            return self._modify(request, words)
        user, now = request.user, self._clock.now()
        if user.method == "certificate":
            until = self.desk.until(user.delegation_id)
            if until is None or until - now < LEAST_TO_SUBMIT:
                raise Refused(419, f"No delegation found, or it is too short, for {user.dn!r}")
        try:
            waits = self._settings.token_prep > 0
            job = read_submission(request.body, user, self._settings.base_id, now, token_prep=waits)
        except BadSubmission as error:
            raise Refused(400, str(error)) from error
        if job.job_id in self.jobs:
            raise Refused(409, f"The sid provided by the user is duplicated: {job.job_id}")
        if self._settings.double_destinations:
            self._check_destinations(job)
        self.jobs[job.job_id] = job
        self._open.add(job.job_id)
        self.daemons.submitted(job)
        return _json({"job_id": job.job_id})

    def _check_destinations(self, job: JobRecord) -> None:
        """Refuse a destination that an unfinished job writes to. The text tells too much, as seen."""
        going = [self.jobs[name] for name in self._open if name in self.jobs]
        busy = {file.destination for other in going for file in other.files if not file.over}
        mine = [file.destination for file in job.files]
        if job.kind is Kind.PLAIN and (busy & set(mine) or len(set(mine)) < len(mine)):
            raise Refused(
                409, "(IntegrityError) Duplicate entry for key 'dest_surl_uuid' [SQL: INSERT INTO …"
            )

    def _get_jobs(self, request: Request, words: list[str], query: Mapping[str, str]) -> Response:
        if not words:
            return self._list(request, query)
        if len(words) == 1:
            fields = [name for name in query.get("files", "").split(",") if name]
            return self._each(request, words[0], lambda job: job_record(job, files=fields))
        job = self._job(request, words[0])
        if words[1] == "files":
            if words[3:] == ["retries"]:
                return _json([])
            return _json([file_record(file) for file in job.files])
        record = job_record(job)
        if words[1] not in record:
            raise Refused(404, "No such field")
        return _json(record[words[1]])

    def _list(self, request: Request, query: Mapping[str, str]) -> Response:
        """Unfinished jobs, of everybody in the VO; ended ones only within a window, or up to a limit."""
        states = [state for state in query.get("state_in", "").split(",") if state]
        jobs = [job for job in self.jobs.values() if _listed(job, request.user.vo, query)]
        if states:
            jobs = [job for job in jobs if job.state in states]
        if window := query.get("time_window"):
            since = self._clock.now() - _window(window)
            jobs = [job for job in jobs if job.finished_at is None or job.finished_at >= since]
        elif "limit" not in query:
            jobs = [job for job in jobs if job.state not in OVER]
        if not states:
            jobs = [job for job in jobs if job.state not in OVER]
        if limit := query.get("limit"):
            jobs = jobs[: min(_whole(limit), MOST_LISTED)]
        fields = [field for field in query.get("fields", "").split(",") if field]
        return _json([job_record(job, fields=fields) for job in jobs])

    def _list_files(self, request: Request, words: list[str], query: Mapping[str, str]) -> Response:
        """Unfinished files, a thousand at most."""
        if "time_window" in query:
            raise Refused(500, "Internal Server Error")  # as seen
        states = [state for state in query.get("state_in", "").split(",") if state]
        files = [
            file
            for job in self.jobs.values()
            if _listed(job, request.user.vo, query)
            for file in job.files
            if not file.over and (not states or file.state in states)
        ]
        if url := query.get("dest_surl"):
            files = [file for file in files if file.destination == url]
        return _json([file_record(file) for file in files[:MOST_FILES_LISTED]])

    def _modify(self, request: Request, words: list[str]) -> Response:
        """Only the priority can be changed."""
        try:
            wanted = json.loads(request.body)["params"]["priority"]
            priority = min(max(int(wanted), 1), 5)
        except (ValueError, TypeError, KeyError, RecursionError):
            raise Refused(400, "Bad request: only the priority of a job can be changed") from None

        def changed(job: JobRecord) -> dict[str, object]:
            job.params = {**job.params, "priority": priority}
            return job_record(job)

        return self._each(request, words[0], changed)

    def _get_archived(self, request: Request, words: list[str], query: Mapping[str, str]) -> Response:
        name = words[0] if words else ""
        job = self.archived.get(name)
        if job is None:
            raise Refused(404, f'No job with the id "{name}" has been found')
        return _json({**job_record(job), "files": [file_record(file) for file in job.files]})

    def _cancel(self, request: Request, words: list[str], query: Mapping[str, str]) -> Response:
        if len(words) == 3 and words[1] == "files":
            return self._cancel_files(request, words)
        if len(words) != 1:
            raise Refused(404, "Not found")

        def cancelled(job: JobRecord) -> dict[str, object]:
            if job.state in OVER:
                return {**job_record(job), "http_status": "304 Not Modified"}
            job.cancelled = True
            for file in job.files:
                self._cancel_file(file)
            return job_record(job)

        return self._each(request, words[0], cancelled)

    def _cancel_files(self, request: Request, words: list[str]) -> Response:
        job = self._job(request, words[0])
        wanted = words[2].split(",")
        if not all(number.isdecimal() for number in wanted):
            raise Refused(400, "Invalid file id")
        for file in job.files:
            if str(file.file_id) in wanted:
                self._cancel_file(file)
                job.cancelled = True
        states = {str(file.file_id): file.state for file in job.files}
        answer = [states.get(number, "NOT_FOUND") for number in wanted]
        return _json(answer[0] if len(answer) == 1 else answer)

    def _cancel_file(self, file: FileRecord) -> None:
        if file.over:
            return
        running, archiving = file.state == "ACTIVE", file.state == "ARCHIVING"
        file.become("CANCELED", texts.CANCELLED)
        if running:
            self.daemons.killed(file)
        elif not archiving:
            file.finish_time = self._clock.now()

    def _each(self, request: Request, names: str, act: Callable[[JobRecord], dict[str, object]]) -> Response:
        """One job by real status codes; of several, each with its own status, and 207 if any is not fine."""
        ids = [name for name in names.split(",") if name]
        if len(ids) == 1:
            return _json(act(self._job(request, ids[0])))
        records: list[dict[str, object]] = []
        partly = False
        for name in ids:
            try:
                records.append({"http_status": "200 Ok", **act(self._job(request, name))})
            except Refused as refused:
                partly = True
                records.append(
                    {"job_id": name, "http_status": _status(refused.status), "http_message": refused.message}
                )
        return _json(records, 207 if partly else 200)

    def _job(self, request: Request, name: str) -> JobRecord:
        job = self.jobs.get(name)
        if job is None:
            raise Refused(404, f'No job with the id "{name}" has been found')
        if job.user_dn != request.user.dn:
            raise Refused(403, "Not enough permissions")
        return job


def _listed(job: JobRecord, vo: str, query: Mapping[str, str]) -> bool:
    """Does a job pass the filters by owner and storages?"""
    told = {
        "vo_name": job.vo,
        "user_dn": job.user_dn,
        "dlg_id": job.delegation_id,
        "source_se": query.get("source_se") and identity(job.files[0].source),
        "dest_se": query.get("dest_se") and identity(job.files[-1].destination),
    }
    return job.vo == vo and all(query.get(name) in (None, "", value) for name, value in told.items())


def _window(text: str) -> timedelta:
    hours, _, minutes = text.partition(":")
    return timedelta(hours=_whole(hours), minutes=_whole(minutes or "0"))


def _whole(text: str) -> int:
    if not text.isdecimal():
        raise Refused(400, f"Bad request: {text!r} is not a number")
    return int(text)


def too_long(request: Request) -> Response | None:
    """The web server's page for a URL that it cannot look up: it says *not found*, and means *too long*."""
    path = request.target.partition("?")[0]
    if len(f"{request.method} {request.target} HTTP/1.1") > LONGEST_LINE:
        return page(414, "Request-URI Too Long")
    if len(path) + SCRIPT > LONGEST_NAME:
        return page(404, "Not Found")
    return None


def page(status: int, title: str) -> Response:
    """A page of the web server, which knows nothing of jobs."""
    text = f"<!DOCTYPE HTML><html><head><title>{status} {title}</title></head><body>{title}</body></html>"
    return Response(status, text.encode(), "text/html; charset=iso-8859-1")


def _about() -> dict[str, object]:
    return {
        "delegation": {"major": 1, "minor": 0, "patch": 0},
        "api": {"major": 3, "minor": 13, "patch": 4},
        "core": {"major": 3, "minor": 13, "patch": 3},
        "schema": {"major": 9, "minor": 0, "patch": 0},
        "_links": {},
    }


def _status(status: int) -> str:
    if status == 419:
        return "419 Authentication Timeout"
    return f"{status} {HTTPStatus(status).phrase}"


def _json(value: object, status: int = 200) -> Response:
    return Response(status, json.dumps(value).encode())
