"""What a refusal to let us in is, by our own credentials; the real ones are in tests/conformance."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from transfers.backends.xrootd.errors import Trouble
from transfers.backends.xrootd.refusals import explained
from transfers.errors import CredentialExpired, CredentialMissing, PermissionRefused

NOW = datetime(2026, 6, 1, tzinfo=UTC)
REFUSED = Trouble(204, text="Auth failed: No protocols left to try")
UID = 4_000_000_000  # of nobody, who has no credential in the usual places


def token(ends_at: datetime) -> str:
    import base64
    import json

    claims = json.dumps({"exp": int(ends_at.timestamp()), "sub": "alice"}).encode()
    return f"e30.{base64.urlsafe_b64encode(claims).rstrip(b'=').decode()}.c2lnbmVk"


def test_without_any_credential_it_is_missing() -> None:
    trouble = explained(REFUSED, {"X509_USER_PROXY": "/nowhere/proxy"}, UID, NOW)
    assert trouble.error is CredentialMissing
    assert trouble.of_endpoint
    assert "/nowhere/proxy" in trouble.words


@pytest.mark.parametrize(("ends_in", "error"), [(-1, CredentialExpired), (1, PermissionRefused)])
def test_a_token_that_is_over_explains_it_and_a_good_one_does_not(ends_in: int, error: type) -> None:
    shown = token(NOW + timedelta(hours=ends_in))
    trouble = explained(REFUSED, {"BEARER_TOKEN": shown}, UID, NOW)
    assert trouble.error is error
    assert trouble.of_endpoint
    assert shown not in trouble.words


def test_a_proxy_that_others_can_read_is_no_credential_that_is_missing(tmp_path: Path) -> None:
    proxy = tmp_path / "proxy"
    proxy.write_text("-----BEGIN PRIVATE KEY-----")
    proxy.chmod(0o644)
    trouble = explained(REFUSED, {"X509_USER_PROXY": str(proxy)}, UID, NOW)
    assert trouble.error is PermissionRefused


def test_a_refusal_about_a_file_is_what_it_was() -> None:
    trouble = Trouble(400, 3010, "permission denied")
    assert explained(trouble, {}, UID, NOW) == trouble
