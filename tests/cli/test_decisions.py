"""What persons decide, on simulated worlds that were driven to where somebody must decide."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event

from catalog.db import reports
from catalog.errors import (
    BadInput,
    DataManagementError,
    IllegalTransition,
    NotRegistered,
    RetentionRefused,
)
from catalog.retention.verifying import Standing
from catalog.states import JobState, RequestKind
from ddm import flow
from ddm.app import App
from ddm.operations import (
    archive,
    catalogued,
    certificates,
    checks,
    database,
    datasets,
    finding,
    freezing,
    holds,
    jobs,
    mergeplans,
    merges,
    recall_status,
    requests,
    trash,
    waiving,
)
from ddm.testing.world import World
from transfers.errors import PermissionRefused
from transfers.model import Failed

RUN = 275_678
REFUSED = Failed(PermissionRefused.code, "no", PermissionRefused.retry)


def _in_a_hurry(connection, _) -> None:
    """These tests are about decisions, not about power cuts."""
    connection.execute("PRAGMA synchronous=OFF")


@contextmanager
def opened(world: World) -> Iterator[App]:
    app = world.open()
    if app.catalog.engine.dialect.name == "sqlite":
        app.catalog.engine.dispose()
        event.listen(app.catalog.engine, "connect", _in_a_hurry)
    app.catalog.actor = "shift@pccoeb03"
    try:
        yield app
    finally:
        app.close()


@pytest.fixture
def world(tmp_path) -> World:
    return World(tmp_path, runs=1, chunks=4, target_chunks=0.25)


@pytest.fixture
def app(world) -> Iterator[App]:
    with opened(world) as app:
        world.register(app)
        yield app


def run(app: App) -> flow.Outcome:
    return flow.run(app, max_rounds=3000)


def finished(app: App) -> bool:
    """Whether the journey came to its good end: every product archived, every intermediate gone."""
    outcome = run(app)
    assert (outcome.held, outcome.pending, held(app)) == (0, 0, [])
    states = {(noun, state) for noun, state, _ in counts(app) if noun == "group"}
    assert states - {("group", "VOID")} == {("group", "CLEANED")}
    return True


def held(app: App) -> list[reports.Held]:
    with app.catalog.read() as conn:
        return reports.held_things(conn)


def advised(app: App) -> str:
    """The advice on the single thing that waits for a person."""
    (found,) = held(app)
    return found.advice


def counts(app: App) -> list[tuple[str, str, int]]:
    with app.catalog.read() as conn:
        return [(line.noun, line.state, line.count) for line in reports.state_counts(conn)]


def merged(product: str, part: int = 0) -> str:
    suffix = f".{part:03d}" if part else ""
    directory = "/castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/"
    names = {"mDST": "mDST/mDST-{}-0-7.root", "hist": "histos/histsum-{}-0-7.root"}
    return directory + names[product].format(RUN) + suffix


# --------------------------------------------------------------------------------- recalls
def test_a_held_recall_is_asked_for_again(world, app):
    lfn = world.raw[1].lfn
    world.tape.inject(lfn, "fail")
    assert run(app).held == 1
    (item,) = [entry for entry in held(app) if entry.noun == "item"]
    assert f"ddm stage resume {item.id} --reason" in item.advice
    status = recall_status.status(app.catalog, app.settings)
    assert (status.endpoints[0].held.files, status.troubles[0].code) == (1, "tape_lost")
    assert [(entry.id, entry.name) for entry in requests.resume(
        app.catalog, RequestKind.STAGE, [item.id], "drive repaired"
    )] == [(item.id, lfn)]  # fmt: skip
    assert finished(app)
    last = [row for row in catalogued.history(app.catalog, lfn) if row.event == "resumed"]
    assert [(row.actor, row.reason) for row in last] == [("shift@pccoeb03", "drive repaired")]


def test_resuming_what_is_not_held_changes_nothing(world, app):
    world.tape.inject(world.raw[1].lfn, "fail")
    run(app)
    (item,) = held(app)
    before = counts(app)
    with pytest.raises(NotRegistered, match="no such recall"):
        requests.resume(app.catalog, RequestKind.STAGE, [item.id, 4711], "x")
    with pytest.raises(NotRegistered, match="no such copy"):
        requests.resume(app.catalog, RequestKind.COPY, [item.id], "x")
    with pytest.raises(IllegalTransition, match="is DONE, not HELD"):
        requests.resume(app.catalog, RequestKind.STAGE, [item.id, 1], "x")
    with pytest.raises(BadInput, match="a reason is needed"):
        requests.resume(app.catalog, RequestKind.STAGE, [item.id], " ")
    assert counts(app) == before
    assert len(requests.resume(app.catalog, RequestKind.STAGE, None, "all of them")) == 1
    assert requests.resume(app.catalog, RequestKind.STAGE, None, "none is left") == []


def test_a_recall_that_a_job_wants_cannot_be_given_up(world, app):
    world.tape.inject(world.raw[1].lfn, "fail")
    run(app)
    (item,) = held(app)
    with pytest.raises(IllegalTransition, match="still wants the file"):
        requests.give_up(app.catalog, [item.id], "tape destroyed", act=True)


# ------------------------------------------------------------------------------------ gaps
def test_a_lost_chunk_becomes_a_gap_and_the_run_goes_on_without_it(world, app):
    lfn = world.raw[1].lfn
    world.tape.inject(lfn, "fail", None)
    run(app)
    before = counts(app)
    options = {"task": None, "reason": "tape destroyed", "approver": "A. Smith"}
    planned = jobs.add_gaps(app, [lfn], **options, act=False)
    assert counts(app) == before
    done = jobs.add_gaps(app, [lfn], **options, act=True)
    assert planned == done
    (gap,) = done.gaps
    assert (gap.run, gap.n_events, gap.task) == (RUN, world.raw[1].said, "P08")
    assert gap.canceled is not None
    assert finished(app)
    (line,) = jobs.gap_lines(app.catalog, 10)
    assert (line.lfn, line.approver, line.reason) == (lfn, "A. Smith", "tape destroyed")
    with pytest.raises(IllegalTransition, match="already"):
        jobs.add_gaps(app, [lfn], **options, act=True)


def test_a_gap_of_a_chunk_that_was_never_there_leaves_nothing_to_decide(world, app):
    lfn = world.raw[2].lfn
    world.tape.library.files.pop(lfn)
    run(app)
    assert f"ddm gap add {lfn} --reason" in advised(app)
    jobs.add_gaps(app, [lfn], task=None, reason="never written", approver="A. Smith", act=True)
    assert finished(app)


def test_a_processed_chunk_or_a_merged_file_is_no_gap(world, app):
    assert finished(app)
    before = counts(app)
    for lfn, said in ((world.raw[0].lfn, "is processed"), (merged("mDST"), "is final, only raw files")):
        with pytest.raises(DataManagementError, match=said):
            jobs.add_gaps(app, [lfn], task=None, reason="x", approver="y", act=True)
    with pytest.raises(NotRegistered):
        jobs.add_gaps(app, [world.raw[0].lfn + "x"], task=None, reason="x", approver="y", act=True)
    assert counts(app) == before


def test_a_running_job_of_a_gap_is_canceled_at_its_runner(world, app):
    while not jobs.lines(app.catalog, 1, JobState.RUNNING, None):
        flow.tick(app)
        app.clock.sleep(timedelta(minutes=1))
    (job,) = jobs.lines(app.catalog, 1, JobState.RUNNING, None)
    lfn = jobs.show(app.catalog, job.id).inputs[0]
    with pytest.raises(BadInput, match="--events"):
        jobs.add_gaps(app, [lfn], task=None, reason="x", approver="y", act=True)
    done = jobs.add_gaps(
        app, [lfn], task=None, reason="x", approver="y", act=True, events=world.raw[0].events
    )
    assert done.untold == ()
    assert done.gaps[0].canceled.label == job.label
    assert world.runner._over[job.label].text == "canceled"
    assert finished(app)


# ------------------------------------------------------------------------------------ jobs
def test_held_jobs_are_run_again(world, app):
    world.mischief.dies = 1.0
    run(app)
    stopped = jobs.lines(app.catalog, 100, JobState.HELD, RUN)
    assert len(stopped) == 4
    assert all(f"ddm job resume {entry.id} --reason" in entry.advice for entry in held(app))
    world.mischief.dies = 0.0
    assert len(jobs.resume(app.catalog, [stopped[0].id], "repaired")) == 1
    with pytest.raises(IllegalTransition, match="not HELD"):
        jobs.resume(app.catalog, [entry.id for entry in stopped], "repaired")
    assert len(jobs.resume(app.catalog, None, "repaired")) == 3
    assert finished(app)


def test_a_held_merge_is_resumed_with_its_group(world, app):
    while not any(job.kind == "merge" for job in jobs.lines(app.catalog, 100, JobState.RUNNING, None)):
        flow.tick(app)
        app.clock.sleep(timedelta(minutes=1))
    world.mischief.dies = 1.0
    run(app)
    assert {entry.group.state for entry in merges.show(app.catalog, RUN)} == {"HELD"}
    world.mischief.dies = 0.0
    jobs.resume(app.catalog, None, "repaired")
    assert {entry.group.state for entry in merges.show(app.catalog, RUN)} == {"MERGING"}
    assert finished(app)


def test_a_canceled_merge_is_held_and_can_be_done_again(world, app):
    while not any(job.kind == "merge" for job in jobs.lines(app.catalog, 100, JobState.RUNNING, None)):
        flow.tick(app)
        app.clock.sleep(timedelta(minutes=1))
    shown = merges.show(app.catalog, RUN)[0]
    before = counts(app)
    jobs.cancel(app, [shown.job.id], "not now", act=False)
    assert counts(app) == before
    jobs.cancel(app, [shown.job.id], "not now", act=True)
    assert run(app).held == 1
    assert f"ddm merge again {shown.group.id} --reason '…' --yes" in advised(app)
    merges.again(app.catalog, [shown.group.id], "now", act=True)
    assert finished(app)
    with pytest.raises(IllegalTransition, match="DONE and cannot be canceled"):
        jobs.cancel(app, [1], "too late", act=True)


def test_a_canceled_chunk_keeps_its_run_from_merging_until_it_is_a_gap(world, app):
    flow.tick(app)
    (job, *_) = jobs.lines(app.catalog, 1, None, None)
    jobs.cancel(app, [job.id], "damaged", act=True)
    assert (run(app).held, merges.show(app.catalog, RUN)) == (0, [])
    lfn = jobs.show(app.catalog, job.id).inputs[0]
    terms = {"task": None, "reason": "damaged", "approver": "A. Smith", "act": True}
    jobs.add_gaps(app, [lfn], **terms, events=world.raw[0].events)
    assert finished(app)


# ---------------------------------------------------------------------------------- merges
def mismatched(world: World, app: App, product: str = "mDST") -> list[merges.GroupShown]:
    """The groups that are MISMATCHED after the first merged file of the product lost an event."""
    world.mischief.loses_events.add(merged(product))
    run(app)
    world.mischief.loses_events.clear()
    return [entry for entry in merges.show(app.catalog, RUN) if entry.group.state == "MISMATCHED"]


def test_a_mismatched_merge_is_done_again_under_the_same_name(world, app):
    stopped = mismatched(world, app)
    ids = [entry.group.id for entry in stopped]
    assert f"ddm check repair {RUN} mDST --reason '…' --yes" in held(app)[0].advice
    before, output = counts(app), catalogued.show(app.catalog, merged("mDST"))
    planned = merges.again(app.catalog, ids, "disk repaired", act=False)
    assert counts(app) == before
    done = merges.again(app.catalog, ids, "disk repaired", act=True)
    assert [replace(entry, job=None) for entry in done] == [replace(entry, job=None) for entry in planned]
    assert done[0].retired == merged("mDST")
    states = {line.product: line.state for line in checks.shown(app.catalog, 10, RUN).checks}
    assert (states["mDST"], states["hist"]) == ("PENDING", "PASSED")
    with pytest.raises(NotRegistered):
        catalogued.show(app.catalog, merged("mDST"))
    run(app)
    assert held(app) == []
    again = catalogued.show(app.catalog, merged("mDST"))
    assert again.registered_at > output.registered_at
    states = {line.product: dict(line.stages) for line in archive.status(app.catalog).products}
    assert set(states["mDST"]) == {"on tape"}
    old = [entry for entry in trash.lines(app.catalog, app.settings, 100) if entry.line.seal is None]
    assert {entry.line.lfn for entry in old} == {entry.group.lfn for entry in stopped}
    assert {entry.may_go_at for entry in old} == {None}  # without a certificate nothing is removed


def test_the_old_output_stays_if_an_input_is_not_there_any_more(world, app):
    ids = [entry.group.id for entry in mismatched(world, app)]
    plan = next(plan for plan in mergeplans.of_run(app.catalog, app.settings, RUN) if plan.product == "mDST")
    member = plan.parts[0].members[0]
    catalogued.compare(app.catalog, [member], "a reader complained")
    before = counts(app)
    with pytest.raises(RetentionRefused, match=f"1 of its .* AVAILABLE on disk, e.g. {member}"):
        merges.again(app.catalog, ids, "x", act=True)
    assert counts(app) == before
    run(app)
    merges.again(app.catalog, ids, "x", act=True)


def test_a_merged_file_whose_bytes_changed_is_merged_again(world, app):
    world.mischief.spoils.add(merged("hist"))
    run(app)
    world.mischief.spoils.clear()
    (found,) = held(app)
    assert found.noun == "replica"
    group = next(e.group for e in merges.show(app.catalog, RUN) if e.group.lfn == merged("hist"))
    assert f"ddm merge again {group.id} --reason" in found.advice
    with pytest.raises((NotRegistered, IllegalTransition)):
        waiving.waive(app.catalog, app.settings, RUN, "hist", "never mind", act=True)
    merges.again(app.catalog, [group.id], "disk repaired", act=True)
    assert finished(app)


def test_a_good_merge_is_not_done_again(world, app):
    assert finished(app)
    shown = merges.show(app.catalog, RUN)[0]
    for act in (merges.again, merges.void):
        with pytest.raises(IllegalTransition, match="is CLEANED, not MISMATCHED or HELD"):
            act(app.catalog, [shown.group.id], "x", act=True)
        with pytest.raises(NotRegistered, match="no such merge group"):
            act(app.catalog, [4711], "x", act=True)


def test_two_mismatched_parts_can_be_decided_one_by_one(world, app):
    world.mischief.loses_events |= {merged("mDST"), merged("mDST", 1)}
    run(app)
    world.mischief.loses_events.clear()
    one, two = (
        entry.group.id for entry in merges.show(app.catalog, RUN) if entry.group.state == "MISMATCHED"
    )
    merges.again(app.catalog, [one], "repaired", act=True)
    waiving.waive(app.catalog, app.settings, RUN, "mDST", "understood", act=True)
    assert finished(app)  # the part that was accepted as it is holds nothing up, and is not merged again
    (line,) = [line for line in checks.shown(app.catalog, 10, RUN).checks if line.product == "mDST"]
    assert (line.state, line.by, line.reason) == ("WAIVED", "shift@pccoeb03", "understood")
    assert two


def test_parts_are_only_void_together_and_then_planned_anew(world, app):
    world.mischief.loses_events |= {merged("mDST"), merged("mDST", 1)}
    run(app)
    world.mischief.loses_events.clear()
    ids = [entry.group.id for entry in merges.show(app.catalog, RUN) if entry.group.product == "mDST"]
    with pytest.raises(BadInput, match=f"only be void together: {ids[1]} too"):
        merges.void(app.catalog, ids[:1], "wrong target", act=True)
    before = counts(app)
    merges.void(app.catalog, ids, "wrong target", act=False)
    assert counts(app) == before
    done = merges.void(app.catalog, ids, "wrong target", act=True)
    assert {entry.state for entry in done} == {"VOID"}
    assert finished(app)
    new = [entry.group.id for entry in merges.show(app.catalog, RUN) if entry.group.product == "mDST"]
    assert min(new) > max(ids)


def test_a_plan_is_shown_before_and_after_it_is_stored(world, app):
    with pytest.raises(NotRegistered):
        mergeplans.of_run(app.catalog, app.settings, 1)
    assert all(
        not plan.stored and not plan.parts for plan in mergeplans.of_run(app.catalog, app.settings, RUN)
    )
    while not merges.show(app.catalog, RUN):
        before = mergeplans.of_run(app.catalog, app.settings, RUN)
        flow.tick(app)
        app.clock.sleep(timedelta(minutes=1))
    after = mergeplans.of_run(app.catalog, app.settings, RUN)
    assert all(plan.stored and plan.finished for plan in after)
    names = [[(part.lfn, part.size, part.members) for part in plan.parts] for plan in after]
    if before[0].finished:
        assert [[(part.lfn, part.size, part.members) for part in plan.parts] for plan in before] == names


# ------------------------------------------------------------------------------- cross-check
def test_a_waived_difference_goes_on_with_who_and_why(world, app):
    stopped = mismatched(world, app)
    found = held(app)[0]
    assert f"ddm check waive {RUN} mDST --reason '…' --yes" in found.advice
    shown = checks.shown(app.catalog, 10, RUN)
    assert shown.checks[0].state == "FAILED"
    part = next(part for part in shown.parts if part.state == "MISMATCHED")
    assert part.merged_read == part.merged_job - 1 == part.read - 1
    before = counts(app)
    why = "one event is understood"
    waiving.waive(app.catalog, app.settings, RUN, "mDST", why, act=False)
    assert counts(app) == before
    done = waiving.waive(app.catalog, app.settings, RUN, "mDST", why, task="P08", act=True)
    assert done.groups == tuple(entry.group.id for entry in stopped)
    assert len(done.accepted) == len(done.waivers) == 1
    assert finished(app)
    for check, said in (("mDST", "it is WAIVED"), ("nothing", "no cross-check")):
        with pytest.raises(DataManagementError, match=said):
            waiving.waive(app.catalog, app.settings, RUN, check, "x", act=True)


# ----------------------------------------------------------------------------------- archive
def test_a_held_copy_is_made_again(world, app):
    size, checksum = 1, world.raw[0].adler32
    world.tape.put(merged("mDST"), size, checksum)  # somebody else's file is in the way
    run(app)
    (found,) = held(app)
    assert f"ddm archive resume {found.id} --reason" in found.advice
    status = archive.status(app.catalog)
    assert (status.held, status.troubles[0].item) == (1, found.id)
    del world.tape.library.files[merged("mDST")]
    requests.resume(app.catalog, RequestKind.COPY, [found.id], "moved away")
    assert finished(app)


# ------------------------------------------------------------------------------------- trash
@pytest.fixture
def graceful(tmp_path) -> Iterator[tuple[World, App]]:
    """A world whose trash is kept for two weeks, at the moment when everything is in it."""
    world = World(tmp_path, runs=1, chunks=3)
    kept = {
        name: replace(product, grace=timedelta(days=14)) for name, product in world.settings.products.items()
    }
    world.settings = replace(world.settings, products=kept)
    with opened(world) as app:
        world.register(app)
        run(app)
        yield world, app


def test_the_trash_shows_its_proofs_and_its_time(graceful):
    world, app = graceful
    found = trash.lines(app.catalog, app.settings, 100)
    assert len(found) == 12
    assert {entry.may_go_at - entry.line.since for entry in found} == {timedelta(days=14)}
    assert {entry.stays for entry in found} == {()}
    (proof,) = certificates.show(app.catalog, found[0].line.lfn)
    assert proof.seal == found[0].line.seal
    assert found[0].line.replica_id in [copy["replica"] for copy in proof.copies]
    with pytest.raises(NotRegistered, match="no copy of this file was withdrawn"):
        certificates.show(app.catalog, world.raw[0].lfn)


def test_the_trash_is_emptied_only_after_its_time(graceful):
    _, app = graceful
    assert trash.plan(app.catalog, app.settings).plan == ()
    assert trash.empty(app) == trash.Emptied((), 0, 0, 0)
    app.clock.sleep(timedelta(days=15))
    planned = trash.plan(app.catalog, app.settings)
    assert len(planned.plan) == 12
    done = trash.empty(app)
    assert (done.plan, done.removed, done.left) == (planned.plan, 12, 0)
    assert finished(app)


def test_a_restored_copy_is_compared_and_stays_until_a_person_gives_it_free(graceful):
    _, app = graceful
    lfn = trash.lines(app.catalog, app.settings, 1)[0].line.lfn
    done = trash.restore(app.catalog, [lfn], "for a study")
    assert [(entry.was, entry.state) for entry in done.copies] == [("TRASHED", "UNVERIFIED")]
    with pytest.raises(IllegalTransition, match="has no copy that is TRASHED"):
        trash.restore(app.catalog, [lfn], "for a study")
    (hold,) = holds.lines(app.catalog, everything=True)  # the refused one made none
    assert (hold.id, hold.reason, hold.until) == (done.hold, "restored: for a study", None)
    for _ in range(2):
        run(app)
        assert catalogued.show(app.catalog, lfn).replicas[0].state == "AVAILABLE"
        app.clock.sleep(timedelta(days=400))
    holds.lift(app.catalog, [done.hold], "the study is done", act=True)
    app.clock.sleep(timedelta(hours=1))
    run(app)
    assert catalogued.show(app.catalog, lfn).replicas[0].state == "TRASHED"
    app.clock.sleep(timedelta(days=15))
    assert finished(app)


def test_a_removal_that_is_refused_is_held_and_resumed(graceful, monkeypatch):
    world, app = graceful
    refuse = {"on": True}
    real = world.disk.remove

    def remove(paths):
        if refuse["on"]:
            return dict.fromkeys(paths, REFUSED)
        return real(paths)

    monkeypatch.setattr(world.disk, "remove", remove)
    app.close()
    with opened(world) as app:
        app.clock.sleep(timedelta(days=15))
        done = trash.empty(app)
        assert (done.removed, done.left, done.held) == (0, 12, 12)
        items = [entry.id for entry in held(app)]
        assert f"ddm trash resume {items[0]} --reason" in held(app)[0].advice
        refuse["on"] = False
        assert len(requests.resume(app.catalog, RequestKind.REMOVE, items, "permissions repaired")) == 12
        (brake,) = freezing.thaw(app.catalog, None, "permissions repaired").thawed
        assert "12 of 12 files were not there or not to be removed" in brake.reason
        assert finished(app)


def test_a_held_removal_is_over_when_its_copy_is_restored(graceful, monkeypatch):
    world, app = graceful
    monkeypatch.setattr(world.disk, "remove", lambda paths: dict.fromkeys(paths, REFUSED))
    app.close()
    with opened(world) as app:
        app.clock.sleep(timedelta(days=15))
        trash.empty(app)
        names = [entry.line.lfn for entry in trash.lines(app.catalog, app.settings, 100)]
        trash.restore(app.catalog, names, "for a study")
        assert held(app) == []


# -------------------------------------------------------------------------- the other database
@pytest.mark.nightly
@pytest.mark.postgresql
def test_every_decision_and_view_works_on_postgresql(tmp_path, postgresql_url):
    world = World(tmp_path, url=postgresql_url, runs=1, chunks=4, target_chunks=0.25)
    kept = {
        name: replace(product, grace=timedelta(days=14)) for name, product in world.settings.products.items()
    }
    world.settings = replace(world.settings, products=kept)
    world.tape.inject(world.raw[1].lfn, "fail")
    with opened(world) as app:
        assert database.check(app.catalog).faults == ()
        world.register(app)
        flow.tick(app)
        run(app)
        (item,) = held(app)
        assert recall_status.status(app.catalog, app.settings).troubles[0].item == item.id
        options = {"task": None, "reason": "x", "approver": "y"}
        jobs.add_gaps(app, [world.raw[1].lfn], **options, act=False)
        first = jobs.lines(app.catalog, 10, JobState.WAITING, RUN)[0]
        jobs.cancel(app, [first.id], "x", act=False)
        requests.resume(app.catalog, RequestKind.STAGE, None, "repaired")
        world.mischief.loses_events |= {merged("mDST", part) for part in range(4)}
        stopped = mismatched(world, app)
        ids = [entry.group.id for entry in stopped]
        merges.void(app.catalog, ids, "x", act=False)
        merges.again(app.catalog, ids, "x", act=False)
        assert checks.shown(app.catalog, 10, RUN).parts
        assert mergeplans.of_run(app.catalog, app.settings, RUN)
        waiving.waive(app.catalog, app.settings, RUN, "mDST", "x", act=True)
        run(app)
        names = [entry.line.lfn for entry in trash.lines(app.catalog, app.settings, 100)]
        assert certificates.verified(app.catalog, names[0])[0].standing is Standing.STANDS
        trash.restore(app.catalog, names[:1], "x")
        assert archive.status(app.catalog).products
        assert catalogued.show(app.catalog, names[0]).parents
        assert catalogued.history(app.catalog, names[0])
        assert finding.totals(app.catalog, f"run={RUN} and dataset=2016/W14 and product=raw").files
        assert datasets.show(app.catalog, "2016/W14").runs
        assert jobs.show(app.catalog, first.id).history
        run(app)
        app.clock.sleep(timedelta(days=15))
        assert trash.empty(app).removed == len(names) - 1, "what was restored is held"
        holds.lift(app.catalog, [1], "x", act=True)
        app.clock.sleep(timedelta(hours=1))
        run(app)
        app.clock.sleep(timedelta(days=15))
        assert finished(app)
