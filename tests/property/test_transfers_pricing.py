"""A better library, a larger window or faster readers never make a campaign longer."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from transfers.pricing import Library, Load, TapeLoad, Work, bottleneck, price

TAPES = st.lists(st.builds(TapeLoad, st.integers(0, 10**4), st.integers(0, 10**13)), max_size=20)
COUNT = st.integers(0, 10**7)


def on_tapes(tapes):
    return Work(sum(t.files for t in tapes), sum(t.bytes for t in tapes), len(tapes), tapes)


WORK = st.builds(Work, COUNT, st.integers(0, 10**17), st.integers(0, 10**4)) | TAPES.map(on_tapes)
TIME = st.floats(0, 1000)
LIBRARY = st.builds(
    Library,
    drives=st.integers(1, 50),
    rate=st.floats(1e6, 1e9),
    mount=TIME,
    unmount=TIME,
    seek=st.floats(0, 100),
    tape_size=st.integers(10**11, 10**14),
    latency=TIME,
    network=st.none() | st.floats(1e6, 1e11),
)
WINDOW = st.none() | st.integers(0, 10**16)
DRAINED = st.none() | st.floats(0, 1e10)
ALMOST = 1 + 1e-9


@given(WORK, LIBRARY, WINDOW, DRAINED)
def test_a_price_is_ordered_and_has_a_sentence(work, library, window, drained):
    found = price(work, library, window=window, drained=drained)
    assert 0 <= found.hours <= found.hours_at_most
    assert 0 <= found.mounts <= found.mounts_at_most
    assert found.sentence
    assert found.bottleneck


@given(WORK, LIBRARY, WINDOW, DRAINED, st.integers(0, 50), st.floats(1, 10))
def test_better_means_are_never_slower(work, library, window, drained, more, factor):
    now = price(work, library, window=window, drained=drained)
    for better in (
        price(work, replace(library, drives=library.drives + more), window=window, drained=drained),
        price(work, replace(library, rate=library.rate * factor), window=window, drained=drained),
        price(work, replace(library, mount=library.mount / factor), window=window, drained=drained),
        price(work, library, window=None if window is None else int(window * factor), drained=drained),
        price(work, library, window=window, drained=None if drained is None else drained * factor),
    ):
        assert better.hours <= now.hours * ALMOST
        assert better.hours_at_most <= now.hours_at_most * ALMOST


LOAD = st.builds(
    Load,
    queued=COUNT,
    later=COUNT,
    in_flight=COUNT,
    in_flight_bytes=st.integers(0, 10**16),
    pinned_bytes=st.integers(0, 10**16),
    window_bytes=WINDOW,
    window_files=st.none() | COUNT,
    for_person=COUNT,
    bytes_per_s=st.floats(0, 1e11),
    expected=st.none() | st.floats(0, 1e11),
    network=st.none() | st.floats(0, 1e11),
)


@given(LOAD)
def test_there_is_always_a_word_and_a_sentence(load):
    word, sentence = bottleneck(load)
    assert word
    assert sentence
