"""How much disk a job needs is told before anything moves."""

from __future__ import annotations

import pytest

from ddm.jobs import scratch
from ddm.jobs.payload import Stopped
from ddm.jobs.scratch import MARGIN, Pass

TEN = tuple((f"f{n}", 100) for n in range(10))


def test_one_by_one_needs_the_output_and_one_input():
    assert scratch.need([Pass(TEN, 1000, streamed=True)], 0) == 1000 + 100 + MARGIN
    assert scratch.need([Pass(TEN, 1000, streamed=True)], 400) == 1000 + 400 + MARGIN
    assert scratch.need([Pass(TEN, 1000, streamed=False)], 0) == 1000 + 1000 + MARGIN


def test_what_a_later_merge_needs_stays():
    first, second = Pass(TEN, 1000, streamed=True), Pass(TEN[:5], 300, streamed=True)
    assert scratch.need([first, second], 0) == 1000 + 300 + 500 + MARGIN
    apart = Pass((("g", 50),), 300, streamed=True)
    assert scratch.need([first, apart], 0) == 1300 + 50 + MARGIN


def test_less_is_fetched_ahead_where_the_disk_is_small_and_nothing_begins_where_it_is_too_small():
    sizes = tuple((f"f{n}", 40_000_000) for n in range(100))
    steps = [Pass(sizes, 4_000_000_000, streamed=True)]
    assert scratch.ahead(steps, 10**12) == scratch.AHEAD
    tight = 4_000_000_000 + MARGIN
    assert scratch.ahead(steps, tight + 200_000_000) == scratch.AHEAD // 2
    assert scratch.need(steps, scratch.ahead(steps, tight + 40_000_000)) <= tight + 40_000_000
    with pytest.raises(Stopped, match=r"needs 4.06 GB of scratch .*, 4.05 GB may be used") as error:
        scratch.ahead(steps, tight + 39_000_000)
    assert (error.value.code, error.value.fault) == ("scratch_space", "site")
