"""Commands that take long say how far they are: in a log, line by line, on standard error."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ddm.cli import toolkit
from tests.cli.period import GRACE, RUN, own_time


@pytest.fixture
def place(made, tmp_path, monkeypatch):
    """Everything is in the trash, and its grace time is over; progress is told at every step."""
    monkeypatch.setitem(toolkit.progress.__wrapped__.__kwdefaults__, "every", 0.0)
    with own_time(made.ahead) as time:
        time.jump(GRACE + timedelta(hours=1))
        yield made.copy(tmp_path / "place")


def test_looking_at_tape_verifying_papers_and_emptying_the_trash_tell_how_far_they_are(place):
    looked = place.run("archive", "verify", RUN)
    assert looked.exit_code == 0
    assert looked.stderr.splitlines()[-1] == "asked about: 4 copies"
    many = place.run("certificate", "verify", "--all").stderr.splitlines()
    count = len(place.json("certificate", "list", "--limit", 1000))
    assert count > 1
    assert many[0] == f"verified: 1 of {count} certificates"
    assert many[-1] == f"verified: {count} of {count} certificates"
    emptied = place.run("trash", "empty", "--yes")
    assert emptied.exit_code == 0
    assert emptied.stderr.splitlines()[-1] == "removed: 9 of 9 copies"
