"""The numbered cases of docs/explanation/copies.md are the numbered tests, and the other way round."""

from __future__ import annotations

import re
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
PAGE = TESTS.parent / "docs/explanation/copies.md"
MODULES = ("test_xrootd_transfers.py", "test_xrootd_credentials.py")


def test_every_case_has_a_test_and_every_test_a_case() -> None:
    cases = re.findall(r"^\| (\d\.\d) \|", PAGE.read_text(), re.MULTILINE)
    tests = [
        f"{number[0]}.{number[1]}"
        for module in MODULES
        for number in re.findall(r"^def test_(\d)_(\d)_", (TESTS / "conformance" / module).read_text(), re.M)
    ]
    assert sorted(cases) == sorted(tests)
