"""What to do after a failure."""

from __future__ import annotations

import pytest

import transfers.errors
from catalog.errors import Retry
from catalog.states import RequestKind
from transfers.errors import PermanentStorageError, StorageError
from transfers.policy import BY_CODE, FEW, FOREVER, Action, decide

ERRORS = [
    error
    for error in vars(transfers.errors).values()
    if isinstance(error, type) and issubclass(error, StorageError)
]


def test_every_storage_error_has_a_row():
    assert {error.code for error in ERRORS} == set(BY_CODE)


ENDPOINT = {
    "endpoint_busy",
    "endpoint_unreachable",
    "storage_timeout",
    "quota_exceeded",
    "transfer_stopped",
    "credential_expired",
    "credential_missing",
    "circuit_open",
}


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.code)
@pytest.mark.parametrize("kind", RequestKind)
def test_a_files_own_trouble_counts_and_ends_in_a_hold(error, kind):
    first, last = decide(error.code, kind, 1, 8), decide(error.code, kind, 8, 8)
    if first.action is Action.DONE:
        landed = (kind, error.code) == (RequestKind.COPY, "not_archived")
        assert kind in (RequestKind.REMOVE, RequestKind.RELEASE) or landed
        assert not first.counts
        return
    assert error.code in first.reason
    assert first.counts is (error.code not in ENDPOINT)
    if error.code not in ENDPOINT:
        permanent = error.retry is not Retry.LATER and error.code != "storage"
        spoiled = kind is RequestKind.STAGE and error.code in ("checksum_mismatch", "size_mismatch")
        permanent = permanent and not spoiled  # the copy on tape may be good, and is read again
        assert first.action is (Action.HOLD if permanent else Action.LATER)
        assert last.action is Action.HOLD


@pytest.mark.parametrize("code", sorted(ENDPOINT))
@pytest.mark.parametrize("kind", RequestKind)
def test_trouble_of_the_endpoint_uses_up_no_attempts(code, kind):
    wanted = Action.ALARM if code.startswith("credential_") else Action.LATER
    for tries in range(1, FOREVER * 8):
        decision = decide(code, kind, 1, 8, tries=tries)
        assert (decision.action, decision.counts) == (wanted, False)


@pytest.mark.parametrize("code", sorted(ENDPOINT))
def test_no_file_hides_behind_the_endpoint_for_ever(code):
    assert decide(code, RequestKind.STAGE, 1, 8, tries=FOREVER * 8).action is Action.HOLD
    assert decide(code, RequestKind.STAGE, FOREVER * 8, 8).action is Action.HOLD, "a caller with one number"


def test_an_outage_of_the_endpoint_leaves_the_file_its_attempts():
    counted = 0
    codes = ["endpoint_unreachable"] * 30 + ["request_vanished"] * 7
    for tries, code in enumerate(codes, start=1):
        decision = decide(code, RequestKind.STAGE, counted + 1, 8, tries=tries)
        assert decision.action is Action.LATER
        counted += decision.counts
    assert counted == 7
    assert decide("request_vanished", RequestKind.STAGE, counted + 1, 8, tries=38).action is Action.HOLD


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.code)
@pytest.mark.parametrize("kind", RequestKind)
def test_a_call_that_failed_as_a_whole_is_nobodys_fault_and_proves_nothing(error, kind):
    decision = decide(error.code, kind, 8, 8, whole_call=True)
    permanent = issubclass(error, PermanentStorageError) or error.code.startswith("credential_")
    assert decision.action is (Action.ALARM if permanent else Action.LATER)
    assert not decision.counts


def test_a_time_out_of_one_file_is_the_files():
    one = decide("storage_timeout", RequestKind.STAGE, 8, 8, whole_call=False)
    assert (one.action, one.counts) == (Action.HOLD, True)
    assert decide("storage_timeout", RequestKind.STAGE, 8, 8).action is Action.LATER


def test_transient_errors_are_tried_until_the_last_attempt():
    assert decide("request_vanished", RequestKind.STAGE, 7, 8).action is Action.LATER
    assert decide("request_vanished", RequestKind.STAGE, 8, 8).action is Action.HOLD


@pytest.mark.parametrize("code", ["storage", "unreadable_reply", "never_heard_of", ""])
def test_what_we_do_not_understand_is_tried_a_few_times(code):
    assert decide(code, RequestKind.COPY, FEW - 1, 8).action is Action.LATER
    assert decide(code, RequestKind.COPY, FEW, 8).action is Action.HOLD
    assert decide(code, RequestKind.COPY, 2, 2).action is Action.HOLD


def test_absence_is_done_only_for_removals_and_releases():
    done = {kind for kind in RequestKind if decide("file_missing", kind, 1, 8).action is Action.DONE}
    assert done == {RequestKind.REMOVE, RequestKind.RELEASE}
