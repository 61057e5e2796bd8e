"""The cross-check: no Agree without every witness, none after a single count was changed."""

from __future__ import annotations

from dataclasses import fields, replace

from hypothesis import assume, given
from hypothesis import strategies as st

from merging.crosscheck import ChunkFacts, Counted, PartFacts, cross_check
from merging.model import Agree, Differ, Unheard

counts = st.integers(0, 1000)
maybe = st.none() | st.integers(0, 3)
WITNESSES = [field.name for field in fields(ChunkFacts) if field.name != "chunk"]


@st.composite
def consistent(draw, counted=Counted.ALL):
    """A run on which every witness agrees; here and there the raw catalogue or the raw reader is silent."""
    parts, number = [], 0
    for part in range(draw(st.integers(1, 4))):
        chunks = []
        for _ in range(draw(st.integers(1, 4))):
            raw = draw(counts)
            written = raw if counted is Counted.ALL else draw(st.integers(0, raw))
            silent = draw(st.sampled_from(["", "", "raw_catalogue", "raw_read"]))
            facts = ChunkFacts(f"{11000 + number}", raw, raw, written, written)
            chunks.append(replace(facts, **({silent: None} if silent else {})))
            number += 1
        total = sum(chunk.read for chunk in chunks)
        parts.append(PartFacts(part, tuple(chunks), total, total))
    return parts


some_chunk = st.builds(ChunkFacts, st.sampled_from("abcd"), maybe, maybe, maybe, maybe)
some_chunks = st.lists(some_chunk, max_size=3).map(tuple)
anything = st.lists(st.builds(PartFacts, st.integers(0, 3), some_chunks, maybe, maybe), max_size=3)


@given(consistent())
def test_full_agreement_agrees(parts):
    assert cross_check(parts, counted=Counted.ALL) == Agree()


@given(consistent(Counted.SUBSET))
def test_a_subset_that_adds_up_agrees(parts):
    assert cross_check(parts, counted=Counted.SUBSET) == Agree()


@given(consistent(), st.data(), st.integers(-1000, 1000).filter(bool))
def test_no_single_count_can_be_changed_unseen(parts, data, by):
    where = data.draw(st.sampled_from(range(len(parts))))
    part = parts[where]
    which = data.draw(st.sampled_from(["job", "read", *range(len(part.chunks))]))
    if isinstance(which, str):
        changed = replace(part, **{which: getattr(part, which) + by})
    else:
        witness = data.draw(st.sampled_from(WITNESSES))
        chunk = part.chunks[which]
        assume(getattr(chunk, witness) is not None)
        chunk = replace(chunk, **{witness: getattr(chunk, witness) + by})
        changed = replace(part, chunks=(*part.chunks[:which], chunk, *part.chunks[which + 1 :]))
    parts[where] = changed
    verdict = cross_check(parts, counted=Counted.ALL)
    assert isinstance(verdict, Differ)
    assert part.part in {number for number, _ in verdict.where}


@given(consistent(Counted.SUBSET), st.data(), st.integers(-1000, 1000).filter(bool))
def test_in_a_subset_no_written_count_can_be_changed_unseen(parts, data, by):
    where = data.draw(st.sampled_from(range(len(parts))))
    part = parts[where]
    which = data.draw(st.sampled_from(range(len(part.chunks))))
    witness = data.draw(st.sampled_from(["job", "read"]))
    chunk = part.chunks[which]
    chunk = replace(chunk, **{witness: getattr(chunk, witness) + by})
    parts[where] = replace(part, chunks=(*part.chunks[:which], chunk, *part.chunks[which + 1 :]))
    assert isinstance(cross_check(parts, counted=Counted.SUBSET), Differ)


@given(consistent(), st.data())
def test_a_witness_that_falls_silent_is_named_and_not_agreed_with(parts, data):
    where = data.draw(st.sampled_from(range(len(parts))))
    part = parts[where]
    which = data.draw(st.sampled_from(["job", "read", *range(len(part.chunks))]))
    if isinstance(which, str):
        changed, name = replace(part, **{which: None}), f"part {part.part}"
    else:
        witness = data.draw(st.sampled_from(["job", "read"]))
        chunk = replace(part.chunks[which], **{witness: None})
        changed = replace(part, chunks=(*part.chunks[:which], chunk, *part.chunks[which + 1 :]))
        name = f"chunk {chunk.chunk}"
    parts[where] = changed
    verdict = cross_check(parts, counted=Counted.ALL)
    assert isinstance(verdict, Unheard)
    assert len(verdict.missing) == 1
    assert name in verdict.missing[0]


@given(anything, st.sampled_from([Counted.ALL, Counted.SUBSET]))
def test_agree_means_that_every_file_was_read(parts, counted):
    if cross_check(parts, counted=counted) == Agree():
        assert parts
        for part in parts:
            assert part.chunks
            assert part.read is not None
            assert part.job == part.read == sum(chunk.read for chunk in part.chunks)
            assert all(chunk.job == chunk.read for chunk in part.chunks)
            assert all(chunk.raw_read is not None or chunk.raw_catalogue is not None for chunk in part.chunks)


@given(anything, st.sampled_from(Counted))
def test_sentences_stay_short(parts, counted):
    verdict = cross_check(parts, counted=counted)
    texts = verdict.missing if isinstance(verdict, Unheard) else ()
    texts += tuple(text for _, text in verdict.where) if isinstance(verdict, Differ) else ()
    assert all(len(text) < 250 for text in texts)
