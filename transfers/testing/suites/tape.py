"""The rules of Stager: recall, pins, archive."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

import pytest

from catalog.states import Locality
from transfers.errors import StorageError
from transfers.model import Done, Failed, Observed, Pending, StageOrder
from transfers.ports import Stager
from transfers.testing.suites.rig import Rig, Suite, code_of, contents


class StagerSuite(Suite):
    """Recall and archive. Every test is skipped at an endpoint without a stager."""

    @pytest.fixture
    def stager(self, rig: Rig) -> Stager:
        if rig.storage.stager is None:
            pytest.skip("not a tape endpoint")
        assert rig.storage.capabilities.tape
        return rig.storage.stager

    def orders(self, rig: Rig, data: dict[str, bytes]) -> list[StageOrder]:
        """Put files on tape only, and give the orders to stage them."""
        for name, content in data.items():
            rig.put_on_tape(rig.path(name), content)
        return [StageOrder(rig.path(name), len(content)) for name, content in data.items()]

    def staged(self, rig: Rig, stager: Stager, orders: Sequence[StageOrder]) -> str:
        """Stage, poll until all are online; the token."""
        receipt = stager.stage(orders)
        paths = [order.path for order in orders]
        assert set(receipt.outcomes) == set(paths)
        assert all(isinstance(outcome, Done | Pending) for outcome in receipt.outcomes.values()), receipt

        def online() -> bool:
            outcomes = stager.poll(receipt.token, paths)
            assert set(outcomes) == set(paths)
            assert all(isinstance(outcome, Done | Pending) for outcome in outcomes.values()), outcomes
            return all(isinstance(outcome, Done) for outcome in outcomes.values())

        rig.settle(online)
        return receipt.token

    def test_probe_of_a_nearline_file_recalls_nothing(self, rig: Rig, stager: Stager) -> None:
        rig.put_on_tape(rig.path("a.raw"), b"raw events")
        for _ in range(2):
            seen = self.seen(rig, rig.path("a.raw"))
            assert seen.locality is Locality.NEARLINE
            assert seen.size == len(b"raw events")
            if rig.nearline_checksum:
                assert seen.adler32 == contents(b"raw events")[1]

    def test_a_nearline_file_cannot_be_read(self, rig: Rig, stager: Stager) -> None:
        rig.put_on_tape(rig.path("a.raw"), b"raw events")
        assert code_of(rig.read(rig.path("a.raw"))) == "not_online"

    def test_reread_recalls_nothing(self, rig: Rig, stager: Stager) -> None:
        if rig.storage.rereader is None:
            pytest.skip("files of this endpoint are read by fetching them")
        rig.put_on_tape(rig.path("a.raw"), b"raw events")
        seen = rig.storage.rereader.reread([rig.path("a.raw"), rig.path("none.raw")])
        assert {path: code_of(entry) for path, entry in seen.items()} == {
            rig.path("a.raw"): "not_online",
            rig.path("none.raw"): "file_missing",
        }

    def test_reread_sums_what_was_recalled(self, rig: Rig, stager: Stager) -> None:
        if rig.storage.rereader is None:
            pytest.skip("files of this endpoint are read by fetching them")
        data = {"a.raw": b"raw events", "large.raw": b"much of it " * 1_000_000}
        orders = self.orders(rig, data)
        self.staged(rig, stager, orders)
        seen = rig.storage.rereader.reread([order.path for order in orders])
        assert seen == {
            rig.path(name): Observed(*contents(data[name]), Locality.ONLINE, "read") for name in data
        }

    def test_a_release_of_no_request_is_harmless(self, rig: Rig, stager: Stager) -> None:
        """Asked of a file that nobody of ours holds, to have it leave the buffer if the service likes."""
        rig.put(rig.path("a.raw"), b"raw events")
        rig.put_on_tape(rig.path("b.raw"), b"raw events")
        paths = [rig.path("a.raw"), rig.path("b.raw")]
        with suppress(StorageError):  # it may need a request
            assert set(stager.release("", paths)) == set(paths)
        assert rig.look(paths[0]) == rig.look(paths[1]) == contents(b"raw events")

    def test_stage_makes_readable_and_release_nearline(self, rig: Rig, stager: Stager) -> None:
        orders = self.orders(rig, {"a.raw": b"raw events", "b.raw": b"more", "c d+%.raw": b"odd"})
        paths = [order.path for order in orders]
        token = self.staged(rig, stager, orders)
        assert self.seen(rig, paths[0]).locality is Locality.ONLINE_AND_NEARLINE
        assert rig.read(paths[0]) == contents(b"raw events")
        assert rig.read(paths[2]) == contents(b"odd")
        assert stager.release(token, paths) == {path: Done() for path in paths}
        rig.settle(lambda: self.seen(rig, paths[0]).locality is Locality.NEARLINE)
        assert code_of(rig.read(paths[0])) == "not_online"
        assert rig.look(paths[0]) == contents(b"raw events")

    def test_release_again_is_harmless(self, rig: Rig, stager: Stager) -> None:
        orders = self.orders(rig, {"a.raw": b"raw events"})
        path = orders[0].path
        token = self.staged(rig, stager, orders)
        for _ in range(2):
            assert stager.release(token, [path]) == {path: Done()}
        rig.settle(lambda: self.seen(rig, path).locality is Locality.NEARLINE)
        assert rig.look(path) == contents(b"raw events")

    def test_a_released_file_can_be_staged_again(self, rig: Rig, stager: Stager) -> None:
        orders = self.orders(rig, {"a.raw": b"raw events"})
        path = orders[0].path
        token = self.staged(rig, stager, orders)
        stager.release(token, [path])
        rig.settle(lambda: self.seen(rig, path).locality is Locality.NEARLINE)
        self.staged(rig, stager, orders)
        assert rig.read(path) == contents(b"raw events")

    def test_stage_again_is_harmless(self, rig: Rig, stager: Stager) -> None:
        orders = self.orders(rig, {"a.raw": b"raw events", "b.raw": b"more"})
        stager.stage(orders)
        token = self.staged(rig, stager, orders)
        assert stager.poll(token, [orders[0].path]) == {orders[0].path: Done()}

    def test_stage_of_an_online_file(self, rig: Rig, stager: Stager) -> None:
        path = rig.path("a.raw")
        rig.put(path, b"x")
        self.staged(rig, stager, [StageOrder(path, 1)])
        assert rig.read(path) == contents(b"x")

    def test_stage_mixes_good_and_missing(self, rig: Rig, stager: Stager) -> None:
        (good,) = self.orders(rig, {"a.raw": b"raw events"})
        missing = StageOrder(rig.path("missing.raw"), 1)
        receipt = stager.stage([missing, good])
        assert set(receipt.outcomes) == {good.path, missing.path}
        assert receipt.outcomes[missing.path] != Done()
        rig.settle(lambda: stager.poll(receipt.token, [good.path])[good.path] == Done())
        outcomes = stager.poll(receipt.token, [missing.path, good.path])
        assert set(outcomes) == {good.path, missing.path}
        assert code_of(outcomes[missing.path]) in ("file_missing", "request_vanished")

    def test_poll_of_a_request_nobody_made(self, rig: Rig, stager: Stager) -> None:
        (order,) = self.orders(rig, {"a.raw": b"raw events"})
        outcome = stager.poll("no-such-request", [order.path])[order.path]
        assert code_of(outcome) == "request_vanished"

    def test_a_forgotten_request_is_said_to_have_vanished(self, rig: Rig, stager: Stager) -> None:
        (order,) = self.orders(rig, {"a.raw": b"raw events"})
        token = stager.stage([order]).token
        if not rig.forget(token):
            pytest.skip("the rig cannot make the service forget")

        def vanished() -> bool:
            outcome = stager.poll(token, [order.path])[order.path]
            assert outcome != Done()
            return isinstance(outcome, Failed) and outcome.code == "request_vanished"

        rig.settle(vanished)
        self.staged(rig, stager, [order])

    def test_cancel_is_harmless_and_the_file_can_be_staged_again(self, rig: Rig, stager: Stager) -> None:
        orders = self.orders(rig, {"a.raw": b"raw events", "b.raw": b"more"})
        paths = [order.path for order in orders]
        token = stager.stage(orders).token
        for _ in range(2):
            assert stager.cancel(token, paths) == {path: Done() for path in paths}
        assert rig.look(paths[0]) == contents(b"raw events")
        self.staged(rig, stager, orders)
        assert rig.read(paths[1]) == contents(b"more")

    def test_cancel_of_an_online_file_drops_nothing_that_is_read(self, rig: Rig, stager: Stager) -> None:
        (order,) = self.orders(rig, {"a.raw": b"raw events"})
        other = stager.stage([order]).token
        self.staged(rig, stager, [order])
        assert stager.cancel(other, [order.path]) == {order.path: Done()}
        assert rig.read(order.path) == contents(b"raw events")

    def test_release_of_a_missing_file_is_harmless(self, rig: Rig, stager: Stager) -> None:
        (order,) = self.orders(rig, {"a.raw": b"raw events"})
        token = self.staged(rig, stager, [order])
        missing = rig.path("missing.raw")
        outcomes = stager.release(token, [missing, order.path])
        assert outcomes[order.path] == Done()
        assert missing in outcomes

    def test_a_written_file_reaches_the_tape_later(self, rig: Rig, stager: Stager) -> None:
        order = self.order(rig, "out.root", b"merged")
        assert self.copied(rig, order) == Done()
        if rig.slow_archive:
            assert self.seen(rig, order.path).locality is Locality.ONLINE
        rig.settle(lambda: self.seen(rig, order.path).locality.on_tape)
        seen = self.seen(rig, order.path)
        assert seen.size == order.size
        if rig.nearline_checksum or seen.locality.readable:
            assert seen.adler32 == order.adler32
        assert rig.look(order.path) == contents(b"merged")

    def test_release_never_drops_the_only_copy(self, rig: Rig, stager: Stager) -> None:
        if not rig.slow_archive:
            pytest.skip("archived at once")
        order = self.order(rig, "out.root", b"merged")
        assert self.copied(rig, order) == Done()
        assert order.path in stager.release("", [order.path])
        assert rig.look(order.path) == contents(b"merged")
        rig.settle(lambda: self.seen(rig, order.path).locality.on_tape)
        assert rig.look(order.path) == contents(b"merged")

    def test_copy_onto_a_nearline_file_compares_or_refuses(self, rig: Rig, stager: Stager) -> None:
        same, other = self.order(rig, "same.raw", b"bytes"), self.order(rig, "other.raw", b"bytes")
        rig.put_on_tape(same.path, b"bytes")
        rig.put_on_tape(other.path, b"BYTES")
        outcomes = self.all_copied(rig, [same, other])
        if rig.nearline_checksum:
            assert outcomes[same.path] == Done()
        assert code_of(outcomes[other.path]) == "file_exists"
        assert rig.look(other.path) == contents(b"BYTES")

    def test_remove_takes_the_tape_copy_too(self, rig: Rig, stager: Stager) -> None:
        gone, stays = rig.path("gone.raw"), rig.path("stays.raw")
        rig.put_on_tape(gone, b"x")
        rig.put_on_tape(stays, b"y")
        assert rig.storage.remover.remove([gone]) == {gone: Done()}
        assert rig.look(gone) is None
        assert rig.look(stays) == contents(b"y")
