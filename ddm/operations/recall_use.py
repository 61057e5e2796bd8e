"""Using what was recalled: files that are ready, waiting until all are, and what is kept for nobody."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from catalog.checksum import Adler32
from catalog.db import campaigns, recall_leaks, recall_look
from catalog.db.engine import Catalog
from catalog.db.recall_leaks import Endless, Found
from catalog.db.recall_leases import Served
from catalog.errors import BadInput
from catalog.states import CampaignState, LeaseState
from ddm.operations.recall_status import standings
from ddm.operations.staging import no_task
from ddm.settings import Settings


# ------------------------------------------------------------------------------------- ready
@dataclass(frozen=True, slots=True)
class ReadyFile:
    """A file that is online for a campaign. ``url`` is None if its endpoint is not in ddm.toml."""

    lfn: str
    url: str | None
    endpoint: str
    path: str
    size: int
    adler32: Adler32


@dataclass(frozen=True, slots=True)
class Ready:
    """A page of files that are online. ``after`` is where the next one begins, None at the end."""

    campaign: str
    files: tuple[ReadyFile, ...]
    after: str | None


_KEY = re.compile(r"([0-9]{1,18})\.([0-9]{1,18})", re.ASCII)


def ready(catalog: Catalog, settings: Settings, name: str, *, limit: int, after: str | None = None) -> Ready:
    """The next files that are online for the campaign now. Raises NotRegistered, BadInput."""
    match = _KEY.fullmatch(after or "0.0")
    if match is None:
        raise BadInput("this is not the end of a page; take what the page before said", subject="--after")
    with catalog.read() as conn:
        parts = campaigns.all_named(conn, name)
        no_task(parts, "its files go to its jobs; see 'ddm job list'")
        begin = int(match[1]), int(match[2])
        found, key = recall_look.served_of(conn, parts, after=begin, limit=limit)
    files = tuple(_file(settings, served) for served in found)
    return Ready(name, files, None if key is None else f"{key[0]}.{key[1]}")


def all_ready(catalog: Catalog, settings: Settings, name: str, *, page: int = 10_000) -> Iterator[Ready]:
    """All of them, page by page."""
    after: str | None = None
    while True:
        found = ready(catalog, settings, name, limit=page, after=after)
        yield found
        after = found.after
        if after is None:
            return


def _file(settings: Settings, served: Served) -> ReadyFile:
    endpoint = settings.endpoints.get(served.endpoint)
    url = None if endpoint is None else endpoint.prefix + served.path
    return ReadyFile(served.lfn, url, served.endpoint, served.path, served.size, Adler32(served.adler32))


# ------------------------------------------------------------------------------------- wait
class Ending(StrEnum):
    """How waiting for a campaign ended."""

    SERVED = "served"  # every file came
    INCOMPLETE = "incomplete"  # it may go on, but files are missing
    CANCELED = "canceled"
    TIMEOUT = "timeout"


@dataclass(frozen=True, slots=True)
class Waited:
    """How it ended, and the files of the campaign: those that are still waited for, online, given back,
    not held any more because their lease lapsed, and accepted as a gap."""

    campaign: str
    ending: Ending
    wanted: int
    online: int
    released: int
    lapsed: int
    missed: int


def wait(
    catalog: Catalog,
    name: str,
    *,
    timeout: timedelta | None = None,
    every: timedelta = timedelta(seconds=5),
    report: Callable[[int, int], None] = lambda served, of: None,
) -> Waited:
    """Wait until every file of the campaign was served, its tail is reached, or the time is over.

    ``report`` is given how many files were served, of how many. Raises NotRegistered, BadInput (of a task).
    """
    end = None if timeout is None else catalog.clock.now() + timeout
    while True:
        found, ending = _look(catalog, name)
        files = found.wanted + found.online + found.released + found.lapsed + found.missed
        report(files - found.wanted, files)
        if ending is not None:
            return found
        now = catalog.clock.now()
        if end is not None and now >= end:
            return found
        catalog.clock.sleep(every if end is None else min(every, end - now))


def _look(catalog: Catalog, name: str) -> tuple[Waited, Ending | None]:
    with catalog.read() as conn:
        parts = campaigns.all_named(conn, name)
        no_task(parts, "see 'ddm flow status'")
        sums = standings(conn, parts)
    files = {state: sums[state].files if state in sums else 0 for state in LeaseState}
    ending = _ending({part.state for part in parts}, files)
    told = Waited(
        campaign=name,
        ending=ending or Ending.TIMEOUT,
        wanted=files[LeaseState.WANTED],
        online=files[LeaseState.ACTIVE],
        released=files[LeaseState.RELEASED],
        lapsed=files[LeaseState.LAPSED],
        missed=files[LeaseState.MISSED],
    )
    return told, ending


def _ending(states: set[str], files: dict[LeaseState, int]) -> Ending | None:
    """A lease that lapsed promises nothing any more: that is not taken for success."""
    if CampaignState.CANCELED in states:
        return Ending.CANCELED
    if CampaignState.FILLING in states:
        return None
    if not files[LeaseState.WANTED]:
        gone = files[LeaseState.LAPSED] + files[LeaseState.MISSED]
        return Ending.INCOMPLETE if gone else Ending.SERVED
    return None if CampaignState.OPEN in states else Ending.INCOMPLETE


# ------------------------------------------------------------------------------------- leaks
@dataclass(frozen=True, slots=True)
class Leaks:
    """What is kept, wanted or recalled for nobody, or may be. ``older``: leases without an end count from
    that age."""

    older: timedelta
    unneeded_pins: Found
    pinless_leases: Found
    endless_leases: tuple[Endless, ...]
    unwanted_recalls: Found
    online_unpinned: Found

    @property
    def any(self) -> bool:
        """Something leaks. What is online without a pin is dropped by the service when it needs the room."""
        files = (self.unneeded_pins.files, self.pinless_leases.files, self.unwanted_recalls.files)
        return any(files) or bool(self.endless_leases)


def leaks(catalog: Catalog, *, older: timedelta, limit: int) -> Leaks:
    """The leak report; of each kind the sum and the oldest files. Nothing is changed."""
    before = catalog.clock.now() - older
    with catalog.read() as conn:
        return Leaks(
            older=older,
            unneeded_pins=recall_leaks.unneeded_pins(conn, limit),
            pinless_leases=recall_leaks.pinless_leases(conn, limit),
            endless_leases=tuple(recall_leaks.endless_leases(conn, before)),
            unwanted_recalls=recall_leaks.unwanted_recalls(conn, limit),
            online_unpinned=recall_leaks.online_unpinned(conn, limit),
        )
