"""What else is in the directories from which copies are to be removed: reported, never touched.

Directories are shared: by the parts of a production, by its slots, by people. What is removed is a list of
paths, so nothing of this is in danger; it is told so that nobody takes a directory for empty afterwards.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from catalog.db import removal_scope
from catalog.db.removal_scope import Candidate
from ddm.app import App
from transfers.errors import FileMissing, StorageError

EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class Neighbours:
    """A directory of copies that may go, and what else a listing shows in it.

    ``others``: files of the catalogue that stay, by dataset; ``unregistered``: files that the catalogue does
    not know, with the first ones; ``missing``: planned ones that are not there; ``trouble``: why it could not
    be listed, then nothing is known.
    """

    endpoint: str
    directory: str
    planned: int
    others: Mapping[str, int]
    unregistered: int
    examples: tuple[str, ...]
    missing: int
    trouble: str = ""


def neighbours(app: App, chosen: Iterable[Candidate]) -> tuple[Neighbours, ...]:
    """One answer for each directory of these copies."""
    by_place: dict[tuple[str, str], set[str]] = defaultdict(set)
    for one in chosen:
        by_place[one.endpoint, one.path.rpartition("/")[0] or "/"].add(one.path)
    return tuple(_look(app, *place, paths) for place, paths in sorted(by_place.items()))


def _look(app: App, endpoint: str, directory: str, planned: set[str]) -> Neighbours:
    listed = listing(app, endpoint, directory)
    if isinstance(listed, str):
        return Neighbours(endpoint, directory, len(planned), {}, 0, (), 0, listed)
    rest = sorted(set(listed) - planned)
    with app.catalog.read() as conn:
        known = removal_scope.at_places(conn, endpoint, rest)
    others: dict[str, int] = defaultdict(int)
    for dataset, _ in known.values():
        others[dataset] += 1
    strange = [path for path in rest if path not in known]
    return Neighbours(
        endpoint,
        directory,
        len(planned),
        dict(sorted(others.items())),
        len(strange),
        tuple(strange[:EXAMPLES]),
        len(planned - set(listed)),
    )


def listing(app: App, endpoint: str, directory: str) -> Mapping[str, int] | str:
    """The files in a directory with their sizes, or why nobody can tell."""
    storage = app.storages.get(endpoint)
    if storage is None or storage.lister is None:
        return "the endpoint cannot be listed"
    try:
        entries = list(storage.lister.list(directory))
    except FileMissing:
        return {}
    except StorageError as error:
        return f"it cannot be listed: {error}"
    return {entry.path: entry.size for entry in entries if not entry.is_directory}


class Sizes:
    """The sizes of files on storage, a directory at a time: each is listed once."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._known: dict[tuple[str, str], Mapping[str, int] | str] = {}

    def of(self, endpoint: str, path: str) -> int | str | None:
        """Its size in bytes; a text: it is not there; None: nobody can tell."""
        directory = path.rpartition("/")[0] or "/"
        if (endpoint, directory) not in self._known:
            self._known[endpoint, directory] = listing(self._app, endpoint, directory)
        found = self._known[endpoint, directory]
        if isinstance(found, str):
            return None
        return found.get(path, f"{path} is not there")
