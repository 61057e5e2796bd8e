"""Journeys whose every crossing is tried: between them they do all that the flow can do.

What goes wrong on a course goes wrong at a place, not by chance: the second answer of the remover is lost,
the first job dies. So a crash shifts nothing, and the end must be the same.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, TypeVar

from catalog.db import attempts
from catalog.db import people as db_people
from catalog.db.engine import Catalog
from catalog.evidence import Grade
from catalog.months import Span
from catalog.pressure import Mark
from catalog.seam import Seam
from catalog.testing import facts
from ddm import flow
from ddm.errors import JobError
from ddm.jobs.manifest import Manifest
from ddm.jobs.ports import Ended, JobRef, JobStatus, Refused, Running, Vanished
from ddm.operations import waiving
from ddm.operations.common import because
from ddm.settings import Disk
from ddm.testing.world import SimulatedRunner, World
from tests.faults.journeys import MAX_ROUNDS, Journey
from transfers.backends.tapelibrary import Fault
from transfers.errors import EndpointUnreachable, StorageTimeout
from transfers.ports import Storage
from transfers.testing.faults import Probabilities, spoiled
from transfers.wrappers import wrapped

T = TypeVar("T")
LONGEST_WAIT = 60  # hours that a course waits for what nobody sees to
CASTOR = "/castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1"
MERGED_HIST = f"{CASTOR}/histos/histsum-275678-0-7.root"


# ------------------------------------------------------------------------------ what goes wrong
@dataclass
class Hiccups:
    """What goes wrong at the n-th call of each verb at each storage. The count outlives the program.

    Of a plan ``{"copy": ("unreachable", "lost", "")}`` the first call of ``copy`` fails and nothing has
    happened, the second fails and it has, the third is well; ``unreadable``: no file's answer can be read;
    ``forgotten``: no file is mentioned.
    """

    plan: Mapping[str, Sequence[str]]
    calls: Counter[tuple[str, str]] = field(default_factory=Counter)

    def around(self, storages: Mapping[str, Storage]) -> dict[str, Storage]:
        return {name: self._wrapped(name, storage) for name, storage in storages.items()}

    def _wrapped(self, name: str, storage: Storage) -> Storage:
        def call_it(verb: str, files: int, call: Callable[[], T]) -> T:
            number = self.calls[name, verb]
            self.calls[name, verb] += 1
            planned = self.plan.get(verb, ())
            kind = planned[number] if number < len(planned) else ""
            if kind == "unreachable":
                raise EndpointUnreachable(f"{verb}: nobody answers (planned)")
            answer = call()
            if kind == "lost":
                raise StorageTimeout(f"{verb}: no answer in time (planned; it happened)")
            wrong = Probabilities(unknown=kind == "unreadable", forgotten=kind == "forgotten")
            return spoiled(answer, wrong, random.Random(0))

        return wrapped(storage, call_it)


class UnsteadyRunner(SimulatedRunner):
    """The first submission is refused, of the second the answer is lost; the first job to end dies, the
    second is forgotten by the runner; the first poll fails."""

    def __init__(self, world: World, slots: int, duration: timedelta) -> None:
        super().__init__(world, slots, duration)
        self._submissions = self._polls = 0

    def submit(self, manifests: Sequence[Manifest]) -> Mapping[str, JobRef | Refused]:
        self._submissions += 1
        if self._submissions == 1:
            return {manifest.label: Refused("the queue is full") for manifest in manifests}
        answers = super().submit(manifests)
        if self._submissions == 2:
            raise JobError("no answer (planned; the jobs run)")
        return answers

    def poll(self, refs: Sequence[JobRef]) -> Mapping[str, JobStatus]:
        self._polls += 1
        if self._polls == 1:
            raise JobError("no answer (planned)")
        return super().poll(refs)

    def _status(self, label: str, now: Any) -> JobStatus:
        known = label in self._over
        status = super()._status(label, now)
        if known or isinstance(status, Running):
            return status
        if len(self._over) == 1:
            self._over[label] = Ended(None, "killed by the batch system")
        elif len(self._over) == 2:
            self._over[label] = Vanished("lost by the runner")
        return self._over.get(label, status)


# -------------------------------------------------------------------------------------- courses
People = Callable[[Journey, Catalog], bool]
"""What people do when they see how things are; whether they did anything. Asked after every round."""


@dataclass(frozen=True)
class Course:
    """``options``: of the world. ``held``: how many things may wait for a person at the end."""

    name: str
    options: Mapping[str, Any]
    prepare: Callable[[Journey], None] = lambda journey: None
    people: People = lambda journey, catalog: False
    hiccups: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def begin(self, journey: Journey) -> Walk:
        self.prepare(journey)
        return Walk(self, journey, Hiccups(self.hiccups))


@dataclass
class Walk:
    """A journey along a course. It outlives the program, which may be started many times."""

    course: Course
    journey: Journey
    hiccups: Hiccups
    waited: int = 0

    def go(self, seam: Seam | None = None, max_rounds: int = MAX_ROUNDS) -> flow.Outcome:
        """Start the program, register the period, and go on until nothing moves by itself or by people."""
        world = self.journey.world
        app = world.open(seam, storages=self.hiccups.around(world.storages()))
        desk = Catalog(world.settings.catalog, clock=world.clock, seam=seam, actor="shift")
        try:
            world.register(app)
            while True:
                look = lambda moved: self.course.people(self.journey, desk)  # noqa: E731
                outcome = flow.run(app, max_rounds=max_rounds, report=look)
                if not self.course.people(self.journey, desk) and not self._waits():
                    return outcome
        finally:
            desk.close()
            app.close()

    def _waits(self) -> bool:
        """Whether evidence is still to settle, or something to be removed: then an hour passes."""
        if not self.journey.waiting() or self.waited > LONGEST_WAIT:
            return False
        self.waited += 1
        self.journey.world.clock.sleep(timedelta(hours=1))
        return True


def quick_settling(journey: Journey) -> None:
    """Evidence settles within hours, so that a journey has few rounds that only wait."""
    _products(journey, settle=timedelta(hours=1))


def chained(journey: Journey, *of: str, unit: str = "period", only: bool = False) -> Journey:
    """As ``further_products`` of its world."""
    further_products(journey.world, *of, unit=unit, only=only)
    return journey


def further_products(world: World, *of: str, unit: str = "period", only: bool = False) -> None:
    """These products of the world go into a further one each, called after them with "s"."""
    settings = world.settings
    products = dict(settings.products)
    for name in of:
        below = products[name]
        products[f"{name}s"] = replace(
            below,
            name=f"{name}s",
            made_of=name,
            payload="",
            chunk_dir="",
            chunk_name="",
            merged_dir=below.merged_dir + "all/",
            archive_dir=below.archive_dir + "all/",
            unit=unit,
        )
        products[name] = replace(below, archive_to="")
    names = (*of, *(f"{name}s" for name in of)) if only else tuple(products)
    tasks = {name: replace(task, products=names) for name, task in settings.tasks.items()}
    products = {name: products[name] for name in names}
    world.settings = replace(settings, products=products, tasks=tasks)


def chain(journey: Journey) -> None:
    """Logs of runs go into an archive of the period, and are kept nowhere else; histograms as well."""
    chained(journey, "logs", "hist")
    quick_settling(journey)


def _products(journey: Journey, **changes: Any) -> None:
    settings = journey.world.settings
    products = {name: replace(each, **changes) for name, each in settings.products.items()}
    journey.world.settings = replace(settings, products=products)


def troubled(journey: Journey) -> None:
    """Recalls are refused and forgotten, jobs die; the runner is unsteady."""
    quick_settling(journey)
    world = journey.world
    tasks = {name: replace(task, max_attempts=12) for name, task in world.settings.tasks.items()}
    world.settings = replace(world.settings, tasks=tasks)
    second = world.raw[1].lfn
    world.tape.inject(second, Fault.REFUSE, 1)
    world.tape.inject(second, Fault.LOST, 1)
    world.runner = UnsteadyRunner(world, world.runner.slots, timedelta(minutes=30))


def slow(journey: Journey) -> None:
    """A recall gets stuck and is taken back; jobs take longer than pins last, which are renewed."""
    quick_settling(journey)
    world = journey.world
    world.tape.inject(world.raw[0].lfn, Fault.STUCK, 1)
    world.runner = SimulatedRunner(world, world.runner.slots, timedelta(hours=9))
    tape = replace(world.settings.endpoints["tape"], pin_lifetime=timedelta(hours=6))
    world.settings = replace(world.settings, endpoints={**world.settings.endpoints, "tape": tape})


HICCUPS = {
    "probe": ("unreachable", "unreadable", "", "forgotten"),
    "stage": ("unreachable", "lost"),
    "poll": ("lost", "unreadable"),
    "release": ("unreachable", "lost"),
    "copy": ("unreachable", "lost", "unreadable"),
    "submit": ("unreachable", "lost", "unreadable"),
    "poll_transfers": ("unreachable", "forgotten"),
    "remove": ("unreachable", "lost", "unreadable"),
}


def disputed(journey: Journey) -> None:
    """A merged histogram lacks an event, and a raw file comes back corrupt until somebody looks; what is
    withdrawn stays for hours, and evidence grows old; logs are read again from tape."""
    _products(journey, grace=timedelta(hours=4), settle=timedelta(hours=1), evidence_age=timedelta(hours=3))
    world = journey.world
    logs = replace(world.settings.products["logs"], evidence=Grade.C)
    world.settings = replace(world.settings, products={**world.settings.products, "logs": logs})
    world.mischief.loses_events.add(MERGED_HIST)
    world.tape.inject(world.raw[0].lfn, Fault.CORRUPT, None)


def shift_crew(journey: Journey, catalog: Catalog) -> bool:
    """Waives the histogram, has the tape repaired and resumes the job, takes one file out of the trash."""
    held = journey.held()
    if any(thing.noun == "job" for thing in held):
        journey.world.tape.heal()
        with catalog.begin("operation") as conn:
            db_people.resume_jobs(conn, db_people.held_jobs(conn), because(catalog, "the tape is repaired"))
        return True
    disputed_runs = {thing.run for thing in held if thing.noun == "group" and thing.state == "MISMATCHED"}
    for run in sorted(disputed_runs):
        waiving.waive(
            catalog, journey.world.settings, run, "hist", "one event of 100 000 does not matter", act=True
        )
        return True
    trashed = [r for r in journey.replicas() if r.state == "TRASHED" and r.product == "mDST"]
    if trashed and not journey.happened("replica", "restored"):
        with catalog.begin("operation") as conn:
            db_people.restore(conn, [trashed[0].file_id], because(catalog, "somebody wants to look at it"))
        return True
    return False


def crowded(journey: Journey) -> None:
    """A small disk: histograms go as it is full, mDST when their month is over, dumps when the task is
    archived, and what two attempts left behind. The trash is kept for hours, on the full disk for fewer."""
    _products(journey, settle=timedelta(0), grace=timedelta(hours=8), under_pressure=Disk.KEEP)
    world = journey.world
    products = dict(world.settings.products)
    products["mDST"] = replace(products["mDST"], keep_on_disk=Span(months=1))
    products["hist"] = replace(products["hist"], under_pressure=Disk.GO)
    products["evtdump"] = replace(products["evtdump"], after_task=Disk.GO)
    marks = {"pressure_high": Mark(used=50), "pressure_low": Mark(used=1)}
    disk = replace(world.settings.endpoints["disk"], **marks, pressure_grace=timedelta(hours=2))
    world.settings = replace(
        world.settings,
        products=products,
        endpoints={**world.settings.endpoints, "disk": disk},
        tasks={name: replace(task, tidy=True) for name, task in world.settings.tasks.items()},
    )
    world.disk_total = 1_000_000
    world.runner = UnsteadyRunner(world, world.runner.slots, timedelta(minutes=30))


def nobody(journey: Journey, catalog: Catalog) -> bool:
    """Time goes by: hours while something waits to be removed, days while something may yet go."""
    copies = [copy for copy in journey.replicas() if copy.endpoint == "disk"]
    with catalog.read() as conn:
        waiting = attempts.debris(conn, waiting=True)
        archived = all(group.state in ("ARCHIVED", "CLEANED") for group in facts.groups(conn))
    if any(copy.state == "TRASHED" for copy in copies) or waiting:
        journey.world.clock.sleep(timedelta(hours=3))
        return True
    stays = [copy for copy in copies if copy.state == "AVAILABLE" and copy.product == "mDST"]
    if archived and stays and all(copy.role == "final" for copy in stays):
        journey.world.clock.sleep(timedelta(days=16))
        return True
    return False


COURSES = {
    course.name: course
    for course in (
        Course("direct", {"runs": 1, "chunks": 2}, quick_settling),
        Course("service", {"runs": 1, "chunks": 2, "transfers": True}, quick_settling),
        Course("chain", {"runs": 2, "chunks": 2}, chain),
        Course("slow", {"runs": 1, "chunks": 2}, slow),
        Course("troubled", {"runs": 1, "chunks": 2}, troubled, hiccups=HICCUPS),
        Course("troubled service", {"runs": 1, "chunks": 2, "transfers": True}, troubled, hiccups=HICCUPS),
        Course("people", {"runs": 1, "chunks": 2}, disputed, shift_crew),
        Course("crowded", {"runs": 1, "chunks": 2}, crowded, nobody, {"remove": HICCUPS["remove"]}),
    )
}
