"""A simulated world that is never still: the flow works while its storages are scanned, between any two
directories, and before and after. Whatever a comparison then says is held against what is true."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from catalog.db import schema
from catalog.db.engine import Catalog
from catalog.states import JobState
from ddm import flow
from ddm.app import App
from ddm.operations import comparing, reconciling
from ddm.operations.comparing import Done
from ddm.reconcile.explaining import attempt_of
from ddm.reconcile.findings import Finding
from ddm.reconcile.kinds import DIFFERENCES, Kind
from ddm.settings import ReconcileSettings
from ddm.testing.world import World
from transfers.errors import StorageError
from transfers.ports import Lister
from transfers.walking import Following, Looked, listing_of, looked_at

STEP = timedelta(minutes=17)


class BusyWalker:
    """Lists one directory after the other; ``between`` happens before each."""

    def __init__(self, lister: Lister, between: Callable[[], None]) -> None:
        self._lister, self._between = lister, between

    def walk(self, following: Following) -> Iterator[tuple[str, Looked]]:
        while (directory := following()) is not None:
            self._between()
            try:
                looked: Looked = listing_of(self._lister.list(directory))
            except StorageError as error:  # it went while we looked elsewhere
                looked = looked_at(error, directory)
            yield directory, looked


@dataclass
class Busy:
    """A world with a flow, and an administrator who scans and compares all the time."""

    world: World
    app: App
    chance: random.Random
    rounds: int = 0

    @classmethod
    def begin(cls, directory: Path, seed: int, **options: object) -> Busy:
        directory.mkdir(parents=True, exist_ok=True)
        world = World(directory, seed=seed, **options)  # type: ignore[arg-type]
        world.mischief.vanishes = world.mischief.refuses = 0.1
        world.mischief.dies = 0.1
        reconcile = ReconcileSettings(directory=directory / "reconcile")
        world.settings = replace(world.settings, reconcile=reconcile)
        app = world.open()
        world.register(app)
        return cls(world, app, random.Random(seed))

    @property
    def catalog(self) -> Catalog:
        return self.app.catalog

    def work(self) -> None:
        """The flow goes on, for some rounds or none, and time passes."""
        for _ in range(self.chance.randrange(3)):
            self.rounds += 1
            flow.tick(self.app)
            self.world.clock.sleep(STEP * self.chance.random())

    def scan(self, endpoint: str, between: Callable[[], None] | None = None) -> int:
        """Scan while the flow works; gives the number of the scan."""
        storage = self.app.storages[endpoint]
        assert storage.lister is not None
        walker = BusyWalker(storage.lister, between or self.work)
        busy = replace(self.app, storages={**self.app.storages, endpoint: replace(storage, walker=walker)})
        return reconciling.scan(busy, endpoint).id

    def look(self) -> Done:
        """Scan disk and tape, in any order, then compare."""
        numbers = [self.scan(name) for name in self.chance.sample(["disk", "tape"], 2)]
        self.work()
        return comparing.compare(self.catalog, self.app.settings, numbers)

    def found(self, done: Done) -> list[Finding]:
        """The differences of a comparison, whatever they are worth."""
        number = done.comparison.id
        return list(reconciling.findings(self.catalog, self.app.settings, number, kinds=DIFFERENCES))

    def truly(self, finding: Finding) -> bool:
        """Whether a difference is one: the only ones that the flow itself makes are left by attempts that
        came to nothing, of jobs that are over."""
        attempt = attempt_of(finding.path)
        if finding.kind is not Kind.DEBRIS or attempt is None:
            return False
        with self.catalog.read() as conn:
            query = select(schema.job.c.state).where(schema.job.c.id == attempt[1])
            over = conn.execute(query).scalar_one() in (JobState.DONE, JobState.CANCELED)
            query = select(schema.replica.c.id).where(schema.replica.c.path == finding.path)
            return over and conn.execute(query).first() is None
