"""Sums agree with the rows whatever happens; history speaks for many at once; the unknown stays unknown."""

from __future__ import annotations

import random
from typing import Any

import pytest
from sqlalchemy import func, select

from catalog.checksum import Adler32
from catalog.db import files, registering, replicas, reports, schema, tally
from catalog.db.engine import Catalog, insert_columns
from catalog.db.move import born, move, spans
from catalog.errors import ConflictingRegistration
from catalog.states import REPLICA, JobState, ReplicaState, Role, Witness
from catalog.testing.builders import RUN, Situation, raw_file

AWKWARD = ["", " ", "\\", "\\N", "\\.", "a\tb", "a\nb", "a\rb", "\b\f\v", "'\"", "§ü漢", "NULL", "\\t"]


class CountingRules:
    """What ``catalog.db.tally``, the history and incomplete files promise."""

    def test_sums_follow_registration_counts_moves_and_retirement(self, here: Situation) -> None:
        dataset = here.new_dataset("2016/W15")
        entries = [raw_file(n, events={Witness.RAW_CATALOGUE: 10} if n % 2 else {}) for n in range(300)]
        found = registering.register(here.conn, entries, dataset=dataset, endpoint=here.tape, why=here.why)
        ids = list(found.ids.values())
        assert tally.check(here.conn) == []
        files.say_events(here.conn, [(key, Witness.READ, 7) for key in ids[:100]], here.why)
        files.say_events(here.conn, [(key, Witness.JOB, 8) for key in ids[:50]], here.why)
        assert tally.check(here.conn) == []
        copies = [row[0] for row in here.conn.execute(select(schema.replica.c.id))]
        move(here.conn, REPLICA, copies[::3], "missing", here.why)
        files.retire(here.conn, ids[5:10], here.why)
        assert tally.check(here.conn) == []
        query = tally.sums("run", noun="file", owner=dataset)
        (row,) = here.conn.execute(query).all()
        events = 100 * 7 + 100 * 10 - (5 * 7)
        assert (row.run, row.n, row.events, row.unknown) == (RUN, 295, events, 100)
        assert tally.fold_if_long(here.conn) == 0
        tally.fold(here.conn)
        assert tally.check(here.conn) == []
        assert here.conn.execute(query).all() == [row]

    def test_a_wrong_sum_is_seen_and_a_rebuild_mends_it(self, here: Situation) -> None:
        here.archived()
        assert tally.check(here.conn) == []
        before = sorted(tuple(row) for row in here.conn.execute(select(schema.tally)))
        here.conn.execute(schema.tally.update().where(schema.tally.c.noun == "job").values(n=17))
        here.conn.execute(schema.tally.delete().where(schema.tally.c.noun == "replica"))
        assert any("replicas of run" in line for line in tally.check(here.conn))
        tally.rebuild(here.conn)
        assert tally.check(here.conn) == []
        tally.fold(here.conn)
        after = sorted(tuple(row) for row in here.conn.execute(select(schema.tally)))
        assert len(after) <= len(before)

    def test_the_run_table_is_made_of_sums(self, here: Situation) -> None:
        raw = [here.file(run=RUN) for _ in range(3)]
        here.job([raw[0]], JobState.DONE)
        here.job([raw[1]], JobState.RUNNING)
        (line,) = reports.run_table(here.conn)
        assert (line.run, line.chunks, line.defined, line.running, line.finished) == (RUN, 3, 2, 1, 1)
        assert reports.run_table(here.conn, run=RUN + 1) == []

    # --------------------------------------------------------------------------- history
    @pytest.mark.parametrize("seed", range(5))
    def test_history_tells_of_each_thing_what_happened_to_it(self, here: Situation, seed: int) -> None:
        chance = random.Random(seed)
        copies = [here.replica(here.file(), here.disk) for _ in range(600)]
        happened: dict[int, list[str]] = {key: [] for key in copies}
        for event in ("doubted", "verified", "missing"):
            some = copies if event == "doubted" else chance.sample(copies, 400)
            for key in move(here.conn, REPLICA, some, event, here.why):
                happened[key].append(event)
        for key in chance.sample(copies, 40):
            assert [line.event for line in here.history("replica", key)] == happened[key]
        said = schema.history.c
        total = here.conn.execute(
            select(func.sum(said.last_id - said.noun_id + 1)).where(said.noun == "replica")
        ).scalar()
        assert total == sum(map(len, happened.values()))

    def test_spans_are_of_consecutive_ids_and_not_too_long(self) -> None:
        assert spans([4]) == ([4], [4])
        assert spans([9, 3, 4, 5]) == ([3, 9], [5, 9])
        first, last = spans(range(1, 1001))
        assert (first[0], last[-1]) == (1, 1000)
        assert all(0 <= b - a < schema.SPAN for a, b in zip(first, last, strict=True))
        assert all(b + 1 == a for a, b in zip(first[1:], last, strict=False))

    # --------------------------------------------------------------- what nobody has said
    def test_an_unknown_size_or_checksum_is_never_compared(self, here: Situation) -> None:
        dataset = here.new_dataset("2016/W15")
        entries = [raw_file(1, size=None), raw_file(2, adler32=None), raw_file(3)]
        registering.register(here.conn, entries, dataset=dataset, endpoint=here.tape, why=here.why)
        asked = replicas.comparable(here.conn, here.now, 10)
        assert [copy.path for copy in asked] == [entries[2].path]
        assert reports.pending(here.conn, here.now) == 1
        again = registering.register(here.conn, entries, dataset=dataset, endpoint=here.tape, why=here.why)
        assert (again.same, again.conflicts) == (3, ())

    def test_what_was_unknown_is_filled_in_and_what_is_known_does_not_change(self, here: Situation) -> None:
        dataset = here.new_dataset("2016/W15")
        entries = [raw_file(1, size=None, adler32=None), raw_file(2)]
        found = registering.register(here.conn, entries, dataset=dataset, endpoint=here.tape, why=here.why)
        one, other = (found.ids[entry.lfn] for entry in entries)
        said = [(one, 500, None), (other, 7, Adler32(2))]
        (conflict,) = registering.complete(here.conn, said, here.why)
        assert "known with 1002 bytes, here 7" in conflict.text
        row = here.get(schema.file, one)
        assert (row.size, row.adler32) == (500, None)
        full = raw_file(1, size=500, adler32=Adler32(9))
        again = registering.register(here.conn, [full], dataset=dataset, endpoint=here.tape, why=here.why)
        assert again.same == 1
        assert here.get(schema.file, one).adler32 == 9
        assert len(replicas.comparable(here.conn, here.now, 10)) == 2
        assert [line.event for line in here.history("file", one)] == ["registered", "completed", "completed"]
        assert tally.check(here.conn) == []

    def test_a_run_that_is_not_defined_keeps_its_dataset_open(self, here: Situation) -> None:
        dataset = here.new_dataset("2016/W15")
        files.undefine(here.conn, dataset, {RUN: "the look-up failed", RUN + 1: "no answer"}, here.why)
        files.undefine(here.conn, dataset, {RUN: "the look-up failed again"}, here.why)
        with pytest.raises(ConflictingRegistration, match=f"run {RUN} are known: the look-up failed again"):
            files.close_dataset(here.conn, "2016/W15", here.why)
        files.defined(here.conn, dataset, [RUN, RUN + 1, RUN + 2], here.why)
        assert files.undefined_runs(here.conn, dataset) == {}
        assert files.close_dataset(here.conn, "2016/W15", here.why)

    def test_paths_that_are_the_lfn_take_no_room(self, here: Situation) -> None:
        dataset = here.new_dataset("2016/W15")
        entries = [raw_file(1), raw_file(2, path="/elsewhere/2.raw")]
        registering.register(here.conn, entries, dataset=dataset, endpoint=here.tape, why=here.why)
        kept = here.conn.execute(select(schema.replica.c.path).order_by(schema.replica.c.id)).scalars().all()
        assert kept == [None, "/elsewhere/2.raw"]
        said = here.conn.execute(
            select(schema.place()).join(schema.file, schema.file.c.id == schema.replica.c.file_id)
        )
        assert sorted(said.scalars()) == sorted(entry.path for entry in entries)

    # ------------------------------------------------------------------------ many at once
    @pytest.mark.parametrize("repeated", [1, 20], ids=["few", "many"])
    def test_any_text_comes_back_as_it_was(self, catalog: Catalog, repeated: int) -> None:
        texts = AWKWARD * repeated
        columns: dict[str, Any] = {
            "noun": "test",
            "noun_id": list(range(len(texts))),
            "last_id": range(len(texts)),
            "event": texts,
            "old": "\\N\t",
            "new": "x",
            "at": catalog.clock.now(),
            "actor": "me",
            "reason": "",
        }
        with catalog.begin() as conn:
            insert_columns(conn, schema.history, columns, len(texts))
            said = schema.history.c
            found = conn.execute(select(said.event, said.old, said.at).order_by(said.noun_id)).all()
        assert [row[0] for row in found] == texts
        assert {(row[1], row[2]) for row in found} == {("\\N\t", catalog.clock.now())}

    def test_new_rows_are_counted_once(self, here: Situation) -> None:
        file = here.file(Role.FINAL, product="mDST")
        (copy,) = files.add_replicas(here.conn, [(file, "/x")], here.disk, here.why, ReplicaState.COPYING)
        assert tally.check(here.conn) == []
        born(here.conn, REPLICA, [copy], ReplicaState.COPYING, here.why)
        assert tally.check(here.conn) != []
