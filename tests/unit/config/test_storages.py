"""The composition: guards of the settings, credentials handed to backends, and sections that do not fit."""

from __future__ import annotations

import random
import re
from datetime import timedelta
from pathlib import Path

import pytest

from catalog.clock import SimulatedClock
from ddm import credentials
from ddm.config import loads
from ddm.errors import ConfigError
from ddm.storages import open_guards, open_storages
from tests.unit.transfers_credentials import place
from transfers.errors import CircuitOpen, CredentialMissing, EndpointUnreachable
from transfers.words import CredentialKind

DISK = """
[endpoint.eos]
kind = "disk"
backend = "posix"
prefix = "file://{here}/eos"
"""
GRID = """
[credential.grid]
kind = "proxy"
path = "proxy.pem"
[credential.tape]
kind = "token"
[endpoint.eos]
kind = "disk"
backend = "xrootd"
prefix = "root://eos.example/"
credential = "grid"
[endpoint.cta]
kind = "tape"
backend = "gfal2"
prefix = "root://cta.example/"
credential = "grid"
stager = "taperest"
stager_options = { proxy = "/another" }
[endpoint.dcache]
kind = "tape"
backend = "xrootd"
prefix = "root://dcache.example/"
stager = "taperest"
credential = "tape"
"""


def settings(text: str, root: Path = Path("/data")):
    return loads(text, root / "ddm.toml", {})


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (DISK + 'distances = { CERN = "far" }', "expected a whole number from 0 for CERN"),
        (DISK + 'site = "CERN"\ndistances = { CERN = 1 }', "its own site, which is at 0"),
        (DISK + 'credential = "none"', "there is no [credential.none]"),
        (DISK + '[placement]\norder = ["nearest"]', "there is no 'nearest'; known are assigned"),
        (DISK + '[placement]\norder = ["near", "near"]', "each at most once"),
        (DISK + "[limits]\nfailures = 0", "at least 1"),
        (DISK + '[credential.x]\nkind = "password"', "expected 'proxy' or 'token'"),
        (
            GRID + '[credential.other]\nkind = "proxy"\n[endpoint.z]\nkind = "disk"\nbackend = "xrootd"\n'
            'prefix = "root://z/"\ncredential = "other"',
            "uses one proxy in a process, and that is [credential.grid]",
        ),
    ],
)
def test_what_does_not_fit_is_one_sentence(text, why):
    with pytest.raises(ConfigError, match=re.escape(why)):
        settings(text)


def test_every_backend_is_told_of_its_credential_as_it_takes_it(tmp_path):
    found = settings(GRID, tmp_path)
    environ = {"XDG_RUNTIME_DIR": str(tmp_path)}
    told = {name: credentials.told(entry, found, environ, 7) for name, entry in found.endpoints.items()}
    proxy = str(tmp_path / "proxy.pem")
    assert told["cta"].options == {"proxy_file": proxy}
    assert told["cta"].stager_options == {"proxy": "/another"}, "the option says otherwise"
    assert told["eos"] == found.endpoints["eos"], "it finds it in the environment"
    assert credentials.exported(found) == {"X509_USER_PROXY": proxy}
    assert told["dcache"].stager_options == {"token_file": f"{tmp_path}/bt_u7"}
    place.token(tmp_path / "bt_u7")
    assert credentials.file_of(found.credentials["tape"], environ, 7) == f"{tmp_path}/bt_u7"
    assert credentials.file_of(found.credentials["tape"], {"BEARER_TOKEN": "x"}, 7) == ""


def test_what_the_xrootd_client_must_find_is_put_into_the_environment(tmp_path):
    environ: dict[str, str] = {}
    open_guards(settings(GRID, tmp_path), SimulatedClock(), random.Random(1), environ)
    assert environ == {"X509_USER_PROXY": str(tmp_path / "proxy.pem")}
    environ.clear()
    open_guards(settings(DISK, tmp_path), SimulatedClock(), random.Random(1), environ)
    assert environ == {}


def test_a_keeper_reads_where_the_settings_or_the_field_say(tmp_path):
    found = settings(GRID + '[credential.usual]\nkind = "proxy"\n', tmp_path)
    clock = SimulatedClock(place.NOW)
    keepers = credentials.keepers(found, {"X509_USER_PROXY": str(tmp_path / "usual")}, clock)
    place.proxy(tmp_path / "proxy.pem", 3 * place.HOUR)
    place.proxy(tmp_path / "usual", 5 * place.HOUR)
    assert keepers["grid"].current().left(clock.now()) == 3 * place.HOUR
    assert keepers["usual"].current().left(clock.now()) == 5 * place.HOUR
    assert keepers["usual"].look().kind is CredentialKind.PROXY


def test_the_storages_of_the_settings_are_guarded(tmp_path):
    text = DISK + '[limits]\nattempts = 2\nfailures = 2\npause = "5 min"\n'
    clock = SimulatedClock()
    guards = open_guards(settings(text, tmp_path), clock, random.Random(1), {})
    storage = open_storages(settings(text, tmp_path), clock, random.Random(1), guards)["eos"]
    for _ in range(2):
        with pytest.raises(EndpointUnreachable, match="is not there"):
            storage.prober.probe(["/a"])
    with pytest.raises(CircuitOpen, match="the next try is at"):
        storage.prober.probe(["/a"])
    assert [breaker.name for breaker in guards.board.look()] == ["eos"]
    (tmp_path / "eos").mkdir()
    clock.sleep(timedelta(minutes=5))
    assert storage.prober.probe(["/a"])["/a"].code == "file_missing"
    assert guards.slots.used() == {}


def test_an_endpoint_with_a_credential_is_not_called_without(tmp_path):
    text = '[credential.grid]\nkind = "proxy"\npath = "none"\n' + DISK + 'credential = "grid"\n'
    (tmp_path / "eos").mkdir()
    clock = SimulatedClock(place.NOW)
    found = settings(text, tmp_path)
    storage = open_storages(found, clock, random.Random(1), open_guards(found, clock, random.Random(1), {}))[
        "eos"
    ]
    with pytest.raises(CredentialMissing, match="none"):
        storage.prober.probe(["/a"])
    place.proxy(tmp_path / "none")
    assert storage.prober.probe(["/a"])
