"""Recalls that failed: queued again or held, as the policy says, and no more held in a storm than a few."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from catalog.db import requests
from catalog.db.engine import Connection
from catalog.db.move import move
from catalog.states import ITEM, RequestKind
from ddm.app import App
from ddm.steps import weather
from ddm.steps.common import retry_at
from transfers.model import Failed
from transfers.policy import Action, decide


class Setback(NamedTuple):
    """A recall that failed. ``attempts`` (those that count) and ``tries`` (all) include this one."""

    id: int
    attempts: int
    tries: int
    failure: Failed


def causes(setbacks: Sequence[Setback]) -> Counter[str]:
    """How many failed, by cause."""
    return Counter(setback.failure.code for setback in setbacks)


def record(
    app: App,
    conn: Connection,
    endpoint: str,
    setbacks: Sequence[Setback],
    events: tuple[str, str],
    *,
    whole_call: bool = False,
) -> int:
    """Queue the recalls again or hold them; set-based per cause. Returns how many moved.

    ``events``: what happens to those queued again, and to those held. An attempt that was not the file's own
    failure, or that failed in a storm by its cause, is not counted against it.
    """
    again: dict[tuple[str, str, int, bool], list[int]] = defaultdict(list)
    held: dict[str, list[tuple[Setback, str]]] = defaultdict(list)
    limit = app.settings.flow.max_attempts
    stormy = weather.causes_of_storms(app, conn, endpoint)
    for setback in setbacks:
        code, text = setback.failure.code, setback.failure.text
        verdict = decide(
            code, RequestKind.STAGE, setback.attempts, limit, whole_call=whole_call, tries=setback.tries
        )
        if verdict.action is Action.HOLD:
            held[code].append((setback, f"{text} — {verdict.reason}"))
        else:
            again[code, text, setback.tries, verdict.counts and code not in stormy].append(setback.id)
    moved = 0
    for code, found in held.items():
        n = weather.may_hold(app, conn, endpoint, code, len(found))
        moved += _hold(app, conn, events[1], code, found[:n])
        for setback, _ in found[n:]:
            again[code, setback.failure.text, setback.tries, False].append(setback.id)
    for (code, text, tries, counts), ids in again.items():
        why = app.why(f"{code}: {text}")
        wait = retry_at(app, max(tries, 1))
        moved += len(requests.put_back(conn, events[0], ids, why, (code, text), wait, counts=counts))
    return moved


def _hold(app: App, conn: Connection, event: str, code: str, found: Sequence[tuple[Setback, str]]) -> int:
    by_reason: dict[str, list[int]] = defaultdict(list)
    for setback, reason in found:
        by_reason[reason].append(setback.id)
    return sum(
        len(move(conn, ITEM, ids, event, app.why(f"{code}: {reason}"), code=code, reason=reason))
        for reason, ids in by_reason.items()
    )
