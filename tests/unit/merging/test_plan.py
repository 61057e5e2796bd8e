from __future__ import annotations

import pytest

from merging.errors import UnplannableInputs
from merging.model import Limits, Member
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
    assert made.hash == "1b18fc795d650d5512ada7f52118df1b8d37951213644efa0ddc58c142c24c75"


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
