"""``ddm demo``: a small period of a COMPASS-like experiment, from tape to archived and verified."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from catalog.errors import ExitCode
from ddm.cli.flow import tell, watched
from ddm.cli.operator import counted
from ddm.cli.toolkit import Table, command, emit, json_option

if TYPE_CHECKING:
    from ddm.demo.period import Options
    from ddm.settings import Settings
    from ddm.summary import Summary

FAULTS = ("corrupt-merge", "lost-chunk", "tape-error", "bad-count")


@command(
    "demo",
    examples="ddm demo\nddm demo --dir /tmp/demo --runs 3 --chunks 10\n"
    "ddm demo --storage xrootd\nddm demo --dir /tmp/bad --fault bad-count",
    exits=[ExitCode.HELD, ExitCode.BUSY],
)
@click.option(
    "--dir",
    "directory",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("ddm-demo"),
    show_default=True,
    help="Where to make it; one that was interrupted goes on.",
)
@click.option("--runs", type=click.IntRange(1, 100), default=2, show_default=True, help="Runs.")
@click.option("--chunks", type=click.IntRange(1, 500), help="Raw chunks in each run [default: 24 and 20].")
@click.option(
    "--storage",
    type=click.Choice(["local", "xrootd"]),
    default="local",
    show_default=True,
    help="Local disk and a simulated tape library, or a real XRootD server with a tape library behind it.",
)
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed makes the same raw data.")
@click.option("--fault", type=click.Choice(FAULTS), help="Something goes wrong; see what ddm makes of it.")
@json_option
def cli(
    directory: Path,
    runs: int,
    chunks: int | None,
    storage: str,
    seed: int,
    fault: str | None,
    as_json: bool,
) -> int:
    """Take a small period of an experiment from tape to archive.

    Raw data on tape are registered, recalled within a byte budget, processed, merged, cross-checked and
    archived; the intermediate files are deleted, each with its proof. Everything is real but small.
    """
    from ddm.demo.period import Options, prepare, storage_server

    options = Options(runs, chunks, storage, seed, fault)
    directory = directory.resolve()
    started = time.monotonic()
    new = prepare(directory, options)
    say = _Narrator(quiet=as_json)
    say(f"{'Made' if new else 'Found'} a period of {sum(options.per_run)} raw chunks in {directory}")
    with storage_server(directory, options):
        outcome, summary, settings = _run(directory, say)
    answer = {
        "directory": str(directory),
        "seconds": round(time.monotonic() - started, 1),
        "moved": outcome.moved,
        "held": outcome.held,
        **_as_json(summary),
    }
    emit(answer, as_json, lambda _: list(_render(directory, options, outcome, summary, settings)))
    return ExitCode.HELD if outcome.held else ExitCode.DONE


class _Narrator:
    """Says what is being done, on standard output, unless the answer is to be JSON."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet

    def __call__(self, text: str) -> None:
        if not self._quiet:
            click.echo(text)


def _run(directory: Path, say: _Narrator) -> tuple[Any, Summary, Settings]:
    """Register, close, and run the flow, exactly as the commands would."""
    from catalog.db.engine import Catalog
    from ddm import config, flow, registration, summary
    from ddm.app import open_app
    from ddm.demo.period import DATASET
    from ddm.importing.names import Names

    settings = config.load(directory / "ddm.toml")
    with Catalog(settings.catalog) as fresh:
        fresh.create()
    app = open_app(settings)
    recipe = next(iter(app.recipes.values()))
    raw = list(registration.read_list(directory / "raw.csv", Names(recipe.task, settings)))
    kind = settings.endpoints["tape"].kind
    done = registration.register(app.catalog, raw, dataset=DATASET, endpoint="tape", kind=kind, close=True)
    say(f"Registered {done.added} raw files ({done.same} known already) in dataset {DATASET}, and closed it")
    budget = settings.endpoints["tape"].stage_budget
    total = sum(entry.size or 0 for entry in raw)
    say(f"Running the flow; {budget} of {total} raw bytes fit on disk at a time")
    with app.catalog.exclusive("flow"), watched(app, total=len(raw)) as report:
        outcome = flow.run(app, report=report)
    found = summary.summarize(app.catalog, app.now)
    app.close()
    return outcome, found, settings


def _as_json(found: Summary) -> dict[str, object]:
    from ddm import summary

    return dict(summary.as_json(found))


def _render(
    directory: Path, options: Options, outcome: Any, found: Summary, settings: Settings
) -> Iterator[str | Table]:
    from ddm import summary

    yield ""
    yield from summary.run_tables(found.runs, settings)
    yield ""
    yield summary.tier_table(found.tiers, settings)
    yield ""
    removed = sum(s.count for s in found.states if s.noun == "replica" and s.state == "DELETED")
    yield (
        f"{counted(removed, 'intermediate file was', 'intermediate files were')} deleted, "
        f"{'each ' if removed > 1 else ''}under a sealed certificate; nothing else was."
        if removed
        else "No file was deleted."
    )
    if found.held:
        yield f"The flow stopped where it must. Waiting for a person: {len(found.held)}"
        yield from summary.held_lines(found.held)
    yield f"Flow: {tell(outcome)}."
    yield "Look next:"
    stopped = "   # its XRootD server is stopped now" if options.storage == "xrootd" else ""
    program = "ddm" if shutil.which("ddm") else str(Path(sys.executable).with_name("ddm"))
    run = found.runs[0].run
    yield f"  cd {directory}{stopped}"
    yield f"  {program} flow status" if found.held else f"  {program} flow run  # finds nothing to do"
    yield f"  {program} explain {run}  # why a run, file or job is where it is"
    yield f"  {program} file history mDST-{run}-0-7.root"
    yield f"  {program} log list {run}; {program} log show 1  # out of the archive that went to tape"
