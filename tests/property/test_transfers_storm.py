"""A storm sends no more than allowed while it lasts, and ends soon after the endpoint is well."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from transfers.storm import Answers, Limits, StormState, allowed, may_hold, observe, sent, spread

START = datetime(2026, 11, 22, tzinfo=UTC)
CAUSES = ("endpoint_unreachable", "tape_lost", "request_vanished", "credential_expired")
LIMITS = st.builds(
    Limits,
    share=st.floats(0, 1),
    least=st.integers(1, 30),
    files=st.integers(1, 200),
    canaries=st.integers(1, 10),
    cap=st.integers(0, 20),
)
COUNT = st.integers(0, 60)
ANSWERS = st.builds(
    Answers, good=COUNT, accepted=COUNT, bad=st.dictionaries(st.sampled_from(CAUSES), st.integers(1, 60))
)
STEPS = st.lists(st.tuples(ANSWERS, st.timedeltas(timedelta(0), timedelta(minutes=20))), max_size=30)


@given(STEPS, LIMITS)
def test_whatever_was_answered_a_well_endpoint_gets_everything_again(steps, limits):
    rows, now = [], START
    for answers, wait in steps:
        rows = observe(rows, "cta", answers, now, limits)
        files = allowed(rows, now)
        assert files is None or files >= 0
        rows = sent(rows, files or 0, now, limits)
        now += wait
    now += limits.pause
    for _ in range(2):
        files = allowed(rows, now)
        if files is None:
            break
        assert files >= 1, "after a pause somebody may always go"
        rows = observe(sent(rows, files, now, limits), "cta", Answers(good=files), now, limits)
    assert allowed(rows, now) is None


@given(
    st.sampled_from(CAUSES),
    st.builds(Limits, share=st.floats(0.2, 1), least=st.integers(5, 30), cap=st.integers(0, 20)),
    st.integers(1, 600),
    st.integers(1, 300),
    st.integers(0, 2**32),
    st.floats(0, 1),
)
def test_an_outage_costs_few_files_and_holds_no_more_than_the_cap(cause, limits, files, batch, seed, bad):
    """A queue of files, an endpoint down for six hours, then well but for some bad files: every good file is
    served, every bad one is held."""
    chance = random.Random(seed)
    spoiled = {number for number in range(files) if chance.random() < bad}
    queue, rows, now, well_at = list(range(files)), [], START, START + timedelta(hours=6)
    tried_in_storm, held_in_storm, step = 0, 0, timedelta(minutes=1)
    for turn in range(6 * 60 + 10 * 24 * 60):
        if not queue:
            break
        may = allowed(rows, now)
        chosen = spread(queue, min(batch, len(queue)) if may is None else min(batch, may), turn)
        rows = sent(rows, len(chosen), now, limits)
        lost = [number for number in chosen if now < well_at or number in spoiled]
        answers = Answers(len(chosen) - len(lost), 0, {cause: len(lost)} if lost else {})
        rows = observe(rows, "cta", answers, now, limits)
        row = next((row for row in rows if row.cause == cause), None)
        storm = row is not None and row.state is not StormState.CLOSED
        # before the endpoint is well only a storm's cap may cost good files: the policy would hold them all
        hold = may_hold(row, len(lost), now, limits) if storm or now >= well_at else 0
        if storm:
            rows = [replace(row, held=row.held + hold)]
            if now < well_at:
                held_in_storm += hold
                tried_in_storm += 0 if may is None else len(chosen)
        gone = (set(chosen) - set(lost)) | set(lost[:hold])
        queue = [number for number in queue if number not in gone]
        now += step
    assert not queue, "the campaign ends"
    assert held_in_storm <= limits.cap
    assert tried_in_storm <= (timedelta(hours=6) // limits.pause + 1) * limits.canaries


@given(st.lists(st.integers(), max_size=60, unique=True), st.integers(0, 80), st.integers(0, 10**6))
def test_canaries_are_distinct_and_no_more_than_asked(queue, n, turn):
    chosen = spread(queue, n, turn)
    assert len(chosen) == min(n, len(queue)) == len(set(chosen))
    assert set(chosen) <= set(queue)
