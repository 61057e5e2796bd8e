"""What the daemons of the service do: collect recalls, look at them, copy, release, clean up.

They have no threads: what is due is done when somebody calls (``run``), by the server's clock. So they are
the same every time under a simulated clock, and a wedge is just that nobody runs them.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

from catalog.clock import Clock
from transfers.errors import StorageError
from transfers.model import Done, Failed, StageOrder
from transfers.ports import Stager
from transfers.testing.fts import texts
from transfers.testing.fts.copying import copy
from transfers.testing.fts.delegation import Desk
from transfers.testing.fts.model import FileRecord, JobRecord, ServerSettings, seconds
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
        self.wedged = False
        self.prepares = 0

    def run(self) -> None:
        """Do what is due by now, unless wedged."""
        while not self.wedged and self._due and self._due[0][0] <= self._clock.now():
            heapq.heappop(self._due)[2]()

    def submitted(self, job: JobRecord) -> None:
        """A new job: its files are collected for a recall, or queued for a copy."""
        for file in job.files:
            if file.state == "STAGING":
                self._collect((job, file))
            else:
                self._queue((job, file))

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
                file.state, file.staging_start, file.token = "STARTED", now, receipt.token
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
            file.state, file.finish_time = "FINISHED", file.staging_finished
        else:
            file.state = "SUBMITTED"
            self._queue(item)

    # copies

    def _queue(self, item: Item) -> None:
        self._after(self._settings.scheduler, lambda: self._start(item))

    def _start(self, item: Item) -> None:
        if item[1].state == "SUBMITTED":
            item[1].state, item[1].start_time = "ACTIVE", self._clock.now()
            self._after(self._settings.transfer, lambda: self._copy(item))

    def _copy(self, item: Item) -> None:
        job, file = item
        if file.state != "ACTIVE":
            return
        copied = copy(file, job.params, self._storages, self._settings.generation)
        file.filesize = copied.size if copied.size is not None else file.filesize
        if copied.report is not None and isinstance(file.metadata, dict):
            file.metadata = {**file.metadata, "dst_file": copied.report}
        if copied.reason:
            self._fail(file, copied.reason)
            return
        file.state, file.finish_time = "FINISHED", self._clock.now()
        self._evict(file)

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
        if not file.over:
            file.state, file.reason, file.finish_time = "FAILED", reason, self._clock.now()

    def _after(self, delay: float, act: Callable[[], None]) -> None:
        heapq.heappush(self._due, (self._clock.now() + seconds(delay), next(self._order), act))


def _items(paths: dict[str, list[Item]]) -> list[Item]:
    return [item for items in paths.values() for item in items]


def _number(value: object, default: int) -> int:
    return value if isinstance(value, int) and value > 0 else default
