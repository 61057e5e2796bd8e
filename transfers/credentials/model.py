"""A credential as a value, and whether it lasts as long as the work. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NoReturn

from transfers.errors import CredentialExpired
from transfers.words import CredentialKind

HIDDEN = "(hidden)"


class Secret:
    """A text that shows itself to nobody but ``reveal``: not in logs, tracebacks, JSON or pickles."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text. Give it to the service, to nobody else."""
        return self._text

    def __bool__(self) -> bool:
        return bool(self._text)

    def __repr__(self) -> str:
        return HIDDEN

    __str__ = __repr__

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not pickled")


NO_SECRET = Secret("")


@dataclass(frozen=True, slots=True)
class Credential:
    """A credential as found, with nothing secret but ``secret`` (a token that is in no file).

    ``path``: its file, "" for a token in a variable. ``where``: who named it, for people. ``ends_at``: of a
    chain of certificates the earliest end, None when it does not tell. ``starts_at`` likewise, the latest.
    ``subject``: whose it is. ``scopes``: what a token allows.
    """

    kind: CredentialKind
    path: str
    where: str
    ends_at: datetime | None = None
    starts_at: datetime | None = None
    subject: str = ""
    scopes: tuple[str, ...] = ()
    secret: Secret = NO_SECRET

    def __str__(self) -> str:
        return f"{self.kind} {self.path or 'of ' + self.where}"

    def left(self, now: datetime) -> timedelta | None:
        """How long it is good from now; zero when it is over, or not good yet. None: it does not tell."""
        if self.starts_at is not None and self.starts_at > now:
            return timedelta(0)
        return None if self.ends_at is None else max(timedelta(0), self.ends_at - now)


@dataclass(frozen=True, slots=True)
class Enough:
    """It lasts. ``left`` is None when the credential does not tell its end: then only the service knows."""

    left: timedelta | None


@dataclass(frozen=True, slots=True)
class TooShort:
    """It does not last; ``text`` is a sentence."""

    left: timedelta
    text: str


def enough_for(credential: Credential, needed: timedelta, now: datetime) -> Enough | TooShort:
    """Whether the credential lasts for ``needed`` from now. With zero: whether it is good at all."""
    left = credential.left(now)
    if left is None or (left >= needed and left > timedelta(0)):
        return Enough(left)
    if credential.starts_at is not None and credential.starts_at > now:
        return TooShort(left, f"{credential} is not good before {_when(credential.starts_at)}")
    assert credential.ends_at is not None
    if not left:
        return TooShort(left, f"{credential} is over since {_when(credential.ends_at)}")
    need = f"the work needs {span(needed)}"
    return TooShort(left, f"{credential} ends in {span(left)} ({_when(credential.ends_at)}), and {need}")


def require(credential: Credential, needed: timedelta, now: datetime) -> Enough:
    """As ``enough_for``, but raises CredentialExpired when it is too short."""
    match enough_for(credential, needed, now):
        case TooShort(text=text):
            raise CredentialExpired(text, subject=credential.path or credential.where)
        case Enough() as enough:
            return enough


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast work goes, for estimates: bytes a second, time for each file, and what is added to be safe."""

    rate: int = 20_000_000
    per_file: timedelta = timedelta(seconds=1)
    margin: timedelta = timedelta(minutes=5)

    def time_for(self, size: int, files: int = 1) -> timedelta:
        """How long to move so many bytes in so many files. Too long rather than too short."""
        return timedelta(seconds=size / max(1, self.rate)) + files * self.per_file + self.margin


def span(duration: timedelta) -> str:
    """A duration for people: ``2 d 3 h``, ``5 h 10 min``, ``40 s``."""
    seconds = max(0, int(duration.total_seconds()))
    parts = []
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)):
        count, seconds = divmod(seconds, length)
        if count:
            parts.append(f"{count} {unit}")
    return " ".join(parts[:2]) or "0 s"


def _when(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M UTC")
