"""The bench of dumps, small."""

from __future__ import annotations

import json

from tests.bench.__main__ import main


def test_lists_are_read_as_they_were_written(capsys, tmp_path):
    formats = ["cta.gz", "eos.fileinfo", "csv.quoted"]
    code = main(
        ["dumps", "--lines", "2000", "--odd", "50", "--dir", str(tmp_path), "--json", "--formats", *formats]
    )
    result = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (code, result["problems"]) == (0, [])
    assert all(result[name]["peak_rss_mb"] > 0 for name in formats)
