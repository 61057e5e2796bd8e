"""``ddm copy``: files between here and storages, and between storages, compared always."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import click

from catalog.clock import SystemClock
from ddm.cli.moving import (
    EXITS,
    Mover,
    blaming,
    ending,
    parallel_option,
    say_how_to_go_on,
    settings_of,
    told_by_the_answer,
)
from ddm.cli.toolkit import Session, Table, command, emit, json_option, pass_session
from ddm.cli.words import Lines, counted, names_in, shortened, size
from ddm.operations import copying
from ddm.operations.copying import Copy, State
from ddm.places import Places
from transfers.staging import Means

SHOWN = 20
GOOD = (State.COPIED, State.THERE, State.TO_COPY)


@command(
    "copy",
    examples="ddm copy root://door.example//eos/x/mDST.root .\n"
    "ddm copy *.root eos:/analysis/me/ --parallel 8\n"
    "ddm copy --recursive root://door.example//eos/x/run1 eos:/copies/ --plan\n"
    "ddm copy --from-file list.txt /data/in/ --json",
    exits=EXITS,
)
@click.argument("words", metavar="SOURCE... DEST", nargs=-1, required=True)
@click.option("-r", "--recursive", is_flag=True, help="Directories, with all that is below.")
@click.option(
    "--from-file", "listed", type=click.File("r"), help="Sources of a list, one on each line; '-': a pipe."
)
@parallel_option
@click.option("--plan", "--dry-run", is_flag=True, help="Say what would be copied, and copy nothing.")
@json_option
@pass_session
def cli(
    session: Session,
    words: tuple[str, ...],
    recursive: bool,
    listed: Iterable[str] | None,
    parallel: int | None,
    plan: bool,
    as_json: bool,
) -> int:
    """Copy files; each is compared by size and checksum, and appears whole or not at all.

    SOURCE and DEST are URLs (root://, davs://, file:// …), ENDPOINT:/PATH with an endpoint of ddm.toml, or
    local paths. A DEST that ends with a slash, or several sources, mean a directory. Nothing is overwritten:
    an equal file counts as copied, so an interrupted command is just run again; a different one is an error.
    """
    sources, to = _sources(words, listed)
    told_by_the_answer()
    mover = Mover("copy")
    places = Places(settings_of(session), Means(clock=SystemClock(), watch=mover), parallel)
    with blaming(mover):
        planned = copying.plan(places, copying.pairs(places, sources, to, recursive=recursive))
    if plan:
        return tell(mover, planned, as_json)
    todo = copying.total(planned)
    with mover.showing(todo.bytes_to_copy, todo.to_copy):
        done = copying.copy(places, planned)
    return tell(mover, done, as_json)


def _sources(words: Sequence[str], listed: Iterable[str] | None) -> tuple[list[str], str]:
    """The sources and the destination."""
    *named, to = words
    sources = [*named, *(names_in(listed) if listed is not None else ())]
    if listed is not None and not to.endswith("/"):
        to += "/"
    if not sources and listed is None:
        raise click.UsageError("give SOURCE... DEST", click.get_current_context())
    return sources, to


def tell(mover: Mover, copies: Sequence[Copy], as_json: bool) -> int:
    """Print what became of the files, or would; the exit code."""
    good = [entry.state in GOOD for entry in copies]
    code = ending(mover, good, [entry.fault for entry in copies])
    answer = {
        "files": copies,
        "summary": {**asdict(copying.total(copies)), **mover.pace()},
        "exit_code": code,
    }
    emit(answer, as_json, _render)
    say_how_to_go_on(mover, sum(entry.state is State.STOPPED for entry in copies))
    return code


def _render(answer: Mapping[str, Any]) -> Lines:
    copies: Sequence[Copy] = answer["files"]
    sums = answer["summary"]
    done = copying.total(copies)
    bad = [
        (entry.source, f"{entry.code}: {shortened(entry.text, 200)}")
        for entry in copies
        if entry.state is State.FAILED
    ]
    if bad:
        yield Table(("source", "not copied because"), bad[:SHOWN])
    if len(bad) > SHOWN:
        yield f"and {len(bad) - SHOWN} more; see --json"
    if not copies:
        yield "nothing to copy: no file is named"
    if done.to_copy:
        yield f"to copy: {counted(done.to_copy, 'file')}, {size(done.bytes_to_copy)}"
    if done.copied:
        pace = f"{sums['seconds']:.1f} s, {size(round(sums['bytes_per_s']))}/s"
        yield f"copied: {counted(done.copied, 'file')}, {size(done.bytes_copied)}, {pace}"
    if done.there:
        yield f"there already, and equal: {counted(done.there, 'file')}"
    for how in sorted({entry.compared for entry in copies if entry.state in GOOD}):
        yield f"compared: {how}"
