"""What the steps share: what to do with a failure, and how items that were asked for are recorded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from catalog.db import requests
from catalog.db.engine import Connection
from catalog.db.move import move
from catalog.model import OpenItem
from catalog.states import ITEM, REPLICA, RequestKind
from ddm.app import App
from transfers.archivehints import ArchiveHints
from transfers.errors import (
    ChecksumMismatch,
    FileExists,
    FileMissing,
    SizeMismatch,
    StorageError,
    TapeLost,
    UnreadableReply,
)
from transfers.model import Done, Failed, Outcome, Unknown
from transfers.planning import next_attempt
from transfers.policy import Action, decide

DOUBTFUL = (FileMissing.code, ChecksumMismatch.code, SizeMismatch.code)
"""Troubles of a reader that may be the fault of what it read."""


ADOPTED = "adopted: an equal file was at the destination already, nothing was moved"
"""The reason of a copy that needed none."""


OF_ONE_FILE = (FileMissing, FileExists, ChecksumMismatch, SizeMismatch, TapeLost)
"""Errors that are about a file, and prove nothing about others."""


def retry_at(app: App, attempts: int) -> datetime:
    """When to try again after so many failed attempts."""
    flow = app.settings.flow
    return next_attempt(
        attempts,
        now=app.now,
        first=flow.first_wait,
        longest=flow.longest_wait,
        chance=app.random.random(),
    )


def told_by(app: App, endpoint: str) -> str:
    """How the service of an endpoint is called in evidence."""
    known = app.settings.endpoints.get(endpoint)
    return f"{endpoint} ({known.backend})" if known else endpoint


def by_endpoint(items: Iterable[OpenItem]) -> Mapping[str, list[OpenItem]]:
    found: dict[str, list[OpenItem]] = defaultdict(list)
    for item in items:
        found[item.endpoint].append(item)
    return found


def split(
    items: Iterable[OpenItem], good: Callable[[OpenItem], bool]
) -> tuple[list[OpenItem], list[OpenItem]]:
    """Those for which ``good`` holds, and the others."""
    answer: tuple[list[OpenItem], list[OpenItem]] = ([], [])
    for item in items:
        answer[0 if good(item) else 1].append(item)
    return answer


def whole_call_failed(error: StorageError, paths: Sequence[str]) -> dict[str, Failed]:
    """The outcome of every path when the call itself failed: nothing is known, so it is tried again.

    Whatever the error says of a file ("no such file") was not said of each of these (invariant 5).
    """
    of_one_file = isinstance(error, OF_ONE_FILE)
    code = StorageError.code if of_one_file else error.code
    retry = StorageError.retry if of_one_file else error.retry
    return {path: Failed(code, str(error), retry) for path in paths}


def trouble_of(outcome: Outcome | None) -> Failed:
    """An outcome that is no success, as a failure: what cannot be read is unknown (invariant 5)."""
    match outcome:
        case Failed():
            return outcome
        case Unknown(text):
            return Failed(UnreadableReply.code, text, UnreadableReply.retry)
        case _:
            return Failed(UnreadableReply.code, f"unexpected answer {outcome}", UnreadableReply.retry)


def is_adopted(outcome: Outcome | None) -> bool:
    """Whether a copy found the very file at its destination."""
    return isinstance(outcome, Done) and outcome.adopted


def run_of(item: OpenItem) -> int:
    """The run of an item's file."""
    return int(item.unit.rpartition("/")[2])


def hints_of(app: App, endpoint: str, items: Sequence[OpenItem]) -> dict[int, ArchiveHints]:
    """What the tape system of an endpoint is told of the files, by item; {} where it is told nothing."""
    if not app.settings.endpoints[endpoint].archive_hints:
        return {}
    makers = {
        app.dataset_id(recipe.dataset(product, merged=True)): (recipe, product)
        for recipe in app.recipes.values()
        for product in recipe.products
    }
    found = {}
    for item in items:
        dataset, _, run = item.unit.rpartition("/")
        if maker := makers.get(int(dataset)):
            recipe, product = maker
            found[item.id] = recipe.hints(product, int(run))
    return found


def record_trouble(
    app: App,
    conn: Connection,
    kind: RequestKind,
    troubles: Sequence[tuple[OpenItem, Failed]],
    *,
    now_event: str,
    hold_event: str,
) -> int:
    """Queue again or hold the items, as the policy says; set-based per cause. Returns how many moved."""
    again: dict[tuple[str, str, int, bool], list[int]] = defaultdict(list)
    held: dict[tuple[str, str], list[int]] = defaultdict(list)
    limit = app.settings.flow.max_attempts
    for item, failure in troubles:
        verdict = decide(failure.code, kind, item.attempts, limit, tries=item.tries)
        if verdict.action in (Action.LATER, Action.ALARM):
            again[failure.code, failure.text, item.tries, verdict.counts].append(item.id)
        else:
            held[failure.code, f"{failure.text} — {verdict.reason}"].append(item.id)
    moved = 0
    for (code, text, tries, counts), ids in again.items():
        why = app.why(f"{code}: {text}")
        wait = retry_at(app, tries)
        moved += len(requests.put_back(conn, now_event, ids, why, (code, text), wait, counts=counts))
    for (code, text), ids in held.items():
        why = app.why(f"{code}: {text}")
        moved += len(move(conn, ITEM, ids, hold_event, why, code=code, reason=text))
    return moved


def doubt(app: App, conn: Connection, replica_ids: Sequence[int], text: str) -> int:
    """A reader complained: the replicas are compared anew before anybody else reads them."""
    return len(move(conn, REPLICA, replica_ids, "doubted", app.why(text), next_try_at=app.now, tries=0))


def claim(
    app: App, kind: RequestKind, endpoint: str, items: Sequence[OpenItem], *, service: str | None = None
) -> tuple[int, list[OpenItem]]:
    """Commit the intent to ask for these items; returns the request and those that are ours.

    ``service``: who will be asked, if it is not the endpoint itself.

    They come as they were asked for: the attempt that begins now is counted in the catalogue only.
    """
    with app.catalog.begin() as conn:
        ids = [item.id for item in items]
        request, _, mine = requests.claim(conn, kind, endpoint, ids, app.why(), service=service)
    ours = set(mine)
    return request, [item for item in items if item.id in ours]


def failures(items: Sequence[OpenItem], outcomes: Mapping[str, Outcome]) -> list[tuple[OpenItem, Failed]]:
    """What to record of claimed items that did not succeed: each with the attempt that its claim counted."""
    return [(counted(item), trouble_of(outcomes.get(item.path))) for item in items]


def counted(item: OpenItem) -> OpenItem:
    """The item with the attempt that its claim has counted."""
    return replace(item, attempts=item.attempts + 1, tries=item.tries + 1)


def resume(app: App) -> int:
    """After a restart: whatever was being asked for goes back to its queue; every call may be repeated."""
    with app.catalog.begin() as conn:
        services = [app.endpoint_ids[name] for name, storage in app.storages.items() if storage.transferrer]
        why = app.why("found unfinished after a restart")
        return sum(requests.unheard(conn, why, keep_copies_to=services).values())
