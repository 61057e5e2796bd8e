"""What to do after a failure: error code x kind of request, as a table.

Errors that may pass are tried again later until the attempts are used up; permanent ones are held for a
person at once; what we do not understand is tried a few times. Held is not failed: a person resumes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from catalog.states import RequestKind

FEW = 3
"""Attempts for errors that we do not understand."""


class Action(StrEnum):
    LATER = "later"
    HOLD = "hold"
    DONE = "done"


class Patience(StrEnum):
    """How long to go on trying."""

    LONG = "long"  # until max_attempts
    SHORT = "short"  # FEW attempts, or max_attempts when that is less
    NONE = "none"  # hold at once
    SATISFIED = "satisfied"  # what was wanted is so already


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do with the item, and the reason as a sentence for people."""

    action: Action
    reason: str


BY_CODE: dict[str, Patience] = {
    "transient": Patience.LONG,
    "endpoint_busy": Patience.LONG,
    "endpoint_unreachable": Patience.LONG,
    "storage_timeout": Patience.LONG,
    "quota_exceeded": Patience.LONG,
    "request_vanished": Patience.LONG,
    "not_online": Patience.LONG,
    "storage": Patience.SHORT,
    "unreadable_reply": Patience.SHORT,
    "permanent": Patience.NONE,
    "file_missing": Patience.NONE,
    "file_exists": Patience.NONE,
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
}
"""Where the kind of request matters."""


def decide(code: str, kind: RequestKind, attempts: int, max_attempts: int) -> Decision:
    """What to do after ``attempts`` failed attempts (this one counted); ``code`` is that of a ``Failed``.

    A code without a row is one that we do not understand.
    """
    patience = BY_CODE_AND_KIND.get((code, kind)) or BY_CODE.get(code, Patience.SHORT)
    match patience:
        case Patience.SATISFIED:
            return Decision(Action.DONE, f"{code}: nothing left to {kind.value}")
        case Patience.NONE:
            return Decision(Action.HOLD, f"{code} does not pass by itself: a person must look")
        case Patience.SHORT | Patience.LONG:
            limit = max_attempts if patience is Patience.LONG else min(FEW, max_attempts)
            if attempts >= limit:
                return Decision(Action.HOLD, f"{code}: given up after {attempts} of {limit} attempts")
            return Decision(Action.LATER, f"{code}: attempt {attempts} of {limit} failed, tried again later")
