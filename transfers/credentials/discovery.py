"""Where the field keeps credentials. The environment and the user id are arguments.

- Proxy: ``X509_USER_PROXY``, else ``/tmp/x509up_u<uid>``.
- Token (WLCG Bearer Token Discovery, v1.0, zenodo.3937438): ``BEARER_TOKEN`` is the token; else
  ``BEARER_TOKEN_FILE`` names its file; else ``$XDG_RUNTIME_DIR/bt_u<uid>``; else ``/tmp/bt_u<uid>``. A step
  whose variable is set and gives no token is the end: a token of another place might be somebody else's idea.
- Authorities: ``X509_CERT_DIR``, else ``/etc/grid-security/certificates`` if it is there, else the system's.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from transfers.credentials.files import of_token, read_proxy, read_token
from transfers.credentials.model import Credential
from transfers.errors import CredentialMissing

GRID_CERTIFICATES = "/etc/grid-security/certificates"


@dataclass(frozen=True, slots=True)
class Place:
    """A file that may hold a credential, and who says so. ``told``: by a variable of its own."""

    path: str
    where: str
    told: bool


def proxy_place(environ: Mapping[str, str], uid: int) -> Place:
    """Where the proxy of this user is, if there is one. Pure."""
    if named := environ.get("X509_USER_PROXY"):
        return Place(named, "X509_USER_PROXY", told=True)
    return Place(f"/tmp/x509up_u{uid}", "the usual place", told=False)  # noqa: S108


def token_places(environ: Mapping[str, str], uid: int) -> list[Place]:
    """The files that may hold the token of this user, in order. ``BEARER_TOKEN`` goes before them. Pure."""
    if named := environ.get("BEARER_TOKEN_FILE"):
        return [Place(named, "BEARER_TOKEN_FILE", told=True)]
    places = []
    if runtime := environ.get("XDG_RUNTIME_DIR"):
        places.append(Place(os.path.join(runtime, f"bt_u{uid}"), "XDG_RUNTIME_DIR", told=False))
    places.append(Place(f"/tmp/bt_u{uid}", "the usual place", told=False))  # noqa: S108
    return places


def find_proxy(environ: Mapping[str, str], uid: int) -> Credential:
    """The proxy of this user.

    Raises CredentialMissing (none, or a file that holds none), PermissionRefused (others can read it).
    """
    place = proxy_place(environ, uid)
    return read_proxy(place.path, uid, where=place.where)


def find_token(environ: Mapping[str, str], uid: int) -> Credential:
    """The bearer token of this user. Raises CredentialMissing, PermissionRefused."""
    if (text := environ.get("BEARER_TOKEN", "").strip()) != "":
        return of_token(text, path="", where="BEARER_TOKEN")
    places = token_places(environ, uid)
    for place in places:
        if place.told or os.path.lexists(place.path):
            return read_token(place.path, uid, where=place.where)
    looked = " or ".join(place.path for place in places)
    raise CredentialMissing(f"there is no bearer token: BEARER_TOKEN is not set, nothing is at {looked}")


def certificates_of(environ: Mapping[str, str]) -> str:
    """The directory of authorities to trust, "" for those of the system."""
    if named := environ.get("X509_CERT_DIR"):
        return named
    return GRID_CERTIFICATES if os.path.isdir(GRID_CERTIFICATES) else ""
