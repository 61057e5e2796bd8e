"""The Tape REST stager keeps the rules of its port with every service, over real HTTP.

Bytes and probes are those of the simulated tape library behind the server.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conformance.test_simtape import SimtapeRig
from transfers.backends.taperest import open_stager
from transfers.testing.suites import Rig, StagerSuite
from transfers.testing.taperest import TapeRestServer


class TapeRestRig(SimtapeRig):
    """A simulated tape library of which the recalls go by HTTP; the service knows it below a directory."""

    def __init__(self, directory: Path, flavour: str, **options: str) -> None:
        super().__init__(directory)
        self.server = TapeRestServer(self.tape, self.clock, flavour=flavour, root="/eos/experiment").start()
        stager = open_stager(
            f"{self.server.url}/eos/experiment", clock=self.clock, options={"timeout": "30", **options}
        )
        self.storage = replace(self.storage, stager=stager)

    def forget(self, token: str) -> bool:
        self.server.forget(token)
        return True


@pytest.mark.parametrize("flavour", ["dcache", "eos", "storm"])
class TestTapeRest(StagerSuite):
    @pytest.fixture
    def rig(self, tmp_path: Path, flavour: str) -> Iterator[Rig]:
        rig = TapeRestRig(tmp_path, flavour)
        yield rig
        rig.server.stop()


@pytest.mark.parametrize("flavour", ["dcache", "eos", "storm"])
class TestManyRequests(StagerSuite):
    """The same when every file is a request of its own."""

    @pytest.fixture
    def rig(self, tmp_path: Path, flavour: str) -> Iterator[Rig]:
        rig = TapeRestRig(tmp_path, flavour, max_files="1", max_paths="1")
        yield rig
        rig.server.stop()
