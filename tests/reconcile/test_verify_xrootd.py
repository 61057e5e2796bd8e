"""A real XRootD server keeps a checksum beside each file: what asking is worth there, and what reading is."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from catalog.checksum import adler32
from catalog.clock import SystemClock
from catalog.db import verifying as rounds
from catalog.db.engine import Catalog
from catalog.model import NewFile
from catalog.names import LFN
from catalog.states import ContentOutcome, EndpointKind, HowVerified, Role
from ddm import config, registration
from ddm.app import open_app
from ddm.operations import verifying
from ddm.operations.verifying import Want
from ddm.steps import verify
from tests.fixtures_xrootd import stock_server
from transfers.testing.xrootd import XRootDServer

__all__ = ["stock_server"]
pytestmark = pytest.mark.xrootd


def test_a_byte_that_flips_behind_the_server_is_found_by_reading_and_not_by_asking(
    stock_server: XRootDServer, tmp_path: Path
) -> None:
    top = f"/verify-{time.monotonic_ns()}"
    area = stock_server.disk_prefix.rpartition("//")[2]
    data = {LFN(f"{top}/f-{n}.root"): b"event %d " % n * 5000 for n in range(4)}
    places = [stock_server.disk_file(f"/{area.strip('/')}{lfn}".replace("//", "/")) for lfn in data]
    for place, content in zip(places, data.values(), strict=True):
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    (tmp_path / "ddm.toml").write_text(
        f'catalog = "sqlite:///{tmp_path}/ddm.db"\n[endpoint.disk]\nkind = "disk"\nbackend = "xrootd"\n'
        f'prefix = "{stock_server.disk_prefix}"\n[reconcile]\nverify_per_hour = "1 GB"\n'
    )
    settings = config.load(tmp_path / "ddm.toml", {})
    with Catalog(settings.catalog, clock=SystemClock()) as catalog:
        catalog.create()
    app = open_app(settings)
    try:
        new = [
            NewFile(
                lfn=lfn, role=Role.FINAL, product="own", run=1, chunk="", part=n, size=len(content),
                adler32=adler32([content]), path=lfn,
            )
            for n, (lfn, content) in enumerate(data.items())
        ]  # fmt: skip
        registration.register(app.catalog, new, dataset="own", endpoint="disk", kind=EndpointKind.DISK)
        assert verify.compare(app) == 4  # the server sums each file, and writes it down
        before = os.stat(places[1])
        with places[1].open("r+b") as file:
            file.seek(10_000)
            file.write(b"X")
        os.utime(places[1], ns=(before.st_atime_ns, before.st_mtime_ns))
        os.truncate(places[2], 100)
        places[3].unlink()

        def found(how: HowVerified) -> dict[str, ContentOutcome]:
            (it,) = verifying.begin(app, Want(how))
            ended = verifying.run(app, [it.id])
            with app.catalog.read() as conn:
                assert rounds.one(conn, it.id).state == "DONE"
            return {one.lfn: one.outcome for one in ended.found}

        lfns = list(data)
        assert found(HowVerified.ASKED) == {
            lfns[2]: ContentOutcome.DIFFERS,
            lfns[3]: ContentOutcome.MISSING,
        }
        assert found(HowVerified.READ) == {lfns[1]: ContentOutcome.DIFFERS}
    finally:
        app.close()
