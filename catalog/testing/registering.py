"""Registration: insert or compare, many at a time."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Connection, func, select

from catalog.checksum import Adler32
from catalog.db import files, registering, schema
from catalog.errors import ConflictingRegistration, NotRegistered
from catalog.model import NewFile, Registration
from catalog.states import DatasetState, EndpointKind, Role, Witness
from catalog.testing.builders import Situation, raw_file


def rows(conn: Connection) -> dict[str, int]:
    """How many rows there are of what a registration writes."""
    tables = (schema.file, schema.replica, schema.event_count, schema.history)
    return {
        table.name: conn.execute(select(func.count()).select_from(table)).scalar_one() for table in tables
    }


class RegistrationRules:
    """What ``catalog.db.files`` promises of registration."""

    @pytest.fixture
    def open_dataset(self, here: Situation) -> int:
        return here.new_dataset("2016/W15")

    @staticmethod
    def register(here: Situation, entries: list[NewFile], dataset: int, **other: Any) -> Registration:
        values: dict[str, Any] = {"dataset": dataset, "endpoint": here.tape, "why": here.why}
        return registering.register(here.conn, entries, **(values | other))

    def test_new_files_are_registered_with_replica_history_and_count(
        self, here: Situation, open_dataset: int
    ) -> None:
        entry = raw_file(1, events={Witness.RAW_CATALOGUE: 20_000})
        found = self.register(here, [entry, raw_file(2)], open_dataset)
        assert (found.added, found.same, found.conflicts) == (2, 0, ())
        file = found.ids[entry.lfn]
        row = here.get(schema.file, file)
        assert (row.name, row.size, row.adler32, row.chunk) == ("cdr11001-275678.raw", 1001, 1, "11001")
        assert files.find_file(here.conn, entry.lfn).id == file
        assert row.registered_at == here.now
        replica = here.conn.execute(select(schema.replica).where(schema.replica.c.file_id == file)).one()
        assert (replica.state, replica.verified_at, replica.path) == ("UNVERIFIED", None, None)
        assert [line.event for line in here.history("replica", replica.id)] == ["born"]
        assert [line.event for line in here.history("file", file)] == ["registered"]
        assert files.counts(here.conn, [file]) == {file: {"raw_catalogue": 20_000}}

    def test_a_known_file_at_another_endpoint_gets_a_replica_there(
        self, here: Situation, open_dataset: int
    ) -> None:
        entry = raw_file(1)
        file = self.register(here, [entry], open_dataset).ids[entry.lfn]
        for _ in range(2):  # the second time it is known there too
            found = self.register(here, [entry], open_dataset, endpoint=here.disk)
            assert (found.added, found.same, found.conflicts) == (0, 1, ())
        places = select(schema.replica.c.endpoint_id).where(schema.replica.c.file_id == file)
        assert sorted(row[0] for row in here.conn.execute(places)) == sorted([here.disk, here.tape])

    def test_again_is_the_same_and_changes_nothing(self, here: Situation, open_dataset: int) -> None:
        entries = [raw_file(n, events={Witness.RAW_CATALOGUE: n}) for n in range(5)]
        first = self.register(here, entries, open_dataset)
        before = rows(here.conn)
        again = self.register(here, entries, open_dataset)
        assert (again.added, again.same, again.conflicts) == (0, 5, ())
        assert again.ids == first.ids
        assert rows(here.conn) == before

    @pytest.mark.parametrize(
        ("other", "says"),
        [
            ({"size": 7}, "known with 1001 bytes, here 7"),
            ({"adler32": Adler32(0xABC)}, "known with adler32 00000001, here 00000abc"),
            ({"path": "/elsewhere"}, "here /elsewhere"),
        ],
    )
    def test_a_difference_is_a_conflict_and_changes_nothing(
        self, here: Situation, open_dataset: int, other: dict[str, Any], says: str
    ) -> None:
        self.register(here, [raw_file(1)], open_dataset)
        before = rows(here.conn)
        found = self.register(here, [raw_file(1, where="list:2", **other)], open_dataset)
        assert (found.added, found.same) == (0, 0)
        (conflict,) = found.conflicts
        assert says in conflict.text
        assert conflict.where == "list:2"
        assert rows(here.conn) == before

    def test_another_dataset_is_a_conflict(self, here: Situation, open_dataset: int) -> None:
        self.register(here, [raw_file(1)], open_dataset)
        found = self.register(here, [raw_file(1)], here.new_dataset("2016/W16"))
        assert [conflict.text for conflict in found.conflicts] == ["known in another dataset"]

    def test_twice_in_a_list_is_registered_once(self, here: Situation, open_dataset: int) -> None:
        found = self.register(here, [raw_file(1), raw_file(1)], open_dataset)
        assert (found.added, found.same, found.conflicts) == (1, 1, ())

    @pytest.mark.parametrize("known", [False, True])
    @pytest.mark.parametrize(
        "other", [{"size": 7}, {"path": "/elsewhere"}, {"events": {Witness.RAW_CATALOGUE: 1}}]
    )
    def test_twice_in_a_list_with_other_values_is_a_conflict(
        self, here: Situation, open_dataset: int, other: dict[str, Any], known: bool
    ) -> None:
        if known:
            self.register(here, [raw_file(1)], open_dataset)
        entries = [raw_file(1, events={Witness.RAW_CATALOGUE: 2}), raw_file(1, **other)]
        found = self.register(here, entries, open_dataset)
        (conflict,) = found.conflicts
        assert "twice in the list" in conflict.text

    def test_a_closed_dataset_takes_no_new_file(self, here: Situation, open_dataset: int) -> None:
        self.register(here, [raw_file(1)], open_dataset)
        assert files.close_dataset(here.conn, "2016/W15", here.why)
        assert not files.close_dataset(here.conn, "2016/W15", here.why)
        assert self.register(here, [raw_file(1)], open_dataset).same == 1
        with pytest.raises(ConflictingRegistration, match="closed"):
            self.register(here, [raw_file(1), raw_file(2)], open_dataset)
        assert files.reopen_dataset(here.conn, "2016/W15", here.why)
        assert self.register(here, [raw_file(2)], open_dataset).added == 1

    def test_an_unknown_count_is_absent_and_zero_is_zero(self, here: Situation, open_dataset: int) -> None:
        unknown, empty = raw_file(1), raw_file(2, events={Witness.RAW_CATALOGUE: 0})
        ids = self.register(here, [unknown, empty], open_dataset).ids
        assert files.counts(here.conn, list(ids.values())) == {ids[empty.lfn]: {"raw_catalogue": 0}}

    def test_a_count_that_comes_later_is_added_and_another_contradicts(
        self, here: Situation, open_dataset: int
    ) -> None:
        ids = self.register(here, [raw_file(1)], open_dataset).ids
        said = raw_file(1, events={Witness.RAW_CATALOGUE: 0})
        assert self.register(here, [said], open_dataset).same == 1
        found = self.register(here, [raw_file(1, events={Witness.RAW_CATALOGUE: 9})], open_dataset)
        assert [conflict.text for conflict in found.conflicts] == ["raw_catalogue said 0 events, now 9"]
        assert list(files.counts(here.conn, list(ids.values())).values()) == [{"raw_catalogue": 0}]

    def test_witnesses_do_not_contradict_each_other_here(self, here: Situation, open_dataset: int) -> None:
        entry = raw_file(1, events={Witness.RAW_CATALOGUE: 5, Witness.READ: 4})
        ids = self.register(here, [entry], open_dataset).ids
        assert files.counts(here.conn, list(ids.values())) == {
            ids[entry.lfn]: {"raw_catalogue": 5, "read": 4}
        }

    def test_a_retired_name_is_free_again(self, here: Situation, open_dataset: int) -> None:
        first = self.register(here, [raw_file(1)], open_dataset).ids
        files.retire(here.conn, list(first.values()), here.why)
        second = self.register(here, [raw_file(1, size=7)], open_dataset)
        assert second.added == 1
        assert set(second.ids.values()).isdisjoint(first.values())

    def test_large_numbers_and_odd_names_come_back_as_they_were(
        self, here: Situation, open_dataset: int
    ) -> None:
        entry = raw_file(1, lfn="/odd/grün 100%_'x'\\y.raw", size=2**62, adler32=Adler32(2**32 - 1))
        self.register(here, [entry], open_dataset)
        row = files.find_file(here.conn, "grün 100%_'x'\\y.raw")
        assert (row.name, row.size, row.adler32) == ("grün 100%_'x'\\y.raw", 2**62, 2**32 - 1)

    def test_a_list_longer_than_any_limit_of_parameters(self, here: Situation, open_dataset: int) -> None:
        entries = [raw_file(n) for n in range(20_000)]
        assert self.register(here, entries, open_dataset).added == 20_000
        assert self.register(here, entries, open_dataset).same == 20_000

    def test_a_file_is_found_by_lfn_or_by_base_name_of_one(self, here: Situation, open_dataset: int) -> None:
        self.register(here, [raw_file(1), raw_file(2)], open_dataset)
        assert files.find_file(here.conn, raw_file(1).lfn).chunk == "11001"
        assert files.find_file(here.conn, raw_file(2).lfn.rsplit("/", 1)[1]).dataset == "2016/W15"
        with pytest.raises(NotRegistered):
            files.find_file(here.conn, "cdr_1001-275678.raw")  # "_" is no wildcard

    def test_an_endpoint_keeps_its_kind_and_a_task_its_definition(self, here: Situation) -> None:
        assert files.ensure_endpoint(here.conn, "disk", EndpointKind.DISK) == here.disk
        with pytest.raises(ConflictingRegistration):
            files.ensure_endpoint(here.conn, "disk", EndpointKind.TAPE)
        task = files.define_task(here.conn, "P09", here.dataset, {"slot": 1}, here.why)
        assert files.define_task(here.conn, "P09", here.dataset, {"slot": 1}, here.why) == task
        with pytest.raises(ConflictingRegistration, match="slot changed"):
            files.define_task(here.conn, "P09", here.dataset, {"slot": 2}, here.why)

    def test_a_new_dataset_is_open_and_made_once(self, here: Situation) -> None:
        new = files.ensure_dataset(here.conn, "2017/W01", here.why)
        assert files.ensure_dataset(here.conn, "2017/W01", here.why) == new
        assert here.get(schema.dataset, new).state == DatasetState.OPEN
        assert [line.new for line in here.history("dataset", new)] == ["OPEN"]
        assert files.dataset_id(here.conn, "2017/W01") == new
        with pytest.raises(NotRegistered):
            files.dataset_id(here.conn, "2017/W02")

    def test_runs_of_a_dataset(self, here: Situation) -> None:
        for run in (2, 1, 2):
            here.file(Role.RAW, run=run)
        assert files.runs_of(here.conn, here.dataset) == [(1, 1), (2, 2)]
