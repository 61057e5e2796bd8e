"""A world in which things go wrong: the good is archived, the bad held with its cause, nothing is lost."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import timedelta

import pytest

from ddm.jobs.manifest import Manifest
from ddm.jobs.ports import Ended, JobRef, JobStatus, Running, Vanished
from ddm.testing.world import SimulatedRunner, World
from tests.faults.conftest import Begin
from tests.faults.journeys import MAX_ROUNDS, Journey, seeds
from transfers.backends.tapelibrary import Fault
from transfers.ports import Storage
from transfers.testing.faults import Probabilities, faulty

RAW = "*/raw/*"
EOS = "/eos/experiment/compass/generalprod/dvcs2016P08t1"
CASTOR = "/castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1"
CHUNK_MDST = f"{EOS}/mDST.chunks/mDST-275678-11001-0-7.root"
CHUNK_LOG = f"{EOS}/logFiles/dvcs2016P08.275678-11001-0.stdout.gz"
MERGED_MDST = f"{CASTOR}/mDST/mDST-275678-0-7.root"
MERGED_HIST = f"{CASTOR}/histos/histsum-275678-0-7.root"


def states(journey: Journey, noun: str) -> set[str]:
    return {row[-1] for row in journey.end()[noun]}


def arrives(journey: Journey, storages: Mapping[str, Storage] | None = None) -> None:
    """The flow comes to an end, and everything is archived or held with a cause."""
    outcome = journey.go(storages=storages)
    assert outcome.rounds < MAX_ROUNDS
    assert outcome.pending == 0
    assert journey.violations() == []
    assert journey.stranded() == []


def held(journey: Journey) -> list[tuple[str, str, str]]:
    """(noun, state, cause) of what waits for a person."""
    return [(thing.noun, thing.state, thing.cause) for thing in journey.held()]


# ------------------------------------------------------------------ what passes by itself
@pytest.mark.slow
@pytest.mark.parametrize("seed", seeds(6, in_ci=3))
def test_troubles_that_pass_are_got_over(seed: int, begin: Begin) -> None:
    journey, chance = begin(runs=2, chunks=3, seed=seed), random.Random(seed)
    for kind in (Fault.LOST, Fault.REFUSE, Fault.CORRUPT, Fault.TRUNCATE, Fault.SLOW):
        journey.world.tape.inject(RAW, kind, chance.randint(0, 2))
    mischief = journey.world.mischief
    mischief.dies, mischief.vanishes, mischief.refuses = 0.1, 0.1, 0.3
    arrives(journey)
    assert states(journey, "groups") == {"CLEANED"}
    assert states(journey, "jobs") == {"DONE"}
    assert journey.end()["pins"] == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", seeds(8, in_ci=4))
def test_calls_and_replies_that_are_lost_do_no_harm(seed: int, begin: Begin) -> None:
    journey, chance = begin(runs=2, chunks=3, seed=seed), random.Random(seed)
    rates = Probabilities(unreachable=0.15, reply_lost=0.15, unknown=0.03, forgotten=0.03)
    arrives(journey, {name: faulty(s, rates, chance) for name, s in journey.world.storages().items()})


@pytest.mark.slow
@pytest.mark.parametrize("seed", seeds(16, in_ci=8))
def test_everything_at_once(seed: int, begin: Begin) -> None:
    journey, chance = begin(runs=2, chunks=3, seed=seed, target_chunks=2), random.Random(seed)
    world = journey.world
    for kind in Fault:
        if kind is not Fault.NO_ARCHIVE:  # a buffer that is never archived is waited for, for ever
            world.tape.inject(RAW, kind, chance.randint(0, 2), chance=0.5)
    world.mischief.dies = world.mischief.vanishes = world.mischief.refuses = 0.15
    counted = [CHUNK_MDST, MERGED_MDST, MERGED_HIST]  # nobody could see that a log lacks an event
    world.mischief.loses_events.update(chance.sample(counted, chance.randint(0, 1)))
    world.mischief.spoils.update(chance.sample([*counted, CHUNK_LOG], chance.randint(0, 1)))
    rates = Probabilities(unreachable=0.05, reply_lost=0.05, unknown=0.02, forgotten=0.02)
    arrives(journey, {name: faulty(s, rates, chance) for name, s in world.storages().items()})


# ------------------------------------------------------------------- what a person must see
@pytest.mark.parametrize(("fault", "code"), [(Fault.FAIL, "tape_lost"), (Fault.STUCK, "storage_timeout")])
def test_a_raw_file_that_cannot_be_recalled_is_held_and_only_its_run_waits(
    fault: Fault, code: str, begin: Begin
) -> None:
    journey = begin(runs=2, chunks=3)
    journey.world.tape.inject(journey.world.raw[0].lfn, fault, None)
    arrives(journey)
    assert [(noun, cause.split(":")[0]) for noun, _, cause in held(journey)] == [("item", code)]
    assert {group[0]: group[-1] for group in journey.end()["groups"]} == {275_679: "CLEANED"}


def test_a_raw_file_that_always_comes_back_corrupt_is_tried_a_few_times_and_held(begin: Begin) -> None:
    journey = begin(runs=1, chunks=2)
    lfn = journey.world.raw[0].lfn
    journey.world.tape.inject(lfn, Fault.CORRUPT, None)
    arrives(journey)
    ((noun, state, cause),) = held(journey)
    assert (noun, state) == ("job", "HELD")
    assert "checksum_mismatch" in cause
    attempts = next(iter(journey.world.settings.tasks.values())).max_attempts
    assert journey.world.tape.library.files[lfn].stages == attempts, "each attempt has a fresh recall"
    assert journey.end()["pins"] == []


def test_a_raw_file_that_comes_back_corrupt_once_is_recalled_anew(begin: Begin) -> None:
    journey = begin(runs=1, chunks=2)
    lfn = journey.world.raw[0].lfn
    journey.world.tape.inject(lfn, Fault.CORRUPT, 1)
    arrives(journey)
    assert held(journey) == []
    assert journey.world.tape.library.files[lfn].stages == 2


@pytest.mark.parametrize("lfn", [CHUNK_MDST, CHUNK_LOG, MERGED_MDST])
def test_a_file_whose_bytes_change_after_the_report_stops_its_product(lfn: str, begin: Begin) -> None:
    journey = begin(runs=1, chunks=3)
    journey.world.mischief.spoils.add(lfn)
    arrives(journey)
    assert [(noun, state) for noun, state, _ in held(journey)] == [("replica", "BAD")]
    assert journey.guard.removed == [], "the run's intermediates are kept until a person has looked"


@pytest.mark.parametrize("lfn", [CHUNK_MDST, MERGED_MDST, MERGED_HIST])
def test_a_lost_event_stops_its_product(lfn: str, begin: Begin) -> None:
    journey = begin(runs=1, chunks=3)
    journey.world.mischief.loses_events.add(lfn)
    arrives(journey)
    assert [(noun, state) for noun, state, _ in held(journey)] == [("group", "MISMATCHED")]
    assert journey.guard.removed == []


def test_an_archive_that_never_reaches_tape_is_waited_for_and_nothing_is_deleted(begin: Begin) -> None:
    journey = begin(runs=1, chunks=2)
    journey.world.tape.inject(MERGED_MDST, Fault.NO_ARCHIVE, None)
    outcome = journey.go(max_rounds=60)
    assert outcome.pending == 1
    assert journey.violations() == []
    assert journey.guard.removed == []


# ----------------------------------------------------------- what happens after registration
class Disaster:
    """A storage's files are struck when they have just been compared and found good."""

    def __init__(self, world: World, lfn: str, *, lost: bool) -> None:
        self._name, self._lost, self._world = lfn.rsplit("/", 1)[1], lost, world
        self.struck = 0

    def around(self) -> dict[str, Storage]:
        from transfers.wrappers import wrapped

        storages = self._world.storages()

        def strike(verb: str, files: int, call):  # type: ignore[no-untyped-def]
            answer = call()
            if verb == "probe":
                self._strike()
            return answer

        return storages | {"disk": wrapped(storages["disk"], strike)}

    def _strike(self) -> None:
        files = self._world.disk.library.files
        for path in [path for path in files if path.endswith("/" + self._name)]:
            self.struck += 1
            if self._lost:
                files.vanish(path)  # not by the program: the guard does not mind
            else:
                files[path].recalled = (files[path].size, files[path].adler32.__class__(1))


@pytest.mark.parametrize("lost", [True, False])
@pytest.mark.parametrize("lfn", [CHUNK_MDST, MERGED_MDST])
def test_a_file_that_spoils_on_disk_after_it_was_compared_is_held(lfn: str, lost: bool, begin: Begin) -> None:
    journey = begin(runs=1, chunks=3)
    disaster = Disaster(journey.world, lfn, lost=lost)
    outcome = journey.go(storages=disaster.around())
    assert disaster.struck
    assert (outcome.pending, journey.stranded(), journey.violations()) == (0, [], [])
    assert held(journey), "a person must know"
    if lost:
        assert ("replica", "LOST") in {thing[:2] for thing in held(journey)}
    assert journey.guard.removed == []


class ForgetfulRunner(SimulatedRunner):
    """Says once of every job that it does not know it, while the job runs on and writes its files later."""

    def __init__(self, world: World, slots: int, duration: timedelta) -> None:
        super().__init__(world, slots, duration)
        self.forgotten: dict[str, Manifest] = {}

    def poll(self, refs: Sequence[JobRef]) -> Mapping[str, JobStatus]:
        answers = dict(super().poll(refs))
        for ref in refs:
            if ref.label.endswith("a1") and isinstance(answers[ref.label], Running):
                self.forgotten[ref.label] = self._jobs[ref.label][0]
                answers[ref.label] = Vanished("never heard of it")
            if isinstance(answers[ref.label], Ended):
                self._late()
        return answers

    def _late(self) -> None:
        """The forgotten jobs come to their end."""
        for label in list(self.forgotten):
            self._world.work(self.forgotten.pop(label))


def test_a_vanished_job_that_runs_on_writes_beside_the_next_attempt(begin: Begin) -> None:
    journey = begin(runs=1, chunks=3)
    journey.world.runner = ForgetfulRunner(journey.world, 100, timedelta(minutes=90))
    arrives(journey)
    assert states(journey, "groups") == {"CLEANED"}
    debris = journey.debris()
    assert debris, "what the forgotten attempts wrote is known to be unknown"
    assert all("a1/" in path for path in debris)
