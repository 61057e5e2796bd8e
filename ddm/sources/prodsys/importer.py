"""Bringing a whole ProdSys into the catalogue, batch by batch; killed and started again it goes on.

Each batch is one transaction, and everything in it is insert-or-compare: a second import adds what is new.
Until the last row was read the runs of everything new are undefined, so no dataset with them can be closed.
At the end the runs of outputs are defined that ProdSys shows whole; the others say what is missing. Runs of
raw data stay undefined, for ProdSys lists the chunks it was given and not those that exist, unless the
person says that they are whole.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from catalog.compass import CASTOR
from catalog.db import files, imported
from catalog.db.engine import Catalog, Connection
from catalog.db.move import Why
from catalog.errors import ConflictingRegistration
from catalog.states import EndpointKind, Role
from ddm.sources.prodsys.mapping import (
    UNDEFINED,
    BadTask,
    Mapped,
    Mapper,
    Production,
    Trouble,
    note_deletions,
    production,
)
from ddm.sources.prodsys.names import RawNames, constants_of
from ddm.sources.prodsys.report import Cause, Report, Rows
from ddm.sources.prodsys.rows import JOBS, TASKS, BadRow, JobRow, TaskRow, Value, job_row, task_row
from ddm.sources.prodsys.runs import Runs
from ddm.sources.prodsys.source import Source
from ddm.sources.prodsys.store import Done, Places, Store

BATCH = 2000
OURS = "ProdSys: "
CONTESTED = OURS + "another task has files of these names, and nobody has said whose bytes are there"
RAW_RUN = OURS + "its jobs name files of this run, and nobody has said that these are all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a person says of an import.

    ``label`` begins the names of its tasks and datasets; ``moved`` are directories that files were moved to
    since, as (old, new); ``whole_runs``: ProdSys names every raw file of its runs.
    """

    tape: str
    disk: str
    report: Path
    names: Mapping[str, str] = field(default_factory=dict)
    label: str = "prodsys"
    moved: tuple[tuple[str, str], ...] = ()
    whole_runs: bool = False
    plan: bool = False


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of an import; ``planned``: nothing was changed."""

    source: str
    tasks: Rows
    jobs: Rows
    files: Mapping[str, int]
    copies: Mapping[str, int]
    parents: int
    past_jobs: Mapping[str, int]
    gaps: int
    empty_dumps: int
    undefined_runs: Mapping[str, int]
    causes: tuple[Cause, ...]
    report: str
    planned: bool


def import_prodsys(
    catalog: Catalog, source: Source, wanted: Wanted, advance: Callable[[int], None] = lambda _: None
) -> Imported:
    """Import everything that the source holds. ``advance`` hears how many job rows were read.

    Raises BadInput for a source that is not ProdSys or is cut; what was committed until then stays, its runs
    undefined, and is compared when the import runs again.
    """
    with Report(wanted.report) as report, _transactions(catalog, wanted.plan) as transaction:
        return _Import(catalog, source, wanted, report, transaction).run(advance)


Transaction = Callable[[], Any]


@contextmanager
def _transactions(catalog: Catalog, plan: bool) -> Iterator[Transaction]:
    """How to get a transaction: each time a new one; for a plan always the same, undone at the end."""
    if not plan:
        yield lambda: catalog.begin("import")
        return
    with catalog.begin("plan") as conn:

        @contextmanager
        def same() -> Iterator[Connection]:
            yield conn

        try:
            yield same
        finally:
            conn.rollback()


class _Import:
    def __init__(
        self, catalog: Catalog, source: Source, wanted: Wanted, report: Report, transaction: Transaction
    ) -> None:
        self._catalog, self._source, self._wanted = catalog, source, wanted
        self._report, self._transaction = report, transaction
        self._constants = constants_of(wanted.names)
        self._done, self._runs, self._empty = Done(), Runs(), 0
        self._troubled: dict[int, list[Trouble]] = {}  # task → what stands in its way
        self._refused: list[tuple[Sequence[Value], Trouble]] = []  # task rows
        self._raw_datasets: set[str] = set()
        self._read = 0

    def _why(self) -> Why:
        text = f"imported from ProdSys, {self._source.name}"
        return Why(self._catalog.clock.now(), self._catalog.actor, text)

    def run(self, advance: Callable[[int], None]) -> Imported:
        productions = self._read_tasks()
        store = self._begin(productions)
        homes = dict.fromkeys((self._constants["tape"], CASTOR["tape"]))
        with self._transaction() as conn:
            datasets = set(imported.dataset_names(conn).values())
        mapper = Mapper(productions, RawNames(tuple(homes)), self._wanted.moved, datasets)
        rows = self._source.rows(JOBS, JobRow._fields)
        while batch := list(islice(rows, BATCH)):
            self._read += len(batch)
            self._take(store, mapper, batch)
            advance(len(batch))
        undefined = self._end(productions, store)
        return self._summary(undefined)

    # ------------------------------------------------------------------ tasks
    def _read_tasks(self) -> dict[int, Production]:
        found: dict[int, Production] = {}
        for values in self._source.rows(TASKS, TaskRow._fields):
            try:
                one = production(task_row(values), self._wanted.label, self._constants)
            except BadRow as error:
                self._refused.append((values, Trouble("bad_row", str(error))))
                continue
            except BadTask as error:
                self._refused.append((values, Trouble("bad_task", str(error))))
                continue
            found[one.row.id] = one
            if one.bad_place:
                self._troubled.setdefault(one.row.id, []).append(Trouble("place", one.bad_place))
        note_deletions(found.values())
        return found

    def _begin(self, productions: Mapping[int, Production]) -> Store:
        """Endpoints and tasks in the catalogue. A task has a dataset of its own, which no flow ever reads."""
        tasks: dict[str, int] = {}
        with self._transaction() as conn:
            disk = files.ensure_endpoint(conn, self._wanted.disk, EndpointKind.DISK)
            tape = files.ensure_endpoint(conn, self._wanted.tape, EndpointKind.TAPE)
            for one in productions.values():
                dataset = files.ensure_dataset(conn, one.name, self._why())
                try:
                    key = files.define_task(conn, one.name, dataset, one.definition(), self._why())
                except ConflictingRegistration as error:
                    self._troubled.setdefault(one.row.id, []).append(Trouble("other_task", str(error)))
                    key = imported.task_ids(conn)[one.name]
                tasks[one.name] = key
        return Store(Places(disk, tape), tasks, self._done)

    # ------------------------------------------------------------------- jobs
    def _take(self, store: Store, mapper: Mapper, batch: Sequence[Sequence[Value]]) -> None:
        mapped: list[Mapped] = []
        bad: list[tuple[Sequence[Value], Trouble]] = []
        for values in batch:
            try:
                mapped.append(mapper.map(job_row(values)))
            except BadRow as error:
                bad.append((values, Trouble("bad_row", str(error))))
        with self._transaction() as conn:
            store.store(conn, [row for row in mapped if not row.refused], self._why())
        for values, trouble in bad:
            about = {"table": JOBS, "id": values[0], "task": values[1], "run": None, "chunk": None}
            self._report.take(self._report.sums.jobs, {**about, "file": values[2]}, [trouble])
        for row in mapped:
            self._runs.take(row)
            if row.source and row.source.role is Role.RAW:
                self._raw_datasets.add(row.source.dataset)
            self._empty += row.empty_dump
            self._report.take(self._report.sums.jobs, _about(row), row.troubles)

    # -------------------------------------------------------------------- end
    def _end(self, productions: Mapping[int, Production], store: Store) -> Mapping[str, int]:
        for one in productions.values():
            troubles = self._troubled.get(one.row.id, [])
            if one.row.status not in UNDEFINED and (missing := self._runs.unlisted(one)):
                troubles = [*troubles, Trouble("unlisted", missing)]
            about = _about_task(one.row.id, one.row.name)
            self._report.take(self._report.sums.tasks, about, troubles)
        for values, trouble in self._refused:
            self._report.take(self._report.sums.tasks, _about_task(values[0], values[1]), [trouble])
        self._contest(store)
        return self._define_runs(productions, store.contested)

    def _contest(self, store: Store) -> None:
        """Nobody knows whose bytes are in files that two tasks made: their runs are not known either."""
        runs: dict[int, dict[int, str]] = {}
        for dataset, run in store.contested:
            runs.setdefault(dataset, {})[run] = CONTESTED
        for dataset, reasons in runs.items():
            with self._transaction() as conn:
                files.undefine(conn, dataset, reasons, self._why())

    def _define_runs(
        self, productions: Mapping[int, Production], contested: Collection[tuple[int, int]]
    ) -> Mapping[str, int]:
        """What is whole is defined; of the rest the reason is said. Returns undefined runs by reason."""
        outputs = {
            one.dataset(product, merged=merged): (one, product, merged)
            for one in productions.values()
            for product in [*one.products, *(["mcgen"] if one.generated else [])]
            for merged in (True, False)
        }
        left = {"raw": 0, "outputs": 0}
        with self._transaction() as conn:
            names = imported.dataset_names(conn)
            waiting = imported.undefined_because(conn, OURS)
        for dataset, runs in waiting.items():
            name = names[dataset]
            if name in outputs:
                why = {
                    run: CONTESTED if (dataset, run) in contested else self._runs.missing(*outputs[name], run)
                    for run in runs
                }
                kind = "outputs"
            elif name in self._raw_datasets:
                why = dict.fromkeys(runs, "" if self._wanted.whole_runs else RAW_RUN)
                kind = "raw"
            else:
                continue  # of another import
            reasons = {
                run: text if text.startswith(OURS) else OURS + text for run, text in why.items() if text
            }
            left[kind] += len(reasons)
            with self._transaction() as conn:
                files.undefine(conn, dataset, {r: t for r, t in reasons.items() if t != runs[r]}, self._why())
                files.defined(conn, dataset, [run for run in runs if run not in reasons], self._why())
        return left

    def _summary(self, undefined: Mapping[str, int]) -> Imported:
        sums, done = self._report.sums, self._done
        if not (sums.jobs.balanced and sums.tasks.balanced and sums.jobs.read == self._read):
            raise AssertionError(f"rows are missing in the report: {sums.tasks}, {sums.jobs}")
        return Imported(
            source=self._source.name,
            tasks=sums.tasks,
            jobs=sums.jobs,
            files=dict(sorted(done.files.items())),
            copies=dict(sorted(done.copies.items())),
            parents=done.parents,
            past_jobs=dict(sorted(done.jobs.items())),
            gaps=done.gaps,
            empty_dumps=self._empty,
            undefined_runs=undefined,
            causes=sums.causes(),
            report=str(self._report.path),
            planned=self._wanted.plan,
        )


def _about(row: Mapped) -> dict[str, Any]:
    return {
        "table": JOBS, "id": row.row.id, "task": row.row.task_id, "run": row.run or row.row.run_number,
        "chunk": row.chunk or row.row.chunk_number, "file": row.row.file,
    }  # fmt: skip


def _about_task(key: Value, name: Value) -> dict[str, Any]:
    return {"table": TASKS, "id": key, "task": key, "run": None, "chunk": None, "file": name}
