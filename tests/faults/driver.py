"""``python -m tests.faults.driver DIR``: what ``ddm flow run`` does, over the demonstration in DIR.

Registers the period first, as an administrator would who does not know how far the last attempt came. Says
``started`` when it is about to begin, and the outcome at the end.
"""

from __future__ import annotations

import sys
from pathlib import Path

from catalog.db.engine import Catalog
from ddm import config, flow, registration
from ddm.app import open_app
from ddm.demo.period import DATASET
from ddm.importing.names import Names


def main(directory: Path) -> None:
    settings = config.load(directory / "ddm.toml", {})
    with Catalog(settings.catalog) as fresh:
        print("started", flush=True)
        fresh.create()
    app = open_app(settings)
    recipe = next(iter(app.recipes.values()))
    raw = registration.read_list(directory / "raw.csv", Names(recipe.task, settings))
    kind = settings.endpoints["tape"].kind
    registration.register(app.catalog, raw, dataset=DATASET, endpoint="tape", kind=kind, close=True)
    with app.catalog.exclusive("flow"):
        outcome = flow.run(app, max_rounds=2000)
    app.close()
    print(f"moved {outcome.moved} held {outcome.held} pending {outcome.pending}", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
