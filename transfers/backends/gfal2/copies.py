"""Copies in and out: the Copier of an endpoint.

A copy: look at the destination (an equal file is adopted, another one never touched), look at the source
(bytes other than ordered are not sent), send to a temporary name beside the destination, with both checksums
compared on the way, look at the destination once more, rename, and look at what is there. All of it is one
job with one context, so a copy whose time is over is cancelled alone. Only the temporary name, which nobody
else has, is ever removed, by gfal2 or by us.
"""

from __future__ import annotations

import os
import tempfile
import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from catalog.states import Locality
from transfers.backends.gfal2.client import Client
from transfers.backends.gfal2.commands import (
    SPELLINGS,
    Endpoint,
    Name,
    Source,
    for_source,
    local_url,
    source_of,
    temporary_name,
)
from transfers.backends.gfal2.errors import Problem
from transfers.backends.gfal2.files import look, observation
from transfers.backends.gfal2.library import Copying
from transfers.backends.gfal2.tape import TapeSystem
from transfers.backends.localfiles import SCHEME as FILE_SCHEME
from transfers.backends.localfiles import check, contents_of, give_name
from transfers.errormap import outcome_of
from transfers.errors import (
    FileExists,
    NotOnline,
    StorageError,
    StorageTimeout,
    TransferStopped,
    failed,
)
from transfers.model import CopyOrder, Done, Failed, FetchOrder, Observation, Observed, Outcome, Unknown
from transfers.verify import destination_as_it_is
from transfers.watch import UNWATCHED, Watch

SCHEMES = frozenset(SPELLINGS) - {"mock"} | {FILE_SCHEME.removesuffix("://")}


@dataclass(frozen=True, slots=True)
class _Job:
    """One copy: where from, its final and its temporary name."""

    order: CopyOrder
    source: str
    target: Name
    part: Name
    into: str  # the part's URL as the plug-in that makes the copy wants it


@dataclass(frozen=True, slots=True)
class _Fetch:
    """One fetch: from which name, to which temporary file, and its URL."""

    order: FetchOrder
    name: Name
    part: Path
    into: str


class Copier:
    """Copier. Sources: local files, and files of any service that gfal2 speaks to."""

    def __init__(self, client: Client, tape: TapeSystem | None) -> None:
        self._client, self._endpoint, self._tape = client, client.endpoint, tape

    def copy(self, orders: Sequence[CopyOrder], watch: Watch = UNWATCHED) -> Mapping[str, Outcome]:
        names, refused = self._endpoint.named([order.path for order in orders], plain=True)
        outcomes: dict[str, Outcome] = dict(refused)
        seen = look(self._client, list(names.values()), None) if names else {}
        sources: dict[CopyOrder, Source] = {}
        for order in orders:
            if order.path not in names:
                continue
            source = outcome_of(source_of, order.source, self._endpoint)
            decided = destination_as_it_is(order, seen[names[order.path]])
            if decided is not None:
                outcomes[order.path] = decided
            elif isinstance(source, Source):
                sources[order] = source
            else:
                outcomes[order.path] = source
        outcomes.update(self._check_sources(sources))
        good = {order: source for order, source in sources.items() if order.path not in outcomes}
        outcomes.update(self._send(good, names, watch))
        return outcomes

    # ------------------------------------------------------------------ source
    def _check_sources(self, sources: Mapping[CopyOrder, Source]) -> dict[str, Outcome]:
        """The outcomes of the orders whose source is not, or cannot be seen to be, as ordered."""
        bad: dict[str, Outcome] = {}
        remote: dict[Endpoint, dict[CopyOrder, Name]] = defaultdict(dict)
        for order, source in sources.items():
            if source.endpoint is not None:
                remote[source.endpoint][order] = Name(source.name, source.url)
            else:
                # Over root:// gfal2 says so itself when a source has another checksum; elsewhere it says EIO.
                read = self._tape is not None or not self._endpoint.is_root
                checked = outcome_of(_check_local, order, Path(source.local), read)
                if isinstance(checked, Failed):
                    bad[order.path] = checked
        for endpoint, asked in remote.items():
            client = Client(endpoint, for_source(self._client.limits, endpoint, self._endpoint))
            names = list(dict.fromkeys(asked.values()))
            try:
                seen: Mapping[Name, Observation] = look(client, names, TapeSystem(client))
            except StorageError as error:  # another service's trouble is not the trouble of the whole call
                seen = dict.fromkeys(names, failed(type(error), str(error)))
            for order, name in asked.items():
                if trouble := _source_trouble(order, seen[name]):
                    bad[order.path] = trouble
        return bad

    # -------------------------------------------------------------------- send
    def _send(
        self, sources: Mapping[CopyOrder, Source], names: Mapping[str, Name], watch: Watch
    ) -> dict[str, Outcome]:
        if not sources:
            return {}
        jobs = []
        for order, source in sources.items():
            target = names[order.path]
            part = temporary_name(target.name, uuid.uuid4().hex)
            url = self._endpoint.url(part)
            local = self._endpoint.scheme == "file" and source.endpoint is not None
            into = local_url(part, source.endpoint) if local and source.endpoint else url
            jobs.append(_Job(order, source.url, target, Name(part, url), into))
        outcomes = self._client.copies(jobs, lambda copying, job: _copy_one(copying, job, watch), watch)
        return {job.order.path: outcome for job, outcome in outcomes.items()}

    # ------------------------------------------------------------------- fetch
    def fetch(self, orders: Sequence[FetchOrder], watch: Watch = UNWATCHED) -> Mapping[str, Outcome]:
        outcomes: dict[str, Outcome] = {}
        wanted: dict[FetchOrder, Name] = {}
        for order in orders:
            name = outcome_of(self._fetchable, order)
            if isinstance(name, Name):
                wanted[order] = name
            else:
                outcomes[order.destination] = name
        seen = look(self._client, list(set(wanted.values())), self._tape, checksum=False) if wanted else {}
        with ExitStack() as stack:
            jobs = []
            for order, name in wanted.items():
                against = _to_fetch(seen[name], self._tape is not None)
                job = outcome_of(self._place, order, name, stack) if against is None else against
                if isinstance(job, _Fetch):
                    jobs.append(job)
                else:
                    outcomes[order.destination] = job
            done = self._client.copies(jobs, lambda copying, job: _fetched(copying, job, watch), watch)
            outcomes |= {job.order.destination: outcome for job, outcome in done.items()}
        return outcomes

    def _fetchable(self, order: FetchOrder) -> Name | Failed:
        """The service's name of what is to be fetched; what cannot be is refused before anything is made."""
        names, refused = self._endpoint.named([order.path])
        if order.path in refused:
            return refused[order.path]
        if os.path.lexists(order.destination):
            raise FileExists(f"{order.destination} exists", subject=order.destination)
        local_url(str(Path(order.destination).absolute()), self._endpoint)
        return names[order.path]

    def _place(self, order: FetchOrder, name: Name, stack: ExitStack) -> _Fetch:
        """A temporary file beside the destination, in a directory of its own: what gfal2 still writes after
        it was given up goes nowhere."""
        parent = Path(order.destination).parent.absolute()
        parent.mkdir(parents=True, exist_ok=True)
        place = tempfile.TemporaryDirectory(prefix=".ddm-fetch-", dir=parent, ignore_cleanup_errors=True)
        part = Path(stack.enter_context(place)) / "part"
        return _Fetch(order, name, part, local_url(str(part), self._endpoint))


def _to_fetch(seen: Observation, tape: bool) -> Outcome | None:
    """What speaks against fetching a file."""
    if not isinstance(seen, Observed):
        return seen
    if tape and not seen.locality.readable and seen.locality is not Locality.UNKNOWN:
        return failed(NotOnline, f"it is {seen.locality}: stage it first")
    return None


def _fetched(copying: Copying, job: _Fetch, watch: Watch) -> Outcome:
    """One copy to a temporary file, compared, forced to disk, and given its name."""
    order = job.order

    def moved(done: int) -> None:
        watch.moved(order.destination, done)

    if watch.stopped():
        return failed(TransferStopped, f"{job.name.name}: stopped before it began")
    if problem := copying.copy(job.name.url, job.into, moved=moved):
        return _not_copied(problem, job.name, watch)
    return outcome_of(_kept, job, watch)


def _kept(job: _Fetch, watch: Watch) -> Outcome:
    order = job.order
    contents = contents_of(job.part)
    check(contents, (order.size, order.adler32), job.name.name)
    with job.part.open("rb") as stream:
        os.fsync(stream.fileno())
    give_name(job.part, Path(order.destination))
    watch.moved(order.destination, contents[0])
    return Done()


def _copy_one(copying: Copying, job: _Job, watch: Watch) -> Outcome:
    """One copy to where nothing was a moment ago, and what is there afterwards."""
    order = job.order

    def moved(done: int) -> None:
        watch.moved(order.path, done)

    if watch.stopped():
        return failed(TransferStopped, f"{order.path}: stopped before it began")
    if problem := copying.copy(job.source, job.into, str(order.adler32), moved):
        copying.unlink(job.part.url)
        return _not_copied(problem, job.target, watch)
    watch.moved(order.path, order.size)
    found = destination_as_it_is(
        order, observation(job.target, copying.look(job.target.url), Locality.ONLINE, tape=True)
    )
    linked = job.target.url.startswith(FILE_SCHEME)
    if found is None and (found := _named(copying, job, linked)) is None:
        found = after(order, copying.look(job.target.url), job.target)
        if not linked:
            return found
    copying.unlink(job.part.url)  # ours alone; if it cannot be removed it is an unknown file, and reported
    return found


def _named(copying: Copying, job: _Job, linked: bool) -> Outcome | None:
    """Give the part its name; None: it has it. A link, unlike a rename, replaces nothing (invariant 4)."""
    if linked:
        return outcome_of(give_name, Path(job.part.name), Path(job.target.name))
    problem = copying.rename(job.part.url, job.target.url)
    return None if problem is None else problem.outcome(job.target.name)


def _not_copied(problem: Problem, name: Name, watch: Watch) -> Outcome:
    """The outcome of a copy that gfal2 did not make."""
    if problem.cancelled and watch.stopped():
        return failed(TransferStopped, f"{name.name}: stopped on the way")
    if problem.cancelled:
        return failed(StorageTimeout, f"{name.name}: not copied in time, and cancelled: {problem.words}")
    return problem.outcome(name.name)


def after(order: CopyOrder, seen: object, name: Name) -> Outcome:
    """Done only if the service's size and checksum are those ordered."""
    if isinstance(seen, Problem):
        return Unknown(f"{name.name}: copied, and then: {seen.words}")
    outcome = destination_as_it_is(order, observation(name, seen, Locality.ONLINE, tape=True))  # type: ignore[arg-type]
    return outcome if isinstance(outcome, Done) else Unknown(f"{name.name}: copied, and then: {outcome}")


def _check_local(order: CopyOrder, file: Path, read: bool) -> None:
    """Raises what is wrong with a local source. With ``read`` it is read once more than needed, so that bytes
    known to be wrong never reach a tape system, which might archive them before anybody compares."""
    wanted = (order.size, order.adler32)
    check((file.stat().st_size, order.adler32), wanted, order.source)  # quick, and spares the reading
    if read:
        check(contents_of(file), wanted, order.source)


def _source_trouble(order: CopyOrder, seen: Observation) -> Outcome | None:
    """What speaks against a source at a service."""
    if not isinstance(seen, Observed):
        return seen
    if seen.locality is Locality.NEARLINE:
        return failed(NotOnline, f"{order.source} is on tape only: stage it first")
    # Without the service's checksum that of the copy decides.
    found = (seen.size, order.adler32 if seen.adler32 is None else seen.adler32)
    checked = outcome_of(check, found, (order.size, order.adler32), order.source)
    return checked if isinstance(checked, Failed) else None
