"""Budgets, order and whole units hold for every list of wanted files."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from transfers.planning import Wanted, next_attempt, stage_batch

FILES = st.lists(st.tuples(st.sampled_from("ABCD"), st.integers(0, 20)), max_size=30).map(
    lambda files: [Wanted(number, unit, size) for number, (unit, size) in enumerate(files)]
)
BYTES = st.none() | st.integers(-5, 120)
COUNT = st.integers(-1, 20)


@given(FILES, BYTES, COUNT, st.booleans())
def test_the_budget_is_kept(wanted, free_bytes, free_files, idle):
    batch = stage_batch(wanted, free_bytes=free_bytes, free_files=free_files, idle=idle)
    assert len(set(batch)) == len(batch) <= max(free_files, 0)
    size = sum(wanted[number].size for number in batch)
    one_too_large = idle and len(batch) == 1 and batch[0] == 0 and free_bytes is not None and free_bytes > 0
    assert free_bytes is None or size <= max(free_bytes, 0) or one_too_large


@given(FILES, BYTES, COUNT, st.booleans())
def test_units_are_whole_and_in_order(wanted, free_bytes, free_files, idle):
    batch = stage_batch(wanted, free_bytes=free_bytes, free_files=free_files, idle=idle)
    units = list(dict.fromkeys(item.unit for item in wanted))
    in_order = [item.item_id for unit in units for item in wanted if item.unit == unit]
    assert batch == in_order[: len(batch)]
    cut = batch and len(batch) < len(in_order) and wanted[batch[-1]].unit == wanted[in_order[len(batch)]].unit
    assert not cut or (idle and {wanted[number].unit for number in batch} == {units[0]})


@given(FILES, BYTES, COUNT)
def test_idle_always_moves(wanted, free_bytes, free_files):
    batch = stage_batch(wanted, free_bytes=free_bytes, free_files=free_files, idle=True)
    may = bool(wanted) and free_files > 0 and (free_bytes is None or free_bytes > 0)
    assert bool(batch) == may


@given(FILES, BYTES, COUNT, st.booleans())
def test_the_same_question_has_the_same_answer(wanted, free_bytes, free_files, idle):
    answers = [stage_batch(wanted, free_bytes=free_bytes, free_files=free_files, idle=idle) for _ in range(2)]
    assert answers[0] == answers[1]


@given(
    st.integers(0, 10**6),
    st.timedeltas(timedelta(milliseconds=1), timedelta(days=1)),
    st.timedeltas(timedelta(milliseconds=1), timedelta(days=30)),
    st.floats(0, 1, exclude_max=True),
)
def test_the_next_attempt_is_later_and_not_too_late(attempts, first, longest, chance):
    now = datetime(2016, 8, 1, tzinfo=UTC)
    at = next_attempt(attempts, now=now, first=first, longest=longest, chance=chance)
    assert now < at <= now + longest
    assert at - now >= min(first, longest) / 2 - timedelta(microseconds=1)
