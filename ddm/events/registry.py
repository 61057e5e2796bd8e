"""Which event sources there are, and how to open one: entry points of ``ddm.event_sources``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.metadata import entry_points
from typing import cast

from catalog.errors import BadInput
from ddm.errors import ConfigError
from ddm.events.ports import Around, EventSource
from ddm.settings import EventSourceSettings

GROUP = "ddm.event_sources"
Open = Callable[[Mapping[str, str], Around], EventSource]


def open_source(settings: EventSourceSettings, around: Around) -> EventSource:
    """The event source of the settings. Raises ConfigError, naming the section and what is wrong."""
    place = f"event_source.{settings.name}"
    found = {entry.value: entry for entry in entry_points(group=GROUP) if entry.name == settings.backend}
    if len(found) != 1:
        names = ", ".join(sorted({entry.name for entry in entry_points(group=GROUP)})) or "none"
        text = f"{'no' if not found else 'more than one'} event source is called '{settings.backend}'"
        raise ConfigError(f"[{place}] backend: {text}; installed are: {names}", subject=f"{place}.backend")
    (entry,) = found.values()
    try:
        return cast(Open, entry.load())(settings.options, around)
    except (ImportError, AttributeError) as error:
        raise ConfigError(f"[{place}] cannot be loaded: {error}", subject=f"{place}.backend") from None
    except BadInput as error:
        raise ConfigError(f"[{place}] options: {error}", subject=place) from None
