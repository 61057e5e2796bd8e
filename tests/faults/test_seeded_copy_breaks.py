"""Rules of the xrootd copier are broken, one at a time, and the cases of copies.md catch each.

The cases are those of tests/conformance/test_xrootd_transfers.py; each is passed by the code as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import pytest

from tests.breaks import BREAKS
from tests.conformance import test_xrootd_transfers as cases
from tests.copyfield import STREAMED, UPLOADED, Field, Trip, open_field
from tests.fixtures_xrootd import xrootd_programs

__all__ = ["xrootd_programs"]
pytestmark = pytest.mark.xrootd

Case = Callable[[Field], None]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, xrootd_programs: None) -> Iterator[Field]:
    with open_field(tmp_path_factory.mktemp("breaks")) as ground:
        yield ground


@pytest.fixture
def ground(shared: Field) -> Iterator[Field]:
    yield shared
    shared.breaks = ""
    shared.dismiss()
    shared.heal()


def the_ordered_file_is_copied_and_no_other(ground: Field) -> None:
    """Case 1.1, with another file of the same size beside the source."""
    trip = Trip(ground, STREAMED)
    ground.here.put(trip.source_path.replace("/f.root", "/g.root"), bytes(len(trip.data)))
    assert trip.code() == "done"
    trip.check_whole()


CASES: dict[str, Case] = {
    "no_checksum": partial(cases.test_2_4_its_bytes_are_others, road=UPLOADED),
    "overwrite": partial(cases.test_1_3_another_file_is_not_touched, road=UPLOADED, same_size=False),
    "unknown_is_done": partial(cases.test_3_7_the_destination_is_killed_when_it_is_to_close, road=UPLOADED),
    "part_is_left": partial(cases.test_3_3_the_source_is_killed_in_the_middle, road=STREAMED),
    "wrong_source": the_ordered_file_is_copied_and_no_other,
    "absent_is_fine": partial(cases.test_2_1_it_has_vanished_since_the_plan, road=STREAMED),
}


def test_every_break_has_its_case() -> None:
    assert set(CASES) == set(BREAKS)


@pytest.mark.parametrize("name", CASES)
def test_a_seeded_break_is_caught(name: str, ground: Field) -> None:
    ground.breaks = name
    with pytest.raises(AssertionError):
        CASES[name](ground)
