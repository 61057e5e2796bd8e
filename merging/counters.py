"""Event counters, one per format: they read the file itself and never guess.

Each takes a path and returns a number, or raises UnreadableInput with file and reason. ``find`` gives the
counter of a name; others can be added as entry points of the group ``merging.counters``.
"""

from __future__ import annotations

import json
import zipfile
import zlib
from pathlib import Path

from merging import registry
from merging.date import EventType, events, is_empty_dump
from merging.errors import UnreadableInput
from merging.rootfile import EVENTS, TREES, event_count, objects, opened, reading
from merging.tools.ports import Counter
from merging.tools.zip import INDEX

GROUP = "merging.counters"


def find(name: str) -> Counter:
    """The counter of that name. Raises ToolMissing if there is none, or if it cannot be loaded."""
    counter: Counter = registry.load(GROUP, name, "event counter")
    return counter


def count_date(path: Path) -> int:
    """Physics events (type 7) at the top level of a DATE file; 0 for the sentinel of an empty dump."""
    with reading(path):
        if is_empty_dump(path):
            return 0
        return sum(event.type == EventType.PHYSICS for event in events(path))


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
    """Members of an archive made by the merge tool ``zip``, its index not counted (files, not events).

    The index must be there and agree with the archive in names and sizes.
    """
    with reading(path):
        try:
            with zipfile.ZipFile(path) as archive:
                found = [(info.filename, info.file_size) for info in archive.infolist()]
                listed = json.loads(archive.read(INDEX))["members"]
        except (zipfile.BadZipFile, zlib.error, KeyError, TypeError, ValueError) as error:
            text = f"{path}: no zip archive with an index ({error})"
            raise UnreadableInput(text, subject=str(path)) from None
        members = [member for member in found if member[0] != INDEX]
        if members != [(member["name"], member["size"]) for member in listed]:
            raise UnreadableInput(f"{path}: the index and the archive differ", subject=str(path))
        return len(members)
