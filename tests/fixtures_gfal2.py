"""The real gfal2 library for tests; no silent skip where CI runs.

Import the fixture where it is used: ``from tests.fixtures_gfal2 import gfal2_library``.
"""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

import pytest

PLUGINS = ("mock", "xrootd", "http")


@pytest.fixture(scope="session")
def gfal2_library() -> None:
    """Fails (CI) or skips (elsewhere) where the library or a plug-in that the tests use is not there."""
    missing = []
    if importlib.util.find_spec("gfal2") is None:
        missing.append("the Python module gfal2 (run: tools/link-gfal2)")
    missing += [f"Debian's gfal2-plugin-{name}" for name in PLUGINS if not _plugin(name)]
    if missing:
        message = f"needs {', '.join(missing)}; see docs/howto/gfal2.md"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)


def _plugin(name: str) -> bool:
    return any(Path("/usr").glob(f"lib*/**/gfal2-plugins/libgfal_plugin_{name}.so"))
