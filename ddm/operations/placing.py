"""Choosing endpoints by the settings: values for ``transfers.placement`` and ``transfers.sources``.

Needs no catalogue. ``choose`` asks the endpoints for their free space; the rest is pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from ddm.naming import named
from ddm.settings import EndpointSettings, Settings
from transfers import placement
from transfers.board import Board
from transfers.breaker import Evidence, of_code
from transfers.errors import StorageError
from transfers.model import Space
from transfers.placement import Candidate, Placement, Rules, Wanted
from transfers.ports import Storage
from transfers.words import Criterion

AT_A_TIME = 8


@dataclass(frozen=True, slots=True)
class Report:
    """What an endpoint says of its space. ``trouble``: why it did not answer, "" if it did."""

    space: Space = Space()  # noqa: RUF009  a frozen value
    trouble: str = ""


def rules(settings: Settings) -> Rules:
    """The rules of ``[placement]``."""
    order = tuple(Criterion(word) for word in settings.placement.order)
    return Rules(order, settings.placement.unknown_space)


def distance(endpoint: EndpointSettings, site: str) -> int | None:
    """How far an endpoint is from a site; None when nobody tells."""
    if not site:
        return None
    if endpoint.site == site:
        return 0
    far = endpoint.distances.get(site)
    return None if far is None else int(far)


def site_of(settings: Settings, place: str) -> str:
    """The site of an endpoint, or the site itself; "" stays. Raises BadInput for a word that is neither."""
    known = settings.endpoints
    if place in known:
        return known[place].site
    sites = {one.site for one in known.values()} | {far for one in known.values() for far in one.distances}
    return named(place, {*known, *sites - {""}}, "--from", "site or endpoint") if place else ""


def candidate(endpoint: EndpointSettings, site: str, report: Report, broken: str = "") -> Candidate:
    """An endpoint as a candidate for files that are at ``site``; ``broken``: why it is left alone."""
    return Candidate(
        endpoint=endpoint.name,
        kind=endpoint.kind,
        site=endpoint.site,
        owner=endpoint.owner,
        groups=frozenset(endpoint.groups),
        free=report.space.free,
        floor=endpoint.keep_free or 0,
        distance=distance(endpoint, site),
        closed=endpoint.closed or broken or report.trouble,
    )


def choose(
    settings: Settings,
    storages: Mapping[str, Storage],
    wanted: Wanted,
    *,
    site: str = "",
    board: Board | None = None,
    among: Iterable[str] | None = None,
) -> Placement:
    """Where files that are at ``site`` should go, of the endpoints ``among`` (None: all of the settings)."""
    names = list(settings.endpoints) if among is None else list(among)
    asked = {name: storages[name] for name in names if not settings.endpoints[name].closed}
    reports = spaces(asked)
    found = [
        candidate(
            settings.endpoints[name],
            site,
            reports.get(name, Report()),
            _by_hand(storages.get(name)) or (board.closed_because(name) if board else ""),
        )
        for name in names
    ]
    return placement.choose(found, wanted, rules(settings))


def _by_hand(storage: Storage | None) -> str:
    """Why a program writes nothing there."""
    unreached = storage is not None and not storage.capabilities.schemes
    return "it is not reached by ddm: 'ddm carry plan' brings files there" if unreached else ""


def spaces(storages: Mapping[str, Storage]) -> dict[str, Report]:
    """What each storage says of its space, several asked at a time."""
    if not storages:
        return {}
    with ThreadPoolExecutor(min(AT_A_TIME, len(storages))) as pool:
        return dict(zip(storages, pool.map(_report, storages.values()), strict=True))


def _report(storage: Storage) -> Report:
    """Of an endpoint that does not answer nobody knows when files would arrive: that is a trouble. One that
    answers and does not tell is only unknown."""
    if storage.space is None:
        return Report()
    try:
        return Report(storage.space.space())
    except StorageError as error:
        ill = of_code(error.code) is not Evidence.GOOD
        return Report(trouble=f"it does not answer: {error}" if ill else "")
