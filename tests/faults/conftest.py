"""Fixtures of the fault tests: many small journeys, so that each must begin quickly."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from catalog.db import engine
from tests.faults.journeys import Journey, make_schema


@pytest.fixture(scope="module")
def schema(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty catalogue."""
    return make_schema(tmp_path_factory.mktemp("schema"))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory for one journey after the other."""
    return tmp_path_factory.mktemp("place") / "world"


@pytest.fixture(scope="module")
def _engine_kept() -> Iterator[None]:
    """One engine per database, so that its statements are compiled once and not for every program start."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "_engine", functools.cache(engine._engine))
        yield


Begin = Callable[..., Journey]


@pytest.fixture
def begin(place: Path, schema: Path, _engine_kept: None) -> Iterator[Begin]:
    """Begins a journey; the one before is over, and nothing is left of it."""
    begun: list[Journey] = []

    def over() -> None:
        for journey in begun:
            journey.close()
        begun.clear()

    def anew(**world: Any) -> Journey:
        over()
        begun.append(Journey.begin(place, schema, **world))
        return begun[0]

    yield anew
    over()
