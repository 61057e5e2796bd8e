"""What a comparison must find, told slowly and plainly: dictionaries, one place at a time."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from ddm.reconcile.kinds import LACKING, Kind

K = Kind
THERE = {"UNVERIFIED", "ARCHIVING", "AVAILABLE", "SUSPECT", "BAD"}
Place = tuple[int, str]


@dataclass(frozen=True)
class Copy:
    """A live replica as the catalogue has it at a moment."""

    id: int
    file: int
    endpoint: int
    state: str
    since: int
    size: int | None
    adler32: int | None
    path: str

    @property
    def place(self) -> Place:
        return self.endpoint, self.path


@dataclass(frozen=True)
class Line:
    """What a list says of one file. ``problem``: it cannot be taken, but its name is known."""

    endpoint: int
    path: str
    size: int | None = None
    adler32: int | None = None
    problem: bool = False

    @property
    def place(self) -> Place:
        return self.endpoint, self.path


@dataclass
class World:
    before: list[Copy] = field(default_factory=list)
    after: list[Copy] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    tapes: set[int] = field(default_factory=set)
    unread: set[Place] = field(default_factory=set)
    live: set[str] = field(default_factory=set)
    withdrawn: set[Place] = field(default_factory=set)


def agree(copy: Copy, line: Line) -> bool:
    return all(
        ours is None or theirs is None or ours == theirs
        for ours, theirs in ((copy.size, line.size), (copy.adler32, line.adler32))
    )


def base(path: str) -> str:
    return path.rpartition("/")[2]


def kinds(world: World) -> list[tuple[int, str, int | None, Kind]]:
    """(endpoint, path, replica id, kind) of every place, sorted by text."""
    seen: dict[Place, list[Line]] = defaultdict(list)
    for line in world.lines:
        if not line.problem:
            seen[line.place].append(line)
    refused = {line.place for line in world.lines if line.problem}
    old = {copy.id: copy for copy in world.before}
    new = {copy.id: copy for copy in world.after}
    changed = {key for key in old.keys() | new.keys() if old.get(key) != new.get(key)}
    moved = {copy.place for copy in (*world.before, *world.after) if copy.id in changed}
    arrived: dict[Place, list[Copy]] = defaultdict(list)
    for copy in world.after:
        if copy.id in changed:
            arrived[copy.place].append(copy)
    owners = Counter(copy.place for copy in world.before)
    expected: dict[Place, list[Copy]] = defaultdict(list)
    for copy in world.before:
        expected[copy.place].append(copy)

    def first(place: Place, copy: Copy | None, line: Line | None) -> Kind:
        if owners[place] > 1 or len(seen[place]) > 1:
            return K.DUPLICATE
        if copy and line and copy.state in THERE and agree(copy, line):
            return K.CONSISTENT
        if place in moved:
            good = line and any(c.state in THERE and agree(c, line) for c in arrived[place])
            return K.CONSISTENT if good else K.IN_FLIGHT
        if not line and (
            place in refused or any(e == place[0] and place[1].startswith(d) for e, d in world.unread)
        ):
            return K.UNREADABLE
        if copy:
            if copy.state == "LOST":
                return K.RETURNED if line else K.CONSISTENT
            if copy.state not in THERE:
                return K.IN_FLIGHT
            if not line:
                return K.LOST
            return K.SIZE if None not in (copy.size, line.size) and copy.size != line.size else K.CHECKSUM
        attempt = re.search("/(j[0-9]+a[0-9]+)/[^/]+$", place[1])
        if attempt and attempt[1] in world.live:
            return K.IN_FLIGHT
        if place in world.withdrawn:
            return K.STALE
        return K.DEBRIS if attempt or re.search(r"/\.ddm-[^/]+\.part$", place[1]) else K.DARK

    found: list[list] = []
    for place in expected.keys() | seen.keys():
        lines, copies = seen[place], expected[place]
        for copy in copies or [None]:
            found.append(
                [place, copy, lines[0] if lines else None, first(place, copy, lines[0] if lines else None)]
            )
    _elsewhere(found, world)
    _names(found)
    return sorted(((p[0], p[1], c.id if c else None, k) for p, c, _, k in found), key=str)


def _elsewhere(found: Sequence[list], world: World) -> None:
    good: dict[int, list[int]] = defaultdict(list)  # file → endpoints
    for place, copy, _, kind in found:
        if copy and kind is K.CONSISTENT and copy.state in THERE:
            good[copy.file].append(place[0])
    for row in found:
        place, copy, _, kind = row
        if kind is K.LOST:
            tape = place[0] in world.tapes
            if any((other in world.tapes) != tape for other in good[copy.file]):
                row[3] = K.DISK_ONLY if tape else K.TAPE_ONLY


def _names(found: Sequence[list]) -> None:
    lacking: dict[Place, list[list]] = defaultdict(list)
    dark: dict[Place, list[list]] = defaultdict(list)
    present: set[Place] = set()
    for row in found:
        place, copy, line, kind = row
        name = place[0], base(place[1])
        if kind in LACKING:
            lacking[name].append(row)
        if kind is K.DARK:
            dark[name].append(row)
        if (copy and line) or (copy and kind is K.CONSISTENT and copy.state in THERE):
            present.add(name)
    for name, rows in dark.items():
        gone = lacking.get(name, [])
        if len(rows) == len(gone) == 1:
            copy, line = gone[0][1], rows[0][2]
            if copy.size is not None and copy.size == line.size and agree(copy, line):
                gone[0][3] = rows[0][3] = K.WRONG_PLACE
                continue
        if name in present:
            for row in rows:
                row[3] = K.DUPLICATE
