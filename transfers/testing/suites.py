"""The rules of ``transfers.ports`` as tests: a new backend is a ten-line subclass.

::

    class TestMine(StorageSuite):
        @pytest.fixture
        def rig(self, tmp_path):
            return MyRig(tmp_path)

A ``Rig`` is the storage under test together with ways around it: it makes files at the endpoint, and looks
at them, without the code under test. One rig per test (or one directory of a shared server per test: all
paths are made by ``rig.path``). What a backend or service cannot do is said by the flags of the rig and by
``Storage.capabilities``; the tests it concerns are skipped, or ask for the honest refusal.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from catalog.checksum import Adler32, adler32
from catalog.clock import Clock
from catalog.states import Locality
from transfers.errors import FileMissing
from transfers.model import CopyOrder, Done, Entry, Failed, FetchOrder, Observed, Outcome, Pending, StageOrder
from transfers.ports import Copier, Stager, Storage

Contents = tuple[int, Adler32]
"""Size and adler32: what a file holds, as far as these tests care."""

ODD_NAMES = (
    "with space.raw",
    "grün-Ω-файл.raw",
    "100%25.raw",
    "a+b.raw",
    "#hash&amp=1;x.raw",
    "run_[000],'q'.root.001",
)


def contents(data: bytes) -> Contents:
    """What a file with these bytes holds."""
    return len(data), adler32([data])


def fetched(copier: Copier, path: str, destination: str, wanted: Contents | None = None) -> Outcome:
    """The outcome of fetching one file, compared with what is wanted, if anything is."""
    order = FetchOrder(path, destination, *(wanted or (None, None)))
    outcomes = copier.fetch([order])
    assert set(outcomes) == {destination}
    return outcomes[destination]


def settle_by_clock(
    clock: Clock,
    condition: Callable[[], bool],
    *,
    step: timedelta = timedelta(seconds=5),
    limit: timedelta = timedelta(days=2),
) -> None:
    """Let simulated time pass until the condition holds; fails the test after ``limit``."""
    end = clock.now() + limit
    while not condition():
        assert clock.now() < end, f"did not settle within {limit} of simulated time"
        clock.sleep(step)


def settle_for_real(condition: Callable[[], bool], *, every: float = 0.05, limit: float = 30.0) -> None:
    """Ask again in real time until the condition holds; fails the test after ``limit`` seconds."""
    end = time.monotonic() + limit
    while not condition():
        assert time.monotonic() < end, f"did not settle within {limit} s"
        time.sleep(every)


class Rig(ABC):
    """A storage under test, and the ways around it.

    ``base``: directory (at the endpoint) of this test's files. ``fetches``: the backend has real bytes to
    fetch. ``slow_archive``: a written file is for a moment in the buffer only (tape). ``nearline_checksum``:
    the service knows the checksum of a nearline file without recalling it.
    """

    storage: Storage
    base: str = "/suite"
    fetches: bool = True
    slow_archive: bool = True
    nearline_checksum: bool = True

    def __init__(self, directory: Path) -> None:
        """``directory``: an empty local directory for sources and fetched files."""
        self.directory = directory

    def path(self, name: str) -> str:
        """The path at the endpoint of one of this test's files."""
        return f"{self.base}/{name}"

    @abstractmethod
    def put(self, path: str, data: bytes) -> None:
        """Make a readable file at the endpoint; at a tape endpoint it is on tape as well."""

    def put_on_tape(self, path: str, data: bytes) -> None:
        """Make a file that is on tape only. Tape endpoints only."""
        raise NotImplementedError

    @abstractmethod
    def look(self, path: str) -> Contents | None:
        """What is there, online or on tape, or None: seen without the ports."""

    @abstractmethod
    def names(self) -> set[str]:
        """Every file under ``base``, temporary ones too, as paths at the endpoint: seen without the ports."""

    def source(self, name: str, data: bytes) -> str:
        """Make a file that ``copy`` can read, and give its URL. Default: a local file."""
        place = self.directory / "sources" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
        return f"file://{place}"

    def read(self, path: str) -> Contents | Failed:
        """What a reader gets. Default: fetch it and look at the local file."""
        local = self.directory / "fetched" / str(time.monotonic_ns())
        local.parent.mkdir(parents=True, exist_ok=True)
        outcome = self.fetched(path, str(local))
        if isinstance(outcome, Done):
            return contents(local.read_bytes())
        assert not local.exists(), "a fetch that is not Done left a file"
        assert isinstance(outcome, Failed), outcome
        return outcome

    def fetched(self, path: str, destination: str, wanted: Contents | None = None) -> Outcome:
        """The outcome of fetching one file, compared with what is wanted."""
        return fetched(self.storage.copier, path, destination, wanted)

    @abstractmethod
    def settle(self, condition: Callable[[], bool]) -> None:
        """Wait, by whatever means, until the condition holds; fail the test if it never does."""

    def forget(self, token: str) -> bool:
        """Make the service lose an accepted request that is not finished. False: cannot be arranged."""
        return False


class Stopped:
    """A watch of somebody who wants no copy any more."""

    def moved(self, key: str, done: int) -> None:
        """Of no interest."""

    def stopped(self) -> bool:
        return True


def code_of(outcome: object) -> str:
    """The error code of a Failed; anything else fails the test."""
    assert isinstance(outcome, Failed), outcome
    return outcome.code


class _Suite:
    @pytest.fixture
    def rig(self, tmp_path: Path) -> Rig:
        raise NotImplementedError("a subclass gives the rig")

    def order(self, rig: Rig, name: str, data: bytes) -> CopyOrder:
        """An order for a new source file with these bytes."""
        size, checksum = contents(data)
        return CopyOrder(rig.path(name), rig.source(name, data), size, checksum)

    def copied(self, rig: Rig, order: CopyOrder) -> Outcome:
        """The outcome of a copy of one file, once it is not pending."""
        return self.all_copied(rig, [order])[order.path]

    def all_copied(self, rig: Rig, orders: Sequence[CopyOrder]) -> dict[str, Outcome]:
        outcomes: dict[str, Outcome] = {}

        def over() -> bool:
            outcomes.update(rig.storage.copier.copy(orders))
            return not any(isinstance(outcome, Pending) for outcome in outcomes.values())

        rig.settle(over)
        assert set(outcomes) == {order.path for order in orders}
        return outcomes

    def seen(self, rig: Rig, path: str) -> Observed:
        """What a probe says of one file that is there."""
        observation = rig.storage.prober.probe([path])[path]
        assert isinstance(observation, Observed), observation
        return observation


class ProberSuite(_Suite):
    def test_probe_gives_size_and_checksum(self, rig: Rig) -> None:
        path = rig.path("a.raw")
        rig.put(path, b"some events")
        seen = self.seen(rig, path)
        assert (seen.size, seen.adler32) == contents(b"some events")
        assert seen.locality.readable
        assert seen.how in ("service", "read")

    def test_probe_of_an_empty_file(self, rig: Rig) -> None:
        path = rig.path("empty.raw")
        rig.put(path, b"")
        seen = self.seen(rig, path)
        assert (seen.size, seen.adler32) == contents(b"")

    def test_probe_answers_for_every_path(self, rig: Rig) -> None:
        there, missing = rig.path("there.raw"), rig.path("missing.raw")
        deeper = rig.path("no/such/directory/x.raw")
        rig.put(there, b"x")
        answer = rig.storage.prober.probe([missing, there, deeper])
        assert set(answer) == {there, missing, deeper}
        assert isinstance(answer[there], Observed)
        assert code_of(answer[missing]) == "file_missing"
        assert code_of(answer[deeper]) == "file_missing"

    def test_probe_of_a_directory_is_not_a_file(self, rig: Rig) -> None:
        rig.put(rig.path("dir/x.raw"), b"x")
        answer = rig.storage.prober.probe([rig.path("dir")])
        assert not isinstance(answer[rig.path("dir")], Observed)

    def test_probe_takes_names_literally(self, rig: Rig) -> None:
        for number, name in enumerate(ODD_NAMES):
            rig.put(rig.path(name), b"x" * (number + 1))
        answer = rig.storage.prober.probe([rig.path(name) for name in ODD_NAMES])
        for number, name in enumerate(ODD_NAMES):
            observed = answer[rig.path(name)]
            assert isinstance(observed, Observed), (name, observed)
            assert observed.size == number + 1

    def test_probe_changes_nothing(self, rig: Rig) -> None:
        rig.put(rig.path("a.raw"), b"x")
        before = rig.names()
        assert self.seen(rig, rig.path("a.raw")) == self.seen(rig, rig.path("a.raw"))
        assert rig.names() == before


class CopierSuite(_Suite):
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


class ListerSuite(_Suite):
    """For storages that have a lister."""

    def listed(self, rig: Rig, directory: str, *, recursive: bool = False) -> dict[str, Entry]:
        """The entries by path; each only once."""
        assert rig.storage.lister is not None
        entries = list(rig.storage.lister.list(directory, recursive=recursive))
        by_path = {entry.path: entry for entry in entries}
        assert len(by_path) == len(entries)
        return by_path

    def test_a_list_has_every_entry_of_the_directory(self, rig: Rig) -> None:
        rig.put(rig.path("dir/a.raw"), b"some events")
        rig.put(rig.path("dir/empty.raw"), b"")
        rig.put(rig.path("dir/sub/b.raw"), b"x")
        rig.put(rig.path("other/c.raw"), b"x")
        found = self.listed(rig, rig.path("dir"))
        sizes = {path: entry.size for path, entry in found.items() if not entry.is_directory}
        assert sizes == {rig.path("dir/a.raw"): 11, rig.path("dir/empty.raw"): 0}
        assert {path for path, entry in found.items() if entry.is_directory} == {rig.path("dir/sub")}

    def test_a_recursive_list_has_every_file_below(self, rig: Rig) -> None:
        names = {"dir/a.raw", "dir/sub/b.raw", "dir/sub/deeper/c.raw", "dir/other/d.raw"}
        for name in names:
            rig.put(rig.path(name), b"x")
        rig.put(rig.path("dirt/e.raw"), b"x")
        found = self.listed(rig, rig.path("dir"), recursive=True)
        assert {path for path, entry in found.items() if not entry.is_directory} == {
            rig.path(name) for name in names
        }

    def test_list_tells_no_wrong_checksums_and_times(self, rig: Rig) -> None:
        rig.put(rig.path("dir/a.raw"), b"some events")
        (entry,) = self.listed(rig, rig.path("dir")).values()
        assert entry.adler32 in (None, contents(b"some events")[1])
        assert entry.modified_at is None or entry.modified_at.tzinfo is not None

    def test_list_takes_names_literally(self, rig: Rig) -> None:
        for name in ODD_NAMES:
            rig.put(rig.path(f"odd/{name}"), b"x")
        assert set(self.listed(rig, rig.path("odd"))) == {rig.path(f"odd/{name}") for name in ODD_NAMES}

    def test_list_of_what_is_not_there(self, rig: Rig) -> None:
        rig.put(rig.path("dir/a.raw"), b"x")
        with pytest.raises(FileMissing):
            self.listed(rig, rig.path("dis"))

    def test_list_of_many(self, rig: Rig) -> None:
        names = {f"many/f{number:03}.raw" for number in range(120)}
        for name in names:
            rig.put(rig.path(name), b"x")
        assert set(self.listed(rig, rig.path("many"))) == {rig.path(name) for name in names}


class RemoverSuite(_Suite):
    def test_remove_removes_just_that_file(self, rig: Rig) -> None:
        names = ("a.raw", "a.raw.001", "a.ra", "ab.raw", "sub/a.raw")
        for name in names:
            rig.put(rig.path(name), b"x")
        path = rig.path("a.raw")
        assert rig.storage.remover.remove([path]) == {path: Done()}
        assert rig.look(path) is None
        assert rig.names() == {rig.path(name) for name in names[1:]}

    def test_remove_again_says_missing(self, rig: Rig) -> None:
        path = rig.path("a.raw")
        rig.put(path, b"x")
        rig.put(rig.path("b.raw"), b"x")
        assert rig.storage.remover.remove([path]) == {path: Done()}
        assert code_of(rig.storage.remover.remove([path])[path]) == "file_missing"

    def test_remove_takes_names_literally(self, rig: Rig) -> None:
        names = (*ODD_NAMES, "star1.raw", "100%.raw", "a b.raw")
        for name in names:
            rig.put(rig.path(name), b"x")
        wild = rig.path("star*.raw")
        assert code_of(rig.storage.remover.remove([wild])[wild]) == "file_missing"
        paths = [rig.path(name) for name in ODD_NAMES]
        assert rig.storage.remover.remove(paths) == {path: Done() for path in paths}
        assert rig.names() == {rig.path(name) for name in names[len(ODD_NAMES) :]}

    def test_remove_mixes_good_and_bad(self, rig: Rig) -> None:
        there, missing = rig.path("there.raw"), rig.path("missing.raw")
        rig.put(there, b"x")
        outcomes = rig.storage.remover.remove([missing, there])
        assert set(outcomes) == {there, missing}
        assert outcomes[there] == Done()
        assert code_of(outcomes[missing]) == "file_missing"

    def test_remove_refuses_a_directory(self, rig: Rig) -> None:
        rig.put(rig.path("dir/x.raw"), b"x")
        outcome = rig.storage.remover.remove([rig.path("dir")])[rig.path("dir")]
        assert not isinstance(outcome, Done)
        assert rig.names() == {rig.path("dir/x.raw")}

    def test_a_removed_path_can_be_written_again(self, rig: Rig) -> None:
        order = self.order(rig, "a.root", b"new")
        rig.put(order.path, b"old bytes")
        assert rig.storage.remover.remove([order.path]) == {order.path: Done()}
        assert self.copied(rig, order) == Done()
        assert rig.look(order.path) == contents(b"new")


class StagerSuite(_Suite):
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


class StorageSuite(ProberSuite, CopierSuite, RemoverSuite, StagerSuite):
    """All of it, for a whole ``Storage``."""
