"""Time: the flow from tape to archive, jobs, configuration and commands.

    from ddm import load, open_app, run

``load`` reads the settings, ``open_app`` wires catalogue, storages and runners, ``run`` runs the flow.

    from ddm import load, open_catalog, splitting, staging

``staging`` asks for files from tape and gives them back, ``splitting`` divides files among jobs (see there);
they need the catalogue alone. ``reconciling`` compares what storages hold with the catalogue. All of it is
loaded on first use: worker programs that need ``ddm.jobs`` alone stay light.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ddm.app import App, open_app, open_catalog
    from ddm.config import load
    from ddm.flow import Outcome, run
    from ddm.operations import reconciling, splitting, staging

__all__ = [
    "App",
    "Outcome",
    "load",
    "open_app",
    "open_catalog",
    "reconciling",
    "run",
    "splitting",
    "staging",
]

_HOMES = {
    "App": "ddm.app",
    "open_app": "ddm.app",
    "open_catalog": "ddm.app",
    "load": "ddm.config",
    "Outcome": "ddm.flow",
    "run": "ddm.flow",
}
_MODULES = {
    "reconciling": "ddm.operations.reconciling",
    "splitting": "ddm.operations.splitting",
    "staging": "ddm.operations.staging",
}


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name in _MODULES:
        return import_module(_MODULES[name])
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
