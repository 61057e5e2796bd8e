"""Recalls that take time, fail, and end differently, by the mock plug-in of the real gfal2 library.

A path tells the plug-in what shall happen: ``/a?staging_time=1&staging_errno=5``. Its clock is the machine's,
in whole seconds; its state is of the process, by URL, so every test has names of its own.
"""

from __future__ import annotations

import errno
import time

import pytest

from catalog.checksum import Adler32
from catalog.clock import SystemClock
from catalog.states import Locality
from tests.fixtures_gfal2 import gfal2_library
from transfers.errors import EndpointBusy, StorageTimeout
from transfers.model import Done, Failed, Observed, Outcome, Pending, StageOrder, Unknown
from transfers.ports import Stager, Storage
from transfers.registry import open_stager, open_storage
from transfers.testing.suites import code_of, settle_for_real

__all__ = ["gfal2_library"]
pytestmark = [pytest.mark.gfal2, pytest.mark.usefixtures("gfal2_library")]

FILE = "size=10&checksum=00000001"


@pytest.fixture
def prefix(request: pytest.FixtureRequest) -> str:
    return f"mock://tape/{abs(hash(request.node.nodeid))}"


def storage_at(prefix: str, **options: str) -> Storage:
    return open_storage("gfal2", prefix, clock=SystemClock(), options={"tape": "true", **options})


@pytest.fixture
def stager(prefix: str) -> Stager:
    return open_stager("gfal2", prefix, clock=SystemClock(), options={"timeout": "10"})


def staged(stager: Stager, *paths: str) -> tuple[str, dict[str, Outcome]]:
    receipt = stager.stage([StageOrder(path, 10) for path in paths])
    assert set(receipt.outcomes) == set(paths)
    return receipt.token, dict(receipt.outcomes)


def test_a_recall_is_pending_until_its_time_has_come(stager: Stager) -> None:
    path = f"/a?{FILE}&staging_time=1"
    token, outcomes = staged(stager, path)
    assert token
    assert outcomes == {path: Pending()}
    settle_for_real(lambda: stager.poll(token, [path]) == {path: Done()}, limit=5)


def test_a_file_that_is_online_already_is_seen_when_it_is_asked_for(stager: Stager) -> None:
    token, outcomes = staged(stager, f"/a?{FILE}", f"/b?{FILE}&staging_time=60")
    assert list(outcomes.values()) == [Done(), Pending()]
    assert list(stager.poll(token, list(outcomes)).values()) == [Done(), Pending()]


def test_a_recall_that_fails_in_the_end_is_of_a_class(stager: Stager) -> None:
    codes = {
        errno.EIO: "tape_lost",
        errno.ENOSPC: "quota_exceeded",
        errno.EACCES: "permission_refused",
        errno.EBUSY: "endpoint_busy",
        errno.ENOENT: "file_missing",
        errno.ECANCELED: "request_vanished",
        errno.ENOMSG: "tape_lost",
    }
    paths = [f"/{number}?{FILE}&staging_time=1&staging_errno={number}" for number in codes]
    token, outcomes = staged(stager, *paths)
    assert set(outcomes.values()) == {Pending()}
    settle_for_real(lambda: Pending() not in stager.poll(token, paths).values(), limit=5)
    assert [code_of(outcome) for outcome in stager.poll(token, paths).values()] == list(codes.values())
    for path, code in zip(paths, codes.values(), strict=True):  # and the same when it is asked about alone
        assert code_of(stager.poll(token, [path])[path]) == code


def test_each_file_of_a_request_has_its_own_end(stager: Stager) -> None:
    good, slow = f"/good?{FILE}&staging_time=1", f"/slow?{FILE}&staging_time=60"
    bad, full = (
        f"/{name}?staging_time=1&staging_errno={number}" for name, number in (("bad", 5), ("full", 28))
    )
    token, _ = staged(stager, good, bad, slow, full)
    settle_for_real(lambda: stager.poll(token, [good])[good] == Done(), limit=5)
    outcomes = stager.poll(token, [good, bad, slow, full])
    assert (outcomes[good], outcomes[slow]) == (Done(), Pending())
    assert (code_of(outcomes[bad]), code_of(outcomes[full])) == ("tape_lost", "quota_exceeded")


def test_a_refused_file_does_not_hold_up_the_others(stager: Stager) -> None:
    good, refused = f"/good?{FILE}", f"/refused?{FILE}&staging_errno=13"
    token, outcomes = staged(stager, good, refused)
    assert token
    assert outcomes[good] == Done()
    assert code_of(outcomes[refused]) == "permission_refused"


def test_a_refusal_as_missing_is_believed_only_if_the_file_is_not_seen(stager: Stager) -> None:
    seen, gone = f"/seen?{FILE}&staging_errno=2", "/gone?errno=2&staging_errno=2"
    _, outcomes = staged(stager, seen, gone)
    assert isinstance(outcomes[seen], Unknown)
    assert code_of(outcomes[gone]) == "file_missing"


def test_a_thousand_files_are_one_request(stager: Stager) -> None:
    paths = [f"/{number:04d}?{FILE}&staging_time={number % 2 * 60}" for number in range(1000)]
    token, outcomes = staged(stager, *paths)
    assert [outcomes[path] for path in paths] == [Done(), Pending()] * 500
    polled = stager.poll(token, paths[::-1])
    assert [polled[path] for path in paths] == [Done(), Pending()] * 500


def test_release_tells_what_could_not_be_released(stager: Stager) -> None:
    good, gone, bad = f"/good?{FILE}", "/gone?release_errno=2", "/bad?release_errno=5&user.status=ONLINE"
    outcomes = stager.release("token", [good, gone, bad])
    assert (outcomes[good], outcomes[gone]) == (Done(), Done())
    assert code_of(outcomes[bad]) == "transient"


def test_release_of_a_file_that_is_on_tape_only_is_done(stager: Stager) -> None:
    path = "/a?release_errno=22&user.status=NEARLINE"
    assert stager.release("token", [path]) == {path: Done()}


def test_cancel_is_done_for_each_file(stager: Stager) -> None:
    paths = [f"/{number}?{FILE}&staging_time=60" for number in range(3)]
    token, _ = staged(stager, *paths)
    assert stager.cancel(token, paths) == dict.fromkeys(paths, Done())
    assert stager.cancel("", paths) == dict.fromkeys(paths, Done())


def test_without_a_token_the_status_tells(stager: Stager) -> None:
    online, nearline, odd = (f"/a?user.status={word}" for word in ("ONLINE_AND_NEARLINE", "NEARLINE", "LOST"))
    outcomes = stager.poll("", [online, nearline, odd])
    assert outcomes[online] == Done()
    assert code_of(outcomes[nearline]) == "request_vanished"
    assert isinstance(outcomes[odd], Unknown)


# ------------------------------------------------------------------------------------------------ looking
@pytest.mark.parametrize("word", ["NEARLINE", "ONLINE_AND_NEARLINE", "LOST", "UNAVAILABLE", "NONE"])
def test_the_status_is_the_locality(prefix: str, word: str) -> None:
    path = f"/a?{FILE}&user.status={word}"
    seen = storage_at(prefix).prober.probe([path])[path]
    assert seen == Observed(10, Adler32(1), Locality(word))


@pytest.mark.parametrize("status", ["user.status=SOMEWHERE", "user.status=UNKNOWN", "x=y"])
def test_an_unknown_status_is_unknown(prefix: str, status: str) -> None:
    path = f"/a?{FILE}&{status}&archiving_errno=5"
    seen = storage_at(prefix).prober.probe([path])[path]
    assert seen == Observed(10, Adler32(1), Locality.UNKNOWN)


def test_a_file_is_online_only_until_it_is_archived(prefix: str) -> None:
    path = f"/a?{FILE}&user.status=ONLINE&archiving_time=1"
    prober = storage_at(prefix).prober
    assert prober.probe([path])[path] == Observed(10, Adler32(1), Locality.ONLINE)
    archived = Observed(10, Adler32(1), Locality.ONLINE_AND_NEARLINE)
    settle_for_real(lambda: prober.probe([path])[path] == archived, limit=5, every=0.3)


def test_a_file_whose_archiving_fails_is_not_said_to_be_on_tape_or_not(prefix: str) -> None:
    path = f"/a?{FILE}&user.status=ONLINE&archiving_errno=5"
    assert storage_at(prefix).prober.probe([path])[path] == Observed(10, Adler32(1), Locality.UNKNOWN)


def test_errors_of_single_files_do_not_touch_the_others(prefix: str) -> None:
    good, gone, shut, odd, wrong, many = (
        f"/good?{FILE}&user.status=NEARLINE",
        "/gone?errno=2",
        "/shut?errno=13",
        "/odd?errno=9999",
        "/wrong?size=10&checksum=zz&user.status=NEARLINE",
        "/many?list=a:0644:3",
    )
    seen = storage_at(prefix).prober.probe([good, gone, shut, odd, wrong, many])
    assert seen[good] == Observed(10, Adler32(1), Locality.NEARLINE)
    assert (code_of(seen[gone]), code_of(seen[shut])) == ("file_missing", "permission_refused")
    assert isinstance(seen[odd], Unknown)
    assert isinstance(seen[wrong], Unknown)
    assert code_of(seen[many]) == "unsupported"


def test_removing_tells_of_each_file(prefix: str) -> None:
    good, gone, shut, many = "/good?size=1", "/gone?errno=2", "/shut?errno=13", "/many?list=a:0644:3"
    outcomes = storage_at(prefix).remover.remove([good, gone, shut, many])
    assert outcomes[good] == Done()
    assert [code_of(outcomes[path]) for path in (gone, shut, many)] == [
        "file_missing",
        "permission_refused",
        "unsupported",
    ]


# ------------------------------------------------------------------------------------------------ deadlines
def test_a_call_that_takes_too_long_is_left_behind(prefix: str) -> None:
    storage = storage_at(prefix, timeout="1")
    slow, good = f"/slow?{FILE}&wait=3", f"/good?{FILE}&user.status=NEARLINE"
    start = time.monotonic()
    seen = storage.prober.probe([slow, good])
    assert isinstance(seen[slow], Unknown)
    assert seen[good] == Observed(10, Adler32(1), Locality.NEARLINE)
    with pytest.raises(StorageTimeout, match="deadline"):
        storage.prober.probe([slow])
    assert time.monotonic() - start < 3


def test_calls_left_behind_are_counted_and_stop_new_ones_until_they_are_back(prefix: str) -> None:
    storage = storage_at(prefix, timeout="1", calls="40")
    slow = [f"/{number}?wait=3" for number in range(40)]
    with pytest.raises(StorageTimeout):
        storage.prober.probe(slow)
    with pytest.raises(EndpointBusy, match="have not come back"):
        storage.prober.probe([f"/good?{FILE}"])

    def back() -> bool:
        try:
            return isinstance(storage.prober.probe([f"/good?{FILE}"])[f"/good?{FILE}"], Observed)
        except EndpointBusy:
            return False

    settle_for_real(back, limit=10)


def test_a_failed_outcome_says_the_path_the_words_and_the_number(stager: Stager) -> None:
    path = "/a?staging_errno=5"
    token, _ = staged(stager, path)
    outcome = stager.poll(token, [path])[path]
    assert isinstance(outcome, Failed)
    assert outcome.text.endswith("/a?staging_errno=5: Input/output error (gfal2 code 5)")
