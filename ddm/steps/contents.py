"""Contents are verified: a round is gone on with, a batch at a time, within the budget of the hour.

One batch: take copies and count their bytes (one transaction), look at them (outside any), write down what
came of it (one transaction, in which every copy is looked up once more). One that somebody changed meanwhile
is passed over: nothing is said of what is being withdrawn, removed, copied anew or compared. Killed at any
moment: what was taken and not written down is looked at again, and counted again.

Files on tape are read by the recalls of evidence (``ddm.steps.rereading``): those are asked for here, as much
as the budget of the hour allows, and waited for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from catalog import brake
from catalog.db import (
    evidence,
    replicas,
    verifyhours,
    verifying,
    verifying_lines,
    verifying_look,
    verifying_walk,
)
from catalog.db.engine import Connection
from catalog.db.move import move
from catalog.db.removal_hours import HOUR, hour_of
from catalog.db.verifying import Round, Wish
from catalog.db.verifying_lines import Content
from catalog.errors import CatalogBusy
from catalog.states import REPLICA, ContentOutcome, EndpointKind, HowVerified, VerificationState
from ddm.app import App
from ddm.steps import contenttape, pace
from ddm.steps.common import retry_at, told_by
from ddm.steps.contentlook import Good, Odd, Unheard, locality
from ddm.steps.contentread import READ_AT_ONCE, Seen, look
from ddm.steps.contenttape import POLL, unchanged
from transfers.errors import StorageError
from transfers.model import SILENT
from transfers.verify import evidence_of

ASKED_AT_ONCE = 1000
READ_SIZE_AT_ONCE = 4_000_000_000
RECALLED_AT_ONCE = 5000  # many, so that neighbours on tape come together
BACKLOG = 20_000
"""While so many copies gave no answer yet, no more are taken: it is the endpoint, not the files."""

AT_A_TIME = timedelta(seconds=20)
"""How long a round of the flow verifies, at most; it goes on in the next."""

LOOK_FOR_MORE = timedelta(minutes=10)
"""How often the flow looks for copies that were not verified for long."""

OF_THE_FLOW = "what was not verified for long, by the flow"


@dataclass(frozen=True, slots=True)
class Worked:
    """Copies were looked at; there may be more to do at once. ``odd``: not as they should be."""

    files: int
    odd: int


@dataclass(frozen=True, slots=True)
class Waits:
    """Nothing can be done before that time."""

    until: datetime
    why: str


@dataclass(frozen=True, slots=True)
class Over:
    """It is done, stopped or braked."""

    state: VerificationState


Turn = Worked | Waits | Over


def turn(app: App, number: int) -> Turn:
    """Go on with a round by one batch, unless another process verifies at that endpoint right now.

    Raises NotRegistered. Interrupt and repeat freely.
    """
    with app.catalog.read() as conn:
        it = verifying.one(conn, number)
    if it.endpoint not in app.storages:
        return Waits(app.now + HOUR, f"endpoint '{it.endpoint}' is not in ddm.toml")
    try:
        with app.catalog.exclusive(f"verify-{it.endpoint_id}"):
            return _turn(app, number)
    except CatalogBusy as busy:
        return Waits(app.now + app.settings.flow.interval, str(busy))


def _turn(app: App, number: int) -> Turn:
    batch = _next(app, number)
    if not isinstance(batch, _Batch):
        return batch
    at = app.now  # before the calls: never newer than what they say
    try:
        seen = look(app, batch.round, batch.contents)
    except StorageError as error:  # of the endpoint, not of the files: it is no try of theirs
        until = retry_at(app, 1)
        with app.catalog.begin("verify") as conn:
            verifying_lines.postpone(conn, number, [one.replica_id for one in batch.contents], until)
        return Waits(until, str(error))
    odd = _record(app, batch, seen, at) if seen else 0
    if batch.to_recall:
        contenttape.ask(app, number, batch.to_recall)
    if batch.recalled:
        odd += contenttape.collect(app, number, batch.recalled)
    files = len(seen) + len(batch.to_recall)
    return Worked(files, odd) if files or odd else Waits(app.now + POLL, "files are recalled from tape")


# -------------------------------------------------------------------------------------- a batch
@dataclass(frozen=True, slots=True)
class _Batch:
    """What is looked at now: asked or read, asked to be recalled, and recalled before."""

    round: Round
    contents: Sequence[Content]
    to_recall: Sequence[Content] = ()
    recalled: Sequence[Content] = ()


def from_tape(it: Round) -> bool:
    """Whether its files come from tape by recalls."""
    return it.kind is EndpointKind.TAPE and it.how is HowVerified.READ


def budget_of(app: App, it: Round) -> int:
    """Bytes an hour of a round; 0: nobody said any."""
    return it.budget or app.settings.reconcile.verify_per_hour or 0


def _at_once(app: App, it: Round) -> int:
    if from_tape(it):
        return RECALLED_AT_ONCE
    if it.how is HowVerified.READ:
        return READ_AT_ONCE
    return min(ASKED_AT_ONCE, app.settings.endpoints[it.endpoint].max_files_per_request)


def _next(app: App, number: int) -> _Batch | Turn:
    """Take the next copies and count their bytes, or say why there are none."""
    with app.catalog.begin("verify") as conn:
        it = verifying.one(conn, number, lock=True)
        if it.state is not VerificationState.GOING:
            return Over(it.state)
        budget, at_once = budget_of(app, it), _at_once(app, it)
        if not budget:
            return Waits(app.now + HOUR, "it has no budget: --budget, or verify_per_hour of [reconcile]")
        due = verifying_lines.due(conn, it, app.now, at_once)
        room = verifying.waiting(conn, number)[0] < BACKLOG
        if len(due) < at_once and room:
            it = verifying_walk.walk(conn, it, at_once - len(due), app.why())
            due = verifying_lines.due(conn, it, app.now, at_once)
        recalled = [one for one in due if one.asked_at is not None]
        fresh = _not_too_much(it, [one for one in due if one.asked_at is None])
        if not due:
            return _nothing_due(app, conn, it) if it.walked or not room else Worked(0, 0)
        paid = fresh[: verifyhours.take(conn, it.endpoint_id, app.now, budget, _costs(it, fresh))]
    if not paid and not recalled:
        return Waits(hour_of(app.now) + HOUR, f"the budget of this hour at {it.endpoint} is used up")
    if from_tape(it):
        return _Batch(it, (), paid, recalled)
    return _Batch(it, paid)


def _not_too_much(it: Round, contents: Sequence[Content]) -> Sequence[Content]:
    """The first of them, as many as are read in a while: the flow waits for them. At least one."""
    if it.how is not HowVerified.READ or from_tape(it):
        return contents
    size = 0
    for n, one in enumerate(contents):
        size += one.size
        if n and size > READ_SIZE_AT_ONCE:
            return contents[:n]
    return contents


def _costs(it: Round, contents: Sequence[Content]) -> list[int]:
    """What looking at each costs, in bytes: all of them, as a server may read a file to tell its checksum.

    A tape system that is asked reads nothing: it tells what it wrote down.
    """
    free = it.kind is EndpointKind.TAPE and it.how is HowVerified.ASKED
    return [0 if free else one.size for one in contents]


def _nothing_due(app: App, conn: Connection, it: Round) -> Turn:
    left, until = verifying.waiting(conn, it.id)
    if left and until is not None:
        return Waits(until, f"{left} files gave no answer yet, or are on their way from tape")
    verifying.finish(conn, it.id, app.why())
    return Over(VerificationState.DONE)


# ------------------------------------------------------------------------------------- recording
def _record(app: App, batch: _Batch, seen: Sequence[Seen], at: datetime) -> int:
    """Write down what was seen. Returns how many were not as they should be."""
    number = batch.round.id
    with app.catalog.begin("verify") as conn:
        stands = verifying_lines.standing(conn, [one.content.replica_id for one in seen])
        same = [one for one in seen if unchanged(one.content, stands.get(one.content.replica_id))]
        gone = [one.content for one in seen if one not in same]
        verifying_lines.close_passed(conn, number, gone)
        _good(app, conn, batch.round, same, at)
        _unheard(app, conn, number, same, at)
        it = verifying.one(conn, number)
        return _odd(app, conn, it, same)


def _good(app: App, conn: Connection, it: Round, seen: Sequence[Seen], at: datetime) -> None:
    by_how: dict[str, list[int]] = defaultdict(list)
    right, wrong = [], {}
    for one in seen:
        if isinstance(one.conclusion, Good):
            by_how[one.conclusion.how].append(one.content.replica_id)
            if one.conclusion.wrong:
                wrong[one.content.replica_id] = (ContentOutcome.TOLD_WRONG, one.conclusion.wrong)
            else:
                right.append(one.content)
    for how, ids in by_how.items():
        verifying_lines.verified(conn, ids, at, how)
    verifying_lines.close_good(conn, it.id, right)
    verifying_lines.close_odd(conn, it.id, wrong, at)
    if it.kind is EndpointKind.TAPE:
        _evidence(app, conn, it, [one for one in seen if isinstance(one.conclusion, Good)], at)


def _evidence(app: App, conn: Connection, it: Round, good: Sequence[Seen], at: datetime) -> None:
    """What a tape system says is a piece of evidence, like any other."""
    taken, where = [], defaultdict(list)
    for one in good:
        key, content = one.content.replica_id, one.content
        source = told_by(app, it.endpoint)
        piece = evidence_of(content.size, content.adler32, one.told or SILENT, at=at, source=source)
        if piece is not None:
            taken.append((key, piece))
            where[locality(one.told)].append(key)
    evidence.record(conn, taken)
    replicas.record_seen(conn, where)


def _unheard(app: App, conn: Connection, number: int, seen: Sequence[Seen], at: datetime) -> None:
    """Those that gave no answer come again later; after enough tries, in another round."""
    tries: dict[int, list[int]] = defaultdict(list)
    given_up = {}
    for one in seen:
        if isinstance(one.conclusion, Unheard):
            if one.content.tries + 1 >= app.settings.flow.max_attempts:
                given_up[one.content.replica_id] = (ContentOutcome.UNREAD, one.conclusion.reason)
            else:
                tries[one.content.tries + 1].append(one.content.replica_id)
    for n, ids in tries.items():
        verifying_lines.postpone(conn, number, ids, retry_at(app, n), tried=True)
    verifying_lines.close_odd(conn, number, given_up, at)


def _odd(app: App, conn: Connection, it: Round, seen: Sequence[Seen]) -> int:
    """What is not as it should be leaves AVAILABLE, unless it is so much that it is not the files."""
    odd = {one.content.replica_id: one.conclusion for one in seen if isinstance(one.conclusion, Odd)}
    if not odd:
        return 0
    looked_at = it.good + it.odd + len(odd)
    if not it.released and brake.too_strange(looked_at, it.odd + len(odd), pace.limits(app)):
        example = next(iter(odd.values())).reason
        text = f"{it.odd + len(odd)} of {looked_at} files are not as they should be, the last: {example}"
        verifying.brake(conn, it.id, text, app.why())
        return 0
    by_event: dict[str, list[int]] = defaultdict(list)
    for key, one in odd.items():
        by_event[one.event].append(key)
    for event, ids in by_event.items():
        reasons = {key: f"verification {it.id}: {odd[key].reason}" for key in ids}
        move(conn, REPLICA, ids, event, app.why(), reasons, tries=0, next_try_at=app.now)
    outcomes = {key: (one.outcome, one.reason) for key, one in odd.items()}
    verifying_lines.close_odd(conn, it.id, outcomes, app.now)
    return len(odd)


# -------------------------------------------------------------------------------------- the flow
def verify(app: App) -> int:
    """Go on with the rounds that are going, for a bounded time; nothing unless the settings have a budget.

    Returns how many copies were found not to be as they should.
    """
    if not app.settings.reconcile.verify_per_hour:
        return 0
    _begin(app)
    with app.catalog.read() as conn:
        going = verifying.listing(conn, len(app.settings.endpoints) * 10, (VerificationState.GOING,))
    end, odd = app.now + AT_A_TIME, 0
    for it in reversed(going):
        while app.now < end and isinstance(done := turn(app, it.id), Worked):
            odd += done.odd
    return odd


def _begin(app: App) -> None:
    """Now and then: a round of its own at every endpoint that has copies which were not verified for long.

    Where one was stopped or braked, a person decides. Tapes are asked: what is read from them a person says.
    """
    last = app.desk.contents_at
    if last is not None and app.now - last < LOOK_FOR_MORE:
        return
    app.desk.contents_at = app.now
    rules = app.settings.reconcile
    before = app.now - rules.verify_age
    for name, settings in app.settings.endpoints.items():
        how = HowVerified.ASKED if settings.kind is EndpointKind.TAPE else rules.verify_how
        wish = Wish(app.endpoint_ids[name], how, OF_THE_FLOW, before)
        with app.catalog.begin("verify") as conn:
            if verifying.unfinished(conn, wish) is None and verifying_look.longest_not(
                conn, wish.endpoint_id, how, before
            ):
                verifying_walk.begin(conn, wish, app.why())
