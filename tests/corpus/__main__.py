"""python -m tests.corpus: merge every file of a collection with itself, and read the result with two readers.

    python -m tests.corpus                                    the files in tests/data/root
    python -m tests.corpus DIRECTORY                          all *.root in a directory
    python -m tests.corpus --repository GIT-DIRECTORY         all *.root of a bare clone (scikit-hep-testdata)

A file that takes longer than ``--seconds`` or more memory than ``--gigabytes`` is told as such. The exit
code is 1 if anything differs, 0 if all that was merged is right; refusals are told with their reasons.
"""

from __future__ import annotations

import argparse
import json
import resource
import signal
import subprocess
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from merging import registry
from merging.errors import MergeError
from tests.corpus.verify import Verdict, verify
from tests.fixtures_jsroot import Jsroot, installed
from tests.rootfiles import DATA


class TooLong(BaseException):
    """The time of one file is over: no error of a reader, which would be caught as such."""


@contextmanager
def limited(seconds: int) -> Iterator[None]:
    """Raises TooLong after so many seconds of this process's processor, or ten times as many on the clock."""

    def over(number: int, frame: object) -> None:
        raise TooLong(f"took more than {seconds} s")

    kinds = (
        (signal.SIGPROF, signal.ITIMER_PROF, seconds),
        (signal.SIGALRM, signal.ITIMER_REAL, 10 * seconds),
    )
    before = [(number, signal.signal(number, over)) for number, _, _ in kinds]
    for _, timer, after in kinds:
        signal.setitimer(timer, after)
    try:
        yield
    finally:
        for _, timer, _ in kinds:
            signal.setitimer(timer, 0)
        for number, handler in before:
            signal.signal(number, handler)


def checked_out(repository: Path, target: Path) -> list[Path]:
    """Every ROOT file of a bare clone that has its content; large ones may be absent in a partial clone."""

    def git(*words: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(["git", f"--git-dir={repository}", *words], capture_output=True, check=False)

    paths = []
    for line in git("ls-tree", "-r", "-z", "HEAD").stdout.decode().split("\0"):
        meta, _, name = line.partition("\t")
        if name.endswith(".root"):
            blob = git("cat-file", "blob", meta.split()[2])
            if blob.returncode == 0:
                paths.append(target / Path(name).name)
                paths[-1].write_bytes(blob.stdout)
    return sorted(paths)


def judge(path: Path, folder: Path, times: int, seconds: int, jsroot: Jsroot | None) -> tuple[str, Verdict]:
    """What came of one file (merged, refused, late, different), and what was compared."""
    output = folder / "merged.root"
    output.unlink(missing_ok=True)
    inputs = [path]
    for number in range(1, times):  # the same file twice would be taken for a mistake
        inputs.append(folder / f"{number}.root")
        inputs[-1].write_bytes(path.read_bytes())
    verdict = Verdict()
    try:
        with limited(seconds):
            made = registry.load("merging.formats", "root", "format")()
            made.merge(inputs, output)
            verdict = verify([path] * times, output, jsroot)
    except MergeError as error:
        return f"refused: {_general(str(error), path)}", verdict
    except (TooLong, MemoryError) as error:
        return f"late: {error or 'out of memory'}", verdict
    except Exception as error:
        verdict.problems.append(f"{type(error).__name__}: {error}"[:300])
    return ("different" if verdict.problems else "merged"), verdict


def _general(text: str, path: Path) -> str:
    """The reason without the path of the file."""
    for part in (f"{path}: ", str(path), path.name):
        text = text.replace(part, "")
    return text.strip()


def main(words: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.corpus", description=__doc__, add_help=True)
    parser.add_argument("directory", type=Path, nargs="?", default=DATA)
    parser.add_argument("--repository", type=Path)
    parser.add_argument("--only", default="*.root", help="a pattern of names")
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=60, help="of the processor, for a file")
    parser.add_argument("--gigabytes", type=int, default=8)
    parser.add_argument("--without-jsroot", action="store_true")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(words)
    warnings.simplefilter("ignore")  # uproot's, of classes it does not know
    resource.setrlimit(resource.RLIMIT_AS, (given.gigabytes << 30, given.gigabytes << 30))
    home = None if given.without_jsroot else installed()
    if home is None and not given.without_jsroot:
        sys.exit("jsroot is not installed: run tools/install-jsroot, or say --without-jsroot")
    with tempfile.TemporaryDirectory(prefix="corpus-") as folder:
        return _run(given, Path(folder), Jsroot(home) if home else None)


def _run(given: argparse.Namespace, folder: Path, jsroot: Jsroot | None) -> int:
    directory = folder / "files"
    directory.mkdir()
    found = (
        checked_out(given.repository, directory)
        if given.repository
        else sorted(given.directory.glob("*.root"))
    )
    outcomes: dict[str, str] = {}
    counts: Counter[str] = Counter()
    problems: dict[str, list[str]] = {}
    for path in (path for path in found if path.match(given.only)):
        began = time.process_time()
        outcome, verdict = judge(path, folder, given.times, given.seconds, jsroot)
        outcomes[path.name] = outcome
        counts.update(verdict.counts)
        if verdict.problems:
            problems[path.name] = verdict.problems
        if not given.json:
            print(f"{path.name}: {outcome} ({time.process_time() - began:.1f} s CPU)", flush=True)
            for problem in verdict.problems[:5]:
                print(f"    {problem}")
    if jsroot:
        jsroot.close()
    kinds = Counter(outcome.partition(":")[0] for outcome in outcomes.values())
    summary: dict[str, Any] = {"files": len(outcomes), **kinds, **counts}
    reasons = {name: text for name, text in outcomes.items() if text not in ("merged", "different")}
    if given.json:
        print(json.dumps({"summary": summary, "reasons": reasons, "problems": problems}, indent=1))
    else:
        print(json.dumps(summary, indent=1))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
