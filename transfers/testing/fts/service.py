"""The REST interface of the test server: requests to answers, over the tables of jobs."""

from __future__ import annotations

import json
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
    Request,
    Response,
    ServerSettings,
    seconds,
    told,
)
from transfers.testing.fts.storages import Storages, identity
from transfers.testing.fts.submission import BadSubmission, namespace, read_submission

SCRIPT = 36  # characters that the web server puts before a path when it looks for a file of that name
LONGEST_NAME = 4096
LONGEST_LINE = 8190
MOST_LISTED = 500
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
        for name, job in list(self.jobs.items()):
            if job.state in OVER:
                job.finished_at = job.finished_at or now
                if now - job.finished_at >= seconds(self._settings.archive_after):
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
            raise Refused(405, "only the priority of a job can be changed, and not here")
        user, now = request.user, self._clock.now()
        if user.method == "certificate":
            until = self.desk.until(user.delegation_id)
            if until is None or until - now < LEAST_TO_SUBMIT:
                raise Refused(419, f"No delegation found, or it is too short, for {user.dn!r}")
        try:
            job = read_submission(request.body, user, self._settings.base_id, now)
        except BadSubmission as error:
            raise Refused(400, str(error)) from error
        if job.job_id in self.jobs:
            raise Refused(409, f"The sid provided by the user is duplicated: {job.job_id}")
        self.jobs[job.job_id] = job
        self.daemons.submitted(job)
        return _json({"job_id": job.job_id})

    def _get_jobs(self, request: Request, words: list[str], query: Mapping[str, str]) -> Response:
        if not words:
            return self._list(request, query)
        if len(words) == 1:
            fields = [name for name in query.get("files", "").split(",") if name]
            return self._each(request, words[0], lambda job: job_record(job, fields))
        job = self._job(request, words[0])
        if words[1] == "files":
            if words[3:] == ["retries"]:
                return _json([])
            return _json([file_record(job, file) for file in job.files])
        record = job_record(job, [])
        if words[1] not in record:
            raise Refused(404, "No such field")
        return _json(record[words[1]])

    def _list(self, request: Request, query: Mapping[str, str]) -> Response:
        states = [state for state in query.get("state_in", "").split(",") if state]
        window, limit = query.get("time_window"), min(int(query.get("limit", MOST_LISTED)), MOST_LISTED)
        jobs = [job for job in self.jobs.values() if job.vo == request.user.vo]
        if not states:
            jobs = [job for job in jobs if job.state not in OVER]
        else:
            jobs = [job for job in jobs if job.state in states]
            if window is None and "limit" not in query:
                jobs = [job for job in jobs if job.state not in OVER]
        if window is not None:
            hours, _, minutes = window.partition(":")
            since = self._clock.now() - timedelta(hours=int(hours), minutes=int(minutes or 0))
            jobs = [job for job in jobs if job.finished_at is None or job.finished_at >= since]
        if name := query.get("dlg_id"):
            jobs = [job for job in jobs if job.delegation_id == name]
        fields = [field for field in query.get("fields", "").split(",") if field]
        records = [job_record(job, []) for job in jobs[:limit]]
        return _json([{f: r[f] for f in fields if f in r} if fields else r for r in records])

    def _get_archived(self, request: Request, words: list[str], query: Mapping[str, str]) -> Response:
        name = words[0] if words else ""
        job = self.archived.get(name)
        if job is None:
            raise Refused(404, f'No job with the id "{name}" has been found')
        return _json({**job_record(job, []), "files": [file_record(job, file) for file in job.files]})

    def _cancel(self, request: Request, words: list[str], query: Mapping[str, str]) -> Response:
        if len(words) == 3 and words[1] == "files":
            return self._cancel_files(request, words)
        if len(words) != 1:
            raise Refused(404, "Not found")

        def cancelled(job: JobRecord) -> dict[str, object]:
            if job.state in OVER:
                return {**job_record(job, []), "http_status": "304 Not Modified"}
            job.cancelled = True
            for file in job.files:
                self._cancel_file(file)
            return job_record(job, [])

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
        running = file.state == "ACTIVE"
        file.state, file.reason = "CANCELED", texts.CANCELLED
        file.finish_time = None if running else self._clock.now()  # of a running one, once it is killed

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


def job_record(job: JobRecord, fields: list[str]) -> dict[str, object]:
    """A job as the service prints it, with these fields of its files if any."""
    state = job.state
    failed = state in ("FAILED", "FINISHEDDIRTY")
    record: dict[str, object] = {
        "job_id": job.job_id,
        "job_state": state,
        "job_type": "N",
        "user_dn": job.user_dn,
        "cred_id": job.delegation_id,
        "vo_name": job.vo,
        "source_se": identity(job.files[0].source),
        "dest_se": identity(job.files[0].destination),
        "reason": texts.JOB_FAILED if failed else texts.JOB_CANCELLED if state == "CANCELED" else "",
        "submit_time": told(job.submit_time),
        "job_finished": told(job.finished_at),
        "cancel_job": job.cancelled,
        "priority": job.params["priority"],
        "retry": job.params["retry"],
        "bring_online": job.params["bring_online"],
        "copy_pin_lifetime": job.params["copy_pin_lifetime"],
        "archive_timeout": job.params.get("archive_timeout", -1),
        "max_time_in_queue": job.params.get("max_time_in_queue"),
        "job_metadata": job.metadata,
    }
    if fields:
        records = [file_record(job, file) for file in job.files]
        record["files"] = [{name: file[name] for name in fields if name in file} for file in records]
    return record


def file_record(job: JobRecord, file: FileRecord) -> dict[str, object]:
    """A file as the service prints it. URLs of a recall have got the activity."""
    recalled = job.bring_online > 0
    suffix = f"?activity={file.activity}" if recalled else ""
    running = file.start_time and file.finish_time
    return {
        "file_id": file.file_id,
        "file_index": file.file_index,
        "job_id": job.job_id,
        "file_state": file.state,
        "source_surl": file.source + suffix,
        "dest_surl": file.destination + (suffix if file.stage_only else ""),
        "source_se": identity(file.source),
        "dest_se": identity(file.destination),
        "reason": file.reason,
        "retry": 0,
        "recoverable": file.recoverable,
        "filesize": file.filesize,
        "checksum": file.checksum,
        "activity": file.activity,
        "start_time": told(file.start_time),
        "finish_time": told(file.finish_time),
        "staging_start": told(file.staging_start),
        "staging_finished": told(file.staging_finished),
        "tx_duration": _duration(file) if running else None,
        "throughput": None,
        "bringonline_token": file.token or None,
        "archive_start_time": None,
        "archive_finish_time": None,
        "file_metadata": file.metadata,
        "staging_metadata": file.staging_metadata,
        "transfer_host": "localhost" if file.start_time else None,
        "log_file": None,
        "vo_name": job.vo,
    }


def _duration(file: FileRecord) -> float:
    assert isinstance(file.start_time, datetime)
    assert isinstance(file.finish_time, datetime)
    return (file.finish_time - file.start_time).total_seconds()


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
