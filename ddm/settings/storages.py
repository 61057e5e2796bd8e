"""Where files are: endpoints, credentials, how hard they are driven, where new files go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from catalog.pressure import Mark
from catalog.states import EndpointKind
from ddm.settings.fields import setting
from transfers.words import ORDER, CredentialKind, UnknownSpace


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
