"""Storms: when many files of an endpoint fail by one cause, it is not the files. A circuit breaker per cause.

    CLOSED --(too many failures in a window)--> OPEN --(canaries sent)--> PROBING --(one succeeds)--> CLOSED

Rules:

- While any cause of an endpoint is not CLOSED, only a few files (canaries) are sent to it, once per pause.
- A success closes every storm that is PROBING. At causes met ``AT_THE_DOOR`` a canary that the service takes
  on is half a success: it doubles the canaries, and the storm is over when they exceed ``files``. Their end
  may be hours away, and meanwhile the drives would idle. A new failure begins again with few canaries.
- While a storm lasts no attempt counts against a file, whatever the policy says, and what would be held is
  queued again, but for ``cap`` files per storm: enough to look at. After ``patience`` what fails is held
  again, canary by canary: else a campaign of which only bad files are left would never end.
- Canaries come from all over the queue, others every time: a few bad files at its head block nobody.

Everything is a value: the caller keeps one row per endpoint and cause (``Trouble``), reads the rows of an
endpoint, and writes back what it gets, in the transaction that claims or records the files.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeVar

T = TypeVar("T")

AT_THE_DOOR = frozenset(
    {
        "endpoint_unreachable",
        "endpoint_busy",
        "storage_timeout",
        "circuit_open",
        "credential_expired",
        "credential_missing",
        "unreadable_reply",
    }
)
"""Causes that keep requests from being taken on, so that one taken on tells that they may be over."""


class StormState(StrEnum):
    CLOSED = "closed"  # nothing out of the ordinary: the current may flow
    OPEN = "open"  # a storm: nothing is sent until the pause is over
    PROBING = "probing"  # a storm: canaries were sent


@dataclass(frozen=True, slots=True)
class Limits:
    """When it is a storm, and what is done then.

    A storm is more than ``files`` failures by one cause within ``window``, or at least ``least`` that are
    more than ``share`` of all answers in it. A row is dropped after ``forget`` without a failure.
    """

    window: timedelta = timedelta(minutes=10)
    share: float = 0.5
    least: int = 20
    files: int = 500
    canaries: int = 3
    pause: timedelta = timedelta(minutes=5)
    cap: int = 10
    patience: timedelta = timedelta(days=1)
    forget: timedelta = timedelta(days=1)

    def __post_init__(self) -> None:
        if self.canaries < 1:
            raise ValueError("without canaries a storm would never end: at least 1")


@dataclass(frozen=True, slots=True)
class Trouble:
    """One row, key (endpoint, cause): failures by one cause at one endpoint.

    ``files``: failures from ``first_at`` (of a storm: its begin) to ``last_at``. ``recent`` of ``of`` answers
    failed by this cause in the window that began at ``window_at``. ``next_at``: when canaries may be sent
    next, and ``canaries`` how many. ``held``: files held in this storm. ``alarmed``: the operator was told.
    """

    endpoint: str
    cause: str
    state: StormState
    first_at: datetime
    last_at: datetime
    files: int
    recent: int
    of: int
    window_at: datetime
    next_at: datetime
    canaries: int
    held: int = 0
    alarmed: bool = False


@dataclass(frozen=True, slots=True)
class Answers:
    """What one call told of its files, each counted once; if it failed as a whole: all, by one cause.

    ``good``: they are where they were wanted. ``accepted``: the service took the request on (of a call that
    sends; never those still pending in a poll). ``bad``: failures by cause, the code of a ``Failed``.
    """

    good: int = 0
    accepted: int = 0
    bad: Mapping[str, int] = field(default_factory=dict)


def observe(
    rows: Iterable[Trouble], endpoint: str, answers: Answers, now: datetime, limits: Limits
) -> list[Trouble]:
    """The rows of the endpoint after these answers: all that were given, and one for every new cause."""
    known = {row.cause: row for row in rows}
    for cause in answers.bad:
        known.setdefault(cause, _calm(endpoint, cause, now, limits))
    return [_observe_one(row, answers, now, limits) for row in known.values()]


def _calm(endpoint: str, cause: str, now: datetime, limits: Limits) -> Trouble:
    return Trouble(endpoint, cause, StormState.CLOSED, now, now, 0, 0, 0, now, now, limits.canaries)


def _observe_one(row: Trouble, answers: Answers, now: datetime, limits: Limits) -> Trouble:
    bad = answers.bad.get(row.cause, 0)
    if now - row.window_at > limits.window:
        row = replace(row, recent=0, of=0, window_at=now)
        if row.state is StormState.CLOSED and bad and now - row.last_at > limits.window:
            row = replace(row, first_at=now, files=0)
    of = answers.good + answers.accepted + sum(answers.bad.values())
    row = replace(row, files=row.files + bad, recent=row.recent + bad, of=row.of + of)
    if bad:
        row = replace(row, last_at=now)
    match row.state:
        case StormState.CLOSED if bad and _too_many(row, limits):
            row = _opened(row, now, limits)
        case StormState.PROBING if answers.good:
            row = ended(row, now)
        case StormState.PROBING if bad:
            row = replace(row, canaries=limits.canaries)
        case StormState.PROBING if answers.accepted and row.cause in AT_THE_DOOR:
            row = replace(row, canaries=2 * row.canaries)
            row = ended(row, now) if row.canaries > limits.files else row
        case _:
            pass
    return row


def _too_many(row: Trouble, limits: Limits) -> bool:
    share = row.recent >= limits.least and row.recent > limits.share * row.of
    return share or row.recent > limits.files


def _opened(row: Trouble, now: datetime, limits: Limits) -> Trouble:
    row = replace(row, state=StormState.OPEN, next_at=now + limits.pause, canaries=limits.canaries)
    return replace(row, first_at=row.window_at, files=row.recent, held=0)


def ended(row: Trouble, now: datetime) -> Trouble:
    """The row once the storm is over: by a success, or because a person says so."""
    return replace(row, state=StormState.CLOSED, recent=0, of=0, window_at=now, held=0, alarmed=False)


def allowed(rows: Iterable[Trouble], now: datetime) -> int | None:
    """How many files may be sent to the endpoint now, given all its rows. None: no storm, no limit."""
    storms = [row for row in rows if row.state is not StormState.CLOSED]
    return min((row.canaries if now >= row.next_at else 0 for row in storms), default=None)


def sent(rows: Iterable[Trouble], files: int, now: datetime, limits: Limits) -> list[Trouble]:
    """The rows of the endpoint once so many files, no more than ``allowed``, are being sent to it."""
    if not files:
        return list(rows)
    later = now + limits.pause
    return [
        row if row.state is StormState.CLOSED else replace(row, state=StormState.PROBING, next_at=later)
        for row in rows
    ]


def spread(queue: Sequence[T], n: int, turn: int) -> list[T]:
    """``n`` of the queue (all when it is shorter), evenly from all over it; others for every ``turn``."""
    if n >= len(queue):
        return list(queue)
    return [queue[(place * len(queue) // n + turn) % len(queue)] for place in range(n)]


def may_hold(row: Trouble | None, files: int, now: datetime, limits: Limits) -> int:
    """How many of the files that the policy would hold for this cause are held now; the others are queued.

    Add what is held to ``row.held``.
    """
    if row is None or row.state is StormState.CLOSED or now - row.first_at > limits.patience:
        return files
    return max(0, min(files, limits.cap - row.held))


def alarm_due(row: Trouble, asked: bool) -> bool:
    """Whether the operator is to be told now: of a storm, or when the policy asked (``Action.ALARM``); once.

    Set ``row.alarmed`` when it is done.
    """
    return not row.alarmed and (asked or row.state is not StormState.CLOSED)


def over(row: Trouble, now: datetime, limits: Limits) -> bool:
    """Whether the row may be dropped: no storm, and no failure for long."""
    return row.state is StormState.CLOSED and now - row.last_at > limits.forget


def sentence(row: Trouble) -> str:
    """For people: what happens, since when, and what is done about it."""
    since = f"{row.first_at:%Y-%m-%d %H:%M} UTC"
    text = f"{row.endpoint}: {row.files} failures by {row.cause} since {since}"
    if row.state is StormState.CLOSED:
        return text
    then = "are being tried" if row.state is StormState.PROBING else "are tried"
    return (
        f"{text}: a storm. Nothing more is sent but {row.canaries} files that {then}, next at "
        f"{row.next_at:%H:%M} UTC; it ends when one succeeds; {row.held} held, the others wait in the queue"
    )
