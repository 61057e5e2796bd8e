"""``ddm carry``: files to and from sites that ddm cannot reach, brought by hand and compared on arrival."""

from __future__ import annotations

import io
import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from catalog.clock import SystemClock
from catalog.errors import BadInput, ExitCode
from ddm.cli.toolkit import Session, Table, emit, group, json_option, pass_session, progress
from ddm.cli.words import counted
from transfers.carrying.lists import (
    Arrival,
    CarryList,
    Report,
    globus_batch,
    pairs,
    path_of,
    read_checked,
    read_list,
    read_report,
    relative,
    replace_file,
    write_checked,
    write_list,
    write_report,
)

if TYPE_CHECKING:
    from ddm.operations.carrying import Arrived, Planned

Lines = Iterable["str | Table"]
SHOWN = 20
EXITS = [ExitCode.SOME_FAILED, ExitCode.BUSY, ExitCode.SCHEMA]

cli = group("carry", "Carry files by hand to and from sites that ddm cannot reach; compare what arrived.")


def _new(path: Path) -> Path:
    if os.path.lexists(path):
        raise BadInput("is there already; nothing was written: take another name", subject=str(path))
    return path


# ---------------------------------------------------------------------------------------- plan
@cli.command(
    "plan",
    examples="ddm carry plan --dataset 2016/W14 --to hpc -o w14.list --globus w14.batch\n"
    "ddm carry plan --query 'run=275678 and product=mDST' --to hpc -o one-run.list --pairs one-run.pairs\n"
    "ddm carry plan --dataset 2016/W14-mDST --from hpc --to eos -o back.list",
    exits=EXITS,
)
@click.argument("lfns", metavar="[LFN]...", nargs=-1)
@click.option("--run", "runs", metavar="R|A..B", multiple=True, help="Files of these runs.")
@click.option("--dataset", metavar="NAME", help="Files of this dataset.")
@click.option("--query", metavar="QUERY", help="Files that a query finds (docs/reference/query.md).")
@click.option("--list", "listed", type=click.File("r"), help="Files of a list, an LFN on each line.")
@click.option("--to", required=True, metavar="ENDPOINT", help="Where they are carried.")
@click.option("--from", "source", metavar="ENDPOINT", help="From there only; else from any good copy.")
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="The list to write.")
@click.option("--globus", type=click.Path(path_type=Path), help="Also: lines for 'globus transfer --batch'.")
@click.option("--rsync", type=click.Path(path_type=Path), help="Also: for 'rsync --from0 --files-from'.")
@click.option("--pairs", "paired", type=click.Path(path_type=Path), help="Also: for 'xargs -0 -n 2 CP'.")
@json_option
@pass_session
def plan(
    session: Session,
    lfns: tuple[str, ...],
    runs: tuple[str, ...],
    dataset: str | None,
    query: str | None,
    listed: Iterable[str] | None,
    to: str,
    source: str | None,
    output: Path,
    globus: Path | None,
    rsync: Path | None,
    paired: Path | None,
    as_json: bool,
) -> int:
    """Write the list of files to be carried to an endpoint. Asks the catalogue and changes nothing.

    Files with a good copy there are left out, and those without a good copy elsewhere, or on tape only: then
    it ends with 3. Take the list to the site with the files: 'ddm carry check' reads it there.
    """
    from ddm.cli.operator import catalogue
    from ddm.cli.stage_request import wanted_files
    from ddm.operations import carrying

    for path in filter(None, (output, globus, rsync, paired)):
        _new(path)
    with catalogue(session) as catalog:
        settings = session.settings()
        want = wanted_files(lfns, listed, runs, dataset, query)
        found, carried = carrying.plan(catalog, settings, want, to, source)
    if carried.files:
        _write(carried, output, globus, rsync, paired, settings.endpoints[to].prefix)
    emit(found, as_json, lambda found: _planned(found, output))
    return ExitCode.SOME_FAILED if found.left_out else ExitCode.DONE


def _write(
    carried: CarryList,
    output: Path,
    globus: Path | None,
    rsync: Path | None,
    paired: Path | None,
    prefix: str,
) -> None:
    text = io.StringIO()
    write_list(carried, text)
    places = [(path_of(file.source), path_of(prefix + file.path)) for file in carried.files]
    if rsync:
        odd = [
            file.lfn
            for file, (there, _) in zip(carried.files, places, strict=True)
            if not there.endswith(file.path)
        ]
        if odd:
            raise BadInput(
                "rsync cannot rename, and the source of this file is named otherwise", subject=odd[0]
            )
        replace_file(rsync, relative([file.path for file in carried.files]))
    if globus:
        replace_file(globus, globus_batch(places))
    if paired:
        replace_file(paired, pairs([(file.source, prefix + file.path) for file in carried.files]))
    replace_file(output, [text.getvalue()])


def _planned(found: Planned, output: Path) -> Lines:
    from ddm.cli.operator import size

    if found.files:
        yield f"{counted(found.files, 'file')}, {size(found.size)}, to {found.endpoint}: {output}"
        yield Table(("from", "files"), sorted(found.sources.items()))
    else:
        yield "nothing is to be carried, and no list was written"
    if found.already:
        yield f"{counted(found.already, 'file')} with a good copy at {found.endpoint}"
    yield from _some("not in the list", [(one.lfn, one.why) for one in found.left_out])


def _some(title: str, rows: list[tuple[str, str]]) -> Lines:
    if rows:
        yield Table(("file", "why"), rows[:SHOWN], f"{title}: {len(rows)}")
    if len(rows) > SHOWN:
        yield f"and {len(rows) - SHOWN} more; --json has them all"


# --------------------------------------------------------------------------------------- check
@cli.command(
    "check",
    examples="ddm carry check w14.list --root /scratch/compass\n"
    "ddm carry check w14.list --root /scratch/compass --report arrived.jsonl --threads 32 --json",
    exits=[ExitCode.SOME_FAILED, ExitCode.BUSY],
)
@click.argument("listed", metavar="LIST", type=click.Path(path_type=Path))
@click.option("--root", required=True, type=click.Path(path_type=Path), help="Where the paths begin here.")
@click.option(
    "--report", "out", type=click.Path(path_type=Path), help="Report to write; LIST.report if not given."
)
@click.option(
    "--threads", type=click.IntRange(1, 1024), default=8, show_default=True, help="Files at a time."
)
@click.option("--afresh", is_flag=True, help="Read everything again, whatever was found before.")
@json_option
def check(listed: Path, root: Path, out: Path | None, threads: int, afresh: bool, as_json: bool) -> int:
    """Read every file of the list and compare it. Needs no catalogue, no configuration and no network.

    Writes a report, to be taken home for 'ddm carry arrived'. Interrupted, run it again: it goes on. Run
    again after more has come, it reads what is new, and what was not good; files that were the same and have
    not been touched since are not read again. Ends with 3 unless all are the same.
    """
    from transfers.carrying import checking

    carried = read_list(listed)
    final = out or listed.with_name(f"{listed.name}.report")
    part = final.with_name(f".{final.name}.part")
    before = {} if afresh else {one.file.path: one for path in (final, part) for one in read_checked(path)}
    checked = []
    with open(part, "w" if afresh else "a", encoding="utf-8", errors="surrogateescape") as kept:
        kept.write("\n")  # the last line of one who was killed may be torn
        with progress("check", total=len(carried.files)) as bar:
            for one in checking.check(carried.files, root, before, threads):
                write_checked(one, kept)
                kept.flush()
                checked.append(one)
                bar.advance()
    report = Report(
        endpoint=carried.endpoint,
        list_digest=carried.digest,
        root=str(root.absolute()),
        host=os.uname().nodename,
        checked_at=SystemClock().now(),
        checked=tuple(checked),
        extra=tuple(checking.others(carried.files, root)),
    )
    text = io.StringIO()
    write_report(report, text)
    replace_file(final, [text.getvalue()])
    part.unlink(missing_ok=True)  # by another check of the same list
    answer = {**report.counts, "files": len(checked), "extra": list(report.extra), "report": str(final)}
    answer["bad"] = [
        {"lfn": one.file.lfn, "path": one.file.path, "arrival": one.arrival, "why": one.why}
        for one in checked
        if one.arrival is not Arrival.SAME
    ]
    emit(answer, as_json, lambda _: _checked(report, final))
    return ExitCode.DONE if report.counts[Arrival.SAME] == len(checked) else ExitCode.SOME_FAILED


def _checked(report: Report, final: Path) -> Lines:
    counts = ", ".join(f"{number} {word}" for word, number in report.counts.items() if number)
    yield f"{counted(len(report.checked), 'file')}: {counts}"
    bad = [(one.file.path, one.why) for one in report.checked if one.arrival is not Arrival.SAME]
    yield from _some("not as listed", bad)
    yield from _some("not in the list, left alone", [(path, "") for path in report.extra])
    yield f"report: {final}; take it home and run 'ddm carry arrived'"


# ------------------------------------------------------------------------------------- arrived
@cli.command(
    "arrived",
    examples="ddm carry arrived w14.list.report --plan\nddm carry arrived w14.list.report --list w14.list",
    exits=EXITS,
)
@click.argument("report", type=click.Path(path_type=Path))
@click.option(
    "--list", "listed", type=click.Path(path_type=Path), help="The list, to see that the report is about it."
)
@click.option("--endpoint", help="Where the files are; as the report says, if not given.")
@click.option("--plan", "plan_only", is_flag=True, help="Say what would come of it and change nothing.")
@click.option("--actor", help="Who does it, kept in the history; you, USER@HOST, if not given.")
@json_option
@pass_session
def arrived(
    session: Session,
    report: Path,
    listed: Path | None,
    endpoint: str | None,
    plan_only: bool,
    actor: str | None,
    as_json: bool,
) -> int:
    """Take into the catalogue what a report of 'ddm carry check' is evidence of. Repeat freely.

    A copy becomes AVAILABLE if the size and adler32 that were read there are those of the catalogue; where
    ddm reaches the endpoint, the flow compares it first. Others are not registered; a copy that was thought
    good is LOST if it has gone, and doubted if it has other bytes, so that nobody reads it; unless more was
    learned of it since. A report to which a file was added, or of which one was changed or lost,
    is refused as a whole. Ends with 3 if any file is not good or not taken.
    """
    from ddm.cli.operator import catalogue
    from ddm.operations import carrying

    told, carried = read_report(report), None if listed is None else read_list(listed)
    with catalogue(session, actor) as catalog:
        done = carrying.arrived(
            catalog, session.settings(), told, endpoint=endpoint, listed=carried, plan=plan_only
        )
    emit(done, as_json, _arrived)
    return ExitCode.SOME_FAILED if done.bad or done.refused else ExitCode.DONE


def _arrived(done: Arrived) -> Lines:
    would = "would be " if done.planned else ""
    yield (
        f"at {done.endpoint}: {would}registered: {done.registered}, {would}compared: {done.verified}, "
        f"known before: {done.same}"
    )
    yield from _some("not good there", [(one.lfn, one.why) for one in done.bad])
    yield from _some("were thought good, and are doubted now", [(lfn, "") for lfn in done.doubted])
    yield from _some("were thought good, and are LOST now", [(lfn, "") for lfn in done.lost])
    yield from _some("not taken", [(one.lfn, one.why) for one in done.refused])
    if done.extra:
        yield f"files there that the list does not have: {done.extra}"


# ------------------------------------------------------------------------------------- outputs
@cli.command(
    "outputs",
    examples="ddm carry outputs /scratch/mDST --root /scratch --lfn /eos/compass -o back.list",
    exits=[ExitCode.BUSY],
)
@click.argument("directory", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--root", required=True, type=click.Path(path_type=Path), help="Where the paths begin here.")
@click.option("--lfn", default="/", show_default=True, help="What stands before a path in an LFN.")
@click.option(
    "--threads", type=click.IntRange(1, 1024), default=8, show_default=True, help="Files at a time."
)
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="The list to write.")
@json_option
def outputs(directory: Path, root: Path, lfn: str, threads: int, output: Path, as_json: bool) -> int:
    """List what was made at the site, with sizes and checksums, for the way home. Needs no catalogue.

    At home: 'ddm carry check' compares what came, 'ddm file register' takes the list into the catalogue.
    """
    from transfers.carrying import checking

    directory, root = directory.absolute(), root.absolute()
    if not directory.is_relative_to(root):
        raise BadInput(f"is not below {root}", subject=str(directory))
    _new(output)
    files = []
    with progress("outputs") as bar:
        for file in checking.outputs(directory, root, lfn, threads):
            files.append(file)
            bar.advance()
    found = CarryList("", tuple(files))
    text = io.StringIO()
    write_list(found, text)
    _, _, lines = text.getvalue().partition("\n")  # without the header, as 'ddm file register' reads it
    replace_file(output, [lines])
    answer = {"files": len(files), "bytes": found.size, "list": str(output)}
    emit(answer, as_json, lambda a: f"{counted(a['files'], 'file')}, {a['bytes']} bytes: {a['list']}")
    return ExitCode.DONE
