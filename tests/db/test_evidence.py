"""Evidence in the catalogue: what counts, what is due, what an old catalogue brings."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from catalog.checksum import Adler32
from catalog.db import evidence, evidence_look, schema, schema_evidence
from catalog.db.engine import Catalog
from catalog.db.move import Why, move
from catalog.evidence import Grade, Piece, Wanted, settled_in_short
from catalog.states import (
    REPLICA,
    EndpointKind,
    GroupState,
    ItemState,
    LeaseState,
    Locality,
    ReplicaState,
    Role,
)
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


def test_what_is_being_read_again_from_tape(here):
    """One that is online, one whose recall is held, one that is not AVAILABLE now, one of somebody else."""
    online, stuck, lost, theirs = (here.replica(here.file(), here.tape) for _ in range(4))
    evidence.ask(here.conn, [online, stuck, lost, theirs], here.now, reread=True)
    leases = {
        online: here.lease(online, LeaseState.ACTIVE, evidence.OURS),
        stuck: here.lease(stuck, LeaseState.WANTED, evidence.OURS),
        lost: here.lease(lost, LeaseState.WANTED, evidence.OURS),
    }
    here.lease(theirs, LeaseState.ACTIVE, "theirs")
    here.pin(theirs)
    item = here.item(stuck, state=ItemState.HELD)
    values = {"code": "tape_lost", "reason": "no such tape"}
    here.conn.execute(schema.item.update().where(schema.item.c.id == item).values(values))
    move(here.conn, REPLICA, [lost], "missing", Why(here.now, "tester"))

    (due,) = evidence.due(here.conn, here.now, 10)
    assert (due.replica_id, due.lease_id, due.pinned, due.reread) == (theirs, 0, True, True)
    (come,) = evidence.recalled(here.conn, here.now, 10)
    assert (come.replica_id, come.lease_id, come.online) == (online, leases[online], True)
    ((held, code, reason),) = evidence.held(here.conn, 10)
    assert (held.replica_id, code, reason) == (stuck, "tape_lost", "no such tape")
    (gone,) = evidence.not_to_be_read(here.conn, 10)
    assert (gone.replica_id, gone.lease_id) == (lost, leases[lost])
    assert [one.replica_id for one in evidence.of_replicas(here.conn, [lost, online])] == [online, lost]

    evidence.plan(here.conn, here.now + HOUR, [online], failed=True)  # it could not be read
    assert evidence.recalled(here.conn, here.now, 10) == []
    assert len(evidence.recalled(here.conn, here.now + HOUR, 10)) == 1


def test_no_evidence_counts_while_a_recall_brought_other_bytes(here):
    replica = here.replica(here.file(), here.tape)
    evidence.record(here.conn, [(replica, piece(here.now))])
    evidence.ask(here.conn, [replica], here.now, reread=True)
    evidence.misread(here.conn, [replica])
    assert evidence.counting(here.conn, [replica]) == {replica: ()}
    assert len(evidence.counting(here.conn, [replica], misread=True)[replica]) == 1
    evidence.read_again(here.conn, [replica], wanted=False)
    assert len(evidence.counting(here.conn, [replica])[replica]) == 1


def test_the_archive_in_short(here):
    chunk = here.file(Role.INTERMEDIATE, product="mdst")
    merged, other = (here.file(Role.FINAL, product="mDST") for _ in range(2))
    here.group([chunk], GroupState.ARCHIVED, output=merged)
    here.group([], GroupState.CHECKED, output=other, part=1)
    on_tape = here.replica(merged, here.tape)
    here.replica(other, here.tape, ReplicaState.ARCHIVING)
    evidence.record(here.conn, [(on_tape, piece(here.now)), (on_tape, piece(here.now + HOUR, Grade.A))])
    (proof,) = evidence_look.proofs(here.conn)
    assert (proof.replica_id, proof.best, proof.first, proof.last) == (
        on_tape,
        "b",
        here.now,
        here.now + HOUR,
    )
    assert (proof.first_b, proof.last_b) == (here.now, here.now)
    assert settled_in_short(proof, Wanted()) == (False, here.now + timedelta(days=1))
    assert settled_in_short(proof, Wanted(settle=timedelta())) == (True, here.now)
    assert len(evidence_look.proofs(here.conn, unasked=True)) == 1
    evidence.ask(here.conn, [on_tape], here.now)
    assert evidence_look.proofs(here.conn, unasked=True) == []
    (waiting,) = evidence_look.on_the_way(here.conn)
    assert (waiting.state, waiting.files, waiting.oldest) == ("ARCHIVING", 1, here.now)
    assert evidence_look.longest_ago(here.conn, 5) == [merged]
    disk = here.replica(chunk, here.disk, ReplicaState.TRASHED)
    assert disk
    evidence.drop(here.conn, [on_tape])
    late = here.now + 9 * HOUR
    assert evidence.growing_old(here.conn, ["mdst"], late, late, 10) == [on_tape]
    assert evidence.growing_old(here.conn, ["mdst"], late, here.now, 10) == []
    assert evidence.growing_old(here.conn, ["other"], late, late, 10) == []
