"""What the files of copies mean, without a service: sources, hops, tape; every word has a row."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.checksum import Adler32
from tests.conformance.test_fts_words import FILES, JOBS, REPLIES
from transfers.backends.fts.errors import Reason
from transfers.backends.fts.replies import FILE, JOB, File, Job, Phase, read_jobs, read_listing
from transfers.backends.fts.standing import KILLING, standing, untouched, whole
from transfers.errors import StorageError, TapeLost
from transfers.model import Done, Failed, Outcome, Pending
from transfers.testing.fts import Generation, texts

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ID = str(uuid.uuid5(uuid.NAMESPACE_DNS, "one"))
ADLER = Adler32(7)

FILE_STATES = {
    *("SUBMITTED", "READY", "ACTIVE", "FINISHED", "FAILED", "STAGING", "STARTED", "ARCHIVING", "NOT_USED"),
    *("ON_HOLD", "ON_HOLD_STAGING", "TOKEN_PREP", "FORCE_START", "CANCELED"),
}
JOB_STATES = {
    *("STAGING", "SUBMITTED", "READY", "ACTIVE", "ARCHIVING", "FINISHED", "FAILED", "FINISHEDDIRTY"),
    *("CANCELED", "DELETE", "QOS_TRANSITION", "QOS_REQUEST_SUBMITTED"),
}
SCOPES = ["SOURCE", "DESTINATION", "TRANSFER", "STAGING", "ARCHIVING", "AGENT"]


def copy(state: str, reason: str = "", *, told: int | None = 5, **rest: object) -> File:
    fields = {"size": 5, "adler32": ADLER, "told_size": told, **rest}
    return File("/a", state, reason, **fields)  # type: ignore[arg-type]


def ended(*files: File, state: str = "FAILED", at: datetime = NOW) -> Outcome:
    return standing(Job(ID, state, NOW - timedelta(hours=1), files, at), NOW)["/a"]


def code(outcome: Outcome) -> str:
    assert isinstance(outcome, Failed), outcome
    return outcome.code


# ---------------------------------------------------------------------------------------------------- tables
def test_every_state_has_a_row() -> None:
    assert set(FILE) == FILE_STATES
    assert set(JOB) == JOB_STATES


GOOD = {
    "existing destination": texts.DESTINATION_EXISTS,
    "no value": texts.VALUE_REQUIRED,
    "short proxy": texts.PROXY_TOO_SHORT,
    "cancelled": texts.CANCELLED,
    "queue": texts.QUEUED_TOO_LONG,
}


@pytest.mark.parametrize("generation", Generation)
def test_every_reason_of_both_generations_has_a_row(generation: Generation) -> None:
    """No text of the daemons is a plain error that nobody understands."""
    reasons = dict(GOOD)
    for side in ("SOURCE", "DESTINATION"):
        reasons[f"checksum {side}"] = texts.wrong_checksum(generation, side, "00000001", "00000002")
    reasons["algorithm"] = texts.no_algorithm(generation, "MD5")
    reasons["recall timeout"] = texts.recall_timeout(generation, 100)
    for number in (2, 42, 110, 13, 5):
        reasons[f"archiving {number}"] = texts.archiving(generation, number, "words")
    for error in (
        *("file_missing", "permission_refused", "endpoint_busy", "storage_timeout", "quota_exceeded"),
        "endpoint_unreachable",
    ):
        outcome = Failed(error, "words", StorageError.retry)
        reasons[f"copying {error}"] = texts.copying(outcome)
        reasons[f"staging {error}"] = texts.staging(generation, outcome)
    plain = {what for what, text in reasons.items() if Reason.parse(text).error is StorageError}
    # a copy that failed for an unknown cause: input or output error, and nothing more is told
    assert plain <= {"copying file_missing", "copying endpoint_busy"}
    assert Reason.parse(reasons["staging quota_exceeded"]).error is TapeLost
    archiving = {Reason.parse(text).error.code for what, text in reasons.items() if "archiving" in what}
    assert archiving == {"not_archived"}


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("number", [1, 2, 5, 11, 13, 17, 22, 28, 42, 84, 110, 111, 115, 122, 125])
def test_absence_and_existence_are_said_of_one_side_only(scope: str, number: int) -> None:
    error = Reason.parse(f"{scope} [{number}] words").error
    assert (error.code == "file_missing") <= ((scope, number) in (("SOURCE", 2), ("STAGING", 2)))
    assert (error.code == "not_archived") == (scope == "ARCHIVING")


# ----------------------------------------------------------------------------------------------------- plain
def test_finished_needs_the_size_that_was_ordered() -> None:
    assert ended(copy("FINISHED"), state="FINISHED") == Done()
    assert code(ended(copy("FINISHED", told=6), state="FINISHED")) == "size_mismatch"
    assert not isinstance(ended(copy("FINISHED", told=None), state="FINISHED"), Done | Failed)


def test_archiving_is_pending_with_the_bytes_there() -> None:
    assert ended(copy("ARCHIVING"), state="ARCHIVING") == Pending(landed=True)
    assert ended(copy("ARCHIVING", told=6), state="ARCHIVING") == Pending()
    assert code(ended(copy("FAILED", "ARCHIVING [110] timeout"))) == "not_archived"
    assert code(ended(copy("FAILED", "ARCHIVING [110] timeout", told=6))) == "size_mismatch"


def test_a_cancelled_agent_is_waited_for_but_not_for_ever() -> None:
    assert ended(copy("CANCELED"), state="CANCELED") == Pending()
    dead = copy("CANCELED", times={"finish_time": NOW})
    assert code(ended(dead, state="CANCELED")) == "request_vanished"
    assert code(ended(copy("CANCELED"), state="CANCELED", at=NOW - KILLING)) == "request_vanished"


# ------------------------------------------------------------------------------------------------ many of one
def test_any_source_is_enough() -> None:
    failed = copy("FAILED", "SOURCE [2] no")
    assert ended(failed, copy("FINISHED"), copy("NOT_USED"), state="FINISHED") == Done()
    assert ended(failed, copy("NOT_USED"), state="ACTIVE") == Pending()
    assert ended(failed, copy("ARCHIVING"), state="ARCHIVING") == Pending(landed=True)
    assert code(ended(failed, copy("FAILED", "SOURCE [2] no"))) == "file_missing"
    assert code(ended(failed, copy("FAILED", "TRANSFER [110] timeout"))) == "storage_timeout"
    assert not isinstance(ended(copy("NOT_USED"), copy("NOT_USED")), Done | Failed)


def hop(number: int, state: str, reason: str = "", **rest: object) -> File:
    return copy(state, reason, hop=number, hops=3, **rest)


def test_hops_are_done_when_the_last_is() -> None:
    first, second = hop(1, "FINISHED"), hop(2, "FINISHED")
    assert ended(first, second, hop(3, "FINISHED"), state="FINISHED") == Done()
    assert ended(first, second, hop(3, "NOT_USED"), state="ACTIVE") == Pending()
    assert ended(first, second, hop(3, "ARCHIVING"), state="ARCHIVING") == Pending(landed=True)
    gone = hop(2, "FAILED", "DESTINATION [28] full")
    assert code(ended(first, gone, hop(3, "NOT_USED"))) == "quota_exceeded"
    assert ended(first, gone, hop(3, "NOT_USED"), state="ACTIVE") == Pending()
    there = hop(2, "FAILED", "DESTINATION [17] exists", there=(5, ADLER))
    assert code(ended(first, there, hop(3, "NOT_USED"))) == "file_exists"
    assert ended(first, second, hop(3, "FAILED", "DESTINATION [17] exists", there=(5, ADLER))) == Done()
    assert not isinstance(ended(first, hop(1, "FINISHED"), hop(3, "FINISHED")), Failed)
    assert ended(first, second, state="FINISHED") != Done()


# ------------------------------------------------------------------------------------------------ never wrong
@given(REPLIES)
def test_no_reply_is_too_strange_and_none_is_success_without_evidence(text: str) -> None:
    for answer in read_jobs(text, [ID]).values():
        if not isinstance(answer, Job):
            continue
        for path, outcome in standing(answer, NOW).items():
            mine = [file for file in answer.files or () if file.path == path]
            assert mine
            if outcome == Done():
                assert any(
                    file.phase is Phase.FINISHED
                    or (file.state == "FAILED" and file.there == (file.size, file.adler32))
                    for file in mine
                )
                assert all(
                    not file.copies or file.state != "FINISHED" or file.told_size == file.size
                    for file in mine
                    if len(mine) == 1
                )
        assert isinstance(whole(answer), bool)
        list(untouched(answer, NOW, stall=timedelta(hours=1)))


LISTS = st.lists(JOBS | FILES | st.none(), max_size=5).map(json.dumps)


@given(LISTS | REPLIES)
def test_no_listing_is_too_strange(text: str) -> None:
    told = read_listing(text)
    assert told is None or all(isinstance(state, str) for state in told.values())
