"""Prepare requests for many files: around what the server refuses."""

from __future__ import annotations

import pytest

pytest.importorskip("XRootD")

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.transfers_xrootd.fakes import DEAD, REFUSED, TOO_MANY, FakeClient
from transfers.backends.xrootd.commands import CANCEL, STAGE
from transfers.backends.xrootd.errors import Trouble
from transfers.backends.xrootd.library import Deadline
from transfers.backends.xrootd.requests import Requests, Result

NAMES = [f"/tape/{number:04d}.raw" for number in range(1000)]


def run(client: FakeClient, names: list[str] = NAMES, flags: int = STAGE, **more: str) -> Result:
    return Requests(client).run(names, flags, Deadline(60), **more)  # type: ignore[arg-type]


def accepted(result: Result) -> list[str]:
    return [name for _, names in result.accepted for name in names]


@pytest.mark.parametrize("most", [1, 47, 48, 100, 1024])
def test_the_limit_of_the_server_is_learned_and_no_file_is_forgotten(most: int) -> None:
    client = FakeClient(NAMES)
    client.before = lambda names, flags: TOO_MANY if len(names) > most else None
    requests = Requests(client)  # type: ignore[arg-type]
    assert accepted(requests.run(NAMES, STAGE, Deadline(60))) == NAMES
    client.asked.clear()
    again = requests.run(NAMES, STAGE, Deadline(60))
    assert accepted(again) == NAMES
    assert len(again.accepted) >= len(client.asked) - 6  # refused only where more is tried


def test_the_id_of_a_cancellation_counts_among_the_files() -> None:
    client = FakeClient(NAMES[:100])
    client.before = lambda names, flags: TOO_MANY if len(names) > 48 else None
    result = run(client, NAMES[:100], CANCEL, of="id:1")
    assert accepted(result) == NAMES[:100]
    assert all(names[0] == "id:1" for _, names in client.asked)


def refusing(bad: set[str], *, named: bool) -> FakeClient:
    client = FakeClient(NAMES)

    def before(names: list[str], flags: int) -> Trouble | None:
        found = next((name for name in names if name in bad), None)
        if found is None:
            return None
        return Trouble(400, 3010, f"Unable to prepare {found if named else 'it'}; permission denied")

    client.before = before
    return client


@pytest.mark.parametrize("named", [True, False])
@given(bad=st.sets(st.sampled_from(NAMES), max_size=12))
def test_a_few_bad_files_do_not_hold_the_others(named: bool, bad: set[str]) -> None:
    client = refusing(bad, named=named)
    result = run(client)
    assert set(result.refused) == bad
    assert sorted(accepted(result)) == sorted(set(NAMES) - bad)
    assert len(client.asked) <= 1 + 22 * len(bad)


def test_where_everything_is_refused_a_thousand_files_are_not_asked_for_one_by_one() -> None:
    client = FakeClient(NAMES)
    client.before = lambda names, flags: REFUSED
    result = run(client)
    assert set(result.refused) == set(NAMES)
    assert len(client.asked) < 100
    assert result.of_the_whole is None


def test_a_server_that_dies_is_not_asked_further() -> None:
    client = FakeClient(NAMES, max_files=100)
    client.before = lambda names, flags: DEAD if len(client.asked) == 3 else None
    result = run(client)
    assert (accepted(result), result.in_doubt, result.not_asked) == (NAMES[:200], NAMES[200:300], NAMES[300:])
    outcomes = result.open_outcomes()
    assert type(outcomes[NAMES[250]]).__name__ == "Unknown"
    assert outcomes[NAMES[999]].code == "endpoint_unreachable"  # type: ignore[union-attr]
    assert result.of_the_whole is None


def test_a_dead_server_is_the_trouble_of_the_whole_call() -> None:
    client = FakeClient(NAMES)
    client.before = lambda names, flags: DEAD
    assert run(client).of_the_whole == DEAD
    assert len(client.asked) == 1


def test_a_passing_trouble_with_every_part_is_that_of_the_whole_call() -> None:
    client = FakeClient(NAMES)
    client.before = lambda names, flags: Trouble(400, 3005, "the tape library does not run")
    whole = run(client).of_the_whole
    assert whole is not None
    assert whole.errno == 3005


def test_after_its_deadline_nothing_is_asked() -> None:
    client = FakeClient(NAMES)
    result = Requests(client).run(NAMES, STAGE, Deadline(0))  # type: ignore[arg-type]
    assert client.asked == []
    assert {outcome.code for outcome in result.open_outcomes().values()} == {"endpoint_busy"}  # type: ignore[union-attr]


def test_nothing_for_no_files() -> None:
    client = FakeClient()
    assert run(client, []) == Result()
    assert client.asked == []
