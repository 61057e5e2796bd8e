"""Hop 3: recall what is wanted, within the window of each tape endpoint.

Demand pulls: campaigns (``ddm stage request``) and waiting jobs want files; each file is recalled once. The
window is in bytes and files; what is pinned or on its way counts. Whole runs go first, so that nothing waits
half-pinned; within what is sent, files go by tape and position where these are known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from catalog.db import campaigns, jobs, pins, recall_leases, recall_wishes, recalls, requests
from catalog.db.campaigns import Campaign
from catalog.db.engine import Connection
from catalog.db.move import move
from catalog.db.recalls import Load
from catalog.db.tally import Known
from catalog.model import Recall, Wish
from catalog.states import JOB, RequestKind
from ddm.app import App
from ddm.settings import EndpointSettings
from ddm.steps import setbacks, weather
from ddm.steps.common import trouble_of, whole_call_failed
from ddm.steps.desk import tape_endpoints, turn
from ddm.steps.recalled import arrive
from ddm.steps.setbacks import Setback, causes
from transfers.errors import StorageError
from transfers.model import Done, Outcome, Pending, StageOrder
from transfers.planning import Consumer, batches, share_window
from transfers.ports import Stager
from transfers.storm import spread

FIRST_LOOK = 1000  # wishes of a campaign that are looked at, at least: a run or two
LONGEST_LOOK = 20_000
URGENT = 3  # the highest priority that services know


# ----------------------------------------------------------------------------- want
def want(app: App) -> int:
    """Give the free part of each window to those who want files."""
    moved = 0
    for settings, _ in tape_endpoints(app):
        with turn(app, "recall", settings.name) as mine:
            moved += _fill(app, settings) if mine else 0
    with app.catalog.read() as conn:
        if not campaigns.any_finished(conn, app.now):
            return moved
    with app.catalog.begin() as conn:
        return moved + campaigns.finish(conn, app.now, app.why())


def unasked(app: App, conn: Connection) -> int:
    """Campaigns that want more files and whose endpoint has room for them.

    Those that got none beside pinned files wait until these are released: that is for their consumers.
    """
    return sum(
        campaigns.waiting(conn, settings.name)
        for settings, _ in tape_endpoints(app)
        if settings.stage_files and settings.stage_budget != 0 and not recalls.load(conn, settings.name).files
    )


def _fill(app: App, settings: EndpointSettings) -> int:
    """Queue recalls until the window is full; nothing while it is fuller than its low mark."""
    with app.catalog.read() as conn:
        new_task = any((task, settings.name) not in app.desk.tasks for task in app.recipes)
        if not new_task and not campaigns.any_want(conn, settings.name):
            return 0
        load = recalls.load(conn, settings.name)
        queued_files, queued_bytes = recalls.due_amount(conn, settings.name, app.now)
    files, size = load.files + queued_files, load.size + queued_bytes
    if _above_low_mark(settings, files, size):
        return 0  # in a storm it is filled too: with bad files alone in the queue no canary would succeed
    free_bytes = None if settings.stage_budget is None else settings.stage_budget - size
    with app.catalog.begin() as conn:
        _task_campaigns(app, conn, settings.name)
        heads = campaigns.heads(conn, settings.name)
        consumers = _consumers(app, conn, heads, settings.stage_files - files)
        chosen = share_window(
            consumers,
            free_bytes=free_bytes,
            free_files=settings.stage_files - files,
            idle=files == 0,
        )
        moved = sum(recall_leases.ask(conn, head, chosen.get(head.id, ()), app.why()) for head in heads)
        for head, consumer in zip(heads, consumers, strict=True):
            all_taken = len(chosen.get(head.id, ())) == len(consumer.wishes)
            if head.task_id is None and consumer.all_seen and all_taken:
                recall_wishes.caught_up(conn, head)
        return moved


def _above_low_mark(settings: EndpointSettings, files: int, size: int) -> bool:
    low = settings.stage_low / 100
    if files > settings.stage_files * low:
        return True
    return settings.stage_budget is not None and size > settings.stage_budget * low


def _consumers(app: App, conn: Connection, heads: Sequence[Campaign], free: int) -> list[Consumer[Wish]]:
    """What each campaign wants next, as much as its share may be."""
    look = max(FIRST_LOOK, min(LONGEST_LOOK, 2 * free // max(len(heads), 1)))
    consumers = []
    for head in heads:
        wishes = recall_wishes.wishes(conn, head, app.now, look)
        consumers.append(Consumer(head.id, head.production, head.priority, wishes, len(wishes) < look))
    return consumers


def _task_campaigns(app: App, conn: Connection, endpoint: str) -> None:
    """Each task wants files for its jobs: a campaign that is always open."""
    for task, recipe in app.recipes.items():
        name = f"task {recipe.task.name}"
        if (task, endpoint) not in app.desk.tasks:
            new = campaigns.NewCampaign(
                name, endpoint, recipe.task.production, recipe.task.priority, app.catalog.actor
            )
            campaigns.of_task(conn, task, new, app.why("jobs want files"))
            app.desk.tasks.add((task, endpoint))


# ----------------------------------------------------------------------------- send
def send(app: App) -> int:
    """Ask for the queued recalls that fit into the windows."""
    moved = 0
    for settings, stager in tape_endpoints(app):
        with turn(app, "recall", settings.name) as mine:
            moved += _send_at(app, settings, stager) if mine else 0
    return moved


def _send_at(app: App, settings: EndpointSettings, stager: Stager) -> int:
    with app.catalog.read() as conn:
        if not recalls.any_to_send(conn, settings.name, app.now):
            return 0
    with app.catalog.begin() as conn:
        recalls.unheard(conn, settings.name, app.why("found unfinished after a restart"))
        load = recalls.load(conn, settings.name)
        storm = weather.limit(app, conn, settings.name)
        queue = recalls.due(conn, settings.name, app.now, max(settings.stage_files - load.files, 0))
    chosen = _within(settings, queue, load)
    if storm is not None:
        chosen = spread(chosen, storm, app.random.randrange(1 << 30))
    chosen.sort(key=lambda recall: (not recall.tape, recall.tape, recall.position))
    return sum(
        _send_batch(app, settings, stager, batch) for batch in batches(chosen, settings.max_files_per_request)
    )


def _within(settings: EndpointSettings, queue: Sequence[Recall], load: Load) -> list[Recall]:
    """The head of the queue that fits; what was tried before comes first, as it is due longest."""
    if settings.stage_budget is None:
        return list(queue)
    free = settings.stage_budget - load.size
    chosen: list[Recall] = []
    for recall in queue:
        free -= recall.size
        if free < 0 and (chosen or load.files):
            break
        chosen.append(recall)
    return chosen


def _send_batch(app: App, settings: EndpointSettings, stager: Stager, asked: Sequence[Recall]) -> int:
    with app.catalog.begin() as conn:
        why = app.why()
        request, _, ids = requests.claim(
            conn, RequestKind.STAGE, settings.name, [recall.id for recall in asked], why
        )
        mine = set(ids)
        claimed = [recall for recall in asked if recall.id in mine]
        pins.forget_leaving(conn, [recall.replica_id for recall in claimed], why)
        named = campaigns.by_id(conn, {recall.campaign_id for recall in claimed})
        weather.sent(app, conn, settings.name, len(claimed))
    if not claimed:
        return 0
    token, outcomes, whole = "", dict[str, Outcome](), False
    orders = [_order(settings, recall, named.get(recall.campaign_id)) for recall in claimed]
    try:
        receipt = stager.stage(orders)
        token, outcomes = receipt.token, dict(receipt.outcomes)
    except StorageError as error:
        outcomes, whole = dict(whole_call_failed(error, [recall.path for recall in claimed])), True
    _record_sent(app, settings, (request, token), claimed, outcomes, whole)
    return len(claimed)


def _order(settings: EndpointSettings, recall: Recall, campaign: Campaign | None) -> StageOrder:
    if campaign is None:
        return StageOrder(recall.path, recall.size, settings.pin_lifetime)
    priority = max(0, min(URGENT, campaign.priority - 2))
    return StageOrder(recall.path, recall.size, settings.pin_lifetime, campaign.production, priority)


def _record_sent(
    app: App,
    settings: EndpointSettings,
    request: tuple[int, str],
    claimed: Sequence[Recall],
    outcomes: Mapping[str, Outcome],
    whole: bool,
) -> None:
    """What was taken on is polled later; what is online already is looked at now."""
    key, token = request
    now = app.now
    with app.catalog.begin() as conn:
        ours = recalls.being_asked(conn, key)  # without the lock others may have taken them over
        taken = [
            recall._replace(attempts=recall.attempts + 1, tries=recall.tries + 1, since=now)
            for recall in claimed
            if recall.id in ours and isinstance(outcomes.get(recall.path), Done | Pending)
        ]
        troubles = [
            Setback(recall.id, recall.attempts + 1, recall.tries + 1, trouble_of(outcomes.get(recall.path)))
            for recall in claimed
            if recall.id in ours and not isinstance(outcomes.get(recall.path), Done | Pending)
        ]
        poll_at = now + app.settings.flow.interval
        place = app.endpoint_ids[settings.name]
        known = {recall.id: Known(recall.campaign_id, place, recall.size) for recall in taken}
        recalls.accepted(conn, key, token, list(known), poll_at, app.why(), known)
        weather.heard(app, conn, settings.name, accepted=len(taken), bad=causes(troubles))
        setbacks.record(app, conn, settings.name, troubles, ("refused_for_now", "refused"), whole_call=whole)
    if not app.shared:  # else another process may be the one that asks how they are
        app.desk.requests[key] = {recall.path: recall for recall in taken}
    online = [recall for recall in taken if isinstance(outcomes[recall.path], Done)]
    if online:
        arrive(app, settings, (key, token), online)


# ----------------------------------------------------------------------------- wake
def wake_jobs(app: App, *, thorough: bool = False) -> int:
    """Jobs whose inputs can all be read become READY; READY ones whose inputs went away wait again."""
    with app.catalog.begin() as conn:
        gone = jobs.lapsed(conn, app.settings.flow.batch)
        moved = len(move(conn, JOB, gone, "inputs_lapsed", app.why("an input can no longer be read")))
        ready = jobs.readable(conn, app.now, app.settings.flow.batch, thorough=thorough)
        return moved + len(move(conn, JOB, ready, "inputs_readable", app.why()))
