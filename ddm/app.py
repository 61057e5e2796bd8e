"""The composition root: the only place that builds a catalogue, storages and runners, and wires them.

Time and chance are arguments here too, so that the whole system can run in a simulated world.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from importlib.metadata import entry_points
from typing import TYPE_CHECKING

from catalog.clock import Clock, SystemClock
from catalog.db import files
from catalog.db.engine import Catalog
from catalog.db.move import Why
from catalog.errors import DataManagementError
from catalog.model import OpenItem, Recall
from catalog.seam import OpenSeam, Seam
from ddm import standing
from ddm.errors import ConfigError
from ddm.jobs.ports import Tidier
from ddm.recipe import Recipe
from ddm.settings import RunnerSettings, Settings
from ddm.storages import Guards, open_guards, open_storages
from transfers import wrappers
from transfers.ports import Storage

if TYPE_CHECKING:
    from ddm.events.filling import Filling
    from ddm.jobs.ports import Runner


@dataclass
class Desk:
    """What a process remembers of requests between rounds; all of it can be asked of the catalogue again.

    ``requests``: the recalls of open requests by path, so that a poll reads no table. ``copies``: those of a
    service.
    """

    requests: dict[int, dict[str, Recall]] = field(default_factory=dict)
    copies: dict[int, dict[str, OpenItem]] = field(default_factory=dict)
    landed: set[int] = field(default_factory=set)  # copies of which it is noted already
    tasks: set[tuple[int, str]] = field(default_factory=set)  # that have their campaign
    looked_after: dict[str, datetime] = field(default_factory=dict)
    noted: dict[str, datetime] = field(default_factory=dict)
    evidence_at: datetime | None = None  # when evidence that grows old was looked for
    contents_at: datetime | None = None  # when copies not verified for long were looked for
    groups_kept: dict[int, datetime] = field(default_factory=dict)  # refused a moment ago
    rounds: int = 0
    lifetimes_at: datetime | None = None  # when lifetimes on disk were last asked about
    spaces_at: dict[str, datetime] = field(default_factory=dict)  # when an endpoint was asked for its space
    pressed: dict[str, timedelta] = field(default_factory=dict)  # endpoints above pressure_high: least grace
    tidy_at: dict[int, datetime] = field(default_factory=dict)  # when a task is looked at next
    archived: set[int] = field(default_factory=set)  # tasks that were found to be
    idle: bool = False  # the last round moved nothing
    last_look: bool = True  # what was refused a moment ago is asked about in this round all the same


@dataclass
class App:
    """What every step is given: the catalogue, the ports, the settings, time and chance."""

    settings: Settings
    catalog: Catalog
    clock: Clock
    random: random.Random
    storages: Mapping[str, Storage]
    runners: Mapping[str, Runner]
    recipes: Mapping[int, Recipe]
    endpoint_ids: Mapping[str, int]
    guards: Guards
    dataset_ids: dict[str, int] = field(default_factory=dict)
    filling: Filling | None = None  # the event sources, once they are open
    desk: Desk = field(default_factory=Desk)

    @property
    def shared(self) -> bool:
        """Other processes may recall with this catalogue at the same time."""
        return self.catalog.engine.dialect.name == "postgresql"

    @property
    def now(self) -> datetime:
        return self.clock.now()

    def why(self, reason: str = "") -> Why:
        """A history entry by the flow, now."""
        return Why(self.now, f"flow:{self.catalog.actor}", reason)

    def dataset_id(self, name: str) -> int:
        """The id of a dataset of outputs; made, and closed to people, when first needed."""
        if name not in self.dataset_ids:
            with self.catalog.begin() as conn:
                self.dataset_ids[name] = files.ensure_dataset(conn, name, self.why("outputs of a task"))
        return self.dataset_ids[name]

    def close(self) -> None:
        standing.keeper(standing.file_for(self.settings.root))([])
        self.catalog.close()


def open_catalog(settings: Settings, *, clock: Clock | None = None, seam: Seam | None = None) -> Catalog:
    """The catalogue of the settings, with the schema of this version. Raises SchemaOutOfDate otherwise."""
    catalog = Catalog(settings.catalog, clock=clock, seam=seam)
    try:
        catalog.check_schema()
    except DataManagementError:
        catalog.close()
        raise
    return catalog


def open_app(
    settings: Settings,
    *,
    clock: Clock | None = None,
    seam: Seam | None = None,
    chance: random.Random | None = None,
    storages: Mapping[str, Storage] | None = None,
    runners: Mapping[str, Runner] | None = None,
) -> App:
    """Everything, ready to run. What is given is used instead of what the settings name."""
    clock = clock or SystemClock()
    seam = seam or OpenSeam()
    chance = chance or random.Random()
    catalog = open_catalog(settings, clock=clock, seam=seam)
    with ExitStack() as undone:  # the catalogue, unless all goes well
        undone.callback(catalog.close)
        guards = open_guards(
            settings, clock, chance, changed=standing.keeper(standing.file_for(settings.root))
        )
        if storages is None:
            storages = open_storages(settings, clock, chance, guards)
        if runners is None:
            runners = {name: open_runner(runner, clock) for name, runner in settings.runners.items()}
        recipes, endpoint_ids = _remember(catalog, settings)
        undone.pop_all()
    return App(
        settings=settings,
        catalog=catalog,
        clock=clock,
        random=chance,
        storages={name: wrappers.seamed(storage, name, seam) for name, storage in storages.items()},
        runners={name: SeamedRunner(runner, name, seam) for name, runner in runners.items()},
        recipes=recipes,
        endpoint_ids=endpoint_ids,
        guards=guards,
    )


def _remember(catalog: Catalog, settings: Settings) -> tuple[dict[int, Recipe], dict[str, int]]:
    """Endpoints and tasks of the settings, in the catalogue: made if new, compared if known."""
    why = Why(catalog.clock.now(), catalog.actor, "named in the configuration")
    with catalog.begin() as conn:
        ids = {
            name: files.ensure_endpoint(conn, name, endpoint.kind)
            for name, endpoint in settings.endpoints.items()
        }
        recipes = {}
        for name, task in settings.tasks.items():
            recipe = Recipe(task, settings)
            dataset = files.ensure_dataset(conn, task.dataset, why)
            recipes[files.define_task(conn, name, dataset, recipe.definition(), why)] = recipe
    return recipes, ids


def open_runner(settings: RunnerSettings, clock: Clock) -> Runner:
    """The runner of the settings, through the entry points group ``ddm.runners``."""
    found = [entry for entry in entry_points(group="ddm.runners") if entry.name == settings.backend]
    if len(found) != 1:
        names = sorted(entry.name for entry in entry_points(group="ddm.runners"))
        raise ConfigError(
            f"{'no' if not found else 'more than one'} runner is called '{settings.backend}'; "
            f"installed are: {', '.join(names)}",
            subject=f"runner.{settings.name}.backend",
        )
    runner: Runner = found[0].load()(
        settings.directory, slots=settings.slots, clock=clock, **dict(settings.options)
    )
    return runner


class SeamedRunner:
    """A runner whose every call passes the seam."""

    def __init__(self, runner: Runner, name: str, seam: Seam) -> None:
        self._runner, self._name, self._seam = runner, name, seam
        self.slots = runner.slots
        self.submit = self._wrapped("submit")
        self.poll = self._wrapped("poll")
        self.cancel = self._wrapped("cancel")
        self.find = self._wrapped("find")
        if isinstance(runner, Tidier):
            self.tidy = self._wrapped("tidy")

    def _wrapped(self, verb: str):  # type: ignore[no-untyped-def]
        call = getattr(self._runner, verb)

        def crossing(*args, **options):  # type: ignore[no-untyped-def]
            with self._seam.crossing(f"{self._name}.{verb}"):
                return call(*args, **options)

        return crossing
