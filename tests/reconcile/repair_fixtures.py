"""The ground of repairs as fixtures, and what tests ask of what was done."""

from __future__ import annotations

import functools
from datetime import timedelta
from pathlib import Path

import pytest

from catalog.db import engine
from ddm.operations import repairing
from ddm.reconcile.kinds import Kind
from ddm.steps import debris
from tests.faults.journeys import make_schema
from tests.reconcile.repairs import Ground, sum_of

K = Kind
DARK = "/eos/somebody/file.root"


@pytest.fixture(scope="module")
def schema(tmp_path_factory) -> Path:
    return make_schema(tmp_path_factory.mktemp("schema"))


@pytest.fixture(scope="module", autouse=True)
def _engine_kept():
    """One engine per database, so that its statements are compiled once and not for every program start."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "_engine", functools.cache(engine._engine))
        yield


@pytest.fixture
def begin(tmp_path, schema):
    begun: list[Ground] = []

    def anew(**options) -> Ground:
        for ground in begun:
            ground.close()
        begun.append(Ground.begin(tmp_path / "world", schema, **options))
        return begun[-1]

    yield anew
    for ground in begun:
        ground.close()


@pytest.fixture
def ground(begin) -> Ground:
    return begin()


def outcomes(done: repairing.Applied) -> dict[str, int]:
    found: dict[str, int] = {}
    for one in done.shown.amounts:
        found[one.outcome or "open"] = found.get(one.outcome or "open", 0) + one.files
    return found


def why_not(done: repairing.Applied) -> str:
    return "; ".join(str(line.reason) for line in done.shown.lines)


def put(ground: Ground, path: str, endpoint: str = "disk", text: str = "") -> None:
    ground.store(endpoint).put(path, 1000, sum_of(text or path))


def trash(ground: Ground, *paths: str, kind: Kind = K.DARK) -> Path:
    found = [ground.stranger(kind, path) for path in paths]
    return ground.signed(found, *[("# trash", "trash")] * len(paths))


def after_grace(ground: Ground) -> None:
    ground.world.clock.sleep(timedelta(days=15))
    debris.remove(ground.app)
