"""Recall by FTS jobs that only stage, or stage and copy: the Stager of an endpoint.

A token is the ids of the jobs of one ``stage``, with blanks between.

**Repetition.** The id of a job is made of all that is asked for, the credential and the number of the attempt
(``payload``). ``stage`` sends attempt 0. If the service knows that job already (*Conflict*), it is looked at:

- still waiting as a whole: the reply to an earlier call was lost, or the caller crashed, or another process
  asks for the same. The job is adopted, nothing is recalled twice.
- over, or partly: it was an earlier request, since released, failed or cancelled. The next attempt is sent.
- waiting untouched for longer than ``stall``: it is cancelled, then the next attempt is sent, so that a
  scheduler that wakes up does not find the same files twice.

So what was asked for is remembered at the service alone. A caller who repeats with other files in the call
gets another job; the storage merges recalls of one file.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from uuid import UUID

from catalog.clock import Clock
from transfers.backends.fts import payload
from transfers.backends.fts.client import BadRequest, Client, Conflict
from transfers.backends.fts.options import Options
from transfers.backends.fts.payload import Submission
from transfers.backends.fts.replies import File, Gone, Job, JobAnswer, Phase, outcomes, stalled
from transfers.errors import EndpointBusy, StorageError, UnreadableReply, Unsupported, failed
from transfers.model import CopyOrder, Done, Outcome, Pending, StageOrder, StageReceipt, Unknown
from transfers.ports import Stager

ATTEMPTS = 50  # earlier attempts that are looked up in one call
MOST_ATTEMPTS = 1000
RACES = 3  # times that somebody else may take the attempt that we were about to send
REFUSALS = 40  # submissions that may be refused in one call while looking for the files that are to blame
REMEMBERED = 200  # jobs

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class _Seen:
    job: Job
    at: datetime


class FtsStager:
    """Stager, and copies from tape. Safe from several threads."""

    def __init__(
        self, client: Client, prefix: str, options: Options, clock: Clock, release: Stager | None
    ) -> None:
        """``release``: the storage's own stager, for releasing; None: the storage does that by itself."""
        self._client, self._prefix, self._options, self._clock = client, prefix, options, clock
        self._release = release
        self._stall = timedelta(seconds=options.stall)
        self._recall = timedelta(seconds=options.bring_online)
        self._seen: OrderedDict[str, _Seen] = OrderedDict()
        self._lock = Lock()

    # asking

    def stage(self, orders: Sequence[StageOrder]) -> StageReceipt:
        """As the port says. Never Done: FTS tells of a file that is online already when it is polled."""
        jobs, refused = payload.staging(self._prefix, orders, self._options)
        return self._submit_all(jobs, refused)

    def stage_and_copy(
        self,
        orders: Sequence[CopyOrder],
        *,
        lifetime: timedelta = timedelta(days=1),
        activity: str = "",
        priority: int = 1,
    ) -> StageReceipt:
        """Recall each source if need be, and copy it to its path, never over an existing file.

        ``lifetime``: how long the recalled source may stay in its buffer for the copy; FTS evicts it
        afterwards. ``poll`` says Done when the copy has the size and, compared by FTS at both ends, the
        adler32 of the order; or when that very file was there already. Repetition is harmless, as for
        ``stage``.
        """
        jobs, refused = payload.copying(
            self._prefix, orders, self._options, lifetime=lifetime, activity=activity, priority=priority
        )
        return self._submit_all(jobs, refused)

    def _submit_all(self, jobs: Sequence[Submission], refused: Mapping[str, Outcome]) -> StageReceipt:
        tokens: list[str] = []
        told: dict[str, Outcome] = dict(refused)
        waiting = list(reversed(jobs))
        refusals = 0
        while waiting:
            job = waiting.pop()
            try:
                answer = self._submit(job)
            except StorageError as error:
                if not tokens:
                    raise
                told.update({path: Unknown(f"{path}: {error}") for path in job.paths})
                continue
            if isinstance(answer, str):
                tokens.append(answer)
                told.update(dict.fromkeys(job.paths, Pending()))
                continue
            refusals += 1
            if len(job.files) > 1 and refusals < REFUSALS:
                waiting += reversed(list(job.halves()))  # one bad file must not hold the others
            else:
                told.update({path: failed(Unsupported, f"{path}: {answer.text}") for path in job.paths})
        return StageReceipt(" ".join(dict.fromkeys(tokens)), told)

    def _submit(self, job: Submission) -> str | BadRequest:
        """The id of the job that does it: a new one, or one that does it already."""
        who = self._client.identity()
        key, attempt = job.key(who.delegation_id), 0
        for _ in range(RACES):
            answer = self._client.submit(job.body(payload.sid_of(key, attempt)))
            if not isinstance(answer, Conflict):
                return answer
            found = self._earlier(job, key, who.namespace, answer)
            if isinstance(found, str):
                return found
            attempt = found
        raise EndpointBusy(f"FTS: others submit the same {len(job.files)} files at this moment")

    def _earlier(self, job: Submission, key: str, namespace: UUID, conflict: Conflict) -> str | int:
        """The earlier attempt that does it already, or the number of the next one."""
        free: int | None = None
        for first in range(0, MOST_ATTEMPTS, ATTEMPTS):
            ids = [payload.job_id(namespace, key, number) for number in range(first, first + ATTEMPTS)]
            known = self._known(ids)
            if first == 0 and ids[0] not in known:
                # Not this job is in conflict, but another one that is busy with one of the destinations.
                raise EndpointBusy(f"FTS refuses the job for now: {conflict.text}")
            for name, old in known.items():
                if not old.terminal and self._adopted(job, old):
                    return name
            if free is None:
                free = next((first + n for n, name in enumerate(ids) if name not in known), None)
            if ids[-1] not in known:
                break
        if free is None:
            raise EndpointBusy(f"FTS has seen {MOST_ATTEMPTS} requests for these {len(job.files)} files")
        return free

    def _known(self, ids: Sequence[str]) -> dict[str, Job]:
        """The jobs of these ids that there are; those that are not over with their files."""
        answers = self._client.jobs(ids, files=False)
        for name, answer in answers.items():
            if not isinstance(answer, Job | Gone):
                raise EndpointBusy(f"FTS cannot tell of job {name}: {answer.text}")
        known = {name: answer for name, answer in answers.items() if isinstance(answer, Job)}
        if going := [name for name, answer in known.items() if not answer.terminal]:
            for name, answer in self._client.jobs(going, files=True).items():
                if not isinstance(answer, Job) or answer.files is None:
                    # What cannot be read may be the very request: asking for it anew could recall twice.
                    raise UnreadableReply(f"FTS does not tell the files of its job {name}")
                known[name] = answer
        return known

    def _adopted(self, job: Submission, old: Job) -> bool:
        """Does the old job do it? A stalled one is cancelled."""
        files = old.files or ()
        waiting = [file for file in files if file.phase is Phase.WAITING]
        if any(self._stalled(file, old) for file in waiting):
            self._client.cancel(old.job_id)
            return False
        # A copy that is there stays there, so it may be part of an adopted job, and two copies to one place
        # must not run at once. A recall that is over may have been released since.
        return bool(waiting) and (job.copies or len(waiting) == len(files))

    def _stalled(self, file: File, job: Job) -> bool:
        return stalled(file, job, self._clock.now(), stall=self._stall, recall=self._recall) is not None

    # looking

    def poll(self, token: str, paths: Sequence[str]) -> Mapping[str, Outcome]:
        """As the port says; Done is what FTS saw when the recall ended, and not looked at again.

        One call for up to 100 jobs of the token (a second one when files have changed); none when all jobs
        are over. Also renews the delegation, without which recalls under way would be given up.
        """
        ids = ids_of(token)
        if ids:
            self._keep_delegation()
        return outcomes(self._look(ids), paths, self._clock.now(), stall=self._stall, recall=self._recall)

    def _keep_delegation(self) -> None:
        try:
            self._client.keep_delegation()
        except StorageError:
            # Looking may go well nevertheless, and what ended meanwhile is worth knowing. ``stage`` raises
            # it.
            return

    def _look(self, ids: Sequence[str]) -> dict[str, JobAnswer]:
        """The jobs with their files; those that are over, or did not change, from memory."""
        now = self._clock.now()
        with self._lock:
            known = {name: self._seen[name] for name in ids if name in self._seen}
        fresh = {
            name: seen.job
            for name, seen in known.items()
            if seen.job.terminal or now - seen.at < timedelta(seconds=self._options.files_every)
        }
        going = [name for name, job in fresh.items() if not job.terminal]
        for name, answer in (self._client.jobs(going, files=False) if going else {}).items():
            if not isinstance(answer, Job) or answer.state != fresh[name].state:
                del fresh[name]
        asked = [name for name in ids if name not in fresh]
        told = self._client.jobs(asked, files=True) if asked else {}
        for name, answer in told.items():
            if isinstance(answer, Gone):
                told[name] = self._client.archived(name) or answer
        self._remember(told, now)
        return {name: fresh.get(name) or told[name] for name in ids}

    def _remember(self, told: Mapping[str, JobAnswer], now: datetime) -> None:
        with self._lock:
            for name, answer in told.items():
                self._seen.pop(name, None)
                if isinstance(answer, Job) and answer.files is not None:
                    self._seen[name] = _Seen(answer, now)
            while len(self._seen) > REMEMBERED:
                self._seen.popitem(last=False)

    def _forget(self, ids: Iterable[str]) -> None:
        with self._lock:
            for name in ids:
                self._seen.pop(name, None)

    # ending

    def cancel(self, token: str, paths: Sequence[str]) -> Mapping[str, Outcome]:
        """As the port says. FTS aborts a recall that is under way when it next looks at it, up to ten minutes
        later."""
        told: dict[str, Outcome] = {path: Done() for path in paths}
        if ids := ids_of(token):
            self._cancel(self._client.jobs(ids, files=True), paths, told)
        return told

    def _cancel(self, jobs: Mapping[str, JobAnswer], paths: Sequence[str], told: dict[str, Outcome]) -> None:
        """Cancel what waits of the files; whole jobs where nothing else waits."""
        self._forget(jobs)
        wanted = set(paths)
        for name, job in jobs.items():
            if isinstance(job, Gone):
                continue
            if not isinstance(job, Job) or job.files is None:
                text = getattr(job, "text", "") or f"the files of FTS job {name} were not told"
                told.update({path: Unknown(f"{path}: {text}") for path in paths})
                continue
            waiting = [file for file in job.files if file.phase is Phase.WAITING]
            mine = [file for file in waiting if file.path in wanted]
            numbers = [file.file_id for file in mine if file.file_id is not None]
            if mine and len(mine) == len(waiting):
                self._client.cancel(name)
            elif numbers:
                self._client.cancel(name, numbers)

    def release(self, token: str, paths: Sequence[str]) -> Mapping[str, Outcome]:
        """As the port says, by the storage's own stager. What still waits at FTS is cancelled there first."""
        told: dict[str, Outcome] = {path: Done() for path in paths}
        tokens: dict[str, str] = {}
        if ids := ids_of(token):
            try:
                jobs = self._client.jobs(ids, files=True, token=True)
                self._cancel(jobs, paths, {})
                tokens = _storage_tokens(jobs)
            except StorageError:
                pass  # at worst a file is recalled for nobody, which harms nobody
        if self._release is None:
            return told
        groups: dict[str, list[str]] = {}
        for path in paths:
            groups.setdefault(tokens.get(path, ""), []).append(path)
        for storage_token, group in groups.items():
            told.update(self._release.release(storage_token, group))
        return told


def ids_of(token: str) -> list[str]:
    """The job ids of a token; what is none is left out, and was never asked for."""
    return [name for name in dict.fromkeys(token.split()) if _ID.fullmatch(name)]


def _storage_tokens(jobs: Mapping[str, JobAnswer]) -> dict[str, str]:
    """The storage's own id of the request that staged each path."""
    return {
        file.path: file.token
        for job in jobs.values()
        if isinstance(job, Job)
        for file in job.files or ()
        if file.path is not None and file.token
    }
