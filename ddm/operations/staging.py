"""Recall campaigns, for people and for other services: ask, look, release, renew, give up.

    from ddm import load, open_catalog, staging

    settings = load()
    catalog = open_catalog(settings)
    terms = staging.Terms(name="filtering-2016", reason="DDD filtering of W14")
    staging.request(catalog, settings, staging.Wanted(query="dataset=2016/W14"), terms, confirmed=True)
    for page in staging.ready(catalog, "filtering-2016"):
        ...                                   # read the files
        staging.release_page(catalog, page)

Every call may be repeated: a campaign that was being written down when the program stopped is filled up, a
release that was made is not made twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from catalog.db import campaigns, files, people, pins, recall_leases, recall_look, wanted
from catalog.db.campaigns import Campaign, NewCampaign
from catalog.db.engine import Catalog, Connection
from catalog.db.move import Why, move
from catalog.db.recall_leases import Missing, Served
from catalog.db.wanted import LeftOut, Planned, Selection, few
from catalog.errors import BadInput, IllegalTransition, NotRegistered
from catalog.model import RunOnTape
from catalog.query import parse
from catalog.querytree import Query
from catalog.states import CAMPAIGN, LEASE, CampaignState, EndpointKind
from ddm.operations.common import because, why
from ddm.settings import EndpointSettings, Settings
from transfers.lanes import in_lanes
from transfers.pricing import Library, Price, TapeLoad, Work, price

LOWEST, HIGHEST = 1, 5
LONGEST_NAME = 100
PAGE = 10_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which files: by LFN, by query (``run=275600 and dataset=2016/W14``), or those of both."""

    files: tuple[str, ...] = ()
    query: str = ""


@dataclass(frozen=True, slots=True)
class Terms:
    """On which terms. ``lifetime``: how long the files are to stay; None: until they are released.

    ``production`` (the name, if empty) shares the window fairly with other productions; ``priority`` 1 to 5,
    higher goes first. ``tail_percent`` and ``tail_after``: when so much is served, or so much time is over,
    who waits may go on without the rest.
    """

    name: str
    reason: str = ""
    production: str = ""
    priority: int = 3
    lifetime: timedelta | None = None
    tail_percent: float | None = None
    tail_after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class PlanPart:
    """What a request comes to at one endpoint. ``price`` is what it will cost if nothing goes wrong."""

    endpoint: str
    files: int
    size: int
    runs: int
    tapes: int
    online: int
    price: Price


@dataclass(frozen=True, slots=True)
class RequestPlan:
    """What a request comes to, and what became of it. ``asked``: the campaign is written down.

    ``confirm``: it is so large that it must be confirmed.
    """

    name: str
    files: int
    size: int
    parts: tuple[PlanPart, ...]
    left_out: LeftOut
    confirm: bool
    asked: bool = False


# ------------------------------------------------------------------------------------- asking
def plan(catalog: Catalog, settings: Settings, want: Wanted, terms: Terms) -> RequestPlan:
    """What the request would come to; nothing is asked for. Raises BadInput, NotRegistered."""
    query = _checked(want, terms)
    with catalog.begin("plan") as conn:
        found, _ = _planned(conn, catalog, settings, want, query, terms)
        conn.rollback()
        return found


def request(
    catalog: Catalog,
    settings: Settings,
    want: Wanted,
    terms: Terms,
    *,
    confirmed: bool = False,
    planned: Callable[[RequestPlan], None] = lambda plan: None,
    report: Callable[[int], None] = lambda done: None,
) -> RequestPlan:
    """Ask for the files. A large request that is not confirmed is planned only (``asked`` is False).

    Interrupt and repeat freely until it has returned. ``planned`` is given the plan before anything is
    written down, then ``report`` how many files are.
    Raises BadInput, NotRegistered, ConflictingRegistration (the name is taken).
    """
    query = _checked(want, terms)
    with catalog.begin("plan") as conn:
        found, runs = _planned(conn, catalog, settings, want, query, terms)
    if not found.files or (found.confirm and not confirmed):
        return found
    planned(found)
    done = 0
    for part, campaign in _begun(catalog, found, terms):
        for n in _fill(catalog, settings, (want, query), campaign, runs[part.endpoint]):
            done += n
            report(done)
    with catalog.begin("filled") as conn:
        filling = [
            part.id for part in campaigns.all_named(conn, terms.name) if part.state == CampaignState.FILLING
        ]
        move(conn, CAMPAIGN, filling, "filled", why(catalog, terms.reason))
    return replace(found, asked=True)


def _checked(want: Wanted, terms: Terms) -> Query | None:
    if terms.name.startswith("task "):
        raise BadInput("names that begin with 'task ' are those of the tasks", subject="name")
    if not terms.name or terms.name != terms.name.strip() or not terms.name.isprintable():
        raise BadInput(
            "a campaign needs a name without control characters, or blanks at its ends", subject="name"
        )
    if len(terms.name) > LONGEST_NAME:
        raise BadInput(f"the name of a campaign has {LONGEST_NAME} characters at most", subject="name")
    if not LOWEST <= terms.priority <= HIGHEST:
        raise BadInput(f"a priority is from {LOWEST} to {HIGHEST}", subject="priority")
    if terms.tail_percent is not None and not 0 < terms.tail_percent < 100:
        raise BadInput("a tail percentage is above 0 and below 100", subject="tail-percent")
    if not want.files and not want.query:
        raise BadInput("name files, runs, a dataset or a query", subject="request")
    return parse(want.query) if want.query else None


def _selection(conn: Connection, now: datetime, want: Wanted, query: Query | None) -> Selection:
    if not want.files:
        return Selection(conn, now, query, None)
    ids: list[int] = []
    for start in range(0, len(want.files), PAGE):
        part = want.files[start : start + PAGE]
        known = files.ids_by_lfn(conn, part)
        if unknown := next((lfn for lfn in part if lfn not in known), None):
            raise NotRegistered("no such file in the catalogue; nothing was asked for", subject=unknown)
        ids += known.values()
    return Selection(conn, now, query, ids)


def _tapes(settings: Settings) -> list[EndpointSettings]:
    return [entry for entry in settings.endpoints.values() if entry.kind is EndpointKind.TAPE]


def _planned(
    conn: Connection, catalog: Catalog, settings: Settings, want: Wanted, query: Query | None, terms: Terms
) -> tuple[RequestPlan, dict[str, list[RunOnTape]]]:
    """What it comes to, and by endpoint the runs in the order of recall."""
    chosen = _selection(conn, catalog.clock.now(), want, query)
    chosen.learn_places(conn)
    parts, before, runs = [], list[str](), dict[str, list[RunOnTape]]()
    for endpoint in _tapes(settings):
        part = chosen.plan(conn, endpoint.name, before)
        before.append(endpoint.name)
        if part.files:
            parts.append(_priced(part, endpoint))
            runs[endpoint.name] = in_lanes(part.runs, endpoint.tape_drives)
    total, size = sum(part.files for part in parts), sum(part.size for part in parts)
    limits = settings.recall
    confirm = total > limits.confirm_files or size > limits.confirm_size
    left_out = chosen.left_out(conn, before)
    return RequestPlan(terms.name, total, size, tuple(parts), left_out, confirm), runs


def _priced(part: wanted.Plan, endpoint: EndpointSettings) -> PlanPart:
    known = [share for share in part.tapes if share.tape]
    told = len(known) == len(part.tapes)
    work = Work(
        part.files, part.size, len(part.runs), [TapeLoad(t.files, t.size) for t in known] if told else None
    )
    library = Library(
        drives=endpoint.tape_drives,
        rate=float(endpoint.tape_rate),
        mount=endpoint.tape_mount.total_seconds(),
        seek=endpoint.tape_seek.total_seconds(),
    )
    cost = price(work, library, window=endpoint.stage_budget)
    return PlanPart(part.endpoint, part.files, part.size, len(part.runs), len(known), part.online, cost)


def _begun(catalog: Catalog, found: RequestPlan, terms: Terms) -> list[tuple[PlanPart, Campaign]]:
    """The campaigns of all endpoints, in one transaction: all of them or none."""
    now = catalog.clock.now()
    begun = []
    with catalog.begin("campaign") as conn:
        for part in found.parts:
            new = NewCampaign(
                name=terms.name,
                endpoint=part.endpoint,
                production=terms.production or terms.name,
                priority=terms.priority,
                owner=catalog.actor,
                reason=terms.reason,
                until=None if terms.lifetime is None else now + terms.lifetime,
                tail_percent=terms.tail_percent,
                tail_at=None if terms.tail_after is None else now + terms.tail_after,
            )
            begun.append((part, campaigns.begin(conn, new, why(catalog, terms.reason))))
    return begun


def _fill(
    catalog: Catalog,
    settings: Settings,
    wish: tuple[Wanted, Query | None],
    campaign: Campaign,
    runs: Sequence[RunOnTape],
) -> Iterator[int]:
    """Write the leases down, page by page, in the order of recall."""
    with catalog.read() as conn:
        chosen = _selection(conn, catalog.clock.now(), *wish)
    before = [entry.name for entry in _tapes(settings)]
    before = before[: before.index(campaign.endpoint)]
    for page in _in_order(catalog, chosen, campaign.endpoint, before, runs):
        with catalog.begin("leases") as conn:
            replicas = [entry.replica_id for entry in page]
            sizes = {entry.replica_id: entry.size for entry in page}
            recall_leases.add(conn, campaign, replicas, sizes, why(catalog))
        yield len(page)


def _in_order(
    catalog: Catalog, chosen: Selection, endpoint: str, before: Sequence[str], runs: Sequence[RunOnTape]
) -> Iterator[list[Planned]]:
    """The files of the runs, page by page. Nothing is being read meanwhile, but for a very long run."""
    for some in few(runs):
        with catalog.read() as conn, closing(chosen.in_order(conn, endpoint, before, some)) as pages:
            if len(some) == 1:
                yield from pages
                continue
            found = list(pages)
        yield from found


# ------------------------------------------------------------------------------------- using
def ready(catalog: Catalog, name: str, *, page: int = PAGE) -> Iterator[list[Served]]:
    """The files that are online for the campaign now, page by page. Raises NotRegistered."""
    with catalog.read() as conn:
        parts = campaigns.all_named(conn, name)
    for part in parts:
        after = 0
        while True:
            with catalog.read() as conn:
                found = recall_leases.served(conn, part.id, after=after, limit=page)
            if not found:
                break
            yield found
            if len(found) < page:
                break
            after = found[-1].lease_id


def release(catalog: Catalog, name: str, lfns: Sequence[str] | None = None, *, reason: str = "") -> int:
    """The campaign needs these files no more (None: any file). Returns how many leases ended.

    A file that nobody else needs leaves the buffer; one that is not recalled yet will not be. Repeat freely.
    Raises NotRegistered for a campaign or file that is not known; then nothing was released.
    """
    with catalog.read() as conn:
        parts = campaigns.all_named(conn, name)
        no_task(parts, "its files are released when its jobs are over")
        ids = None if lfns is None else _known_files(conn, lfns)
    return sum(_release_page(catalog, page, reason) for part in parts for page in _pages(catalog, part, ids))


def release_page(catalog: Catalog, page: Sequence[Served], *, reason: str = "") -> int:
    """These files, as ``ready`` gave them, are needed no more. Returns how many leases ended."""
    return _release_page(catalog, [file.lease_id for file in page], reason)


def _known_files(conn: Connection, lfns: Sequence[str]) -> list[int]:
    ids: list[int] = []
    for start in range(0, len(lfns), PAGE):
        part = lfns[start : start + PAGE]
        known = files.ids_by_lfn(conn, part)
        if unknown := next((lfn for lfn in part if lfn not in known), None):
            raise NotRegistered("no such file in the catalogue; nothing was released", subject=unknown)
        ids += known.values()
    return ids


def _pages(catalog: Catalog, part: Campaign, ids: Sequence[int] | None) -> Iterator[list[int]]:
    if ids is not None:
        for start in range(0, len(ids), PAGE):
            with catalog.read() as conn:
                leases = recall_leases.leases_of_files(conn, part.id, ids[start : start + PAGE])
            yield leases
        return
    after = 0
    while True:
        with catalog.read() as conn:
            page = recall_leases.live_leases(conn, part.id, after=after, limit=PAGE)
        if not page:
            return
        yield page
        after = page[-1]


def _release_page(catalog: Catalog, leases: Sequence[int], reason: str) -> int:
    with catalog.begin("release") as conn:
        ended = recall_leases.release(conn, leases, why(catalog, reason))
        pins.leave(conn, ended, why(catalog, reason))
        _drop(conn, leases, why(catalog, reason or "released"))
        return len(ended)


def _drop(conn: Connection, leases: Sequence[int], because: Why) -> None:
    """Recalls that wait, or are held, for these leases alone are not needed any more."""
    people.drop_recalls(conn, recall_look.files_of_leases(conn, leases), because)


def renew(catalog: Catalog, name: str, lifetime: timedelta | None, *, reason: str = "") -> int:
    """Live leases of the campaign last from now so long (None: until released). Returns how many."""
    until = None if lifetime is None else catalog.clock.now() + lifetime
    with catalog.begin("renew") as conn:
        parts = campaigns.all_named(conn, name)
        no_task(parts, "its files stay until its jobs are over")
        _not_canceled(parts)
        campaigns.noted(conn, [part.id for part in parts], "renewed", why(catalog, reason))
        return sum(recall_leases.renew(conn, part.id, until) for part in parts)


def cancel(catalog: Catalog, name: str, reason: str) -> int:
    """Withdraw the campaign: nothing more is recalled for it, its leases end. Returns how many ended."""
    with catalog.begin("cancel") as conn:
        parts = campaigns.all_named(conn, name)
        no_task(parts, "cancel its jobs instead")
        move(conn, CAMPAIGN, [part.id for part in parts], "canceled", because(catalog, reason))
    return release(catalog, name, reason=reason)


def no_task(parts: Sequence[Campaign], instead: str) -> None:
    """Raises BadInput for the campaign of a task: its readers are jobs, it has no leases."""
    if any(part.task_id is not None for part in parts):
        raise BadInput(f"this is the campaign of a task: {instead}", subject=parts[0].name)


def _not_canceled(parts: Sequence[Campaign]) -> None:
    if all(part.state == CampaignState.CANCELED for part in parts):
        raise IllegalTransition(
            "the campaign was canceled: its leases are over",
            subject=parts[0].name,
            advice="ask anew, under another name",
        )


def _filled(parts: Sequence[Campaign]) -> None:
    if any(part.state == CampaignState.FILLING for part in parts):
        raise IllegalTransition(
            "its files are not all written down: repeat the request, or cancel the campaign",
            subject=parts[0].name,
        )


# ------------------------------------------------------------------------------------- the tail
def missing(catalog: Catalog, name: str, *, limit: int = 1000) -> list[Missing]:
    """Files the campaign still waits for, with what their recall is doing. Raises NotRegistered."""
    with catalog.read() as conn:
        found: list[Missing] = []
        for part in campaigns.all_named(conn, name):
            found += recall_leases.missing(conn, part.id, limit=limit - len(found))
        return found


def accept_missing(catalog: Catalog, name: str, reason: str, *, act: bool) -> list[Missing]:
    """Go on without the files that are missing: their leases are registered as missed, with the reason and
    who approved, and the campaign is DONE. Returns the first thousand of them; all are meant.

    Raises NotRegistered, IllegalTransition (not all of it is written down, or it was canceled), or
    BadInput (of a task).
    """
    found = missing(catalog, name)
    with catalog.read() as conn:
        no_task(campaigns.all_named(conn, name), "register its gaps with 'ddm gap add' instead")
        _filled(campaigns.all_named(conn, name))
        _not_canceled(campaigns.all_named(conn, name))
    if not act:
        return found
    approved = because(catalog, reason)
    with catalog.begin("accept missing") as conn:
        parts = campaigns.all_named(conn, name)
        for part in parts:
            after = 0
            while page := recall_leases.missing(conn, part.id, after=after, limit=PAGE):
                after = page[-1].lease_id
                leases = [entry.lease_id for entry in page]
                move(conn, LEASE, leases, "missed", approved)
                _drop(conn, leases, approved)
        move(conn, CAMPAIGN, [part.id for part in parts], "missing_accepted", approved)
    return found
