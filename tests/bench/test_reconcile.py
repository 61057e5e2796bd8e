"""The bench of reconciliation, small: planted differences are found, and a spoilt world is told."""

from __future__ import annotations

import json

import pytest

from tests.bench.__main__ import main


def bench(capsys, tmp_path, *arguments: str) -> tuple[int, dict]:
    code = main(["reconcile", "--files", "3000", "--dir", str(tmp_path), "--json", *arguments])
    return code, json.loads(capsys.readouterr().out.splitlines()[-1])


@pytest.mark.parametrize("database", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def test_everything_planted_is_found_and_nothing_else(database, capsys, tmp_path):
    code, result = bench(capsys, tmp_path, "--db", database)
    assert (code, result["missed"], result["invented"], result["planted"]) == (0, 0, 0, 60)
    assert {"seconds", "compare_seconds", "peak_rss_mb", "sort_comm_seconds"} <= result.keys()


@pytest.mark.parametrize(("broken", "missed", "invented"), [("name", 1, 0), ("size", 0, 1), ("list", 0, 1)])
def test_a_spoilt_world_is_told(broken, missed, invented, capsys, tmp_path):
    code, result = bench(capsys, tmp_path, "--break", broken)
    assert (code, result["missed"], result["invented"]) == (1, missed, invented)
