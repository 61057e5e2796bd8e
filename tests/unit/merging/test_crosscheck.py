from __future__ import annotations

import pytest

from merging.crosscheck import ChunkFacts, Counted, PartFacts, cross_check
from merging.model import Agree, Differ, Unheard

ALL, SUBSET, NONE = Counted


def chunk(name, *counts):
    return ChunkFacts(name, *counts)


def part(number, *chunks, job, read):
    return PartFacts(number, chunks, job, read)


def test_errors_of_two_parts_do_not_compensate():
    parts = [
        part(0, chunk("11091", 100, 100, 100, 100), job=105, read=105),
        part(1, chunk("11092", 100, 100, 100, 100), job=95, read=95),
    ]
    verdict = cross_check(parts, counted=ALL)
    assert verdict == Differ(
        (
            (
                0,
                "part 0: its 1 files hold 100 events, the merge job says 105, the merged file holds 105",
            ),
            (
                1,
                "part 1: its 1 files hold 100 events, the merge job says 95, the merged file holds 95",
            ),
        )
    )


def test_events_lost_in_reconstruction_are_seen_per_chunk_and_for_the_run():
    verdict = cross_check([part(0, chunk("11091", 100, 100, 99, 99), job=99, read=99)], counted=ALL)
    assert verdict == Differ(
        (
            (0, "chunk 11091: raw count 100, the job says 99, the file holds 99 events"),
            (
                None,
                "the run: raw count 100, the files of its 1 chunks hold 99, its 1 merged files 99 events",
            ),
        )
    )


def test_the_raw_catalogue_and_the_raw_file_must_agree_where_both_speak():
    verdict = cross_check([part(0, chunk("1", 101, 100, 100, 100), job=100, read=100)], counted=ALL)
    assert verdict == Differ(((0, "chunk 1: the raw catalogue has 101 events, the raw file 100"),))


@pytest.mark.parametrize("raw", [(None, 7), (7, None), (7, 7)])
def test_one_raw_count_is_enough(raw):
    assert cross_check([part(0, chunk("1", *raw, 7, 7), job=7, read=7)], counted=ALL) == Agree()


@pytest.mark.parametrize("counted", [ALL, SUBSET])
def test_without_any_raw_count_there_is_no_agreement(counted):
    verdict = cross_check([part(0, chunk("1", None, None, 7, 7), job=7, read=7)], counted=counted)
    assert verdict == Unheard(("the raw count of chunk 1 (neither in the raw catalogue nor read)",))


def test_zero_agrees_with_zero_only_if_the_file_says_so():
    assert cross_check([part(0, chunk("1", 0, 0, 0, 0), job=0, read=0)], counted=ALL) == Agree()
    verdict = cross_check([part(0, chunk("1", 0, 0, 0, None), job=0, read=None)], counted=ALL)
    assert verdict == Unheard(
        ("a count read from the file of chunk 1", "a count read from the merged file of part 0")
    )


def test_unknown_is_not_zero():
    verdict = cross_check([part(0, chunk("1", 0, 0, None, 0), job=None, read=0)], counted=ALL)
    assert verdict == Unheard(("what the job says of chunk 1", "what the merge job says of part 0"))


def test_a_difference_outweighs_a_missing_witness():
    parts = [part(0, chunk("1", 5, 5, 5, None), job=None, read=None), part(1, job=1, read=2)]
    assert isinstance(cross_check(parts, counted=ALL), Differ)


def test_a_subset_may_lack_events_but_not_gain_any():
    assert cross_check([part(0, chunk("1", 9, 9, 4, 4), job=4, read=4)], counted=SUBSET) == Agree()
    verdict = cross_check([part(0, chunk("1", 9, 9, 10, 10), job=10, read=10)], counted=SUBSET)
    assert isinstance(verdict, Differ)
    assert (0, "chunk 1: the file holds 10 events, more than the 9 of the raw file") in verdict.where


def test_a_chunk_in_two_parts_differs():
    parts = [part(number, chunk("1", 5, 5, 5, 5), job=5, read=5) for number in (0, 1)]
    assert cross_check(parts, counted=ALL) == Differ(((1, "chunk 1 is in part 0 and again in part 1"),))


def test_a_part_listed_twice_differs():
    parts = [part(0, chunk(name, 5, 5, 5, 5), job=5, read=5) for name in "ab"]
    assert cross_check(parts, counted=ALL) == Differ(((0, "part 0 is listed twice"),))


@pytest.mark.parametrize("counted", Counted)
def test_nothing_at_all_is_not_agreement(counted):
    assert cross_check([], counted=counted) == Unheard(("any part of the run",))
    verdict = cross_check([part(0, job=0, read=0)], counted=counted)
    assert verdict == Unheard(("the chunks of part 0",))


def test_negative_counts_are_no_counts():
    verdict = cross_check([part(0, chunk("1", -1, -1, -1, -1), job=-1, read=-1)], counted=ALL)
    assert isinstance(verdict, Differ)
    assert (0, "chunk 1: -1 is not a number of events") in verdict.where


def test_files_that_are_not_of_events_are_counted_as_files():
    logs = [chunk(name, 100, 100, None, None) for name in "abc"]
    assert cross_check([part(0, *logs, job=None, read=3)], counted=NONE) == Agree()
    assert cross_check([part(0, *logs, job=None, read=None)], counted=NONE) == Agree()
    assert cross_check([part(0, *logs, job=None, read=2)], counted=NONE) == Differ(
        ((0, "part 0: 3 files went in, 2 are in the merged file"),)
    )


def test_a_long_chunk_name_does_not_make_a_long_sentence():
    verdict = cross_check([part(0, chunk("x" * 1000, 1, 1, 1, 2), job=2, read=2)], counted=ALL)
    assert isinstance(verdict, Differ)
    assert all(len(text) < 250 for _, text in verdict.where)
