"""Where the operator of proof 6 begins: small periods in which something can go wrong soon.

Each is made of the archived period by commands, when it is first asked for, and copied for each example.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from zlib import adler32

from catalog.checksum import Adler32
from catalog.clock import SystemClock
from tests.cli import commands
from tests.cli.period import Period, Time
from transfers.backends.simtape import open_tape

WHY = ("--reason", "so that it is so")


def in_trash(place: Period) -> None:
    """All intermediate files are in the trash, within their grace time."""


def released(place: Period) -> None:
    """The copies on disk of what is on tape are in the trash as well: the tape has the only ones left."""
    empty(place, "--ground", "on-tape")


def gone(place: Period) -> None:
    """The grace time is over and the intermediate files are gone."""
    Time.jump(timedelta(days=3))
    flow(place, 2)


def spare(place: Period) -> None:
    """Merged files have second copies on disk, compared just now, and so has one of a person's own."""
    for lfn in commands.MERGED[:2]:
        there = place.at(lfn, "disk2")
        there.parent.mkdir(parents=True, exist_ok=True)
        there.write_bytes(place.at(lfn, "tape/tape").read_bytes())
        place.good("put", there, lfn, "--endpoint", "disk2")
        place.run("file", "compare", lfn, *WHY)
    for number, endpoint in ((0, "disk"), (1, "disk"), (1, "disk2")):
        words = ("--endpoint", endpoint, "--dataset", "other/mDST")
        place.good("put", place.root / "own.root", commands.OWN[number], *words)
    flow(place, 2)


def bad_on_tape(place: Period) -> None:
    """Tape has spoiled a merged file, and a person had it compared: it is good on disk only."""
    harm(place, "tape", commands.MERGED[0], lost=False, told=True)
    place.good("file", "compare", commands.MERGED[0], *WHY)
    flow(place, 2)


def check_failed(place: Period) -> None:
    """All intermediate files are back on disk, and the check of their merged mDST has failed.

    Its state is written behind the back of the program: a merge that loses events takes a period of its own.
    """
    place.run("trash", "restore", *commands.CHUNKS, *WHY)
    flow(place, 2)
    for (number,) in place.sql("SELECT id FROM hold"):
        place.run("hold", "lift", number, *WHY, "--yes")
    place.sql("UPDATE cross_check SET state = 'FAILED', verdict = 'events are lost' WHERE product = 'mDST'")


STARTS: Mapping[str, Callable[[Period], None]] = {
    start.__name__: start for start in (in_trash, released, gone, spare, bad_on_tape, check_failed)
}


def harm(place: Period, endpoint: str, path: str, *, lost: bool, told: bool) -> None:
    """A storage loses or spoils the bytes of a file. ``told``: a tape library says so when it is asked."""
    for top in ("tape/tape", "tape/buffer") if endpoint == "tape" else (endpoint,):
        found = place.at(path, top)
        if found.exists():
            found.unlink() if lost else found.write_bytes(b"x" * found.stat().st_size)
    if told and endpoint == "tape":
        with open_tape(f"simtape://{place.root}/tape", clock=SystemClock(), options={}).control() as library:
            if lost:
                library.lose(path)
            else:
                library.files[path].adler32 = Adler32(1)


def empty(place: Period, *scope: object) -> None:
    """Plan, and work the plan off."""
    place.run("trash", "plan", *scope)
    newest = place.sql("SELECT coalesce(max(id), 1) FROM removal")[0][0]
    place.run("trash", "empty", "--plan", newest, "--yes")


def flow(place: Period, times: int) -> None:
    for _ in range(times):
        place.run("flow", "once")


@dataclass(frozen=True, slots=True)
class Start:
    place: Period
    ahead: timedelta


class Starts:
    """Starts, made where the operator will work: a place that always lies there is read once only."""

    def __init__(self, made: Period, top: Path) -> None:
        self._made, self._top, self.here = made, top, top / "here"
        self._found: dict[str, Start] = {}

    def begin(self, name: str) -> Period:
        """A copy of that start at ``here``; the clock stands where it stood."""
        start = self._found.get(name)
        if start is not None:
            Time.ahead = start.ahead
            return start.place.copy(self.here)
        Time.ahead = self._made.ahead
        place = self._made.copy(self.here)
        (place.root / "own.root").write_text("what somebody measured at home")
        own = place.root / "own.root"
        place.list(*(f"{lfn},{own.stat().st_size},{_adler(own)}" for lfn in commands.OWN),
                   name="own.csv", header="lfn,size,adler32")  # fmt: skip
        STARTS[name](place)
        self._found[name] = Start(place.copy(self._top / name), Time.ahead)
        return place


def _adler(path: Path) -> str:
    return f"{adler32(path.read_bytes()):08x}"
