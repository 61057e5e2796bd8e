"""Hop 3: recall what waiting jobs need, within the budget of each tape endpoint; release what nobody reads.

Demand pulls: items are queued for inputs of WAITING jobs, once per file. Budgets are bytes: what is pinned
or on its way counts. Whole runs go first, so that nothing waits half-pinned.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from catalog.db import jobs, replicas, requests
from catalog.db.engine import Connection
from catalog.db.move import move
from catalog.model import LivePin, OpenItem
from catalog.states import ITEM, JOB, PIN, Locality, PinState, RequestKind
from ddm.app import App
from ddm.settings import EndpointSettings
from ddm.steps.common import claim, failures, record_trouble, split, whole_call_failed
from transfers.errors import StorageError
from transfers.model import Done, Failed, Outcome, Pending, StageOrder
from transfers.planning import Wanted, batches, stage_batch
from transfers.ports import Stager

FIRST_LOOK = 1000  # queued items that are looked at first: a run or two
LOOK_AHEAD = 4  # batches of queued items that are looked at at most


def want(app: App) -> int:
    """Queue recalls for inputs of waiting jobs."""
    with app.catalog.begin() as conn:
        return requests.want_staging(conn, app.why(), app.settings.flow.batch)


def send(app: App) -> int:
    """Ask for as many queued recalls as the budgets allow."""
    moved = 0
    for name, settings in app.settings.endpoints.items():
        stager = app.storages[name].stager
        if stager is not None:
            for batch in batches(_affordable(app, settings), settings.max_files_per_request):
                moved += _send_batch(app, settings, stager, batch)
    return moved


def _affordable(app: App, settings: EndpointSettings) -> list[OpenItem]:
    """The head of the endpoint's queue that fits into its budget.

    The queue is read no further than the budget reaches: if all that was seen fits, more is looked at, so
    that the last run taken was seen whole.
    """
    with app.catalog.read() as conn:
        used_bytes, used_files = requests.staged_bytes(conn).get(settings.name, (0, 0))
        limit, longest = FIRST_LOOK, LOOK_AHEAD * app.settings.flow.batch
        while True:
            limit = min(limit, longest)
            queue = requests.queued(conn, RequestKind.STAGE, app.now, limit, endpoint=settings.name)
            chosen = _within_budget(settings, queue, used_bytes, used_files)
            if len(queue) < limit or limit == longest or not chosen or chosen[-1] != queue[-1]:
                return chosen
            limit *= 4


def _within_budget(
    settings: EndpointSettings, items: Sequence[OpenItem], used_bytes: int, used_files: int
) -> list[OpenItem]:
    free = None if settings.stage_budget is None else settings.stage_budget - used_bytes
    chosen = set(
        stage_batch(
            [Wanted(item.id, item.unit, item.size) for item in items],
            free_bytes=free,
            free_files=settings.stage_files - used_files,
            idle=used_files == 0,
        )
    )
    return [item for item in items if item.id in chosen]


def _send_batch(app: App, settings: EndpointSettings, stager: Stager, items: Sequence[OpenItem]) -> int:
    request, mine = claim(app, RequestKind.STAGE, settings.name, items)
    if not mine:
        return 0
    orders = [StageOrder(item.path, item.size, settings.pin_lifetime) for item in mine]
    token, outcomes = "", {}
    try:
        receipt = stager.stage(orders)
        token, outcomes = receipt.token, dict(receipt.outcomes)
    except StorageError as error:
        outcomes = dict(whole_call_failed(error, [item.path for item in mine]))
    accepted, refused = split(mine, lambda item: isinstance(outcomes.get(item.path), Done | Pending))
    online, _ = split(accepted, lambda item: isinstance(outcomes[item.path], Done))
    others = failures(refused, outcomes)
    with app.catalog.begin() as conn:
        requests.heard(conn, request, token)
        move(conn, ITEM, [item.id for item in accepted], "accepted", app.why(), next_try_at=app.now)
        _finished(app, conn, settings, online)
        record_trouble(
            app, conn, RequestKind.STAGE, others, now_event="refused_for_now", hold_event="refused"
        )
    return len(mine)


def _finished(app: App, conn: Connection, settings: EndpointSettings, items: Sequence[OpenItem]) -> int:
    """The files are online: the items are done, and pins hold them."""
    done = set(move(conn, ITEM, [item.id for item in items], "done", app.why()))
    if done:
        requests.pin(conn, sorted(done), app.now + settings.pin_lifetime, app.why())
        replicas.record_seen(
            conn, {Locality.ONLINE_AND_NEARLINE: [item.replica_id for item in items if item.id in done]}
        )
    return len(done)


def poll(app: App) -> int:
    """Ask how the recalls are: one call per request and interval."""
    with app.catalog.read() as conn:
        items = requests.submitted(conn, RequestKind.STAGE, app.now, LOOK_AHEAD * app.settings.flow.batch)
    calls: dict[tuple[str, str], list[OpenItem]] = defaultdict(list)
    for item in items:
        calls[item.endpoint, item.token].append(item)
    moved = 0
    for (endpoint, token), asked in calls.items():
        stager = app.storages[endpoint].stager
        if stager is not None:
            moved += _poll_one(app, app.settings.endpoints[endpoint], stager, token, asked)
    return moved


def _poll_one(
    app: App, settings: EndpointSettings, stager: Stager, token: str, items: Sequence[OpenItem]
) -> int:
    outcomes: Mapping[str, Outcome]
    try:
        outcomes = stager.poll(token, [item.path for item in items])
    except StorageError:
        outcomes = {}  # nothing is known: they stay as they are and are asked about again
    online, troubles, pending, overdue = [], [], [], []
    for item in items:
        match outcomes.get(item.path):
            case Done():
                online.append(item)
            case Failed() as failure:
                troubles.append((item, failure))
            case _ if item.since is not None and app.now - item.since > settings.stage_timeout:
                overdue.append(item.id)
            case _:
                pending.append(item.id)
    with app.catalog.begin() as conn:
        moved = _finished(app, conn, settings, online)
        moved += record_trouble(
            app, conn, RequestKind.STAGE, troubles, now_event="failed_for_now", hold_event="failed"
        )
        reason = f"no answer for {settings.stage_timeout}"
        moved += len(move(conn, ITEM, overdue, "overdue", app.why(reason), code="overdue", reason=reason))
        requests.postpone(conn, pending, app.now + app.settings.flow.interval)
    return moved


def wake_jobs(app: App, *, thorough: bool = False) -> int:
    """Jobs whose inputs can all be read become READY; READY ones whose inputs went away wait again."""
    with app.catalog.begin() as conn:
        gone = jobs.lapsed(conn, app.settings.flow.batch)
        moved = len(move(conn, JOB, gone, "inputs_lapsed", app.why("an input can no longer be read")))
        ready = jobs.readable(conn, app.now, app.settings.flow.batch, thorough=thorough)
        return moved + len(move(conn, JOB, ready, "inputs_readable", app.why()))


def release(app: App) -> int:
    """Pins that no job needs are released; pins whose time is over are written off; used ones are renewed."""
    with app.catalog.begin() as conn:
        unread = requests.unread_pins(conn, app.settings.flow.batch)
        moved = len(move(conn, PIN, unread, "last_reader_left", app.why()))
        for state in (PinState.ACTIVE, PinState.RELEASING):
            over = [pin.id for pin in requests.pins_to(conn, state, app.now, app.settings.flow.batch)]
            moved += len(move(conn, PIN, over, "lapsed", app.why("its time is over")))
    with app.catalog.read() as conn:
        leaving = requests.pins_to(conn, PinState.RELEASING, None, app.settings.flow.batch)
    calls: dict[tuple[str, str], list[LivePin]] = defaultdict(list)
    for pin in leaving:
        calls[pin.endpoint, pin.token].append(pin)
    for (endpoint, token), pins in calls.items():
        moved += _release_at(app, endpoint, token, pins)
    return moved + _renew(app)


def _release_at(app: App, endpoint: str, token: str, pins: Sequence[LivePin]) -> int:
    stager = app.storages[endpoint].stager
    if stager is None:
        return 0
    try:
        outcomes = stager.release(token, [pin.path for pin in pins])
    except StorageError:
        return 0  # keeping files in the buffer too long harms nobody: asked again at the next round
    done = [pin for pin in pins if isinstance(outcomes.get(pin.path), Done)]
    with app.catalog.begin() as conn:
        moved = move(conn, PIN, [pin.id for pin in done], "released", app.why())
        replicas.record_seen(conn, {Locality.NEARLINE: [pin.replica_id for pin in done]})
    return len(moved)


def _renew(app: App) -> int:
    """Ask again for pinned files whose time is three quarters over: repetition extends the pin."""
    moved = 0
    for endpoint, settings in app.settings.endpoints.items():
        stager = app.storages[endpoint].stager
        if stager is None:
            continue
        with app.catalog.read() as conn:
            soon = app.now + settings.pin_lifetime / 4
            pins = [
                pin
                for pin in requests.pins_to(conn, PinState.ACTIVE, soon, app.settings.flow.batch)
                if pin.endpoint == endpoint
            ]
        for batch in batches(pins, settings.max_files_per_request):
            moved += _renew_batch(app, settings, stager, batch)
    return moved


def _renew_batch(app: App, settings: EndpointSettings, stager: Stager, pins: Sequence[LivePin]) -> int:
    try:
        receipt = stager.stage([StageOrder(pin.path, pin.size, settings.pin_lifetime) for pin in pins])
    except StorageError:
        return 0  # asked again at the next round; a pin that lapses meanwhile is recalled anew
    good = [pin.id for pin in pins if isinstance(receipt.outcomes.get(pin.path), Done)]
    with app.catalog.begin() as conn:
        until = app.now + settings.pin_lifetime
        return len(move(conn, PIN, good, "extended", app.why(), until=until, token=receipt.token))
