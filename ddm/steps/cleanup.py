"""Hops 9 and 10: withdraw what is no longer needed, each with its proof, and remove it after its grace time.

By explicit list from the catalogue only. The rule (catalog.retention) is asked in the transaction that
withdraws, on locked rows; that the product is still archived is asked again in the one that removes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta

from catalog.db import freezes, releasing, replicas, requests
from catalog.db.engine import Connection
from catalog.db.move import move
from catalog.model import OpenItem
from catalog.retention import certificate, may_trash
from catalog.states import GROUP, ITEM, REPLICA, RequestKind
from ddm.app import App
from ddm.settings import AfterArchive
from ddm.steps.common import by_endpoint, failures, record_trouble, split, whole_call_failed
from transfers.errors import StorageError
from transfers.model import Done, Failed, Outcome
from transfers.planning import batches
from transfers.policy import Action, decide

GROUPS_AT_ONCE = 100
FROZEN = "frozen"


def _deletable(app: App) -> dict[timedelta, set[str]]:
    """The products whose inputs may go once it is archived, by their grace time."""
    found: dict[timedelta, set[str]] = defaultdict(set)
    for recipe in app.recipes.values():
        for name, product in recipe.products.items():
            if product.inputs_after_archive is AfterArchive.DELETE:
                found[product.grace].add(name)
    return found


def withdraw(app: App) -> int:
    """Trash the inputs of archived groups that retention lets go, under a certificate per group."""
    moved = 0
    for products in _deletable(app).values():
        with app.catalog.begin() as conn:
            freezes.guard(conn)
            moved += _withdraw_inputs(app, conn, releasing.trashable(conn, products, GROUPS_AT_ONCE))
    return moved


def _withdraw_inputs(app: App, conn: Connection, releases: Sequence[releasing.Release]) -> int:
    papers: list[releasing.Certificate] = []
    reasons: dict[int, str] = {}
    for release in releases:
        proof = release.evidence
        frozen = freezes.over(conn, [entry.replica_id for entry in release.inputs])
        allowed = [
            entry
            for entry in release.inputs
            if entry.replica_id not in frozen and not may_trash(entry, proof)
        ]
        if allowed:
            seal, body = certificate(proof, allowed)
            papers.append(releasing.Certificate(seal, body, tuple(entry.replica_id for entry in allowed)))
            reason = f"certificate {seal[:16]}: archived as {proof.lfn}"
            reasons |= {entry.replica_id: reason for entry in allowed}
    releasing.certify(conn, papers, app.why())
    return len(move(conn, REPLICA, list(reasons), "trashed", app.why(), reasons))


def remove(app: App) -> int:
    """Remove what was withdrawn longer ago than its grace time. The intent is committed before the call."""
    moved = 0
    for grace, products in _deletable(app).items():
        with app.catalog.begin() as conn:
            freezes.guard(conn)
            due = replicas.removable(conn, products, app.now - grace, app.settings.flow.batch)
            moved += len(requests.want_removal(conn, due, app.why()))
    with app.catalog.read() as conn:
        queue = requests.removals(conn, app.now, app.settings.flow.batch)
    for endpoint, items in by_endpoint(queue).items():
        for batch in batches(items, app.settings.endpoints[endpoint].max_files_per_request):
            moved += _remove_batch(app, endpoint, batch)
    return moved


def _remove_batch(app: App, endpoint: str, items: Sequence[OpenItem]) -> int:
    mine = _not_frozen(app, _claim_removal(app, endpoint, items))
    if not mine:
        return 0
    paths = [item.path for item in mine]
    outcomes: dict[str, Outcome] = {}
    try:
        outcomes |= app.storages[endpoint].remover.remove(paths)
    except StorageError as error:
        outcomes |= whole_call_failed(error, paths)
    gone, left = split(mine, lambda item: _is_gone(outcomes.get(item.path), item))
    others = failures(left, outcomes)
    with app.catalog.begin() as conn:
        ids = [item.id for item in gone]
        move(conn, ITEM, ids, "accepted", app.why())
        move(conn, ITEM, ids, "done", app.why())
        move(conn, REPLICA, [item.replica_id for item in gone], "removed", app.why())
        record_trouble(
            app, conn, RequestKind.REMOVE, others, now_event="refused_for_now", hold_event="refused"
        )
        why = app.why("the removal failed")
        move(conn, REPLICA, [item.replica_id for item in left], "removal_failed", why)
    return len(mine)


def _is_gone(outcome: Outcome | None, item: OpenItem) -> bool:
    """Absence counts as removed here, and only here: the replica is DELETING (invariant 5)."""
    match outcome:
        case Done():
            return True
        case Failed(code=code):
            return decide(code, RequestKind.REMOVE, item.attempts + 1, 1).action is Action.DONE
        case _:
            return False


def _claim_removal(app: App, endpoint: str, items: Sequence[OpenItem]) -> list[OpenItem]:
    """Look at the evidence once more, then commit DELETING and the intent together (invariants 2 and 3)."""
    with app.catalog.begin() as conn:
        freezes.guard(conn)
        frozen = freezes.over(conn, [item.replica_id for item in items])
        items = [item for item in items if item.replica_id not in frozen]  # they stay in the queue
        allowed: set[int] = set()
        wanted = [item.replica_id for item in items]
        for grace, products in _deletable(app).items():
            cutoff = app.now - grace
            allowed |= set(replicas.removable(conn, products, cutoff, len(wanted), among_ids=wanted))
        allowed |= set(replicas.deleting(conn, wanted))  # sent before a crash: send again
        doubtful = [item.id for item in items if item.replica_id not in allowed]
        move(conn, ITEM, doubtful, "canceled", app.why("no longer allowed: restored, or its archive is gone"))
        chosen = [item for item in items if item.replica_id in allowed]
        if not chosen:
            return []
        ids = [item.id for item in chosen]
        _, _, mine = requests.claim(conn, RequestKind.REMOVE, endpoint, ids, app.why())
        claimed = set(mine)
        ours = [item for item in chosen if item.id in claimed]
        move(conn, REPLICA, [item.replica_id for item in ours], "removal_sent", app.why())
        return ours


def _not_frozen(app: App, items: Sequence[OpenItem]) -> list[OpenItem]:
    """Look at the freezes once more, just before the call: what is frozen by now goes back to the trash."""
    wanted = [item.replica_id for item in items]
    with app.catalog.read() as conn:
        frozen = freezes.over(conn, wanted)
    if not frozen:
        return list(items)
    late = [item for item in items if item.replica_id in frozen]
    with app.catalog.begin() as conn:
        why = app.why("not sent: frozen")
        ids = [item.id for item in late]  # with a code: no second grace time
        move(conn, ITEM, ids, "unheard", why, attempts=0, tries=0, code=FROZEN, reason="not sent: frozen")
        move(conn, REPLICA, [item.replica_id for item in late], "removal_failed", why)
    return [item for item in items if item.replica_id not in frozen]


def finish(app: App) -> int:
    """Groups none of whose inputs has a replica left are CLEANED."""
    with app.catalog.begin() as conn:
        return len(
            move(conn, GROUP, releasing.cleaned(conn, app.settings.flow.batch), "inputs_gone", app.why())
        )
