"""What a process leaves alone is seen by ``ddm flow status`` beside it."""

from __future__ import annotations

import json
import random
from datetime import timedelta

import pytest
from click.testing import CliRunner

from catalog.clock import SimulatedClock, SystemClock
from ddm.app import open_app
from ddm.cli.program import ddm
from ddm.config import load
from ddm.standing import BELIEVED, DIRECTORY, file_for, keeper, standings
from ddm.storages import open_guards
from transfers.breaker import Evidence
from transfers.errors import EndpointUnreachable

TOML = """
[endpoint.eos]
kind = "disk"
backend = "posix"
prefix = "file://{here}/eos"
[limits]
attempts = 1
failures = 2
pause = "5 min"
"""


@pytest.fixture
def settings(tmp_path):
    (tmp_path / "ddm.toml").write_text(TOML)
    return load(tmp_path / "ddm.toml", {})


def test_the_breakers_of_a_running_flow_are_seen_beside_it(settings):
    def run(*words):
        return CliRunner().invoke(ddm, [*words, "--config", str(settings.root / "ddm.toml")])

    assert run("db", "create").exit_code == 0
    app = open_app(settings)
    for _ in range(2):
        with pytest.raises(EndpointUnreachable):
            app.storages["eos"].prober.probe(["/a"])
    told = run("flow", "status")
    assert "Left alone by " in told.output
    assert "eos is not called since" in told.output
    assert "the next try is at" in told.output
    (entry,) = json.loads(run("flow", "status", "--json").stdout)["left_alone"]
    assert (entry["name"], entry["state"], entry["cause"]) == ("eos", "OPEN", "endpoint_unreachable")
    app.close()
    assert not list((settings.root / DIRECTORY).iterdir())
    assert "Left alone" not in run("flow", "status").output


def test_it_is_gone_when_the_endpoint_answers_and_not_believed_for_ever(settings):
    clock = SimulatedClock()
    file = file_for(settings.root)
    guards = open_guards(settings, clock, random.Random(1), {}, keeper(file))
    for _ in range(2):
        guards.board.heard("eos", guards.board.admit("eos"), Evidence.BAD, cause="storage_timeout")
    (entry,) = standings(settings.root, clock.now())
    assert entry.next_at is not None
    assert standings(settings.root, entry.next_at + BELIEVED) == [], "whoever wrote it was killed"
    clock.sleep(timedelta(minutes=5))
    guards.board.heard("eos", guards.board.admit("eos"), Evidence.GOOD)
    assert not file.exists()


@pytest.mark.parametrize("content", ["", "{}", "[1]", '[{"name": "x"}]', "\udcff"])
def test_a_file_that_cannot_be_read_is_no_trouble(settings, content):
    (settings.root / DIRECTORY).mkdir()
    file = settings.root / DIRECTORY / "breakers-host-1.json"
    file.write_bytes(content.encode(errors="surrogateescape"))
    assert standings(settings.root, SystemClock().now()) == []


def test_a_file_that_cannot_be_written_is_no_trouble(settings):
    (settings.root / DIRECTORY).write_text("in the way")
    guards = open_guards(settings, SimulatedClock(), random.Random(1), {}, keeper(file_for(settings.root)))
    for _ in range(2):
        guards.board.heard("eos", guards.board.admit("eos"), Evidence.BAD, cause="storage_timeout")
    assert [breaker.name for breaker in guards.board.look()] == ["eos"]
    keeper(file_for(settings.root))([])
