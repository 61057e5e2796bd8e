"""What tests of commands share: a small period that is made once, as it takes some seconds."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from tests.cli.period import Period, own_time


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory, testrun_uid: str) -> Period:
    """Everything is archived, and what it was made from is in the trash, within its grace time. To copy.

    The processes of one run of the tests share it: the first makes it, the others wait.
    """
    top = tmp_path_factory.getbasetemp().parent / f"period-{testrun_uid}"
    top.mkdir(exist_ok=True)
    root, ahead = top / "made", top / "ahead"
    with _alone(top / "lock"):
        if not ahead.exists():
            with own_time(breath=0.3):
                Period.make(root)
            ahead.write_text(str(Period.ahead.total_seconds()))
    Period.ahead = timedelta(seconds=float(ahead.read_text()))
    return Period.again(root)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
