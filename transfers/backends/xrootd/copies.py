"""Copies in and out: the Copier of an XRootD endpoint.

A copy: look at the destination (an equal file is adopted, another one never touched), look at the source
(bytes other than ordered are not sent), send with *persist on successful close*, let the server sum what it
has, look at the result. So a file that readers can see is whole; one of another checksum is removed at once
by the client library, which does that only to a file it has created. This module removes nothing.
"""

from __future__ import annotations

import os
import tempfile
import threading
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from catalog.states import Locality
from transfers.backends.localfiles import SCHEME as FILE_SCHEME
from transfers.backends.localfiles import check, contents_of, give_name, local_path
from transfers.backends.xrootd.client import Client, Copied, Stat
from transfers.backends.xrootd.commands import OFFLINE, CopyJob, Endpoint, named, split_url, url_of
from transfers.backends.xrootd.errors import REFUSED_BY_SERVER, Trouble
from transfers.backends.xrootd.files import look
from transfers.backends.xrootd.replies import read_copied
from transfers.errormap import outcome_of
from transfers.errors import (
    FileExists,
    FileMissing,
    NotOnline,
    StorageError,
    Unsupported,
    failed,
)
from transfers.model import CopyOrder, Done, Failed, FetchOrder, Observation, Observed, Outcome, Unknown
from transfers.watch import UNWATCHED, Watch


class Copier:
    """Copier. Sources: local files, and files of any XRootD server (they stream through this host)."""

    def __init__(self, client: Client, endpoint: Endpoint) -> None:
        self._client, self._endpoint = client, endpoint
        self._others: dict[str, Client] = {client.server: client}
        self._lock = threading.Lock()

    def copy(self, orders: Sequence[CopyOrder], watch: Watch = UNWATCHED) -> Mapping[str, Outcome]:
        names, refused = named(self._endpoint, [order.path for order in orders])
        outcomes: dict[str, Outcome] = dict(refused)
        seen = look(self._client, list(names.values()), None) if names else {}
        waiting = {}
        for order in orders:
            if order.path in names:
                outcome = _before(order, seen[names[order.path]])
                if outcome is None:
                    waiting[order.path] = order
                else:
                    outcomes[order.path] = outcome
        outcomes.update(self._check_sources(list(waiting.values())))
        good = [order for path, order in waiting.items() if path not in outcomes]
        outcomes.update(self._send(good, names))
        return outcomes

    # ------------------------------------------------------------------ source
    def _check_sources(self, orders: Sequence[CopyOrder]) -> dict[str, Failed | Unknown]:
        """The outcomes of the orders whose source is not, or cannot be seen to be, as ordered."""
        bad: dict[str, Failed | Unknown] = {}
        remote: dict[str, dict[str, str]] = defaultdict(dict)  # server -> path of the order -> source's name
        for order in orders:
            place = outcome_of(split_url, order.source)
            if isinstance(place, Failed):
                bad[order.path] = place
            elif place is not None:
                remote[place[0]][order.path] = place[1]
            elif isinstance(checked := outcome_of(_check_local, order), Failed):
                bad[order.path] = checked
        by_path = {order.path: order for order in orders}
        for server, sources in remote.items():
            try:
                seen: Mapping[str, Observation] = look(self._at(server), sorted(set(sources.values())), None)
            except StorageError as error:  # another server's trouble is not the trouble of the whole call
                seen = {name: failed(type(error), str(error)) for name in sources.values()}
            for path, name in sources.items():
                if trouble := _source_trouble(by_path[path], seen[name]):
                    bad[path] = trouble
        return bad

    def _at(self, server: str) -> Client:
        with self._lock:
            return self._others.setdefault(server, Client(server, self._client.limits))

    # -------------------------------------------------------------------- send
    def _send(self, orders: Sequence[CopyOrder], names: Mapping[str, str]) -> dict[str, Outcome]:
        """Copy to where nothing was a moment ago, and see what is there afterwards."""
        if not orders:
            return {}
        jobs = [
            CopyJob(order.source, url_of(self._client.server, names[order.path]), order.adler32)
            for order in orders
        ]
        results = self._client.copy(jobs)
        try:
            stats: Mapping[str, Stat | Trouble] = self._client.stat([names[order.path] for order in orders])
        except StorageError as error:
            return {
                order.path: _unseen(order, result, error)
                for order, result in zip(orders, results, strict=True)
            }
        outcomes: dict[str, Outcome] = {}
        doubtful: dict[str, tuple[CopyOrder, Trouble]] = {}
        for order, result in zip(orders, results, strict=True):
            name = names[order.path]
            if isinstance(result, Copied):
                outcomes[order.path] = _after(order, name, result, stats[name])
            elif isinstance(stats[name], Trouble):
                outcomes[order.path] = result.outcome(name)
            else:
                doubtful[name] = order, result
        outcomes.update(self._left_behind(doubtful))
        return outcomes

    def _left_behind(self, doubtful: Mapping[str, tuple[CopyOrder, Trouble]]) -> dict[str, Outcome]:
        """A copy failed, and yet a file is there: written by another, or whole with its answer lost."""
        seen = look(self._client, list(doubtful), None) if doubtful else {}
        outcomes: dict[str, Outcome] = {}
        for name, (order, trouble) in doubtful.items():
            found = _before(order, seen[name])
            outcome = trouble.outcome(name)
            if found is None:  # gone again meanwhile
                found = outcome
            elif (
                isinstance(found, Failed)
                and found.code == FileExists.code
                and trouble.error is not FileExists
            ):
                # Not ours to remove: perhaps another's. A person sees the text.
                found = failed(trouble.error, f"{outcome.text}; other bytes are at {name} now")
            outcomes[order.path] = found
        return outcomes

    # ------------------------------------------------------------------- fetch
    def fetch(self, orders: Sequence[FetchOrder], watch: Watch = UNWATCHED) -> Mapping[str, Outcome]:
        return {order.destination: outcome_of(self._fetch, order) for order in orders}

    def _fetch(self, order: FetchOrder) -> Outcome:
        name, destination = self._endpoint.name(order.path), Path(order.destination)
        if os.path.lexists(destination):
            raise FileExists(f"{destination} exists", subject=str(destination))
        if "?" in str(destination):
            raise Unsupported(f"{destination}: the XRootD client takes '?' for the end of the name")
        stat = self._client.stat([name])[name]
        if isinstance(stat, Trouble):
            return stat.outcome(name)
        if stat.flags & OFFLINE:
            return failed(NotOnline, f"{name} is on tape only: stage it first")
        destination.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(
            prefix=".ddm-fetch-", dir=destination.parent.absolute()
        ) as directory:
            part = Path(directory) / "part"
            job = CopyJob(url_of(self._client.server, name), f"{FILE_SCHEME}{part}")
            (result,) = self._client.copy([job])
            if isinstance(result, Trouble):
                return result.outcome(name)
            check(contents_of(part), (order.size, order.adler32), name)
            with part.open("rb") as stream:
                os.fsync(stream.fileno())
            give_name(part, destination)
        return Done()


def _before(order: CopyOrder, seen: Observation) -> Outcome | None:
    """The outcome that the destination as it is decides; None: there is nothing, copy."""
    if isinstance(seen, Unknown):
        return Unknown(f"not copied, as the destination cannot be seen: {seen.text}")
    if isinstance(seen, Failed):
        if seen.code == FileMissing.code:
            return None
        return failed(FileExists, seen.text) if seen.code == Unsupported.code else seen
    if (seen.size, seen.adler32) == (order.size, order.adler32):
        return Done()
    if seen.size == order.size and seen.adler32 is None:
        return failed(FileExists, f"{order.path} exists, and the server does not tell its adler32")
    return failed(FileExists, f"{order.path} exists with other contents ({seen.size} bytes, {seen.adler32})")


def _check_local(order: CopyOrder) -> None:
    """Raises what is wrong with a local source. It is read once more than needed, so that bytes known to be
    wrong never reach a tape system, which might archive them before anybody compares."""
    if "?" in order.source:
        raise Unsupported(f"{order.source}: the XRootD client takes '?' for the end of the name")
    file, wanted = local_path(order.source), (order.size, order.adler32)
    check((file.stat().st_size, order.adler32), wanted, order.source)  # quick, and spares the reading
    check(contents_of(file), wanted, order.source)


def _source_trouble(order: CopyOrder, seen: Observation) -> Failed | Unknown | None:
    """What speaks against a source at a server."""
    if not isinstance(seen, Observed):
        return seen
    if seen.locality is Locality.NEARLINE:
        return failed(NotOnline, f"{order.source} is on tape only: stage it first")
    # Without the server's checksum the target's decides, after the copy.
    found = (seen.size, order.adler32 if seen.adler32 is None else seen.adler32)
    checked = outcome_of(check, found, (order.size, order.adler32), order.source)
    return checked if isinstance(checked, Failed) else None


def _after(order: CopyOrder, name: str, result: Copied, stat: Stat | Trouble) -> Outcome:
    """Done only if the server's size and checksum are those ordered."""
    if isinstance(stat, Trouble):
        return Unknown(f"{name}: copied, and then: {stat.words}")
    if stat.size == order.size and read_copied(result.checksum) == order.adler32:
        return Done()
    return Unknown(f"{name}: copied, but the server says {stat.size} bytes and {result.checksum!r}")


def _unseen(order: CopyOrder, result: Copied | Trouble, error: StorageError) -> Outcome:
    """The outcome when the server fell silent after the copies."""
    if isinstance(result, Trouble) and result.code == REFUSED_BY_SERVER:
        return result.outcome(order.path)
    return Unknown(f"{order.path}: not seen after the copy: {error}")
