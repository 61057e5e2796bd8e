"""Long random runs of the whole flow where everything goes wrong: is anything lost, or removed wrongly?

A step is one call of one step of the flow (``ddm.flow.STEPS``) in a world. Worlds follow one another, each
with its own seed, until so many steps are made; what goes wrong in one is in ``tests.bench.safetyworld``.
``lost`` counts what the judge (``ddm.testing.safety``) misses at the end of a world, ``wrong_deletions``
removals that were not lawful when they were decided, ``overwritten`` what was written over or twice. All must
be 0.

``--world N`` tells the story of the N-th world of the seed.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from tests.bench.safetyworld import SafetyWorld
from tests.faults.ground import Ground, ground
from tests.faults.journeys import make_schema

EVERY = 10  # worlds between two lines of progress
WRONG_DELETION, OVERWRITTEN = ("rule 3", "rule 7"), ("rule 5",)


@dataclass
class Sums:
    """What came of some worlds. ``wrong``: what the judge found, with the world's number."""

    worlds: int = 0
    steps: int = 0
    rounds: int = 0
    crashes: int = 0
    deletions: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    acts: Counter[str] = field(default_factory=Counter)
    refused: int = 0
    wrong: list[str] = field(default_factory=list)

    def add(self, other: Sums) -> None:
        for name in ("worlds", "steps", "rounds", "crashes", "deletions", "refused"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.faults.update(other.faults)
        self.acts.update(other.acts)
        self.wrong += other.wrong

    def count(self, rules: Sequence[str]) -> int:
        return sum(any(rule in text for rule in rules) for text in self.wrong)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--steps", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--world", type=int, help="only this one, with its story")
    parser.add_argument("--json", action="store_true", help="nothing but the last line")


def run(options: argparse.Namespace) -> tuple[dict[str, Any], list[str]]:
    """(figures, problems)"""
    begun = time.monotonic()
    if options.world is not None:
        sums = worlds(options.seed, [options.world], 1, tell=True)
    elif options.processes == 1:
        sums = worlds(options.seed, range(10**9), options.steps)
    else:
        of = options.processes
        each = -(-options.steps // of)
        with get_context("spawn").Pool(of) as pool:
            parts = pool.starmap(worlds, [(options.seed, range(n, 10**9, of), each) for n in range(of)])
        sums = Sums()
        for part in parts:
            sums.add(part)
    return figures(sums, options.seed, time.monotonic() - begun), sums.wrong[:50]


def figures(sums: Sums, seed: int, seconds: float) -> dict[str, Any]:
    wrong_deletions, overwritten = sums.count(WRONG_DELETION), sums.count(OVERWRITTEN)
    return {
        "steps": sums.steps,
        "deletions": sums.deletions,
        "faults": sums.faults.total() + sums.crashes,
        "lost": len(sums.wrong) - wrong_deletions - overwritten,
        "wrong_deletions": wrong_deletions,
        "overwritten": overwritten,
        "worlds": sums.worlds,
        "rounds": sums.rounds,
        "crashes": sums.crashes,
        "seed": seed,
        "faults_by_kind": dict(sorted(sums.faults.items())),
        "acts": dict(sorted(sums.acts.items())),
        "acts_refused": sums.refused,
        "seconds": round(seconds, 1),
    }


def worlds(seed: int, numbers: Sequence[int], steps: int, tell: bool = False) -> Sums:
    """One world after the other, until so many steps are made."""
    sums = Sums()
    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.path.isdir("/dev/shm") else None) as directory:
        schema = make_schema(Path(directory))
        with ground(Path(directory)) as here:
            for number in numbers:
                if sums.steps >= steps:
                    break
                sums.add(done := one(f"{seed}/{number}", here, schema, tell))
                for text in done.wrong[:3]:
                    print(text, file=sys.stderr, flush=True)
                if tell or number % EVERY == 0:
                    print(f"world {number}: {sums.steps} steps", file=sys.stderr, flush=True)
    return sums


def one(seed: str, here: Ground, schema: Path, tell: bool = False) -> Sums:
    """One world, to its end. An error of the program is wrong too."""
    world = SafetyWorld(seed, here.anew(), schema)
    try:
        wrong = world.run()
    except Exception:
        wrong = [f"the program broke off: {traceback.format_exc()}"]
    if tell:
        print(*world.story, sep="\n")
    return Sums(
        1,
        world.steps,
        world.rounds,
        world.crashes,
        len(world.guard.removed),
        world.faults,
        world.crew.acts,
        world.crew.refused.total(),
        [f"world {seed.split('/')[1]}: {text}" for text in wrong],
    )
