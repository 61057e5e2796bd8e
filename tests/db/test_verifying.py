"""Rounds of verifying contents, on both databases: order, place, budget, tape."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from catalog.checksum import Adler32
from catalog.db import verifying, verifying_walk
from catalog.db.verifying import Wish
from catalog.errors import BadInput, DataManagementError, IllegalTransition, NotRegistered
from catalog.states import ContentOutcome, HowVerified
from ddm import flow, summary
from ddm.operations import verifying as operations
from ddm.operations.verifying import Want
from ddm.steps import contents
from ddm.steps.contents import Waits, Worked
from tests.db.verifying_fixtures import DONE, GOING, HOUR, Make, lite, make
from tests.reconcile.verified import DISK, SIZE, TAPE, Verified, telling

__all__ = ["lite", "make"]


# --------------------------------------------------------------------------- order and samples
def looked_at(here: Verified, it: Any, **how: Any) -> list[int]:
    """The files verified by this, by their number."""
    before = [row.verified_at for row in here.rows()]
    here.run(it, **how)
    return [n for n, row in enumerate(here.rows()) if row.verified_at != before[n]]


@pytest.mark.parametrize("how", list(HowVerified))
def test_a_sample_is_the_longest_not_verified(make: Make, how: HowVerified) -> None:
    here = make(files=10)
    want = {"how": how, "fraction": 0.3, "of_bytes": False}
    assert looked_at(here, here.begin(**want)) == [0, 1, 2]
    assert looked_at(here, here.begin(**want)) == [3, 4, 5]
    assert looked_at(here, here.begin(how=how, fraction=0.39)) == [6, 7, 8, 9]  # of the bytes
    assert looked_at(here, here.begin(**want)) == [0, 1, 2]


def test_reading_begins_with_what_was_never_read_whenever_it_was_asked_for(make: Make) -> None:
    here = make(files=4)
    want = {"how": HowVerified.READ, "fraction": 0.5, "of_bytes": False}
    assert looked_at(here, here.begin(**want)) == [0, 1]
    here.later(HOUR)
    here.run(here.begin())  # everything is asked for
    assert looked_at(here, here.begin(**want)) == [2, 3]
    assert looked_at(here, here.begin(**want)) == [0, 1]


def test_a_drawn_sample_is_that_of_its_seed(lite: Make) -> None:
    here = lite(files=40)
    one = looked_at(here, here.begin(fraction=0.25, seed="a"))
    assert 2 < len(one) < 20
    assert looked_at(here, here.begin(fraction=0.25, seed="a")) == one
    assert looked_at(here, here.begin(fraction=0.25, seed="b")) != one


def test_files_are_chosen_by_dataset_run_and_query(make: Make) -> None:
    here = make(files=8, tape=1)
    assert looked_at(here, here.begin(runs=((1, 2),))) == [2, 3, 4, 5]
    assert looked_at(here, here.begin(query="part >= 6")) == [6, 7]
    assert looked_at(here, here.begin(dataset="own", fraction=0.25, of_bytes=False)) == [0, 1]
    assert looked_at(here, here.begin(dataset="own", fraction=0.24)) == [2, 3]  # now the longest not
    one = looked_at(here, here.begin(dataset="own", fraction=0.5, seed="x"))
    assert one == looked_at(here, here.begin(dataset="own", fraction=0.5, seed="x"))
    assert looked_at(here, here.begin(dataset="2016/W14")) == []
    with pytest.raises(NotRegistered):
        here.begin(dataset="nobody's")
    with pytest.raises(BadInput):
        here.begin(query="part >>")


def test_the_longest_not_verified_come_by_an_index(make: Make, dialect: str) -> None:
    """However many copies there are, the next page is read from the index, and nothing is sorted."""
    here = make(files=2)
    for how in HowVerified:
        with here.app.catalog.begin() as conn:
            if dialect == "postgresql":
                conn.execute(text("SET enable_seqscan = off"))
                conn.execute(text("SET enable_sort = off"))
                conn.execute(text("SET enable_incremental_sort = off"))
            wish = Wish(here.app.endpoint_ids[DISK], how, f"for its plan {how}", here.app.now)
            it = verifying_walk.begin(conn, wish, here.app.why())
            for place in (it.walked_to, verifying_walk.BEGINNING):
                page = verifying_walk._page(replace(it, walked_to=place))
                explain = "EXPLAIN QUERY PLAN " if dialect == "sqlite" else "EXPLAIN "
                compiled = page.compile(conn, compile_kwargs={"literal_binds": True})
                plan = "\n".join(
                    str(tuple(row))
                    for row in conn.exec_driver_sql(explain + str(compiled).replace("%", "%%"))
                )
                column = "verified_at" if how is HowVerified.ASKED else "read_at"
                assert f"ix_replica_{column}" in plan, plan
                assert "TEMP B-TREE" not in plan, plan


# ------------------------------------------------------------------- place, budget, stopping
def test_the_budget_of_an_hour_is_kept_over_restarts_and_by_several_processes(make: Make) -> None:
    here = make(files=6, per_hour=2 * SIZE + 1)  # the first two
    it = here.begin(how=HowVerified.READ)
    here.run(it, once=True)
    assert (here.one(it.id).good, here.used()) == (2, 2 * SIZE + 1)
    here.again()
    other = here.begin(how=HowVerified.ASKED)  # another round, another process: the same hour
    here.run(other, once=True)
    here.run(it, once=True)
    assert (here.one(it.id).good, here.one(other.id).good) == (2, 0)
    here.later(HOUR)
    here.run(it, once=True)
    assert here.one(it.id).good == 3  # two are more than the budget by a few bytes
    for good in (4, 5, 6):
        here.later(HOUR)
        here.run(it, once=True)
        assert here.one(it.id).good == good
    assert here.one(it.id).state is DONE


def test_a_file_larger_than_the_budget_goes_alone_at_the_beginning_of_an_hour(lite: Make) -> None:
    here = lite(files=3, per_hour=10)
    it = here.begin()
    for good in (1, 2, 3):
        here.run(it, once=True)
        assert here.one(it.id).good == good
        here.later(HOUR)


def test_a_budget_may_be_said_and_said_anew(lite: Make) -> None:
    here = lite(files=4, per_hour=None)
    with pytest.raises(BadInput, match="how many bytes"):
        here.begin()
    it = here.begin(budget=SIZE)
    here.run(it, once=True)
    assert here.one(it.id).good == 1
    assert here.begin(budget=10**9).id == it.id
    assert here.run(it).rounds[0].state is DONE


def test_a_round_stops_and_goes_on_where_it_was(lite: Make) -> None:
    here = lite(files=40)
    it = here.begin(how=HowVerified.READ)
    assert isinstance(contents.turn(here.app, it.id), Worked)
    operations.stop(here.app.catalog, it.id, "the door is slow")
    assert here.run(it).rounds[0].good == contents.READ_AT_ONCE
    with pytest.raises(IllegalTransition, match="the door is slow"):
        here.begin(how=HowVerified.READ)
    with pytest.raises(IllegalTransition):
        operations.stop(here.app.catalog, it.id, "")
    operations.resume(here.app.catalog, it.id, "")
    here.again()
    assert here.run(it).rounds[0].good == 40
    assert here.used() == sum(SIZE + n for n in range(40))  # none was read twice
    with pytest.raises(IllegalTransition, match="DONE"):
        operations.resume(here.app.catalog, it.id, "")


def test_no_more_is_read_at_once_than_the_flow_can_wait_for(lite: Make, monkeypatch: Any) -> None:
    here = lite(files=5)
    monkeypatch.setattr(contents, "READ_SIZE_AT_ONCE", 2 * SIZE + 1)
    it = here.begin(how=HowVerified.READ)
    turns = [contents.turn(here.app, it.id) for _ in range(5)]
    assert [turn.files for turn in turns if isinstance(turn, Worked)] == [2, 1, 1, 1]


def test_only_one_process_verifies_at_an_endpoint_at_a_time(lite: Make) -> None:
    here = lite()
    it = here.begin()
    with here.app.catalog.exclusive(f"verify-{it.endpoint_id}"):
        turn = contents.turn(here.app, it.id)
    assert isinstance(turn, Waits)
    assert "already" in turn.why
    assert here.run(it).rounds[0].state is DONE


def test_the_time_of_a_command_ends(lite: Make) -> None:
    here = lite(files=4, per_hour=SIZE)
    ended = here.run(here.begin(), until=here.app.now + 2 * HOUR)
    assert ended.rounds[0].state is GOING
    assert 2 <= ended.rounds[0].good <= 3
    assert "budget" in ended.waits


# ------------------------------------------------------------------------------------ the flow
def test_the_flow_goes_on_by_itself_with_what_was_not_verified_for_long(lite: Make) -> None:
    here = lite(files=4, age=timedelta(days=30))
    flow.tick(here.app)
    assert here.app.catalog is not None
    with here.app.catalog.read() as conn:
        assert verifying.listing(conn, 10) == []  # all were compared an hour ago
    here.later(timedelta(days=31))
    here.spoil(1)
    flow.tick(here.app)
    assert here.states() == ["AVAILABLE", "BAD", "AVAILABLE", "AVAILABLE"]
    here.later(timedelta(days=1))
    flow.tick(here.app)
    with here.app.catalog.read() as conn:
        (it,) = verifying.listing(conn, 10)
    assert (it.state, it.scope) == (DONE, contents.OF_THE_FLOW)


def test_without_a_budget_the_flow_verifies_nothing(lite: Make) -> None:
    here = lite(files=2, per_hour=None)
    it = here.begin(budget=10**9)
    here.later(timedelta(days=365))
    flow.tick(here.app)
    assert here.one(it.id).good == 0


# ------------------------------------------------------------------------------------- on tape
def on_tape(here: Verified, it: Any, rounds: int = 400) -> Any:
    for _ in range(rounds):
        here.run(it, once=True)
        flow.tick(here.app)
        if here.one(it.id).state is not GOING:
            break
        here.later(timedelta(minutes=20))
    return here.one(it.id)


def quiet(here: Verified) -> None:
    """No production: only what verifying asks for is recalled."""
    here.world.settings = replace(here.world.settings, tasks={})
    here.again()


def test_a_tape_system_is_asked_for_nothing_and_tells_evidence(lite: Make) -> None:
    here = lite(files=0, tape=4, per_hour=1)
    it = here.begin(endpoint=TAPE)
    assert here.run(it).rounds[0].good == 4
    assert here.used(TAPE) == 0
    raw = here.world.raw[1]
    here.again(tape=telling(here.world.storages()["tape"], {raw.lfn: (raw.size, Adler32(1))}))
    ended = here.run(here.begin(endpoint=TAPE))
    assert (ended.rounds[0].odd, sorted(here.states(TAPE))) == (1, ["AVAILABLE"] * 3 + ["BAD"])


def test_files_on_tape_are_recalled_within_the_budget_read_and_released(make: Make) -> None:
    here = make(files=0, tape=4)
    quiet(here)
    sizes = sorted(file.size for file in here.world.raw)
    it = here.begin(endpoint=TAPE, how=HowVerified.READ, budget=sizes[-1])
    begun = here.app.now
    done = on_tape(here, it)
    assert (done.state, done.good) == (DONE, 4)
    assert here.app.now - begun > HOUR  # not all in one hour
    rows = here.rows(TAPE)
    assert {row.verified_how for row in rows} == {"read"}
    assert all(row.read_at > begun for row in rows)
    for _ in range(5):
        flow.tick(here.app)
    with here.app.catalog.read() as conn:
        live = conn.execute(text("SELECT count(*) FROM pin WHERE state IN ('ACTIVE', 'RELEASING')")).scalar()
        campaigns = conn.execute(text("SELECT production, priority FROM campaign")).all()
    assert live == 0
    assert {tuple(row) for row in campaigns} == {("evidence", 1)}


def test_bytes_that_went_bad_on_tape_are_found_by_reading(lite: Make) -> None:
    here = lite(files=0, tape=4)
    quiet(here)
    lfn = here.world.raw[1].lfn
    here.world.tape.inject(lfn, "corrupt", None)
    done = on_tape(here, here.begin(endpoint=TAPE, how=HowVerified.READ))
    assert sorted(here.states(TAPE)) == ["AVAILABLE"] * 3 + ["BAD"]
    assert (done.state, done.good, done.odd) == (DONE, 3, 1)
    (found,) = here.found(done.id)
    assert (found.lfn, found.outcome) == (lfn, ContentOutcome.DIFFERS)


def test_tapes_are_read_only_if_they_are_named_and_much_of_it_is_confirmed(lite: Make) -> None:
    here = lite(files=1, tape=2)
    assert {it.endpoint for it in operations.begin(here.app, Want())} == {DISK, TAPE}
    read = Want(how=HowVerified.READ)
    assert [it.endpoint for it in operations.begin(here.app, read)] == [DISK]
    recall = replace(here.app.settings.recall, confirm_files=1)
    here.app.settings = replace(here.app.settings, recall=recall)
    with pytest.raises(BadInput, match="2 files"):
        operations.begin(here.app, replace(read, endpoint=TAPE))
    with pytest.raises(DataManagementError):
        operations.begin(here.app, replace(read, endpoint="nowhere"))
    assert operations.begin(here.app, replace(read, endpoint=TAPE), confirmed=True)


# -------------------------------------------------------------------------------------- status
def test_status_tells_shares_the_oldest_and_what_was_found(lite: Make) -> None:
    here = lite(files=4, tape=1)
    here.later(timedelta(days=40))
    here.spoil(0)
    oldest = here.rows()[2].verified_at
    here.run(here.begin(how=HowVerified.READ, fraction=0.5, of_bytes=False))
    shown = operations.status(here.app.catalog, here.app.settings, timedelta(days=30), 10)
    disk, tape = (share.fresh for share in shown.endpoints)
    assert (disk.endpoint, disk.files, disk.verified, disk.read) == (DISK, 3, 1, 1)
    assert disk.oldest == oldest
    assert (tape.verified, tape.read) == (0, 0)
    assert shown.endpoints[0].used == 2 * SIZE + 1
    assert [one.lfn for one in shown.found] == [here.lfns[0]]
    assert shown.rounds == ()


def test_the_flow_status_names_a_braked_round(lite: Make) -> None:
    here = lite(files=12)
    for n in range(12):
        here.lose(n)
    it = here.begin()
    here.run(it)
    found = summary.summarize(here.app.catalog, here.app.now)
    assert [one.id for one in found.verifications] == [it.id]
    text = "\n".join(str(part) for part in summary.render(found, here.app.settings, here.app.now))
    assert f"Verification {it.id} at disk is braked" in text
