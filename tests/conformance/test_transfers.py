"""Services that make copies keep the rules of the port: FTS (both generations) and the simulated one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conformance.test_memory import MemoryRig
from tests.fixtures_fts import credentials
from transfers.backends import memory
from transfers.backends.memory import MemoryStorage
from transfers.registry import open_transferrer
from transfers.testing.fts import Credentials, FtsServer, Generation, ServerSettings
from transfers.testing.suites import contents
from transfers.testing.transferring import TransferrerSuite, Transfers
from transfers.testing.transferservice import TransferService

__all__ = ["credentials"]


@pytest.fixture(autouse=True)
def _forget_stores() -> Iterator[None]:
    yield
    memory.reset()


class FtsRig(MemoryRig):
    """Memory storages behind an FTS; a second library brings sources that are on tape."""

    def __init__(
        self,
        directory: Path,
        credentials: Credentials,
        *,
        tape: bool,
        tls: bool = False,
        settings: ServerSettings | None = None,
        **options: str,
    ) -> None:
        super().__init__(directory, tape=tape)
        self.archive = MemoryStorage("archive", self.clock, tape=True)
        storages = {
            f"memory://{store.name}/": store.storage() for store in (self.store, self.elsewhere, self.archive)
        }
        self.fts = FtsServer(
            self.clock, storages, settings=settings, credentials=credentials if tls else None
        )
        if not tls:
            self.fts.grant()
        self.options = {
            "endpoint": self.fts.url,
            "proxy": str(credentials.proxy()),
            "ca": str(credentials.ca),
            "max_files": "2",
            **options,
        }

    def recalls(self, name: str, data: bytes) -> str:
        self.archive.seed_tape([(f"/{name}", *contents(data))])
        return f"memory://archive/{name}"

    def forget(self, token: str) -> bool:
        for name in token.split():
            self.fts.forget(name)
        return True

    def transfers(self) -> Transfers:
        return Transfers(
            rig=self,
            open=lambda: open_transferrer("fts", "memory://rig/", clock=self.clock, options=self.options),
            moved=lambda path: self.fts.moved[f"memory://rig{path}"],
            forget=lambda token: [self.fts.forget(name) for name in token.split()] and None,
            recalls=self.recalls,
            refuse_tape=self.fts.refuse_tape if self.store.tape else None,
            hops=True,
        )


@pytest.mark.fts
@pytest.mark.filterwarnings("ignore:unclosed file <_io.BufferedReader name='.*proxy-.*:ResourceWarning")
class TestFtsToDisk(TransferrerSuite):
    @pytest.fixture
    def transfers(self, tmp_path: Path, credentials: Credentials) -> Iterator[Transfers]:
        settings = ServerSettings(generation=Generation.V3_13, agent=1.0)
        rig = FtsRig(tmp_path, credentials, tape=False, settings=settings)
        with rig.fts:
            yield rig.transfers()


@pytest.mark.fts
@pytest.mark.filterwarnings("ignore:unclosed file <_io.BufferedReader name='.*proxy-.*:ResourceWarning")
class TestFtsToTapeByTls(TransferrerSuite):
    @pytest.fixture
    def transfers(self, tmp_path: Path, credentials: Credentials) -> Iterator[Transfers]:
        settings = ServerSettings(generation=Generation.V3_14)
        rig = FtsRig(tmp_path, credentials, tape=True, tls=True, settings=settings, max_files="200")
        with rig.fts:
            yield rig.transfers()


@pytest.mark.fts
class TestFtsByToken(TransferrerSuite):
    """Tokens do no tape."""

    @pytest.fixture
    def transfers(self, tmp_path: Path, credentials: Credentials) -> Iterator[Transfers]:
        token = tmp_path / "token"
        token.write_text("a.b.c\n")
        token.chmod(0o600)
        rig = FtsRig(tmp_path, credentials, tape=False, settings=ServerSettings(token_prep=30.0))
        del rig.options["proxy"]
        rig.options["token_file"] = str(token)
        rig.fts.let_in("a.b.c", "somebody")
        with rig.fts:
            yield replace(rig.transfers(), recalls=None)


class SimulatedRig(MemoryRig):
    def transfers(self) -> Transfers:
        service = TransferService(self.clock, self.storage)

        def refuse() -> None:
            service.tape_refused = True

        return Transfers(
            rig=self,
            open=lambda: service,
            moved=lambda path: service.moved[path],
            forget=service.forget,
            refuse_tape=refuse if self.store.tape else None,
        )


class TestSimulated(TransferrerSuite):
    @pytest.fixture(params=[False, True], ids=["disk", "tape"])
    def transfers(self, tmp_path: Path, request: pytest.FixtureRequest) -> Transfers:
        return SimulatedRig(tmp_path, tape=request.param).transfers()
