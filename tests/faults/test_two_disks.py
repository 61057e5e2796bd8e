"""A task whose jobs put some of their outputs to a fallback disk: the journey goes on from there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from catalog.checksum import Adler32
from catalog.model import OpenJob
from ddm import flow
from ddm.jobs.manifest import Manifest, Output, Report
from ddm.recipe import Recipe
from ddm.steps.work import _broken
from ddm.testing.safety import Guard, violations
from ddm.testing.world import World
from transfers.backends.memory import MemoryStorage

SECOND = "memory://disk2"


class TwoDisks(World):
    """Every other output goes to the fallback, and is read back from there."""

    def __init__(self, root: Path) -> None:
        super().__init__(root, runs=1, chunks=4)
        self.second = MemoryStorage("disk2", self.clock)
        disk = self.settings.endpoints["disk"]
        more = {"disk2": replace(disk, name="disk2", prefix=SECOND)}
        tasks = {name: replace(task, disk_fallback=("disk2",)) for name, task in self.settings.tasks.items()}
        self.settings = replace(self.settings, endpoints={**self.settings.endpoints, **more}, tasks=tasks)
        self.put_there = 0

    @property
    def stores(self):
        return {**super().stores, "disk2": self.second}

    def _store(self, url: str) -> MemoryStorage:
        return self.second if url.startswith(SECOND + "/") else super()._store(url)

    def work(self, manifest: Manifest) -> Report:
        promises = tuple(
            replace(promise, url=promise.fallbacks[0]) if number % 2 else promise
            for number, promise in enumerate(manifest.promises, start=len(manifest.label) + self.put_there)
        )
        self.put_there += 1
        return super().work(replace(manifest, promises=promises))


def test_outputs_at_the_fallback_are_registered_merged_archived_and_cleaned(tmp_path):
    world = TwoDisks(tmp_path)
    app = world.open()
    guard = Guard(world)
    try:
        world.register(app)
        outcome = flow.run(app, max_rounds=300)
        assert (outcome.held, outcome.pending) == (0, 0), outcome
        with app.catalog.read() as conn:
            rows = conn.exec_driver_sql(
                "SELECT e.name, r.state, count(*) FROM replica r JOIN endpoint e ON e.id = r.endpoint_id"
                " GROUP BY e.name, r.state"
            ).all()
        states = {(name, state): number for name, state, number in rows}
        assert states["disk", "DELETED"] > 0
        assert states["disk2", "DELETED"] > 0
        assert ("disk", "UNVERIFIED") not in states
        assert violations(guard.catalog, world, guard) == []
    finally:
        app.close()


@pytest.mark.parametrize(
    ("endpoint", "problem"), [("disk", ""), ("disk2", ""), ("tape", "which was not promised")]
)
def test_where_an_output_may_have_been_put(tmp_path, endpoint, problem):
    settings = TwoDisks(tmp_path).settings
    recipe = Recipe(settings.tasks["P08"], settings)
    job = OpenJob(1, 1, "process", 275678, "11001", 1, "j1a1", "", "RUNNING")
    promised = recipe.promises(job)
    outputs = tuple(
        Output(lfn, recipe.url(endpoint, path), 1, Adler32(1)) for lfn, (_, _, path) in promised.items()
    )
    found = _broken(job, Report("j1a1", "h", "", "", outputs), promised, [])
    assert problem in found
    assert bool(found) == bool(problem)
    if not problem:
        assert {recipe.disk_of(o.url, promised[o.lfn][2]) for o in outputs} == {endpoint}
