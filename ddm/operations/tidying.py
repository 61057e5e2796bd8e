"""Lists of old scans and comparisons, and scratch that killed processes left: shown, and removed.

1. First one transaction says whose lists are gone; from then on nobody reads them. Then the files go, each by
   its name. What a kill leaves of them is found by the next one.
2. While that goes on nothing is compared and no plan is proposed.
3. Rows and numbers stay: how things went over the years can still be told.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from catalog.db import comparisons, scans, tidying
from catalog.db.comparisons import Comparison
from catalog.db.engine import Catalog, Connection
from catalog.db.scans import Scan
from catalog.errors import CatalogBusy
from catalog.states import ComparisonState, ScanState
from ddm.operations.common import why
from ddm.operations.comparing import MANY
from ddm.reconcile import ownfiles, scanstore, scratchdirs, tidiness
from ddm.reconcile.limits import limits_of
from ddm.reconcile.ownfiles import Own
from ddm.reconcile.scanparts import SCRATCH
from ddm.reconcile.scratchdirs import Left
from ddm.reconcile.tidiness import Rule
from ddm.settings import Settings

KEEP, OLDER = 3, timedelta(days=90)
_UNKNOWN = Own((), (), 0)


@dataclass(frozen=True, slots=True)
class Entry:
    """The lists of a scan or a comparison (``what``). ``size``: bytes of the files that are its own. ``why``:
    why they stay; empty: they go. ``begun``: an earlier removal was interrupted."""

    what: str
    number: int
    of: str
    state: str
    made_at: datetime
    directory: Path
    files: int
    size: int
    why: str
    begun: bool


@dataclass(frozen=True, slots=True)
class Tidied:
    """What there is, and what came of it. ``removed``: directories whose lists are gone now; ``notes``: what
    was not as thought. ``acted``: it was done, and not only shown."""

    entries: tuple[Entry, ...]
    scratch: tuple[Left, ...]
    removed: tuple[Path, ...] = ()
    notes: tuple[str, ...] = ()
    acted: bool = False

    @property
    def going(self) -> tuple[Entry, ...]:
        return tuple(one for one in self.entries if not one.why)

    @property
    def size(self) -> int:
        """Bytes that go, scratch with them."""
        return sum(one.size for one in self.going) + sum(one.size for one in self.scratch if not one.why)


def plan(catalog: Catalog, settings: Settings, keep: int = KEEP, older: timedelta = OLDER) -> Tidied:
    """What may go: of each part of an endpoint all but the newest ``keep``, if older. Changes nothing."""
    with catalog.read() as conn:
        rows = scans.listing(conn, MANY)
        made = comparisons.listing(conn, MANY)
        kept = _reasons(conn, catalog, settings, rows, made, Rule(keep, catalog.clock.now() - older))
        names = _names(conn)
    entries = [*_scans(settings, rows, kept[0]), *_comparisons(settings, made, kept[1], names)]
    return Tidied(tuple(entries), tuple(scratchdirs.find(_places(settings, rows, made))))


def tidy(catalog: Catalog, settings: Settings, keep: int = KEEP, older: timedelta = OLDER) -> Tidied:
    """Remove it. May be killed and repeated. Raises CatalogBusy while something is compared or proposed."""
    with catalog.exclusive("reconcile-compare"), catalog.exclusive("reconcile-plan"):
        found = plan(catalog, settings, keep, older)
        new = [one for one in found.going if not one.begun]
        with catalog.begin("lists tidied") as conn:
            numbers = {
                what: [one.number for one in new if one.what == what] for what in ("scan", "comparison")
            }
            tidying.tidy(conn, numbers["scan"], numbers["comparison"], why(catalog))
        removed = [left.directory for left in found.scratch if scratchdirs.remove(left)]
        notes = []
        for one in found.going:
            if note := _remove(catalog, settings, one):
                notes.append(f"{one.what} {one.number}: {note}")
            else:
                removed.append(one.directory)
    return Tidied(found.entries, found.scratch, tuple(removed), tuple(notes), True)


# ----------------------------------------------------------------------------------------------- what may go
def _reasons(
    conn: Connection,
    catalog: Catalog,
    settings: Settings,
    rows: Sequence[Scan],
    made: Sequence[Comparison],
    rule: Rule,
) -> tuple[tidiness.Reasons, tidiness.Reasons]:
    looks, plans = tidying.looks(conn), tidying.open_plans(conn)
    here = [row for row in rows if row.tidied_at is None]
    stay = tidiness.scans(here, looks, plans, rule)
    to_come = [row for row in here if stay[row.id] and row.state is not ScanState.REFUSED]
    needed = tidiness.confirming(looks, to_come, limits_of(settings.reconcile), catalog.clock.now())
    there = [one for one in made if not one.gone and one.state is not ComparisonState.GIVEN_UP]
    return stay, tidiness.comparisons(there, looks, plans, rule, needed)


def _names(conn: Connection) -> dict[int, str]:
    """Of what each comparison is."""
    found: dict[int, str] = {}
    for one in comparisons.compared(conn):
        before = f"{found[one.comparison]}, " if one.comparison in found else ""
        found[one.comparison] = f"{before}{one.endpoint}:{one.root}"
    return found


def _scans(settings: Settings, rows: Sequence[Scan], stay: tidiness.Reasons) -> Iterator[Entry]:
    for row in rows:
        where = scanstore.directory_of(settings, row)
        if where.is_dir():
            own = ownfiles.of_scan(where, row)
            facts = ("scan", row.id, f"{row.endpoint}:{row.root}", str(row.state), row.made_at, where)
            yield _entry(facts, own, stay.get(row.id, ""), row.tidied_at is not None)


def _comparisons(
    settings: Settings, made: Sequence[Comparison], stay: tidiness.Reasons, names: dict[int, str]
) -> Iterator[Entry]:
    for row in made:
        where = settings.reconcile.directory / row.directory
        if where.is_dir() and row.state is not ComparisonState.GIVEN_UP:
            own = ownfiles.of_comparison(where, row)
            facts = ("comparison", row.id, names.get(row.id, ""), str(row.state), row.made_at, where)
            yield _entry(facts, own, stay.get(row.id, ""), bool(row.gone))


def _entry(
    facts: tuple[str, int, str, str, datetime, Path], own: Own | str, stays: str, begun: bool
) -> Entry:
    files = own if isinstance(own, Own) else _UNKNOWN
    reason = stays or (own if isinstance(own, str) else "")
    if begun and not reason and not files.files and any(facts[-1].iterdir()):
        reason = "what is left there is not ours"
    return Entry(*facts, len(files.files), files.size, reason, begun)


def _places(settings: Settings, rows: Sequence[Scan], made: Sequence[Comparison]) -> list[Path]:
    """Where the engine makes its scratch directories."""
    root = settings.reconcile.directory
    found = [root, Path(tempfile.gettempdir())]
    found += [scanstore.directory_of(settings, row) / SCRATCH for row in rows if row.tidied_at is None]
    return found + [root / f"{one.directory}.part" for one in made if one.state is ComparisonState.GOING]


# ------------------------------------------------------------------------------------------------ removing
def _remove(catalog: Catalog, settings: Settings, one: Entry) -> str:
    """Remove the files of an entry, looked at again; gives what was not as thought."""
    with ExitStack() as held, catalog.read() as conn:
        own: Own | str
        if one.what == "scan":
            row = scans.one(conn, one.number)
            try:
                if one.files:
                    held.enter_context(scanstore.held(settings, row))
            except CatalogBusy as error:
                return str(error)
            own = ownfiles.of_scan(one.directory, row)
        else:
            own = ownfiles.of_comparison(one.directory, comparisons.one(conn, one.number))
        if isinstance(own, str):
            return own
        left = ownfiles.remove(own, catalog.seam)
    return f"{left} entries in {one.directory} are not ours and stay" if left else ""
