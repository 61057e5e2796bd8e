"""A circuit breaker for an endpoint or a link: what fails again and again is left alone for a while. Pure.

    CLOSED --(tripped)--> OPEN --(cooled)--> HALF_OPEN --(recovered)--> CLOSED
                           ^                    |
                           +-----(tripped)------+

Rules:

- Only what tells of the service counts: nobody answers, no answer in time, busy, an answer that makes no
  sense. A missing file or a refusal is an answer, and a good sign. What says nothing of the service (our
  credential is over, nothing was asked) changes nothing.
- ``failures`` calls in a row that failed trip it. It stays OPEN for a pause, which doubles each time it is
  tripped again without having recovered.
- After the pause it is HALF_OPEN: ``trials`` calls may try, the others are refused as before. The first
  answer decides.
- Answers to calls that began before the last change are old news, and say nothing.

Everything is a value; ``transfers.board`` keeps them. What ``transfers.storm`` does for the files of recalls,
over days and in the catalogue, this does for calls, over minutes and in one process.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from catalog.states import Machine
from transfers.model import Failed, Unknown


class BreakerState(StrEnum):
    CLOSED = "CLOSED"
    OPEN = "OPEN"
    HALF_OPEN = "HALF_OPEN"


B = BreakerState
BREAKER = Machine(
    noun="breaker",
    states=B,
    starts=(B.CLOSED,),
    table={
        (B.CLOSED, "tripped"): B.OPEN,
        (B.OPEN, "cooled"): B.HALF_OPEN,
        (B.HALF_OPEN, "recovered"): B.CLOSED,
        (B.HALF_OPEN, "tripped"): B.OPEN,
    },
    meaning={
        B.CLOSED: "calls are made",
        B.OPEN: "no call is made before the next try",
        B.HALF_OPEN: "a few calls try; their answer decides",
    },
)


class Evidence(StrEnum):
    """What a call told of the service."""

    GOOD = "good"  # it answered
    BAD = "bad"  # it did not, or not sensibly
    NONE = "none"  # nothing


BY_CODE: dict[str, Evidence] = {
    "endpoint_unreachable": Evidence.BAD,
    "endpoint_busy": Evidence.BAD,
    "storage_timeout": Evidence.BAD,
    "unreadable_reply": Evidence.BAD,
    "transient": Evidence.BAD,
    "storage": Evidence.BAD,
    "circuit_open": Evidence.NONE,
    "credential_expired": Evidence.NONE,
    "credential_missing": Evidence.NONE,
    "transfer_stopped": Evidence.NONE,
    "writer_unknown": Evidence.NONE,
    "unsupported": Evidence.NONE,
    "permanent": Evidence.GOOD,
    "quota_exceeded": Evidence.GOOD,
    "request_vanished": Evidence.GOOD,
    "not_online": Evidence.GOOD,
    "not_archived": Evidence.GOOD,
    "file_missing": Evidence.GOOD,
    "file_exists": Evidence.GOOD,
    "permission_refused": Evidence.GOOD,
    "checksum_mismatch": Evidence.GOOD,
    "size_mismatch": Evidence.GOOD,
    "tape_lost": Evidence.GOOD,
}
"""What an error code tells; one without a row tells nothing."""


def of_code(code: str) -> Evidence:
    return BY_CODE.get(code, Evidence.NONE)


def of_outcomes(outcomes: Iterable[object]) -> tuple[Evidence, str, str]:
    """What the answers for the files of a call tell together, with code and text of a bad one.

    One good one is enough: the service is there. It is bad when there are bad ones and no good one.
    """
    worst = (Evidence.NONE, "", "")
    for outcome in outcomes:
        match outcome:
            case Failed(code, text, _):
                found = of_code(code)
                if found is Evidence.BAD:
                    worst = (found, code, text)
                    continue
            case Unknown():
                found = Evidence.NONE
            case _:
                found = Evidence.GOOD
        if found is Evidence.GOOD:
            return found, "", ""
    return worst


@dataclass(frozen=True, slots=True)
class Limits:
    """When it trips, how long it waits (doubling up to ``longest``), and how many may try at a time."""

    failures: int = 5
    pause: timedelta = timedelta(minutes=1)
    longest: timedelta = timedelta(minutes=30)
    trials: int = 1

    def __post_init__(self) -> None:
        if self.failures < 1 or self.trials < 1:
            raise ValueError("a breaker trips after at least 1 failure and tries with at least 1 call")


@dataclass(frozen=True, slots=True)
class Breaker:
    """One breaker. ``failures`` in a row, the last with ``cause`` and ``text``; ``since``: first tripped and
    not recovered since; ``tripped``: how often since then; ``next_at``: not tried before; ``trying``: calls
    that try now; ``turn``: counts the changes of state."""

    name: str
    state: BreakerState = BreakerState.CLOSED
    failures: int = 0
    cause: str = ""
    text: str = ""
    since: datetime | None = None
    tripped: int = 0
    next_at: datetime | None = None
    trying: int = 0
    turn: int = 0


@dataclass(frozen=True, slots=True)
class Permit:
    """A call may be made; give it back with ``heard``."""

    turn: int


@dataclass(frozen=True, slots=True)
class Refused:
    """No call may be made before ``next_at`` (None: another call tries just now). ``text``: a sentence."""

    text: str
    since: datetime | None
    next_at: datetime | None


def admit(breaker: Breaker, now: datetime, limits: Limits) -> tuple[Breaker, Permit | Refused]:
    """Whether a call may be made now, and the breaker afterwards."""
    if breaker.state is BreakerState.OPEN and breaker.next_at is not None and breaker.next_at <= now:
        breaker = _moved(breaker, "cooled", trying=0)
    if breaker.state is BreakerState.CLOSED:
        return breaker, Permit(breaker.turn)
    if breaker.state is BreakerState.HALF_OPEN and breaker.trying < limits.trials:
        return replace(breaker, trying=breaker.trying + 1), Permit(breaker.turn)
    next_at = breaker.next_at if breaker.state is BreakerState.OPEN else None
    return breaker, Refused(sentence(breaker), breaker.since, next_at)


def heard(
    breaker: Breaker,
    permit: Permit,
    evidence: Evidence,
    now: datetime,
    limits: Limits,
    *,
    cause: str = "",
    text: str = "",
    chance: float = 0.0,
) -> Breaker:
    """The breaker after an answer. ``chance`` (0 <= chance < 1) spreads the pause over its upper half, so
    that many processes do not try at the same moment."""
    if permit.turn != breaker.turn:
        return breaker
    trying = max(0, breaker.trying - 1) if breaker.state is BreakerState.HALF_OPEN else 0
    match evidence:
        case Evidence.NONE:
            return replace(breaker, trying=trying)
        case Evidence.GOOD if breaker.state is BreakerState.HALF_OPEN:
            return Breaker(breaker.name, BREAKER.next(breaker.state, "recovered"), turn=breaker.turn + 1)
        case Evidence.GOOD:
            return replace(breaker, failures=0, cause="", text="")
    failed = replace(breaker, failures=breaker.failures + 1, cause=cause, text=text)
    if failed.state is BreakerState.CLOSED and failed.failures < limits.failures:
        return failed
    doubled: timedelta = limits.pause * 2 ** min(failed.tripped, 32)
    pause = min(limits.longest, doubled) * (1 - 0.5 * chance)
    return _moved(
        replace(failed, since=failed.since or now, tripped=failed.tripped + 1, next_at=now + pause),
        "tripped",
        trying=0,
    )


def _moved(breaker: Breaker, event: str, *, trying: int) -> Breaker:
    return replace(breaker, state=BREAKER.next(breaker.state, event), trying=trying, turn=breaker.turn + 1)


def sentence(breaker: Breaker) -> str:
    """For people: open since when, why, and when the next try is."""
    if breaker.state is BreakerState.CLOSED:
        return f"{breaker.name}: calls are made"
    since = f" since {_when(breaker.since)}" if breaker.since else ""
    told = f": {breaker.text}" if breaker.text else ""
    why = f"{breaker.failures} calls in a row failed, the last with {breaker.cause}{told}"
    if breaker.state is BreakerState.HALF_OPEN:
        then = "one call tries it just now"
    else:
        then = f"the next try is at {_when(breaker.next_at)}"
    return f"{breaker.name} is not called{since}, as {why}; {then}"


def _when(moment: datetime | None) -> str:
    return "an unknown time" if moment is None else moment.strftime("%Y-%m-%d %H:%M:%S UTC")
