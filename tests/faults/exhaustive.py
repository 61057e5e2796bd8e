"""Every crossing of the seam on every course, stopped before and after it, and started anew.

    python -m tests.faults.exhaustive [COURSE ...] [--every N] [--pairs N] [--processes N] [--json]

A course is walked once undisturbed. Then it is walked again, and on both sides of each crossing the process
is forked: the child is the program that died there; all that is left of it is what is committed and what the
world has. It is started anew on that; its end must be the undisturbed one, with nothing lost, nothing done
twice and nothing removed without proof. ``--pairs``: so many children, drawn by chance, die a second time.

After a crossing and before the next one the same is left, unless time has passed between them (the bytes of
the database are compared): such a pair of crashes has one restart.

The last line printed is one JSON object. Exit code 1 if anything was wrong.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ddm.testing.crash import Stopped, StoppingSeam, When
from tests.faults.courses import COURSES, LONGEST_WAIT, Course, Walk
from tests.faults.crossings import Crossing, EverySeam, by_kind
from tests.faults.ground import Ground, ground
from tests.faults.journeys import Journey, differences, make_schema


@dataclass
class Tried:
    """What came of one course. ``kinds``: crossings by step and name; ``crashed``: crashes by the same."""

    course: str
    crossings: int
    kinds: dict[str, int] = field(default_factory=dict)
    functions: set[str] = field(default_factory=set)
    crashes: int = 0
    restarts: int = 0
    pairs: int = 0
    wrong: list[str] = field(default_factory=list)


@dataclass
class Explorer:
    """``share``: (which, of how many) when several processes divide the crossings; ``every``: one in so
    many."""

    ground: Ground
    schema: Path
    every: int = 1
    pairs: int = 0
    seed: int = 1
    share: tuple[int, int] = (0, 1)

    def walk(self, course: Course) -> Walk:
        return course.begin(Journey.begin(self.ground.anew(), self.schema, **course.options))

    def explore(self, course: Course) -> Tried:
        walk, seam = self.walk(course), EverySeam()
        outcome = walk.go(seam)
        found = walk.journey.violations()
        end = walk.journey.end()
        walk.journey.close()
        tried = Tried(course.name, len(seam.crossings), by_kind(seam.crossings))
        tried.functions = {crossing.function for crossing in seam.crossings}
        tried.wrong += [f"{course.name}, undisturbed: {text}" for text in found]
        if outcome.held or outcome.pending or walk.waited > LONGEST_WAIT:
            tried.wrong.append(f"{course.name}, undisturbed: it ends with {outcome}, or copies still wait")
        self._crash(course, seam.crossings, end, tried)
        return tried

    def _crash(self, course: Course, known: Sequence[Crossing], end: Any, tried: Tried) -> None:
        chance = random.Random(self.seed)
        stops = [(number, when) for number in range(1, len(known) + 1) for when in When]
        single = set(stops[chance.randrange(self.every) :: self.every])
        double = set(chance.sample(stops, min(self.pairs, len(stops))))
        which, of = self.share
        tried_at: tuple[object, ...] = ()  # what was left at the last stop that had its restart

        def then(here: Crossing, when: When) -> None:
            nonlocal tried_at
            stop, done = (here.number, when), here.number - (when is When.BEFORE)
            if done % of != which:  # by what is done: both stops of a pair are of one process
                return
            if stop in single:
                left = (done, walk.journey.world.clock.now(), self.ground.fingerprint())
                tried.crashes += 1
                if left != tried_at:
                    tried_at = left
                    tried.restarts += 1
                    tried.wrong += self.ground.fork(lambda: self._after(walk, here, when, end))
            if stop in double:
                second = StoppingSeam(chance.randint(1, len(known)), chance.choice(list(When)))
                tried.pairs += 1
                tried.wrong += self.ground.fork(lambda: self._after(walk, here, when, end, second))

        walk, seam = self.walk(course), EverySeam(then)
        gc.collect()
        gc.freeze()
        walk.go(seam)
        walk.journey.close()
        if [one.kind for one in seam.crossings] != [one.kind for one in known]:
            tried.wrong.append(f"{course.name}: two undisturbed walks differ")

    def _after(
        self, walk: Walk, here: Crossing, when: When, end: Any, second: StoppingSeam | None = None
    ) -> Iterator[str]:
        """Everything that is wrong in a journey with a crash there, just after it and at the end."""
        told = f"{walk.course.name}, {when} {here}"
        yield from (f"{told}, at once: {text}" for text in walk.journey.violations())
        if second is not None:
            with suppress(Stopped):
                walk.go(second)
            told += f" and then {second.where}"
        outcome = walk.go()
        if outcome.held or outcome.pending:
            yield f"{told}: it ends with {outcome}"
        for text in walk.journey.violations() + differences(end, walk.journey.end()):
            yield f"{told}: {text}"


def _work(names: Sequence[str], options: argparse.Namespace, share: tuple[int, int]) -> list[Tried]:
    with tempfile.TemporaryDirectory(dir=options.directory) as place:
        root = Path(place)
        schema = make_schema(root)
        with ground(root) as here:
            explorer = Explorer(here, schema, options.every, options.pairs, options.seed, share)
            return [_told(explorer.explore(COURSES[name]), share) for name in names]


def _told(tried: Tried, share: tuple[int, int]) -> Tried:
    """A course takes minutes: what came of each is told when it is over."""
    print(
        f"{tried.course} (process {share[0] + 1} of {share[1]}): {tried.crossings} crossings, "
        f"{tried.crashes} crashes, {tried.restarts} restarts, {tried.pairs} with two, "
        f"{len(tried.wrong)} wrong",
        file=sys.stderr,
        flush=True,
    )
    return tried


def explore(names: Sequence[str], options: argparse.Namespace) -> list[Tried]:
    """What came of these courses, tried by so many processes."""
    of = options.processes
    if of == 1:
        return _work(names, options, (0, 1))
    from multiprocessing import get_context

    with get_context("spawn").Pool(of) as pool:
        shares = pool.starmap(_work, [(names, options, (which, of)) for which in range(of)])
    return [_together(of_course) for of_course in zip(*shares, strict=True)]


def _together(parts: Sequence[Tried]) -> Tried:
    first = parts[0]
    first.crashes = sum(part.crashes for part in parts)
    first.restarts = sum(part.restarts for part in parts)
    first.pairs = sum(part.pairs for part in parts)
    first.wrong = list(dict.fromkeys(text for part in parts for text in part.wrong))
    return first


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.exhaustive", description=__doc__)
    parser.add_argument("course", nargs="*", help="all of them, if none is named")
    parser.add_argument("--every", type=int, default=1, help="one crash in so many; 1 is exhaustive")
    parser.add_argument("--pairs", type=int, default=0, help="so many journeys with two crashes, per course")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--directory", default="/dev/shm" if os.path.isdir("/dev/shm") else None)
    parser.add_argument("--json", action="store_true", help="nothing but the last line")
    options = parser.parse_args(arguments)
    if unknown := set(options.course) - COURSES.keys():
        parser.error(f"no course {', '.join(sorted(unknown))}; there are {', '.join(COURSES)}")
    begun = time.monotonic()
    found = explore(options.course or list(COURSES), options)
    kinds: Counter[str] = Counter()
    for tried in found:
        kinds.update(tried.kinds)
    wrong = [text for tried in found for text in tried.wrong]
    figures = {
        "crossings": sum(tried.crossings for tried in found),
        "crashes": sum(tried.crashes for tried in found),
        "restarts": sum(tried.restarts for tried in found),
        "with_two_crashes": sum(tried.pairs for tried in found),
        "kinds": len(kinds),
        "violations": len(wrong),
        "seconds": round(time.monotonic() - begun, 1),
        "by_course": {
            tried.course: {"crossings": tried.crossings, "crashes": tried.crashes} for tried in found
        },
        "by_kind": dict(sorted(kinds.items())),
        "functions": sorted(set().union(*(tried.functions for tried in found)) - {""}),
        "wrong": wrong[:100],
    }
    if not options.json:
        for tried in found:
            print(f"{tried.course}: {tried.crossings} crossings, {tried.crashes} crashes")
        for kind, count in figures["by_kind"].items():  # type: ignore[attr-defined]
            print(f"{count:>6}  {kind}")
    for text in wrong:
        print(f"wrong: {text}", file=sys.stderr)
    print(json.dumps(figures))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
