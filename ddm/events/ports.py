"""What ddm needs of an event source, and what one may answer.

A source is an entry point of the group ``ddm.event_sources`` that names a function

    open_source(options: Mapping[str, str], around: Around) -> EventSource

Any distribution may bring one. Options that it does not take, or that are missing, are a BadInput.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from catalog.clock import Clock
from catalog.errors import Retry
from catalog.states import Witness
from transfers.ports import Storage


@dataclass(frozen=True, slots=True)
class Place:
    """Where a copy of a file can be read now."""

    endpoint: str
    path: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A file whose number of events is wanted. ``places`` only for sources that read files."""

    lfn: str
    run: int
    product: str
    size: int | None = None
    places: tuple[Place, ...] = ()

    @property
    def base_name(self) -> str:
        return self.lfn.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Counted:
    """The file has so many events; 0 means that it has none."""

    events: int


@dataclass(frozen=True, slots=True)
class NotKnown:
    """The source works, and does not know the file. It is asked again later: it may learn of it."""

    reason: str


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something is wrong with this file here. Only ``Retry.LATER`` is asked again without a person."""

    reason: str
    code: str = "source_trouble"
    retry: Retry = Retry.LATER


Answer = Counted | NotKnown | Trouble


class EventSource(Protocol):
    """Somebody who may know how many events files have.

    ``witness`` is in whose name it speaks; ``products`` are those it is asked of if ddm.toml names none (()
    means all). ``at_once`` is how many files it likes to be asked of in one call. ``reads_files``: it needs a
    copy that can be read and is asked only of files that have one; that it is asked is committed before, so
    that a file that kills the process is not read for ever. Such a source has ``at_once = 1``.
    """

    witness: Witness
    products: tuple[str, ...]
    at_once: int
    reads_files: bool

    def ask(self, files: Sequence[Asked]) -> Mapping[str, Answer]:
        """An answer for each LFN; one that is not mentioned is NotKnown. Never a guess, repeat freely.

        Trouble with one file is its answer. An exception (DataManagementError) means that the source cannot
        be asked at all: nothing is known, and no attempt of any file is counted.
        """
        ...


@dataclass(frozen=True, slots=True)
class Around:
    """What a source may use: the directory of ddm.toml, storages by endpoint and what stands before their
    paths, a directory for copies, the clock."""

    root: Path
    storages: Mapping[str, Storage]
    prefixes: Mapping[str, str]
    scratch: Path
    clock: Clock
