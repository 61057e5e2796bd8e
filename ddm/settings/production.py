"""What is made: products, tasks, where jobs run, who counts events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path

from catalog.evidence import Grade, Wanted
from catalog.months import Span
from ddm.jobs.manifest import Verify
from ddm.settings.fields import setting
from merging.model import Treat
from merging.verdict import Permit
from merging.witnesses import Counted


class AfterArchive(StrEnum):
    DELETE = "delete"
    KEEP = "keep"


class Disk(StrEnum):
    KEEP = "keep"
    GO = "go"


class Inputs(StrEnum):
    COPY = "copy"
    IN_PLACE = "in-place"


class Leftovers(StrEnum):
    END = "end"
    WAIT = "wait"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductSettings:
    """``[product.NAME]``: one kind of output. Products are configuration, never code."""

    name: str
    made_of: str = setting(
        "product whose merged files this one is made of; empty: of what jobs write, which `payload`, "
        "`chunk_dir` and `chunk_name` then tell",
        default="",
    )
    payload: str = setting("what the program calls the file it writes", default="")
    chunk_dir: str = setting("template of the directory of per-chunk files", default="")
    chunk_name: str = setting("template of the name of a per-chunk file", default="")
    merged_dir: str = setting("template of the directory of merged files on disk")
    merged_name: str = setting("template of the name of a merged file; `{part}` is `` or `.001` …")
    archive_dir: str = setting("template of the directory of merged files on tape; names the LFN")
    archive_dirs: Mapping[str, str] = setting(
        "the same for tasks of certain types, where it is another one: by type, "
        '`{ "DDD filtering" = "{tape}{path}{soft}/mergedDump/" }`',
        default_factory=dict,
    )
    collocation: tuple[str, ...] = setting(
        "groups that a tape system is told to keep together, the widest first; texts with {year}, {period}, "
        "{prod}, {soft}, {slot} and {run} (`archive_hints` of the endpoint)",
        default=("{year}{period}", "{prod}", "{run}"),
    )
    archive_to: str = setting(
        "tape endpoint that keeps the merged files; empty: only what another product makes of them is kept"
    )
    tool: str = setting("format that merges the files: `date`, `root`, `zip` … (docs/howto/formats.md)")
    options: Mapping[str, str] = setting("options of the format", default_factory=dict)
    counter: str = setting("event counter that reads a file back; empty: not a file of events", default="")
    counted: Counted = setting(
        "`all`: every raw event; `subset`: some; `none`: not events", default=Counted.ALL
    )
    permit: tuple[str, ...] = setting(
        "differences that are no fault, each named in the verdict of the cross-check: `gaps` (approved, with "
        "their events), `zero-events` (files that say 0 may be in no part), `unreported-inputs` (merge jobs "
        "need not tell what they read)",
        default=(Permit.GAPS.value, Permit.ZERO_EVENTS.value),
    )
    fewer: tuple[str, ...] = setting(
        "types of records of which a merged file may hold fewer than its inputs, e.g. `start of run`",
        default=(),
    )
    target: int = setting("size of a merged file, at most (bytes)", unit="bytes", default=4_000_000_000)
    max_inputs: int = setting("files in one merge, at most", unit="files", default=1000)
    max_events: int | None = setting(
        "events in a merged file, at most; not set: any number", unit="events", default=None
    )
    tolerance: int = setting("percent above the target that are allowed if that saves a file", default=0)
    unit: str = setting(
        "what is planned together: `run`, `period` (all runs of the task), or a metadata key of raw files "
        "(`day`), which names the unit of a run; what is `made_of` a product waits for all runs of its unit",
        default="run",
    )
    boundaries: tuple[str, ...] = setting(
        "what a merged file never mixes: `run`, or metadata keys of the files, such as `spill` or `stream`",
        default=(),
    )
    min_fill: int = setting(
        "a last merged file filled less than this (percent of the nearest limit) is a leftover", default=0
    )
    leftovers: Leftovers = setting(
        "a leftover waits for more until the `end` of the unit, or, with `wait`, until a person flushes it",
        default=Leftovers.END,
    )
    leftover_after: timedelta | None = setting(
        "how long a leftover waits at most; not set: any time", default=None
    )
    zero_events: Treat = setting(
        "a file of 0 events: `merge` it, `leave out` (it is listed), or `refuse` to merge",
        default=Treat.MERGE,
    )
    empty: Treat = setting("the same for a file of at most `empty_size` bytes", default=Treat.MERGE)
    empty_size: int = setting("bytes of an empty file, at most (COMPASS: an empty dump has 33)", default=0)
    verify: Verify = setting(
        "what of a merged file is read again before it is put to storage: `none`, `count` (its events), "
        "`same-content` (also whether it holds exactly its inputs)",
        default=Verify.COUNT,
    )
    train: str = setting(
        "products of one train are merged by one job for each part of a run; empty: each by its own",
        default="",
    )
    inputs_after_archive: AfterArchive = setting(
        "`delete` the per-chunk files once the merged one is archived and checked, or `keep` them",
        default=AfterArchive.DELETE,
    )
    grace: timedelta = setting("time between withdrawal and removal", default=timedelta(days=14))
    keep_on_disk: Span | None = setting(
        'the merged file goes from disk so long after its copy on tape was settled, or it was last used: `"6 '
        'months"`, `"1 year"`, `"30 d"`, by the calendar; unset: it stays',
        default=None,
    )
    under_pressure: Disk = setting(
        "before that time, from a disk above `pressure_high`: the merged file may `go`, or stays (`keep`)",
        default=Disk.GO,
    )
    after_task: Disk = setting(
        "when every run of the task is archived, the merged files `go` from disk, or stay (`keep`)",
        default=Disk.KEEP,
    )
    evidence: Grade = setting(
        "what must be seen of the copy on tape before anything goes: `a` the service says it is on tape, "
        "`b` and its size and checksum are ours, `c` and it was read again from tape",
        default=Grade.B,
    )
    settle: timedelta = setting(
        "it is seen again so long after the first time, before anything goes; `0 s`: once is enough",
        default=timedelta(days=1),
    )
    evidence_age: timedelta = setting(
        "how old the newest evidence may be at the moment of removal", default=timedelta(days=7)
    )

    def archived_in(self, task_type: str) -> str:
        """The template of the directory on tape, for tasks of this type."""
        return self.archive_dirs.get(task_type, self.archive_dir)

    @property
    def wanted(self) -> Wanted:
        """What evidence of a copy on tape is enough."""
        return Wanted(self.evidence, self.settle, self.evidence_age)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskSettings:
    """``[task.NAME]``: a production: which raw data, which program, which products, which names."""

    name: str
    dataset: str = setting("dataset of raw files to process")
    raw_name: str = setting("template of a raw file's base name, e.g. `cdr{chunk}-{run}.raw`")
    type: str = setting("task type, for people and for names", default="mass production")
    year: int = setting("year of data taking")
    period: str = setting("period of the task, e.g. `P08`")
    production: str = setting("name of the production")
    path: str = setting("`{path}` of the templates; ends with a slash or is empty", default="")
    soft: str = setting("`{soft}` of the templates: software version, no slash")
    slot: int = setting("`{slot}` of the templates", default=0)
    phast: int = setting("`{phast}` of the templates", default=7)
    program: tuple[str, ...] = setting("command of a job; `{input}` stands for the staged raw file")
    raw_counter: str = setting("event counter that reads a raw file; empty: not counted", default="date")
    disk: str = setting("disk endpoint that takes the outputs of jobs")
    disk_fallback: tuple[str, ...] = setting(
        "disk endpoints that take an output, in this order, when `disk` does not", default=()
    )
    runner: str = setting("runner of the jobs", default="local")
    products: tuple[str, ...] = setting("products the program makes")
    max_attempts: int = setting("attempts of a job before it is held", unit="attempts", default=5)
    tidy: bool = setting(
        "when every run is archived, what failed attempts left behind goes, and the runner's directories of "
        "its jobs (docs/howto/cleanup.md)",
        default=False,
    )
    priority: int = setting("priority of its recalls, 1 to 5; higher goes first", unit="level", default=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunnerSettings:
    """``[runner.NAME]``: where jobs run."""

    name: str
    backend: str = setting("runner: `local`, or a plugin's name", default="local")
    slots: int = setting("jobs at once", unit="jobs", default=2)
    directory: Path = setting("directory for manifests, reports and work directories", default=Path("jobs"))
    options: Mapping[str, str] = setting("options of the runner", default_factory=dict)
    inputs: Inputs = setting(
        "inputs of merges at a `file://` endpoint: `copy` them to the work directory, or read them "
        "`in-place`: jobs see the same file system",
        default=Inputs.COPY,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class EventSourceSettings:
    """``[event_source.NAME]``: somebody who knows how many events files have; asked in this order."""

    name: str
    backend: str = setting("event source: `text`, `sql`, `read` (the file itself), or a plugin's name")
    products: tuple[str, ...] = setting(
        "products it is asked of; empty: raw files, of `read` those that it has a counter for", default=()
    )
    options: Mapping[str, str] = setting("options of the event source", default_factory=dict)
