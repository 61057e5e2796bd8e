"""No observation makes a replica verified without all the evidence (invariants 1 and 5)."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from catalog.checksum import Adler32
from catalog.errors import Retry
from catalog.states import Locality
from transfers.model import Failed, Observed, Unknown
from transfers.verify import judge

SIZES = st.integers(0, 3)
SUMS = st.integers(0, 3).map(Adler32)
OBSERVATIONS = st.one_of(
    st.builds(
        Observed, SIZES, st.none() | SUMS, st.sampled_from(Locality), st.sampled_from(["service", "read"])
    ),
    st.builds(Failed, st.sampled_from(["file_missing", "tape_lost", "x"]), st.text(), st.sampled_from(Retry)),
    st.builds(Unknown, st.text()),
)


@given(SIZES, SUMS, OBSERVATIONS, st.booleans(), st.booleans())
def test_success_needs_all_the_evidence(size, adler32, seen, tape, archiving):
    event = judge(size, adler32, seen, tape=tape, archiving=archiving).event
    if event in ("verified", "on_tape", "verified_in_buffer"):
        assert isinstance(seen, Observed)
        assert (seen.size, seen.adler32) == (size, adler32)
        assert seen.locality.on_tape or seen.locality.readable
        if event != "verified_in_buffer":
            assert not tape or seen.locality.on_tape
    if event == "missing":
        assert getattr(seen, "code", "") == "file_missing" or getattr(seen, "locality", "") is Locality.LOST
    if event == "mismatch":
        assert isinstance(seen, Observed)
        assert (seen.size, seen.adler32) != (size, adler32)
    allowed = {True: {"on_tape"}, False: {"verified", "verified_in_buffer"}}[archiving]
    assert event in {None, "mismatch", "missing"} | allowed
