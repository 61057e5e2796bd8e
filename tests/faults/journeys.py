"""Small journeys in the simulated world, watched: what the fault tests have in common."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from catalog.db.engine import Catalog
from catalog.seam import Seam
from catalog.testing import facts
from ddm import flow
from ddm.testing.safety import Guard, contents, debris, stranded, violations
from ddm.testing.world import World
from transfers.ports import Storage

MAX_ROUNDS = 400
"""Far more than any journey here needs: one that gets there goes round in circles."""


def seeds(count: int, in_ci: int) -> list[Any]:
    """So many seeds for a test; of them the first few in CI, the others with ``-m nightly``."""
    return [pytest.param(seed, marks=[pytest.mark.nightly] * (seed >= in_ci)) for seed in range(count)]


def make_schema(directory: Path) -> Path:
    """An empty catalogue, to be copied: quicker than to make one for each journey."""
    path = directory / "empty.db"
    with Catalog(f"sqlite:///{path}") as catalog:
        catalog.create()
    return path


@dataclass
class Journey:
    """A world with its database and its guard. It outlives the program, which may be started many times."""

    world: World
    guard: Guard

    @classmethod
    def begin(cls, directory: Path, schema: Path, **options: Any) -> Journey:
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir(parents=True)
        shutil.copy(schema, directory / "world.db")
        world = World(directory, **options)
        # rounds that only wait prove nothing here
        flow_settings = replace(
            world.settings.flow, interval=timedelta(minutes=35), longest_wait=timedelta(hours=2)
        )
        endpoints = {
            name: replace(endpoint, stage_timeout=timedelta(hours=12))
            for name, endpoint in world.settings.endpoints.items()
        }
        world.settings = replace(world.settings, flow=flow_settings, endpoints=endpoints)
        return cls(world, Guard(world))

    def go(
        self,
        seam: Seam | None = None,
        *,
        storages: Mapping[str, Storage] | None = None,
        max_rounds: int = MAX_ROUNDS,
    ) -> flow.Outcome:
        """Start the program, register the period, and go on to the end, or to where the seam stops it."""
        app = self.world.open(seam, storages=storages)
        try:
            self.world.register(app)
            return flow.run(app, max_rounds=max_rounds)
        finally:
            app.close()

    def violations(self) -> list[str]:
        return violations(self.guard.catalog, self.world, self.guard)

    def stranded(self) -> list[str]:
        return stranded(self.guard.catalog, self.world)

    def held(self) -> list[facts.Held]:
        with self.guard.catalog.read() as conn:
            return facts.held(conn)

    def replicas(self) -> list[facts.ReplicaFact]:
        with self.guard.catalog.read() as conn:
            return facts.replicas(conn)

    def happened(self, noun: str, event: str) -> int:
        """How often, by the history."""
        with self.guard.catalog.read() as conn:
            return facts.happened(conn, noun, event)

    def waiting(self) -> int:
        """How many copies are in the trash, or will be once evidence has settled."""
        with self.guard.catalog.read() as conn:
            return facts.waiting(conn)

    def debris(self) -> list[str]:
        return debris(self.guard.catalog, self.world)

    def end(self) -> dict[str, Any]:
        """Everything by which two journeys are compared."""
        with self.guard.catalog.read() as conn:
            state = dict(facts.end_state(conn))
            known = {replica.path for replica in facts.replicas(conn) if replica.endpoint == "disk"}
        disk = contents(self.world.disk)
        state["on tape"] = contents(self.world.tape)
        # without the attempt's directory, which differs when an attempt was made again
        state["on disk"] = sorted((path.rsplit("/", 1)[1], disk[path]) for path in known & disk.keys())
        return state

    def close(self) -> None:
        self.guard.close()


def differences(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """In which points two ends differ, in short."""
    found = []
    for key in one:
        if one[key] != other[key]:
            left, right = _entries(one[key]), _entries(other[key])
            found.append(f"{key}: only {sorted(left - right)[:3]} against {sorted(right - left)[:3]}")
    return found


def _entries(value: Any) -> set[str]:
    if isinstance(value, dict):
        value = value.items()
    return {repr(entry) for entry in value} if not isinstance(value, int) else {repr(value)}
