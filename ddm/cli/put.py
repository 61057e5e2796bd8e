"""``ddm put``: a local file to an endpoint and into the catalogue."""

from __future__ import annotations

from pathlib import Path

import click

from catalog.clock import SystemClock
from catalog.errors import ExitCode
from catalog.faults import Side
from ddm.cli.moving import EXITS, Mover, blaming, told_by_the_answer
from ddm.cli.operator import actor_option, catalogue, recipe
from ddm.cli.toolkit import Session, command, emit, json_option, pass_session
from ddm.cli.words import facts, size
from ddm.importing.names import Names
from ddm.operations import putting
from ddm.operations.putting import Put
from ddm.places import Places
from transfers.staging import Means


@command(
    "put",
    examples="ddm put mDST.root /eos/experiment/2016/mDST-275678-0-7.root --dataset P08/mDST\n"
    "ddm put copy.raw /castor/cern.ch/compass/data/cdr11093-275678.raw --endpoint eos",
    exits=[*(code for code in EXITS if code != ExitCode.SOME_FAILED), ExitCode.BUSY, ExitCode.SCHEMA],
)
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("lfn")
@click.option("--endpoint", help="Where it goes; else where [placement] says, the best disk first.")
@click.option("--dataset", help="Dataset that a new LFN belongs to; made if new.")
@click.option("--task", help="Task whose names the LFN has; the only one, or that of the dataset.")
@actor_option
@json_option
@pass_session
def cli(
    session: Session,
    file: Path,
    lfn: str,
    endpoint: str | None,
    dataset: str | None,
    task: str | None,
    actor: str | None,
    as_json: bool,
) -> int:
    """Write a local file to an endpoint, compare it there, and register it, in this order.

    A registered LFN gets one more copy; with other bytes than the catalogue knows the file is refused before
    a byte is written. Nothing is overwritten. Repeat freely: what is there and equal is adopted.
    """
    settings = session.settings()
    names = None
    if dataset is not None:
        names = Names(recipe(settings, task, dataset).task, settings)
    told_by_the_answer()
    mover = Mover("put")
    places = Places(settings, Means(clock=SystemClock(), watch=mover))
    total = file.stat().st_size if file.is_file() else 0
    endpoints = putting.endpoints_for(settings, places, endpoint, total)
    wish = putting.Wish(file.absolute(), lfn, endpoints, dataset, names)
    with blaming(mover, Side.OUT), catalogue(session, actor) as catalog, mover.showing(total, 1):
        done = putting.put(catalog, wish, places.means)
    emit(done, as_json, _render)
    return ExitCode.DONE


def _render(done: Put) -> str:
    return facts(
        [
            ("lfn", done.lfn + ("" if done.known else " (new in the catalogue)")),
            ("at", done.url),
            ("size", f"{done.size} ({size(done.size)})"),
            ("adler32", done.adler32),
            ("copy", f"{done.state}: {done.compared}"),
        ]
    )
