"""``python -m tests.cli.killing DIR``: stage-out killed at many moments, in a process that may fork.

Not in the tests' own process: that may have threads, of which a fork makes nothing good.
"""

from __future__ import annotations

import functools
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import CodeType

from ddm.cli import staging
from tests.cli.test_staging import A, B, Site
from transfers.backends import pouring


def run(site: Site, manifest: Path) -> int:
    words = [str(manifest), "--dir", str(site.root / "work"), "--quiet"]
    return staging.run("stage-out", words)


Moments = Callable[[Path, Callable[[], None]], None]
LOOKED_AT = ("pouring.py", "newfile.py", "localfiles.py", "posix.py", "papers.py", "staging_run.py")


def touches(root: Path, count: Callable[[], None]) -> None:
    """Count every touch of the names on disk."""

    def hook(event: str, words: tuple) -> None:
        if event in ("os.link", "os.rename", "os.mkdir", "os.remove") or (
            event == "open" and str(root) in str(words[0])
        ):
            count()

    sys.addaudithook(hook)


def lines(wanted: Callable[[CodeType], bool]) -> Moments:
    """Count every line of some code, in all threads."""

    def counted(root: Path, count: Callable[[], None]) -> None:
        def trace(frame, event, arg):
            if not wanted(frame.f_code):
                return None
            if event == "line":
                count()
            return trace

        threading.settrace(trace)
        sys.settrace(trace)

    return counted


of_writers = lines(lambda code: code.co_filename.endswith(LOOKED_AT))  # also between two blocks of a file
of_the_report = lines(lambda code: code.co_name == "write_whole")


def killed(moment: int, root: Path, work: Callable[[], int], of: Moments = touches) -> bool:
    """Do the work in a child that kills itself at its so-many-th moment; whether it did."""
    child = os.fork()
    if child == 0:
        left = moment

        def count() -> None:
            nonlocal left
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

        try:
            of(root, count)
            os._exit(0 if work() == 0 else 99)
        except BaseException:
            os._exit(98)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return True
    assert os.WEXITSTATUS(status) == 0
    return False


def everywhere(site: Site, of: Moments, step: int) -> int:
    """Kill it at every so-many-th moment; look after each kill and after a repetition. How many kills."""
    data = {"a": A, "b": B}
    moment = kills = 0
    while True:
        moment += step
        for name in ("store", "fallback"):
            for path in (site.root / name).iterdir():
                path.unlink()
        (site.root / "stage-out.json.report.json").unlink(missing_ok=True)
        manifest = site.outgoing(**data)
        was_killed = killed(moment, site.root, functools.partial(run, site, manifest), of)
        for name, found in site.files("store").items():
            assert name.startswith(".ddm-") or data[name] == found, f"{name} is wrong after {moment}"
        report = site.report("stage-out")
        assert report is None or [out["lfn"] for out in report["outputs"]] == ["/x/a", "/x/b"]
        assert run(site, manifest) == 0
        assert [out["lfn"] for out in site.report("stage-out")["outputs"]] == ["/x/a", "/x/b"]
        assert {k: v for k, v in site.files("store").items() if k in data} == data
        if not was_killed:
            return kills
        kills += 1
        assert kills < 500


if __name__ == "__main__":
    pouring.BLOCK = 8192
    place = Site(Path(sys.argv[1]))
    print(
        everywhere(place, touches, 1), everywhere(place, of_writers, 23), everywhere(place, of_the_report, 1)
    )
