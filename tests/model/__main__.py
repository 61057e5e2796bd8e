"""``python -m tests.model [GUARD ...] [--json]``: explore the small world; with names, also without them.

The last line printed is one JSON object. Exit code 1 if the rules as they are let anything go wrong.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence

from tests.model.checking import NAMES, SPARE, check, without


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.model", description=__doc__)
    parser.add_argument("guard", nargs="*", metavar="GUARD", help="take it away")
    parser.add_argument("--json", action="store_true", help="nothing but the last line")
    options = parser.parse_args(arguments)
    begun = time.process_time()
    known = check()
    say = (lambda text: None) if options.json else print
    for name, found in known.explored.items():
        say(f"{name}: {found}")
    for guard in options.guard:
        trace = without(guard, known)
        say(
            f"\nwithout '{guard}': "
            + (SPARE.get(guard, "nothing") if trace is None else f"{trace[0]}\n{trace[1]}")
        )
    figures = {
        "slices": len(known.explored),
        "states": known.states,
        "transitions": known.transitions,
        "questions": len(known.rules.asked),
        "guards": len(NAMES),
        "needed": sum(guard in known.decisive for guard in NAMES),
        "violations": len(known.wrong),
        "cpu_seconds": round(time.process_time() - begun, 1),
    }
    print(json.dumps(figures))
    return 1 if known.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
