"""The merge plan against a slow judge that tries every cut."""

from __future__ import annotations

from functools import cache

from hypothesis import given
from hypothesis import strategies as st

from merging.model import Limits, Member
from merging.plan import plan

limits = st.builds(Limits, target=st.integers(1, 30), max_inputs=st.integers(1, 6))
chunks = st.one_of(st.from_regex(r"[0-9]{1,5}", fullmatch=True), st.text(min_size=1, max_size=3))


def members_of(sizes):
    return [Member(at, f"/raw/cdr{at:05d}.raw", f"{at:05d}", size) for at, size in enumerate(sizes)]


@st.composite
def many(draw):
    sizes = draw(st.lists(st.one_of(st.integers(0, 12), st.integers(0, 40)), min_size=1, max_size=40))
    names = draw(st.lists(chunks, min_size=len(sizes), max_size=len(sizes), unique=True))
    return [
        Member(at, f"/raw/{at}-{name}", name, size)
        for at, (name, size) in enumerate(zip(names, sizes, strict=True))
    ]


def best_cut(sizes, limits):
    """Fewest parts, and the least sum of squares among those: by trying all."""

    @cache
    def best(start):
        if start == len(sizes):
            return 0, 0
        found = []
        for stop in range(start + 1, len(sizes) + 1):
            size = sum(sizes[start:stop])
            if stop - start == 1 or (size <= limits.target and stop - start <= limits.max_inputs):
                parts, squares = best(stop)
                found.append((parts + 1, squares + size**2))
        return min(found)

    return best(0)


@given(many(), limits, st.randoms())
def test_the_order_of_the_inputs_changes_nothing(members, limits, random):
    shuffled = list(members)
    random.shuffle(shuffled)
    assert plan(members, limits) == plan(shuffled, limits)


@given(many(), limits)
def test_every_file_is_in_one_part_and_parts_follow_the_chunks(members, limits):
    made = plan(members, limits)
    order = [member for group in made.groups for member in group.members]
    assert sorted(order, key=lambda member: member.file_id) == members
    assert [group.part for group in made.groups] == list(range(len(made.groups)))
    if all(member.chunk.isascii() and member.chunk.isdigit() for member in members):
        assert [int(member.chunk) for member in order] == sorted(int(member.chunk) for member in members)
    else:
        assert [member.chunk for member in order] == sorted(member.chunk for member in members)


@given(many(), limits)
def test_limits_are_kept_except_by_a_single_file(members, limits):
    for group in plan(members, limits).groups:
        assert len(group.members) == 1 or group.size <= limits.target
        assert 1 <= len(group.members) <= limits.max_inputs


@given(st.lists(st.integers(0, 40), min_size=1, max_size=14), limits)
def test_no_cut_has_fewer_parts_nor_more_even_ones(sizes, limits):
    groups = plan(members_of(sizes), limits).groups
    assert (len(groups), sum(group.size**2 for group in groups)) == best_cut(tuple(sizes), limits)


@given(st.lists(st.integers(0, 40), min_size=1, max_size=300), limits)
def test_filling_to_the_brim_never_needs_fewer_parts(sizes, limits):
    parts, size, count = 1, 0, 0
    for new in sizes:
        if count and (size + new > limits.target or count == limits.max_inputs):
            parts, size, count = parts + 1, 0, 0
        size, count = size + new, count + 1
    assert len(plan(members_of(sizes), limits).groups) == parts


@given(many(), limits)
def test_the_hash_tells_members_and_limits_apart(members, limits):
    made = plan(members, limits).hash
    first = members[0]
    other_size = Member(first.file_id, first.lfn, first.chunk, first.size + 1)
    other_name = Member(first.file_id, first.lfn + "x", first.chunk, first.size)
    for other in (other_size, other_name):
        assert plan([other, *members[1:]], limits).hash != made
    assert plan(members, Limits(limits.target + 1, limits.max_inputs)).hash != made
    assert plan(members, Limits(limits.target, limits.max_inputs + 1)).hash != made
