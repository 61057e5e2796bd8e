"""Evidence that copies are on tape: taken when a copy is compared, and again when it is due.

It is due some time after the first piece (``settle``), and again when a copy that may be deleted on its
strength is about to go and the evidence grows old. What is not heard changes nothing, and is asked for again;
an answer that contradicts moves the replica, which withdraws every permission at once. All waits are from
stored times.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from catalog.db import evidence, evidence_look, replicas, verifying_lines
from catalog.db.engine import Connection
from catalog.db.evidence import Due
from catalog.db.move import move
from catalog.evidence import Grade, Piece, Settled, Wanted, settled, settled_in_short
from catalog.model import Compared
from catalog.states import REPLICA, Locality, ReplicaState
from ddm.app import App
from ddm.steps import rereading
from ddm.steps.common import retry_at, told_by, whole_call_failed
from transfers.errors import StorageError
from transfers.model import SILENT, Observation, Observed
from transfers.planning import batches
from transfers.verify import evidence_of, judge

LOOK_FOR_MORE = timedelta(hours=1)
"""How often evidence is looked for that is wanted, and that nobody asked for."""

INSUFFICIENT = timedelta(days=1)
"""A service that tells less than is wanted is asked again so much later, at least."""


def wanted(app: App, product: str) -> Wanted | None:
    """What is asked of copies of this product; None: it is none of ours (raw data)."""
    known = app.settings.products.get(product)
    return known.wanted if known else None


def first_evidence(
    app: App, conn: Connection, found: Sequence[Compared], seen: Mapping[str, Observation], at: datetime
) -> None:
    """Of copies on tape that become AVAILABLE in this transaction: what was seen, and when to look again.

    ``at``: since when they are AVAILABLE; a piece is never older than that.
    """
    taken = []
    later: dict[datetime, list[int]] = defaultdict(list)
    for one in found:
        answer = seen[one.path]
        piece = evidence_of(one.size, one.adler32, answer, at=at, source=told_by(app, one.endpoint))
        if piece is None:
            continue
        taken.append((one.id, piece))
        if (what := wanted(app, one.product)) and (what.settle or what.grade is Grade.C):
            later[at + what.settle].append(one.id)
    evidence.record(conn, taken)
    for when, ids in later.items():
        evidence.ask(conn, ids, when)


# ------------------------------------------------------------------------------- taking it again
def take(app: App) -> int:
    """Take the evidence that is due, a batch at most. Returns how much was taken or moved."""
    _ask_for_more(app)
    with app.catalog.read() as conn:
        due = evidence.due(conn, app.now, app.settings.flow.batch)
    return sum(bool(one.event) or one.piece is not None for one in look(app, due))


def look(
    app: App, due: Sequence[Due], told: Callable[[int], None] = lambda asked_about: None
) -> list[Finding]:
    """Take evidence of these replicas now, none of which is being recalled. What was found of each.

    ``told`` hears how many more were asked about.
    """
    places: dict[str, list[Due]] = defaultdict(list)
    for one in due:
        places[one.endpoint].append(one)
    return [one for endpoint, found in places.items() for one in _look_at(app, endpoint, found, told)]


def _look_at(app: App, endpoint: str, due: Sequence[Due], told: Callable[[int], None]) -> list[Finding]:
    at = app.now  # before the call: never newer than what it says
    known = app.settings.endpoints.get(endpoint)
    seen: dict[str, Observation] = {}
    if known is not None and endpoint in app.storages:
        paths = list(dict.fromkeys(one.path for one in due if one.state is ReplicaState.AVAILABLE))
        for batch in batches(paths, known.max_files_per_request):
            try:
                seen |= app.storages[endpoint].prober.probe(batch)
            except StorageError as error:
                seen |= whole_call_failed(error, batch)
            told(len(batch))
    with app.catalog.begin() as conn:
        before = evidence.counting(conn, [one.replica_id for one in due])
        findings = [
            conclude(
                one,
                seen.get(one.path, SILENT),
                before[one.replica_id],
                wanted(app, one.product),
                at,
                told_by(app, endpoint),
            )
            for one in due
        ]
        _record(app, conn, findings)
    rereading.let_go(app, endpoint, [finding.due for finding in findings if finding.evict])
    return findings


@dataclass(frozen=True, slots=True)
class Finding:
    """What a look at one replica comes to.

    ``event``: of the replica's state table; "" when it stays as it is. ``reason``: of that, or why nothing
    was learned. ``piece``: to be written down. ``again``: when to look next; None: nothing more is to be
    taken. ``unheard``: nothing was learned, and it is looked at again after a wait that grows. ``reread``:
    it is to be read from tape; ``recall``: and is on tape only, so that it can be; ``evict``: and must
    leave the buffer first.
    """

    due: Due
    event: str = ""
    reason: str = ""
    piece: Piece | None = None
    again: datetime | None = None
    unheard: bool = False
    reread: bool = False
    recall: bool = False
    evict: bool = False


def conclude(
    due: Due, answer: Observation, before: Sequence[Piece], what: Wanted | None, at: datetime, source: str
) -> Finding:
    """What follows from the answer of a service about a replica that is AVAILABLE. Pure.

    ``before``: the pieces that count already. ``what``: how much is wanted; None: no more than this look.
    """
    if due.state is not ReplicaState.AVAILABLE:
        return Finding(due)  # it begins anew when it is AVAILABLE again
    judgement = judge(due.size, due.adler32, answer, tape=True)
    if judgement.event in ("missing", "mismatch"):
        return Finding(due, judgement.event, judgement.reason)
    if judgement.event == "verified_in_buffer":
        return Finding(
            due, "doubted", "it was on tape, and the service says now that it is in the buffer only"
        )
    piece = evidence_of(due.size, due.adler32, answer, at=at, source=source)
    if piece is None or not isinstance(answer, Observed):
        return Finding(due, reason=judgement.reason, unheard=True)
    return _with(due, answer, piece, before, what, at)


def _with(
    due: Due, answer: Observed, piece: Piece, before: Sequence[Piece], what: Wanted | None, at: datetime
) -> Finding:
    """A piece was taken; what is still to be done."""
    found = settled([*before, piece], what, at) if what else Settled(at, at)
    reread = due.reread
    if what and what.grade is Grade.C:
        reread = reread or not any(one.grade is Grade.C for one in before)
    if reread and not answer.locality.readable:
        return Finding(due, piece=piece, reread=True, recall=True)
    if reread:
        return Finding(due, reread=True, unheard=True, evict=not due.pinned)
    if isinstance(found, Settled):
        return Finding(due, piece=piece)
    again = found.look_at if found.look_at > at else at + INSUFFICIENT
    return Finding(due, piece=piece, again=again)


def _record(app: App, conn: Connection, findings: Sequence[Finding]) -> None:
    """Write down what was found, in the caller's transaction."""
    evidence.record(conn, [(one.due.replica_id, one.piece) for one in findings if one.piece is not None])
    _verified(conn, findings)
    moves: dict[tuple[str, str], list[int]] = defaultdict(list)
    silent: dict[int, list[int]] = defaultdict(list)
    later: dict[datetime, list[int]] = defaultdict(list)
    over: list[int] = []
    for one in findings:
        key = one.due.replica_id
        if one.event:
            moves[one.event, one.reason].append(key)
        if one.unheard:
            silent[one.due.tries].append(key)
        elif one.again is not None:
            later[one.again].append(key)
        elif not one.recall:
            over.append(key)
    for (event, reason), ids in moves.items():
        _move(app, conn, event, ids, reason)
    evidence.drop(conn, over)
    for when, ids in later.items():
        evidence.plan(conn, when, ids)
    for tries, ids in silent.items():
        evidence.plan(conn, retry_at(app, tries + 1), ids, failed=True)
    evidence.read_again(conn, [one.due.replica_id for one in findings if one.reread], wanted=True)
    rereading.recall(app, conn, [one.due for one in findings if one.recall])
    seen: dict[Locality, list[int]] = defaultdict(list)
    for one in findings:
        if one.piece is not None:
            seen[one.piece.locality].append(one.due.replica_id)
    replicas.record_seen(conn, seen)


def _verified(conn: Connection, findings: Sequence[Finding]) -> None:
    """A look that told a checksum has verified the content, like any other."""
    told: dict[tuple[datetime, str], list[int]] = defaultdict(list)
    for one in findings:
        if one.piece is not None and one.piece.grade.includes(Grade.B):
            told[one.piece.taken_at, one.piece.how].append(one.due.replica_id)
    for (at, how), ids in told.items():
        verifying_lines.verified(conn, ids, at, how)


def _move(app: App, conn: Connection, event: str, ids: Sequence[int], reason: str) -> None:
    """The service contradicts: the replica leaves AVAILABLE, and nothing more may go on its strength."""
    why = app.why(f"evidence was taken again: {reason}")
    if event == "doubted":
        move(conn, REPLICA, ids, event, why, next_try_at=app.now, tries=0)
    else:
        replicas.record_compared(conn, event, ids, why)


# ------------------------------------------------------------------------------- what nobody asked for
def _ask_for_more(app: App) -> None:
    """Now and then: evidence that is wanted, and that nobody asked for."""
    last = app.desk.evidence_at
    if last is not None and app.now - last < LOOK_FOR_MORE:
        return
    app.desk.evidence_at = app.now
    products = app.settings.products
    if products:
        with app.catalog.begin() as conn:
            _ask_for_unsettled(app, conn)
            _ask_for_old(app, conn)


def _ask_for_unsettled(app: App, conn: Connection) -> None:
    """Archived files whose evidence is not enough, since more is wanted than when it was taken."""
    later: dict[datetime, list[int]] = defaultdict(list)
    for one in evidence_look.proofs(conn, unasked=True):
        if what := wanted(app, one.product):
            done, at = settled_in_short(one, what)
            if not done:
                later[max(at or app.now, app.now)].append(one.replica_id)
    for when, ids in later.items():
        evidence.ask(conn, ids, when)


def _ask_for_old(app: App, conn: Connection) -> None:
    """Evidence behind copies that wait in the trash is taken again before it is too old for their removal."""
    products = app.settings.products.values()
    age = min(product.evidence_age for product in products)
    graces: dict[timedelta, set[str]] = defaultdict(set)
    for product in products:
        graces[product.grace].add(product.name)
    for grace, names in graces.items():
        soon = app.now - grace + age / 2
        old = evidence.growing_old(conn, names, soon, app.now - age / 2, app.settings.flow.batch)
        evidence.ask(conn, old, app.now)
