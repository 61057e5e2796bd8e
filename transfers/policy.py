"""What to do after a failure: error code x kind of request, as tables.

The question behind every row is whose trouble it is:

- The file's (lost on tape, forgotten, unreadable): its attempts count, and when they are used up, or at once
  when waiting cannot help, it is held for a person. Held is not failed: a person resumes it.
- The endpoint's or the credential's (down, busy, full, expired): it says nothing about the file. It is tried
  again later and the attempt does not count, so an outage of days uses up nobody's attempts. Where waiting
  alone will not help, the operator is alarmed, once per endpoint and cause.

A failure of the whole call is never a file's trouble. What a file may not do is hide behind the endpoint for
ever: after ``FOREVER`` times the allowed attempts of any kind it is held too. With waits of hours, and only a
few files tried while an endpoint is ill (``transfers.storm``), that takes weeks.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from catalog.states import RequestKind

FEW = 3
"""Attempts for errors that we do not understand."""

FOREVER = 10
"""Times ``max_attempts``: so many tries of any kind, counted or not, and the file is held."""


class Action(StrEnum):
    LATER = "later"  # tried again after a wait
    ALARM = "alarm"  # the same, and the operator is told, once per endpoint and cause
    HOLD = "hold"  # a person looks at this file
    DONE = "done"  # what was wanted is so already


class Patience(StrEnum):
    """How long to go on trying."""

    LONG = "long"  # the file's trouble: until max_attempts
    SHORT = "short"  # the file's trouble: FEW attempts, or max_attempts when that is less
    NONE = "none"  # the file's trouble: hold at once
    OUTAGE = "outage"  # the endpoint's trouble: it passes by itself
    PERSON = "person"  # the endpoint's or the credential's trouble: a person must act, but not on the file
    SATISFIED = "satisfied"  # what was wanted is so already


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do with the item, the reason as a sentence for people, and whether the attempt counts.

    ``counts``: this attempt was the file's own failure. One that does not count must not be added to the
    number that is given to ``decide`` as ``attempts`` the next time.
    """

    action: Action
    reason: str
    counts: bool


BY_CODE: dict[str, Patience] = {
    "endpoint_busy": Patience.OUTAGE,
    "endpoint_unreachable": Patience.OUTAGE,
    "storage_timeout": Patience.OUTAGE,
    "circuit_open": Patience.OUTAGE,
    "quota_exceeded": Patience.OUTAGE,
    "transfer_stopped": Patience.OUTAGE,  # by us, for a reason that has nothing to do with the file
    "credential_expired": Patience.PERSON,
    "credential_missing": Patience.PERSON,
    "transient": Patience.LONG,
    # counted although a restarted service forgets everything: to some services, a failed recall is a
    # forgotten one, and only counting tells the two apart
    "request_vanished": Patience.LONG,
    "not_online": Patience.LONG,
    "not_archived": Patience.LONG,
    "storage": Patience.SHORT,
    "unreadable_reply": Patience.SHORT,
    "permanent": Patience.NONE,
    "file_missing": Patience.NONE,
    "file_exists": Patience.NONE,
    "writer_unknown": Patience.NONE,
    "permission_refused": Patience.NONE,
    "checksum_mismatch": Patience.NONE,
    "size_mismatch": Patience.NONE,
    "tape_lost": Patience.NONE,
    "unsupported": Patience.NONE,
}

BY_CODE_AND_KIND: dict[tuple[str, RequestKind], Patience] = {
    # invariant 5: absence counts as removed only here, where the caller is in DELETING
    ("file_missing", RequestKind.REMOVE): Patience.SATISFIED,
    # a buffer copy that is gone needs no release
    ("file_missing", RequestKind.RELEASE): Patience.SATISFIED,
    ("not_online", RequestKind.RELEASE): Patience.SATISFIED,
    ("request_vanished", RequestKind.RELEASE): Patience.SATISFIED,
    # the bytes are there: whether they get to tape is seen by looking, not by copying again
    ("not_archived", RequestKind.COPY): Patience.SATISFIED,
    # a recalled copy that differs is dropped; the bytes on tape may be good, and are read again
    ("checksum_mismatch", RequestKind.STAGE): Patience.SHORT,
    ("size_mismatch", RequestKind.STAGE): Patience.SHORT,
}
"""Where the kind of request matters."""

BLIPS = frozenset({"endpoint_busy", "endpoint_unreachable", "storage_timeout", "transient"})
"""What may pass within seconds, so that the call is made again at once (``wrappers.retrying``). What is
permanent never does, and what we do not understand, or what a person must mend, is not helped by haste."""

OF_ONE_FILE: dict[str, Patience] = {
    "storage_timeout": Patience.LONG,  # the service answered, but this file took too long
}
"""Where it matters that the call itself was answered."""


def decide(
    code: str,
    kind: RequestKind,
    attempts: int,
    max_attempts: int,
    *,
    whole_call: bool | None = None,
    tries: int | None = None,
) -> Decision:
    """What to do after a failed attempt; ``code`` is that of a ``Failed``.

    ``attempts``: those that counted before, and this one. ``tries``: all, counted or not, and this one; None:
    the same number. ``whole_call``: True when the call raised, so that nothing is known of any of its files;
    False when the call was answered and this is the outcome of one file; None when the caller cannot tell.

    A code without a row is one that we do not understand.
    """
    patience = patience_for(code, kind, whole_call)
    match patience:
        case Patience.SATISFIED:
            return Decision(Action.DONE, f"{code}: nothing left to {kind.value}", counts=False)
        case Patience.NONE:
            return Decision(Action.HOLD, f"{code} does not pass by itself: a person must look", counts=True)
        case Patience.SHORT | Patience.LONG:
            limit = max_attempts if patience is Patience.LONG else min(FEW, max_attempts)
            if attempts >= limit:
                reason = f"{code}: given up after {attempts} of {limit} attempts"
                return Decision(Action.HOLD, reason, counts=True)
            reason = f"{code}: attempt {attempts} of {limit} failed, tried again later"
            return Decision(Action.LATER, reason, counts=True)
        case Patience.OUTAGE | Patience.PERSON:
            return _not_the_file(code, patience, attempts if tries is None else tries, FOREVER * max_attempts)


def patience_for(code: str, kind: RequestKind, whole_call: bool | None = None) -> Patience:
    """The row for a failure. That a whole call failed is never the file's trouble, nor proof of absence."""
    row = BY_CODE.get(code, Patience.SHORT)
    if whole_call:
        return Patience.PERSON if row in (Patience.NONE, Patience.PERSON) else Patience.OUTAGE
    if whole_call is False:
        row = OF_ONE_FILE.get(code, row)
    return BY_CODE_AND_KIND.get((code, kind), row)


def _not_the_file(code: str, patience: Patience, tries: int, limit: int) -> Decision:
    if tries >= limit:
        reason = f"{code}: not the file's fault by the look of it, but it never worked in {tries} tries"
        return Decision(Action.HOLD, reason, counts=False)
    if patience is Patience.PERSON:
        reason = f"{code} concerns the endpoint or the credential: a person must act; tried again later"
        return Decision(Action.ALARM, reason, counts=False)
    reason = f"{code} concerns the endpoint, not the file: tried again later, and not counted"
    return Decision(Action.LATER, reason, counts=False)
