"""Hop 2, and the end of hop 8: compare what is there with what the catalogue says, by asking the storage.

A replica that just arrived is compared; one in a tape buffer is looked at until the service says on tape;
a doubted one is compared again. Nothing is recalled for this: the namespace answers. A copy on tape becomes
AVAILABLE with its first evidence, in one transaction.

A copy on disk that was good once, and is doubted, does not become BAD by what a service says of it: that may
be an old checksum which the service keeps, and may be what it was doubted for. Its bytes decide; while they
cannot be read it stays SUSPECT, which nobody reads.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from catalog.db import places, replicas
from catalog.model import Compared
from catalog.states import EndpointKind, HowVerified, Locality, ReplicaState
from ddm.app import App
from ddm.steps import contentread
from ddm.steps.common import retry_at, whole_call_failed
from ddm.steps.contentlook import Conclusion, Good, Odd, Unheard
from ddm.steps.evidence import first_evidence
from transfers.errors import StorageError
from transfers.model import SILENT, Observation, Observed
from transfers.planning import batches
from transfers.verify import Judgement, judge

READ_AT_ONCE = 16  # of an endpoint, at a round
GIVE_UP_COUNTING = 30  # the wait no longer grows; the age shows in 'ddm flow status'
LATER = Judgement(None, "it is read at a later round")


def compare(app: App) -> int:
    """Compare a batch of replicas. Returns how many changed state."""
    with app.catalog.read() as conn:
        todo = replicas.comparable(conn, app.now, app.settings.flow.batch)
    places: dict[str, list[Compared]] = defaultdict(list)
    for replica in todo:
        if replica.endpoint in app.storages:
            places[replica.endpoint].append(replica)
    return sum(_compare_at(app, endpoint, found) for endpoint, found in places.items())


def _compare_at(app: App, endpoint: str, todo: Sequence[Compared]) -> int:
    limit = app.settings.endpoints[endpoint].max_files_per_request
    seen: dict[str, Observation] = {}
    for batch in batches(todo, limit):
        paths = list(dict.fromkeys(replica.path for replica in batch))
        try:
            seen |= app.storages[endpoint].prober.probe(paths)
        except StorageError as error:
            seen |= whole_call_failed(error, paths)
    return _record(app, todo, seen, _by_bytes(app, endpoint, todo, seen))


def _by_bytes(
    app: App, endpoint: str, todo: Sequence[Compared], seen: Mapping[str, Observation]
) -> dict[int, Judgement]:
    """What the bytes say of the doubted copies on disk of which the service alone speaks against, by id."""
    differ = [replica for replica in todo if _only_told(replica, seen.get(replica.path))]
    found: dict[int, Judgement] = {replica.id: LATER for replica in differ[READ_AT_ONCE:]}
    some = differ[:READ_AT_ONCE]
    try:
        read = contentread.read(app, endpoint, some)
    except StorageError as error:
        read = [Unheard(str(error))] * len(some)
    return found | {one.id: _as_read(said) for one, said in zip(some, read, strict=True)}


def _only_told(replica: Compared, answer: Observation | None) -> bool:
    if replica.state != ReplicaState.SUSPECT or replica.kind != EndpointKind.DISK:
        return False
    told = isinstance(answer, Observed) and answer.how != HowVerified.READ
    return told and _judge(replica, answer or SILENT).event == "mismatch"


def _as_read(said: Conclusion) -> Judgement:
    match said:
        case Good():
            return Judgement("verified", "every byte was read, and is right")
        case Odd(event, _, reason):
            return Judgement(event, reason)
        case Unheard(reason):
            return Judgement(None, reason)


def _record(
    app: App, todo: Sequence[Compared], seen: Mapping[str, Observation], read: Mapping[int, Judgement]
) -> int:
    events: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    unclear: dict[tuple[bool, int], list[int]] = defaultdict(list)
    localities: dict[Locality, list[int]] = defaultdict(list)
    on_tape: list[tuple[int, str, int]] = []
    good: dict[int, Compared] = {}
    for replica in todo:
        answer = seen.get(replica.path, SILENT)
        by_bytes = read.get(replica.id)
        found = by_bytes or _judge(replica, answer)
        if isinstance(answer, Observed):
            localities[answer.locality].append(replica.id)
            if answer.place is not None:
                on_tape.append((replica.id, answer.place.tape, answer.place.position))
        if found.event is None:
            waiting = replica.state == ReplicaState.ARCHIVING and isinstance(answer, Observed)
            waiting = waiting or by_bytes is LATER
            unclear[not waiting, min(replica.tries, GIVE_UP_COUNTING)].append(replica.id)
        else:
            how = str(HowVerified.READ) if by_bytes else answer.how if isinstance(answer, Observed) else ""
            reason = "" if found.event in ("verified", "on_tape") else found.reason
            events[found.event, how, reason].append(replica.id)
            if not reason and replica.kind == EndpointKind.TAPE:
                good[replica.id] = replica
    soon = app.now + app.settings.flow.interval
    moved = 0
    with app.catalog.begin() as conn:
        why = app.why()
        for (event, how, reason), ids in events.items():
            done = replicas.record_compared(conn, event, ids, why.because(reason), how=how, again=soon)
            moved += len(done)
            first_evidence(app, conn, [good[key] for key in done if key in good], seen, why.at)
        for (failed, tries), ids in unclear.items():
            replicas.postpone(conn, ids, retry_at(app, tries + 1) if failed else soon, count=failed)
        replicas.record_seen(conn, localities)
        places.remember(conn, on_tape)
    return moved


def _judge(replica: Compared, answer: Observation) -> Judgement:
    return judge(
        replica.size,
        replica.adler32,
        answer,
        tape=replica.kind == EndpointKind.TAPE,
        archiving=replica.state == ReplicaState.ARCHIVING,
    )
