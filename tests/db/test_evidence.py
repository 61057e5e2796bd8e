"""Evidence in the catalogue: what counts, what is due, what an old catalogue brings."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from catalog.checksum import Adler32
from catalog.db import evidence, schema, schema_evidence
from catalog.db.engine import Catalog
from catalog.db.move import Why, move
from catalog.evidence import Grade, Piece
from catalog.states import REPLICA, EndpointKind, GroupState, Locality, ReplicaState, Role
from catalog.testing.builders import Situation
from tests.db import keep

HOUR = timedelta(hours=1)


def piece(at, grade=Grade.B):
    told = (1000, Adler32(7)) if grade is not Grade.A else (None, None)
    return Piece(grade, at, "tape (memory)", "service", "", *told, Locality.NEARLINE)


@pytest.fixture
def here(catalog):
    with catalog.begin() as conn:
        yield Situation(conn, catalog.clock)


def test_what_was_seen_is_read_back(here):
    replica = here.replica(here.file(), here.tape)
    first, second = piece(here.now, Grade.A), piece(here.now + HOUR)
    evidence.record(here.conn, [(replica, first), (replica, second)])
    assert evidence.counting(here.conn, [replica]) == {replica: (first, second)}
    evidence.record(here.conn, [])
    assert evidence.everything(here.conn, [replica, replica + 1]) == {
        replica: (first, second),
        replica + 1: (),
    }


def test_a_copy_that_was_doubted_starts_anew(here):
    replica = here.replica(here.file(), here.tape)
    evidence.record(here.conn, [(replica, piece(here.now))])
    later = Why(here.now + HOUR, "tester")
    move(here.conn, REPLICA, [replica], "doubted", later)
    assert evidence.counting(here.conn, [replica]) == {replica: ()}
    move(here.conn, REPLICA, [replica], "verified", later)
    assert evidence.counting(here.conn, [replica]) == {replica: ()}  # nothing of before
    evidence.record(here.conn, [(replica, piece(later.at))])
    assert evidence.counting(here.conn, [replica]) == {replica: (piece(later.at),)}
    assert len(evidence.everything(here.conn, [replica])[replica]) == 2


def test_a_grade_above_a_needs_size_and_checksum(here):
    replica = here.replica(here.file(), here.tape)
    with pytest.raises(DBAPIError, match="ck_evidence_told"):
        evidence.record(here.conn, [(replica, Piece(Grade.B, here.now, "cta", size=1000))])
    here.conn.rollback()


def test_the_earliest_wish_counts(here):
    one, other = (here.replica(here.file(), here.tape) for _ in range(2))
    evidence.ask(here.conn, [one, other], here.now + 3 * HOUR)
    evidence.ask(here.conn, [one], here.now + HOUR)
    evidence.ask(here.conn, [other], here.now + 5 * HOUR)
    assert evidence.asked(here.conn, [one, other]) == {one: here.now + HOUR, other: here.now + 3 * HOUR}
    assert evidence.waiting(here.conn) == {"tape": (2, here.now + HOUR)}
    assert evidence.due(here.conn, here.now, 10) == []
    assert [due.replica_id for due in evidence.due(here.conn, here.now + 4 * HOUR, 10)] == [one, other]
    assert [due.replica_id for due in evidence.due(here.conn, here.now + 4 * HOUR, 1)] == [one]
    evidence.plan(here.conn, here.now + 6 * HOUR, [one], failed=True)
    evidence.drop(here.conn, [other])
    (due,) = evidence.due(here.conn, here.now + 9 * HOUR, 10)
    assert (due.replica_id, due.tries, due.endpoint, due.size) == (one, 1, "tape", 1000)


def test_the_copies_on_tape_behind_a_copy_on_disk(here):
    chunk = here.file(Role.INTERMEDIATE, product="mdst")
    on_disk = here.replica(chunk, here.disk)
    merged = here.file(Role.FINAL, product="mdst")
    here.group([chunk], GroupState.ARCHIVED, output=merged)
    on_tape, spare = here.replica(merged, here.tape), here.replica(merged, here.disk)
    own = here.replica(chunk, here.tape)
    assert evidence.behind(here.conn, [on_disk]) == sorted([on_tape, own])
    assert evidence.behind(here.conn, [spare]) == [on_tape]
    move(here.conn, REPLICA, [on_tape], "doubted", Why(here.now, "tester"))
    assert evidence.behind(here.conn, [on_disk]) == [own]


@pytest.mark.parametrize("revision", keep.revisions())
def test_what_an_old_catalogue_had_compared_on_tape_is_of_grade_b(empty_url, revision):
    keep.load_released(empty_url, revision)
    with Catalog(empty_url) as catalog:
        catalog.create()
        with catalog.read() as conn:
            r, e = schema.replica, schema.endpoint
            query = (
                select(r.c.id, r.c.verified_at)
                .join(e, e.c.id == r.c.endpoint_id)
                .where(r.c.state == ReplicaState.AVAILABLE, e.c.kind == EndpointKind.TAPE)
            )
            known = {row[0]: row[1] for row in conn.execute(query)}
            found = evidence.everything(conn, list(known))
            total = conn.execute(text("SELECT count(*) FROM evidence")).scalar_one()
            assert total == len(known) > 10
            for key, (one,) in found.items():
                assert (one.grade, one.taken_at, one.how) == (Grade.B, known[key], "service")
                assert one.size is not None
                assert one.adler32 is not None
            counted = evidence.counting(conn, list(known))
            assert [key for key, pieces in counted.items() if not pieces] == []
            due = set(conn.execute(select(schema_evidence.evidence_due.c.replica_id)).scalars())
            assert due
            assert due <= set(known)
            merged = evidence.due(conn, max(known.values()) + HOUR, 10_000)
            assert {one.replica_id for one in merged} == due
            assert {one.product for one in merged} & {"mDST", "hist"}
