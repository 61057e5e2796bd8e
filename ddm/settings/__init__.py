"""The settings as frozen values: every one with a type, a default, a sentence and a unit, in one place.

``ddm.config`` reads them from TOML and the environment; docs/reference/config.md is generated from here.
Sizes are bytes (``"4 GB"`` is 4 000 000 000), durations are timedelta (``"14 d"``, ``"30 s"``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ddm.settings.fields import setting
from ddm.settings.pace import EventSettings, FlowSettings, RecallSettings, ReleaseSettings
from ddm.settings.production import (
    AfterArchive,
    Disk,
    EventSourceSettings,
    Inputs,
    Leftovers,
    ProductSettings,
    RunnerSettings,
    TaskSettings,
)
from ddm.settings.reconciling import ReconcileSettings
from ddm.settings.storages import CredentialSettings, EndpointSettings, LimitSettings, PlacementSettings

__all__ = [
    "AfterArchive",
    "CredentialSettings",
    "Disk",
    "EndpointSettings",
    "EventSettings",
    "EventSourceSettings",
    "FlowSettings",
    "Inputs",
    "Leftovers",
    "LimitSettings",
    "PlacementSettings",
    "ProductSettings",
    "RecallSettings",
    "ReconcileSettings",
    "ReleaseSettings",
    "RunnerSettings",
    "Settings",
    "TaskSettings",
    "setting",
]


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
    reconcile: ReconcileSettings = field(default_factory=ReconcileSettings)
    events: EventSettings = field(default_factory=EventSettings)
