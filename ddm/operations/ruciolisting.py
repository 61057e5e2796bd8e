"""Listing a Rucio server for a comparison: which datasets, then each of them, kept as they come."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from catalog.clock import Clock
from catalog.errors import BadInput
from ddm.reconcile import fetching, gathering
from ddm.reconcile.fetching import Kept
from ddm.reconcile.gathering import Gathered
from ddm.settings import Settings
from ddm.sources.rucio.client import Login, Pace, RucioClient, RucioTrouble
from ddm.sources.rucio.replies import Did
from transfers.credentials.tls import Tls


@dataclass(frozen=True, slots=True)
class Listing:
    """What is asked of a server: datasets by DID, or all of a scope, or all that have replicas at an RSE.

    ``apart``: time between two requests; ``fresh``: how old what came in an earlier attempt may be.
    """

    url: str
    login: Login
    scope: str = ""
    rse: str = ""
    datasets: tuple[str, ...] = ()
    ca: str = ""
    apart: timedelta | None = None
    fresh: timedelta = timedelta(days=1)
    timeout: float = 60.0
    attempts: int = 5

    @property
    def title(self) -> str:
        return json.dumps([self.url, self.scope, self.rse, sorted(self.datasets)])


def gather(
    listing: Listing, settings: Settings, clock: Clock, advance: Callable[[int], None] = lambda _: None
) -> Gathered:
    """Everything that is asked for, as far as it comes; the same again goes on where it stopped.

    Raises RucioRefused, BadInput, and RucioTrouble if nothing came at all.
    """
    if not (listing.datasets or listing.scope or listing.rse):
        raise BadInput("say of what: --scope, --rse or --dataset", subject=listing.url)
    tls = Tls(listing.ca, "" if listing.login.proxy is None else str(listing.login.proxy))
    client = RucioClient(
        listing.url,
        listing.login,
        Pace(clock, listing.apart),
        tls=tls,
        timeout=listing.timeout,
        attempts=listing.attempts,
    )
    with client:
        kept = Kept(settings.reconcile.directory, listing.title, clock, listing.fresh)
        datasets = _datasets(client, listing)
        fetched = fetching.fetch(client, datasets, listing.rse, listing.scope, kept, clock, advance)
    if fetched.unread and not fetched.parts:
        raise RucioTrouble(
            f"none of {len(datasets)} datasets came: {next(iter(fetched.unread.values()))}",
            subject=listing.url,
        )
    return gathering.of_rucio(listing.url, fetched, kept.forget)


def _datasets(client: RucioClient, listing: Listing) -> list[Did]:
    if listing.datasets and not listing.rse:
        return fetching.dids(listing.datasets)
    found = client.datasets_at(listing.rse) if listing.rse else client.datasets(listing.scope)
    wanted = {str(one) for one in fetching.dids(listing.datasets)}
    return [
        one
        for one in dict.fromkeys(found)
        if (not wanted or str(one) in wanted) and listing.scope in ("", one.scope)
    ]
