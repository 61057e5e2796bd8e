"""What is found, what a credential says of itself, and which files are refused."""

from __future__ import annotations

import base64
import copy
import dataclasses
import os
import pickle
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.x509.oid import NameOID
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ddm.cli.toolkit import jsonable
from tests.unit.transfers_credentials import place
from tests.unit.transfers_credentials.place import HOUR, NOW, jwt, key_pem, pem
from transfers.credentials import (
    CredentialKind,
    Enough,
    Pace,
    Secret,
    TooShort,
    certificates_of,
    enough_for,
    find_proxy,
    find_token,
    read_proxy,
    read_token,
    require,
)
from transfers.credentials.certificates import certificate_of, chain_of
from transfers.credentials.discovery import proxy_place, token_places
from transfers.credentials.model import span
from transfers.credentials.tokens import Claims, claims_of
from transfers.errors import CredentialExpired, CredentialMissing, PermissionRefused

ME = os.getuid()


# ----------------------------------------------------------------------------- where
def test_a_proxy_is_where_the_variable_says_or_at_the_usual_place():
    assert proxy_place({"X509_USER_PROXY": "/home/me/x"}, 7).path == "/home/me/x"
    assert proxy_place({"X509_USER_PROXY": ""}, 7).path == "/tmp/x509up_u7"
    assert proxy_place({}, 7).path == "/tmp/x509up_u7"


def test_tokens_are_found_in_the_order_of_the_specification(tmp_path):
    runtime = tmp_path / "run"
    runtime.mkdir()
    named, found = (
        place.token(tmp_path / "named", sub="named"),
        place.token(runtime / f"bt_u{ME}", sub="found"),
    )
    environ = {"BEARER_TOKEN": jwt({"sub": "told"}), "BEARER_TOKEN_FILE": str(named)}
    environ["XDG_RUNTIME_DIR"] = str(runtime)
    told = find_token(environ, ME)
    assert (told.subject, told.path, told.where) == ("told", "", "BEARER_TOKEN")
    del environ["BEARER_TOKEN"]
    assert find_token(environ, ME).path == str(named)
    del environ["BEARER_TOKEN_FILE"]
    assert find_token(environ, ME).path == str(found)
    assert [entry.path for entry in token_places(environ, 7)] == [f"{runtime}/bt_u7", "/tmp/bt_u7"]
    assert [entry.path for entry in token_places({}, 7)] == ["/tmp/bt_u7"]


def test_a_file_that_is_named_and_missing_is_not_replaced_by_another(tmp_path):
    place.token(tmp_path / f"bt_u{ME}")
    environ = {"BEARER_TOKEN_FILE": str(tmp_path / "none"), "XDG_RUNTIME_DIR": str(tmp_path)}
    with pytest.raises(CredentialMissing, match="none"):
        find_token(environ, ME)


def test_no_token_says_where_it_was_looked_for(tmp_path):
    with pytest.raises(CredentialMissing, match=r"BEARER_TOKEN is not set, nothing is at .*bt_u999999"):
        find_token({"XDG_RUNTIME_DIR": str(tmp_path)}, 999_999)
    with pytest.raises(CredentialMissing, match="x509up_u999999"):
        find_proxy({}, 999_999)


def test_authorities(tmp_path):
    assert certificates_of({"X509_CERT_DIR": str(tmp_path)}) == str(tmp_path)
    assert certificates_of({}) in ("", "/etc/grid-security/certificates")


# ----------------------------------------------------------------------------- proxies
def test_a_proxy_ends_with_the_first_of_its_chain(tmp_path):
    path = place.proxy(tmp_path / "proxy", 12 * HOUR, 3 * HOUR, 900 * HOUR)
    found = read_proxy(str(path), ME)
    assert (found.kind, found.path) == (CredentialKind.PROXY, str(path))
    assert found.ends_at == NOW + 3 * HOUR
    assert found.starts_at == NOW - HOUR
    assert found.subject == "/DC=ch/O=Über Labor/CN=alice"
    assert find_proxy({"X509_USER_PROXY": str(path)}, ME) == dataclasses.replace(
        found, where="X509_USER_PROXY"
    )


times = st.integers(-631_065_600, 13_569_465_600).map(  # 1950 to 2400
    lambda seconds: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)
names = st.lists(
    st.tuples(
        st.sampled_from([NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME, NameOID.DOMAIN_COMPONENT]),
        st.text("abc äλ-/=.", min_size=1, max_size=40),
    ),
    min_size=1,
    max_size=5,
)


@settings(max_examples=30, deadline=None)
@given(times, times, names)
def test_certificates_are_read_as_the_library_reads_them(one, other, subject):
    first, last = sorted((one, other))
    made = place.certificate(last, first, subject)
    library = x509.load_pem_x509_certificate(pem(made).encode())
    (found,) = chain_of("text before\n" + pem(made) + "text after")
    assert found.not_before == library.not_valid_before_utc == first
    assert found.not_after == library.not_valid_after_utc == last
    short = {NameOID.COMMON_NAME: "CN", NameOID.ORGANIZATION_NAME: "O", NameOID.DOMAIN_COMPONENT: "DC"}
    assert found.subject == "".join(f"/{short[part.oid]}={part.value}" for part in library.subject)


DER = place.certificate(NOW + HOUR).public_bytes(serialization.Encoding.DER)


def refusal(data: bytes) -> str:
    """How the refusal begins; nothing if it is none."""
    text = base64.b64encode(data).decode()
    try:
        certificate_of(f"-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n")
    except ValueError as error:
        return str(error)[:19]
    return ""


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200), st.integers(0, 500), st.integers(0, 255))
@example(junk=b"", at=DER.index(b"\xa0\x03\x02\x01\x02") + 4, byte=1)  # of a version that there never was
def test_spoiled_certificates_are_refused_in_words(junk, at, byte):
    at %= len(DER)
    for data in (junk, DER[:at], DER[:at] + bytes([byte]) + DER[at + 1 :]):
        assert refusal(data) in ("", "a certificate in it")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no private key"),
        (key_pem(), "no certificate"),
        (key_pem() + "-----BEGIN CERTIFICATE-----\nAAA\n-----END CERTIFICATE-----\n", "a certificate in it"),
        (key_pem() + "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "a certificate in it"),
        (pem(place.certificate(NOW)), "no private key"),
        ("\0" * 50, "no text of a credential"),
        ("x" * 2**21, "no text of a credential"),
    ],
)
def test_what_is_no_proxy_is_missing(tmp_path, text, why):
    path = tmp_path / "proxy"
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(CredentialMissing, match=why):
        read_proxy(str(path), ME)


def test_a_key_with_a_password_is_refused(tmp_path):
    path = tmp_path / "proxy"
    path.write_text(pem(place.certificate(NOW)) + key_pem(b"secret"))
    path.chmod(0o600)
    with pytest.raises(PermissionRefused, match="password"):
        read_proxy(str(path), ME)


# ----------------------------------------------------------------------------- tokens
def test_a_token_tells_its_end_its_scopes_and_whose_it_is(tmp_path):
    path = place.token(
        tmp_path / "token", 2 * HOUR, sub="alice", iss="https://iam", scope="storage.read:/ storage.stage:/"
    )
    found = read_token(str(path), ME)
    assert found.ends_at == NOW + 2 * HOUR
    assert found.scopes == ("storage.read:/", "storage.stage:/")
    assert found.subject == "alice of https://iam"
    assert found.secret.reveal() == path.read_text().strip()


@pytest.mark.parametrize(
    "text",
    [
        "opaque",
        "a.b.c",
        "a.e30.c",
        "..",
        "a.bnVsbA.c",
        "a.W10.c",
        jwt({"exp": "soon"}),
        jwt({"exp": True}),
        jwt({"exp": 1e300}),
        jwt({"exp": None, "sub": 3, "scope": ["x"]}),
    ],
)
def test_a_token_that_does_not_tell_its_end_has_none(text):
    assert claims_of(text) == Claims()


@given(st.text(max_size=60))
def test_no_text_is_too_odd_for_a_token(text):
    claims_of(text)
    claims_of(f"a.{text}.c")


@pytest.mark.parametrize("content", ["", "two words", "tök", "line\nline", "  \n"])
def test_a_file_that_holds_no_token_is_refused_without_quoting_it(tmp_path, content):
    path = tmp_path / "token"
    path.write_text(content)
    path.chmod(0o600)
    with pytest.raises(CredentialMissing) as caught:
        read_token(str(path), ME)
    assert "words" not in str(caught.value)


# ----------------------------------------------------------------------------- files of others
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o601, 0o644, 0o700 | 0o010])
def test_a_file_that_others_may_touch_is_refused(tmp_path, mode):
    for path, read in (
        (place.proxy(tmp_path / "proxy", mode=mode), read_proxy),
        (place.token(tmp_path / "token", mode=mode), read_token),
    ):
        with pytest.raises(PermissionRefused, match=f"mode 0{mode:o}") as caught:
            read(str(path), ME)
        assert "chmod 600" in caught.value.advice


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_a_file_of_ours_alone_is_read(tmp_path, mode):
    assert read_token(str(place.token(tmp_path / "token", mode=mode)), ME).ends_at


def test_a_file_of_somebody_else_is_refused(tmp_path):
    path = place.token(tmp_path / "token")
    os.chown(path, 12_345, -1) if ME == 0 else None
    asked = ME if ME == 0 else 12_345
    with pytest.raises(PermissionRefused, match="belongs to user"):
        read_token(str(path), asked)


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
def test_what_is_no_file_is_missing_and_does_not_hold_us_up(tmp_path, make):
    make(tmp_path / "odd")
    with pytest.raises(CredentialMissing):
        read_token(str(tmp_path / "odd"), ME)


def test_a_name_that_cannot_be_is_missing():
    with pytest.raises(CredentialMissing):
        read_proxy("a\0b", ME)


# ----------------------------------------------------------------------------- long enough?
def test_the_lifetime_is_compared_with_the_work(tmp_path):
    found = read_proxy(str(place.proxy(tmp_path / "proxy", 5 * HOUR)), ME)
    assert enough_for(found, 5 * HOUR, NOW) == Enough(5 * HOUR)
    short = enough_for(found, 5 * HOUR + timedelta(seconds=1), NOW)
    assert isinstance(short, TooShort)
    assert "ends in 5 h (2026-08-01 17:00 UTC), and the work needs 5 h 1 s" in short.text
    over = enough_for(found, timedelta(0), NOW + 5 * HOUR)
    assert isinstance(over, TooShort)
    assert "is over since" in over.text
    early = enough_for(found, timedelta(0), NOW - 2 * HOUR)
    assert isinstance(early, TooShort)
    assert "is not good before" in early.text
    with pytest.raises(CredentialExpired, match="the work needs"):
        require(found, 6 * HOUR, NOW)


def test_a_token_that_does_not_tell_is_for_the_service_to_judge(tmp_path):
    path = tmp_path / "token"
    path.write_text("macaroon")
    path.chmod(0o600)
    assert enough_for(read_token(str(path), ME), 99 * HOUR, NOW) == Enough(None)


def test_the_estimate_of_work_grows_with_bytes_and_files():
    pace = Pace(rate=10**6, per_file=timedelta(seconds=2), margin=timedelta(minutes=1))
    assert pace.time_for(10**8, 5) == timedelta(seconds=100 + 10 + 60)
    assert [span(timedelta(seconds=n)) for n in (0, 40, 3600, 90_061)] == ["0 s", "40 s", "1 h", "1 d 1 h"]


# ----------------------------------------------------------------------------- nothing shows it
def test_nothing_shows_the_secret(tmp_path):
    path = place.token(tmp_path / "token")
    secret = path.read_text().strip()
    found = read_token(str(path), ME)
    shown = [
        repr(found),
        str(found),
        f"{found.secret}",
        f"{found.secret!r}",
        str(jsonable(found)),
        repr([found]),
    ]
    assert not any(secret in text for text in shown)
    assert all("hidden" in text for text in (shown[0], shown[2], str(jsonable(found.secret))))
    for leak in (pickle.dumps, copy.deepcopy, dataclasses.asdict):
        with pytest.raises(TypeError, match="secret"):
            leak(found)
    assert not Secret("")
    assert Secret("x")


def test_this_is_no_reason_to_load_much(tmp_path):
    import subprocess
    import sys

    heavy = "{'ssl', 'cryptography', 'httpx', 'subprocess'}"
    code = f"import sys, transfers.credentials; print({heavy} & {{*sys.modules}})"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path.cwd()
    )
    assert done.stdout.strip() == "set()"
