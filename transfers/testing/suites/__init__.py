"""The rules of ``transfers.ports`` as tests: a new backend is a ten-line subclass.

::

    class TestMine(StorageSuite):
        @pytest.fixture
        def rig(self, tmp_path):
            return MyRig(tmp_path)

A ``Rig`` is the storage under test together with ways around it: it makes files at the endpoint, and looks
at them, without the code under test. One rig per test (or one directory of a shared server per test: all
paths are made by ``rig.path``). What a backend or service cannot do is said by the flags of the rig and by
``Storage.capabilities``; the tests it concerns are skipped, or ask for the honest refusal.
"""

from __future__ import annotations

from transfers.testing.suites.copies import CopierSuite
from transfers.testing.suites.files import ListerSuite, ProberSuite, RangeReaderSuite, RemoverSuite
from transfers.testing.suites.rig import (
    ODD_NAMES,
    Contents,
    Rig,
    Stopped,
    code_of,
    contents,
    fetched,
    settle_by_clock,
    settle_for_real,
)
from transfers.testing.suites.tape import StagerSuite
from transfers.testing.suites.walks import RealWalkerSuite, WalkerSuite

__all__ = [
    "ODD_NAMES",
    "Contents",
    "CopierSuite",
    "ListerSuite",
    "ProberSuite",
    "RangeReaderSuite",
    "RealWalkerSuite",
    "RemoverSuite",
    "Rig",
    "StagerSuite",
    "Stopped",
    "StorageSuite",
    "WalkerSuite",
    "code_of",
    "contents",
    "fetched",
    "settle_by_clock",
    "settle_for_real",
]


class StorageSuite(ProberSuite, CopierSuite, RemoverSuite, StagerSuite, RangeReaderSuite):
    """All of it, for a whole ``Storage``."""
