"""How long keeping takes: export, import, move, backup, check of N raw files with one replica each.

    python -m tests.bench.keep --files 1000000 [--json]

Seconds by step, bytes, and the most memory of our own (``RssAnon``: without mapped pages of the database).
Needs PostgreSQL's server programs.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from catalog.checksum import Adler32
from catalog.db import backup, integrity, pgdump, portable, relocate, upkeep
from catalog.db.engine import Catalog
from catalog.model import NewFile
from catalog.names import LFN
from catalog.states import EndpointKind, Role, Witness
from ddm import registration
from tests.fixtures_postgresql import PostgreSQLServer, programs

BATCH = 100_000


def entries(number: int) -> Iterator[NewFile]:
    for i in range(number):
        run, chunk = 270_000 + i // 1000, f"{11 + i % 1000 // 500:02d}{i % 500 + 1:03d}"
        lfn = LFN(f"/castor/cern.ch/compass/data/2016/raw/W14/cdr{chunk}-{run}.raw")
        checksum = Adler32(i * 2_654_435_761 % 4_294_967_296)
        said = {Witness.RAW_CATALOGUE: 20_000 + i % 7000}
        yield NewFile(lfn, Role.RAW, "raw", run, chunk, 10**9 + i * 7919 % 10**6, checksum, lfn, events=said)


class Meter:
    """Seconds of each step, and the most memory so far."""

    def __init__(self) -> None:
        self.found: dict[str, Any] = {}
        self._most = 0
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        while True:
            lines = Path("/proc/self/status").read_text().splitlines()
            kilobytes = next(int(line.split()[1]) for line in lines if line.startswith("RssAnon"))
            self._most = max(self._most, kilobytes // 1024)
            time.sleep(0.05)

    def __call__(self, step: str, act: Callable[[], Any]) -> None:
        self._most, start = 0, time.perf_counter()
        act()
        self.found[f"{step}_s"] = round(time.perf_counter() - start, 1)
        self.found[f"{step}_rss_mb"] = self._most


def register(catalog: Catalog, number: int) -> None:
    stream = entries(number)
    while batch := list(islice(stream, BATCH)):
        registration.register(
            catalog, batch, dataset="2016/W14", endpoint="tape", kind=EndpointKind.TAPE, close=False
        )


def check(catalog: Catalog) -> None:
    with catalog.read() as conn:
        assert integrity.faults(conn) == []


def measure(root: Path, number: int, server: PostgreSQLServer) -> dict[str, Any]:
    timed = Meter()
    with Catalog(f"sqlite:///{root}/a.db") as catalog:
        catalog.create()
        register(catalog, number)
        timed("export_sqlite", lambda: portable.export(catalog, root / "x"))
        timed("import_sqlite", lambda: portable.load(root / "x", f"sqlite:///{root}/b.db"))
        timed("backup_sqlite", lambda: backup.backup(catalog, root / "backup.db"))
        timed("check_sqlite", lambda: check(catalog))
        timed("vacuum_sqlite", lambda: upkeep.vacuum(catalog))
        now = datetime.now(UTC)
        timed("restore_sqlite", lambda: backup.restore(root / "backup.db", root / "r.db", now))
        timed("replace_sqlite", lambda: backup.restore(root / "backup.db", root / "r.db", now, replace=True))
        url, other = server.url(server.create()), server.url(server.create())
        timed("move_to_postgresql", lambda: relocate.move(catalog, url))
        timed.found["sqlite_bytes"] = upkeep.size(catalog)
    with Catalog(url) as catalog:
        timed("export_postgresql", lambda: portable.export(catalog, root / "y"))
        timed("import_postgresql", lambda: portable.load(root / "x", other))
        timed("move_to_sqlite", lambda: relocate.move(catalog, f"sqlite:///{root}/c.db"))
        timed("backup_postgresql", lambda: pgdump.dump(catalog, root / "x.pgdump", os.environ))
        timed("check_postgresql", lambda: check(catalog))
        timed.found["postgresql_bytes"] = upkeep.size(catalog)
    one, two = portable.verify(root / "x"), portable.verify(root / "y")
    assert one.parts == two.parts, "the exports of both databases have the same bytes"
    timed.found["export_bytes"] = sum(entry.stat().st_size for entry in (root / "x").iterdir())
    return {"files": number, "rows": one.rows, **timed.found}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--files", type=int, default=100_000)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    binaries = programs()
    if binaries is None:
        sys.exit("needs PostgreSQL's server programs")
    root, server = Path(mkdtemp(prefix="ddm-keep-", dir="/tmp")), PostgreSQLServer(binaries)
    try:
        found = measure(root, asked.files, server)
    finally:
        server.stop()
        shutil.rmtree(root)
    print(json.dumps(found, indent=2) if asked.json else "\n".join(f"{k:28} {v}" for k, v in found.items()))


if __name__ == "__main__":
    main()
