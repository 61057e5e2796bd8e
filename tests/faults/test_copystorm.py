"""Some storms of ``tests.faults.copystorm``, and that a broken rule is seen in one. Many more:

python -m tests.faults.copystorm 1-200 --files 300
"""

from __future__ import annotations

import pytest

from tests.faults.copystorm import storm
from tests.fixtures_xrootd import xrootd_programs

__all__ = ["xrootd_programs"]
pytestmark = [pytest.mark.xrootd, pytest.mark.usefixtures("xrootd_programs")]

FILES = 60


@pytest.mark.parametrize("seed", [2, 4, 11])
def test_every_file_ends_right_whatever_strikes(seed: int) -> None:
    played = storm(seed, FILES)
    assert played.wrong == [], "\n".join(played.log)
    assert played.struck


def test_a_broken_rule_is_seen() -> None:
    assert storm(8, FILES, breaks="no_checksum").wrong
