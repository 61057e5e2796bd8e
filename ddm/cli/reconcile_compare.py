"""``ddm reconcile compare | comparisons | show | explain``: the catalogue beside what storages hold."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import click

from catalog.db.comparisons import Compared, Counted
from catalog.errors import ExitCode
from ddm.cli.operator import Lines, actor_option, catalogue, limit_option, size, table_or, when
from ddm.cli.toolkit import Session, Table, Words, command, emit, json_option, pass_session, said
from ddm.operations import compared, comparing
from ddm.operations.compared import Look, Place, Shown, Which
from ddm.operations.comparing import Done
from ddm.reconcile import rawlist
from ddm.reconcile.findings import Finding
from ddm.reconcile.kinds import DIFFERENCES, EXPECTED, MEANING, Expected, Kind
from ddm.reconcile.verdicts import WORTH, Standing

EXITS = [ExitCode.BUSY, ExitCode.SCHEMA]
KINDS = {str(kind).replace(" ", "-"): kind for kind in Kind if kind is not Kind.CONSISTENT}
STANDINGS = {str(one).replace(" ", "-"): one for one in Standing}


# ----------------------------------------------------------------------------------------------- compare
@command(
    "compare",
    examples="ddm reconcile compare\n"
    "ddm reconcile compare 12 13 --with 4\n"
    "ddm reconcile compare --accept eos --reason 'disk server 17 burned, ticket 4711'\n"
    "ddm reconcile compare --raw raw-2016.csv.gz",
    exits=[*EXITS, ExitCode.HELD],
)
@click.argument("scans", metavar="[SCAN]...", type=int, nargs=-1)
@click.option("--with", "earlier", metavar="COMPARISON", type=int, help="Only this one may confirm.")
@click.option(
    "--accept",
    "accepted",
    metavar="ENDPOINT",
    multiple=True,
    help="Believe more differences there than the brake does; needs --reason.",
)
@click.option("--reason", callback=said, help="Why; kept with the comparison.")
@click.option(
    "--raw",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="A list of the raw catalogue, as 'ddm file register' reads them: asked of what is dark or missing.",
)
@click.option("--again", is_flag=True, help="Also if the same is stored already.")
@actor_option
@json_option
@pass_session
def compare(
    session: Session,
    scans: tuple[int, ...],
    earlier: int | None,
    accepted: tuple[str, ...],
    reason: str | None,
    raw: Path | None,
    again: bool,
    actor: str | None,
    as_json: bool,
) -> int:
    """Compare scans with the catalogue: the newest whole one of each endpoint, if none are given.

    The comparison is kept under a number, and nothing else is changed. What a request, a job or the time of
    the scan explains is in flight. A difference is confirmed when an earlier comparison, on a scan that ended
    long enough before this one began (confirm_after), said the same of the same place, and nothing happened
    in between. Nothing is declared of a list that is not whole, or when it is too much (brake): then it is
    shown, and no more. With --raw, what nobody here knows and the raw catalogue does is 'not registered'.
    Ends with 4 when anything differs.
    """
    if bool(accepted) != (reason is not None):
        raise click.UsageError("--accept and --reason go together", click.get_current_context())
    with catalogue(session, actor) as catalog:
        done = comparing.compare(
            catalog,
            session.settings(),
            scans,
            earlier=earlier,
            accepted=dict.fromkeys(accepted, reason or ""),
            again=again,
            raw=None if raw is None else rawlist.of_file(raw),
            told=lambda what: click.echo(what, err=True),
        )
    emit(done, as_json, _render_done)
    return ExitCode.HELD if done.differences else ExitCode.DONE


def _render_done(done: Done) -> Lines:
    number = done.comparison.id
    if not done.new:
        yield f"the same was compared before, {when(done.comparison.made_at)}; --again does it again"
    yield from _sums(done.scans, done.counts)
    yield from (f"not compared: {one}" for one in done.left_out)
    if done.differences:
        yield f"comparison {number}; the places: ddm reconcile show {number}"
    else:
        yield f"comparison {number}: nothing differs"


def _sums(scans: Sequence[Compared], counts: Iterable[Counted]) -> Lines:
    for one in scans:
        below = "" if one.root == "/" else f" below {one.root}"
        yield (
            f"{one.endpoint}{below}: {one.expected} expected, {one.present} there, scan {one.scan} of "
            f"{when(one.begun_at)} to {when(one.ended_at)}"
        )
        if one.earlier_comparison is not None:
            earlier = f"comparison {one.earlier_comparison} of scan {one.earlier_scan}"
            yield f"  confirmed is what {earlier} saw as well"
        if one.accepted:
            yield f"  more than the brake does is believed: {one.accepted}"
        if one.disbelieved:
            yield f"  the scan is not believed any more: {one.disbelieved}"
        yield from (f"  {remark}" for remark in one.remarks)
    rows = [
        (
            one.endpoint,
            one.kind,
            None if one.standing == Standing.NOTHING else one.standing,
            "yes" if one.expected else "no",
            one.places,
            size(one.bytes),
        )
        for one in counts
    ]
    yield Table(("at", "is", "worth", "expected", "places", "size"), rows)


# ------------------------------------------------------------------------------------------- comparisons
@command(
    "comparisons",
    examples="ddm reconcile comparisons\nddm reconcile comparisons --endpoint eos --json",
    exits=EXITS,
)
@click.option("--endpoint", metavar="NAME", help="Only with a scan of this endpoint.")
@limit_option
@json_option
@pass_session
def comparisons(session: Session, endpoint: str | None, limit: int, as_json: bool) -> None:
    """List comparisons, the newest first, with what differs and what of it is confirmed."""
    with catalogue(session) as catalog:
        found = compared.listing(catalog, session.settings(), limit, endpoint)
    emit(found, as_json, _render_list)


def _render_list(found: Sequence[Done]) -> Table | str:
    rows = [
        (
            one.comparison.id,
            one.comparison.state,
            when(one.comparison.made_at),
            one.comparison.made_by,
            ", ".join(f"{each.endpoint} ({each.scan})" for each in one.scans) or None,
            one.differences,
            sum(each.places for each in one.counts if each.standing == Standing.CONFIRMED),
            one.comparison.reason or one.comparison.gone or None,
        )
        for one in found
    ]
    columns = ("comparison", "state", "made at", "by", "endpoints (scans)", "differ", "confirmed", "why")
    return table_or(Table(columns, rows), "nothing was compared yet: 'ddm reconcile compare' does it")


# -------------------------------------------------------------------------------------------------- show
def _absolute(_: click.Context, option: click.Parameter, value: str) -> str:
    if value and not value.startswith("/"):
        raise click.BadParameter(f"{value!r}: a path begins with a slash: /{value}", param=option)
    return value


@command(
    "show",
    examples="ddm reconcile show\nddm reconcile show 7 --kind lost --standing confirmed --under /2016/mDST/\n"
    "ddm reconcile show 7 --endpoint eos --limit 1000 --json",
    exits=EXITS,
)
@click.argument("number", metavar="[COMPARISON]", type=int, required=False)
@click.option("--kind", "kinds", type=Words(KINDS), multiple=True, help="Only places that are this.")
@click.option(
    "--standing", "standings", type=Words(STANDINGS), multiple=True, help="Only what is worth this."
)
@click.option("--endpoint", metavar="NAME", help="Only of this endpoint.")
@click.option(
    "--under", metavar="/PATH", default="", callback=_absolute, help="Only places whose path begins so."
)
@limit_option
@json_option
@pass_session
def show(
    session: Session,
    number: int | None,
    kinds: tuple[str, ...],
    standings: tuple[str, ...],
    endpoint: str | None,
    under: str,
    limit: int,
    as_json: bool,
) -> None:
    """Show what a comparison found, the newest one if no number is given: every place that is not consistent.

    The sums are of the whole comparison, whatever places are chosen. 'ddm reconcile explain' tells all that
    is known of one of them.
    """
    which = Which([KINDS[one] for one in kinds], [STANDINGS[one] for one in standings], endpoint, under)
    with catalogue(session) as catalog:
        found = compared.show(catalog, session.settings(), number, which, limit)
    narrowed = bool(kinds or standings or endpoint or under)
    emit(found, as_json, lambda it: _render_shown(it, narrowed))


def _render_shown(found: Shown, narrowed: bool) -> Lines:
    one = found.comparison
    yield f"comparison {one.id}, {one.state}, made {when(one.made_at)} by {one.made_by}"
    yield from _sums(found.scans, found.counts)
    if one.gone:
        yield one.gone
        return
    if narrowed:
        yield "that is the whole comparison; of the places that were chosen:"
    kinds = dict.fromkeys(finding.kind for finding in found.findings)
    yield from (f"{kind}: {MEANING[kind]}" for kind in kinds)
    rows = [
        (each.kind, each.standing, each.place, size(each.bytes), each.run, _about(each))
        for each in found.findings
    ]
    yield table_or(Table(("is", "worth", "where", "size", "run", "more"), rows), "no place is like that")
    if found.more:
        yield "there are more: --limit, or narrow it down with --kind, --standing, --endpoint, --under"


def _about(one: Finding) -> str | None:
    parts = []
    if one.kind is Kind.SIZE:
        parts.append(f"{one.seen_size} bytes, not {one.size}")
    if one.kind is Kind.CHECKSUM and one.adler32 is not None and one.seen_adler32 is not None:
        parts.append(f"adler32 {one.seen_adler32:08x}, not {one.adler32:08x}")
    if one.other:
        parts.append(one.other)
    if one.said:
        parts.append(one.said)
    return "; ".join(parts) or None


# ----------------------------------------------------------------------------------------------- explain
@command(
    "explain",
    examples="ddm reconcile explain eos:/2016/mDST/mDST-275678-0-7.root\n"
    "ddm reconcile explain root://eos.example//eos/compass/2016/mDST-275678-0-7.root\n"
    "ddm reconcile explain mDST-275678-0-7.root",
    exits=EXITS,
)
@click.argument("place", metavar="PFN|LFN")
@json_option
@pass_session
def explain(session: Session, place: str, as_json: bool) -> None:
    """Say what comparisons found of a place, what the catalogue says of it now, and what would say more.

    A place is a URL or ENDPOINT:/PATH; of an LFN all its places are told."""
    with catalogue(session) as catalog:
        found = compared.explain(catalog, session.settings(), place)
    emit(found, as_json, lambda places: _render_places(places))


def _render_places(places: Iterable[Place]) -> Lines:
    for one in places:
        yield f"{one.endpoint}:{one.path}"
        if one.copy is None:
            yield "  the catalogue has no copy there, and never had one"
        else:
            yield f"  a copy of {one.copy.lfn}, {one.copy.state} since {when(one.copy.since)}"
        for going in one.going:
            request = f", request {going.request}" if going.request else ""
            yield f"  {going.kind} {going.item} is {going.state}{request}"
        for look in one.looks:
            head = f"  comparison {look.comparison}, scan {look.scan} of {when(look.begun_at)}"
            if look.trouble:
                yield f"{head}: {look.trouble}"
            elif not look.findings:
                yield f"{head}: {_unsaid(one, look)}"
            for finding in look.findings:
                yield f"{head}: {_sentence(finding)}"
        for planned in one.plans:
            came = f"{planned.act}, {planned.outcome or 'open'}"
            reason = f": {planned.reason}" if planned.reason else ""
            yield f"  plan {planned.plan}, {planned.state}: {came}{reason}"
        if one.next:
            yield f"  {one.next}"


def _unsaid(one: Place, look: Look) -> str:
    """What it means that a comparison has no row for a place."""
    if one.copy is None:
        return "neither expected nor there"
    if one.copy.since > look.begun_at:
        return "consistent, or neither expected nor there: the copy changed later"
    expected = EXPECTED.get(one.copy.state) is Expected.THERE
    return "consistent: there, as the catalogue has it" if expected else "neither expected nor there"


def _sentence(one: Finding) -> str:
    about = _about(one)
    words = [f"{one.kind} ({MEANING[one.kind]})" + (f": {about}" if about else "")]
    if one.kind in DIFFERENCES:
        words.append(f"{one.standing}: {WORTH[one.standing]}")
        words.append(f"first seen {when(one.first_seen)}")
    return "; ".join(words)


COMMANDS = (compare, comparisons, show, explain)
