"""The stager on a played tape system: requests that are lost, late, doubled, renewed, cancelled."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

pytest.importorskip("XRootD")

from catalog.clock import SimulatedClock
from tests.unit.transfers_xrootd.fakes import DEAD, MISSING, NO_INFORMATION, REFUSED, SILENT, FakeClient
from transfers.backends.xrootd.client import Stat
from transfers.backends.xrootd.commands import CANCEL, EVICT, STAGE, Endpoint
from transfers.backends.xrootd.errors import Trouble
from transfers.backends.xrootd.tape import TapeStager
from transfers.backends.xrootd.tapesystem import TapeSystem
from transfers.errors import EndpointUnreachable, StorageTimeout, TransientStorageError
from transfers.model import Done, Failed, Outcome, Pending, StageOrder, Unknown

NAMES = [f"/t/{number:03d}.raw" for number in range(100)]
START = datetime(2016, 8, 1, tzinfo=UTC)


class Bench:
    """A stager, what it speaks to, and the clock that it waits by."""

    def __init__(self, names: Sequence[str] = NAMES, **limits: object) -> None:
        self.client = FakeClient(names, **limits)  # type: ignore[arg-type]
        self.clock = SimulatedClock(START)
        tape = TapeSystem(self.client)  # type: ignore[arg-type]
        self.stager = TapeStager(self.client, Endpoint("root://fake:1094", ""), tape, self.clock)  # type: ignore[arg-type]

    def stage(self, names: Sequence[str] = NAMES) -> tuple[str, dict[str, Outcome]]:
        receipt = self.stager.stage([StageOrder(name, 1) for name in names])
        assert set(receipt.outcomes) == set(names)
        return receipt.token, dict(receipt.outcomes)

    @property
    def waited(self) -> float:
        return (self.clock.now() - START).total_seconds()


def code(outcome: Outcome) -> str:
    return outcome.code if isinstance(outcome, Failed) else type(outcome).__name__.lower()


def test_a_request_that_arrives_is_made_once_and_nobody_waits() -> None:
    bench = Bench()
    token, outcomes = bench.stage()
    assert (token, set(outcomes.values())) == ("id:1", {Pending()})
    assert (len(bench.client.asked), bench.waited) == (1, 0)


def test_lost_files_are_asked_for_again_alone_one_request_after_the_other() -> None:
    bench = Bench()
    bench.client.loses = {NAMES[3]: 1, NAMES[7]: 2}
    token, outcomes = bench.stage()
    assert set(outcomes.values()) == {Pending()}
    assert [names for _, names in bench.client.asked[1:]] == [[NAMES[3], NAMES[7]], [NAMES[7]]]
    assert token == "id:1 id:2 id:3"
    assert bench.waited == 20


def test_what_is_lost_each_time_has_vanished_after_a_bounded_while() -> None:
    bench = Bench(grace=4, asks=2)
    bench.client.loses = {NAMES[3]: 99}
    _, outcomes = bench.stage()
    assert code(outcomes[NAMES[3]]) == "request_vanished"
    assert [code(outcomes[name]) for name in NAMES].count("pending") == 99
    assert (len(bench.client.asked), bench.waited) == (2, 8)


def test_an_id_that_comes_before_the_request_is_known_is_not_taken_for_a_loss() -> None:
    bench = Bench()
    late = bench.client.requested
    bench.client.requested = {name: set() for name in NAMES}
    bench.client.say = lambda request, names: _after(bench, 3, late, request, names)
    _, outcomes = bench.stage()
    assert set(outcomes.values()) == {Pending()}
    assert len(bench.client.asked) == 1
    assert 3 <= bench.waited < 10


def _after(bench: Bench, seconds: float, late: dict, request: str, names: Sequence[str]) -> bytes:  # type: ignore[type-arg]
    if bench.waited < seconds:
        return bench.client.json(request, names).replace(b'"requested": true', b'"requested": false')
    return bench.client.json(request, names)


def test_a_tape_system_that_says_nothing_is_not_asked_again_and_nothing_is_concluded() -> None:
    bench = Bench()
    bench.client.say = lambda request, names: NO_INFORMATION
    token, outcomes = bench.stage()
    assert set(outcomes.values()) == {Pending()}
    assert (len(bench.client.asked), bench.waited) == (1, 0)
    assert {code(outcome) for outcome in bench.stager.poll(token, NAMES).values()} == {"unknown"}


def test_words_are_never_done() -> None:
    bench = Bench()
    bench.client.say = lambda request, names: "\n".join(f"{name} STAGED" for name in names).encode()
    token, outcomes = bench.stage()
    assert Done() not in outcomes.values()
    assert Done() not in bench.stager.poll(token, NAMES).values()


def test_a_server_without_ids_is_asked_and_cancelled_by_eviction() -> None:
    bench = Bench(NAMES[:3], states="stat")
    accept = bench.client._accept
    bench.client._accept = lambda names: accept(names) and b""  # type: ignore[method-assign]
    token, outcomes = bench.stage(NAMES[:3])
    assert (token, set(outcomes.values())) == ("none", {Pending()})
    bench.client.recall(NAMES[0])
    assert [code(outcome) for outcome in bench.stager.poll(token, NAMES[:2]).values()] == ["done", "pending"]
    assert set(bench.stager.cancel(token, NAMES[:2]).values()) == {Done()}
    assert bench.client.asked[-1] == (EVICT, [NAMES[1]])  # what is online stays until released


def test_an_id_that_cannot_be_read_leaves_the_files_unknown() -> None:
    bench = Bench(NAMES[:2])
    bench.client.before = lambda names, flags: b"\xff\xfe"
    token, outcomes = bench.stage(NAMES[:2])
    assert token == ""
    assert {code(outcome) for outcome in outcomes.values()} == {"unknown"}


@pytest.mark.parametrize(("trouble", "error"), [(DEAD, EndpointUnreachable), (SILENT, StorageTimeout)])
def test_a_server_that_does_not_answer_fails_the_whole_call(
    trouble: object, error: type[TransientStorageError]
) -> None:
    bench = Bench()
    bench.client.before = lambda names, flags: trouble  # type: ignore[return-value, assignment]
    for call in (
        lambda: bench.stage(),
        lambda: bench.stager.cancel("id:1", NAMES),
    ):
        with pytest.raises(error):
            call()
    assert len(bench.client.asked) == 2


def test_a_silent_server_is_noticed_before_a_large_request() -> None:
    bench = Bench()

    def stat(names: Sequence[str]) -> dict[str, Stat | Trouble]:
        raise StorageTimeout("no answer")

    bench.client.stat = stat  # type: ignore[method-assign]
    with pytest.raises(StorageTimeout):
        bench.stage()
    assert bench.client.asked == []


def test_what_was_accepted_before_the_server_died_keeps_its_token() -> None:
    bench = Bench(max_files=40)
    bench.client.before = lambda names, flags: DEAD if len(bench.client.asked) == 2 else None
    token, outcomes = bench.stage()
    assert token == "id:1"
    assert {code(outcomes[name]) for name in NAMES[:40]} == {"pending"}
    assert {code(outcomes[name]) for name in NAMES[40:80]} == {"unknown"}
    assert {code(outcomes[name]) for name in NAMES[80:]} == {"endpoint_unreachable"}


def test_only_stat_is_believed_that_a_file_is_missing() -> None:
    bench = Bench(NAMES[:1])
    bench.client.before = lambda names, flags: MISSING
    _, outcomes = bench.stage([NAMES[0], "/gone"])
    assert isinstance(outcomes[NAMES[0]], Unknown)
    assert code(outcomes["/gone"]) == "file_missing"


@pytest.mark.parametrize("seen", ["there", "forbidden", "silent", "gone"])
def test_a_query_alone_does_not_make_a_file_missing(seen: str) -> None:
    bench = Bench(NAMES[:2])
    token, _ = bench.stage(NAMES[:2])
    stat = bench.client.stat
    del bench.client.online[NAMES[0]]  # what EOS says to one who may not see the file

    def look(names: Sequence[str]) -> dict[str, Stat | Trouble]:
        if seen == "silent":
            raise StorageTimeout("no answer")
        return {
            **stat(names),
            **{"there": {NAMES[0]: Stat(1, 0)}, "forbidden": {NAMES[0]: REFUSED}}.get(seen, {}),
        }

    bench.client.stat = look  # type: ignore[method-assign]
    outcome = bench.stager.poll(token, NAMES[:2])[NAMES[0]]
    assert code(outcome) == {"forbidden": "permission_refused", "gone": "file_missing"}.get(seen, "unknown")


def test_priorities_go_in_requests_of_their_own_the_urgent_ones_first() -> None:
    bench = Bench()
    orders = [StageOrder(name, 1, priority=number % 5, activity="T0") for number, name in enumerate(NAMES)]
    bench.stager.stage(orders)
    assert bench.client.priorities == [3, 2, 1, 0]
    assert not any("?" in name for _, names in bench.client.asked for name in names)


def test_activities_are_told_when_the_option_asks_for_it() -> None:
    bench = Bench(NAMES[:3], activity=True)
    activities = ["T0 export", "", "a&b"]
    orders = [StageOrder(name, 1, activity=word) for name, word in zip(NAMES[:3], activities, strict=True)]
    outcomes = bench.stager.stage(orders).outcomes
    asked = sorted(name for _, names in bench.client.asked for name in names)
    assert asked == [f"{NAMES[0]}?activity=T0 export", NAMES[1]]
    assert [code(outcome) for outcome in outcomes.values()].count("pending") == 2
    assert code(outcomes[NAMES[2]]) == "unsupported"


def test_a_file_that_comes_online_between_two_looks_has_not_vanished() -> None:
    bench = Bench(NAMES[:1])
    token, _ = bench.stage(NAMES[:1])
    bench.client.requested[NAMES[0]].clear()  # the recall ends: no longer requested, not yet online
    sleep = bench.clock.sleep

    def then(duration):  # type: ignore[no-untyped-def]
        bench.client.online[NAMES[0]] = True
        sleep(duration)

    bench.clock.sleep = then  # type: ignore[method-assign]
    assert bench.stager.poll(token, NAMES[:1]) == {NAMES[0]: Done()}


def test_what_has_vanished_is_looked_at_once_more_and_then_said() -> None:
    bench = Bench(NAMES[:2])
    token, _ = bench.stage(NAMES[:2])
    bench.client.requested[NAMES[0]].clear()
    outcomes = bench.stager.poll(token, NAMES[:2])
    assert [code(outcome) for outcome in outcomes.values()] == ["request_vanished", "pending"]
    assert (bench.client.queries[-2:], bench.waited) == ([2, 1], 1)


def test_a_file_of_any_request_is_cancelled_and_no_other() -> None:
    bench = Bench(max_files=7)
    token, _ = bench.stage()
    assert len(token.split()) == 15
    chosen = [NAMES[1], NAMES[50], NAMES[99]]
    assert set(bench.stager.cancel(token, chosen).values()) == {Done()}
    assert [name for name in NAMES if not bench.client.requested[name]] == chosen


def test_a_missing_file_is_left_out_of_a_cancellation() -> None:
    bench = Bench(NAMES[:2])
    token, _ = bench.stage(NAMES[:2])
    assert set(bench.stager.cancel(token, [NAMES[0], "/gone"]).values()) == {Done()}
    assert bench.client.asked[-1] == (CANCEL, [token, NAMES[0]])
    bench.stager.cancel(token, ["/gone"])
    bench.stager.cancel("", NAMES[:2])
    assert len(bench.client.asked) == 2


def test_the_same_file_asked_for_by_another_is_still_recalled() -> None:
    bench = Bench(NAMES[:1])
    mine, _ = bench.stage(NAMES[:1])
    bench.stage(NAMES[:1])
    bench.stager.cancel(mine, NAMES[:1])
    assert bench.client.requested[NAMES[0]] == {"id:2"}


@pytest.mark.parametrize("renewals", [0, 1, 5])
def test_a_file_that_was_staged_several_times_is_released_at_once(renewals: int) -> None:
    bench = Bench(NAMES[:2], counts=True)
    token, _ = bench.stage(NAMES[:2])
    bench.client.recall(*NAMES[:2])
    for _ in range(renewals):
        token, outcomes = bench.stage(NAMES[:2])
        assert set(outcomes.values()) == {Done()}
    assert bench.client.pins == dict.fromkeys(NAMES[:2], 1 + renewals)
    assert set(bench.stager.release(token, NAMES[:2]).values()) == {Done()}
    assert set(bench.client.online.values()) == {False}
    assert [flags for flags, _ in bench.client.asked].count(EVICT) == 1 + renewals


def test_where_others_count_too_one_evict_can_be_enough() -> None:
    bench = Bench(NAMES[:1], counts=True, evictions=1)
    token, _ = bench.stage(NAMES[:1])
    bench.client.recall(NAMES[0])
    bench.stage(NAMES[:1])
    assert bench.stager.release(token, NAMES[:1]) == {NAMES[0]: Done()}
    assert bench.client.online[NAMES[0]]


def test_a_server_that_does_not_count_is_asked_to_evict_once() -> None:
    bench = Bench(NAMES[:1])
    bench.client.before = lambda names, flags: b"" if flags == EVICT else None  # later, or never
    token, _ = bench.stage(NAMES[:1])
    bench.client.recall(NAMES[0])
    assert bench.stager.release(token, NAMES[:1]) == {NAMES[0]: Done()}
    assert [flags for flags, _ in bench.client.asked] == [STAGE, EVICT]


def test_what_comes_online_while_it_is_cancelled_is_evicted() -> None:
    bench = Bench(NAMES[:1])
    token, _ = bench.stage(NAMES[:1])

    def before(names: list[str], flags: int) -> None:
        if flags == CANCEL:
            bench.client.recall(NAMES[0])

    bench.client.before = before
    assert bench.stager.release(token, NAMES[:1]) == {NAMES[0]: Done()}
    assert not bench.client.online[NAMES[0]]
