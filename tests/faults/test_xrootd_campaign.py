"""2 000 files from a real XRootD server with a tape library behind it, while much goes wrong.

The flow is a real process (``ddm flow run --forever``) on SQLite; this process is the bad luck, and the
consumer. In the end every good file was served and released, every bad one is held with its cause, and no
file was read from tape more often than what happened to it explains.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from catalog.checksum import adler32
from catalog.db import campaigns, recalls, tally
from catalog.db.engine import Catalog
from catalog.model import NewFile
from catalog.names import LFN
from catalog.states import EndpointKind, RequestKind, Role
from ddm import config, registration
from ddm.operations import requests, staging
from ddm.settings import Settings
from tests.fixtures_xrootd import eos_server
from transfers.testing.xrootd import XRootDServer, XRootDServerError

__all__ = ["eos_server"]
pytestmark = [pytest.mark.slow, pytest.mark.xrootd, pytest.mark.timeout(420)]

FILES, RUN = 2000, 100  # files, and how many of them are a run
DATASET, CAMPAIGN = "2016/W14", "filtering"
DEADLINE = 330.0
BAD = [f"/cta/r{270_000 + n}/cdr11007-{270_000 + n}.raw" for n in range(0, 20, 4)]
"""Their tape cannot be read."""


def name_of(number: int) -> str:
    run = 270_000 + number // RUN
    return f"/cta/r{run}/cdr{11_001 + number % RUN}-{run}.raw"


def content_of(number: int) -> bytes:
    return f"raw data of {name_of(number)}\n".encode() * (1 + number % 7)


@pytest.fixture
def server(eos_server: XRootDServer) -> Iterator[XRootDServer]:
    """A server of its own, since it is killed; asking for the shared one first makes the skip."""
    with XRootDServer.start(eos=True) as server:
        for key, seconds in {"mount": 0.2, "unmount": 0.1, "seek": 0.004, "drives": 4}.items():
            server.set(key, seconds)
        server.seed({name_of(n): content_of(n) for n in range(FILES)}, tapes=8)
        yield server


class Campaign:
    """The catalogue, the flow, and what a consumer has got so far."""

    def __init__(self, root: Path, server: XRootDServer) -> None:
        self.server, self.log = server, root / "flow.log"
        (root / "ddm.toml").write_text(
            f'catalog = "sqlite:///{root}/ddm.db"\n[endpoint.cta]\nkind = "tape"\nbackend = "xrootd"\n'
            f'prefix = "{server.url}/"\noptions = {{ tape = "true" }}\n'
            'stage_files = 500\nstage_timeout = "20 s"\nmax_files_per_request = 200\n'
            '[flow]\ninterval = "200 ms"\nfirst_wait = "1 s"\nlongest_wait = "2 s"\nmax_attempts = 6\n'
            '[recall]\nlongest_poll = "1 s"\nlook_after = "3 s"\nstorm_pause = "1 s"\n',
            encoding="utf-8",
        )
        self.root = root
        self.settings: Settings = config.load(root / "ddm.toml")
        self.catalog = Catalog(self.settings.catalog)
        self.catalog.create()
        entries = [
            NewFile(
                lfn=LFN(name_of(n)),
                role=Role.RAW,
                product="raw",
                run=270_000 + n // RUN,
                chunk=str(11_001 + n % RUN),
                size=len(content_of(n)),
                adler32=adler32([content_of(n)]),
                path=name_of(n),
            )
            for n in range(FILES)
        ]
        registration.register(
            self.catalog, entries, dataset=DATASET, endpoint="cta", kind=EndpointKind.TAPE, close=True
        )
        self.served: dict[str, int] = {}
        self.begin = time.monotonic()
        self.flow = self.start()

    def start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "ddm", "--config", str(self.root / "ddm.toml"), "flow", "run"]
        with open(self.log, "ab") as log:
            return subprocess.Popen([*command, "--forever"], stdout=log, stderr=log)

    def restart_flow(self) -> None:
        """Kill the flow at whatever it is doing, and start it again."""
        self.flow.kill()
        self.flow.wait()
        self.flow = self.start()

    def until(self, true: Callable[[], bool], what: str) -> None:
        """Consume until something is true."""
        while not true():
            assert self.flow.poll() is None, self.log.read_text()
            assert time.monotonic() - self.begin < DEADLINE, f"{what}: {len(self.served)} served"
            self.consume()
            time.sleep(0.2)

    def consume(self) -> None:
        """Take what is ready, look whether the bytes can be read, give it back."""
        with self.catalog.read() as conn:
            if campaigns.named(conn, CAMPAIGN, "cta") is None:
                return
        for page in staging.ready(self.catalog, CAMPAIGN, page=100):
            for file in page:
                self.served[file.lfn] = self.served.get(file.lfn, 0) + 1
            staging.release_page(self.catalog, page)

    def good_on_tape(self) -> bool:
        with self.catalog.read() as conn:
            rows = conn.execute(tally.sums("state", noun="replica")).all()
        return all(row.state == "AVAILABLE" for row in rows)

    def held(self) -> dict[str, str]:
        """Files that wait for a person, with the cause."""
        found = staging.missing(self.catalog, CAMPAIGN, limit=FILES)
        return {entry.lfn: entry.code or "" for entry in found if entry.state == "HELD"}

    def nothing_moves(self) -> bool:
        """What is missing waits for a person."""
        found = staging.missing(self.catalog, CAMPAIGN, limit=FILES)
        return all(entry.state == "HELD" for entry in found)

    def close(self) -> None:
        self.flow.kill()
        self.flow.wait()
        self.catalog.close()


@pytest.fixture
def campaign(tmp_path: Path, server: XRootDServer) -> Iterator[Campaign]:
    made = Campaign(tmp_path, server)
    yield made
    made.close()


def test_a_campaign_in_bad_weather_serves_every_good_file_and_holds_every_bad_one(
    campaign: Campaign, server: XRootDServer
) -> None:
    campaign.until(campaign.good_on_tape, "comparing the files with what is on tape")
    for name in BAD:
        server.fault(name, "fail")
    server.fault("/cta/*/cdr11011-*", "fail", 10)
    server.fault("/cta/*/cdr11021-*", "lost", 10)
    server.fault("/cta/*/cdr11031-*", "corrupt", 5)
    server.fault("/cta/*/cdr11041-*", "truncate", 5)
    server.fault(name_of(350), "stuck")  # its drive hangs with the tape, until an operator comes
    terms = staging.Terms(CAMPAIGN, "filter W14")
    want = staging.Wanted(query=f"dataset={DATASET}")
    asked = staging.request(campaign.catalog, campaign.settings, want, terms)
    assert (asked.files, asked.asked) == (FILES, True)

    campaign.until(lambda: len(campaign.served) > 200, "the first files")
    server.kill()
    time.sleep(1)
    server.restart()
    campaign.until(lambda: len(campaign.served) > 500, "after the server was killed")
    forgotten = server.forget_files("/cta/*")
    campaign.until(lambda: len(campaign.served) > 700, "after requests were forgotten")
    server.freeze()
    time.sleep(8)
    server.thaw()
    campaign.until(lambda: len(campaign.served) > 900, "after the server was silent")
    server.set("buffer", 20_000)
    time.sleep(3)
    server.set("buffer", 0)
    evicted = evict_some(server)
    campaign.until(lambda: len(campaign.served) > 1200, "after the buffer was full")
    campaign.restart_flow()
    server.clear()
    for name in BAD:
        server.fault(name, "fail")
    campaign.until(lambda: len(campaign.served) >= FILES - len(BAD) - 10, "all but those with a medium error")
    campaign.until(lambda: campaign.nothing_moves(), "what can be recalled")
    resumed = requests.resume(campaign.catalog, RequestKind.STAGE, None, "the drive was cleaned")
    assert len(resumed) >= len(BAD)
    campaign.until(lambda: len(campaign.served) + len(BAD) >= FILES, "every good file")
    campaign.until(lambda: set(campaign.held()) == set(BAD), f"the bad ones: {campaign.held()}")

    assert set(campaign.held().values()) == {"tape_lost"}
    assert set(campaign.served) == {name_of(n) for n in range(FILES)} - set(BAD)
    nothing_more_than_explained(server, campaign, forgotten + evicted)
    with campaign.catalog.read() as conn:
        assert tally.check(conn) == []
    gap = staging.accept_missing(campaign.catalog, CAMPAIGN, "the tape is broken", act=True)
    assert {entry.lfn for entry in gap} == set(BAD)
    campaign.until(lambda: nothing_is_staged(campaign), "everything released")
    campaign.flow.send_signal(signal.SIGINT)
    campaign.flow.wait(60)


def evict_some(server: XRootDServer) -> int:
    """Drop the disk copies of a few files, whoever pins them."""
    evicted = 0
    for number in range(1000, FILES, 10):
        name = name_of(number)
        with suppress(XRootDServerError):
            if server.on_disk(name):
                server.evict(name)
                evicted += 1
    return evicted


def nothing_is_staged(campaign: Campaign) -> bool:
    with campaign.catalog.read() as conn:
        return recalls.load(conn, "cta").pinned_files == 0


def nothing_more_than_explained(server: XRootDServer, campaign: Campaign, unlucky: int) -> None:
    """A file is read once, and once more for each thing that happened to it: a failed, corrupt, truncated or
    dropped copy, or an eviction. A recall that stood in the queue when its request was lost was not read."""
    told = server.tally()
    explains = ("failed", "corrupt", "truncate", "evicted", "stuck")
    for name, counts in told.items():
        reads = counts.get("recalled", 0)
        often = campaign.served.get(name, 0)
        reasons = sum(counts.get(word, 0) for word in explains)
        assert reads <= 1 + reasons, f"{name} was read {reads} times: {counts}, served {often} times"
