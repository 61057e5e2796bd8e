"""Who we are to a service: a bearer token or an X.509 proxy, read again when the file changes."""

from __future__ import annotations

import os
import ssl
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

from transfers.backends.taperest.payload import Options
from transfers.errors import CredentialExpired, Unsupported

T = TypeVar("T")


class _FromFile(Generic[T]):
    """What is made of a file; made anew when the file has changed."""

    def __init__(self, path: str, make: Callable[[], T]) -> None:
        self._path, self._make = path, make
        self._lock = threading.Lock()
        self._made: tuple[tuple[int, ...], T] | None = None

    def get(self) -> T:
        """Raises OSError when there is no such file, and what ``make`` raises."""
        with self._lock:
            now = os.stat(self._path)
            seen = (now.st_mtime_ns, now.st_size, now.st_ino)
            if self._made is None or self._made[0] != seen:
                self._made = (seen, self._make())
            return self._made[1]


class Token:
    """A bearer token in a file, as WLCG's bearer token discovery has it (BEARER_TOKEN_FILE)."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._file = _FromFile(path, self._read)

    def __call__(self) -> str:
        """Raises CredentialExpired when there is none to be read: whoever renews it is late."""
        try:
            token = self._file.get()
        except (OSError, UnicodeError) as error:
            raise CredentialExpired(
                f"token_file {self._path} cannot be read: {error}", subject=self._path
            ) from None
        if not token or any(not letter.isprintable() or letter.isspace() for letter in token):
            raise CredentialExpired(f"token_file {self._path} does not hold one token", subject=self._path)
        return token

    def _read(self) -> str:
        return Path(self._path).read_text(encoding="ascii").strip()


class Tls:
    """The context of new connections: whom we trust, and the proxy if there is one."""

    def __init__(self, options: Options) -> None:
        self._ca, self._proxy = options.ca, options.proxy
        self._with_proxy = _FromFile(options.proxy, self._context) if options.proxy else None
        self._without: ssl.SSLContext | None = None

    def __call__(self) -> ssl.SSLContext:
        """Raises CredentialExpired for a proxy, Unsupported for authorities that cannot be read."""
        if self._with_proxy is None:
            self._without = self._without or self._context()
            return self._without
        try:
            return self._with_proxy.get()
        except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
            raise CredentialExpired(
                f"proxy {self._proxy} cannot be read: {error}", subject=self._proxy
            ) from None

    def _context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        try:
            self._trust(context)
        except OSError as error:
            raise Unsupported(f"option ca: {self._ca} cannot be read: {error}") from None
        if self._proxy:
            # a password is never asked for at the terminal: a proxy's key has none
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
