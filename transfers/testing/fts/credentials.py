"""Certificates for tests, made by ``openssl``: an authority, a host (localhost), users with proxies."""

from __future__ import annotations

import shutil
import subprocess
import zlib
from dataclasses import dataclass
from pathlib import Path

DAYS = 2
"""How long a proxy lasts, unless told otherwise."""

_EXTENSIONS = {
    "host": "subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth\n",
    "user": "keyUsage=critical,digitalSignature,keyEncipherment\nextendedKeyUsage=clientAuth\n",
    "proxy": (
        "proxyCertInfo=critical,language:id-ppl-inheritAll\n"
        "keyUsage=critical,digitalSignature,keyEncipherment\n"
    ),
}


@dataclass(frozen=True, slots=True)
class Credentials:
    """A directory with an authority, and what it signs."""

    directory: Path

    @property
    def ca(self) -> Path:
        """The certificate of the authority."""
        return self.directory / "ca.pem"

    @property
    def host(self) -> Path:
        """Certificate and key of localhost."""
        return self.directory / "host.pem"

    @property
    def ca_directory(self) -> Path:
        """A directory of authorities as grids have it, with names made of hashes."""
        place = self.directory / "certificates"
        if not place.exists():
            place.mkdir()
            shutil.copy(self.ca, place / "test.pem")
            openssl("rehash", str(place))
        return place

    @classmethod
    def make(cls, directory: Path) -> Credentials:
        """A new authority and a host certificate. Needs the program ``openssl``."""
        directory.mkdir(parents=True, exist_ok=True)
        made = cls(directory)
        openssl(
            *(
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-days",
                "30",
                "-subj",
                "/DC=test/CN=ddm test CA",
            ),
            *("-addext", "keyUsage=critical,keyCertSign,cRLSign"),
            *("-keyout", str(directory / "ca.key"), "-out", str(made.ca)),
        )
        made._signed("host", "/DC=test/CN=localhost", "ca", "host")
        return made

    def proxy(self, name: str = "alice", serial: int = 1, days: int = DAYS) -> Path:
        """A proxy of a user of this name: certificate, key and the user's certificate."""
        user = f"user-{name}"
        if not (self.directory / f"{user}.pem").exists():
            self._signed(user, f"/DC=test/CN={name}", "ca", "user")
        place = f"proxy-{name}-{serial}"
        if not (self.directory / f"{place}.pem").exists():
            self._signed(place, f"/DC=test/CN={name}/CN={serial}", user, "proxy", days)
            chain = (self.directory / f"{user}.crt").read_text()
            with open(self.directory / f"{place}.pem", "a", encoding="ascii") as out:
                out.write(chain)
        return self.directory / f"{place}.pem"

    def _signed(self, name: str, subject: str, issuer: str, kind: str, days: int = 30) -> None:
        """``name.crt``, ``name.key``, and both in ``name.pem``."""
        key, request, certificate = (self.directory / f"{name}.{end}" for end in ("key", "csr", "crt"))
        extensions = self.directory / f"{name}.ext"
        extensions.write_text(_EXTENSIONS[kind])
        signer = self.ca if issuer == "ca" else self.directory / f"{issuer}.crt"
        openssl(
            "req",
            "-new",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-subj",
            subject,
            "-keyout",
            str(key),
            "-out",
            str(request),
        )
        openssl(
            *(
                "x509",
                "-req",
                "-in",
                str(request),
                "-CA",
                str(signer),
                "-CAkey",
                str(self.directory / f"{issuer}.key"),
            ),
            *(
                "-set_serial",
                str(zlib.crc32(name.encode()) + 1),
                "-days",
                str(days),
            ),
            *("-sha256", "-extfile", str(extensions), "-out", str(certificate)),
        )
        pem = self.directory / f"{name}.pem"
        pem.write_text(certificate.read_text() + key.read_text())
        for secret in (key, pem):
            secret.chmod(0o600)


def openssl(*arguments: str, stdin: str = "") -> str:
    """What ``openssl`` prints. Raises CalledProcessError."""
    done = subprocess.run(
        ["openssl", *arguments], input=stdin, capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout
