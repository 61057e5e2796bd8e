"""A merge plan of many inputs in one call, from a list in any order: seconds of the processor, and memory."""

from __future__ import annotations

import argparse
import random
import time
from typing import Any

from merging.model import Limits, Member
from merging.plan import plan
from tests.bench.meter import peak_rss_mb

MAX_SECONDS, MAX_MB = 3.0, 1000.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--inputs", type=int, default=1_000_000, help="files of one run and product")
    parser.add_argument("--seed", type=int, default=0, help="of the sizes (5 to 40 MB) and of their order")
    parser.add_argument(
        "--repeat", type=int, default=3, help="the fewest seconds count: there are neighbours"
    )
    parser.add_argument("--json", action="store_true", help="nothing but the last line")


def run(arguments: argparse.Namespace) -> tuple[dict[str, Any], list[str]]:
    """The figures, and whether the plan is right; the aims are shown, not judged, since machines differ."""
    chance = random.Random(arguments.seed)
    members = [_member(number, chance.randrange(5_000_000, 40_000_000)) for number in range(arguments.inputs)]
    seconds: dict[str, float] = {}
    hashes, parts, problems = set(), 0, []
    for order in ("in_order", "shuffled"):
        for _ in range(arguments.repeat):
            begun = time.process_time()
            made = plan(members, Limits())
            spent = time.process_time() - begun
            seconds[order] = min(spent, seconds.get(order, spent))
        hashes.add(made.hash)
        parts = len(made.groups)
        if sum(len(group.members) for group in made.groups) != arguments.inputs:
            problems.append(f"{order}: members are lost or doubled")
        if max(group.size for group in made.groups) > Limits().target:
            problems.append(f"{order}: a part is above the target")
        del made
        chance.shuffle(members)
    if len(hashes) > 1:
        problems.append("another order makes another plan")
    result = {
        "inputs": arguments.inputs,
        "parts": parts,
        **{f"cpu_s_{order}": round(value, 2) for order, value in seconds.items()},
        "aim_cpu_s": MAX_SECONDS,
        "peak_rss_mb": peak_rss_mb(),  # with the list of inputs, which is most of it
        "aim_rss_mb": MAX_MB,
    }
    return result, problems


def _member(number: int, size: int) -> Member:
    lfn = f"/castor/cern.ch/user/na58/mDST.chunks/mDST-275678-{number:07d}-0-7.root"
    return Member(number, lfn, f"{number:07d}", size, 1000, 275_678)
