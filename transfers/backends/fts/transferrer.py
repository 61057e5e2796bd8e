"""Copies by FTS jobs: the Transferrer of an endpoint.

A token is the ids of the jobs of one request, with blanks between.

**Once and only once.** The id of a job is made of the caller's label and a number: 0 for the first job that
the service takes under this label, 1 for the next one. Nothing else is in it, and a number is used only after
the one before is known to be taken. So what a request has at the service is always the jobs 0 to n, whoever
sent them and however its files are divided today. A repetition finds job 0 (*Conflict*), reads jobs 0 to n,
and sends what is in none of them as job n + 1. A call that was heard but not answered, a caller that was
killed at any point, and two callers at the same time all come to the same jobs. A label whose jobs are so old
that the service has archived them is copied anew, and finds its own copies at the destination.

**Looking.** One list call tells the states of all unfinished jobs. Files are read (100 jobs in a call) of
jobs that left that list, or whose remaining files archive; of the others a hundred in each poll, those first
that were looked at longest ago, and none more often than ``files_every``. A job found nowhere is looked up in
the archive. The list of ended jobs is not asked for: it would not spare reading their files, as the sizes are
ours to compare.

**A scheduler that stands still** gives no error. A file untouched for longer than ``stall``, while no job of
ours has moved for an hour, is cancelled, and fails with ``storage_timeout`` once the service says that it is
over: so whoever asks anew does not copy beside a service that wakes up.
"""

from __future__ import annotations

import logging
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from threading import Lock

from catalog.clock import Clock
from transfers.backends.fts import payload
from transfers.backends.fts.client import IDS, LEAST, LEAST_TO_COPY, BadRequest, Client, Conflict
from transfers.backends.fts.options import Options
from transfers.backends.fts.payload import Submission
from transfers.backends.fts.replies import File, Gone, Job, Phase
from transfers.backends.fts.stager import ids_of
from transfers.backends.fts.standing import PENDING, standing, untouched, whole
from transfers.errors import (
    RequestVanished,
    StorageError,
    StorageTimeout,
    UnreadableReply,
    Unsupported,
    failed,
)
from transfers.model import Done, Failed, Outcome, TransferOrder, TransferReceipt, Unknown

REFUSALS = 400  # submissions that may be refused in one call while looking for the files that are to blame
QUIET = timedelta(hours=1)  # without any movement, before a file that waits long counts as stalled
REMEMBERED = 20_000  # jobs

LOG = logging.getLogger("transfers")


@dataclass(slots=True)
class _Seen:
    """What was last told of a job. ``read``: its files were; ``over``: nothing changes any more."""

    state: str
    at: datetime
    outcomes: Mapping[str, Outcome] = field(default_factory=dict)
    read: bool = False
    over: bool = False


@dataclass(slots=True)
class _Sending:
    """One ``submit`` under way: the number of the next job, and what is known so far."""

    key: str
    asked: frozenset[str]
    number: int = 0
    refusals: int = 0
    jobs: list[str] = field(default_factory=list)
    told: dict[str, Outcome] = field(default_factory=dict)

    def taken(self, names: Iterable[str], paths: Iterable[str]) -> None:
        """The service has these jobs, with these files."""
        for name in names:
            self.jobs.append(name)
            self.number += 1
        self.told.update(dict.fromkeys(paths, PENDING))


class FtsTransferrer:
    """Transferrer. Safe from several threads."""

    def __init__(self, client: Client, prefix: str, options: Options, clock: Clock) -> None:
        self._client, self._prefix, self._options, self._clock = client, prefix, options, clock
        self._stall = timedelta(seconds=options.stall)
        self._every = timedelta(seconds=options.files_every)
        self._seen: OrderedDict[str, _Seen] = OrderedDict()
        self._stalled: dict[tuple[str, str], str] = {}
        self._moved_at: datetime | None = None
        self._lock = Lock()

    # asking

    def submit(self, orders: Sequence[TransferOrder], *, label: str) -> TransferReceipt:
        """As the port says: one call for each job, two more per hundred jobs that the service has already."""
        jobs, refused = payload.transfers(self._prefix, orders, self._options)
        asked = frozenset(order.path for order in orders)
        sending = _Sending(payload.key_of(label), asked, told=dict(refused))
        waiting = deque(jobs)
        least = LEAST if any(order.bring_online is not None for order in orders) else LEAST_TO_COPY
        while waiting:
            try:
                waiting = self._send(waiting, sending, least)
            except StorageError as error:
                if not sending.jobs:
                    raise
                for job in waiting:
                    sending.told.update({path: Unknown(f"{path}: {error}") for path in job.paths})
                break
        return TransferReceipt(" ".join(sending.jobs), sending.told)

    def _send(self, waiting: deque[Submission], sending: _Sending, least: timedelta) -> deque[Submission]:
        """Send the first job that waits; those that wait then."""
        job, rest = waiting[0], deque(list(waiting)[1:])
        name = payload.job_id(self._client.identity().namespace, sending.key, sending.number)
        answer = self._client.submit(job.body(payload.sid_of(sending.key, sending.number)), least=least)
        match answer:
            case str():
                if answer != name:
                    self._client.cancel(answer)
                    raise Unsupported(f"FTS made the job {answer} where {name} was asked for")
                self._remember(name, _Seen("SUBMITTED", self._clock.now()))
                sending.taken([name], job.paths)
                return rest
            case Conflict():
                if known := self._taken(sending.key, sending.number):
                    paths = {file.path for old in known.values() for file in old.files or () if file.path}
                    sending.taken(known, paths & sending.asked)
                    left = (one.without(paths) for one in waiting)
                    return deque(one for one in left if one.files)
                # Another job is busy with one of the destinations; or ours is there, and not shown yet. Both
                # are settled by asking again under the same label.
                refusal: Callable[[str], Outcome] = Unknown
            case BadRequest():
                refusal = partial(failed, Unsupported)
        sending.refusals += 1
        if len(set(job.paths)) > 1 and sending.refusals < REFUSALS:
            return deque([*job.halves(), *rest])  # one bad file must not hold the others
        sending.told.update({path: refusal(f"{path}: {answer.text}") for path in job.paths})
        return rest

    def _taken(self, key: str, first: int) -> dict[str, Job]:
        """The jobs of this request that the service has, from this number on, without a gap."""
        namespace = self._client.identity().namespace
        found: dict[str, Job] = {}
        while True:
            numbers = range(first + len(found), first + len(found) + IDS)
            names = [payload.job_id(namespace, key, number) for number in numbers]
            answers = self._client.jobs(names, files=True)
            for name in names:
                answer = answers[name]
                if isinstance(answer, Gone):
                    return found
                if not isinstance(answer, Job) or not whole(answer):
                    # What cannot be read may hold the very files: asking anew could copy them twice.
                    text = getattr(answer, "text", "") or f"the files of FTS job {name} were not told"
                    raise UnreadableReply(text)
                found[name] = answer

    # looking

    def poll(self, requests: Mapping[str, Sequence[str]]) -> Mapping[str, Mapping[str, Outcome]]:
        """As the port says. Two calls for any number of jobs (the list, and a hundred jobs that are looked at
        more closely), and one for each further hundred that have ended. None when all are known to be over.

        Also renews the delegation, without which copies that wait would fail.
        """
        names = {token: ids_of(token) for token in requests}
        problems: dict[str, str] = {}
        gone: set[str] = set()
        wanted = [name for ids in names.values() for name in ids if not self._over(name)]
        if not any(names.values()):
            self._client.identity()  # nothing to ask about: at least whether the service takes us
        if wanted:
            self._keep_delegation()
            self._look(list(dict.fromkeys(wanted)), problems, gone)
        return {token: self._answer(names[token], paths, problems, gone) for token, paths in requests.items()}

    def _over(self, name: str) -> bool:
        with self._lock:
            seen = self._seen.get(name)
            return seen is not None and seen.over

    def _keep_delegation(self) -> None:
        try:
            self._client.keep_delegation(least=LEAST_TO_COPY)
        except StorageError as error:
            # Looking may go well nevertheless, and what ended meanwhile is worth knowing.
            LOG.warning("the delegation at %s is not renewed: %s", self._options.endpoint, error)

    def _look(self, names: Sequence[str], problems: dict[str, str], gone: set[str]) -> None:
        """Ask how the jobs are, and remember it. Fills in which could not be read, and which are unknown."""
        now = self._clock.now()
        listed = self._client.listed() if len(names) > 1 else {}
        read, waiting = self._to_read(names, listed, now)
        read += waiting[: -len(read) % IDS if read else IDS]  # fill the last call
        answers = self._client.jobs(read, files=True) if read else {}
        for name, answer in answers.items():
            found = (self._client.archived(name) or answer) if isinstance(answer, Gone) else answer
            if isinstance(found, Gone):
                gone.add(name)
            elif isinstance(found, Job) and found.files is not None:
                self._note(found, now)
                if not whole(found):
                    problems[name] = f"FTS job {name} has a file without our metadata"
            else:
                problems[name] = getattr(found, "text", "") or f"the files of FTS job {name} were not told"

    def _to_read(
        self, names: Sequence[str], listed: Mapping[str, str], now: datetime
    ) -> tuple[list[str], list[str]]:
        """The jobs whose files must be read now, and those that may be, longest waiting first."""
        must: list[str] = []
        may: list[tuple[datetime, str]] = []
        with self._lock:
            self._moved_at = self._moved_at or now
            for name in names:
                state, seen = listed.get(name), self._seen.get(name)
                changed = seen is not None and seen.state != state
                if changed:
                    self._moved_at = now
                if state is None or (state == "ARCHIVING" and (seen is None or changed)):
                    must.append(name)
                elif seen is None:
                    self._seen[name] = _Seen(state, now)
                else:
                    seen.state = state
                    if now - seen.at >= self._every:
                        may.append((seen.at, name))
        return must, [name for _, name in sorted(may)]

    def _note(self, job: Job, now: datetime) -> None:
        outcomes = standing(job, now)
        if not job.terminal:
            self._stop_stalled(job, now)
        for path, outcome in outcomes.items():
            text = self._stalled.get((job.job_id, path))
            if text and isinstance(outcome, Failed) and outcome.code == RequestVanished.code:
                outcomes[path] = failed(StorageTimeout, text)
        over = job.terminal and PENDING not in outcomes.values() and whole(job)
        self._remember(job.job_id, _Seen(job.state, now, outcomes, read=True, over=over))

    def _stop_stalled(self, job: Job, now: datetime) -> None:
        """Cancel what nobody has touched for too long: it is over when the service says so."""
        if self._moved_at is None or now - self._moved_at < min(QUIET, self._stall):
            return
        stalled = list(untouched(job, now, stall=self._stall))
        if not stalled:
            return
        LOG.error("%d files of FTS job %s: %s", len(stalled), job.job_id, stalled[0][1])
        self._cancel_files(job, [file for file, _ in stalled])
        self._stalled.update({(job.job_id, str(file.path)): text for file, text in stalled})

    def _remember(self, name: str, seen: _Seen) -> None:
        with self._lock:
            self._seen.pop(name, None)
            self._seen[name] = seen
            while len(self._seen) > REMEMBERED:
                self._seen.popitem(last=False)

    def _answer(
        self, names: Sequence[str], paths: Sequence[str], problems: Mapping[str, str], gone: set[str]
    ) -> dict[str, Outcome]:
        """One outcome per path of a request. A path that none of its jobs has has vanished, if all of them
        could be read or are gone."""
        told: dict[str, Outcome] = {}
        unread = False
        with self._lock:
            for name in names:
                seen = self._seen.get(name)
                if name in gone or name in problems or seen is None:
                    continue
                unread = unread or not seen.read
                for path, outcome in seen.outcomes.items():
                    told[path] = _either(told.get(path, outcome), outcome, path)
        unsure = next((problems[name] for name in names if name in problems), "")

        def of_none(path: str) -> Outcome:
            if unsure:
                return Unknown(f"{path}: {unsure}")
            if unread:
                return PENDING  # listed, and not looked at more closely yet
            return failed(RequestVanished, f"{path}: FTS has no such job, or not with this file")

        return {path: told.get(path) or of_none(path) for path in paths}

    # ending

    def cancel(self, token: str, paths: Sequence[str]) -> Mapping[str, Outcome]:
        """As the port says."""
        told: dict[str, Outcome] = {path: Done() for path in paths}
        wanted = set(paths)
        names = ids_of(token)
        for name, job in (self._client.jobs(names, files=True) if names else {}).items():
            if isinstance(job, Gone):
                continue
            if not isinstance(job, Job) or not whole(job):
                text = getattr(job, "text", "") or f"the files of FTS job {name} were not told"
                told.update({path: Unknown(f"{path}: {text}") for path in paths})
                continue
            self._cancel_files(job, [file for file in job.files or () if file.path in wanted])
            with self._lock:
                self._seen.pop(name, None)
        return told

    def _cancel_files(self, job: Job, files: Sequence[File]) -> None:
        """Cancel what waits of these files; the whole job where nothing else waits, or where all its files
        are of one copy."""
        waiting = [file for file in job.files or () if file.phase is Phase.WAITING]
        mine = [file for file in files if file.phase is Phase.WAITING]
        of_one = len({file.path for file in job.files or ()}) == 1
        numbers = [file.file_id for file in mine if file.file_id is not None]
        if mine and (of_one or len(mine) == len(waiting)):
            self._client.cancel(job.job_id)
        elif numbers:
            self._client.cancel(job.job_id, numbers)


def _either(one: Outcome, other: Outcome, path: str) -> Outcome:
    """What holds for a path that two jobs of a request have, which none of ours do."""
    return one if one == other else Unknown(f"{path}: told twice and differently")
