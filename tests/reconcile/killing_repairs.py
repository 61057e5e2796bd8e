"""``python -m tests.reconcile.killing_repairs DIR PLAN KILLS SEED``: a signed plan that is being done,
killed at random moments.

Children are forked from a process that has no threads and has loaded everything; each goes on where the one
before was killed. Prints how many were killed.
"""

from __future__ import annotations

import os
import random
import sys
from pathlib import Path
from types import CodeType

from ddm.cli import reconcile  # noqa: F401  loaded before the forks
from ddm.operations import repairing
from tests.cli.killing import lines
from tests.reconcile.killing import _countdown, run

LOOKED_AT = (
    "repairing.py",
    "mending.py",
    "lookagain.py",
    "probing.py",
    "repairs.py",
    "move.py",
    "attempts.py",
)


def killed(root: Path, plan: str, after: int) -> bool:
    """Do it in a child that kills itself after so many lines of what does it; whether it got there."""
    child = os.fork()
    if child == 0:
        repairing.AT_ONCE = 2  # many transactions
        lines(_looked_at)(root, _countdown(after))
        os._exit(run(root, "reconcile", "apply", plan, "--yes")[0])
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def _looked_at(code: CodeType) -> bool:
    return code.co_filename.endswith(LOOKED_AT)


def main(root: Path, plan: str, kills: int, seed: int) -> None:
    chance = random.Random(seed)
    print(sum(killed(root, plan, chance.randrange(60, 1200)) for _ in range(kills)))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
