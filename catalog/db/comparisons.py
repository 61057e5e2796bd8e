"""Comparisons of the catalogue with scans: the register of them. What they found is in files: see
``ddm.reconcile.findings``.

1. A comparison is a number and a directory until it is DONE; only then does it say anything, all of it at
   once, and it never changes again.
2. One whose process was killed stays GOING until the next one gives it up; nobody reads it.
3. What it says rests on its scans: when a person disbelieves one of them later, ``usable`` says so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import chain, count
from typing import Any

from sqlalchemy import Connection, Select, and_, exists, select

from catalog.db import schema, schema_comparisons, schema_scans
from catalog.db.engine import among, insert_many, new_ids
from catalog.db.move import Why, born, move
from catalog.errors import IllegalTransition, NotRegistered
from catalog.states import COMPARISON, ComparisonState, EndpointKind, ScanState

C, CS, CC = (
    schema_comparisons.comparison,
    schema_comparisons.comparison_scan,
    schema_comparisons.comparison_count,
)
S, E = schema_scans.scan, schema.endpoint


@dataclass(frozen=True, slots=True)
class Comparison:
    """A comparison. ``directory`` is in ``reconcile.directory`` and holds ``findings.parquet`` once it is
    DONE; ``after_at``: of when the catalogue is that it was compared with after the scans. ``tidied_at``,
    ``tidied_by``: since when its findings are gone, and who removed them; its counts stay."""

    id: int
    state: ComparisonState
    since: datetime
    made_at: datetime
    made_by: str
    directory: str
    after_at: datetime | None
    reason: str
    tidied_at: datetime | None
    tidied_by: str | None

    @property
    def gone(self) -> str:
        """Why nobody can read its findings any more; empty: they are kept."""
        if self.tidied_at is None:
            return ""
        return f"its findings were removed {self.tidied_at:%F %R} by {self.tidied_by}; its numbers are kept"


@dataclass(frozen=True, slots=True)
class NewCompared:
    """What a comparison says of a scan as a whole: copies ``expected`` below its root, files ``present``.

    ``earlier_comparison``, ``earlier_scan``: what confirms its differences, if anything could. ``accepted``:
    why a person accepts more differences than the brake does. ``remarks``: why not all can be declared,
    or was compared.
    """

    scan: int
    earlier_comparison: int | None
    earlier_scan: int | None
    expected: int
    present: int
    accepted: str
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """A scan in a comparison. ``disbelieved``: why a person does not believe the scan any more; empty: it
    is believed."""

    comparison: int
    scan: int
    endpoint_id: int
    endpoint: str
    kind: EndpointKind
    root: str
    begun_at: datetime
    ended_at: datetime
    earlier_comparison: int | None
    earlier_scan: int | None
    expected: int
    present: int
    accepted: str
    remarks: tuple[str, ...]
    disbelieved: str


@dataclass(frozen=True, slots=True)
class Counted:
    """So many places of an endpoint are of this kind and standing (texts of ``ddm.reconcile``), and their
    bytes, as the storage says, else the catalogue. ``expected``: of those that the catalogue expects."""

    endpoint_id: int
    endpoint: str
    kind: str
    standing: str
    expected: bool
    places: int
    bytes: int


@dataclass(frozen=True, slots=True)
class NewCount:
    """The same, to be stored."""

    endpoint_id: int
    kind: str
    standing: str
    expected: bool
    places: int
    bytes: int


# ------------------------------------------------------------------------------------------------ making
def begin(conn: Connection, why: Why, taken: Callable[[str], bool] = lambda name: False) -> Comparison:
    """A new comparison, GOING; its directory is named after its number.

    ``taken``: whether there is a directory of that name, of a catalogue of which an earlier backup was
    restored; then it has another name.
    """
    (new,) = new_ids(conn, C, 1)
    names = (f"comparison-{new:06d}{suffix}" for suffix in chain([""], (f"-{n}" for n in count(2))))
    values: dict[str, Any] = {
        "id": new, "state": ComparisonState.GOING.value, "since": why.at, "made_at": why.at,
        "made_by": why.actor, "directory": next(name for name in names if not taken(name)),
    }  # fmt: skip
    conn.execute(C.insert().values(**values))
    born(conn, COMPARISON, [new], ComparisonState.GOING, why)
    return one(conn, new)


def finish(
    conn: Connection,
    number: int,
    after_at: datetime,
    compared: Sequence[NewCompared],
    counts: Sequence[NewCount],
    why: Why,
) -> Comparison:
    """It is DONE, and says all this. Raises IllegalTransition if it is not GOING any more."""
    if not move(conn, COMPARISON, [number], "finished", why, after_at=after_at):
        raise IllegalTransition(
            "another program gave it up; nothing was stored", subject=f"comparison {number}"
        )
    rows = [
        {
            "comparison_id": number,
            "scan_id": each.scan,
            "earlier_comparison_id": each.earlier_comparison,
            "earlier_scan_id": each.earlier_scan,
            "expected": each.expected,
            "present": each.present,
            "accepted": each.accepted,
            "remarks": "\n".join(each.remarks),
        }
        for each in compared
    ]
    insert_many(conn, CS, rows)
    insert_many(conn, CC, [{"comparison_id": number, **asdict(count)} for count in counts])
    return one(conn, number)


def give_up(conn: Connection, ids: Sequence[int], why: Why) -> list[int]:
    """These came to no end, for the reason of ``why``; gives those that were GOING."""
    return move(conn, COMPARISON, ids, "given_up", why, reason=why.reason)


def going(conn: Connection) -> list[Comparison]:
    """Those that nobody finished yet: being made, or left behind by a process that was killed."""
    return _read(conn, _question().where(C.c.state == ComparisonState.GOING).order_by(C.c.id))


# ------------------------------------------------------------------------------------------------ asking
def _question() -> Select[Any]:
    return select(C)


def _read(conn: Connection, query: Select[Any]) -> list[Comparison]:
    found = [dict(row._mapping) for row in conn.execute(query)]
    return [Comparison(**{**row, "state": ComparisonState(row["state"])}) for row in found]


def one(conn: Connection, number: int) -> Comparison:
    """A comparison by its number. Raises NotRegistered."""
    found = _read(conn, _question().where(C.c.id == number))
    if not found:
        raise NotRegistered(
            "no such comparison",
            subject=f"comparison {number}",
            advice="see 'ddm reconcile comparisons'",
        )
    return found[0]


def listing(
    conn: Connection, limit: int, *, endpoint: str | None = None, state: ComparisonState | None = None
) -> list[Comparison]:
    """Comparisons, the newest first; with a scan of this endpoint, in this state, where given."""
    query = _question().order_by(C.c.id.desc()).limit(limit)
    if endpoint is not None:
        query = query.where(
            exists(
                select(CS.c.scan_id)
                .join(S, S.c.id == CS.c.scan_id)
                .join(E, E.c.id == S.c.endpoint_id)
                .where(CS.c.comparison_id == C.c.id, E.c.name == endpoint)
            )
        )
    if state is not None:
        query = query.where(C.c.state == state)
    return _read(conn, query)


def newest(conn: Connection, *, endpoint: str | None = None) -> Comparison | None:
    """The newest that is DONE (with a scan of this endpoint), None if there is none."""
    found = listing(conn, 1, endpoint=endpoint, state=ComparisonState.DONE)
    return found[0] if found else None


def compared(
    conn: Connection, ids: Sequence[int] | None = None, *, endpoint: str | None = None
) -> list[Compared]:
    """The scans of these comparisons, or of every one that is DONE; oldest scan of an endpoint first."""
    columns = (
        *CS.c["comparison_id", "scan_id"], S.c.endpoint_id, E.c.name, E.c.kind,
        *S.c["root", "begun_at", "ended_at"],
        *CS.c["earlier_comparison_id", "earlier_scan_id", "expected", "present", "accepted", "remarks"],
        *S.c["state", "reason"],
    )  # fmt: skip
    query = (
        select(*columns)
        .join(S, S.c.id == CS.c.scan_id)
        .join(E, E.c.id == S.c.endpoint_id)
        .join(C, and_(C.c.id == CS.c.comparison_id, C.c.state == ComparisonState.DONE))
        .order_by(E.c.name, S.c.begun_at, CS.c.comparison_id)
    )
    if ids is not None:
        query = query.where(among(conn, CS.c.comparison_id, ids))
    if endpoint is not None:
        query = query.where(E.c.name == endpoint)
    return [_compared(tuple(row)) for row in conn.execute(query)]


def _compared(row: tuple[Any, ...]) -> Compared:
    values: list[Any] = list(row)
    remarks, state, reason = values[-3:]
    values[4] = EndpointKind(values[4])
    told = tuple(remarks.split("\n")) if remarks else ()
    why = (reason or "for no reason that is known") if state == ScanState.REFUSED else ""
    values[-3:] = [told, why]
    return Compared(*values)


def usable(conn: Connection, number: int) -> tuple[str, ...]:
    """Why nothing may be done by what a comparison says; empty: it is DONE, and its scans are believed.
    One that is tidied says nothing of single places any more.

    Raises NotRegistered.
    """
    found = one(conn, number)
    if found.state is not ComparisonState.DONE:
        return (f"comparison {number} is {found.state}: {COMPARISON.meaning[found.state]}",)
    if found.gone:
        return (f"comparison {number}: {found.gone}",)
    return tuple(
        f"scan {each.scan} of {each.endpoint} is not believed: {each.disbelieved}"
        for each in compared(conn, [number])
        if each.disbelieved
    )


def counts(conn: Connection, ids: Sequence[int]) -> dict[int, list[Counted]]:
    """What each of these comparisons counted, by its number, in the order of endpoint, kind and standing."""
    query = (
        select(
            CC.c.comparison_id,
            CC.c.endpoint_id,
            E.c.name,
            *CC.c["kind", "standing", "expected", "places", "bytes"],
        )
        .join(E, E.c.id == CC.c.endpoint_id)
        .where(among(conn, CC.c.comparison_id, ids))
        .order_by(CC.c.comparison_id, E.c.name, CC.c.kind, CC.c.standing, CC.c.expected)
    )
    found: dict[int, list[Counted]] = {number: [] for number in ids}
    for number, *rest in conn.execute(query):
        found[number].append(Counted(*rest))
    return found
