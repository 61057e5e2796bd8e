"""Recalls, copies and removals that are held: try again, or give up. And how the recalls are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from catalog.db import look, people
from catalog.db.engine import Catalog
from catalog.db.look import TroubleLine
from catalog.db.people import Resumed
from catalog.states import EndpointKind, ItemState, RequestKind
from ddm.operations.common import because, doing
from ddm.settings import Settings


@dataclass(frozen=True, slots=True)
class Amount:
    """So many files, so many bytes."""

    files: int = 0
    size: int = 0


@dataclass(frozen=True, slots=True)
class StageLine:
    """A tape endpoint: what is wanted, asked for, held and pinned, against its budget in bytes."""

    endpoint: str
    queued: Amount
    asked: Amount
    held: Amount
    pinned: Amount
    budget: int | None  # None: no limit
    oldest: datetime | None  # since when the oldest open recall is in its state


@dataclass(frozen=True, slots=True)
class StageStatus:
    """Every tape endpoint, and what goes wrong there."""

    endpoints: tuple[StageLine, ...]
    troubles: tuple[TroubleLine, ...]


def stage_status(catalog: Catalog, settings: Settings) -> StageStatus:
    """How the recalls are, endpoint by endpoint."""
    with catalog.read() as conn:
        lines, pins = look.open_requests(conn, RequestKind.STAGE), look.pinned(conn)
        troubles = look.troubles(conn, RequestKind.STAGE)
    tapes = {name for name, entry in settings.endpoints.items() if entry.kind is EndpointKind.TAPE}
    found = []
    for name in sorted(tapes | set(pins) | {line.endpoint for line in lines}):
        mine = [line for line in lines if line.endpoint == name]
        configured = settings.endpoints.get(name)
        found.append(
            StageLine(
                endpoint=name,
                queued=_amount(mine, ItemState.QUEUED),
                asked=_amount(mine, ItemState.SUBMITTING, ItemState.SUBMITTED),
                held=_amount(mine, ItemState.HELD),
                pinned=Amount(*pins.get(name, (0, 0))),
                budget=configured.stage_budget if configured else None,
                oldest=min((line.oldest for line in mine), default=None),
            )
        )
    return StageStatus(tuple(found), tuple(troubles))


def _amount(lines: Sequence[look.RequestLine], *states: str) -> Amount:
    mine = [line for line in lines if line.state in states]
    return Amount(sum(line.files for line in mine), sum(line.size for line in mine))


def resume(catalog: Catalog, kind: RequestKind, items: Sequence[int] | None, reason: str) -> list[Resumed]:
    """Try held items of the kind again at once, all of them if none is named.

    Raises NotRegistered or IllegalTransition for the first that is not held; then nothing was changed.
    """
    with doing(catalog, act=True) as conn:
        chosen = people.held_items(conn, kind) if items is None else sorted(set(items))
        return people.resume_items(conn, kind, chosen, because(catalog, reason))


def give_up(catalog: Catalog, items: Sequence[int], reason: str, *, act: bool) -> list[Resumed]:
    """Give held recalls up. Raises NotRegistered, or IllegalTransition if a job still wants one."""
    with doing(catalog, act) as conn:
        return people.give_up_recalls(conn, sorted(set(items)), because(catalog, reason))
