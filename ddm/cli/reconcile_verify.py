"""``ddm reconcile verify``: is what is stored still what was stored?"""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime, timedelta

import click

from catalog.db.verifying import Round
from catalog.db.verifying_look import Found
from catalog.errors import ExitCode
from catalog.states import HowVerified, VerificationState
from catalog.units import parse_size
from ddm.cli.operator import (
    Lines,
    actor_option,
    application,
    catalogue,
    counted,
    lasting,
    limit_option,
    run_ranges,
    shortened,
    size,
    when,
)
from ddm.cli.toolkit import (
    Progress,
    Session,
    Table,
    Words,
    command,
    emit,
    json_option,
    pass_session,
    progress,
)
from ddm.operations import verifying
from ddm.operations.verifying import Ended, Share, Status, Want

EXITS = [ExitCode.SOME_FAILED, ExitCode.HELD, ExitCode.BUSY, ExitCode.SCHEMA]


def _percent(_: click.Context, option: click.Parameter, value: str | None) -> float | None:
    if value is None:
        return None
    try:
        number = float(value.removesuffix("%"))
    except ValueError:
        number = 0.0
    if not 0 < number <= 100 or not value.rstrip().endswith("%"):
        raise click.BadParameter(f"{value!r}: expected a percentage, such as 1% or 0.5%", param=option)
    return number / 100


def _bytes(_: click.Context, option: click.Parameter, value: str | None) -> int | None:
    if value is None:
        return None
    try:
        number = parse_size(value)
    except ValueError as error:
        raise click.BadParameter(f"{value!r}: {error}", param=option) from None
    if not number:
        raise click.BadParameter("expected at least 1 byte an hour", param=option)
    return number


@command(
    "verify",
    examples="ddm reconcile verify --sample 1% --budget '10 TB'\n"
    "ddm reconcile verify --all --how read --endpoint eos --for 8h\n"
    "ddm reconcile verify --sample 0.1% --random --seed 2026-11 --how read --endpoint cta\n"
    "ddm reconcile verify --status\n"
    "ddm reconcile verify --stop 12 --reason 'the door is slow'\n"
    "ddm reconcile verify --go-on 12",
    exits=EXITS,
)
@click.option("--all", "everything", is_flag=True, help="Every copy, the longest not verified first.")
@click.option(
    "--sample",
    "fraction",
    metavar="PERCENT",
    callback=_percent,
    help="A part, e.g. 1%: the longest not verified.",
)
@click.option("--status", is_flag=True, help="How much was verified lately, the oldest, and what was found.")
@click.option("--go-on", "resumed", metavar="ROUND", type=int, help="Go on with this round.")
@click.option("--stop", "stopped", metavar="ROUND", type=int, help="Stop this round; its place is kept.")
@click.option(
    "--how",
    type=Words([str(how) for how in HowVerified]),
    default=str(HowVerified.ASKED),
    show_default=True,
    help="Ask the service for size and checksum, or read every byte. From tape: by recalls.",
)
@click.option(
    "--by",
    type=Words(["bytes", "files"]),
    default="bytes",
    show_default=True,
    help="What the sample is a part of.",
)
@click.option("--random", is_flag=True, help="Draw the sample, instead of taking the longest not verified.")
@click.option("--seed", metavar="TEXT", help="With --random: the same seed draws the same files.")
@click.option(
    "--endpoint", default="", metavar="NAME", help="Copies at this endpoint. Tapes are read only if named."
)
@click.option("--dataset", default="", metavar="NAME", help="Files of this dataset.")
@click.option(
    "--run", "runs", metavar="R|A..B", multiple=True, callback=run_ranges, help="Files of these runs."
)
@click.option(
    "--query", default="", metavar="QUERY", help="Files that this query finds (docs/reference/query.md)."
)
@click.option(
    "--budget", metavar="SIZE", callback=_bytes, help="Bytes an hour at each endpoint, e.g. '10 TB'."
)
@click.option(
    "--for",
    "lasts",
    metavar="TIME",
    callback=lasting,
    help="End after this time, e.g. 8h; its place is kept.",
)
@click.option(
    "--once", is_flag=True, help="Do what the budget of this hour allows, and do not wait for the next."
)
@click.option(
    "--days", type=click.IntRange(1), default=30, show_default=True, help="With --status: what is lately."
)
@click.option("--yes", is_flag=True, help="Though much is recalled from tape.")
@click.option("--reason", default="", help="With --stop and --go-on: why; kept in the history.")
@limit_option
@actor_option
@json_option
@pass_session
def verify(
    session: Session,
    everything: bool,
    fraction: float | None,
    status: bool,
    resumed: int | None,
    stopped: int | None,
    how: str,
    by: str,
    random: bool,
    seed: str | None,
    endpoint: str,
    dataset: str,
    runs: tuple[tuple[int, int], ...],
    query: str,
    budget: int | None,
    lasts: timedelta | None,
    once: bool,
    days: int,
    yes: bool,
    reason: str,
    limit: int,
    actor: str | None,
    as_json: bool,
) -> int:
    """Compare the content of copies with the catalogue, within a budget of bytes per hour.

    'asked' is the service's word: it may tell a checksum that it wrote down when the file came. 'read' sums
    every byte. What differs is looked at twice and becomes BAD, LOST or SUSPECT; nothing is ever removed by
    this. It waits for the next hour when the budget is used up. Interrupt it at any time: the same command
    goes on where it was.
    """
    modes = [everything, fraction is not None, status, resumed is not None, stopped is not None]
    if sum(modes) != 1:
        raise click.UsageError("say one of --all, --sample, --status, --go-on and --stop")
    if random != (seed is not None) or (random and fraction is None):
        raise click.UsageError("--random and --seed go together, with --sample")
    if status:
        with catalogue(session) as catalog:
            shown = verifying.status(catalog, session.settings(), timedelta(days=days), limit, endpoint)
        emit(shown, as_json, _render_status)
        return ExitCode.DONE
    if stopped is not None:
        with catalogue(session, actor) as catalog:
            ended = verifying.stop(catalog, stopped, reason)
        emit(ended, as_json, lambda it: f"round {it.id} at {it.endpoint} is {it.state}")
        return ExitCode.DONE
    want = Want(
        HowVerified(how), fraction or 1.0, by == "bytes", seed, endpoint, dataset, tuple(sorted(set(runs))),
        query, budget,
    )  # fmt: skip
    return _work(session, want, resumed, _Terms(lasts, once, yes, reason, limit), actor, as_json)


class _Terms:
    """How long a command works, and what a person said with it."""

    def __init__(self, lasts: timedelta | None, once: bool, yes: bool, reason: str, limit: int) -> None:
        self.lasts, self.once, self.yes, self.reason, self.limit = lasts, once, yes, reason, limit


def _work(
    session: Session, want: Want, resumed: int | None, terms: _Terms, actor: str | None, as_json: bool
) -> int:
    with application(session, actor) as app:
        if resumed is not None:
            rounds = [verifying.resume(app.catalog, resumed, terms.reason)]
        else:
            rounds = verifying.begin(app, want, confirmed=terms.yes)
        until: datetime | None = app.now + terms.lasts if terms.lasts else None
        with progress("verified", total=sum(it.files for it in rounds)) as bar:
            done = verifying.run(
                app,
                [it.id for it in rounds],
                until=until,
                once=terms.once,
                told=_Teller(bar, rounds),
                limit=terms.limit,
            )
    emit(done, as_json, _render_ended)
    return _code(done)


def _code(done: Ended) -> int:
    states = {it.state for it in done.rounds}
    if VerificationState.BRAKED in states:
        return ExitCode.HELD
    if done.outcomes:
        return ExitCode.SOME_FAILED
    return ExitCode.BUSY if states - {VerificationState.DONE} else ExitCode.DONE


def _looked_at(it: Round) -> int:
    return it.good + it.odd + it.passed


class _Teller:
    """Says how far it is, how fast, and how long it will take at this rate."""

    def __init__(self, bar: Progress, rounds: Sequence[Round]) -> None:
        self._bar, self._begun = bar, time.monotonic()
        self._before = sum(it.good_size for it in rounds)

    def __call__(self, rounds: Sequence[Round], note: str) -> None:
        done, total = sum(it.good_size for it in rounds), sum(it.size for it in rounds)
        rate = (done - self._before) / max(time.monotonic() - self._begun, 0.001)
        text = f"{size(done)} of {size(total)}"
        if rate > 0:
            left = timedelta(seconds=round(max(total - done, 0) / rate))
            text += f", {size(round(rate))}/s, {left} left"
        odd = sum(it.odd for it in rounds)
        text += f", {odd} not as they should be" if odd else ""
        self._bar.at(sum(_looked_at(it) for it in rounds), f"{text}; {note}" if note else text)


# ------------------------------------------------------------------------------------- rendering
def _render_ended(done: Ended) -> Lines:
    yield _rounds(done.rounds)
    if done.outcomes:
        yield ", ".join(f"{n} {outcome}" for outcome, n in done.outcomes)
    yield from _found(done.found)
    for endpoint, state, n in done.others:
        yield f"{endpoint}: {counted(n, 'copy', 'copies')} {state}, not looked at: only AVAILABLE ones are"
    for it in done.rounds:
        if it.state is VerificationState.BRAKED:
            yield f"braked: {it.reason}; not marked; look there, then go on with a --reason"
        elif it.state is VerificationState.GOING:
            yield f"not over: {done.waits or 'the time is over'}; ddm reconcile verify --go-on {it.id}"


def _rounds(rounds: Sequence[Round]) -> Table | str:
    rows = [
        (
            it.id,
            it.state,
            it.endpoint,
            it.how,
            it.scope,
            f"{_looked_at(it)} of {it.files}",
            f"{size(it.good_size)} of {size(it.size)}",
            it.odd,
            it.passed,
            shortened(it.reason) or None,
        )
        for it in rounds
    ]
    columns = ("round", "state", "at", "how", "of", "files", "good", "odd", "passed over", "why")
    return Table(columns, rows) if rows else "no round is under way"


def _found(found: Sequence[Found]) -> Lines:
    rows = [
        (when(one.found_at), one.outcome, one.state, one.endpoint, one.lfn, shortened(one.reason))
        for one in found
    ]
    if rows:
        yield Table(("found at", "what", "is now", "at", "file", "why"), rows)


def _render_status(shown: Status) -> Lines:
    days = f"since {shown.since:%F}"
    rows = [
        (
            one.fresh.endpoint,
            one.fresh.files,
            size(one.fresh.size),
            _share(one.fresh.verified, one.fresh.files),
            _share(one.fresh.read, one.fresh.files),
            when(one.fresh.oldest),
            _hour(one),
        )
        for one in shown.endpoints
    ]
    yield Table(
        ("endpoint", "files", "size", f"verified {days}", f"read {days}", "longest not", "this hour"), rows
    )
    yield _rounds(shown.rounds)
    if shown.found:
        yield f"found {days}: {counted(len(shown.found), 'copy', 'copies')} (the newest)"
    yield from _found(shown.found)


def _share(part: int, all_: int) -> str:
    return f"{100 * part / all_:.1f} %" if all_ else "-"


def _hour(one: Share) -> str:
    return f"{size(one.used)} of {size(one.budget)}" if one.budget else f"{size(one.used)}"


COMMANDS = (verify,)
