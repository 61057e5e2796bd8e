"""Credentials for tests: proxies with chosen lifetimes, tokens with chosen claims."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

NOW = datetime(2026, 8, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
ALICE = (
    (NameOID.DOMAIN_COMPONENT, "ch"),
    (NameOID.ORGANIZATION_NAME, "Über Labor"),
    (NameOID.COMMON_NAME, "alice"),
)


@cache
def key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def key_pem(password: bytes | None = None) -> str:
    how = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    return key().private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, how).decode()


def certificate(
    ends_at: datetime, starts_at: datetime = NOW - HOUR, names: Sequence = ALICE
) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(oid, value) for oid, value in names])
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(x509.Name(list(name)[:1]))
        .public_key(key().public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(starts_at)
        .not_valid_after(ends_at)
        .sign(key(), hashes.SHA256())
    )


def pem(made: x509.Certificate) -> str:
    return made.public_bytes(serialization.Encoding.PEM).decode()


def proxy(path: Path, *lasts: timedelta, now: datetime = NOW, mode: int = 0o600) -> Path:
    """A proxy whose certificates last so long each: the first is the proxy's own."""
    first, *rest = (pem(certificate(now + each, now - HOUR)) for each in lasts or (12 * HOUR,))
    path.write_text(first + key_pem() + "".join(rest))
    path.chmod(mode)
    return path


def jwt(claims: Any) -> str:
    def part(value: Any) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    return f"{part({'alg': 'ES256'})}.{part(claims)}.c2lnbmF0dXJlLXRoYXQtaXMtc2VjcmV0"


def token(
    path: Path, lasts: timedelta = 6 * HOUR, now: datetime = NOW, mode: int = 0o600, **claims: Any
) -> Path:
    path.write_text(jwt({"exp": int((now + lasts).timestamp()), **claims}) + "\n")
    path.chmod(mode)
    return path
