"""The bench of repairs, small: every line of its plan comes to the end that it should."""

from __future__ import annotations

import json

import pytest

from tests.bench.__main__ import main


@pytest.mark.nightly
def test_all_lines_have_their_outcome(capsys, tmp_path):
    code = main(["repairs", "--lines", "4000", "--applied", "3000", "--dir", str(tmp_path), "--json"])
    result = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (code, result["problems"]) == (0, [])
    assert {"plan_cpu_seconds", "apply_peak_rss_mb", "resume_seconds"} <= result.keys()
