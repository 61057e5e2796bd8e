"""How the recalls are: one call per request and interval, and a look at what came before anybody reads it.

Said to be online is not enough: size and adler32 are compared with the catalogue's, as the storage tells
them. A copy that differs is released, so that it goes, and recalled again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta

from catalog.db import campaigns, pins, progresses, recall_leases, recalls, replicas
from catalog.db.engine import Connection
from catalog.db.move import move
from catalog.db.recalls import OpenRequest
from catalog.db.tally import Known
from catalog.model import Recall
from catalog.states import ITEM, Locality, RequestKind
from ddm.app import App
from ddm.settings import EndpointSettings
from ddm.steps import setbacks, weather
from ddm.steps.desk import tape_endpoints, turn
from ddm.steps.setbacks import Setback, causes
from transfers.errors import ChecksumMismatch, NotOnline, SizeMismatch, StorageError, StorageTimeout, failed
from transfers.model import Done, Failed, Observation, Observed, Outcome, Unknown
from transfers.planning import batches, next_poll
from transfers.policy import Patience, patience_for
from transfers.ports import Stager

AT_ONCE = 200  # requests polled in one round
SPOILED = (ChecksumMismatch.code, SizeMismatch.code)
Asked = tuple[int, str]  # our id of a request, and the service's


def poll(app: App) -> int:
    """Ask about the requests that are due."""
    moved = 0
    for settings, stager in tape_endpoints(app):
        with turn(app, "poll", settings.name) as mine:
            moved += _poll_at(app, settings, stager) if mine else 0
    return moved


def _poll_at(app: App, settings: EndpointSettings, stager: Stager) -> int:
    with app.catalog.read() as conn:
        due = recalls.polls_due(conn, settings.name, app.now, AT_ONCE)
    moved = 0
    for request in due:
        try:
            moved += _poll_one(app, settings, stager, request)
        except StorageError as error:
            moved += _unanswered(app, settings, stager, request, error)
            if _is_ill(error):
                break  # what the endpoint was asked waits, the other questions with it
        finally:
            if app.shared:  # next time another process may ask: nothing is kept
                app.desk.requests.pop(request.id, None)
    _note_progress(app, settings)
    return moved


def _poll_one(app: App, settings: EndpointSettings, stager: Stager, request: OpenRequest) -> int:
    open_recalls = _remembered(app, request)
    outcomes: Mapping[str, Outcome] = {}
    if open_recalls:
        outcomes = stager.poll(request.token, list(open_recalls))
    online: list[Recall] = []
    troubles: list[Setback] = []
    overdue: list[Recall] = []
    limit = app.now - settings.stage_timeout
    for path, recall in open_recalls.items():
        outcome = outcomes.get(path)
        if isinstance(outcome, Done):
            online.append(recall)
        elif isinstance(outcome, Failed):
            troubles.append(Setback(recall.id, recall.attempts, recall.tries, outcome))
        elif recall.since < limit:
            overdue.append(recall)
    if overdue:
        troubles += _canceled(settings, stager, request.token, overdue)
    moved = _record_troubles(app, settings, request.id, troubles)
    moved += arrive(app, settings, (request.id, request.token), online) if online else 0
    _plan_next(app, request, before=len(open_recalls))
    return moved


def _remembered(app: App, request: OpenRequest) -> dict[str, Recall]:
    """The recalls of the request that are open; read from the catalogue when another process sent them."""
    known = None if app.shared else app.desk.requests.get(request.id)
    if known is None:
        with app.catalog.read() as conn:
            known = {recall.path: recall for recall in recalls.of_request(conn, request.id)}
        app.desk.requests[request.id] = known
    return known


def _canceled(
    settings: EndpointSettings, stager: Stager, token: str, overdue: Sequence[Recall]
) -> list[Setback]:
    """Recalls that take too long are taken back, and asked for anew; a recall for nobody harms nobody."""
    try:
        stager.cancel(token, [recall.path for recall in overdue])
    except StorageError as error:
        note = f"; canceling it failed: {error}"
    else:
        note = ""
    text = f"not online after {settings.stage_timeout}{note}"
    return [
        Setback(recall.id, recall.attempts, recall.tries, failed(StorageTimeout, text)) for recall in overdue
    ]


def _record_troubles(app: App, settings: EndpointSettings, request: int, troubles: Sequence[Setback]) -> int:
    if not troubles:
        return 0
    with app.catalog.begin() as conn:
        weather.heard(app, conn, settings.name, bad=causes(troubles))
        moved = setbacks.record(app, conn, settings.name, troubles, ("failed_for_now", "failed"))
    _forget(app, request, {trouble.id for trouble in troubles})
    return moved


def _forget(app: App, request: int, ids: set[int]) -> None:
    known = app.desk.requests.get(request, {})
    for path in [path for path, recall in known.items() if recall.id in ids]:
        del known[path]


def _plan_next(app: App, request: OpenRequest, *, before: int) -> None:
    """When to ask again; a request with nothing left is over."""
    left = len(app.desk.requests.get(request.id, ()))
    if not left:
        app.desk.requests.pop(request.id, None)
    wait = next_poll(
        app.now - request.polled_at,
        changed=before - left,
        pending=left,
        shortest=app.settings.flow.interval,
        longest=max(app.settings.recall.longest_poll, app.settings.flow.interval),
    )
    with app.catalog.begin() as conn:
        recalls.poll_again(conn, {request.id: app.now + wait if left else None}, app.now)


def _is_ill(error: StorageError) -> bool:
    """Whether it is the endpoint or the credential, and not this question."""
    return patience_for(error.code, RequestKind.STAGE) in (Patience.OUTAGE, Patience.PERSON)


def _unanswered(
    app: App, settings: EndpointSettings, stager: Stager, request: OpenRequest, error: StorageError
) -> int:
    """Nothing is known: everything stays as it is and is asked about again.

    But not for ever: a request whose answer can never be read is asked for anew when its time is over. While
    the endpoint is ill, it has twice the time.
    """
    with app.catalog.begin() as conn:
        weather.heard(app, conn, settings.name, bad={error.code: 1})
        wait = max(app.settings.flow.interval, timedelta(seconds=1))
        recalls.poll_again(conn, {request.id: app.now + wait}, request.polled_at)
    limit = app.now - settings.stage_timeout * (2 if _is_ill(error) else 1)
    overdue = [recall for recall in _remembered(app, request).values() if recall.since < limit]
    if not overdue:
        return 0
    troubles = _canceled(settings, stager, request.token, overdue)
    return _record_troubles(app, settings, request.id, troubles)


# ----------------------------------------------------------------------------- what came
def arrive(app: App, settings: EndpointSettings, asked: Asked, online: Sequence[Recall]) -> int:
    """Look at files that are said to be online; what is as it should be is pinned and handed out."""
    request, token = asked
    good: list[Recall] = []
    troubles: list[Setback] = []
    seen = _look(app, settings, [recall.path for recall in online])
    for recall in online:
        verdict = _verdict(recall, seen.get(recall.path))
        if verdict is None:
            good.append(recall)
        elif isinstance(verdict, Failed):
            troubles.append(Setback(recall.id, recall.attempts, recall.tries, verdict))
    _drop_spoiled(app, settings, token, online, troubles)
    with app.catalog.begin() as conn:
        moved = _hand_out(app, conn, settings, token, good)
        weather.heard(app, conn, settings.name, good=len(good), bad=causes(troubles))
        moved += setbacks.record(app, conn, settings.name, troubles, ("failed_for_now", "failed"))
    _forget(app, request, {recall.id for recall in good} | {trouble.id for trouble in troubles})
    return moved


def _look(app: App, settings: EndpointSettings, paths: Sequence[str]) -> dict[str, Observation]:
    """What the storage says of the files; nothing of those it was not able to answer about."""
    seen: dict[str, Observation] = {}
    for batch in batches(paths, settings.max_files_per_request):
        try:
            seen.update(app.storages[settings.name].prober.probe(batch))
        except StorageError:
            break  # asked again at the next poll
    return seen


def _verdict(recall: Recall, seen: Observation | None) -> Failed | Unknown | None:
    """None: the bytes that were wanted, readable now. Unknown: nothing can be said yet."""
    match seen:
        case None:
            return Unknown("no answer")
        case Unknown() | Failed(code="endpoint_busy" | "endpoint_unreachable" | "storage_timeout"):
            return Unknown(seen.text)
        case Failed():
            return seen
        case Observed(size=size, adler32=checksum, locality=locality):
            if not locality.readable:
                return failed(NotOnline, f"said to be online, but its locality is {locality}")
            if size != recall.size:
                return failed(SizeMismatch, f"the recalled copy has {size} bytes, {recall.size} expected")
            if checksum is not None and checksum != recall.adler32:
                text = f"the recalled copy has adler32 {checksum}, {recall.adler32:08x} expected"
                return failed(ChecksumMismatch, text)
            return None


def _drop_spoiled(
    app: App, settings: EndpointSettings, token: str, online: Sequence[Recall], troubles: Sequence[Setback]
) -> None:
    """Bad copies are to leave the buffer, or they would be found online again. At worst they stay."""
    bad = {trouble.id for trouble in troubles if trouble.failure.code in SPOILED}
    paths = [recall.path for recall in online if recall.id in bad]
    stager = app.storages[settings.name].stager
    if not paths or stager is None:
        return
    try:
        stager.release(token, paths)
    except StorageError:
        return  # then the next recall finds it online, and differing, again


def _hand_out(
    app: App, conn: Connection, settings: EndpointSettings, token: str, good: Sequence[Recall]
) -> int:
    """The files are online and right: recalls are done, pins hold them, leases are served."""
    why = app.why()
    place = app.endpoint_ids[settings.name]
    known = {recall.id: Known(recall.campaign_id, place, recall.size) for recall in good}
    done = set(move(conn, ITEM, list(known), "done", why, known=known))
    if not done:
        return 0
    mine = [recall for recall in good if recall.id in done]
    held = [recall.replica_id for recall in mine]
    counts = [Known(0, place, recall.size) for recall in mine]
    pins.pin(conn, held, token, app.now + settings.pin_lifetime, why, counts)
    recall_leases.serve(conn, held, why)
    replicas.record_seen(conn, {Locality.ONLINE_AND_NEARLINE: held})
    sums: dict[int, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for recall in mine:
        files, size = sums[recall.campaign_id]
        sums[recall.campaign_id] = files + 1, size + recall.size
    campaigns.count_recalled(conn, sums)
    return len(done)


def _note_progress(app: App, settings: EndpointSettings) -> None:
    last = app.desk.noted.get(settings.name)
    if last is not None and app.now - last < app.settings.recall.progress_every:
        return
    app.desk.noted[settings.name] = app.now
    with app.catalog.begin() as conn:
        load = recalls.load(conn, settings.name)
        before = progresses.last_at(conn, settings.name)
        if before is None or app.now - before >= app.settings.recall.progress_every:
            progresses.note(conn, settings.name, load, app.now)
