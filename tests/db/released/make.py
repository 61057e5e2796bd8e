"""Freeze a catalogue of a released version: its dump on both databases, and what that version answers.

Run it with the code of the released version, once per schema revision, and check in what it writes:

    git worktree add --detach /tmp/released TAG
    cp -r tests/db/released /tmp/released/tests/db/
    cd /tmp/released && PYTHONPATH=. python -m tests.db.released.make OUT

It plays a journey in the simulated world in which nearly everything goes wrong once, and stops it in the
middle, so that things are in most of their states. Never change what is checked in: that is the past.
"""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from catalog.db.engine import Catalog
from catalog.db.facts import GroupFact
from catalog.db.look import CheckLine
from catalog.names import LFN
from catalog.states import EndpointKind
from ddm import flow, registration
from ddm.app import App
from ddm.operations import datasets, jobs, merges
from ddm.testing.world import World
from tests.db.released.answers import answers
from tests.fixtures_postgresql import PostgreSQLServer, programs

RUNS = range(275_678, 275_683)
REASON = "a person's reason: quotes ' and \\ and é, and a\ttab"


def journey(root: Path, url: str) -> None:
    """Five runs: some archived, some on their way, some in trouble; and a period that nobody works on."""
    world = World(root, url=url, runs=len(RUNS), chunks=4, budget_runs=1.0, slots=6)
    app = world.open()
    app.catalog.actor = "released@nowhere"
    try:
        world.register(app)
        world.tape.inject(world.raw[3].lfn, "fail", None)
        world.tape.inject(world.raw[9].lfn, "corrupt", 1)
        world.tape.inject(world.raw[17].lfn, "fail", None)
        flow.run(app, max_rounds=24)
        jobs.add_gaps(app, [world.raw[3].lfn], task=None, reason=REASON, approver="X. Y", act=True)
        world.mischief.dies = world.mischief.vanishes = 0.1
        flow.run(app, max_rounds=24)
        spoil(app, world)
        register_more(app, world)
    finally:
        app.close()


def spoil(app: App, world: World) -> None:
    """The next merged files lack an event; one of them is merged again, the others wait for a person."""
    failed: list[CheckLine] = []
    while len(failed) < 3:
        world.mischief.loses_events |= {group.lfn for group in groups(app, "MERGING")}
        flow.run(app, max_rounds=4)
        failed = [line for line in merges.checks(app.catalog, 100, None).checks if line.state == "FAILED"]
    merges.waive(app.catalog, failed[0].run, failed[0].product, None, REASON, act=True)
    merges.again(app.catalog, [groups(app, "MISMATCHED")[0].id], REASON, act=True)
    world.mischief.loses_events.clear()
    flow.run(app, max_rounds=8)


def groups(app: App, state: str) -> list[GroupFact]:
    shown = (line.group for run in RUNS for line in merges.show(app.catalog, run))
    return [group for group in shown if group.state == state]


def register_more(app: App, world: World) -> None:
    """Files that are not where their names say, a reopened dataset, one without files."""
    entries = [
        replace(entry, lfn=LFN(entry.lfn.replace("W14", "W15")), path=f"/elsewhere/{number}")
        for number, entry in enumerate(world.entries()[:4])
    ]
    entries[0] = replace(entries[0], path=entries[0].lfn)
    registration.register(
        app.catalog, entries, dataset="2016/W15", endpoint="tape", kind=EndpointKind.TAPE, close=True
    )
    datasets.reopen(app.catalog, "2016/W15", REASON)
    datasets.add(app.catalog, "2017/W01")


def freeze(url: str, out: Path) -> str:
    """What the catalogue answers, written down once; returns its revision. Both databases answer alike."""
    with Catalog(url) as catalog, catalog.read() as conn:
        revision = str(catalog.revisions()[1])
        text = json.dumps(answers(conn), indent=0, sort_keys=True, ensure_ascii=False)
        path = out / f"{revision}.json"
        if path.exists() and path.read_text() != text + "\n":
            path = path.with_suffix(".postgresql.json")  # e.g. a round less, where commits take other times
        path.write_text(text + "\n")
    return revision


def main(out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as place:
        journey(Path(place), "")
        revision = freeze(f"sqlite:///{place}/world.db", out)
        connection = sqlite3.connect(f"{place}/world.db")
        out.joinpath(f"{revision}.sqlite.sql").write_text("\n".join(connection.iterdump()) + "\n")
        connection.close()
    binaries = programs()
    assert binaries is not None
    server = PostgreSQLServer(binaries)
    try:
        name = server.create()
        with TemporaryDirectory() as place:
            journey(Path(place), server.url(name))
        freeze(server.url(name), out)
        command = ["pg_dump", "--inserts", "--rows-per-insert=500", "--no-owner", "-U", "postgres"]
        told = subprocess.run(
            [*command, "-h", server.root, name], check=True, capture_output=True, text=True
        ).stdout
        lines = [line for line in told.splitlines() if not line.startswith(("--", "SET ", "\\"))]
        out.joinpath(f"{revision}.postgresql.sql").write_text("\n".join(filter(None, lines)) + "\n")
    finally:
        server.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
