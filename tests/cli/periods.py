"""Catalogues of a whole small period, driven by the real flow in a simulated world, for tests of reports."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from ddm import flow
from ddm.app import App
from ddm.config import load
from ddm.recipe import Recipe
from ddm.testing.world import World
from tests.cli.place import Place

RUN = 275_678


def nothing(_: World) -> None:
    """Nothing is spoiled."""


def driven(
    root: Path,
    spoil: Callable[[World], None] = nothing,
    decide: Callable[[App], object] | None = None,
    *,
    runs: int = 2,
    chunks: int = 3,
    **product: Any,
) -> Path:
    """The database of a world that went on as far as it could by itself; ``product``: settings of all.

    ``spoil`` is done to the world before, ``decide`` by a person when nothing moves; then it goes on.
    """
    root.mkdir(parents=True, exist_ok=True)
    world = World(root, runs=runs, chunks=chunks)
    changed = {"settle": timedelta(0), **product}
    products = {name: replace(each, **changed) for name, each in world.settings.products.items()}
    world.settings = replace(world.settings, products=products)
    spoil(world)
    app = world.open()
    try:
        world.register(app)
        flow.run(app, max_rounds=3000)
        if decide is not None:
            decide(app)
            flow.run(app, max_rounds=3000)
    finally:
        app.close()
    return root / "world.db"


class Period(Place):
    """Commands on a copy of such a catalogue; the configuration has the names of the world."""

    def __init__(self, root: Path, database: Path) -> None:
        super().__init__(root)
        shutil.copy(database, root / "ddm.db")
        text = (root / "ddm.toml").read_text().replace("data/2016/", "generalprod/")
        text = text.replace('production = "dvcs2016P08t1"', 'production = "dvcs2016P08"')
        text = text.replace(', "logs", "prodlogs"]', ', "logs"]')  # the world archives them run by run
        text = text.replace('archive_to = ""', 'archive_to = "tape"')
        text = re.sub(r"^settle = .*\n", "", text, flags=re.MULTILINE)
        text = re.sub(r"^(\[product\..*\])$", r'\1\nsettle = "0 s"', text, flags=re.MULTILINE)
        (root / "ddm.toml").write_text(text)
        settings = load(root / "ddm.toml")
        definition = Recipe(settings.tasks["P08"], settings).definition()
        self.sql("UPDATE task SET definition = ?", json.dumps(definition, sort_keys=True))

    def sql(self, statement: str, *values: object) -> int:
        """Change the database behind the back of the program; how many rows."""
        with sqlite3.connect(self.root / "ddm.db") as connection:
            changed = connection.execute(statement, values).rowcount
        connection.close()
        return changed
