"""What goes from disk by itself, in the simulated world: lifetimes, a full disk, the end of a production.

Every removal is watched where the bytes are (``ddm.testing.safety``).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from catalog import months
from catalog.db import attempts, freezes, holds
from catalog.db.holds import Kept
from catalog.pressure import Mark, parse_mark
from catalog.states import HoldScope, ReplicaState, Role
from ddm import flow
from ddm.operations import trash
from ddm.settings import AfterArchive, Disk
from ddm.steps import debris, lifetime, pressure, production
from tests.faults.conftest import Begin
from tests.faults.journeys import Journey
from transfers.errors import StorageError
from transfers.model import Space

PRODUCTS = ("hist", "mDST")  # of the four of the world: enough here
RUN = 275_678


def with_products(journey: Journey, *names: str, **changed: object) -> Journey:
    """Settings of these products of its world (none named: all)."""
    settings = journey.world.settings
    products = {
        name: replace(product, **(changed if name in names or not names else {}))
        for name, product in settings.products.items()
    }
    journey.world.settings = replace(settings, products=products)
    return journey


def with_disk(journey: Journey, **changed: object) -> Journey:
    settings = journey.world.settings
    endpoints = {**settings.endpoints, "disk": replace(settings.endpoints["disk"], **changed)}
    journey.world.settings = replace(settings, endpoints=endpoints)
    return journey


def merged(journey: Journey, product: str = "") -> dict[str, str]:
    """Name → state of the copies on disk of merged files."""
    return {
        copy.lfn.rpartition("/")[2]: copy.state
        for copy in journey.replicas()
        if copy.role == Role.FINAL and copy.endpoint == "disk" and product in ("", copy.product)
    }


def rounds(app, number=3):
    for _ in range(number):
        flow.tick(app)


@pytest.fixture
def opened():
    """The program, opened on a world that a test has driven; closed at its end."""
    apps = []

    def open_(journey):
        apps.append(journey.world.open())
        return apps[-1]

    yield open_
    for app in apps:
        app.close()


# ------------------------------------------------------------------------------------------ lifetime
def settle_on(journey: Journey, opened, **changed: object):
    """A journey that is over, with everything settled, its program opened."""
    with_products(journey, **{"settle": timedelta(0), **changed})
    settings = journey.world.settings
    journey.world.settings = replace(
        settings,
        products={name: settings.products[name] for name in PRODUCTS},
        tasks={name: replace(task, products=PRODUCTS) for name, task in settings.tasks.items()},
    )
    journey.go()
    return opened(journey)


def test_merged_files_go_when_their_time_is_over_and_not_a_round_before(begin: Begin, opened):
    journey = with_products(begin(runs=1, chunks=3), "mDST", keep_on_disk=months.parse("6 months"))
    app = settle_on(journey, opened)
    rounds(app)
    assert set(merged(journey).values()) == {ReplicaState.AVAILABLE}
    start = app.now
    app.clock.sleep(timedelta(days=150))
    rounds(app)
    assert set(merged(journey).values()) == {ReplicaState.AVAILABLE}, "half a year has more than 150 days"
    app.clock.sleep(months.parse("6 months").after(start) - app.now + timedelta(days=1))
    rounds(app, 6)
    evidence(app)
    assert set(merged(journey, "mDST").values()) == {ReplicaState.DELETED}
    assert set(merged(journey, "hist").values()) == {ReplicaState.AVAILABLE}, "it has no lifetime"
    assert journey.violations() == []


def evidence(app):
    """Rounds until the evidence is fresh and what is due has gone."""
    for _ in range(6):
        flow.tick(app)
        app.clock.sleep(timedelta(hours=2))


def test_what_is_held_outlives_its_time_until_the_hold_ends(begin: Begin, opened):
    journey = with_products(begin(runs=2, chunks=3), "mDST", keep_on_disk=months.parse("1 month"))
    app = settle_on(journey, opened)
    with app.catalog.begin() as conn:
        end = app.now + timedelta(days=60)
        holds.add(conn, Kept(HoldScope.RUN, run=RUN), end, app.why("a study"))
    app.clock.sleep(timedelta(days=40))
    evidence(app)
    assert merged(journey, "mDST") == {
        f"mDST-{RUN}-0-7.root": ReplicaState.AVAILABLE,
        f"mDST-{RUN + 1}-0-7.root": ReplicaState.DELETED,
    }
    app.clock.sleep(timedelta(days=25))
    evidence(app)
    assert set(merged(journey, "mDST").values()) == {ReplicaState.DELETED}
    assert journey.violations() == []


def test_a_hold_that_is_laid_after_the_withdrawal_stops_the_removal(begin: Begin, opened):
    journey = with_products(begin(runs=1, chunks=3), "mDST", keep_on_disk=months.parse("1 month"))
    app = settle_on(journey, opened, grace=timedelta(days=14))
    app.clock.sleep(timedelta(days=40))
    evidence(app)
    assert set(merged(journey, "mDST").values()) == {ReplicaState.TRASHED}
    with app.catalog.begin() as conn:
        holds.add(conn, Kept(HoldScope.TASK, task=1), None, app.why("a study"))
    app.clock.sleep(timedelta(days=20))
    evidence(app)
    assert set(merged(journey, "mDST").values()) == {ReplicaState.TRASHED}
    assert journey.violations() == []


def test_what_was_read_or_taken_back_begins_anew(begin: Begin, opened):
    journey = with_products(begin(runs=1, chunks=3), "mDST", keep_on_disk=months.parse("1 month"))
    app = settle_on(journey, opened, grace=timedelta(days=14))
    app.clock.sleep(timedelta(days=40))
    evidence(app)
    trash.restore(app.catalog, [f"mDST-{RUN}-0-7.root"], "wanted")
    rounds(app, 6)
    assert set(merged(journey, "mDST").values()) == {ReplicaState.AVAILABLE}
    app.clock.sleep(timedelta(days=20))
    evidence(app)
    assert set(merged(journey, "mDST").values()) == {ReplicaState.AVAILABLE}


def test_without_a_settled_copy_on_tape_nothing_ever_goes(begin: Begin, opened, monkeypatch):
    journey = with_products(begin(runs=1, chunks=3), "mDST", keep_on_disk=months.parse("1 month"))
    app = settle_on(journey, opened, settle=timedelta(days=3000), inputs_after_archive=AfterArchive.KEEP)
    app.clock.sleep(timedelta(days=400))
    app.desk.last_look = False
    asked, page = [], lifetime._page
    monkeypatch.setattr(lifetime, "_page", lambda *its: asked.append(its[2]) or page(*its))
    for _ in range(12):
        lifetime.expire(app)
        app.clock.sleep(timedelta(minutes=10))
    assert asked.count(0) == 2, "it is looked at once an hour"
    assert set(merged(journey, "mDST").values()) == {ReplicaState.AVAILABLE}


# ------------------------------------------------------------------------------------------ pressure
class Meter:
    """How full the disk of a world is: its files, and a limit."""

    def __init__(self, world, total):
        self.world, self.total, self.silent = world, total, False

    def space(self):
        if self.silent:
            raise StorageError("no answer")
        used = sum(record.size for record in self.world.disk.library.files.values())
        return Space(self.total - used, self.total)


def full(journey: Journey, opened, *, part: float, runs_settled=True, **changed: object):
    """A journey that is over on a disk of such a size that ``part`` of it is used; its program."""
    app = settle_on(journey, opened, **changed)
    used = sum(record.size for record in journey.world.disk.library.files.values())
    disk = Meter(journey.world, int(used / part))
    app.storages = {**app.storages, "disk": replace(app.storages["disk"], space=disk)}
    return app, disk


SLOWLY = {"grace": timedelta(days=14), "inputs_after_archive": AfterArchive.KEEP}
MARKS = {"pressure_high": parse_mark("90 %"), "pressure_low": parse_mark("60 %")}


def test_a_full_disk_is_relieved_to_the_low_mark_by_whole_runs_the_oldest_first(begin: Begin, opened):
    journey = with_disk(begin(runs=4, chunks=3), **MARKS)
    app, disk = full(journey, opened, part=0.95)
    found = pressure.relief(app, "disk", *MARKS.values())
    assert found.level.pressed
    assert [unit.run for unit in found.plan.chosen] == sorted(unit.run for unit in found.plan.chosen)
    evidence(app)
    gone = {name for name, state in merged(journey).items() if state == ReplicaState.DELETED}
    runs = {next(str(RUN + n) for n in range(4) if str(RUN + n) in name) for name in gone}
    kept = {name for name in merged(journey) if not any(run in name for run in runs)}
    assert 0 < len(runs) < 4
    assert len(gone) == len(PRODUCTS) * len(runs), "whole runs"
    assert {merged(journey)[name] for name in kept} == {ReplicaState.AVAILABLE}
    space = disk.space()
    assert space.free >= Mark(used=60).wanted(space.total)
    assert journey.violations() == []


def test_without_known_pressure_nothing_goes(begin: Begin, opened):
    """The service is silent; the disk is below the high mark; no mark is set."""
    journey = with_disk(begin(runs=2, chunks=3), **MARKS)
    app, disk = full(journey, opened, part=0.99)
    disk.silent = True
    evidence(app)
    found = pressure.relief(app, "disk", *MARKS.values())
    assert (found.level.pressed, found.plan.chosen) == (False, ())
    assert "does not answer" in found.trouble
    disk.silent, disk.total = False, disk.total * 99 // 85
    evidence(app)
    with_disk(journey, pressure_high=None, pressure_low=None)
    app.settings, disk.total = journey.world.settings, disk.total * 85 // 99
    evidence(app)
    assert set(merged(journey).values()) == {ReplicaState.AVAILABLE}


def test_what_is_in_the_trash_counts_and_nothing_more_is_taken(begin: Begin, opened):
    journey = with_disk(begin(runs=4, chunks=3), **MARKS)
    app, _ = full(journey, opened, part=0.95, **SLOWLY)
    pressure.relieve(app)
    first = list(merged(journey).values()).count(ReplicaState.TRASHED)
    assert first > 0
    for _ in range(5):
        app.clock.sleep(timedelta(minutes=11))
        rounds(app, 1)
    assert list(merged(journey).values()).count(ReplicaState.TRASHED) == first
    found = pressure.relief(app, "disk", *MARKS.values())
    assert (found.plan.chosen, found.plan.missing, found.hurried) == ((), 0, ())
    assert found.trash >= found.level.need > 0
    assert found.trash_until is not None


def test_a_shortened_grace_is_obeyed_and_no_shorter_one(begin: Begin, opened):
    journey = with_disk(begin(runs=4, chunks=3), **MARKS, pressure_grace=timedelta(days=2))
    app, _ = full(journey, opened, part=0.95, **SLOWLY)
    pressure.relieve(app)
    for _ in range(22):  # 44 hours
        app.clock.sleep(timedelta(hours=2))
        flow.tick(app)
    assert ReplicaState.DELETED not in merged(journey).values()
    for _ in range(6):
        app.clock.sleep(timedelta(hours=2))
        flow.tick(app)
    assert ReplicaState.DELETED in merged(journey).values()
    assert journey.violations() == []


def test_products_and_runs_that_must_stay_are_named_and_stay(begin: Begin, opened):
    journey = with_disk(begin(runs=2, chunks=3), **MARKS)
    with_products(journey, "hist", under_pressure=Disk.KEEP)
    app, _ = full(journey, opened, part=0.99)
    with app.catalog.begin() as conn:
        holds.add(conn, Kept(HoldScope.RUN, run=RUN), None, app.why("a study"))
    found = pressure.relief(app, "disk", *MARKS.values())
    assert {unit.run for unit in found.plan.chosen} == {RUN + 1}
    assert found.plan.missing > 0
    assert [count for words, count in found.kept.items() if "a study" in words] == [1]
    evidence(app)
    stays = {name for name, state in merged(journey).items() if state == ReplicaState.AVAILABLE}
    assert stays == {name for name in merged(journey) if str(RUN) in name or "hist" in name}


# ---------------------------------------------------------------------------------------- production
def tidied(journey: Journey) -> Journey:
    settings = journey.world.settings
    tasks = {name: replace(task, tidy=True) for name, task in settings.tasks.items()}
    journey.world.settings = replace(settings, tasks=tasks)
    return journey


def failing(journey: Journey) -> Journey:
    """Jobs that write everything and then die without a report."""
    runner, work = journey.world.runner, journey.world.work
    seen: set[str] = set()

    def status(label, now):
        manifest = runner._jobs.get(label, (None, None))[0]
        if (
            manifest is not None
            and label.endswith("a1")
            and label not in seen
            and now >= runner._jobs[label][1]
        ):
            seen.add(label)
            work(manifest)  # its outputs are there, and nobody hears of them
            journey.world.mischief.dies, before = 1.0, journey.world.mischief.dies
            try:
                return usual(label, now)
            finally:
                journey.world.mischief.dies = before
        return usual(label, now)

    usual = runner._status
    runner._status = status
    return journey


def left(journey: Journey) -> set[str]:
    return set(journey.debris())


def test_what_attempts_left_behind_goes_when_all_is_archived_and_not_before(begin: Begin, opened):
    journey = tidied(failing(begin(runs=1, chunks=3)))
    app = settle_on(journey, opened, grace=timedelta(days=14), inputs_after_archive=AfterArchive.KEEP)
    assert len(left(journey)) == 6 + 2, "two products of three chunks, and two merges"
    rounds(app)
    evidence(app)
    assert len(left(journey)) == 8, "it waits for the grace time"
    app.clock.sleep(timedelta(days=15))
    evidence(app)
    assert left(journey) == set()
    assert journey.violations() == []
    with app.catalog.read() as conn:
        every = attempts.debris(conn, task=1)
        assert {entry.gone_at is not None for entry in every} == {True}
    assert journey.happened("job", "ended_badly") == 3 + 2, "the provenance of failures stays"


def test_debris_goes_within_the_budget_of_the_hour_and_a_strange_answer_brakes(begin: Begin, opened):
    journey = tidied(failing(begin(runs=1, chunks=3)))
    app = settle_on(journey, opened, grace=timedelta(days=14), inputs_after_archive=AfterArchive.KEEP)
    rounds(app)
    before = left(journey)
    app.clock.sleep(timedelta(days=15))
    pace = replace(app.settings.release, files_per_hour=3, brake_files=1, brake_percent=1)
    app.settings = replace(app.settings, release=pace)
    assert debris.remove(app) == len(before) == 8
    assert len(left(journey)) == 5, "three in this hour"
    assert debris.remove(app) == 0, "the others wait for the next one"
    with app.catalog.read() as conn:
        waits = attempts.debris(conn, task=1, waiting=True)
    assert {row.reason for row in waits} == {"the budget of this hour is used up"}
    for row in waits:
        journey.world.disk.library.files.vanish(row.path)
    app.clock.sleep(timedelta(hours=1))
    debris.remove(app)
    with app.catalog.read() as conn:
        (freeze,) = freezes.standing(conn)
        assert "braked" in freeze.sentence
        assert len(attempts.debris(conn, task=1, waiting=True)) == 2
    app.clock.sleep(timedelta(hours=1))
    debris.remove(app)
    with app.catalog.read() as conn:
        assert len(attempts.debris(conn, task=1, waiting=True)) == 2, "a person has to look first"


def test_after_a_task_that_is_open_nothing_is_cleaned_up(begin: Begin, opened):
    journey = with_products(tidied(failing(begin(runs=2, chunks=3))), "hist", after_task=Disk.GO)
    journey.world.tape.inject(journey.world.raw[0].lfn, "fail")
    app = settle_on(journey, opened)
    evidence(app)
    assert not production.is_archived(production.statement(app, 1))
    assert left(journey)
    assert set(merged(journey).values()) == {ReplicaState.AVAILABLE}, "those of the run that is archived"
    with app.catalog.read() as conn:
        assert attempts.debris(conn, task=1) == []


def test_neighbours_and_files_of_others_are_never_touched(begin: Begin, opened):
    journey = tidied(failing(begin(runs=1, chunks=3)))
    app = settle_on(journey, opened, grace=timedelta(days=2), inputs_after_archive=AfterArchive.KEEP)
    mine = sorted(left(journey))
    beside = [path.rpartition("/")[0] + "/somebody.root" for path in mine[:3]]
    beside.append(mine[0].replace("a1/", "a9/"))
    record = journey.world.disk.library.files[mine[0]]
    for path in beside:
        journey.world.disk.put(path, record.size, record.adler32)
    evidence(app)
    app.clock.sleep(timedelta(days=3))
    evidence(app)
    assert left(journey) == set(beside)
    assert journey.violations() == []


def test_what_changes_while_debris_waits_is_seen(begin: Begin, opened):
    """A freeze, a hold, a job that is resumed, an entry at one of the places: each is asked about anew."""
    journey = tidied(failing(begin(runs=1, chunks=3)))
    app = settle_on(journey, opened, grace=timedelta(days=14), inputs_after_archive=AfterArchive.KEEP)
    rounds(app)
    before = left(journey)
    with app.catalog.begin() as conn:
        rows = attempts.debris(conn, task=1, waiting=True)
        freeze = freezes.lay(conn, None, "P08", app.why("a look"))
        hold = holds.add(conn, Kept(HoldScope.TASK, task=1), None, app.why("a study"))
        conn.exec_driver_sql("UPDATE job SET state = 'WAITING' WHERE kind = 'process'")
        taken = next(row.path for row in rows if "mDST" in row.path and ".chunks" not in row.path)
        statement = (
            "UPDATE replica SET path = ? WHERE id = (SELECT min(id) FROM replica WHERE endpoint_id = 1)"
        )
        conn.exec_driver_sql(statement, (taken,))  # somebody says that the bytes of an entry are there
    app.clock.sleep(timedelta(days=15))

    def again() -> set[str]:
        debris.remove(app)
        app.clock.sleep(timedelta(hours=2))
        return left(journey) & before

    assert len(rows) == 8
    assert again() == before - {taken}
    assert taken in journey.world.disk.library.files
    with app.catalog.begin() as conn:
        freezes.thaw(conn, [freeze.id], app.why("it is well"))
    assert len(again()) == 7, "it is held"
    with app.catalog.begin() as conn:
        holds.lift(conn, [hold], app.why("the study is done"))
    assert len(again()) == 6, "that of the merge jobs goes: the others are at work again"
    with app.catalog.begin() as conn:
        conn.exec_driver_sql("UPDATE job SET state = 'DONE' WHERE kind = 'process'")
    assert again() == set()
    assert taken in journey.world.disk.library.files


def test_outputs_of_a_closed_production_go(begin: Begin, opened):
    journey = with_products(begin(runs=2, chunks=3), "hist", after_task=Disk.GO)
    app = settle_on(journey, opened)
    evidence(app)
    assert production.is_archived(production.statement(app, 1))
    assert set(merged(journey, "hist").values()) == {ReplicaState.DELETED}
    assert set(merged(journey, "mDST").values()) == {ReplicaState.AVAILABLE}
    assert journey.violations() == []
