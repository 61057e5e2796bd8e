"""``ddm endpoint``: the endpoints, their space, and which one new files should go to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from catalog.clock import SystemClock
from catalog.errors import BadInput, ExitCode
from catalog.states import EndpointKind
from ddm.cli.toolkit import Session, Table, emit, group, json_option, pass_session
from ddm.units import human_size, parse_size

if TYPE_CHECKING:
    from ddm.settings import Settings
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
    _known(settings, prefer)
    wanted = Wanted(size, owner, None if kind == "any" else EndpointKind(kind), prefer, only)
    found = placing.choose(
        settings, open_bare(settings, SystemClock()), wanted, site=placing.site_of(settings, place)
    )
    emit(_as_json(found) if as_json else found, as_json, _tell)
    return ExitCode.DONE if found.best else ExitCode.FAILED


def _known(settings: Settings, names: Sequence[str]) -> None:
    for name in names:
        if name not in settings.endpoints:
            raise BadInput(
                f"no endpoint '{name}' in ddm.toml; known: {', '.join(sorted(settings.endpoints)) or 'none'}",
                subject="--prefer",
            )


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
