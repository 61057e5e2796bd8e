"""How storages are listed, compared with the catalogue, verified and repaired."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from catalog.states import HowVerified
from ddm.settings.fields import setting


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconcileSettings:
    """``[reconcile]``: how storages are listed and compared with the catalogue."""

    directory: Path = setting(
        "where scans, comparisons and what is made of them are kept; also needs room for scratch files",
        default=Path("reconcile"),
    )
    scan_jobs: int = setting("directories that are listed at a time", unit="directories", default=16)
    scan_rate: int = setting("entries that are listed in a second, at most; 0: no limit", default=0)
    scan_directories: int = setting("directories in a second, at most; 0: no limit", default=0)
    least_known: int = setting(
        "percent of what the catalogue expects that a dump must have to be taken for one of the endpoint",
        default=50,
    )
    confirm_after: timedelta = setting(
        "a difference is confirmed by a second scan that begins so long after the first has ended",
        default=timedelta(days=1),
    )
    window: timedelta = setting("a scan that is older is not compared any more", default=timedelta(days=30))
    brake: int = setting(
        "above so many percent of the files expected at an endpoint (or there, of files that nobody expects) "
        "nothing of that kind is declared there",
        unit="percent",
        default=2,
    )
    brake_files: int = setting("but so many are always allowed", unit="files", default=10)
    garbage: int = setting(
        "a list is refused when more of its lines cannot be read", unit="percent", default=10
    )
    outside: int = setting(
        "a list is refused when more of its lines are not of the endpoint", unit="percent", default=1
    )
    clocks: timedelta = setting(
        "by how much clocks of programs, databases and storages may differ", default=timedelta(hours=1)
    )
    verify_per_hour: int | None = setting(
        "bytes whose content is verified in an hour at one endpoint, at most, by all processes together; "
        "unset: the flow verifies nothing by itself, and a person says `--budget`",
        unit="bytes",
        default=None,
    )
    verify_how: HowVerified = setting(
        "what the flow does by itself, at disks: `asked`, the service tells size and checksum; `read`, every "
        "byte is read. Tape endpoints are asked; a person has tapes read",
        default=HowVerified.ASKED,
    )
    verify_age: timedelta = setting(
        "the flow by itself verifies copies that were not for so long", default=timedelta(days=90)
    )
    grace: timedelta = setting(
        "between a signed `trash` of a file that nobody knows and its removal; what an attempt of a job left "
        "waits for the grace time of its products",
        default=timedelta(days=14),
    )
