"""``python -m tests.reconcile.killing DIR KILLS BACKEND PREFIX STORE``: a scan of a real storage, killed at
random moments. STORE is the directory of the storage, seen from here.

Children are forked from a process that has no threads and has loaded everything; each goes on where the one
before was killed, or begins.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import CodeType

from click.testing import CliRunner

from ddm.cli import reconcile  # noqa: F401  loaded before the forks
from ddm.cli.program import ddm
from ddm.reconcile import scanning
from tests.cli.killing import lines

PLACE = """catalog = "sqlite:///ddm.db"
[endpoint.eos]
kind = "disk"
backend = "{backend}"
prefix = "{prefix}"
"""
DIRECTORIES, FILES = 150, 20


def tree(store: Path) -> list[str]:
    """Many small directories, three deep; the paths of all files."""
    paths = []
    for number in range(DIRECTORIES):
        above = store / f"y{number % 3}" / f"d{number % 50:02}" / f"e{number}"
        above.mkdir(parents=True)
        for name in range(FILES):
            (above / f"f{name}").touch()
            paths.append(f"/{above.relative_to(store)}/f{name}")
    return sorted(paths)


def run(root: Path, *words: str) -> tuple[int, str]:
    told = CliRunner().invoke(ddm, [*words, "--config", str(root / "ddm.toml")])
    return told.exit_code, told.output


def killed(root: Path, after: int, words: list[str]) -> bool:
    """Run a command in a child that kills itself after so many lines of what scans; whether it got there."""
    child = os.fork()
    if child == 0:
        scanning.ROWS = 100  # many parts
        lines(_looked_at)(root, _countdown(after))
        os._exit(run(root, *words)[0])
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def _countdown(left: int) -> Callable[[], None]:
    def count() -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    return count


def _looked_at(code: CodeType) -> bool:
    return code.co_filename.endswith(("scanning.py", "scanparts.py", "scanstore.py", "walklog.py"))


def main(root: Path, kills: int, backend: str, prefix: str, store: Path) -> None:
    chance = random.Random(backend)
    paths = tree(store)
    (root / "ddm.toml").write_text(PLACE.format(backend=backend, prefix=prefix))
    assert run(root, "db", "upgrade")[0] == 0
    words, done = ["reconcile", "scan", "eos"], 0
    for _ in range(kills):
        done += killed(root, chance.randrange(1, 6000), words)
        found = json.loads(run(root, "reconcile", "scans", "--json")[1])
        if found and found[0]["state"] == "GOING":
            words = ["reconcile", "scan", "--resume", str(found[0]["id"])]
    print(json.dumps({"paths": paths, "killed": done, "words": words}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4], Path(sys.argv[5]))
