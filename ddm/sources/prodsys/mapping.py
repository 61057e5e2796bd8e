"""What a row of ProdSys means for the catalogue: pure, row by row; docs/decisions/0007 has the reasons.

A job row names an input (a raw chunk, or a generated file) and says how far everything made from it came. It
becomes files with the copies that ProdSys says exist, a job in a final state if it is over, and a gap if a
person closed the task over it. What the row says and the catalogue cannot hold, or what cannot be believed,
is a ``Trouble``: the row is then mapped partly, or refused if nothing of it is taken.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from catalog.errors import BadName
from catalog.states import JobState, Role, Witness
from ddm.sources.prodsys.filelist import Listed, read_filelist
from ddm.sources.prodsys.names import (
    DUMP,
    GENERATION,
    HIST,
    MADE,
    MCGEN,
    MDST,
    RECONSTRUCTION,
    GeneratedNames,
    ProductNames,
    RawNames,
    task_name,
)
from ddm.sources.prodsys.rows import JobRow, TaskRow

TASK_STATUSES = frozenset(
    [
        "draft",
        "ready",
        "jobs ready",
        "send",
        "resend failed",
        "resend staging",
        "resend manual check",
        "running",
        "paused",
        "cancelled",
        "done",
        "archive",
        "archiving",
        "archived",
    ]
)
MANUAL, FINISHED, CANCELLED = "manual check is needed", "finished", "cancelled"
JOB_STATUSES = frozenset(
    ("defined", "staging", "staged", "sent", "running", "failed", "paused", CANCELLED, FINISHED, MANUAL)
)
MERGE_STATUSES = frozenset(
    (None, "", "ready", "sent", "running", FINISHED, "failed", MANUAL, "closed", CANCELLED)
)
CASTOR_STATUSES = frozenset((None, "", "ready", "sent", FINISHED, "failed"))
CHECK_STATUSES = frozenset(("yes", "no", MANUAL))
OVER = frozenset(("done", "archive", "archiving", "archived"))
UNDEFINED = frozenset(("draft", "ready"))  # no jobs yet
HPC = frozenset(
    (
        "BW_COMPASS_MCORE",
        "STAMPEDE_COMPASS_MCORE",
        "FRONTERA_COMPASS_MCORE",
        "FRONTERA_COMPASS_TEST",
        "BW_STAMPEDE_MCORE",
        "BW_FRONTERA_MCORE",
    )
)
SCRAMBLED = frozenset(f"P0{n}" for n in range(1, 7))  # of 2016: counts there are what the job wrote

CAUSES: Mapping[str, str] = {
    # refused: nothing of the row is taken
    "bad_row": "a column holds what it cannot hold",
    "name": "the file is not named like raw or generated data of COMPASS",
    "hpc_input": "the row names a copy at an HPC centre, and no raw file of this name is known; import again "
    "once the raw catalogue is registered",
    "no_parent": "generated file of a task that is not among the tasks",
    "bad_task": "a task whose type or status is not one of ProdSys",
    # partly: what the row says of the rest is in the catalogue
    "no_task": "the task of the job is not among the tasks, or was refused",
    "unknown_status": "a status that ProdSys does not have",
    "numbers": "run and chunk of the row are not those of the file's name: its products have other names",
    "place": "path, software, slot, year or period of the task make no directory",
    "events_zero": "0 events is what a look-up without an answer leaves; the number stays unknown",
    "events_negative": "a negative number of events other than -1; the number stays unknown",
    "other_events": "another number of events is known",
    "left_behind": "the task was closed, this chunk is neither finished nor marked for a person",
    "never_merged": "finished, its files were deleted with those of the task, and it is in no merged file",
    "no_copy": "merged, deleted from disk with the task's files, and not on tape",
    "no_part": "merged, but the row does not say into which part",
    "removed_with_another": "another task with the same directory had its files deleted there",
    "hpc_output": "outputs at an HPC centre: the row does not say where",
    "x_check": "the cross-check of the run waits for a person",
    "name_taken": "another task, or something else, has a file of this name",
    "regrouped": "known in another merged part of the same run",
    "known_elsewhere": "the raw file is known under another name",
    "closed": "the dataset is closed and lacks this file",
    "known_gap": "in the gap register, and finished in ProdSys",
    "other_job": "the job is known in another state",
    # tasks, partly
    "no_input": "the generated file it should read is neither known nor was it ever read",
    "unlisted": "its list names runs or files that have no job",
    "other_task": "the task was imported with other values",
}
REFUSING = frozenset(("bad_row", "name", "hpc_input", "no_parent", "bad_task"))


class Trouble(NamedTuple):
    """Why something of a row is not in the catalogue."""

    cause: str
    text: str


@dataclass(frozen=True, slots=True)
class File:
    """A file a row speaks of. ``disk``: its path there, None if it is not there; ``tape``: at its LFN."""

    lfn: str
    dataset: str
    role: Role
    product: str
    run: int
    chunk: str = ""
    part: int | None = None
    disk: str | None = None
    tape: bool = False
    events: tuple[Witness, int] | None = None


@dataclass(frozen=True, slots=True)
class Output:
    """What a job made of one product: its own file, and the merged file it went into; None: not there.

    ``name`` is the LFN of its own file, also if that is gone; "" where the catalogue never had it.
    """

    product: str
    chunk: File | None
    merged: File | None
    name: str = ""


@dataclass(slots=True)
class Mapped:
    """What a job row becomes. ``base``: the source is only known by this base name."""

    row: JobRow
    task: str = ""
    source: File | None = None
    base: str = ""
    raw_events: tuple[Witness, int] | None = None
    run: int = 0
    chunk: str = ""
    outputs: list[Output] = field(default_factory=list)
    state: JobState | None = None
    gap: bool = False
    empty_dump: bool = False
    troubles: list[Trouble] = field(default_factory=list)

    def trouble(self, cause: str, text: str) -> None:
        self.troubles.append(Trouble(cause, text))

    @property
    def refused(self) -> bool:
        return any(found.cause in REFUSING for found in self.troubles)


@dataclass(slots=True)
class Production:
    """A task, with everything that its jobs' rows need to be understood."""

    row: TaskRow
    name: str
    products: dict[str, ProductNames]
    generated: GeneratedNames | None
    bad_place: str
    listed: Listed
    gone: set[str] = field(default_factory=set)  # products whose directory of chunks was deleted
    gone_merged: set[str] = field(default_factory=set)
    gone_with: dict[str, int] = field(default_factory=dict)  # product → the other task that had it deleted
    _datasets: dict[tuple[str, bool], str] = field(init=False)

    @property
    def hpc(self) -> bool:
        return self.row.site in HPC

    def __post_init__(self) -> None:
        self._datasets = {
            (product, merged): f"{self.name}/{product}" + ("" if merged else "/chunks")
            for product in MADE[self.row.type]
            for merged in (True, False)
        }

    def dataset(self, product: str, *, merged: bool) -> str:
        """The dataset of the merged files of a product, or of the files of its jobs."""
        return self._datasets[product, merged]

    def definition(self) -> dict[str, str | int | None]:
        """What is kept of the task, frozen."""
        row = self.row
        return {
            "source": "prodsys", "id": row.id, "name": row.name, "type": row.type, "site": row.site,
            "path": row.path, "soft": row.soft, "production": row.production, "year": row.year,
            "period": row.period, "slot": row.prodslt, "phast": row.phastver, "parent": row.parent_task_id,
        }  # fmt: skip


def production(row: TaskRow, label: str, constants: Mapping[str, str]) -> Production:
    """The task, understood as far as it can be. Raises BadTask for a type or status that is none."""
    if row.type not in MADE:
        raise BadTask(f"unknown type {row.type!r}")
    if row.status not in TASK_STATUSES:
        raise BadTask(f"unknown status {row.status!r}")
    products: dict[str, ProductNames] = {}
    generated, bad = None, ""
    try:
        if row.type == GENERATION:
            generated = GeneratedNames(row, constants)
        else:
            products = {name: ProductNames(row, name, constants) for name in MADE[row.type]}
    except BadName as error:
        bad = str(error)
    return Production(row, task_name(label, row), products, generated, bad, read_filelist(row))


class BadTask(ValueError):
    """A task row that means nothing; the text says why."""


def note_deletions(productions: Iterable[Production]) -> None:
    """Say of each task which of its directories were deleted: deletion is by directory, which tasks share."""
    everyone = list(productions)
    removed: dict[str, int] = {}
    for one in everyone:
        if one.row.status_files_deleted == "yes":
            for directory in [*_deleted_dirs(one)]:
                removed.setdefault(directory, one.row.id)
    for one in everyone:
        for product, names in one.products.items():
            for directory, gone in ((names.chunk_dir, one.gone), (names.merged_dir, one.gone_merged)):
                if (by := removed.get(_root(directory))) is not None:
                    gone.add(product)
                    if one.row.status_files_deleted != "yes":
                        one.gone_with[product] = by
        if one.generated and (by := removed.get(one.generated.disk_dir)) is not None:
            one.gone.add(MCGEN)
            if one.row.status_files_deleted != "yes":
                one.gone_with[MCGEN] = by


def _deleted_dirs(one: Production) -> Iterable[str]:
    """The directories that 'delete task files' removes: with all their slots; mDST/ and histos/ stay."""
    if one.generated:
        yield one.generated.disk_dir
    for product, names in one.products.items():
        yield _root(names.chunk_dir)
        if product == DUMP:
            yield _root(names.merged_dir)


def _root(directory: str) -> str:
    """The directory without its slot."""
    head, _, last = directory.rstrip("/").rpartition("/")
    return head + "/" if last.startswith("slot") else directory


class Mapper:
    """Maps job rows, given the tasks.

    ``moved`` are directories (old, new) that files were moved to; ``datasets`` those that the catalogue has:
    files of jobs that are gone now may be known there from an import before.
    """

    def __init__(
        self,
        productions: Mapping[int, Production],
        raw: RawNames,
        moved: Sequence[tuple[str, str]] = (),
        datasets: Collection[str] = (),
    ) -> None:
        self._productions, self._raw, self._moved = productions, raw, tuple(moved)
        self._datasets = datasets

    def map(self, row: JobRow) -> Mapped:
        """What the row becomes."""
        found = Mapped(row)
        task = self._productions.get(row.task_id)
        if not self._find_source(found, task):
            return found
        if row.status not in JOB_STATUSES:
            found.trouble("unknown_status", f"status {row.status!r}")
        if task is None:
            found.trouble("no_task", f"task {row.task_id}")
            return found
        found.task = task.name
        if row.status in JOB_STATUSES:
            self._job(found, task)
            self._outputs(found, task)
        return found

    # ----------------------------------------------------------------- inputs
    def _find_source(self, found: Mapped, task: Production | None) -> bool:
        """Set the input of the job. False if the row is refused."""
        row, kind = found.row, task.row.type if task else ""
        lfn = self._now(row.file)
        try:
            if kind == GENERATION:
                fields = self._raw.settings.parse(_last(lfn))
                found.run, found.chunk = int(fields["run"]), str(fields["chunk"])
                return True
            if kind == RECONSTRUCTION:
                assert task is not None
                return self._generated(found, task, lfn)
            if task is not None and task.hpc:
                fields = self._raw.base.parse(_last(lfn))
                found.run, found.chunk, found.base = int(fields["run"]), str(fields["chunk"]), _last(lfn)
                found.raw_events = _raw_events(found, task)
                return True
            raw = self._raw.read(lfn)
        except BadName as error:
            found.trouble("name", str(error))
            return False
        found.run, found.chunk = raw.run, raw.chunk
        found.raw_events = _raw_events(found, task)
        found.source = File(
            lfn, raw.dataset, Role.RAW, "raw", raw.run, raw.chunk, tape=True, events=found.raw_events
        )
        return True

    def _now(self, path: str) -> str:
        for old, new in self._moved:
            if path.startswith(old):
                return new + path[len(old) :]
        return path

    def _generated(self, found: Mapped, task: Production, lfn: str) -> bool:
        """The input of a reconstruction of generated data: a file of the parent task, on tape."""
        fields = self._raw.generated.parse(_last(lfn))
        found.run, found.chunk = int(fields["run"]), str(fields["chunk"])
        parent = self._productions.get(task.row.parent_task_id or 0)
        if parent is None or parent.generated is None:
            found.trouble("no_parent", f"parent task {task.row.parent_task_id}")
            return False
        expected, _ = parent.generated.file(found.run, found.chunk)
        if expected != lfn:
            found.trouble("name", f"the parent task calls it {expected}, here it is {lfn}")
            return False
        dataset = parent.dataset(MCGEN, merged=True)
        read = found.row.status == FINISHED  # else nobody has seen that it is there
        found.source = File(lfn, dataset, Role.FINAL, MCGEN, found.run, found.chunk, tape=read)
        return True

    # ------------------------------------------------------------------- jobs
    def _job(self, found: Mapped, task: Production) -> None:
        status, over = found.row.status, task.row.status
        if status == FINISHED:
            found.state = JobState.DONE
        elif status == CANCELLED or over == CANCELLED:
            found.state = JobState.CANCELED
        elif over in OVER:
            found.state = JobState.CANCELED
            found.gap = status == MANUAL and (found.source is not None or bool(found.base))
            if not found.gap:
                found.trouble("left_behind", f"job {status!r}, task {over!r}")

    # ---------------------------------------------------------------- outputs
    def _outputs(self, found: Mapped, task: Production) -> None:
        row = found.row
        if (row.run_number, row.chunk_number) != (found.run, int(found.chunk)):
            text = f"run {row.run_number}, chunk {row.chunk_number} for {_last(row.file)}"
            found.trouble("numbers", text)
            return
        if task.bad_place:
            found.trouble("place", task.bad_place)
            return
        if task.generated:
            self._generator_file(found, task, task.generated)
        for product, names in task.products.items():
            self._product(found, task, product, names)

    def _generator_file(self, found: Mapped, task: Production, names: GeneratedNames) -> None:
        row = found.row
        taped = row.status_castor_mcgen == FINISHED
        if row.status_castor_mcgen not in CASTOR_STATUSES:
            found.trouble("unknown_status", f"status_castor_mcgen {row.status_castor_mcgen!r}")
        if row.status != FINISHED:
            return
        lfn, disk = names.file(found.run, found.chunk)
        here = not (task.hpc or MCGEN in task.gone)
        if not here and not taped:
            found.trouble("hpc_output" if task.hpc else "no_copy", f"{MCGEN} {lfn}")
            return
        dataset = task.dataset(MCGEN, merged=True)
        file = File(
            lfn, dataset, Role.FINAL, MCGEN, found.run, found.chunk, disk=disk if here else None, tape=taped
        )
        found.outputs.append(Output(MCGEN, None, file))

    def _product(self, found: Mapped, task: Production, product: str, names: ProductNames) -> None:
        row = found.row
        merging, part, castor, check = _columns(row, product)
        for column, value, known in (
            ("merging", merging, MERGE_STATUSES), ("castor", castor, CASTOR_STATUSES),
            ("x_check", check, CHECK_STATUSES),
        ):  # fmt: skip
            if value not in known:
                found.trouble("unknown_status", f"{column} of {product}: {value!r}")
        merged = None
        if merging == FINISHED and part >= 0:
            merged = self._merged(found, task, product, names, part, castor)
        elif merging == FINISHED and product == DUMP and part == -1:
            found.empty_dump = True
            return
        elif merging == FINISHED:
            found.trouble("no_part", f"{product}: part {part}")
        if check == MANUAL:
            found.trouble("x_check", product)
        chunk = self._chunk(found, task, product, names, merged is not None)
        if chunk or merged:
            name = chunk.lfn if chunk else ""
            if chunk is None and task.dataset(product, merged=False) in self._datasets:
                name = names.chunk(found.run, found.chunk)
            found.outputs.append(Output(product, chunk, merged, name))

    def _chunk(
        self, found: Mapped, task: Production, product: str, names: ProductNames, merged: bool
    ) -> File | None:
        """The per-chunk file, if it should be on disk."""
        if found.row.status != FINISHED:
            return None
        if task.hpc:
            if not merged:
                found.trouble("hpc_output", f"{product} at {task.row.site}")
            return None
        if product in task.gone:
            if product in task.gone_with:
                found.trouble("removed_with_another", f"{product}: by task {task.gone_with[product]}")
            elif not merged and not any(t.cause in ("no_copy", "no_part") for t in found.troubles):
                found.trouble("never_merged", product)
            return None
        lfn = names.chunk(found.run, found.chunk)
        dataset = task.dataset(product, merged=False)
        events = _job_events(found, task) if product == MDST else None
        return File(lfn, dataset, Role.INTERMEDIATE, product, found.run, found.chunk, disk=lfn, events=events)

    def _merged(
        self,
        found: Mapped,
        task: Production,
        product: str,
        names: ProductNames,
        part: int,
        castor: str | None,
    ) -> File | None:
        """The merged file, if ProdSys says that there is a copy of it."""
        try:
            lfn, disk = names.part(found.run, part)
        except BadName as error:
            found.trouble("no_part", str(error))
            return None
        here = not task.hpc and not (product == DUMP and product in task.gone_merged)
        if not here and castor != FINISHED:
            found.trouble("hpc_output" if task.hpc else "no_copy", f"{product} {lfn}")
            return None
        dataset = task.dataset(product, merged=True)
        return File(
            lfn, dataset, Role.FINAL, product, found.run, part=part,
            disk=disk if here else None, tape=castor == FINISHED,
        )  # fmt: skip


def _columns(row: JobRow, product: str) -> tuple[str | None, int, str | None, str]:
    """Merging status, part, archive status and cross-check of a product."""
    if product == MDST:
        part = row.chunk_number_merging_mdst
        return row.status_merging_mdst, part, row.status_castor_mdst, row.status_x_check
    if product == HIST:
        return row.status_merging_histos, row.chunk_number_merging_histos, row.status_castor_histos, "no"
    part = row.chunk_number_merging_evntdmp
    return row.status_merging_evntdmp, part, row.status_castor_evntdmp, row.status_x_check_evntdmp


def _scrambled(task: Production | None) -> bool:
    return task is not None and task.row.year == 2016 and task.row.period in SCRAMBLED


def _raw_events(found: Mapped, task: Production | None) -> tuple[Witness, int] | None:
    number = found.row.number_of_events
    if number < -1:
        found.trouble("events_negative", str(number))
    elif number == 0:
        found.trouble("events_zero", "0")
    elif number > 0 and not _scrambled(task):
        return Witness.RAW_CATALOGUE, number
    return None


def _job_events(found: Mapped, task: Production) -> tuple[Witness, int] | None:
    """For the scrambled periods ProdSys took the number that the job wrote: the job is its witness."""
    number = found.row.number_of_events
    return (Witness.JOB, number) if _scrambled(task) and number > 0 else None


def _last(path: str) -> str:
    return path.rsplit("/", 1)[-1]
