"""The memory backend, as a plain disk and as a tape library, keeps the rules of the ports."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from catalog.clock import SimulatedClock
from transfers.backends import memory
from transfers.backends.memory import MemoryStorage
from transfers.errors import FileMissing, NotOnline, failed
from transfers.model import Failed
from transfers.testing.suites import Contents, ListerSuite, Rig, StorageSuite, contents, settle_by_clock


class MemoryRig(Rig):
    fetches = False

    def __init__(self, directory: Path, *, tape: bool) -> None:
        super().__init__(directory)
        self.clock = SimulatedClock()
        self.store = MemoryStorage("rig", self.clock, tape=tape)
        self.elsewhere = MemoryStorage("elsewhere", self.clock)
        self.storage = self.store.storage()

    def put(self, path: str, data: bytes) -> None:
        self.store.put(path, *contents(data))
        if self.store.tape:
            self.store.library.files[path].tape_at = self.clock.now().timestamp()

    def put_on_tape(self, path: str, data: bytes) -> None:
        self.store.seed_tape([(path, *contents(data))])

    def look(self, path: str) -> Contents | None:
        record = self.store.library.files.get(path)
        return None if record is None else (record.size, record.adler32)

    def names(self) -> set[str]:
        return set(self.store.library.files)

    def source(self, name: str, data: bytes) -> str:
        self.elsewhere.put(f"/{name}", *contents(data))
        return f"memory://elsewhere/{name}"

    def read(self, path: str) -> Contents | Failed:
        try:
            return self.store.read(path)
        except (FileMissing, NotOnline) as error:
            return failed(type(error), str(error))

    def settle(self, condition: Callable[[], bool]) -> None:
        settle_by_clock(self.clock, condition)

    def forget(self, token: str) -> bool:
        self.store.library.forget(token, self.clock.now().timestamp())
        return True


@pytest.fixture(autouse=True)
def _forget_stores() -> Iterator[None]:
    yield
    memory.reset()


class TestMemoryDisk(StorageSuite, ListerSuite):
    @pytest.fixture
    def rig(self, tmp_path: Path) -> Rig:
        return MemoryRig(tmp_path, tape=False)


class TestMemoryTape(StorageSuite, ListerSuite):
    @pytest.fixture
    def rig(self, tmp_path: Path) -> Rig:
        return MemoryRig(tmp_path, tape=True)
