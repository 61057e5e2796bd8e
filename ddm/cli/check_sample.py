"""``ddm check sample`` and ``ddm check take``: the archive is recounted, a part at a time."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from catalog import papers
from catalog.errors import BadInput, ExitCode
from catalog.states import Recounted
from ddm.cli.operator import Lines, actor_option, application, catalogue, counted, run_ranges, shortened, size
from ddm.cli.toolkit import Session, Table, command, emit, json_option, pass_session

if TYPE_CHECKING:
    from ddm.operations.sampling import Outcome, SamplePlan, Taken

EXITS = [ExitCode.SOME_FAILED, ExitCode.HELD, ExitCode.BUSY, ExitCode.SCHEMA]
SHOWN = 20


@command(
    "sample",
    examples="ddm check sample --fraction 0.01 --plan\n"
    "ddm check sample --fraction 0.05 --period P08 --seed 2026-11 --recall",
    exits=EXITS,
)
@click.option("--fraction", type=float, required=True, help="Part of the archived files, e.g. 0.01.")
@click.option("--seed", default="0", show_default=True, help="Draws among files that are equally old.")
@click.option("--dataset", default="", metavar="NAME", help="Files of this dataset.")
@click.option(
    "--run", "runs", metavar="R|A..B", multiple=True, callback=run_ranges, help="Files of these runs."
)
@click.option("--period", default="", help="Files that the tasks of this period read or made.")
@click.option("--from-tape", is_flag=True, help="Read the copy on tape also where there is one on disk.")
@click.option("--most", type=click.IntRange(1), help="Read so many files at most, and go on another time.")
@click.option("--plan", "only_plan", is_flag=True, help="Say what would be read, and read nothing.")
@click.option("--recall", is_flag=True, help="Have the files recalled that are on tape only.")
@actor_option
@json_option
@pass_session
def sample(
    session: Session,
    fraction: float,
    seed: str,
    dataset: str,
    runs: tuple[tuple[int, int], ...],
    period: str,
    from_tape: bool,
    most: int | None,
    only_plan: bool,
    recall: bool,
    actor: str | None,
    as_json: bool,
) -> int:
    """Recount a sample of what is archived: every byte and every event once more, whatever was said before.

    Files whose bytes were longest not looked at come first; the seed draws among equals, so the same command
    means the same files. With --recall the flow recalls what is on tape only: run the command again to go on.
    Every result is kept; a difference holds the merges that it concerns, and 'ddm check explain' shows it.
    """
    from ddm.operations import sampling

    which = sampling.Which(dataset, runs, period)
    if only_plan:
        with catalogue(session) as catalog:
            wish = sampling.plan(catalog, session.settings(), which, fraction, seed, from_tape=from_tape)
        emit(wish, as_json, _render_plan)
        return ExitCode.DONE
    with application(session, actor) as app:
        wish = sampling.plan(app.catalog, app.settings, which, fraction, seed, from_tape=from_tape)
        if not wish.files:
            emit(wish, as_json, lambda _: ["nothing of this is archived"])
            return ExitCode.DONE
        how = sampling.How(from_tape=from_tape, recall=recall, most=most)
        done = sampling.run(app, wish, sampling.reader(app), how, told=_Teller(as_json))
    emit(done, as_json, _render)
    return _code(len(done.differ), len(done.unread))


class _Teller:
    """Says now and then on stderr how far it is."""

    def __init__(self, silent: bool) -> None:
        self._silent, self._said = silent, 0.0

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        if not self._silent and (now - self._said >= 5 or done == total):
            self._said = now
            click.echo(f"recounted: {done} of {total}", err=True)


def _code(differ: int, unread: int) -> int:
    if differ:
        return ExitCode.HELD
    return ExitCode.SOME_FAILED if unread else ExitCode.DONE


def _render_plan(wish: SamplePlan) -> Lines:
    begun = f"sample {wish.id}, of which is left" if wish.id is not None else "to recount"
    yield (
        f"{begun}: {counted(len(wish.files), 'file')} of {wish.archived} archived ({wish.chosen}), "
        f"{size(wish.size)}"
    )
    if wish.on_tape_only:
        yield f"to recall: {counted(wish.on_tape_only, 'file')}, {size(wish.recall_size)}"


def _render(done: Outcome) -> Lines:
    sums = done.sample.done
    yield (
        f"sample {done.sample.id} ({done.sample.chosen}): {done.sample.files} files, "
        f"{sums.get(Recounted.AGREE, 0)} agree, {sums.get(Recounted.DIFFER, 0)} differ, "
        f"{sums.get(Recounted.UNKNOWN, 0)} could not be read"
    )
    yield from _bad(done.differ, "what differs")
    yield from _bad(done.unread, "not read because")
    if done.waiting:
        files = counted(done.waiting, "file")
        yield f"{files} left, on tape only or not reached: with --recall 'ddm flow run' recalls; then repeat"


def _bad(lines: tuple[tuple[str, str], ...], what: str) -> Lines:
    if lines:
        yield Table(("lfn", what), [(lfn, shortened(said, 300)) for lfn, said in lines[:SHOWN]])
    if len(lines) > SHOWN:
        yield f"and {len(lines) - SHOWN} more; see --json"


@command("take", examples="ddm check take report.json", exits=EXITS)
@click.argument("reports", metavar="REPORT...", nargs=-1, required=True, type=click.Path(path_type=Path))
@actor_option
@json_option
@pass_session
def take(session: Session, reports: tuple[Path, ...], actor: str | None, as_json: bool) -> int:
    """Take in reports of 'ddm check run': what worker nodes counted is a witness of its own.

    A report that was taken in before changes nothing.
    """
    from ddm.jobs.recount import read_recount
    from ddm.operations import sampling

    found = []
    with application(session, actor) as app:
        for path in reports:
            try:
                text = path.read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError) as error:
                raise BadInput(f"cannot be read: {papers.why(error)}", subject=str(path)) from None
            found.append(sampling.take(app, read_recount(text)))
    emit(found, as_json, lambda taken: [line for entry in taken for line in _render_taken(entry)])
    unread = sum(len(entry.unread) + len(entry.unknown) for entry in found)
    return _code(sum(len(entry.differ) for entry in found), unread)


def _render_taken(done: Taken) -> Lines:
    if done.sample is not None:
        agree = done.sample.done.get(Recounted.AGREE, 0)
        again = " (taken in before)" if done.again else ""
        yield f"{done.sample.chosen}{again}: {agree} of {counted(done.sample.files, 'file')} agree"
    yield from _bad(done.differ, "what differs")
    yield from _bad(done.unread, "not read because")
    yield from (f"the catalogue knows no such file: {lfn}" for lfn in done.unknown)
