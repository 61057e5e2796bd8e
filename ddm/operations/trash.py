"""The trash: what was withdrawn, until when it can be had back, and with which proof it goes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from catalog.db import debrislook, evidence, freezes, holds, look, people, releasing
from catalog.db.debrislook import Noted
from catalog.db.engine import Catalog
from catalog.db.freezes import Freeze
from catalog.db.going import Rules, Terms
from catalog.db.holds import Kept
from catalog.db.look import TrashLine
from catalog.db.move import Why
from catalog.db.people import MovedReplica
from catalog.retention import Refused
from catalog.states import HoldScope, ItemState
from ddm.app import App
from ddm.operations.common import because, doing
from ddm.releaserules import rules_of
from ddm.settings import Settings
from ddm.steps import cleanup
from ddm.steps import evidence as evidence_step

MANY = 1_000_000


@dataclass(frozen=True, slots=True)
class Trashed:
    """A replica in the trash, and when it may go; None: never by itself, as it has no certificate.

    While a freeze lies over it, it does not go whatever the time. ``stays``: whatever else speaks against its
    removal today, its grace time left aside.
    """

    line: TrashLine
    may_go_at: datetime | None
    frozen: tuple[Freeze, ...] = ()
    stays: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Emptied:
    """What may go now, and what came of it: all zero when only the plan was asked for."""

    plan: tuple[TrashLine, ...]
    removed: int = 0
    left: int = 0
    held: int = 0


def noted(catalog: Catalog) -> list[Noted]:
    """What is no copy of the catalogue, and waits to be removed by a plan of repair."""
    with catalog.read() as conn:
        return debrislook.noted(conn)


def lines(catalog: Catalog, settings: Settings, limit: int) -> list[Trashed]:
    """What is in the trash, oldest first."""
    rules, why = rules_of(settings), Why(catalog.clock.now(), catalog.actor)
    with catalog.read() as conn:
        found = look.trash(conn, limit)
        frozen = freezes.over(conn, [line.replica_id for line in found])
        sealed = [line.replica_id for line in found if line.seal is not None]
        refused = releasing.ask_again(conn, sealed, rules, why, lock=False).refused
    lines = []
    for line in found:
        verdict = refused.get(line.replica_id, Refused(()))
        at = None if line.seal is None or "settings" in verdict.guards else line.since + _grace(line, rules)
        stays = tuple(
            text for name, text in zip(verdict.guards, verdict.reasons, strict=True) if name not in TOLD
        )
        if line.seal is None:
            stays = (UNSEALED,)
        lines.append(Trashed(line, at, frozen.get(line.replica_id, ()), stays))
    return lines


UNSEALED = "it has no certificate: the flow never removes it; 'ddm trash restore' has it back"
TOLD = ("grace", "freeze")
"""What speaks against a removal and is told in columns of its own."""


def _grace(line: TrashLine, rules: Rules) -> timedelta:
    return rules.terms.get(line.product, Terms()).grace


@dataclass(frozen=True, slots=True)
class Restored:
    """Copies that were brought back, and the hold that keeps them from being withdrawn again."""

    copies: tuple[MovedReplica, ...]
    hold: int


def restore(catalog: Catalog, lfns: Sequence[str], reason: str) -> Restored:
    """Bring copies back; they are compared before anyone reads them. Raises NotRegistered, IllegalTransition.

    They stay until a person lifts the hold that is made for them.
    """
    with doing(catalog, act=True) as conn:
        files = tuple(sorted(set(look.file_ids(conn, lfns).values())))
        why = because(catalog, reason)
        copies = people.restore(conn, files, why)
        kept = Kept(HoldScope.FILES, files=files)
        hold = holds.add(conn, kept, None, why.because(f"restored: {why.reason}"))
        return Restored(tuple(copies), hold)


def plan(catalog: Catalog, settings: Settings) -> Emptied:
    """What ``empty`` would remove now: all that is asked of a removal is asked of it.

    But for evidence that is too old: ``empty`` takes it again first.
    """
    why = Why(catalog.clock.now(), catalog.actor)
    with catalog.read() as conn:
        found = releasing.due(conn, why.at, None, early=True)
        asked = releasing.ask_again(conn, found, rules_of(settings), why, lock=False)
        old = [key for key, verdict in asked.refused.items() if verdict.guards == ("fresh",)]
        return Emptied(tuple(look.trash(conn, replicas=[*asked.allowed, *old])))


def empty(app: App, told: Callable[[int], None] = lambda sent: None) -> Emptied:
    """Remove what may go now, as the flow does it, until nothing more can be done at once.

    ``told`` hears how many more removals were sent.
    """
    chosen = plan(app.catalog, app.settings).plan
    wanted = [line.replica_id for line in chosen if line.item is None]
    take_evidence(app, wanted)
    with app.catalog.begin() as conn:
        freezes.guard(conn)
        cleanup.want_these(app, conn, wanted)
    while cleanup.remove(app, told):
        pass
    cleanup.finish(app)
    with app.catalog.read() as conn:
        left = look.trash(conn, replicas=[line.replica_id for line in chosen])
    held = sum(line.item_state == ItemState.HELD for line in left)
    gone = len(chosen) - len(left)
    return Emptied(chosen, gone, len(left), held)


def take_evidence(app: App, replicas: Sequence[int]) -> None:
    """Look now at the copies on tape on whose strength these are to go."""
    with app.catalog.begin() as conn:
        behind = evidence.behind(conn, replicas)
        evidence.ask(conn, behind, app.now)
        due = evidence.of_replicas(conn, behind)
    evidence_step.look(app, due)
