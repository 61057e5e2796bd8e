"""A disk above its high mark: what retention lets go there goes to the trash, until the low mark is reached.

The rules are in ``catalog.pressure``. Each endpoint with marks is asked for its space every ten minutes. The
plan is made lazily: retention is asked about one run after the other, and no more than the need takes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from catalog.db import going, ondisk, releasing, replicas
from catalog.db.engine import Connection
from catalog.db.going import Wish
from catalog.db.ondisk import InTrash
from catalog.pressure import Candidate, Level, Mark, Plan, Rank, Unit, plan
from catalog.retention import Ground, Refused, may_go
from catalog.states import Role
from ddm.app import App
from ddm.releaserules import rules_of
from ddm.settings import Disk
from transfers.errors import StorageError
from transfers.model import Space
from transfers.ports import Storage

EVERY = timedelta(minutes=10)
GROUNDS = {Rank.INTERMEDIATE: Ground.MERGED, Rank.MERGED: Ground.ON_TAPE}
ROLES = {Rank.INTERMEDIATE: Role.INTERMEDIATE, Rank.MERGED: Role.FINAL}


@dataclass(frozen=True, slots=True)
class Relief:
    """What is to be done about an endpoint. ``trouble``: why its space is not known, "" if it is, or if it
    tells none. ``hurried``: copies in the trash whose grace time is shortened, and their bytes.
    ``kept``: reason → how many copies that were asked about may not go."""

    endpoint: str
    level: Level
    plan: Plan
    trouble: str = ""
    trash: int = 0
    trash_until: datetime | None = None
    hurried: tuple[int, ...] = ()
    hurried_size: int = 0
    kept: Mapping[str, int] = field(default_factory=dict)


def relieve(app: App) -> int:
    """Do what the plan of each endpoint says. Returns how many copies were withdrawn or hurried."""
    moved = 0
    for name, settings in app.settings.endpoints.items():
        if settings.pressure_high is None or settings.pressure_low is None or name not in app.storages:
            continue
        looked = app.desk.spaces_at.get(name)
        if looked is not None and app.now < looked + EVERY:
            continue
        app.desk.spaces_at[name] = app.now
        moved += act(app, relief(app, name, settings.pressure_high, settings.pressure_low))
    return moved


def measure(storage: Storage, high: Mark, low: Mark) -> tuple[Level, str]:
    """How full the endpoint is, and why nobody knows; unknown space is no pressure."""
    space, trouble = Space(), ""
    if storage.space is not None:
        try:
            space = storage.space.space()
        except StorageError as error:
            trouble = f"it does not answer: {error}"
    return Level(space.free, space.total, high, low), trouble


def relief(app: App, endpoint: str, high: Mark, low: Mark) -> Relief:
    """The plan of an endpoint. Changes nothing."""
    level, trouble = measure(app.storages[endpoint], high, low)
    with app.catalog.read() as conn:
        place = app.endpoint_ids[endpoint]
        trash = ondisk.in_trash(conn, place)
        kept: Counter[str] = Counter()
        coming = sum(entry.size for entry in trash)
        made = plan(level.need, coming, _units(app, conn, place, endpoint, kept))
    hurried = _hurried(app, endpoint, trash, level.need)
    return Relief(
        endpoint,
        level,
        made,
        trouble,
        coming,
        max((entry.due_at for entry in trash), default=None),
        tuple(entry.replica_id for entry in hurried),
        sum(entry.size for entry in hurried),
        dict(kept.most_common()),
    )


def _units(app: App, conn: Connection, place: int, endpoint: str, kept: Counter[str]) -> Iterator[Unit]:
    """What may go from the endpoint, a run at a time, in its order; retention is asked when a run is due."""
    for rank in Rank:
        products = [
            name
            for name, product in app.settings.products.items()
            if rank is Rank.INTERMEDIATE or product.under_pressure is Disk.GO
        ]
        for run in ondisk.runs_of(conn, place, ROLES[rank], products):
            copies = {c.replica_id: c for c in ondisk.of_run(conn, place, ROLES[rank], products, run)}
            wish, rules = _wish(rank, endpoint), rules_of(app.settings)
            asked = going.facts(conn, list(copies), wish, rules, app.why(), lock=False)
            good = []
            for key, facts in asked.items():
                verdict = may_go(facts)
                if isinstance(verdict, Refused):
                    kept.update(verdict.reasons[:1])
                else:
                    one = copies[key]
                    good.append(Candidate(key, one.lfn, one.size, rank, run, one.kept().used_at))
            if good:
                yield Unit(rank, run, max(c.used_at for c in good), tuple(good))


def _wish(rank: Rank, endpoint: str) -> Wish:
    return Wish(GROUNDS[rank], reason=f"{endpoint} is above pressure_high")


def _hurried(app: App, endpoint: str, trash: list[InTrash], need: int) -> list[InTrash]:
    """Copies in the trash to go before their grace time is over: the oldest, as many as are needed."""
    least = app.settings.endpoints[endpoint].pressure_grace
    if least is None or not need:
        return []
    due = sum(entry.size for entry in trash if entry.due_at <= app.now)
    chosen = []
    for entry in trash:
        if entry.due_at > app.now and entry.since + least <= app.now and due < need:
            chosen.append(entry)
            due += entry.size
    return chosen


def act(app: App, found: Relief) -> int:
    """Withdraw what the plan chose, each run in a transaction of its own; shorten what it hurries."""
    least = app.settings.endpoints[found.endpoint].pressure_grace
    app.desk.pressed.pop(found.endpoint, None)
    if found.level.pressed and least is not None:
        app.desk.pressed[found.endpoint] = least
    moved = 0
    for unit in found.plan.chosen:
        ids = [copy.replica_id for copy in unit.copies]
        wish = _wish(unit.rank, found.endpoint)
        with app.catalog.begin() as conn:
            moved += len(releasing.withdraw(conn, ids, wish, rules_of(app.settings), app.why()).replicas)
    if found.hurried:
        with app.catalog.begin() as conn:
            replicas.postpone(conn, list(found.hurried), app.now, count=False)
    return moved + len(found.hurried)
