"""Looking at files and removing them: the Prober and the Remover of an XRootD endpoint."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from catalog.checksum import Adler32
from transfers.backends.xrootd.client import Client, Stat
from transfers.backends.xrootd.commands import IS_DIR, OFFLINE, OTHER, POSC_PENDING, Endpoint, named
from transfers.backends.xrootd.errors import Trouble
from transfers.backends.xrootd.replies import Answer, locality, needs_query, read_checksum
from transfers.backends.xrootd.tapesystem import TapeSystem
from transfers.errors import (
    EndpointBusy,
    EndpointUnreachable,
    StorageError,
    StorageTimeout,
    Unsupported,
    failed,
)
from transfers.model import Done, Failed, Observation, Observed, Outcome, Unknown

Checksum = Adler32 | Unknown | None


def look(client: Client, names: Sequence[str], tape: TapeSystem | None) -> dict[str, Observation]:
    """What the server says of each file. Raises StorageError if it says nothing at all."""
    stats = client.stat(names)
    files = {
        name: stat for name, stat in stats.items() if isinstance(stat, Stat) and not not_a_file(name, stat)
    }
    checksums = _checksums(client, {name: stat.size for name, stat in files.items()})
    queries = tape is not None and not tape.by_stat  # without them, a file that is online is just that
    asked = [name for name, stat in files.items() if needs_query(stat.flags, queries)]
    answers: Mapping[str, Answer] = {}
    if tape is not None and asked:
        try:
            answers = tape.answers("", asked)
        except StorageError:  # the locality is then UNKNOWN, and nobody concludes anything from that
            answers = {}
    seen: dict[str, Observation] = {}
    for name, stat in stats.items():
        if isinstance(stat, Trouble):
            seen[name] = stat.outcome(name)
        elif name not in files:
            seen[name] = not_a_file(name, stat) or Unknown(name)
        else:
            where = locality(stat.flags, queries, answers.get(name))
            checksum = checksums[name]
            seen[name] = (
                checksum
                if isinstance(checksum, Unknown)
                else Observed(stat.size, checksum, where, itself=stat.itself)
            )
    return seen


def not_a_file(name: str, stat: Stat) -> Failed | None:
    """What speaks against a name being that of a finished file."""
    if stat.flags & IS_DIR:
        return failed(Unsupported, f"{name} is a directory")
    if stat.flags & OTHER and not stat.flags & OFFLINE:
        return failed(Unsupported, f"{name} is not a regular file")
    if stat.flags & POSC_PENDING:
        return failed(
            EndpointBusy, f"{name} is being written, or its writer died and the server will drop it"
        )
    return None


def _checksums(client: Client, sizes: Mapping[str, int]) -> dict[str, Checksum]:
    """The checksum of each file, as far as the server tells.

    Servers fail at some for no reason (kXR_ServerError, "Program failed", or an error text in place of the
    checksum): those are asked for once more.
    """
    found: dict[str, Checksum] = {}
    rest = sizes
    for _ in range(2):
        try:
            replies = client.checksum(rest)
        except StorageError as error:  # it has just answered to stat: this is about the checksums only
            return found | {name: Unknown(f"{name}: {error}") for name in rest}
        found |= {name: checksum_of(name, reply) for name, reply in replies.items()}
        rest = {name: sizes[name] for name, reply in replies.items() if may_pass(reply, found[name])}
    return found


def may_pass(reply: bytes | Trouble, read: Checksum) -> bool:
    """May a server that did not give a checksum give it when asked again at once?"""
    endpoint = isinstance(reply, Trouble) and issubclass(reply.error, EndpointUnreachable | StorageTimeout)
    return isinstance(read, Unknown) and not endpoint


def checksum_of(name: str, reply: bytes | Trouble) -> Checksum:
    """The checksum, or None from a server that has none to give, or why nothing can be said of the file.

    That a checksum is "not found" says nothing of the file, which has just answered to stat: a checksum
    program that ends with 2, for whatever reason, is told as kXR_NotFound, "Program failed" (5.5.3).
    """
    if isinstance(reply, bytes):
        return read_checksum(reply)
    if issubclass(reply.error, Unsupported):
        return None
    return Unknown(reply.outcome(name).text)


class Files:
    """Prober and Remover."""

    def __init__(self, client: Client, endpoint: Endpoint, tape: TapeSystem | None) -> None:
        self._client, self._endpoint, self._tape = client, endpoint, tape

    def probe(self, paths: Sequence[str]) -> Mapping[str, Observation]:
        names, refused = named(self._endpoint, paths)
        seen = look(self._client, list(names.values()), self._tape) if names else {}
        return {**refused, **{path: seen[name] for path, name in names.items()}}

    def remove(self, paths: Sequence[str]) -> Mapping[str, Outcome]:
        """As the port says. Directories are refused here: servers remove empty ones like files."""
        names, refused = named(self._endpoint, paths)
        told = self._remove(list(names.values())) if names else {}
        return {**refused, **{path: told[name] for path, name in names.items()}}

    def _remove(self, names: Sequence[str]) -> dict[str, Outcome]:
        outcomes: dict[str, Outcome] = {}
        for name, stat in self._client.stat(names).items():
            if isinstance(stat, Trouble):
                outcomes[name] = stat.outcome(name)
            elif refusal := not_a_file(name, stat):
                outcomes[name] = refusal
        files = [name for name in names if name not in outcomes]
        for name, trouble in (self._client.remove(files) if files else {}).items():
            outcomes[name] = trouble.outcome(name) if trouble else Done()
        return outcomes
