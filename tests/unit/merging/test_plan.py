from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from merging.errors import UnplannableInputs
from merging.model import Limits, Member, Situation, Treat
from merging.plan import plan


def members(**sizes):
    return [
        Member(at, f"mDST-275678-{chunk[1:]}-0-7.root", chunk[1:], size)
        for at, (chunk, size) in enumerate(sizes.items())
    ]


def parts(made):
    return [[member.chunk for member in group.members] for group in made.groups]


def test_chunks_are_ordered_as_numbers_and_keep_their_zeros():
    made = plan(members(c11091=1, c9001=1, c09000=1, c100=1), Limits())
    assert parts(made) == [["100", "09000", "9001", "11091"]]


def test_chunks_that_are_not_all_numbers_are_ordered_as_text():
    assert parts(plan(members(c10=1, ca=1, c9=1), Limits())) == [["10", "9", "a"]]


def test_parts_are_filled_evenly_instead_of_leaving_a_small_rest():
    made = plan(members(**{f"c{n}": 10 for n in range(10)}), Limits(target=40))
    assert [len(group.members) for group in made.groups] in ([3, 3, 4], [3, 4, 3], [4, 3, 3])


def test_a_file_above_the_target_is_a_part_of_its_own():
    assert parts(plan(members(c1=3, c2=50, c3=3, c4=3), Limits(target=10))) == [["1"], ["2"], ["3", "4"]]


def test_a_file_of_exactly_the_target_fits():
    assert parts(plan(members(c1=10, c2=0), Limits(target=10))) == [["1", "2"]]


def test_the_number_of_inputs_is_limited_too():
    made = plan(members(**{f"c{n}": 33 for n in range(2001)}), Limits(max_inputs=1000))
    assert [len(group.members) for group in made.groups] == [667, 667, 667]


def test_the_hash_is_stable_across_versions():
    made = plan(members(c11091=4_000, c11092=5_000), Limits())
    assert made.hash == "2f3ade2f4a01becb3145bdf1face367b344b8ff15d3adc198c75bc34ecb6713c"


def test_an_iterator_will_do():
    assert parts(plan(iter(members(c1=1, c2=1)), Limits())) == [["1", "2"]]


@pytest.mark.parametrize(
    ("given", "limits", "said"),
    [
        ([], Limits(), "no files"),
        (members(c1=-1), Limits(), "mDST-275678-1-0-7.root: a size of -1 bytes"),
        (members(c1=1), Limits(target=0), "limits"),
        (members(c1=1), Limits(max_inputs=0), "limits"),
        ([Member(1, "a", "1", 1), Member(2, "a", "2", 1)], Limits(), "file a is given twice"),
        ([Member(1, "a", "1", 1), Member(2, "b", "1", 1)], Limits(), "chunk 1 is given twice: a and b"),
        (members(c1=1) * 2, Limits(), "given twice"),
    ],
)
def test_what_cannot_be_planned_is_refused(given, limits, said):
    with pytest.raises(UnplannableInputs, match=said):
        plan(given, limits)


# ------------------------------------------------------------------------------ what holds nothing
def test_a_file_that_holds_nothing_is_merged_left_out_or_refused():
    there = [
        Member(1, "a", "1", 500, 3),
        Member(2, "b", "2", 33, None),
        Member(3, "c", "3", 500, 0),
        Member(4, "d", "4", 500, None),
    ]
    assert parts(plan(there, Limits(empty_size=33))) == [["1", "2", "3", "4"]]
    dumps = plan(there, Limits(empty_size=33, empty=Treat.LEAVE_OUT))
    assert parts(dumps) == [["1", "3", "4"]]
    assert [(e.member.lfn, e.why) for e in dumps.left_out] == [("b", "an empty dump of 33 bytes")]
    zeros = plan(there, Limits(zero_events=Treat.LEAVE_OUT))
    assert parts(zeros) == [["1", "2", "4"]], "a file that nobody counted is no file of 0 events"
    assert [(e.member.lfn, e.why) for e in zeros.left_out] == [("c", "it holds 0 events")]
    with pytest.raises(UnplannableInputs, match=r"c: it holds 0 events, which is to be refused"):
        plan(there, Limits(zero_events=Treat.REFUSE))


def test_a_run_of_nothing_but_empty_dumps_is_a_plan_without_parts():
    made = plan([Member(1, "a", "1", 33)], Limits(empty_size=33, empty=Treat.LEAVE_OUT))
    assert made.groups == ()
    assert len(made.left_out) == 1
    assert made.hash


def test_events_limit_a_part_and_must_then_be_known():
    there = [Member(at, str(at), str(at), 1, 400) for at in range(5)]
    assert [group.n_events for group in plan(there, Limits(max_events=1000)).groups] == [400, 800, 800]
    with pytest.raises(UnplannableInputs, match="events are not known"):
        plan([*there, Member(9, "9", "9", 1)], Limits(max_events=1000))


# -------------------------------------------------------------------------------------- leftovers
HOUR = timedelta(hours=1)
NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("situation", "waits"),
    [
        (Situation(closed=False), True),
        (Situation(closed=True), False),
        (Situation(closed=True, keep=True), True),
        (Situation(closed=False, patience=HOUR, now=NOW), True),  # it has just come
        (Situation(closed=False, patience=HOUR, now=NOW, since={2: NOW - HOUR / 2}), True),
        (Situation(closed=False, patience=HOUR, now=NOW, since={2: NOW - HOUR}), False),
        (Situation(closed=False, patience=HOUR, now=NOW, since={0: NOW - HOUR}), True),  # of a full part
        (Situation(closed=False, keep=True, patience=HOUR, now=NOW, since={2: NOW - HOUR}), True),
    ],
)
def test_a_leftover_waits_for_more_for_a_time_or_for_the_end(situation, waits):
    there = [Member(at, str(at), str(at), 5) for at in range(3)]
    made = plan(there, Limits(target=10, min_fill=60), situation)
    assert parts(made) == ([["0", "1"]] if waits else [["0"], ["1", "2"]])
    assert [member.chunk for member in made.waiting] == (["2"] if waits else [])
    enough = plan(there, Limits(target=10, min_fill=50), situation)
    assert not enough.waiting


def test_boundaries_wait_each_for_themselves():
    there = [Member(at, str(at), str(at), 6, bounds=(at % 2,)) for at in range(4)]
    made = plan(there, Limits(target=12, min_fill=100, boundaries=("stream",)), Situation(closed=False))
    assert parts(made) == [["0", "2"], ["1", "3"]]
    made = plan(there[:3], Limits(target=12, min_fill=100, boundaries=("stream",)), Situation(closed=False))
    assert parts(made) == [["0", "2"]]
    assert [member.chunk for member in made.waiting] == ["1"]


def test_files_lack_no_value_of_a_boundary():
    with pytest.raises(UnplannableInputs, match=r"a: 1 values of boundaries, for run, spill"):
        plan([Member(1, "a", "1", 5, bounds=(7,))], Limits(boundaries=("run", "spill")))


def test_the_same_chunk_of_two_runs_or_streams_is_no_twin():
    there = [Member(at, str(at), "7", 5, run=run, bounds=(stream,)) for at, (run, stream) in
             enumerate([(1, "a"), (1, "b"), (2, "a")])]  # fmt: skip
    assert len(plan(there, Limits(boundaries=("stream",))).groups) == 2
    with pytest.raises(UnplannableInputs, match="chunk 7 is given twice"):
        plan([*there, Member(9, "9", "7", 5, run=2, bounds=("a",))], Limits(boundaries=("stream",)))


@pytest.mark.parametrize("wrong", [{"min_fill": 101}, {"min_fill": -1}, {"tolerance": -1}, {"max_events": 0}])
def test_limits_that_make_no_sense_are_refused(wrong):
    with pytest.raises(UnplannableInputs, match="limits that"):
        plan(members(c1=1), Limits(**wrong))


@pytest.mark.parametrize(
    ("chunks", "order"),
    [
        (["2", "+1"], ["+1", "2"]),
        (["20", "1_0"], ["1_0", "20"]),
        (["2", " 1"], [" 1", "2"]),
        (["10", "\u0662"], ["10", "\u0662"]),
        (["9", "09", "10"], ["09", "9", "10"]),
        (["1" * 5000, "2"], ["2", "1" * 5000]),
        (["", "2", "10"], ["", "10", "2"]),
    ],
)
def test_only_plain_digits_are_a_number(chunks, order):
    assert parts(plan([Member(at, str(at), chunk, 1) for at, chunk in enumerate(chunks)], Limits())) == [
        order
    ]
