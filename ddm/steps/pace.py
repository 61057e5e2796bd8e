"""The pace of removals: the budget of the hour, and the brake when a storage answers strangely.

What the storage says the first time that it is asked to remove a file is counted. That the file is not there,
or must not be removed, is strange: it was compared, and nobody else removes what is ours. A second question
may follow a call whose answer was lost, and proves nothing. The brake is a freeze over the endpoint, laid by
the flow: a person looks, and thaws it.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

from catalog import brake as rule
from catalog.db import freezes, removal_hours
from catalog.db.engine import Connection
from catalog.db.removal_hours import Budget
from catalog.states import RequestKind
from ddm.app import App
from transfers.errors import FileMissing
from transfers.model import Done, Failed, Outcome
from transfers.policy import Action, decide

LOG = logging.getLogger("ddm")


def limits(app: App) -> rule.Limits:
    """When it is too strange, by the settings."""
    release = app.settings.release
    return rule.Limits(release.brake_files, release.brake_percent / 100)


def _budget(app: App) -> Budget:
    return Budget(app.settings.release.files_per_hour, app.settings.release.size_per_hour)


def within_budget(app: App, conn: Connection, endpoint: str, sizes: Sequence[int]) -> int:
    """How many of files of these sizes, from the first, may be removed in this hour; they are counted."""
    if not sizes:
        return 0
    return removal_hours.take(conn, app.endpoint_ids[endpoint], app.now, _budget(app), sizes)


def left(app: App, endpoint: str) -> bool:
    """Whether anything may still be removed there in this hour."""
    with app.catalog.read() as conn:
        return removal_hours.left(conn, app.endpoint_ids[endpoint], app.now, _budget(app))


def count(
    app: App, conn: Connection, endpoint: str, first: Sequence[str], outcomes: Mapping[str, Outcome]
) -> str:
    """Count what the storage answered of paths that it was told to remove for the first time. Returns why it
    is too strange, or "" when it is not."""
    told = {path: outcome for path in first if (outcome := outcomes.get(path)) is not None}
    odd = [path for path, outcome in told.items() if _odd(outcome)]
    clear = len(odd) + sum(outcome == Done() for outcome in told.values())
    if not clear:
        return ""
    key = app.endpoint_ids[endpoint]
    seen, strange = removal_hours.answered(conn, key, app.now, clear, len(odd))
    if not odd or not rule.too_strange(seen, strange, limits(app)):
        return ""
    outcome = told[odd[0]]
    text = outcome.text if isinstance(outcome, Failed) else str(outcome)
    return f"braked: {strange} of {seen} files were not there or not to be removed, e.g. {odd[0]}: {text}"


def _odd(outcome: Outcome) -> bool:
    """Not there, or a failure that concerns the file itself and no waiting helps."""
    match outcome:
        case Failed(code=FileMissing.code):
            return True
        case Failed(code=code):
            return decide(code, RequestKind.REMOVE, 1, 1000).action is Action.HOLD  # at once: no patience
        case _:
            return False


def brake(app: App, endpoint: str, text: str) -> None:
    """Freeze the endpoint until a person has looked."""
    with app.catalog.begin() as conn:
        if any(freeze.endpoint == endpoint for freeze in freezes.standing(conn)):
            return
        made = freezes.lay(conn, endpoint, None, app.why(text))
        removal_hours.forget(conn, app.endpoint_ids[endpoint])
    LOG.error("removals at %s: %s; see 'ddm trash thaw %d'", endpoint, text, made.id)
