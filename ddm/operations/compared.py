"""Comparisons looked at: which there are, what one found, and what all of them say of a place."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from catalog.db import ask, believed, comparelook, comparisons, repairs
from catalog.db.comparelook import CopyFacts, Going
from catalog.db.comparisons import Compared, Comparison, Counted
from catalog.db.engine import Catalog, Connection
from catalog.db.repairs import PlannedAt
from catalog.errors import BadInput, NotRegistered
from catalog.states import ComparisonState, RepairState
from ddm.naming import named
from ddm.operations.common import named_at
from ddm.operations.comparing import MANY, Done
from ddm.reconcile import findings
from ddm.reconcile.findings import Finding
from ddm.reconcile.kinds import DIFFERENCES, Kind
from ddm.reconcile.limits import limits_of
from ddm.reconcile.verdicts import Standing
from ddm.settings import Settings

LOOKS = 20  # of a place: the newest ones


@dataclass(frozen=True, slots=True)
class Which:
    """Which findings: of these kinds and standings (empty: all), of an endpoint, below a path."""

    kinds: Collection[Kind] = ()
    standings: Collection[Standing] = ()
    endpoint: str | None = None
    under: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """A comparison, and the findings that were asked for; ``more``: there are others."""

    comparison: Comparison
    scans: tuple[Compared, ...]
    counts: tuple[Counted, ...]
    findings: tuple[Finding, ...]
    more: bool


def listing(catalog: Catalog, settings: Settings, limit: int, endpoint: str | None = None) -> list[Done]:
    """Comparisons, the newest first, with their scans and counts. Raises BadInput for an endpoint that nobody
    knows."""
    with catalog.read() as conn:
        if endpoint is not None:
            named_at(conn, settings, endpoint)
        found = comparisons.listing(conn, limit, endpoint=endpoint)
        ids = [one.id for one in found]
        counts, scans = comparisons.counts(conn, ids), comparisons.compared(conn, ids)
    of = {key: tuple(one for one in scans if one.comparison == key) for key in ids}
    return [Done(one, of[one.id], tuple(counts[one.id]), False, ()) for one in found]


def show(catalog: Catalog, settings: Settings, number: int | None, which: Which, limit: int) -> Shown:
    """A comparison (None: the newest) and its first findings. Raises NotRegistered, BadInput."""
    key = number_of(catalog, number)
    with catalog.read() as conn:
        comparison = comparisons.one(conn, key)
        scans, counts = comparisons.compared(conn, [key]), comparisons.counts(conn, [key])[key]
    of_it(key, scans, which.endpoint)
    found: list[Finding] = []
    if comparison.state is ComparisonState.DONE and not comparison.gone:
        found = list(_read(settings, comparison, which, limit + 1))
    return Shown(comparison, tuple(scans), tuple(counts), tuple(found[:limit]), len(found) > limit)


def of_it(number: int, scans: Sequence[Compared], endpoint: str | None) -> None:
    """Raises BadInput for an endpoint that a comparison is not of."""
    if endpoint is not None and scans:
        named(endpoint, [one.endpoint for one in scans], "--endpoint", where=f"in comparison {number}")


def number_of(catalog: Catalog, number: int | None) -> int:
    """The number, or that of the newest comparison that is DONE. Raises NotRegistered if there is none."""
    if number is not None:
        return number
    with catalog.read() as conn:
        newest = comparisons.newest(conn)
    if newest is None:
        raise NotRegistered("nothing was compared yet", advice="'ddm reconcile compare' does it")
    return newest.id


def stream(catalog: Catalog, settings: Settings, number: int | None, which: Which) -> Iterator[Finding]:
    """The findings of a comparison (None: the newest), one by one. Raises NotRegistered, BadInput."""
    with catalog.read() as conn:
        comparison = comparisons.one(conn, number_of(catalog, number))
    if comparison.state is not ComparisonState.DONE:
        raise BadInput(f"it is {comparison.state} and says nothing", subject=f"comparison {comparison.id}")
    if comparison.gone:
        raise BadInput(comparison.gone, subject=f"comparison {comparison.id}")
    return _read(settings, comparison, which, None)


def _read(settings: Settings, one: Comparison, which: Which, limit: int | None) -> Iterator[Finding]:
    return findings.read(
        _directory(settings, one),
        kinds=which.kinds,
        standings=which.standings,
        endpoint=which.endpoint,
        under=which.under,
        limit=limit,
    )


def _directory(settings: Settings, one: Comparison) -> Path:
    return settings.reconcile.directory / one.directory


# ---------------------------------------------------------------------------------------------- of a place
@dataclass(frozen=True, slots=True)
class Look:
    """What a comparison says of a place. ``findings``: empty, it is consistent, or neither expected nor
    there. ``trouble``: why nobody can tell any more; the scan is not believed, or its findings are gone."""

    comparison: int
    scan: int
    begun_at: datetime
    ended_at: datetime
    findings: tuple[Finding, ...]
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """A place, what the catalogue has there now (also a DELETED copy), what is under way with it, what the
    newest comparisons that covered it say, newest first, what plans of repair by the newest one say, and what
    it takes for more."""

    endpoint: str
    path: str
    copy: CopyFacts | None
    going: tuple[Going, ...]
    looks: tuple[Look, ...]
    plans: tuple[PlannedAt, ...]
    next: str


def explain(catalog: Catalog, settings: Settings, word: str) -> list[Place]:
    """What is known of a place (a URL, or ENDPOINT:/PATH), or of every place of an LFN.

    Raises NotRegistered, BadInput for an endpoint that nobody knows.
    """
    with catalog.read() as conn:
        return [_place(conn, settings, *place) for place in _places(conn, settings, word)]


def _places(conn: Connection, settings: Settings, word: str) -> list[tuple[str, str]]:
    known = believed.endpoint_ids(conn)
    name, colon, path = word.partition(":")
    if colon and path.startswith("/") and not path.startswith("//"):
        return [(named(name, known, word, where="in the catalogue"), path)]
    if "://" in word:
        prefixes = [(e.prefix, n) for n, e in settings.endpoints.items() if word.startswith(e.prefix)]
        if not prefixes:
            names = ", ".join(sorted(settings.endpoints)) or "none"
            raise BadInput(
                f"it begins with the prefix of no endpoint in ddm.toml; known: {names}", subject=word
            )
        prefix, name = max(prefixes, key=lambda entry: len(entry[0]))
        return [(name, "/" + word[len(prefix) :].lstrip("/"))]
    found = [(copy.endpoint, copy.path) for copy in _copies(conn, word) if copy.endpoint and copy.path]
    if not found:
        raise NotRegistered(
            "the catalogue has no copy of it; give a place as ENDPOINT:/PATH or as a URL", subject=word
        )
    return sorted(set(found))


def _copies(conn: Connection, word: str) -> list[ask.Copy]:
    found = ask.look_up(conn, [word])[word] if "/" in word else ask.by_name(conn, [word])[word]
    return found or (ask.by_path(conn, [word])[word] if "/" in word else [])


def _place(conn: Connection, settings: Settings, endpoint: str, path: str) -> Place:
    key, _ = believed.endpoint_ids(conn)[endpoint]
    copy = comparelook.at_places(conn, key, [path]).get(path)
    going = comparelook.going(conn, [copy.id]).get(copy.id, []) if copy else []
    known = {
        one.id: one for one in comparisons.listing(conn, MANY, endpoint=endpoint, state=ComparisonState.DONE)
    }
    covering = [one for one in comparisons.compared(conn, endpoint=endpoint) if path.startswith(one.root)]
    newest = sorted(covering, key=lambda one: (one.begun_at, one.comparison), reverse=True)[:LOOKS]
    looks = tuple(_look(settings, one, known[one.comparison], endpoint, path) for one in newest)
    plans = repairs.at_place(conn, looks[0].comparison, key, path) if looks else []
    planned = tuple(one for one in plans if one.act is not None)
    return Place(endpoint, path, copy, tuple(going), looks, planned, _next(settings, endpoint, looks, plans))


def _look(settings: Settings, one: Compared, row: Comparison, endpoint: str, path: str) -> Look:
    facts = (one.comparison, one.scan, one.begun_at, one.ended_at)
    if row.gone:
        return Look(*facts, (), row.gone)
    try:
        found = tuple(findings.at_place(_directory(settings, row), endpoint, path))
    except BadInput as error:
        return Look(*facts, (), str(error))
    return Look(*facts, found, f"the scan is not believed: {one.disbelieved}" if one.disbelieved else "")


def _next(settings: Settings, endpoint: str, looks: Sequence[Look], plans: Sequence[PlannedAt]) -> str:
    """What would say more of the place."""
    if not looks:
        return f"no comparison covers it: 'ddm reconcile scan {endpoint}', then 'ddm reconcile compare'"
    newest = looks[0]
    if newest.trouble or any(one.kind is Kind.UNREADABLE for one in newest.findings):
        return f"scan {endpoint} again"
    worth = {one.standing for one in newest.findings if one.kind in DIFFERENCES}
    if Standing.SEEN_ONCE in worth:
        due = newest.ended_at + limits_of(settings.reconcile).apart
        return f"a scan of {endpoint} that begins after {due:%F %R} UTC may confirm it"
    if Standing.CONFIRMED in worth:
        return _by_plan(endpoint, plans)
    if worth:
        return f"'ddm reconcile show {newest.comparison}' says what holds it back"
    return ""


def _by_plan(endpoint: str, plans: Sequence[PlannedAt]) -> str:
    """What to do about a difference that is confirmed, given the plans there are by that comparison."""
    with_it = [one for one in plans if one.act is not None]
    if any(one.outcome is not None for one in with_it):
        return f"a new scan of {endpoint} shows what came of it"
    if with_it:
        return f"'ddm reconcile plans {with_it[0].plan}' says how far that is"
    for one in plans:
        if one.state in (RepairState.PLANNED, RepairState.SIGNED):
            return f"it may be in plan {one.plan}, which is {one.state}: 'ddm reconcile plans {one.plan}'"
    return "'ddm reconcile plan' proposes what to do about it"
