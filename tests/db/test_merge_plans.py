"""Stored merge plans on both databases: kept, compared, revised, for units of one or several runs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from catalog.db import meta, reports, schema, schema_merge
from catalog.errors import BadInput, IllegalTransition, NotRegistered, RetentionRefused
from catalog.states import GroupState
from ddm import flow
from ddm.app import App
from ddm.mergeprice import MergePlan, total
from ddm.operations import catalogued, mergeplans, merges
from ddm.settings import Leftovers
from ddm.testing.world import DATASET, World
from merging.model import Treat

RUN = 275_678


@contextmanager
def a_world(tmp_path, url, *, runs=1, chunks=4, target_chunks=0.25, **product) -> Iterator[tuple[World, App]]:
    """A world whose mDST is planned by these settings."""
    world = World(tmp_path, url=url, runs=runs, chunks=chunks, target_chunks=target_chunks)
    world.settings = replace(
        world.settings,
        products={**world.settings.products, "mDST": replace(world.settings.products["mDST"], **product)},
    )
    app = world.open()
    app.catalog.actor = "shift@pccoeb03"
    try:
        world.register(app)
        yield world, app
    finally:
        app.close()


def configured(world: World, app: App, **product) -> None:
    """Other settings of mDST, as after an edit of the file and a restart."""
    changed = replace(world.settings.products["mDST"], **product)
    world.settings = replace(world.settings, products={**world.settings.products, "mDST": changed})
    object.__setattr__(app, "settings", world.settings)
    for recipe in app.recipes.values():
        object.__setattr__(recipe, "products", {**recipe.products, "mDST": changed})


@contextmanager
def without(monkeypatch, *steps) -> Iterator[None]:
    """The flow as if these steps had nothing to do yet."""
    with monkeypatch.context() as patch:
        patch.setattr(flow, "STEPS", tuple(entry for entry in flow.STEPS if entry[0] not in steps))
        yield


def until(app: App, state: str, product: str = "mDST") -> list[merges.GroupShown]:
    """Runs the flow until a group of the product is in the state; the groups."""
    for _ in range(500):
        found = [entry for entry in merges.show(app.catalog, RUN) if entry.group.product == product]
        if found and all(entry.group.state == state for entry in found):
            return found
        flow.run(app, max_rounds=1)
        app.clock.sleep(timedelta(minutes=1))
    raise AssertionError(f"never {state}")


def of(app: App, product: str = "mDST", run: int = RUN) -> MergePlan:
    return next(p for p in mergeplans.of_run(app.catalog, app.settings, run) if p.product == product)


def all_of(app: App, product: str = "mDST", run: int = RUN) -> list[MergePlan]:
    return [p for p in mergeplans.of_run(app.catalog, app.settings, run) if p.product == product]


def finish(app: App) -> None:
    outcome = flow.run(app, max_rounds=3000)
    with app.catalog.read() as conn:
        assert reports.held_things(conn) == []
    assert outcome.pending == 0


def test_a_plan_is_stored_with_its_limits_its_hash_when_and_by_whom(tmp_path, empty_url):
    with a_world(tmp_path, empty_url) as (_, app):
        with pytest.raises(NotRegistered):
            mergeplans.of_run(app.catalog, app.settings, 1)
        before = of(app)
        assert (before.stored, before.finished, before.hash, before.revisions) == (False, False, None, ())
        assert before.trouble[-1] == "and 1 chunks more"
        assert "it is missing" in before.trouble[0]
        until(app, "MERGED")
        shown = of(app)
        assert (shown.stored, shown.finished, shown.unit, shown.runs) == (True, True, str(RUN), (RUN,))
        (stored,) = shown.revisions
        assert (stored.revision, stored.parts, stored.inputs) == (1, len(shown.parts), 4)
        assert stored.size == sum(part.size for part in shown.parts) == shown.price.size
        assert stored.made_by == "flow:shift@pccoeb03"
        assert stored.made_at.tzinfo is not None
        assert json.loads(stored.limits)["target"] == app.settings.products["mDST"].target
        assert json.loads(stored.limits)["unit"] == "run"
        assert shown.compared is not None
        assert shown.compared.same
        assert shown.hash == stored.hash == shown.compared.hash
        assert shown.price.jobs == shown.price.tape_files == len(shown.parts)
        assert shown.price.inputs == 4
        assert shown.price.scratch > max(part.size for part in shown.parts)
        again = of(app)
        assert again.price.seconds is not None, "the merges so far tell how fast they are"
        everything = mergeplans.of_dataset(app.catalog, app.settings, DATASET)
        assert total(everything).inputs == sum(plan.price.inputs for plan in everything)
        with pytest.raises(NotRegistered):
            mergeplans.of_dataset(app.catalog, app.settings, "2011/W01")


def test_a_revision_retires_the_old_parts_and_finds_what_is_left_of_them(tmp_path, empty_url, monkeypatch):
    with a_world(tmp_path, empty_url, chunks=6, target_chunks=0.2) as (world, app):
        with without(monkeypatch, "check"):
            flow.run(app, max_rounds=3000)
        old = until(app, "MERGED")
        assert len(old) >= 3
        names = [entry.group.lfn for entry in old]
        configured(world, app, target=10**12)
        seen = of(app).compared
        assert seen is not None
        assert not seen.same
        assert (seen.revision, seen.parts, seen.added, seen.gone) == (1, len(old), 0, 0)
        assert seen.moved > 0
        assert [text.partition(":")[0] for text in seen.settings] == ["target"]
        planned = mergeplans.revise(app.catalog, RUN, "mDST", None, "larger files", act=False)
        assert mergeplans.stale(app.catalog, RUN, 100) == []
        done = mergeplans.revise(app.catalog, RUN, "mDST", None, "larger files", act=True)
        assert done == planned
        assert [entry.retired for entry in done] == names
        assert {entry.was for entry in done} == {"MERGED"}
        finish(app)
        shown = of(app)
        assert len(shown.parts) == 1
        assert [(p.revision, p.parts, p.retired_for) for p in shown.revisions] == [
            (1, len(old), "larger files"),
            (2, 1, None),
        ]
        assert shown.revisions[0].retired_by == "shift@pccoeb03"
        assert shown.compared is None or shown.compared.same
        stale = mergeplans.stale(app.catalog, None, 100)
        assert {entry.lfn for entry in stale if entry.what == "retired part"} == set(names)
        assert {entry.state for entry in stale} == {"TRASHED"}, "withdrawn, not deleted: nobody sealed that"
        assert {entry.why for entry in stale} == {"larger files"}
        assert all(world.disk.read(entry.path)[0] == entry.size for entry in stale)
        with pytest.raises(IllegalTransition, match="nothing was changed"):
            mergeplans.revise(app.catalog, RUN, "mDST", None, "x", act=True)  # on tape
        with pytest.raises(NotRegistered):
            mergeplans.revise(app.catalog, 1, "mDST", None, "x", act=True)


def test_a_checked_plan_is_revised_only_while_every_input_is_there(tmp_path, monkeypatch):
    with a_world(tmp_path, "") as (_, app), without(monkeypatch, "want archive"):
        flow.run(app, max_rounds=3000)
        assert {part.state for part in of(app).parts} == {"CHECKED"}
        lfn = of(app).parts[0].members[0]
        catalogued.compare(app.catalog, [lfn], "a reader complained")
        with pytest.raises(RetentionRefused, match="nothing was changed"):
            mergeplans.revise(app.catalog, RUN, "mDST", None, "x", act=True)
        assert of(app).revisions[0].retired_at is None
        flow.run(app, max_rounds=3000)
        mergeplans.revise(app.catalog, RUN, "mDST", None, "x", act=True)
        flow.run(app, max_rounds=3000)
        assert {part.state for part in of(app).parts} == {"CHECKED"}
        assert [plan.revision for plan in of(app).revisions] == [1, 2]
        with app.catalog.read() as conn:
            query = schema.check.select().where(schema.check.c.product == "mDST")
            assert {row.state for row in conn.execute(query)} == {"PASSED"}


def test_empty_files_are_left_out_and_listed(tmp_path):
    with a_world(tmp_path, "") as (world, app):
        while not of(app, "hist").parts:
            flow.run(app, max_rounds=1)
            app.clock.sleep(timedelta(minutes=1))
            if len(of(app).parts) and not of(app).stored:
                break
        sizes = sorted(size for (size,) in _sizes(app, "mDST"))
        configured(world, app, empty_size=sizes[0] if sizes else 10**9, empty=Treat.LEAVE_OUT)
        until_stored(app)
        shown = of(app)
        assert shown.left_out
        assert all(why.startswith("an empty dump of") for _, why in shown.left_out)
        inside = {name for part in shown.parts for name in part.members}
        assert not inside & {lfn for lfn, _ in shown.left_out}
        assert len(inside) + len(shown.left_out) == 4
        listed = mergeplans.stale(app.catalog, RUN, 100)
        assert {entry.lfn for entry in listed if entry.what == "left out"} == {n for n, _ in shown.left_out}


def _sizes(app: App, product: str):
    with app.catalog.read() as conn:
        F = schema.file  # noqa: N806
        query = (
            F.select().with_only_columns(F.c.size).where(F.c.product == product, F.c.role == "intermediate")
        )
        return conn.execute(query).all()


def until_stored(app: App, product: str = "mDST") -> None:
    for _ in range(500):
        if of(app, product).stored:
            return
        flow.run(app, max_rounds=1)
        app.clock.sleep(timedelta(minutes=1))
    raise AssertionError("never planned")


def test_what_cannot_be_planned_holds_itself_only_and_says_why(tmp_path):
    with a_world(tmp_path, "", boundaries=("spill",)) as (_, app):
        flow.run(app, max_rounds=3000)
        assert of(app, "hist").stored, "the other products go on"
        shown = of(app)
        assert not shown.stored
        assert "nobody said its spill" in shown.trouble[-1]
        _say(app, "spill", {chunk: number % 2 for number, chunk in enumerate(_raw(app))})
        flow.run(app, max_rounds=5)
        shown = of(app)
        assert shown.stored
        assert len(shown.parts) >= 2
        finish(app)


def _raw(app: App) -> list[int]:
    with app.catalog.read() as conn:
        F = schema.file  # noqa: N806
        query = F.select().with_only_columns(F.c.id).where(F.c.role == "raw").order_by(F.c.run, F.c.chunk)
        return [row[0] for row in conn.execute(query)]


def _say(app: App, key: str, values) -> None:
    with app.catalog.begin() as conn:
        meta.say_of_files(conn, {file: {key: value} for file, value in values.items()}, app.why("spills"))


# ------------------------------------------------------------------------- units of several runs
def test_leftovers_of_a_run_wait_until_a_person_flushes_them(tmp_path):
    with a_world(tmp_path, "", min_fill=100, leftovers=Leftovers.WAIT) as (_, app):
        until_stored(app)
        first = of(app)
        waiting = first.revisions[0].waiting
        assert waiting > 0
        flow.run(app, max_rounds=3)
        assert len(of(app).revisions) == 1, "what waits is not planned at every round"
        with pytest.raises(BadInput):
            mergeplans.flush(app, 1, "mDST", "x", act=True)
        (tried,) = mergeplans.flush(app, RUN, "mDST", "no more comes", act=False)
        assert len(of(app).revisions) == 1
        (made,) = mergeplans.flush(app, RUN, "mDST", "no more comes", act=True)
        assert made == tried
        assert made.inputs == waiting
        shown = of(app)
        assert [plan.revision for plan in shown.revisions] == [1, 2]
        assert [part.part for part in shown.parts] == list(range(len(shown.parts)))
        assert sum(len(part.members) for part in shown.parts) == 4
        assert mergeplans.flush(app, RUN, "mDST", "again", act=True) == []


def test_runs_of_a_period_are_merged_together_as_they_are_finished(tmp_path, empty_url):
    settings = {"unit": "period", "min_fill": 70, "target": 10**12, "max_inputs": 5}
    with a_world(tmp_path, empty_url, runs=4, chunks=3, **settings) as (_, app):
        flow.run(app, max_rounds=3000)
        (stored,) = all_of(app)
        assert stored.unit == f"period {app.settings.tasks['P08'].period}"
        parts = stored.parts
        assert sum(len(part.members) for part in parts) == 12
        assert len({member for part in parts for member in part.members}) == 12
        assert [part.part for part in parts] == list(range(len(parts)))
        assert all(len(part.members) <= 5 for part in parts)
        assert len(parts) < 4, "fewer than a part for each run"
        with app.catalog.read() as conn:
            more = conn.execute(schema_merge.group_run.select()).all()
            states = {row.state for row in conn.execute(schema.group.select())}
        assert more, "a part holds files of several runs"
        assert states == {GroupState.CLEANED}
        finish(app)


@pytest.mark.parametrize("unit", ["run", "period"])
def test_a_file_left_out_for_its_size_is_a_difference_if_it_holds_events(unit, tmp_path, monkeypatch):
    with a_world(tmp_path, "", runs=2, chunks=3, unit=unit, target=10**12) as (world, app):
        with without(monkeypatch, "merge"):
            flow.run(app, max_rounds=3000)
        with app.catalog.read() as conn:
            chunks = conn.execute(
                select(schema.file.c.size).where(schema.file.c.product == "mDST", schema.file.c.run == RUN)
            ).scalars()
            least = min(chunks)
        configured(world, app, empty=Treat.LEAVE_OUT, empty_size=least)
        flow.run(app, max_rounds=3000)
        with app.catalog.read() as conn:
            verdict = conn.execute(
                select(schema.check.c.verdict, schema.check.c.state).where(
                    schema.check.c.product == "mDST", schema.check.c.run == RUN
                )
            ).one()
            states = set(
                conn.execute(select(schema.group.c.state).where(schema.group.c.product == "mDST")).scalars()
            )
        assert verdict.state == "FAILED"
        assert "the raw chunk is in no part" in verdict.verdict
        assert GroupState.MISMATCHED in states


def test_days_are_units_by_what_is_said_of_the_raw_files(tmp_path):
    with a_world(tmp_path, "", runs=3, chunks=2, unit="day", target=10**12) as (_, app):
        files = _raw(app)
        days = [datetime(2016, 8, 1, 23, tzinfo=UTC), datetime(2016, 8, 2, tzinfo=UTC)]
        _say(app, "day", {file: days[0] if at < 4 else days[1] for at, file in enumerate(files)})
        flow.run(app, max_rounds=3000)
        first, second = all_of(app, run=RUN), all_of(app, run=RUN + 2)
        assert [plan.unit for plan in first] == ["day 2016-08-01"]
        assert [plan.unit for plan in second] == ["day 2016-08-02"]
        members = [len(part.members) for plan in (*first, *second) for part in plan.parts]
        assert sorted(members)[-1] >= 2
        assert sum(members) == 6


def test_a_plan_of_several_runs_is_revised_as_a_whole(tmp_path, monkeypatch):
    settings = {"unit": "period", "target": 10**12, "max_inputs": 5}
    with a_world(tmp_path, "", runs=2, chunks=3, **settings) as (world, app):
        with without(monkeypatch, "want archive"):
            flow.run(app, max_rounds=3000)
        configured(world, app, max_inputs=100)
        before = {member for part in all_of(app)[0].parts for member in part.members}
        done = mergeplans.revise(app.catalog, RUN, "mDST", None, "one file", act=True)
        assert sum(entry.inputs for entry in done) == len(before)
        finish(app)
        after = [part for plan in all_of(app) for part in plan.parts]
        assert {member for part in after for member in part.members} >= before
        assert sum(len(part.members) for part in after) == 6
