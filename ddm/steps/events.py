"""Beside the hops: ask for event counts that nobody has said yet, and take ranges from silent processes."""

from __future__ import annotations

from catalog.db import ranges
from catalog.errors import CatalogBusy
from ddm.app import App
from ddm.events.opening import open_filling


def fill(app: App) -> int:
    """Ask every event source of ddm.toml of some files. Returns how many counts were kept."""
    if not app.settings.event_sources:
        return 0
    if app.filling is None:
        app.filling = open_filling(app)
    try:
        return app.filling.round()
    except CatalogBusy:  # a person does it just now, with 'ddm events fill'
        return 0


def reassign(app: App) -> int:
    """Let others claim the ranges of processes that fell silent. Returns how many ranges moved."""
    before = app.now - app.settings.events.silent
    with app.catalog.read() as conn:
        if not ranges.stale(conn, before, limit=1):
            return 0
    with app.catalog.begin() as conn:
        done = ranges.reassign(
            conn,
            before,
            app.why(),
            max_attempts=app.settings.events.max_claims,
            limit=app.settings.flow.batch,
        )
    return done.freed + done.held
