"""One merge in a process of its own: ``python -m tests.bench.mergework FORMAT OUTPUT < list of inputs``.

Prints one JSON object: seconds and processor seconds of the merge itself, the memory at its highest, and
what the format said.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from merging.registry import find_format


def peak_rss() -> float:
    """The most memory this process ever had, in MB. Of this program only, not of the one that forked it."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise RuntimeError("this system does not tell the peak of memory")


def main() -> None:
    name, output = sys.argv[1:]
    inputs = [Path(line) for line in sys.stdin.read().splitlines()]
    merging = find_format(name)
    began, worked = time.perf_counter(), time.process_time()
    result = merging.merge(inputs, Path(output))
    figures = {
        "wall": time.perf_counter() - began,
        "cpu": time.process_time() - worked,
        "rss": peak_rss(),
        "size": result.size,
        "adler32": int(result.adler32),
        "n_events": result.n_events,
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
