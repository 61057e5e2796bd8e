"""A local file to an endpoint and into the catalogue: bytes, compare, register, in this order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from catalog.checksum import Adler32
from catalog.db import ask, evidence, facts, files, registering, replicas
from catalog.db.engine import Catalog, Connection
from catalog.db.move import Why, move
from catalog.errors import BadInput, ConflictingRegistration, IllegalTransition
from catalog.evidence import Piece
from catalog.model import NewFile
from catalog.names import check_lfn
from catalog.states import REPLICA, EndpointKind, ReplicaState
from ddm.importing.names import Identity, Names
from ddm.naming import named
from ddm.operations import placing
from ddm.operations.common import doing, why
from ddm.places import Places
from ddm.settings import EndpointSettings, Settings
from transfers.errors import ChecksumMismatch, StorageError
from transfers.manifest import Outgoing, StageOut
from transfers.model import SILENT, Observation, Unknown
from transfers.placement import Wanted
from transfers.staging import Contents, Means, contents
from transfers.staging_out import send
from transfers.verify import evidence_of, judge


@dataclass(frozen=True, slots=True)
class Put:
    """What was put where. ``known``: the catalogue had the file before. ``state``: of the new replica."""

    lfn: str
    url: str
    endpoint: str
    size: int
    adler32: str
    known: bool
    state: str
    compared: str


@dataclass(frozen=True, slots=True)
class Wish:
    """Which file, under which name, whereto: the first endpoint that takes it. ``dataset`` and ``names``: for
    an LFN that is new."""

    file: Path
    lfn: str
    endpoints: tuple[EndpointSettings, ...]
    dataset: str | None = None
    names: Names | None = None

    @property
    def urls(self) -> tuple[str, ...]:
        return tuple(entry.prefix + self.lfn for entry in self.endpoints)


def endpoints_for(
    settings: Settings, places: Places, name: str | None, size: int
) -> tuple[EndpointSettings, ...]:
    """The endpoint of that name; else the disks that may take so many bytes, the best first, by
    ``[placement]``. Raises BadInput when there is none."""
    known = settings.endpoints
    if name is not None:
        return (known[named(name, known, "--endpoint")],)
    disks = [entry.name for entry in known.values() if entry.kind == EndpointKind.DISK]
    storages = {disk: places.doors.locate(f"{known[disk].prefix}/x")[0] for disk in disks}
    found = placing.choose(settings, storages, Wanted(size, kind=EndpointKind.DISK), among=disks)
    if not found.ranking:
        why_not = "; ".join(f"{entry.endpoint}: {entry.text}" for entry in found.refused)
        raise BadInput(f"no disk may take it: {why_not or 'there is none'}", subject="--endpoint")
    return tuple(known[choice] for choice in found.endpoints)


def put(catalog: Catalog, wish: Wish, means: Means) -> Put:
    """Write the file to an endpoint, compare it there, register it. Repeat freely: what is equal is adopted.

    Raises ConflictingRegistration when the catalogue knows the name with other bytes, and BadName or BadInput
    for a name that is none, before a byte is written; StorageError when no endpoint takes the file.
    """
    check_lfn(wish.lfn)
    seen = _read(wish.file)
    with doing(catalog, act=False) as conn:  # the same path as the act: what is refused is refused now
        known = bool(ask.look_up(conn, [wish.lfn])[wish.lfn])
        wish = replace(wish, endpoints=_free(conn, wish)) if known else wish
        _register(conn, wish, wish.endpoints[0], seen, why(catalog))
    manifest = StageOut("ddm put", (Outgoing(wish.lfn, wish.file.name, wish.urls, *seen),))
    (report,), _ = send(manifest, {wish.lfn: seen}, wish.file.parent, means)
    if not report.good:
        raise _error(report.code)(report.text, subject=wish.urls[0])
    endpoint = wish.endpoints[wish.urls.index(report.url)]
    observed = _look(report.url, means)
    event = judge(*seen, observed, tape=endpoint.kind == EndpointKind.TAPE)
    try:
        with doing(catalog, act=True) as conn:
            replica = _register(conn, wish, endpoint, seen, why(catalog, "put by a person"))
            if event.event is not None:
                how, told = getattr(observed, "how", ""), why(catalog, event.reason)
                good = replicas.record_compared(conn, event.event, replica, told, how=how)
                evidence.record(conn, _evidence(good, endpoint, seen, observed, told.at))
            here = _replicas(conn, wish, endpoint)
    except ConflictingRegistration as error:  # somebody else was faster with the name
        text = f"{error}; its bytes lie at {report.url}, and are not registered"
        raise ConflictingRegistration(text, subject=wish.lfn) from None
    state = str(here[-1].state) if here else ""
    if state not in _PUT:
        raise ChecksumMismatch(f"put, and then {state}: {event.reason}", subject=report.url)
    return Put(wish.lfn, report.url, endpoint.name, seen[0], str(seen[1]), known, state, event.reason)


def _evidence(
    replica: Sequence[int],
    endpoint: EndpointSettings,
    seen: tuple[int, Adler32],
    now: Observation,
    at: datetime,
) -> list[tuple[int, Piece]]:
    """What was seen of a copy that is on tape already, as its first evidence."""
    if endpoint.kind != EndpointKind.TAPE:
        return []
    piece = evidence_of(*seen, now, at=at, source=f"{endpoint.name} ({endpoint.backend})")
    return [(key, piece) for key in replica if piece is not None]


_PUT = (ReplicaState.AVAILABLE, ReplicaState.ARCHIVING, ReplicaState.UNVERIFIED)
_BUSY = (ReplicaState.COPYING, ReplicaState.TRASHED, ReplicaState.DELETING, ReplicaState.BAD)


def _free(conn: Connection, wish: Wish) -> tuple[EndpointSettings, ...]:
    """The endpoints at which no copy is being written or on its way out: what is put there would be removed,
    or have two writers. Raises IllegalTransition if none is left."""
    busy = {
        copy.endpoint: f"the copy at {copy.endpoint} is {copy.state}"
        for entry in wish.endpoints
        for copy in _replicas(conn, wish, entry)
        if copy.state in _BUSY
    }
    free = tuple(entry for entry in wish.endpoints if entry.name not in busy)
    if not free:
        raise IllegalTransition(f"{'; '.join(busy.values())}: nothing was put", subject=wish.lfn)
    return free


def _read(file: Path) -> Contents:
    if not file.is_file():
        raise BadInput("there is no such file", subject=str(file))
    return contents(file)


def _error(code: str) -> type[StorageError]:
    """The class of a storage error by its code."""
    classes: list[type[StorageError]] = [StorageError]
    for cls in classes:
        classes += cls.__subclasses__()
    return next((cls for cls in classes if cls.code == code), StorageError)


def _look(url: str, means: Means) -> Observation:
    """The replica as its endpoint says it is, for the record."""
    storage, path = means.open({}).locate(url)
    try:
        return storage.prober.probe([path]).get(path, SILENT)
    except StorageError as error:  # it was compared when it was put; the flow compares it again
        return Unknown(str(error))


def _register(
    conn: Connection, wish: Wish, endpoint: EndpointSettings, seen: Contents, reason: Why
) -> list[int]:
    """Register the file with its replica; the replica's id, if it is still to be compared. Raises
    ConflictingRegistration."""
    known = ask.look_up(conn, [wish.lfn])[wish.lfn]
    if known:
        row = files.find_file(conn, wish.lfn)
        who = Identity(row.role, row.product, row.run, row.chunk, row.part)
        dataset = files.dataset_id(conn, row.dataset)
    else:
        if wish.dataset is None or wish.names is None:
            raise BadInput("a new LFN belongs to a dataset: give --dataset", subject=wish.lfn)
        who = wish.names.of(wish.lfn)
        dataset = files.ensure_dataset(conn, wish.dataset, reason)
    entry = NewFile(
        check_lfn(wish.lfn), who.role, who.product, who.run, who.chunk, *seen, check_lfn(wish.lfn), who.part
    )
    place = files.ensure_endpoint(conn, endpoint.name, endpoint.kind)
    found = registering.register(conn, [entry], dataset=dataset, endpoint=place, why=reason)
    if found.conflicts:
        raise ConflictingRegistration(found.conflicts[0].text, subject=wish.lfn)
    here = _replicas(conn, wish, endpoint)
    lost = [copy.id for copy in here if copy.state == ReplicaState.LOST]
    move(conn, REPLICA, lost, "found", reason, next_try_at=reason.at, tries=0)
    looked_at = (ReplicaState.UNVERIFIED, ReplicaState.SUSPECT, ReplicaState.LOST)
    return [copy.id for copy in here if copy.state in looked_at]


def _replicas(conn: Connection, wish: Wish, endpoint: EndpointSettings) -> list[facts.ReplicaFact]:
    row = files.find_file(conn, wish.lfn)
    found = facts.replicas_of(conn, row.id)
    return [copy for copy in found if copy.endpoint == endpoint.name and copy.state != ReplicaState.DELETED]
