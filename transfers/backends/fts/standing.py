"""How far copies are, from the files of their jobs. Pure, and never raises.

A plain job has one file per copy. A copy with several sources has one file per source, of which one counts;
one with hops has one file per hop, of which the last counts and any may fail. All files of a copy have the
same path in our metadata.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from catalog.errors import Retry
from transfers.backends.fts.errors import cancelled, failure
from transfers.backends.fts.replies import STALLS, File, Job, Phase, outcome_of
from transfers.errors import NotArchived, RequestVanished, failed
from transfers.model import Done, Failed, Outcome, Pending, Unknown

KILLING = timedelta(minutes=30)
"""A copy that was cancelled while it ran has an end when its agent is dead. If FTS never tells that end, the
agent counts as dead so long after the end of the job."""

PENDING, LANDED = Pending(), Pending(landed=True)


def standing(job: Job, now: datetime) -> dict[str, Outcome]:
    """The outcome of each path of a job whose files were read. Files without our metadata are left out."""
    told: dict[str, Outcome] = {}
    for path, files in _by_path(job).items():
        told[path] = _hopped(files, job, now) if files[0].hops > 1 else _one_of(files, job, now)
    return told


def whole(job: Job) -> bool:
    """Could every file of the job be read?"""
    return job.files is not None and all(file.path is not None for file in job.files)


def untouched(job: Job, now: datetime, *, stall: timedelta) -> Iterator[tuple[File, str]]:
    """The files that nobody has touched for too long, each with a sentence about it.

    ``stall``: the time allowed in one state, besides what recall and tape may take by what was asked for. A
    file on hold waits for an operator of the FTS, and one that is being copied has limits of its own.
    """
    for file in job.files or ():
        since = _since(file, job)
        allowed = stall + {"STARTED": job.recall, "ARCHIVING": job.archive}.get(file.state, timedelta(0))
        if since is not None and now - since > allowed:
            hours = (now - since) / timedelta(hours=1)
            text = f"{file.path}: untouched in state {file.state} of FTS job {job.job_id} for {hours:.0f} h, "
            yield file, text + "and cancelled: ask the operators of the FTS whether its daemons run"


def _since(file: File, job: Job) -> datetime | None:
    times = {**(file.times or {}), "submit_time": job.submitted_at}
    return next((at for at in map(times.get, STALLS.get(file.state, ())) if at), None)


def _by_path(job: Job) -> Mapping[str, list[File]]:
    found: dict[str, list[File]] = {}
    for file in job.files or ():
        if file.path is not None:
            found.setdefault(file.path, []).append(file)
    return found


def _outcome(file: File, job: Job, now: datetime) -> Outcome:
    """The outcome of one file of a copy."""
    if file.state == "ARCHIVING":
        return LANDED if file.told_size == file.size else PENDING
    if file.phase is Phase.CANCELED:
        return _cancelled(file, job, now)
    return outcome_of(file)


def _cancelled(file: File, job: Job, now: datetime) -> Outcome:
    times = file.times or {}
    if times.get("archive_start_time") and file.told_size == file.size:
        return failed(NotArchived, f"{file.path}: cancelled while it was archived: {file.reason}")
    ended = times.get("finish_time") or (job.finished_at and job.finished_at + KILLING)
    if ended is None or ended > now:
        return PENDING  # its agent may still write
    return cancelled(file.path or "a file", file.reason)


def _one_of(files: Sequence[File], job: Job, now: datetime) -> Outcome:
    """One file, or one per source: any that is done is enough, and a spare is waited for by nobody."""
    used = [file for file in files if file.phase is not Phase.SPARE]
    told = [_outcome(file, job, now) for file in used]
    if len(files) == 1 and used:
        return told[0]
    for kind in (Done, Pending):
        if found := next((outcome for outcome in told if isinstance(outcome, kind)), None):
            return found
    if not job.terminal:
        return PENDING  # the next source has its turn
    return next((outcome for outcome in told if isinstance(outcome, Unknown)), None) or _worst(told, files[0])


def _worst(told: Sequence[Outcome], file: File) -> Outcome:
    """The failure to report of several: one that may pass, if there is one, as that source may do later."""
    failures = [outcome for outcome in told if isinstance(outcome, Failed)]
    if not failures:
        return Unknown(f"{file.path}: FTS says that no source was used")
    first = next((one for one in failures if one.retry is Retry.LATER), failures[0])
    others = "; ".join(one.text for one in failures if one is not first)
    return replace(first, text=f"{first.text}; also: {others}" if others else first.text)


def _hopped(files: Sequence[File], job: Job, now: datetime) -> Outcome:
    """One file per hop: done when the last is, failed when any is and FTS has given up."""
    last = [file for file in files if file.hop == file.hops]
    if len(last) != 1 or len({file.hop for file in files}) < len(files):
        return Unknown(f"{files[0].path}: the hops of FTS job {job.job_id} cannot be told apart")
    if last[0].phase is not Phase.SPARE:
        outcome = _outcome(last[0], job, now)
        if not isinstance(outcome, Failed) or job.terminal:
            return outcome
    if not job.terminal:
        return PENDING
    for file in sorted(files, key=lambda file: file.hop):
        if file.phase in (Phase.FAILED, Phase.CANCELED):
            return _of_hop(file, job, now)
    vanished = f"{files[0].path}: FTS has ended the job and tells no failure of a hop"
    return failed(RequestVanished, vanished)


def _of_hop(file: File, job: Job, now: datetime) -> Outcome:
    if file.phase is Phase.CANCELED:
        return _cancelled(file, job, now)
    # not adopted like an existing destination: that the hop is there is what keeps FTS from going on
    outcome = failure(file.path or "a file", file.reason)
    return replace(outcome, text=f"{outcome.text} (hop {file.hop} of {file.hops})")
