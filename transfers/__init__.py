"""Moving: recall from tape, copies, probes and removals, through ports that every backend keeps.

    from transfers import read_manifest, stage_in, stage_out

bring a job's files to a worker node and its outputs to storage; loaded on first use, without a database.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from transfers.manifest import StageIn, StageOut, StageReport, read_manifest
    from transfers.staging import Means
    from transfers.staging_in import stage_in
    from transfers.staging_out import stage_out

__all__ = ["Means", "StageIn", "StageOut", "StageReport", "read_manifest", "stage_in", "stage_out"]

_HOMES = {
    "Means": "transfers.staging",
    "StageIn": "transfers.manifest",
    "StageOut": "transfers.manifest",
    "StageReport": "transfers.manifest",
    "read_manifest": "transfers.manifest",
    "stage_in": "transfers.staging_in",
    "stage_out": "transfers.staging_out",
}


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
