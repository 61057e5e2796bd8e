"""What is in directories: the Lister of an XRootD endpoint.

Directories are listed several at a time, each in parts as the server sends them, so entries come early and a
directory of a million files does not wait in memory. A list is whole or it raises: a part that is missing,
cannot be read, or does not come in time ends it with an error.

A manager without a name space of its own sends a question about a directory to any one of the servers that
have it, or (the stock setting, ``ofs.dirlist local``) answers from its own disk, where nothing is. So it is
asked first who has it: when they are several the list is refused, and when the manager says that there is no
such directory, though one server has it, that one is asked.
"""

from __future__ import annotations

import queue
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from transfers.backends.xrootd.client import Client, Part, Row
from transfers.backends.xrootd.commands import IS_DIR, POSC_PENDING, Endpoint, bad_name
from transfers.backends.xrootd.errors import Trouble
from transfers.backends.xrootd.replies import entry_of
from transfers.errors import FileMissing, StorageTimeout, TransientStorageError, UnreadableReply, Unsupported
from transfers.model import Entry

AT_A_TIME = 8  # directories on their way; more come when one is whole


@dataclass(frozen=True, slots=True)
class _Directory:
    """``ids``: what the server calls it and the directories above it, to notice a way that leads back."""

    path: str
    name: str
    ids: tuple[str, ...] = ()


Answers = queue.SimpleQueue[tuple[_Directory, Part | Trouble]]


class Lister:
    """Lister."""

    def __init__(self, client: Client, endpoint: Endpoint) -> None:
        self._client, self._endpoint = client, endpoint

    def list(self, directory: str, *, recursive: bool = False) -> Iterator[Entry]:
        path = directory.rstrip("/")
        top = _Directory(path, self._endpoint.directory(path))
        if len(servers := set(self._client.servers_of(top.name))) > 1:
            raise Unsupported(
                f"{top.name} is on several servers, and a list tells of one: {', '.join(sorted(servers))}",
                subject=top.name,
            )
        holder = self._client.at(servers.pop()) if servers else None
        return _Walk(self._client, top, recursive, holder).entries()


class _Walk:
    """One listing: what is to be listed, and what has come."""

    def __init__(self, client: Client, top: _Directory, recursive: bool, holder: Client | None) -> None:
        self._holder = holder  # who is said to have it
        self._client, self._top, self._recursive = client, top, recursive
        self._waiting = [top]
        self._answers: Answers = queue.SimpleQueue()

    def entries(self) -> Iterator[Entry]:
        under_way = 0
        while self._waiting or under_way:
            while self._waiting and under_way < AT_A_TIME:
                directory = self._waiting.pop()  # the newest: so that few wait in a tree that is wide
                self._client.list_directory(directory.name, partial(_land, self._answers, directory))
                under_way += 1
            directory, part = self._next()
            if isinstance(part, Trouble):
                self._begin_at_holder(directory, part)
                continue
            yield from self._of(directory, part)
            under_way -= part.last

    def _begin_at_holder(self, directory: _Directory, trouble: Trouble) -> None:
        """Ask the one who has it. Raises StorageError when that is not what is wrong."""
        if self._holder is None or directory is not self._top or not issubclass(trouble.error, FileMissing):
            raise self._error(directory, trouble)
        self._client, self._holder = self._holder, None
        self._client.list_directory(directory.name, partial(_land, self._answers, directory))

    def _next(self) -> tuple[_Directory, Part | Trouble]:
        try:
            return self._answers.get(timeout=self._client.patience)
        except queue.Empty:
            raise StorageTimeout(
                f"{self._client.server}: no answer about {self._top.name} in time", subject=self._top.name
            ) from None

    def _error(self, directory: _Directory, trouble: Trouble) -> Exception:
        text = f"{directory.name} cannot be listed: {trouble.words}"
        if issubclass(trouble.error, FileMissing) and directory is not self._top:
            # It was there a moment ago. That is no word about the directory asked for.
            return TransientStorageError(text, subject=directory.name)
        return trouble.error(text, subject=directory.name)

    def _of(self, directory: _Directory, part: Part) -> Iterator[Entry]:
        for row in part.rows:
            if "/" in row.name or not row.name.isprintable():
                raise UnreadableReply(f"{directory.name} has an entry {row.name!r}", subject=directory.name)
            if row.flags & POSC_PENDING:
                continue  # it is being written, and not there until its good close
            path = f"{directory.path}/{row.name}"
            yield entry_of(path, row.size, row.flags, row.modified, row.checksum)
            if self._recursive and row.flags & IS_DIR:
                self._waiting.append(_below(directory, path, row))


def _below(above: _Directory, path: str, row: Row) -> _Directory:
    """A directory found in another. Raises Unsupported when it cannot be asked for, or leads back."""
    name = f"{above.name.rstrip('/')}/{row.name}"
    if error := bad_name(name):
        raise error
    if row.id in above.ids:
        raise Unsupported(f"{name} leads back to a directory above it: no end of the list", subject=name)
    return _Directory(path, name, (*above.ids, row.id) if row.id else above.ids)


def _land(answers: Answers, directory: _Directory, part: Part | Trouble) -> None:
    answers.put((directory, part))
