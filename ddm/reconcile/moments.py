"""Moments of a comparison: when the storage was looked at, and of when the expectation is. Pure.

Our own listings begin after the catalogue was asked: what changed since is seen by asking it again. A list
that somebody made before that is compared with what stood still since it was begun: whatever the catalogue
did to a copy later explains the copy.
"""

from __future__ import annotations

from datetime import datetime

from catalog.db.scans import Scan
from catalog.states import ScanSource
from ddm.reconcile.verdicts import Limits


def is_late(scan: Scan) -> bool:
    """The storage was looked at before the catalogue was asked, as with a dump that somebody made."""
    assert scan.begun_at is not None  # it is DONE
    return scan.catalogue_at is None or scan.catalogue_at > scan.begun_at


def expected_since(scan: Scan, limits: Limits) -> datetime:
    """From when on a change in the catalogue is one during the scan; allows for clocks that differ."""
    assert scan.begun_at is not None  # it is DONE
    first = scan.begun_at if is_late(scan) or scan.catalogue_at is None else scan.catalogue_at
    return first - limits.margin


def asked_at(scan: Scan) -> datetime:
    """Of when the expectation is: never after the look at the storage, unless our own listing is wrong."""
    if scan.source is ScanSource.LISTING and scan.catalogue_at is not None:
        return scan.catalogue_at
    assert scan.begun_at is not None  # it is DONE
    return scan.begun_at if scan.catalogue_at is None else min(scan.catalogue_at, scan.begun_at)
