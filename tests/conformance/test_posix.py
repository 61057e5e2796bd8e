"""The posix backend keeps the rules of the ports."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from catalog.clock import SimulatedClock
from transfers.backends import posix
from transfers.testing.suites import Contents, ListerSuite, Rig, StorageSuite, contents


class PosixRig(Rig):
    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        self.root = directory / "endpoint"
        self.root.mkdir()
        self.storage = posix.open_storage(f"file://{self.root}", clock=SimulatedClock(), options={})

    def put(self, path: str, data: bytes) -> None:
        file = self.root / path[1:]
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)

    def look(self, path: str) -> Contents | None:
        file = self.root / path[1:]
        return contents(file.read_bytes()) if file.exists() else None

    def names(self) -> set[str]:
        return {f"/{file.relative_to(self.root)}" for file in self.root.rglob("*") if not file.is_dir()}

    def settle(self, condition: Callable[[], bool]) -> None:
        assert condition()


class TestPosix(StorageSuite, ListerSuite):
    @pytest.fixture
    def rig(self, tmp_path: Path) -> Rig:
        return PosixRig(tmp_path)
