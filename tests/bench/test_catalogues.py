"""The bench of two catalogues, small: planted differences are found."""

from __future__ import annotations

import json

from tests.bench.__main__ import main


def test_everything_planted_is_found_and_nothing_else(capsys, tmp_path):
    code = main(["catalogues", "--files", "3000", "--dir", str(tmp_path), "--json"])
    result = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (code, result["problems"]) == (0, [])
    assert result["entries"] == 3000
