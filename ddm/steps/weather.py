"""Storms at the endpoints: what is kept between calls, and what the operator is told. See transfers.storm."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from catalog.db import storms
from catalog.db.engine import Connection
from catalog.states import RequestKind
from ddm.app import App
from ddm.settings import RecallSettings
from transfers import storm
from transfers.policy import Patience, patience_for
from transfers.storm import Answers, Limits, StormState, Trouble

LOG = logging.getLogger("ddm.recall")


def limits(settings: RecallSettings) -> Limits:
    """The limits of the settings."""
    return Limits(files=settings.storm_files, cap=settings.storm_held, pause=settings.storm_pause)


def rows_of(found: Sequence[Mapping[str, Any]], endpoint: str) -> list[Trouble]:
    """The rows of the catalogue as values."""
    rows = []
    for row in found:
        values = dict(row)
        values["of"] = values.pop("asked")
        values["state"] = StormState(values["state"])
        rows.append(Trouble(endpoint=endpoint, **values))
    return rows


def _read(conn: Connection, endpoint: str, *, lock: bool = False) -> list[Trouble]:
    return rows_of(storms.rows(conn, endpoint, lock=lock), endpoint)


def _keep(conn: Connection, endpoint: str, rows: Sequence[Trouble]) -> None:
    found = []
    for row in rows:
        values = asdict(row)
        del values["endpoint"]
        values["asked"] = values.pop("of")
        values["state"] = row.state.value
        found.append(values)
    storms.keep(conn, endpoint, found)


def limit(app: App, conn: Connection, endpoint: str) -> int | None:
    """How many files may be sent there now; None: as many as the window takes."""
    return storm.allowed(_read(conn, endpoint), app.now)


def causes_of_storms(app: App, conn: Connection, endpoint: str) -> set[str]:
    """The causes by which so many files fail there that it is not the files.

    Not those of a storm that has lasted for too long: then attempts count again, or bad files would be tried
    for ever.
    """
    since = app.now - limits(app.settings.recall).patience
    rows = _read(conn, endpoint)
    return {row.cause for row in rows if row.state is not StormState.CLOSED and row.first_at >= since}


def sent(app: App, conn: Connection, endpoint: str, files: int) -> None:
    """So many files are being sent there."""
    rows = _read(conn, endpoint, lock=True)
    if any(row.state is not StormState.CLOSED for row in rows):
        _keep(conn, endpoint, storm.sent(rows, files, app.now, limits(app.settings.recall)))


def heard(
    app: App,
    conn: Connection,
    endpoint: str,
    *,
    good: int = 0,
    accepted: int = 0,
    bad: Mapping[str, int] | None = None,
) -> None:
    """What a call told of its files, failures by cause. The operator is told of a storm once, in the log."""
    rows = _read(conn, endpoint, lock=True)
    if not rows and not bad:
        return
    bounds = limits(app.settings.recall)
    after = storm.observe(rows, endpoint, Answers(good, accepted, bad or {}), app.now, bounds)
    after = [_told(row, row.cause in (bad or {})) for row in after if not storm.over(row, app.now, bounds)]
    if after != rows:
        _keep(conn, endpoint, after)


def _told(row: Trouble, fresh: bool) -> Trouble:
    if not storm.alarm_due(
        row, asked=fresh and patience_for(row.cause, RequestKind.STAGE) is Patience.PERSON
    ):
        return row
    LOG.error("%s", storm.sentence(row))
    return replace(row, alarmed=True)


def may_hold(app: App, conn: Connection, endpoint: str, cause: str, files: int) -> int:
    """How many files may be held for this cause now; counted, as the caller does hold them."""
    rows = _read(conn, endpoint, lock=True)
    row = next((row for row in rows if row.cause == cause), None)
    n = storm.may_hold(row, files, app.now, limits(app.settings.recall))
    if row is not None and n:
        changed = replace(row, held=row.held + n)
        _keep(conn, endpoint, [changed if other is row else other for other in rows])
    return n
