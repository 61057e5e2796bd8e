"""The whole flow on a real XRootD server with tape, while everything that runs is killed, again and again.

    python -m tests.faults.realworld --kills 300 --seed 1 --json

From tape to archive, and the intermediate files removed: by real programs (``ddm flow run``, its jobs, the
commands of an operator), each of which may be ended by ``kill -9`` at any moment, as may the server and its
tape library; sometimes one is stopped for a while (SIGSTOP) and goes on. A seed decides what happens when,
though not to the millisecond. Periods follow one another until there were so many kills; whenever no flow
runs, ``realworld_audit`` compares the server's bytes with the catalogue and with what went in.

Exit code 1, and sentences, if anything was lost or wrong, or if a period came to another end than the one
that nobody disturbed.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from catalog.db.engine import Catalog
from catalog.errors import ExitCode
from catalog.testing import facts
from ddm.jobs.local import _is_held
from tests.faults.realworld_audit import Audit
from tests.faults.realworld_ground import Ground
from transfers.testing.xrootd import Part

KEPT = ("items", "jobs", "groups", "checks", "pins", "events", "gaps")
PATIENCE = 240.0
"""Seconds for a period that is not disturbed any more: beyond that it hangs."""
PACE = 12
"""Rows of history between two disturbances, at most."""
LONGEST = 5.0
"""Seconds between them, at most."""
DEEDS = {"flow": 40, "job": 40, "command": 10, "xrootd": 14, "tapelib": 5, "stop server": 6, "stop ours": 5}
"""What happens, and how often beside the others."""
WHY = ("--all", "--reason", "the machine is well again")
COMMANDS: tuple[tuple[str, ...], ...] = (
    ("trash", "empty", "--yes"),
    ("job", "resume", *WHY),
    ("archive", "resume", *WHY),
    ("stage", "resume", *WHY),
    ("flow", "status"),
)


class Hang(Exception):
    """A period that nobody disturbs comes to no end."""


@dataclass
class Tally:
    """What was done, and what was found."""

    kills: int = 0
    server_kills: int = 0
    stops: int = 0
    periods: int = 0
    deletions: int = 0
    looks: int = 0
    resumed: int = 0
    strays: int = 0
    hangs: int = 0
    what: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


class Period:
    """One period, from tape to its end. ``story``: what happened when, for a look into the matter."""

    def __init__(self, ground: Ground, tally: Tally, chance: random.Random) -> None:
        self.ground, self.tally, self.chance = ground, tally, chance
        self.audit = Audit(ground)
        self.flow: subprocess.Popen[bytes] | None = None
        self.began = time.monotonic()
        self.state: Mapping[str, Any] = {}
        self.story: list[str] = []

    def say(self, text: str) -> None:
        self.story.append(f"{time.monotonic() - self.began:6.1f} {text}")

    # ------------------------------------------------------------------------- bad luck
    def disturb(self, kills: int) -> None:
        """Disturb the flow until so many of our processes were killed, or all is over."""
        goal = self.tally.kills + kills
        while self.tally.kills < goal:
            if self.flow is None:
                self.flow = self.ground.start("flow", "run")
            code = self._wait(self.chance.randint(0, PACE), self.chance.uniform(0.05, 0.5))
            if code is not None:
                if self._ended(code):
                    return
                continue
            deeds = dict(DEEDS)
            if not self._jobs():
                del deeds["job"]
            (deed,) = self.chance.choices(list(deeds), list(deeds.values()))
            self._do(deed)

    def _do(self, deed: str) -> None:
        match deed:
            case "flow":
                self._kill_flow()
            case "job":
                self._kill_job()
            case "command":
                self._kill_command()
            case "xrootd" | "tapelib":
                self._kill_server(deed)
            case "stop server":
                self._stop_server()
            case _:
                self._stop_ours()

    def _wait(self, rows: int, more: float) -> int | None:
        """Wait until the flow has written so many rows of history, and a moment more: then something happens
        in the middle of its work. Its exit code, if it has ended by then."""
        assert self.flow is not None
        start, limit = self._rows(), time.monotonic() + LONGEST
        while self._rows() < start + rows and time.monotonic() < limit and self.flow.poll() is None:
            time.sleep(0.02)
        with suppress(subprocess.TimeoutExpired):
            return self.flow.wait(more)
        return None

    def _rows(self) -> int:
        """How many rows history has; it only grows."""
        with closing(sqlite3.connect(self.ground.directory / "ddm.db", timeout=30)) as db:
            return int(db.execute("SELECT coalesce(max(id), 0) FROM history").fetchone()[0])

    def _ended(self, code: int) -> bool:
        """The flow has ended by itself: is all over? What is held, an operator resumes."""
        self.flow = None
        self.say(f"the flow ended with {code}")
        self.audit.look()
        if code == ExitCode.DONE:
            if left := self.audit.left():
                self.say(f"{left} intermediate files are not yet removed")
                time.sleep(1)  # until what was archived has settled, and the trash is over
            return not left
        if code != ExitCode.HELD:
            self.tally.wrong.append(f"the flow ended with {code}: {self.ground.last_words()[-600:]}")
            return True
        self._resume()
        return False

    def _resume(self) -> None:
        held = self.ground.asked("flow", "status")["held"]
        self.say(f"held: {held}")
        self.tally.resumed += len(held)
        self._restart_server()
        for noun in ("stage", "job", "archive", "trash"):
            self.ground.start(noun, "resume", *WHY).wait(60)

    def _restart_server(self) -> None:
        """As its administrators do when it behaves oddly. One does: after its checksum program has failed, it
        never answers again to questions for the checksum of that file (XRootD 5.5.3, a lost reply)."""
        if self.tally.server_kills:
            self.ground.server.kill()
            self.ground.server.restart()

    def _kill_flow(self) -> None:
        assert self.flow is not None
        self.flow.kill()
        self.flow.wait()
        self.flow = None
        self._killed("flow")
        self.audit.look()

    def _killed(self, what: str) -> None:
        self.say(f"killed: {what}")
        self.tally.kills += 1
        self.tally.what[what] += 1

    def _jobs(self) -> list[int]:
        """The process groups of jobs that are at work."""
        homes = sorted((self.ground.directory / "jobs").glob("j*"))
        living = [home for home in homes if _is_held(home / "lock") and (home / "pid").exists()]
        told = [(home / "pid").read_text() for home in living if not (home / "report.json").exists()]
        return [int(pid) for pid in told if pid.strip()]  # it may be in the midst of being written

    def _kill_job(self) -> None:
        if groups := self._jobs():
            with suppress(ProcessLookupError):
                os.killpg(self.chance.choice(groups), signal.SIGKILL)
                self._killed("job")

    def _kill_command(self) -> None:
        words = self.chance.choice([*COMMANDS, self.ground.registration])
        process = self.ground.start(*words)
        try:
            process.wait(self.chance.uniform(0.2, 2.0))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            self._killed(f"ddm {words[0]} {words[1]}")

    def _kill_server(self, part: Part) -> None:
        self.ground.server.kill(part)
        time.sleep(self.chance.uniform(0, 1.5))
        self.ground.server.restart(part)
        self.say(f"killed: {part}")
        self.tally.server_kills += 1
        self.tally.what[part] += 1

    def _stop_server(self) -> None:
        part: Part = self.chance.choice(("xrootd", "tapelib"))
        self.ground.server.freeze(part)
        time.sleep(self.chance.choice((0.3, 1.0, 3.0, 8.0)))
        self.ground.server.thaw(part)
        self._stopped(part)

    def _stop_ours(self) -> None:
        """A job, or the flow, is stopped for a while, as by a machine that is too busy."""
        assert self.flow is not None
        groups = self._jobs()
        group = self.chance.choice(groups) if groups and self.chance.random() < 0.7 else None
        send = (lambda number: os.killpg(group, number)) if group else self.flow.send_signal
        with suppress(ProcessLookupError):
            send(signal.SIGSTOP)
            time.sleep(self.chance.choice((0.3, 1.0, 4.0)))
            send(signal.SIGCONT)
            self._stopped("job" if group else "flow")

    def _stopped(self, what: str) -> None:
        self.say(f"stopped for a while: {what}")
        self.tally.stops += 1

    # ------------------------------------------------------------------------- the end
    def end(self) -> Mapping[str, Any]:
        """Nobody disturbs it any more: it comes to its end. Raises Hang."""
        self._restart_server()
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            flow = self.flow or self.ground.start("flow", "run")
            self.flow = None
            try:
                code = flow.wait(max(1.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                flow.kill()
                flow.wait()
                raise Hang(json.dumps(self.ground.asked("flow", "status"))) from None
            if self._ended(code):
                break
        else:
            raise Hang(f"no end within {PATIENCE} s: {self.ground.asked('flow', 'status')['held']}")
        self.audit.finish()
        return end_of(self.ground)

    def close(self) -> None:
        """End whatever of ours still runs, and take over what was found."""
        if self.flow is not None:
            self.flow.kill()
            self.flow.wait()
        for group in self._jobs():
            with suppress(ProcessLookupError):
                os.killpg(group, signal.SIGKILL)
        self.tally.lost += self.audit.lost
        self.tally.wrong += self.audit.wrong
        self.tally.deletions += self.audit.deletions
        self.tally.looks += self.audit.looks
        self.tally.strays += self.audit.strays
        self.tally.periods += 1
        self.ground.close()


def end_of(ground: Ground) -> Mapping[str, Any]:
    """What the catalogue has come to, by names: a ROOT file has the time of its making in it."""
    with Catalog(f"sqlite:///{ground.directory}/ddm.db") as catalog, catalog.read() as conn:
        state = facts.end_state(conn)
    return {
        **{key: state[key] for key in KEPT},
        "replicas": sorted((lfn, place, last) for lfn, place, _, _, last in state["replicas"]),
    }


@dataclass(frozen=True, slots=True)
class Size:
    """Of a period, and how often it is disturbed."""

    runs: int = 2
    chunks: int = 3
    kills: int = 30
    light: bool = False

    def ground(self, directory: Path, seed: int) -> Ground:
        return Ground(directory, runs=self.runs, chunks=self.chunks, seed=seed, light=self.light)


def undisturbed(directory: Path, size: Size, seed: int) -> tuple[Mapping[str, Any], Tally]:
    """The end of a period that nobody disturbs."""
    ground = size.ground(directory, seed)
    tally = Tally()
    period = Period(ground, tally, random.Random(0))
    try:
        return period.end(), tally
    finally:
        period.close()


def disturbed(directory: Path, size: Size, seed: int, chance: random.Random, tally: Tally) -> Period:
    """A period that is disturbed, and comes to its end. What is wrong is in the tally."""
    ground = size.ground(directory, seed)
    period = Period(ground, tally, chance)
    try:
        period.disturb(size.kills)
        period.state = period.end()
    except Hang as hang:
        tally.hangs += 1
        tally.wrong.append(f"hangs: {hang}")
    finally:
        period.close()
    return period


def differences(wanted: Mapping[str, Any], found: Mapping[str, Any]) -> list[str]:
    """In what two ends differ; empty if in nothing."""
    told = []
    for key in wanted:
        if wanted[key] != found.get(key):
            missing = [row for row in wanted[key] if row not in found.get(key, ())]
            more = [row for row in found.get(key, ()) if row not in wanted[key]]
            told.append(f"{key}: not there {missing[:4]}, instead {more[:4]}")
    return told


def run(
    directory: Path,
    kills: int,
    seed: int,
    size: Size,
    *,
    minutes: float = 1e6,
    story: Callable[[str], None] = lambda text: None,
) -> Tally:
    """Periods below ``directory``, until so many of our processes were killed, or more; none begins after so
    many minutes."""
    end = time.monotonic() + 60 * minutes
    wanted, calm = undisturbed(directory / "calm", size, seed)
    tally, chance = Tally(lost=calm.lost, wrong=calm.wrong), random.Random(seed)
    while tally.kills < kills and time.monotonic() < end and not tally.lost and not tally.wrong:
        place = directory / f"period{tally.periods + 1}"
        period = disturbed(place, size, seed, chance, tally)
        tally.wrong += [f"another end: {text}" for text in differences(wanted, period.state)]
        story(f"period {tally.periods}: kills {tally.kills}, server {tally.server_kills}, {dict(tally.what)}")
        if tally.lost or tally.wrong:
            story("\n".join(period.story))
        else:
            shutil.rmtree(place)
    return tally


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.realworld", description=__doc__)
    parser.add_argument("--kills", type=int, default=300, help="kill -9 of our own processes")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--runs", type=int, default=2, help="runs of a period")
    parser.add_argument("--chunks", type=int, default=3, help="raw chunks of each run")
    parser.add_argument("--per-period", type=int, default=30, help="kills in one period, at most")
    parser.add_argument("--minutes", type=float, default=1e6, help="no period begins after so long")
    parser.add_argument("--dir", type=Path, help="where; kept. Default: a temporary directory")
    parser.add_argument("--json", action="store_true", help="only the result")
    chosen = parser.parse_args(arguments)
    size = Size(chosen.runs, chosen.chunks, chosen.per_period)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="realworld") as temporary:
        os.chmod(temporary, 0o755)  # the server's user must get there
        place = chosen.dir or Path(temporary)
        tell = (lambda text: None) if chosen.json else (lambda text: print(text, flush=True))
        tally = run(place, chosen.kills, chosen.seed, size, minutes=chosen.minutes, story=tell)
    answer = asdict(tally)
    answer |= {"lost": len(tally.lost), "wrong": len(tally.wrong), "what": dict(tally.what)}
    for text in [*tally.lost, *tally.wrong]:
        print(f"wrong: {text}", file=sys.stderr)
    print(json.dumps({"seed": chosen.seed, **answer, "seconds": round(time.monotonic() - began, 1)}))
    return 1 if tally.lost or tally.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
