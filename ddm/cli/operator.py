"""What the operator's commands share: an open catalogue, who acts and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import click

from catalog.db.engine import Catalog
from catalog.db.facts import JobFact
from catalog.db.look import TroubleLine
from catalog.db.people import Resumed
from catalog.errors import BadInput
from ddm.app import open_app, open_catalog
from ddm.cli.toolkit import Session, Table, actor_option, said
from ddm.cli.words import Lines, counted, facts, names_in, shortened, size, table_or, when
from ddm.recipe import Recipe
from ddm.settings import Settings
from ddm.units import parse_duration

if TYPE_CHECKING:
    from ddm.app import App

__all__ = [
    "Lines",
    "actor_option",
    "all_option",
    "application",
    "catalogue",
    "chosen",
    "counted",
    "facts",
    "lasting",
    "limit_option",
    "names_in",
    "reason_option",
    "recipe",
    "resumed",
    "shortened",
    "size",
    "table_or",
    "trouble",
    "troubles",
    "when",
]
"""With ``ddm.cli.words``, which needs no database."""


reason_option = click.option(
    "--reason", required=True, callback=said, help="Why; kept in the history for good."
)
limit_option = click.option(
    "--limit", type=click.IntRange(1), default=100, show_default=True, help="At most so many lines."
)


@contextmanager
def catalogue(session: Session, actor: str | None = None) -> Iterator[Catalog]:
    """The catalogue of the settings, with the schema of this version."""
    with open_catalog(session.settings()) as catalog:
        catalog.actor = actor or catalog.actor
        yield catalog


@contextmanager
def application(session: Session, actor: str | None = None) -> Iterator[App]:
    """Everything that is configured, for a command that also calls storages or runners."""
    app = open_app(session.settings())
    try:
        app.catalog.actor = actor or app.catalog.actor
        yield app
    finally:
        app.close()


def recipe(settings: Settings, task: str | None, dataset: str | None = None) -> Recipe:
    """The recipe of the task; if none is named, of the single one, or of the one that reads the dataset.

    Raises BadInput if that is nobody, or more than one.
    """
    if task is not None:
        if task not in settings.tasks:
            raise BadInput(f"no task '{task}' in ddm.toml; {_known(settings.tasks)}", subject="--task")
        return Recipe(settings.tasks[task], settings)
    found = list(settings.tasks.values())
    if len(found) > 1:
        found = [entry for entry in found if entry.dataset == dataset] if dataset else found
    if not settings.tasks:
        raise BadInput("names of files are read by the templates of a task, and ddm.toml has no [task.NAME]")
    if len(found) != 1:
        raise BadInput(f"which task? give --task; {_known(settings.tasks)}", subject="--task")
    return Recipe(found[0], settings)


def _known(names: Iterable[str]) -> str:
    return f"known: {', '.join(sorted(names)) or 'none'}"


def lasting(_: click.Context, option: click.Parameter, value: str | None) -> timedelta | None:
    """The callback of an option such as ``7d`` or ``90 min``: a time span above zero."""
    if value is None:
        return None
    try:
        found = parse_duration(value)
    except ValueError as error:
        raise click.BadParameter(f"{value!r}: {error}", param=option) from None
    if not found:
        raise click.BadParameter(f"{value!r}: expected a duration above zero", param=option)
    return found


def run_ranges(
    _: click.Context, option: click.Parameter, values: tuple[str, ...]
) -> tuple[tuple[int, int], ...]:
    """The callback of an option such as ``275678`` or ``275678..275690``: first and last run, both of them in
    it."""
    found = []
    for value in values:
        first, _dots, last = value.partition("..")
        if not first.isdigit() or not (last or first).isdigit() or int(last or first) < int(first):
            raise click.BadParameter(f"{value!r}: expected a run or A..B", param=option)
        found.append((int(first), int(last or first)))
    return tuple(found)


def chosen(ids: Sequence[int], everything: bool, what: str) -> Sequence[int] | None:
    """The ids given, or None for ``--all``. Raises UsageError unless it is one or the other."""
    if bool(ids) == everything:
        raise click.UsageError(f"give the {what} by number, or --all", click.get_current_context())
    return None if everything else ids


confirm_option = click.option(
    "--confirm",
    "typed",
    metavar="N",
    type=int,
    help="The number of files, typed: for large lists, and for files that nobody knows.",
)
all_option = click.option("--all", "everything", is_flag=True, help="Every one that is held.")


def resumed(done: Sequence[Resumed], what: str) -> Lines:
    """What was resumed, for people."""
    yield f"{counted(len(done), what)} will be tried again"
    if done:
        yield Table(
            ("id", "what", "last trouble"), [(entry.id, entry.name, trouble(entry)) for entry in done]
        )


def trouble(entry: Resumed | JobFact | TroubleLine) -> str | None:
    """The last trouble in one line: its code and a few words."""
    text = entry.trouble if isinstance(entry, Resumed) else entry.reason
    if not entry.code:
        return None
    return f"{entry.code}: {shortened(text)}" if text else entry.code


def troubles(lines: Sequence[TroubleLine]) -> list[str | Table]:
    """What goes wrong, by cause; nothing if nothing does."""
    rows = [
        (line.endpoint, line.state, line.code, line.files, f"{line.item}: {shortened(line.reason)}")
        for line in lines
    ]
    return [Table(("at", "state", "trouble", "files", "first"), rows)] if rows else []
