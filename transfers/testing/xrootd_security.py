"""Authentication for XRootD test servers, with an authority and an issuer that are thrown away afterwards.

::

    with Certificates.make() as site, DiskServer.start(security=site.security({"alice": "a"})) as server:
        environment = site.environment(site.proxy("alice"))      # of the client's process

``Certificates``: GSI, X.509 proxies of users of an authority of our own. ``Tokens``: WLCG tokens over TLS
(ztn) of an issuer of our own, whose keys the server knows beforehand, so that nobody has to be asked in the
network; needs Debian's ``xrootd-scitokens-plugins`` and Python's ``cryptography``.

Clients read their environment once per process: take a new process for every credential.
"""

from __future__ import annotations

import base64
import json
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from transfers.testing.fts.credentials import Credentials
from transfers.testing.xrootd_disk import AREA, Security
from transfers.testing.xrootd_process import hand_over

ISSUER = "https://issuer.test"
AUDIENCE = "https://disk.test"
EVERYTHING = "storage.read:/ storage.modify:/ storage.create:/"
_LONG = 10**7  # seconds


def missing_packages() -> list[str]:
    """The Debian packages that token authentication needs and that are not there."""
    there = any(Path("/usr/lib").glob("**/libXrdAccSciTokens*.so"))
    return [] if there else ["xrootd-scitokens-plugins"]


class _Site:
    """A directory with an authority and what the server needs of it, readable by the server's user."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.credentials = Credentials.make(directory / "authority")
        self._server = directory / "server"
        self._server.mkdir()
        shutil.copytree(self.credentials.ca_directory, self._server / "certificates", symlinks=True)
        for name in ("host.crt", "host.key"):
            shutil.copy(directory / "authority" / name, self._server / name)
        (self._server / "host.key").chmod(0o400)

    @classmethod
    def make(cls) -> Self:
        """In a new temporary directory, removed by ``close``."""
        directory = Path(tempfile.mkdtemp(prefix="xrdsecurity"))
        directory.chmod(0o755)
        return cls(directory)

    def close(self) -> None:
        shutil.rmtree(self.directory, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def authorities(self) -> Path:
        """The directory of authorities to trust, for ``X509_CERT_DIR``."""
        return self._server / "certificates"

    def _write(self, name: str, text: str) -> Path:
        (self._server / name).write_text(text)
        return self._server / name

    def _hand_over(self) -> None:
        for path in (self._server, *self._server.rglob("*")):
            hand_over(path)


class Certificates(_Site):
    """GSI: users have proxies, the server maps their names to accounts and looks up the accounts' rights."""

    def security(self, rights: Mapping[str, str]) -> Security:
        """``rights``: of each user in the area, as in XRootD's authorization file: ``a`` all, ``rl`` read and
        list. Users who are not named are refused as unknown."""
        users = self._write("users", "".join(f'"/DC=test/CN={user}" {user}\n' for user in rights))
        granted = "".join(f"u {user} {AREA} {letters}\n" for user, letters in rights.items() if letters)
        allowed = self._write("rights", granted)
        self._hand_over()
        server = self._server
        certificates = f"-certdir:{self.authorities} -cert:{server}/host.crt -key:{server}/host.key"
        return Security(
            (
                "xrootd.seclib libXrdSec.so",
                f"sec.protocol gsi {certificates} -gridmap:{users} -gmapopt:2 -crl:0",
                "ofs.authorize",
                f"acc.authdb {allowed}",
            )
        )

    def proxy(self, user: str, *, expired: bool = False) -> Path:
        """A proxy of the user, that ended a day ago if it is to be ``expired``."""
        return self.credentials.proxy(user, serial=2, days=-1) if expired else self.credentials.proxy(user)

    def environment(self, proxy: Path) -> dict[str, str]:
        """What a client needs: the server's certificate says localhost, and is asked for by number."""
        return {
            "X509_USER_PROXY": str(proxy),
            "X509_CERT_DIR": str(self.authorities),
            "XrdSecGSISRVNAMES": "localhost",
        }


class Tokens(_Site):
    """ztn and SciTokens: the bearer of a token of the issuer has the rights that its scope gives."""

    def __init__(self, directory: Path) -> None:
        from cryptography.hazmat.primitives.asymmetric import ec

        super().__init__(directory)
        self._key = ec.generate_private_key(ec.SECP256R1())

    def security(self) -> Security:
        """Clients must show a token, over TLS; scopes are about the area."""
        server = self._server
        config = self._write(
            "issuers",
            f"[Global]\naudience = {AUDIENCE}\n[Issuer test]\nissuer = {ISSUER}\nbase_path = {AREA}\n",
        )
        self._keep_keys(server / "cache/scitokens/scitokens_cpp.sqllite")
        self._hand_over()
        return Security(
            (
                f"setenv XDG_CACHE_HOME = {server}/cache",
                f"xrd.tls {server}/host.crt {server}/host.key",
                f"xrd.tlsca certdir {self.authorities}",
                "xrootd.tls capable all",
                "xrootd.seclib libXrdSec.so",
                "sec.protocol ztn",
                "ofs.authorize",
                f"ofs.authlib libXrdAccSciTokens.so config={config}",
            ),
            scheme="roots",
        )

    def token(self, scope: str = EVERYTHING, *, lifetime: int = 600, audience: str = AUDIENCE) -> str:
        """A token with this scope that ends ``lifetime`` seconds from now."""
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import ec, utils

        now = int(time.time())
        claims = {
            "iss": ISSUER,
            "sub": "alice",
            "aud": audience,
            "scope": scope,
            "wlcg.ver": "1.0",
            "iat": now - 1000,
            "nbf": now - 1000,
            "exp": now + lifetime,
            "jti": "1",
        }
        signed = f"{_coded({'alg': 'ES256', 'kid': 'key', 'typ': 'JWT'})}.{_coded(claims)}"
        signature = self._key.sign(signed.encode(), ec.ECDSA(hashes.SHA256()))
        r, s = utils.decode_dss_signature(signature)
        return f"{signed}.{_base64(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"

    def environment(self, token: str | None) -> dict[str, str]:
        """What a client needs; None: without a token."""
        shown = {} if token is None else {"BEARER_TOKEN": token}
        return {"X509_CERT_DIR": str(self.authorities), **shown}

    def _keep_keys(self, place: Path) -> None:
        """The cache of the server's library, as if it had asked the issuer for its keys lately."""
        numbers = self._key.public_key().public_numbers()
        key = {
            "kty": "EC",
            "crv": "P-256",
            "alg": "ES256",
            "use": "sig",
            "kid": "key",
            "x": _base64(numbers.x.to_bytes(32, "big")),
            "y": _base64(numbers.y.to_bytes(32, "big")),
        }
        later = int(time.time()) + _LONG
        kept = {"expires": later, "next_update": later, "jwks": {"keys": [key]}}
        place.parent.mkdir(parents=True)
        with closing(sqlite3.connect(place)) as cache, cache:
            cache.execute(
                "CREATE TABLE keycache (issuer text UNIQUE PRIMARY KEY NOT NULL, keys text NOT NULL)"
            )
            cache.execute("INSERT INTO keycache VALUES (?, ?)", (ISSUER, json.dumps(kept)))


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _coded(claims: Mapping[str, Any]) -> str:
    return _base64(json.dumps(claims).encode())
