"""Copies that a service makes, such as FTS: asked for by ``ddm.steps.archive``, and looked at until they end.

A request is committed with its label before the service is asked. Whether the service has it is then a
question to be asked again, under the same label, until it is answered: by the next round, by the process that
comes after a crash, or by two at the same time. So no file is ever asked for twice. Which service was asked
is written down too: when the settings name another one, or none, what the first one has is held.

That the service is done proves nothing: the replica has *landed*, and ``ddm.steps.verify`` compares it, and
waits until the storage itself says that it is on tape.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import quote

from catalog.db import copies, requests
from catalog.db.copies import CopyRequest
from catalog.db.engine import Connection
from catalog.db.move import move
from catalog.model import OpenItem
from catalog.states import ITEM, REPLICA, EndpointKind, ItemState, RequestKind
from ddm.app import App
from ddm.steps.common import (
    ADOPTED,
    DOUBTFUL,
    claim,
    counted,
    doubt,
    hints_of,
    record_trouble,
    retry_at,
    run_of,
    trouble_of,
)
from transfers.archivehints import ArchiveHints
from transfers.errors import (
    NotArchived,
    StorageError,
    UnreadableReply,
    Unsupported,
    WriterUnknown,
    failed,
)
from transfers.model import Done, Failed, Outcome, Pending, TransferOrder, TransferReceipt, Unknown
from transfers.ports import Transferrer

LOG = logging.getLogger("ddm")
PATIENCE = 8  # a request that is so many intervals old is looked at every other interval, and so on


def services(app: App) -> Iterator[tuple[str, Transferrer]]:
    """The endpoints to which a service copies."""
    for endpoint, storage in app.storages.items():
        if storage.transferrer is not None:
            yield endpoint, storage.transferrer


def name_of(app: App, endpoint: str) -> str:
    """How the service of an endpoint is written down with what it was asked: its kind, and where it is."""
    known = app.settings.endpoints[endpoint]
    kind, where = known.transfer or "its service", known.transfer_options.get("endpoint", "")
    return f"{kind} {where.rstrip('/')}".strip()


# -------------------------------------------------------------------------------- asking
def ask(app: App, endpoint: str, service: Transferrer, items: Sequence[OpenItem]) -> int:
    """Ask for a batch of queued copies, as one request."""
    number, mine = claim(app, RequestKind.COPY, endpoint, items, service=name_of(app, endpoint))
    if not mine:
        return 0
    with app.catalog.read() as conn:
        request = copies.one(conn, number)
    return _submit(app, service, request, [counted(item) for item in mine])


def ask_again(app: App) -> int:
    """Ask again, under their labels, for what the service may or may not have."""
    moved = 0
    for endpoint, service in services(app):
        with app.catalog.read() as conn:
            name, batch = name_of(app, endpoint), app.settings.flow.batch
            found = copies.unsettled(conn, endpoint, app.now, batch, service=name)
            asked = [(one, copies.of_request(conn, one.id, ItemState.SUBMITTING)) for one in found]
        moved += sum(_submit(app, service, request, items) for request, items in asked if items)
    return moved


def _submit(app: App, service: Transferrer, request: CopyRequest, items: Sequence[OpenItem]) -> int:
    hints = hints_of(app, items[0].endpoint, items)
    orders = [_order(app, item, hints.get(item.id)) for item in items if item.source is not None]
    problem = UnreadableReply.code
    try:
        receipt = service.submit(orders, label=request.label) if orders else TransferReceipt("", {})
    except StorageError as error:
        LOG.warning("request '%s' of copies: %s", request.label, error)
        problem = error.code
        unheard: dict[str, Outcome] = {order.path: Unknown(str(error)) for order in orders}
        receipt = TransferReceipt("", unheard)
    app.desk.copies.pop(request.id, None)  # there may be more of them now
    with app.catalog.begin() as conn:
        taken = _record_receipt(app, conn, request, items, receipt, problem)
    stray = [item.path for item in items if receipt.outcomes.get(item.path) == Pending()]
    stray = [path for path in stray if path not in taken]
    if stray:  # another process took them over, and may ask for them under another label
        try:
            service.cancel(receipt.token, stray)
        except StorageError as error:  # then it is made, and whoever asks anew finds it there
            LOG.warning(
                "%d copies of request '%s' cannot be taken back: %s", len(stray), request.label, error
            )
    return len(items)


def _order(app: App, item: OpenItem, hints: ArchiveHints | None) -> TransferOrder:
    assert item.source is not None
    name, path = item.source
    there, here = app.settings.endpoints[name], app.settings.endpoints[item.endpoint]
    archived = here.kind is EndpointKind.TAPE and here.archive_timeout > timedelta(0)
    return TransferOrder(
        item.path,
        (_url(there.transfer_prefix or there.prefix, path),),
        item.size,
        item.adler32,
        archive_timeout=here.archive_timeout if archived else None,
        bring_online=there.stage_timeout if there.kind is EndpointKind.TAPE else None,
        pin_lifetime=there.pin_lifetime,
        hints=hints,
        unit=str(run_of(item)),
    )


def _url(prefix: str, path: str) -> str:
    """A path of another endpoint as a URL: percent-encoded where URLs are."""
    return prefix.rstrip("/") + quote(path) if prefix.startswith(("http", "dav")) else prefix + path


def _record_receipt(
    app: App,
    conn: Connection,
    request: CopyRequest,
    items: Sequence[OpenItem],
    receipt: TransferReceipt,
    problem: str,
) -> set[str]:
    """Write down what the service said of each; the paths that it has, and that are still ours.

    ``problem``: the code under which an item is kept of which nobody knows whether it was heard.
    """
    taken: list[OpenItem] = []
    troubles: list[tuple[OpenItem, Failed]] = []
    unheard: dict[int, list[tuple[OpenItem, str]]] = defaultdict(list)
    for item in items:
        outcome = receipt.outcomes.get(item.path)
        if item.source is None:
            outcome = failed(Unsupported, f"{item.path}: nobody said where to copy it from")
        match outcome:
            case Pending() | Done():
                taken.append(item)
            case Failed():
                troubles.append((item, outcome))
            case _:
                text = outcome.text if isinstance(outcome, Unknown) else "no answer"
                unheard[item.tries].append((item, text))
    ids = [item.id for item in taken]
    moved = set(copies.accepted(conn, request.id, receipt.token, ids, app.now, app.why()))
    if left := [key for key in ids if key not in moved]:
        moved |= copies.held_by(conn, request.id, left)
    record_trouble(app, conn, RequestKind.COPY, troubles, now_event="refused_for_now", hold_event="refused")
    for tries, pairs in unheard.items():
        trouble = (problem, f"not known whether the service has heard it: {pairs[0][1]}")
        copies.ask_again(conn, [item.id for item, _ in pairs], retry_at(app, tries), trouble)
    return {item.path for item in taken if item.id in moved}


# ------------------------------------------------------------------------------- looking
@dataclass(slots=True)
class _News:
    """What came of the items of some requests."""

    done: list[OpenItem] = field(default_factory=list)
    adopted: set[int] = field(default_factory=set)
    landed: list[OpenItem] = field(default_factory=list)
    not_archived: list[tuple[OpenItem, Failed]] = field(default_factory=list)
    troubles: list[tuple[OpenItem, Failed]] = field(default_factory=list)
    plans: dict[int, datetime | None] = field(default_factory=dict)


def poll(app: App) -> int:
    """How far the copies are that a service has. Returns how many ended or landed."""
    by_service = dict(services(app))
    moved = sum(_poll_at(app, endpoint, service) for endpoint, service in by_service.items())
    return moved + sum(_hold_others(app, name, name in by_service) for name in app.storages)


def _hold_others(app: App, endpoint: str, has_service: bool) -> int:
    """Copies that another service was asked for than the endpoint names now: that one may go on with them,
    and nobody follows it. Two writers for one destination must not be, so a person looks first."""
    name = name_of(app, endpoint) if has_service else None
    with app.catalog.read() as conn:
        found = copies.of_others(conn, endpoint, app.now, app.settings.flow.batch, service=name)
    if not found:
        return 0
    moved = 0
    with app.catalog.begin() as conn:
        for request, other in found:
            text = (
                f"{other or 'a service'} was asked for it (request '{request.label}', its id: "
                f"{request.token or 'not heard'}), and {endpoint} names {name or 'no service'} now: it may "
                "still be writing"
            )
            why = app.why(f"{WriterUnknown.code}: {text}")
            for state, event in ((ItemState.SUBMITTED, "failed"), (ItemState.SUBMITTING, "refused")):
                ids = [item.id for item in copies.of_request(conn, request.id, state)]
                moved += len(move(conn, ITEM, ids, event, why, code=WriterUnknown.code, reason=text))
        copies.poll_again(conn, {request.id: None for request, _ in found}, app.now)
    return moved


def _poll_at(app: App, endpoint: str, service: Transferrer) -> int:
    with app.catalog.read() as conn:
        name, batch = name_of(app, endpoint), app.settings.flow.batch
        due = copies.polls_due(conn, endpoint, app.now, batch, service=name)
        asked = {request: _remembered(app, conn, request) for request in due}
    wanted = {request.token: list(items) for request, items in asked.items() if items}
    try:
        told = service.poll(wanted) if wanted else {}
    except StorageError as error:
        LOG.warning("copies to %s cannot be looked at: %s", endpoint, error)
        told = {}
    if not due:
        return 0
    news = _News()
    for request, items in asked.items():
        _sort(news, app, items, told.get(request.token, {}))
        left = len(items) - len(_ended(news) & {item.id for item in items.values()})
        news.plans[request.id] = _next_look(app, request) if left else None
    with app.catalog.begin() as conn:
        moved = _record(app, conn, news)
        copies.poll_again(conn, news.plans, app.now)
    _forget(app, news)
    return moved


def _remembered(app: App, conn: Connection, request: CopyRequest) -> dict[str, OpenItem]:
    """The items of a request by path: read once, and again when more of them were heard."""
    known = app.desk.copies.get(request.id)
    if known is None:
        items = copies.of_request(conn, request.id, ItemState.SUBMITTED)
        known = app.desk.copies[request.id] = {item.path: item for item in items}
    return known


def _sort(news: _News, app: App, items: Mapping[str, OpenItem], told: Mapping[str, Outcome]) -> None:
    for path, item in items.items():
        match told.get(path):
            case Done() as outcome:
                news.done.append(item)
                if outcome.adopted:
                    news.adopted.add(item.id)
            case Pending(landed=True) if item.id not in app.desk.landed:
                news.landed.append(item)
            case Failed(code=NotArchived.code) as failure:
                news.not_archived.append((item, failure))
            case Failed() as failure:
                news.troubles.append((item, failure))
            case _:
                pass  # pending, or not known: looked at again


def _ended(news: _News) -> set[int]:
    ends = [*news.done, *(item for item, _ in news.not_archived), *(item for item, _ in news.troubles)]
    return {item.id for item in ends}


def _next_look(app: App, request: CopyRequest) -> datetime:
    """The older a request, the longer the wait."""
    interval = app.settings.flow.interval
    wait = max(interval, (app.now - request.asked_at) / PATIENCE)
    return app.now + min(wait, max(app.settings.recall.longest_poll, interval))


def _record(app: App, conn: Connection, news: _News) -> int:
    there = copies.landed(conn, [item.replica_id for item, _ in news.troubles])
    # Its bytes were there: whether they are good and on tape is seen by looking, not by copying again.
    whole = news.not_archived + [pair for pair in news.troubles if pair[0].replica_id in there]
    bad = [pair for pair in news.troubles if pair[0].replica_id not in there]
    told = dict.fromkeys(news.adopted, ADOPTED)
    moved = len(move(conn, ITEM, [item.id for item in news.done], "done", app.why(), told))
    for item, failure in whole:
        why = app.why(f"{failure.code}: {failure.text}")
        moved += len(move(conn, ITEM, [item.id], "done", why, code=failure.code, reason=failure.text))
    arrived = [item.replica_id for item in [*news.done, *news.landed, *(item for item, _ in whole)]]
    reasons = {item.replica_id: ADOPTED for item in news.done if item.id in news.adopted}
    moved += len(move(conn, REPLICA, arrived, "landed", app.why(), reasons, next_try_at=app.now))
    troubles = [(item, trouble_of(failure)) for item, failure in bad]
    moved += record_trouble(
        app, conn, RequestKind.COPY, troubles, now_event="failed_for_now", hold_event="failed"
    )
    doubtful = [item.id for item, failure in bad if failure.code in DOUBTFUL]
    doubt(app, conn, requests.sources(conn, doubtful), "its copy by a service failed")
    return moved


def _forget(app: App, news: _News) -> None:
    ended = _ended(news)
    for request, when in news.plans.items():
        items = app.desk.copies[request]
        for path in [path for path, item in items.items() if item.id in ended]:
            del items[path]
        if when is None:
            del app.desk.copies[request]
    app.desk.landed |= {item.id for item in news.landed}
    app.desk.landed -= ended
