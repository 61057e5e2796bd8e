from __future__ import annotations

import json
from importlib.metadata import metadata

from click.testing import CliRunner

from catalog.errors import ExitCode
from ddm.checkup import Health, look
from ddm.cli.program import ddm
from ddm.config import load
from ddm.doctor import PACKAGES, examine
from ddm.errors import ConfigError
from ddm.templates import compass_toml
from transfers.errors import EndpointUnreachable


def run(*arguments: str):
    return CliRunner().invoke(ddm, arguments)


def test_init_writes_a_configuration_that_loads(tmp_path):
    told = run("init", str(tmp_path / "new" / "place"))
    assert told.exit_code == 0
    written = tmp_path / "new" / "place" / "ddm.toml"
    assert f"wrote {written}" in told.output
    assert load(written, {}).root == written.parent
    assert [entry.name for entry in written.parent.iterdir()] == ["ddm.toml"]


def test_init_writes_here_if_no_directory_is_given(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert json.loads(run("init", "--json").stdout) == {
        "written": str(tmp_path / "ddm.toml"),
        "template": "compass",
    }
    assert (tmp_path / "ddm.toml").read_text() == compass_toml()


def test_init_never_overwrites(tmp_path):
    (tmp_path / "ddm.toml").write_text("mine")
    told = run("init", str(tmp_path))
    assert told.exit_code == ExitCode.USAGE
    assert "exists; nothing was written" in told.stderr
    assert (tmp_path / "ddm.toml").read_text() == "mine"
    assert [entry.name for entry in tmp_path.iterdir()] == ["ddm.toml"]


def test_init_into_a_place_that_cannot_be_is_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    told = run("init", str(tmp_path / "file" / "under"))
    assert told.exit_code == ExitCode.USAGE
    assert "cannot be written" in told.stderr
    assert told.stderr.count("\n") == 1


SMALL = """
[endpoint.disk]
kind = "disk"
backend = "posix"
prefix = "file://{here}/disk"
"""


def findings(tmp_path, text: str, **environ: str):
    from catalog.clock import SimulatedClock

    (tmp_path / "ddm.toml").write_text(text)
    return {found.what: found for found in examine(tmp_path / "ddm.toml", environ, SimulatedClock())}


def test_doctor_finds_what_is_there_and_what_is_not(tmp_path):
    (tmp_path / "disk").mkdir()
    found = findings(tmp_path, SMALL)
    assert found["python"].health is Health.GOOD
    assert found["backend posix"].health is Health.GOOD
    assert found["configuration"].health is Health.GOOD
    assert found["endpoint disk"].health is Health.GOOD
    assert found["catalogue"].exit_code == ExitCode.SCHEMA
    assert "ddm db create" in found["catalogue"].text
    assert not (tmp_path / "ddm.db").exists()


def test_doctor_finds_an_endpoint_that_does_not_answer(tmp_path):
    found = findings(tmp_path, SMALL)["endpoint disk"]
    assert found.health is Health.BAD
    assert found.exit_code == ExitCode.BUSY


def test_doctor_finds_a_backend_that_nobody_brings(tmp_path):
    found = findings(tmp_path, SMALL.replace('"posix"', '"posxi"'))["[endpoint.disk] backend"]
    assert found.exit_code == ExitCode.USAGE
    assert "there is no backend posxi; known: " in found.text
    assert "posix" in found.text


def test_doctor_finds_a_stager_that_nobody_brings(tmp_path):
    text = SMALL + '[endpoint.tape]\nkind = "tape"\nbackend = "simtape"\n'
    found = findings(tmp_path, text + 'prefix = "simtape://{here}/tape"\nstager = "gsm"\n')
    assert (
        "there is no stager gsm; known: fts, gfal2, taperest, xrootd" in found["[endpoint.tape] stager"].text
    )
    assert found["stager taperest"].health is Health.GOOD


def test_every_extra_for_users_is_known_to_doctor():
    extras = set(metadata("ddm").get_all("Provides-Extra")) - {"test", "dev"}
    assert {extra for _, extra, _ in PACKAGES} == extras


def test_doctor_finds_a_bad_configuration(tmp_path):
    found = findings(tmp_path, "[flow]\nbatch = 0\n")["configuration"]
    assert found.health is Health.BAD
    assert found.exit_code == ExitCode.USAGE
    assert "expected at least 1 (rows)" in found.text


def test_doctor_without_a_configuration_is_content(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DDM_CONFIG", raising=False)
    told = run("doctor", "--json")
    found = {finding["what"]: finding for finding in json.loads(told.stdout)}
    assert found["configuration"]["health"] == "absent"
    assert all(finding["exit_code"] in (0, 1) for finding in found.values())


def test_the_exit_code_of_doctor_is_that_of_the_first_bad_finding(tmp_path):
    (tmp_path / "ddm.toml").write_text("[flow]\nbatch = 0\n")
    told = run("doctor", "--config", str(tmp_path / "ddm.toml"))
    assert told.exit_code == ExitCode.USAGE
    assert "to repair" in told.output


def test_an_error_becomes_a_finding_with_its_advice():
    def ask() -> str:
        raise EndpointUnreachable("nobody there")

    found = look("endpoint", ask)
    assert (found.health, found.exit_code) == (Health.BAD, ExitCode.BUSY)
    assert found.text == f"nobody there; {EndpointUnreachable.advice}"
    assert look("catalogue", lambda: "x").health is Health.GOOD
    assert ConfigError.exit_code == ExitCode.USAGE
