"""What to do after a failure."""

from __future__ import annotations

import pytest

import transfers.errors
from catalog.errors import Retry
from catalog.states import RequestKind
from transfers.errors import StorageError
from transfers.policy import BY_CODE, FEW, Action, decide

ERRORS = [
    error
    for error in vars(transfers.errors).values()
    if isinstance(error, type) and issubclass(error, StorageError)
]


def test_every_storage_error_has_a_row():
    assert {error.code for error in ERRORS} == set(BY_CODE)


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.code)
@pytest.mark.parametrize("kind", RequestKind)
def test_permanent_errors_hold_at_once_and_others_end_in_a_hold(error, kind):
    first, last = decide(error.code, kind, 1, 8), decide(error.code, kind, 8, 8)
    if first.action is Action.DONE:
        assert kind in (RequestKind.REMOVE, RequestKind.RELEASE)
        return
    permanent = error.retry is not Retry.LATER and error.code != "storage"
    assert first.action is (Action.HOLD if permanent else Action.LATER)
    assert last.action is Action.HOLD
    assert error.code in first.reason


def test_transient_errors_are_tried_until_the_last_attempt():
    assert decide("endpoint_busy", RequestKind.STAGE, 7, 8).action is Action.LATER
    assert decide("endpoint_busy", RequestKind.STAGE, 8, 8).action is Action.HOLD


@pytest.mark.parametrize("code", ["storage", "unreadable_reply", "never_heard_of", ""])
def test_what_we_do_not_understand_is_tried_a_few_times(code):
    assert decide(code, RequestKind.COPY, FEW - 1, 8).action is Action.LATER
    assert decide(code, RequestKind.COPY, FEW, 8).action is Action.HOLD
    assert decide(code, RequestKind.COPY, 2, 2).action is Action.HOLD


def test_absence_is_done_only_for_removals_and_releases():
    done = {kind for kind in RequestKind if decide("file_missing", kind, 1, 8).action is Action.DONE}
    assert done == {RequestKind.REMOVE, RequestKind.RELEASE}
