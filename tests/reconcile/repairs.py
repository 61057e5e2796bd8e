"""A small experiment on simulated storages, with differences of every kind, for tests of plans of repair."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from zlib import adler32

from catalog.checksum import Adler32
from catalog.db import comparisons, mending
from catalog.model import KnownCopy, NewFile
from catalog.names import LFN
from catalog.seam import Seam
from catalog.states import EndpointKind, ReplicaState, Role
from catalog.testing import facts
from ddm import registration
from ddm.app import App
from ddm.operations import proposing, repairtext
from ddm.operations.common import why
from ddm.reconcile.findings import Finding
from ddm.reconcile.kinds import Kind
from ddm.reconcile.verdicts import Standing
from ddm.settings import ReconcileSettings
from ddm.steps import verify
from ddm.testing.world import World
from transfers.backends.memory import MemoryStorage

K, R = Kind, ReplicaState
DIRECTORY = "/eos/raw/W14"
RUN = 280_001


def sum_of(name: str) -> Adler32:
    return Adler32(adler32(name.encode()))


@dataclass
class Ground:
    """A world whose catalogue believes in ``files`` raw files on disk and ``both`` on disk and tape."""

    world: World
    apps: list[App] = field(default_factory=list)

    @classmethod
    def begin(
        cls, root: Path, schema: Path, *, files: int = 6, both: int = 0, few: int = 100, url: str = ""
    ) -> Ground:
        shutil.rmtree(root, ignore_errors=True)
        root.mkdir(parents=True)
        world = World(root, runs=1, chunks=1, url=url)
        if not url:
            shutil.copy(schema, root / "world.db")
        world.settings = replace(
            world.settings, reconcile=ReconcileSettings(directory=root / "reconcile", brake_files=few)
        )
        here = cls(world)
        app = here.open()
        names = [here.lfn(number) for number in range(files)]
        for name in names:
            world.disk.put(name, 1000, sum_of(name))
        world.tape.seed_tape([(name, 1000, sum_of(name)) for name in names[:both]], tape="V1")
        here.register(app, names, "disk")
        if both:
            here.register(app, names[:both], "tape")
        verify.compare(app)
        return here

    @staticmethod
    def lfn(number: int) -> LFN:
        return LFN(f"{DIRECTORY}/cdr{11001 + number}-{RUN}.raw")

    @staticmethod
    def register(app: App, names: Sequence[str], endpoint: str) -> None:
        kind = EndpointKind.TAPE if endpoint == "tape" else EndpointKind.DISK
        entries = [
            NewFile(LFN(n), Role.RAW, "raw", RUN, n[len(DIRECTORY) + 4 :][:5], 1000, sum_of(n), n)
            for n in names
        ]
        registration.register(app.catalog, entries, dataset="2016/more", endpoint=endpoint, kind=kind)

    def open(self, seam: Seam | None = None) -> App:
        self.apps.append(self.world.open(seam))
        return self.apps[-1]

    def close(self) -> None:
        for app in self.apps:
            app.close()

    @property
    def app(self) -> App:
        return self.apps[0]

    def store(self, endpoint: str) -> MemoryStorage:
        return self.world.stores[endpoint]

    def there(self, endpoint: str = "disk") -> set[str]:
        return set(self.store(endpoint).library.files)

    def lose(self, path: str, endpoint: str = "disk") -> None:
        self.store(endpoint).remove([path])

    # --------------------------------------------------------------------------- what was found
    def copy(self, path: str, endpoint: str = "disk") -> KnownCopy:
        """The copy that is, or was, there."""
        with self.app.catalog.read() as conn:
            ids = [one.id for one in facts.replicas(conn) if (one.path, one.endpoint) == (path, endpoint)]
            return mending.copies(conn, ids)[max(ids)]

    def state(self, path: str, endpoint: str = "disk") -> ReplicaState:
        return self.copy(path, endpoint).state

    def finding(self, kind: Kind, path: str, endpoint: str = "disk", **values: object) -> Finding:
        """Of a place that is expected."""
        copy = self.copy(path, endpoint)
        return replace(
            self.stranger(kind, path, endpoint), expected=True, present=False, replica_id=copy.replica_id,
            file_id=copy.file_id, state=str(copy.state), size=copy.size, adler32=copy.adler32, seen_size=None,
            seen_adler32=None, since=copy.since, lfn=copy.lfn, **values,
        )  # fmt: skip

    def stranger(self, kind: Kind, path: str, endpoint: str = "disk", **values: object) -> Finding:
        """Of a place that nobody knows, as it is there now."""
        record = self.store(endpoint).library.files.get(path)
        found = Finding(
            endpoint, path, kind, Standing.CONFIRMED, False, True, None, None, None, None, None,
            record.size if record else None, int(record.adler32) if record else None, None, None, None, None,
            None, None, self.world.clock.now() - timedelta(days=30),
        )  # fmt: skip
        return replace(found, **values)

    # ------------------------------------------------------------------------------------ plans
    def comparison(self) -> int:
        """A comparison that is DONE."""
        with self.app.catalog.begin() as conn:
            begun = comparisons.begin(conn, why(self.app.catalog))
            return comparisons.finish(conn, begun.id, self.app.now, [], [], why(self.app.catalog)).id

    def plan(
        self, found: Sequence[Finding], out: Path | None = None, app: App | None = None, **wish: object
    ) -> Path:
        """A plan of these findings, as a text."""
        out = out or self.world.settings.root / "plan.txt"
        out.unlink(missing_ok=True)
        order = sorted(found, key=lambda one: (one.kind, one.endpoint, one.path))
        proposing.write(app or self.app, self.comparison(), proposing.Wish(**wish), iter(order), out)  # type: ignore[arg-type]
        return out

    def signed(self, found: Sequence[Finding], *edits: tuple[str, str], **wish: object) -> Path:
        """The same, edited and signed."""
        file = self.plan(found, **wish)
        for old, new in edits:
            edit(file, old, new)
        sign(self.app, file)
        return file


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text, f"{old!r} is not in {text}"
    file.write_text(text.replace(old, new, 1))


def sign(app: App, file: Path) -> repairtext.Read:
    return repairtext.sign(app, file, repairtext.read(app, file).files)


def lines(file: Path) -> Iterator[str]:
    """The lines that would be done."""
    for line in file.read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            yield line


def proposed(ground: Ground, found: Sequence[Finding], **wish: object) -> str:
    """The text of a plan on standard output."""
    out = io.StringIO()
    order = sorted(found, key=lambda one: (one.kind, one.endpoint, one.path))
    proposing.write(ground.app, ground.comparison(), proposing.Wish(**wish), iter(order), out)  # type: ignore[arg-type]
    return out.getvalue()
