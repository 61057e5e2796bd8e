"""What an observation of a replica means."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from catalog.checksum import Adler32
from catalog.errors import Retry
from catalog.states import REPLICA, Locality, ReplicaState
from transfers.errors import EndpointUnreachable, FileMissing, PermissionRefused, Unsupported, failed
from transfers.model import CopyOrder, Done, Failed, Observed, Unknown
from transfers.verify import destination_as_it_is, evidence_of, judge, not_this_file

SIZE, SUM = 10, Adler32(0x04A9F1CF)
L = Locality


def seen(locality: Locality, size: int = SIZE, adler32: Adler32 | None = SUM) -> Observed:
    return Observed(size, adler32, locality)


@pytest.mark.parametrize(
    ("observation", "tape", "archiving", "event"),
    [
        (seen(L.ONLINE), False, False, "verified"),
        (seen(L.NEARLINE), True, False, "verified"),
        (seen(L.ONLINE_AND_NEARLINE), True, False, "verified"),
        (seen(L.ONLINE), True, False, "verified_in_buffer"),
        (seen(L.ONLINE), True, True, None),
        (seen(L.NEARLINE), True, True, "on_tape"),
        (seen(L.ONLINE_AND_NEARLINE), True, True, "on_tape"),
        (seen(L.NEARLINE), False, False, None),
        (seen(L.ONLINE), False, True, None),
        (seen(L.ONLINE, size=9), False, False, "mismatch"),
        (seen(L.ONLINE, size=9, adler32=None), False, False, "mismatch"),
        (seen(L.NEARLINE, adler32=Adler32(1)), True, True, "mismatch"),
        (seen(L.ONLINE, adler32=None), False, False, None),
        (seen(L.NEARLINE, adler32=None), True, True, None),
        (seen(L.LOST), True, False, "missing"),
        (seen(L.LOST, size=0), True, True, "missing"),
        (seen(L.UNAVAILABLE), True, False, None),
        (seen(L.UNAVAILABLE, size=0), True, False, None),
        (seen(L.UNKNOWN), False, False, None),
        (seen(L.NONE), False, False, None),
        (failed(FileMissing, "gone"), False, False, "missing"),
        (failed(FileMissing, "gone"), True, True, "missing"),
        (failed(PermissionRefused, "no"), False, False, None),
        (Failed("never_heard_of", "?", Retry.LATER), True, True, None),
        (Unknown("garbage"), False, False, None),
        (Unknown("garbage"), True, True, None),
    ],
)
def test_judgement(observation, tape, archiving, event):
    judgement = judge(SIZE, SUM, observation, tape=tape, archiving=archiving)
    assert judgement.event == event
    assert judgement.reason
    state = ReplicaState.ARCHIVING if archiving else ReplicaState.UNVERIFIED
    assert event is None or (state, event) in REPLICA.table


def test_the_reason_says_what_differs():
    assert "9 bytes, 10 were expected" in judge(SIZE, SUM, seen(L.ONLINE, size=9), tape=False).reason
    other = judge(SIZE, SUM, seen(L.ONLINE, adler32=Adler32(0xABC)), tape=False).reason
    assert "00000abc" in other
    assert "04a9f1cf" in other


ORDER = CopyOrder("/out.root", "file:///out.root", SIZE, SUM)


@pytest.mark.parametrize(
    ("found", "decided"),
    [
        (failed(FileMissing, "not there"), None),
        (Observed(SIZE, SUM, L.ONLINE), "done"),
        (Observed(SIZE, SUM, L.NEARLINE), "done"),
        (Observed(SIZE, Adler32(8), L.ONLINE), "file_exists"),
        (Observed(SIZE + 1, SUM, L.ONLINE), "file_exists"),
        (Observed(SIZE, None, L.ONLINE), "file_exists"),
        (failed(Unsupported, "a directory"), "file_exists"),
        (failed(EndpointUnreachable, "nobody answers"), "endpoint_unreachable"),
        (Unknown("?"), "unknown"),
    ],
)
def test_a_destination_is_adopted_when_equal_and_never_touched_otherwise(found, decided):
    match destination_as_it_is(ORDER, found):
        case None:
            said = None
        case Done():
            said = "done"
        case Failed(code):
            said = code
        case Unknown():
            said = "unknown"
    assert said == decided


@pytest.mark.parametrize(
    ("answer", "grade", "how"),
    [
        (Observed(10, Adler32(7), L.NEARLINE), "b", "kept"),
        (Observed(10, Adler32(7), L.ONLINE_AND_NEARLINE), "b", "service"),
        (Observed(10, None, L.NEARLINE), "a", ""),
        (Observed(10, Adler32(7), L.ONLINE), None, None),
        (Observed(11, Adler32(7), L.NEARLINE), None, None),
        (Observed(10, Adler32(8), L.NEARLINE), None, None),
        (Observed(10, Adler32(7), L.UNAVAILABLE), None, None),
        (Unknown("what?"), None, None),
    ],
)
def test_what_an_answer_proves_of_a_copy_on_tape(answer, grade, how) -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    piece = evidence_of(10, Adler32(7), answer, at=at, source="cta (xrootd)")
    assert (piece and piece.grade, piece and piece.how) == (grade, how)


@pytest.mark.parametrize(
    ("observation", "against"),
    [
        (seen(L.ONLINE), None),
        (failed(FileMissing, "gone already"), None),
        (seen(L.ONLINE, size=9), "size_mismatch"),
        (seen(L.ONLINE, size=9, adler32=None), "size_mismatch"),
        (seen(L.ONLINE, adler32=Adler32(1)), "checksum_mismatch"),
        (seen(L.ONLINE, adler32=None), "unknown"),
        (failed(EndpointUnreachable, "down"), "endpoint_unreachable"),
        (Unknown("?"), "unknown"),
        (None, "unknown"),
    ],
)
def test_only_the_very_bytes_are_removed_or_none(observation, against):
    found = not_this_file(SIZE, SUM, observation)
    assert getattr(found, "code", None if found is None else "unknown") == against
