"""Five rules are broken, one at a time, and each break is caught: the checker can see what it is there for.

Each break has a world in which it does harm. In the same world, with the rules in force, nothing is found.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from catalog.db import releasing
from catalog.retention import GUARDS, Allowed, Certificate, may_go
from catalog.states import Locality
from ddm.steps import cleanup, judging, verify
from ddm.testing.crash import Stopped, StoppingSeam, When
from merging.verdict import Agree
from tests.faults.conftest import Begin
from tests.faults.journeys import Journey
from transfers.backends.tapelibrary import Fault
from transfers.model import Observed
from transfers.verify import judge

PRODUCTION = "/castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1"
MERGED_MDST = f"{PRODUCTION}/mDST/mDST-275678-0-7.root"
CHUNK_MDST = "/eos/experiment/compass/generalprod/dvcs2016P08t1/mDST.chunks/mDST-275678-11001-0-7.root"

Patch = pytest.MonkeyPatch


@dataclass(frozen=True)
class Break:
    """A rule broken, the world in which that does harm, and words of the violation that must be found."""

    prepare: Callable[[Journey], None]
    seed: Callable[[Patch], None]
    caught: str
    stop_after: str = ""  # the crossing at which the program crashes in addition

    def happens(self, journey: Journey) -> list[str]:
        self.prepare(journey)
        journey.go(max_rounds=60) if not self.stop_after else self._crash(journey)
        return journey.violations()

    def _crash(self, journey: Journey) -> None:
        with suppress(Stopped):
            journey.go(_StopAfter(self.stop_after), max_rounds=60)


class _StopAfter(StoppingSeam):
    """Stops after the first crossing of that name."""

    def __init__(self, name: str) -> None:
        super().__init__(when=When.AFTER)
        self._name = name

    def crossing(self, name: str):  # type: ignore[no-untyped-def]
        if name == self._name:
            self._at = len(self.crossings) + 1
        return super().crossing(name)


# ------------------------------------------------------------------- (a) no checksum
def corrupted_copy(journey: Journey) -> None:
    journey.world.mischief.spoils.add(CHUNK_MDST)


def no_checksum(patch: Patch) -> None:
    def blind(size: int, adler32: Any, seen: Any, **how: bool) -> Any:
        return judge(
            size, adler32, replace(seen, adler32=adler32) if isinstance(seen, Observed) else seen, **how
        )

    patch.setattr(verify, "judge", blind)


# ---------------------------------------------------------------------- (b) no count
def lost_event(journey: Journey) -> None:
    journey.world.mischief.loses_events.add(MERGED_MDST)


def no_count(patch: Patch) -> None:
    patch.setattr(judging, "cross_check", lambda run, rules: Agree())


# --------------------------------------------------------- (c) buffer taken for tape
def buffer_only(journey: Journey) -> None:
    journey.world.tape.inject(f"{PRODUCTION}/*", Fault.NO_ARCHIVE, None)


def buffer_is_tape(patch: Patch) -> None:
    def gullible(size: int, adler32: Any, seen: Any, **how: bool) -> Any:
        if isinstance(seen, Observed) and seen.locality is Locality.ONLINE:
            seen = replace(seen, locality=Locality.ONLINE_AND_NEARLINE)
        return judge(size, adler32, seen, **how)

    patch.setattr(verify, "judge", gullible)


# ----------------------------------------------------------------- (d) early deletes
def plain(journey: Journey) -> None:
    """Nothing goes wrong in the world."""


def long_grace(journey: Journey) -> None:
    settings = journey.world.settings
    products = {name: replace(each, grace=timedelta(days=14)) for name, each in settings.products.items()}
    journey.world.settings = replace(settings, products=products)


def no_grace(patch: Patch) -> None:
    """The guard of the grace time is taken away, and what is due is asked for two weeks too early."""
    patch.setattr(releasing, "may_go", partial(may_go, guards=[g for g in GUARDS if g.name != "grace"]))
    asked = releasing.due

    def impatient(conn: Any, now: Any, limit: int | None, **only: Any) -> list[int]:
        return asked(conn, now + timedelta(days=14), limit, **only)

    patch.setattr(releasing, "due", impatient)


def all_may_go(patch: Patch) -> None:
    """Retention always allows, both times, and is asked as soon as a group is merged."""
    patch.setattr(releasing, "may_go", lambda facts: Allowed(Certificate(facts, ())))
    patch.setattr(releasing, "trashable", _of_merged_groups)


def _of_merged_groups(conn: Any, products: Any, limit: int, but: Any) -> dict[int, list[int]]:
    """Every product at once: whichever is asked for."""
    rows = conn.exec_driver_sql("SELECT id FROM merge_group WHERE state IN ('MERGED', 'CHECKED')")
    return releasing.inputs_of(conn, [row[0] for row in rows])


# ------------------------------------------------------------ (e) delete before commit
def delete_first(patch: Patch) -> None:
    claim = cleanup._claim_removal

    def hasty(app: Any, endpoint: str, items: Sequence[Any]) -> Any:
        app.storages[endpoint].remover.remove([item.path for item in items])
        return claim(app, endpoint, items)

    patch.setattr(cleanup, "_claim_removal", hasty)


BREAKS = {
    "no checksum": Break(corrupted_copy, no_checksum, "is AVAILABLE at disk, and the file has"),
    "no count": Break(lost_event, no_count, "is PASSED with"),
    "buffer taken for tape": Break(buffer_only, buffer_is_tape, "it is in the buffer only"),
    "early delete: not archived": Break(plain, all_may_go, "has no replica on tape", "disk.remove"),
    "early delete: no grace": Break(long_grace, no_grace, "within its grace time"),
    "delete before commit": Break(plain, delete_first, "while its replica was TRASHED"),
    "delete before commit, and a crash": Break(
        plain, delete_first, "while its replica was TRASHED", "disk.remove"
    ),
}


@pytest.mark.parametrize("name", BREAKS)
def test_a_seeded_break_is_caught(name: str, begin: Begin, monkeypatch: Patch) -> None:
    assert BREAKS[name].happens(begin(runs=1, chunks=3)) == []
    BREAKS[name].seed(monkeypatch)
    found = BREAKS[name].happens(begin(runs=1, chunks=3))
    assert [text for text in found if BREAKS[name].caught in text], found


def test_the_checker_sees_an_overwritten_and_an_unknown_file(begin: Begin) -> None:
    journey = begin(runs=1, chunks=2)
    journey.go()
    assert journey.violations() == []
    tape, raw = journey.world.tape, journey.world.raw[0]
    tape.library.add_to_buffer(raw.lfn, raw.size, raw.adler32, now=0.0)
    journey.world.disk.put("/stranger", 1, raw.adler32)
    journey.world.disk.remove(["/stranger"])
    found = " ".join(journey.violations())
    assert "was overwritten" in found
    assert "the catalogue does not know it" in found
