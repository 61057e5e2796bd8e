"""The flow archives through an FTS that its settings name; killed around any call, each copy is made once."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from catalog.checksum import Adler32
from catalog.db import schema as db
from ddm import flow
from ddm.app import open_app
from ddm.testing.crash import Stopped, StoppingSeam, When
from tests.faults.conftest import Begin
from tests.faults.journeys import MAX_ROUNDS, Journey
from tests.fixtures_fts import credentials
from transfers.testing.fts import Credentials, FtsServer

__all__ = ["credentials"]
pytestmark = [
    pytest.mark.fts,
    pytest.mark.filterwarnings("ignore:unclosed file <_io.BufferedReader name='.*proxy-.*:ResourceWarning"),
]


@contextmanager
def through_fts(journey: Journey, credentials: Credentials) -> Iterator[FtsServer]:
    """An FTS in front of the world's storages, and settings that name it."""
    world = journey.world
    storages = {f"memory://{store.name}/": store.storage() for store in (world.disk, world.tape)}
    with FtsServer(world.clock, storages) as fts:
        fts.grant()
        options = {
            "endpoint": fts.url,
            "proxy": str(credentials.proxy()),
            "ca": str(credentials.ca),
            "max_files": "2",
        }
        tape = replace(
            world.settings.endpoints["tape"], transfer="fts", transfer_options=options, archive_hints=True
        )
        world.settings = replace(world.settings, endpoints={**world.settings.endpoints, "tape": tape})
        yield fts


def go(journey: Journey, seam: StoppingSeam | None = None) -> flow.Outcome:
    world = journey.world
    world.open().close()  # makes the database
    app = open_app(
        world.settings, clock=world.clock, seam=seam, chance=random.Random(7), runners={"sim": world.runner}
    )
    try:
        world.register(app)
        return flow.run(app, max_rounds=MAX_ROUNDS)
    finally:
        app.close()


def good_end(journey: Journey, fts: FtsServer, outcome: flow.Outcome) -> None:
    assert (outcome.held, outcome.pending) == (0, 0)
    assert journey.violations() == []
    assert set(fts.moved.values()) == {1}
    files = [file.destination for job in fts.jobs.values() for file in job.files]
    assert sorted(files) == sorted(fts.moved)


def test_the_flow_archives_through_fts(begin: Begin, credentials: Credentials) -> None:
    journey = begin(runs=1, chunks=2)
    with through_fts(journey, credentials) as fts:
        good_end(journey, fts, go(journey))
        job = next(iter(fts.jobs.values()))
        assert job.params["archive_timeout"] == 86400
        assert {file.state for file in job.files} == {"FINISHED"}
        assert all(file.archive_finish_time for file in job.files)
        hints = [file.archive_metadata for job in fts.jobs.values() for file in job.files]
        groups = {"0": "2016P08", "1": "dvcs2016P08", "2": "275678"}
        assert [told["collocation_hints"] for told in hints] == [groups] * 4
        assert {told["scheduling_hints"]["priority"] for told in hints} == {"60"}
        assert {told["additional_hints"]["activity"] for told in hints} == {"mass production"}


@pytest.mark.parametrize("when", When)
def test_a_crash_around_the_submission_by_the_flow_copies_nothing_twice(
    begin: Begin, credentials: Credentials, when: When
) -> None:
    journey = begin(runs=1, chunks=2)
    with through_fts(journey, credentials) as fts:

        class AtSubmission(StoppingSeam):
            @contextmanager
            def crossing(self, name: str) -> Iterator[None]:
                if name == "tape.submit" and self._at is None:
                    self._at = len(self.crossings) + 1
                with super().crossing(name):
                    yield

        with pytest.raises(Stopped):
            go(journey, AtSubmission(when=when))
        assert (len(fts.jobs) > 0) is (when is When.AFTER)
        good_end(journey, fts, go(journey))


def test_equal_is_adopted_different_is_held_and_never_touched(begin: Begin, credentials: Credentials) -> None:
    journey = begin(runs=1, chunks=2)
    with through_fts(journey, credentials):
        go(journey)
    archived = {row.lfn: row for row in merged(journey)}
    equal, longer, other = sorted(archived)[:3]
    journey = begin(runs=1, chunks=2)
    theirs = {
        equal: (archived[equal].size, archived[equal].adler32),
        longer: (archived[longer].size + 1, archived[longer].adler32),
        other: (archived[other].size, archived[other].adler32 ^ 1),
    }
    for path, (size, checksum) in theirs.items():
        journey.world.tape.put(path, size, Adler32(checksum))
    with through_fts(journey, credentials) as fts:
        outcome = go(journey)
        assert outcome.held == 2
        moved = {url.removeprefix("memory://tape") for url, times in fts.moved.items() if times}
        assert moved == set(archived) - set(theirs)
    found = {row.lfn: row for row in merged(journey)}
    assert [row.state for path, row in found.items() if path not in (longer, other)] == ["AVAILABLE"] * 2
    with journey.guard.catalog.read() as conn:
        h, i = db.history, db.item
        adopted = conn.execute(
            select(h.c.reason).where(db.tells_of("replica", found[equal].replica), h.c.event == "landed")
        ).scalar_one()
        query = select(i.c.replica_id, i.c.reason).where(i.c.state == "HELD", i.c.code == "file_exists")
        held = {row[0]: row[1] for row in conn.execute(query)}
    assert adopted.startswith("adopted: ")
    for path in (longer, other):
        assert found[path].state == "COPYING"
        reason = held[found[path].replica]
        assert f"{theirs[path][0]} bytes, adler32 {Adler32(theirs[path][1])}" in reason
        assert f"{archived[path].size} bytes, adler32 {Adler32(archived[path].adler32)}" in reason
        record = journey.world.tape.library.files[path]
        assert (record.size, record.adler32) == theirs[path]


def merged(journey: Journey) -> list[Any]:
    """The copies on tape of merged files: what the catalogue has of them."""
    r, f = db.replica, db.file
    query = (
        select(db.lfn(), f.c.size, f.c.adler32, r.c.state, r.c.id.label("replica"))
        .join(f, f.c.id == r.c.file_id)
        .join(db.endpoint, db.endpoint.c.id == r.c.endpoint_id)
        .where(f.c.role == "final", db.endpoint.c.kind == "tape")
    )
    with journey.guard.catalog.read() as conn:
        return list(conn.execute(query).all())
