"""What verifying contents finds, on both databases, and no false alarm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from catalog.checksum import Adler32
from catalog.db.move import move
from catalog.errors import IllegalTransition
from catalog.states import REPLICA, ContentOutcome, HowVerified
from ddm.operations import verifying as operations
from ddm.steps import common, contents, verify
from ddm.steps.contents import Waits
from tests.db.verifying_fixtures import BRAKED, DONE, GOING, Make, lite, make
from tests.reconcile.verified import DISK, SIZE, Verified, telling
from transfers.errors import EndpointUnreachable
from transfers.model import Unknown

__all__ = ["lite", "make"]


# ------------------------------------------------------------------------------- what is found
def test_everything_good_is_verified_and_nothing_moves(make: Make) -> None:
    here = make()
    before = here.rows()
    ended = here.run(here.begin())
    assert [it.state for it in ended.rounds] == [DONE]
    assert (ended.rounds[0].good, ended.rounds[0].odd, ended.outcomes) == (6, 0, ())
    after = here.rows()
    assert [row.state for row in after] == ["AVAILABLE"] * 6
    assert [row.since for row in after] == [row.since for row in before]
    assert {row.verified_how for row in after} == {"service"}
    assert min(row.verified_at for row in after) > max(row.verified_at for row in before)
    assert {row.read_at for row in after} == {None}
    here.read()
    assert {row.verified_how for row in here.rows()} == {"read"}
    assert None not in {row.read_at for row in here.rows()}


@pytest.mark.parametrize("how", list(HowVerified))
def test_what_differs_is_bad_and_what_is_missing_is_lost_with_the_evidence(make: Make, how: Any) -> None:
    here = make()
    here.spoil(1)
    here.spoil(2, size=10)
    here.lose(4)
    ended = here.run(here.begin(how=how))
    assert here.states() == ["AVAILABLE", "BAD", "BAD", "AVAILABLE", "LOST", "AVAILABLE"]
    assert dict(ended.outcomes) == {ContentOutcome.DIFFERS: 2, ContentOutcome.MISSING: 1}
    assert {one.lfn for one in ended.found} == {here.lfns[n] for n in (1, 2, 4)}
    rows = here.rows()
    assert "adler32 000000fd, 00000002 was expected" in here.reason(rows[1].id)
    assert "10 bytes, 1002 were expected" in here.reason(rows[2].id)
    assert here.world.disk.library.files[here.lfns[1]].adler32 == Adler32(0xFD)  # nothing was removed


def test_a_server_that_tells_what_it_wrote_down_is_found_out_by_reading_only(lite: Make) -> None:
    here = lite()
    here.spoil(3)
    told = {here.lfns[3]: (SIZE + 3, Adler32(4))}
    here.again(disk=telling(here.world.disk.storage(), told))
    here.run(here.begin())
    assert set(here.states()) == {"AVAILABLE"}  # its word is worth no more
    here.read()
    assert here.states()[3] == "BAD"


def test_a_server_that_tells_wrong_makes_no_copy_bad(lite: Make) -> None:
    here = lite()
    here.again(disk=telling(here.world.disk.storage(), {here.lfns[3]: (SIZE + 3, Adler32(9))}))
    ended = here.run(here.begin())
    assert set(here.states()) == {"AVAILABLE"}
    ((outcome, n),) = ended.outcomes
    assert (outcome, n) == (ContentOutcome.TOLD_WRONG, 1)
    assert here.rows()[3].verified_how == "read"
    unread = replace(
        telling(here.world.disk.storage(), {here.lfns[3]: (SIZE + 3, Adler32(9))}), rereader=Mute()
    )
    here.again(disk=unread)
    here.run(here.begin())
    assert here.states()[3] == "SUSPECT"  # nobody can tell: the flow compares it


def doubted(here: Verified, n: int, told: int, reader: Any = None) -> None:
    """A reader complained of a copy of which the server tells this adler32."""
    storage = telling(here.world.disk.storage(), {here.lfns[n]: (SIZE + n, Adler32(told))})
    here.again(disk=storage if reader is None else replace(storage, rereader=reader))
    with here.app.catalog.begin() as conn:
        common.doubt(here.app, conn, [here.rows()[n].id], "a job could not read it")


def test_the_word_of_a_server_makes_no_doubted_copy_bad(lite: Make) -> None:
    """It may be the very word that it is doubted for: the bytes decide."""
    here = lite()
    doubted(here, 3, told=9)
    verify.compare(here.app)
    row = here.rows()[3]
    assert (row.state, row.verified_how) == ("AVAILABLE", "read")
    assert row.read_at == here.app.now


def test_a_doubted_copy_whose_bytes_are_others_is_bad(lite: Make) -> None:
    here = lite()
    here.spoil(3)
    doubted(here, 3, told=9)
    verify.compare(here.app)
    assert here.states()[3] == "BAD"
    assert "(read twice)" in here.reason(here.rows()[3].id)


def test_a_doubted_copy_that_cannot_be_read_stays_doubted(lite: Make) -> None:
    here = lite()
    doubted(here, 3, told=9, reader=Mute())
    for _ in range(3):
        verify.compare(here.app)
        here.later(timedelta(days=1))
    row = here.rows()[3]
    assert (row.state, row.tries) == ("SUSPECT", 3)
    here.again()
    verify.compare(here.app)
    assert here.states()[3] == "AVAILABLE"


def test_no_more_is_read_of_doubted_copies_at_a_time_than_is_bearable(lite: Make, monkeypatch: Any) -> None:
    monkeypatch.setattr(verify, "READ_AT_ONCE", 2)
    here = lite(files=5)
    told = {here.lfns[n]: (SIZE + n, Adler32(99)) for n in range(5)}
    here.again(disk=telling(here.world.disk.storage(), told))
    with here.app.catalog.begin() as conn:
        common.doubt(here.app, conn, [row.id for row in here.rows()], "its server was away")
    for left in (3, 1, 0):
        verify.compare(here.app)
        assert here.states().count("SUSPECT") == left
        here.later(here.app.settings.flow.interval)


class Mute:
    """A reader that nobody hears."""

    def reread(self, paths: Sequence[str], watch: Any = None) -> dict[str, Any]:
        return {path: Unknown("the line broke") for path in paths}


def test_what_cannot_be_read_is_unknown_comes_again_and_is_left_to_another_round(lite: Make) -> None:
    here = lite(files=2)
    here.again(disk=replace(here.world.disk.storage(), rereader=Mute()))
    it = here.begin(how=HowVerified.READ)
    here.run(it, once=True)
    assert here.one(it.id).state is GOING
    assert set(here.states()) == {"AVAILABLE"}
    ended = here.run(it)  # with growing waits, until it is given up
    assert ended.rounds[0].state is DONE
    assert dict(ended.outcomes) == {ContentOutcome.UNREAD: 2}
    assert set(here.states()) == {"AVAILABLE"}
    assert {row.read_at for row in here.rows()} == {None}
    here.again()
    assert here.read().rounds[0].good == 2


def test_a_storage_that_is_not_there_says_nothing_of_files(lite: Make) -> None:
    here = lite()

    class Away:
        def probe(self, paths: Sequence[str]) -> Any:
            raise EndpointUnreachable("nobody is there", subject=DISK)

    here.again(disk=replace(here.world.disk.storage(), prober=Away()))
    it = here.begin()
    turn = contents.turn(here.app, it.id)
    assert isinstance(turn, Waits)
    assert "nobody is there" in turn.why
    here.again()
    ended = here.run(it)
    assert (ended.rounds[0].state, ended.rounds[0].good) == (DONE, 6)


# ------------------------------------------------------------------------- no false alarm
@pytest.mark.parametrize("event", ["trashed", "doubted"])
def test_what_somebody_changes_while_it_is_looked_at_is_passed_over(make: Make, event: str) -> None:
    """It is withdrawn, and its bytes go, between our look at the catalogue and the answer."""
    here = make()
    catalog, victim = here.app.catalog, here.rows()[2].id

    class Meanwhile:
        inner = here.world.disk.storage().prober

        def probe(self, paths: Sequence[str]) -> Any:
            if here.lfns[2] in here.world.disk.library.files:
                here.lose(2)
                with here.app.catalog.begin() as conn:
                    assert move(conn, REPLICA, [victim], event, here.app.why("meanwhile"))
            return self.inner.probe(paths)

    assert catalog is here.app.catalog
    here.again(disk=replace(here.world.disk.storage(), prober=Meanwhile()))
    ended = here.run(here.begin())
    assert (ended.rounds[0].passed, ended.rounds[0].odd, ended.outcomes) == (1, 0, ())
    assert here.states()[2] == {"trashed": "TRASHED", "doubted": "SUSPECT"}[event]


def test_a_copy_that_came_back_meanwhile_is_another_copy(lite: Make) -> None:
    here = lite()
    victim = here.rows()[2].id

    class Meanwhile:
        inner = here.world.disk.storage().prober

        def probe(self, paths: Sequence[str]) -> Any:
            answers = self.inner.probe(paths)
            with here.app.catalog.begin() as conn:
                if move(conn, REPLICA, [victim], "doubted", here.app.why("a reader complained")):
                    here.later(timedelta(seconds=1))
                    move(conn, REPLICA, [victim], "verified", here.app.why("it was put back"))
            return {**answers, here.lfns[2]: self.inner.probe(["/nowhere"])["/nowhere"]}

    here.again(disk=replace(here.world.disk.storage(), prober=Meanwhile()))
    ended = here.run(here.begin())
    assert here.states()[2] == "AVAILABLE"
    assert ended.rounds[0].passed == 1


def test_what_is_not_available_is_not_looked_at(lite: Make) -> None:
    here = lite()
    rows = here.rows()
    with here.app.catalog.begin() as conn:
        move(conn, REPLICA, [rows[0].id], "trashed", here.app.why("x"))
    it = here.begin()
    assert it.files == 5
    assert here.run(it).rounds[0].good == 5


def test_when_too_much_differs_nothing_more_is_marked_until_a_person_has_looked(lite: Make) -> None:
    here = lite(files=30)
    for n in range(5, 30):
        here.lose(n)  # as if a disk were not mounted
    it = here.begin()
    ended = here.run(it)
    assert ended.rounds[0].state is BRAKED
    assert set(here.states()) == {"AVAILABLE"}
    assert "25 of 30 files" in str(ended.rounds[0].reason)
    with pytest.raises(IllegalTransition, match="braked"):
        operations.resume(here.app.catalog, it.id, "")
    with pytest.raises(IllegalTransition, match="is BRAKED"):
        here.begin()
    operations.resume(here.app.catalog, it.id, "the disk is dead")
    assert here.run(it).rounds[0].odd == 25
    assert here.states().count("LOST") == 25
