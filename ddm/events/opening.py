"""The event sources of ddm.toml, open: by their section's name, in its order."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from catalog.errors import BadInput
from ddm.events.filling import Filling, Named
from ddm.events.ports import Around
from ddm.events.registry import open_source

if TYPE_CHECKING:
    from ddm.app import App

SCRATCH = "event-counting"
"""Directory beside ddm.toml for copies of files that are counted."""


def open_filling(app: App, only: Iterable[str] = ()) -> Filling:
    """The sources, or ``only`` those of these names. Raises BadInput for a name, ConfigError for a source."""
    settings = app.settings
    for name in only:
        if name not in settings.event_sources:
            known = ", ".join(settings.event_sources) or "none"
            raise BadInput(f"no [event_source.{name}] in ddm.toml; known: {known}", subject="--source")
    around = Around(
        root=settings.root,
        storages=app.storages,
        prefixes={name: endpoint.prefix for name, endpoint in settings.endpoints.items()},
        scratch=settings.root / SCRATCH,
        clock=app.clock,
    )
    chosen = set(only) or set(settings.event_sources)
    sources = []
    for name, entry in settings.event_sources.items():
        if name in chosen:
            source = open_source(entry, around)
            sources.append(Named(name, source, entry.products or source.products))
    return Filling(app.catalog, sources, settings.events, app.clock, app.random)
