"""Which scans and comparisons may lose their lists: a decision over facts.

1. Only what came to an end may: a scan that is DONE or REFUSED, a comparison that is DONE.
2. What an unfinished plan of repair rests on stays: its comparison, and the scans in it.
3. Of scans of the same part of an endpoint the newest stay; of those that are not whole or not believed too.
4. The newest comparisons of each part of an endpoint stay, and whatever may confirm a difference of a scan
   that is to come, is being made, or is kept: the earlier comparison, all after it, and the one before.
5. What is young stays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from catalog.db.comparisons import Comparison
from catalog.db.scans import Scan
from catalog.db.tidying import Look, OpenPlan
from catalog.states import ComparisonState, ScanState
from ddm.reconcile.verdicts import Limits, Looked, between, earlier_of


@dataclass(frozen=True, slots=True)
class Rule:
    """``keep``: so many of each part of an endpoint stay. ``before``: only what was made before that goes."""

    keep: int
    before: datetime


Reasons = dict[int, str]
"""Why each stays, by its number; empty: its lists may go."""


def scans(rows: Sequence[Scan], looks: Sequence[Look], plans: Sequence[OpenPlan], rule: Rule) -> Reasons:
    """Of scans whose lists are there."""
    planned = _planned(plans)
    wanted = {look.scan: planned[look.comparison] for look in looks if look.comparison in planned}
    rank: dict[tuple[object, ...], int] = {}
    found: Reasons = {}
    for row in sorted(rows, key=lambda one: (one.begun_at or one.made_at, one.id), reverse=True):
        if row.state not in (ScanState.DONE, ScanState.REFUSED):
            found[row.id] = f"it is {row.state}"
            continue
        same = (row.endpoint_id, row.root, row.whole and row.state is ScanState.DONE)
        rank[same] = rank.get(same, 0) + 1
        newest = "one of the newest of it" if rank[same] <= rule.keep else ""
        young = "" if row.made_at < rule.before else "it is young"
        found[row.id] = wanted.get(row.id, "") or newest or young
    return found


def comparisons(
    rows: Sequence[Comparison],
    looks: Sequence[Look],
    plans: Sequence[OpenPlan],
    rule: Rule,
    needed: Mapping[int, str],
) -> Reasons:
    """Of comparisons whose findings are there. ``needed``: by ``confirming``."""
    planned, newest = _planned(plans), _newest(looks, rule.keep)
    found: Reasons = {}
    for row in rows:
        if row.state is not ComparisonState.DONE:
            found[row.id] = f"it is {row.state}"
            continue
        new = "one of the newest of it" if row.id in newest else ""
        young = "" if row.made_at < rule.before else "it is young"
        found[row.id] = planned.get(row.id) or needed.get(row.id) or new or young
    return found


def _planned(plans: Sequence[OpenPlan]) -> dict[int, str]:
    return {plan.comparison: f"plan {plan.number} is {plan.state}" for plan in plans}


def _newest(looks: Sequence[Look], keep: int) -> set[int]:
    rank: dict[tuple[int, str], int] = {}
    found = set()
    for look in sorted(looks, key=lambda one: (one.begun_at, one.comparison), reverse=True):
        same = (look.endpoint_id, look.root)
        rank[same] = rank.get(same, 0) + 1
        if rank[same] <= keep:
            found.add(look.comparison)
    return found


def confirming(
    looks: Sequence[Look], to_come: Sequence[Scan], limits: Limits, now: datetime
) -> Mapping[int, str]:
    """The comparisons that a later one may still ask, each with why. ``to_come``: scans that may be compared
    yet; one that begins now, of any part that was ever looked at, comes on top."""
    found: dict[int, str] = {}
    for endpoint in {look.endpoint_id for look in looks}:
        known = usable([look for look in looks if look.endpoint_id == endpoint])
        roots = {"/", *(one.root for one in known)}
        wanted = [Looked(0, 0, root, now, now) for root in roots]
        wanted += [
            Looked(0, scan.id, scan.root, begun, begun)
            for scan in to_come
            if scan.endpoint_id == endpoint and (begun := scan.begun_at) is not None
        ]
        for one in wanted:
            found |= dict.fromkeys(_asked(one, known, limits), "a later one may be confirmed by it")
    return found


def _asked(now: Looked, known: Sequence[Looked], limits: Limits) -> set[int]:
    before = [one for one in known if one.scan != now.scan and one.begun < now.begun]
    last = max(before, key=lambda one: (one.begun, one.comparison), default=None)
    earlier = earlier_of(now, known, limits)
    asked = [*(between(earlier, now, known) if earlier else ()), *filter(None, (earlier, last))]
    return {one.comparison for one in asked}


def usable(looks: Sequence[Look]) -> list[Looked]:
    """Of the looks at an endpoint, those that may confirm: believed, and newer than any whose findings are
    gone, as all in between must be known to have said the same."""
    believed = [look for look in looks if look.believed]
    gone = max((look.begun_at for look in believed if look.tidied), default=None)
    return [
        Looked(look.comparison, look.scan, look.root, look.begun_at, look.ended_at)
        for look in believed
        if gone is None or look.begun_at > gone
    ]
