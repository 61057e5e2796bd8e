"""Recounting a sample of the archive: chosen by age and seed, read like any other file, recorded for good.

A sample is written down before its first file is read, and every file's result in a transaction of its own:
interrupt and repeat freely. A file on tape only is recalled by a campaign of the sample, through the flow,
and its lease ends when it was read. What differs is read once more before it is said; then it holds the
groups it concerns, and a person looks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

from catalog.db import campaigns, checklook, crosschecks, files, recounts
from catalog.db.engine import Catalog, Connection
from catalog.db.move import Why, move
from catalog.db.recounts import Choice, Copy, Known, Sample
from catalog.db.witnesses import Reading
from catalog.errors import BadInput, DataManagementError, NotRegistered
from catalog.states import REPLICA, CampaignState, EndpointKind, Recounted, Role
from ddm.app import App
from ddm.jobs.recount import How as Counting
from ddm.jobs.recount import Recount as Report
from ddm.jobs.recount import Recounted as FileReport
from ddm.operations import staging
from ddm.operations.common import why
from ddm.settings import Settings
from ddm.steps.crosscheck import settle
from ddm.steps.judging import judge
from merging.crosscheck import recounted
from merging.sampling import Candidate, sample
from merging.verdict import Difference, What
from merging.witnesses import Counted, Read
from transfers.errormap import outcome_of
from transfers.model import Done, Failed, FetchOrder
from transfers.staging import contents

SCRATCH = "recounting"
"""Directory beside ddm.toml for copies of files that are recounted."""

LOCAL = "file://"


@dataclass(frozen=True, slots=True)
class Which:
    """Which part of the archive; empty fields mean all of it."""

    dataset: str = ""
    runs: tuple[tuple[int, int], ...] = ()
    period: str = ""

    @property
    def words(self) -> str:
        """The choice as it is kept: the same words mean the same sample."""
        found = [f"dataset {self.dataset}"] if self.dataset else []
        found += [f"period {self.period}"] if self.period else []
        found += [f"run {a}" if a == b else f"runs {a}..{b}" for a, b in sorted(self.runs)]
        return ", ".join(found) or "everything archived"


@dataclass(frozen=True, slots=True)
class SamplePlan:
    """What a sample comes to. ``id``: of one that was begun: then ``files`` are what is left of it."""

    id: int | None
    chosen: str
    fraction: float
    seed: str
    archived: int
    files: tuple[int, ...]
    size: int
    on_tape_only: int
    recall_size: int


@dataclass(frozen=True, slots=True)
class How:
    """``from_tape``: read the copy on tape though there is one on disk. ``recall``: have files recalled that
    are on tape only. ``most``: read so many files at most."""

    from_tape: bool = False
    recall: bool = False
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Trouble:
    """A file could not be read: nothing is known of it."""

    text: str


class Reader(Protocol):
    def __call__(self, copy: Copy, known: Known) -> Reading | Trouble:
        """Read one copy, all of it, and count what is in it."""
        ...


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a sample stands: by verdict, and files that wait for their recall."""

    sample: Sample
    waiting: int
    differ: tuple[tuple[str, str], ...]  # LFN and what differs
    unread: tuple[tuple[str, str], ...]


# -------------------------------------------------------------------------------------- plan
def plan(
    catalog: Catalog, settings: Settings, which: Which, fraction: float, seed: str, *, from_tape: bool = False
) -> SamplePlan:
    """Which files would be recounted; nothing is written down. Raises BadInput, NotRegistered."""
    with catalog.read() as conn:
        begun = recounts.unfinished(conn, seed, fraction, which.words)
        found = recounts.choosable(conn, _choice(conn, settings, which))
        sizes = {one.file_id: one.size for one in found}
        if begun is None:
            candidates = (
                Candidate(one.file_id, one.lfn, one.size, one.verified_at, one.recounted) for one in found
            )
            try:
                ids = [one.file_id for one in sample(candidates, fraction, seed)]
            except ValueError as error:
                raise BadInput(str(error), subject="--fraction") from None
        else:
            ids = [known.file_id for known in recounts.to_do(conn, begun)]
        where = recounts.copies(conn, ids)
        tape = [file for file in ids if _on_tape_only(where.get(file, ()), from_tape)]
        return SamplePlan(
            begun,
            which.words,
            fraction,
            seed,
            len(found),
            tuple(ids),
            sum(sizes.get(file, 0) for file in ids),
            len(tape),
            sum(sizes.get(file, 0) for file in tape),
        )


def _choice(conn: Connection, settings: Settings, which: Which) -> Choice:
    datasets: tuple[int, ...] | None = None
    if which.dataset:
        datasets = (files.dataset_id(conn, which.dataset),)
    elif which.period:
        datasets = tuple(_of_period(conn, settings, which.period))
    return Choice(datasets, which.runs or None)


def _of_period(conn: Connection, settings: Settings, period: str) -> Iterator[int]:
    """The datasets of the tasks of a period: what they read and what they make."""
    tasks = [task for task in settings.tasks.values() if task.period == period]
    if not tasks:
        known = ", ".join(sorted({task.period for task in settings.tasks.values()})) or "none"
        raise BadInput(f"no task of ddm.toml is of this period; known: {known}", subject="--period")
    for task in tasks:
        for name in (task.dataset, *(f"{task.name}/{product}" for product in task.products)):
            try:
                yield files.dataset_id(conn, name)
            except NotRegistered:
                continue  # nothing was made of it yet


def _on_tape_only(copies: Sequence[Copy], from_tape: bool) -> bool:
    disk = any(copy.kind == EndpointKind.DISK for copy in copies)
    return from_tape or not disk


# --------------------------------------------------------------------------------------- run
def run(
    app: App,
    wish: SamplePlan,
    reader: Reader,
    how: How = How(),
    *,
    told: Callable[[int, int], None] = lambda done, total: None,
) -> Outcome:
    """Recount what can be read now, and have the rest recalled if that is wanted. Repeat freely.

    ``told`` is given how many of how many files are done.
    """
    catalog = app.catalog
    key = wish.id
    if key is None:
        with catalog.begin("sample") as conn:
            begun = recounts.begin(conn, wish.seed, wish.fraction, wish.chosen, wish.files, why(catalog))
        key = begun
    with catalog.read() as conn:
        left = {known.file_id: known for known in recounts.to_do(conn, key)}
        where = recounts.copies(conn, list(left))
        (now,) = recounts.samples(conn, [key])
    near = [file for file in left if not _on_tape_only(where.get(file, ()), how.from_tape)]
    far = sorted(set(left) - set(near))
    done = now.files - len(left)
    work = _Work(app, key, reader, told, done, done + len(left), how.most)
    for file in near:
        disk = [copy for copy in where[file] if copy.kind == EndpointKind.DISK]
        if not work.one(left[file], disk, where[file]):
            return _outcome(catalog, key)
    if far and how.recall:
        _recall(app, key, [left[file] for file in far])
    if far and _campaign(app, key):
        _read_recalled(app, key, {left[file].lfn: left[file] for file in far}, where, work)
    return _outcome(catalog, key)


@dataclass
class _Work:
    """The reading of one sample."""

    app: App
    key: int
    reader: Reader
    told: Callable[[int, int], None]
    done: int
    total: int
    most: int | None

    def one(self, known: Known, copies: Sequence[Copy], others: Sequence[Copy]) -> bool:
        """Recount one file from the first of the copies that has its bytes. ``others`` cannot be read now.

        False: no more shall be read this time.
        """
        if self.most is not None and self.most <= 0:
            return False
        seen, copy, spoiled = self._read(known, copies)
        if spoiled and isinstance(seen, Reading) and copy in spoiled and (rest := _rest(others, copies)):
            where = ", ".join(sorted({other.endpoint for other in rest}))
            seen = Trouble(
                f"the copy at {copy.endpoint} has other bytes; one more is at {where}: --recall reads it"
            )
        _record(self.app, known, seen, copy, spoiled)
        self.done += 1
        self.most = None if self.most is None else self.most - 1
        self.told(self.done, self.total)
        return True

    def _read(
        self, known: Known, copies: Sequence[Copy]
    ) -> tuple[Reading | Trouble, Copy | None, dict[Copy, str]]:
        """What the first copy holds that has the bytes of the file, and the copies that have others.

        What differs is read a second time before it is believed.
        """
        seen: Reading | Trouble = Trouble("no copy of it can be read")
        copy = None
        spoiled: dict[Copy, str] = {}
        for copy in copies:
            seen = self.reader(copy, known)
            if isinstance(seen, Reading) and differences(known, seen):
                seen = self.reader(copy, known)
            if isinstance(seen, Trouble):
                continue
            odd = [entry for entry in differences(known, seen) if entry.what in BYTES]
            if not odd:
                break
            spoiled[copy] = "; ".join(entry.sentence for entry in odd)
        return seen, copy, spoiled


BYTES = (What.SIZE, What.ADLER32)
"""Differences of one copy, not of the file."""


def _rest(others: Sequence[Copy], tried: Sequence[Copy]) -> list[Copy]:
    return [copy for copy in others if copy not in tried]


def _recall(app: App, key: int, wanted: Sequence[Known]) -> None:
    """The campaign of the sample: made once, filled up if that was interrupted."""
    parts = _campaign(app, key)
    if not parts or any(part.state == CampaignState.FILLING for part in parts):
        lfns = tuple(known.lfn for known in wanted)
        terms = staging.Terms(campaign_of(key), "files of the archive are recounted", "recounts")
        staging.request(app.catalog, app.settings, staging.Wanted(lfns), terms, confirmed=True)


def _campaign(app: App, key: int) -> list[campaigns.Campaign]:
    with app.catalog.read() as conn:
        try:
            return campaigns.all_named(conn, campaign_of(key))
        except NotRegistered:
            return []


def campaign_of(key: int) -> str:
    """The recall campaign of a sample."""
    return f"recount {key}"


def _read_recalled(
    app: App, key: int, wanted: Mapping[str, Known], where: Mapping[int, Sequence[Copy]], work: _Work
) -> None:
    """Recount the files that are online for the sample; each is released when it was read."""
    for page in staging.ready(app.catalog, campaign_of(key)):
        for served in page:
            known = wanted.get(served.lfn)
            if known is not None:
                places = where.get(known.file_id, ())
                online = [copy for copy in places if copy.endpoint == served.endpoint]
                disk = [copy for copy in places if copy.kind == EndpointKind.DISK]
                if not work.one(known, [*online, *disk], places):
                    return
            staging.release_page(app.catalog, [served], reason="recounted")


def _outcome(catalog: Catalog, key: int) -> Outcome:
    with catalog.read() as conn:
        (found,) = recounts.samples(conn, [key])
        lines = recounts.results(conn, key)
    bad = {
        verdict: tuple((line.lfn, line.said) for line in lines if line.verdict == verdict)
        for verdict in (Recounted.DIFFER, Recounted.UNKNOWN)
    }
    waiting = sum(line.verdict is None for line in lines)
    return Outcome(found, waiting, bad[Recounted.DIFFER], bad[Recounted.UNKNOWN])


# ------------------------------------------------------------------------------------ record
def differences(known: Known, seen: Reading) -> list[Difference]:
    """What a recount found against what the catalogue has of the file."""
    then = Read(known.size, known.adler32, known.n_events, known.by_type)
    now = Read(seen.size, seen.adler32, seen.n_events, seen.by_type, seen.note)
    raw = known.role == Role.RAW
    return recounted(None if raw else known.part, known.chunk if raw else "", then, now)


def _record(
    app: App, known: Known, seen: Reading | Trouble, copy: Copy | None, spoiled: Mapping[Copy, str]
) -> None:
    """Store the result. A copy with other bytes is BAD; a difference of the file holds what it concerns."""
    because, replica = why(app.catalog), None if copy is None else copy.replica_id
    with app.catalog.begin("recount") as conn:
        for bad, text in spoiled.items():
            move(conn, REPLICA, [bad.replica_id], "mismatch", because.because(f"recount: {text}"))
        if isinstance(seen, Trouble):
            recounts.record(conn, known.recount_id, Recounted.UNKNOWN, None, replica, seen.text, because)
            return
        found = differences(known, seen)
        text = "; ".join(entry.sentence for entry in found)
        verdict = Recounted.DIFFER if found else Recounted.AGREE
        recounts.record(conn, known.recount_id, verdict, seen, replica, text, because)
        if found:
            _hold(app, conn, known.file_id, because.because(f"recount: {text}"))


def _hold(app: App, conn: Connection, file: int, why: Why) -> None:
    """The groups of the file are judged with the recount as a witness."""
    keys = {(task, run, product) for task, run, product, _, _ in recounts.groups_of(conn, [file])}
    checks = checklook.ids(conn, sorted(keys))
    settle(conn, judge(app.recipes, conn, crosschecks.of_checks(conn, checks)), why)


# ------------------------------------------------------------------------------------ reading
def reader(app: App) -> Reader:
    """Reads copies through the storages of the application, one file at a time."""
    counters = _Counters(app)

    def read(copy: Copy, known: Known) -> Reading | Trouble:
        try:
            how = counters.of(known)
            prefix = app.settings.endpoints[copy.endpoint].prefix
            if prefix.startswith(LOCAL):
                return _seen(Path(prefix.removeprefix(LOCAL)) / copy.path.lstrip("/"), how, known)
            return _fetched(app, copy, how, known)
        except KeyError:
            return Trouble(f"endpoint '{copy.endpoint}' is not in ddm.toml")

    return read


def _fetched(app: App, copy: Copy, how: Counting, known: Known) -> Reading | Trouble:
    scratch = app.settings.root / SCRATCH
    scratch.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=scratch) as directory:
        local = Path(directory) / known.lfn.rpartition("/")[2]
        order = FetchOrder(copy.path, str(local))  # not compared on the way: what differs is to be counted
        match app.storages[copy.endpoint].copier.fetch([order])[str(local)]:
            case Done():
                return _seen(local, how, known)
            case Failed(code, text, _):
                return Trouble(f"{copy.endpoint}: {code}: {text}")
            case other:
                return Trouble(f"{copy.endpoint}: unexpected answer {other}")


def _seen(path: Path, how: Counting, known: Known) -> Reading | Trouble:
    """Bytes, checksum and contents of a local file. What cannot be counted is told if the bytes are right."""
    held = outcome_of(contents, path)
    if isinstance(held, Failed):
        return Trouble(f"{path}: {held.code}: {held.text}")
    size, adler32 = held
    try:
        count = how.count(path)
    except (DataManagementError, OSError) as error:
        if (size, int(adler32)) == (known.size, known.adler32):
            return Trouble(f"{path}: its bytes are right, and it cannot be counted: {error}")
        return Reading(size, int(adler32), None, {})
    return Reading(size, int(adler32), count.n_events, dict(count.by_type))


class _Counters:
    """How the files of each product are counted."""

    def __init__(self, app: App) -> None:
        self._settings = app.settings
        self._raw: dict[int, str] = {}
        with app.catalog.read() as conn:
            for task in app.settings.tasks.values():
                self._raw[files.dataset_id(conn, task.dataset)] = task.raw_counter

    def of(self, known: Known) -> Counting:
        if known.role == Role.RAW:
            name = self._raw.get(known.dataset_id, "")
            return Counting(name, {}, name)
        product = self._settings.products.get(known.product)
        if product is None:
            return Counting("", {}, "")
        counter = "" if product.counted is Counted.NONE else product.counter
        return Counting(product.tool, product.options, counter)


# -------------------------------------------------------------------------- from worker nodes
@dataclass(frozen=True, slots=True)
class Taken:
    """What came of a worker node's report: the files by verdict; ``unknown``: no file of the catalogue."""

    sample: Sample | None
    differ: tuple[tuple[str, str], ...]
    unread: tuple[tuple[str, str], ...]
    unknown: tuple[str, ...]
    again: bool


def take(app: App, report: Report) -> Taken:
    """Take in a report of ``ddm check run``: each file's result is a recount. Repeat freely."""
    catalog, chosen = app.catalog, f"counted at {report.host}, ended {report.ended_at}"
    lfns = [entry.lfn for entry in report.files]
    with catalog.read() as conn:
        ids = files.ids_by_lfn(conn, lfns)
        known = recounts.named(conn, report.label, chosen)
    again = known is not None
    entries = {ids[entry.lfn]: entry for entry in report.files if entry.lfn in ids}
    if known is None and entries:
        with catalog.begin("sample") as conn:
            known = recounts.begin(conn, report.label, 1.0, chosen, list(entries), why(catalog))
    if known is None:
        return Taken(None, (), (), tuple(lfns), again)
    content = {one.lfn: "; ".join(one.where) for one in report.compared if not one.same}
    with catalog.read() as conn:
        left = recounts.to_do(conn, known)
        where = recounts.copies(conn, list(entries))
    counters = _Counters(app)
    for one in left:
        entry, places = entries[one.file_id], where.get(one.file_id, ())
        seen, copy = _told(entry, content.get(one.lfn, "")), _at(app, entry, places)
        seen = _with_events(one, seen, counters)
        spoiled = _spoiled(one, seen, copy)
        if spoiled and copy is not None and (rest := _rest(places, [copy])):
            seen = Trouble(
                f"the copy at {copy.endpoint} has other bytes; not counted: that at {rest[0].endpoint}"
            )
        _record(app, one, seen, copy, spoiled)
    found = _outcome(catalog, known)
    missing = tuple(lfn for lfn in lfns if lfn not in ids)
    return Taken(found.sample, found.differ, found.unread, missing, again)


def _told(entry: FileReport, content: str) -> Reading | Trouble:
    if entry.size is None or entry.adler32 is None:
        return Trouble(f"{entry.code}: {entry.text}")
    return Reading(entry.size, int(entry.adler32), entry.n_events, entry.by_type, content)


def _with_events(known: Known, seen: Reading | Trouble, counters: _Counters) -> Reading | Trouble:
    """A file whose events nobody counted is not found right, however right its bytes."""
    if isinstance(seen, Trouble) or None in (known.n_events, counters.of(known).counter or None):
        return seen
    if seen.n_events is not None or differences(known, seen):
        return seen
    return Trouble("its bytes are right, and its events were not counted: its manifest names no counter")


def _at(app: App, entry: FileReport, copies: Sequence[Copy]) -> Copy | None:
    """The copy that the URL names."""
    for copy in copies:
        endpoint = app.settings.endpoints.get(copy.endpoint)
        if endpoint is not None and endpoint.prefix + copy.path == entry.url:
            return copy
    return None


def _spoiled(known: Known, seen: Reading | Trouble, copy: Copy | None) -> dict[Copy, str]:
    """The copy, if it has other bytes than the file."""
    if copy is None or isinstance(seen, Trouble):
        return {}
    odd = [entry.sentence for entry in differences(known, seen) if entry.what in BYTES]
    return {copy: "; ".join(odd)} if odd else {}
