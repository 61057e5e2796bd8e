"""Tiers of events: everything that is missed is accounted for, or is a difference; nothing is both."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ddm.reconcile import counts
from ddm.reconcile.tiers import Amount, Cause, Gap, Product, Run, Share, Step, Undone
from merging.witnesses import Counted

numbers = st.integers(0, 50)
states = st.sampled_from(["", "WAITING", "RUNNING", "HELD", "CANCELED"])
undone = st.builds(Undone, states, st.integers(1, 3), st.builds(Amount, numbers))
gaps = st.builds(Gap, st.just("00001"), numbers, st.just(True), st.just("torn"), st.just("A"))


def share(part, events, lost=0, state="ARCHIVED", exists=True, safe=True, mine=True):
    amount = Amount(events)
    made = events - lost if exists else None
    return Share(part, state, mine, 1, amount, amount, made, exists, safe)


def product(shares=(), **more):
    given_ = {"name": "mDST", "made_of": "", "counted": Counted.ALL, "archived": True, **more}
    return Product(shares=tuple(shares), **given_)


def run(raw, **more):
    return Run("T", 1, 1, Amount(raw), Amount(raw), 0, Amount(raw), **more)


def line(run_, product_):
    (_, found) = counts.lines(run_, [product_])
    return found


shares = st.lists(
    st.builds(
        share,
        st.integers(0, 9),
        numbers,
        st.integers(-3, 3),
        st.sampled_from(["MERGED", "HELD", "ARCHIVED"]),
        st.booleans(),
        st.booleans(),
    ),
    max_size=4,
)


@given(numbers, st.lists(undone, max_size=2), st.lists(gaps, max_size=2), shares, numbers, numbers)
def test_every_event_that_a_tier_misses_is_explained_or_a_difference(raw, todo, gone, parts, free, aside):
    found = line(
        run(raw, undone=tuple(todo), gaps=tuple(gone)),
        product(parts, free=(1, Amount(free)), aside=(1, Amount(aside))),
    )
    tiers = [found.raw, found.processed, found.merged, found.archived]
    steps = (Step.PROCESSED, Step.MERGED, Step.ARCHIVED)
    for step, before, after in zip(steps, tiers, tiers[1:], strict=False):
        told = [*found.explained, *found.differences]
        accounted = sum(one.events or 0 for one in told if one.step is step)
        assert before.events - after.events == accounted


@given(st.integers(1, 50), shares)
def test_a_waiver_turns_differences_of_numbers_into_explanations_and_changes_no_number(raw, parts):
    bare = line(run(raw), product(parts))
    waived = line(run(raw), product(parts, waivers=((None, "accepted"),)))
    assert (bare.processed, bare.merged, bare.archived) == (waived.processed, waived.merged, waived.archived)
    assert all(one.step is Step.ARCHIVED for one in waived.differences)
    assert len(bare.differences) + len(bare.explained) == len(waived.differences) + len(waived.explained)


def test_what_is_not_counted_is_never_compared():
    unknown = Run("T", 1, 2, Amount(5, 1), Amount(5, 1), 0, Amount(5, 1))
    found = line(unknown, product([share(0, 9)]))
    assert not found.differences
    assert {one.cause for one in found.explained} == {Cause.UNKNOWN}


def test_a_gap_of_which_a_person_alone_knows_how_many_is_not_taken_off_the_raw_files():
    told = Run(
        "T", 1, 2, Amount(5, 1), Amount(5, 1), 0, Amount(5, 1), gaps=(Gap("1", 7, False, "torn", "A"),)
    )
    assert not line(told, product([share(0, 5)])).differences
    (wrong,) = line(told, product([share(0, 4)])).differences
    assert wrong.events == 1


def test_a_subset_may_hold_fewer_and_never_more():
    dump = {"counted": Counted.SUBSET, "name": "evtdump"}
    (reason,) = line(run(10), product([share(0, 3)], **dump)).explained
    assert (reason.cause, reason.events) == (Cause.SUBSET, 7)
    (wrong,) = line(run(10), product([share(0, 11)], **dump)).differences
    assert wrong.events == -1


def test_a_permission_of_a_passed_check_explains_and_a_failed_one_does_not():
    parts = [share(0, 10, lost=2)]
    passed = line(run(10), product(parts, check="PASSED", verdict="part 0: permitted (fewer) 2 events"))
    assert [one.cause for one in passed.explained] == [Cause.CHECK]
    (wrong,) = line(run(10), product(parts, check="FAILED", verdict="part 0: 2 lost")).differences
    assert wrong.text.endswith("the cross-check failed")


def test_what_a_part_of_several_runs_lost_is_missed_once():
    both = Share(0, "ARCHIVED", True, 1, Amount(4), Amount(10), 9, True, True)
    mine, other = line(run(4), product([both])), line(run(6), product([share_of_other(both)]))
    assert (mine.merged.events, other.merged.events) == (3, 6)
    assert (len(mine.differences), len(other.differences)) == (1, 0)


def share_of_other(of):
    return Share(of.part, of.state, False, 1, Amount(6), of.taken, of.made, True, True)


def test_equal_sums_do_not_hide_chunks_that_differ():
    (wrong,) = line(run(10), product([share(0, 10)], differ=2)).differences
    assert (wrong.events, "sums agree" in wrong.text) == (0, True)
