"""Rucio's REST interface, as much of it as is needed to read what it has. Nothing is ever changed there.

An answer is a stream of lines of JSON. A stream is whole only if its end was seen (of a chunked or counted
body: ``httpx`` says so otherwise), and even then the server may have stopped in the middle of its work; who
asks compares the number of lines with the ``length`` that the dataset itself has.

Refusals for now (429, 502, 503, 504), broken connections and cut streams are tried again, later every time,
or when the server says; a token that has lapsed is renewed once. What is refused for good says so.
"""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote_plus, urlsplit

from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt

from catalog.clock import Clock
from catalog.errors import BadInput, CatalogUnavailable, NotRegistered
from ddm.errors import ConfigError
from ddm.sources.rows import Refused
from ddm.sources.rucio import replies
from ddm.sources.rucio.replies import Did, RucioFile

if TYPE_CHECKING:
    import httpx

T = TypeVar("T")
JSON_STREAM = "application/x-json-stream"
ATTEMPTS = 5
LONGEST_WAIT = 60.0  # seconds
LONGEST_LINE = 1 << 20
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_LATER = (429, 502, 503, 504)


class RucioTrouble(CatalogUnavailable):
    """The Rucio server does not answer, or not as it should; it may do so later."""

    code = "rucio_trouble"
    advice = "what came is kept: the same command goes on there"


class NotWhole(RucioTrouble):
    """A stream ended before its end, or held fewer entries than the server says there are."""

    code = "rucio_not_whole"


class RucioRefused(BadInput):
    """The Rucio server refuses for good, e.g. the credentials."""

    code = "rucio_refused"
    advice = "check the URL, the account and the credentials: docs/howto/reconcile-catalogues.md"


class _Later(Exception):
    """Worth another try, after so many seconds (None: as we like)."""

    def __init__(self, trouble: RucioTrouble, after: float | None = None) -> None:
        super().__init__(str(trouble))
        self.trouble, self.after = trouble, after


@dataclass(frozen=True, slots=True)
class Login:
    """How to be let in: exactly one of a token in a file (OIDC, or one of Rucio's own), a user with a
    password in a file, or a proxy certificate. ``account``: the Rucio account."""

    account: str = ""
    token_file: Path | None = None
    user: str = ""
    password_file: Path | None = None
    proxy: Path | None = None

    def __post_init__(self) -> None:
        ways = [self.token_file is not None, bool(self.user), self.proxy is not None]
        if sum(ways) != 1:
            raise BadInput("give one of --token-file, --user with --password-file, --proxy", subject="rucio")
        if bool(self.user) != (self.password_file is not None):
            raise BadInput("--user and --password-file belong together", subject="rucio")


@dataclass
class Pace:
    """At least ``apart`` between two requests; None: as fast as they come. Sleeps on ``clock``."""

    clock: Clock
    apart: timedelta | None = None
    _next: Any = field(default=None, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)

    def wait(self) -> None:
        if self.apart is None:
            return
        with self._lock:
            now = self.clock.now()
            begin = now if self._next is None else max(now, self._next)
            self._next = begin + self.apart
        if begin > now:
            self.clock.sleep(begin - now)


class RucioClient:
    """A session with one server. Use as a context manager.

    Raises ConfigError without httpx, BadInput for a URL that is none.
    """

    def __init__(
        self,
        url: str,
        login: Login,
        pace: Pace,
        *,
        tls: Callable[[], ssl.SSLContext] | None = None,
        timeout: float = 60.0,
        attempts: int = ATTEMPTS,
    ) -> None:
        try:
            import httpx
        except ImportError:
            raise ConfigError(
                "Rucio's REST interface needs the Python package 'httpx': pip install 'ddm[rucio]'",
                subject="rucio",
            ) from None
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise BadInput("is no URL such as https://rucio.example", subject=url)
        if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
            raise BadInput("passwords and tokens are not sent without encryption: give https://", subject=url)
        self.url = url.rstrip("/")
        self._login, self._pace, self._attempts = login, pace, attempts
        self._token = ""
        self._httpx: Any = httpx
        context = tls() if tls is not None and parts.scheme == "https" else True
        self._http: httpx.Client = httpx.Client(verify=context, timeout=timeout, follow_redirects=False)

    def __enter__(self) -> RucioClient:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    # ------------------------------------------------------------------------------------- questions
    def datasets(self, scope: str) -> list[Did]:
        """Every dataset of a scope. Raises RucioTrouble, RucioRefused."""
        path = f"/dids/{quote_plus(scope)}/dids/search"
        query = {"type": "dataset", "name": "*"}
        return self._all(
            lambda: self._lines("GET", path, lambda line: replies.dataset_line(line, scope), query=query)
        )

    def datasets_at(self, rse: str) -> list[Did]:
        """Every dataset of which there are replicas at an RSE, with how many files are available there."""
        path = f"/replicas/rse/{quote_plus(rse)}"
        return self._all(lambda: self._lines("GET", path, replies.dataset_replica_line))

    def files(self, of: Did, take: Callable[[Iterator[RucioFile | Refused]], T]) -> T:
        """What ``take`` makes of the files of a dataset; begun anew when the stream breaks, or held fewer
        than the dataset has.

        Raises NotRegistered if there is no such dataset (any more), NotWhole if the end was never seen.
        """

        def ask() -> T:
            length = self._length(of)
            return take(self._enough(of, length, self._lines("GET", f"{_path(of)}/files", replies.file_line)))

        return self._tried(ask)

    def replicas(self, of: Did, rse: str, take: Callable[[Iterator[RucioFile | Refused]], T]) -> T:
        """The same of the replicas of a dataset at an RSE."""
        body = {
            "dids": [{"scope": of.scope, "name": of.name}],
            "rse_expression": rse,
            "all_states": True,
            "ignore_availability": True,
        }

        def read(line: str) -> RucioFile | Refused | None:
            return replies.replica_line(line, rse)

        def ask() -> T:
            there = (one for one in self._lines("POST", "/replicas/list", read, body=body) if one is not None)
            return take(self._enough(of, of.length, there))

        return self._tried(ask)

    # ---------------------------------------------------------------------------------------- at work
    def _length(self, of: Did) -> int | None:
        """How many files the dataset has, counted by the server now."""
        with self._asked("GET", _path(of), query={"dynamic_depth": "FILE"}) as answer:
            answer.read()
            return self._understood(lambda: replies.length_of(answer.text))

    def _enough(self, of: Did, length: int | None, entries: Iterator[T]) -> Iterator[T]:
        """The entries; _Later at the end if they were fewer than the dataset has."""
        came = 0
        for entry in entries:
            came += 1
            yield entry
        if length is not None and came < length:
            raise _Later(NotWhole(f"{came} of {length} files of {of} came", subject=self.url))

    def _all(self, ask: Callable[[], Iterator[T]]) -> list[T]:
        return self._tried(lambda: list(ask()))

    def _tried(self, ask: Callable[[], T]) -> T:
        """Ask, and again where that may help. Raises the last trouble."""
        retrying = Retrying(
            stop=stop_after_attempt(self._attempts),
            retry=retry_if_exception_type(_Later),
            wait=_wait,
            sleep=lambda seconds: self._pace.clock.sleep(timedelta(seconds=seconds)),
            reraise=True,
        )
        try:
            return retrying(ask)
        except _Later as last:
            raise last.trouble from None

    def _lines(
        self,
        method: str,
        path: str,
        read: Callable[[str], T],
        *,
        query: Mapping[str, str] | None = None,
        body: Any = None,
    ) -> Iterator[T]:
        """Every line of a stream as it comes. Raises _Later if the end is not seen, or a line is torn."""
        with self._asked(method, path, query=query, body=body) as answer:
            counted = "content-length" in answer.headers or "chunked" in answer.headers.get(
                "transfer-encoding", ""
            )
            for line in self._received(answer):
                if line:
                    yield self._understood(lambda line=line: read(line))  # type: ignore[misc]
            if not counted:
                raise _Later(NotWhole("the answer does not say where it ends", subject=self.url + path))

    def _received(self, answer: httpx.Response) -> Iterator[str]:
        """Lines; not longer than one can be: a server that never ends one is refused."""
        rest = b""
        for block in answer.iter_bytes():
            *whole, rest = (rest + block).split(b"\n")
            if len(rest) > LONGEST_LINE:
                raise RucioTrouble("answers with a line without an end", subject=str(answer.url))
            for line in whole:
                yield self._understood(lambda line=line: line.decode().strip())  # type: ignore[misc]
        if rest.strip():
            yield self._understood(lambda: rest.decode().strip())

    def _understood(self, read: Callable[[], T]) -> T:
        try:
            return read()
        except ValueError as error:  # half a line looks like this too
            raise _Later(NotWhole(f"answers what is no answer: {error}", subject=self.url)) from None

    @contextmanager
    def _asked(
        self, method: str, path: str, *, query: Mapping[str, str] | None = None, body: Any = None
    ) -> Iterator[httpx.Response]:
        """An answer whose status is good. Errors of the connection, inside too, are worth another try."""
        try:
            for again in (False, True):
                if not self._token or again:
                    self._token = self._let_in()
                self._pace.wait()
                with self._http.stream(
                    method, self.url + path, params=query, json=body, headers=self._headers()
                ) as answer:
                    if answer.status_code == 401 and not again:
                        continue  # the token has lapsed
                    self._check(answer, path)
                    yield answer
                    return
        except self._httpx.TransportError as error:
            text = f"the connection broke: {type(error).__name__}: {error}"
            raise _Later(NotWhole(text, subject=self.url + path)) from None

    def _headers(self) -> dict[str, str]:
        return {"X-Rucio-Auth-Token": self._token, "Accept": JSON_STREAM + ", application/json"}

    def _check(self, answer: httpx.Response, path: str) -> None:
        """Raises for anything but 200."""
        status = answer.status_code
        if status == 200:
            return
        where = self.url + path
        answer.read()
        said = _said(answer)
        if status in _LATER:
            trouble = RucioTrouble(f"answers {status}: {said}", subject=where)
            raise _Later(trouble, _after(answer.headers.get("retry-after", "")))
        kind = answer.headers.get("ExceptionClass", "")
        if kind == "DataIdentifierNotFound":  # 404, of replicas 400
            raise NotRegistered(f"Rucio does not know it: {said}", subject=where)
        if status in (401, 403):
            raise RucioRefused(f"Rucio does not let us in: {said}", subject=where)
        if status >= 500:
            raise _Later(RucioTrouble(f"answers {status}: {said}", subject=where))
        if not kind:
            raise RucioRefused(f"answers {status}: {said}; is this a Rucio server?", subject=where)
        raise RucioTrouble(f"answers {status}: {said}", subject=where)

    # ------------------------------------------------------------------------------------------ login
    def _let_in(self) -> str:
        """A token. Raises RucioRefused, _Later."""
        login = self._login
        if login.token_file is not None:
            return _first_line(login.token_file)
        headers = {"X-Rucio-Account": login.account, "X-Rucio-AppID": "ddm"}
        path = "/auth/x509_proxy"
        if login.password_file is not None:
            path = "/auth/userpass"
            password = _first_line(login.password_file)
            headers |= {"X-Rucio-Username": login.user, "X-Rucio-Password": password}
        self._pace.wait()
        answer = self._http.get(self.url + path, headers={k: v for k, v in headers.items() if v})
        if answer.status_code == 206:
            known = answer.headers.get("X-Rucio-Auth-Accounts", "")
            raise RucioRefused(f"which account? give --account, one of {known}", subject=self.url + path)
        self._check(answer, path)
        token = str(answer.headers.get("X-Rucio-Auth-Token", ""))
        if not token:
            raise RucioRefused("gives no token: is this a Rucio server?", subject=self.url + path)
        return token


def _path(of: Did) -> str:
    """As Rucio's own client writes it."""
    return f"/dids/{quote_plus(of.scope)}/{quote_plus(of.name)}"


def _said(answer: httpx.Response) -> str:
    """Why, in the server's words."""
    words = answer.headers.get("ExceptionMessage") or answer.headers.get("ExceptionClass")
    return str(words or answer.reason_phrase or "nothing")[:200]


def _after(text: str) -> float | None:
    return min(float(text), LONGEST_WAIT) if text.isascii() and text.isdigit() else None


def _wait(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    if isinstance(error, _Later) and error.after is not None:
        return error.after
    return float(min(LONGEST_WAIT, 0.5 * 2.0 ** (state.attempt_number - 1)))


def _first_line(path: Path) -> str:
    try:
        found = path.read_text(encoding="utf-8").partition("\n")[0].strip()
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is no text"
        raise BadInput(f"cannot be read: {why}", subject=str(path)) from None
    if not found:
        raise BadInput("is empty", subject=str(path))
    return found
