"""What the daemons of the service do: collect recalls, look at them, copy, look at the tape, release.

They have no threads: what is due is done when somebody calls (``run``), by the server's clock. So they are
the same every time under a simulated clock, and a wedge is just that nobody runs them.
"""

from __future__ import annotations

import errno
import heapq
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from functools import partial
from itertools import count

from catalog.clock import Clock
from transfers.errors import FileMissing, StorageError
from transfers.model import Done, Failed, Observed, StageOrder
from transfers.ports import Stager
from transfers.testing.fts import texts
from transfers.testing.fts.copying import copy
from transfers.testing.fts.delegation import Desk
from transfers.testing.fts.model import FileRecord, JobRecord, Kind, ServerSettings, seconds
from transfers.testing.fts.storages import Storages, identity

LEAST_LIFE = timedelta(seconds=5400)

Item = tuple[JobRecord, FileRecord]


@dataclass(slots=True)
class _Batch:
    """Recalls that were sent in one request. ``limit``: the largest time-out among them counts for all."""

    stager: Stager
    token: str
    items: dict[str, list[Item]]
    since: datetime
    limit: int
    looks: int = 0
    pending: list[str] = field(default_factory=list)


class Daemons:
    """Scheduler, recaller and agents in one. Not thread-safe: the server holds a lock."""

    def __init__(self, settings: ServerSettings, clock: Clock, storages: Storages, desk: Desk) -> None:
        self._settings, self._clock, self._storages, self._desk = settings, clock, storages, desk
        self._due: list[tuple[datetime, int, Callable[[], None]]] = []
        self._order = count()
        self._collected: dict[tuple[str, str, str], list[Item]] = {}
        self._refused: list[str] = []
        self.wedged = False
        self.prepares = 0
        self.moved: Counter[str] = Counter()

    def run(self) -> None:
        """Do what is due by now, unless wedged."""
        while not self.wedged and self._due and self._due[0][0] <= self._clock.now():
            heapq.heappop(self._due)[2]()

    def submitted(self, job: JobRecord) -> None:
        """A new job: its files are collected for a recall, or queued for a copy; spares wait."""
        for file in job.files:
            if file.state == "STAGING":
                self._collect((job, file))
            elif file.state == "SUBMITTED":
                self._queue((job, file))
            elif file.state == "TOKEN_PREP":
                self._after(self._settings.token_prep, partial(self._token_came, (job, file)))

    def _token_came(self, item: Item) -> None:
        if item[1].state == "TOKEN_PREP":
            item[1].become("SUBMITTED")
            self._queue(item)

    # recalls

    def _collect(self, item: Item) -> None:
        job, file = item
        key = (job.vo, identity(file.source), job.delegation_id)
        batch = self._collected.setdefault(key, [])
        batch.append(item)
        if len(batch) >= self._settings.batch_files:
            self._after(0, lambda: self._send(key))
        elif len(batch) == 1:
            self._after(self._settings.batch_wait, lambda: self._send(key))

    def _send(self, key: tuple[str, str, str]) -> None:
        """Send what was collected, a batch at a time."""
        items = self._collected.pop(key, [])
        size = self._settings.batch_files
        for start in range(0, len(items), size):
            self._send_batch([item for item in items[start : start + size] if item[1].state == "STAGING"])

    def _send_batch(self, items: list[Item]) -> None:
        if not items:
            return
        now = self._clock.now()
        until = self._desk.until(items[0][0].delegation_id)
        if until is None or until - now < LEAST_LIFE:
            for _, file in items:
                self._fail(file, texts.PROXY_TOO_SHORT)
            return
        by_stager: dict[int, tuple[Stager, dict[str, list[Item]]]] = {}
        for item in items:
            found = self._storages.locate(item[1].source)
            if found is None or found[0].stager is None:
                self._fail(item[1], "STAGING [95] The storage has no tape")
                continue
            stager = found[0].stager
            paths = by_stager.setdefault(id(stager), (stager, {}))[1]
            paths.setdefault(found[1], []).append(item)
        for stager, paths in by_stager.values():
            self._prepare(stager, paths, now)

    def _prepare(self, stager: Stager, paths: dict[str, list[Item]], now: datetime) -> None:
        orders = []
        for path, items in paths.items():
            lifetime = max(_number(job.params.get("copy_pin_lifetime"), 7 * 86400) for job, _ in items)
            orders.append(StageOrder(path, items[0][1].filesize or 0, timedelta(seconds=lifetime)))
        self.prepares += 1
        try:
            receipt = stager.stage(orders)
        except StorageError as error:
            self._fail_all(
                [item for items in paths.values() for item in items],
                Failed(error.code, str(error), error.retry),
            )
            return
        batch = _Batch(stager, receipt.token, paths, now, max(job.bring_online for job, _ in _items(paths)))
        for path, items in paths.items():
            outcome = receipt.outcomes[path]
            if isinstance(outcome, Failed):
                self._fail_all(items, outcome)
                continue
            batch.pending.append(path)
            for _, file in items:
                file.staging_start, file.token = now, receipt.token
                file.become("STARTED")
        self._look_later(batch)

    def _look_later(self, batch: _Batch) -> None:
        gaps = self._settings.gaps or self._settings.generation.gaps
        gap = gaps[min(batch.looks, len(gaps) - 1)]
        batch.looks += 1
        self._after(gap, lambda: self._look(batch))

    def _look(self, batch: _Batch) -> None:
        """Ask the storage about what is under way, abort what was cancelled, give up what took too long."""
        now = self._clock.now()
        wanted = {path for path in batch.pending if any(not file.over for _, file in batch.items[path])}
        if aborted := [path for path in batch.pending if path not in wanted]:
            self._abort(batch, aborted)
        batch.pending = [path for path in batch.pending if path in wanted]
        if not batch.pending:
            return
        try:
            outcomes = batch.stager.poll(batch.token, batch.pending)
        except StorageError:
            outcomes = {}
        for path in list(batch.pending):
            outcome = outcomes.get(path)
            if isinstance(outcome, Done):
                batch.pending.remove(path)
                for item in batch.items[path]:
                    self._recalled(item)
            elif isinstance(outcome, Failed):
                batch.pending.remove(path)
                self._fail_all(batch.items[path], outcome)
        if batch.pending and now - batch.since > timedelta(seconds=batch.limit):
            self._abort(batch, batch.pending)
            for path in batch.pending:
                for _, file in batch.items[path]:
                    self._fail(file, texts.recall_timeout(self._settings.generation, batch.limit))
            batch.pending = []
        if batch.pending:
            self._look_later(batch)

    def _abort(self, batch: _Batch, paths: list[str]) -> None:
        try:
            batch.stager.cancel(batch.token, list(paths))
        except StorageError:
            return  # the storage goes on with a recall that nobody waits for

    def _recalled(self, item: Item) -> None:
        _, file = item
        if file.over:
            return
        file.staging_finished = self._clock.now()
        if file.stage_only:
            file.finish_time = file.staging_finished
            file.become("FINISHED")
        else:
            file.become("SUBMITTED")
            self._queue(item)

    # copies

    def _queue(self, item: Item) -> None:
        self._after(self._settings.scheduler, lambda: self._claim(item))

    def _claim(self, item: Item) -> None:
        if item[1].state != "SUBMITTED":
            return
        if not self._settings.agent:
            self._start(item)
            return
        item[1].become("READY")
        self._after(self._settings.agent, lambda: self._start(item))

    def _start(self, item: Item) -> None:
        if item[1].state in ("SUBMITTED", "READY"):
            item[1].start_time = self._clock.now()
            item[1].become("ACTIVE")
            self._after(self._settings.transfer, lambda: self._copy(item))

    def _copy(self, item: Item) -> None:
        job, file = item
        if file.state != "ACTIVE":
            return
        copied = copy(file, job.params, self._storages, self._settings.generation)
        file.filesize = copied.size if copied.size is not None else file.filesize
        if copied.moved:
            self.moved[file.destination] += 1
        if copied.report is not None and isinstance(file.metadata, dict):
            file.metadata = {**file.metadata, "dst_file": copied.report}
        if copied.reason:
            self._fail(file, copied.reason)
            return
        file.finish_time = self._clock.now()
        self._evict(file)
        last = job.kind is not Kind.MULTIHOP or file is job.files[-1]
        if job.archive_timeout is not None and last:
            file.become("ARCHIVING")
            self._after(self._settings.archive_wait, lambda: self._look_at_tape(item, 0))
            return
        file.become("FINISHED")
        if job.kind is Kind.MULTIHOP:
            self._next(job)

    def killed(self, file: FileRecord) -> None:
        """A running copy was cancelled: its end is told once its agent is dead."""

        def dead() -> None:
            file.finish_time = file.finish_time or self._clock.now()

        self._after(self._settings.kill, dead)

    def _next(self, job: JobRecord) -> None:
        """The next source, or the next hop, has its turn."""
        file = next((file for file in job.files if file.state == "NOT_USED"), None)
        if file is None:
            return
        recall = job.kind is Kind.REPLICAS and job.bring_online > 0
        file.become("STAGING" if recall else "SUBMITTED")
        (self._collect if recall else self._queue)((job, file))

    # archiving

    def refuse_tape(self, pattern: str) -> None:
        """Files of these URLs (``*`` stands for any) are refused by the tape system, from now on."""
        self._refused.append(pattern)

    def _look_at_tape(self, item: Item, looks: int) -> None:
        job, file = item
        if file.state != "ARCHIVING":
            return
        now, generation = self._clock.now(), self._settings.generation
        file.archive_start_time = file.archive_start_time or now
        if any(fnmatchcase(file.destination, pattern) for pattern in self._refused):
            self._fail(file, texts.archiving(generation, errno.ENOMSG, "the tape system refuses the file"))
            return
        found = self._storages.locate(file.destination)
        try:
            seen = found[0].prober.probe([found[1]])[found[1]] if found else None
        except StorageError:
            seen = None  # looked at again later
        if isinstance(seen, Failed) and seen.code == FileMissing.code:
            self._fail(file, texts.archiving(generation, errno.ENOENT, seen.text))
        elif isinstance(seen, Observed) and seen.locality.on_tape:
            file.archive_finish_time = now
            file.become("FINISHED")
        elif now - file.archive_start_time >= timedelta(seconds=job.archive_timeout or 0):
            self._fail(file, texts.archiving(generation, errno.ETIMEDOUT, "archive timeout expired"))
        else:
            gaps = self._settings.archive_gaps or generation.archive_gaps
            self._after(gaps[min(looks, len(gaps) - 1)], lambda: self._look_at_tape(item, looks + 1))

    def _evict(self, file: FileRecord) -> None:
        """A recalled file that was copied is released, always; one that was only staged never is."""
        found = self._storages.locate(file.source)
        if file.token and found is not None and found[0].stager is not None:
            try:
                found[0].stager.release(file.token, [found[1]])
            except StorageError:
                return  # the storage keeps it until the pin ends

    # ends

    def _fail_all(self, items: list[Item], outcome: Failed) -> None:
        for _, file in items:
            self._fail(file, texts.staging(self._settings.generation, outcome))

    def _fail(self, file: FileRecord, reason: str) -> None:
        if file.over:
            return
        file.finish_time = file.finish_time or self._clock.now()
        file.become("FAILED", reason)
        if file.job is not None and file.job.kind is Kind.REPLICAS and not reason.startswith("ARCHIVING"):
            self._next(file.job)

    def _after(self, delay: float, act: Callable[[], None]) -> None:
        heapq.heappush(self._due, (self._clock.now() + seconds(delay), next(self._order), act))


def _items(paths: dict[str, list[Item]]) -> list[Item]:
    return [item for items in paths.values() for item in items]


def _number(value: object, default: int) -> int:
    return value if isinstance(value, int) and value > 0 else default
