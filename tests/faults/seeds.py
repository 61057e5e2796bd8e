"""Thousands of small recall campaigns: the nightly profile, which may be stopped and gone on with.

    python -m tests.faults.seeds 1-10000 --processes 2 --log seeds.log

Every seed that was run has a line in the log; one that ended right is not run again. Each that did not is
printed with the command that tells its story. Exit code 1 if there is any.
"""

from __future__ import annotations

import argparse
import logging
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path

from sqlalchemy import Engine

from catalog.db import engine
from catalog.db.engine import Catalog
from tests.faults.campaign_script import draw
from tests.faults.campaigns import Campaigns

Anew = Callable[[], Path]
RIGHT = "right"
EVERY = 100  # seeds between two lines of progress


@contextmanager
def ground(directory: Path) -> Iterator[Anew]:
    """Makes a directory with an empty catalogue, in place of the one before.

    The catalogue is a copy of one made once, and there is one engine for all: its statements are compiled
    once, and its connections stay open when a program ends, until the next catalogue is made.
    """
    place, schema = directory / "world", directory / "empty.db"
    with Catalog(f"sqlite:///{schema}") as catalog:
        catalog.create()
    with kept_engines() as closed:

        def anew() -> Path:
            closed()
            shutil.rmtree(place, ignore_errors=True)
            place.mkdir(parents=True)
            shutil.copy(schema, place / "world.db")
            return place

        yield anew


@contextmanager
def kept_engines() -> Iterator[Callable[[], None]]:
    """One engine per database, which ``Catalog.close`` leaves open; yields what closes them all."""
    made: dict[str, tuple[Engine, Callable[[], None]]] = {}
    make = engine._engine

    def kept(url: str) -> Engine:
        if url not in made:
            new = make(url)
            made[url] = new, new.dispose
            new.dispose = lambda close=True: None  # type: ignore[method-assign]
        return made[url][0]

    def closed() -> None:
        for _, dispose in made.values():
            dispose()

    engine._engine = kept
    try:
        yield closed
    finally:
        engine._engine = make
        closed()


def wrong(seed: int, anew: Anew) -> list[str]:
    """What is wrong with the campaigns of this seed; an error of a program is wrong too."""
    world = Campaigns(draw(seed, anew()))
    try:
        return world.run()
    except Exception as error:
        world.close()
        return [f"{type(error).__name__}: {error}"]


# ------------------------------------------------------------------------------------- many
_ANEW: list[Anew] = []  # of this process


def _begin() -> None:
    """In a new process: a place of its own, which is left to whoever started it."""
    engine.SYNCHRONOUS = "OFF"
    logging.disable(logging.CRITICAL)
    held = ground(Path(tempfile.mkdtemp(dir=os.environ["DDM_SEEDS_PLACE"])))
    _ANEW.append(held.__enter__())


def _one(seed: int) -> tuple[int, list[str], float]:
    before = time.process_time()
    found = wrong(seed, _ANEW[0])
    return seed, found, time.process_time() - before


def done(log: Path) -> set[int]:
    """The seeds that ended right, says the log."""
    lines = log.read_text().splitlines() if log.exists() else []
    words = [line.split("\t") for line in lines]
    return {int(word[0]) for word in words if word[1] == RIGHT}


def run(seeds: Sequence[int], processes: int, log: Path) -> int:
    """Run those that did not end right yet; returns how many are wrong."""
    left = sorted(set(seeds) - done(log))
    print(f"{len(left)} of {len(seeds)} seeds are left", flush=True)
    bad, cost = 0, 0.0
    with tempfile.TemporaryDirectory(prefix="ddm-seeds-") as place, open(log, "a") as lines:
        os.environ["DDM_SEEDS_PLACE"] = place
        with get_context("spawn").Pool(processes, _begin) as pool:
            for n, (seed, found, seconds) in enumerate(pool.imap_unordered(_one, left, chunksize=5), 1):
                cost += seconds
                told = " ".join("; ".join(found).split())
                lines.write(f"{seed}\t{told or RIGHT}\t{seconds:.2f}\n")
                lines.flush()
                if found:
                    bad += 1
                    print(
                        f"seed {seed} is wrong: python -m tests.faults.campaigns {seed}",
                        *found[:5],
                        sep="\n  ",
                    )
                if n % EVERY == 0 or n == len(left):
                    print(f"{n} of {len(left)}, {bad} wrong, {cost / n:.2f} CPU s a seed", flush=True)
    return bad


def main(words: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.seeds", description=__doc__.split("\n")[0])
    parser.add_argument("seeds", nargs="?", default="1-10000", help="one, or first-last (1-10000)")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--log", type=Path, default=Path("seeds.log"))
    asked = parser.parse_args(words)
    first, _, last = asked.seeds.partition("-")
    return 1 if run(range(int(first), int(last or first) + 1), asked.processes, asked.log) else 0


if __name__ == "__main__":
    sys.exit(main())
