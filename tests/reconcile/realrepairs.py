"""A disk and a tape on real XRootD servers, with a catalogue that believes in them; differences are made by
hand, in the directories of the servers."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

from sqlalchemy import insert

from catalog.checksum import adler32
from catalog.clock import SimulatedClock, SystemClock
from catalog.db import schema
from catalog.db.engine import Catalog
from catalog.model import NewFile, OpenJob
from catalog.names import LFN
from catalog.states import EndpointKind, JobKind, JobState, Role
from catalog.testing import facts
from ddm import config, registration
from ddm.app import App, open_app
from ddm.operations import proposing, reconciling, repairtext
from ddm.steps import archive, verify
from ddm.templates import demo_toml
from transfers.testing.xrootd import XRootDServer
from transfers.testing.xrootd_disk import DiskServer

RUN = 275_678
DAY = timedelta(days=1)
OLDEST = 60 * DAY
"""So long ago the story begins: what children do on the way has the time of today."""


def raw(number: int) -> str:
    return f"/raw/W14/cdr{11001 + number}-{RUN}.raw"


def content(path: str) -> bytes:
    return f"the events of {path}\n".encode() * 20


class RealPlace:
    """``disk`` and ``tape`` of files by number; ``both``: those also on tape."""

    def __init__(
        self, root: Path, server: DiskServer, library: XRootDServer, files: int, both: Iterable[int]
    ) -> None:
        self.root, self.server, self.library = root, server, library
        self.top = f"/cta/repair-{time.monotonic_ns()}"
        text = demo_toml(
            program=["true"],
            storage="xrootd",
            disk_prefix=server.prefix,
            tape_prefix=f"{library.url}/{self.top}",
            disk_options={"timeout": "5", "listed_checksums": "true"},
            tape_options={"tape": "true", "timeout": "5"},
        )
        (root / "ddm.toml").write_text(text)
        self.settings = config.load(root / "ddm.toml", {})
        self.clock = SimulatedClock(SystemClock().now() - OLDEST)
        with Catalog(self.settings.catalog, clock=self.clock) as catalog:
            catalog.create()
        self.app = open_app(self.settings, clock=self.clock)
        names = [raw(number) for number in range(files)]
        for path in names:
            self.put(path)
        taped = [raw(number) for number in both]
        library.seed({self.top + path: content(path) for path in taped})
        self.register("disk", names)
        self.register("tape", taped)
        verify.compare(self.app)

    def register(self, endpoint: str, paths: Iterable[str]) -> None:
        kind = EndpointKind.TAPE if endpoint == "tape" else EndpointKind.DISK
        new = [
            NewFile(
                lfn=LFN(path), role=Role.RAW, product="raw", run=RUN, chunk=path[12:17],
                size=len(content(path)), adler32=adler32([content(path)]), path=LFN(path),
            )
            for path in paths
        ]  # fmt: skip
        registration.register(self.app.catalog, new, dataset="2016/W14", endpoint=endpoint, kind=kind)

    # ------------------------------------------------------------------------- behind the server's back
    def at(self, path: str) -> Path:
        return self.server.file(path)

    def put(self, path: str, data: bytes | None = None) -> None:
        """A new file: what the server had noted of an older one is gone with that."""
        self.at(path).unlink(missing_ok=True)
        self.server.put(path, content(path) if data is None else data)

    def rename(self, path: str, new: str) -> None:
        self.put(new)
        os.rename(self.at(path), self.at(new))

    def forget_tape(self, path: str) -> None:
        """Gone from the name space of the tape, and from the tape."""
        self.library.disk_file(self.top + path).unlink()
        self.library.tape_file(self.top + path).unlink()

    def is_on_tape(self, path: str) -> bool:
        return self.library.tape_file(self.top + path).exists()

    def disk(self) -> dict[str, bytes]:
        """All that is on disk now."""
        top = self.at("/")
        files = (path for path in top.rglob("*") if path.is_file())
        return {f"/{path.relative_to(top)}": path.read_bytes() for path in files}

    # ------------------------------------------------------------------------------ in the catalogue
    def debris(self) -> str:
        """What an attempt of a job that is over left: the job is in the catalogue, the file on disk."""
        task, recipe = next(iter(self.app.recipes.items()))
        job = OpenJob(
            1, task, JobKind.PROCESS, RUN, "11001", 1, "j1a1", "", JobState.CANCELED, None, "", 0, ""
        )  # fmt: skip
        path = next(path for _, product, path in recipe.promises(job).values() if product == "mDST")
        now = self.clock.now()
        with self.app.catalog.begin() as conn:
            conn.execute(
                insert(schema.job).values(
                    id=1, task_id=task, kind=JobKind.PROCESS.value, run=RUN, chunk="11001", attempt=1,
                    state=JobState.CANCELED.value, since=now, next_try_at=now,
                )
            )  # fmt: skip
        self.put(path, b"half of it")
        return path

    def stale(self) -> str:
        """A part of a merge that was withdrawn, still on disk."""
        path = "/merged/mDST-275678-0-7.root"
        task, now = next(iter(self.app.recipes)), self.clock.now()
        with self.app.catalog.begin() as conn:
            conn.execute(
                insert(schema.group).values(
                    task_id=task, run=RUN, product="mDST", part=0, state="VOID", since=now, plan="p",
                    lfn=path, expected_size=1000,
                )
            )  # fmt: skip
        self.put(path)
        return path

    def states(self) -> dict[str, str]:
        """State of every copy that is not DELETED, by endpoint and path."""
        with self.app.catalog.read() as conn:
            copies = facts.replicas(conn)
        return {f"{c.endpoint}:{c.path}": str(c.state) for c in copies if str(c.state) != "DELETED"}

    # -------------------------------------------------------------------------------------- a repair
    def look(self, *, wait: timedelta = DAY + timedelta(hours=1)) -> dict[str, tuple[str, str]]:
        """Scan both, compare, and let time pass: kind and standing by place."""
        numbers = [reconciling.scan(self.app, endpoint).id for endpoint in ("disk", "tape")]
        reconciling.compare(self.app.catalog, self.settings, numbers)
        self.clock.sleep(wait)
        found = reconciling.findings(self.app.catalog, self.settings)
        return {one.place: (str(one.kind), str(one.standing)) for one in found}

    def signed(self, name: str, **edits: str) -> Path:
        """A plan of the newest comparison, signed. ``edits``: by path, what is to be done."""
        file = self.root / name
        wish = proposing.Wish(dataset="2016/W14", task="P08", checksums=True)
        proposing.plan(self.app, wish, file)
        wanted = []
        for line in file.read_text().splitlines(keepends=True):
            fields = line.split("\t")
            if len(fields) > 5 and (act := edits.get(fields[2])) is not None:
                assert act in fields[0], line
                line = "\t".join([act, *fields[1:]])
            wanted.append(line)
        file.write_text("".join(wanted))
        found = repairtext.read(self.app, file)
        assert found.faults == ()
        repairtext.sign(self.app, file, found.files)
        return file

    def flow(self, seconds: float = 120) -> None:
        """What the flow does of it today: compare what is to be, write to tape what is to be there."""
        later = self.today()
        try:
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                done = verify.compare(later) + archive.send(later) + archive.poll(later)
                states = self.states().values()
                if not done and not {"UNVERIFIED", "COPYING", "ARCHIVING", "SUSPECT"} & set(states):
                    return
                time.sleep(0.05)
        finally:
            later.close()

    def today(self, later: timedelta = timedelta(0)) -> App:
        """Another program, of today or later."""
        if not later:
            return open_app(self.settings)
        return open_app(self.settings, clock=SimulatedClock(SystemClock().now() + later))
