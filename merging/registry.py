"""Formats and event counters by name: entry points, loaded on first use.

A name with a colon, as ``package.module:Format``, is the place itself: for formats that only one task needs.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from merging.errors import MergeError, ToolMissing, WrongOptions
from merging.formats.ports import GROUP, Format


def find_format(name: str, options: Mapping[str, str] | None = None) -> Format:
    """The format of that name, made with the options.

    Raises ToolMissing if there is none or it cannot be loaded, WrongOptions for options it does not take.
    """
    options = options or {}
    build = load(GROUP, name, "format")
    signature = inspect.signature(build)
    try:
        signature.bind(**options)
    except TypeError as error:
        text = _wrong_options(signature, options) or str(error)
        raise WrongOptions(f"format '{name}' {text}", subject=name) from None
    found: Format = build(**options)
    return found


def _wrong_options(signature: inspect.Signature, options: Mapping[str, str]) -> str:
    """What is wrong with the options of a format, in a person's words."""
    takes = {
        word: one
        for word, one in signature.parameters.items()
        if one.kind in (one.POSITIONAL_OR_KEYWORD, one.KEYWORD_ONLY)
    }
    if strange := sorted(options.keys() - takes.keys()):
        return f"has no option '{strange[0]}'; it has: {', '.join(sorted(takes)) or 'none'}"
    missing = [word for word, one in takes.items() if one.default is one.empty and word not in options]
    return f"needs the option '{missing[0]}'" if missing else ""


def names(group: str) -> list[str]:
    """The names of the entry points of that group, in order."""
    return sorted({entry.name for entry in entry_points(group=group)})


def known(group: str, name: str) -> bool:
    """Whether an entry point of that group has the name."""
    return name in names(group)


def load(group: str, name: str, what: str) -> Any:
    """What the entry point gives. A name that two packages claim is an error, not a matter of luck."""
    entries: Iterable[EntryPoint] = entry_points(group=group)
    if ":" in name:
        entries = [EntryPoint(name, name, group)]
    found = {entry.value: entry for entry in entries if entry.name == name}
    if not found:
        text = f"there is no {what} '{name}'; there are: {', '.join(names(group))}"
        raise ToolMissing(text, subject=name)
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
