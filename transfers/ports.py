"""The ports: what ddm needs of a storage service. Few methods, all plural.

Rules for every method of every port:

- One outcome per path asked for, whatever happens to the others. Trouble with one file is a ``Failed``;
  an exception (``transfers.errors.StorageError``) means that the whole call failed and nothing is known.
- Never called with an empty list. Paths in one call are distinct.
- ``Unknown`` is an honest answer. Absence is ``Failed(code="file_missing")``, only when the service says so.
- May block for the time of the call, within the endpoint's own deadline; never sleeps to wait for a tape.
- Safe to call again after a crash; each docstring says what a repetition does.
- A method may be called from several threads at once.
- A ``watch`` (see ``transfers.watch``) is told of bytes as they pass, as far as the backend sees them, and
  can stop what is under way.

The shipped suites in ``transfers.testing`` hold every backend to these rules.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from transfers.model import (
    CopyOrder,
    Entry,
    Failed,
    FetchOrder,
    Looked,
    Observation,
    Outcome,
    Space,
    Span,
    StageOrder,
    StageReceipt,
    TransferOrder,
    TransferReceipt,
    Unknown,
)
from transfers.watch import UNWATCHED, Watch


@dataclass(frozen=True)
class Capabilities:
    """What a backend can do at this endpoint, as data.

    ``schemes``: URL schemes its copier can read from. ``max_files_per_call``: larger batches are cut by the
    caller. ``tape``: files may be nearline, and a written file is archived only some time after the copy.
    ``pins_expire``: a staged file is kept for the lifetime of its order and must be staged again to be kept
    longer. Where pins are counted instead, staging again would add one that nobody releases.
    """

    schemes: frozenset[str]
    max_files_per_call: int = 1000
    tape: bool = False
    pins_expire: bool = True


class Prober(Protocol):
    def probe(self, paths: Sequence[str]) -> Mapping[str, Observation]:
        """Size, adler32 and locality of each file, without recalling anything. Repeat freely.

        Of a file that is on tape only, the adler32 is what the service keeps of it: nobody can have read the
        bytes for this answer. Of one that is in the buffer as well it may be of the buffer's bytes, and no
        service says which (docs/explanation/archive.md says what is known of each).
        """
        ...


class Stager(Protocol):
    def stage(self, orders: Sequence[StageOrder]) -> StageReceipt:
        """Ask for the files. Repetition is harmless: the newest token counts."""
        ...

    def poll(self, token: str, paths: Sequence[str]) -> Mapping[str, Outcome]:
        """Done: online. Pending: still wanted. Failed(``request_vanished``): ask again. Repeat freely."""
        ...

    def cancel(self, token: str, paths: Sequence[str]) -> Mapping[str, Outcome]:
        """The files of this request are not wanted any more. Repeat freely; an unknown token is harmless.

        Done: no recall for this request will begin, as far as the service lets us say so; one under way may
        still end, and a file that is online already stays until released. The same file asked for by another
        request is still recalled.
        """
        ...

    def release(self, token: str, paths: Sequence[str]) -> Mapping[str, Outcome]:
        """The buffer may drop the files. Done also when they are gone already. Repeat freely.

        ``token`` "": of no request; a service that can drops what nobody holds there, others do nothing or
        raise StorageError.
        """
        ...


class Copier(Protocol):
    def copy(self, orders: Sequence[CopyOrder], watch: Watch = UNWATCHED) -> Mapping[str, Outcome]:
        """Copy each source to its path, never over an existing file.

        The destination appears whole or not at all: bytes go to a temporary name or persist only on a good
        close. An existing destination of equal size and adler32 is ``Done`` (adopted), a different one
        ``Failed("file_exists")``. Source bytes that differ from the order are ``Failed("size_mismatch")``
        or ``Failed("checksum_mismatch")`` and nothing is left behind. Repetition is therefore safe.
        """
        ...

    def fetch(self, orders: Sequence[FetchOrder], watch: Watch = UNWATCHED) -> Mapping[str, Outcome]:
        """Copy files of this endpoint to new local files; the outcomes are keyed by ``destination``.

        Never over an existing file, which is ``Failed("file_exists")`` whatever it holds. The destination
        appears whole, compared and forced to disk, or not at all: a copy of another size or checksum than
        ordered is ``Failed("size_mismatch")`` or ``Failed("checksum_mismatch")``. A file that is on tape only
        is ``Failed("not_online")``. Destinations in one call are distinct.
        """
        ...


class Rereader(Protocol):
    def reread(self, paths: Sequence[str], watch: Watch = UNWATCHED) -> Mapping[str, Observation]:
        """Read every byte of files that are online, as any reader gets them, and sum them; nothing is kept.

        Observed with ``how="read"``: size and adler32 are of the bytes that came; the locality is not asked
        for (ONLINE). A file that is on tape only is ``Failed("not_online")``: nothing is recalled by this.
        A file that cannot be read to its end is Failed or Unknown, whatever came before. Repeat freely.
        """
        ...


class RangeReader(Protocol):
    def ranges(self, spans: Sequence[Span]) -> Mapping[Span, bytes | Failed | Unknown]:
        """The bytes of stretches of files that are online, the stretches of one file in one go.

        Fewer than asked for only where the file ends. They are compared with nothing: the caller knows what
        they should be. A file that is on tape only is ``Failed("not_online")``: nothing is recalled by this.
        For a few MB at a time: all of it is in memory. Repeat freely.
        """
        ...


class Lister(Protocol):
    def list(self, directory: str, *, recursive: bool = False) -> Iterator[Entry]:
        """What is in a directory, entry by entry as the service tells, in no order; ``recursive``: below it
        as well.

        Directories are entries too; pipes, links that lead nowhere and files that are still being written are
        none. A part that cannot be read, or an entry that cannot be looked at, raises StorageError, at that
        point: entries that came before are true, but the list is not complete, and absence from it means
        nothing. A directory that is not there raises FileMissing. Repeat freely.
        """
        ...


Following = Callable[[], str | None]
"""Gives the next directory to look into, or None: none at present."""


class Walker(Protocol):
    def walk(self, following: Following) -> Iterator[tuple[str, Looked]]:
        """Look into any number of directories, many at a time: each with what is in it, in no order.

        A ``Listing`` is whole: a directory of which a part did not come, cannot be read, or is at a server
        that is away, is ``Unknown`` or ``Failed``, and absence means nothing. ``Failed("file_missing")``:
        there is no such directory (any more). The others are looked into all the same.

        ``following`` is called by the thread that takes the answers, whenever there is room for one more, and
        once more after each answer was taken: so a directory just found can be the next. The walk is over
        when it gives None and nothing is under way. No more than a few directories are asked for ahead of the
        taker: whoever takes slowly makes the walk slow, and whoever stops (``close``) asks little twice.

        Raises StorageError when the service as a whole does not answer, at once or, later, several times in a
        row: what has no answer by then was not looked at. Repeat freely.
        """
        ...


class Transferrer(Protocol):
    """Copies to this endpoint that a service makes by itself, such as FTS: asked for in bulk, done later.

    The service's word is a hint; the caller compares what arrived (``Prober``). Nothing is overwritten.
    """

    def submit(self, orders: Sequence[TransferOrder], *, label: str) -> TransferReceipt:
        """Ask for the copies. ``label`` is the caller's name of this request, unlike that of any other one.

        Commit label and orders before the call. The same orders under the same label are one request however
        often they are sent, by whichever process, also when earlier calls were not answered or their caller
        was killed: what the service has already is found, not asked for again. So an Unknown outcome, or an
        error of the whole call, is settled by the same call again, and never by another label, which makes
        another copy. An order whose outcome was Failed may be sent under another label.
        """
        ...

    def poll(self, requests: Mapping[str, Sequence[str]]) -> Mapping[str, Mapping[str, Outcome]]:
        """How far the paths of each request (by token) are; all requests of an endpoint in one call.

        Done: copied, with the size ordered, and compared by the service at both ends; or that very file was
        there already. With ``archive_timeout`` also on tape. Failed is the end of it: the service does
        nothing more for this path under this token, and another label may be used. ``not_archived``: the
        copy is whole on the destination's disk, only the tape failed; ``request_vanished``: the service does
        not know of it. Repeat freely.
        """
        ...

    def cancel(self, token: str, paths: Sequence[str]) -> Mapping[str, Outcome]:
        """The copies are not wanted any more. Repeat freely; an unknown token is harmless.

        Done: no copy for them will begin. One under way is stopped; it is over, and its destination free,
        only when ``poll`` says Failed (or Done, when it came first).
        """
        ...


class SpaceReporter(Protocol):
    def space(self) -> Space:
        """How much may still be written here. What the service does not tell is None, never zero; the answer
        is old as soon as it is given. Repeat freely."""
        ...


class Shelf(Protocol):
    def place(self, path: str) -> Path:
        """Where the file of this path is on this machine's own file systems, to be read without a copy.

        A name only: nothing is looked at, and the file belongs to the endpoint: it is never changed or
        removed by who was told. Raises PermissionRefused for a path outside the endpoint.
        """
        ...


class Remover(Protocol):
    def remove(self, paths: Sequence[str]) -> Mapping[str, Outcome]:
        """Remove exactly these files, no directory, no pattern. Absent is ``Failed("file_missing")``."""
        ...


@dataclass(frozen=True)
class Storage:
    """The ports of one endpoint, as a backend's ``open_storage`` gives them.

    Without stager: no tape. Without lister: the service cannot list, or the backend does not ask it. Without
    space: nobody can tell how much is free. ``transferrer``: the service that makes the copies to this
    endpoint; None: ``copier`` makes them. Without shelf: its files can only be read as copies. Without
    rereader: a file is read by fetching it. Without ranges: a part of a file is had by fetching all of it.
    Without walker: directories are listed one by one (``transfers.walking.walker_of`` gives one to all).
    """

    capabilities: Capabilities
    prober: Prober
    copier: Copier
    remover: Remover
    stager: Stager | None = None
    lister: Lister | None = None
    transferrer: Transferrer | None = None
    space: SpaceReporter | None = None
    shelf: Shelf | None = None
    rereader: Rereader | None = None
    ranges: RangeReader | None = None
    walker: Walker | None = None
