"""What is in directories: the Lister of an XRootD endpoint, as its Walker tells.

A manager without a name space of its own, whose servers nobody has counted (option ``servers``), cannot be
walked. But it can be asked which servers have a directory: when it is one, that one lists it; when they are
several the list is refused, as one of them could be away.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from transfers.backends.xrootd.client import Client
from transfers.backends.xrootd.commands import Endpoint
from transfers.backends.xrootd.errors import Trouble
from transfers.backends.xrootd.walking import Walker
from transfers.errors import UnreadableReply, Unsupported
from transfers.model import Entry, Looked
from transfers.ports import Following
from transfers.walking import WalkLister


class Lister:
    """Lister."""

    def __init__(self, client: Client, endpoint: Endpoint, walker: Walker) -> None:
        self._client, self._endpoint, self._walker = client, endpoint, walker

    def list(self, directory: str, *, recursive: bool = False) -> Iterator[Entry]:
        path = directory.rstrip("/")
        name = self._endpoint.directory(path)
        entries = WalkLister(_Where(self._walker, partial(self._holders, name)))
        return _printable(entries.list(path or "/", recursive=recursive))

    def _holders(self, name: str) -> Sequence[str]:
        """The servers that have the directory, behind a manager. Raises StorageError."""
        if self._client.limits.servers:
            return self._walker.all_servers()
        told = self._client.servers_of(name)
        if isinstance(told, Trouble):
            raise told.error(f"{name} cannot be listed: {told.words}", subject=name)
        if len(servers := set(told)) > 1:
            raise Unsupported(
                f"{name} is on several servers ({', '.join(sorted(servers))}), and one more may be away: say "
                "how many there are with the option servers = N of the endpoint",
                subject=name,
            )
        return sorted(servers)


@dataclass(frozen=True, slots=True)
class _Where:
    """The walker; behind a manager these servers are walked."""

    walker: Walker
    servers: Callable[[], Sequence[str]]

    def walk(self, following: Following) -> Iterator[tuple[str, Looked]]:
        return self.walker.walk_at(self.servers, following)


def _printable(entries: Iterator[Entry]) -> Iterator[Entry]:
    """Other names cannot be asked for by the other ports. Raises UnreadableReply."""
    for entry in entries:
        if not entry.path.isprintable():
            raise UnreadableReply(f"there is an entry {entry.path!r}", subject=entry.path)
        yield entry
