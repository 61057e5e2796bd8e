"""Hops 9 and 10: withdraw what is no longer needed, each with its proof, and remove it after its grace time.

By explicit list from the catalogue only, through ``catalog.db.releasing``. The rule (``catalog.retention``)
is asked in the transaction that withdraws, and again, on facts read anew, in the one that marks the removal.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

from catalog.db import evidence, freezes, releasing, replicas, requests
from catalog.db.engine import Connection
from catalog.db.going import Wish
from catalog.db.move import move, note
from catalog.db.releasing import Asked
from catalog.model import OpenItem
from catalog.retention import Ground
from catalog.states import GROUP, ITEM, REPLICA, RequestKind
from ddm.app import App
from ddm.releaserules import rules_of
from ddm.settings import AfterArchive
from ddm.steps import lastlook, pace
from ddm.steps.common import by_endpoint, failures, record_trouble, split, whole_call_failed
from transfers.errors import StorageError
from transfers.model import Done, Failed, Outcome
from transfers.planning import batches
from transfers.policy import Action, decide

GROUPS_AT_ONCE = 100
COPIES_AT_ONCE = 10_000
FROZEN = "frozen"
LOOK_AGAIN = timedelta(minutes=10)
"""What was refused is asked again after that: nothing tells us that a reason is gone."""


def withdraw(app: App) -> int:
    """Trash the inputs of archived groups that retention lets go, under a certificate per group."""
    products = {
        name
        for recipe in app.recipes.values()
        for name, product in recipe.products.items()
        if product.inputs_after_archive is AfterArchive.DELETE
    }
    if not products:
        return 0
    waits = [] if app.desk.last_look else _waiting(app, app.desk.groups_kept)
    with app.catalog.begin() as conn:
        freezes.guard(conn)
        found = _not_too_many(releasing.trashable(conn, products, GROUPS_AT_ONCE, but=waits))
        wanted = [replica for its in found.values() for replica in its]
        if not wanted:
            return 0
        done = releasing.withdraw(conn, wanted, Wish(Ground.MERGED), rules_of(app.settings), app.why())
    stays = done.refused.keys() | set(done.busy)
    for group, its in found.items():
        if not stays.isdisjoint(its):
            app.desk.groups_kept[group] = app.now + LOOK_AGAIN
    return len(done.replicas)


def _not_too_many(found: dict[int, list[int]]) -> dict[int, list[int]]:
    """The first of the groups, so that the transaction lasts a few seconds at most; one at least."""
    chosen: dict[int, list[int]] = {}
    copies = 0
    for group, its in found.items():
        if chosen and copies + len(its) > COPIES_AT_ONCE:
            break
        chosen[group] = its
        copies += len(its)
    return chosen


def _waiting(app: App, kept: dict[int, datetime]) -> list[int]:
    """What was refused a short while ago, and is not asked about yet."""
    for key in [key for key, until in kept.items() if until <= app.now]:
        del kept[key]
    return list(kept)


def remove(app: App, told: Callable[[int], None] = lambda sent: None) -> int:
    """Remove what was withdrawn longer ago than its grace time. The intent is committed before the call.

    No more than the budget of the hour, at each endpoint; the rest waits. ``told`` hears how many more were
    sent, after each call.
    """
    moved = _want(app)
    with app.catalog.read() as conn:
        queue = requests.removals(conn, app.now, app.settings.flow.batch)
    return moved + send(app, queue, told)


def send(app: App, queue: Sequence[OpenItem], told: Callable[[int], None] = lambda sent: None) -> int:
    """Send queued removals, by endpoint and call. Returns how many were sent."""
    moved = 0
    for endpoint, items in by_endpoint(queue).items():
        most = min(app.settings.endpoints[endpoint].max_files_per_request, app.settings.release.call)
        for batch in batches(items, most):
            sent = _remove_batch(app, endpoint, batch)
            moved += sent
            told(sent)
            if not sent and not pace.left(app, endpoint):
                break
    return moved


def _want(app: App) -> int:
    """Queue the removal of what is due and may go. What may not is asked about again later."""
    with app.catalog.begin() as conn:
        freezes.guard(conn)
        until = app.now + (LOOK_AGAIN if app.desk.last_look else timedelta(0))
        moved = 0
        for least, its in _by_grace(app, conn, releasing.due(conn, until, app.settings.flow.batch)):
            moved += want_these(app, conn, its, least)
        return moved


def _by_grace(
    app: App, conn: Connection, found: Sequence[int]
) -> Iterator[tuple[timedelta | None, list[int]]]:
    """These copies by the least grace time of their endpoint: of a disk under pressure it is shortened."""
    if not app.desk.pressed:
        yield None, list(found)
        return
    least = {app.endpoint_ids[name]: grace for name, grace in app.desk.pressed.items()}
    each: dict[timedelta | None, list[int]] = defaultdict(list)
    for replica, endpoint in replicas.endpoints_of(conn, found).items():
        each[least.get(endpoint)].append(replica)
    yield from each.items()


def want_these(app: App, conn: Connection, found: Sequence[int], least: timedelta | None = None) -> int:
    """Queue the removal of these withdrawn copies, as far as they may go now. Returns how many.

    ``least``: the shortened grace time of a disk under pressure.
    """
    if found:
        asked = releasing.ask_again(conn, found, rules_of(app.settings, least), app.why())
        postpone(app, conn, asked)
        return len(requests.want_removal(conn, asked.allowed, app.why()))
    return 0


def postpone(app: App, conn: Connection, asked: Asked) -> None:
    """Ask about the refused ones again when their grace time is over, or in a while.

    Evidence that is too old, if nothing else speaks against them, is taken at once.
    """
    again: dict[datetime, list[int]] = defaultdict(list)
    old = [key for key, verdict in asked.refused.items() if verdict.guards == ("fresh",)]
    evidence.ask(conn, evidence.behind(conn, old) if old else (), app.now)
    soon = dict.fromkeys(old, app.now + app.settings.flow.interval)
    for key in (*asked.refused, *asked.busy):
        again[asked.early.get(key) or soon.get(key, app.now + LOOK_AGAIN)].append(key)
    for until, ids in again.items():
        replicas.postpone(conn, ids, until, count=False)


def _remove_batch(app: App, endpoint: str, items: Sequence[OpenItem]) -> int:
    claimed, asked = _claim_removal(app, endpoint, items)
    mine = _not_frozen(app, claimed)
    if not mine:
        return 0
    outcomes = lastlook.against(app, endpoint, mine, asked)
    paths = [item.path for item in mine if item.path not in outcomes]
    try:
        outcomes |= app.storages[endpoint].remover.remove(paths) if paths else {}
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
        first = [item.path for item in mine if item.tries == 0]
        strange = pace.count(app, conn, endpoint, first, outcomes)
    if strange:
        pace.brake(app, endpoint, strange)
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


def _claim_removal(app: App, endpoint: str, items: Sequence[OpenItem]) -> tuple[list[OpenItem], Asked]:
    """Ask once more, then commit DELETING and the intent together (invariants 2 and 3).

    Returns what is to go, and what was answered."""
    with app.catalog.begin() as conn:
        freezes.guard(conn)
        frozen = freezes.over(conn, [item.replica_id for item in items])
        items = [item for item in items if item.replica_id not in frozen]  # they stay in the queue
        wanted = [item.replica_id for item in items]
        rules = rules_of(app.settings, app.desk.pressed.get(endpoint))
        asked = releasing.ask_again(conn, wanted, rules, app.why())
        _cancel(app, conn, items, asked)
        allowed = set(asked.allowed)
        chosen = [item for item in items if item.replica_id in allowed]
        del chosen[pace.within_budget(app, conn, endpoint, [item.size for item in chosen]) :]
        if not chosen:
            return [], asked
        ids = [item.id for item in chosen]
        _, _, mine = requests.claim(conn, RequestKind.REMOVE, endpoint, ids, app.why())
        claimed = set(mine)
        ours = [item for item in chosen if item.id in claimed]
        move(conn, REPLICA, [item.replica_id for item in ours], "removal_sent", app.why())
        return ours, asked


def _cancel(app: App, conn: Connection, items: Sequence[OpenItem], asked: Asked) -> None:
    """What was refused at the last moment stays in the trash, with every reason in its history.

    Also what was sent before a crash: its bytes may still be there, and a person can have them back.
    """
    refused = {item.id: item.replica_id for item in items if item.replica_id in asked.refused}
    reasons = {key: "; ".join(verdict.reasons) for key, verdict in asked.refused.items()}
    why = app.why("no longer allowed")
    move(conn, ITEM, list(refused), "canceled", why, {item: reasons[key] for item, key in refused.items()})
    move(conn, REPLICA, list(reasons), "removal_failed", why, reasons)
    for text in set(reasons.values()):
        same = [key for key, found in reasons.items() if found == text]
        note(conn, REPLICA.noun, same, "removal_refused", why.because(text))
    postpone(app, conn, asked)


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
