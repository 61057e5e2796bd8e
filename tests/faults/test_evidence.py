"""Evidence is taken again by the flow: what settles, what is not heard, what contradicts, what is re-read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from catalog.checksum import Adler32
from catalog.db import evidence, pins, schema, schema_evidence, schema_recall
from catalog.db.move import move
from catalog.evidence import Grade, Piece, Settled, Wanted, settled
from catalog.states import REPLICA, LeaseState, Locality, PinState, ReplicaState
from ddm import flow
from ddm.app import App
from ddm.steps import evidence as step
from ddm.steps.rereading import AT_A_TIME
from ddm.testing.crash import Stopped, StoppingSeam, When
from ddm.testing.world import World
from tests.faults.conftest import Begin
from transfers.model import Observed

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
STRIDE = 5 * HOUR
ROUNDS = 400


class Archive:
    """A world whose merged files are on tape, inputs kept, so that only evidence moves."""

    def __init__(self, world: World, app: App) -> None:
        self.world, self.app = world, app

    def run(self) -> flow.Outcome:
        return flow.run(self.app, max_rounds=ROUNDS)

    def later(self, time: timedelta) -> None:
        """So much time passes, with a few rounds of the flow now and then."""
        end = self.world.clock.now() + time
        while self.world.clock.now() < end:
            self.world.clock.sleep(min(STRIDE, end - self.world.clock.now()))
            while any(flow.tick(self.app).values()):
                pass

    @property
    def tapes(self) -> dict[int, str]:
        """The archive copies: replica id and path."""
        r, f = schema.replica, schema.file
        query = select(r.c.id, schema.place()).join(f, f.c.id == r.c.file_id).where(f.c.role == "final")
        query = query.where(r.c.endpoint_id == self.app.endpoint_ids["tape"])
        with self.app.catalog.read() as conn:
            return {row[0]: row[1] for row in conn.execute(query)}

    def states(self) -> dict[int, str]:
        r = schema.replica
        with self.app.catalog.read() as conn:
            rows = conn.execute(select(r.c.id, r.c.state).where(r.c.id.in_(list(self.tapes))))
            return {row[0]: row[1] for row in rows}

    def counting(self) -> dict[int, tuple[Piece, ...]]:
        tapes = list(self.tapes)
        with self.app.catalog.read() as conn:
            return evidence.counting(conn, tapes)

    def asked(self) -> dict[int, Any]:
        tapes = list(self.tapes)
        with self.app.catalog.read() as conn:
            return evidence.asked(conn, tapes)

    def reasons(self, replica: int) -> list[str]:
        with self.app.catalog.read() as conn:
            rows = conn.execute(
                select(schema.history.c.reason)
                .where(schema.tells_of("replica", replica))
                .order_by(schema.history.c.id)
            )
            return [row[0] for row in rows]


@pytest.fixture
def made(begin: Begin) -> Callable[..., Archive]:
    """Makes an archive, with what the products ask of it."""

    def make(**products: Any) -> Archive:
        journey = begin(runs=1, chunks=2)
        world = journey.world
        changed = {
            name: replace(product, **({"grace": timedelta(days=10), "settle": DAY} | products))
            for name, product in world.settings.products.items()
        }
        world.settings = replace(world.settings, products=changed)
        archive = Archive(world, world.open())
        apps.append(archive.app)
        world.register(archive.app)
        assert archive.run().held == 0
        assert set(archive.states().values()) == {ReplicaState.AVAILABLE}
        return archive

    apps: list[App] = []
    yield make
    for app in apps:
        app.close()


@pytest.fixture
def archive(made: Callable[..., Archive]) -> Archive:
    return made()


def grades(pieces: dict[int, tuple[Piece, ...]]) -> set[str]:
    return {"".join(piece.grade for piece in some) for some in pieces.values()}


def test_the_first_piece_comes_with_the_copy_and_the_second_when_it_has_settled(archive: Archive) -> None:
    first = archive.counting()
    assert len(first) == 4
    assert grades(first) == {"b"}
    assert {piece.source for (piece,) in first.values()} == {"tape (memory)"}
    assert {key: piece.taken_at + DAY for key, (piece,) in first.items()} == archive.asked()
    archive.later(20 * HOUR)
    assert archive.counting() == first  # real time, not rounds
    archive.later(5 * HOUR)
    assert grades(archive.counting()) == {"bb"}
    assert archive.asked() == {}
    for pieces in archive.counting().values():
        assert isinstance(settled(pieces, Wanted(), archive.app.now), Settled)


def test_what_is_not_heard_changes_nothing_and_is_asked_again(archive: Archive) -> None:
    archive.world.tape.outage((3 * DAY).total_seconds())
    before = archive.counting()
    archive.later(2 * DAY)
    assert archive.counting() == before
    assert set(archive.states().values()) == {ReplicaState.AVAILABLE}
    assert set(archive.asked()) == set(before)
    archive.later(2 * DAY)
    assert grades(archive.counting()) == {"bb"}


@pytest.mark.parametrize(
    ("locality", "checksum", "state", "word"),
    [
        (Locality.ONLINE, "ours", "ARCHIVING", "in the buffer only"),
        (Locality.LOST, "ours", "LOST", "lost"),
        (Locality.NEARLINE, "other", "BAD", "was expected"),
        (Locality.UNAVAILABLE, "ours", "AVAILABLE", None),
        (Locality.UNKNOWN, "ours", "AVAILABLE", None),
        (Locality.NEARLINE, "none", "AVAILABLE", None),
    ],
)
def test_an_answer_that_contradicts_moves_the_replica(
    archive: Archive,
    monkeypatch: pytest.MonkeyPatch,
    locality: Locality,
    checksum: str,
    state: str,
    word: str,
) -> None:
    one, path = min(archive.tapes.items())
    true = archive.world.tape.library.observe

    def observe(asked: str, now: float) -> object:
        seen = true(asked, now)
        if asked != path or not isinstance(seen, Observed):
            return seen
        told = {"ours": seen.adler32, "other": Adler32(1), "none": None}[checksum]
        return replace(seen, locality=locality, adler32=told)

    monkeypatch.setattr(archive.world.tape.library, "observe", observe)
    before = archive.counting()[one]
    archive.later(26 * HOUR)
    assert archive.states()[one] == state
    if word is not None:
        assert any(word in reason for reason in archive.reasons(one))
        assert archive.counting()[one] == ()
        assert archive.asked().get(one) is None or state == "ARCHIVING"
    else:
        kept = archive.counting()[one]
        assert [piece for piece in kept if piece.grade is not Grade.A] == list(before)
        assert not isinstance(settled(kept, Wanted(), archive.app.now), Settled)
        assert [piece.grade for piece in kept[1:]] == ([Grade.A] if checksum == "none" else [])
        monkeypatch.undo()
        archive.later(36 * HOUR)
        assert isinstance(settled(archive.counting()[one], Wanted(), archive.app.now), Settled)
    assert grades({key: some for key, some in archive.counting().items() if key != one}) == {"bb"}


def test_a_copy_that_is_lost_and_found_starts_anew(archive: Archive) -> None:
    archive.later(26 * HOUR)
    one = min(archive.tapes)
    with archive.app.catalog.begin() as conn:
        move(
            conn,
            REPLICA,
            [one],
            "doubted",
            archive.app.why("a reader complained"),
            next_try_at=archive.app.now,
        )
    archive.run()
    assert archive.states()[one] == "AVAILABLE"
    assert len(archive.counting()[one]) == 1
    assert one in archive.asked()
    archive.later(26 * HOUR)
    assert len(archive.counting()[one]) == 2


def test_evidence_behind_the_trash_is_taken_again_before_it_is_too_old(made: Callable[..., Archive]) -> None:
    archive = made(evidence_age=2 * DAY, grace=3 * DAY)
    archive.later(2.8 * DAY)
    assert grades(archive.counting()) == {"bb"}  # the inputs are withdrawn, their grace time is not over
    archive.later(0.9 * DAY)
    assert grades(archive.counting()) == {"bbb"}
    for pieces in archive.counting().values():
        assert archive.app.now - pieces[-1].taken_at < DAY
    archive.later(3 * DAY)
    assert grades(archive.counting()) == {"bbb"}  # they are gone, and nothing more is asked


def test_what_is_wanted_later_is_asked_for(archive: Archive) -> None:
    """The settings ask for more than when the evidence was taken."""
    archive.later(26 * HOUR)
    assert archive.asked() == {}
    products = {
        name: replace(product, evidence=Grade.C, settle=3 * DAY)
        for name, product in archive.app.settings.products.items()
    }
    archive.app.settings = replace(archive.app.settings, products=products)
    archive.later(5 * DAY)
    for pieces in archive.counting().values():
        assert isinstance(settled(pieces, Wanted(Grade.C, 3 * DAY), archive.app.now), Settled)


# ------------------------------------------------------------------------------------- re-reading
def leases(archive: Archive) -> list[tuple[int, str]]:
    lease = schema_recall.lease
    with archive.app.catalog.read() as conn:
        rows = conn.execute(select(lease.c.replica_id, lease.c.state).order_by(lease.c.id))
        return [(row[0], row[1]) for row in rows if row[0] in archive.tapes]


def test_grade_c_is_read_from_tape_with_the_manners_of_a_campaign(made: Callable[..., Archive]) -> None:
    archive = made(evidence=Grade.C)
    assert {observed(archive, path) for path in archive.tapes.values()} == {Locality.ONLINE_AND_NEARLINE}
    archive.later(40 * HOUR)
    assert {"".join(sorted(one)) for one in grades(archive.counting())} == {"bbc"}
    for pieces in archive.counting().values():
        (read,) = (piece for piece in pieces if piece.grade is Grade.C)
        assert read.how == "read"
        assert read.request.startswith("lease ")
        assert any(piece.locality is Locality.NEARLINE for piece in pieces if piece.taken_at < read.taken_at)
        assert isinstance(settled(pieces, Wanted(Grade.C), archive.app.now), Settled)
    assert {state for _, state in leases(archive)} == {LeaseState.RELEASED}
    assert archive.asked() == {}
    archive.later(2 * HOUR)
    with archive.app.catalog.read() as conn:
        pins = conn.execute(
            select(schema.pin.c.state).where(schema.pin.c.replica_id.in_(list(archive.tapes)))
        ).scalars()
        assert set(pins) == {PinState.RELEASED}
    assert {observed(archive, path) for path in archive.tapes.values()} == {Locality.NEARLINE}


def observed(archive: Archive, path: str) -> Locality:
    seen = archive.world.tape.probe([path])[path]
    assert isinstance(seen, Observed)
    return seen.locality


def test_one_bad_recall_is_recalled_again_and_meanwhile_no_evidence_counts(
    made: Callable[..., Archive],
) -> None:
    archive = made(evidence=Grade.C)
    one, path = min(archive.tapes.items())
    archive.world.tape.inject(path, "corrupt", 1)
    archive.later(25 * HOUR)
    seen = set()
    for _ in range(60):
        archive.later(HOUR)
        seen.add(len(archive.counting()[one]))
        if Grade.C in {piece.grade for piece in archive.counting()[one]}:
            break
    assert 0 in seen
    assert archive.states()[one] == "AVAILABLE"
    assert Grade.C in {piece.grade for piece in archive.counting()[one]}


def test_a_tape_that_twice_brings_other_bytes_makes_the_copy_bad(made: Callable[..., Archive]) -> None:
    archive = made(evidence=Grade.C)
    one, path = min(archive.tapes.items())
    archive.world.tape.inject(path, "corrupt", None)
    archive.later(60 * HOUR)
    assert archive.states()[one] == "BAD"
    assert "came from tape" in archive.reasons(one)[-1]
    assert archive.asked().get(one) is None
    assert (one, LeaseState.RELEASED) in leases(archive)
    others = {key: pieces for key, pieces in archive.counting().items() if key != one}
    assert {"".join(sorted(text)) for text in grades(others)} == {"bbc"}


def test_a_person_can_ask_for_a_re_read_of_what_needs_none(archive: Archive) -> None:
    archive.later(26 * HOUR)
    one = min(archive.tapes)
    with archive.app.catalog.begin() as conn:
        evidence.ask(conn, [one], archive.app.now, reread=True)
    archive.later(20 * HOUR)
    assert "".join(sorted(piece.grade for piece in archive.counting()[one])) == "bbbc"
    assert archive.asked() == {}


def test_a_file_that_others_have_recalled_is_waited_for(archive: Archive) -> None:
    archive.later(26 * HOUR)
    one = min(archive.tapes)
    with archive.app.catalog.begin() as conn:
        pins.pin(conn, [one], "theirs", archive.app.now + DAY, archive.app.why())
        evidence.ask(conn, [one], archive.app.now, reread=True)
    with archive.app.catalog.read() as conn:
        due = evidence.of_replicas(conn, [one])
    step.look(archive.app, due)
    assert due[0].pinned
    assert leases(archive) == []
    assert observed(archive, archive.tapes[one]) is Locality.ONLINE_AND_NEARLINE  # not evicted under a reader


def test_reading_takes_a_part_of_a_round_only(
    made: Callable[..., Archive], monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = made(evidence=Grade.C)
    true, counts = archive.world.tape.reread, []

    def slow(paths: Any, watch: Any = None) -> Any:
        archive.world.clock.sleep(AT_A_TIME)
        counts[-1] += 1
        return true(paths)

    monkeypatch.setattr(archive.world.tape, "reread", slow)
    for _ in range(34):
        counts.append(0)
        archive.world.clock.sleep(HOUR)
        flow.tick(archive.app)
    assert max(counts) == 1
    assert sum(counts) == 4


def test_the_pieces_are_in_one_place_only(archive: Archive) -> None:
    """Nothing is ever written over or taken away."""
    v = schema_evidence.evidence
    with archive.app.catalog.read() as conn:
        before = conn.execute(select(v).order_by(v.c.id)).all()
    archive.later(26 * HOUR)
    with archive.app.catalog.read() as conn:
        assert conn.execute(select(v).order_by(v.c.id)).all()[: len(before)] == before


@pytest.mark.parametrize(
    ("name", "when"), [("tape.reread", When.AFTER), ("commit", When.BEFORE), ("commit", When.AFTER)]
)
def test_a_crash_while_a_file_is_read_again_changes_nothing(
    made: Callable[..., Archive], name: str, when: When
) -> None:
    """``commit``: the one that writes down what was read."""
    archive = made(evidence=Grade.C)

    class AfterReading(StoppingSeam):
        @contextmanager
        def crossing(self, crossed: str) -> Iterator[None]:
            reads = any(seen == "tape.reread" for seen in self.crossings)
            if self._at is None and (crossed == name if name == "tape.reread" else reads):
                self._at = len(self.crossings) + 1
            with super().crossing(crossed):
                yield

    seam = AfterReading(when=when)
    stopped = archive.world.open(seam)
    archive.app, still = stopped, archive.app
    with pytest.raises(Stopped):
        archive.later(40 * HOUR)
    stopped.close()
    archive.app = still
    flow.recover(archive.app)
    archive.later(20 * HOUR)
    assert {"".join(sorted(one)) for one in grades(archive.counting())} == {"bbc"}
    assert archive.asked() == {}
    assert {state for _, state in leases(archive)} == {LeaseState.RELEASED}
    assert len(leases(archive)) == 4  # none was asked for twice
