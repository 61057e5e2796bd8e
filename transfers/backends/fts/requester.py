"""The request class that ``fts3``'s Context is given: pooled connections, a deadline for every call.

The stock one opens a connection per call and has no deadline for a whole answer. What is different here:

- FTS's web server closes a connection that was idle for five seconds, and a client that comes at that beat
  meets a closed one again and again. So ours are dropped after three, and a call that finds its connection
  closed is made once more on a fresh one. That is safe for every call we make: job ids are deterministic, so
  a submission that had been heard is answered *Conflict*.
- A deadline in real time for each call from begin to end, whatever trickles in.
- 207 (some of several jobs are fine) is an answer, not an error: its elements say what each is.
- The environment (``REQUESTS_CA_BUNDLE``, ``https_proxy`` …) has no say.
"""

from __future__ import annotations

import json
import re
import ssl
import time
import weakref
from collections.abc import Mapping
from pathlib import Path

import httpx

from transfers.backends.fts.errors import Answer
from transfers.backends.fts.options import Options
from transfers.errors import (
    CredentialExpired,
    EndpointUnreachable,
    PermissionRefused,
    StorageError,
    StorageTimeout,
    UnreadableReply,
    Unsupported,
)

IDLE = 3.0  # seconds
CONNECTIONS = 4  # more bring nothing, as measured
LONGEST_ANSWER = 256 << 20  # bytes; ten thousand files, every field, are a twentieth of it
REFUSES_US = re.compile(
    "alert (unknown ca|bad certificate|certificate unknown|certificate required|access denied)", re.IGNORECASE
)
"""What a service says, in TLS, of a certificate of ours."""
GRID_CA = Path("/etc/grid-security/certificates")


class Requester:
    """HTTP for one credential, a certificate or a bearer token. Safe from several threads."""

    def __init__(self, options: Options, certificate: str | None, key: str | None, token: str = "") -> None:
        """Raises Unsupported or CredentialExpired for certificates that cannot be loaded."""
        self._bearer = {"Authorization": f"Bearer {token}"} if token else {}
        self._deadline = float(options.timeout)
        self._endpoint = options.endpoint
        secure = options.endpoint.startswith("https:")
        self._client = httpx.Client(
            verify=_tls(options.ca, certificate, key) if secure else False,
            trust_env=False,
            timeout=httpx.Timeout(options.timeout, connect=options.connect_timeout),
            limits=httpx.Limits(
                max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS, keepalive_expiry=IDLE
            ),
        )
        # Another thread may be in the middle of a call when a renewed proxy gets a requester of its own: the
        # connections of the old one are closed with the last who uses it.
        weakref.finalize(self, self._client.close)

    def method(
        self,
        method: str,
        url: str,
        body: str | bytes | None = None,
        headers: Mapping[str, str] | None = None,
        user: str | None = None,
        passw: str | None = None,
    ) -> str:
        """The body of a 2xx answer. What ``fts3`` calls; the names are its own.

        Raises ``Answer`` for any other status, and StorageError when there was no answer.
        """
        path = url.removeprefix(self._endpoint)
        url = self._endpoint + "/" + path.lstrip("/")  # the stock client writes two slashes
        try:
            return self._exchange(method, url, body, headers)
        except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError, httpx.CloseError):
            pass  # closed under our hands: once more, on a fresh connection
        except httpx.HTTPError as error:
            raise self._trouble(error) from error
        try:
            return self._exchange(method, url, body, headers)
        except httpx.HTTPError as error:
            raise self._trouble(error) from error

    def _exchange(
        self, method: str, url: str, body: str | bytes | None, headers: Mapping[str, str] | None
    ) -> str:
        end = time.monotonic() + self._deadline
        sent = {
            "Accept": "application/json",
            **self._bearer,
            **(headers or {}),
        }  # some answers are HTML without it
        parts: list[bytes] = []
        length = 0
        with self._client.stream(method, url, content=body, headers=sent) as response:
            for part in response.iter_bytes():
                parts.append(part)
                length += len(part)
                if time.monotonic() > end:
                    raise httpx.ReadTimeout("the answer did not end within the deadline")
                if length > LONGEST_ANSWER:
                    raise UnreadableReply(f"{url[:200]} answered more than {length} bytes")
        text = b"".join(parts).decode(errors="replace")
        if response.status_code // 100 == 2:
            return text
        raise _answer(response.status_code, text)

    def _trouble(self, error: httpx.HTTPError) -> StorageError:
        words = f"{self._endpoint}: {error or type(error).__name__}"
        if re.search("certificate.?(has )?.?expired", str(error), re.IGNORECASE):
            return CredentialExpired(f"{words}: ours, or that of the service", subject=self._endpoint)
        if REFUSES_US.search(str(error)):
            return PermissionRefused(f"{words}: the service does not trust our proxy", subject=self._endpoint)
        if isinstance(error, httpx.TimeoutException) and not isinstance(error, httpx.ConnectTimeout):
            return StorageTimeout(words, subject=self._endpoint)
        if isinstance(error, httpx.DecodingError | httpx.TooManyRedirects | httpx.UnsupportedProtocol):
            return UnreadableReply(words, subject=self._endpoint)
        return EndpointUnreachable(words, subject=self._endpoint)


def _answer(status: int, text: str) -> Answer:
    """The answer taken apart: FTS's own JSON has a message, a page of the web server has none."""
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        told = None
    if isinstance(told, dict) and isinstance(message := told.get("message"), str):
        return Answer(status, text, message, json=True)
    page = " ".join(re.sub("<[^>]*>", " ", text[:2000]).split())
    return Answer(status, text, f"a page: {page[:200]}" if page else "no text", json=False)


def _tls(ca: str, certificate: str | None, key: str | None) -> ssl.SSLContext:
    trusted = Path(ca) if ca else GRID_CA if GRID_CA.is_dir() else None
    try:
        if trusted is None:
            context = ssl.create_default_context()
        elif trusted.is_dir():
            context = ssl.create_default_context(capath=str(trusted))
        else:
            context = ssl.create_default_context(cafile=str(trusted))
    except OSError as error:
        raise Unsupported(f"option ca: {trusted} cannot be loaded: {error}", subject=str(trusted)) from error
    # Python 3.13 asks for extensions that certificates of the grid's older authorities do not have.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    if certificate:
        try:
            context.load_cert_chain(certificate, key, password=lambda: b"")
        except OSError as error:
            raise CredentialExpired(
                f"{certificate} cannot be loaded: {error}", subject=certificate
            ) from error
    return context
