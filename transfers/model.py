"""What is asked of a storage service, and what it answered: one order, one outcome, per file.

Paths are relative to the endpoint: they begin with ``/``, and the physical name (PFN) is the endpoint's
prefix followed by the path. In every reply outcomes are keyed by the path asked for (of a copy: the
destination's path), and every path asked for has an outcome; one the service did not mention is Unknown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from catalog.checksum import Adler32
from catalog.errors import Retry
from catalog.states import Locality
from transfers.archivehints import ArchiveHints


@dataclass(frozen=True, slots=True)
class StageOrder:
    """Bring a file from tape to the endpoint's disk buffer and keep it there for ``lifetime``.

    ``activity``: what the file is for, in one word; a service that shares its drives between activities is
    told, others are not. ``priority``: 0 (low) to 3 (urgent), for services that know priorities.
    """

    path: str
    size: int
    lifetime: timedelta = timedelta(days=2)
    activity: str = ""
    priority: int = 1


@dataclass(frozen=True, slots=True)
class CopyOrder:
    """Copy ``source`` (a full URL) to ``path`` at this endpoint; both sizes and checksums must be these.

    ``hints``: for a tape system, handed over where the protocol has a place for them.
    """

    path: str
    source: str
    size: int
    adler32: Adler32
    hints: ArchiveHints | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class FetchOrder:
    """Copy the file at ``path`` of an endpoint to ``destination``, the name of a new local file.

    What is given of size (bytes) and adler32 is compared; None: not known, not compared.
    """

    path: str
    destination: str
    size: int | None = None
    adler32: Adler32 | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the file at ``path`` of an endpoint: ``length`` bytes from ``offset``."""

    path: str
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class TransferOrder:
    """Let a service copy one of ``sources`` (full URLs, the preferred one first) to ``path`` at an endpoint.

    Whatever the source, its size and checksum must be these. ``hops``: full URLs of copies to make on the
    way, for storages that cannot reach each other; they stay, and are the caller's to remove. ``activity``,
    ``priority``: as of a StageOrder. ``archive_timeout``: the order is done when the copy is on tape, and the
    service gives up after so long; None: done when the copy is there. ``bring_online``: the source may be on
    tape; it is recalled first, for at most so long, and kept for ``pin_lifetime``. ``hints``: for a tape
    system. ``unit``: orders of one unit that follow each other are asked for together where that is possible.
    """

    path: str
    sources: tuple[str, ...]
    size: int
    adler32: Adler32
    hops: tuple[str, ...] = ()
    activity: str = ""
    priority: int = 1
    archive_timeout: timedelta | None = None
    bring_online: timedelta | None = None
    pin_lifetime: timedelta = timedelta(days=1)
    hints: ArchiveHints | None = None
    unit: str = ""


@dataclass(frozen=True, slots=True)
class TapePlace:
    """Where a file is on tape: the name of the tape (volume id) and the position on it (file sequence)."""

    tape: str
    position: int


@dataclass(frozen=True, slots=True)
class Observed:
    """What a service says of a file now. ``adler32`` is None when the service does not tell.

    ``how`` says where the checksum comes from: ``service`` (its namespace or its own computation) or
    ``read`` (the bytes were read and summed here). ``place``: where it is on tape, if the service tells.
    ``itself``: the file as the service knows it whatever its name, "" if it does not tell: two names told the
    same lead to the same bytes, which are there once.
    """

    size: int
    adler32: Adler32 | None
    locality: Locality
    how: str = "service"
    place: TapePlace | None = None
    itself: str = field(default="", compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Done:
    """It happened. ``adopted``: of a copy, the very file (by size and adler32) was at the destination already
    and no byte was moved; it makes no other difference."""

    adopted: bool = field(default=False, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Pending:
    """The service has it and has not finished.

    ``landed``: of a copy that is to be archived: its bytes are at the destination, the tape is waited for.
    """

    landed: bool = False


@dataclass(frozen=True, slots=True)
class Failed:
    """It did not happen. ``code`` is the code of an error class of ``transfers.errors``."""

    code: str
    text: str
    retry: Retry


@dataclass(frozen=True, slots=True)
class Unknown:
    """The answer cannot be read, or there was none. Never success, never absence."""

    text: str


Outcome = Done | Pending | Failed | Unknown
Observation = Observed | Failed | Unknown

SILENT = Unknown("the service did not mention the file")
"""The observation of a path that was asked for, and is not in the answer."""


@dataclass(frozen=True, slots=True)
class StageReceipt:
    """What a service said when asked to stage: its token for the request, and one outcome per path.

    Done: already online (and now pinned). Pending: accepted. Failed: refused. Unknown: ask again later.
    """

    token: str
    outcomes: Mapping[str, Outcome]


@dataclass(frozen=True, slots=True)
class TransferReceipt:
    """What a service said when asked to copy: a token to poll with, and one outcome per path.

    Pending: the service has it. Failed: it was refused, and is not under way. Unknown: the service may have
    it or not; the same orders with the same label tell. ``token`` is "" when nothing is pending.
    """

    token: str
    outcomes: Mapping[str, Outcome]


@dataclass(frozen=True, slots=True)
class Space:
    """Bytes of an endpoint: that we may still write, and altogether. None: the service does not tell."""

    free: int | None = None
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a listing: a file, or a directory.

    ``modified_at`` is aware, UTC; None: the service does not tell. ``adler32``: as the service keeps it, if
    a listing brings it without being asked file by file.
    """

    path: str
    size: int
    modified_at: datetime | None = None
    is_directory: bool = False
    adler32: Adler32 | None = None


NOT_TOLD = -1
"""In the columns of a Listing: the service does not tell."""

NOWHERE = "a link that leads nowhere, or gone since"
"""In a Listing, of what is under a name: nothing. What else nobody can look at may be a file."""


@dataclass(frozen=True, slots=True)
class Listing:
    """All that was in one directory when the service looked, not below it; as columns, since there are many.

    Of its files, in no order and in the same one everywhere: ``names``, ``sizes`` (bytes), ``modified``
    (seconds since 1970) and ``sums`` (adler32 as a number, as the service keeps it), NOT_TOLD where it is
    not told. Names are as they are, with spaces and line breaks; bytes that are no UTF-8 are as
    ``os.fsdecode`` gives them, and ``os.fsencode`` gives them back.

    ``directories``: names of what can be looked into. ``linked``: names of what is, or may be, a directory
    that is not to be looked into: a link, one that leads back to a directory above, one that nobody can look
    at. Nothing is known of what is below them. ``others``: what is neither file nor directory, by name, in
    words: a pipe, a link that leads nowhere (NOWHERE), a file that is still being written; what nobody can
    look at is here as well. None of these names is absent.
    """

    names: Sequence[str] = ()
    sizes: Sequence[int] = ()
    modified: Sequence[int] = ()
    sums: Sequence[int] = ()
    directories: Sequence[str] = ()
    linked: Sequence[str] = ()
    others: Mapping[str, str] = field(default_factory=dict)

    def entries(self, directory: str) -> Iterator[Entry]:
        """The same as entries of a list: files, then directories. ``directory``: that was looked into. What
        may be a directory is none."""
        above = directory.rstrip("/")
        for name, size, modified, value in zip(self.names, self.sizes, self.modified, self.sums, strict=True):
            at = None if modified == NOT_TOLD else datetime.fromtimestamp(modified, UTC)
            adler32 = None if value == NOT_TOLD else Adler32(value)
            yield Entry(f"{above}/{name}", size, at, adler32=adler32)
        for name in (*self.directories, *(name for name in self.linked if name not in self.others)):
            yield Entry(f"{above}/{name}", 0, is_directory=True)

    def unseen(self) -> Iterator[tuple[str, str]]:
        """What nobody could look at, and why: it may be a file, or a directory."""
        for name in self.linked:
            if (why := self.others.get(name, NOWHERE)) != NOWHERE:
                yield name, why


Looked = Listing | Failed | Unknown
"""What came of looking into a directory."""
