"""One world in which everything goes wrong for a while: storages, tapes, jobs, programs, and people.

All of it is drawn from one seed. Until the day of healing calls fail, answers are lost, late, doubled, or
cannot be read; services say once that a file is on tape which is in their buffer; an adversary spoils copies
behind everybody's back; jobs die; the program is killed anywhere; people resume, waive, merge again, void,
revise, restore, compare, hold, freeze and register gaps at random. Then all is well again, people see to what
is held, and the judge looks.
"""

from __future__ import annotations

import random
import shutil
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TypeVar

from catalog.checksum import Adler32
from catalog.db.engine import Catalog
from catalog.errors import DataManagementError
from catalog.evidence import Grade
from catalog.states import Locality
from catalog.testing import facts
from ddm import flow
from ddm.app import App
from ddm.testing.crash import Stopped, StoppingSeam, When
from ddm.testing.safety import Guard, violations
from ddm.testing.world import World
from tests.bench.safetycrew import Crew
from tests.faults.courses import further_products
from transfers.backends.tapelibrary import Fault, LibrarySettings
from transfers.errors import EndpointUnreachable, StorageTimeout
from transfers.model import Observed
from transfers.ports import Storage
from transfers.testing.faults import Probabilities, spoiled
from transfers.wrappers import wrapped

T = TypeVar("T")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
STORM, CALM = 40, 80  # rounds, at most
STILL = 8  # half days without any move, after which nothing will move any more
ROUNDS_AT_ONCE = 12
TAPE_FAULTS = (Fault.LOST, Fault.REFUSE, Fault.CORRUPT, Fault.TRUNCATE, Fault.SLOW, Fault.FAIL, Fault.STUCK)


@dataclass
class Weather:
    """How often what goes wrong with a call; ``calm``: nothing does. ``late``: what happens later."""

    chance: random.Random
    rate: float
    lies: bool
    faults: Counter[str]
    decided: Callable[[], None] = lambda: None
    calm: bool = False
    late: list[Callable[[], object]] | None = None

    def around(self, storages: Mapping[str, Storage]) -> dict[str, Storage]:
        return {name: self._wrapped(name, storage) for name, storage in storages.items()}

    def _wrapped(self, name: str, storage: Storage) -> Storage:
        def call_it(verb: str, files: int, call: Callable[[], T]) -> T:
            if verb == "remove":
                self.decided()
            if self.calm or self.chance.random() >= self.rate:
                return call()
            return self._bad(name, verb, call)

        return wrapped(storage, call_it)

    def _bad(self, name: str, verb: str, call: Callable[[], T]) -> T:
        kinds = ["unreachable", "reply lost", "unreadable", "forgotten"]
        kinds += ["late", "twice"] if verb in ("remove", "copy", "stage", "release") else []
        kinds += ["lie"] if self.lies and verb == "probe" and name == "tape" else []
        kind = self.chance.choice(kinds)
        self.faults[f"answer {kind}"] += 1
        match kind:
            case "unreachable":
                raise EndpointUnreachable(f"{verb}: nobody answers (injected)")
            case "late":
                assert self.late is not None
                self.late.append(call)
                raise StorageTimeout(f"{verb}: no answer in time (injected; it happens later)")
            case "twice":
                call()
                return call()
            case "lie":
                return _lied(call())
        answer = call()
        if kind == "reply lost":
            raise StorageTimeout(f"{verb}: no answer in time (injected; it happened)")
        wrong = Probabilities(unknown=0.5 * (kind == "unreadable"), forgotten=0.5 * (kind == "forgotten"))
        return spoiled(answer, wrong, self.chance)


def _lied(answer: T) -> T:
    """Everything that is in the buffer is said to be on tape."""
    if isinstance(answer, Mapping):
        for path, seen in answer.items():
            if isinstance(seen, Observed) and seen.locality is Locality.ONLINE:
                answer[path] = replace(seen, locality=Locality.ONLINE_AND_NEARLINE)  # type: ignore[index]
    return answer


class Drawn(set[str]):
    """Any LFN now and then, each time that it is asked for; counted. ``but``: not of these (logs hold no
    events, and nobody compares how many)."""

    def __init__(
        self, chance: random.Random, rate: float, kind: str, faults: Counter[str], but: str = "\n"
    ) -> None:
        super().__init__()
        self._but = but
        self._chance, self._rate, self._kind, self._faults = chance, rate, kind, faults

    def __contains__(self, lfn: object) -> bool:
        hit = self._but not in str(lfn) and self._chance.random() < self._rate
        self._faults[self._kind] += hit
        return hit


class SafetyWorld:
    """``steps``: calls of steps of the flow. ``faults``, ``acts``: by kind. ``story``: what happened."""

    def __init__(self, seed: str, place: Path, schema: Path) -> None:
        self.chance = chance = random.Random(seed)
        self.faults: Counter[str] = Counter()
        self.story: list[str] = []
        self.steps = self.crashes = self.rounds = 0
        self.world = self._drawn(place, schema)
        self.guard = Guard(self.world)
        settle = min(product.settle for product in self.world.settings.products.values())
        rate = chance.choice([0.02, 0.06, 0.15, 0.3])
        self.weather = Weather(chance, rate, lies=settle >= HOUR, faults=self.faults, late=[])
        self.weather.decided = self.guard.decisions
        self.desk = Catalog(self.world.settings.catalog, clock=self.world.clock, actor="shift")
        self.crew = Crew(self.world, self.desk, chance, self.say)
        self.strikes = chance.choice([0, 0, 1, 2, 4])
        self.hasty = chance.choice([0.0, 0.1, 0.3, 0.6])  # how often people do something in a round

    # ---------------------------------------------------------------------------- beginning
    def _drawn(self, place: Path, schema: Path) -> World:
        chance = self.chance
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        shutil.copy(schema, place / "world.db")
        world = World(
            place,
            runs=chance.randint(1, 3),
            chunks=chance.randint(2, 6),
            seed=chance.getrandbits(30),
            target_chunks=chance.choice([1, 2, 10]),
            batch=chance.choice([3, 50, 2000]),
            budget_runs=chance.choice([0.5, 1.5]),
            slots=chance.choice([2, 50]),
            tape=LibrarySettings(
                drives=2, archive_delay=chance.choice([600.0, 1800.0]), seed=chance.getrandbits(30)
            ),
            transfers=chance.random() < 0.4,
        )
        wanted = {
            "settle": chance.choice([timedelta(0), 2 * HOUR, DAY]),
            "grace": chance.choice([timedelta(0), 3 * HOUR, 2 * DAY]),
            "evidence_age": chance.choice([DAY, 3 * DAY]),
        }
        products = {
            name: replace(product, evidence=chance.choice(list(Grade)), **wanted)
            for name, product in world.settings.products.items()
        }
        interval = replace(
            world.settings.flow, interval=chance.choice([HOUR / 2, 2 * HOUR]), longest_wait=6 * HOUR
        )
        world.settings = replace(world.settings, products=products, flow=interval)
        pace = replace(world.settings.release, files_per_hour=chance.choice([2, 5, 1000]))
        world.settings = replace(world.settings, release=pace)
        if chance.random() < 0.3:
            further_products(world, *chance.choice([("logs",), ("logs", "hist")]))
        self._unsteady(world)
        return world

    def _unsteady(self, world: World) -> None:
        chance, mischief = self.chance, world.mischief
        mischief.dies, mischief.vanishes = chance.choice([0.0, 0.05, 0.15]), chance.choice([0.0, 0.05])
        mischief.refuses = chance.choice([0.0, 0.1])
        if rate := chance.choice([0.0, 0.02, 0.1]):
            mischief.loses_events = Drawn(chance, rate, "event lacks", self.faults, but="/log")
            mischief.spoils = Drawn(chance, rate, "output is spoiled", self.faults)
        for fault in TAPE_FAULTS:
            if chance.random() < 0.4:
                world.tape.inject("*/raw/*", fault, chance.randint(1, 3), chance=0.5)
                self.faults[f"tape {fault}"] += 1

    # ------------------------------------------------------------------------------ running
    def run(self) -> list[str]:
        """The whole story; what the judge found, during it and at its end."""
        while self.rounds < STORM:
            self._program(hasty=True)
        self._heal()
        end, still = self.rounds + CALM, 0
        while self.rounds < end and still < STILL:
            outcome = self._program(hasty=False)
            busy = self.crew.tidy()
            if not busy and outcome is not None and not outcome.pending and not self._waiting():
                break
            still = 0 if busy or outcome is None or outcome.moved else still + 1
            self.world.clock.sleep(DAY / 2)
        found = violations(self.guard.catalog, self.world, self.guard)
        self.desk.close()
        self.guard.close()
        return found

    def _waiting(self) -> bool:
        """Something lies in the trash, or its evidence is to settle."""
        with self.guard.catalog.read() as conn:
            return facts.waiting(conn) > 0

    def _program(self, *, hasty: bool) -> flow.Outcome | None:
        """The program until it rests, or is killed."""
        seam = None
        if hasty and self.chance.random() < 0.5:
            seam = StoppingSeam(self.chance.randint(1, 150), self.chance.choice(list(When)))
        app = None
        try:
            app = self.world.open(seam, storages=self.weather.around(self.world.storages()))
            self.world.register(app)
            return flow.run(app, max_rounds=ROUNDS_AT_ONCE, report=partial(self._after, app, hasty))
        except Stopped:
            assert seam is not None
            self.crashes += 1
            self.say(f"the program is killed {seam.where}")
            self.world.clock.sleep(self.chance.choice([timedelta(0), HOUR, 30 * HOUR]))
        finally:
            if app is not None:
                app.close()
        return None

    def _after(self, app: App, hasty: bool, moved: Mapping[str, int]) -> None:
        """After a round: what others do."""
        self.steps += len(flow.STEPS)
        self.rounds += 1
        if changed := {name: n for name, n in moved.items() if n}:
            self.say(f"the flow: {changed}")
        if not hasty:
            return
        if self.weather.late and self.chance.random() < 0.3:
            self._arrive_late()
        if self.strikes and self.chance.random() < 0.08:
            self._strike()
        if self.chance.random() < self.hasty:
            self.crew.act(app)
        if not changed and self.chance.random() < 0.5:
            self.world.clock.sleep(self.chance.choice([HOUR, 6 * HOUR, DAY]))

    def _arrive_late(self) -> None:
        late, self.weather.late = self.weather.late or [], []
        self.guard.late = True
        for call in late:
            with suppress(DataManagementError):
                call()
        self.guard.late = False
        self.say(f"{len(late)} calls of before are carried out")

    def _strike(self) -> None:
        """The adversary spoils a copy that nobody is writing."""
        name = self.chance.choice(["disk", "tape"])
        store = self.world.stores[name]
        now = self.world.clock.now().timestamp()
        paths = sorted(path for path in store.library.files if (name, path) not in self.world.struck)
        if not paths:
            return
        path, how = self.chance.choice(paths), self.chance.choice(["vanishes", "is spoiled"])
        store.library.advance(now)
        if how == "vanishes":
            store.library.files.vanish(path)
        else:
            record = store.library.files.wake(path)
            assert record is not None
            record.adler32 = Adler32(int(record.adler32) ^ 1)
        self.strikes -= 1
        self.world.struck[name, path] = self.world.clock.now()
        self.faults[f"copy on {name} {how}"] += 1
        self.say(f"the adversary: {name}{path} {how}")

    def _heal(self) -> None:
        self._arrive_late()
        self.weather.calm = True
        self.world.tape.heal()
        mischief = self.world.mischief
        mischief.dies = mischief.vanishes = mischief.refuses = 0.0
        mischief.loses_events, mischief.spoils = set(), set()
        self.crew.undo()
        self.say("all is well again")

    def say(self, text: str) -> None:
        self.story.append(f"{self.world.clock.now():%d %H:%M} {text}")
