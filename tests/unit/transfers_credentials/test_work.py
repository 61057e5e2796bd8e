"""Credentials that the environment names, held against the work of a worker node."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta

import pytest

from catalog.checksum import adler32
from catalog.errors import ExitCode
from ddm.cli import staging
from tests.unit.transfers_credentials import place
from tests.unit.transfers_credentials.place import HOUR, NOW, jwt
from transfers.credentials.work import require_named
from transfers.errors import CredentialExpired, CredentialMissing, PermissionRefused

ME = os.getuid()


def need(needed: timedelta = HOUR, **environ: object) -> None:
    require_named({name: str(value) for name, value in environ.items()}, ME, needed, NOW)


def test_nothing_named_is_nothing_wrong(tmp_path):
    place.proxy(tmp_path / f"x509up_u{ME}", -HOUR)
    need()
    need(XDG_RUNTIME_DIR=tmp_path)


def test_a_proxy_that_is_named_must_last(tmp_path):
    path = place.proxy(tmp_path / "proxy", 2 * HOUR)
    need(2 * HOUR, X509_USER_PROXY=path)
    with pytest.raises(CredentialExpired, match="and the work needs 3 h"):
        need(3 * HOUR, X509_USER_PROXY=path)
    path.chmod(0o644)
    with pytest.raises(PermissionRefused):
        need(X509_USER_PROXY=path)
    with pytest.raises(CredentialMissing):
        need(X509_USER_PROXY=tmp_path / "none")


def test_a_token_in_a_file_is_renewed_by_others_one_in_a_variable_is_not(tmp_path):
    path = place.token(tmp_path / "token", HOUR)
    need(9 * HOUR, BEARER_TOKEN_FILE=path)
    with pytest.raises(CredentialExpired, match="and the work needs 9 h"):
        need(9 * HOUR, BEARER_TOKEN=path.read_text())
    place.token(path, -HOUR)
    with pytest.raises(CredentialExpired, match="is over since"):
        need(BEARER_TOKEN_FILE=path)


def test_one_that_is_enough_is_enough(tmp_path):
    old = place.proxy(tmp_path / "proxy", -HOUR)
    need(X509_USER_PROXY=old, BEARER_TOKEN=jwt({"exp": (NOW + 9 * HOUR).timestamp()}))
    with pytest.raises(CredentialExpired, match="proxy"):
        need(X509_USER_PROXY=old, BEARER_TOKEN_FILE=tmp_path / "none")


@pytest.mark.parametrize("verb", ["stage-in", "stage-out"])
def test_stage_in_and_out_do_not_begin_without(tmp_path, monkeypatch, verb):
    data = b"x"
    url = "root://127.0.0.1:1//x/a"
    file: dict[str, object] = {
        "lfn": "/x/a",
        "size": 1,
        "adler32": str(adler32([data])),
        "sources": [{"url": url}],
    }
    if verb == "stage-out":
        (tmp_path / "a").write_bytes(data)
        file = {"lfn": "/x/a", "destinations": [url]}
    manifest = tmp_path / "manifest.json"
    manifest.write_text(
        json.dumps({"version": 1, "kind": verb, "label": "j", "files": [file], "backends": {}})
    )
    short = place.proxy(tmp_path / "proxy", timedelta(minutes=1), now=datetime.now(UTC))
    monkeypatch.setenv("X509_USER_PROXY", str(short))
    monkeypatch.delenv("BEARER_TOKEN", raising=False)
    monkeypatch.delenv("BEARER_TOKEN_FILE", raising=False)
    assert staging.run(verb, [str(manifest), "--dir", str(tmp_path), "--quiet"]) == ExitCode.CREDENTIAL
    report = json.loads((tmp_path / "manifest.json.report.json").read_text())
    assert report["code"] == "credential_expired"
    assert "and the work needs 5 min" in report["text"]
