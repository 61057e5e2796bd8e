"""Cases of test_xrootd_transfers once more, spoken through the client library: as to all servers that want a
credential, TLS, or send one elsewhere. The others are spoken to directly.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conformance import test_xrootd_transfers as cases
from tests.copyfield import FETCHED, STREAMED, UPLOADED, Field, Road, by_road, open_field
from tests.fixtures_xrootd import xrootd_programs

__all__ = ["xrootd_programs"]
pytestmark = pytest.mark.xrootd


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, xrootd_programs: None) -> Iterator[Field]:
    with open_field(tmp_path_factory.mktemp("library")) as ground:
        ground.options["plain"] = "false"
        yield ground


@pytest.fixture
def ground(shared: Field) -> Iterator[Field]:
    yield shared
    shared.heal()


@by_road()
def test_1_1_nothing_is_there(ground: Field, road: Road) -> None:
    cases.test_1_1_nothing_is_there(ground, road)


def test_1_4_a_file_that_another_writes_meanwhile_is_not_touched(ground: Field) -> None:
    cases.test_1_4_a_file_that_another_writes_meanwhile_is_not_touched(ground, STREAMED)


@by_road(STREAMED, FETCHED)
def test_3_3_the_source_is_killed_in_the_middle(ground: Field, road: Road) -> None:
    cases.test_3_3_the_source_is_killed_in_the_middle(ground, road)


def test_3_4_the_destination_is_killed_in_the_middle(ground: Field) -> None:
    cases.test_3_4_the_destination_is_killed_in_the_middle(ground, UPLOADED)


def test_3_7_the_destination_is_killed_when_it_is_to_close(ground: Field) -> None:
    cases.test_3_7_the_destination_is_killed_when_it_is_to_close(ground, UPLOADED)


def test_4_4_the_destination_falls_silent_in_the_middle(ground: Field) -> None:
    cases.test_4_4_the_destination_falls_silent_in_the_middle(ground, UPLOADED)


def test_4_6_the_destination_falls_silent_when_it_is_to_open(ground: Field) -> None:
    """Left to itself the library closes what was opened too late, and an empty file is seen for good."""
    cases.test_4_6_the_destination_falls_silent_when_it_is_to_open(ground, UPLOADED)


def test_5_2_the_connection_breaks_in_the_middle(ground: Field) -> None:
    cases.test_5_2_the_connection_breaks_in_the_middle(ground, STREAMED)
