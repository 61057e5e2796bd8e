"""``ddm db import-prodsys``: the tasks and jobs of COMPASS-ProdSys into the catalogue."""

from __future__ import annotations

from pathlib import Path

import click

from catalog.errors import ExitCode
from ddm.cli.operator import Lines, actor_option, catalogue, facts
from ddm.cli.toolkit import Command, Session, Table, emit, json_option, pass_session, progress
from ddm.operations import prodsys
from ddm.sources.prodsys.importer import Imported
from ddm.sources.prodsys.report import Rows

SHOWN = 30  # causes on the screen; --json has them all


@click.command(
    "import-prodsys",
    cls=Command,
    examples="ddm db import-prodsys prodsys.sql.gz --tape cta --disk eos --report prodsys.jsonl --plan\n"
    "ddm db import-prodsys mysql://reader@db.example/compass_prodsys --password-file secret --tape cta "
    "--disk eos --report prodsys.csv",
    exits=[ExitCode.SOME_FAILED, ExitCode.BUSY, ExitCode.SCHEMA],
)
@click.argument("source", metavar="SOURCE")
@click.option("--tape", required=True, help="Endpoint of the tape system that keeps the files.")
@click.option("--disk", required=True, help="Endpoint of the disk that keeps the outputs of jobs.")
@click.option(
    "--report",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where to name every row that is not mapped whole; .jsonl or .csv.",
)
@click.option(
    "--label", default="prodsys", show_default=True, help="What the names of tasks and datasets begin with."
)
@click.option(
    "--moved",
    metavar="/OLD/=/NEW/",
    multiple=True,
    help="Files named below /OLD/ are below /NEW/ now; may be given several times.",
)
@click.option(
    "--whole-runs", is_flag=True, help="ProdSys names every raw file of its runs, so that they are complete."
)
@click.option("--plan", is_flag=True, help="Say what would come of it and change nothing.")
@click.option(
    "--password-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File whose first line is the password of the database.",
)
@actor_option
@json_option
@pass_session
def import_prodsys(
    session: Session,
    source: str,
    tape: str,
    disk: str,
    report: Path,
    label: str,
    moved: tuple[str, ...],
    whole_runs: bool,
    plan: bool,
    password_file: Path | None,
    actor: str | None,
    as_json: bool,
) -> int:
    """Import the tasks and jobs of COMPASS-ProdSys. Repeat freely: what is known is compared.

    SOURCE is a dump of mysqldump or mariadb-dump, plain or .gz, or the URL of the database. Every row becomes
    what docs/howto/from-prodsys.md says, or stands in the report with its cause. Interrupted, run it again:
    until it is through, the runs it adds to are undefined and no dataset with them can be closed.
    """
    with catalogue(session, actor) as catalog, progress("ProdSys", unit="job rows") as bar:
        done = prodsys.run(
            catalog,
            session.settings(),
            source,
            tape=tape,
            disk=disk,
            report=report,
            label=label,
            moved=moved,
            whole_runs=whole_runs,
            plan=plan,
            password_file=password_file,
            advance=bar.advance,
        )
    emit(done, as_json, _render)
    return ExitCode.SOME_FAILED if done.causes else ExitCode.DONE


def _render(done: Imported) -> Lines:
    yield f"{'would come' if done.planned else 'came'} of {done.source}:"
    yield Table(
        ("table", "rows", "mapped", "partly", "refused"),
        [_row("prodsys_task", done.tasks), _row("prodsys_job", done.jobs)],
    )
    added = ", ".join(f"{n} {kind}" for kind, n in done.files.items()) or "none"
    past = ", ".join(f"{n} {state}" for state, n in done.past_jobs.items()) or "none"
    yield facts(
        [
            ("new files", added),
            ("new copies", ", ".join(f"{n} on {kind}" for kind, n in done.copies.items() if n) or "none"),
            ("past jobs", past),
            ("gaps", done.gaps),
            ("empty dumps", done.empty_dumps),
            ("undefined runs", ", ".join(f"{n} of {kind}" for kind, n in done.undefined_runs.items())),
        ]
    )
    if done.causes:
        rows = [(cause.cause, cause.rows, cause.meaning) for cause in done.causes[:SHOWN]]
        yield Table(("cause", "rows", "meaning"), rows, "not mapped whole")
        yield f"every such row is in {done.report}"


def _row(table: str, rows: Rows) -> tuple[str, int, int, int, int]:
    return table, rows.read, rows.mapped, rows.partly, rows.refused
