"""The rules of ``transfers.ports.Transferrer`` as tests: a new service is a rig and a subclass.

::

    class TestMine(TransferrerSuite):
        @pytest.fixture
        def transfers(self, tmp_path):
            return Transfers(rig=MyRig(tmp_path), open=lambda: my_transferrer(…), moved=my_service.count)

The endpoint of the rig is the destination. What the service cannot do is said by the flags of ``Transfers``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from transfers.model import Done, Failed, Outcome, Pending, TransferOrder, Unknown
from transfers.ports import Transferrer
from transfers.testing.suites import ODD_NAMES, Rig, code_of, contents


@dataclass
class Transfers:
    """A service under test, and the ways around it.

    ``rig``: the destination. ``open``: a client of the service, as a new process has it. ``moved``: how often
    the bytes of a path there were moved. ``forget``: lets the service lose a request. ``recalls``: makes a
    file that is on tape only, and gives its URL. ``refuse_tape``: from now on files do not get to tape.
    """

    rig: Rig
    open: Callable[[], Transferrer]
    moved: Callable[[str], int]
    forget: Callable[[str], None] | None = None
    recalls: Callable[[str, bytes], str] | None = None
    refuse_tape: Callable[[], None] | None = None
    several: bool = True
    hops: bool = False

    def order(self, name: str, data: bytes, **rest: Any) -> TransferOrder:
        """An order for a new source file with these bytes."""
        return TransferOrder(self.rig.path(name), (self.rig.source(name, data),), *contents(data), **rest)

    def orders(self, count: int) -> list[TransferOrder]:
        return [self.order(f"f{n}.root", b"x" * (n + 1)) for n in range(count)]

    def ends(self, service: Transferrer, token: str, paths: Iterable[str]) -> dict[str, Outcome]:
        """What is said of the paths when none is pending any more."""
        wanted = list(paths)
        told: dict[str, Outcome] = {}

        def over() -> bool:
            told.update(service.poll({token: wanted})[token])
            assert set(told) == set(wanted)
            return not any(isinstance(outcome, Pending) for outcome in told.values())

        self.rig.settle(over)
        return told

    def made(self, orders: Sequence[TransferOrder], label: str = "one") -> Mapping[str, Outcome]:
        """Submit and wait for the end."""
        service = self.open()
        receipt = service.submit(orders, label=label)
        assert set(receipt.outcomes) == {order.path for order in orders}
        heard = [path for path, outcome in receipt.outcomes.items() if outcome == Pending()]
        return {**receipt.outcomes, **self.ends(service, receipt.token, heard)}


def done(orders: Iterable[TransferOrder]) -> dict[str, Outcome]:
    return {order.path: Done() for order in orders}


class TransferrerSuite:
    @pytest.fixture
    def transfers(self) -> Transfers:
        raise NotImplementedError("a subclass gives the service")

    # ------------------------------------------------------------------------------- copies
    def test_files_are_copied(self, transfers: Transfers) -> None:
        orders = transfers.orders(5)
        receipt = transfers.open().submit(orders, label="one")
        assert receipt.outcomes == {order.path: Pending() for order in orders}
        assert receipt.token
        assert transfers.ends(transfers.open(), receipt.token, [o.path for o in orders]) == done(orders)
        for order in orders:
            assert transfers.rig.look(order.path) == (order.size, order.adler32)
            assert transfers.moved(order.path) == 1

    def test_several_requests_are_looked_at_in_one_call(self, transfers: Transfers) -> None:
        first, second = transfers.orders(2)
        service = transfers.open()
        one = service.submit([first], label="one").token
        two = service.submit([second], label="two").token
        assert one != two
        asked = {one: [first.path], two: [second.path]}
        told: dict[str, Mapping[str, Outcome]] = {}

        def over() -> bool:
            told.update(service.poll(asked))
            return told == {one: done([first]), two: done([second])}

        transfers.rig.settle(over)

    def test_an_empty_file(self, transfers: Transfers) -> None:
        order = transfers.order("empty.root", b"")
        assert transfers.made([order]) == done([order])
        assert transfers.rig.look(order.path) == contents(b"")

    def test_names_are_taken_literally_or_refused(self, transfers: Transfers) -> None:
        orders = [transfers.order(name, name.encode()) for name in ODD_NAMES]
        for order in orders:
            outcome = transfers.made([order], label=order.path)[order.path]
            if outcome == Done():
                assert transfers.rig.look(order.path) == (order.size, order.adler32)
            else:
                assert code_of(outcome) in ("unsupported", "permission_refused")
                assert transfers.rig.look(order.path) is None

    def test_activity_and_priority_are_taken(self, transfers: Transfers) -> None:
        orders = [
            replace(order, activity="Data Consolidation", priority=number)
            for number, order in enumerate(transfers.orders(4))
        ]
        assert transfers.made(orders) == done(orders)

    # -------------------------------------------------------------------- once and only once
    def test_the_same_request_again_is_the_same(self, transfers: Transfers) -> None:
        orders = transfers.orders(3)
        token = transfers.open().submit(orders, label="one").token
        again = transfers.open().submit(orders, label="one")
        assert again.token == token
        assert again.outcomes == {order.path: Pending() for order in orders}
        assert transfers.made(orders, "one") == done(orders)
        assert transfers.made(list(reversed(orders)), "one") == done(orders)
        assert {transfers.moved(order.path) for order in orders} == {1}

    def test_other_labels_are_other_requests(self, transfers: Transfers) -> None:
        first, second = transfers.orders(2)
        service = transfers.open()
        tokens = {service.submit([order], label=order.path).token for order in (first, second)}
        assert len(tokens) == 2

    def test_what_is_there_is_adopted_by_another_request(self, transfers: Transfers) -> None:
        orders = transfers.orders(2)
        assert transfers.made(orders, "one") == done(orders)
        assert transfers.made(orders, "two") == done(orders)
        assert {transfers.moved(order.path) for order in orders} == {1}

    # -------------------------------------------------------------------------------- trouble
    @pytest.mark.parametrize("existing", [b"bytes!", b"bytez", b""], ids=["longer", "same size", "empty"])
    def test_nothing_is_overwritten(self, transfers: Transfers, existing: bytes) -> None:
        order = transfers.order("out.root", b"bytes")
        transfers.rig.put(order.path, existing)
        assert code_of(transfers.made([order])[order.path]) == "file_exists"
        assert transfers.rig.look(order.path) == contents(existing)

    def test_another_size_is_found(self, transfers: Transfers) -> None:
        good, bad = transfers.orders(2)
        told = transfers.made([good, replace(bad, size=bad.size + 1)])
        assert told[good.path] == Done()
        assert code_of(told[bad.path]) == "size_mismatch"

    def test_another_checksum_is_found_and_nothing_stays(self, transfers: Transfers) -> None:
        good, bad = transfers.orders(2)
        told = transfers.made([good, replace(bad, adler32=contents(b"other")[1])])
        assert told[good.path] == Done()
        assert code_of(told[bad.path]) == "checksum_mismatch"
        assert transfers.rig.look(bad.path) is None

    def test_a_missing_source(self, transfers: Transfers) -> None:
        good, gone = transfers.orders(2)
        gone = replace(gone, sources=(gone.sources[0] + ".gone",))
        told = transfers.made([good, gone])
        assert told[good.path] == Done()
        assert code_of(told[gone.path]) == "file_missing"
        assert transfers.rig.look(gone.path) is None

    def test_after_a_failure_another_request_may_succeed(self, transfers: Transfers) -> None:
        order = transfers.order("out.root", b"bytes")
        wrong = replace(order, sources=(order.sources[0] + ".gone",))
        assert isinstance(transfers.made([wrong], "one")[order.path], Failed)
        assert transfers.made([order], "two") == done([order])

    def test_an_order_without_source_is_refused_and_holds_no_other(self, transfers: Transfers) -> None:
        good, bad = transfers.orders(2)
        told = transfers.made([good, replace(bad, sources=())])
        assert told[good.path] == Done()
        assert code_of(told[bad.path]) == "unsupported"

    def test_a_request_that_is_lost_has_vanished(self, transfers: Transfers) -> None:
        if transfers.forget is None:
            pytest.skip("cannot be arranged")
        (order,) = transfers.orders(1)
        token = transfers.open().submit([order], label="one").token
        transfers.forget(token)
        told = transfers.open().poll({token: [order.path]})[token]
        assert code_of(told[order.path]) == "request_vanished"

    def test_an_unknown_token_is_no_success(self, transfers: Transfers) -> None:
        for token in ("", "nonsense", "01234567-89ab-cdef-0123-456789abcdef"):
            told = transfers.open().poll({token: ["/a.root"]})[token]["/a.root"]
            assert isinstance(told, Unknown) or code_of(told) == "request_vanished"

    # -------------------------------------------------------------------------------- cancel
    def test_cancel_of_some_leaves_the_others(self, transfers: Transfers) -> None:
        orders = transfers.orders(4)
        service = transfers.open()
        token = service.submit(orders, label="one").token
        paths = [order.path for order in orders]
        assert service.cancel(token, paths[:2]) == dict.fromkeys(paths[:2], Done())
        told = transfers.ends(service, token, paths)
        assert [code_of(told[path]) for path in paths[:2]] == ["request_vanished"] * 2
        assert [told[path] for path in paths[2:]] == [Done()] * 2
        assert transfers.rig.look(paths[0]) is None

    def test_cancel_again_or_of_nothing_is_harmless(self, transfers: Transfers) -> None:
        (order,) = transfers.orders(1)
        service = transfers.open()
        token = service.submit([order], label="one").token
        for _ in range(2):
            assert service.cancel(token, [order.path]) == {order.path: Done()}
        assert service.cancel("", [order.path]) == {order.path: Done()}

    def test_cancel_of_what_is_over_changes_nothing(self, transfers: Transfers) -> None:
        (order,) = transfers.orders(1)
        service = transfers.open()
        token = service.submit([order], label="one").token
        assert transfers.ends(service, token, [order.path]) == done([order])
        assert service.cancel(token, [order.path]) == {order.path: Done()}
        assert transfers.ends(transfers.open(), token, [order.path]) == done([order])
        assert transfers.rig.look(order.path) == (order.size, order.adler32)

    # --------------------------------------------------------------------- sources, hops, tape
    def test_the_next_source_has_its_turn(self, transfers: Transfers) -> None:
        if not transfers.several:
            pytest.skip("does not do several sources")
        good = transfers.order("out.root", b"bytes")
        order = replace(good, sources=(good.sources[0] + ".gone", *good.sources))
        assert transfers.made([order]) == done([order])

    def test_when_no_source_is_good_the_copy_fails(self, transfers: Transfers) -> None:
        if not transfers.several:
            pytest.skip("does not do several sources")
        good = transfers.order("out.root", b"bytes")
        order = replace(good, sources=(f"{good.sources[0]}.gone", f"{good.sources[0]}.lost"))
        assert code_of(transfers.made([order])[order.path]) == "file_missing"

    def test_hops_are_made_or_refused(self, transfers: Transfers) -> None:
        order = transfers.order("out.root", b"bytes")
        order = replace(order, hops=(transfers.rig.source("stop.root", b"x").replace("stop", "hop"),))
        told = transfers.made([order])[order.path]
        if transfers.hops:
            assert told == Done()
            assert transfers.rig.look(order.path) == contents(b"bytes")
        else:
            assert code_of(told) == "unsupported"

    def test_a_source_on_tape_is_recalled(self, transfers: Transfers) -> None:
        if transfers.recalls is None:
            pytest.skip("does not recall")
        url = transfers.recalls("raw.root", b"from tape")
        order = TransferOrder(
            transfers.rig.path("raw.root"), (url,), *contents(b"from tape"), bring_online=timedelta(days=1)
        )
        assert transfers.made([order]) == done([order])
        assert transfers.rig.look(order.path) == contents(b"from tape")

    def test_archived_means_on_tape(self, transfers: Transfers) -> None:
        if not transfers.rig.storage.capabilities.tape:
            pytest.skip("no tape endpoint")
        order = transfers.order("out.root", b"bytes", archive_timeout=timedelta(days=1))
        service = transfers.open()
        token = service.submit([order], label="one").token
        seen: list[Outcome] = []

        def over() -> bool:
            seen.append(service.poll({token: [order.path]})[token][order.path])
            return seen[-1] == Done()

        transfers.rig.settle(over)
        assert set(seen[:-1]) <= {Pending(), Pending(landed=True)}
        assert Pending(landed=True) in seen
        observed = transfers.rig.storage.prober.probe([order.path])[order.path]
        assert observed.locality.on_tape  # type: ignore[union-attr]

    def test_a_copy_that_does_not_get_to_tape_is_there(self, transfers: Transfers) -> None:
        if transfers.refuse_tape is None:
            pytest.skip("cannot be arranged")
        transfers.refuse_tape()
        order = transfers.order("out.root", b"bytes", archive_timeout=timedelta(hours=1))
        assert code_of(transfers.made([order])[order.path]) == "not_archived"
        assert transfers.rig.look(order.path) == contents(b"bytes")
