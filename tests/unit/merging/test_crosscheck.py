"""The cross-check by example; its numbers C1 … are those of docs/explanation/crosscheck.md."""

from __future__ import annotations

import zlib
from dataclasses import replace

import pytest

from merging.crosscheck import cross_check, recounted
from merging.remedies import Act, remedies
from merging.verdict import (
    Agree,
    Differ,
    Difference,
    Missing,
    Permit,
    Permitted,
    Unknown,
    What,
    Who,
    dumps,
    loads,
    sentences,
)
from merging.waiving import Waiver, by_part, covered, outlived
from merging.witnesses import ChunkFacts, Counted, Gap, LeftOut, PartFacts, Read, Rules, RunFacts

ALL, SUBSET, NONE = (Rules(counted) for counted in Counted)
SIZE, ADLER = 1000, 0x04A9F1CF


def chunk(name, *counts, **more):
    """A chunk whose bytes the merge read as they are; no two names have the same."""
    adler32 = ADLER if name == "1" else zlib.adler32(name.encode())
    facts = {"size": SIZE, "adler32": adler32, "reading": Read(SIZE, adler32), **more}
    return ChunkFacts(name, *counts, **facts)


def part(number, *chunks, job, read, **more):
    return PartFacts(number, chunks, job, read, **more)


def run(*parts, left_out=(), raw=None):
    return RunFacts(parts, tuple(left_out), raw)


def texts(verdict):
    return [entry.sentence for entry in verdict.where]


def test_two_chunks_with_the_same_bytes_differ_though_every_count_agrees():
    """A job that leaves the file of another chunk doubles its events and loses its own."""
    one, same = chunk("1", 5, 5, 5, 5), chunk("2", 5, 5, 5, 5, adler32=ADLER, reading=Read(SIZE, ADLER))
    found = cross_check(run(part(0, one, job=5, read=5), part(1, same, job=5, read=5)), ALL)
    assert texts(found) == [
        "part 1, chunk 2: twice: its file has the same bytes as that of part 0, chunk 1, with 5 events"
    ]
    assert [(entry.act, entry.chunk) for entry in remedies(found.where)] == [(Act.REPROCESS, "2")]
    empty = [replace(entry, raw_catalogue=0, raw_read=0, job=0, read=0) for entry in (one, same)]
    assert cross_check(run(part(0, *empty, job=0, read=0)), ALL) == Agree()
    logs = part(0, one, same, job=None, read=2)
    assert cross_check(run(logs), NONE) == Agree()


def test_two_parts_with_the_same_bytes_differ_though_every_count_agrees():
    both = [part(n, chunk(str(n), 5, 5, 5, 5), job=5, read=5, size=400, adler32=7) for n in range(2)]
    found = cross_check(run(*both), ALL)
    assert texts(found) == ["part 1: twice: its file has the same bytes as that of part 0, with 5 events"]
    assert [(entry.act, entry.part) for entry in remedies(found.where)] == [(Act.MERGE_AGAIN, 1)]


# ------------------------------------------------------------------ the accidents of the old system
def test_c1_every_part_is_checked_not_only_the_last():
    """x_check_dump overwrote its sums in the loop: only the last part of a run was tested."""
    parts = [part(n, chunk(str(n), 10, 10, 10, 10), job=10, read=9 if n == 0 else 10) for n in range(3)]
    found = cross_check(run(*parts), ALL)
    assert texts(found) == ["part 0: events: its inputs 10, merge job 10, merged file 9 (1 lost)"]


def test_c2_errors_of_two_parts_do_not_compensate():
    """x_check_mdst compared sums over the run."""
    found = cross_check(
        run(
            part(0, chunk("11091", 100, 100, 100, 100), job=105, read=105),
            part(1, chunk("11092", 100, 100, 100, 100), job=95, read=95),
        ),
        ALL,
    )
    assert texts(found) == [
        "part 0: events: its inputs 100, merge job 105, merged file 105 (5 too many)",
        "part 1: events: its inputs 100, merge job 95, merged file 95 (5 lost)",
    ]


def test_c3_zero_agrees_with_zero_only_if_the_file_says_so():
    """The pilot wrote 0 where the job's log had no line with a count, and 0 == 0 passed."""
    assert cross_check(run(part(0, chunk("1", 0, 0, 0, 0), job=0, read=0)), ALL) == Agree()
    found = cross_check(run(part(0, chunk("1", 0, 0, 0, None), job=0, read=None)), ALL)
    assert found == Unknown((Missing(0, "1", Who.FILE), Missing(0, "", Who.MERGED_FILE)))


def test_c4_unknown_is_not_zero():
    found = cross_check(run(part(0, chunk("1", 0, 0, None, 0), job=None, read=0)), ALL)
    assert found == Unknown((Missing(0, "1", Who.JOB), Missing(0, "", Who.MERGE_JOB)))


def test_c5_what_a_job_printed_is_not_enough():
    """Counts came from logs; nothing opened the files."""
    found = cross_check(run(part(0, chunk("1", 7, None, 7, None), job=7, read=None)), ALL)
    assert isinstance(found, Unknown)
    assert {entry.who for entry in found.missing} == {Who.FILE, Who.MERGED_FILE}


def test_c6_events_lost_in_reconstruction_are_seen():
    """It was never compared with the raw catalogue."""
    found = cross_check(run(part(0, chunk("11091", 100, 100, 99, 99), job=99, read=99)), ALL)
    assert texts(found) == [
        "part 0, chunk 11091: events: raw catalogue 100, raw file 100, job 99, file 99 (1 lost)"
    ]
    assert (found.where[0].by, found.where[0].step) == (-1, (Who.RAW_FILE, Who.JOB))


def test_c7_a_raw_chunk_that_never_became_a_job_is_missed():
    found = cross_check(
        run(part(0, chunk("1", 5, 5, 5, 5), job=5, read=5), left_out=[LeftOut("2", 6)], raw=frozenset("12")),
        ALL,
    )
    (text,) = texts(found)
    assert text.startswith("the run, chunk 2: place: raw catalogue 6, raw file unknown, job unknown,")
    assert text.endswith("the parts 0: the raw chunk is in no part")
    nobody = cross_check(run(part(0, chunk("1", 5, 5, 5, 5), job=5, read=5), raw=frozenset("12")), ALL)
    assert texts(nobody) == ["the run, chunk 2: place: the raw chunk is in no part"]


@pytest.mark.parametrize("rules", [ALL, SUBSET, NONE])
def test_c8_sizes_and_checksums_of_inputs_are_compared_where_they_are_read(rules):
    """Checksums were in the PanDA table and unused; sizes were added up of the last part only."""
    good = chunk("1", 5, 5, 5, 5)
    short = replace(good, reading=Read(SIZE - 1, ADLER))
    other = replace(good, reading=Read(SIZE, ADLER + 1))
    found = [
        cross_check(run(part(0, bad, job=5, read=5 if rules != NONE else 1)), rules) for bad in (short, other)
    ]
    assert texts(found[0])[0] == "part 0, chunk 1: bytes: catalogue 1000, as the merge read it 999 (1 lost)"
    assert texts(found[1])[0] == "part 0, chunk 1: adler32: catalogue 04a9f1cf, as the merge read it 04a9f1d0"


def test_c9_one_chunk_that_nobody_knows_holds_no_other_part():
    """A poison row killed the pass for all later runs."""
    found = cross_check(
        run(
            part(0, chunk("1", None, None, None, None), job=None, read=None),
            part(1, chunk("2", 5, 5, 5, 5), job=5, read=5),
        ),
        ALL,
    )
    held = by_part((), found.missing, (0, 1))
    assert held[0].missing
    assert not held[1].missing


# ---------------------------------------------------------------------------------- witnesses
def test_the_raw_catalogue_and_the_raw_file_must_agree_where_both_speak():
    found = cross_check(run(part(0, chunk("1", 101, 100, 100, 100), job=100, read=100)), ALL)
    assert [(entry.what, entry.step) for entry in found.where] == [
        (What.EVENTS, (Who.RAW_CATALOGUE, Who.RAW_FILE))
    ]


@pytest.mark.parametrize("raw", [(None, 7), (7, None), (7, 7)])
def test_one_raw_count_is_enough(raw):
    assert cross_check(run(part(0, chunk("1", *raw, 7, 7), job=7, read=7)), ALL) == Agree()


@pytest.mark.parametrize("rules", [ALL, SUBSET])
def test_without_any_raw_count_there_is_no_agreement(rules):
    found = cross_check(run(part(0, chunk("1", None, None, 7, 7), job=7, read=7)), rules)
    assert found == Unknown((Missing(0, "1", "raw catalogue or raw file"),))


def test_a_difference_outweighs_a_missing_witness_and_both_are_told():
    found = cross_check(
        run(part(0, chunk("1", 5, 5, 5, None), job=None, read=None), part(1, job=1, read=2)), ALL
    )
    assert isinstance(found, Differ)
    assert found.missing


def test_a_merge_that_does_not_tell_what_it_read_is_not_believed():
    silent = [chunk(name, 5, 5, 5, 5, reading=None) for name in "abcde"]
    found = cross_check(run(part(0, *silent, job=25, read=25)), ALL)
    assert found == Unknown((Missing(0, "", Who.MERGE_JOB, "what it read", "bytes and adler32 of 5 inputs"),))
    one = cross_check(run(part(0, *silent[:1], chunk("b", 5, 5, 5, 5), job=10, read=10)), ALL)
    assert [entry.chunk for entry in one.missing] == ["a"]
    permitted = Rules(Counted.ALL, frozenset({Permit.UNREPORTED}))
    found = cross_check(run(part(0, *silent, job=25, read=25)), permitted)
    assert found == Agree((Permitted(Permit.UNREPORTED, 0, "", None, "of 5 inputs"),))


def test_what_the_merge_counted_in_an_input_is_a_witness():
    odd = chunk("1", 5, 5, 5, 5, reading=Read(SIZE, ADLER, 4))
    found = cross_check(run(part(0, odd, job=5, read=5)), ALL)
    assert found.where[0].said[-1] == (Who.READING, 4)


def test_a_recount_years_later_is_a_witness_of_its_own():
    good = part(0, chunk("1", 5, 5, 5, 5), job=5, read=5, size=900, adler32=7)
    assert cross_check(run(replace(good, recounts=(Read(900, 7, 5),))), ALL) == Agree()
    found = cross_check(run(replace(good, recounts=(Read(900, 7, 4),))), ALL)
    assert texts(found) == ["part 0: events: merged file 5, recount 4 (1 lost)"]
    later = replace(good, chunks=(chunk("1", 5, 5, 5, 5, raw_recount=6),))
    assert cross_check(run(later), ALL).where[0].step == (Who.RAW_FILE, Who.RAW_RECOUNT)


def test_a_recount_that_could_not_count_says_nothing_of_events():
    then = Read(900, 7, 5, {"physics": 5})
    assert recounted(0, "", then, Read(900, 7)) == []
    found = recounted(0, "", then, Read(901, 8, 5, {"physics": 5, "calibration": 1}))
    assert [(entry.what, entry.by) for entry in found] == [
        ("bytes", 1),
        ("adler32", None),
        ("events: calibration", 1),
    ]


# --------------------------------------------------------------------------------------- types
def test_a_lost_calibration_event_is_found_by_its_type():
    types = {"physics": 5, "calibration": 2, "start of run": 1}
    one = chunk("1", 9, 9, 5, 5, read_types=types)
    found = cross_check(run(part(0, one, job=5, read=5, read_types={**types, "calibration": 1})), SUBSET)
    assert texts(found) == ["part 0: events: calibration: its inputs 2, merged file 1 (1 lost)"]


def test_types_are_compared_between_job_and_file_too():
    one = chunk("1", 5, 5, 5, 5, job_types={"physics": 5}, read_types={"physics": 4, "type 12": 1})
    found = cross_check(run(part(0, one, job=5, read=5)), ALL)
    assert [entry.what for entry in found.where] == ["events: physics", "events: type 12"]


def test_a_file_without_events_tells_no_types_and_hides_none():
    types = {"physics": 5}
    chunks = (chunk("1", 9, 9, 5, 5, read_types=types), chunk("2", 3, 3, 0, 0))
    assert isinstance(cross_check(run(part(0, *chunks, job=5, read=5, read_types=types)), SUBSET), Agree)
    chunks = (chunks[0], chunk("2", 3, 3, 1, 1))  # of this one nobody knows what it holds
    bad = part(0, *chunks, job=6, read=6, read_types={"physics": 6, "calibration": 1})
    assert isinstance(cross_check(run(bad), SUBSET), Agree)


def test_records_of_named_types_may_be_fewer_but_never_more():
    types = {"physics": 5, "start of run": 2}
    one = chunk("1", 5, 5, 5, 5, read_types=types)
    rules = Rules(Counted.ALL, fewer=frozenset({"start of run"}))
    fewer = part(0, one, job=5, read=5, read_types={"physics": 5, "start of run": 1})
    assert cross_check(run(fewer), rules) == Agree((Permitted(Permit.FEWER, 0, "", -1, "start of run"),))
    assert isinstance(cross_check(run(fewer), ALL), Differ)
    more = replace(fewer, read_types={"physics": 5, "start of run": 3})
    assert isinstance(cross_check(run(more), rules), Differ)


# ---------------------------------------------------------------------- permitted differences
def test_a_subset_may_lack_events_but_not_gain_any():
    found = cross_check(run(part(0, chunk("1", 9, 9, 4, 4), job=4, read=4)), SUBSET)
    (used,) = found.permitted
    assert (used.rule, used.by) == (Permit.FILTER, -5)
    found = cross_check(run(part(0, chunk("1", 9, 9, 10, 10), job=10, read=10)), SUBSET)
    assert found.where[0].note == "more than the raw file holds"


def test_an_approved_gap_with_its_events_is_permitted_and_named():
    good = part(0, chunk("1", 5, 5, 5, 5), job=5, read=5)
    gap = LeftOut("2", 6, None, gap=Gap(6, "A. Smith", "tape destroyed"))
    found = cross_check(run(good, left_out=[gap], raw=frozenset("12")), ALL)
    assert found == Agree((Permitted(Permit.GAPS, None, "2", -6, "tape destroyed (approved by A. Smith)"),))
    assert "permitted (gaps) -6 events: tape destroyed" in found.permitted[0].sentence


def test_a_gap_needs_a_number_that_is_right():
    good = part(0, chunk("1", 5, 5, 5, 5), job=5, read=5)
    nobody = LeftOut("2", gap=Gap(None, "A. Smith", "lost"))
    assert isinstance(cross_check(run(good, left_out=[nobody]), ALL), Unknown)
    wrong = LeftOut("2", 7, gap=Gap(6, "A. Smith", "lost"))
    assert isinstance(cross_check(run(good, left_out=[wrong]), ALL), Differ)
    none = Rules(Counted.ALL, frozenset())
    assert isinstance(cross_check(run(good, left_out=[LeftOut("2", 6, gap=Gap(6, "A", "b"))]), none), Differ)


def test_a_file_of_zero_events_may_be_in_no_part_if_it_says_so_itself():
    good = part(0, chunk("1", 5, 5, 5, 5), job=5, read=5)
    empty = LeftOut("2", 0, 0, 0, 0)
    found = cross_check(run(good, left_out=[empty]), ALL)
    assert [entry.rule for entry in found.permitted] == [Permit.ZERO_EVENTS]
    for bad in (
        LeftOut("2", 0, 0, 0, None),
        LeftOut("2", 0, 0, None, 0),
        LeftOut("2", 3, 3, 0, 0),
        LeftOut("2"),
    ):
        assert isinstance(cross_check(run(good, left_out=[bad]), ALL), Differ), bad
    assert isinstance(cross_check(run(good, left_out=[LeftOut("2", 3, 3, 0, 0)]), SUBSET), Agree)
    none = Rules(Counted.ALL, frozenset())
    assert isinstance(cross_check(run(good, left_out=[empty]), none), Differ)


def test_a_leftover_that_waits_holds_no_part_and_lets_the_run_not_pass():
    good = part(0, chunk("1", 5, 5, 5, 5), job=5, read=5)
    found = cross_check(run(good, left_out=[LeftOut("2", 6, 6, 6, 6, waits=True)], raw=frozenset("12")), ALL)
    assert isinstance(found, Unknown)
    assert "waits for a later part" in found.missing[0].sentence
    assert not by_part((), found.missing, [0])[0].missing


# ---------------------------------------------------------------------------------- membership
def test_a_chunk_in_two_parts_holds_both():
    found = cross_check(run(*(part(n, chunk("1", 5, 5, 5, 5), job=5, read=5) for n in (0, 1))), ALL)
    assert {entry.part for entry in found.where} == {0, 1}


def test_a_part_listed_twice_differs():
    found = cross_check(run(*(part(0, chunk(name, 5, 5, 5, 5), job=5, read=5) for name in "ab")), ALL)
    assert texts(found) == ["part 0: place: the part is listed twice"]


def test_a_chunk_of_another_run_holds_its_part():
    found = cross_check(run(part(0, chunk("1", 5, 5, 5, 5), job=5, read=5), raw=frozenset()), ALL)
    assert texts(found) == ["part 0, chunk 1: place: the dataset of raw files has no such chunk"]


@pytest.mark.parametrize("rules", [ALL, SUBSET, NONE])
def test_nothing_at_all_is_not_agreement(rules):
    assert cross_check(run(), rules) == Unknown((Missing(None, "", "any part"),))
    assert isinstance(cross_check(run(part(0, job=0, read=0)), rules), Unknown)


def test_a_part_that_is_not_merged_keeps_its_chunks_and_is_named():
    held = PartFacts(1, (chunk("2", 5, 5, 5, 5),), None, None, unmerged="its merge is held")
    facts = run(part(0, chunk("1", 5, 5, 5, 5), job=5, read=5), held, raw=frozenset("12"))
    found = cross_check(facts, ALL)
    assert [(entry.part, entry.note) for entry in found.missing] == [(1, "its merge is held")]
    assert not by_part((), found.missing, [0])[0].missing


def test_negative_counts_are_no_counts():
    found = cross_check(run(part(0, chunk("1", -1, -1, -1, -1), job=-1, read=-1)), ALL)
    assert {entry.note for entry in found.where} == {"below 0 is no number of events"}


def test_files_that_are_not_of_events_are_counted_as_files():
    logs = [chunk(name, 100, 100, None, None) for name in "abc"]
    assert cross_check(run(part(0, *logs, job=None, read=3)), NONE) == Agree()
    assert cross_check(run(part(0, *logs, job=None, read=None)), NONE) == Agree()
    found = cross_check(run(part(0, *logs, job=None, read=2)), NONE)
    assert texts(found) == ["part 0: files: its inputs 3, merged file 2 (1 lost)"]


# --------------------------------------------------------------------------- words and waivers
def test_a_long_chunk_name_does_not_make_a_long_sentence():
    found = cross_check(run(part(0, chunk("x" * 1000, 1, 1, 1, 2), job=2, read=2)), ALL)
    assert all(len(text) < 250 for text in texts(found))


def test_a_verdict_is_the_same_after_it_was_kept():
    facts = run(
        part(0, chunk("1", 9, 9, 8, None), job=4, read=4),
        left_out=[LeftOut("2", 6, gap=Gap(6, "A", "b"))],
        raw=frozenset("123"),
    )
    found = cross_check(facts, ALL)
    assert found.where
    assert found.missing
    assert found.permitted
    assert loads(dumps(found)) == found
    assert sentences(loads(dumps(found))) == sentences(found)


def test_a_waiver_holds_until_a_number_changes():
    lost = Difference(0, "", What.EVENTS.value, ((Who.INPUTS, 10), (Who.MERGED_FILE, 9)))
    more = replace(lost, said=((Who.INPUTS, 10), (Who.MERGED_FILE, 8)))
    waiver = Waiver(1, (lost,), "A. Smith", "detector")
    assert covered([lost], [waiver]) == {lost: waiver}
    assert outlived([lost], [waiver]) == []
    assert covered([more], [waiver]) == {}
    ((gone, why),) = outlived([more], [waiver])
    assert gone is waiver
    assert "merged file 9" in why
    assert "merged file 8" in why
    assert "not found any more" in outlived([], [waiver])[0][1]


@pytest.mark.parametrize(
    ("facts", "act", "where"),
    [
        (part(0, chunk("1", 5, 5, 5, 5), job=5, read=4), Act.MERGE_AGAIN, (0, "")),
        (part(0, chunk("1", 5, 5, 4, 4), job=4, read=4), Act.REPROCESS, (0, "1")),
        (part(0, chunk("1", 5, 5, 5, 4), job=4, read=4), Act.REPROCESS, (0, "1")),
        (part(0, chunk("1", 6, 5, 5, 5), job=5, read=5), Act.LOOK, (0, "1")),
        (
            part(0, chunk("1", 5, 5, 5, 5, reading=Read(SIZE, ADLER, 4)), job=5, read=5),
            Act.MERGE_AGAIN,
            (0, "1"),
        ),
        (
            part(0, chunk("1", 5, 5, 5, 5, reading=Read(SIZE, ADLER + 1)), job=5, read=5),
            Act.REPROCESS,
            (0, "1"),
        ),
    ],
)
def test_a_difference_has_a_remedy(facts, act, where):
    (found,) = remedies(cross_check(run(facts), ALL).where)
    assert (found.act, (found.part, found.chunk)) == (act, where)


def test_a_chunk_in_no_part_is_for_a_person():
    facts = run(part(0, chunk("1", 5, 5, 5, 5), job=5, read=5), raw=frozenset("12"))
    (found,) = remedies(cross_check(facts, ALL).where)
    assert (found.act, found.part) == (Act.LOOK, None)
