"""Is everything right in small recall campaigns? Looks at tables and tapes that trust no code under test."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from catalog.db import integrity, tally
from tests.faults.campaign_script import DIRECTORY
from transfers.testing.faults import Probabilities

if TYPE_CHECKING:
    from tests.faults.campaigns import Campaigns

NEVER = 1 << 62
ON_FILE = " JOIN replica r ON r.id = x.replica_id JOIN file f ON f.id = r.file_id"


def window(world: Campaigns) -> Iterator[str]:
    """What is asked for and pinned is within the window; one file larger than the window is let through
    alone (documented at ``share_window``)."""
    entry = world.settings.endpoints["tape"]
    parts = world.ask_tables(
        f"SELECT count(*), coalesce(sum(f.size), 0) FROM item x {ON_FILE}"
        " WHERE x.state IN ('SUBMITTING', 'SUBMITTED') UNION ALL"
        f" SELECT count(*), coalesce(sum(f.size), 0) FROM pin x {ON_FILE}"
        " WHERE x.state IN ('ACTIVE', 'RELEASING')"
    )
    files, size = (sum(column) for column in zip(*parts, strict=True))
    if files > entry.stage_files:
        yield f"{files} files are asked for and pinned, the window is {entry.stage_files}"
    if entry.stage_budget is None:
        return
    if size > entry.stage_budget and files > 1:
        yield f"{size} bytes in {files} files, the window is {entry.stage_budget}"
    if clean(world) and not _extended(world):
        held = world.library.held()
        if sum(held.values()) > entry.stage_budget and len(held) > 1:
            yield f"the library holds {sum(held.values())} bytes for us, the window is {entry.stage_budget}"


def clean(world: Campaigns) -> bool:
    """Every call was answered: no request of ours is unknown to us, and none was canceled in vain."""
    return world.script.rates == Probabilities() and not world.stopped and not world.library.was_out


def _extended(world: Campaigns) -> bool:
    """A pin was extended: the library counts the request before as well, until its time is over."""
    return bool(world.ask_tables("SELECT 1 FROM history WHERE event = 'extended' LIMIT 1"))


def leases(world: Campaigns) -> list[tuple[str, str, str, int]]:
    """Campaign, path, state, and the history's row by which it came to that."""
    rows = world.ask_tables(
        "SELECT c.name, f.name, x.state, (SELECT max(h.id) FROM history h WHERE h.noun = 'lease'"
        " AND x.id BETWEEN h.noun_id AND h.last_id AND h.new = x.state)"
        f" FROM lease x JOIN campaign c ON c.id = x.campaign_id {ON_FILE}"
    )
    return [(row[0], f"{DIRECTORY}/{row[1]}", row[2], row[3] or 0) for row in rows]


def time_of(text: str) -> datetime:
    """A time as SQLite has it."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def at_the_end(world: Campaigns) -> Iterator[str]:
    """Everything that is wrong when all should be quiet."""
    yield from _all_served(world)
    yield from _states(world)
    yield from _bad_ones_are_held(world)
    yield from _nothing_leaks(world)
    yield from _no_recall_without_a_reason(world)
    with world.catalog.read() as conn:
        yield from (f"tally: {text}" for text in tally.check(conn))
        yield from (f"integrity: {text}" for text in integrity.faults(conn))


def _all_served(world: Campaigns) -> Iterator[str]:
    path_of = {str(file.lfn): file.path for file in world.script.files}
    for consumer in world.script.consumers:
        for lfn in consumer.lfns if consumer.must_be_served else ():
            if lfn not in consumer.read and not world.library.lost(path_of[lfn]):
                yield f"{consumer.name} never got {lfn}"
    for name, path, state, _ in leases(world):
        if state in ("WANTED", "ACTIVE") and not world.library.lost(path):
            yield f"the lease of {name} on {path} is {state} at the end"


def _states(world: Campaigns) -> Iterator[str]:
    waiting = {name for name, _, state, _ in leases(world) if state == "WANTED"}
    canceled = {consumer.name for consumer in world.script.consumers if consumer.over}
    for name, state in world.ask_tables("SELECT name, state FROM campaign"):
        right = (
            ("OPEN", "TAIL") if name in waiting else ("CANCELED", "DONE") if name in canceled else ("DONE",)
        )
        if state not in right:
            yield f"{name} is {state}, not {' or '.join(right)}"


def _bad_ones_are_held(world: Campaigns) -> Iterator[str]:
    rows = world.ask_tables(
        f"SELECT f.name, x.state, x.code, x.reason FROM item x {ON_FILE}"
        " WHERE x.state NOT IN ('DONE', 'CANCELED', 'FAILED')"
    )
    held = {f"{DIRECTORY}/{row[0]}" for row in rows if row[1] == "HELD"}
    wanted = {path for _, path, state, _ in leases(world) if state == "WANTED"}
    for name, state, code, reason in rows:
        path = f"{DIRECTORY}/{name}"
        if state == "HELD" and path not in wanted:
            yield f"the recall of {name} is held for a person at the end, and nobody wants it: {reason}"
        if state != "HELD" or code not in world.library.causes(path) or not reason:
            yield f"the recall of {name} is {state} at the end: {code}: {reason}"
    for path in sorted(wanted - held):
        if world.library.lost(path):
            yield f"somebody waits for {path}, which is lost, and nobody is told"


def _nothing_leaks(world: Campaigns) -> Iterator[str]:
    for state, n in world.ask_tables("SELECT state, count(*) FROM pin GROUP BY state"):
        if state in ("ACTIVE", "RELEASING"):
            yield f"{n} pins are {state} at the end"
    if clean(world) and not _extended(world) and (held := sorted(world.library.held())):
        yield f"the library still holds {held} for us"


def _no_recall_without_a_reason(world: Campaigns) -> Iterator[str]:
    """A file is read from tape once for each time that it is wanted, from the first lease that nobody
    else's lease overlaps to the last; and once more

    - for each drawn fault that spoils, ends or drops a reading (``COSTLY``);
    - for each time the timetable evicted its copy or forgot its request, or the library needed the room
      of a copy whose holds had lapsed (they lapse when the program is stopped or not heard for days);
    - for each recall that was taken back while a drive was reading: that reading is for nobody.

    A lost reply or a crash is no reason: the request is known to the library, and joined when repeated.
    """
    periods = _periods(world)
    for path in world.library.good:
        reads, reasons = world.library.reads(path), (periods.get(path, 0), *world.library.reasons(path))
        if reads > sum(reasons) or (reads and path not in periods):
            yield f"{path} was read {reads} times; wanted, faults, lost, for nobody: {reasons}"


def _periods(world: Campaigns) -> dict[str, int]:
    """How often each file was wanted anew: groups of leases that overlap, in the order of the history. (By
    the clock they seem to when one consumer releases and the next asks at the same turn.)"""
    begun = {consumer.name: consumer.asked_after for consumer in world.script.consumers}
    spans: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for name, path, state, row in leases(world):
        spans[path].append((begun[name], NEVER if state in ("WANTED", "ACTIVE") else row))
    found = {}
    for path, rows in spans.items():
        latest, found[path] = 0, 0
        for start, end in sorted(rows):
            found[path] += start >= latest
            latest = max(latest, end)
    return found
