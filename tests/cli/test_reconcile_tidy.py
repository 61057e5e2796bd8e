"""ddm reconcile tidy: shown first, then done, and told wherever somebody asks for what is gone."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from catalog.errors import ExitCode
from ddm.reconcile import scanning
from tests.cli.period import own_time
from tests.cli.place import Place
from tests.cli.test_reconcile_compare import at, look, register


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """Two files on disk, one of them gone, scanned and compared three times."""
    monkeypatch.setattr(scanning, "AGAIN", ())
    place = Place(tmp_path)
    (tmp_path / "scratch").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "scratch"))
    toml = place.root / "ddm.toml"
    toml.write_text(toml.read_text() + '\n[reconcile]\nconfirm_after = "0 s"\n')
    place.good("db", "upgrade")
    register(place, "disk", range(2))
    at(place, "disk", 0).unlink()
    for _ in range(3):
        look(place, "disk")
    return place


@pytest.fixture
def later() -> Iterator[None]:
    """All of it is older than a second."""
    with own_time(timedelta(seconds=2)):
        yield


def test_what_goes_is_shown_and_goes_with_yes_and_everybody_is_told(place, later):
    words = ("reconcile", "tidy", "--keep", 1, "--older", "1s")
    there = sorted(path.name for path in (place.root / "reconcile").iterdir())
    assert "0 B: to go" in place.good("reconcile", "tidy")
    told = place.run(*words)
    assert (told.exit_code, "add --yes" in told.output) == (ExitCode.DONE, True)
    assert re.search(r"scan 1 .* DONE .* goes", told.output)
    assert re.search(r"scan 3 .* stays: one of the newest", told.output)
    assert sorted(path.name for path in (place.root / "reconcile").iterdir()) == there
    done = place.json(*words, "--yes")
    assert {(one["what"], one["number"]) for one in done["entries"] if not one["why"]} >= {
        ("scan", 1),
        ("comparison", 1),
    }
    assert "removed" in place.good("reconcile", "scans", "--show", 1)
    assert "lists removed" in place.good("reconcile", "scans")
    assert "findings were removed" in place.good("reconcile", "comparisons")
    shown = place.good("reconcile", "show", 1)
    assert "lost" in shown
    assert "its findings were removed" in shown
    for asked in (("report", 1), ("plan", 1), ("compare", 1)):
        told = place.run("reconcile", *asked)
        assert told.exit_code not in (ExitCode.DONE, ExitCode.HELD)
        assert "removed" in told.output
    assert len(place.json("reconcile", "report")["trends"][0]["points"]) == 3
