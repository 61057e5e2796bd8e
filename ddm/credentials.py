"""The credentials of the settings, ready for use: who keeps them good, and how each backend is told of them.

The environment of the process is an argument, given by ``ddm.storages``. The XRootD client takes a proxy or a
token from there only: so a file that the settings name is put there (``exported``) before the client is used.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from catalog.clock import Clock
from ddm.settings import CredentialSettings, EndpointSettings, Settings
from transfers.credentials.discovery import find_proxy, find_token, proxy_place, token_places
from transfers.credentials.files import read_proxy, read_token
from transfers.credentials.keeper import Keeper, Renewal
from transfers.credentials.model import Credential
from transfers.words import CredentialKind

OPTIONS: Mapping[str, Mapping[CredentialKind, str]] = {
    "taperest": {CredentialKind.PROXY: "proxy", CredentialKind.TOKEN: "token_file"},
    "fts": {CredentialKind.PROXY: "proxy", CredentialKind.TOKEN: "token_file"},
    "gfal2": {CredentialKind.PROXY: "proxy_file", CredentialKind.TOKEN: "token_file"},
}
"""The option by which a backend or stager is told the file of a credential."""

VARIABLES = {CredentialKind.PROXY: "X509_USER_PROXY", CredentialKind.TOKEN: "BEARER_TOKEN_FILE"}


def keepers(
    settings: Settings, environ: Mapping[str, str], clock: Clock, uid: int | None = None
) -> dict[str, Keeper]:
    """A keeper for each ``[credential.NAME]``. Nothing is read yet."""
    uid = os.geteuid() if uid is None else uid
    return {name: _keeper(entry, environ, clock, uid) for name, entry in settings.credentials.items()}


def _keeper(settings: CredentialSettings, environ: Mapping[str, str], clock: Clock, uid: int) -> Keeper:
    path = file_of(settings, environ, uid)
    renewal = None
    if settings.renew and path:
        renewal = Renewal(settings.renew, path, environ, settings.renew_timeout, settings.renew_before)
    return Keeper(settings.name, _reader(settings, environ, uid), clock, renewal)


def _reader(settings: CredentialSettings, environ: Mapping[str, str], uid: int) -> Callable[[], Credential]:
    if settings.path is None:
        find = find_proxy if settings.kind is CredentialKind.PROXY else find_token
        return partial(find, environ, uid)
    read = read_proxy if settings.kind is CredentialKind.PROXY else read_token
    return partial(read, str(settings.path), uid, where=f"[credential.{settings.name}]")


def file_of(settings: CredentialSettings, environ: Mapping[str, str], uid: int) -> str:
    """The file of a credential, there or not; "" for a token that is in a variable."""
    if settings.path is not None:
        return str(settings.path)
    if settings.kind is CredentialKind.PROXY:
        return proxy_place(environ, uid).path
    if environ.get("BEARER_TOKEN", "").strip():
        return ""
    places = token_places(environ, uid)
    return next((place.path for place in places if os.path.lexists(place.path)), places[0].path)


def told(
    endpoint: EndpointSettings, settings: Settings, environ: Mapping[str, str], uid: int | None = None
) -> EndpointSettings:
    """The endpoint whose backend, stager and transfer service are told of its credential.

    An option that says otherwise stays as it is.
    """
    credential = settings.credentials.get(endpoint.credential)
    if credential is None:
        return endpoint
    path = file_of(credential, environ, os.geteuid() if uid is None else uid)

    def given(backend: str, options: Mapping[str, str]) -> Mapping[str, str]:
        option = OPTIONS.get(backend, {}).get(credential.kind)
        return {option: path, **options} if option and path else options

    return replace(
        endpoint,
        options=given(endpoint.backend, endpoint.options),
        stager_options=given(endpoint.stager, endpoint.stager_options),
        transfer_options=given(endpoint.transfer, endpoint.transfer_options),
    )


def exported(settings: Settings) -> dict[str, str]:
    """The variables that the XRootD client must find, for the files that the settings name."""
    names = {entry.credential for entry in settings.endpoints.values() if entry.backend == "xrootd"}
    found = {}
    for name in sorted(names - {""}):
        credential = settings.credentials[name]
        if credential.path is not None:
            found[VARIABLES[credential.kind]] = str(credential.path)
    return found
