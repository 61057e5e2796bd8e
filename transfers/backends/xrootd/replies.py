"""What an XRootD server's answers mean. Pure, and never raises: what cannot be read is Unknown.

The answer to a prepare query is the JSON of EOS with CTA: per file ``path_exists`` (once ``exists``),
``on_tape``, ``online``, ``requested`` (by anybody), ``has_reqid`` (by the request asked about) and
``error_text``. ``requested`` is false again after success and after failure. Words (Castor) are no answer.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from catalog.checksum import Adler32
from catalog.states import Locality
from transfers.backends.xrootd.commands import BACKUP_EXISTS, OFFLINE
from transfers.backends.xrootd.errors import recall_error
from transfers.errors import FileMissing, RequestVanished, failed
from transfers.model import Done, Outcome, Pending, Space, Unknown

_SLASHES = re.compile("/{2,}")


@dataclass(frozen=True, slots=True)
class Answer:
    """What the tape system says of one file."""

    exists: bool
    on_tape: bool
    online: bool
    requested: bool  # by anybody
    error: str


@dataclass(frozen=True, slots=True)
class QueryReply:
    """The files that could be read from an answer.

    ``readable``: it was a whole one. If not, fewer files at a time may give one; ``fits``: so many, as far as
    the rest of a cut answer shows, else 0.
    """

    answers: Mapping[str, Answer] = field(default_factory=dict)
    readable: bool = True
    fits: int = 0


def text_of(reply: bytes) -> bytes:
    """The answer without what follows its end: stock servers append NUL and one byte of garbage."""
    return reply.partition(b"\0")[0].strip()


def read_token(reply: bytes) -> str | None:
    """The id of an accepted prepare request; None if there is none to be read."""
    try:
        token = text_of(reply).decode("ascii")
    except UnicodeDecodeError:
        return None
    return token if token and token.isprintable() and " " not in token else None


def read_space(reply: bytes) -> Space:
    """The space of ``oss.cgroup=public&oss.space=…&oss.free=…&oss.maxf=…&oss.used=…&oss.quota=-1``.

    A quota above zero limits what is free. What cannot be read is not known.
    """
    numbers = {}
    for part in text_of(reply).decode(errors="replace").split("&"):
        key, _, value = part.partition("=")
        if re.fullmatch(r"[0-9]{1,19}", value, re.ASCII):
            numbers[key] = int(value)
    free, total = numbers.get("oss.free"), numbers.get("oss.space")
    quota, used = numbers.get("oss.quota", 0), numbers.get("oss.used")
    if quota > 0 and used is not None:
        left = max(0, quota - used)
        free = left if free is None else min(free, left)
        total = quota if total is None else min(total, quota)
    return Space(free, total)


def read_checksum(reply: bytes) -> Adler32 | Unknown:
    """The checksum of ``adler32 7699597e``; of another algorithm, or with an error text instead: Unknown."""
    text = text_of(reply).decode(errors="replace")
    name, _, value = text.partition(" ")
    try:
        if name.lower() == "adler32":
            return Adler32.parse(value)
    except ValueError:
        pass
    return Unknown(f"not an adler32 checksum: {text[:80]!r}")


def read_copied(text: object) -> Adler32 | None:
    """The checksum of a copy's result, ``adler32:4a9f1cf`` (leading zeros are dropped there)."""
    if not isinstance(text, str) or not text.lower().startswith("adler32:"):
        return None
    try:
        return Adler32.parse(text)
    except ValueError:
        return None


def read_query_prepare(reply: bytes, asked: Iterable[str]) -> QueryReply:
    """One Answer per name asked for and well told; a name that the reply does not mention is not there."""
    text = text_of(reply)
    try:
        # What comes after a whole answer is rubbish too, also where no NUL comes before it.
        told = json.JSONDecoder().raw_decode(text.decode(errors="replace"))[0]["responses"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return QueryReply(readable=False, fits=max(0, text.count(b'"path"') - 1))
    wanted = {_plain(name): name for name in asked}
    answers: dict[str, Answer | None] = {}
    for entry in told if isinstance(told, list) else ():
        path = entry.get("path") if isinstance(entry, dict) else None
        if isinstance(path, str) and (name := wanted.get(_plain(path))) is not None:
            answer = _answer(entry)
            # Told twice and differently: we do not choose.
            answers[name] = answer if answers.get(name, answer) == answer else None
    return QueryReply({name: answer for name, answer in answers.items() if answer is not None})


def _plain(name: str) -> str:
    """Services write some names with more slashes than they were asked with."""
    return _SLASHES.sub("/", name)


def _answer(entry: Mapping[str, object]) -> Answer | None:
    """None unless every word is there and of its type: no guessing from half an answer."""
    there = entry.get("path_exists", entry.get("exists"))
    told = [there, *(entry.get(key) for key in ("on_tape", "online", "requested"))]
    error = entry.get("error_text", "")
    if not all(isinstance(flag, bool) for flag in told) or not isinstance(error, str):
        return None
    exists, on_tape, online, requested = (flag is True for flag in told)
    return Answer(exists, on_tape, online, requested, error.strip())


def polled(answer: Answer | None, name: str) -> Outcome:
    """How far the recall of a file is."""
    if answer is None:
        return Unknown(f"{name}: the server does not tell of the file")
    if not answer.exists:
        return failed(FileMissing, f"{name}: {answer.error or 'the tape system has no such file'}")
    if answer.online:
        return Done()
    if answer.requested:
        return Pending()
    if answer.error:
        return failed(recall_error(answer.error), f"{name}: {answer.error}")
    return failed(RequestVanished, f"{name}: neither online nor requested: the request was lost")


def confirmed(answer: Answer | None, name: str) -> Outcome | None:
    """The outcome of a request just accepted; None: the service does not know of it, or not yet.

    An error may be of the time before the request, so it is Pending: polling will tell. What the service
    says nothing of is Pending too.
    """
    if answer is None or (answer.exists and not answer.online and (answer.requested or answer.error)):
        return Pending()
    if not answer.exists or answer.online:
        return polled(answer, name)
    return None


def flagged(offline: bool) -> Answer:
    """What the flags of ``stat`` tell of a file that is there, where a service answers no prepare queries.

    Nobody tells whether it is requested; we have asked for it, so it is taken as such.
    """
    return Answer(exists=True, on_tape=offline, online=not offline, requested=offline, error="")


def locality(flags: int, tape: bool, answer: Answer | None) -> Locality:
    """Where the bytes are, from the flags of ``stat`` and, at a tape endpoint, from a prepare query.

    A generic server shows in ``stat`` only that a file is offline, so without an answer a file of a tape
    endpoint that is online without BackUpExists is UNKNOWN: it may be on tape or not.
    """
    if flags & OFFLINE:
        return Locality.NEARLINE
    if flags & BACKUP_EXISTS:
        return Locality.ONLINE_AND_NEARLINE
    if not tape:
        return Locality.ONLINE
    if answer is None or not answer.exists:
        return Locality.UNKNOWN
    if not answer.online:  # evicted since the stat
        return Locality.NEARLINE if answer.on_tape else Locality.UNKNOWN
    return Locality.ONLINE_AND_NEARLINE if answer.on_tape else Locality.ONLINE


def needs_query(flags: int, tape: bool) -> bool:
    """Must the tape system be asked where a file is?"""
    return tape and not flags & (OFFLINE | BACKUP_EXISTS)
