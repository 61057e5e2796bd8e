"""What the certificates of a PEM text say of themselves: whose they are, and from when to when.

Nothing is verified; signatures and extensions are the business of TLS and of the service. Read by the package
``cryptography``, which every extra with credentials brings, and which is loaded when there is a proxy to be
read.
"""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from transfers.errors import Unsupported

if TYPE_CHECKING:
    from cryptography.x509 import Certificate as Foreign
    from cryptography.x509 import Name

_PEM = re.compile(r"-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]*-----END CERTIFICATE-----")
_LONGEST_CHAIN = 20


@dataclass(frozen=True, slots=True)
class Certificate:
    """``subject`` as grids print it: ``/DC=ch/DC=cern/CN=alice/CN=1234``."""

    subject: str
    not_before: datetime
    not_after: datetime


def chain_of(pem: str) -> list[Certificate]:
    """The certificates of the text in its order, at least one. Raises ValueError with what is wrong."""
    blocks = _PEM.findall(pem)
    if not blocks:
        raise ValueError("it holds no certificate")
    if len(blocks) > _LONGEST_CHAIN:
        raise ValueError(f"it holds more than {_LONGEST_CHAIN} certificates")
    return [certificate_of(block) for block in blocks]


def certificate_of(pem: str) -> Certificate:
    """One certificate. Raises ValueError; Unsupported when ``cryptography`` is not installed."""
    try:
        from cryptography import x509
    except ImportError:
        raise Unsupported(
            "proxies are read with the Python package 'cryptography', which is not installed;"
            " run: pip install cryptography"
        ) from None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of serial numbers and names that older authorities give
            return _read(x509.load_pem_x509_certificate(pem.encode("ascii")))
    except (ValueError, x509.InvalidVersion) as error:  # that one is no ValueError
        raise ValueError(f"a certificate in it cannot be read: {str(error)[:100]}") from None


def _read(found: Foreign) -> Certificate:
    return Certificate(_shown(found.subject), found.not_valid_before_utc, found.not_valid_after_utc)


def _shown(name: Name) -> str:
    parts = []
    for part in name:
        value = part.value if isinstance(part.value, str) else "?"
        printable = "".join(letter if letter.isprintable() else "?" for letter in value)
        parts.append(f"/{_SHORT.get(part.oid.dotted_string, part.rfc4514_attribute_name)}={printable}")
    return "".join(parts)


_SHORT = {"1.2.840.113549.1.9.1": "emailAddress"}
"""Names of attributes that RFC 4514 has no short form for, and grids have."""
