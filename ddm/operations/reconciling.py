"""Reconciling for programs: what storages hold beside what the catalogue says of them.

    from ddm import load, open_app, reconciling

    app = open_app(load())
    reconciling.scan(app, "eos")
    done = reconciling.compare(app.catalog, app.settings)
    confirmed = [reconciling.Standing.CONFIRMED]
    for finding in reconciling.findings(app.catalog, app.settings, standings=confirmed):
        print(finding.kind, finding.place)

A scan only lists, a comparison only says. Nothing is changed at any storage, and no copy in the catalogue.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from catalog.db.engine import Catalog
from catalog.db.scans import Scan
from ddm.app import App
from ddm.operations import compared, scanning
from ddm.operations.compared import Which
from ddm.operations.comparing import Done, compare
from ddm.operations.scanning import How
from ddm.reconcile.findings import Finding
from ddm.reconcile.kinds import Kind
from ddm.reconcile.verdicts import Standing
from ddm.settings import Settings

__all__ = ["Done", "Finding", "How", "Kind", "Standing", "compare", "findings", "scan"]


def scan(app: App, endpoint: str, path: str = "/", *, how: How | None = None) -> Scan:
    """List what is at an endpoint below a path; gives the scan, DONE or REFUSED.

    One that is killed can be gone on with: 'ddm reconcile scan --resume'. Raises BadInput, StorageError.
    """
    ours = app.settings.reconcile
    wanted = how or How(ours.scan_jobs, ours.scan_rate, ours.scan_directories)
    return scanning.list_(app, scanning.begin(app, endpoint, path), wanted)


def findings(
    catalog: Catalog,
    settings: Settings,
    comparison: int | None = None,
    *,
    kinds: Collection[Kind] = (),
    standings: Collection[Standing] = (),
    endpoint: str | None = None,
    under: str = "",
) -> Iterator[Finding]:
    """What a comparison (None: the newest) found, one by one; only these kinds, standings, places.

    Raises NotRegistered, or BadInput for a comparison that is not DONE.
    """
    return compared.stream(catalog, settings, comparison, Which(kinds, standings, endpoint, under))
