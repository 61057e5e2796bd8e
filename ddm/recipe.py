"""A task as a recipe: what its jobs read, run and promise, and how everything is called.

Pure: settings in, names and papers out. A product is a row of configuration, never a branch of code. The
part of a task that decides names is frozen in the catalogue when the task is first seen (``definition``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from catalog.model import JobInput, OpenJob
from catalog.names import LFN, Template, check_lfn, join
from catalog.states import JobKind, Role
from ddm.configcheck import task_fields
from ddm.jobs.manifest import Input, Manifest, Promise, Verify
from ddm.jobs.payload import LOG
from ddm.settings import Inputs, ProductSettings, Settings, TaskSettings
from merging.verdict import Permit
from merging.witnesses import Counted, Rules
from transfers.archivehints import ArchiveHints

if TYPE_CHECKING:
    from catalog.db.groups import GapFact

FAILED = "+"
"""Between a chunk and the label of an attempt at it that failed: ``11091+j17a1`` is what that one left."""

_LABEL = re.compile(r"j(?P<job>[0-9]+)a(?P<attempt>[0-9]+)", re.ASCII)


PRIORITY = 20
"""A step of a task's priority (1 to 5) in the priorities of tape systems (0 to 100)."""


class Recipe:
    """Everything that follows from one task's settings."""

    def __init__(self, task: TaskSettings, settings: Settings) -> None:
        self.task = task
        self.products: Mapping[str, ProductSettings] = {
            name: settings.products[name] for name in task.products
        }
        self._endpoints = settings.endpoints
        runner = settings.runners.get(task.runner)
        self._in_place = runner is not None and runner.inputs is Inputs.IN_PLACE
        self._fields = task_fields(task)
        self.raw_name = Template(task.raw_name, settings.names)
        self._names = {
            (name, which): Template(text, settings.names)
            for name, product in self.products.items()
            for which, text in (
                ("chunk_dir", product.chunk_dir),
                ("chunk_name", product.chunk_name),
                ("merged_dir", product.merged_dir),
                ("merged_name", product.merged_name),
                ("archive_dir", product.archived_in(task.type)),
            )
            if text
        }
        self._dirs: dict[tuple[str, str, int], str] = {}

    # ------------------------------------------------------------------ names
    def raw_fields(self, lfn: str) -> tuple[int, str]:
        """Run and chunk of a raw file. Raises BadName if its base name is not of this task's pattern."""
        fields = self.raw_name.parse(lfn.rsplit("/", 1)[-1])
        return int(fields["run"]), str(fields["chunk"])

    def _build(self, product: str, which: str, run: int, **fields: str | int) -> str:
        return self._names[product, which].build(**{**self._fields, "run": run, **fields})

    def _directory(self, product: str, which: str, run: int) -> str:
        key = (product, which, run)
        if key not in self._dirs:
            if len(self._dirs) > 10_000:
                self._dirs.clear()
            self._dirs[key] = self._build(product, which, run)
        return self._dirs[key]

    def chunk_names(self, product: str, run: int, chunk: str, label: str) -> tuple[LFN, str]:
        """LFN of the per-chunk file of a product, and the path where attempt ``label`` puts it.

        No two attempts share a path, so that none can spoil another's file.
        """
        name = self._build(product, "chunk_name", run, chunk=chunk)
        directory = self._directory(product, "chunk_dir", run)
        return check_lfn(join(directory, name)), join(directory, label, name)

    @property
    def log(self) -> str:
        """The product that is the log of the jobs themselves; "" if nobody wants it."""
        return next((name for name, product in self.products.items() if product.payload == LOG), "")

    def failed_log(self, job: OpenJob) -> LFN:
        """LFN of the log that a failed attempt left: its own name, so that it is kept beside the good one."""
        name = self._build(self.log, "chunk_name", job.run, chunk=job.chunk)
        return check_lfn(join(self._directory(self.log, "chunk_dir", job.run), f"{job.label}.{name}"))

    def merged_lfn(self, product: str, run: int, part: int) -> LFN:
        """Name of a merged file: where it will be on tape."""
        name = self._build(product, "merged_name", run, part=part)
        return check_lfn(join(self._directory(product, "archive_dir", run), name))

    def merged_path(self, product: str, run: int, lfn: str, label: str) -> str:
        """Where attempt ``label`` puts the merged file on disk."""
        return join(self._directory(product, "merged_dir", run), label, lfn.rsplit("/", 1)[-1])

    def dataset(self, product: str, *, merged: bool) -> str:
        """Dataset of the per-chunk or of the merged files of a product."""
        return f"{self.task.name}/{product}" + ("" if merged else "/chunks")

    def source(self, product: str) -> str:
        """Dataset of what a product is made of: per-chunk files, or the merged ones of another product."""
        made_of = self.products[product].made_of
        return self.dataset(made_of or product, merged=bool(made_of))

    def role(self, kind: str, product: str) -> Role:
        """Of a file that a job of this kind writes. What is kept only within what is made of it is
        intermediate, though it was merged."""
        ends = kind == JobKind.MERGE and self.products[product].archive_to
        return Role.FINAL if ends else Role.INTERMEDIATE

    def definition(self) -> dict[str, Any]:
        """What must not change while the task lives: everything that decides a name or a place."""
        names = ("chunk_dir", "chunk_name", "merged_dir", "merged_name", "archive_dir", "archive_to")
        fields = dict(task_fields(self.task))
        products = {
            name: {key: getattr(product, key) for key in names}
            | {"archive_dir": product.archived_in(self.task.type)}
            | ({"made_of": product.made_of} if product.made_of else {})
            for name, product in self.products.items()
        }
        return {
            **fields,
            "dataset": self.task.dataset,
            "raw_name": self.task.raw_name,
            "disk": self.task.disk,
            "products": products,
        }

    def hints(self, product: str, run: int) -> ArchiveHints:
        """What a tape system is told of the merged files of a run."""
        fields = {**self._fields, "run": run}
        levels = tuple(text.format(**fields) for text in self.products[product].collocation)
        return ArchiveHints(levels, PRIORITY * self.task.priority, self.task.type)

    def rules(self, product: str) -> Rules:
        """What the cross-check asks of a product, and what it permits."""
        settings = self.products[product]
        return Rules(settings.counted, frozenset(map(Permit, settings.permit)), frozenset(settings.fewer))

    # ----------------------------------------------------------------- papers
    def url(self, endpoint: str, path: str) -> str:
        """The PFN of a path at an endpoint."""
        return self._endpoints[endpoint].prefix + path

    @property
    def has_trains(self) -> bool:
        """Whether merges of several products may be one job."""
        return any(product.train for product in self.products.values())

    def train_of(self, job: OpenJob) -> str:
        """The train that a merge goes with; "" for a job that goes alone."""
        return self.products[job.product].train if job.kind == JobKind.MERGE else ""

    def promises(self, job: OpenJob) -> dict[str, tuple[Promise, str, str]]:
        """What this attempt of the job must leave: LFN → (promise, product, path at the task's disk)."""
        if job.kind == JobKind.MERGE:
            path = self.merged_path(job.product, job.run, job.lfn, job.label)
            settings = self.products[job.product]
            payload = job.lfn.rsplit("/", 1)[-1]
            promise = Promise(
                job.lfn,
                job.product,
                *self._urls(path, payload, settings.counter),
                tool=settings.tool,
                options=dict(settings.options),
            )
            return {job.lfn: (promise, job.product, path)}
        found: dict[str, tuple[Promise, str, str]] = {}
        for name, settings in self.products.items():
            if job.product not in ("", name) or settings.made_of:
                continue  # only this product of the chunk is made again; or no job of a chunk makes it
            lfn, path = self.chunk_names(name, job.run, job.chunk, job.label)
            counter = "" if settings.counted is Counted.NONE else settings.counter
            found[lfn] = (Promise(lfn, name, *self._urls(path, settings.payload, counter)), name, path)
        return found

    @property
    def disks(self) -> tuple[str, ...]:
        """Where outputs may be put, in order of preference."""
        return (self.task.disk, *(name for name in self.task.disk_fallback if name != self.task.disk))

    def _urls(self, path: str, payload: str, counter: str) -> tuple[str, str, str, tuple[str, ...]]:
        """What a promise says after its LFN and product."""
        first, *others = (self.url(name, path) for name in self.disks)
        return first, payload, counter, tuple(others)

    def disk_of(self, url: str, path: str) -> str:
        """The endpoint where an output of that path was put; the URL is one that was promised."""
        return next(name for name in self.disks if self.url(name, path) == url)

    def _about(self, entry: JobInput) -> dict[str, str | int]:
        """What an index says of an input: whose it is, and which attempt of which job wrote it."""
        if entry.part is not None:
            return {"run": entry.run, "part": entry.part}
        said: dict[str, str | int] = {"run": entry.run, "chunk": entry.chunk.partition(FAILED)[0]}
        label = entry.path.rpartition("/")[0].rpartition("/")[2]
        if found := _LABEL.fullmatch(label):
            said |= {"job": int(found["job"]), "attempt": int(found["attempt"])}
        if FAILED in entry.chunk:
            said["failed"] = "yes"
        return said

    def _of_the_whole(self, job: OpenJob) -> dict[str, str | int]:
        """The same of the merged file."""
        unit = self.products[job.product].unit
        said: dict[str, str | int] = {
            "task": self.task.name,
            "production": self.task.production,
            "product": job.product,
            "year": self.task.year,
            "period": self.task.period,
            "unit": unit,
            "part": job.part,
        }
        return said | ({"run": job.run} if unit == "run" else {})

    def manifest(self, job: OpenJob, inputs: list[JobInput], gaps: Sequence[GapFact] = ()) -> Manifest:
        """The papers of one attempt. ``gaps``: registered ones of the runs that are merged."""
        others = {endpoint for entry in inputs for endpoint, _ in entry.others}
        places = {*self.disks, *(entry.endpoint for entry in inputs), *others}
        merging = job.kind == JobKind.MERGE
        product = self.products[job.product] if merging else None
        told = product is not None and product.counted is Counted.NONE  # what may be an archive with an index
        return Manifest(
            label=job.label,
            kind=job.kind,
            inputs=tuple(
                Input(
                    lfn=entry.lfn,
                    url=self.url(entry.endpoint, entry.path),
                    size=entry.size,
                    adler32=entry.adler32,
                    n_events=entry.n_events,
                    alternatives=tuple(self.url(endpoint, path) for endpoint, path in entry.others),
                    product=entry.product,
                    about=self._about(entry) if told else {},
                )
                for entry in inputs
            ),
            promises=tuple(
                replace(promise, about=self._of_the_whole(job), gaps=tuple(map(_told, gaps)))
                if told
                else promise
                for promise, _, _ in self.promises(job).values()
            ),
            backends={
                self._endpoints[name].prefix: (self._endpoints[name].backend, self._endpoints[name].options)
                for name in sorted(places)
            },
            command=() if merging else self.task.program,
            options={} if merging else {"count_inputs": self.task.raw_counter},
            verify=product.verify if product else Verify.COUNT,
            in_place=merging and self._in_place,
        )


def _told(gap: GapFact) -> dict[str, str | int]:
    """A gap as an index has it."""
    said: dict[str, str | int] = {
        "run": gap.run,
        "chunk": gap.chunk,
        "reason": gap.reason,
        "approver": gap.approver,
    }
    return said if gap.n_events is None else {**said, "events": gap.n_events}
