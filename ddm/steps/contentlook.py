"""What follows from looking at the content of a copy that is AVAILABLE. Pure.

1. What is right at the first look is right.
2. What is not is looked at twice: the line, or an answer that was cut, may have changed what came.
3. What the service says of a copy on disk is its word: it may keep a checksum of its own. Where it says
   another one, the bytes decide; where they cannot be read, the copy is doubted, and the flow compares it.
   What a tape system keeps of a file that is on tape only cannot be read now, and is believed.
4. What we read is never put right by what the service says.
5. No answer, or one that cannot be read, says nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from catalog.checksum import Adler32
from catalog.states import ContentOutcome, HowVerified, Locality
from transfers.errors import ChecksumMismatch, SizeMismatch
from transfers.model import Failed, Observation, Observed
from transfers.verify import Judgement, judge

OTHER_BYTES = (SizeMismatch.code, ChecksumMismatch.code)
IN_BUFFER_ONLY = "it was on tape, and the service says now that it is in the buffer only"


class Expected(Protocol):
    """A copy, and what it should hold."""

    @property
    def path(self) -> str: ...
    @property
    def size(self) -> int: ...
    @property
    def adler32(self) -> Adler32: ...


@dataclass(frozen=True, slots=True)
class Good:
    """Size and checksum are right. ``how``: whose the checksum is. ``wrong``: what the service told before we
    read it; "" when it told nothing wrong."""

    how: str
    wrong: str = ""


@dataclass(frozen=True, slots=True)
class Odd:
    """It is not as it should be: the event of the replica's state table, and what is told to people."""

    event: str
    outcome: ContentOutcome
    reason: str


@dataclass(frozen=True, slots=True)
class Unheard:
    """Nothing was learned."""

    reason: str


Conclusion = Good | Odd | Unheard

OUTCOMES = {"mismatch": ContentOutcome.DIFFERS, "missing": ContentOutcome.MISSING}


def suspicious(content: Expected, seen: Observation, *, tape: bool) -> str:
    """The event that this answer speaks for, if it is one against the copy; "" if it is not."""
    event = _judged(content, seen, tape=tape).event
    return event if event and event != "verified" else ""


def by_reading(content: Expected, first: Observation, second: Observation | None = None) -> Conclusion:
    """Of the bytes that came, and came again if they were not right (rules 1, 2 and 4)."""
    one = _judged(content, first, tape=False)
    if one.event is None:
        return Unheard(one.reason)
    if one.event == "verified":
        return _read(first)
    if second is None:
        return Unheard(f"{one.reason}; it was not looked at again")
    two = _judged(content, second, tape=False)
    if two.event == "verified":
        return _read(second)
    if two.event == one.event:
        return Odd(one.event, OUTCOMES[one.event], f"{two.reason} (read twice)")
    return Unheard(f"{one.reason}; then: {two.reason}")


def by_asking(
    content: Expected,
    first: Observation,
    second: Observation | None = None,
    read: Conclusion | None = None,
    *,
    tape: bool,
) -> Conclusion:
    """Of what the service says, and says again if it is not right; ``read``: what reading it came to."""
    one = _judged(content, first, tape=tape)
    if one.event is None:
        return Unheard(one.reason)
    if one.event == "verified":
        return Good(_how(first))
    if second is None:
        return Unheard(f"{one.reason}; it was not asked again")
    two = _judged(content, second, tape=tape)
    if two.event == "verified":
        return Good(_how(second))
    if two.event != one.event:
        return Unheard(f"{one.reason}; then: {two.reason}")
    if one.event == "verified_in_buffer":
        return Odd("doubted", ContentOutcome.DIFFERS, IN_BUFFER_ONLY)
    if one.event == "mismatch" and not tape:
        return _decided_by_bytes(f"the service says {two.reason}", read)
    return Odd(one.event, OUTCOMES[one.event], f"{two.reason} (asked twice)")


def _decided_by_bytes(told: str, read: Conclusion | None) -> Conclusion:
    match read:
        case Good():
            return Good(HowVerified.READ, wrong=f"{told}; every byte was read, and is right")
        case Odd(event, outcome, reason):
            return Odd(event, outcome, f"{told}; {reason}")
        case _:
            why = f"; it could not be read: {read.reason}" if read else ""
            return Odd("doubted", ContentOutcome.DIFFERS, f"{told} (asked twice){why}")


def _judged(content: Expected, seen: Observation, *, tape: bool) -> Judgement:
    if isinstance(seen, Failed) and seen.code in OTHER_BYTES:  # a backend that compares what it fetches
        return Judgement("mismatch", seen.text)
    return judge(content.size, content.adler32, seen, tape=tape)


def _read(seen: Observation) -> Conclusion:
    if _how(seen) != HowVerified.READ:
        return Unheard("it was not read, only asked for")
    return Good(HowVerified.READ)


def _how(seen: Observation) -> str:
    return seen.how if isinstance(seen, Observed) else ""


def locality(seen: Observation | None) -> Locality:
    """Where the service says that the bytes are."""
    return seen.locality if isinstance(seen, Observed) else Locality.UNKNOWN
