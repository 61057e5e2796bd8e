"""Plans as texts: any name survives, and whatever is done to a text, only what may be changed is changed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.checksum import Adler32
from catalog.model import KnownCopy, RepairLine
from catalog.states import Locality, RepairAct, RepairOutcome, ReplicaState
from ddm.reconcile import actions, plantext
from ddm.reconcile.actions import Do, Leave, Proposal
from ddm.reconcile.kinds import Kind
from ddm.reconcile.plantext import Chosen, Fault
from ddm.reconcile.verdicts import Standing
from transfers.errors import EndpointUnreachable, FileMissing, failed
from transfers.model import Observed, Unknown

FACTS = {"plan": "7", "made": "now by somebody\twith a tab"}
names = st.text(st.characters(), min_size=1, max_size=12) | st.sampled_from(
    ["-", '"', "# x", " a ", "a\tb", "a\nb", "\x1aFF", "\ud800", "\u202egpj", "mark-lost\tdisk"]
)
kinds = st.sampled_from(sorted(actions.POSSIBLE))
numbers = st.none() | st.integers(0, 2**32 - 1)


@st.composite
def proposals(draw) -> list[Proposal]:
    drawn = draw(st.lists(st.tuples(kinds, names, numbers, numbers, st.booleans(), names), max_size=6))
    found = []
    for number, (kind, path, size, adler32, offered, why) in enumerate(sorted(drawn, key=str), 1):
        may = actions.POSSIBLE[kind]
        act = actions.PROPOSED.get(kind) if offered else None
        found.append(
            Proposal(
                number, kind, "disk", f"/{path}", act, may, why, 7, "AVAILABLE", NOW, size, adler32, path
            )
        )
    return found


NOW = datetime(2026, 11, 30, 8, 0, 0, 123456, UTC)


def text_of(found: list[Proposal]) -> list[bytes]:
    text = plantext.head(FACTS) + "".join(plantext.body(found))
    return text.encode().splitlines(keepends=True)


def read(lines: list[bytes], found: list[Proposal]) -> list[Chosen | Fault]:
    return list(plantext.chosen(lines, found, FACTS))


@given(names)
def test_any_text_is_a_field_on_one_line(name):
    field = plantext.quoted(name)
    assert plantext.unquoted(field) == name
    assert not {"\t", "\n", "\r"} & set(field)
    assert not field.startswith("#")
    field.encode()


@given(proposals())
def test_what_is_recorded_is_read_again(found):
    assert [plantext.recorded(plantext.record(one)) for one in found] == found


@given(proposals())
def test_a_text_that_nobody_touched_says_what_was_proposed(found):
    assert read(text_of(found), found) == [Chosen(one, one.act) for one in found if one.act is not None]


@given(proposals(), st.data())
def test_whatever_is_done_to_a_text_a_line_means_what_was_proposed_or_is_a_fault(found, data):
    """Deleted, doubled, swapped, bytes changed: what is chosen is a proposal, unchanged, in order, once."""
    lines = text_of(found)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(lines) - 1))
        match data.draw(st.sampled_from(["delete", "double", "swap", "byte", "uncomment", "insert"])):
            case "delete" if len(lines) > 1:
                del lines[at]
            case "double":
                lines.insert(at, lines[at])
            case "swap":
                lines[at], lines[-1] = lines[-1], lines[at]
            case "byte":
                place = data.draw(st.integers(0, max(0, len(lines[at]) - 1)))
                lines[at] = lines[at][:place] + data.draw(st.binary(max_size=2)) + lines[at][place + 1 :]
            case "uncomment":
                lines[at] = lines[at].removeprefix(b"# ")
            case "insert":
                lines.insert(at, data.draw(st.binary(max_size=30)) + b"\n")
    by_number = {one.number: one for one in found}
    last = 0
    for entry in read(lines, found):
        if isinstance(entry, Chosen):
            assert entry.proposal == by_number[entry.proposal.number]
            assert entry.act in entry.proposal.possible
            assert entry.proposal.number > last
            last = entry.proposal.number
        else:
            assert 0 <= entry.line <= len(lines)
            assert entry.text


@given(proposals(), st.integers(0, 10_000), st.binary(min_size=1, max_size=1))
def test_one_byte_changed_after_the_signature_is_seen(found, place, byte):
    lines = text_of(found)
    digest = plantext.sha256()
    digest.update(b"".join(lines))
    tail = plantext.signature("A. Shift", NOW, 3, 1000, digest).splitlines(keepends=True)
    known = plantext.signed(tail, digest)
    assert (known.by, known.at, known.files, known.size) == ("A. Shift", NOW, 3, 1000)
    whole = b"".join(lines) + tail[0]
    place %= len(whole)
    if whole[place : place + 1] == byte:
        return
    changed = whole[:place] + byte + whole[place + 1 :]
    other = plantext.sha256()
    other.update(changed[: -len(tail[0])])
    with pytest.raises(ValueError, match=r"changed|cannot be read"):
        plantext.signed([changed[-len(tail[0]) :], tail[1]], other)


# ------------------------------------------------------------------------------------- actions
seen = st.one_of(
    st.just(failed(FileMissing, "no such file")),
    st.just(failed(EndpointUnreachable, "down")),
    st.just(Unknown("noise")),
    st.builds(
        Observed,
        st.sampled_from([1000, 7]),
        st.sampled_from([None, Adler32(5), Adler32(6)]),
        st.sampled_from(list(Locality)),
    ),
)
copies = st.builds(
    KnownCopy, st.just(7), st.just(1), st.just("/x"), st.just("disk"), st.just("/x"), st.booleans(),
    st.sampled_from(list(ReplicaState)), st.sampled_from([NOW, NOW.replace(hour=9)]),
    st.sampled_from([None, 1000]), st.sampled_from([None, 5]),
)  # fmt: skip


@given(kinds, st.sampled_from(list(RepairAct)), st.none() | copies, seen, seen)
def test_nothing_is_lost_trashed_or_adopted_without_the_clear_word_of_the_storage(
    kind, act, now, place, other
):
    line = RepairLine(1, act, kind, "disk", "/x", 7 if now else None, "/y", "AVAILABLE", NOW, 1000, 5)
    verdict = actions.seen_again(line, now, place, other)
    missing = getattr(place, "code", "") == FileMissing.code
    if isinstance(verdict, Leave):
        assert verdict.reason
        assert verdict.outcome is not RepairOutcome.DONE
        return
    assert isinstance(verdict, Do)
    assert not isinstance(place, Unknown)
    if act in (RepairAct.LOST, RepairAct.RECALL, RepairAct.REARCHIVE):
        assert missing or place.locality is Locality.LOST
    if act is RepairAct.TRASH:
        assert now is None
        assert (place.size, place.adler32) == (1000, 5)
    if act is RepairAct.ADOPT and kind is Kind.WRONG_PLACE:
        assert missing or place.locality is Locality.LOST
        assert (other.size, other.adler32) == (now.size, now.adler32)


@given(copies)
def test_a_copy_is_unchanged_only_if_state_and_time_are_those_of_the_comparison(now):
    line = RepairLine(1, RepairAct.LOST, "lost", "disk", "/x", 7, None, "AVAILABLE", NOW)
    same = (now.state, now.since) == (ReplicaState.AVAILABLE, NOW)
    assert (actions.unchanged(line, now) is None) == same


@given(kinds, st.sampled_from(list(Standing)), st.none() | st.sampled_from(list(ReplicaState)), names)
def test_only_what_is_confirmed_can_be_done_and_nothing_that_is_known_is_trashed(kind, standing, state, path):
    may, _ = actions.possible(kind, standing, state, (1000, 5), f"/{path}")
    assert set(may) <= set(actions.POSSIBLE[kind])
    if standing is not Standing.CONFIRMED:
        assert may == ()
    if state is not None:
        assert RepairAct.TRASH not in may
    if state in (ReplicaState.TRASHED, ReplicaState.DELETING, ReplicaState.COPYING, ReplicaState.BAD):
        assert may == ()
