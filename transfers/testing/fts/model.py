"""What the test server keeps: its settings, jobs and files, and what may go wrong on request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from fnmatch import fnmatchcase

TERMINAL = frozenset({"FINISHED", "FAILED", "CANCELED", "NOT_USED"})


class Generation(StrEnum):
    """Which daemons: they differ in checksums, texts, and how often they look at a recall."""

    V3_13 = "3.13"
    V3_14 = "3.14"

    @property
    def gaps(self) -> tuple[float, ...]:
        """Seconds between looks at a recall; the last one repeats."""
        if self is Generation.V3_13:
            return (4, 8, 16, 32, 64, 128, 256, 512, 600)
        return (300, 600)

    @property
    def archive_gaps(self) -> tuple[float, ...]:
        """Seconds between looks at a file that is to get to tape; the last one repeats."""
        if self is Generation.V3_13:
            return (2, 4, 8, 16, 32, 64, 128, 256, 512, 600)
        return (300, 600)


class FaultKind(StrEnum):
    """What may happen to a call."""

    SLOW = "slow"  # answered after so many seconds of real time
    REFUSE = "refuse"  # 503, FTS's JSON
    HTML = "html"  # 500 with a page of the web server; nothing was done
    NOT_FOUND = "not-found"  # 404 with a page of the web server; nothing was done
    UNHEARD = "unheard"  # the connection is closed before anything was done
    DROP = "drop"  # it was done, but the connection is closed without an answer
    DRIP = "drip"  # the answer comes a byte at a time, so many seconds apart


@dataclass(slots=True)
class Fault:
    """For the next ``count`` calls (None: all) of this method whose path matches; ``*`` stands for any."""

    kind: FaultKind
    count: int | None = 1
    method: str = "*"
    path: str = "*"
    seconds: float = 1.0

    def applies(self, method: str, path: str) -> bool:
        return self.count != 0 and fnmatchcase(method, self.method) and fnmatchcase(path, self.path)


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """The service. Times in seconds of the server's clock, except ``keep_alive``, which is real time.

    ``batch_files``, ``batch_wait``: recalls are collected until there are so many, or the first has waited so
    long. ``gaps``: between looks at a recall, if other than the generation's. ``scheduler``: from queued to
    claimed (READY), ``agent``: from there to running. ``transfer``: one copy. ``kill``: until the agent of a
    cancelled copy is dead. ``archive_wait``: until a written file is looked at, whether it is on tape;
    ``archive_gaps``: between looks, if other than the generation's. ``archive_after``: finished jobs leave.
    ``token_prep``: token jobs wait so long for a token of their own. ``double_destinations``: whether a
    destination that another job is busy with is refused (409); a real one has that off.
    """

    generation: Generation = Generation.V3_13
    vo: str = "ddm"
    base_id: str = "01874efb-4735-4595-bc9c-591aef8240c9"
    batch_files: int = 200
    batch_wait: float = 300.0
    gaps: tuple[float, ...] = ()
    scheduler: float = 2.0
    agent: float = 0.0
    transfer: float = 2.5
    kill: float = 3.0
    archive_wait: float = 60.0
    archive_gaps: tuple[float, ...] = ()
    token_prep: float = 0.0
    double_destinations: bool = False
    archive_after: float = 7 * 86400.0
    keep_alive: float = 5.0


@dataclass(slots=True)
class FileRecord:
    """A file of a job, as the service's table has it. ``source`` and ``destination`` as they were sent.

    Its state changes by ``become`` only: the state of its job follows from it.
    """

    file_id: int
    file_index: int
    source: str
    destination: str
    state: str
    checksum: str | None = None
    filesize: int | None = None
    activity: str = "default"
    metadata: object = None
    staging_metadata: object = None
    archive_metadata: object = None
    reason: str = ""
    token: str = ""
    recoverable: bool = False
    staging_start: datetime | None = None
    staging_finished: datetime | None = None
    start_time: datetime | None = None
    finish_time: datetime | None = None
    archive_start_time: datetime | None = None
    archive_finish_time: datetime | None = None
    job: JobRecord | None = None

    @property
    def over(self) -> bool:
        return self.state in TERMINAL

    def become(self, state: str, reason: str = "") -> None:
        """Change the state, and the reason with it."""
        self.state, self.reason = state, reason
        if self.job is not None:
            self.job.changed(state)

    @property
    def stage_only(self) -> bool:
        return self.source == self.destination


class Kind(StrEnum):
    """How the files of a job belong together: ``job_type``."""

    PLAIN = "N"
    REPLICAS = "R"  # several sources of one file, of which one is in play
    MULTIHOP = "H"  # copies one after the other
    SESSION = "Y"  # one pair of storages; here like plain


@dataclass(slots=True)
class JobRecord:
    """A job. ``params`` as they were sent, with the service's defaults filled in."""

    job_id: str
    user_dn: str
    vo: str
    delegation_id: str
    params: Mapping[str, object]
    files: list[FileRecord]
    submit_time: datetime
    metadata: object = None
    kind: Kind = Kind.PLAIN
    method: str = "certificate"
    cancelled: bool = False
    finished_at: datetime | None = None
    _started: bool = False
    _state: str = ""

    def __post_init__(self) -> None:
        for file in self.files:
            file.job = self

    def changed(self, state: str) -> None:
        """A file got this state. Once one has left the queue, the job counts as running."""
        self._started = self._started or state in ("READY", "ACTIVE", "ARCHIVING")
        self._state = ""

    @property
    def bring_online(self) -> int:
        """Seconds a recall may take; 0: nothing is recalled."""
        recall, pin = (_seconds(self.params.get(name)) for name in ("bring_online", "copy_pin_lifetime"))
        if recall <= 0 and pin <= 0:
            return 0
        return recall if recall > 0 else 7 * 86400

    @property
    def archive_timeout(self) -> int | None:
        """Seconds until written files must be on tape, even 0; None: nobody waits for that."""
        timeout = _seconds(self.params.get("archive_timeout", -1))
        return None if timeout < 0 else timeout

    @property
    def state(self) -> str:
        """The state of the job, which follows from those of its files."""
        if not self._state:
            self._state = self._aggregate()
        return self._state

    def _aggregate(self) -> str:
        states = {file.state for file in self.files}
        waiting = states - TERMINAL
        if not waiting:
            return self._end(states)
        if waiting == {"ARCHIVING"}:
            return "ARCHIVING"
        if self._started:
            return "ACTIVE"
        return "STAGING" if waiting & {"STAGING", "STARTED", "ON_HOLD_STAGING"} else "SUBMITTED"

    def _end(self, states: set[str]) -> str:
        if states <= {"CANCELED", "NOT_USED"} or (self.cancelled and "CANCELED" in states):
            return "CANCELED"
        if self.kind is Kind.MULTIHOP:
            return "FINISHED" if states == {"FINISHED"} else "FAILED"
        if "FINISHED" not in states:
            return "FAILED"
        alone = states <= {"FINISHED", "NOT_USED"} or self.kind is Kind.REPLICAS
        return "FINISHED" if alone else "FINISHEDDIRTY"


def _seconds(value: object) -> int:
    return int(value) if isinstance(value, int | str) else 0


def told(at: datetime | None) -> str | None:
    """A time as the service prints it: UTC without a zone."""
    return None if at is None else at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")


def seconds(value: float) -> timedelta:
    return timedelta(seconds=value)


@dataclass(frozen=True, slots=True)
class User:
    """Who calls. Nobody in particular: no certificate that we trust, or a token that we do not know."""

    dn: str = "anon"
    vo: str = ""
    method: str = "unauthenticated"
    delegation_id: str = "anon"

    @property
    def known(self) -> bool:
        return bool(self.vo)


@dataclass(frozen=True, slots=True)
class Request:
    """A call: method, path with its query, body."""

    method: str
    target: str
    body: bytes
    user: User


@dataclass(frozen=True, slots=True)
class Response:
    """An answer; ``kind`` is the content type."""

    status: int
    body: bytes
    kind: str = "application/json"


@dataclass(slots=True)
class Call:
    """A call that was made, for tests that count."""

    method: str
    target: str
    status: int = 0
    faults: list[FaultKind] = field(default_factory=list)
