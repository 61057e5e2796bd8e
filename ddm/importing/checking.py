"""Each row against the configuration: it becomes a file to register, or is refused with a reason."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from catalog.checksum import Adler32
from catalog.errors import BadInput, BadName
from catalog.model import NewFile
from catalog.names import LFN, check_lfn
from catalog.states import Role, Witness
from ddm.importing.names import RAW, Identity, Names
from ddm.sources.rows import Refused, Row, short

NOTHING = (None,) * 6
"""What a row says of path, role, product, run, chunk and part, if it does not."""
NO_EVENTS: dict[Witness, int] = {}


@dataclass(frozen=True, slots=True)
class Renamed:
    """The LFN begins with ``new`` where the path at the endpoint begins with ``old``."""

    old: str
    new: str


def renamed(text: str) -> Renamed:
    """``OLD=NEW``. Raises BadInput."""
    old, equals, new = text.partition("=")
    if not equals or not old.startswith("/") or not new.startswith("/"):
        raise BadInput("OLD=NEW is expected, both beginning with '/'", subject=f"--rename {text}")
    return Renamed(old, new)


class Good(NamedTuple):
    """A row that can be registered: what ``NewFile`` says, and the row. It is made faster than one."""

    lfn: LFN
    role: Role
    product: str
    run: int
    chunk: str
    size: int | None
    adler32: Adler32 | None
    path: str
    part: int | None
    events: Mapping[Witness, int]
    row: Row

    @property
    def where(self) -> str:
        """For messages: file and line."""
        return self.row.where

    def file(self) -> NewFile:
        """The file to register."""
        return NewFile(*self[:10], (), self.row.where)


@dataclass(slots=True)
class Checker:
    """What rows are checked with. ``prefix`` is the endpoint's: a URL that begins with it is a path there.

    ``runs``: those that are wanted; None means all. ``any_name``: a row that says itself what it is, in the
    columns role, product and run (and chunk or part), may have any name.
    """

    names: Names
    prefix: str = ""
    rename: Renamed | None = None
    runs: Container[int] | None = None
    any_name: bool = False

    def take(self, row: Row) -> Good | Refused | None:
        """The row as a file to register; None if it is of a run that is not wanted."""
        if self.runs is not None and row.run is not None and row.run not in self.runs:
            return None
        lfn, path = row.lfn, row.path
        usual = self.rename is None and row[6:12] == NOTHING
        if usual and (raw := self.names.raw_of(lfn)):
            return self._raw(row, *raw)
        try:
            if "://" in lfn:
                lfn = self._at_endpoint(lfn)
            if self.rename or path is not None:
                path = lfn if path is None else self._at_endpoint(path) if "://" in path else path
                check_lfn(path)
                if self.rename and row.path is None:
                    lfn = self._renamed(path)
            name = self.names.lfn(lfn)
            found = self._identity(name, row)
            if self.runs is not None and found.run not in self.runs:
                return None
        except BadName as error:
            return Refused(row.source, row.line, lfn, str(error))
        events = NO_EVENTS
        if row.n_events is not None:
            who = Witness.RAW_CATALOGUE if found.role is Role.RAW else Witness.JOB
            events = {who: row.n_events}
        role, product, run, chunk, part = found
        place = name if path is None else path
        return Good(name, role, product, run, chunk, row.size, row.adler32, place, part, events, row)

    def _raw(self, row: Row, lfn: LFN, run: int, chunk: str) -> Good | None:
        """The usual row, of which nothing is left to check."""
        if self.runs is not None and run not in self.runs:
            return None
        events = NO_EVENTS if row.n_events is None else {Witness.RAW_CATALOGUE: row.n_events}
        return Good(lfn, Role.RAW, RAW, run, chunk, row.size, row.adler32, lfn, None, events, row)

    def _at_endpoint(self, url: str) -> str:
        if not self.prefix or not url.startswith(self.prefix):
            raise BadName(f"{short(url)} is not at the endpoint, whose URLs begin with {self.prefix!r}")
        path = url[len(self.prefix) :]
        return path if path.startswith("/") else f"/{path}"

    def _renamed(self, path: str) -> str:
        assert self.rename is not None
        if not path.startswith(self.rename.old):
            raise BadName(f"{short(path)} does not begin with {self.rename.old!r}, which is to be renamed")
        return self.rename.new + path[len(self.rename.old) :]

    def _identity(self, lfn: str, row: Row) -> Identity:
        if self.any_name and row.role and row.product and row.run is not None:
            return _as_said(row)
        found = self.names.of(lfn)
        for said, is_, word in (
            (row.role, found.role.value, "role"),
            (row.product, found.product, "product"),
            (row.run, found.run, "run"),
            (row.chunk, found.chunk, "chunk"),
            (row.part, found.part, "part"),
        ):
            if said is not None and said != is_:
                raise BadName(f"{word} is said to be {said}, but the name says {is_}: {short(lfn)}")
        return found


def _as_said(row: Row) -> Identity:
    """What the row says of itself, for a name of no template."""
    if row.role not in tuple(Role):
        raise BadName(f"role is {short(row.role)}; known are {', '.join(Role)}")
    role, product = Role(row.role), str(row.product)
    if (role is Role.RAW) != (product == RAW):
        raise BadName(f"role {role.value} and product {short(product)} do not go together")
    part = (row.part or 0) if role is Role.FINAL else None
    chunk = "" if role is Role.FINAL else row.chunk
    if chunk is None:
        raise BadName("chunk: missing, and the name does not say it")
    return Identity(role, product, int(row.run or 0), chunk, part)
