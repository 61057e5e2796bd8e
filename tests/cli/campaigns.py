"""A simulated world whose raw files are on tape, for the tests of recall campaigns."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from catalog.clock import SimulatedClock
from ddm import flow
from ddm.testing.world import World
from tests.cli.place import Place

RUN = 275_678
WHY = ("--reason", "a new alignment")


class Campaigns(Place):
    """A world with two runs of four raw chunks on tape and no task; commands see the time of the machine,
    so the world does, too."""

    def __init__(self, root, *, budget_runs=3.0) -> None:
        super().__init__(root)
        world = World(root, runs=2, chunks=4, url=f"sqlite:///{root}/ddm.db", budget_runs=budget_runs)
        self.world = world
        world.clock = SimulatedClock(datetime.now(UTC))
        world.tape._clock = world.disk._clock = world.clock
        world.settings = replace(world.settings, tasks={})
        self.lfns = [file.lfn for file in world.raw]
        app = world.open()
        world.register(app)
        flow.run(app, max_rounds=10)  # compares them
        app.close()
        text = (root / "ddm.toml").read_text()
        prefix = f"simtape://{root}/tape"
        (root / "ddm.toml").write_text(
            text.replace('"simtape://{here}/tape"', f'"{prefix}"').replace(
                "[endpoint.tape]",
                f"[endpoint.tape]\nstage_files = {world.settings.endpoints['tape'].stage_files}",
            )
        )

    def recall(self, rounds: int = 60) -> None:
        """Let the flow go on, in the time of the world, until it has nothing to do."""
        app = self.world.open()
        flow.run(app, max_rounds=rounds)
        app.close()

    def request(self, *words: object, name: str = "again"):
        return self.good("stage", "request", *words, "--name", name, *WHY)

    def campaign(self, name: str = "again"):
        (line,) = self.json("stage", "status", name)["campaigns"]
        return line
