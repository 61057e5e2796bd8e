"""ddm endpoint: the endpoints, their space, and where new files go."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from catalog.errors import ExitCode
from ddm.cli.program import ddm
from ddm.config import load
from ddm.operations import placing
from transfers.backends.posix import PosixStorage
from transfers.board import Board
from transfers.breaker import Evidence, Limits
from transfers.errors import EndpointUnreachable, PermissionRefused
from transfers.model import Space
from transfers.placement import Wanted

TOML = """
[endpoint.eos]
kind = "disk"
backend = "posix"
prefix = "file://{here}/eos"
site = "CERN"
owner = "compass"
[endpoint.triumf]
kind = "disk"
backend = "posix"
prefix = "file://{here}/triumf"
site = "TRIUMF"
owner = "amber"
groups = ["amber"]
distances = { CERN = 90 }
[endpoint.gone]
kind = "disk"
backend = "posix"
prefix = "file://{here}/gone"
[endpoint.old]
kind = "disk"
backend = "posix"
prefix = "file://{here}/old"
closed = "being emptied"
[endpoint.cta]
kind = "tape"
backend = "simtape"
prefix = "simtape://{here}/tape"
"""


@pytest.fixture
def config(tmp_path):
    for name in ("eos", "triumf", "old"):
        (tmp_path / name).mkdir()
    path = tmp_path / "ddm.toml"
    path.write_text(TOML)
    return path


def run(config, *arguments: str):
    return CliRunner().invoke(ddm, [*arguments, "--config", str(config)])


def ranking(config, *arguments: str):
    told = run(config, "endpoint", "choose", "--size", "1MB", "--json", *arguments)
    found = json.loads(told.stdout)
    return [entry["endpoint"] for entry in found["ranking"]], found, told.exit_code


def test_the_list_shows_what_is_free_and_what_does_not_answer(config):
    told = run(config, "endpoint", "list", "--json")
    assert told.exit_code == ExitCode.SOME_FAILED
    lines = {line["endpoint"]: line for line in json.loads(told.stdout)}
    assert 0 < lines["eos"]["free"] <= lines["eos"]["total"]
    assert "is not there" in lines["gone"]["trouble"]
    assert lines["old"]["closed"] == "being emptied"
    assert lines["cta"]["free"] is None
    text = run(config, "endpoint", "list").output
    assert "endpoint  kind  site" in text
    assert text.count("\n") == 6


def test_the_choice_is_explained(config):
    names, found, code = ranking(config, "--group", "amber", "--from", "CERN")
    assert (names, code) == (["triumf", "eos"], 0)
    assert found["best"] == "triumf"
    assert found["ranking"][0]["text"].startswith("owned by amber, distance 90 at TRIUMF, disk, ")
    refused = {entry["endpoint"]: "; ".join(entry["reasons"]) for entry in found["refused"]}
    assert refused["old"] == "closed: being emptied"
    assert "does not answer" in refused["gone"]
    assert refused["cta"] == "it is tape, and disk is wanted"
    text = run(config, "endpoint", "choose", "--size", "1MB", "--group", "amber", "--from", "eos").output
    assert "why there" in text
    assert "why not" in text


def test_the_options_say_who_where_from_and_what_is_assigned(config):
    assert ranking(config)[0] == ["eos"]
    assert ranking(config, "--group", "amber", "--prefer", "eos")[0] == ["eos", "triumf"]
    assert ranking(config, "--group", "amber", "--prefer", "eos", "--only")[0] == ["eos"]
    assert ranking(config, "--kind", "tape")[0] == ["cta"]
    assert ranking(config, "--kind", "any")[0] == ["eos", "cta"]


def test_where_files_are_brought_by_hand_none_is_written(config):
    config.write_text(TOML + '[endpoint.hpc]\nkind = "disk"\nbackend = "carried"\nprefix = "file:///s"\n')
    told = run(config, "endpoint", "choose", "--size", "4000 PB", "--json")
    refused = {one["endpoint"]: one["reasons"] for one in json.loads(told.stdout)["refused"]}
    assert "not reached by ddm" in refused["hpc"][0]


def test_no_place_for_them_is_a_failure_with_reasons(config):
    told = run(config, "endpoint", "choose", "--size", "4000 PB")
    assert told.exit_code == ExitCode.FAILED
    assert "no endpoint may take them" in told.output
    assert "do not fit" in told.output


@pytest.mark.parametrize(
    "wrong",
    [
        (),
        ("--size", "much"),
        ("--size", "1MB", "--prefer", "nowhere"),
        ("--size", "1MB", "--from", "nowhere"),
    ],
)
def test_a_question_that_cannot_be_is_one_line(config, wrong):
    told = run(config, "endpoint", "choose", *wrong)
    assert told.exit_code == ExitCode.USAGE
    assert told.stderr.count("\n") == 1


def test_the_rules_are_settings(config):
    config.write_text(TOML + '[placement]\norder = ["near"]\n')
    assert ranking(config, "--group", "amber", "--from", "CERN")[0] == ["eos", "triumf"]
    config.write_text(TOML + '[placement]\nunknown_space = "refuse"\n')
    assert ranking(config, "--kind", "tape")[0] == []
    config.write_text(TOML.replace('site = "CERN"', 'site = "CERN"\nkeep_free = "4000 PB"'))
    assert "4000 PB stay free" in run(config, "endpoint", "choose", "--size", "1MB").output


class Silent:
    def __init__(self, error):
        self.error = error

    def space(self):
        raise self.error


def test_an_endpoint_that_does_not_answer_is_refused_and_one_that_does_not_tell_is_not(tmp_path):
    from dataclasses import replace

    storage = PosixStorage(tmp_path).storage()
    dead, shy = (
        replace(storage, space=Silent(error)) for error in (EndpointUnreachable("?"), PermissionRefused("?"))
    )
    reports = placing.spaces(
        {"dead": dead, "shy": shy, "none": replace(storage, space=None), "good": storage}
    )
    assert "does not answer" in reports["dead"].trouble
    assert reports["shy"] == reports["none"] == placing.Report(Space(None, None), "")
    assert reports["good"].space.free
    assert placing.spaces({}) == {}


def test_a_breaker_that_is_open_closes_a_candidate(config):
    from catalog.clock import SimulatedClock
    from ddm.storages import open_bare

    settings, clock = load(config, {}), SimulatedClock()
    storages = open_bare(settings, clock, {})
    board = Board(clock, limits=Limits(failures=1))
    assert placing.choose(settings, storages, Wanted(1), board=board, among=["eos"]).best == "eos"
    board.heard("eos", board.admit("eos"), Evidence.BAD, cause="storage_timeout")
    (refused,) = placing.choose(settings, storages, Wanted(1), board=board, among=["eos"]).refused
    assert "eos is not called since" in refused.text
