"""Choosing a destination: numbered as in docs/howto/placement.md."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from catalog.states import EndpointKind
from transfers.placement import (
    Candidate,
    Rules,
    Wanted,
    choose,
    objections,
)
from transfers.words import ORDER, Criterion, UnknownSpace

GB = 10**9
NAMES = ("amber", "compass", "hera")
DISK, TAPE = EndpointKind.DISK, EndpointKind.TAPE

candidates = st.lists(
    st.builds(
        Candidate,
        endpoint=st.sampled_from([f"e{number}" for number in range(8)]),
        kind=st.sampled_from(EndpointKind),
        site=st.sampled_from(["", "CERN", "TRIUMF"]),
        owner=st.sampled_from(["", *NAMES]),
        groups=st.frozensets(st.sampled_from(NAMES)),
        free=st.none() | st.integers(-GB, 100 * GB),
        floor=st.integers(0, 10 * GB),
        distance=st.none() | st.integers(0, 9),
        closed=st.sampled_from(["", "", "", "being emptied"]),
    ),
    unique_by=lambda entry: entry.endpoint,
    max_size=8,
)
wanted = st.builds(
    Wanted,
    size=st.integers(0, 50 * GB),
    group=st.sampled_from(["", *NAMES]),
    kind=st.none() | st.sampled_from(EndpointKind),
    preferred=st.lists(st.sampled_from([f"e{n}" for n in range(9)]), unique=True, max_size=3).map(tuple),
    only=st.booleans(),
)
rules = st.builds(
    Rules,
    order=st.permutations(ORDER).flatmap(lambda o: st.integers(0, len(o)).map(lambda n: tuple(o[:n]))),
    unknown_space=st.sampled_from(UnknownSpace),
)


@given(candidates, wanted, rules, st.randoms(use_true_random=False))
def test_the_order_in_which_candidates_are_given_says_nothing(given_, what, how, chance):
    shuffled = list(given_)
    chance.shuffle(shuffled)
    assert choose(shuffled, what, how) == choose(given_, what, how)


@given(candidates, wanted, rules)
def test_every_candidate_is_ranked_or_refused_once_with_a_reason(given_, what, how):
    found = choose(given_, what, how)
    named = [*found.endpoints, *(entry.endpoint for entry in found.refused)]
    assert sorted(named) == sorted(entry.endpoint for entry in given_)
    assert [entry.rank for entry in found.ranking] == list(range(1, len(found.ranking) + 1))
    assert all(entry.text for entry in (*found.ranking, *found.refused))
    assert found.best == (found.endpoints[0] if found.endpoints else None)


@given(candidates, wanted, rules)
def test_what_is_ranked_may_take_the_files(given_, what, how):
    by_name = {entry.endpoint: entry for entry in given_}
    for name in choose(given_, what, how).endpoints:
        entry = by_name[name]
        assert not entry.closed
        assert what.kind in (None, entry.kind)
        assert entry.free is None or entry.free - what.size >= entry.floor
        assert not entry.groups or what.group in {entry.owner, *entry.groups}
        assert not what.only or name in what.preferred


@given(candidates, wanted, rules)
def test_a_candidate_is_judged_alone(given_, what, how):
    assume(given_)
    alone = choose(given_[:1], what, how)
    together = choose(given_, what, how)
    assert (given_[0].endpoint in together.endpoints) is (alone.best is not None)


@given(candidates, wanted)
def test_the_most_important_criterion_decides(given_, what):
    found = choose(given_, what, Rules(order=(Criterion.NEAR,)))
    far = {entry.endpoint: entry.distance for entry in given_}
    known = [far[name] for name in found.endpoints if far[name] is not None]
    assert known == sorted(known)
    assert all(far[name] is None for name in found.endpoints[len(known) :])


def names(*given_: Candidate, want: Wanted, **how) -> tuple[str, ...]:
    return choose(given_, want, Rules(**how)).endpoints


NEAR = Candidate("near", site="CERN", distance=0, free=100 * GB)
FAR = Candidate("far", site="TRIUMF", distance=50, free=900 * GB)


def test_1_the_assigned_one_comes_first_and_the_others_are_the_fallback():
    assert names(NEAR, FAR, want=Wanted(GB, preferred=("far",))) == ("far", "near")
    assert names(NEAR, FAR, want=Wanted(GB, preferred=("far",), only=True)) == ("far",)


def test_2_the_own_groups_storage_comes_before_that_of_nobody():
    ours = replace(FAR, owner="amber")
    assert names(NEAR, ours, want=Wanted(GB, group="amber")) == ("far", "near")
    assert names(NEAR, ours, want=Wanted(GB)) == ("near", "far"), "nobody said whose the files are"


def test_3_others_may_write_only_where_they_are_let_in():
    closed = replace(NEAR, owner="compass", groups=frozenset({"hera"}))
    assert names(closed, want=Wanted(GB, group="compass")) == ("near",)
    assert names(closed, want=Wanted(GB, group="hera")) == ("near",)
    (no,) = choose([closed], Wanted(GB, group="amber")).refused
    assert no.text == "only files of compass and hera go there, and these are of amber"
    (no,) = choose([closed], Wanted(GB)).refused
    assert no.text.endswith("nobody said whose these are")


def test_4_space_is_counted_with_the_floor():
    tight = replace(NEAR, free=5 * GB, floor=2 * GB)
    assert names(tight, want=Wanted(3 * GB)) == ("near",)
    (no,) = choose([tight], Wanted(3 * GB + 1)).refused
    assert no.text == "3 GB do not fit: 5 GB are free, of which 2 GB stay free"


def test_5_unknown_space_is_neither_none_nor_endless():
    silent = replace(NEAR, free=None)
    assert names(silent, FAR, want=Wanted(GB)) == ("far", "near")
    assert names(silent, want=Wanted(10**15)) == ("near",)
    refused = choose([silent, FAR], Wanted(GB), Rules(unknown_space=UnknownSpace.REFUSE))
    assert refused.endpoints == ("far",)
    assert refused.refused[0].text == "nobody tells its free space"


def test_6_near_before_far_and_unknown_last():
    nowhere = replace(NEAR, endpoint="nowhere", distance=None)
    assert names(nowhere, FAR, NEAR, want=Wanted(GB)) == ("near", "far", "nowhere")


def test_7_disk_or_tape():
    tape = Candidate("tape", TAPE, free=10**15, distance=0)
    assert names(NEAR, tape, want=Wanted(GB)) == ("near", "tape")
    assert names(NEAR, tape, want=Wanted(GB, kind=TAPE)) == ("tape",)
    assert choose([NEAR], Wanted(GB, kind=TAPE)).refused[0].text == "it is disk, and tape is wanted"


def test_8_then_where_most_space_is():
    other = replace(NEAR, endpoint="a", free=200 * GB)
    assert names(NEAR, other, want=Wanted(GB)) == ("a", "near")
    assert names(NEAR, replace(other, endpoint="z", free=NEAR.free), want=Wanted(GB)) == ("near", "z")


def test_9_every_reason_is_told():
    bad = Candidate("bad", TAPE, groups=frozenset({"hera"}), free=0, closed="being emptied")
    assert list(objections(bad, Wanted(GB, "amber", DISK))) == [
        "closed: being emptied",
        "it is tape, and disk is wanted",
        "only files of hera go there, and these are of amber",
        "1 GB do not fit: 0 B are free",
    ]


@pytest.mark.parametrize(
    ("candidate", "want", "sentence"),
    [
        (NEAR, Wanted(GB), "distance 0 at CERN, disk, 100 GB free, 99 GB afterwards"),
        (
            replace(NEAR, free=None, distance=None),
            Wanted(GB),
            "distance unknown at CERN, disk, free space unknown",
        ),
        (
            replace(NEAR, site="", owner="amber"),
            Wanted(0, "amber", preferred=("far", "near")),
            "assigned as number 2, owned by amber, distance 0, disk, 100 GB free, 100 GB afterwards",
        ),
        (
            NEAR,
            Wanted(GB, preferred=("far",)),
            "a fallback, distance 0 at CERN, disk, 100 GB free, 99 GB afterwards",
        ),
    ],
)
def test_the_sentence_says_what_was_compared(candidate, want, sentence):
    assert choose([candidate], want).ranking[0].text == sentence
