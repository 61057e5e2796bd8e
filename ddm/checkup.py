"""What of each endpoint works for us, scope by scope, and how long our credentials last: harmless calls only.

Read: the answer to a question about a file that is not there. List: the first entry of the endpoint's own
directory. Space: what is free. Recalls and transfers: how a request is that nobody made. Write, only when it
is asked for: one small file with a name of its own below ``/ddm-doctor/``, looked at and removed again; never
on tape. A refusal for our credential or our rights is a finding; *there is no such file* is a good answer.

Credentials are looked at, never renewed; no secret is shown, and what services say is searched for them.
"""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from functools import partial
from pathlib import Path

from catalog.checksum import adler32_of
from catalog.clock import Clock
from catalog.errors import DataManagementError, ExitCode, Retry
from catalog.faults import Fault, fault_of
from catalog.states import EndpointKind
from ddm import credentials
from ddm.settings import EndpointSettings, Settings
from ddm.storages import export, open_ports
from ddm.units import human_size
from transfers.credentials.discovery import find_proxy, find_token
from transfers.credentials.keeper import Keeper
from transfers.credentials.model import HIDDEN, Credential, TooShort, enough_for, span
from transfers.errors import CredentialExpired, CredentialMissing, StorageError
from transfers.model import CopyOrder, Done, Failed, Observed, Unknown
from transfers.ports import Storage

NOBODY = "/ddm-doctor-asks-whether-you-answer"
"""A file that does not exist: to ask for it changes nothing, and any firm answer is a sign of life."""

REQUEST = "ddm-doctor-asks-for-nothing"
"""A request that nobody made."""

DIRECTORY = "/ddm-doctor"
AT_A_TIME = 8
GRID = frozenset({"xrootd", "gfal2", "fts", "taperest"})
"""Backends that find a proxy or a token by themselves where the field keeps them."""

_OURS = frozenset({"permission_refused", "credential_expired", "credential_missing"})
"""Answers that say that we may not."""


_FIRM = frozenset({"request_vanished", "not_online", "quota_exceeded"})
"""Answers of a service that works, though they may change by themselves."""


class Health(StrEnum):
    GOOD = "good"
    ABSENT = "absent"  # optional, and not there; or not looked at
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. ``exit_code`` is 0 unless it is bad."""

    what: str
    health: Health
    text: str
    exit_code: int = ExitCode.DONE


class NoSignOfLife(DataManagementError):
    """An endpoint gave no firm answer to a harmless question."""

    code = "no_sign_of_life"
    retry = Retry.LATER
    exit_code = ExitCode.BUSY
    advice = "check the endpoint's prefix and its service"


class NotForUs(DataManagementError):
    """An endpoint answers, and does not let us."""

    code = "not_for_us"
    exit_code = ExitCode.CREDENTIAL
    advice = "check the credential, its scopes, and the rights on the endpoint's directory"


class _NotTold(Exception):
    """It cannot be looked at; that is no trouble."""


def look(what: str, ask: Callable[[], str]) -> Finding:
    """What ``ask`` says, or its error, as a finding."""
    try:
        return Finding(what, Health.GOOD, ask())
    except _NotTold as why:
        return Finding(what, Health.ABSENT, str(why))
    except DataManagementError as error:
        return bad(what, error)


def bad(what: str, error: DataManagementError) -> Finding:
    """The error as a finding, with its advice. What is our credential's fault has an exit code of its own."""
    text = f"{error}; {error.advice}" if error.advice else str(error)
    ours = fault_of(error.code) is Fault.CREDENTIAL
    return Finding(what, Health.BAD, text, ExitCode.CREDENTIAL if ours else error.exit_code)


# ----------------------------------------------------------------------------- credentials
def look_at_credentials(
    settings: Settings, environ: Mapping[str, str], clock: Clock, hidden: set[str]
) -> Iterator[Finding]:
    """Every credential of the settings, and those that backends will find; ``hidden`` gets their secrets."""
    for name, keeper in credentials.keepers(settings, environ, clock).items():
        entry = settings.credentials[name]
        yield look(f"credential {name}", partial(_kept, keeper, clock, hidden))
        if entry.renew and not shutil.which(entry.renew[0], path=environ.get("PATH")):
            program = Path(entry.renew[0]).name
            text = f"the command {program} of [credential.{name}] renew is not there"
            yield Finding(f"credential {name} renew", Health.BAD, text, ExitCode.FAILED)
    if any(not entry.credential and _backends(entry) & GRID for entry in settings.endpoints.values()):
        uid = os.geteuid()
        for what, find in (("proxy", find_proxy), ("token", find_token)):
            yield look(f"credential found: {what}", partial(_found, find, environ, uid, clock, hidden))


def _kept(keeper: Keeper, clock: Clock, hidden: set[str]) -> str:
    return _lasting(keeper.look(), clock, hidden)


def _backends(endpoint: EndpointSettings) -> set[str]:
    return {endpoint.backend, endpoint.stager, endpoint.transfer}


def _found(
    find: Callable[[Mapping[str, str], int], Credential],
    environ: Mapping[str, str],
    uid: int,
    clock: Clock,
    hidden: set[str],
) -> str:
    try:
        return _lasting(find(environ, uid), clock, hidden)
    except CredentialMissing as error:  # an endpoint may need none, or the other one
        raise _NotTold(str(error)) from None


def _lasting(found: Credential, clock: Clock, hidden: set[str]) -> str:
    """How long it lasts. Raises CredentialExpired."""
    if found.secret:
        hidden.add(found.secret.reveal())
    match enough_for(found, timedelta(0), clock.now()):
        case TooShort(text=text):
            raise CredentialExpired(text, subject=found.path or found.where)
    left = found.left(clock.now())
    lasts = "does not say how long it lasts" if left is None else f"lasts {span(left)}"
    parts = [str(found), lasts, *filter(None, [found.subject])]
    if found.scopes:
        parts.append(f"scopes {' '.join(found.scopes)}")
    return ", ".join(parts)


# ----------------------------------------------------------------------------- endpoints
def look_at_endpoints(
    settings: Settings,
    names: Sequence[str],
    environ: Mapping[str, str],
    clock: Clock,
    *,
    write: bool,
) -> Iterator[Finding]:
    """Every scope of these endpoints, several endpoints at a time."""
    if not names:
        return
    export(settings)
    with ThreadPoolExecutor(min(AT_A_TIME, len(names))) as pool:
        told = [credentials.told(settings.endpoints[name], settings, environ) for name in names]
        for findings in pool.map(lambda endpoint: list(_endpoint(endpoint, clock, write)), told):
            yield from findings


def _endpoint(endpoint: EndpointSettings, clock: Clock, write: bool) -> Iterator[Finding]:
    what = f"endpoint {endpoint.name}"
    try:
        storage = open_ports(endpoint, clock)
    except DataManagementError as error:
        yield bad(what, error)
        return
    first = look(what, lambda: _read(storage, endpoint))
    yield first
    if first.exit_code == ExitCode.BUSY:
        return  # nobody there: every other question would wait as long, for the same answer
    if storage.lister:
        yield look(f"{what} list", lambda: _list(storage))
    if storage.space:
        yield look(f"{what} space", lambda: _space(storage))
    if storage.stager:
        yield look(f"{what} recalls", lambda: _recalls(storage))
    if storage.transferrer:
        yield look(f"{what} transfers", lambda: _transfers(storage))
    if write:
        yield look(f"{what} write", lambda: _write(storage, endpoint))


def _read(storage: Storage, endpoint: EndpointSettings) -> str:
    _firm(storage.prober.probe([NOBODY])[NOBODY], endpoint.prefix)
    return f"{endpoint.prefix} answers"


def _list(storage: Storage) -> str:
    assert storage.lister is not None
    entries = storage.lister.list("/")
    try:
        first = next(entries, None)
    except StorageError as error:
        if error.code in _OURS:
            raise NotForUs(f"may not be listed: {error} ({error.code})") from None
        raise
    finally:
        if close := getattr(entries, "close", None):
            close()
    return "may be listed" if first else "may be listed, and is empty"


def _space(storage: Storage) -> str:
    assert storage.space is not None
    space = storage.space.space()
    if space.free is None:
        raise _NotTold("it does not tell its free space")
    return f"{human_size(space.free)} free" + (f" of {human_size(space.total)}" if space.total else "")


def _recalls(storage: Storage) -> str:
    assert storage.stager is not None
    _firm(storage.stager.poll(REQUEST, [NOBODY]).get(NOBODY, Unknown("no answer")), "recalls")
    return "the service answers"


def _transfers(storage: Storage) -> str:
    assert storage.transferrer is not None
    told = storage.transferrer.poll({REQUEST: [NOBODY]}).get(REQUEST, {})
    _firm(told.get(NOBODY, Unknown("no answer")), "transfers")
    return "the service answers"


def _firm(answer: object, subject: str) -> None:
    """Raises unless the answer is firm and does not say that we may not."""
    match answer:
        case Failed(code, text, _) if code in _OURS:
            raise NotForUs(f"{subject}: {text} ({code})", subject=subject)
        case Failed(code, text, Retry.LATER) if code not in _FIRM:
            raise NoSignOfLife(f"{subject}: {text} ({code})", subject=subject)
        case Unknown(text):
            raise NoSignOfLife(f"{subject}: {text}", subject=subject)


def _write(storage: Storage, endpoint: EndpointSettings) -> str:
    """Write a file, look at it and remove it. Raises when any of that fails, and says what is left."""
    if storage.capabilities.tape or endpoint.kind is EndpointKind.TAPE:
        raise _NotTold("not tried: a file that is written there goes to tape")
    if "file" not in storage.capabilities.schemes:
        raise _NotTold("not tried: this backend cannot copy from a local file")
    path = f"{DIRECTORY}/{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(8)}"
    with tempfile.TemporaryDirectory(prefix="ddm-doctor-") as directory:
        local = Path(directory) / "file"
        local.write_bytes(f"ddm doctor, {path}\n".encode())
        with open(local, "rb") as stream:
            size, checksum = adler32_of(stream)
        order = CopyOrder(path, f"file://{local}", size, checksum)
        _done(storage.copier.copy([order])[path], f"{path} could not be written")
    try:
        seen = storage.prober.probe([path])[path]
        if not isinstance(seen, Observed) or seen.size != size or seen.adler32 not in (None, checksum):
            raise NoSignOfLife(f"{path} was written and is not seen as it should be: {seen}", subject=path)
    finally:
        _done(storage.remover.remove([path])[path], f"{path} was written and could not be removed")
    return f"a file was written below {DIRECTORY}/, seen and removed"


def _done(outcome: object, what: str) -> None:
    match outcome:
        case Done():
            return
        case Failed(code, text, retry):
            error = NoSignOfLife if retry is Retry.LATER and code not in _OURS else NotForUs
            raise error(f"{what}: {text} ({code})")
        case _:
            raise NoSignOfLife(f"{what}: {outcome}")


def without_secrets(finding: Finding, hidden: set[str]) -> Finding:
    """The finding with every secret that a service may have quoted taken out."""
    text = finding.text
    for secret in hidden:
        text = text.replace(secret, HIDDEN)
    return finding if text == finding.text else replace(finding, text=text)
