"""The FTS test server with certificates, for tests of the real FTS client library; no silent skip in CI.

Import the fixtures where they are used: ``from tests.fixtures_fts import credentials``.
"""

from __future__ import annotations

import os
import shutil
from importlib.util import find_spec

import pytest

from transfers.testing.fts import Credentials


def _missing() -> str:
    if find_spec("fts3") is None or find_spec("M2Crypto") is None:
        return "needs the FTS client library: pip install 'ddm[fts]', with swig, libssl-dev and gcc"
    if shutil.which("openssl") is None:
        return "needs the program openssl"
    return ""


@pytest.fixture(scope="session")
def credentials(tmp_path_factory: pytest.TempPathFactory) -> Credentials:
    """An authority, a host certificate and users, made once."""
    if problem := _missing():
        if os.environ.get("CI"):
            pytest.fail(problem)
        pytest.skip(problem)
    return Credentials.make(tmp_path_factory.mktemp("credentials"))
