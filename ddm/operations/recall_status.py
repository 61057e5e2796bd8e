"""How the recalls are: per endpoint and campaign, how far, how fast, until when, and what holds them up.

The sums come from those kept with every write, the time to finish from the progress that was noted, so that
the question costs the same for a thousand files as for a million.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from catalog.db import campaigns, look, progresses, recall_look, storms
from catalog.db.campaigns import Campaign, Standing
from catalog.db.engine import Catalog, Connection
from catalog.db.facts import Past
from catalog.db.look import TroubleLine
from catalog.db.progresses import Noted
from catalog.db.recall_look import RunStanding, UnderWay
from catalog.model import Amount
from catalog.states import (
    CAMPAIGN,
    ITEM,
    LEASE,
    PIN,
    EndpointKind,
    ItemState,
    LeaseState,
    PinState,
    RequestKind,
)
from ddm.settings import EndpointSettings, Settings
from ddm.steps.weather import rows_of
from ddm.units import human_size
from transfers import storm
from transfers.forecast import Forecast, Sample, forecast
from transfers.pricing import Bottleneck, Load, bottleneck
from transfers.storm import StormState, Trouble

RECENT = timedelta(hours=1)
"""The throughput of now is that of so much time."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Files whose recall failed by one cause: ``held`` of them wait for a person, the others are retried."""

    cause: str
    files: int
    held: int


@dataclass(frozen=True, slots=True)
class Storm:
    """So many failures by one cause at an endpoint that only a few files are tried: ``sentence`` says it."""

    endpoint: str
    cause: str
    state: str
    since: datetime
    files: int
    held: int
    next_at: datetime
    sentence: str


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The recalls at a tape endpoint.

    ``requested``: files that consumers have a lease on or jobs want, waited for (``wanted``) or online;
    a file of two consumers counts twice. ``queued`` are chosen and not asked for, ``later`` of them after a
    failure; ``in_flight`` were asked for. ``pinned`` and ``in_flight`` fill the window: ``budget`` bytes
    (None: no limit) and ``window_files``. Throughput in files and bytes per second over the last hour.
    """

    endpoint: str
    requested: Amount
    wanted: Amount
    queued: Amount
    later: int
    in_flight: Amount
    held: Amount
    pinned: Amount
    failed: tuple[Failure, ...]
    budget: int | None
    window_files: int | None
    oldest: datetime | None  # since when the oldest open recall is in its state
    files_per_s: float
    bytes_per_s: float
    finish: Forecast
    bottleneck: Bottleneck
    sentence: str
    storms: tuple[Storm, ...]


@dataclass(frozen=True, slots=True)
class CampaignLine:
    """A campaign at one endpoint.

    ``requested`` = ``wanted`` (not served: ``waiting`` for its turn, ``queued``, ``in_flight``, ``held``) +
    ``online`` + ``released`` + ``lapsed`` + ``missed``. Of a task the bytes are those of files of mean size.
    """

    name: str
    endpoint: str
    task: bool
    state: str
    since: datetime
    production: str
    priority: int
    owner: str
    until: datetime | None
    requested: Amount
    wanted: Amount
    waiting: Amount
    queued: Amount
    in_flight: Amount
    held: Amount
    online: Amount
    released: Amount
    lapsed: Amount
    missed: Amount
    failed: tuple[Failure, ...]
    oldest: datetime | None
    files_per_s: float
    bytes_per_s: float
    finish: Forecast
    bottleneck: Bottleneck
    sentence: str


@dataclass(frozen=True, slots=True)
class Status:
    """Every tape endpoint and campaign at one moment, and what goes wrong."""

    at: datetime
    endpoints: tuple[Endpoint, ...]
    campaigns: tuple[CampaignLine, ...]
    troubles: tuple[TroubleLine, ...]

    @property
    def over(self) -> bool:
        """Nothing is waited for."""
        return not any(line.wanted.files for line in self.campaigns)


@dataclass(frozen=True, slots=True)
class Detail:
    """A campaign with its terms, its runs and what happened to it."""

    line: CampaignLine
    reason: str
    created_at: datetime
    tail_percent: float | None
    tail_at: datetime | None
    recalled: Amount  # by recalls of its own: files that another consumer had recalled are not in it
    runs: tuple[RunStanding, ...]
    history: tuple[Past, ...]


# ------------------------------------------------------------------------------------- asking
def status(catalog: Catalog, settings: Settings, name: str | None = None) -> Status:
    """How the recalls are; of one campaign and its endpoints, if named. Raises NotRegistered."""
    with catalog.read() as conn:
        look_at = _Look(conn, settings, catalog.clock.now())
        parts = look_at.current if name is None else campaigns.all_named(conn, name)
        lines = tuple(look_at.campaign(part) for part in parts)
        wanted = None if name is None else {part.endpoint for part in parts}
        endpoints = tuple(look_at.endpoints(wanted))
        troubles = tuple(
            line
            for line in look.troubles(conn, RequestKind.STAGE)
            if wanted is None or line.endpoint in wanted
        )
        return Status(look_at.now, endpoints, lines, troubles)


def show(catalog: Catalog, settings: Settings, name: str) -> list[Detail]:
    """Everything about a campaign, by endpoint. Raises NotRegistered."""
    with catalog.read() as conn:
        look_at = _Look(conn, settings, catalog.clock.now())
        return [
            Detail(
                line=look_at.campaign(part),
                reason=part.reason,
                created_at=part.created_at,
                tail_percent=part.tail_percent,
                tail_at=part.tail_at,
                recalled=Amount(part.recalled, part.recalled_size),
                runs=tuple(recall_look.runs_of(conn, [part.id])),
                history=tuple(look.history_of(conn, CAMPAIGN.noun, part.id)),
            )
            for part in campaigns.all_named(conn, name)
        ]


def storms_now(conn: Connection) -> list[Storm]:
    """The storms at every endpoint."""
    every = storms.all_rows(conn)
    return [_storm(row) for name, found in every.items() for row in rows_of(found, name) if _blows(row)]


def _blows(row: Trouble) -> bool:
    return row.state is not StormState.CLOSED


def _storm(row: Trouble) -> Storm:
    return Storm(
        row.endpoint, row.cause, row.state.value, row.first_at, row.files, row.held, row.next_at,
        storm.sentence(row),
    )  # fmt: skip


# ------------------------------------------------------------------------------------- one look
@dataclass
class _Look:
    """What is asked once for all endpoints and campaigns."""

    conn: Connection
    settings: Settings
    now: datetime
    current: list[Campaign] = field(init=False)
    places: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        conn = self.conn
        self.current = recall_look.current(conn)
        self.places = recall_look.places(conn)
        self._sums = {noun: recall_look.amounts(conn, noun) for noun in (ITEM.noun, PIN.noun, LEASE.noun)}
        self._at = _by_owner(recall_look.under_way_at(conn, self.now))
        self._for = _by_owner(recall_look.under_way_for(conn, self.now))
        self._storms = storms_now(conn)
        self._runs = recall_look.wanted_runs(conn)
        self._standings: dict[int, Standing] = {}
        self._verdicts: dict[str, tuple[Bottleneck, str]] = {}

    # ------------------------------------------------------------- endpoints
    def endpoints(self, names: set[str] | None) -> Iterable[Endpoint]:
        tapes = {name for name, entry in self.settings.endpoints.items() if entry.kind is EndpointKind.TAPE}
        used = {place for sums in self._sums.values() for (place, _), amount in sums.items() if amount.files}
        known = tapes | {name for name, place in self.places.items() if place in used}
        return [self._endpoint(name) for name in sorted(known) if names is None or name in names]

    def _endpoint(self, name: str) -> Endpoint:
        place = self.places.get(name, 0)
        under_way = self._at.get(place, [])
        wanted, online = (self._live(name, state) for state in (LeaseState.WANTED, LeaseState.ACTIVE))
        configured = self.settings.endpoints.get(name)
        held = self._sum(ITEM.noun, place, ItemState.HELD)
        queued = self._sum(ITEM.noun, place, ItemState.QUEUED)
        in_flight = self._sum(ITEM.noun, place, ItemState.SUBMITTING, ItemState.SUBMITTED)
        samples = _samples(progresses.of_endpoint(self.conn, name))
        rates = _recent(samples, self.now)
        what, sentence = self._verdict(name)
        return Endpoint(
            endpoint=name,
            requested=wanted + online,
            wanted=wanted,
            queued=queued,
            later=sum(row.later for row in under_way),
            in_flight=in_flight,
            held=held,
            pinned=self._pinned(place),
            failed=_failures(under_way),
            budget=configured.stage_budget if configured else None,
            window_files=configured.stage_files if configured else None,
            oldest=min((row.oldest for row in under_way), default=None),
            files_per_s=rates[0],
            bytes_per_s=rates[1],
            finish=_finish(samples, self._waiting_at(name) + queued + in_flight, held, self.now),
            bottleneck=what,
            sentence=sentence,
            storms=tuple(row for row in self._storms if row.endpoint == name),
        )

    def _tasks(self, name: str) -> list[Campaign]:
        return [part for part in self.current if part.task_id is not None and part.endpoint == name]

    def _live(self, name: str, state: LeaseState) -> Amount:
        """Files of leases in the state there, and those of jobs that are as far."""
        of_leases = self._sum(LEASE.noun, self.places.get(name, 0), state)
        return sum((_of(self._standing(part), state) for part in self._tasks(name)), of_leases)

    def _verdict(self, name: str) -> tuple[Bottleneck, str]:
        """What holds the recalls at the endpoint up."""
        if name not in self._verdicts:
            place = self.places.get(name, 0)
            rate = _recent(_samples(progresses.of_endpoint(self.conn, name)), self.now)[1]
            self._verdicts[name] = self._judged(name, self._at.get(place, []), self._waiting_at(name), rate)
        return self._verdicts[name]

    def _waiting(self, part: Campaign) -> Amount:
        """Files of the campaign that no recall was chosen for yet."""
        under_way = _amount(self._for.get(part.id, []), *ItemState)
        return _less(_of(self._standing(part), LeaseState.WANTED), under_way)

    def _waiting_at(self, name: str) -> Amount:
        return sum((self._waiting(part) for part in self.current if part.endpoint == name), Amount())

    def _judged(
        self, name: str, under_way: Sequence[UnderWay], waiting: Amount, rate: float
    ) -> tuple[Bottleneck, str]:
        what, sentence = bottleneck(self._load(name, under_way, waiting, rate))
        configured = self.settings.endpoints.get(name)
        if what is not Bottleneck.CONSUMERS or configured is None or configured.stage_budget is None:
            return what, sentence
        pinned = human_size(self._pinned(self.places.get(name, 0)).size)
        return what, (
            f"the buffer is full of files that nobody has released: {pinned} of "
            f"{human_size(configured.stage_budget)} are online, and the next run does not fit"
        )

    def _load(self, name: str, under_way: Sequence[UnderWay], waiting: Amount, rate: float) -> Load:
        found = [row for row in self._storms if row.endpoint == name]
        pinned = self._pinned(self.places.get(name, 0))
        return _load(
            self.settings.endpoints.get(name), under_way, waiting, pinned, rate, found, self._unit(name)
        )

    def _unit(self, name: str) -> int:
        """Bytes of a run that is waited for there, in the mean."""
        runs = self._runs.get(self.places.get(name, 0), 0)
        runs += sum(recall_look.waiting_runs(self.conn, part.task_id or 0) for part in self._tasks(name))
        return self._live(name, LeaseState.WANTED).size // max(runs, 1)

    def _sum(self, noun: str, place: int, *states: str) -> Amount:
        sums = self._sums[noun]
        return sum((sums.get((place, state), Amount()) for state in states), Amount())

    def _pinned(self, place: int) -> Amount:
        return self._sum(PIN.noun, place, PinState.ACTIVE, PinState.RELEASING)

    # ------------------------------------------------------------- campaigns
    def _standing(self, part: Campaign) -> Standing:
        if part.id not in self._standings:
            if part.task_id is None:
                self._standings[part.id] = campaigns.standing(self.conn, [part.id])[part.id]
            else:
                place = self.places[part.endpoint]
                self._standings[part.id] = recall_look.standing_of_task(self.conn, part, place)
        return self._standings[part.id]

    def campaign(self, part: Campaign) -> CampaignLine:
        """The campaign in numbers."""
        standing, under_way = self._standing(part), self._for.get(part.id, [])
        by_lease = {state: _of(standing, state) for state in LeaseState}
        wanted = by_lease[LeaseState.WANTED]
        queued = _amount(under_way, ItemState.QUEUED)
        in_flight = _amount(under_way, ItemState.SUBMITTING, ItemState.SUBMITTED)
        held = _amount(under_way, ItemState.HELD)
        waiting = self._waiting(part)
        samples = _samples(progresses.of_campaign(self.conn, part.id))
        if samples:
            samples.append(Sample(self.now, part.recalled, part.recalled_size))
        rates = _recent(samples, self.now)
        what, sentence = self._judged(part.endpoint, under_way, waiting, rates[1])
        if what is Bottleneck.FLOW:  # nothing of its own is asked for: whatever holds up the endpoint
            what, sentence = self._verdict(part.endpoint)
        return CampaignLine(
            name=part.name,
            endpoint=part.endpoint,
            task=part.task_id is not None,
            state=part.state,
            since=part.since,
            production=part.production,
            priority=part.priority,
            owner=part.owner,
            until=part.until,
            requested=sum(by_lease.values(), Amount()),
            wanted=wanted,
            waiting=waiting,
            queued=queued,
            in_flight=in_flight,
            held=held,
            online=by_lease[LeaseState.ACTIVE],
            released=by_lease[LeaseState.RELEASED],
            lapsed=by_lease[LeaseState.LAPSED],
            missed=by_lease[LeaseState.MISSED],
            failed=_failures(under_way),
            oldest=min((row.oldest for row in under_way), default=None),
            files_per_s=rates[0],
            bytes_per_s=rates[1],
            finish=_finish(samples, waiting + queued + in_flight, held, self.now),
            bottleneck=what,
            sentence=sentence,
        )


def _by_owner(rows: Sequence[UnderWay]) -> dict[int, list[UnderWay]]:
    found: dict[int, list[UnderWay]] = {}
    for row in rows:
        found.setdefault(row.owner, []).append(row)
    return found


def _of(standing: Standing, state: str) -> Amount:
    return Amount(standing.files.get(state, 0), standing.size.get(state, 0))


def _amount(rows: Sequence[UnderWay], *states: str) -> Amount:
    mine = [row for row in rows if row.state in states]
    return Amount(sum(row.files for row in mine), sum(row.size for row in mine))


def _less(all_of_it: Amount, part: Amount) -> Amount:
    return Amount(max(all_of_it.files - part.files, 0), max(all_of_it.size - part.size, 0))


def _failures(rows: Sequence[UnderWay]) -> tuple[Failure, ...]:
    found: dict[str, list[int]] = {}
    for row in rows:
        if row.code is not None and row.state in (ItemState.QUEUED, ItemState.HELD):
            sums = found.setdefault(row.code, [0, 0])
            sums[0] += row.files
            sums[1] += row.files if row.state == ItemState.HELD else 0
    return tuple(Failure(cause, *sums) for cause, sums in sorted(found.items()))


# ------------------------------------------------------------------------------------- how fast
def _samples(noted: Sequence[Noted]) -> list[Sample]:
    return [Sample(row.at, row.files, row.size) for row in noted]


def _recent(samples: Sequence[Sample], now: datetime) -> tuple[float, float]:
    """Files and bytes per second over the last hour; 0 while nobody noted any progress."""
    before = [sample for sample in samples if sample.at <= now - RECENT][-1:]
    recent = before + [sample for sample in samples if sample.at > now - RECENT]
    if len(recent) < 2 or recent[0].at >= now:
        return 0.0, 0.0
    seconds = (max(now, recent[-1].at) - recent[0].at).total_seconds()
    first, last = recent[0], recent[-1]
    return max(last.files - first.files, 0) / seconds, max(last.bytes - first.bytes, 0) / seconds


def _finish(samples: Sequence[Sample], left: Amount, held: Amount, now: datetime) -> Forecast:
    """Held files wait for a person: they are not in the prediction."""
    return forecast(samples, left.files, left.size, now, held.files)


def _load(
    settings: EndpointSettings | None,
    under_way: Sequence[UnderWay],
    waiting: Amount,
    pinned: Amount,
    rate: float,
    storms_there: Sequence[Storm],
    unit: int,
) -> Load:
    """What the bottleneck is judged by.

    The window is full at its low mark, above which nothing is chosen, or when the next run does not fit.
    """
    in_flight = _amount(under_way, ItemState.SUBMITTING, ItemState.SUBMITTED)
    held = _amount(under_way, ItemState.HELD).files
    later = sum(row.later for row in under_way)
    first = min(storms_there, key=lambda row: row.since, default=None)
    low = 1.0 if settings is None else settings.stage_low / 100
    window = None if settings is None else settings.stage_budget
    used = in_flight.size + pinned.size
    if window is not None:
        window = used if used and window - used < unit else int(window * low)
    return Load(
        queued=waiting.files + _amount(under_way, ItemState.QUEUED).files - later,
        later=later,
        in_flight=in_flight.files,
        in_flight_bytes=in_flight.size,
        pinned_bytes=pinned.size,
        window_bytes=window,
        window_files=None if settings is None else max(int(settings.stage_files * low) - pinned.files, 0),
        for_person=held,
        bytes_per_s=rate,
        expected=None if settings is None else float(settings.tape_drives * settings.tape_rate),
        ill_since=None if first is None else first.since,
        ill_by="" if first is None else first.cause,
    )


def standings(conn: Connection, parts: Sequence[Campaign]) -> Mapping[str, Amount]:
    """Leases of a campaign at all its endpoints, by state."""
    found: dict[str, Amount] = {}
    for standing in campaigns.standing(conn, [part.id for part in parts]).values():
        for state in standing.files:
            found[state] = found.get(state, Amount()) + _of(standing, state)
    return found
