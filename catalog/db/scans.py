"""Scans of storages: the register of them. Their lists are files: see ``ddm.reconcile.scanstore``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, select, update

from catalog.db import schema, schema_scans
from catalog.db.engine import new_ids
from catalog.db.move import Why, born, move
from catalog.errors import IllegalTransition, NotRegistered
from catalog.states import SCAN, EndpointKind, ScanSource, ScanState

S, E = schema_scans.scan, schema.endpoint


@dataclass(frozen=True, slots=True)
class Scan:
    """A scan of an endpoint, or of what is below ``root`` there (``/``: all of it).

    ``directory`` is in ``reconcile.directory``. ``catalogue_at``: of when the catalogue's expectation is that
    it is compared with; ``begun_at``, ``ended_at``: when the storage was looked at, of a dump when that was
    made. ``entries`` (files), ``bytes`` and ``directories`` were read, ``unread`` directories could not be.
    ``lines`` to ``marker`` as in ``ddm.reconcile.verdicts.Reading``. ``reason``: why it stopped, or is not
    believed. ``tidied_at``, ``tidied_by``: since when its lists are gone, and who removed them.
    """

    id: int
    state: ScanState
    since: datetime
    endpoint_id: int
    endpoint: str
    kind: EndpointKind
    root: str
    source: ScanSource
    name: str
    format: str
    directory: str
    made_at: datetime
    made_by: str
    catalogue_at: datetime | None
    begun_at: datetime | None
    ended_at: datetime | None
    entries: int
    bytes: int
    directories: int
    unread: int
    lines: int
    outside: int
    named: int
    garbled: int
    whole: bool
    marker: str | None
    reason: str
    tidied_at: datetime | None
    tidied_by: str | None


def begin(
    conn: Connection,
    endpoint_id: int,
    root: str,
    source: ScanSource,
    why: Why,
    *,
    name: str = "",
    format_: str = "",
) -> Scan:
    """A new scan, GOING; its directory is named after its number."""
    (new,) = new_ids(conn, S, 1)
    values: dict[str, Any] = {
        "id": new, "state": ScanState.GOING.value, "since": why.at, "endpoint_id": endpoint_id, "root": root,
        "source": source.value, "name": name, "format": format_, "directory": f"scan-{new:06d}",
        "made_at": why.at, "made_by": why.actor,
    }  # fmt: skip
    conn.execute(S.insert().values(**values))
    born(conn, SCAN, [new], ScanState.GOING, why)
    return one(conn, new)


def _question() -> Select[Any]:
    early, late = list(S.c)[:4], list(S.c)[4:]
    assert [column.name for column in early] == ["id", "state", "since", "endpoint_id"]
    return select(*early, E.c.name.label("endpoint"), E.c.kind, *late).join(E, E.c.id == S.c.endpoint_id)


def _scan(row: Any) -> Scan:
    values = dict(row._mapping)
    values["state"], values["kind"] = ScanState(values["state"]), EndpointKind(values["kind"])
    return Scan(**{**values, "source": ScanSource(values["source"])})


def one(conn: Connection, number: int) -> Scan:
    """A scan by its number. Raises NotRegistered."""
    row = conn.execute(_question().where(S.c.id == number)).one_or_none()
    if row is None:
        raise NotRegistered("no such scan", subject=f"scan {number}", advice="see 'ddm reconcile scans'")
    return _scan(row)


def listing(
    conn: Connection,
    limit: int,
    *,
    endpoint: str | None = None,
    states: Sequence[ScanState] = (),
    root: str | None = None,
) -> list[Scan]:
    """Scans, the newest first; of this endpoint, in these states, of this root, where given."""
    query = _question().order_by(S.c.id.desc()).limit(limit)
    if endpoint is not None:
        query = query.where(E.c.name == endpoint)
    if states:
        query = query.where(S.c.state.in_([state.value for state in states]))
    if root is not None:
        query = query.where(S.c.root == root)
    return [_scan(row) for row in conn.execute(query)]


def note(conn: Connection, number: int, **found: Any) -> None:
    """Keep what became known of a scan that is GOING: its times and numbers. No change of state."""
    conn.execute(update(S).where(S.c.id == number, S.c.state == ScanState.GOING).values(**found))


def finish(conn: Connection, number: int, why: Why, **found: Any) -> Scan:
    """It is DONE, with what was found; ``why.reason``: in what it is not whole.

    Raises IllegalTransition if it is not GOING any more.
    """
    return _moved(conn, number, "finished", why, reason=why.reason, **found)


def stop(conn: Connection, number: int, why: Why, **found: Any) -> Scan:
    """It was interrupted, for the reason of ``why``, and can be resumed."""
    return _moved(conn, number, "stopped", why, reason=why.reason, **found)


def resume(conn: Connection, number: int, why: Why) -> Scan:
    """It goes on."""
    return _moved(conn, number, "resumed", why, reason="")


def refuse(conn: Connection, number: int, why: Why, **found: Any) -> Scan:
    """It is not believed, for the reason of ``why``, and never compared."""
    return _moved(conn, number, "refused", why, reason=why.reason, **found)


def disbelieve(conn: Connection, number: int, why: Why) -> Scan:
    """A person says that it is not to be believed, or not to be gone on with. Raises IllegalTransition."""
    return _moved(conn, number, "disbelieved", why, reason=why.reason)


def _moved(conn: Connection, number: int, event: str, why: Why, **also: Any) -> Scan:
    found = one(conn, number)
    if not move(conn, SCAN, [number], event, why, **also):
        raise IllegalTransition(
            f"it is {found.state} since {found.since:%F %T}; nothing was changed",
            subject=f"scan {number}",
        )
    return one(conn, number)
