"""The rules of Copier: whole, compared, never over another file."""

from __future__ import annotations

from pathlib import Path

import pytest

from transfers.model import CopyOrder, Done, FetchOrder
from transfers.testing.suites.rig import ODD_NAMES, Contents, Rig, Stopped, Suite, code_of, contents


class CopierSuite(Suite):
    def test_copy_brings_the_bytes(self, rig: Rig) -> None:
        order = self.order(rig, "deep/er/out.root", b"merged" * 1000)
        assert self.copied(rig, order) == Done()
        assert rig.look(order.path) == contents(b"merged" * 1000)
        assert rig.names() == {order.path}

    def test_copy_of_an_empty_file(self, rig: Rig) -> None:
        order = self.order(rig, "empty.root", b"")
        assert self.copied(rig, order) == Done()
        assert rig.look(order.path) == contents(b"")

    def test_copied_file_can_be_probed(self, rig: Rig) -> None:
        order = self.order(rig, "out.root", b"bytes")
        assert self.copied(rig, order) == Done()
        seen = self.seen(rig, order.path)
        assert (seen.size, seen.adler32) == (order.size, order.adler32)

    def test_copy_again_is_harmless(self, rig: Rig) -> None:
        order = self.order(rig, "out.root", b"bytes")
        assert self.copied(rig, order) == Done()
        assert self.copied(rig, order) == Done()
        assert rig.look(order.path) == contents(b"bytes")
        assert rig.names() == {order.path}

    def test_copy_adopts_an_equal_file(self, rig: Rig) -> None:
        order = self.order(rig, "out.root", b"bytes")
        rig.put(order.path, b"bytes")
        assert self.copied(rig, order) == Done()
        assert rig.names() == {order.path}

    @pytest.mark.parametrize("existing", [b"bytes!", b"bytez", b""], ids=["longer", "same size", "empty"])
    def test_copy_never_overwrites(self, rig: Rig, existing: bytes) -> None:
        order = self.order(rig, "out.root", b"bytes")
        rig.put(order.path, existing)
        assert code_of(self.copied(rig, order)) == "file_exists"
        assert rig.look(order.path) == contents(existing)
        assert rig.names() == {order.path}

    def test_copy_refuses_another_size(self, rig: Rig) -> None:
        order = self.order(rig, "out.root", b"bytes")
        wrong = CopyOrder(order.path, order.source, order.size + 1, order.adler32)
        assert code_of(self.copied(rig, wrong)) == "size_mismatch"
        assert rig.names() == set()

    def test_copy_refuses_another_checksum(self, rig: Rig) -> None:
        order = self.order(rig, "out.root", b"bytes")
        wrong = CopyOrder(order.path, order.source, order.size, contents(b"other")[1])
        assert code_of(self.copied(rig, wrong)) == "checksum_mismatch"
        assert rig.names() == set()

    def test_a_refused_copy_may_succeed_later(self, rig: Rig) -> None:
        order = self.order(rig, "out.root", b"bytes")
        wrong = CopyOrder(order.path, order.source, order.size, contents(b"other")[1])
        assert code_of(self.copied(rig, wrong)) == "checksum_mismatch"
        assert self.copied(rig, order) == Done()
        assert rig.look(order.path) == contents(b"bytes")

    def test_copy_of_a_missing_source(self, rig: Rig) -> None:
        order = self.order(rig, "out.root", b"bytes")
        gone = CopyOrder(order.path, order.source + ".gone", order.size, order.adler32)
        assert code_of(self.copied(rig, gone)) == "file_missing"
        assert rig.names() == set()

    def test_copy_mixes_good_and_bad(self, rig: Rig) -> None:
        good = [self.order(rig, f"good{n}.root", b"g" * n) for n in (1, 2)]
        taken = self.order(rig, "taken.root", b"new")
        rig.put(taken.path, b"old")
        wrong = CopyOrder(rig.path("wrong.root"), good[0].source, 1, contents(b"?")[1])
        outcomes = self.all_copied(rig, [good[0], taken, wrong, good[1]])
        assert outcomes[good[0].path] == outcomes[good[1].path] == Done()
        assert code_of(outcomes[taken.path]) == "file_exists"
        assert code_of(outcomes[wrong.path]) == "checksum_mismatch"
        assert rig.names() == {good[0].path, good[1].path, taken.path}

    def test_copy_takes_names_literally(self, rig: Rig) -> None:
        orders = [self.order(rig, name, name.encode()) for name in ODD_NAMES]
        outcomes = self.all_copied(rig, orders)
        assert outcomes == {order.path: Done() for order in orders}
        for name in ODD_NAMES:
            assert rig.look(rig.path(name)) == contents(name.encode())
        assert rig.names() == {rig.path(name) for name in ODD_NAMES}

    def test_copy_from_a_foreign_scheme_is_unsupported(self, rig: Rig) -> None:
        order = CopyOrder(rig.path("out.root"), "nosuchscheme://host/x", 1, contents(b"x")[1])
        assert code_of(self.copied(rig, order)) == "unsupported"

    def test_fetch_brings_the_bytes(self, rig: Rig) -> None:
        for name in ("a.raw", *ODD_NAMES):
            rig.put(rig.path(name), name.encode())
            assert rig.read(rig.path(name)) == contents(name.encode())

    def test_fetch_of_a_missing_file(self, rig: Rig) -> None:
        rig.put(rig.path("neighbour.raw"), b"x")
        assert code_of(rig.read(rig.path("missing.raw"))) == "file_missing"

    def test_fetch_never_overwrites(self, rig: Rig) -> None:
        if not rig.fetches:
            pytest.skip("no bytes to fetch")
        rig.put(rig.path("a.raw"), b"new")
        mine = rig.directory / "mine"
        mine.write_bytes(b"old")
        assert code_of(rig.fetched(rig.path("a.raw"), str(mine))) == "file_exists"
        assert code_of(rig.fetched(rig.path("a.raw"), str(mine), contents(b"old"))) == "file_exists"
        assert mine.read_bytes() == b"old"

    @pytest.mark.parametrize(
        ("wanted", "code"),
        [((6, contents(b"bytes")[1]), "size_mismatch"), ((5, contents(b"other")[1]), "checksum_mismatch")],
        ids=["another size", "another checksum"],
    )
    def test_fetch_compares(self, rig: Rig, wanted: Contents, code: str) -> None:
        if not rig.fetches:
            pytest.skip("no bytes to fetch")
        rig.put(rig.path("a.raw"), b"bytes")
        local = rig.directory / "in" / "a.raw"
        assert code_of(rig.fetched(rig.path("a.raw"), str(local), wanted)) == code
        assert list(rig.directory.glob("in/*")) == [], "something is left of a fetch that failed"
        assert rig.fetched(rig.path("a.raw"), str(local), contents(b"bytes")) == Done()
        assert local.read_bytes() == b"bytes"

    def test_fetch_mixes_good_and_bad(self, rig: Rig) -> None:
        if not rig.fetches:
            pytest.skip("no bytes to fetch")
        for name in ("a.raw", "b.raw"):
            rig.put(rig.path(name), name.encode())
        place = {
            name: str(rig.directory / "in" / name) for name in ("a.raw", "b.raw", "none.raw", "twice.raw")
        }
        orders = [FetchOrder(rig.path(name), place[name]) for name in ("a.raw", "none.raw", "b.raw")]
        outcomes = rig.storage.copier.fetch([*orders, FetchOrder(rig.path("a.raw"), place["twice.raw"])])
        assert set(outcomes) == set(place.values())
        assert code_of(outcomes[place["none.raw"]]) == "file_missing"
        good = {name: Path(place[name]).read_bytes() for name in ("a.raw", "b.raw", "twice.raw")}
        assert good == {"a.raw": b"a.raw", "b.raw": b"b.raw", "twice.raw": b"a.raw"}
        assert {outcomes[place[name]] for name in good} == {Done()}

    def test_a_stopped_copy_leaves_nothing(self, rig: Rig) -> None:
        order = self.order(rig, "out.root", b"merged" * 1000)
        watch = Stopped()
        outcome = rig.storage.copier.copy([order], watch)[order.path]
        if outcome == Done():  # it was quicker than the backend asks: allowed, when the file is whole
            assert rig.look(order.path) == (order.size, order.adler32)
        else:
            assert code_of(outcome) == "transfer_stopped"
            assert rig.names() == set()
            assert self.copied(rig, order) == Done()

    def test_a_stopped_fetch_leaves_nothing(self, rig: Rig) -> None:
        if not rig.fetches:
            pytest.skip("no bytes to fetch")
        rig.put(rig.path("a.raw"), b"bytes" * 1000)
        local = rig.directory / "in" / "a.raw"
        order = FetchOrder(rig.path("a.raw"), str(local))
        outcome = rig.storage.copier.fetch([order], Stopped())[str(local)]
        if outcome == Done():
            assert local.read_bytes() == b"bytes" * 1000
        else:
            assert code_of(outcome) == "transfer_stopped"
            assert list(rig.directory.glob("in/*")) == []

    def test_fetch_without_bytes_is_unsupported(self, rig: Rig) -> None:
        if rig.fetches:
            pytest.skip("has bytes to fetch")
        rig.put(rig.path("a.raw"), b"x")
        assert code_of(rig.fetched(rig.path("a.raw"), str(rig.directory / "x"))) == "unsupported"
