"""Shares of jobs and chains of merges: every event and every file once, limits kept, as few as can be."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st

from merging.chain import Reach, chain
from merging.errors import UnplannableInputs
from merging.model import Member
from merging.split import JobLimits, split

limits = st.builds(
    JobLimits,
    events=st.none() | st.integers(1, 20),
    size=st.none() | st.integers(1, 40),
    max_inputs=st.integers(1, 6),
)


def files(counts, sizes=None, bounds=None):
    return [
        Member(
            at,
            f"/aod/{at:03d}.root",
            f"{at:03d}",
            sizes[at] if sizes else 10,
            count,
            bounds=(bounds or {}).get(at, ()),
        )
        for at, count in enumerate(counts)
    ]


@st.composite
def many(draw):
    pairs = draw(st.lists(st.tuples(st.integers(0, 25), st.integers(0, 15)), min_size=1, max_size=25))
    bounds = {at: (draw(st.integers(1, 2)),) for at in range(len(pairs))}
    return files([count for count, _ in pairs], [size for _, size in pairs], bounds)


def test_ten_small_files_and_one_large_one_are_jobs_of_the_same_size():
    """AOD of 1 000 and one of 10 000 events: the same setting, and nobody looks."""
    ten, one = files([1000] * 10), files([10_000])
    whole = JobLimits(events=5000)
    assert [share.n_events for share in split(ten, whole).shares] == [5000, 5000]
    assert [share.n_events for share in split(one, whole).shares] == [10_000], "the program reads whole files"
    inside = JobLimits(events=5000, inside_files=True)
    assert [share.n_events for share in split(ten, inside).shares] == [5000, 5000]
    (first, second) = split(one, inside).shares
    assert [(piece.first, piece.n_events) for share in (first, second) for piece in share.slices] == [
        (0, 5000),
        (5000, 5000),
    ]
    mixed = files([1000, 10_000, 400, 0])
    assert [share.n_events for share in split(mixed, inside).shares] == [3800, 3800, 3800]
    assert [member.lfn for member in split(mixed, inside).idle] == ["/aod/003.root"]


@given(many(), limits, st.randoms())
def test_whole_files_are_shared_out_in_any_order_of_input_without_loss(members, limits, random):
    limits = replace(limits, boundaries=("run",))
    shuffled = list(members)
    random.shuffle(shuffled)
    made = split(members, limits)
    assert made == split(shuffled, limits)
    assert sorted((p.member for s in made.shares for p in s.slices), key=lambda m: m.file_id) == members
    for share in made.shares:
        assert len({piece.member.bounds for piece in share.slices}) == 1
        assert len(share.slices) <= limits.max_inputs
        if len(share.slices) > 1:
            assert limits.events is None or share.n_events <= limits.events
            assert limits.size is None or share.size <= limits.size


def fewest_ranges(events, sizes, limits):
    """By trying every place where a job can end, event by event."""
    owner = [at for at, count in enumerate(events) for _ in range(count)]

    @cache
    def best(start):
        if start == len(owner):
            return 0
        found = []
        for stop in range(start + 1, min(len(owner), start + limits.events) + 1):
            read = {owner[at] for at in range(start, stop)}
            size = sum(sizes[at] for at in read)
            if len(read) == 1 or (len(read) <= limits.max_inputs and (limits.size or size) >= size):
                found.append(1 + best(stop))
        return min(found)

    return best(0)


@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=6),
    st.integers(1, 8),
    st.none() | st.integers(1, 20),
    st.integers(1, 3),
)
def test_every_event_is_in_one_job_and_there_are_as_few_as_can_be(pairs, events, size, max_inputs):
    counts, sizes = [count for count, _ in pairs], [size for _, size in pairs]
    limits = JobLimits(events, size, max_inputs, inside_files=True)
    made = split(files(counts, sizes), limits)
    seen = [
        (piece.member.file_id, at)
        for share in made.shares
        for piece in share.slices
        for at in range(piece.first, piece.first + piece.n_events)
    ]
    assert seen == [(file, at) for file, count in enumerate(counts) for at in range(count)]
    assert [member.file_id for member in made.idle] == [at for at, count in enumerate(counts) if not count]
    assert len(made.shares) == fewest_ranges(counts, sizes, limits)
    for share in made.shares:
        assert 1 <= share.n_events <= events
        assert len(share.slices) <= max_inputs
    if size is None and max_inputs >= len(pairs) and made.shares:
        spread = [share.n_events for share in made.shares]
        assert max(spread) - min(spread) <= 1


@given(many(), limits)
def test_the_hash_of_a_split_tells_what_decides_apart(members, limits):
    limits = replace(limits, boundaries=("run",))
    made = split(members, limits).hash
    first = members[0]
    for other in (replace(first, size=first.size + 1), replace(first, lfn="x"), replace(first, n_events=99)):
        assert split([other, *members[1:]], limits).hash != made
    assert split(members, replace(limits, max_inputs=limits.max_inputs + 1)).hash != made


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        (JobLimits(events=0), "admit nothing"),
        (JobLimits(size=0), "admit nothing"),
        (JobLimits(max_inputs=0), "admit nothing"),
        (JobLimits(size=5, inside_files=True), "number of events per job"),
        (JobLimits(events=5), "events are not known"),
    ],
)
def test_what_cannot_be_shared_out_is_refused(limits, said):
    with pytest.raises(UnplannableInputs, match=said):
        split([Member(1, "a", "1", 5)], limits)


# ----------------------------------------------------------------------------------------- chains
reaches = st.builds(
    Reach, max_inputs=st.integers(2, 5), size=st.none() | st.integers(1, 60), adds_up=st.booleans()
)


@given(st.lists(st.integers(0, 12), min_size=1, max_size=60), reaches)
def test_a_chain_reads_everything_once_and_ends_in_one_file(sizes, reach):
    members = files([1] * len(sizes), sizes)
    try:
        made = chain(members, reach)
    except UnplannableInputs:
        smallest_two = sorted(sizes)[:2]
        assert reach.size is not None
        assert sum(sizes) > reach.size if reach.adds_up else sum(smallest_two) + 24 > reach.size
        return
    below = sizes
    for number, level in enumerate(made.levels, 1):
        assert [(link.level, link.number) for link in level] == [(number, at) for at in range(len(level))]
        assert [at for link in level for at in range(link.start, link.stop)] == list(range(len(below)))
        for link in level:
            read = below[link.start : link.stop]
            assert link.reads == sum(read)
            assert link.writes == (sum(read) if reach.adds_up else max(read))
            assert len(read) == 1 or (
                len(read) <= reach.max_inputs and link.reads <= (reach.size or link.reads)
            )
        below = [link.writes for link in level]
    assert len(made.levels[-1]) == 1
    assert made.jobs == max(1, sum(link.stop - link.start > 1 for link in made))


@given(st.integers(1, 5000), st.integers(2, 50))
def test_a_chain_has_no_level_and_no_merge_too_many(number, max_inputs):
    made = chain(files([1] * number, [1] * number), Reach(max_inputs))
    left, levels = number, []
    while not levels or left > 1:
        left = -(-left // max_inputs)
        levels.append(left)
    assert [len(level) for level in made.levels] == levels


def test_five_thousand_histograms_are_three_jobs_deep_and_need_no_more_room_than_they_write():
    made = chain(files([1] * 5000, [40_000_000] * 5000), Reach(max_inputs=50, adds_up=False))
    assert [len(level) for level in made.levels] == [100, 2, 1]
    assert made.scratch == 100 * 40_000_000
    assert {link.writes for link in made} == {40_000_000}
    assert chain(files([1]), Reach()).jobs == 1


@pytest.mark.parametrize(
    ("sizes", "reach"),
    [
        ([], Reach()),
        ([5, 5], Reach(size=9)),
        ([5, 5], Reach(max_inputs=1)),
        ([5, 5], Reach(size=9, adds_up=False)),
    ],
)
def test_a_chain_that_never_ends_is_refused(sizes, reach):
    with pytest.raises(UnplannableInputs):
        chain(files([1] * len(sizes), sizes), reach)


def test_links_come_in_an_order_in_which_they_can_be_run():
    made = chain(files([1] * 9), Reach(max_inputs=2))
    assert [level for level, _ in groupby(link.level for link in made)] == [1, 2, 3, 4]
