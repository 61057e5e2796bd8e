"""What FTS's answers mean. Pure, and never raises: what cannot be read is Unknown.

Two tables, ``JOB`` and ``FILE``, say what the states of jobs and files mean; a word that is in neither is
Unknown (and so is NOT_USED where nothing else is told: a spare source, or a later hop). Only three things are
evidence:

- *Done*: the state FINISHED; of a copy, with the size that was ordered. Or, of a copy, "destination exists"
  with the report that the size and the checksum there are those ordered.
- *Failed*: the states FAILED and CANCELED, by their reason.
- *vanished*: FTS says in its own JSON, naming the id, that it has no such job. A page of the web server in
  front of it that says 404 means something else, such as a URL that is too long.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from catalog.checksum import Adler32
from transfers.backends.fts.errors import HTTP, cancelled, failure
from transfers.backends.fts.payload import OURS
from transfers.errors import FileExists, NotArchived, RequestVanished, SizeMismatch, StorageTimeout, failed
from transfers.model import Done, Failed, Outcome, Pending, Unknown
from transfers.verify import other_contents

FILE_FIELDS = (
    "file_id",
    "file_index",
    "file_state",
    "reason",
    "filesize",
    "staging_start",
    "staging_finished",
    "finish_time",
    "archive_start_time",
    "file_metadata",
)
"""What is asked of every file; all of its fields would be a kilobyte."""


LONGEST = 10 * 365 * 86400  # seconds; a longer time-out is none
TIMES = ("staging_start", "staging_finished", "finish_time", "archive_start_time")
"""The times of a file that are read."""


class Phase(StrEnum):
    """What the state of a file means to us."""

    WAITING = "waiting"
    FINISHED = "finished"
    FAILED = "failed"
    CANCELED = "canceled"
    SPARE = "spare"  # may be used when its turn comes, and otherwise stays as it is: nobody waits for it


FILE: Mapping[str, Phase] = {
    "STAGING": Phase.WAITING,  # to be sent to the tape system with others
    "STARTED": Phase.WAITING,  # the tape system has it
    "SUBMITTED": Phase.WAITING,
    "READY": Phase.WAITING,
    "ACTIVE": Phase.WAITING,
    "ARCHIVING": Phase.WAITING,
    "ON_HOLD": Phase.WAITING,  # the storage is banned for a while
    "ON_HOLD_STAGING": Phase.WAITING,
    "TOKEN_PREP": Phase.WAITING,
    "FORCE_START": Phase.WAITING,
    "NOT_USED": Phase.SPARE,
    "FINISHED": Phase.FINISHED,
    "FAILED": Phase.FAILED,
    "CANCELED": Phase.CANCELED,
}

JOB: Mapping[str, bool] = {
    "STAGING": False,
    "SUBMITTED": False,
    "READY": False,  # only of jobs that reuse one session
    "ACTIVE": False,  # since its first file left the queue; also between retries and between hops
    "ARCHIVING": False,
    "QOS_TRANSITION": False,
    "QOS_REQUEST_SUBMITTED": False,
    "DELETE": False,
    "FINISHED": True,
    "FAILED": True,
    "FINISHEDDIRTY": True,  # some finished and some failed: usual
    "CANCELED": True,
}
"""The states of a job, and whether nothing changes any more after it."""

TERMINAL = frozenset(state for state, over in JOB.items() if over)

STALLS: Mapping[str, tuple[str, ...]] = {
    "STAGING": ("submit_time",),
    "SUBMITTED": ("staging_finished", "submit_time"),
    "READY": ("staging_finished", "submit_time"),
    "STARTED": ("staging_start", "submit_time"),
    "ARCHIVING": ("archive_start_time", "finish_time", "submit_time"),
}
"""Since when a file waits in a state: the first of these times that there is."""


@dataclass(frozen=True, slots=True)
class File:
    """A file of a job. ``path``: ours, None if unreadable. ``size``, ``adler32``: as ordered, of copies."""

    path: str | None
    state: str
    reason: str = ""
    file_id: int | None = None
    size: int | None = None
    adler32: Adler32 | None = None
    told_size: int | None = None
    there: tuple[int, Adler32] | None = None
    times: Mapping[str, datetime] | None = None
    token: str = ""
    hop: int = 1
    hops: int = 1

    @property
    def phase(self) -> Phase | None:
        return FILE.get(self.state)

    @property
    def copies(self) -> bool:
        return self.adler32 is not None


@dataclass(frozen=True, slots=True)
class Job:
    """A job. ``files``: None when they were not asked for, or what was told cannot be read."""

    job_id: str
    state: str
    submitted_at: datetime | None = None
    files: tuple[File, ...] | None = None
    finished_at: datetime | None = None
    recall: timedelta = timedelta(0)  # what it may take besides, by what was asked for
    archive: timedelta = timedelta(0)

    @property
    def terminal(self) -> bool:
        return self.state in TERMINAL


@dataclass(frozen=True, slots=True)
class Gone:
    """FTS says that it has no such job."""


JobAnswer = Job | Gone | Failed | Unknown


def read_listing(text: str) -> dict[str, str] | None:
    """The states of listed jobs by id; None for what is no list. A record that cannot be read is left out:
    its job is looked at by itself."""
    told = _parse(text)
    if not isinstance(told, list):
        return None
    records = [record for record in told if isinstance(record, dict)]
    return {
        record["job_id"]: record["job_state"]
        for record in records
        if isinstance(record.get("job_id"), str) and isinstance(record.get("job_state"), str)
    }


def read_jobs(text: str, asked: Iterable[str]) -> dict[str, JobAnswer]:
    """The answer for each id that was asked for: one record, or a list of them (200 and 207)."""
    wanted = list(asked)
    answers: dict[str, JobAnswer] = {}
    told = _parse(text)
    for record in told if isinstance(told, list) else [told]:
        if not isinstance(record, dict) or not isinstance(name := record.get("job_id"), str):
            continue
        answer = _job(name, record)
        # Told twice and differently: we do not choose.
        answers[name] = answer if answers.get(name, answer) == answer else Unknown(f"job {name}: told twice")
    return {name: answers.get(name, Unknown(f"FTS does not tell of job {name}")) for name in wanted}


def says_gone(text: str, job_id: str) -> bool:
    """Does the body of a 404 say, in FTS's words, that there is no such job?"""
    told = _parse(text)
    return isinstance(told, dict) and job_id in str(told.get("message", ""))


def read_submitted(text: str) -> str | None:
    """The id of the job that was accepted, or None."""
    told = _parse(text)
    name = told.get("job_id") if isinstance(told, dict) else None
    return name if isinstance(name, str) and name else None


def outcome_of(file: File) -> Outcome:
    """How far a file is, by the table."""
    path = file.path or "a file"
    match file.phase:
        case Phase.WAITING:
            return Pending()
        case Phase.FINISHED:
            return _finished(file) if file.copies else Done()
        case Phase.FAILED:
            return _failed(file)
        case Phase.CANCELED:
            return cancelled(path, file.reason)
        case Phase.SPARE:
            return Unknown(f"{path}: a spare that FTS has not used, and nothing else is told")
        case None:
            return Unknown(f"{path}: FTS says {file.state!r}, a state that we do not know")


def _finished(file: File) -> Outcome:
    # FTS compares source and destination only with each other: the size ordered is our affair.
    if file.told_size is None:
        return Unknown(f"{file.path}: copied, but FTS does not tell how many bytes")
    if file.told_size != file.size:
        return failed(SizeMismatch, f"{file.path}: {file.told_size} bytes were copied, {file.size} expected")
    return Done()


def _failed(file: File) -> Outcome:
    outcome = failure(file.path or "a file", file.reason)
    if outcome.code == NotArchived.code and file.told_size not in (None, file.size):
        return _finished(file)  # whole it is not, whatever the tape did
    if file.copies and outcome.code == FileExists.code and file.there == (file.size, file.adler32):
        return Done(adopted=True)  # the very file is there already
    if file.copies and outcome.code == FileExists.code and file.there is not None:
        return failed(FileExists, other_contents(str(file.path), file.there, (file.size or 0, file.adler32)))
    return outcome


def stalled(file: File, job: Job, now: datetime, *, stall: timedelta, recall: timedelta) -> Failed | None:
    """The alarm for a file that nobody has touched for too long: a scheduler that stands still gives no
    error.

    StorageTimeout: what was asked may still happen. ``stall`` is the time allowed in one state, ``recall``
    what a recall may take besides. A file on hold waits for an operator of the FTS, one that is copied has
    its own limit.
    """
    since = next((at for at in (_time(file, job, name) for name in STALLS.get(file.state, ())) if at), None)
    allowed = stall + recall if file.state == "STARTED" else stall
    if since is None or now - since <= allowed:
        return None
    hours = (now - since) / timedelta(hours=1)
    return failed(
        StorageTimeout,
        f"{file.path}: untouched in state {file.state} of FTS job {job.job_id} for {hours:.0f} h: "
        "ask the operators of the FTS whether its daemons run",
    )


def outcomes(
    jobs: Mapping[str, JobAnswer], paths: Iterable[str], now: datetime, *, stall: timedelta, recall: timedelta
) -> dict[str, Outcome]:
    """One outcome per path, of a request that consists of these jobs.

    A path that none of them has has vanished, if all of them could be read or are gone; else it is Unknown.
    """
    told: dict[str, Outcome] = {}
    unsure = ""
    for name, job in jobs.items():
        if isinstance(job, Gone):
            continue
        if not isinstance(job, Job) or job.files is None:
            unsure = (
                job.text if isinstance(job, Failed | Unknown) else f"the files of FTS job {name}: not told"
            )
            continue
        for file in job.files:
            if file.path is None:
                unsure = f"FTS job {name} has a file without our metadata"
                continue
            outcome = stalled(file, job, now, stall=stall, recall=recall) or outcome_of(file)
            if told.get(file.path, outcome) != outcome:
                outcome = Unknown(f"{file.path}: told twice and differently")
            told[file.path] = outcome
    vanished = "FTS has no such job, or not with this file"
    return {
        path: told.get(path)
        or (Unknown(unsure) if unsure else failed(RequestVanished, f"{path}: {vanished}"))
        for path in paths
    }


def read_time(value: object) -> datetime | None:
    """A time as FTS prints it: UTC without a zone."""
    if not isinstance(value, str):
        return None
    try:
        at = datetime.fromisoformat(value)
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _time(file: File, job: Job, name: str) -> datetime | None:
    return job.submitted_at if name == "submit_time" else (file.times or {}).get(name)


def _parse(text: str) -> object:
    try:
        told: object = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return told


def _job(name: str, record: Mapping[str, object]) -> JobAnswer:
    status = str(record.get("http_status", "200")).partition(" ")[0]
    if status == "404":
        return Gone()
    state = record.get("job_state")
    if status not in ("200", "304") or not isinstance(state, str):
        message = f"job {name}: {record.get('http_status', 'no state')} {record.get('http_message', '')}"
        error = HTTP.get(int(status)) if status in map(str, HTTP) else None
        return failed(error, message) if error else Unknown(message)
    told = record.get("files")
    files = tuple(map(_file, told)) if isinstance(told, list) else None
    begin, end = (read_time(record.get(at)) for at in ("submit_time", "job_finished"))
    recall, archive = (
        timedelta(seconds=min(_number(record.get(limit)) or 0, LONGEST))
        for limit in ("bring_online", "archive_timeout")
    )
    return Job(name, state, begin, files, end, recall, archive)


def _file(record: object) -> File:
    if not isinstance(record, dict):
        return File(None, "")
    metadata = record.get("file_metadata")
    if isinstance(metadata, str):
        metadata = _parse(metadata)
    metadata = metadata if isinstance(metadata, dict) else {}
    ours = metadata.get(OURS)
    ours = ours if isinstance(ours, dict) else {}
    path, checksum = ours.get("path"), _adler32(ours.get("adler32"))
    whole = isinstance(path, str) and (checksum is not None or "adler32" not in ours)
    times = {name: read_time(record.get(name)) for name in TIMES}
    return File(
        path=str(path) if whole else None,
        state=_text(record.get("file_state")),
        reason=_text(record.get("reason")),
        file_id=_number(record.get("file_id")),
        size=_number(ours.get("size")),
        adler32=checksum,
        told_size=_number(record.get("filesize")),
        there=_there(metadata.get("dst_file")),
        times={name: at for name, at in times.items() if at} or None,
        token=_text(record.get("bringonline_token")),
        hop=_number(ours.get("hop")) or 1,
        hops=_number(ours.get("hops")) or 1,
    )


def _there(report: object) -> tuple[int, Adler32] | None:
    """Size and adler32 of a destination that exists, as FTS reports them."""
    if not isinstance(report, dict) or str(report.get("checksum_type", "")).lower() != "adler32":
        return None
    size, checksum = _number(report.get("file_size")), _adler32(report.get("checksum_value"))
    return None if size is None or checksum is None else (size, checksum)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _number(value: object) -> int | None:
    """A whole number of at least 0; FTS prints sizes as numbers or, rarely, as floats and text."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 20:
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _adler32(value: object) -> Adler32 | None:
    if not isinstance(value, str):
        return None
    try:
        return Adler32.parse(value)
    except ValueError:
        return None
