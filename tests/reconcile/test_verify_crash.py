"""Killed at any crossing, a verification goes on where it was: the end is the same, and nothing is lost."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from catalog.db import verifying as rounds
from catalog.db.engine import Catalog
from catalog.states import HowVerified, VerificationState
from ddm import flow
from ddm.operations import verifying
from ddm.operations.verifying import Want
from ddm.testing.crash import Stopped, StoppingSeam, When
from tests.reconcile.verified import DISK, FEW, SIZE, TAPE, Verified

FILES = FEW + 8  # two batches of reading


@pytest.fixture(scope="module")
def schema(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty catalogue, to be copied."""
    path = tmp_path_factory.mktemp("schema") / "catalog.db"
    with Catalog(f"sqlite:///{path}") as catalog:
        catalog.create()
    return path


def placed(schema: Path, root: Path, **options: Any) -> Verified:
    root.mkdir()
    return Verified(root, f"sqlite:///{shutil.copy(schema, root / 'catalog.db')}", **options)


def world(schema: Path, root: Path) -> Verified:
    here = placed(schema, root, files=FILES, per_hour=SIZE * (FILES - 3))
    here.spoil(3)
    here.lose(FILES - 1)
    return here


def to_the_end(here: Verified, want: Want, step: Callable[[], Any] = lambda: None) -> Any:
    """What a person does, who gives the same command again after a crash."""
    (it,) = verifying.begin(here.app, want, confirmed=True)
    for _ in range(300):
        verifying.run(here.app, [it.id], once=True)
        step()
        if here.one(it.id).state is not VerificationState.GOING:
            break
        here.later(timedelta(minutes=30))
    return it.id


FIRST = 1


def over(here: Verified) -> bool:
    """Whether it was killed just after the round was over: then the same command would begin a new one."""
    with here.app.catalog.read() as conn:
        return any(it.state is VerificationState.DONE for it in rounds.listing(conn, 1))


def end(here: Verified, number: int, endpoint: str = DISK) -> Any:
    it = here.one(number)
    found = sorted((one.lfn, one.outcome) for one in here.found(number))
    rows = [(row.state, row.verified_how, row.read_at is not None) for row in here.rows(endpoint)]
    return it.state, it.good, it.good_size, it.odd, it.passed, it.taken, found, rows


@pytest.mark.parametrize(
    "how", [HowVerified.READ, pytest.param(HowVerified.ASKED, marks=pytest.mark.nightly)]
)
def test_a_crash_at_any_crossing_changes_nothing_at_the_end(
    schema: Path, tmp_path: Path, how: HowVerified
) -> None:
    want = Want(how, endpoint=DISK)
    here, seam = world(schema, tmp_path / "undisturbed"), StoppingSeam()
    here.again(seam)
    begun = len(seam.crossings)
    expected = end(here, to_the_end(here, want))
    here.app.close()
    assert expected[1:4] == (FILES - 2, expected[2], 2)
    assert {"verify", "disk.reread" if how is HowVerified.READ else "disk.probe"} <= set(seam.crossings)
    for at in range(begun + 1, len(seam.crossings) + 1):
        for when in When:
            here = world(schema, tmp_path / f"{at}-{when}")
            here.again(StoppingSeam(at, when))
            with pytest.raises(Stopped):
                to_the_end(here, want)
            here.later(timedelta(minutes=1))
            here.again()
            if not over(here):
                to_the_end(here, want)
            assert end(here, FIRST) == expected, (at, when, seam.crossings[at - 1])
            here.app.close()


@pytest.mark.nightly
def test_a_crash_while_tapes_are_read_changes_nothing_at_the_end(schema: Path, tmp_path: Path) -> None:
    """Of the crossings of the flow, those of other tests; here those in which something is verified."""
    want = Want(HowVerified.READ, endpoint=TAPE)

    def taped(name: str) -> Verified:
        here = placed(schema, tmp_path / name, files=0, tape=2)
        here.world.settings = replace(here.world.settings, tasks={})
        return here

    here, seam = taped("undisturbed"), StoppingSeam()
    app = here.again(seam)
    expected = end(here, to_the_end(here, want, lambda: flow.tick(app)), TAPE)
    assert expected[:2] == (VerificationState.DONE, 2)
    here.app.close()
    mine = [n for n, name in enumerate(seam.crossings, 1) if name in ("verify", "tape.reread")]
    assert len(mine) > 5
    for at in mine[:: max(1, len(mine) // 6)]:
        for when in When:
            here = taped(f"{at}-{when}")
            app = here.again(StoppingSeam(at, when))
            with pytest.raises(Stopped):
                to_the_end(here, want, lambda app=app: flow.tick(app))  # type: ignore[misc]
            app = here.again()
            flow.recover(app)
            if not over(here):
                to_the_end(here, want, lambda app=app: flow.tick(app))  # type: ignore[misc]
            assert end(here, FIRST, TAPE) == expected, (at, when)
            here.app.close()
