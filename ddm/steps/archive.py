"""Hop 8: copy each checked product to tape, independently of the others; archived is on tape and equal.

Nothing waits for anything else to be ready; what is ready at the same time goes run by run, so that a run is
on few tapes and is recalled with few mounts. The copy lands UNVERIFIED; ``ddm.steps.verify`` compares it and
waits until the storage says on tape. Where the endpoint names a service for copies (``transfer``), that makes
them: ``ddm.steps.transferring``.
"""

from __future__ import annotations

from collections.abc import Sequence

from catalog.db import archives, files, requests
from catalog.db.move import move
from catalog.model import OpenItem
from catalog.states import GROUP, ITEM, REPLICA, ReplicaState, RequestKind
from ddm.app import App
from ddm.steps import transferring
from ddm.steps.common import (
    ADOPTED,
    DOUBTFUL,
    by_endpoint,
    claim,
    doubt,
    failures,
    hints_of,
    is_adopted,
    record_trouble,
    run_of,
    split,
    whole_call_failed,
)
from transfers.errors import StorageError
from transfers.model import CopyOrder, Done, Outcome
from transfers.planning import whole_units


def want(app: App) -> int:
    """A replica to come, and a copy to make, for every checked group that has none."""
    with app.catalog.begin() as conn:
        found = archives.archivable(conn, app.settings.flow.batch)
        made = 0
        for endpoint in {_tape_of(app, entry) for entry in found}:
            here = [entry for entry in found if _tape_of(app, entry) == endpoint]
            place = app.endpoint_ids[endpoint]
            places = [(entry.file_id, entry.lfn) for entry in here]
            ids = files.add_replicas(conn, places, place, app.why(), ReplicaState.COPYING)
            pairs = [(place, replica) for replica in ids]
            requests.want(conn, RequestKind.COPY, pairs, app.why(), [entry.source_id for entry in here])
            made += len(ids)
    return made


def _tape_of(app: App, entry: archives.Archivable) -> str:
    return app.recipes[entry.task_id].products[entry.product].archive_to


def send(app: App) -> int:
    """Make the copies that are queued, or let a service make them."""
    moved = transferring.ask_again(app)
    with app.catalog.read() as conn:
        queue = requests.queued(conn, RequestKind.COPY, app.now, app.settings.flow.batch)
    for endpoint, items in by_endpoint(queue).items():
        service = app.storages[endpoint].transferrer
        in_order = sorted(items, key=lambda item: (run_of(item), item.id))
        for batch in whole_units(
            in_order, app.settings.endpoints[endpoint].max_files_per_request, lambda item: str(run_of(item))
        ):
            if service is not None:
                moved += transferring.ask(app, endpoint, service, batch)
            else:
                moved += _send_batch(app, endpoint, batch)
    return moved


def poll(app: App) -> int:
    """Look at the copies that a service makes."""
    return transferring.poll(app)


def _send_batch(app: App, endpoint: str, items: Sequence[OpenItem]) -> int:
    _, mine = claim(app, RequestKind.COPY, endpoint, items)
    hints = hints_of(app, endpoint, mine)
    orders = [
        CopyOrder(item.path, _source_url(app, item), item.size, item.adler32, hints.get(item.id))
        for item in mine
        if item.source is not None
    ]
    if not orders:
        return 0
    outcomes: dict[str, Outcome] = {}
    try:
        outcomes |= app.storages[endpoint].copier.copy(orders)
    except StorageError as error:
        outcomes |= whole_call_failed(error, [order.path for order in orders])
    landed, left = split(mine, lambda item: isinstance(outcomes.get(item.path), Done))
    others = failures(left, outcomes)
    with app.catalog.begin() as conn:
        ids = [item.id for item in landed]
        adopted = {item.id for item in landed if is_adopted(outcomes[item.path])}
        move(conn, ITEM, ids, "accepted", app.why())
        move(conn, ITEM, ids, "done", app.why(), dict.fromkeys(adopted, ADOPTED))
        arrived = [item.replica_id for item in landed]
        reasons = {item.replica_id: ADOPTED for item in landed if item.id in adopted}
        move(conn, REPLICA, arrived, "landed", app.why(), reasons, next_try_at=app.now)
        record_trouble(app, conn, RequestKind.COPY, others, now_event="refused_for_now", hold_event="refused")
        doubtful = [item.id for item, failure in others if failure.code in DOUBTFUL]
        doubt(app, conn, requests.sources(conn, doubtful), "its copy to tape failed")
    return len(mine)


def _source_url(app: App, item: OpenItem) -> str:
    assert item.source is not None
    endpoint, path = item.source
    return app.settings.endpoints[endpoint].prefix + path


def settle(app: App) -> int:
    """Groups whose output is on tape, or within one that is, are ARCHIVED; those whose archive copy was lost
    are so no longer."""
    with app.catalog.begin() as conn:
        lost = archives.unarchived(conn, app.settings.flow.batch)
        moved = len(move(conn, GROUP, lost, "archive_lost", app.why("its tape replica is not AVAILABLE")))
        safe = archives.archived(conn, app.settings.flow.batch)
        moved += len(move(conn, GROUP, safe, "output_on_tape", app.why()))
        inside = archives.within(conn, app.settings.flow.batch)
        return moved + len(
            move(conn, GROUP, inside, "output_within", app.why("archived in what it went into"))
        )
