"""Verifying contents on demand: rounds are begun, gone on with, stopped, and shown.

The same words mean the same round until it is over: a command that was killed is simply given again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from catalog.db import files, verifyhours, verifying, verifying_look, verifying_walk
from catalog.db.condition import condition
from catalog.db.engine import Catalog, Connection
from catalog.db.verifying import Round, Wish
from catalog.db.verifying_look import Found, Freshness
from catalog.errors import BadInput, IllegalTransition
from catalog.query import parse
from catalog.querytree import Query
from catalog.states import ContentOutcome, EndpointKind, HowVerified, ReplicaState, VerificationState
from ddm.app import App
from ddm.naming import named
from ddm.operations.common import why
from ddm.settings import Settings
from ddm.steps import contents
from ddm.steps.contents import Over, Turn, Waits, Worked

LONGEST_NAP = timedelta(minutes=1)
"""How long a wait is at a time: a stop by somebody else is seen after it."""


@dataclass(frozen=True, slots=True)
class Want:
    """What is to be verified. ``fraction`` of it, in bytes or files: the longest not verified, or drawn by
    ``seed``. ``endpoint`` "": all disks, and, where the service is only asked, all tape endpoints.

    ``budget``: bytes an hour at each endpoint; None: that of the settings.
    """

    how: HowVerified = HowVerified.ASKED
    fraction: float = 1.0
    of_bytes: bool = True
    seed: str | None = None
    endpoint: str = ""
    dataset: str = ""
    runs: tuple[tuple[int, int], ...] = ()
    query: str = ""
    budget: int | None = None

    @property
    def scope(self) -> str:
        """The same in words, as it is kept."""
        part = ""
        if self.fraction < 1:
            which = "the longest not verified" if self.seed is None else f"drawn by '{self.seed}'"
            part = f"{self.fraction * 100:.12g} % of the {'bytes' if self.of_bytes else 'files'}, {which}"
        chosen = [f"dataset {self.dataset}"] if self.dataset else []
        chosen += [f"run {a}" if a == b else f"runs {a}..{b}" for a, b in sorted(self.runs)]
        chosen += [self.query] if self.query else []
        return "; ".join([*filter(None, [part]), *chosen]) or "everything"

    @property
    def asked(self) -> Query | None:
        """The query that says which files; None: all there are. Raises BadInput."""
        if self.query:
            parse(self.query)  # alone: what is wrong with it is told of what was typed
        parts = [f"({self.query})"] if self.query else []
        if self.dataset:
            quoted = self.dataset.replace("'", "''")
            parts.append(f"dataset = '{quoted}'")
        if self.runs:
            parts.append(f"run in ({', '.join(f'{a}..{b}' for a, b in self.runs)})")
        return parse(" and ".join(parts)) if parts else None


def begin(app: App, want: Want, *, confirmed: bool = False) -> list[Round]:
    """The rounds of these words, one for each endpoint: those not over yet, or new ones. Repeat freely.

    Raises NotRegistered, BadInput (no budget, much to be recalled that was not confirmed), IllegalTransition
    (one was stopped or braked).
    """
    if not (want.budget or app.settings.reconcile.verify_per_hour):
        raise BadInput(
            "how many bytes may be verified in an hour?",
            subject="--budget",
            advice="give --budget '10 TB', or set verify_per_hour of [reconcile]",
        )
    query = want.asked
    with app.catalog.begin("verify") as conn:
        if want.dataset:
            files.dataset_id(conn, want.dataset)
        return [_round(app, conn, want, query, name, confirmed) for name in _endpoints(app.settings, want)]


def _endpoints(settings: Settings, want: Want) -> list[str]:
    if want.endpoint:
        return [named(want.endpoint, settings.endpoints, "--endpoint")]
    return [
        name
        for name, endpoint in settings.endpoints.items()
        if endpoint.kind is EndpointKind.DISK or want.how is HowVerified.ASKED
    ]


def _round(
    app: App, conn: Connection, want: Want, query: Query | None, endpoint: str, confirmed: bool
) -> Round:
    wish = Wish(
        app.endpoint_ids[endpoint],
        want.how,
        want.scope,
        app.now,
        want.budget,
        want.fraction,
        want.of_bytes,
        want.seed,
    )
    known = verifying.unfinished(conn, wish)
    if known is not None:
        if known.state is not VerificationState.GOING:
            raise IllegalTransition(
                f"round {known.id} of this is {known.state}: {known.reason or 'nobody said why'}",
                subject=endpoint,
                advice=f"'ddm reconcile verify --go-on {known.id}' goes on with it",
            )
        return verifying.change_budget(conn, known, want.budget)
    chosen = None if query is None else condition(conn, query, app.now)
    new = verifying_walk.begin(conn, wish, why(app.catalog), chosen)
    limits = app.settings.recall
    large = new.files > limits.confirm_files or new.size > limits.confirm_size
    if contents.from_tape(new) and large and not confirmed:  # as for other campaigns; nothing is kept
        raise BadInput(
            f"{new.files} files, {new.size} bytes, would be recalled from {endpoint} to be read",
            subject="--how read",
            advice="add --yes, or take a sample",
        )
    return new


# --------------------------------------------------------------------------------------- working
@dataclass(frozen=True, slots=True)
class Ended:
    """How rounds stand when a command ends. ``waits``: why there is more to do that was not done now.

    ``others``: for rounds that came to nothing, (endpoint, state, files) of copies that are not AVAILABLE
    and so were not looked at.
    """

    rounds: tuple[Round, ...]
    outcomes: tuple[tuple[ContentOutcome, int], ...]
    found: tuple[Found, ...]
    waits: str
    others: tuple[tuple[str, ReplicaState, int], ...] = ()


Told = Callable[[Sequence[Round], str], None]


def run(
    app: App,
    numbers: Sequence[int],
    *,
    until: datetime | None = None,
    once: bool = False,
    told: Told = lambda rounds, note: None,
    limit: int = 20,
) -> Ended:
    """Go on with these rounds, in turn, until they are over; it waits for the next hour of the budget.

    ``until``: no longer than that. ``once``: only what can be done without waiting. Interrupt and repeat
    freely.
    """
    left, waits = list(numbers), ""
    while left:
        turns = {number: contents.turn(app, number) for number in left}
        left = [number for number in left if not isinstance(turns[number], Over)]
        wake, waits = _wait(app, [turns[number] for number in left])
        told(_load(app.catalog, numbers), waits)
        if not left or (once and wake > app.now) or (until is not None and max(wake, app.now) >= until):
            break
        if wake > app.now:
            app.clock.sleep(min(wake - app.now, LONGEST_NAP))
    return ended(app.catalog, numbers, waits if left else "", limit)


def _wait(app: App, turns: Sequence[Turn]) -> tuple[datetime, str]:
    """When something can be done again, and what is waited for."""
    waits = [one for one in turns if isinstance(one, Waits)]
    if not waits or any(isinstance(one, Worked) for one in turns):
        return app.now, ""
    first = min(waits, key=lambda one: one.until)
    return first.until, first.why


def ended(catalog: Catalog, numbers: Sequence[int], waits: str, limit: int) -> Ended:
    """How these rounds stand."""
    with catalog.read() as conn:
        rounds = tuple(verifying.one(conn, number) for number in numbers)
        totals: dict[ContentOutcome, int] = {}
        for number in numbers:
            for outcome, n in verifying_look.counts(conn, number).items():
                totals[outcome] = totals.get(outcome, 0) + n
        found = [one for number in numbers for one in verifying_look.found(conn, limit, number=number)]
        others = tuple(
            (it.endpoint, state, n)
            for it in rounds
            if not it.files
            for state, n in verifying_look.not_looked_at(conn, it.endpoint_id).items()
        )
    return Ended(rounds, tuple(sorted(totals.items())), tuple(found[:limit]), waits, others)


def _load(catalog: Catalog, numbers: Sequence[int]) -> list[Round]:
    with catalog.read() as conn:
        return [verifying.one(conn, number) for number in numbers]


def stop(catalog: Catalog, number: int, reason: str) -> Round:
    """Nothing more of a round is looked at; its place is kept. What was recalled for it is still read and
    released. Raises NotRegistered, IllegalTransition."""
    with catalog.begin("operation") as conn:
        return verifying.stop(conn, number, why(catalog, reason))


def resume(catalog: Catalog, number: int, reason: str) -> Round:
    """Go on with a round that was stopped, or, with a reason, one that is braked; one that is going is left
    as it is. Raises NotRegistered, IllegalTransition."""
    with catalog.begin("operation") as conn:
        return verifying.resume(conn, number, why(catalog, reason))


# --------------------------------------------------------------------------------------- showing
@dataclass(frozen=True, slots=True)
class Share:
    """How much of an endpoint was verified lately, and what may be in this hour. ``budget`` None: only what
    a person gives."""

    fresh: Freshness
    used: int
    budget: int | None


@dataclass(frozen=True, slots=True)
class Status:
    """Endpoints, rounds that are not over, and what was found since ``since``, the newest first."""

    since: datetime
    endpoints: tuple[Share, ...]
    rounds: tuple[Round, ...]
    found: tuple[Found, ...]


def status(catalog: Catalog, settings: Settings, lately: timedelta, limit: int, endpoint: str = "") -> Status:
    """How verified everything is. Raises BadInput for an endpoint that nobody knows."""
    now = catalog.clock.now()
    since = now - lately
    with catalog.read() as conn:
        ids = files.endpoints(conn)
        if endpoint:
            named(endpoint, ids, "--endpoint", where="in the catalogue")
        fresh = verifying_look.freshness(conn, since, ids[endpoint] if endpoint else None)
        budget = settings.reconcile.verify_per_hour
        shares = tuple(Share(one, verifyhours.used(conn, ids[one.endpoint], now), budget) for one in fresh)
        rounds = verifying.listing(conn, limit, _not_over())
        found = verifying_look.found(conn, limit, since=since)
    if endpoint:
        rounds = [one for one in rounds if one.endpoint == endpoint]
        found = [one for one in found if one.endpoint == endpoint]
    return Status(since, shares, tuple(rounds), tuple(found))


def _not_over() -> tuple[VerificationState, ...]:
    return tuple(state for state in VerificationState if state is not VerificationState.DONE)


def braked(conn: Connection) -> list[Round]:
    """Rounds that wait for a person."""
    return verifying.listing(conn, 100, (VerificationState.BRAKED,))


def braked_lines(rounds: Sequence[Round]) -> Iterator[str]:
    """The same, a line each."""
    for one in rounds:
        again = f"ddm reconcile verify --go-on {one.id} --reason '…'"
        yield f"Verification {one.id} at {one.endpoint} is braked: {one.reason} ({again})"
