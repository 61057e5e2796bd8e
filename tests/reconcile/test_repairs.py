"""Plans of repair in the simulated world, line by line, and stopped at any crossing."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from catalog.checksum import Adler32
from catalog.db import repairs, requests
from catalog.db.move import move
from catalog.errors import IllegalTransition
from catalog.states import (
    REPLICA,
    RepairOutcome,
    RepairState,
    ReplicaState,
    RequestKind,
)
from catalog.testing import facts
from ddm import flow
from ddm.operations import repairing, staging
from ddm.operations.common import why
from ddm.reconcile.kinds import Kind
from ddm.steps import verify
from ddm.testing.crash import Stopped, StoppingSeam, When
from ddm.testing.safety import contents
from tests.reconcile.repair_fixtures import (
    DARK,
    _engine_kept,
    after_grace,
    begin,
    ground,
    outcomes,
    put,
    schema,
    trash,
    why_not,
)
from tests.reconcile.repairs import RUN, Ground, lines, proposed, sign

__all__ = ["_engine_kept", "begin", "ground", "schema"]
BEFORE_ALL_ARE_WRITTEN = 2
"""Crossings: what was written before is dropped, one page of lines."""

K, R, O = Kind, ReplicaState, RepairOutcome  # noqa: E741


# ------------------------------------------------------------------------------------ mark lost
def test_what_is_not_there_is_marked_lost_and_what_is_to_be_made_again_is_told(ground):
    gone, stays = ground.lfn(0), ground.lfn(1)
    ground.lose(gone)
    file = ground.signed([ground.finding(K.LOST, gone)])
    done = repairing.apply(ground.app, file)
    assert outcomes(done) == {"done": 1}
    assert done.shown.plan.state is RepairState.DONE
    assert (ground.state(gone), ground.state(stays)) == (R.LOST, R.AVAILABLE)
    (redo,) = done.shown.redo
    assert (redo.lfn, redo.run, redo.possible) == (gone, RUN, False)
    assert "ddm gap add" in redo.advice


def test_applied_twice_changes_nothing(ground):
    ground.lose(ground.lfn(0))
    file = ground.signed([ground.finding(K.LOST, ground.lfn(0))])
    first = repairing.apply(ground.app, file)
    before = events(ground)
    assert repairing.apply(ground.app, file) == first
    assert events(ground) == before


def events(ground: Ground) -> int:
    with ground.app.catalog.read() as conn:
        return sum(
            facts.happened(conn, "replica", event) for event in ("missing", "doubted", "found", "verified")
        )


def test_a_scan_that_lied_marks_nothing_and_the_brake_stops_it(begin):
    ground = begin(files=30)
    file = ground.signed([ground.finding(K.LOST, ground.lfn(number)) for number in range(30)])
    done = repairing.apply(ground.app, file)
    assert outcomes(done) == {"differs": 30}
    assert done.shown.plan.state is RepairState.BRAKED
    assert "30 of 30 lines are not as planned" in done.stopped
    assert {ground.state(ground.lfn(number)) for number in range(30)} == {R.AVAILABLE}
    with pytest.raises(IllegalTransition, match="braked"):
        repairing.apply(ground.app, file)
    repairing.resume(ground.app.catalog, done.shown.plan.id, "looked at")
    assert repairing.apply(ground.app, file).shown.plan.state is RepairState.DONE


def test_a_disaster_in_slices_is_one(begin):
    """Ten files of one directory after the other are few each time; together they are a disk that is away."""
    ground = begin(files=24, few=10)
    names = [ground.lfn(number) for number in range(24)]
    for name in names:
        ground.lose(name)
    first = repairing.apply(ground.app, ground.signed([ground.finding(K.LOST, name) for name in names[:8]]))
    assert outcomes(first) == {"done": 8}
    file = ground.signed([ground.finding(K.LOST, name) for name in names[8:14]])
    with pytest.raises(IllegalTransition, match="give up 14 copies at disk, where 16 are AVAILABLE"):
        repairing.apply(ground.app, file)
    assert {ground.state(name) for name in names[8:]} == {R.AVAILABLE}
    ground.world.clock.sleep(timedelta(days=31))
    assert outcomes(repairing.apply(ground.app, sign_again(ground, file))) == {"done": 6}


def sign_again(ground: Ground, file: Path) -> Path:
    sign(ground.app, file)
    return file


def test_a_plan_that_was_stopped_while_its_lines_were_written_is_not_begun(begin, monkeypatch):
    monkeypatch.setattr(repairs, "AT_ONCE", 2)
    ground = begin(files=6)
    names = [ground.lfn(number) for number in range(6)]
    for name in names:
        ground.lose(name)
    file = ground.signed([ground.finding(K.LOST, name) for name in names])
    with pytest.raises(Stopped):
        repairing.apply(ground.open(StoppingSeam(BEFORE_ALL_ARE_WRITTEN, When.AFTER)), file)
    shown = repairing.show(ground.app.catalog, 1, 10)
    assert (shown.plan.state, shown.amounts, shown.lines) == (RepairState.SIGNED, (), ())
    with ground.app.catalog.read() as conn:
        assert 0 < repairs.left(conn, 1) < 6
    sign(ground.app, file)
    assert outcomes(repairing.apply(ground.open(), file)) == {"done": 6}
    assert {ground.state(name) for name in names} == {R.LOST}


def test_of_a_plan_that_is_canceled_before_it_began_no_line_is_left(begin, monkeypatch):
    monkeypatch.setattr(repairs, "AT_ONCE", 2)
    ground = begin(files=6)
    file = ground.signed([ground.finding(K.LOST, ground.lfn(number)) for number in range(6)])
    with pytest.raises(Stopped):
        repairing.apply(ground.open(StoppingSeam(BEFORE_ALL_ARE_WRITTEN, When.AFTER)), file)
    assert repairing.cancel(ground.app.catalog, 1, "not wanted").plan.state is RepairState.CANCELED
    with ground.app.catalog.read() as conn:
        assert repairs.left(conn, 1) == 0
    with pytest.raises(IllegalTransition, match="it is CANCELED; make a new one"):
        repairing.apply(ground.app, file)


def test_canceled_while_its_lines_are_written_it_is_not_begun_and_keeps_none(begin, monkeypatch):
    monkeypatch.setattr(repairs, "AT_ONCE", 2)
    ground = begin(files=6)
    file = ground.signed([ground.finding(K.LOST, ground.lfn(number)) for number in range(6)])
    write = repairs.write

    def canceled_then(conn, number, page, endpoints):
        monkeypatch.setattr(repairs, "write", write)
        write(conn, number, page, endpoints)
        conn.commit()
        repairing.cancel(ground.app.catalog, number, "not wanted")

    monkeypatch.setattr(repairs, "write", canceled_then)
    with pytest.raises(IllegalTransition, match="it is CANCELED; make a new one"):
        repairing.apply(ground.app, file)
    with ground.app.catalog.read() as conn:
        assert repairs.left(conn, 1) == 0


def test_a_file_that_came_back_is_not_lost(ground):
    name = ground.lfn(0)
    ground.lose(name)
    file = ground.signed([ground.finding(K.LOST, name)])
    put(ground, name)
    done = repairing.apply(ground.app, file)
    assert outcomes(done) == {"differs": 1}
    assert "it is there" in why_not(done)
    assert ground.state(name) == R.AVAILABLE


def test_a_copy_that_changed_since_the_comparison_is_left(ground):
    name, again = ground.lfn(0), ground.lfn(1)
    for path in (name, again):
        ground.lose(path)
    found = [ground.finding(K.LOST, name), ground.finding(K.LOST, again)]
    file = ground.signed(found)
    with ground.app.catalog.begin() as conn:  # of one the state, of the other only its time is another one
        move(conn, REPLICA, [found[0].replica_id], "doubted", why(ground.app.catalog, "a reader"))
        move(conn, REPLICA, [found[1].replica_id], "doubted", why(ground.app.catalog, "a reader"))
        ground.world.clock.sleep(timedelta(minutes=1))
        move(
            conn,
            REPLICA,
            [found[1].replica_id],
            "verified",
            why(ground.app.catalog),
            verified_at=ground.app.now,
        )
    done = repairing.apply(ground.app, file)
    assert outcomes(done) == {"changed": 2}
    assert (ground.state(name), ground.state(again)) == (R.SUSPECT, R.AVAILABLE)


def test_somebody_else_had_marked_it_lost(ground):
    name = ground.lfn(0)
    ground.lose(name)
    found = ground.finding(K.LOST, name)
    file = ground.signed([found])
    with ground.app.catalog.begin() as conn:
        move(conn, REPLICA, [found.replica_id], "missing", why(ground.app.catalog, "another"))
    assert outcomes(repairing.apply(ground.app, file)) == {"already": 1}


def test_a_silent_storage_leaves_lines_open_and_the_plan_goes_on_later(ground):
    name = ground.lfn(0)
    ground.lose(name)
    file = ground.signed([ground.finding(K.LOST, name)])
    ground.world.disk.outage(3600)
    done = repairing.apply(ground.app, file)
    assert outcomes(done) == {"open": 1}
    assert (done.left, done.shown.plan.state) == (1, RepairState.RUNNING)
    assert "wait for a storage" in done.stopped
    assert why_not(done), "and says why"
    assert ground.state(name) == R.AVAILABLE
    ground.world.clock.sleep(timedelta(hours=2))
    assert outcomes(repairing.apply(ground.app, file)) == {"done": 1}


# ------------------------------------------------------------------------------------ re-verify
def test_what_differs_is_compared_again_before_anybody_reads_it(ground):
    bad, good = ground.lfn(0), ground.lfn(1)
    ground.lose(bad)
    ground.world.disk.put(bad, 7, Adler32(7))
    found = [ground.finding(kind, path) for kind, path in ((K.SIZE, bad), (K.CHECKSUM, good))]
    done = repairing.apply(ground.app, ground.signed(found))
    assert outcomes(done) == {"done": 1, "differs": 1}
    assert (ground.state(bad), ground.state(good)) == (R.SUSPECT, R.AVAILABLE)
    verify.compare(ground.app)
    assert ground.state(bad) == R.BAD


# ---------------------------------------------------------------------------------------- adopt
def test_what_returned_is_compared_and_one_of_another_size_stays_lost(ground):
    back, other, never = ground.lfn(0), ground.lfn(1), ground.lfn(2)
    names = (back, other, never)
    for path in names:
        ground.lose(path)
    repairing.apply(ground.app, ground.signed([ground.finding(K.LOST, path) for path in names]))
    put(ground, back)
    ground.world.disk.put(other, 7, Adler32(7))
    done = repairing.apply(ground.app, ground.signed([ground.finding(K.RETURNED, path) for path in names]))
    assert outcomes(done) == {"done": 1, "differs": 2}
    assert [ground.state(path) for path in names] == [R.UNVERIFIED, R.LOST, R.LOST]
    verify.compare(ground.app)
    assert ground.state(back) == R.AVAILABLE


def test_a_file_at_another_place_is_adopted_there_only_with_the_bytes_of_the_file(ground):
    moved, fake, both, taken = (ground.lfn(number) for number in range(4))
    new = {path: f"/eos/moved/{path.rpartition('/')[2]}" for path in (moved, fake, both)}
    new[taken] = ground.lfn(5)
    for path in (moved, fake, taken):
        ground.lose(path)
    put(ground, new[moved], text=moved)
    put(ground, new[fake], text="other bytes of that size")
    put(ground, new[both], text=both)
    ground.lose(new[taken])
    put(ground, new[taken], text=taken)
    found = [ground.finding(K.WRONG_PLACE, path, other=f"disk:{new[path]}") for path in new]
    found.append(ground.stranger(K.WRONG_PLACE, new[moved], other=f"disk:{moved}"))
    file = ground.signed(found)
    assert len(list(lines(file))) == 4, "the new place has no line of its own"
    done = repairing.apply(ground.app, file)
    assert outcomes(done) == {"done": 1, "differs": 2, "refused": 1}
    assert "another copy at" in why_not(done)
    assert ground.state(moved) == R.DELETED
    verify.compare(ground.app)
    assert ground.copy(new[moved]).lfn == moved
    assert ground.state(new[moved]) == R.AVAILABLE
    assert [ground.state(path) for path in (fake, both, taken)] == [R.AVAILABLE] * 3, (
        "nothing else is believed"
    )


def test_unknown_files_are_registered_by_what_their_names_tell(ground):
    raw = f"/eos/raw/W14/cdr11099-{RUN}.raw"
    for path in (raw, DARK):
        put(ground, path)
    found = [ground.stranger(K.DARK, path) for path in (raw, DARK)]
    assert "adopt|trash" not in proposed(ground, found)
    file = ground.signed(
        found, ("# adopt|trash", "adopt"), ("# adopt|trash", "adopt"), dataset="2016/found", task="P08"
    )
    done = repairing.apply(ground.app, file)
    assert outcomes(done) == {"done": 1, "refused": 1}
    assert "no name of task" in why_not(done)
    verify.compare(ground.app)
    assert ground.state(raw) == R.AVAILABLE
    assert ground.there() >= {raw, DARK}


# ------------------------------------------------------------------------- re-archive and recall
def test_what_is_on_disk_only_is_written_to_tape_again_and_the_last_trace_is_never_written_off(begin):
    ground = begin(files=4, both=4)
    good, worse, used, found_again = (ground.lfn(number) for number in range(4))
    for path in (good, worse, used):
        ground.lose(path, "tape")
    found = [ground.finding(K.DISK_ONLY, path, "tape") for path in (good, worse, used, found_again)]
    file = ground.signed(found)
    ground.lose(worse)  # the copy on disk is gone since, and the catalogue does not know it
    with ground.app.catalog.begin() as conn:
        requests.want(
            conn,
            RequestKind.STAGE,
            [(ground.app.endpoint_ids["tape"], found[2].replica_id)],
            ground.app.why(),
        )
    done = repairing.apply(ground.app, file)
    assert outcomes(done) == {"done": 1, "refused": 2, "differs": 1}
    assert "the last trace of it is not written off" in why_not(done)
    assert "a request for it is open" in why_not(done)
    assert [ground.state(path, "tape") for path in (worse, used, found_again)] == [R.AVAILABLE] * 3
    assert ground.state(good, "tape") == R.COPYING
    for _ in range(6):
        flow.tick(ground.app)
        ground.world.clock.sleep(timedelta(hours=1))
    assert ground.state(good, "tape") == R.AVAILABLE
    assert good in ground.there("tape")


def test_what_is_lost_on_disk_and_on_tape_is_recalled(begin):
    ground = begin(files=3, both=2)
    for path in (ground.lfn(0), ground.lfn(2)):
        ground.lose(path)
    found = [ground.finding(K.TAPE_ONLY, ground.lfn(number)) for number in (0, 2)]
    done = repairing.apply(ground.app, ground.signed(found))
    assert outcomes(done) == {"done": 1, "refused": 1}
    assert "it can only be marked lost" in why_not(done)
    assert ground.state(ground.lfn(0)) == R.LOST
    for _ in range(4):
        flow.tick(ground.app)
        ground.world.clock.sleep(timedelta(hours=1))
    (page,) = staging.ready(ground.app.catalog, "repair 1")
    assert [served.lfn for served in page] == [ground.lfn(0)], "it is in the buffer of the tape"


# -------------------------------------------------------------------------------------- crashes
def everything(ground: Ground) -> tuple[Path, list[str]]:
    """A plan with a line of every action, and what it is about."""
    lost, returned, moved, tape, disk, bad = (ground.lfn(number) for number in range(6))
    ground.lose(returned)
    repairing.apply(ground.app, ground.signed([ground.finding(K.LOST, returned)]))
    put(ground, returned)
    new = f"/eos/moved/{moved.rpartition('/')[2]}"
    put(ground, new, text=moved)
    for path in (lost, moved, tape):
        ground.lose(path)
    ground.lose(disk, "tape")
    ground.lose(bad)
    ground.world.disk.put(bad, 7, Adler32(7))
    raw = f"/eos/raw/W14/cdr11099-{RUN}.raw"
    for path in (raw, DARK):
        put(ground, path)
    found = [
        ground.finding(K.LOST, lost),
        ground.finding(K.RETURNED, returned),
        ground.finding(K.WRONG_PLACE, moved, other=f"disk:{new}"),
        ground.finding(K.TAPE_ONLY, tape),
        ground.finding(K.DISK_ONLY, disk, "tape"),
        ground.finding(K.SIZE, bad),
        ground.stranger(K.DARK, raw),
        ground.stranger(K.DARK, DARK),
    ]
    file = ground.signed(
        found, ("# adopt|trash", "adopt"), ("# adopt|trash", "trash"), dataset="2016/found", task="P08"
    )
    return file, [lost, returned, moved, new, tape, disk, bad, raw]


def end(ground: Ground) -> dict[str, object]:
    """What it came to, without what a repetition may say otherwise."""
    with ground.app.catalog.read() as conn:
        state = dict(facts.end_state(conn))
        state["debris"] = [facts.debris_at(conn, "disk", DARK) is not None]
        state["lines"] = repairs.amounts(conn, 2)
        state["plan"] = repairs.one(conn, 2).state
        state["leases"] = facts.happened(conn, "campaign", "filled")
        state["lost"] = facts.happened(conn, "replica", "missing")
    return state | {"disk": contents(ground.world.disk), "tape": contents(ground.world.tape)}


def test_stopped_at_every_crossing_and_resumed_it_comes_to_the_same_end(begin, monkeypatch):
    monkeypatch.setattr(repairing, "AT_ONCE", 1)
    monkeypatch.setattr(repairs, "AT_ONCE", 3)  # lines, of eight

    def anew() -> tuple[Ground, Path]:
        ground = begin(files=6, both=6)
        return ground, everything(ground)[0]

    ground, file = anew()
    seam = StoppingSeam()
    done = repairing.apply(ground.open(seam), file)
    assert outcomes(done) == {"done": 8}
    wanted, crossings = end(ground), len(seam.crossings)
    opening = seam.crossings.index("operation")
    assert crossings > 20
    wrong = []
    for at in range(opening + 1, crossings + 1):
        for when in When:
            ground, file = anew()
            with pytest.raises(Stopped):
                repairing.apply(ground.open(StoppingSeam(at, when)), file)
            repairing.apply(ground.open(), file)
            found = end(ground)
            wrong += [f"{when} {at} ({seam.crossings[at - 1]}): {k}" for k in wanted if found[k] != wanted[k]]
    assert wrong == []


@pytest.mark.postgresql
def test_the_same_on_postgresql(begin, postgresql_url):
    ground = begin(files=6, both=6, url=postgresql_url)
    file = everything(ground)[0]
    done = repairing.apply(ground.open(), file)
    assert outcomes(done) == {"done": 8}
    assert repairing.apply(ground.open(), file).shown == done.shown
    for _ in range(2):  # the second time its place was debris before
        done = repairing.apply(ground.app, trash(ground, DARK))
        assert outcomes(done) == {"done": 1}
        after_grace(ground)
        assert DARK not in ground.there()
        put(ground, DARK)
    ground.lose(ground.lfn(0), "tape")
    repairing.apply(ground.app, ground.signed([ground.finding(K.LOST, ground.lfn(0), "tape")]))
    ground.lose(DARK)
    put(ground, DARK, text=ground.lfn(0))
    assert outcomes(repairing.apply(ground.app, trash(ground, DARK))) == {"refused": 1}
    assert repairing.cancel(ground.app.catalog, done.shown.plan.id, "over").spared == 0
    assert len(repairing.listing(ground.app.catalog, 10)) == 6
