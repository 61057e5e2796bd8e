"""The cross-check: no Agree without every witness, none after a single number was changed."""

from __future__ import annotations

import random
from dataclasses import replace

from hypothesis import assume, given
from hypothesis import strategies as st

from merging.crosscheck import cross_check
from merging.verdict import Agree, Differ, Unknown, differences_of, dumps, loads, missing_of
from merging.waiving import Waiver, by_part, covered, outlived
from merging.witnesses import ChunkFacts, Counted, Gap, LeftOut, PartFacts, Read, Rules, RunFacts

counts = st.integers(0, 1000)
maybe = st.none() | st.integers(0, 3)
changes = st.integers(-1000, 1000).filter(bool)
ALL, SUBSET = Rules(Counted.ALL), Rules(Counted.SUBSET)
NUMBERS = ("raw_catalogue", "raw_read", "job", "read", "raw_recount")
TYPES = ("physics", "calibration", "start of run")


@st.composite
def consistent(draw, counted=Counted.ALL):
    """A run on which every witness agrees; here and there the raw catalogue or the raw reader is silent."""
    parts, number = [], 0
    for part in range(draw(st.integers(1, 4))):
        chunks = []
        for _ in range(draw(st.integers(1, 4))):
            chunks.append(draw(_chunk(f"{11000 + number}", counted)))
            number += 1
        total = sum(chunk.read for chunk in chunks)
        types = {name: sum(chunk.read_types[name] for chunk in chunks) for name in TYPES}
        recounts = draw(st.sampled_from([(), (Read(77, 88 + part, total, types),)]))
        parts.append(PartFacts(part, tuple(chunks), total, total, 77, 88 + part, types, types, recounts))
    left = [LeftOut("9", 5, 5, gap=Gap(5, "A. Smith", "lost")), LeftOut("8", 0, 0, 0, 0)]
    left = left[: draw(st.integers(0, 2))]
    raw = {chunk.chunk for part in parts for chunk in part.chunks} | {entry.chunk for entry in left}
    return RunFacts(tuple(parts), tuple(left), frozenset(raw))


@st.composite
def _chunk(draw, name, counted):
    raw = draw(counts)
    written = raw if counted is Counted.ALL else draw(st.integers(0, raw))
    types = {"physics": written, "calibration": draw(counts), "start of run": 1}
    size, adler = draw(counts), 10_000 * int(name) + draw(counts)  # no two files have the same bytes
    reading = Read(size, adler, draw(st.sampled_from([None, written])), draw(st.sampled_from([{}, types])))
    silent = draw(st.sampled_from(["", "", "raw_catalogue", "raw_read"]))
    later = draw(st.sampled_from([None, raw]))
    facts = ChunkFacts(name, raw, raw, written, written, size, adler, reading, types, types, later)
    return replace(facts, **({silent: None} if silent else {}))


some_chunk = st.builds(ChunkFacts, st.sampled_from("abcd"), maybe, maybe, maybe, maybe)
some_chunks = st.lists(some_chunk, max_size=3).map(tuple)
some_parts = st.lists(st.builds(PartFacts, st.integers(0, 3), some_chunks, maybe, maybe), max_size=3)
some_left = st.lists(st.builds(LeftOut, st.sampled_from("efg"), maybe, maybe, maybe, maybe), max_size=2)
anything = st.builds(
    RunFacts, some_parts.map(tuple), some_left.map(tuple), st.none() | st.just(frozenset("abcdefg"))
)


def places(facts):
    """Every number that a witness said, as (part, chunk or None, field, key within it or None)."""
    for p, part in enumerate(facts.parts):
        for name in ("job", "read"):
            yield p, None, name, None
        for name in ("job_types", "read_types"):
            yield from ((p, None, name, key) for key in TYPES)
        for r in range(len(part.recounts)):
            yield from ((p, None, f"recounts.{r}.{name}", None) for name in ("size", "adler32", "n_events"))
            yield from ((p, None, f"recounts.{r}.by_type", key) for key in TYPES)
        for c, chunk in enumerate(part.chunks):
            yield from ((p, c, name, None) for name in NUMBERS if getattr(chunk, name) is not None)
            yield from ((p, c, "read_types", key) for key in TYPES)
            yield from ((p, c, f"reading.{name}", None) for name in ("size", "adler32"))
            if chunk.reading.n_events is not None:
                yield p, c, "reading.n_events", None
            yield from ((p, c, "reading.by_type", key) for key in chunk.reading.by_type)


def changed(facts, place, by):
    """The facts with one number changed."""
    p, c, name, key = place
    part = facts.parts[p]
    thing = _changed(part if c is None else part.chunks[c], name.split("."), key, by)
    if c is not None:
        thing = replace(part, chunks=(*part.chunks[:c], thing, *part.chunks[c + 1 :]))
    return replace(facts, parts=(*facts.parts[:p], thing, *facts.parts[p + 1 :]))


def _changed(thing, names, key, by):
    if isinstance(thing, tuple):
        at = int(names[0])
        return (*thing[:at], _changed(thing[at], names[1:], key, by), *thing[at + 1 :])
    if len(names) > 1:
        return replace(thing, **{names[0]: _changed(getattr(thing, names[0]), names[1:], key, by)})
    value = getattr(thing, names[0])
    new = value + by if key is None else {**value, key: value[key] + by}
    return replace(thing, **{names[0]: new})


@given(consistent())
def test_full_agreement_agrees(facts):
    found = cross_check(facts, ALL)
    assert isinstance(found, Agree)
    assert len(found.permitted) == len(facts.left_out)


@given(consistent(Counted.SUBSET))
def test_a_subset_that_adds_up_agrees(facts):
    assert isinstance(cross_check(facts, SUBSET), Agree)


@given(consistent(), st.data(), changes)
def test_no_single_number_of_any_witness_can_be_changed_unseen(facts, data, by):
    place = data.draw(st.sampled_from(list(places(facts))))
    found = cross_check(changed(facts, place, by), ALL)
    assert isinstance(found, Differ)
    assert facts.parts[place[0]].part in {entry.part for entry in found.where}
    others = [part.part for part in facts.parts if part.part != facts.parts[place[0]].part]
    held = by_part(found.where, found.missing, others)
    assert not any(entry.differences for entry in held.values()), "only its own part is held"


@given(consistent(Counted.SUBSET), st.data(), changes)
def test_in_a_subset_no_written_number_can_be_changed_unseen(facts, data, by):
    written = [place for place in places(facts) if not place[2].startswith("raw_")]
    place = data.draw(st.sampled_from(written))
    assert isinstance(cross_check(changed(facts, place, by), SUBSET), Differ)


@given(consistent(), st.data(), st.integers(1, 1000))
def test_events_moved_from_one_place_to_another_are_found_in_both(facts, data, by):
    """Errors that compensate in the sum."""
    fields = st.sampled_from(["job", "read"])
    name = data.draw(fields)
    everywhere = [(p, c, name, None) for p, part in enumerate(facts.parts) for c in range(len(part.chunks))]
    everywhere += [(p, None, name, None) for p in range(len(facts.parts))]
    one, other = data.draw(st.permutations(everywhere))[:2] if len(everywhere) > 1 else (None, None)
    assume(one is not None and (one[1] is None) == (other[1] is None))
    found = cross_check(changed(changed(facts, one, by), other, -by), ALL)
    assert isinstance(found, Differ)
    for p, c, _, _ in (one, other):
        where = (facts.parts[p].part, "" if c is None else facts.parts[p].chunks[c].chunk)
        assert where in {(entry.part, entry.chunk) for entry in found.where}


@given(consistent(), st.data())
def test_a_chunk_that_is_lost_or_doubled_is_found(facts, data):
    p = data.draw(st.sampled_from(range(len(facts.parts))))
    part = facts.parts[p]
    c = data.draw(st.sampled_from(range(len(part.chunks))))
    without = replace(part, chunks=(*part.chunks[:c], *part.chunks[c + 1 :]))
    twice = replace(part, chunks=(*part.chunks, part.chunks[c]))
    for other in (without, twice):
        parts = (*facts.parts[:p], other, *facts.parts[p + 1 :])
        for rules in (ALL, SUBSET, Rules(Counted.NONE)):
            found = cross_check(replace(facts, parts=parts), rules)
            assert isinstance(found, Differ), rules
            assert part.chunks[c].chunk in {entry.chunk for entry in found.where}


@given(consistent(), st.data())
def test_a_witness_that_falls_silent_is_named_and_not_agreed_with(facts, data):
    p = data.draw(st.sampled_from(range(len(facts.parts))))
    part = facts.parts[p]
    which = data.draw(st.sampled_from(["job", "read", *range(len(part.chunks))]))
    if isinstance(which, str):
        other, where = replace(part, **{which: None}), (part.part, "")
    else:
        witness = data.draw(st.sampled_from(["job", "read", "reading"]))
        chunk = replace(part.chunks[which], **{witness: None})
        other = replace(part, chunks=(*part.chunks[:which], chunk, *part.chunks[which + 1 :]))
        where = (part.part, chunk.chunk)
    found = cross_check(replace(facts, parts=(*facts.parts[:p], other, *facts.parts[p + 1 :])), ALL)
    assert isinstance(found, Unknown)
    (missing,) = found.missing
    assert missing.part == where[0]
    assert missing.chunk in (where[1], "")


@given(anything, st.sampled_from([ALL, SUBSET]))
def test_agree_means_that_every_file_was_read(facts, rules):
    if isinstance(cross_check(facts, rules), Agree):
        assert facts.parts
        for part in facts.parts:
            assert part.chunks
            assert part.read is not None
            assert part.job == part.read == sum(chunk.read for chunk in part.chunks)
            assert all(chunk.job == chunk.read for chunk in part.chunks)
            assert all(chunk.raw_read is not None or chunk.raw_catalogue is not None for chunk in part.chunks)
            assert all(chunk.reading is not None for chunk in part.chunks)


@given(anything | consistent(), st.sampled_from(Counted), st.randoms(use_true_random=False))
def test_the_order_of_what_is_told_does_not_matter(facts, counted, chance):
    mixed = [replace(part, chunks=_mixed(part.chunks, chance)) for part in facts.parts]
    numbers = [part.part for part in facts.parts]
    assume(len(set(numbers)) == len(numbers))
    names = [chunk.chunk for part in facts.parts for chunk in part.chunks]
    assume(len(set(names)) == len(names))
    other = RunFacts(_mixed(mixed, chance), _mixed(facts.left_out, chance), facts.raw)
    one, two = cross_check(facts, Rules(counted)), cross_check(other, Rules(counted))
    assert type(one) is type(two)
    assert set(differences_of(one)) == set(differences_of(two))
    assert set(missing_of(one)) == set(missing_of(two))
    assert set(one.permitted) == set(two.permitted)


def _mixed(things, chance: random.Random):
    things = list(things)
    chance.shuffle(things)
    return tuple(things)


@given(anything, st.sampled_from(Counted))
def test_sentences_stay_short_and_verdicts_can_be_kept(facts, counted):
    found = cross_check(facts, Rules(counted))
    told = (*differences_of(found), *missing_of(found), *found.permitted)
    assert all(len(entry.sentence) < 250 for entry in told)
    assert loads(dumps(found)) == found


@given(consistent(), st.data(), changes, changes)
def test_a_waiver_covers_what_it_names_and_nothing_else(facts, data, by, more):
    place, second = data.draw(st.permutations(list(places(facts))))[:2]
    accepted = differences_of(cross_check(changed(facts, place, by), ALL))
    waiver = Waiver(1, accepted)
    assert set(covered(accepted, [waiver])) == set(accepted)
    assert outlived(accepted, [waiver]) == []
    assume(more != by)
    worse = differences_of(cross_check(changed(facts, place, more), ALL))
    assert outlived(worse, [waiver]), "the numbers changed"
    both = differences_of(cross_check(changed(changed(facts, place, by), second, more), ALL))
    extra = set(both) - set(accepted)
    if extra:
        assert not set(covered(extra, [waiver]))
    else:
        assert set(both) == set(accepted)
    assert outlived((), [waiver])
