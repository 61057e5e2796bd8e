"""What a request, a job or another name explains is no difference; and what nothing explains stays one."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.db.comparelook import CopyFacts, Going, JobFacts
from catalog.states import JobState, ReplicaState
from ddm.reconcile.explaining import Known, attempt_of, refined, words
from ddm.reconcile.kinds import DIFFERENCES, LACKING, Kind

T = datetime(2026, 11, 30, tzinfo=UTC)
COPY = CopyFacts(1, 2, 3, "/a/x", ReplicaState.AVAILABLE, T, 1, 1, "/lfn/x", 275678, "2016/W14")
PLAIN, ATTEMPT, TEMPORARY = "/a/x", "/a/j17a2/x", "/a/.ddm-host-1-2-3.part"
COPYING = Going(9, "copy", "SUBMITTED", "label-9")
RECALL = Going(9, "stage", "SUBMITTED", "label-9")


def job(state: JobState = JobState.DONE, attempts: int = 2, withdrawn: bool = False) -> JobFacts:
    return JobFacts(17, "merge", state, attempts, 275678, "2016/W14", withdrawn)


@pytest.mark.parametrize(
    ("kind", "path", "state", "known", "became"),
    [
        (Kind.LOST, PLAIN, "AVAILABLE", Known(COPY), Kind.LOST),
        (Kind.LOST, PLAIN, "AVAILABLE", Known(COPY, going=[RECALL]), Kind.LOST),  # its name should be there
        (Kind.LOST, PLAIN, "AVAILABLE", Known(COPY, going=[COPYING]), Kind.IN_FLIGHT),
        (Kind.DISK_ONLY, PLAIN, "ARCHIVING", Known(COPY), Kind.IN_FLIGHT),  # not yet on its tape
        (Kind.SIZE, PLAIN, "ARCHIVING", Known(COPY), Kind.SIZE),
        (Kind.SIZE, PLAIN, "AVAILABLE", Known(COPY, changed=True), Kind.IN_FLIGHT),
        (Kind.DARK, PLAIN, None, Known(), Kind.DARK),
        (Kind.DARK, PLAIN, None, Known(COPY, changed=True), Kind.IN_FLIGHT),
        (Kind.DARK, PLAIN, None, Known(elsewhere="web:/x"), Kind.IN_FLIGHT),
        (Kind.DEBRIS, TEMPORARY, None, Known(), Kind.DEBRIS),
        (Kind.DEBRIS, TEMPORARY, None, Known(written=True), Kind.IN_FLIGHT),
        (Kind.DEBRIS, ATTEMPT, None, Known(job=job()), Kind.DEBRIS),
        (Kind.DEBRIS, ATTEMPT, None, Known(job=job(JobState.WAITING)), Kind.IN_FLIGHT),  # it may still run
        (Kind.DEBRIS, ATTEMPT, None, Known(job=job(withdrawn=True)), Kind.STALE),
        (Kind.DEBRIS, ATTEMPT, None, Known(job=job(attempts=1)), Kind.DARK),  # no attempt of ours
        (Kind.DEBRIS, ATTEMPT, None, Known(), Kind.DARK),
    ],
)
def test_what_a_place_is_given_what_is_known_of_it(kind, path, state, known, became):
    assert refined(kind, path, state, known) is became


@given(
    kind=st.sampled_from(sorted(Kind)),
    path=st.sampled_from([PLAIN, ATTEMPT, TEMPORARY]),
    state=st.sampled_from([None, *map(str, ReplicaState)]),
    known=st.builds(
        Known,
        copy=st.sampled_from([None, COPY]),
        changed=st.booleans(),
        going=st.sampled_from([(), (COPYING,), (RECALL,)]),
        job=st.sampled_from([None, job(), job(JobState.RUNNING), job(withdrawn=True)]),
        written=st.booleans(),
        elsewhere=st.sampled_from(["", "web:/x"]),
    ),
)
def test_knowing_more_never_makes_a_difference_of_what_was_none_nor_absence_of_presence(
    kind, path, state, known
):
    became = refined(kind, path, state, known)
    if kind not in DIFFERENCES:
        assert became is kind
    assert became not in LACKING or became is kind
    assert "None" not in words(became, path, state, known)


def test_words_name_the_request_and_the_job():
    said = words(Kind.IN_FLIGHT, PLAIN, "COPYING", Known(COPY, going=[COPYING]))
    assert said == "COPYING before, AVAILABLE since 2026-11-30 00:00:00; copy 9 is SUBMITTED, request label-9"
    said = words(Kind.IN_FLIGHT, ATTEMPT, None, Known(job=job(JobState.RUNNING)))
    assert said == "attempt j17a2 of job 17, a merge of run 275678, that is RUNNING now"
    assert attempt_of("/a/j17a2/sub/x") is None
    assert attempt_of(ATTEMPT) == ("j17a2", 17, 2)
