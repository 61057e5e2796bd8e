"""Files on tape are recalled and read again: evidence of grade c.

A file that is on tape only is leased by a campaign of ours: lowest priority, a share of the window like any
other consumer, and an end. When it is online its bytes are read and summed as they pass, none is kept, and
the lease ends. A file that is still in the buffer is asked to leave it; one that somebody else has recalled
is waited for.

Other bytes are read once more, then the copy in the buffer is dropped and recalled anew; only what a second
recall brings as well makes the replica BAD. Meanwhile no evidence of it counts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from catalog.db import campaigns, evidence, pins, recall_leases, replicas, verifying_lines
from catalog.db.campaigns import NewCampaign
from catalog.db.engine import Connection
from catalog.db.evidence import OURS, Due
from catalog.db.move import move
from catalog.evidence import Grade, Piece, Unsettled, settled
from catalog.states import CAMPAIGN, Locality
from ddm.app import App
from ddm.steps.common import retry_at, told_by
from transfers.errors import ChecksumMismatch, SizeMismatch, StorageError
from transfers.model import Done, Failed, FetchOrder, Observation, Observed, Unknown
from transfers.planning import batches

LOWEST = 1
LEASE = timedelta(days=30)  # a file that did not come by then is asked for anew
AT_A_TIME = timedelta(minutes=2)  # reading goes on at the next round
TWICE = 2  # recalls that bring other bytes, and the copy on tape is BAD
OTHER_BYTES = (SizeMismatch.code, ChecksumMismatch.code)
SCRATCH = "rereading"
"""Directory beside ddm.toml, for files of endpoints whose backend can only fetch."""


# ------------------------------------------------------------------------------------- asking
def recall(app: App, conn: Connection, wanted: Sequence[Due]) -> None:
    """Leases for files that are on tape only, one campaign for each endpoint."""
    places: dict[str, list[Due]] = defaultdict(list)
    for one in wanted:
        places[one.endpoint].append(one)
    for endpoint, found in places.items():
        why = app.why("files are read again from tape")
        new = NewCampaign(
            name=_name(app, conn, endpoint),
            endpoint=endpoint,
            production=OURS,
            priority=LOWEST,
            owner=app.catalog.actor,
            reason=why.reason,
            until=why.at + LEASE,
        )
        campaign = campaigns.begin(conn, new, why)
        ids = [one.replica_id for one in found]
        recall_leases.add(conn, campaign, ids, {one.replica_id: one.size for one in found}, why)
        move(conn, CAMPAIGN, [campaign.id], "filled", why)
        evidence.plan(conn, why.at + LEASE, ids)


def _name(app: App, conn: Connection, endpoint: str) -> str:
    """A name that no campaign there has: the time, and a number if that is not enough."""
    base = name = f"{OURS} {app.now:%Y-%m-%d %H:%M:%S}"
    number = 1
    while campaigns.named(conn, name, endpoint) is not None:
        number += 1
        name = f"{base} {number}"
    return name


def let_go(app: App, endpoint: str, found: Sequence[Due]) -> None:
    """Ask the endpoint to drop these from its buffer; they are on tape, and nobody has them pinned. One that
    stays is looked at again later."""
    stager = app.storages[endpoint].stager if endpoint in app.storages else None
    if stager is None:
        return
    for batch in batches(found, app.settings.endpoints[endpoint].max_files_per_request):
        with suppress(StorageError):  # at worst it stays until the service drops it
            stager.release("", [one.path for one in batch])


# ------------------------------------------------------------------------------------- reading
def read(app: App) -> int:
    """Read files that were recalled for it, for a bounded time. Returns how many were read or given up."""
    moved = _leave(app) + _held(app)
    with app.catalog.read() as conn:
        online = evidence.recalled(conn, app.now, app.settings.flow.batch)
    end = app.now + AT_A_TIME
    for one in online:
        if one.endpoint not in app.storages:
            continue
        at = app.now  # before the call: never newer than what it says
        seen = _read(app, one)
        if _other_bytes(one, seen):
            seen = _read(app, one)  # the line may have changed them
        moved += _record(app, one, seen, at)
        if app.now >= end:
            break
    return moved


def _leave(app: App) -> int:
    """Leases of files that are not AVAILABLE any more end."""
    with app.catalog.read() as conn:
        over = evidence.not_to_be_read(conn, app.settings.flow.batch)
    if not over:
        return 0
    with app.catalog.begin() as conn:
        _release(app, conn, over, "it is not AVAILABLE any more")
        evidence.drop(conn, [one.replica_id for one in over])
    return len(over)


def _held(app: App) -> int:
    """Recalls of ours that are held: a person looks at them, and until then no evidence of the files counts.

    Other bytes, recall after recall, are what the tape brings: then the replica is BAD.
    """
    with app.catalog.read() as conn:
        found = evidence.held(conn, app.settings.flow.batch)
    bad = [(one, f"{code}: {text}") for one, code, text in found if code in OTHER_BYTES]
    others = [one.replica_id for one, code, _ in found if code not in OTHER_BYTES and not one.misread]
    if not bad and not others:
        return 0
    with app.catalog.begin() as conn:
        evidence.misread(conn, others)
        for one, text in bad:
            _spoiled(app, conn, one, f"to be read again from tape: {text}")
    return len(bad) + len(others)


def _spoiled(app: App, conn: Connection, one: Due, text: str) -> None:
    _release(app, conn, [one], "its copy on tape is bad")
    evidence.drop(conn, [one.replica_id])
    replicas.record_compared(conn, "mismatch", [one.replica_id], app.why(text))


def _release(app: App, conn: Connection, read: Sequence[Due], reason: str) -> None:
    why = app.why(reason)
    pins.leave(conn, recall_leases.release(conn, [one.lease_id for one in read], why), why)


def _read(app: App, one: Due) -> Observation:
    """The bytes of one file that is online, summed as they pass."""
    storage = app.storages[one.endpoint]
    try:
        if storage.rereader is None:
            return _fetched(app, one)
        return storage.rereader.reread([one.path]).get(one.path, Unknown("no answer"))
    except StorageError as error:
        return Unknown(str(error))


def _fetched(app: App, one: Due) -> Observation:
    """The same where a backend can only fetch, which compares what came with the order."""
    scratch = app.settings.root / SCRATCH
    scratch.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=scratch) as directory:
        local = str(Path(directory) / "file")
        order = FetchOrder(one.path, local, one.size, one.adler32)
        match app.storages[one.endpoint].copier.fetch([order]).get(local):
            case Done():
                return Observed(one.size, one.adler32, Locality.ONLINE, "read")
            case Failed() as failure:
                return failure
            case _:
                return Unknown("no answer")


def _other_bytes(one: Due, seen: Observation) -> str:
    """What speaks against the bytes that came; "" when they are right, or did not come."""
    match seen:
        case Observed(size=size, adler32=checksum) if (size, checksum) != (one.size, one.adler32):
            return f"{size} bytes with adler32 {checksum} came from tape, not {one.size} with {one.adler32}"
        case Failed(code=code, text=text) if code in OTHER_BYTES:
            return text
        case _:
            return ""


def _record(app: App, one: Due, seen: Observation, at: datetime) -> int:
    """What the reading of one file comes to. Returns 1 if it was read, 0 if it could not be."""
    wrong = _other_bytes(one, seen)
    with app.catalog.begin() as conn:
        if wrong:
            _misread(app, conn, one, wrong)
            return 1
        if not isinstance(seen, Observed):
            evidence.plan(conn, retry_at(app, one.tries + 1), [one.replica_id], failed=True)
            return 0
        _read_well(app, conn, one, seen, at)
        return 1


def _read_well(app: App, conn: Connection, one: Due, seen: Observed, at: datetime) -> None:
    """Evidence of grade c, if the file was seen on tape only before it was recalled; the lease ends."""
    (before,) = evidence.counting(conn, [one.replica_id], misread=True).values()
    from_tape = any(piece.locality is Locality.NEARLINE and piece.taken_at <= at for piece in before)
    _release(app, conn, [one], "it was read again from tape")
    if not from_tape:  # the lease is of a time before the copy was doubted: it is recalled anew
        evidence.plan(conn, at, [one.replica_id])
        return
    piece = Piece(
        Grade.C,
        at,
        told_by(app, one.endpoint),
        seen.how,
        f"lease {one.lease_id}",
        seen.size,
        seen.adler32,
        seen.locality,
    )
    evidence.record(conn, [(one.replica_id, piece)])
    verifying_lines.verified(conn, [one.replica_id], at, seen.how)
    evidence.read_again(conn, [one.replica_id], wanted=False)
    product = app.settings.products.get(one.product)
    found = settled([*before, piece], product.wanted, app.now) if product else None
    if isinstance(found, Unsettled):
        evidence.plan(conn, found.look_at, [one.replica_id])
    else:
        evidence.drop(conn, [one.replica_id])


def _misread(app: App, conn: Connection, one: Due, wrong: str) -> None:
    """Recalled once more before it is believed: the copy in the buffer may be spoiled, and not the tape."""
    if one.misread + 1 < TWICE:
        why = app.why(f"read again from tape: {wrong}; it is recalled once more")
        evidence.misread(conn, [one.replica_id])
        pins.distrust(conn, pins.active(conn, [one.replica_id]), why)
        return
    _spoiled(app, conn, one, f"read again from tape, by {TWICE} recalls: {wrong}")
