"""Whose lists are kept, for those who remove old ones; and the word that they are gone.

A scan or comparison is *tidied* first, in one transaction with all others of the same call: from then on
nobody reads its lists. Then its files go. The rows, and all numbers in them, stay.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, not_, select, update

from catalog.db import schema_comparisons, schema_repairs, schema_scans
from catalog.db.engine import among
from catalog.db.move import Why
from catalog.states import REPAIR, ComparisonState, RepairState, ScanState

S, C, CS = schema_scans.scan, schema_comparisons.comparison, schema_comparisons.comparison_scan
P = schema_repairs.repair
OPEN = tuple(state for state in RepairState if state not in (RepairState.DONE, RepairState.CANCELED))


def tidy(conn: Connection, scans: Sequence[int], comparisons: Sequence[int], why: Why) -> None:
    """The lists of these are gone. Of those that are being made, or tidied already, nothing is changed."""
    ended = {S: (ScanState.DONE, ScanState.REFUSED), C: (ComparisonState.DONE,)}
    for table, ids in ((S, scans), (C, comparisons)):
        if ids:
            right = and_(table.c.state.in_([str(one) for one in ended[table]]), table.c.tidied_at.is_(None))
            conn.execute(
                update(table)
                .where(among(conn, table.c.id, ids), right)
                .values(tidied_at=why.at, tidied_by=why.actor)
            )


@dataclass(frozen=True, slots=True)
class OpenPlan:
    """A plan of repair that is not at its end."""

    number: int
    state: RepairState
    comparison: int


def open_plans(conn: Connection) -> list[OpenPlan]:
    """Plans that somebody may still sign or go on with."""
    assert set(OPEN) < set(REPAIR.states)
    query = select(P.c.id, P.c.state, P.c.comparison_id).where(P.c.state.in_([str(one) for one in OPEN]))
    return [OpenPlan(key, RepairState(state), comparison) for key, state, comparison in conn.execute(query)]


@dataclass(frozen=True, slots=True)
class Look:
    """A scan in a comparison that is DONE. ``believed``: no person said otherwise; ``tidied``: the findings
    are gone."""

    comparison: int
    scan: int
    endpoint_id: int
    root: str
    begun_at: datetime
    ended_at: datetime
    believed: bool
    tidied: bool


def looks(conn: Connection) -> list[Look]:
    """Every scan in every comparison that is DONE."""
    query = (
        select(
            *CS.c["comparison_id", "scan_id"],
            *S.c["endpoint_id", "root", "begun_at", "ended_at"],
            not_(S.c.state == ScanState.REFUSED),
            C.c.tidied_at.is_not(None),
        )
        .join(S, S.c.id == CS.c.scan_id)
        .join(C, and_(C.c.id == CS.c.comparison_id, C.c.state == ComparisonState.DONE))
    )
    return [Look(*tuple(row)) for row in conn.execute(query)]
