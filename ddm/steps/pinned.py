"""Staged copies: released when nobody reads them, renewed while somebody does, looked at now and then."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime

from catalog.db import pins, recall_leases, recalls, replicas
from catalog.db.move import move
from catalog.db.pins import Ending
from catalog.db.recalls import Unwanted
from catalog.db.tally import Known
from catalog.model import LivePin
from catalog.states import ITEM, PIN, ItemState, Locality, PinState, RequestKind
from ddm.app import App
from ddm.settings import EndpointSettings
from ddm.steps.desk import tape_endpoints, turn
from transfers.errors import FileMissing, StorageError
from transfers.model import Done, Failed, Observation, Observed, Outcome, Pending, StageOrder
from transfers.planning import batches
from transfers.policy import Action, decide
from transfers.ports import Stager

SWEEP_EVERY = 20  # rounds between two looks at all pins, whether somebody needs them


def release(app: App) -> int:
    """Leases and pins whose time is over end; copies that nobody needs are released, others renewed."""
    app.desk.rounds += 1
    thorough = app.desk.rounds % SWEEP_EVERY == 1 or app.desk.idle
    ending = _ending(app)
    moved = 0
    if thorough or ending.leaving or ending.lapsing or _ends_by(ending, app.now):
        moved = _ended(app, thorough=thorough)
        ending = _ending(app) if moved else ending
    for settings, stager in tape_endpoints(app):
        with turn(app, "recall", settings.name) as mine:
            if not mine:
                continue
            if thorough:
                moved += _sweep(app, settings, stager)
            if ending.leaving:
                moved += _release_at(app, settings, stager)
            if _ends_by(ending, app.now + settings.pin_lifetime / 4):
                moved += _renew(app, settings, stager)
            if ending.first is not None:
                moved += _look_after(app, settings)
    return moved


def _ending(app: App) -> Ending:
    with app.catalog.read() as conn:
        return pins.ending(conn, app.now)


def _ends_by(ending: Ending, time: datetime) -> bool:
    return ending.first is not None and ending.first <= time


def _ended(app: App, *, thorough: bool) -> int:
    batch = app.settings.flow.batch
    with app.catalog.begin() as conn:
        over = recall_leases.lapse(conn, app.now, batch, app.why("its time is over"))
        moved = len(over)
        pins.leave(conn, over, app.why())
        if thorough:
            moved += len(move(conn, PIN, pins.unneeded(conn, batch), "last_reader_left", app.why()))
        lapsed = pins.over(conn, PinState.ACTIVE, app.now, batch)
        moved += pins.lost(conn, lapsed, app.why("its time is over"))
        leaving = pins.over(conn, PinState.RELEASING, app.now, batch)
        return moved + pins.lost(conn, leaving, app.why("its time is over"))


def _sweep(app: App, settings: EndpointSettings, stager: Stager) -> int:
    """Recalls that nobody wants any more are taken back (one that cannot be is released when it comes), held
    ones given up: no person need look at them. Files that are wanted and were overlooked are queued."""
    with app.catalog.read() as conn:
        found = recalls.unwanted(conn, settings.name, app.settings.flow.batch)
    over = [recall.id for recall in found if recall.state == ItemState.QUEUED]
    held = [recall.id for recall in found if recall.state == ItemState.HELD]
    under_way: dict[str, list[Unwanted]] = defaultdict(list)
    for recall in found:
        if recall.state == ItemState.SUBMITTED:
            under_way[recall.token].append(recall)
    for token, asked in under_way.items():
        paths = [recall.path for recall in asked]
        with suppress(StorageError):
            stager.cancel(token, paths)
            stager.release(token, paths)  # what came meanwhile stays until it is released
            over += [recall.id for recall in asked]
    with app.catalog.begin() as conn:
        why = app.why("nobody wants it any more")
        moved = len(move(conn, ITEM, over, "canceled", why)) + len(move(conn, ITEM, held, "given_up", why))
        return moved + recall_leases.overlooked(conn, settings.name, app.settings.flow.batch, app.why())


def _release_at(app: App, settings: EndpointSettings, stager: Stager) -> int:
    with app.catalog.read() as conn:
        leaving = pins.live(conn, settings.name, PinState.RELEASING, app.settings.flow.batch)
    place = app.endpoint_ids[settings.name]
    calls: dict[str, list[LivePin]] = defaultdict(list)
    for pin in leaving:
        calls[pin.token].append(pin)
    moved = 0
    for token, found in calls.items():
        for batch in batches(found, settings.max_files_per_request):
            try:
                outcomes = stager.release(token, [pin.path for pin in batch])
            except StorageError:
                return moved  # keeping files in the buffer too long harms nobody: asked again later
            done = [pin for pin in batch if _is_released(outcomes.get(pin.path))]
            with app.catalog.begin() as conn:
                known = {pin.id: Known(0, place, pin.size) for pin in done}
                moved += pins.released(conn, list(known), app.why(), known)
                replicas.record_seen(conn, {Locality.NEARLINE: [pin.replica_id for pin in done]})
    return moved


def _renew(app: App, settings: EndpointSettings, stager: Stager) -> int:
    """Pins whose time is three quarters over are extended: by asking again, or, where pins are counted and
    have no time of their own, by a look whether the copy is still there."""
    soon = app.now + settings.pin_lifetime / 4
    with app.catalog.read() as conn:
        due = pins.live(conn, settings.name, PinState.ACTIVE, app.settings.flow.batch, until=soon)
    if not app.storages[settings.name].capabilities.pins_expire:
        return _look_at(app, settings, due, extend=True)
    return sum(
        _renew_batch(app, settings, stager, batch) for batch in batches(due, settings.max_files_per_request)
    )


def _renew_batch(app: App, settings: EndpointSettings, stager: Stager, batch: Sequence[LivePin]) -> int:
    try:
        receipt = stager.stage([StageOrder(pin.path, pin.size, settings.pin_lifetime) for pin in batch])
    except StorageError:
        return 0  # asked again at the next round; a pin that lapses meanwhile is recalled anew
    good = [pin.id for pin in batch if isinstance(receipt.outcomes.get(pin.path), Done)]
    unsaid = [pin for pin in batch if isinstance(receipt.outcomes.get(pin.path), Pending)]
    seen = _look(app, settings, unsaid)  # some services (FTS) never say at once that a file is online
    good += [pin.id for pin in unsaid if _is_there(seen.get(pin.path))]
    gone = [pin for pin in unsaid if _is_gone(seen.get(pin.path))]
    if gone:  # what was asked is a recall now, which nobody would follow, and at every round one more
        with suppress(StorageError):
            stager.cancel(receipt.token, [pin.path for pin in gone])
    with app.catalog.begin() as conn:
        moved = pins.lost(conn, [pin.id for pin in gone], app.why("evicted before its time"))
        until = app.now + settings.pin_lifetime
        return moved + len(move(conn, PIN, good, "extended", app.why(), until=until, token=receipt.token))


def _look(app: App, settings: EndpointSettings, some: Sequence[LivePin]) -> Mapping[str, Observation]:
    """What the storage says of the copies; nothing if it cannot be asked."""
    if not some:
        return {}
    try:
        return app.storages[settings.name].prober.probe([pin.path for pin in some])
    except StorageError:
        return {}


def _look_after(app: App, settings: EndpointSettings) -> int:
    """Ask of pinned copies now and then whether they are still there: one evicted early is recalled again."""
    every = app.settings.recall.look_after
    last = app.desk.looked_after.get(settings.name)
    if last is not None and app.now - last < every / 8:
        return 0
    app.desk.looked_after[settings.name] = app.now
    with app.catalog.read() as conn:
        due = pins.live(
            conn, settings.name, PinState.ACTIVE, app.settings.flow.batch, not_looked_at_since=app.now - every
        )
    return _look_at(app, settings, due)


def _look_at(app: App, settings: EndpointSettings, due: Sequence[LivePin], *, extend: bool = False) -> int:
    """Pins whose copy is gone are lost; the others are good for another lifetime, if ``extend``."""
    moved = 0
    for batch in batches(due, settings.max_files_per_request):
        try:
            seen = app.storages[settings.name].prober.probe([pin.path for pin in batch])
        except StorageError:
            return moved
        gone = [pin for pin in batch if _is_gone(seen.get(pin.path))]
        there = [pin.id for pin in batch if _is_there(seen.get(pin.path))]
        with app.catalog.begin() as conn:
            moved += pins.lost(conn, [pin.id for pin in gone], app.why("evicted before its time"))
            pins.looked_at(conn, there, app.now)
            if extend:
                until = app.now + settings.pin_lifetime
                moved += len(move(conn, PIN, there, "extended", app.why(), until=until))
            replicas.record_seen(conn, {Locality.NEARLINE: [pin.replica_id for pin in gone]})
    return moved


def _is_released(outcome: Outcome | None) -> bool:
    """A buffer copy that is gone needs no release."""
    match outcome:
        case Failed(code=code):
            return decide(code, RequestKind.RELEASE, 1, 1, whole_call=False).action is Action.DONE
        case _:
            return isinstance(outcome, Done)


def _is_gone(seen: Observation | None) -> bool:
    match seen:
        case Observed(locality=Locality.NEARLINE) | Failed(code=FileMissing.code):
            return True
        case _:
            return False


def _is_there(seen: Observation | None) -> bool:
    return isinstance(seen, Observed) and seen.locality.readable
