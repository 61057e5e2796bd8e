"""Merge tools and event counters by name: entry points, loaded on first use.

A name with a colon, as ``package.module:Tool``, is the place itself: for tools that only one task needs.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from merging.errors import MergeError, ToolMissing
from merging.tools.ports import MergeTool

TOOLS = "merging.tools"


def find_tool(name: str, options: Mapping[str, str]) -> MergeTool:
    """The merge tool of that name, made with the options.

    Raises ToolMissing if there is none or it cannot be loaded, MergeError for options it does not take.
    """
    build = load(TOOLS, name, "merge tool")
    try:
        inspect.signature(build).bind(**options)
    except TypeError as error:
        raise MergeError(f"merge tool '{name}': {error}", subject=name) from None
    tool: MergeTool = build(**options)
    return tool


def load(group: str, name: str, what: str) -> Any:
    """What the entry point gives. A name that two packages claim is an error, not a matter of luck."""
    known: Iterable[EntryPoint] = entry_points(group=group)
    if ":" in name:
        known = [EntryPoint(name, name, group)]
    found = {entry.value: entry for entry in known if entry.name == name}
    if not found:
        names = ", ".join(sorted({entry.name for entry in known}))
        raise ToolMissing(f"there is no {what} '{name}'; there are: {names}", subject=name)
    if len(found) > 1:
        places = " and ".join(sorted(found))
        raise MergeError(f"the {what} '{name}' is claimed by {places}: remove one", subject=name)
    (entry,) = found.values()
    try:
        return entry.load()
    except (ImportError, AttributeError) as error:
        raise ToolMissing(
            f"{what} '{name}' ({entry.value}) cannot be loaded: {error}", subject=name
        ) from None
