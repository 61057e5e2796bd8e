"""Many files between two real XRootD servers while everything goes wrong at random, by a seed.

    python -m tests.faults.copystorm 1-50 --files 300

A storm is rounds of one call each, for all files that are not settled yet, by a client process of its own.
In a round some faults strike, each when so many bytes have gone one way over one wire: servers are killed,
restarted, frozen; wires are cut, stalled, or change a byte; the destination's disk is full; the client is
killed. Before a round some sources rot, are cut short, vanish; or a name is taken by somebody else's file.
Then all is mended, and the order is given until nothing passes any more.

After every round, and at the end: what was announced is there, byte by byte; under no name is anything but
the ordered bytes or somebody else's, which are not touched. In the end every file is done or has the class of
its own fault, and nothing else lies at the destination.

One thing is the server's: one that was killed sometimes never drops an unfinished file. No reader sees it,
and an order for it is ``endpoint_busy``; such files are counted (``held``), and looked at on the disk: the
server must have them marked as unfinished.

What strikes and when is the seed's; when the machine is ready is not, so a seed is not played twice alike.
"""

from __future__ import annotations

import argparse
import random
import stat
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from catalog.checksum import adler32
from tests.agent import Agent, Answer
from tests.copyfield import ENVIRONMENT, OPTIONS
from transfers.model import CopyOrder, Observed, Unknown
from transfers.testing.relay import DOWN, UP, Relay
from transfers.testing.suites import settle_for_real
from transfers.testing.xrootd_disk import AREA, HOLD, DiskServer

FILES = 120
ROUNDS = 3  # with faults
QUIET = 12  # rounds after them, at most, until all is settled
PATIENT = {"timeout": "5", "checksum_timeout": "15", "copy_timeout": "30"}
"""Options of those: nothing is hurt any more, but the machine may be slow."""
LARGE = 6_000_000
ROOM = 1 << 40
FAR = "/storm"

FINAL = {
    "good": "done",
    "rotten": "checksum_mismatch",
    "short": "size_mismatch",
    "gone": "file_missing",
    "taken": "file_exists",
}
"""How a file ends, by what is the matter with it."""

KNOWN = {
    "done",
    "unknown",
    "checksum_mismatch",
    "size_mismatch",
    "file_missing",
    "file_exists",
    "endpoint_unreachable",
    "endpoint_busy",
    "storage_timeout",
    "quota_exceeded",
    "transient",
    "unreadable_reply",
}
"""All that may be said of a file while such things happen."""


@dataclass(slots=True, eq=False)
class File:
    """One file: its order, its bytes, and what is the matter with it (a key of ``FINAL``)."""

    order: CopyOrder
    data: bytes
    source: str
    state: str = "good"
    told: str = ""
    stranger: bytes = b""

    @property
    def settled(self) -> bool:
        return self.told == "done"


@dataclass
class Storm:
    """Servers, wires, files, and what was seen so far."""

    seed: int
    count: int
    here: DiskServer
    there: DiskServer
    near: Relay
    far: Relay
    breaks: str = ""
    log: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    codes: Counter[str] = field(default_factory=Counter)
    struck: Counter[str] = field(default_factory=Counter)
    held: int = 0
    _calm: bool = True
    _one: threading.RLock = field(default_factory=threading.RLock)  # who strikes, or mends: or two restart it
    _timers: list[threading.Timer] = field(default_factory=list)
    _agent: Agent | None = None

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.options = {**OPTIONS, "plain": self.chance.choice(["true", "true", "false"])}
        self.files = [self._file(number) for number in range(self.count)]

    def _file(self, number: int) -> File:
        chance = self.chance
        size = chance.choice([0, 1, *[chance.randrange(200_000)] * 20, chance.randrange(LARGE)])
        data = chance.randbytes(size)
        name = f"{FAR}/{number % 7}/f{number}"
        self.here.put(name, data)
        source = f"{self.here.url(self.near.port)}/{AREA}{name}"
        return File(CopyOrder(name, source, size, adler32([data])), data, name)

    # ------------------------------------------------------------------- rounds
    def run(self) -> list[str]:
        """What is wrong with the storm of this seed; nothing, if all is well."""
        try:
            for number in range(ROUNDS):
                self._spoil_some()
                self._plan_faults()
                self._round(f"round {number}")
                self._heal()
                self._look(f"after round {number}")
            self._until_settled()
            self._at_the_end()
        finally:
            self._heal()
            self._dismiss()
        return self.wrong

    def _dismiss(self) -> None:
        if self._agent is not None:
            self._agent.close()

    def _until_settled(self) -> None:
        for number in range(QUIET):
            self._round(f"quiet round {number}", **PATIENT)
            if all(each.told == FINAL[each.state] or each.settled for each in self.files):
                return
            time.sleep(HOLD / 2)  # until the server has dropped what it holds: then it is free again

    def _round(self, name: str, **options: str) -> None:
        """Give the order for all that are not settled."""
        asked = [each for each in self.files if not each.settled]
        if self._agent is None or not self._agent.alive:
            self._dismiss()
            self._agent = Agent(ENVIRONMENT, breaks=self.breaks)
        prefix = f"{self.there.url(self.far.port)}/{AREA}"
        try:
            self._agent.begin("copy", prefix, [each.order for each in asked], **self.options | options)
            answer: Answer | None = self._agent.result()
        except (AssertionError, BrokenPipeError) as problem:
            answer = None  # the client was killed
            if "gone" not in str(problem) and not isinstance(problem, BrokenPipeError):
                self.wrong.append(f"{name}: {problem}")
        for each in asked:
            each.told = "unknown" if answer is None else answer.code(each.order.path)
            self.codes[each.told] += 1
            if each.told not in KNOWN:
                self.wrong.append(f"{name}: {each.order.path} is {each.told}")
        self.log.append(f"{name}: {dict(Counter(each.told for each in asked))}")

    # ------------------------------------------------------------------- faults
    def _spoil_some(self) -> None:
        """Of what is not copied yet."""
        left = [each for each in self.files if each.state == "good" and not each.settled and each.data]
        for each in self.chance.sample(left, min(len(left), 5)):
            kind = self.chance.choice([key for key in FINAL if key != "good"])
            if kind == "taken" and self.there.file(each.order.path).exists():
                continue
            self._spoil(each, kind)

    def _spoil(self, each: File, kind: str) -> None:
        each.state = kind
        source = self.here.file(each.source)
        match kind:
            case "rotten":
                at = self.chance.randrange(len(each.data))
                rotten = bytearray(each.data)
                rotten[at] ^= 1 << self.chance.randrange(8)
                source.write_bytes(rotten)
            case "short":
                source.write_bytes(each.data[: self.chance.randrange(len(each.data))])
            case "gone":
                source.unlink()
            case _:
                each.stranger = b"somebody else's" * self.chance.randrange(1, 1000)
                self.there.put(each.order.path, each.stranger)
        self.log.append(f"{each.order.path} is {kind}")

    def _plan_faults(self) -> None:
        self._calm = False
        size = sum(len(each.data) for each in self.files if not each.settled)
        places = [(wire, way) for wire in (self.near, self.far) for way in (UP, DOWN)]
        for wire, way in self.chance.sample(places, self.chance.randrange(1, 4)):
            heavy = (wire is self.near) == (way is DOWN)  # the bytes of the files go this way
            at = int((size if heavy else 100 * self.count) * self.chance.random())
            kind = self.chance.choice(
                ["kill", "restart", "freeze", "hiccup", "cut", "stall", "flip", "client"]
            )
            if self.chance.random() < 0.15:
                kind = "full"
            self.log.append(f"{kind} at byte {at} {way.value} {'here' if wire is self.near else 'there'}")
            if kind == "flip":
                wire.flip(way, at)
                self.struck[kind] += 1
            else:
                wire.after(way, at, self._striking(kind, wire))

    def _striking(self, kind: str, wire: Relay) -> Callable[[], object]:
        server = self.here if wire is self.near else self.there

        def strike() -> None:
            with self._one:
                if not self._calm:  # else it comes too late
                    self._strike(kind, wire, server)

        return strike

    def _strike(self, kind: str, wire: Relay, server: DiskServer) -> None:
        self.struck[kind] += 1
        match kind:
            case "kill":
                server.kill()
            case "restart":
                server.kill()
                server.restart()
            case "freeze":
                server.freeze()
            case "hiccup":
                server.freeze()
                timer = threading.Timer(0.4, server.thaw)
                self._timers.append(timer)
                timer.start()
            case "cut":
                wire.cut()
            case "stall":
                wire.stall()
            case "client":
                assert self._agent is not None
                self._agent._process.kill()
            case _:
                assert self.there.disk is not None
                self.there.disk.resize(0)

    def _heal(self) -> None:
        with self._one:
            self._calm = True
        for timer in self._timers:
            timer.join()
        self._timers.clear()
        for wire in (self.near, self.far):
            wire.reset()
            wire.cut()  # what was held back by a stall goes nowhere
        for server in (self.here, self.there):
            server.thaw()
            if not server.running:
                server.restart()
        assert self.there.disk is not None
        self.there.disk.resize(ROOM)

    # -------------------------------------------------------------------- looks
    def _look(self, when: str) -> None:
        """What readers see, and what lies under the names that were announced."""
        with Agent(ENVIRONMENT) as reader:
            paths = [each.order.path for each in self.files]
            seen = reader.call(
                "probe", self.there.prefix, paths, timeout="10", checksum_timeout="10", call_timeout="30"
            )
        if seen.raised is not None:
            self.wrong.append(f"{when}: {seen.raised}")
            return
        for each in self.files:
            found = seen.of[each.order.path]
            there = self.there.file(each.order.path).exists()
            if isinstance(found, Observed) or (isinstance(found, Unknown) and each.settled and there):
                self._compare(each, when)  # a server may lose the answer to a question for a checksum
            elif each.settled or each.stranger:
                self.wrong.append(f"{when}: {each.order.path} is not there: {found}")

    def _compare(self, each: File, when: str) -> None:
        data = self.there.file(each.order.path).read_bytes()
        if data != (each.stranger or each.data):
            whose = "somebody else's file" if each.stranger else "the file"
            self.wrong.append(f"{when}: {each.order.path}: {len(data)} bytes that are not {whose}")

    def _held(self, each: File) -> bool:
        """Does the server, which was killed, keep an unfinished file of that name?"""
        if each.told != "endpoint_busy" or not self.struck["kill"] + self.struck["restart"]:
            return False
        file = self.there.file(each.order.path)
        return file.exists() and bool(file.stat().st_mode & stat.S_ISVTX)

    def _at_the_end(self) -> None:
        held = {each.order.path for each in self.files if self._held(each)}
        self.held = len(held)
        for each in self.files:
            if not each.settled and each.told != FINAL[each.state] and each.order.path not in held:
                self.wrong.append(f"{each.order.path} is {each.state} and ended as {each.told}")
        self._look("at the end")
        wanted = held | {each.order.path for each in self.files if each.settled or each.stranger}
        try:
            settle_for_real(lambda: set(self.there.names()) == wanted, limit=HOLD + 15)
        except AssertionError:
            found = set(self.there.names())
            self.wrong.append(f"debris: {sorted(found - wanted)[:5]}, missing: {sorted(wanted - found)[:5]}")


def storm(seed: int, files: int = FILES, breaks: str = "") -> Storm:
    """The storm of this seed, played to its end; ``wrong`` says what is wrong with it. ``breaks``: a rule to
    break in the client (``tests.breaks``)."""
    with (
        DiskServer.start() as here,
        DiskServer.start(space=ROOM) as there,
        Relay(here.port) as near,
        Relay(there.port) as far,
    ):
        played = Storm(seed, files, here, there, near, far, breaks)
        played.run()
        return played


def main(words: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.copystorm", description=__doc__)
    parser.add_argument("seeds", help="one, or first-last")
    parser.add_argument("--files", type=int, default=300)
    asked = parser.parse_args(words)
    first, _, last = asked.seeds.partition("-")
    bad = 0
    for seed in range(int(first), int(last or first) + 1):
        played = storm(seed, asked.files)
        held = f" {played.held} held by the server" if played.held else ""
        print(f"seed {seed}: {dict(played.struck)} {dict(played.codes)}{held}", flush=True)
        if played.wrong:
            bad += 1
            print(*played.log, "WRONG:", *played.wrong, sep="\n  ", flush=True)
    print(f"{bad} wrong")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
