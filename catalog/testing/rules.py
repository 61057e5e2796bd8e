"""The rules that the database itself holds, whatever a program tries."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import delete, insert
from sqlalchemy.exc import IntegrityError

from catalog.db import schema
from catalog.db.move import TABLES
from catalog.states import (
    ITEM,
    MACHINES,
    PIN,
    REPLICA,
    EndpointKind,
    GroupState,
    ItemState,
    JobState,
    PinState,
    ReplicaState,
    RequestKind,
    Role,
    Witness,
)
from catalog.testing.builders import Situation


@contextmanager
def refused(here: Situation) -> Iterator[None]:
    """What happens inside is refused by the database; the transaction goes on as it was before."""
    with pytest.raises(IntegrityError), here.conn.begin_nested():
        yield


def one_of_each(here: Situation) -> dict[str, int]:
    """A row of every noun that has a state."""
    all_well = here.archived()
    return {
        "replica": all_well.replica,
        "item": here.item(all_well.replica),
        "job": here.job([all_well.member]),
        "group": all_well.group,
        "pin": here.pin(all_well.tape),
        "check": all_well.check,
        "dataset": here.dataset,
        "range": here.event_range(here.file()),
        "ask": here.ask(here.file()),
        "campaign": here.campaign(),
        "lease": here.lease(all_well.tape),
        "removal": here.removal(),
        "scan": here.scan(),
        "comparison": here.comparison(),
        "verification": here.verification(),
        "repair": here.repair(),
    }


class DatabaseRules:
    """What ``catalog.db.schema`` promises."""

    @pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.noun)
    def test_every_state_is_taken_and_no_other_word(self, here: Situation, machine: Any) -> None:
        key, table = one_of_each(here)[machine.noun], TABLES[machine.noun]
        for state in machine.states:
            here.set(table, key, state=state.value)
            assert here.get(table, key).state == state
        for word in ("FINISHED", "", machine.states(machine.starts[0]).value.lower()):
            with refused(here):
                here.set(table, key, state=word)

    @pytest.mark.parametrize(
        ("table", "column", "words"),
        [
            (schema.endpoint, "kind", EndpointKind),
            (schema.file, "role", Role),
            (schema.item, "kind", RequestKind),
        ],
        ids=lambda value: str(getattr(value, "name", value)),
    )
    def test_kinds_and_roles_are_words_we_know(
        self, here: Situation, table: Any, column: str, words: Any
    ) -> None:
        keys = one_of_each(here)
        key = {"endpoint": here.disk, "file": here.file(), "item": keys["item"]}[table.name]
        for word in words:
            here.set(table, key, **{column: word.value})
        with refused(here):
            here.set(table, key, **{column: "other"})

    def test_a_replica_is_available_only_once_compared(self, here: Situation) -> None:
        replica = here.replica(here.file(), here.disk, ReplicaState.UNVERIFIED)
        here.set(schema.replica, replica, verified_at=None)
        with refused(here):  # invariant 1
            here.set(schema.replica, replica, state=ReplicaState.AVAILABLE.value)
        here.set(schema.replica, replica, state=ReplicaState.AVAILABLE.value, verified_at=here.now)
        with refused(here):
            here.set(schema.replica, replica, verified_at=None)

    @pytest.mark.parametrize(
        "state", [state for state in REPLICA.states if state is not ReplicaState.DELETED]
    )
    def test_one_live_replica_of_a_file_at_an_endpoint(self, here: Situation, state: ReplicaState) -> None:
        file = here.file()
        first = here.replica(file, here.disk, state)
        with refused(here):
            here.replica(file, here.disk)
        here.replica(file, here.tape)
        here.set(schema.replica, first, state=ReplicaState.DELETED.value)
        here.replica(file, here.disk)

    @pytest.mark.parametrize("state", ITEM.live)
    def test_one_live_item_of_a_kind_and_a_replica(self, here: Situation, state: ItemState) -> None:
        replica = here.replica(here.file(), here.tape)
        first = here.item(replica, RequestKind.STAGE, state)
        with refused(here):
            here.item(replica, RequestKind.STAGE)
        here.item(replica, RequestKind.REMOVE)
        for over in ITEM.finals:
            here.set(schema.item, first, state=over.value)
            first = here.item(replica, RequestKind.STAGE)

    @pytest.mark.parametrize("state", PIN.live)
    def test_one_live_pin_of_a_replica(self, here: Situation, state: PinState) -> None:
        replica = here.replica(here.file(), here.tape)
        first = here.pin(replica, state)
        with refused(here):
            here.pin(replica)
        here.set(schema.pin, first, state=PinState.RELEASED.value)
        here.pin(replica)

    def test_a_file_is_in_one_live_group(self, here: Situation) -> None:
        file = here.file(Role.INTERMEDIATE)
        here.group([file], GroupState.VOID, live=False)
        here.group([file], GroupState.PLANNED)
        with refused(here):  # invariant 6
            here.group([file], GroupState.PLANNED, part=1)

    def test_one_live_group_of_a_part(self, here: Situation) -> None:
        here.group([], GroupState.VOID)
        here.group([], GroupState.PLANNED)
        with refused(here):
            here.group([], GroupState.PLANNED)
        here.group([], GroupState.PLANNED, part=1)

    def test_labels_are_unique(self, here: Situation) -> None:
        values = {"kind": "stage", "endpoint_id": here.tape, "label": "stage-1", "created_at": here.now}
        here.row(schema.request, **values)
        with refused(here):
            here.row(schema.request, **values)
        jobs = [here.job([here.file()], JobState.RUNNING) for _ in range(2)]  # without a label: any number
        here.set(schema.job, jobs[0], label="j1a1")
        with refused(here):
            here.set(schema.job, jobs[1], label="j1a1")

    @pytest.mark.parametrize(
        "make",
        [
            lambda here: here.row(schema.endpoint, name="disk", kind="disk"),
            lambda here: here.new_dataset("2016/W14"),
            lambda here: here.new_task("P08"),
            lambda here: [here.check(), here.check()],
            lambda here: [here.certify(here.archived().replica)] * 2 and here.certify(1),
        ],
        ids=["endpoint", "dataset", "task", "check", "certificate"],
    )
    def test_names_are_unique(self, here: Situation, make: Callable[[Situation], Any]) -> None:
        with refused(here):
            make(here)

    def test_a_name_of_a_file_is_unique_until_it_is_retired(self, here: Situation) -> None:
        one, other = here.file(), here.file()
        name = here.get(schema.file, one).name
        with refused(here):
            here.set(schema.file, other, name=name)
        here.set(schema.file, one, retired_at=here.now)
        here.set(schema.file, other, name=name)

    @pytest.mark.parametrize(
        ("column", "value"),
        [("size", -1), ("adler32", -1), ("adler32", 2**32), ("name", None), ("directory_id", None)],
    )
    def test_sizes_and_checksums_are_possible_ones(self, here: Situation, column: str, value: Any) -> None:
        file = here.file()
        with refused(here):
            here.set(schema.file, file, **{column: value})

    def test_event_counts_are_no_less_than_zero_and_of_one_witness_once(self, here: Situation) -> None:
        file = here.file()
        with refused(here):
            here.events(file, Witness.READ, -1)
        here.events(file, Witness.READ, 0)
        with refused(here):
            here.events(file, Witness.READ, 1)

    def test_what_is_referred_to_cannot_be_deleted(self, here: Situation) -> None:
        all_well = here.archived()
        here.job([all_well.member], group=all_well.group)
        here.item(all_well.replica)
        here.pin(all_well.tape)
        here.certify(all_well.replica)
        referred = (
            (schema.endpoint, here.disk),
            (schema.dataset, here.dataset),
            (schema.task, here.task),
            (schema.file, all_well.member),
            (schema.file, all_well.output),
            (schema.replica, all_well.replica),
            (schema.replica, all_well.tape),
            (schema.group, all_well.group),
        )
        for table, key in referred:
            with refused(here):
                here.conn.execute(delete(table).where(table.c.id == key))

    def test_what_is_referred_to_must_be_there(self, here: Situation) -> None:
        with refused(here):
            here.replica(999_999, here.disk)
        with refused(here):
            here.conn.execute(insert(schema.parent).values(file_id=here.file(), parent_id=999_999))

    def test_times_come_back_as_they_were(self, here: Situation) -> None:
        replica = here.get(schema.replica, here.replica(here.file(), here.disk))
        assert replica.since == here.now
        assert replica.since.utcoffset() == here.now.utcoffset()
