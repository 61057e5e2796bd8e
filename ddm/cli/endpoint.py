"""``ddm endpoint``: the endpoints, their space, and which one new files should go to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from catalog.clock import SystemClock
from catalog.errors import ExitCode
from catalog.pressure import Mark, parse_mark, sentence
from catalog.states import EndpointKind
from ddm.cli.toolkit import (
    Session,
    Table,
    actor_option,
    emit,
    go_ahead,
    group,
    json_option,
    pass_session,
    yes_option,
)
from ddm.naming import named
from ddm.units import human_size, parse_size

if TYPE_CHECKING:
    from ddm.operations.keeping import Relieved
    from transfers.placement import Placement

cli = group("endpoint", "show the endpoints, their space, and which one new files go to")


@dataclass(frozen=True, slots=True)
class Line:
    """An endpoint. ``free`` and ``total``: bytes, None when it does not tell; ``trouble``: why."""

    endpoint: str
    kind: EndpointKind
    site: str
    owner: str
    free: int | None
    total: int | None
    closed: str
    trouble: str


@cli.command("list", examples="ddm endpoint list\nddm endpoint list --json", exits=[ExitCode.SOME_FAILED])
@json_option
@pass_session
def show(session: Session, as_json: bool) -> int:
    """Show the endpoints of ddm.toml, and how much is free there.

    Asks each for its space, and nothing else. `-` is not known. The exit code is 3 if one does not answer.
    """
    from ddm.operations import placing
    from ddm.storages import open_bare

    settings = session.settings()
    reports = placing.spaces(open_bare(settings, SystemClock()))
    lines = [
        Line(
            name,
            entry.kind,
            entry.site,
            entry.owner,
            reports[name].space.free,
            reports[name].space.total,
            entry.closed,
            reports[name].trouble,
        )
        for name, entry in settings.endpoints.items()
    ]
    emit(lines, as_json, _lines)
    return ExitCode.SOME_FAILED if any(line.trouble for line in lines) else ExitCode.DONE


def _lines(lines: Sequence[Line]) -> Table:
    rows = [
        (
            line.endpoint,
            line.kind,
            line.site or None,
            line.owner or None,
            _size(line.free),
            _size(line.total),
            line.closed or line.trouble or "open",
        )
        for line in lines
    ]
    return Table(("endpoint", "kind", "site", "owner", "free", "of", ""), rows)


def _size(size: int | None) -> str | None:
    return None if size is None else human_size(size)


def _sized(_: click.Context, option: click.Parameter, value: str) -> int:
    try:
        return parse_size(value)
    except ValueError as error:
        raise click.BadParameter(f"{value!r}: {error}", param=option) from None


@cli.command(
    examples="ddm endpoint choose --size 4GB --group amber --from CERN\n"
    "ddm endpoint choose --size 2TB --kind tape --prefer cta --json",
)
@click.option("--size", callback=_sized, required=True, help="Bytes altogether, such as `4GB`.")
@click.option("--group", "owner", default="", help="The group whose files they are.")
@click.option("--from", "place", default="", metavar="SITE", help="Where they are: a site, or an endpoint.")
@click.option(
    "--kind",
    type=click.Choice([*map(str, EndpointKind), "any"]),
    default="disk",
    show_default=True,
    help="What kind of endpoint.",
)
@click.option("--prefer", multiple=True, metavar="NAME", help="An endpoint assigned to them, the best first.")
@click.option("--only", is_flag=True, help="Only those preferred: no fallback.")
@json_option
@pass_session
def choose(
    session: Session,
    size: int,
    owner: str,
    place: str,
    kind: str,
    prefer: tuple[str, ...],
    only: bool,
    as_json: bool,
) -> int:
    """Say which endpoint new files should go to, and why; the next ones are the fallback.

    Decided by `[placement]`, by what `[endpoint.NAME]` says of site, distances, owner, groups and
    `keep_free`, and by the free space that the endpoints tell. Changes nothing. The exit code is 1 if none
    may take them.
    """
    from ddm.operations import placing
    from ddm.storages import open_bare
    from transfers.placement import Wanted

    settings = session.settings()
    for name in prefer:
        named(name, settings.endpoints, "--prefer")
    wanted = Wanted(size, owner, None if kind == "any" else EndpointKind(kind), prefer, only)
    found = placing.choose(
        settings, open_bare(settings, SystemClock()), wanted, site=placing.site_of(settings, place)
    )
    emit(_as_json(found) if as_json else found, as_json, _tell)
    return ExitCode.DONE if found.best else ExitCode.FAILED


def _marked(_: click.Context, option: click.Parameter, value: str | None) -> Mark | None:
    if value is None:
        return None
    try:
        return parse_mark(value)
    except ValueError as error:
        raise click.BadParameter(f"{value!r}: {error}", param=option) from None


@cli.command(
    examples="ddm endpoint pressure eos --plan\n"
    "ddm endpoint pressure eos --high '10 TB' --low '30 TB' --plan\n"
    "ddm endpoint pressure eos --yes",
    exits=[ExitCode.SOME_FAILED, ExitCode.BUSY, ExitCode.SCHEMA],
)
@click.argument("endpoint")
@click.option("--high", callback=_marked, metavar="MARK", help="Instead of pressure_high: '90 %' or '10 TB'.")
@click.option("--low", callback=_marked, metavar="MARK", help="Instead of pressure_low.")
@click.option("--plan", "plan_only", is_flag=True, help="Only show what would go, and why; the default.")
@yes_option
@actor_option
@json_option
@pass_session
def pressure(
    session: Session,
    endpoint: str,
    high: Mark | None,
    low: Mark | None,
    plan_only: bool,
    yes: bool,
    actor: str | None,
    as_json: bool,
) -> int:
    """Show how full a disk is, and what goes to the trash until its low mark is reached. --yes does it.

    Only what retention lets go: intermediate files first, then merged files that are settled on tape, the run
    least recently used first, whole runs together. What is in the trash already counts. Unknown space is no
    pressure. The flow does the same by itself where pressure_high and pressure_low are set.

    Ends with 3 if less may go than is needed, or the endpoint does not tell its space.
    """
    from ddm.cli.operator import application
    from ddm.operations import keeping

    with application(session, actor) as app:
        done = keeping.relieve(app, endpoint, high, low, act=yes and not plan_only)
    emit(done, as_json, _render_relief)
    if done.relief.plan.chosen or done.relief.hurried:
        go_ahead(yes or plan_only)
    short = done.relief.plan.missing or not done.relief.level.known
    return ExitCode.SOME_FAILED if short else ExitCode.DONE


def _render_relief(done: Relieved) -> list[str | Table]:
    found = done.relief
    told: list[str | Table] = [f"{found.endpoint}: {found.trouble or sentence(found.level, found.plan)}"]
    if found.trash:
        until = f", all of it by {found.trash_until:%Y-%m-%d %H:%M}" if found.trash_until else ""
        told.append(f"in the trash: {human_size(found.trash)}{until}")
    if found.hurried:
        told.append(
            f"of these sooner (pressure_grace): {len(found.hurried)}, {human_size(found.hurried_size)}"
        )
    rows = [
        (
            unit.run,
            unit.rank.name.lower(),
            len(unit.copies),
            human_size(unit.size),
            f"{unit.used_at:%Y-%m-%d}",
        )
        for unit in found.plan.chosen
    ]
    if rows:
        told.append(Table(("run", "what", "copies", "size", "last used"), rows))
    if found.kept:
        told.append(
            Table(("copies", "asked about, and may not go"), [(n, why) for why, n in found.kept.items()])
        )
    if done.moved:
        told.append(f"withdrawn: {done.moved}")
    return told


def _as_json(found: Placement) -> dict[str, object]:
    return {"best": found.best, "ranking": found.ranking, "refused": found.refused}


def _tell(found: Placement) -> list[str | Table]:
    told: list[str | Table] = []
    if found.ranking:
        rows = [(choice.rank, choice.endpoint, choice.text) for choice in found.ranking]
        told.append(Table(("", "endpoint", "why there"), rows))
    else:
        told.append("no endpoint may take them")
    if found.refused:
        refused = [(entry.endpoint, entry.text) for entry in found.refused]
        told.append(Table(("refused", "why not"), refused))
    return told
