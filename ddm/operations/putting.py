"""A local file to an endpoint and into the catalogue: bytes, compare, register, in this order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from catalog.db import ask, facts, files, registering, replicas
from catalog.db.engine import Catalog, Connection
from catalog.db.move import Why
from catalog.errors import BadInput, ConflictingRegistration
from catalog.model import NewFile
from catalog.names import check_lfn
from catalog.states import EndpointKind, ReplicaState
from ddm.importing.names import Identity, Names
from ddm.operations.common import doing, why
from ddm.settings import EndpointSettings
from transfers.errors import StorageError
from transfers.manifest import Outgoing, StageOut
from transfers.model import Observation, Unknown
from transfers.staging import Contents, Means, contents
from transfers.staging_out import send
from transfers.verify import judge


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
    """Which file, under which name, whereto. ``dataset`` and ``names`` are for an LFN that is new."""

    file: Path
    lfn: str
    endpoint: EndpointSettings
    dataset: str | None = None
    names: Names | None = None

    @property
    def url(self) -> str:
        return self.endpoint.prefix + self.lfn


def endpoint_for(endpoints: Mapping[str, EndpointSettings], name: str | None) -> EndpointSettings:
    """The endpoint of that name, or the only disk endpoint. Raises BadInput."""
    disks = sorted(entry.name for entry in endpoints.values() if entry.kind == EndpointKind.DISK)
    if name is None and len(disks) == 1:
        name = disks[0]
    if name is None:
        raise BadInput(f"which endpoint? disks are: {', '.join(disks) or 'none'}", subject="--endpoint")
    if name not in endpoints:
        known = ", ".join(sorted(endpoints)) or "none"
        raise BadInput(f"no endpoint '{name}' in ddm.toml; known: {known}", subject="--endpoint")
    return endpoints[name]


def put(catalog: Catalog, wish: Wish, means: Means) -> Put:
    """Write the file to the endpoint, compare it there, register it. Repeat freely: what is equal is adopted.

    Raises ConflictingRegistration when the catalogue knows the name with other bytes, and BadName or BadInput
    for a name that is none, before a byte is written; StorageError when the file cannot be put.
    """
    check_lfn(wish.lfn)
    seen = _read(wish.file)
    with doing(catalog, act=False) as conn:  # the same path as the act: what is refused is refused now
        known = bool(ask.look_up(conn, [wish.lfn])[wish.lfn])
        _register(conn, wish, seen, why(catalog))
    manifest = StageOut("ddm put", (Outgoing(wish.lfn, wish.file.name, (wish.url,), *seen),))
    (report,), _ = send(manifest, {wish.lfn: seen}, wish.file.parent, means)
    if not report.good:
        raise _error(report.code)(report.text, subject=wish.url)
    observed = _look(wish, means)
    event = judge(*seen, observed, tape=wish.endpoint.kind == EndpointKind.TAPE)
    with doing(catalog, act=True) as conn:
        replica = _register(conn, wish, seen, why(catalog, "put by a person"))
        if event.event is not None:
            how = getattr(observed, "how", "")
            replicas.record_compared(conn, event.event, replica, why(catalog, event.reason), how=how)
        state = _state(conn, wish)
    return Put(wish.lfn, wish.url, wish.endpoint.name, seen[0], str(seen[1]), known, state, event.reason)


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


def _look(wish: Wish, means: Means) -> Observation:
    """The replica as its endpoint says it is, for the record."""
    backends = {wish.endpoint.prefix: (wish.endpoint.backend, wish.endpoint.options)}
    storage, path = means.open(backends).locate(wish.url)
    try:
        return storage.prober.probe([path]).get(path, Unknown("the service did not mention the file"))
    except StorageError as error:  # it was compared when it was put; the flow compares it again
        return Unknown(str(error))


def _register(conn: Connection, wish: Wish, seen: Contents, reason: Why) -> list[int]:
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
    endpoint = files.ensure_endpoint(conn, wish.endpoint.name, wish.endpoint.kind)
    found = registering.register(conn, [entry], dataset=dataset, endpoint=endpoint, why=reason)
    if found.conflicts:
        raise ConflictingRegistration(found.conflicts[0].text, subject=wish.lfn)
    here = _replicas(conn, wish)
    return [copy.id for copy in here if copy.state == ReplicaState.UNVERIFIED]


def _replicas(conn: Connection, wish: Wish) -> list[facts.ReplicaFact]:
    row = files.find_file(conn, wish.lfn)
    found = facts.replicas_of(conn, row.id)
    return [
        copy for copy in found if copy.endpoint == wish.endpoint.name and copy.state != ReplicaState.DELETED
    ]


def _state(conn: Connection, wish: Wish) -> str:
    found = _replicas(conn, wish)
    return str(found[-1].state) if found else ""
