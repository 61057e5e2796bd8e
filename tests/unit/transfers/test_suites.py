"""The shipped suites catch backends that break the rules: each break is seeded, and must be seen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from catalog.clock import SimulatedClock
from catalog.states import Locality
from tests.conformance.test_memory import MemoryRig
from tests.conformance.test_posix import PosixRig
from transfers.backends import memory
from transfers.model import Done, Failed, Observed, Pending, StageReceipt
from transfers.testing import suites
from transfers.wrappers import wrapped

SUITE = suites.StorageSuite()


@pytest.fixture(autouse=True)
def _forget_stores():
    yield
    memory.reset()


def broken(rig, **breaks: Callable):
    """The rig, with ``verb=function(answer)`` put over the answers of that verb."""

    def around(verb, files, call):
        answer = call()
        return breaks[verb](answer) if verb in breaks else answer

    rig.storage = wrapped(rig.storage, around)
    return rig


def each(change):
    return lambda answer: {path: change(outcome) for path, outcome in answer.items()}


def all_done(answer):
    return dict.fromkeys(answer, Done())


def no_checksum(seen):
    return replace(seen, adler32=None) if isinstance(seen, Observed) else seen


def on_tape_already(seen):
    return replace(seen, locality=Locality.ONLINE_AND_NEARLINE) if isinstance(seen, Observed) else seen


def forget_failures(answer):
    return {path: outcome for path, outcome in answer.items() if not isinstance(outcome, Failed)}


def nothing_pending(answer):
    return {path: Done() if isinstance(outcome, Pending) else outcome for path, outcome in answer.items()}


@pytest.mark.parametrize(
    ("test", "breaks"),
    [
        ("test_probe_answers_for_every_path", {"probe": forget_failures}),
        ("test_probe_gives_size_and_checksum", {"probe": each(no_checksum)}),
        ("test_copy_never_overwrites", {"copy": all_done}),
        ("test_copy_refuses_another_checksum", {"copy": all_done}),
        ("test_copy_mixes_good_and_bad", {"copy": forget_failures}),
        ("test_remove_again_says_missing", {"remove": all_done}),
        ("test_fetch_of_a_missing_file", {"fetch": all_done}),
    ],
)
def test_breaks_of_a_disk_are_caught(tmp_path, test, breaks):
    more = {"existing": b"BYTES"} if test == "test_copy_never_overwrites" else {}
    getattr(SUITE, test)(PosixRig(tmp_path), **more)
    (tmp_path / "again").mkdir()
    with pytest.raises((AssertionError, FileNotFoundError)):
        getattr(SUITE, test)(broken(PosixRig(tmp_path / "again"), **breaks), **more)


@pytest.mark.parametrize(
    ("test", "breaks"),
    [
        ("test_a_written_file_reaches_the_tape_later", {"probe": each(on_tape_already)}),
        ("test_stage_makes_readable_and_release_nearline", {"poll": nothing_pending}),
        ("test_stage_mixes_good_and_missing", {"poll": all_done}),
        ("test_poll_of_a_request_nobody_made", {"poll": all_done}),
        ("test_a_forgotten_request_is_said_to_have_vanished", {"poll": all_done}),
        ("test_stage_mixes_good_and_missing", {"stage": lambda r: StageReceipt(r.token, {})}),
    ],
)
def test_breaks_of_a_tape_are_caught(tmp_path, test, breaks):
    def run(rig):
        getattr(SUITE, test)(rig, rig.storage.stager)

    run(MemoryRig(tmp_path, tape=True))
    memory.reset()
    with pytest.raises((AssertionError, KeyError)):
        run(broken(MemoryRig(tmp_path, tape=True), **breaks))


def test_a_release_that_drops_the_only_copy_is_caught(tmp_path):
    rig = MemoryRig(tmp_path, tape=True)

    def drops(answer):
        for path in answer:
            rig.store.library.files.pop(path, None)
        return answer

    broken(rig, release=drops)
    with pytest.raises(AssertionError):
        SUITE.test_release_never_drops_the_only_copy(rig, rig.storage.stager)


def test_an_endless_wait_fails():
    with pytest.raises(AssertionError, match="did not settle"):
        suites.settle_by_clock(SimulatedClock(), lambda: False)
    with pytest.raises(AssertionError, match="did not settle"):
        suites.settle_for_real(lambda: False, every=0.001, limit=0.01)
