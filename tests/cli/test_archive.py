"""ddm archive show, status and verify, on a simulated tape library on disk."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from catalog.clock import SystemClock
from catalog.db import schema
from catalog.db.evidence_look import Proof
from catalog.errors import ExitCode
from catalog.evidence import Grade, Piece, Settled, Wanted, settled, settled_in_short, sufficient
from catalog.states import GroupState
from catalog.testing.builders import Situation
from ddm import flow
from ddm.cli.program import ddm
from tests.faults.archiving import SmallArchive, small_archive

A, B = "/castor/mdst/m-270000-0.root", "/castor/mdst/m-270000-1.root"
DATA = {A: b"merged " * 100, B: b"and more " * 90}


class Here:
    def __init__(self, root: Path, archive: SmallArchive) -> None:
        self.root, self.archive = root, archive

    def run(self, *words: object) -> Result:
        return CliRunner().invoke(ddm, [*map(str, words), "--config", str(self.root / "ddm.toml")])

    def json(self, code: int, *words: object) -> Any:
        told = self.run(*words, "--json")
        assert told.exit_code == code, told.output
        return json.loads(told.stdout)


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Here]:
    """Two merged files of a run, on tape with their first evidence."""
    tape = f'backend = "simtape"\nprefix = "simtape://{tmp_path}/tape"\n'
    tape += "options = { archive_delay = 0, mount = 0 }"
    archive = small_archive(tmp_path, DATA, tape, product='settle = "1 ms"\n', flow='interval = "1 ms"\n')
    with archive.app.catalog.begin() as conn:
        situation = Situation.__new__(Situation)
        situation.conn, situation.now, situation.task = conn, SystemClock().now(), 1
        for part, replica in enumerate(archive.wanted.values()):
            output = situation.get(schema.replica, replica).file_id
            situation.group([], GroupState.CHECKED, output=output, part=part, run=270_000)
    for _ in range(4):
        flow.tick(archive.app)
    assert set(archive.states().values()) == {"AVAILABLE"}
    yield Here(tmp_path, archive)
    archive.app.close()


def test_each_piece_is_shown_with_time_and_source(here: Here) -> None:
    (one, other) = here.json(0, "archive", "show", "270000")
    assert (one["lfn"], other["lfn"]) == (A, B)
    piece = one["pieces"][0]
    assert (piece["grade"], piece["source"], piece["how"], piece["counts"]) == (
        "b",
        "tape (simtape)",
        "service",
        True,
    )
    assert piece["size"] == len(DATA[A])
    assert one["settled_at"] is not None
    told = here.run("archive", "show", "m-270000-0.root").stdout
    assert f"{A} at tape\n  AVAILABLE since " in told
    assert "settled since " in told
    assert here.run("archive", "show", "270001").exit_code == ExitCode.FAILED
    assert "nothing that was merged of this run" in here.run("archive", "show", "270001").stderr


def test_evidence_on_demand(here: Here) -> None:
    before = {one["lfn"]: len(one["pieces"]) for one in here.json(0, "archive", "show", A, B)}
    found = here.json(0, "archive", "verify", "270000")
    assert [(one["lfn"], one["result"], one["grade"]) for one in found] == [
        (A, "taken", "b"),
        (B, "taken", "b"),
    ]
    after = {one["lfn"]: len(one["pieces"]) for one in here.json(0, "archive", "show", A, B)}
    assert after == {lfn: n + 1 for lfn, n in before.items()}
    here.run("archive", "verify", B)
    (sampled,) = here.json(0, "archive", "verify", "--sample", "1")
    assert sampled["lfn"] == A  # not looked at for longest
    assert here.run("archive", "verify").exit_code == ExitCode.USAGE
    assert here.run("archive", "verify", A, "--sample", "1").exit_code == ExitCode.USAGE


def test_a_re_read_is_asked_for_and_made_by_the_flow(here: Here) -> None:
    (found,) = here.json(0, "archive", "verify", A, "--reread")
    assert found["result"] == "waits"  # in the buffer, and asked to leave it
    results = set()
    for _ in range(8):
        results.add(here.json(0, "archive", "verify", A, "--reread")[0]["result"])
        flow.tick(here.archive.app)
        grades = [piece["grade"] for piece in here.json(0, "archive", "show", A)[0]["pieces"]]
        if "c" in grades:
            break
    assert "c" in grades
    assert "recalled" in results


def test_a_contradiction_ends_with_held_and_silence_with_some_failed(here: Here) -> None:
    tape = here.root / "tape"
    good = (tape / "state.json").read_bytes()
    (tape / "state.json").write_bytes(b"not to be read")
    found = here.json(ExitCode.SOME_FAILED, "archive", "verify", A)
    assert found[0]["result"] == "unheard"
    assert set(here.archive.states().values()) == {"AVAILABLE"}
    (tape / "state.json").write_bytes(good)
    here.archive.app.storages["tape"].remover.remove([A])
    (found,) = here.json(ExitCode.HELD, "archive", "verify", A)
    assert (found["result"], here.archive.states()[A]) == ("contradicted", "LOST")
    (found,) = here.json(ExitCode.SOME_FAILED, "archive", "verify", A)
    assert (found["result"], found["text"]) == ("not available", "it is LOST")
    (shown,) = here.json(0, "archive", "show", A)
    assert (shown["settled_at"], shown["not_settled"]) == (None, "it is LOST")
    assert not any(piece["counts"] for piece in shown["pieces"])


def test_status_tells_grades_and_what_waits(here: Here) -> None:
    (line,) = here.json(0, "archive", "status")["proofs"]
    assert (line["product"], line["wanted"], line["best"]) == ("mDST", "b", {"b": 2})
    assert line["settled"] == {"files": 2, "size": sum(map(len, DATA.values()))}
    assert (line["waiting"], line["oldest"]) == (0, None)
    told = here.run("archive", "status").stdout
    assert "Evidence" in told
    assert "2 b" in told


# -------------------------------------------------------------- many at a time is the same as one
T0 = datetime(2026, 1, 1, tzinfo=UTC)
PIECES = st.lists(
    st.builds(
        lambda g, h: Piece(g, T0 + timedelta(hours=h), "t"), st.sampled_from(Grade), st.integers(0, 99)
    ),
    max_size=5,
)


@given(PIECES, st.sampled_from(Grade), st.integers(0, 60))
def test_what_status_says_of_many_is_what_settled_says_of_each(
    pieces: list[Piece], grade: Grade, hours: int
) -> None:
    wanted, now = Wanted(grade, timedelta(hours=hours)), T0 + timedelta(days=9)
    times = sorted(piece.taken_at for piece in pieces)
    better = sorted(piece.taken_at for piece in pieces if piece.grade is not Grade.A)
    ends = [(some[0], some[-1]) if some else (None, None) for some in (times, better)]
    best = max((piece.grade.value for piece in pieces), default=None)
    done, at = settled_in_short(Proof("t", "p", 1, 1, best, *ends[0], *ends[1]), wanted)
    found = settled(pieces, wanted, now)
    assert done == isinstance(found, Settled)
    if not done and sufficient(pieces, wanted, now) and grade is not Grade.C:
        assert at == found.look_at  # type: ignore[union-attr]
