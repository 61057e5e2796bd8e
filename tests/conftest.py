"""What every test shares: the profiles of Hypothesis, and the database servers for those that ask for one.

``quick`` is the default. With CI=true the examples are the same every time, and half as many, as repeating
them finds nothing; HYPOTHESIS_PROFILE=nightly tries many more. No profile has a deadline: a busy machine is
not a bug.

No test cuts the power: what survives is judged after processes that ended or were killed, and for that SQLite
need not wait for the disk at every commit, which is half of the time of many a test.

A shell that starts the tests in the background has programs ignore SIGINT, and so their children. Tests send
it as Ctrl-C would, so it counts again.
"""

from __future__ import annotations

import os
import signal

import pytest
from hypothesis import settings

from catalog.db import engine
from tests import quickly

pytest_plugins = ["tests.fixtures_mariadb", "tests.fixtures_mounts", "tests.fixtures_postgresql"]

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

engine.SYNCHRONOUS = "OFF"  # test_dialects looks at what it is without us
quickly.share_compiled()
quickly.no_collections()


def pytest_collection_finish() -> None:
    quickly.few_collections()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What takes minutes is left for ``-m nightly``; the closing line counts it as deselected. What takes
    long comes first, so that no process has it left when the others are done."""
    if "nightly" not in (config.option.markexpr or ""):
        nightly = [item for item in items if item.get_closest_marker("nightly")]
        if nightly:
            config.hook.pytest_deselected(items=nightly)
            items[:] = [item for item in items if not item.get_closest_marker("nightly")]
    items.sort(key=lambda item: item.path.parent.name not in ("faults", "journey"))


settings.register_profile("quick", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True, max_examples=50)
settings.register_profile("nightly", deadline=None, max_examples=3000)
settings.load_profile(
    os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") == "true" else "quick")
)
