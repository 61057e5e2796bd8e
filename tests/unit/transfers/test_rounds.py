"""Many files, several places: whatever the storages say, each file is told once, and only Done is good."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.checksum import adler32
from transfers.backends.posix import PosixStorage
from transfers.errors import (
    EndpointUnreachable,
    FileMissing,
    NotOnline,
    StorageError,
    TransferStopped,
    Unsupported,
    failed,
)
from transfers.model import CopyOrder, Done, Failed, FetchOrder, Outcome, Pending, Unknown
from transfers.ports import Capabilities, Storage
from transfers.rounds import NOWHERE, Task, move, verdict

ANSWERS: dict[str, Outcome | None] = {
    "done": Done(),
    "missing": failed(FileMissing, "gone"),
    "tape": failed(NotOnline, "on tape"),
    "stopped": failed(TransferStopped, "stopped"),
    "unknown": Unknown("?"),
    "pending": Pending(),
    "silent": None,
}


class Told:
    """Stores whose answers are told beforehand: place/key → answer; whole places may fail or not be known."""

    def __init__(self, answers: dict[tuple[str, str], str], dead: set[str], strange: set[str]) -> None:
        self.answers, self.dead, self.strange = answers, dead, strange
        self.asked: Counter[tuple[str, str]] = Counter()
        self.calls: list[tuple[str, int]] = []
        self.stores = {name: Store(self, name) for name in ("a", "b", "c")}

    def locate(self, url: str) -> tuple[Storage, str]:
        name, _, key = url.partition(":")
        if name in self.strange:
            raise Unsupported(f"{url}: nobody knows")
        return self.stores[name].storage, key


class Store:
    def __init__(self, told: Told, name: str) -> None:
        self._told, self._name = told, name
        self.storage = Storage(Capabilities(frozenset(), max_files_per_call=3), self, self, self)

    def fetch(self, orders, watch):
        self._told.calls.append((self._name, len(orders)))
        for order in orders:
            self._told.asked[self._name, order.path] += 1
        if self._name in self._told.dead:
            raise EndpointUnreachable("nobody answers")
        said = {order.destination: ANSWERS[self._told.answers[self._name, order.path]] for order in orders}
        return {key: answer for key, answer in said.items() if answer is not None}


def task(key: str, places: tuple[str, ...]) -> Task:
    urls = tuple(f"{place}:{key}" for place in places)
    return Task(key, urls, lambda path: FetchOrder(path, f"/local/{path}"))


keys = [f"f{n}" for n in range(5)]
stores = st.sampled_from(["a", "b", "c"])


@given(
    st.dictionaries(st.tuples(stores, st.sampled_from(keys)), st.sampled_from(sorted(ANSWERS)), min_size=0),
    st.sets(stores, max_size=2),
    st.sets(stores, max_size=1),
    st.lists(st.lists(stores, unique=True, max_size=3).map(tuple), min_size=5, max_size=5),
    st.integers(1, 3),
    st.integers(1, 3),
)
def test_every_file_is_told_once_and_only_done_is_good(answers, dead, strange, places, threads, split):
    full = {(store, key): answers.get((store, key), "done") for store in "abc" for key in keys}
    told = Told(full, dead, strange)
    heard: list[str] = []
    tasks = [task(key, tuple(there)) for key, there in zip(keys, places, strict=True)]
    moved = move(tasks, told, threads=threads, split=split, told=lambda key, _: heard.append(key))
    assert sorted(heard) == sorted(moved) == keys
    assert all(number <= 3 for _, number in told.calls)
    assert all(times == 1 for times in told.asked.values())  # no place is asked twice for a file
    for key, there in zip(keys, places, strict=True):
        found = moved[key]
        expected = [full[place, key] if place not in dead | strange else "fails" for place in there]
        until = next((n for n, word in enumerate(expected) if word in ("done", "stopped")), len(expected))
        good = until < len(expected) and expected[until] == "done"
        assert found.good == good
        assert found.place == (f"{there[until]}:{key}" if good else "")
        tried = there[: until + 1]
        assert [url for url, _ in found.attempts] == [f"{place}:{key}" for place in tried]


def test_a_file_without_a_place_has_failed():
    assert move([task("f", ())], Told({}, set(), set()))["f"].outcome == NOWHERE


def test_the_first_place_speaks_for_all_but_hope_comes_first():
    gone, tape, unknown = ANSWERS["missing"], ANSWERS["tape"], ANSWERS["unknown"]
    assert verdict([gone, failed(Unsupported, "no")]) == gone
    assert verdict([gone, tape, unknown]) == tape
    assert verdict([gone, unknown]) == unknown
    assert isinstance(verdict([]), Failed)


class Seen:
    def __init__(self) -> None:
        self.bytes: dict[str, int] = {}

    def moved(self, key: str, done: int) -> None:
        self.bytes[key] = done

    def stopped(self) -> bool:
        return False


def test_a_watch_hears_of_the_end_also_from_a_backend_that_does_not_tell():
    told = Told({("a", "f"): "done", ("a", "g"): "missing"}, set(), set())
    seen = Seen()

    def order(path: str) -> FetchOrder:
        return FetchOrder(path, f"/local/{path}", 7)

    move([Task("f", ("a:f",), order), Task("g", ("a:g",), order)], told, watch=seen)
    assert seen.bytes == {"f": 7, "g": 0}


class Stopped:
    def moved(self, key: str, done: int) -> None:
        pass

    def stopped(self) -> bool:
        return True


def test_nothing_begins_after_a_stop():
    told = Told({("a", "f"): "done"}, set(), set())
    moved = move([task("f", ("a",))], told, watch=Stopped())["f"]
    assert (moved.good, moved.outcome.code) == (False, "transfer_stopped")
    assert told.calls == []


def test_an_exception_that_is_no_storage_error_is_raised_after_the_others_ended():
    class Bug(Exception):
        pass

    told = Told({("a", "f"): "done", ("b", "g"): "done"}, set(), set())

    def broken(orders, watch):
        raise Bug

    told.stores["a"].fetch = broken
    with pytest.raises(Bug):
        move([task("f", ("a",)), task("g", ("b",))], told)
    assert issubclass(StorageError, Exception)


def test_two_tasks_for_one_place_are_told_apart(tmp_path):
    """A storage answers by path: in one call the answer to the one would be that to the other."""
    (tmp_path / "a").write_bytes(b"a")
    (tmp_path / "b").write_bytes(b"bb")
    (tmp_path / "there").mkdir()
    storage = PosixStorage(tmp_path / "there").storage()

    class One:
        def locate(self, url: str) -> tuple[Storage, str]:
            return storage, "/same"

    def order_of(name: str) -> Callable[[str], CopyOrder]:
        data = (tmp_path / name).read_bytes()
        return lambda path: CopyOrder(path, f"file://{tmp_path}/{name}", len(data), adler32([data]))

    moved = move([Task(name, (f"x:{name}",), order_of(name)) for name in "ab"], One(), threads=1)
    assert {name: found.good for name, found in moved.items()} == {"a": True, "b": False}
    assert (tmp_path / "there" / "same").read_bytes() == b"a"
