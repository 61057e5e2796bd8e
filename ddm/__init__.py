"""Time: the flow from tape to archive, jobs, configuration and commands.

    from ddm import load, open_app, run

``load`` reads the settings, ``open_app`` wires catalogue, storages and runners, ``run`` runs the flow. Loaded
on first use: worker programs that need ``ddm.jobs`` alone stay light.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ddm.app import App, open_app
    from ddm.config import load
    from ddm.flow import Outcome, run

__all__ = ["App", "Outcome", "load", "open_app", "run"]

_HOMES = {
    "App": "ddm.app",
    "open_app": "ddm.app",
    "load": "ddm.config",
    "Outcome": "ddm.flow",
    "run": "ddm.flow",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
