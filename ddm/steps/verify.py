"""Hop 2, and the end of hop 8: compare what is there with what the catalogue says, by asking the storage.

A replica that just arrived is compared; one in a tape buffer is looked at until the service says on tape;
a doubted one is compared again. Nothing is recalled for this: the namespace answers. A copy on tape becomes
AVAILABLE with its first evidence, in one transaction.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from catalog.db import places, replicas
from catalog.model import Compared
from catalog.states import EndpointKind, Locality, ReplicaState
from ddm.app import App
from ddm.steps.common import retry_at, whole_call_failed
from ddm.steps.evidence import first_evidence
from transfers.errors import StorageError
from transfers.model import Observation, Observed, Unknown
from transfers.planning import batches
from transfers.verify import Judgement, judge

GIVE_UP_COUNTING = 30  # the wait no longer grows; the age shows in 'ddm flow status'


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
    return _record(app, todo, seen)


def _record(app: App, todo: Sequence[Compared], seen: Mapping[str, Observation]) -> int:
    silent = Unknown("the service did not mention the file")
    events: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    unclear: dict[tuple[bool, int], list[int]] = defaultdict(list)
    localities: dict[Locality, list[int]] = defaultdict(list)
    on_tape: list[tuple[int, str, int]] = []
    good: dict[int, Compared] = {}
    for replica in todo:
        answer = seen.get(replica.path, silent)
        found = _judge(replica, answer)
        if isinstance(answer, Observed):
            localities[answer.locality].append(replica.id)
            if answer.place is not None:
                on_tape.append((replica.id, answer.place.tape, answer.place.position))
        if found.event is None:
            waiting = replica.state == ReplicaState.ARCHIVING and isinstance(answer, Observed)
            unclear[not waiting, min(replica.tries, GIVE_UP_COUNTING)].append(replica.id)
        else:
            how = answer.how if isinstance(answer, Observed) else ""
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
