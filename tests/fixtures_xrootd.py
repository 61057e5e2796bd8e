"""Real XRootD servers for tests, one per mode and session; no silent skip where CI runs.

Import the fixtures where they are used: ``from tests.fixtures_xrootd import stock_server, eos_server``.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache

import pytest

from transfers.testing import xrootd_security
from transfers.testing.xrootd import XRootDServer, missing_packages
from transfers.testing.xrootd_security import Tokens


@cache
def _start(eos: bool) -> XRootDServer:
    """One server per mode for the whole session, whichever module asks first."""
    server = XRootDServer.start(eos=eos)
    for key, seconds in {"mount": 0.05, "unmount": 0.02, "seek": 0.01, "archive_delay": 0.4}.items():
        server.set(key, seconds)
    return server


def _need(packages: list[str]) -> None:
    """Fails (CI) or skips (elsewhere) where packages are missing."""
    if packages:
        message = f"needs the Debian packages {' '.join(packages)}"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)


def _server(eos: bool) -> Iterator[XRootDServer]:
    _need(missing_packages(eos=eos))
    server = _start(eos)
    yield server
    server.stop()  # at the end of the session; may be repeated


@pytest.fixture(scope="session")
def xrootd_programs() -> None:
    """For tests that start servers of their own."""
    _need(missing_packages(eos=False))


@pytest.fixture(scope="module")
def issuer(xrootd_programs: None) -> Iterator[Tokens]:
    """Whoever signs the tokens of a test module."""
    _need(xrootd_security.missing_packages())
    with Tokens.make() as tokens:
        yield tokens


@pytest.fixture(scope="session")
def stock_server() -> Iterator[XRootDServer]:
    yield from _server(eos=False)


@pytest.fixture(scope="session")
def eos_server() -> Iterator[XRootDServer]:
    yield from _server(eos=True)
