"""A batch of mapped rows into the catalogue, in the caller's transaction.

The order is that of what depends on what: inputs, then files of jobs, then merged files with their parents,
then jobs and gaps. What is known already stays as it is; what contradicts it becomes a trouble of its row.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from catalog.db import files, imported, registering
from catalog.db.engine import Connection
from catalog.db.imported import Known, PastJob
from catalog.db.move import Why
from catalog.errors import NotRegistered
from catalog.model import NewFile
from catalog.names import LFN
from catalog.states import JobState, Role, Witness
from ddm.sources.prodsys.mapping import File, Mapped, Output

IMPORTING = "ProdSys: the import is not through"
APPROVER = "ProdSys"
GAP = "left as 'manual check is needed' when its task was closed in ProdSys"


@dataclass(frozen=True, slots=True)
class Places:
    """Endpoint ids."""

    disk: int
    tape: int


@dataclass(slots=True)
class Done:
    """What was added, by what it is: files and parents by product, jobs by state, and the rest by name."""

    files: Counter[str] = field(default_factory=Counter)
    copies: Counter[str] = field(default_factory=Counter)
    jobs: Counter[str] = field(default_factory=Counter)
    parents: int = 0
    gaps: int = 0


class Store:
    """Stores batches. ``tasks``: their ids by name."""

    def __init__(self, places: Places, tasks: dict[str, int], done: Done) -> None:
        self.places, self.tasks, self.done = places, tasks, done
        self._datasets: dict[str, int] = {}
        self.marked: set[tuple[int, int]] = set()  # (dataset, run) that say IMPORTING
        self.contested: set[tuple[int, int]] = set()  # (dataset, run) with files that others claim too

    def store(self, conn: Connection, rows: Sequence[Mapped], why: Why) -> None:
        """Everything that the rows say. Troubles are added to them."""
        _Batch(self, conn, rows, why).store()

    def dataset(self, conn: Connection, name: str, why: Why) -> int:
        if name not in self._datasets:
            self._datasets[name] = files.ensure_dataset(conn, name, why)
        return self._datasets[name]

    def find_dataset(self, conn: Connection, name: str) -> int | None:
        """The dataset, if there is one."""
        if name not in self._datasets:
            with suppress(NotRegistered):
                self._datasets[name] = files.dataset_id(conn, name)
        return self._datasets.get(name)


class _Batch:
    def __init__(self, store: Store, conn: Connection, rows: Sequence[Mapped], why: Why) -> None:
        self.all, self.conn, self.rows, self.why = store, conn, rows, why
        self.tape, self.disk = store.places.tape, store.places.disk
        self.done = store.done
        self.known: dict[str, Known] = {}
        self.here: set[int] = set()  # files registered by this batch
        self.sources: dict[int, int] = {}  # place of the row in the batch → id of its input
        self.said: dict[tuple[int, Witness], int] = {}

    def store(self) -> None:
        self._look()
        self._register_sources()
        self._find_at_centres()
        self._register_chunks()
        self._register_merged()
        self._say_events()
        self._jobs()

    def _look(self) -> None:
        """What the catalogue knows of every name of the batch."""
        names: dict[str, None] = {}
        for row in self.rows:
            if row.source:
                names[row.source.lfn] = None
            for output in row.outputs:
                names.update(
                    {name: None for name in (output.name, output.merged and output.merged.lfn) if name}
                )
        self.known = imported.known(self.conn, list(names))

    # ----------------------------------------------------------------- inputs
    def _register_sources(self) -> None:
        unknown = [row for row in self.rows if row.source and row.source.lfn not in self.known]
        runs = {row.run for row in unknown if row.source and row.source.role is Role.RAW}
        there = imported.raw_by_number(self.conn, runs)
        new: dict[str, File] = {}
        first: dict[tuple[int, str], str] = {}  # run and chunk → LFN, of the new ones
        renamed: list[tuple[int, Mapped]] = []
        for at, row in enumerate(self.rows):
            source, number = row.source, (row.run, row.chunk)
            if source is None or source.lfn in self.known or source.lfn in new:
                continue
            twice = number in there or first.setdefault(number, source.lfn) != source.lfn
            if source.role is Role.RAW and twice:
                renamed.append((at, row))
            elif not source.tape:
                row.trouble("no_input", source.lfn)
            else:
                new[source.lfn] = source
        self._register(new.values())
        for at, row in enumerate(self.rows):
            if row.source and row.source.lfn in self.known:
                self._take_source(at, row, row.source, self.known[row.source.lfn])
            elif row.source and row.source.lfn in new:
                row.trouble("closed", row.source.dataset)
        for at, row in renamed:
            number = (row.run, row.chunk)
            own = first.get(number, "")
            registered = [(self.known[own].id, own)] if own in self.known else []
            self._link_renamed(at, row, there.get(number, registered))
        self._copies(row.source for row in self.rows if row.source)

    def _take_source(self, at: int, row: Mapped, source: File, known: Known) -> None:
        if source.role is Role.RAW and known.role != Role.RAW:
            row.trouble("name_taken", source.lfn)
            return
        self.sources[at] = known.id
        if source.events:
            self._hear(row, known.id, *source.events)

    def _link_renamed(self, at: int, row: Mapped, found: Sequence[tuple[int, str]]) -> None:
        """A raw chunk that is known under another name: the number of a chunk is given only once."""
        row.trouble("known_elsewhere", ", ".join(lfn for _, lfn in found) or row.row.file)
        if len(found) == 1:
            self.sources[at] = found[0][0]

    def _find_at_centres(self) -> None:
        """Inputs of which only run and chunk are known."""
        found = imported.raw_by_number(self.conn, {row.run for row in self.rows if row.base})
        for at, row in enumerate(self.rows):
            if not row.base:
                continue
            match found.get((row.run, row.chunk), []):
                case [(key, _)]:
                    self.sources[at] = key
                    if row.raw_events:
                        self._hear(row, key, *row.raw_events)
                case several:
                    row.trouble("hpc_input", f"{row.base}: {len(several)} raw files of this chunk are known")

    # ------------------------------------------------------------------ files
    def _register(self, wanted: Iterable[File], parents: dict[str, int] | None = None) -> None:
        """New files, each with one copy, by dataset and endpoint; those of closed datasets are left out."""
        groups: dict[tuple[str, int], list[File]] = {}
        for file in wanted:
            groups.setdefault((file.dataset, self.tape if file.disk is None else self.disk), []).append(file)
        ids = {name: self.all.dataset(self.conn, name, self.why) for name, _ in groups}
        closed = imported.closed(self.conn, list(ids.values())) if ids else set()
        for (name, endpoint), members in groups.items():
            if ids[name] in closed:
                continue
            entries = [_entry(file, (parents or {}).get(file.lfn)) for file in members]
            done = registering.register(
                self.conn, entries, dataset=ids[name], endpoint=endpoint, why=self.why
            )
            for file in members:
                key = done.ids[file.lfn]
                self.known[file.lfn] = Known(key, ids[name], file.role.value, {endpoint})
                self.here.add(key)
                self.done.files[_kind(file)] += 1
                self.done.copies["tape" if endpoint == self.tape else "disk"] += 1
            self._mark(ids[name], {file.run for file in members})

    def _mark(self, dataset: int, runs: Iterable[int]) -> None:
        fresh = {run: IMPORTING for run in runs if (dataset, run) not in self.all.marked}
        if fresh:
            files.undefine(self.conn, dataset, fresh, self.why)
            self.all.marked.update((dataset, run) for run in fresh)

    def _copies(self, wanted: Iterable[File]) -> None:
        """Copies that files should have and never had here; one that was removed stays removed."""
        more: dict[int, dict[int, str]] = {self.disk: {}, self.tape: {}}
        for file in wanted:
            known = self.known.get(file.lfn)
            if known is None:
                continue
            if file.disk is not None and self.disk not in known.places:
                more[self.disk][known.id] = file.disk
                known.places.add(self.disk)
            if file.tape and self.tape not in known.places:
                more[self.tape][known.id] = file.lfn
                known.places.add(self.tape)
        for endpoint, places in more.items():
            files.add_replicas(self.conn, list(places.items()), endpoint, self.why)
            self.done.copies["tape" if endpoint == self.tape else "disk"] += len(places)

    def _ours(self, row: Mapped, file: File) -> bool:
        """Whether the file is the one of this task; if not, the row hears of it."""
        known = self.known.get(file.lfn)
        if known is None:
            row.trouble("closed", file.dataset)
        elif known.dataset != self.all.dataset(self.conn, file.dataset, self.why):
            row.trouble("name_taken", file.lfn)
            self.all.contested.add((known.dataset, file.run))
        else:
            return True
        return False

    def _register_chunks(self) -> None:
        new: dict[str, File] = {}
        parents: dict[str, int] = {}
        for at, _, output in self._outputs():
            if output.chunk and output.chunk.lfn not in self.known and output.chunk.lfn not in new:
                new[output.chunk.lfn] = output.chunk
                if at in self.sources:
                    parents[output.chunk.lfn] = self.sources[at]
        self._register(new.values(), parents)
        self.done.parents += len(parents)
        owned: list[File] = []
        for _, row, output in self._outputs():
            if output.chunk and self._ours(row, output.chunk):
                owned.append(output.chunk)
                key = self.known[output.chunk.lfn].id
                if output.chunk.events and key not in self.here:
                    self._hear(row, key, *output.chunk.events)
        self._copies(owned)

    def _register_merged(self) -> None:
        new: dict[str, File] = {}
        for _, _, output in self._outputs():
            file = output.merged
            if file and file.lfn not in self.known:
                one = new.setdefault(file.lfn, file)
                if file.tape > one.tape or (file.disk and not one.disk):  # this row of the part says more
                    new[file.lfn] = replace(one, disk=one.disk or file.disk, tape=one.tape or file.tape)
        self._register(new.values())
        owned: list[File] = []
        edges: dict[tuple[int, int], Mapped] = {}
        for at, row, output in self._outputs():
            if output.merged and self._ours(row, output.merged):
                owned.append(output.merged)
                if (parent := self._parent(at, output)) is not None:
                    edges[self.known[output.merged.lfn].id, parent] = row
        self._copies(owned)
        self._add_edges(edges, {self.known[file.lfn].id: self.known[file.lfn].dataset for file in owned})

    def _parent(self, at: int, output: Output) -> int | None:
        """What went into the merged file: the job's own file if it is or was known, else the job's input."""
        assert output.merged is not None
        chunk = self.known.get(output.name)
        dataset = f"{output.merged.dataset}/chunks"
        if chunk is not None and chunk.dataset == self.all.find_dataset(self.conn, dataset):
            return chunk.id
        return self.sources.get(at)

    def _outputs(self) -> Iterator[tuple[int, Mapped, Output]]:
        """What the rows that are not refused have made, with the place of each row."""
        for at, row in enumerate(self.rows):
            if not row.refused:
                for output in row.outputs:
                    yield at, row, output

    def _add_edges(self, edges: dict[tuple[int, int], Mapped], datasets: dict[int, int]) -> None:
        """Parents of merged files, unless the parent is in another part of the same dataset already."""
        old = {parent for _, parent in edges if parent not in self.here}
        there = imported.children(self.conn, old, set(datasets.values()))
        fresh = []
        for (child, parent), row in edges.items():
            known = there.setdefault((parent, datasets[child]), set())
            if known - {child}:
                row.trouble("regrouped", f"file {child} and {min(known - {child})}")
            elif child not in known:
                known.add(child)
                fresh.append((child, parent))
        imported.add_parents(self.conn, sorted(fresh))
        self.done.parents += len(fresh)

    # ----------------------------------------------------------------- events
    def _hear(self, row: Mapped, key: int, who: Witness, n: int) -> None:
        before = self.said.setdefault((key, who), n)
        if before != n:
            row.trouble("other_events", f"{who} said {before} events, now {n}")

    def _say_events(self) -> None:
        said = [(key, who, n) for (key, who), n in self.said.items()]
        if not said:
            return
        differ = dict(files.say_events_again(self.conn, said, self.why))
        for at, row in enumerate(self.rows if differ else ()):
            key = self.sources.get(at)
            if key is not None and key in differ and row.raw_events:
                row.trouble("other_events", differ[key])

    # ------------------------------------------------------------------- jobs
    def _jobs(self) -> None:
        tasks = {self.all.tasks[row.task] for row in self.rows if row.state}
        known = imported.jobs_of_runs(self.conn, tasks, {row.run for row in self.rows if row.state})
        gaps = imported.gaps_of(self.conn, tasks, set(self.sources.values()))
        jobs: list[PastJob] = []
        lost: list[tuple[int, int, int | None]] = []
        for at, row in enumerate(self.rows):
            if row.state is None or row.refused:
                continue
            task, source = self.all.tasks[row.task], self.sources.get(at)
            if row.state is JobState.DONE and source is not None and (task, source) in gaps:
                row.trouble("known_gap", row.row.file)
                continue
            state = known.setdefault((task, row.run, row.chunk), "")
            if not state:
                known[task, row.run, row.chunk] = row.state.value
                jobs.append(_job(row, task, source, self.why))
            elif state != row.state:
                row.trouble("other_job", f"{state} in the catalogue, {row.state} here")
                continue
            if row.gap and source is not None and (task, source) not in gaps:
                gaps.add((task, source))
                n = row.row.number_of_events
                lost.append((task, source, n if n > 0 else None))
        imported.add_jobs(self.conn, jobs, self.why)
        imported.add_gaps(self.conn, lost, APPROVER, self.why.because(GAP))
        self.done.jobs.update(job.state.value for job in jobs)
        self.done.gaps += len(lost)


def _job(row: Mapped, task: int, source: int | None, why: Why) -> PastJob:
    assert row.state is not None
    native = str(row.row.panda_id) if row.row.panda_id > 0 else None
    return PastJob(
        task, row.run, row.chunk, row.state, max(row.row.attempt, 0), native,
        _moment(row.row.date_updated) or why.at, source,
    )  # fmt: skip


def _moment(text: str | None) -> datetime | None:
    """A time of ProdSys, which are UTC; None for none, and for MySQL's 0000-00-00."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC) if text else None
    except ValueError:
        return None


def _entry(file: File, parent: int | None) -> NewFile:
    return NewFile(
        lfn=LFN(file.lfn),
        role=file.role,
        product=file.product,
        run=file.run,
        chunk=file.chunk,
        part=file.part,
        size=None,  # ProdSys knows neither
        adler32=None,
        path=file.lfn if file.disk is None else file.disk,
        events=dict([file.events]) if file.events else {},
        parents=() if parent is None else (parent,),
    )


def _kind(file: File) -> str:
    return f"{file.product} chunk" if file.role is Role.INTERMEDIATE else file.product


def _last(path: str) -> str:
    return path.rsplit("/", 1)[-1]
