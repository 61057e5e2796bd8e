"""Prepare queries whose answers are cut, rubbish, or missing."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

pytest.importorskip("XRootD")

from tests.unit.transfers_xrootd.fakes import DEAD, NO_INFORMATION, FakeClient
from transfers.backends.xrootd.errors import Trouble
from transfers.backends.xrootd.replies import Answer
from transfers.backends.xrootd.tapesystem import NoQueries, TapeSystem
from transfers.errors import EndpointUnreachable

NAMES = [f"/tape/2016/W12/cdr11091-{number:06d}.raw" for number in range(1000)]
CUT = b"***response has been truncated***\0q"


def system(client: FakeClient) -> TapeSystem:
    return TapeSystem(client)  # type: ignore[arg-type]


def cutting(client: FakeClient, *, rubbish: bool = False, limit: int = 2048) -> None:
    def say(request: str, names: Sequence[str]) -> bytes:
        answer = client.json(request, names)
        if len(answer) <= limit:
            return answer + b"\0\x7f"
        return NO_INFORMATION if rubbish else answer[: limit - 40] + CUT

    client.say = say


@pytest.mark.parametrize("rubbish", [False, True])
def test_answers_that_are_too_long_are_asked_for_in_parts(rubbish: bool) -> None:
    client = FakeClient(NAMES)
    cutting(client, rubbish=rubbish)
    tape = system(client)
    assert set(tape.answers("id:1", NAMES)) == set(NAMES)
    client.queries.clear()
    assert set(tape.answers("id:1", NAMES)) == set(NAMES)
    assert len(client.queries) < 1000 / 5  # learned
    assert max(client.queries) <= 24


def test_the_size_grows_back_when_answers_are_short_again() -> None:
    client = FakeClient(NAMES)
    cutting(client)
    tape = system(client)
    tape.answers("id:1", NAMES)
    client.say = client.json
    for _ in range(150):
        tape.answers("id:1", NAMES)
    assert client.queries[-1] == 1000


def test_a_tape_system_that_is_away_is_not_asked_for_every_file_and_nothing_is_learned() -> None:
    client = FakeClient(NAMES)
    client.say = lambda request, names: NO_INFORMATION
    tape = system(client)
    assert tape.answers("id:1", NAMES) == {}
    assert len(client.queries) < 10
    client.say = client.json
    client.queries.clear()
    assert set(tape.answers("id:1", NAMES)) == set(NAMES)
    assert client.queries == [1000]


def test_one_file_whose_answer_is_too_long_alone_leaves_the_others_told() -> None:
    client = FakeClient(NAMES[:30])
    client.errors[NAMES[7]] = "x" * 3000
    cutting(client, rubbish=True)
    told = system(client).answers("id:1", NAMES[:30])
    assert set(told) == set(NAMES[:30]) - {NAMES[7]}


def test_too_long_a_question_is_cut_too() -> None:
    client = FakeClient(NAMES)
    too_long = Trouble(400, 3002, "query argument is too long")
    client.say = lambda request, names: too_long if len(names) > 300 else client.json(request, names)
    assert set(system(client).answers("id:1", NAMES)) == set(NAMES)


def test_a_server_that_dies_between_two_questions_has_answered_the_first() -> None:
    client = FakeClient(NAMES)
    cutting(client)
    tape = system(client)
    tape.answers("", NAMES[:50])
    client.queries.clear()
    say = client.say
    client.say = lambda request, names: DEAD if len(client.queries) > 1 else say(request, names)
    assert 0 < len(tape.answers("", NAMES)) < 50
    with pytest.raises(EndpointUnreachable):
        tape.answers("", NAMES)


@pytest.mark.parametrize(
    "trouble",
    [Trouble(400, 3013, "unsupported"), Trouble(205, 0, "query not supported"), Trouble(400, 3000, "?")],
)
def test_without_prepare_queries_the_flags_tell(trouble: Trouble) -> None:
    client = FakeClient(NAMES[:2])
    client.say = lambda request, names: trouble
    client.online[NAMES[1]] = True
    tape = system(client)
    told = tape.states("id:1", [*NAMES[:2], "/gone"])
    assert [told[name].online for name in NAMES[:2]] == [False, True]
    assert not told["/gone"].exists
    with pytest.raises(NoQueries):
        tape.answers("id:1", NAMES[:2])


def test_the_option_asks_no_query_at_all() -> None:
    client = FakeClient(NAMES[:1], states="stat")
    assert system(client).states("id:1", NAMES[:1]) == {NAMES[0]: Answer(True, True, False, True, "")}
    assert client.queries == []
