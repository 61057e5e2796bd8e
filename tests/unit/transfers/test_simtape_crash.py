"""The simulated tape library is stopped before and after each call that changes its directory.

The n-th change stops the process (here: an exception that nothing catches, after which nothing changes any
more); then the library is opened anew, the same story is told again, and the end must be the same.
"""

from __future__ import annotations

import os
from datetime import timedelta

import pytest

from catalog.checksum import adler32
from catalog.clock import SimulatedClock
from catalog.states import Locality
from transfers.backends.simtape import open_tape
from transfers.model import CopyOrder, Done, Failed, StageOrder
from transfers.testing.suites import fetched

RAW, MERGED = b"raw events " * 50, b"merged " * 30
RAW_PATH, OUT, GONE = "/raw/a.raw", "/out/m.root", "/out/old.root"


class Stopped(BaseException):
    """The process is gone."""


class Stopper:
    """Stops at the n-th change, before it or after it; from then on nothing changes any more."""

    def __init__(self, monkeypatch, at, *, before):
        self.count, self.at, self.before, self.gone = 0, at, before, False
        for name in ("replace", "link", "unlink", "fsync"):
            monkeypatch.setattr(os, name, self.watched(getattr(os, name)))

    def watched(self, call):
        def change(*args, **kwargs):
            self.count += 1
            if self.gone or (self.count == self.at and self.before):
                self.gone = True
                raise Stopped
            try:
                call(*args, **kwargs)
            finally:
                if self.count == self.at:
                    self.gone = True
                    raise Stopped

        return change


def copy_order(work, path, data):
    source = work / path.replace("/", "_")
    source.write_bytes(data)
    return CopyOrder(path, f"file://{source}", len(data), adler32([data]))


def opened(work, clock):
    return open_tape(f"simtape://{work / 'library'}", clock=clock, options={"mount": "30"})


def tell(work, clock, number):
    """Stage and read a raw file, archive one, release both, remove a third; may be told again."""
    tape = opened(work, clock)
    assert set(tape.copy([copy_order(work, OUT, MERGED), copy_order(work, GONE, b"x")]).values()) == {Done()}
    token = tape.stage([StageOrder(RAW_PATH, len(RAW), timedelta(minutes=30))]).token
    clock.sleep(timedelta(hours=1))
    assert tape.poll(token, [RAW_PATH]) == {RAW_PATH: Done()}
    local = work / f"read{number}"
    assert fetched(tape, RAW_PATH, str(local)) == Done()
    assert local.read_bytes() == RAW
    assert set(tape.release(token, [RAW_PATH, OUT]).values()) == {Done()}
    outcome = tape.remove([GONE])[GONE]
    assert outcome == Done() or (isinstance(outcome, Failed) and outcome.code == "file_missing")


def prepared(work):
    clock = SimulatedClock()
    raw = work / "raw"
    raw.write_bytes(RAW)
    opened(work, clock).seed_tape([(RAW_PATH, raw)])
    return clock


def files_of(directory):
    return {
        str(file.relative_to(directory)): file.read_bytes() for file in directory.rglob("*") if file.is_file()
    }


def check_end(work, clock):
    tape = opened(work, clock)
    seen = tape.probe([RAW_PATH, OUT, GONE])
    assert seen[RAW_PATH].locality is seen[OUT].locality is Locality.NEARLINE
    assert seen[GONE].code == "file_missing"
    assert files_of(work / "library/tape") == {"raw/a.raw": RAW, "out/m.root": MERGED}
    assert files_of(work / "library/buffer") == {}


def changes_of_the_story(work):
    clock = prepared(work)
    with pytest.MonkeyPatch.context() as patch:
        stopper = Stopper(patch, 0, before=True)
        tell(work, clock, 0)
    check_end(work, clock)
    return stopper.count


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
def test_the_end_is_the_same_wherever_the_process_stops(tmp_path, before):
    (tmp_path / "whole").mkdir()
    changes = changes_of_the_story(tmp_path / "whole")
    assert changes > 20
    for at in range(1, changes + 1):
        work = tmp_path / f"stopped{at}"
        work.mkdir()
        clock = prepared(work)
        with pytest.MonkeyPatch.context() as patch:
            Stopper(patch, at, before=before)
            with pytest.raises(Stopped):
                tell(work, clock, 1)
        tell(work, clock, 2)
        check_end(work, clock)
