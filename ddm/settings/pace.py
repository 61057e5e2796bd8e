"""The pace of the flow, of recalls, removals and questions for events."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from ddm.settings.fields import setting


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
