"""Jobs and files as the service prints them: only the fields that are wanted are made."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from transfers.testing.fts import texts
from transfers.testing.fts.model import FileRecord, JobRecord, told
from transfers.testing.fts.storages import identity


def _reason(job: JobRecord) -> str:
    match job.state:
        case "FAILED" | "FINISHEDDIRTY":
            return texts.JOB_FAILED
        case "CANCELED":
            return texts.JOB_CANCELLED
        case _:
            return ""


JOB: Mapping[str, Callable[[JobRecord], object]] = {
    "job_id": lambda job: job.job_id,
    "job_state": lambda job: job.state,
    "job_type": lambda job: job.kind.value,
    "user_dn": lambda job: job.user_dn,
    "cred_id": lambda job: job.delegation_id,
    "vo_name": lambda job: job.vo,
    "source_se": lambda job: identity(job.files[0].source),
    "dest_se": lambda job: identity(job.files[-1].destination),
    "reason": _reason,
    "submit_time": lambda job: told(job.submit_time),
    "job_finished": lambda job: told(job.finished_at),
    "cancel_job": lambda job: job.cancelled,
    "priority": lambda job: job.params["priority"],
    "retry": lambda job: job.params["retry"],
    "retry_delay": lambda job: job.params.get("retry_delay"),
    "bring_online": lambda job: job.params["bring_online"],
    "copy_pin_lifetime": lambda job: job.params["copy_pin_lifetime"],
    "archive_timeout": lambda job: job.params.get("archive_timeout", -1),
    "max_time_in_queue": lambda job: job.params.get("max_time_in_queue"),
    "overwrite_flag": lambda job: bool(job.params.get("overwrite")),
    "verify_checksum": lambda job: job.params.get("verify_checksum"),
    "job_metadata": lambda job: job.metadata,
}


def _suffix(file: FileRecord, *, source: bool) -> str:
    """URLs of a recall have got the activity."""
    recalled = file.job is not None and file.job.bring_online > 0
    return f"?activity={file.activity}" if recalled and (source or file.stage_only) else ""


def _duration(file: FileRecord) -> float | None:
    if not file.start_time or not file.finish_time:
        return None
    return (file.finish_time - file.start_time).total_seconds()


FILE: Mapping[str, Callable[[FileRecord], object]] = {
    "file_id": lambda file: file.file_id,
    "file_index": lambda file: file.file_index,
    "job_id": lambda file: file.job.job_id if file.job else "",
    "file_state": lambda file: file.state,
    "source_surl": lambda file: file.source + _suffix(file, source=True),
    "dest_surl": lambda file: file.destination + _suffix(file, source=False),
    "source_se": lambda file: identity(file.source),
    "dest_se": lambda file: identity(file.destination),
    "reason": lambda file: file.reason,
    "retry": lambda file: 0,
    "recoverable": lambda file: file.recoverable,
    "filesize": lambda file: file.filesize,
    "checksum": lambda file: file.checksum,
    "activity": lambda file: file.activity,
    "start_time": lambda file: told(file.start_time),
    "finish_time": lambda file: told(file.finish_time),
    "staging_start": lambda file: told(file.staging_start),
    "staging_finished": lambda file: told(file.staging_finished),
    "tx_duration": _duration,
    "throughput": lambda file: None,
    "bringonline_token": lambda file: file.token or None,
    "archive_start_time": lambda file: told(file.archive_start_time),
    "archive_finish_time": lambda file: told(file.archive_finish_time),
    "file_metadata": lambda file: file.metadata,
    "staging_metadata": lambda file: file.staging_metadata,
    "archive_metadata": lambda file: file.archive_metadata,
    "transfer_host": lambda file: "localhost" if file.start_time else None,
    "log_file": lambda file: None,
    "vo_name": lambda file: file.job.vo if file.job else "",
}


def job_record(
    job: JobRecord, files: Collection[str] = (), fields: Collection[str] = ()
) -> dict[str, object]:
    """A job, with these ``files`` fields of its files if any; only with these ``fields`` if any."""
    record = {name: JOB[name](job) for name in fields or JOB if name in JOB}
    if files:
        makers = [(name, FILE[name]) for name in files if name in FILE]
        record["files"] = [{name: make(file) for name, make in makers} for file in job.files]
    return record


def file_record(file: FileRecord) -> dict[str, object]:
    """A file, with all its fields."""
    return {name: make(file) for name, make in FILE.items()}
