"""``ddm get``: files of the catalogue by LFN, from the best replica, compared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from catalog.clock import SystemClock
from catalog.errors import ExitCode
from ddm.cli.moving import EXITS, Mover, ending, parallel_option, say_how_to_go_on, told_by_the_answer
from ddm.cli.operator import catalogue
from ddm.cli.stage_request import wanted_files
from ddm.cli.toolkit import Session, Table, command, emit, json_option, pass_session
from ddm.cli.words import Lines, counted, names_in, shortened, size
from ddm.operations import getting
from ddm.places import Places
from transfers.manifest import FileReport
from transfers.staging import Means

SHOWN = 20


@command(
    "get",
    examples="ddm get cdr11093-275678.raw\n"
    "ddm get '/castor/cern.ch/compass/*/mDST-275678-*.root' --dir /data/in\n"
    "ddm get --from lfns.txt --parallel 8 --json\n"
    "ddm get --dataset P08/mDST --run 275678 --dir /data/in --plan",
    exits=[*EXITS, ExitCode.BUSY, ExitCode.SCHEMA],
)
@click.argument("lfns", metavar="[LFN]...", nargs=-1)
@click.option("--from", "listed", type=click.File("r"), help="A list, an LFN on each line; '-': a pipe.")
@click.option("--run", "runs", metavar="R|A..B", multiple=True, help="Files of these runs.")
@click.option("--dataset", metavar="NAME", help="Files of this dataset.")
@click.option("--query", metavar="QUERY", help="Files that a query finds (docs/reference/query.md).")
@click.option(
    "--dir", "directory", type=click.Path(path_type=Path), default=".", help="Where the files come."
)
@click.option("--site", default="", help="Where this machine is: the nearest replica is read.")
@parallel_option
@click.option("--plan", is_flag=True, help="Say what would be read from where, and read nothing.")
@json_option
@pass_session
def cli(
    session: Session,
    lfns: tuple[str, ...],
    listed: Iterable[str] | None,
    runs: tuple[str, ...],
    dataset: str | None,
    query: str | None,
    directory: Path,
    site: str,
    parallel: int | None,
    plan: bool,
    as_json: bool,
) -> int:
    """Fetch files by LFN, unique base name or pattern, or those of a dataset, runs or a query.

    Size and checksum are compared with the catalogue.

    The best replica is read, and the others when it fails. A file that is on tape only is refused with the
    command that recalls it. Nothing is overwritten; what is here and equal is kept, so an interrupted command
    is just run again.
    """
    named, asked = bool(lfns) or listed is not None, bool(runs) or dataset is not None or query is not None
    if named == asked:
        raise click.UsageError(
            "give LFNs or --from LIST, or else --run, --dataset or --query", click.get_current_context()
        )
    names = [*lfns, *(names_in(listed) if listed is not None else ())]
    settings = session.settings()
    with catalogue(session) as catalog:
        if asked:
            names = getting.found(catalog, wanted_files((), None, runs, dataset, query).query)
        wish = getting.wanted(catalog, settings, names, site=site)
    told_by_the_answer()
    mover = Mover("get")
    means = Places(settings, Means(clock=SystemClock(), watch=mover), parallel).means
    if plan:
        return _plan(wish, mover, as_json)
    with mover.showing(wish.size, len(wish.manifest.files)):
        done = getting.get(wish, directory, means)
    code = ending(mover, [file.good for file in done], [file.fault for file in done])
    summary = {
        "files": len(done),
        "copied": sum(file.state == "copied" for file in done),
        "kept": sum(file.state == "kept" for file in done),
        "failed": sum(file.state == "failed" for file in done),
        "stopped": sum(file.state == "stopped" for file in done),
        "bytes_copied": sum(file.size or 0 for file in done if file.state == "copied"),
        **mover.pace(),
    }
    emit({"files": done, "summary": summary, "exit_code": code}, as_json, _render)
    say_how_to_go_on(mover, sum(file.state == "stopped" for file in done))
    return code


def _plan(wish: getting.Wanted, mover: Mover, as_json: bool) -> int:
    good = [True] * len(wish.manifest.files) + [False] * len(wish.refused)
    code = ending(mover, good, [file.fault for file in wish.refused])
    answer = {
        "files": wish.manifest.files,
        "refused": wish.refused,
        "summary": {"files": len(wish.manifest.files), "bytes": wish.size, "refused": len(wish.refused)},
        "exit_code": code,
    }
    emit(answer, as_json, _render_plan)
    return code


def _render_plan(answer: Mapping[str, Any]) -> Lines:
    rows = [(file.lfn, file.size, file.sources[0].url) for file in answer["files"][:SHOWN]]
    if rows:
        yield Table(("lfn", "bytes", "from"), rows)
    yield f"to get: {counted(answer['summary']['files'], 'file')}, {size(answer['summary']['bytes'])}"
    yield from _bad(answer["refused"])


def _render(answer: Mapping[str, Any]) -> Lines:
    sums = answer["summary"]
    yield from _bad([file for file in answer["files"] if file.state == "failed"])
    if sums["copied"]:
        pace = f"{sums['seconds']:.1f} s, {size(round(sums['bytes_per_s']))}/s"
        yield f"copied: {counted(sums['copied'], 'file')}, {size(sums['bytes_copied'])}, {pace}"
    if sums["kept"]:
        yield f"here already, and equal: {counted(sums['kept'], 'file')}"
    unknown = [file for file in answer["files"] if file.good and None in (file.size, file.adler32)]
    if unknown:
        yield f"not compared, as the catalogue does not know them: {counted(len(unknown), 'file')}"


def _bad(files: Sequence[FileReport]) -> Lines:
    rows = [(file.lfn, f"{file.code}: {shortened(file.text, 300)}") for file in files[:SHOWN]]
    if rows:
        yield Table(("lfn", "not here because"), rows)
    if len(files) > SHOWN:
        yield f"and {len(files) - SHOWN} more; see --json"
