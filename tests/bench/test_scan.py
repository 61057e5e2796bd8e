"""The bench of scans sees what is wrong, and is wrong then."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

import pytest

from tests.bench.scan import add_arguments, run
from tests.fixtures_xrootd import xrootd_programs
from transfers.backends.xrootd.walking import Walker
from transfers.model import Listing, Looked
from transfers.ports import Following

__all__ = ["xrootd_programs"]


@pytest.mark.xrootd
def test_a_small_bench_is_right_and_a_walker_that_leaves_out_is_wrong(
    xrootd_programs: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    chosen = parser.parse_args(["--files", "300", "--each", "100", "--rounds", "2"])
    figures, problems = run(chosen)
    assert problems == []
    assert figures["entries"] == 304
    wanted = {"seconds", "entries_per_second", "xrdfs_seconds", "xrdfs_entries_per_second", "ratio"}
    assert wanted <= set(figures)
    walk = Walker.walk

    def half(self: Walker, following: Following) -> Iterator[tuple[str, Looked]]:
        for directory, looked in walk(self, following):
            whole = isinstance(looked, Listing) and looked.names
            yield directory, Listing() if whole else looked

    monkeypatch.setattr(Walker, "walk", half)
    assert run(chosen)[1]
