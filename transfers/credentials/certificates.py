"""What the certificates of a PEM text say of themselves: whose they are, and from when to when. Pure.

Only that is read, from the DER encoding (X.690) of RFC 5280's Certificate: docs/decisions/0015 says why by
hand. Nothing is verified; signatures and extensions are the business of TLS and of the service.

    Certificate = { tbs = { [0] version?, serial, signature, issuer, { from, until }, subject, … } … }
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

_PEM = re.compile(r"-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]*)-----END CERTIFICATE-----")
_SEQUENCE, _SET, _INTEGER, _OID, _UTC_TIME, _TIME, _VERSION = 0x30, 0x31, 0x02, 0x06, 0x17, 0x18, 0xA0
_LONGEST_CHAIN = 20
_UTF16 = 0x1E  # BMPString
_NAMES = {
    b"\x55\x04\x03": "CN",
    b"\x55\x04\x06": "C",
    b"\x55\x04\x07": "L",
    b"\x55\x04\x08": "ST",
    b"\x55\x04\x0a": "O",
    b"\x55\x04\x0b": "OU",
    b"\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x19": "DC",
    b"\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x01": "UID",
    b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x01": "emailAddress",
}
"""Attributes of a distinguished name that are printed by their name; of the others only the value is."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """``subject`` as grids print it: ``/DC=ch/DC=cern/CN=alice/CN=1234``."""

    subject: str
    not_before: datetime
    not_after: datetime


@dataclass(frozen=True, slots=True)
class _Field:
    tag: int
    value: bytes


def chain_of(pem: str) -> list[Certificate]:
    """The certificates of the text in its order, at least one. Raises ValueError with what is wrong."""
    blocks = _PEM.findall(pem)
    if not blocks:
        raise ValueError("it holds no certificate")
    if len(blocks) > _LONGEST_CHAIN:
        raise ValueError(f"it holds more than {_LONGEST_CHAIN} certificates")
    try:
        return [certificate_of(base64.b64decode("".join(block.split()), validate=True)) for block in blocks]
    except binascii.Error:
        raise ValueError("a certificate in it is not base64") from None


def certificate_of(der: bytes) -> Certificate:
    """One certificate. Raises ValueError."""
    (whole,) = _some(_fields(der), _SEQUENCE)
    (tbs,) = _some(_fields(whole.value), _SEQUENCE)
    parts = _fields(tbs.value)
    first = next(parts, None)
    if first is not None and first.tag == _VERSION:
        first = next(parts, None)
    if first is None or first.tag != _INTEGER:
        raise ValueError("a certificate in it has no serial number")
    _, _, validity, subject = _some(parts, _SEQUENCE, _SEQUENCE, _SEQUENCE, _SEQUENCE)
    times = list(_fields(validity.value))
    if len(times) != 2:
        raise ValueError("a certificate in it does not say from when to when")
    return Certificate(_name(subject.value), _time(times[0]), _time(times[1]))


def _fields(data: bytes) -> Iterator[_Field]:
    """The fields that stand one after the other in the data."""
    at = 0
    while at < len(data):
        if at + 2 > len(data):
            raise ValueError("a certificate in it is cut short")
        tag, length, at = data[at], data[at + 1], at + 2
        if length & 0x80:
            count = length & 0x7F
            if not 1 <= count <= 4 or at + count > len(data):
                raise ValueError("a certificate in it is not DER")
            length, at = int.from_bytes(data[at : at + count], "big"), at + count
        if at + length > len(data):
            raise ValueError("a certificate in it is cut short")
        yield _Field(tag, data[at : at + length])
        at += length


def _some(fields: Iterator[_Field], *tags: int) -> list[_Field]:
    """The next fields, which must be these."""
    found = []
    for tag in tags:
        field = next(fields, None)
        if field is None or field.tag != tag:
            raise ValueError("a certificate in it is not one of RFC 5280")
        found.append(field)
    return found


def _time(field: _Field) -> datetime:
    """UTCTime (two digits of the year: 50 to 49 are 1950 to 2049) or GeneralizedTime, both in Z."""
    text = field.value.decode("ascii", errors="replace")
    if field.tag == _UTC_TIME and re.fullmatch(r"[0-9]{12}Z", text):
        text = ("19" if text[:2] >= "50" else "20") + text
    elif field.tag != _TIME or not re.fullmatch(r"[0-9]{14}Z", text):
        raise ValueError("a certificate in it has a time that cannot be read")
    try:
        return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise ValueError("a certificate in it has a time that cannot be") from None


def _name(data: bytes) -> str:
    parts = []
    for group in _fields(data):
        for pair in _fields(group.value):
            fields = list(_fields(pair.value))
            if group.tag != _SET or len(fields) != 2 or fields[0].tag != _OID:
                raise ValueError("a certificate in it has a name that cannot be read")
            oid, value = fields
            text = value.value.decode("utf-16-be" if value.tag == _UTF16 else "utf-8", errors="replace")
            shown = "".join(letter if letter.isprintable() else "?" for letter in text)
            parts.append(f"/{_NAMES.get(oid.value, '?')}={shown}")
    return "".join(parts)
