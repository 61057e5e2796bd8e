"""Listings: the Lister of an endpoint. Several directories are read at a time."""

from __future__ import annotations

from collections.abc import Iterator

from transfers.backends.gfal2.client import Client
from transfers.backends.gfal2.commands import Name
from transfers.backends.gfal2.errors import Problem
from transfers.errors import FileMissing
from transfers.model import Entry


class Lister:
    """Lister. A directory is read whole before its entries are told, so a list breaks off between two."""

    def __init__(self, client: Client) -> None:
        self._client, self._endpoint = client, client.endpoint

    def list(self, directory: str, *, recursive: bool = False) -> Iterator[Entry]:
        top = directory.rstrip("/")
        self._look(top)
        waiting = [top]
        while waiting:
            paths = {self._name(path): path for path in waiting[: self._client.limits.calls]}
            del waiting[: len(paths)]
            for name, found in self._client.lists(list(paths)).items():
                if isinstance(found, Problem):
                    raise found.exception(name.url)
                for one in found:
                    entry = one.entry(f"{paths[name]}/{one.name}")
                    if entry is not None:
                        yield entry
                    if recursive and entry is not None and entry.is_directory:
                        waiting.append(entry.path)

    def _look(self, path: str) -> None:
        """Raises FileMissing unless there is a directory: plug-ins list a file as if it were one, or what is
        not there as if it were empty."""
        name = self._name(path)
        seen = self._client.look([name], status=False, checksum=False)[name]
        if isinstance(seen, Problem):
            raise seen.exception(name.url)
        if not seen.is_directory:
            raise FileMissing(f"{name.url} is no directory", subject=name.url)

    def _name(self, path: str) -> Name:
        name = self._endpoint.name(path) if path else self._endpoint.base or "/"
        return Name(name, self._endpoint.url(name))
