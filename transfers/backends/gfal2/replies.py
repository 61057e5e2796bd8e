"""What gfal2's answers mean. Pure, and never raises: what cannot be read is Unknown.

A poll's words are read where gfal2's plug-ins (2.21 to 2.23) begin their messages with words of their own; a
name in the text, which may say anything, is never read as words.
"""

from __future__ import annotations

import errno
import re
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from catalog.checksum import Adler32
from catalog.states import Locality
from transfers.backends.gfal2.commands import Name
from transfers.backends.gfal2.errors import TAPE_REST, Problem
from transfers.backends.xrootd.errors import recall_error
from transfers.errors import (
    FileMissing,
    RequestVanished,
    StorageError,
    TransientStorageError,
    Unsupported,
    failed,
)
from transfers.model import Done, Entry, Failed, Outcome, Pending, Unknown

PLACES: Mapping[str, Locality] = {place.value: place for place in Locality}
"""The words of ``user.status``; they are those of our Locality. Any other word is UNKNOWN."""

NOBODY = "0"  # a request id that no service has given out

_WANTED = re.compile(r"File \(.*\) is not included in the bring online request", re.DOTALL)
_NOT_REQUESTED = re.compile(r"File is not being brought online: (?:.*\(reason: (.*)\))?", re.DOTALL)
_ABSENT = re.compile(r"File does not exist: |No such file or directory$|\[SRM_INVALID_PATH\]", re.DOTALL)
_REST_FAILED = re.compile(r"Staging operation failed")
_REST_CANCELLED = re.compile(r"Staging operation cancelled")
_REST_ABSENT = re.compile(r"no such file|does not exist|rc=10001\b", re.IGNORECASE)
_CUT = re.compile(r"Failed to parse JSON|Response from server is an invalid JSON|Malformed served response")
_UNREADABLE = re.compile(
    r"Failed to parse|Response (?:from server|with no data)|Request ID|Number of files|Error attribute"
    r"|Wrong path|Bring-online timestamp|Malformed|Missing response item|Files attribute|State and onDisk"
    r"|Locality attribute|Unrecognized staging|Stage \w* ?call failed|Archive polling call failed"
    r"|The request ID|Failed to query"
)


@dataclass(frozen=True, slots=True)
class Seen:
    """What ``stat``, ``checksum`` and ``user.status`` gave for one file; None: not asked."""

    size: int
    mode: int
    checksum: str | Problem | None = None
    status: str | Problem | None = None

    @property
    def is_directory(self) -> bool:
        return stat.S_ISDIR(self.mode)

    @property
    def odd(self) -> bool:
        """A block device: how ``root://`` shows a file that a generic server has on tape only."""
        return stat.S_ISBLK(self.mode)


@dataclass(frozen=True, slots=True)
class Listed:
    """A line of a directory. ``modified``: seconds of the Unix epoch; 0: the service does not tell."""

    name: str
    seen: Seen
    modified: int

    def entry(self, path: str) -> Entry | None:
        """As an entry at this path; None for what is neither a file nor a directory."""
        when = datetime.fromtimestamp(self.modified, UTC) if self.modified > 0 else None
        if self.seen.is_directory:
            return Entry(path, 0, when, is_directory=True)
        untold = stat.S_IFMT(self.seen.mode) == 0  # root:// gives the rights of a file only
        if untold or not_a_file(path, self.seen, tape=True) is None:
            return Entry(path, self.seen.size, when)
        return None


def not_a_file(name: str, seen: Seen, tape: bool) -> Failed | None:
    """What speaks against a name being that of a file."""
    if stat.S_ISREG(seen.mode) or (tape and seen.odd):
        return None
    what = "a directory" if stat.S_ISDIR(seen.mode) else "not a regular file"
    return failed(Unsupported, f"{name} is {what}")


def read_checksum(answer: str | Problem | None, name: str) -> Adler32 | Unknown | None:
    """The checksum; None from a service that has none to give; or why nothing can be said of the file.

    "Not found" is said of the checksum: whether the file is there, stat has told (XRootD servers say so when
    their checksum program ends with 2).
    """
    if answer is None:
        return None
    if isinstance(answer, Problem):
        return None if issubclass(answer.error, Unsupported) else Unknown(f"{name}: {answer.words}")
    try:
        return Adler32.parse(answer)
    except ValueError:
        return Unknown(f"{name}: not an adler32 checksum: {answer[:80]!r}")


def read_status(answer: str | Problem | None) -> Locality:
    """The place that ``user.status`` names. A problem tells nothing, not even that the file is missing."""
    word = answer.strip(" \0\n") if isinstance(answer, str) else ""
    return PLACES.get(word, Locality.UNKNOWN)


def archived(answer: Problem | None) -> bool | None:
    """Is the file on tape, by an ``archive_poll``? None: it does not tell."""
    if answer is None:
        return True
    return False if answer.code == errno.EAGAIN and "UNAVAILABLE" not in answer.text else None


def online(answer: Problem | None) -> bool | None:
    """Is the file online, by a poll of nobody's request? None: it does not tell."""
    if answer is None:
        return True
    offline = answer.code == errno.EAGAIN or _NOT_REQUESTED.match(answer.text) or _WANTED.match(answer.text)
    return False if offline else None


def locality(status: Locality, on_tape: bool | None, is_online: bool | None) -> Locality:
    """Where the bytes are at a tape endpoint, from the status and, if it is in doubt, the two polls.

    ONLINE alone does not say that there is no copy on tape: a generic ``root://`` server does not tell.
    """
    if status is Locality.ONLINE:
        is_online = True
    elif status is not Locality.UNKNOWN:
        return status
    match is_online, on_tape:
        case True, True:
            return Locality.ONLINE_AND_NEARLINE
        case True, False:
            return Locality.ONLINE
        case False, True:
            return Locality.NEARLINE
    return Locality.UNKNOWN


def doubtful(status: Locality) -> bool:
    """Must the tape system be asked where a file is?"""
    return status in (Locality.ONLINE, Locality.UNKNOWN)


def is_cut(answers: Sequence[Problem | None]) -> bool:
    """Was the reply cut by the server, so that fewer files should be asked for at a time?"""
    return bool(answers) and all(answer is not None and _CUT.match(answer.text) for answer in answers)


def in_order(names: Sequence[Name], answers: Sequence[Problem | None]) -> bool:
    """Does no answer speak of another file of the call, and not of its own?

    gfal2 gives answers by position; a service that tells of its files in another order would be misread.
    """
    others = {name.name for name in names}
    for name, answer in zip(names, answers, strict=True):
        if answer is None or name.name in answer.text:
            continue
        if any(other in answer.text for other in others):
            return False
    return True


def polled(answer: Problem | None, name: str) -> Outcome:
    """How far the recall of a file is, by a poll of its request."""
    if answer is None:
        return Done()
    if answer.code == errno.EAGAIN or _WANTED.match(answer.text):
        return Pending()  # the second: by another request, which will serve as well
    if not_requested := _NOT_REQUESTED.match(answer.text):
        if reason := (not_requested[1] or "").strip():
            return failed(recall_error(reason), f"{name}: {reason}")
        return failed(RequestVanished, f"{name}: neither online nor requested: the request was lost")
    if _ABSENT.match(answer.text):
        return failed(FileMissing, f"{name}: {answer.words}")
    return _polled_rest(answer, name)


def _polled_rest(answer: Problem, name: str) -> Outcome:
    """The same for Tape REST, and for what is told by the number."""
    rest = answer.text.startswith(TAPE_REST)
    words = answer.text.removeprefix(TAPE_REST)
    text = f"{name}: {answer.words}"
    if answer.code == errno.ECANCELED or answer.error is RequestVanished or _REST_CANCELLED.match(words):
        return failed(RequestVanished, text)
    if absent(answer, name):
        return failed(FileMissing, text)
    if rest and _REST_FAILED.match(words):
        return failed(recall_error(""), text)
    if _UNREADABLE.match(words) or answer.of_endpoint:
        return Unknown(text)
    if answer.code == errno.ENOMSG or answer.error in (TransientStorageError, StorageError, FileMissing):
        # The service's own words about a recall that failed. A number for "missing" without words that say
        # so is no absence.
        return failed(recall_error(words), text)
    return answer.outcome(name)


def absent(answer: Problem | None, name: str) -> bool:
    """Does a Tape REST service say, in its own words, that there is no such file?"""
    if answer is None or answer.code != errno.ENOMSG or not answer.text.startswith(TAPE_REST):
        return False
    words = answer.text.removeprefix(TAPE_REST)
    return not _UNREADABLE.match(words) and bool(_REST_ABSENT.search(words.replace(name, "")))


def wordless(answer: Problem | None) -> bool:
    """A recall that failed, and the service does not say why."""
    return answer is not None and bool(_REST_FAILED.match(answer.text.removeprefix(TAPE_REST)))


def accepted(answer: Outcome) -> Outcome:
    """The first poll after a request was accepted: only "online" and "no such file" are told apart.

    The request may still be on its way to the tape system, and an error may be of the time before it.
    """
    absent = isinstance(answer, Failed) and answer.code == FileMissing.code
    return answer if absent or isinstance(answer, Done) else Pending()
