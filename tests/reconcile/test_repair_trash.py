"""What plans of repair put into the trash: strangers and debris, and what must not go."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from catalog.db import attempts, freezes
from catalog.states import (
    RepairOutcome,
    ReplicaState,
)
from ddm.operations import repairing
from ddm.operations.common import why
from ddm.reconcile.kinds import Kind
from ddm.steps import debris
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
from tests.reconcile.repairs import lines, proposed, sum_of

__all__ = ["_engine_kept", "begin", "ground", "schema"]
K, R, O = Kind, ReplicaState, RepairOutcome  # noqa: E741


def test_a_dark_file_goes_only_when_a_person_says_so_and_after_its_grace_time(ground):
    put(ground, DARK)
    text = proposed(ground, [ground.stranger(K.DARK, DARK)])
    assert f"# trash\tdisk\t{DARK}\t1000\t{sum_of(DARK)}\t1" in text
    file = trash(ground, DARK)
    done = repairing.apply(ground.app, file)
    assert outcomes(done) == {"done": 1}
    debris.remove(ground.app)
    assert DARK in ground.there(), "it waits for its grace time"
    after_grace(ground)
    assert DARK not in ground.there()
    assert ground.there() == {ground.lfn(number) for number in range(6)}


def test_the_grace_time_of_strangers_is_a_setting(ground):
    put(ground, DARK)
    rules = replace(ground.app.settings.reconcile, grace=timedelta(days=40))
    ground.app.settings = replace(ground.app.settings, reconcile=rules)
    assert outcomes(repairing.apply(ground.app, trash(ground, DARK))) == {"done": 1}
    for day in (39, 41):
        with ground.app.catalog.read() as conn:
            (waits,) = attempts.debris(conn)
        ground.world.clock.sleep(waits.found_at + timedelta(days=day) - ground.app.now)
        debris.remove(ground.app)
        assert (DARK in ground.there()) == (day == 39)


def test_a_dark_file_stays_if_it_is_another_one_by_then(ground):
    other, later, known, frozen = (f"{DARK}{number}" for number in range(4))
    for path in (other, later, known, frozen):
        put(ground, path)
    file = trash(ground, other, later, known, frozen)
    ground.lose(other)
    put(ground, other, text="what somebody wrote there since")
    done = repairing.apply(ground.app, file)
    assert outcomes(done) == {"done": 3, "differs": 1}
    ground.lose(later)
    put(ground, later, text="written while it waited")
    ground.register(ground.app, [known], "disk")
    with ground.app.catalog.begin() as conn:
        freezes.lay(conn, "disk", None, why(ground.app.catalog, "not now"))
    after_grace(ground)
    with ground.app.catalog.begin() as conn:
        freezes.thaw(conn, None, why(ground.app.catalog, "go on"))
    assert ground.there() >= {other, later, known, frozen}, "frozen"
    ground.world.clock.sleep(timedelta(hours=2))
    debris.remove(ground.app)
    assert ground.there() >= {other, later, known}
    assert frozen not in ground.there()
    for _ in range(3):
        ground.world.clock.sleep(timedelta(days=2))
        debris.remove(ground.app)
    assert ground.there() >= {other, later, known}, "for good"


def test_what_may_be_the_last_copy_of_a_file_does_not_go(ground):
    name = ground.lfn(0)
    ground.lose(name)
    repairing.apply(ground.app, ground.signed([ground.finding(K.LOST, name)]))
    put(ground, DARK, text=name)
    done = repairing.apply(ground.app, trash(ground, DARK))
    assert outcomes(done) == {"refused": 1}
    assert f"it may be the last copy of {name}" in why_not(done)
    after_grace(ground)
    assert DARK in ground.there()


def test_what_became_the_last_copy_while_it_waited_does_not_go(ground):
    name, well = ground.lfn(0), ground.lfn(1)
    put(ground, DARK, text=name)
    put(ground, f"{DARK}2", text=well)
    assert outcomes(repairing.apply(ground.app, trash(ground, DARK, f"{DARK}2"))) == {"done": 2}
    ground.lose(name)
    repairing.apply(ground.app, ground.signed([ground.finding(K.LOST, name)]))
    after_grace(ground)
    assert DARK in ground.there()
    assert f"{DARK}2" not in ground.there()
    with ground.app.catalog.read() as conn:
        (waits,) = attempts.debris(conn, waiting=True)
    assert f"it may be the last copy of {name}" in waits.reason


def test_the_word_of_the_catalogue_that_there_is_another_copy_lets_nothing_go(ground):
    name = ground.lfn(0)
    put(ground, DARK, text=name)
    ground.lose(name)
    assert ground.state(name) == R.AVAILABLE, "nobody has noticed yet"
    repairing.apply(ground.app, trash(ground, DARK))
    after_grace(ground)
    assert DARK in ground.there()
    put(ground, name)
    ground.world.clock.sleep(timedelta(days=1))
    debris.remove(ground.app)
    assert DARK not in ground.there(), "a good copy is seen"


def test_the_same_file_under_another_name_is_no_other_copy(ground):
    """Two host names of one server: what is dark under one of them is what the other one keeps."""
    name, endpoint = ground.lfn(0), "disk"
    put(ground, DARK, text=name)
    usual = ground.app.storages[endpoint]

    class OneFile:
        def probe(self, paths):
            return {path: replace(seen, itself="7 of 1") for path, seen in usual.prober.probe(paths).items()}

    repairing.apply(ground.app, trash(ground, DARK))
    ground.app.storages[endpoint] = replace(usual, prober=OneFile())
    after_grace(ground)
    assert DARK in ground.there()
    ground.app.storages[endpoint] = usual
    ground.world.clock.sleep(timedelta(days=1))
    debris.remove(ground.app)
    assert DARK not in ground.there()


def test_what_may_be_the_last_copy_by_its_size_alone_does_not_go(ground):
    """A temporary name needs no adler32 to be trashed."""
    name, temporary = ground.lfn(0), f"{DARK}.part"
    ground.lose(name)
    repairing.apply(ground.app, ground.signed([ground.finding(K.LOST, name)]))
    put(ground, temporary, text=name)
    found = ground.stranger(K.DEBRIS, temporary, seen_adler32=None)
    assert outcomes(repairing.apply(ground.app, ground.signed([found]))) == {"refused": 1}
    after_grace(ground)
    assert temporary in ground.there()


def test_the_budget_of_the_hour_holds_for_it_too(ground):
    ground.world.settings = replace(
        ground.world.settings, release=replace(ground.world.settings.release, files_per_hour=2)
    )
    app = ground.open()
    paths = [f"{DARK}{number}" for number in range(5)]
    for path in paths:
        put(ground, path)
    repairing.apply(app, trash(ground, *paths))
    ground.world.clock.sleep(timedelta(days=15))
    left = []
    for _ in range(3):
        while debris.remove(app):
            pass
        left.append(len(ground.there() & set(paths)))
        ground.world.clock.sleep(timedelta(hours=1))
    assert left == [3, 1, 0]


def test_what_is_gone_already_is_no_surprise_whether_its_adler32_was_known_or_not(ground):
    temporary = "/eos/.ddm-host-1-2-4.part"
    for path in (DARK, temporary):
        put(ground, path)
    found = [ground.stranger(K.DARK, DARK), ground.stranger(K.DEBRIS, temporary, seen_adler32=None)]
    file = ground.signed(found, ("# trash", "trash"))
    for path in (DARK, temporary):
        ground.lose(path)
    assert outcomes(repairing.apply(ground.app, file)) == {"already": 2}


def test_a_canceled_plan_takes_back_what_it_put_into_the_trash(ground):
    put(ground, DARK)
    done = repairing.apply(ground.app, trash(ground, DARK))
    assert repairing.cancel(ground.app.catalog, done.shown.plan.id, "it is somebody's").spared == 1
    after_grace(ground)
    assert DARK in ground.there()
    repairing.apply(ground.app, trash(ground, DARK))
    after_grace(ground)
    assert DARK not in ground.there(), "it can be signed for again"


def test_only_old_debris_is_proposed_and_what_no_attempt_left_is_refused(ground):
    young, old = "/eos/.ddm-host-1-2-3.part", "/eos/.ddm-host-1-2-4.part"
    of_nobody = "/eos/P08/mDST.chunks/j77a1/mDST.root"
    for path in (young, old, of_nobody):
        put(ground, path)
    found = [ground.stranger(K.DEBRIS, path) for path in (old, of_nobody)]
    found.append(ground.stranger(K.DEBRIS, young, first_seen=ground.app.now - timedelta(days=1)))
    file = ground.signed(found)
    assert [line.split("\t")[2] for line in lines(file)] == [old, of_nobody]
    assert "too young" in file.read_text()
    done = repairing.apply(ground.app, file)
    assert outcomes(done) == {"done": 1, "refused": 1}
    after_grace(ground)
    assert {young, of_nobody} <= ground.there()
    assert old not in ground.there()
