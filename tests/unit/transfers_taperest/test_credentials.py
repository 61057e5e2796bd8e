"""Tokens, X.509 proxies and TLS, with real certificates made on the spot."""

from __future__ import annotations

import hashlib
import os
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID, ObjectIdentifier

from tests.unit.transfers_taperest.place import Place
from transfers.backends.taperest.client import Client
from transfers.backends.taperest.payload import Options
from transfers.errors import (
    CredentialExpired,
    CredentialMissing,
    EndpointUnreachable,
    PermissionRefused,
    StorageError,
    Unsupported,
)
from transfers.model import Pending, StageOrder
from transfers.testing.taperest_services import Reply

PROXY_CERT_INFO = ObjectIdentifier("1.3.6.1.5.5.7.1.14")
INHERIT_ALL = bytes.fromhex("300c300a06082b06010505071501")  # RFC 3820: the policy "as the user"


class Tokens:
    """A token file, renewed as a token agent does it: a new file in place of the old one."""

    def __init__(self, path: Path, token: str) -> None:
        self.path = path
        self.write(token)

    def write(self, token: str) -> None:
        new = self.path.with_suffix(".new")
        new.write_text(token + "\n")
        new.chmod(0o600)
        os.replace(new, self.path)


# ---------------------------------------------------------------- tokens


@pytest.fixture
def guarded() -> Iterator[Place]:
    place = Place("eos", tokens={"first"})
    yield place
    place.server.stop()


def test_a_token_is_read_again_when_it_is_renewed(guarded: Place, tmp_path: Path):
    tokens = Tokens(tmp_path / "token", "first")
    stager = guarded.opened(token_file=str(tokens.path))
    orders = guarded.orders("a.raw")
    token = stager.stage(orders).token
    guarded.server.tokens = {"second"}
    with pytest.raises(CredentialExpired) as caught:
        stager.poll(token, ["/a.raw"])
    assert caught.value.advice
    tokens.write("second")
    assert stager.poll(token, ["/a.raw"]) == {"/a.raw": Pending()}


def test_without_the_token_nobody_is_let_in(guarded: Place):
    with pytest.raises(CredentialExpired):
        guarded.stager.stage(guarded.orders("a.raw"))


@pytest.mark.parametrize("content", ["", "two words", "tök", "line\nline"])
def test_a_file_that_holds_no_token_is_a_missing_credential(guarded: Place, tmp_path: Path, content: str):
    tokens = Tokens(tmp_path / "token", content)
    with pytest.raises(CredentialMissing, match="token file"):
        guarded.opened(token_file=str(tokens.path)).stage(guarded.orders("a.raw"))


def test_no_token_file_is_a_missing_credential(guarded: Place, tmp_path: Path):
    with pytest.raises(CredentialMissing, match="token file"):
        guarded.opened(token_file=str(tmp_path / "none")).stage(guarded.orders("a.raw"))


def test_a_token_that_others_can_read_is_not_sent(guarded: Place, tmp_path: Path):
    tokens = Tokens(tmp_path / "token", "first")
    stager = guarded.opened(token_file=str(tokens.path))
    orders = guarded.orders("a.raw")
    stager.stage(orders)
    before = len(guarded.server.calls)
    tokens.path.chmod(0o644)
    with pytest.raises(PermissionRefused, match="can be read by others"):
        stager.stage(orders)
    assert len(guarded.server.calls) == before


def test_a_token_is_not_sent_over_plain_http_to_another_machine(guarded: Place, tmp_path: Path):
    tokens = Tokens(tmp_path / "token", "first")
    options = {"token_file": str(tokens.path), "endpoint": "http://tape.example/api/v1"}
    client = Client(Options.parse(guarded.server.url, options), guarded.clock)
    with pytest.raises(PermissionRefused, match="plain HTTP"):
        client.call("GET", "/stage/x")


def test_a_redirection_is_not_followed(guarded: Place, monkeypatch: pytest.MonkeyPatch):
    guarded.server.tokens = None
    away = Reply(307, None, {"Location": "http://elsewhere.example/"})
    monkeypatch.setattr(guarded.server.service, "stage", lambda body: away)
    with pytest.raises(Unsupported, match=r"elsewhere\.example"):
        guarded.stager.stage(guarded.orders("a.raw"))


# ---------------------------------------------------------------- certificates


class Authority:
    """A certificate authority, as a file and as a hashed directory, and what it signs."""

    def __init__(self, directory: Path) -> None:
        self.ca = trustme.CA()
        self.directory = directory
        directory.mkdir()
        self.file = directory / "ca.pem"
        self.ca.cert_pem.write_to_path(str(self.file))

    def server(self, *, ask: bool = False) -> ssl.SSLContext:
        """The context of a server that is ``localhost``; ``ask``: it wants to see certificates."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.ca.issue_cert("localhost").configure_cert(context)
        if ask:
            self.ca.configure_trust(context)
            context.verify_mode = ssl.CERT_REQUIRED
            context.verify_flags |= ssl.VERIFY_ALLOW_PROXY_CERTS
        return context

    def proxy(self, name: str, *, hours: float = 12, of: Authority | None = None) -> Path:
        """A proxy as voms-proxy-init makes them: its certificate, its key and the user's certificate."""
        user = (of or self).ca.issue_cert("user@example.org", common_name=name)
        signed_by = x509.load_pem_x509_certificate(user.cert_chain_pems[0].bytes())
        key = serialization.load_pem_private_key(user.private_key_pem.bytes(), None)
        mine = ec.generate_private_key(ec.SECP256R1())
        now = datetime.now(UTC)
        serial = x509.random_serial_number()
        subject = x509.Name([*signed_by.subject, x509.NameAttribute(NameOID.COMMON_NAME, str(serial))])
        proxy = (
            x509.CertificateBuilder(signed_by.subject, subject, mine.public_key(), serial)
            .not_valid_before(now - timedelta(hours=20))
            .not_valid_after(now + timedelta(hours=hours))
            .add_extension(x509.UnrecognizedExtension(PROXY_CERT_INFO, INHERIT_ALL), critical=True)
            .add_extension(
                x509.KeyUsage(True, False, True, False, False, False, False, False, False), critical=True
            )
            .sign(key, hashes.SHA256())  # type: ignore[arg-type]
        )
        pem = proxy.public_bytes(serialization.Encoding.PEM)
        pem += mine.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )
        path = self.directory / f"{name}.pem"
        path.write_bytes(pem + user.cert_chain_pems[0].bytes())
        path.chmod(0o600)
        return path


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "ca")


@pytest.fixture
def secure(authority: Authority) -> Iterator[Place]:
    place = Place("dcache", tls=authority.server())
    yield place
    place.server.stop()


@pytest.fixture
def asking(authority: Authority) -> Iterator[Place]:
    place = Place("dcache", tls=authority.server(ask=True))
    yield place
    place.server.stop()


def trouble_of(place: Place, **options: str) -> StorageError:
    with pytest.raises(StorageError) as caught:
        place.opened(**options).stage([StageOrder("/a.raw", 1)])
    return caught.value


def test_a_server_of_our_authority_is_trusted(secure: Place, authority: Authority):
    stager = secure.opened(ca=str(authority.file))
    token = stager.stage(secure.orders("a.raw")).token
    assert stager.poll(token, ["/a.raw"]) == {"/a.raw": Pending()}


def test_authorities_may_be_a_directory_of_hashed_names(secure: Place, authority: Authority, tmp_path: Path):
    hashed = tmp_path / "certificates"
    hashed.mkdir()
    (hashed / f"{_hash_of(authority.file)}.0").write_bytes(authority.file.read_bytes())
    assert secure.opened(ca=str(hashed)).stage(secure.orders("a.raw")).token


def _hash_of(certificate: Path) -> str:
    """The name that OpenSSL looks for: SHA-1 of the canonical subject."""
    subject = x509.load_pem_x509_certificate(certificate.read_bytes()).subject
    canonical = b""
    for part in subject.rdns:
        (attribute,) = part
        oid = _der(0x06, _oid(attribute.oid.dotted_string))
        text = _der(0x0C, " ".join(str(attribute.value).lower().split()).encode())
        canonical += _der(0x31, _der(0x30, oid + text))
    digest = hashlib.sha1(canonical).digest()
    return f"{int.from_bytes(digest[:4], 'little'):08x}"


def _der(tag: int, content: bytes) -> bytes:
    assert len(content) < 128
    return bytes([tag, len(content)]) + content


def _oid(dotted: str) -> bytes:
    first, second, *rest = map(int, dotted.split("."))
    assert all(number < 128 for number in rest)
    return bytes([first * 40 + second, *rest])


def test_a_server_of_an_unknown_authority_is_not_spoken_to(secure: Place, tmp_path: Path):
    other = Authority(tmp_path / "other")
    error = trouble_of(secure, ca=str(other.file))
    assert type(error) is EndpointUnreachable
    assert "certificate verify failed" in str(error).lower()
    assert type(trouble_of(secure)) is EndpointUnreachable  # nor by the system's authorities
    assert secure.server.calls == []


@pytest.mark.parametrize("content", [None, "", "no certificate"])
def test_authorities_that_cannot_be_read_are_named(secure: Place, tmp_path: Path, content: str | None):
    path = tmp_path / "bad.pem"
    if content is not None:
        path.write_text(content)
    error = trouble_of(secure, ca=str(path))
    assert isinstance(error, Unsupported)
    assert "option ca" in str(error)


def test_a_proxy_says_who_we_are_and_is_read_again_when_renewed(asking: Place, authority: Authority):
    path = authority.proxy("alice")
    stager = asking.opened(ca=str(authority.file), proxy=str(path))
    orders = asking.orders("a.raw")
    stager.stage(orders)
    assert "alice" in asking.server.calls[-1].subject
    os.replace(authority.proxy("bob"), path)
    stager.stage(orders)
    assert "bob" in asking.server.calls[-1].subject


def test_an_expired_proxy_is_an_expired_credential_until_it_is_renewed(asking: Place, authority: Authority):
    path = authority.proxy("alice", hours=-1)
    stager = asking.opened(ca=str(authority.file), proxy=str(path))
    orders = asking.orders("a.raw")
    with pytest.raises(CredentialExpired):
        stager.stage(orders)
    os.replace(authority.proxy("new"), path)
    assert stager.stage(orders).token


def test_without_a_proxy_the_server_refuses(asking: Place, authority: Authority):
    assert type(trouble_of(asking, ca=str(authority.file))) is PermissionRefused


def test_a_proxy_of_an_unknown_authority_is_refused(asking: Place, authority: Authority, tmp_path: Path):
    stranger = authority.proxy("mallory", of=Authority(tmp_path / "other"))
    assert type(trouble_of(asking, ca=str(authority.file), proxy=str(stranger))) is PermissionRefused


@pytest.mark.parametrize("content", [None, "", "nonsense"])
def test_a_proxy_that_cannot_be_read_is_a_missing_credential(
    asking: Place, authority: Authority, tmp_path: Path, content: str | None
):
    path = tmp_path / "x509up"
    if content is not None:
        path.write_text(content)
        path.chmod(0o600)
    error = trouble_of(asking, ca=str(authority.file), proxy=str(path))
    assert type(error) is CredentialMissing
    assert str(path) in str(error)


def test_a_proxy_whose_key_has_a_password_does_not_ask_at_the_terminal(asking: Place, authority: Authority):
    key = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"secret"),
    )
    path = authority.directory / "locked.pem"
    path.write_bytes(authority.proxy("alice").read_bytes().split(b"-----BEGIN EC")[0] + key)
    path.chmod(0o600)
    assert type(trouble_of(asking, ca=str(authority.file), proxy=str(path))) is PermissionRefused


def test_a_proxy_with_the_key_of_another_is_not_used(asking: Place, authority: Authority):
    path = authority.proxy("alice")
    own, other = path.read_bytes(), authority.proxy("bob").read_bytes()
    cut = b"-----BEGIN EC"
    path.write_bytes(own.split(cut)[0] + cut + other.split(cut)[1])
    error = trouble_of(asking, ca=str(authority.file), proxy=str(path))
    assert type(error) is CredentialExpired
    assert "not a proxy with its key" in str(error)


def test_a_proxy_that_others_can_read_is_not_used(asking: Place, authority: Authority):
    path = authority.proxy("alice")
    path.chmod(0o640)
    assert type(trouble_of(asking, ca=str(authority.file), proxy=str(path))) is PermissionRefused
    assert asking.server.calls == []
