"""``python -m tests.bench NAME``: run one bench. The last line it prints is one JSON object.

Exit codes: 0 the end state is right, 1 it is not (the bench says what is wrong), 2 usage.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from typing import Any

from tests.bench import (
    catalog,
    catalogues,
    checksums,
    dumps,
    fts,
    heartbeats,
    journey,
    logs,
    merge,
    period,
    plan,
    recall,
    reconcile,
    release,
    repairs,
    safety,
    scan,
    tapelibrary,
    transfers,
)

BENCHES: dict[str, Any] = {
    "journey": journey,
    "catalog": catalog,
    "catalogues": catalogues,
    "checksums": checksums,
    "dumps": dumps,
    "heartbeats": heartbeats,
    "logs": logs,
    "merge": merge,
    "period": period,
    "plan": plan,
    "recall": recall,
    "reconcile": reconcile,
    "release": release,
    "repairs": repairs,
    "safety": safety,
    "scan": scan,
    "tapelibrary": tapelibrary,
    "transfers": transfers,
    "fts": fts,
}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    benches = parser.add_subparsers(dest="bench", required=True)
    for name, bench in BENCHES.items():
        bench.add_arguments(benches.add_parser(name, help=bench.__doc__))
    chosen = parser.parse_args(arguments)
    result, problems = BENCHES[chosen.bench].run(chosen)
    if not chosen.json:
        for name, value in result.items():
            print(f"{name:>26}  {value}")
    for problem in problems:
        print(f"wrong: {problem}", file=sys.stderr)
    print(json.dumps({"bench": chosen.bench, **result, "problems": problems}))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
