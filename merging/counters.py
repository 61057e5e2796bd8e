"""Event counters: they read the file itself and never guess.

Each takes a path and returns a number, or raises UnreadableInput with file and reason. ``find`` gives the
counter of a name: that of a format (``date``: what its ``count`` calls events), or one of those that count
something else, entry points of the group ``merging.counters``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from merging import registry
from merging.errors import ToolMissing, UnreadableInput
from merging.formats.archives import MEMBERS, ZipArchive
from merging.formats.ports import GROUP as FORMATS
from merging.rootfile import EVENTS, TREES, event_count, objects, opened, reading

GROUP = "merging.counters"


class Counter(Protocol):
    def __call__(self, path: Path) -> int:
        """Events in the file, read from the file itself. Raises UnreadableInput; never guesses."""
        ...


def find(name: str) -> Counter:
    """The counter of that name. Raises ToolMissing if there is none, or if it cannot be loaded."""
    if not registry.known(GROUP, name) and registry.known(FORMATS, name):
        return of_format(name)
    try:
        counter: Counter = registry.load(GROUP, name, "event counter")
    except ToolMissing as error:
        if ":" in name:
            raise
        formats = ", ".join(registry.names(FORMATS))
        raise ToolMissing(f"{error}, and the formats {formats}", subject=name) from None
    return counter


def of_format(name: str) -> Counter:
    """The counter of a format, which refuses files that do not say how many events they hold."""
    found = registry.find_format(name)

    def count(path: Path) -> int:
        n_events = found.count(path).n_events
        if n_events is None:
            raise UnreadableInput(f"{path}: does not say how many events it holds", subject=str(path))
        return n_events

    return count


def count_root_tree(path: Path) -> int:
    """Entries of the one TTree in the file.

    No tree, or more than one, is refused: which of them counts the events is not for us to guess.
    """
    with opened(path) as file, reading(path):
        trees = [name for name, classname in objects(file).items() if classname in TREES]
        if len(trees) != 1:
            text = f"{path}: needs one tree to count the entries of, has {len(trees)}: {', '.join(trees[:5])}"
            raise UnreadableInput(text.rstrip(": "), subject=str(path))
        return int(file[trees[0]].num_entries)


def count_root_hist(path: Path) -> int:
    """Entries (fEntries) of the histogram ``events``, which is filled once per event.

    A file without one cannot be counted and is refused.
    """
    with opened(path) as file, reading(path):
        if not objects(file).get(EVENTS, "").startswith("TH1"):
            text = f"{path}: has no histogram '{EVENTS}' (TH1) to count the events by"
            raise UnreadableInput(text, subject=str(path))
        return event_count(file[EVENTS], path)


def count_zip(path: Path) -> int:
    """Members of an archive made by the format ``zip``, its index not counted (files, not events).

    The index must be there and agree with the archive in names and sizes.
    """
    return ZipArchive().count(path).by_type[MEMBERS]
