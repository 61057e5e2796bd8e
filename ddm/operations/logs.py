"""Logs of jobs: found by job, run and chunk, or LFN, and read wherever they are now.

A log is read from its own file while that is there; else by stretches from the archive of its run; else from
that archive as it lies in the one of the production. Where only a tape has it, that is said, with what a
recall costs and the command for it. What comes is compared with what the catalogue or the index says.
"""

from __future__ import annotations

import gzip
import re
import tempfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from catalog.checksum import Adler32, adler32
from catalog.db import files, logs
from catalog.db.engine import Catalog, Connection
from catalog.db.logs import Copy, LogFile, LogJob
from catalog.errors import BadInput, NotRegistered
from catalog.states import EndpointKind, JobKind
from ddm.jobs.payload import LOG
from ddm.operations import recall_use, staging
from ddm.places import Places
from ddm.recipe import FAILED
from ddm.settings import Settings
from merging.errors import UnreadableInput
from merging.formats import archiveindex
from merging.formats.archiveindex import Index
from transfers.errors import ChecksumMismatch, NotOnline, SizeMismatch, StorageError, Unsupported, raised
from transfers.model import Done, Failed, FetchOrder, Observed, Unknown
from transfers.ports import Storage
from transfers.ranged import RangedFile

KEPT_FOR = timedelta(days=1)
"""How long an archive that was recalled for its logs stays online."""

_LABEL = re.compile(r"j([0-9]+)a([0-9]+)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Log:
    """A log and where it can be had. ``job`` and ``attempt``: of what wrote it, as far as its place tells;
    ``failed``: that attempt failed. ``at``: the endpoint of the first copy that can be read now, "" if none;
    ``archives``: LFNs of what it went into, the nearest first; ``within``: those in which that copy has it.
    """

    lfn: str
    product: str
    task: str
    run: int
    chunk: str
    job: int | None
    attempt: int | None
    failed: bool
    size: int | None
    at: str
    archives: tuple[str, ...]
    within: tuple[str, ...]
    on_tape: str  # endpoint of an archive's copy on tape, if there is one


@dataclass(frozen=True, slots=True)
class Shown:
    """A log as it was read. ``content``: its bytes, compared; ``requests``: calls to the storage."""

    log: Log
    content: bytes
    requests: int

    @property
    def text(self) -> bytes:
        """Unpacked, if it is packed. Raises UnreadableInput for one that is packed badly."""
        if self.content[:2] != b"\x1f\x8b":
            return self.content
        try:
            return gzip.decompress(self.content)
        except (OSError, EOFError, zlib.error) as error:
            raise UnreadableInput(
                f"{self.log.lfn} is packed and cannot be unpacked: {error}; --raw shows its bytes",
                subject=self.log.lfn,
            ) from None


@dataclass(frozen=True, slots=True)
class _Found:
    """A file, what it went into, and the copies of all of them."""

    file: LogFile
    archives: tuple[LogFile, ...]
    copies: tuple[Copy, ...]
    path: str

    @property
    def reachable(self) -> tuple[Copy, tuple[LogFile, ...]] | None:
        """The first copy that can be read now, and the archives it is, from the outermost to the nearest."""
        for depth, file in enumerate((self.file, *self.archives)):
            for copy in self.copies:
                if copy.file_id == file.id and copy.online:
                    return copy, tuple(reversed(self.archives[:depth]))
        return None

    @property
    def taped(self) -> tuple[Copy, LogFile] | None:
        """A copy that a recall would bring."""
        for file in (self.file, *self.archives):
            for copy in self.copies:
                if copy.file_id == file.id and copy.kind == EndpointKind.TAPE:
                    return copy, file
        return None


# ------------------------------------------------------------------------------------ which
def products(settings: Settings) -> dict[str, tuple[str, ...]]:
    """The products that are logs, by task: what jobs print."""
    return {
        name: tuple(one for one in task.products if settings.products[one].payload == LOG)
        for name, task in settings.tasks.items()
    }


def find(
    catalog: Catalog,
    settings: Settings,
    words: Sequence[str],
    *,
    task: str | None = None,
    attempt: int | None = None,
) -> tuple[Log, tuple[Log, ...]]:
    """The log that is meant by ``JOB``, ``jJOBaATTEMPT``, an LFN or base name, or ``RUN CHUNK``; and the
    others of the same chunk. Of several attempts the good one, or the last. Raises NotRegistered, BadInput.
    """
    with catalog.read() as conn:
        mine, others = _chosen(conn, settings, words, task, attempt)
        found = _located(conn, [mine, *others])
    first, *rest = (_log(one) for one in found)
    return first, tuple(rest)


def _chosen(
    conn: Connection, settings: Settings, words: Sequence[str], task: str | None, attempt: int | None
) -> tuple[LogFile, list[LogFile]]:
    match list(words):
        case [run, chunk]:
            if not run.isdecimal():
                raise BadInput("a run is a number: RUN CHUNK, or JOB, or LFN", subject=run)
            jobs = [job for job in logs.jobs_of(conn, int(run), chunk) if task in (None, job.task)]
            if not jobs:
                raise NotRegistered("no job processes this chunk", subject=f"run {run} chunk {chunk}")
            if len(tasks := sorted({job.task for job in jobs})) > 1:
                raise BadInput(f"which task? {', '.join(tasks)}", subject="--task")
        case [word] if label := _LABEL.fullmatch(word):
            jobs, attempt = [_job(conn, int(label[1]))], int(label[2])
        case [word] if word.removeprefix("job ").isdecimal():
            jobs = [_job(conn, int(word.removeprefix("job ")))]
        case [word]:
            return logs.by_ids(conn, [files.find_file(conn, word).id])[files.find_file(conn, word).id], []
        case _:
            raise BadInput("which log? a job, an LFN, or a run and a chunk", subject=" ".join(words))
    return _of_jobs(conn, settings, jobs, attempt)


def _job(conn: Connection, number: int) -> LogJob:
    job = logs.job(conn, number)
    if job is None:
        advice = "a run is given with its chunk: ddm log show RUN CHUNK; 'ddm log list RUN' has all of them"
        raise NotRegistered("no such job", subject=f"job {number}", advice=advice)
    if job.kind != JobKind.PROCESS:
        text = "it is a merge, which writes no log: its manifest and history tell what it did"
        raise BadInput(text, subject=f"job {number}", advice=f"ddm job show {number}")
    return job


def _of_jobs(
    conn: Connection, settings: Settings, jobs: Sequence[LogJob], attempt: int | None
) -> tuple[LogFile, list[LogFile]]:
    known = products(settings)
    named = [(job, f"{job.task}/{product}/chunks") for job in jobs for product in known.get(job.task, ())]
    found: list[LogFile] = []
    for run in sorted({job.run for job in jobs}):
        found += logs.files(conn, [name for job, name in named if job.run == run], run)
    chunks = {(job.run, job.chunk) for job in jobs}
    found = [one for one in found if (one.run, one.chunk.partition(FAILED)[0]) in chunks]
    places = logs.attempts_of(conn, [one.id for one in found])
    by_attempt = {one.id: _attempt(one, places.get(one.id, "")) for one in found}
    wanted = [one for one in found if attempt is None or by_attempt[one.id][1] == attempt]
    if not wanted:
        raise _no_log(jobs, attempt, found)
    wanted.sort(key=lambda one: (FAILED in one.chunk, -(by_attempt[one.id][1] or 0)))
    return wanted[0], [one for one in found if one is not wanted[0]]


def _no_log(jobs: Sequence[LogJob], attempt: int | None, found: Sequence[LogFile]) -> NotRegistered:
    job = jobs[0]
    which = "no log" if attempt is None else f"no log of attempt {attempt}"
    text = f"{which} was put to storage; the job is {job.state}, attempt {job.attempt}"
    if job.code:
        text += f"; its last trouble: {job.code}: {' '.join((job.reason or '').split())}"
    advice = f"ddm job show {job.id}" + (f"; ddm log list {job.run}" if found else "")
    return NotRegistered(text, subject=f"job {job.id}", advice=advice)


def _attempt(file: LogFile, path: str) -> tuple[int | None, int | None]:
    """Job and attempt that wrote the file, from the directory it was put to."""
    label = file.chunk.partition(FAILED)[2] or path.rpartition("/")[0].rpartition("/")[2]
    match = _LABEL.fullmatch(label)
    return (int(match[1]), int(match[2])) if match else (None, None)


def _located(conn: Connection, found: Sequence[LogFile]) -> list[_Found]:
    ids = [one.id for one in found]
    lines = logs.archives_of(conn, ids)
    archives = logs.by_ids(conn, sorted({file for line in lines.values() for file in line}))
    copies = logs.copies(conn, sorted({*ids, *archives}))
    places = logs.attempts_of(conn, ids)
    return [
        _Found(
            one,
            tuple(archives[file] for file in lines.get(one.id, ())),
            tuple(copy for copy in copies if copy.file_id in (one.id, *lines.get(one.id, ()))),
            places.get(one.id, ""),
        )
        for one in found
    ]


def _log(found: _Found) -> Log:
    file, job = found.file, _attempt(found.file, found.path)
    here = found.reachable
    taped = found.taped
    return Log(
        lfn=file.lfn,
        product=file.product,
        task=file.dataset.partition("/")[0],
        run=file.run,
        chunk=file.chunk.partition(FAILED)[0],
        job=job[0],
        attempt=job[1],
        failed=FAILED in file.chunk,
        size=file.size,
        at=here[0].endpoint if here else "",
        archives=tuple(one.lfn for one in found.archives),
        within=tuple(one.lfn for one in here[1]) if here else (),
        on_tape=taped[0].endpoint if taped else "",
    )


def listed(catalog: Catalog, settings: Settings, word: str, limit: int | None = None) -> list[Log]:
    """The logs of a run (its number), or of all runs of a task. Raises NotRegistered."""
    known = products(settings)
    run = int(word) if word.isdecimal() else None
    if run is None and word not in known:
        raise NotRegistered("neither a run nor a task of ddm.toml", subject=word)
    datasets = [f"{task}/{one}/chunks" for task, its in known.items() for one in its if run or task == word]
    with catalog.read() as conn:
        found = _located(conn, logs.files(conn, datasets, run, limit))
    if not found:
        raise NotRegistered("no log is registered", subject=f"run {run}" if run else word)
    return [_log(one) for one in found]


# ------------------------------------------------------------------------------------ reading
def show(catalog: Catalog, settings: Settings, log: Log, places: Places) -> Shown:
    """The bytes of the log, compared. Raises NotOnline, with the command that recalls it, if only a tape has
    it; StorageError; ArchiveBroken, MemberMissing, MemberDiffers; ChecksumMismatch."""
    found = _again(catalog, log.lfn)
    copy, archives = _here(catalog, settings, found)
    name = log.lfn.rpartition("/")[2]
    with (
        _told_of_tape(catalog, settings, found, copy),
        _open(settings, places, copy, archives[0] if archives else found.file) as (stream, requests),
    ):
        if archives:
            called, within = f"{copy.endpoint}:{copy.path}", _names(archives[1:])
            content = archiveindex.read_member(stream, name, called, within)
        else:
            if isinstance(stream, RangedFile):
                stream.want(0, found.file.size or 0)
            content = bytes(stream.read())
        _compare(found.file, content)
        return Shown(log, content, requests())


def index(catalog: Catalog, settings: Settings, lfn: str, places: Places) -> tuple[str, Index]:
    """The index of an archive (LFN or base name): its LFN, and what it lists. Raises as ``show`` does."""
    found = _again(catalog, lfn)
    copy, archives = _here(catalog, settings, found)
    with (
        _told_of_tape(catalog, settings, found, copy),
        _open(settings, places, copy, archives[0] if archives else found.file) as (stream, _),
    ):
        within = _names((*archives[1:], found.file)) if archives else ()
        return found.file.lfn, archiveindex.index_of(stream, f"{copy.endpoint}:{copy.path}", within)


def _names(found: Sequence[LogFile]) -> tuple[str, ...]:
    return tuple(one.lfn.rpartition("/")[2] for one in found)


def _again(catalog: Catalog, lfn: str) -> _Found:
    with catalog.read() as conn:
        file = files.find_file(conn, lfn).id
        return _located(conn, [logs.by_ids(conn, [file])[file]])[0]


def _here(catalog: Catalog, settings: Settings, found: _Found) -> tuple[Copy, tuple[LogFile, ...]]:
    """The copy to read. Raises NotOnline or NotRegistered when there is none."""
    if (here := found.reachable) is not None:
        return here
    if (taped := found.taped) is None:
        text = "no copy of it can be read, nor of what it went into"
        raise NotRegistered(text, subject=found.file.lfn, advice=f"ddm explain {found.file.lfn}")
    raise _on_tape_only(catalog, settings, found.file, *taped)


@contextmanager
def _told_of_tape(catalog: Catalog, settings: Settings, found: _Found, copy: Copy) -> Iterator[None]:
    """The catalogue knew it in the buffer of a tape; its service says that it is there no more."""
    try:
        yield
    except NotOnline:
        if copy.kind is not EndpointKind.TAPE or (taped := found.taped) is None:
            raise
        raise _on_tape_only(catalog, settings, found.file, *taped) from None


def _on_tape_only(
    catalog: Catalog, settings: Settings, asked: LogFile, copy: Copy, file: LogFile
) -> NotOnline:
    cost = staging.plan(catalog, settings, *_wish(file.lfn)).parts
    price = f" ({cost[0].price.sentence})" if cost else ""
    where = "it" if file.id == asked.id else f"it is in {file.lfn}, which"
    return NotOnline(
        f"{asked.lfn}: {where} is on tape only, at {copy.endpoint}{price}",
        subject=asked.lfn,
        advice=f"ddm stage request {file.lfn} --name '{_campaign(file.lfn)}' --reason logs --for 1d; "
        "then again, or at once with --recall --wait",
    )


def _campaign(lfn: str) -> str:
    return f"log {lfn.rpartition('/')[2]}"[: staging.LONGEST_NAME]


def _wish(lfn: str) -> tuple[staging.Wanted, staging.Terms]:
    terms = staging.Terms(name=_campaign(lfn), reason="a log is looked at", priority=4, lifetime=KEPT_FOR)
    return staging.Wanted(files=(lfn,)), terms


def recall(catalog: Catalog, settings: Settings, log: Log, places: Places) -> str:
    """Ask for what the log is in, if only a tape has it: the name of the campaign, "" if none is needed."""
    found = _again(catalog, log.lfn)
    if found.taped is None:
        return ""
    if found.reachable is not None and _is_online(settings, places, found.reachable[0]):
        return ""
    staging.request(catalog, settings, *_wish(found.taped[1].lfn), confirmed=True)
    return _campaign(found.taped[1].lfn)


def _is_online(settings: Settings, places: Places, copy: Copy) -> bool:
    """Of a copy in the buffer of a tape the service is asked: it may have dropped it meanwhile."""
    if copy.kind is EndpointKind.DISK:
        return True
    storage, path = places.doors.locate(settings.endpoints[copy.endpoint].prefix + copy.path)
    seen = storage.prober.probe([path])[path]
    return isinstance(seen, Observed) and seen.locality.readable


def wait(catalog: Catalog, campaign: str, timeout: timedelta | None) -> bool:
    """Wait until it is online; False: the time is over, or it was not served."""
    told = recall_use.wait(catalog, campaign, timeout=timeout)
    return told.ending is recall_use.Ending.SERVED


@contextmanager
def _open(settings: Settings, places: Places, copy: Copy, file: LogFile) -> Iterator[tuple[Any, Any]]:
    """The copy as an open file, and how many calls were made of its storage; read whole where the storage
    cannot do otherwise."""
    url = settings.endpoints[copy.endpoint].prefix + copy.path
    storage, path = places.doors.locate(url)
    if file.size is None:
        raise Unsupported("nobody knows its size", subject=file.lfn)
    try:
        ranged = RangedFile(storage, path, file.size)
    except Unsupported:
        with tempfile.TemporaryDirectory(prefix="ddm-log-") as directory:
            local = Path(directory, "file")
            _fetch(storage, path, local, file)
            with open(local, "rb") as stream:
                yield stream, lambda: 1
        return
    yield ranged, lambda: ranged.requests


def _fetch(storage: Storage, path: str, local: Path, file: LogFile) -> None:
    checksum = None if file.adler32 is None else Adler32(file.adler32)
    outcome = storage.copier.fetch([FetchOrder(path, str(local), file.size, checksum)])[str(local)]
    if isinstance(outcome, Failed | Unknown):
        raise raised(outcome, path)
    if not isinstance(outcome, Done):
        raise StorageError(f"{path} was not fetched", subject=path)


def _compare(file: LogFile, content: bytes) -> None:
    """With what the catalogue has; of a member of an archive, the index has agreed already."""
    if file.size is not None and len(content) != file.size:
        text = f"{file.lfn}: {len(content)} bytes were read, the catalogue has {file.size}"
        raise SizeMismatch(text, subject=file.lfn)
    found = adler32([content])
    if file.adler32 is not None and found != file.adler32:
        text = f"{file.lfn}: what was read has adler32 {found}, the catalogue has {Adler32(file.adler32)}"
        raise ChecksumMismatch(text, subject=file.lfn)


def about(index_: Index) -> Mapping[str, object]:
    """An index as it is shown to programs."""
    return {
        "version": index_.version,
        "archive": dict(index_.archive),
        "gaps": [dict(gap) for gap in index_.gaps],
        "members": [
            {"name": one.name, "size": one.size, "adler32": str(one.adler32), **one.about}
            for one in index_.members
        ],
    }
