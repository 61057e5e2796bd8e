"""A state changes by an event of its table, once, with a history row, or not at all."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from catalog.db import schema
from catalog.db.engine import Catalog
from catalog.db.move import TABLES, Why, born, move
from catalog.errors import IllegalTransition
from catalog.states import (
    DATASET,
    GROUP,
    ITEM,
    JOB,
    MACHINES,
    REPLICA,
    DatasetState,
    EndpointKind,
    GroupState,
    JobState,
    ReplicaState,
)
from catalog.testing.builders import Situation


class MoveRules:
    """What ``catalog.db.move`` promises."""

    def test_only_rows_in_a_state_that_has_the_event_move(self, here: Situation) -> None:
        good = here.replica(here.file(), here.disk)
        gone = here.replica(here.file(), here.disk, ReplicaState.DELETED)
        assert move(here.conn, REPLICA, [good, gone, 999_999], "doubted", here.why) == [good]
        assert here.get(schema.replica, good).state == ReplicaState.SUSPECT
        assert here.get(schema.replica, gone).state == ReplicaState.DELETED
        assert here.history("replica", gone) == []

    def test_the_second_time_nothing_moves(self, here: Situation) -> None:
        job = here.job([here.file()], JobState.READY)
        assert move(here.conn, JOB, [job], "claimed", here.why) == [job]
        assert move(here.conn, JOB, [job], "claimed", here.why) == []
        assert len(here.history("job", job)) == 1

    def test_each_change_has_a_history_row_with_actor_time_and_reason(self, here: Situation) -> None:
        replica = here.replica(here.file(), here.disk)
        later = Why(here.now + timedelta(hours=1), "shifter", "a reader complained")
        move(here.conn, REPLICA, [replica], "doubted", later)
        (line,) = here.history("replica", replica)
        assert (line.event, line.old, line.new) == ("doubted", "AVAILABLE", "SUSPECT")
        assert (line.at, line.actor, line.reason) == (later.at, "shifter", "a reader complained")
        assert here.get(schema.replica, replica).since == later.at

    def test_a_row_may_have_a_reason_of_its_own(self, here: Situation) -> None:
        one, other = (here.replica(here.file(), here.disk) for _ in range(2))
        here.replica(here.file(), here.disk)
        own = {other: "half a file", 999_999: "of nobody"}
        assert sorted(move(here.conn, REPLICA, [one, other], "doubted", here.why, reasons=own)) == [
            one,
            other,
        ]
        said = [(key, line.reason) for key in (one, other) for line in here.history("replica", key)]
        assert said == [(one, "a test"), (other, "half a file")]

    def test_one_event_from_several_states_at_once(self, here: Situation) -> None:
        states = (
            ReplicaState.UNVERIFIED,
            ReplicaState.ARCHIVING,
            ReplicaState.AVAILABLE,
            ReplicaState.SUSPECT,
        )
        replicas = [here.replica(here.file(), here.tape, state) for state in states]
        assert sorted(move(here.conn, REPLICA, replicas, "missing", here.why)) == sorted(replicas)
        assert [here.history("replica", key)[0].old for key in replicas] == list(states)

    def test_an_event_that_leads_to_a_state_that_has_it_too_happens_once(self, here: Situation) -> None:
        group = here.group([], GroupState.HELD)
        assert move(here.conn, GROUP, [group], "merge_again", here.why) == [group]
        assert len(here.history("group", group)) == 1

    def test_other_columns_of_moved_rows_are_set_and_of_others_not(self, here: Situation) -> None:
        one, other = (
            here.item(here.replica(here.file(), here.tape)),
            here.item(here.replica(here.file(), here.tape)),
        )
        move(here.conn, ITEM, [one], "claimed", here.why)
        held = move(here.conn, ITEM, [one, other], "refused", here.why, code="tape_lost", reason="no medium")
        assert held == [one]
        assert here.get(schema.item, one).code == "tape_lost"
        assert here.get(schema.item, other).code is None

    def test_an_event_of_no_state_raises_and_changes_nothing(self, here: Situation) -> None:
        replica = here.replica(here.file(), here.disk)
        with pytest.raises(IllegalTransition):
            move(here.conn, REPLICA, [replica], "vanished", here.why)
        assert here.get(schema.replica, replica).state == ReplicaState.AVAILABLE

    @pytest.mark.parametrize(
        ("machine", "event"),
        [(machine, event) for machine in MACHINES for event in sorted(machine.by_person)],
    )
    def test_a_persons_event_needs_a_reason(self, here: Situation, machine: Any, event: str) -> None:
        with pytest.raises(IllegalTransition, match="needs a reason"):
            move(here.conn, machine, [1], event, Why(here.now, "shifter"))

    def test_a_row_is_born_in_a_starting_state_only(self, here: Situation) -> None:
        replica = here.replica(here.file(), here.disk, ReplicaState.UNVERIFIED)
        born(here.conn, REPLICA, [replica], ReplicaState.UNVERIFIED, here.why)
        assert [(line.event, line.old, line.new) for line in here.history("replica", replica)] == [
            ("born", "", "UNVERIFIED")
        ]
        with pytest.raises(IllegalTransition, match="cannot start"):
            born(here.conn, REPLICA, [replica], ReplicaState.AVAILABLE, here.why)

    def test_no_ids_are_no_work(self, here: Situation) -> None:
        assert move(here.conn, REPLICA, [], "doubted", here.why) == []
        born(here.conn, REPLICA, [], ReplicaState.UNVERIFIED, here.why)

    def test_more_ids_than_any_limit_of_parameters(self, here: Situation) -> None:
        many = [here.new_dataset(f"d{n}", DatasetState.OPEN) for n in range(50)]
        moved = move(here.conn, DATASET, [*range(10**6, 10**6 + 70_000), *many], "closed", here.why)
        assert sorted(moved) == many

    def test_a_rollback_leaves_neither_change_nor_history(self, catalog: Catalog) -> None:
        now = catalog.clock.now()
        with catalog.begin() as conn:
            situation = Situation(conn, catalog.clock)
            replica = situation.replica(situation.file(), situation.disk)

        def doubt_and_fail() -> None:
            with catalog.begin() as conn:
                assert move(conn, REPLICA, [replica], "doubted", Why(now, "tester")) == [replica]
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            doubt_and_fail()
        with catalog.read() as conn:
            assert conn.execute(select(schema.replica.c.state)).scalars().all() == ["AVAILABLE"]
            assert conn.execute(select(func.count()).select_from(schema.history)).scalar() == 0

    def test_what_is_written_while_reading_is_thrown_away(self, catalog: Catalog) -> None:
        with catalog.read() as conn:
            conn.execute(schema.endpoint.insert().values(name="disk", kind=EndpointKind.DISK.value))
        with catalog.read() as conn:
            assert conn.execute(select(func.count()).select_from(schema.endpoint)).scalar() == 0

    def test_every_machine_has_a_table(self) -> None:
        assert set(TABLES) == {machine.noun for machine in MACHINES}
