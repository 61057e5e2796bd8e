"""gfal2 with the servers and the cases of test_xrootd_transfers: numbers as in docs/explanation/copies.md.

It speaks to the servers by an XRootD client of its own, older than ours, and writes under a temporary name.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conformance import test_xrootd_transfers as cases
from tests.conformance.test_xrootd_transfers import STRANGER
from tests.copyfield import FETCHED, MIDDLE, UPLOADED, Field, Road, Trip, by_road, open_field
from tests.fixtures_gfal2 import gfal2_library
from tests.fixtures_xrootd import xrootd_programs
from transfers.testing.relay import DOWN, UP
from transfers.testing.suites import settle_for_real

__all__ = ["gfal2_library", "xrootd_programs"]
pytestmark = [pytest.mark.gfal2, pytest.mark.xrootd, pytest.mark.usefixtures("gfal2_library")]


@pytest.fixture(scope="module")
def shared(
    tmp_path_factory: pytest.TempPathFactory, xrootd_programs: None, gfal2_library: None
) -> Iterator[Field]:
    with open_field(tmp_path_factory.mktemp("gfal2"), backend="gfal2") as ground:
        yield ground


@pytest.fixture
def ground(shared: Field) -> Iterator[Field]:
    yield shared
    shared.heal()


@by_road(UPLOADED, FETCHED)
def test_1_1_nothing_is_there(ground: Field, road: Road) -> None:
    cases.test_1_1_nothing_is_there(ground, road)


def test_1_2_an_equal_file_is_adopted(ground: Field) -> None:
    cases.test_1_2_an_equal_file_is_adopted(ground, UPLOADED)


@by_road(UPLOADED, FETCHED)
def test_1_3_another_file_is_not_touched(ground: Field, road: Road) -> None:
    trip = Trip(ground, road)
    trip.put_destination(STRANGER)
    assert trip.code() == "file_exists"
    trip.check_untouched(STRANGER)


@by_road(UPLOADED, FETCHED)
def test_2_1_it_has_vanished_since_the_plan(ground: Field, road: Road) -> None:
    cases.test_2_1_it_has_vanished_since_the_plan(ground, road)


@by_road(UPLOADED, FETCHED)
def test_2_2_it_is_too_short(ground: Field, road: Road) -> None:
    cases.test_2_2_it_is_too_short(ground, road)


@by_road(UPLOADED, FETCHED)
def test_2_4_its_bytes_are_others(ground: Field, road: Road) -> None:
    cases.test_2_4_its_bytes_are_others(ground, road)


@by_road(FETCHED, UPLOADED)
def test_3_1_and_2_nobody_listens(ground: Field, road: Road) -> None:
    """On a connection that has just been lost gfal2 says EAGAIN first: busy."""
    trip = Trip(ground, road)
    (ground.here if road.from_server else ground.there).kill()
    assert trip.code() in ("endpoint_unreachable", "endpoint_busy")
    trip.check_nothing()
    ground.dismiss()  # the library may wait for the lost connection for ever: then its process must end
    trip.check_again()


def test_3_3_the_source_is_killed_in_the_middle(ground: Field) -> None:
    trip = Trip(ground, FETCHED)
    ground.source_wire.after(DOWN, MIDDLE, ground.here.kill)
    assert trip.code() in ("endpoint_unreachable", "unknown")
    assert ground.source_wire.happened.wait(5)
    trip.check_nothing()
    trip.check_again()


def test_3_4_the_destination_is_killed_in_the_middle(ground: Field) -> None:
    """What was written under the temporary name stays, if nobody is there to be told: ``ddm`` reports it."""
    trip = Trip(ground, UPLOADED)
    ground.destination_wire.after(UP, MIDDLE, ground.there.kill)
    assert trip.code() in ("endpoint_unreachable", "unknown")
    assert ground.destination_wire.happened.wait(5)
    assert not trip.destination.exists()
    ground.heal()
    ground.dismiss()  # the library may wait for the lost connection for ever: then its process must end
    settle_for_real(lambda: trip.code() == "done", every=0.3)
    assert trip.destination.read_bytes() == trip.data


def test_6_1_the_destination_is_full(tmp_path: Path, xrootd_programs: None) -> None:
    with open_field(tmp_path, backend="gfal2", space=MIDDLE) as ground:
        trip = Trip(ground, UPLOADED)
        assert trip.code() == "quota_exceeded"
        trip.check_nothing()
