"""The bench of merging: it finds out a merge that is wrong, and its fields are there."""

from __future__ import annotations

import argparse

import pytest

from tests.bench import merge


@pytest.fixture
def chosen(tmp_path, monkeypatch):
    monkeypatch.setattr(merge, "SIZES", (2, 1))
    parser = argparse.ArgumentParser()
    merge.add_arguments(parser)
    words = ["--gigabytes", "0.003", "--rounds", "1", "--only", "date", "--directory", str(tmp_path)]
    return parser.parse_args(words)


def test_a_right_merge_has_no_problems(chosen, tmp_path):
    figures, problems = merge.run(chosen)
    assert problems == []
    assert figures["date_files"] == 2
    assert figures["date_vs_cat"] > 0
    assert 0 < figures["peak_rss_mb"] < 200
    assert list(tmp_path.iterdir()) == []


def test_a_merge_that_loses_a_file_is_a_problem(chosen, monkeypatch):
    whole = merge._by_format("date")
    monkeypatch.setattr(merge, "_by_format", lambda _: lambda inputs, output: whole(inputs[1:], output))
    _, problems = merge.run(chosen)
    assert len(problems) == 1
    assert problems[0].startswith("date: ")
