"""``ddm group``: groups of people that datasets belong to."""

from __future__ import annotations

import click

from catalog.db.owners import GroupLine
from catalog.errors import ExitCode
from ddm.cli.operator import actor_option, catalogue, reason_option, table_or
from ddm.cli.toolkit import Rendered, Session, Table, emit, group, json_option, pass_session
from ddm.operations import ownergroups

EXITS = [ExitCode.BUSY, ExitCode.SCHEMA]
cli = group("group", "Make and show the groups that datasets belong to.")


@cli.command(
    examples="ddm group add production --member alice --member bob@lxplus7\nddm group add hadron", exits=EXITS
)
@click.argument("name")
@click.option("--member", "members", multiple=True, help="USER (on any host) or USER@HOST; repeat it.")
@click.option("--description", default="", help="One line for people.")
@actor_option
@json_option
@pass_session
def add(
    session: Session, name: str, members: tuple[str, ...], description: str, actor: str | None, as_json: bool
) -> None:
    """Make a group; one that is there stays as it is.

    Without members it is a label, and everybody may act. With members, only they may close, reopen, attach,
    describe, give away and make new versions of its datasets. This is a guard against mistakes, not security:
    ddm believes who says to be who (--actor), and the database asks nobody.
    """
    with catalogue(session, actor) as catalog:
        emit(ownergroups.add(catalog, name, description, members), as_json, lambda line: _render([line]))


@cli.command(examples="ddm group show\nddm group show production --json", exits=EXITS)
@click.argument("name", required=False)
@json_option
@pass_session
def show(session: Session, name: str | None, as_json: bool) -> None:
    """Show every group, or one: members and how many datasets it owns ('ddm dataset show --group NAME')."""
    with catalogue(session) as catalog:
        emit(ownergroups.show(catalog, name), as_json, _render)


@cli.command(
    examples="ddm group change production --join carol --leave bob@lxplus7 --reason 'shift of 2027'",
    exits=EXITS,
)
@click.argument("name")
@click.option("--join", "joining", multiple=True, help="USER or USER@HOST who becomes a member; repeat it.")
@click.option("--leave", "leaving", multiple=True, help="A member who leaves; repeat it.")
@reason_option
@actor_option
@json_option
@pass_session
def change(
    session: Session,
    name: str,
    joining: tuple[str, ...],
    leaving: tuple[str, ...],
    reason: str,
    actor: str | None,
    as_json: bool,
) -> None:
    """Let members join and leave. Only members may, if there are any."""
    if not joining and not leaving:
        raise click.UsageError("give --join or --leave", click.get_current_context())
    with catalogue(session, actor) as catalog:
        line = ownergroups.change(catalog, name, joining, leaving, reason)
        emit(line, as_json, lambda line: _render([line]))


def _render(lines: list[GroupLine]) -> Rendered:
    rows = [
        (line.name, ", ".join(line.members) or "everybody", line.datasets, line.description or None)
        for line in lines
    ]
    return table_or(
        Table(("group", "members", "datasets", "description"), rows), "no group; 'ddm group add' makes one"
    )
