"""A token or a proxy for HTTP: taken from its file, and taken again when the file changes.

Loads ``ssl``, so it is for those who speak TLS. A file that others can read is refused (``files``).
"""

from __future__ import annotations

import os
import ssl
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from transfers.credentials.files import read_proxy, read_token
from transfers.errors import CredentialExpired, Unsupported

T = TypeVar("T")


def stamp(path: str) -> tuple[int, ...]:
    """Something that changes when the file is replaced or written to. OSError when there is none."""
    found = os.stat(path)
    return (found.st_mtime_ns, found.st_size, found.st_ino, found.st_mode, found.st_uid)


class _FromFile(Generic[T]):
    """What is made of a file; made anew when the file has changed."""

    def __init__(self, path: str, make: Callable[[], T]) -> None:
        self._path, self._make = path, make
        self._lock = threading.Lock()
        self._made: tuple[tuple[int, ...], T] | None = None

    def get(self) -> T:
        """Raises what ``make`` raises."""
        with self._lock:
            try:
                now = stamp(self._path)
            except OSError:
                return self._make()  # which says why
            if self._made is None or self._made[0] != now:
                self._made = (now, self._make())
            return self._made[1]


class Token:
    """A bearer token in a file, as WLCG's bearer token discovery has it (BEARER_TOKEN_FILE)."""

    def __init__(self, path: str) -> None:
        self._file = _FromFile(path, lambda: token_in(path))

    def __call__(self) -> str:
        """Raises CredentialMissing when there is none, PermissionRefused when others can read it."""
        return self._file.get()


def token_in(path: str) -> str:
    """The bearer token in the file that the option ``token_file`` names. Raises as ``Token`` does."""
    return read_token(path, os.geteuid(), where="option token_file").secret.reveal()


def check_proxy(path: str) -> None:
    """Look whether the file is a proxy that can be used, before a library asks for a password.

    Raises CredentialMissing, PermissionRefused, or CredentialExpired when its key is another one's.
    """
    read_proxy(path, os.geteuid(), where="option proxy")
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_cert_chain(path, password=lambda: "")
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        raise CredentialExpired(f"{path} is not a proxy with its key: {error}", subject=path) from None


class Tls:
    """The context of new connections: whom we trust, and the proxy if there is one."""

    def __init__(self, ca: str = "", proxy: str = "") -> None:
        """``ca``: file or directory of authorities, "" for the system's; ``proxy``: file of a proxy."""
        self._ca, self._proxy = ca, proxy
        self._with_proxy = _FromFile(proxy, self._context) if proxy else None
        self._without: ssl.SSLContext | None = None

    def __call__(self) -> ssl.SSLContext:
        """Raises as ``check_proxy``, and Unsupported for authorities that cannot be read."""
        if self._with_proxy is None:
            self._without = self._without or self._context()
            return self._without
        return self._with_proxy.get()

    def _context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        try:
            self._trust(context)
        except OSError as error:
            raise Unsupported(f"option ca: {self._ca} cannot be read: {error}") from None
        if self._proxy:
            check_proxy(self._proxy)
            context.load_cert_chain(self._proxy, password=lambda: "")
        return context

    def _trust(self, context: ssl.SSLContext) -> None:
        if not self._ca:
            paths = ssl.get_default_verify_paths()  # as built in: SSL_CERT_FILE and the like have no say
            context.load_verify_locations(
                paths.openssl_cafile if os.path.exists(paths.openssl_cafile) else None, paths.openssl_capath
            )
        elif os.path.isdir(self._ca):
            context.load_verify_locations(capath=self._ca)
        else:
            context.load_verify_locations(cafile=self._ca)
