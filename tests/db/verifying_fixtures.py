"""Endpoints whose contents are verified, as fixtures."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from catalog.states import VerificationState
from tests.reconcile.verified import Verified

HOUR = timedelta(hours=1)
GOING, STOPPED, BRAKED, DONE = VerificationState
Make = Callable[..., Verified]


@pytest.fixture
def make(catalog_url: str, tmp_path: Path) -> Iterator[Make]:
    made: list[Verified] = []

    def begin(**options: Any) -> Verified:
        made.append(Verified(tmp_path, catalog_url, **options))
        return made[-1]

    yield begin
    for one in made:
        one.app.close()


@pytest.fixture
def lite(sqlite_template: Path, tmp_path: Path) -> Iterator[Make]:
    """The same where it is not about the database."""
    made: list[Verified] = []

    def begin(**options: Any) -> Verified:
        url = f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'catalog.db')}"
        made.append(Verified(tmp_path, url, **options))
        return made[-1]

    yield begin
    for one in made:
        one.app.close()
