"""The delegation of the test server: certificate requests, and the proxies that users make of them."""

from __future__ import annotations

import hashlib
import re
import subprocess
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from transfers.testing.fts.credentials import openssl

_PEM = re.compile("-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----\n?", re.DOTALL)


def delegation_id(dn: str) -> str:
    """The id of the delegation of a user (of one without VOMS roles, as all are here)."""
    return hashlib.sha256(dn.encode()).hexdigest()[:16]


@dataclass(slots=True)
class Desk:
    """Delegated proxies by delegation id. ``ca``: who must have signed them; None: anybody."""

    ca: Path | None = None
    _until: dict[str, datetime] = field(default_factory=dict)
    _asked: bool = False

    def until(self, name: str) -> datetime | None:
        """The end of the shortest certificate of the chain, None without delegation."""
        return self._until.get(name)

    def grant(self, name: str, until: datetime) -> None:
        """As if this user had delegated a proxy that lasts until then."""
        self._until[name] = until

    def drop(self, name: str) -> None:
        self._until.pop(name, None)

    def drop_all(self) -> None:
        self._until.clear()

    def request(self) -> str:
        """A certificate request, PEM. One key does for every user and server of the process."""
        self._asked = True
        return _request()[0]

    def accept(self, name: str, dn: str, chain: str) -> str:
        """Take a signed proxy with its chain. Returns why not, or nothing."""
        certificates = _PEM.findall(chain)
        if not certificates:
            return "Failed to serialize the proxy: no certificate"
        try:
            public = openssl("x509", "-noout", "-pubkey", stdin=certificates[0])
            if not self._asked or public != _request()[1]:
                return "The delegated proxy is not valid: it is not of the key that was asked for"
            ends = [_end_of(certificate) for certificate in certificates]
            self._verify(certificates, dn)
        except subprocess.CalledProcessError as error:
            return f"The delegated proxy is not valid: {error.stderr.strip()[:200]}"
        self._until[name] = min(ends)
        return ""

    def _verify(self, certificates: list[str], dn: str) -> None:
        """Raises CalledProcessError unless the chain ends at the authority and the proxy is the user's."""
        if self.ca is None:
            return
        subject = openssl("x509", "-noout", "-subject", "-nameopt", "compat", stdin=certificates[0])
        if not subject.strip().partition("=")[2].startswith(dn):
            raise subprocess.CalledProcessError(1, "openssl", stderr=f"{subject} is not a proxy of {dn}")
        with tempfile.TemporaryDirectory() as place:
            first, rest = Path(place) / "first", Path(place) / "rest"
            first.write_text(certificates[0])
            rest.write_text("".join(certificates[1:]))
            openssl(
                *("verify", "-allow_proxy_certs", "-CAfile", str(self.ca)),
                *("-untrusted", str(rest), str(first)),
            )


def _end_of(certificate: str) -> datetime:
    text = openssl("x509", "-noout", "-enddate", "-dateopt", "iso_8601", stdin=certificate)
    return datetime.fromisoformat(text.strip().partition("=")[2].replace("Z", "+00:00")).astimezone(UTC)


@cache
def _request() -> tuple[str, str]:
    """A certificate request and its public key."""
    with tempfile.TemporaryDirectory() as place:
        key, request = Path(place) / "key", Path(place) / "csr"
        openssl(
            *("req", "-new", "-newkey", "rsa:2048", "-nodes", "-subj", "/O=FTS3 test server"),
            *("-keyout", str(key), "-out", str(request)),
        )
        return request.read_text(), openssl("req", "-in", str(request), "-noout", "-pubkey")
