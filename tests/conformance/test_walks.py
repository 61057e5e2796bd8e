"""Every backend that can list keeps the rules of Walker."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conformance.test_memory import MemoryRig
from tests.conformance.test_posix import PosixRig
from tests.conformance.test_simtape import SimtapeRig
from transfers.backends import memory
from transfers.model import Listing, Unknown
from transfers.testing.suites import RealWalkerSuite, Rig, WalkerSuite
from transfers.walking import tree


class TestPosix(RealWalkerSuite):
    @pytest.fixture
    def rig(self, tmp_path: Path) -> PosixRig:
        return PosixRig(tmp_path)

    def place(self, rig: Rig, name: str) -> Path:
        assert isinstance(rig, PosixRig)
        return Path(f"{rig.root}{rig.path(name)}")

    def skip_where_all_is_readable(self) -> None:
        if os.geteuid() == 0:
            pytest.skip("root may read everything")

    def test_another_file_system_under_the_name_is_told(self, rig: Rig) -> None:
        """As when it is not mounted any more: its directories are not missing."""
        assert isinstance(rig, PosixRig)
        rig.put(rig.path("dir/a.raw"), b"x")
        walk = tree(rig.storage.walker, ["/"])  # type: ignore[arg-type]
        assert isinstance(next(walk)[1], Listing)
        rig.root.rename(rig.directory / "unmounted")
        rig.root.symlink_to("/proc/self")
        assert [type(looked) for _, looked in walk] == [Unknown]


class TestByLister(TestPosix):
    """What a storage without a walker of its own gets."""

    sees_odd = notices_back = False

    @pytest.fixture
    def rig(self, tmp_path: Path) -> PosixRig:
        rig = PosixRig(tmp_path)
        rig.storage = replace(rig.storage, walker=None)
        return rig

    test_another_file_system_under_the_name_is_told = None  # type: ignore[assignment]


@pytest.fixture(autouse=True)
def _forget_stores() -> Iterator[None]:
    yield
    memory.reset()


class TestMemory(WalkerSuite):
    @pytest.fixture
    def rig(self, tmp_path: Path) -> Rig:
        return MemoryRig(tmp_path, tape=False)


class TestMemoryTape(WalkerSuite):
    @pytest.fixture
    def rig(self, tmp_path: Path) -> Rig:
        return MemoryRig(tmp_path, tape=True)


class TestSimtape(WalkerSuite):
    @pytest.fixture
    def rig(self, tmp_path: Path) -> Rig:
        return SimtapeRig(tmp_path)
