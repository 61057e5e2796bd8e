"""A world with copies on disk and tape whose contents are verified: no bytes, one clock, both databases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from catalog.checksum import Adler32
from catalog.db import schema, verifyhours, verifying, verifying_look
from catalog.db.verifying import Round
from catalog.db.verifying_look import Found
from catalog.model import NewFile
from catalog.names import LFN
from catalog.seam import Seam
from catalog.states import EndpointKind, HowVerified, Role
from ddm import registration
from ddm.app import App
from ddm.operations import verifying as operations
from ddm.operations.verifying import Want
from ddm.settings import ReconcileSettings
from ddm.steps import verify
from ddm.testing.world import World
from transfers.model import Observation, Observed
from transfers.ports import Storage

SIZE = 1000
FEW = 10
MANY = 10**15
DISK, TAPE = "disk", "tape"


class Verified:
    """``files`` copies on disk, all AVAILABLE, of few the first verified longest ago; ``tape`` raw files on
    tape."""

    def __init__(
        self,
        root: Path,
        url: str = "",
        *,
        files: int = 6,
        tape: int = 0,
        per_hour: int | None = MANY,
        age: timedelta = timedelta(days=90),
    ) -> None:
        self.world = World(root, url=url, runs=1, chunks=max(tape, 1), budget_runs=100)
        rules = ReconcileSettings(verify_per_hour=per_hour, verify_age=age)
        self.world.settings = replace(self.world.settings, reconcile=rules)
        self.lfns = [LFN(f"/eos/own/file-{n:03d}.root") for n in range(files)]
        self.app = self.world.open()
        at_once = 1 if files <= FEW else files
        for start in range(0, files, at_once):
            self._register(range(start, start + at_once))
            verify.compare(self.app)
            self.later(timedelta(minutes=1))
        if tape:
            self.world.register(self.app)
            verify.compare(self.app)
        self.later(timedelta(hours=2))

    def _register(self, numbers: Sequence[int]) -> None:
        new = [
            NewFile(
                lfn=self.lfns[n], role=Role.FINAL, product="own", run=n // 2, chunk="", part=n, size=SIZE + n,
                adler32=Adler32(n + 1), path=self.lfns[n],
            )
            for n in numbers
        ]  # fmt: skip
        for one in new:
            self.world.disk.put(one.path, one.size, one.adler32)
        registration.register(self.app.catalog, new, dataset="own", endpoint=DISK, kind=EndpointKind.DISK)

    def later(self, time: timedelta) -> None:
        self.world.clock.sleep(time)

    def again(self, seam: Seam | None = None, **around: Storage) -> App:
        """The program, started anew. ``around``: storages with something put around them."""
        self.app.close()
        self.app = self.world.open(seam, storages={**self.world.storages(), **around} if around else None)
        return self.app

    # ------------------------------------------------------------------------ what storages do
    def spoil(self, n: int, *, size: int = 0) -> None:
        """Other bytes, and the storage knows."""
        record = self.world.disk.library.files[self.lfns[n]]
        record.adler32 = Adler32(int(record.adler32) ^ 0xFF)
        if size:
            record.size = size

    def lose(self, n: int) -> None:
        del self.world.disk.library.files[self.lfns[n]]

    # ------------------------------------------------------------------------ what is known
    def begin(self, **want: Any) -> Round:
        self.later(timedelta(seconds=1))
        (it,) = operations.begin(self.app, Want(**{"endpoint": DISK, **want}), confirmed=True)
        return it

    def run(self, it: Round, **how: Any) -> operations.Ended:
        return operations.run(self.app, [it.id], **how)

    def read(self, **want: Any) -> operations.Ended:
        """A round of reading every byte, to its end."""
        return self.run(self.begin(how=HowVerified.READ, **want))

    def rows(self, endpoint: str = DISK) -> list[Any]:
        r = schema.replica
        with self.app.catalog.read() as conn:
            query = select(r).where(r.c.endpoint_id == self.app.endpoint_ids[endpoint]).order_by(r.c.id)
            return list(conn.execute(query))

    def states(self, endpoint: str = DISK) -> list[str]:
        return [row.state for row in self.rows(endpoint)]

    def one(self, number: int) -> Round:
        with self.app.catalog.read() as conn:
            return verifying.one(conn, number)

    def found(self, number: int) -> list[Found]:
        with self.app.catalog.read() as conn:
            return verifying_look.found(conn, 100, number=number)

    def used(self, endpoint: str = DISK) -> int:
        with self.app.catalog.read() as conn:
            return verifyhours.used(conn, self.app.endpoint_ids[endpoint], self.app.now)

    def reason(self, replica: int) -> str:
        with self.app.catalog.read() as conn:
            query = select(schema.history.c.reason).where(schema.tells_of("replica", replica))
            return str(conn.execute(query.order_by(schema.history.c.id.desc()).limit(1)).scalar())


class Told:
    """A prober that tells what it wrote down once, whatever the bytes are now."""

    def __init__(self, storage: Storage, told: Mapping[str, tuple[int, Adler32]]) -> None:
        self._inner, self._told = storage.prober, told

    def probe(self, paths: Sequence[str]) -> Mapping[str, Observation]:
        answers = dict(self._inner.probe(paths))
        for path, (size, checksum) in self._told.items():
            if isinstance(seen := answers.get(path), Observed):
                answers[path] = replace(seen, size=size, adler32=checksum)
        return answers


def telling(storage: Storage, told: Mapping[str, tuple[int, Adler32]]) -> Storage:
    return replace(storage, prober=Told(storage, told))
