"""Several ``ddm flow run`` on one PostgreSQL catalogue share a campaign: real processes and ``kill -9``."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog.checksum import adler32
from catalog.clock import SystemClock
from catalog.db import campaigns, recalls, tally
from catalog.db.engine import Catalog
from catalog.model import NewFile
from catalog.names import LFN
from catalog.states import EndpointKind, Role
from ddm import config, registration
from ddm.operations import staging
from ddm.settings import Settings
from tests.fixtures_postgresql import PostgreSQLServer
from transfers.backends.simtape import SimulatedTape, open_tape

FILES = 120
DATASET = "2016/W14"
DEADLINE = 120.0
pytestmark = [pytest.mark.slow, pytest.mark.postgresql, pytest.mark.timeout(240)]


@pytest.fixture
def catalogue(postgresql_server: PostgreSQLServer) -> str:
    """The URL of an empty database."""
    name = postgresql_server.create()
    return str(postgresql_server.url(name))


class Site:
    """A tape library of real bytes, its files in the catalogue, and the settings that name both."""

    def __init__(self, root: Path, url: str) -> None:
        self.root, self.log, self.processes = root, root / "flows.log", list[subprocess.Popen[bytes]]()
        prefix = f"simtape://{root}/library"
        options = 'drives = "2", mount = "0.3", unmount = "0.1", seek = "0.02", rate = "1e9"'
        (root / "ddm.toml").write_text(
            f'catalog = "{url}"\n[endpoint.tape]\nkind = "tape"\nbackend = "simtape"\nprefix = "{prefix}"\n'
            f"options = {{ {options} }}\nstage_files = 40\nmax_files_per_request = 7\n"
            '[flow]\ninterval = "100 ms"\nfirst_wait = "100 ms"\nlongest_wait = "1 s"\n'
            '[recall]\nlongest_poll = "300 ms"\n',
            encoding="utf-8",
        )
        self.settings: Settings = config.load(root / "ddm.toml")
        self.tape: SimulatedTape = open_tape(
            prefix, clock=SystemClock(), options=self.settings.endpoints["tape"].options
        )
        self.catalog = Catalog(self.settings.catalog)
        self.catalog.create()
        self._seed()

    def _seed(self) -> None:
        content = {name: f"chunk {name}".encode() for name in paths()}
        source = self.root / "source"
        source.mkdir()
        for name, data in content.items():
            (source / Path(name).name).write_bytes(data)
        self.tape.seed_tape((name, source / Path(name).name) for name in content)
        entries = [
            NewFile(
                lfn=LFN(name), role=Role.RAW, product="raw", run=int(name[-10:-4]), chunk=name[-16:-11],
                size=len(data), adler32=adler32([data]), path=name,
            )
            for name, data in content.items()
        ]  # fmt: skip
        registration.register(
            self.catalog, entries, dataset=DATASET, endpoint="tape", kind=EndpointKind.TAPE, close=True
        )

    def start(self) -> subprocess.Popen[bytes]:
        """One more flow of this site."""
        command = [sys.executable, "-m", "ddm", "--config", str(self.root / "ddm.toml"), "flow", "run"]
        with open(self.log, "ab") as log:
            process = subprocess.Popen([*command, "--forever"], stdout=log, stderr=log)
        self.processes.append(process)
        return process

    def served(self) -> int:
        with self.catalog.read() as conn:
            (part,) = campaigns.all_named(conn, "filtering")
            standing = campaigns.standing(conn, [part.id])[part.id].files
        return standing.get("ACTIVE", 0) + standing.get("RELEASED", 0)

    def consume(self) -> None:
        """A consumer that reads what is ready, and releases it."""
        for page in staging.ready(self.catalog, "filtering"):
            staging.release_page(self.catalog, page)

    def close(self) -> None:
        for process in self.processes:
            process.kill()
            process.wait()
        self.catalog.close()


@pytest.fixture
def site(tmp_path: Path, catalogue: str) -> Iterator[Site]:
    made = Site(tmp_path, catalogue)
    yield made
    made.close()


@pytest.mark.parametrize("kills", [0, 5])
def test_flows_share_a_campaign_without_a_double_recall(site: Site, kills: int) -> None:
    chance = random.Random(kills)
    crew = [site.start() for _ in range(3)]
    begin = time.monotonic()
    while not ready_to_ask(site):
        assert time.monotonic() - begin < DEADLINE
        time.sleep(0.1)
    want, terms = staging.Wanted(query=f"dataset={DATASET}"), staging.Terms("filtering", "filter W14")
    assert staging.request(site.catalog, site.settings, want, terms).files == FILES
    while site.served() < FILES or staging.missing(site.catalog, "filtering"):
        assert time.monotonic() - begin < DEADLINE, f"{site.served()} of {FILES} served"
        site.consume()
        time.sleep(chance.uniform(0.05, 0.4))
        if kills:
            victim = crew.pop(chance.randrange(len(crew)))
            victim.send_signal(signal.SIGKILL)
            victim.wait()
            crew.append(site.start())
            kills -= 1
    site.consume()
    for process in crew:
        assert process.poll() is None, site.log.read_text()
        process.send_signal(signal.SIGINT)
        process.wait(timeout=60)
    often = {name: site.tape.look().files[name].recalls for name in paths()}
    assert set(often.values()) == {1}, {name: n for name, n in often.items() if n != 1}
    with site.catalog.read() as conn:
        assert recalls.load(conn, "tape").asked_files == 0
        assert tally.check(conn) == []


def ready_to_ask(site: Site) -> bool:
    """The leader has compared the files with what is on tape."""
    with site.catalog.read() as conn:
        return all(row.state == "AVAILABLE" for row in conn.execute(tally.sums("state", noun="replica")))


def paths() -> list[str]:
    return [f"/raw/W14/cdr{11001 + n}-{275000 + n // 20}.raw" for n in range(FILES)]
