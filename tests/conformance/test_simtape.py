"""The simulated tape library with real bytes keeps the rules of the ports."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from catalog.clock import SimulatedClock
from transfers.backends.simtape import open_tape
from transfers.model import Done, StageOrder
from transfers.testing.suites import Contents, ListerSuite, Rig, StorageSuite, contents, settle_by_clock


class SimtapeRig(Rig):
    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        self.clock = SimulatedClock()
        self.root = directory / "library"
        self.tape = open_tape(f"simtape://{self.root}", clock=self.clock, options={"mount": "30"})
        self.storage = self.tape.storage()

    def put_on_tape(self, path: str, data: bytes) -> None:
        source = self.directory / "raw"
        source.write_bytes(data)
        self.tape.seed_tape([(path, source)])

    def put(self, path: str, data: bytes) -> None:
        self.put_on_tape(path, data)
        token = self.tape.stage([StageOrder(path, len(data))]).token
        self.settle(lambda: self.tape.poll(token, [path])[path] == Done())

    def look(self, path: str) -> Contents | None:
        for tier in ("tape", "buffer"):
            file = self.root / tier / path[1:]
            if file.exists():
                return contents(file.read_bytes())
        return None

    def names(self) -> set[str]:
        assert not list((self.root / "incoming").iterdir())
        tiers = (self.root / "tape", self.root / "buffer")
        return {f"/{file.relative_to(tier)}" for tier in tiers for file in tier.rglob("*") if file.is_file()}

    def settle(self, condition: Callable[[], bool]) -> None:
        settle_by_clock(self.clock, condition)

    def forget(self, token: str) -> bool:
        self.tape.forget(token)
        return True


class TestSimtape(StorageSuite, ListerSuite):
    @pytest.fixture
    def rig(self, tmp_path: Path) -> Rig:
        return SimtapeRig(tmp_path)
