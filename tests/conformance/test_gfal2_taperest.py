"""Recalls by gfal2 over the Tape REST interface, with every service's ways, over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from catalog.clock import SystemClock
from catalog.states import Locality
from tests.conformance.test_simtape import SimtapeRig
from tests.fixtures_gfal2 import gfal2_library
from transfers.errors import CredentialExpired, CredentialMissing, StorageTimeout, TransientStorageError
from transfers.model import Done, Failed, Pending, StageOrder, Unknown
from transfers.ports import Stager
from transfers.registry import open_stager
from transfers.testing.suites import Rig, StagerSuite, code_of, contents
from transfers.testing.taperest import TapeRestServer

__all__ = ["gfal2_library"]
pytestmark = [pytest.mark.gfal2, pytest.mark.usefixtures("gfal2_library")]


class TapeRestRig(SimtapeRig):
    """A simulated tape library of which the recalls go by gfal2; the service knows it below a directory."""

    def __init__(self, directory: Path, flavour: str, tokens: Sequence[str] | None = None) -> None:
        super().__init__(directory)
        self.server = TapeRestServer(
            self.tape, self.clock, flavour=flavour, root="/eos/experiment", tokens=tokens
        ).start()
        stager = open_stager(
            "gfal2", f"{self.server.url}/eos/experiment", clock=SystemClock(), options={"timeout": "10"}
        )
        self.storage = replace(self.storage, stager=stager)

    def forget(self, token: str) -> bool:
        self.server.forget(token)
        return True


@pytest.mark.parametrize("flavour", ["dcache", "eos", "storm"])
class TestTapeRest(StagerSuite):
    @pytest.fixture
    def rig(self, tmp_path: Path, flavour: str) -> Iterator[Rig]:
        rig = TapeRestRig(tmp_path, flavour)
        yield rig
        rig.server.stop()

    def test_stage_makes_readable_and_release_nearline(self, rig: Rig, stager: Stager) -> None:
        """As in the suite, without a name that gfal2 would send encoded."""
        orders = self.orders(rig, {"a.raw": b"raw events", "b.raw": b"more"})
        paths = [order.path for order in orders]
        token = self.staged(rig, stager, orders)
        assert rig.read(paths[0]) == contents(b"raw events")
        assert stager.release(token, paths) == {path: Done() for path in paths}
        rig.settle(lambda: self.seen(rig, paths[0]).locality is Locality.NEARLINE)
        assert code_of(rig.read(paths[0])) == "not_online"

    def test_a_name_that_would_be_sent_encoded_is_refused(self, rig: TapeRestRig, stager: Stager) -> None:
        orders = self.orders(rig, {"a.raw": b"raw events", "c d+%.raw": b"odd"})
        receipt = stager.stage(orders)
        assert receipt.outcomes[orders[0].path] == Pending()
        assert code_of(receipt.outcomes[orders[1].path]) == "unsupported"
        assert rig.server.calls[0].verb == "discovery"
        sent = [call.body for call in rig.server.calls if call.verb == "stage"]
        assert sent == [{"files": [{"path": "/eos/experiment" + orders[0].path}]}]

    def test_a_recall_that_failed_says_why_as_far_as_the_service_tells(
        self, rig: TapeRestRig, stager: Stager
    ) -> None:
        (order,) = self.orders(rig, {"a.raw": b"raw events"})
        rig.server.trouble("bad", pattern="*/a.raw", text="medium error", count=None)
        token = stager.stage([order]).token
        rig.settle(lambda: not isinstance(stager.poll(token, [order.path])[order.path], Pending))
        assert code_of(stager.poll(token, [order.path])[order.path]) == "tape_lost"

    def test_a_file_that_the_answer_leaves_out_is_unknown(self, rig: TapeRestRig, stager: Stager) -> None:
        orders = self.orders(rig, {"a.raw": b"raw events", "b.raw": b"more"})
        token = stager.stage(orders).token
        rig.server.trouble("omit", pattern="*/a.raw", where="status", count=None)
        outcomes = stager.poll(token, [order.path for order in orders])
        assert isinstance(outcomes[orders[0].path], Unknown)
        assert outcomes[orders[1].path] == Pending()


@pytest.fixture
def eos_rig(tmp_path: Path) -> Iterator[TapeRestRig]:
    rig = TapeRestRig(tmp_path, "eos")
    rig.put_on_tape(rig.path("a.raw"), b"raw events")
    yield rig
    rig.server.stop()


def online(rig: TapeRestRig, stager: Stager) -> str:
    """Recall the file; the token."""
    token = stager.stage([StageOrder(rig.path("a.raw"), 10)]).token
    rig.settle(lambda: Done() in stager.poll(token, [rig.path("a.raw")]).values())
    return token


@pytest.mark.parametrize(("kind", "error"), [("expired", CredentialExpired), ("slow", StorageTimeout)])
def test_trouble_of_the_service_is_of_the_whole_call(eos_rig: TapeRestRig, kind: str, error: type) -> None:
    stager, path = quick(eos_rig), eos_rig.path("a.raw")
    token = online(eos_rig, stager)
    eos_rig.server.trouble(kind, where="status", seconds=5, count=None)
    with pytest.raises(error):
        stager.poll(token, [path])
    eos_rig.server.heal()
    assert stager.poll(token, [path]) == {path: Done()}


@pytest.mark.parametrize("kind", ["busy", "unavailable", "error", "no-api", "forbidden", "torn", "cut"])
def test_no_answer_of_a_service_in_trouble_is_success(eos_rig: TapeRestRig, kind: str) -> None:
    stager, path = quick(eos_rig), eos_rig.path("a.raw")
    token = online(eos_rig, stager)
    eos_rig.server.trouble(kind, where="status", count=None)
    try:
        outcome = stager.poll(token, [path])[path]
    except TransientStorageError:
        return
    assert isinstance(outcome, Failed | Unknown)
    assert not isinstance(outcome, Failed) or outcome.code not in ("file_missing", "tape_lost")


def quick(rig: TapeRestRig) -> Stager:
    """A stager of the same service that waits for two seconds at most."""
    prefix = f"{rig.server.url}/eos/experiment"
    return open_stager("gfal2", prefix, clock=SystemClock(), options={"timeout": "2"})


def test_a_bearer_token_is_read_from_its_file_for_each_call(tmp_path: Path) -> None:
    rig = TapeRestRig(tmp_path, "eos", tokens=("second",))
    file = tmp_path / "token"
    file.write_text("first\n")
    file.chmod(0o600)
    rig.put_on_tape(rig.path("a.raw"), b"x")
    stager = open_stager(
        "gfal2",
        f"{rig.server.url}/eos/experiment",
        clock=SystemClock(),
        options={"timeout": "5", "token_file": str(file)},
    )
    order = StageOrder(rig.path("a.raw"), 1)
    try:
        with pytest.raises(CredentialExpired):
            stager.stage([order])
        file.write_text("second\n")
        assert stager.stage([order]).outcomes == {order.path: Pending()}
        file.unlink()
        with pytest.raises(CredentialMissing, match="token"):
            stager.stage([order])
    finally:
        rig.server.stop()
