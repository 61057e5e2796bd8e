"""Files one after the other: in order, a few at a time, removed when taken, and never another's file."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.checksum import adler32
from transfers.feed import Feed, NotBrought, batches, most
from transfers.manifest import Incoming, Source, StageIn
from transfers.staging import Means

SIZES = st.lists(st.integers(0, 1000), max_size=30)


@given(SIZES, st.integers(0, 3000))
def test_batches_are_all_files_in_order_and_no_larger_than_half_of_what_is_allowed(sizes, ahead):
    found = batches(sizes, ahead)
    assert [index for batch in found for index in batch] == list(range(len(sizes)))
    assert all(len(batch) == 1 or sum(sizes[i] for i in batch) <= ahead // 2 for batch in found)
    assert most(sizes, ahead) <= max(ahead, max(sizes, default=0) + max(ahead // 2, *sizes, 0))
    assert most(sizes, 0) == max(sizes, default=0)


class Store:
    def __init__(self, root: Path, *sizes: int) -> None:
        self.root, self.work = root / "store", root / "work"
        self.root.mkdir()
        self.work.mkdir()
        self.files = [self.put(f"f{number}", size) for number, size in enumerate(sizes)]

    def put(self, name: str, size: int) -> Incoming:
        data = name.encode() * size
        (self.root / name).write_bytes(data)
        source = Source(f"file://{self.root}/{name}")
        return Incoming(f"/x/{name}", name, (source,), len(data), adler32([data]))

    def feed(self, ahead: int, **words) -> Feed:
        return Feed(StageIn("j", tuple(self.files)), self.work, Means(), ahead=ahead, **words)

    def here(self) -> int:
        return sum(path.stat().st_size for path in self.work.iterdir())


@pytest.mark.parametrize("ahead", [0, 1000, 100_000_000])
def test_each_file_comes_in_order_and_goes_when_the_next_is_asked_for(tmp_path, ahead):
    store = Store(tmp_path, *[100] * 20)
    before, top = None, 0
    with store.feed(ahead) as feed:
        for file, path in zip(store.files, feed, strict=True):
            assert path.read_bytes() == (store.root / file.name).read_bytes()
            assert before is None or not before.exists()
            before, top = path, max(top, store.here())
    assert feed.complete
    assert top <= most([file.size for file in store.files], ahead)
    assert store.here() == 0
    assert len(list(store.root.iterdir())) == 20


def test_a_file_that_cannot_be_had_ends_it_there(tmp_path):
    store = Store(tmp_path, 10, 10, 10)
    (store.root / "f1").write_bytes(b"other")
    taken = []
    with store.feed(1000) as feed, pytest.raises(NotBrought) as error:
        taken.extend(path.name for path in feed)
    assert (taken, error.value.report.code, feed.trouble) == (["f0"], "size_mismatch", error.value)
    assert not feed.complete


def test_files_that_are_there_are_given_as_they_are_and_never_removed(tmp_path):
    store = Store(tmp_path, 10, 10, 10)
    there = {file.lfn: store.root / file.name for file in store.files[:2]}
    with store.feed(0, there=there, keep={"/x/f2"}) as feed:
        assert list(feed) == [store.root / "f0", store.root / "f1", store.work / "f2"]
    assert sorted(path.name for path in store.root.iterdir()) == ["f0", "f1", "f2"]
    assert (store.work / "f2").exists()


def test_who_leaves_early_waits_for_nothing_that_is_still_to_come(tmp_path):
    store = Store(tmp_path, *[100] * 50)
    with store.feed(600) as feed:
        next(iter(feed))
    assert len(list(store.work.iterdir())) <= 3 * 3
    assert not feed.complete
