"""ddm doctor: what each endpoint lets us do, how long credentials last; nothing is changed, nothing shown."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from catalog.clock import SimulatedClock, SystemClock
from catalog.errors import ExitCode
from ddm import checkup
from ddm.checkup import Finding, Health
from ddm.cli.program import ddm
from ddm.doctor import examine
from ddm.settings import EndpointSettings
from tests.unit.transfers_credentials import place
from transfers.backends.memory import MemoryStorage
from transfers.backends.posix import PosixStorage
from transfers.errors import (
    CredentialExpired,
    EndpointUnreachable,
    FileMissing,
    PermissionRefused,
    QuotaExceeded,
    RequestVanished,
    failed,
)
from transfers.model import Done, Unknown
from transfers.testing.taperest import TapeRestServer

TOML = """
[endpoint.eos]
kind = "disk"
backend = "posix"
prefix = "file://{here}/eos"
[endpoint.cta]
kind = "tape"
backend = "simtape"
prefix = "simtape://{here}/tape"
"""


@pytest.fixture
def config(tmp_path):
    (tmp_path / "eos").mkdir()
    path = tmp_path / "ddm.toml"
    path.write_text(TOML)
    return path


def findings(config, environ=None, **options) -> dict[str, Finding]:
    environ = {} if environ is None else environ
    return {f.what: f for f in examine(config, environ, SystemClock(), **options)}


def files_below(root: Path) -> set[str]:
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}


# ----------------------------------------------------------------------------- scopes
def test_every_scope_is_looked_at_and_nothing_is_changed(config):
    findings(config)  # the simulated library makes itself
    before = files_below(config.parent)
    found = findings(config)
    assert found["endpoint eos"].text.endswith("answers")
    assert found["endpoint eos list"].health is Health.GOOD
    assert " free of " in found["endpoint eos space"].text
    assert found["endpoint cta recalls"].health is Health.GOOD
    assert "endpoint eos write" not in found
    assert files_below(config.parent) == before


def test_write_is_tried_only_when_asked_for_and_leaves_nothing(config):
    before = files_below(config.parent / "eos")
    found = findings(config, write=True)
    assert found["endpoint eos write"].health is Health.GOOD
    assert "written below /ddm-doctor/, seen and removed" in found["endpoint eos write"].text
    assert files_below(config.parent / "eos") == before
    assert found["endpoint cta write"].health is Health.ABSENT
    assert "goes to tape" in found["endpoint cta write"].text


def test_one_endpoint_may_be_asked_alone(config):
    assert "endpoint cta" not in findings(config, endpoints=["eos"])
    told = CliRunner().invoke(ddm, ["doctor", "--endpoint", "nowhere", "--config", str(config)])
    assert told.exit_code == ExitCode.USAGE
    assert "no endpoint 'nowhere'" in told.stderr


def test_nobody_there_is_asked_one_thing(config):
    (config.parent / "eos").rmdir()
    found = findings(config, write=True)
    assert found["endpoint eos"].exit_code == ExitCode.BUSY
    assert not [what for what in found if what.startswith("endpoint eos ")]


def endpoint(**changes) -> EndpointSettings:
    from catalog.states import EndpointKind

    return EndpointSettings(name="x", kind=EndpointKind.DISK, backend="posix", prefix="file:///x", **changes)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (failed(FileMissing, "no such file"), ExitCode.DONE),
        (failed(RequestVanished, "no such request"), ExitCode.DONE),
        (failed(PermissionRefused, "not you"), ExitCode.CREDENTIAL),
        (failed(CredentialExpired, "over"), ExitCode.CREDENTIAL),
        (failed(EndpointUnreachable, "nobody"), ExitCode.BUSY),
        (Unknown("garbage"), ExitCode.BUSY),
    ],
)
def test_what_an_answer_means(tmp_path, answer, code):
    class Answers:
        def probe(self, paths):
            return dict.fromkeys(paths, answer)

    storage = replace(PosixStorage(tmp_path).storage(), prober=Answers())
    found = checkup.look("endpoint x", lambda: checkup._read(storage, endpoint()))
    assert found.exit_code == code


class Disk(PosixStorage):
    """A disk that does one thing wrong."""

    fault = ""

    def copy(self, orders, watch=None):
        if self.fault == "copy":
            return {order.path: failed(QuotaExceeded, "full") for order in orders}
        return super().copy(orders)

    def probe(self, paths):
        return dict.fromkeys(paths, Unknown("?")) if self.fault == "probe" else super().probe(paths)

    def remove(self, paths):
        if self.fault == "remove":
            return {path: failed(PermissionRefused, "not you") for path in paths}
        return super().remove(paths)


@pytest.mark.parametrize(
    ("fault", "words", "left"),
    [
        ("copy", "could not be written: full (quota_exceeded)", 0),
        ("probe", "is not seen as it should be", 0),
        ("remove", "was written and could not be removed: not you", 1),
    ],
)
def test_a_write_that_fails_says_what_is_left(tmp_path, fault, words, left):
    disk = Disk(tmp_path)
    disk.fault = fault
    found = checkup.look("write", lambda: checkup._write(disk.storage(), endpoint()))
    assert found.health is Health.BAD
    assert words in found.text
    names = files_below(tmp_path)
    assert len(names) == left
    assert all(name in found.text for name in names)


def test_the_test_file_replaces_nothing(tmp_path):
    removed = []

    class Watched(PosixStorage):
        def remove(self, paths):
            removed.extend(paths)
            return super().remove(paths)

    (tmp_path / "ddm-doctor").mkdir()
    (tmp_path / "ddm-doctor" / "mine").write_text("keep")
    for _ in range(2):
        checkup._write(Watched(tmp_path).storage(), endpoint())
    assert len(set(removed)) == 2
    assert files_below(tmp_path) == {"ddm-doctor/mine"}


# ----------------------------------------------------------------------------- credentials


def lasting(hours: float) -> dict[str, object]:
    """So long from now, which is when the test runs."""
    return {"lasts": timedelta(hours=hours), "now": datetime.now(UTC).replace(microsecond=0)}


GRID = """
[credential.grid]
kind = "proxy"
path = "proxy.pem"
[credential.wlcg]
kind = "token"
path = "token"
[endpoint.tape]
kind = "tape"
backend = "memory"
prefix = "memory://doctor/"
stager = "taperest"
stager_prefix = "URL"
credential = "wlcg"
"""


@pytest.fixture
def grid(tmp_path):
    """A tape behind a service that lets in one token; proxy and token lie beside the configuration."""
    place.proxy(tmp_path / "proxy.pem", timedelta(hours=11), now=datetime.now(UTC))
    token = place.token(tmp_path / "token", **lasting(3), scope="storage.stage:/ storage.read:/")
    tape = MemoryStorage("doctor", SimulatedClock(), tape=True)
    with TapeRestServer(tape, SimulatedClock(), tokens={token.read_text().strip()}) as server:
        config = tmp_path / "ddm.toml"
        config.write_text(GRID.replace("URL", server.url))
        yield config


def test_the_lifetimes_and_scopes_of_credentials_are_told(grid):
    found = findings(grid)
    assert "lasts 10 h 5" in found["credential grid"].text
    assert "/DC=ch/O=Über Labor/CN=alice" in found["credential grid"].text
    assert "lasts 2 h 5" in found["credential wlcg"].text
    assert "scopes storage.stage:/ storage.read:/" in found["credential wlcg"].text
    assert found["endpoint tape recalls"] == Finding(
        "endpoint tape recalls", Health.GOOD, "the service answers"
    )


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda path: path.chmod(0o644), "can be read by others (mode 0644); chmod 600"),
        (lambda path: path.unlink(), "No such file"),
        (lambda path: place.token(path, **lasting(-1)), "is over since"),
    ],
)
def test_a_bad_credential_is_a_finding_with_its_exit_code(grid, spoil, words):
    spoil(grid.parent / "token")
    bad = findings(grid)["credential wlcg"]
    assert (bad.health, bad.exit_code) == (Health.BAD, ExitCode.CREDENTIAL)
    assert words in bad.text


def test_a_service_that_does_not_take_our_token_is_a_finding(grid):
    place.token(grid.parent / "token", **lasting(3), sub="nobody")
    found = findings(grid)
    assert found["credential wlcg"].health is Health.GOOD, "by itself it is good"
    assert found["endpoint tape recalls"].exit_code == ExitCode.CREDENTIAL


def test_a_renewal_that_cannot_be_run_is_a_finding_and_none_is_run(grid):
    text = grid.read_text()
    ran = grid.parent / "ran"
    (grid.parent / "renew").write_text(f"#!/bin/sh\ntouch {ran}\n")
    (grid.parent / "renew").chmod(0o700)
    renew = 'path = "token"\nrenew_before = "9 h"\nrenew = '
    grid.write_text(text.replace('path = "token"', renew + '["{here}/renew"]'))
    assert "credential wlcg renew" not in findings(grid)
    assert not ran.exists()
    grid.write_text(text.replace('path = "token"', renew + '["/nowhere/renew", "sesame"]'))
    bad = findings(grid)["credential wlcg renew"]
    assert bad.health is Health.BAD
    assert "sesame" not in bad.text


def test_credentials_at_the_usual_places_are_told_if_a_backend_finds_them_there(tmp_path):
    config = tmp_path / "ddm.toml"
    config.write_text(
        TOML.replace(
            'backend = "posix"\nprefix = "file://{here}/eos"',
            'backend = "xrootd"\nprefix = "root://127.0.0.1:1/"',
        )
    )
    place.proxy(tmp_path / "x509", timedelta(hours=11), now=datetime.now(UTC))
    environ = {"X509_USER_PROXY": str(tmp_path / "x509"), "BEARER_TOKEN_FILE": str(tmp_path / "none")}
    found = findings(config, environ, endpoints=["cta"])
    assert "lasts 10 h 5" in found["credential found: proxy"].text
    assert found["credential found: token"].health is Health.ABSENT
    config.write_text(TOML)
    assert "credential found: proxy" not in findings(config, environ, endpoints=["cta"])


# ----------------------------------------------------------------------------- nothing is shown
def secrets_of(grid: Path) -> list[str]:
    """What nobody may see: the token, its signature, and the lines of the key."""
    token = (grid.parent / "token").read_text().strip()
    key = (grid.parent / "proxy.pem").read_text().partition("PRIVATE KEY-----\n")[2].split("\n-----END")[0]
    return [token, token.rpartition(".")[2], *key.split()]


@pytest.mark.parametrize("arguments", [[], ["--json"], ["--write"], ["-vv", "--debug"]])
def test_no_output_and_no_log_holds_a_secret(grid, arguments):
    """A program of its own, with everything it prints and logs; the token also in the environment."""
    token = (grid.parent / "token").read_text().strip()
    environ = {
        **os.environ,
        "BEARER_TOKEN": token,
        "X509_USER_PROXY": str(grid.parent / "proxy.pem"),
    }
    command = [sys.executable, "-m", "ddm", "doctor", "--config", str(grid), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, env=environ, timeout=120, check=False)
    shown = done.stdout + done.stderr
    assert "credential wlcg" in shown
    assert "endpoint tape recalls" in shown
    assert not [secret for secret in secrets_of(grid) if secret in shown]
    if "--json" in arguments:
        assert {line["what"] for line in json.loads(done.stdout)} >= {"credential grid", "credential wlcg"}


def test_refusals_do_not_show_it_either(grid, caplog):
    caplog.set_level(logging.DEBUG)
    (grid.parent / "token").write_text("two secret-words\n")
    found = findings(grid, {"BEARER_TOKEN": "secret-words"})
    shown = caplog.text + "".join(finding.text for finding in found.values())
    assert "does not hold one token" in shown
    assert "secret-words" not in shown


def test_a_secret_that_a_service_quotes_is_hidden():
    quoted = Finding("x", Health.BAD, "no rights for Bearer abc.def.ghi here", 1)
    assert checkup.without_secrets(quoted, {"abc.def.ghi"}).text == "no rights for Bearer (hidden) here"
    assert checkup.without_secrets(quoted, set()) is quoted


def test_done_is_needed_for_done():
    checkup._done(Done(), "x")
    with pytest.raises(checkup.NoSignOfLife):
        checkup._done(Unknown("?"), "x")
