"""The merge plan against a slow judge that tries every cut."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import groupby, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from merging.errors import UnplannableInputs
from merging.holes import Due, Gap, holes
from merging.model import CLOSED, Limits, Member, Situation, Treat
from merging.plan import plan

NOW = datetime(2026, 11, 29, tzinfo=UTC)
limits = st.builds(
    Limits,
    target=st.integers(1, 30),
    max_inputs=st.integers(1, 6),
    max_events=st.none() | st.integers(1, 20),
    tolerance=st.sampled_from([0, 0, 10, 50]),
)
chunks = st.one_of(st.from_regex(r"[0-9]{1,5}", fullmatch=True), st.text(min_size=1, max_size=3))
bounds = st.tuples(st.sampled_from([1, 2, 10]), st.sampled_from(["physics", "calibration"]))
situations = st.builds(
    Situation,
    closed=st.booleans(),
    keep=st.booleans(),
    patience=st.none() | st.just(timedelta(hours=1)),
    now=st.just(NOW),
    since=st.dictionaries(st.integers(0, 5), st.sampled_from([NOW, NOW - timedelta(hours=2)])),
)


def members_of(sizes, events=None):
    return [
        Member(at, f"/raw/cdr{at:05d}.raw", f"{at:05d}", size, events[at] if events else 0)
        for at, size in enumerate(sizes)
    ]


@st.composite
def many(draw, bounded=False):
    sizes = draw(st.lists(st.one_of(st.integers(0, 12), st.integers(0, 40)), min_size=1, max_size=40))
    names = draw(st.lists(chunks, min_size=len(sizes), max_size=len(sizes), unique=True))
    return [
        Member(
            at,
            f"/raw/{at}-{name}",
            name,
            size,
            n_events=draw(st.integers(0, 9)),
            run=draw(st.integers(1, 3)),
            bounds=draw(bounds) if bounded else (),
        )
        for at, (name, size) in enumerate(zip(names, sizes, strict=True))
    ]


def allowed(members, limits, size):
    """Whether these may be one part of at most so many bytes."""
    if len({member.bounds for member in members}) > 1:
        return False
    if len(members) == 1:
        return True
    events = sum(member.n_events for member in members)
    return (
        sum(member.size for member in members) <= size
        and len(members) <= limits.max_inputs
        and (limits.max_events is None or events <= limits.max_events)
    )


def best_cut(members, limits, size):
    """Fewest parts, and the least sum of squares among those: by trying all."""

    @cache
    def best(start):
        if start == len(members):
            return 0, 0
        found = []
        for stop in range(start + 1, len(members) + 1):
            if allowed(members[start:stop], limits, size):
                parts, squares = best(stop)
                found.append((parts + 1, squares + sum(m.size for m in members[start:stop]) ** 2))
        return min(found)

    return best(0)


def best_of_all(members, limits):
    """The same with the tolerance, which is used where it saves a part."""
    strict, generous = (best_cut(members, limits, size) for size in (limits.target, limits.ceiling))
    return generous if generous[0] < strict[0] else strict


def of(groups):
    return len(groups), sum(group.size**2 for group in groups)


@given(many(bounded=True), limits, situations, st.integers(0, 100), st.randoms())
def test_the_order_of_the_inputs_changes_nothing(members, limits, situation, min_fill, random):
    limits = replace(limits, boundaries=("run", "stream"), min_fill=min_fill)
    shuffled = list(members)
    random.shuffle(shuffled)
    assert plan(members, limits, situation) == plan(shuffled, limits, situation)


@given(many(bounded=True), limits, situations, st.integers(0, 100), st.sampled_from(Treat))
def test_no_member_is_lost_or_doubled_whatever_waits_or_is_left_out(members, limits, situation, fill, treat):
    limits = replace(
        limits,
        boundaries=("run", "stream"),
        min_fill=fill,
        zero_events=treat,
        empty=Treat.LEAVE_OUT,
        empty_size=2,
    )
    if treat is Treat.REFUSE and any(member.n_events == 0 for member in members):
        with pytest.raises(UnplannableInputs, match="0 events"):
            plan(members, limits, situation)
        return
    made = plan(members, limits, situation, first_part=7)
    inside = [member for group in made.groups for member in group.members]
    out = [entry.member for entry in made.left_out]
    assert sorted([*inside, *made.waiting, *out], key=lambda member: member.file_id) == members
    assert all(member.size <= 2 or member.n_events == 0 for member in out)
    assert all(member.size > 2 for member in inside)
    assert [group.part for group in made.groups] == list(range(7, 7 + len(made.groups)))


@given(many(), limits)
def test_parts_follow_runs_and_chunks(members, limits):
    order = [member for group in plan(members, limits).groups for member in group.members]
    if all(member.chunk.isascii() and member.chunk.isdigit() for member in members):
        assert order == sorted(members, key=lambda m: (m.run, int(m.chunk), m.chunk))
    else:
        assert order == sorted(members, key=lambda m: (m.run, m.chunk))


@given(many(bounded=True), limits)
def test_limits_and_boundaries_are_kept_except_by_a_single_file(members, limits):
    limits = replace(limits, boundaries=("spill", "stream"))
    groups = plan(members, limits).groups
    for group in groups:
        assert allowed(group.members, limits, limits.ceiling)
    # files of the same boundaries are together, so that none is split without need
    along = [key for key, _ in groupby(group.members[0].bounds for group in groups)]
    assert len(along) == len(set(along))


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 25)), min_size=1, max_size=14), limits)
def test_no_cut_has_fewer_parts_nor_more_even_ones(files, limits):
    members = members_of(*zip(*files, strict=True))
    assert of(plan(members, limits).groups) == best_of_all(members, limits)


@given(st.lists(st.integers(0, 40), min_size=1, max_size=300), limits)
def test_filling_to_the_brim_never_needs_fewer_parts(sizes, limits):
    parts, size, count = 1, 0, 0
    for new in sizes:
        if count and (size + new > limits.ceiling or count == limits.max_inputs):
            parts, size, count = parts + 1, 0, 0
        size, count = size + new, count + 1
    assert len(plan(members_of(sizes), limits).groups) == parts


@given(
    st.lists(st.integers(0, 40), min_size=1, max_size=14),
    st.integers(1, 100),
    st.integers(1, 30),
    st.integers(1, 6),
)
def test_only_a_last_part_that_is_not_full_enough_waits(sizes, min_fill, target, max_inputs):
    limits = Limits(target=target, max_inputs=max_inputs, min_fill=min_fill)
    members = members_of(sizes)
    made = plan(members, limits, Situation(closed=False))
    waits = list(made.waiting)
    assert waits == members[len(members) - len(waits) :]  # from the end
    taken = members[: len(members) - len(waits)]
    if taken:
        assert of(made.groups) == best_cut(taken, limits, target)
    if waits:
        assert allowed(waits, limits, target), "less than a part"
        assert 100 * sum(member.size for member in waits) < min_fill * target
        assert 100 * len(waits) < min_fill * max_inputs
        assert (
            not taken
            or not allowed([taken[-1], *waits], limits, target)
            or len(made.groups) == (best_cut(taken[:-1], limits, target)[0] if taken[:-1] else 0)
        ), "what is merged without it could not have taken it"
    # what waits is there again in the next plan, with what has come; at the end nothing waits
    more = members_of([*sizes, 5])[len(sizes) :]
    end = plan([*waits, *more], limits, CLOSED, first_part=len(made.groups))
    assert [m for group in end.groups for m in group.members] == [*waits, *more]


@given(many(), limits)
def test_the_hash_tells_members_and_limits_apart(members, limits):
    made = plan(members, limits).hash
    first = members[0]
    other_size = replace(first, size=first.size + 1)
    other_name = replace(first, lfn=first.lfn + "x")
    for other in (other_size, other_name):
        assert plan([other, *members[1:]], limits).hash != made
    for change in (
        {"target": limits.target + 1},
        {"max_inputs": limits.max_inputs + 1},
        {"max_events": (limits.max_events or 0) + 1},
        {"min_fill": 1},
        {"tolerance": limits.tolerance + 1},
        {"empty_size": 1},
        {"empty": Treat.LEAVE_OUT},
        {"zero_events": Treat.LEAVE_OUT},
    ):
        assert plan(members, replace(limits, **change)).hash != made
    assert plan(members, limits, first_part=1).hash != made


@given(many(bounded=True))
def test_the_hash_tells_boundaries_and_what_waits_apart(members):
    limits = Limits(boundaries=("spill", "stream"), min_fill=100)
    made = plan(members, limits)
    first = replace(members[0], bounds=(members[0].bounds[0], "cosmics"))
    assert plan([first, *members[1:]], limits).hash != made.hash
    assert plan(members, replace(limits, boundaries=("stream", "spill"))).hash != made.hash
    later = plan(members, limits, Situation(closed=False))
    assert (later.hash == made.hash) == (not later.waiting)


@given(many(), st.data())
def test_a_missing_member_is_a_hole_unless_a_gap_is_registered(members, data):
    due = {(member.run, member.chunk) for member in members}
    lost = data.draw(st.sampled_from(members))
    there = [member for member in members if member is not lost]
    gap = Gap(lost.run, lost.chunk, "tape destroyed", "A. Smith", 12)
    chunk = (lost.run, lost.chunk)
    assert holes(members, Due(due)) == ()
    assert [(hole.run, hole.chunk) for hole in holes(there, Due(due))] == [chunk]
    assert holes(there, Due(due, gaps=(gap,))) == ()
    assert holes(there, Due(due, failed=[chunk], gaps=(gap,))) == ()
    for bad in (replace(gap, reason=" "), replace(gap, approver=""), replace(gap, n_events=-1)):
        assert "gap has" in holes(there, Due(due, gaps=(bad,)))[0].why
    assert "failed" in holes(there, Due(due, failed=[chunk]))[0].why
    assert "failed" in holes(members, Due(due, failed=[chunk]))[0].why
    assert "registered as a gap" in holes(members, Due(due, gaps=(gap,)))[0].why
    assert "not a chunk" in holes(members, Due(due - {chunk}))[0].why
    if there:
        with pytest.raises(UnplannableInputs, match="missing"):
            plan(there, Limits(), due=Due(due))
        complete = plan(there, Limits(), due=Due(due, gaps=(gap,)))
        other = plan(there, Limits(), due=Due(due, gaps=(replace(gap, approver="B. Jones"),)))
        assert complete.hash != other.hash != plan(there, Limits()).hash


def test_the_limits_of_the_tests_reach_every_rule():
    """A part of several files above the target, which only the tolerance allows."""
    limits = Limits(target=10, tolerance=20)
    assert [group.size for group in plan(members_of([6, 6]), limits).groups] == [12]
    assert [group.size for group in plan(members_of([6, 4, 6, 4]), limits).groups] == [10, 10]
    assert all(one.part < other.part for one, other in pairwise(plan(members_of([9, 9, 9]), limits).groups))


def test_the_target_is_kept_where_parts_above_it_would_be_more_even():
    """11 + 7 + 8 is more even than 6 + 10 + 10, and above the target without saving a part."""
    members = members_of([6, 5, 5, 2, 3, 5])
    for tolerance in (0, 20):
        made = plan(members, Limits(target=10, tolerance=tolerance))
        assert [group.size for group in made.groups] == [6, 10, 10]
    events = plan(members_of([1] * 6, [6, 5, 5, 2, 3, 5]), Limits(max_events=10))
    assert max(group.n_events for group in events.groups) <= 10
