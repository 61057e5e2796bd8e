"""``ddm reconcile verify`` on files that are really there: a local disk and a simulated tape library."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from catalog.clock import SystemClock
from catalog.db import schema, tally
from catalog.db.removal_hours import hour_of
from catalog.errors import ExitCode
from ddm import flow
from ddm.cli.program import ddm
from tests.faults.archiving import SmallArchive, small_archive

A, B, C = (f"/castor/mdst/m-270000-{n}.root" for n in range(3))
DATA = {A: b"merged " * 100, B: b"and more " * 90, C: b"the last " * 80}
BUDGET = ("--budget", "1 GB")


class Here:
    def __init__(self, root: Path, archive: SmallArchive) -> None:
        self.root, self.archive = root, archive

    def run(self, *words: object) -> Result:
        said = ["reconcile", "verify", *map(str, words), "--config", str(self.root / "ddm.toml")]
        return CliRunner().invoke(ddm, said)

    def json(self, code: int, *words: object) -> Any:
        told = self.run(*words, "--json")
        assert told.exit_code == code, told.output
        return json.loads(told.stdout)

    def states(self, endpoint: str) -> list[str]:
        r = schema.replica
        with self.archive.app.catalog.read() as conn:
            query = select(r.c.state).where(r.c.endpoint_id == self.archive.app.endpoint_ids[endpoint])
            return list(conn.execute(query.order_by(r.c.id)).scalars())


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Here]:
    """Three files on disk and on tape."""
    tape = f'backend = "simtape"\nprefix = "simtape://{tmp_path}/tape"\n'
    tape += "options = { archive_delay = 0, mount = 0 }"
    quick = 'interval = "1 ms"\nfirst_wait = "1 ms"\nlongest_wait = "10 ms"\n'
    archive = small_archive(tmp_path, DATA, tape, product='settle = "0 s"\n', flow=quick)
    with archive.app.catalog.begin() as conn:
        tally.rebuild(conn)
    for _ in range(4):
        flow.tick(archive.app)
    made = Here(tmp_path, archive)
    assert made.states("tape") == ["AVAILABLE"] * 3
    yield made
    archive.app.close()


def flipped(data: bytes) -> bytes:
    """One bit of it is another."""
    return data[:40] + bytes([data[40] ^ 1]) + data[41:]


def test_one_flipped_byte_and_a_truncated_file_are_found(here: Here) -> None:
    done = here.json(0, "--all", *BUDGET)
    assert [(it["endpoint"], it["state"], it["good"]) for it in done["rounds"]] == [
        ("disk", "DONE", 3),
        ("tape", "DONE", 3),
    ]
    (here.root / "disk" / A.lstrip("/")).write_bytes(flipped(DATA[A]))
    (here.root / "disk" / C.lstrip("/")).write_bytes(DATA[C][:-1])
    found = here.json(ExitCode.SOME_FAILED, "--all", "--how", "read", *BUDGET)
    assert {one["lfn"]: (one["outcome"], one["state"]) for one in found["found"]} == {
        A: ("differs", "BAD"),
        C: ("differs", "BAD"),
    }
    assert here.states("disk") == ["BAD", "AVAILABLE", "BAD"]
    shown = here.run("--status")
    assert shown.exit_code == 0
    assert f"{len(DATA[C]) - 1} bytes, {len(DATA[C])} were expected" in shown.stdout


def test_a_bit_that_flipped_on_tape_is_found_by_a_recall(here: Here) -> None:
    (here.root / "tape/tape" / B.lstrip("/")).write_bytes(flipped(DATA[B]))
    words = ("--all", "--how", "read", "--endpoint", "tape", "--once", *BUDGET)
    assert here.json(0, "--all", "--endpoint", "tape", *BUDGET)["rounds"][0]["good"] == 3  # its word
    told = here.run(*words)
    assert told.exit_code == ExitCode.BUSY, told.output
    assert "from tape" in told.stdout
    connection = here.archive.app.catalog
    for _ in range(40):
        flow.tick(here.archive.app)
        with connection.begin() as conn:  # its answers are asked for at once
            at = here.archive.app.now
            conn.exec_driver_sql(f"UPDATE verification_line SET next_try_at = '{schema.iso(at)}'")
        answer = here.run(*words, "--json")
        if answer.exit_code != ExitCode.BUSY:
            break
    assert answer.exit_code == ExitCode.SOME_FAILED, answer.output
    (round_,) = json.loads(answer.stdout)["rounds"]
    assert (round_["state"], round_["good"], round_["odd"]) == ("DONE", 2, 1)
    assert here.states("tape") == ["AVAILABLE", "BAD", "AVAILABLE"]


def test_a_round_is_stopped_and_gone_on_with(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    began = datetime.now(UTC)
    ahead = hour_of(began) + timedelta(hours=1) - began
    monkeypatch.setattr(SystemClock, "now", lambda _: datetime.now(UTC) + ahead)  # an hour has just begun
    least = min(map(len, DATA.values()))
    words = ("--all", "--how", "read", "--endpoint", "disk", "--once", "--budget", least)
    first = here.json(ExitCode.BUSY, *words)["rounds"][0]
    assert (first["good"], first["state"]) == (1, "GOING")
    number = first["id"]
    assert here.json(0, "--stop", number, "--reason", "slow")["state"] == "STOPPED"
    refused = here.run(*words)
    assert (refused.exit_code, refused.stderr.count("\n")) == (ExitCode.FAILED, 1)
    assert f"--go-on {number}" in refused.stderr
    assert "slow" in here.run("--status").stdout
    assert here.json(ExitCode.BUSY, "--go-on", number, "--once")["rounds"][0]["id"] == number
    assert here.json(0, "--all", "--how", "read", "--endpoint", "disk", *BUDGET)["rounds"][0]["good"] == 3


NONSENSE = (
    (("--all",), "--budget"),
    (("--all", "--sample", "1%", *BUDGET), "one of"),
    ((), "one of"),
    (("--sample", "1", *BUDGET), "1%"),
    (("--sample", "0%", *BUDGET), "percentage"),
    (("--sample", "101%", *BUDGET), "percentage"),
    (("--sample", "nan%", *BUDGET), "percentage"),
    (("--all", "--budget", "much"), "bytes"),
    (("--all", "--budget", "0"), "1 byte"),
    (("--all", "--run", "x", *BUDGET), "A..B"),
    (("--all", "--query", "run >", *BUDGET), "expected"),
    (("--sample", "1%", "--seed", "a", *BUDGET), "--random"),
    (("--all", "--endpoint", "nowhere", *BUDGET), "nowhere"),
    (("--stop", "77"), "77"),
    (("--go-on", "77"), "77"),
)


def test_a_round_of_nothing_says_why(here: Here) -> None:
    with here.archive.app.catalog.begin() as conn:
        conn.execute(schema.replica.update().values(state="UNVERIFIED"))
        tally.rebuild(conn)
    told = here.run("--all", "--endpoint", "disk", *BUDGET)
    assert told.exit_code == ExitCode.DONE
    assert "0 of 0" in told.output
    assert "disk: 3 copies UNVERIFIED, not looked at: only AVAILABLE ones are" in told.output
    assert here.json(ExitCode.DONE, "--all", "--endpoint", "disk", *BUDGET)["others"] == [
        ["disk", "UNVERIFIED", 3]
    ]


def test_what_makes_no_sense_is_said_in_words_and_changes_nothing(here: Here) -> None:
    for words, expected in NONSENSE:
        told = here.run(*words)
        assert told.exit_code in (ExitCode.USAGE, ExitCode.FAILED), words
        assert expected in told.stderr, words
        assert "Traceback" not in told.stderr
    assert here.json(0, "--status")["rounds"] == []
