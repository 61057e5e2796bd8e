"""The settings as frozen values: every one with a type, a default, a sentence and a unit, in one place.

``ddm.config`` reads them from TOML and the environment; docs/reference/config.md is generated from here.
Sizes are bytes (``"4 GB"`` is 4 000 000 000), durations are timedelta (``"14 d"``, ``"30 s"``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from catalog.evidence import Grade, Wanted
from catalog.months import Span
from catalog.pressure import Mark
from catalog.states import EndpointKind
from ddm.jobs.manifest import Verify
from merging.model import Treat
from merging.verdict import Permit
from merging.witnesses import Counted
from transfers.words import ORDER, CredentialKind, UnknownSpace


def setting(doc: str, *, unit: str = "", **kwargs: Any) -> Any:
    """A dataclass field with its sentence and unit for the reference page.

    ``unit="bytes"`` makes ``ddm.config`` read sizes; a number with a unit is a quantity and at least 1.
    """
    return field(metadata={"doc": doc, "unit": unit}, **kwargs)


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
class EndpointSettings:
    """``[endpoint.NAME]``: a place where files are."""

    name: str
    kind: EndpointKind = setting("`disk`, or `tape` (files may be nearline and must be staged)")
    backend: str = setting(
        "storage backend: `posix`, `simtape`, `xrootd`, `gfal2`, `carried`, `memory`, or a plugin's name"
    )
    prefix: str = setting("what stands before a path to make its URL, e.g. `root://door.example/`")
    options: Mapping[str, str] = setting("options of the backend", default_factory=dict)
    stager: str = setting(
        "who recalls, if not the backend itself: `taperest`, `fts`, `gfal2`, or a plugin's name (tape only)",
        default="",
    )
    stager_prefix: str = setting(
        "what stands before a path for the stager, if other than `prefix`", default=""
    )
    stager_options: Mapping[str, str] = setting("options of the stager", default_factory=dict)
    transfer: str = setting(
        "the service that makes copies to here, if not the backend itself: `fts`, or a plugin's name",
        default="",
    )
    transfer_prefix: str = setting(
        "what stands before a path for that service, if other than `prefix`", default=""
    )
    transfer_options: Mapping[str, str] = setting("options of that service", default_factory=dict)
    archive_timeout: timedelta = setting(
        "how long that service waits for the tape after a copy; `0 s`: not at all, only ddm does (tape only)",
        default=timedelta(days=1),
    )
    stage_budget: int | None = setting(
        "bytes that may be staged and pinned at once; unset means no limit (tape only)",
        unit="bytes",
        default=None,
    )
    stage_files: int = setting(
        "files that may be staged and pinned at once (tape only)", unit="files", default=30_000
    )
    stage_low: int = setting(
        "more is recalled once what is staged and pinned falls below this part of the limits: fewer, larger "
        "requests (tape only)",
        unit="percent",
        default=90,
    )
    pin_lifetime: timedelta = setting("how long a staged file is asked to stay", default=timedelta(days=2))
    stage_timeout: timedelta = setting(
        "a recall not finished by then is canceled and asked for anew", default=timedelta(days=3)
    )
    max_files_per_request: int = setting("files in one call to the service", unit="files", default=1000)
    archive_hints: bool = setting(
        "copies to it come with grouping hints for tape systems that read them (WLCG archive metadata), by "
        "FTS or in the URL of `xrootd` (tape only)",
        default=False,
    )
    site: str = setting("where it is, for distances; empty: nowhere in particular", default="")
    distances: Mapping[str, str] = setting(
        "how far it is from other sites, as whole numbers (its own site is at 0); a site that is not here is "
        "farther than all that are",
        default_factory=dict,
    )
    owner: str = setting("group it belongs to: that group's files go there first", default="")
    groups: tuple[str, ...] = setting(
        "groups that may write there beside the owner; empty: everybody", default=()
    )
    keep_free: int | None = setting(
        "bytes that new files leave free there; unset means none", unit="bytes", default=None
    )
    pressure_high: Mark | None = setting(
        'files go to the trash when this mark is passed: `"90 %"` are used, or only `"10 TB"` are free; '
        "unset: never (disk only; docs/howto/cleanup.md)",
        default=None,
    )
    pressure_low: Mark | None = setting(
        "and so many that this mark is reached; of the same kind as `pressure_high`", default=None
    )
    pressure_grace: timedelta | None = setting(
        "above `pressure_high`, files in the trash there go after this time, if their grace time is longer; "
        "unset: no grace time is shortened",
        default=None,
    )
    closed: str = setting("why nothing new is written there; empty: it is open", default="")
    credential: str = setting(
        "the `[credential.NAME]` it is spoken to with; empty: what the backend finds itself", default=""
    )
    max_calls: int | None = setting(
        "calls to it at a time, if other than `calls` of `[limits]`", unit="calls", default=None
    )
    tape_drives: int = setting(
        "drives that read for us: runs are recalled from so many tapes side by side (tape only)",
        unit="drives",
        default=4,
    )
    tape_rate: int = setting(
        "bytes a second and drive, for estimates (tape only)", unit="bytes", default=300_000_000
    )
    tape_mount: timedelta = setting(
        "time to change a tape, for estimates (tape only)", default=timedelta(minutes=2)
    )
    tape_seek: timedelta = setting(
        "time to find a file on a mounted tape, for estimates (tape only)", default=timedelta(seconds=5)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialSettings:
    """``[credential.NAME]``: a proxy or a token, and how it is renewed. Never the secret itself."""

    name: str
    kind: CredentialKind = setting("`proxy` (X.509, certificates and key in one file) or `token` (bearer)")
    path: Path | None = setting(
        "its file; unset: where the field keeps it (`X509_USER_PROXY`, `/tmp/x509up_u…`; `BEARER_TOKEN`, "
        "`BEARER_TOKEN_FILE`, `$XDG_RUNTIME_DIR/bt_u…`, `/tmp/bt_u…`)",
        default=None,
    )
    renew: tuple[str, ...] = setting(
        "command that writes a new one to the file, as a list of words; empty: somebody else renews it",
        default=(),
    )
    renew_before: timedelta = setting("it is renewed when less is left", default=timedelta(hours=6))
    renew_timeout: timedelta = setting(
        "the command is ended when it has not ended by then", default=timedelta(minutes=1)
    )


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
class FlowSettings:
    """``[flow]``: the pace of ``ddm flow run``."""

    batch: int = setting("rows one step takes at a time", unit="rows", default=2000)
    interval: timedelta = setting("wait between two rounds that found nothing", default=timedelta(seconds=30))
    max_attempts: int = setting(
        "attempts of a recall, copy or removal before it is held", unit="attempts", default=8
    )
    first_wait: timedelta = setting(
        "wait after the first failed attempt; doubles", default=timedelta(minutes=1)
    )
    longest_wait: timedelta = setting("longest wait between attempts", default=timedelta(hours=6))
    reports: Path | None = setting(
        "directory where reports of `ddm check run` are left for the flow to take in; unset: none",
        default=None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitSettings:
    """``[limits]``: how hard endpoints and links are driven, by each process."""

    calls: int = setting("calls to one endpoint at a time; more wait", unit="calls", default=16)
    copies: int = setting(
        "copy calls on one link (source host to endpoint) at a time", unit="calls", default=8
    )
    longest_wait: timedelta = setting(
        "wait for a turn before the call is given up", default=timedelta(minutes=10)
    )
    attempts: int = setting("calls made at once when one fails by a blip", unit="calls", default=3)
    deadline: timedelta = setting("no call is made again after that", default=timedelta(minutes=1))
    failures: int = setting(
        "failed calls in a row after which an endpoint or a link is left alone", unit="calls", default=5
    )
    pause: timedelta = setting("how long it is left alone; doubles", default=timedelta(minutes=1))
    longest_pause: timedelta = setting("how long at most", default=timedelta(minutes=30))
    rate: int = setting(
        "bytes a second that a copy makes at least, to tell how long a credential must last",
        unit="bytes",
        default=20_000_000,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacementSettings:
    """``[placement]``: where new files go when there is a choice; `ddm endpoint choose` explains it."""

    order: tuple[str, ...] = setting(
        "what candidates are compared by, the most important first; of `assigned`, `owned`, `room`, `near`, "
        "`kind`, `space`",
        default=tuple(str(criterion) for criterion in ORDER),
    )
    unknown_space: UnknownSpace = setting(
        "`allow` or `refuse` an endpoint that does not tell its free space", default=UnknownSpace.ALLOW
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class RecallSettings:
    """``[recall]``: the manners of recalls from tape, at every endpoint."""

    confirm_files: int = setting(
        "a campaign of more files must be confirmed with --yes", unit="files", default=100_000
    )
    confirm_size: int = setting(
        "a campaign of more bytes must be confirmed with --yes", unit="bytes", default=100_000_000_000_000
    )
    longest_poll: timedelta = setting(
        "longest wait between two questions how a request is", default=timedelta(minutes=15)
    )
    look_after: timedelta = setting(
        "how often a pinned copy is looked at, whether it is still there", default=timedelta(hours=2)
    )
    progress_every: timedelta = setting(
        "how often progress is noted, for the time to finish", default=timedelta(minutes=10)
    )
    storm_files: int = setting(
        "failures by one cause within ten minutes that are a storm: then only a few files are tried",
        unit="files",
        default=500,
    )
    storm_held: int = setting("files held for a person in one storm, at most", unit="files", default=10)
    storm_pause: timedelta = setting("wait between tries during a storm", default=timedelta(minutes=5))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseSettings:
    """``[release]``: how much is removed at a time, what a person confirms, and when the brake stops it."""

    files_per_hour: int = setting(
        "files removed in an hour at one endpoint, at most, by all processes together",
        unit="files",
        default=100_000,
    )
    size_per_hour: int = setting("the same in bytes", unit="bytes", default=200_000_000_000_000)
    plan_files: int = setting(
        "files in one plan of removal, at most; the rest goes into the next", unit="files", default=200_000
    )
    plan_size: int = setting("bytes of one plan, at most", unit="bytes", default=500_000_000_000_000)
    confirm_files: int = setting(
        "to empty more files than this, `--yes` is not enough: their number is typed (`--confirm N`)",
        unit="files",
        default=1000,
    )
    confirm_size: int = setting("the same for bytes", unit="bytes", default=10_000_000_000_000)
    brake_files: int = setting(
        "so many files that are not as planned, of a campaign or of an hour at an endpoint, are nothing yet",
        unit="files",
        default=10,
    )
    brake_percent: int = setting(
        "when so many of the files are not as planned, removing stops until a person releases it (percent)",
        default=10,
    )
    call: int = setting(
        "files in one removal call, if the endpoint allows more: a freeze is obeyed between two calls",
        unit="files",
        default=500,
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


@dataclass(frozen=True, slots=True, kw_only=True)
class EventSettings:
    """``[events]``: the pace of asking for event counts, and when a process counts as silent."""

    per_round: int = setting(
        "files a source is asked of in one round of the flow; the rest comes in the next",
        unit="files",
        default=5000,
    )
    max_attempts: int = setting(
        "questions about a file before a source is given up, until a person asks again",
        unit="attempts",
        default=10,
    )
    first_wait: timedelta = setting(
        "wait after a first vain question; doubles", default=timedelta(minutes=10)
    )
    longest_wait: timedelta = setting("longest wait between vain questions", default=timedelta(days=1))
    silent: timedelta = setting(
        "a range of events whose process sent no heartbeat for so long goes to another",
        default=timedelta(minutes=2),
    )
    max_claims: int = setting(
        "processes that may fail at a range of events before a person looks", unit="claims", default=5
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything ``ddm.toml`` says. Relative paths are relative to the file's directory."""

    root: Path
    catalog: str = setting("SQLAlchemy URL of the catalogue", default="sqlite:///ddm.db")
    names: Mapping[str, str] = setting(
        "constants for the templates, e.g. `eos`, `tape`", default_factory=dict
    )
    endpoints: Mapping[str, EndpointSettings] = field(default_factory=dict)
    credentials: Mapping[str, CredentialSettings] = field(default_factory=dict)
    products: Mapping[str, ProductSettings] = field(default_factory=dict)
    tasks: Mapping[str, TaskSettings] = field(default_factory=dict)
    runners: Mapping[str, RunnerSettings] = field(default_factory=dict)
    event_sources: Mapping[str, EventSourceSettings] = field(default_factory=dict)
    flow: FlowSettings = field(default_factory=FlowSettings)
    limits: LimitSettings = field(default_factory=LimitSettings)
    placement: PlacementSettings = field(default_factory=PlacementSettings)
    recall: RecallSettings = field(default_factory=RecallSettings)
    release: ReleaseSettings = field(default_factory=ReleaseSettings)
    events: EventSettings = field(default_factory=EventSettings)
