"""``ddm meta``: keys of metadata, and what is said of files. Of datasets: ``ddm dataset set``."""

from __future__ import annotations

import click

from catalog.errors import ExitCode
from catalog.meta import MetaType, written
from ddm.cli.operator import actor_option, catalogue, counted, facts, reason_option, table_or
from ddm.cli.toolkit import Rendered, Session, Table, emit, group, json_option, pass_session
from ddm.operations import metadata
from ddm.operations.metadata import Defined, Described, KeyLine

EXITS = [ExitCode.BUSY, ExitCode.SCHEMA]
cli = group("meta", "Say more of files than their names do: keys with a type, and their values.")

change_reason = click.option(
    "--reason", help="Why a value that is known changes; without it only new values are taken."
)


@cli.command(
    examples="ddm meta define phast.version text --description 'release of the job'\n"
    "ddm meta define n_vertices int",
    exits=EXITS,
)
@click.argument("key")
@click.argument("kind", metavar="TYPE", type=click.Choice([str(kind) for kind in MetaType]))
@click.option("--description", help="One line for people.")
@actor_option
@json_option
@pass_session
def define(
    session: Session, key: str, kind: str, description: str | None, actor: str | None, as_json: bool
) -> None:
    """Make a key. It has its type for ever; a value of another type is refused.

    A key that is not defined gets the type of its first value: 7 is int, 7.0 real, true bool,
    2016-07-01T12:00Z time, everything else (007 too) text. The types: int (64 bits), real (finite; takes
    whole numbers), text (up to 1024 bytes on one line), bool, time (kept to the microsecond, UTC).
    """
    with catalogue(session, actor) as catalog:
        emit(metadata.define(catalog, key, MetaType(kind), description), as_json, _render_defined)


@cli.command(examples="ddm meta keys\nddm meta keys --json", exits=EXITS)
@json_option
@pass_session
def keys(session: Session, as_json: bool) -> None:
    """Show every key: its type, and how many files and datasets have a value of it."""
    with catalogue(session) as catalog:
        emit(metadata.keys(catalog), as_json, _render_keys)


@cli.command(examples="ddm meta show mDST-275678-0-7.root", exits=EXITS)
@click.argument("lfn")
@json_option
@pass_session
def show(session: Session, lfn: str, as_json: bool) -> None:
    """Show what is said of a file, by LFN or unique base name."""
    with catalogue(session) as catalog:
        emit(metadata.show(catalog, lfn), as_json, render_described)


@cli.command(
    "set",
    examples="ddm meta set cdr11001-275678.raw magnet=+ target=NH3\n"
    "ddm meta set cdr11001-275678.raw magnet=- --reason 'the logbook of 2016-06-12'",
    exits=EXITS,
)
@click.argument("lfn")
@click.argument("values", metavar="KEY=VALUE...", nargs=-1, required=True)
@change_reason
@actor_option
@json_option
@pass_session
def set_(
    session: Session, lfn: str, values: tuple[str, ...], reason: str | None, actor: str | None, as_json: bool
) -> None:
    """Say something of a file. A known value changes only with --reason; the history keeps the old one."""
    with catalogue(session, actor) as catalog:
        emit(metadata.set_of_file(catalog, lfn, values, reason), as_json, render_described)


@cli.command(
    examples="ddm meta unset cdr11001-275678.raw magnet --reason 'another run was meant'", exits=EXITS
)
@click.argument("lfn")
@click.argument("keys", metavar="KEY...", nargs=-1, required=True)
@reason_option
@actor_option
@json_option
@pass_session
def unset(
    session: Session, lfn: str, keys: tuple[str, ...], reason: str, actor: str | None, as_json: bool
) -> None:
    """Withdraw values of a file; the history keeps them."""
    with catalogue(session, actor) as catalog:
        emit(metadata.unset_of_file(catalog, lfn, keys, reason), as_json, render_described)


def render_described(shown: Described) -> Rendered:
    """What is said of a file or dataset, and what the command changed of it."""
    numbers = [(shown.added, "added"), (shown.changed, "changed"), (shown.withdrawn, "withdrawn")]
    did = ", ".join(f"{counted(number, 'value')} {what}" for number, what in numbers if number)
    lines = [("of", shown.name), *((key, written(value)) for key, value in shown.meta.items())]
    return [*filter(None, [did]), facts(lines) if shown.meta else f"nothing is said of {shown.name}"]


def _render_defined(done: Defined) -> str:
    words = f": {done.description}" if done.description else ""
    return f"key {done.key} is {done.type}{'' if done.changed else ' already'}{words}"


def _render_keys(lines: list[KeyLine]) -> Rendered:
    rows = [(line.key, line.type, line.files, line.datasets, line.description or None) for line in lines]
    columns = ("key", "type", "files", "datasets", "description")
    return table_or(Table(columns, rows), "no key; 'ddm meta set' and 'ddm dataset set' make them")
