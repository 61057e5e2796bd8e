"""Beside the hops: reports of ``ddm check run`` that batch jobs leave in a directory are taken in.

A report that was taken in is renamed ``NAME.taken``, one that is none ``NAME.refused``: neither is looked at
again, and nothing is removed. Killed in between, the flow takes it in once more, which changes nothing.
"""

from __future__ import annotations

import logging
from pathlib import Path

from ddm.app import App
from ddm.jobs.recount import read_recount

_log = logging.getLogger("ddm.flow")


def take(app: App) -> int:
    """Take in what lies in the directory of ``[flow] reports``. Returns how many reports."""
    if app.settings.flow.reports is None:
        return 0
    place = app.settings.root / app.settings.flow.reports
    if not place.is_dir():
        return 0
    # Who writes whole does it under another name, with a dot before it.
    found = sorted(path for path in place.glob("*.json") if not path.name.startswith("."))
    return sum(_take(app, path) for path in found[: app.settings.flow.batch])


def _take(app: App, path: Path) -> int:
    from ddm.operations import sampling  # only who has such a directory needs it

    try:
        report = read_recount(path.read_text(encoding="utf-8"))
    except ValueError as error:
        _log.warning("%s is no report of 'ddm check run': %s", path, error)
        path.rename(path.with_name(f"{path.name}.refused"))
        return 0
    except OSError as error:
        _log.warning("%s cannot be read: %s", path, error)
        return 0
    sampling.take(app, report)
    path.rename(path.with_name(f"{path.name}.taken"))
    return 1
