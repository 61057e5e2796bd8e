"""A log out of archives at a real XRootD server: few requests, and nothing is recalled by looking."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from catalog.clock import SystemClock
from merging.formats.archiveindex import read_member
from merging.formats.archives import ZipArchive
from tests.fixtures_xrootd import stock_server
from transfers.errors import NotOnline
from transfers.ranged import RangedFile
from transfers.registry import open_storage
from transfers.testing.xrootd import XRootDServer

__all__ = ["stock_server"]
pytestmark = pytest.mark.xrootd


@pytest.fixture(scope="module")
def production(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two archives of runs with 300 logs each, in one of the production."""
    chance, root = random.Random(7), tmp_path_factory.mktemp("production")
    stored = ZipArchive(compression="stored")
    runs = []
    for run in (1, 2):
        logs = [root / str(run) / f"prod.{run}-{11000 + number}-0.stdout.gz" for number in range(300)]
        logs[0].parent.mkdir()
        for log in logs:
            log.write_bytes(chance.randbytes(4000))
        runs.append(root / f"prod.{run}.zip")
        stored.merge(logs, runs[-1])
    stored.merge(runs, root / "production.zip")
    return root / "production.zip"


@pytest.mark.parametrize("online", [True, False], ids=["online", "on tape only"])
def test_a_log_is_read_where_its_archive_lies(
    stock_server: XRootDServer, production: Path, online: bool
) -> None:
    name = f"/logs/{'online' if online else 'taped'}.zip"
    stock_server.load(f"/cta{name}", production, online=online)
    storage = open_storage("xrootd", stock_server.tape_prefix, clock=SystemClock(), options={"tape": "true"})
    file = RangedFile(storage, name, production.stat().st_size)
    log = "prod.2-11123-0.stdout.gz"
    if not online:
        with pytest.raises(NotOnline):
            read_member(file, log, name, ["prod.2.zip"])
        assert storage.prober.probe([name])[name].locality == "NEARLINE"
        return
    assert read_member(file, log, name, ["prod.2.zip"]) == (production.parent / "2" / log).read_bytes()
    assert file.requests <= 5
