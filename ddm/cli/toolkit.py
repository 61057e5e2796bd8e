"""What the commands are made of: groups, commands with examples and exit codes, output, progress.

A noun's module looks like this::

    cli = group("file", "register and show files")

    @cli.command(examples="ddm file show /eos/…/mDST-275678-0-7.root")
    @click.argument("lfn")
    @json_option
    @pass_session
    def show(session: Session, lfn: str, as_json: bool) -> None:
        \"""Show what the catalogue knows of a file.\"""
        emit(facts, as_json, render)

A command parses, calls one library function, and emits its answer. It returns None or an exit code, and
raises DataManagementError for the rest: ``ddm.cli.program`` prints one line and ends with the error's code.

With ``--json`` standard output holds exactly one JSON document: the answer, or ``{"error", "message",
"subject", "advice"}`` if there is none. Everything else (progress, log, the line of an error) is on
standard error.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import Any, Protocol, TypeVar

import click

from catalog.errors import ExitCode
from ddm.cli import completing
from ddm.config import load
from ddm.exitcodes import EXIT_CODES, GENERAL, INTERRUPTED
from ddm.settings import Settings
from ddm.shown import one_line

F = TypeVar("F", bound=Callable[..., Any])
SENTENCE = 500
"""Characters that a first sentence in the help of a group may have: it is wrapped, not cut off."""


@dataclass
class Session:
    """What the options that every command shares have said."""

    config: Path | None = None
    verbosity: int = 0
    debug: bool = False
    emitted: bool = False
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    _settings: Settings | None = None

    def settings(self) -> Settings:
        """The settings, read once. Raises ConfigError."""
        if self._settings is None:
            self._settings = load(self.config, self.environ)
        return self._settings


pass_session = click.make_pass_decorator(Session, ensure=True)


def session() -> Session:
    """The session of the command that runs now."""
    return click.get_current_context().find_root().ensure_object(Session)


def _set_config(context: click.Context, _: click.Parameter, value: Path | None) -> None:
    if value is not None:
        context.find_root().ensure_object(Session).config = value


def _set_verbose(context: click.Context, _: click.Parameter, value: int) -> None:
    shared = context.find_root().ensure_object(Session)
    shared.verbosity += value
    if value:
        level = logging.DEBUG if shared.verbosity > 1 else logging.INFO
        logging.basicConfig(level=level, format="%(asctime)s %(name)s: %(message)s", force=True)
        logging.getLogger("alembic").setLevel(logging.WARNING)  # its plugins are nobody's business here


def _set_debug(context: click.Context, _: click.Parameter, value: bool) -> None:
    context.find_root().ensure_object(Session).debug |= value


def shared_options() -> list[click.Parameter]:
    """``--config``, ``-v`` and ``--debug``: taken before the noun and after the verb alike."""
    return [
        click.Option(
            ["--config"],
            type=click.Path(path_type=Path, dir_okay=False),
            callback=_set_config,
            expose_value=False,
            help="The ddm.toml to use, instead of the nearest one.",
        ),
        click.Option(
            ["-v", "--verbose"],
            count=True,
            callback=_set_verbose,
            expose_value=False,
            help="Say what is done; twice: everything.",
        ),
        click.Option(
            ["--debug"],
            is_flag=True,
            callback=_set_debug,
            expose_value=False,
            help="Show the traceback of an error.",
        ),
    ]


class Words(click.Choice[str]):
    """A choice among words; where one has a hyphen, a space does as well: ``on-tape``, ``on tape``."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        return super().convert(value.replace(" ", "-"), param, ctx)


json_option = click.option("--json", "as_json", is_flag=True, help="Print the answer as one JSON document.")


def said(_: click.Context, option: click.Parameter, value: str | None) -> str | None:
    """The callback of an option that says something: not the empty text."""
    if value is not None and not value.strip():
        raise click.BadParameter("must not be empty", param=option)
    return value


actor_option = click.option(
    "--actor", callback=said, help="Who does it, kept in the history; you, USER@HOST, if not given."
)
yes_option = click.option("--yes", is_flag=True, help="Do it; without this only the plan is shown.")


def go_ahead(yes: bool) -> bool:
    """Whether ``--yes`` was given; if not, says that nothing was done. Show the plan before."""
    if not yes:
        click.echo("ddm: nothing was done; add --yes to do it", err=True)
    return yes


def _write_examples(formatter: click.HelpFormatter, examples: Iterable[str]) -> None:
    with formatter.section("Examples"):
        for line in examples:
            formatter.write(f"{'':{formatter.current_indent}}{line.strip()}\n")


def _write_exits(formatter: click.HelpFormatter, codes: Iterable[int]) -> None:
    with formatter.section("Exit codes"):
        formatter.write_dl([(str(code), EXIT_CODES[code]) for code in codes])


class Command(click.Command):
    """A command whose help ends with examples and exit codes.

    ``examples``: one command line per line. ``exits``: the codes it may end with, by default all but those
    that say whose fault a transfer was.
    """

    def __init__(self, *args: Any, examples: str, exits: Iterable[int] = tuple(GENERAL), **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.examples = [line for line in examples.splitlines() if line.strip()]
        self.exits = sorted({ExitCode.DONE, ExitCode.FAILED, ExitCode.USAGE, *exits, INTERRUPTED})
        self.params += shared_options()
        completing.attach(self.params)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        super().format_epilog(ctx, formatter)
        _write_examples(formatter, self.examples)
        _write_exits(formatter, self.exits)


class Group(click.Group):
    """A noun: its verbs are ``Command``s. Its help shows the first sentence and the first example of each.

    Verbs are in the order of the alphabet; ``in_order``: in that in which they were added, that of the work.
    """

    command_class = Command

    def __init__(self, *args: Any, in_order: bool = False, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.in_order = in_order
        self.params += shared_options()

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands) if self.in_order else super().list_commands(ctx)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        verbs = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl([(name, verb.get_short_help_str(SENTENCE)) for name, verb in verbs if verb])

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        super().format_epilog(ctx, formatter)
        verbs = [self.get_command(ctx, name) for name in self.list_commands(ctx)]
        _write_examples(formatter, [verb.examples[0] for verb in verbs if isinstance(verb, Command)])
        _write_exits(formatter, [*GENERAL, INTERRUPTED])


Group.group_class = Group


def group(name: str, text: str, *, in_order: bool = False) -> Group:
    """The group of a noun; call it ``cli`` in the noun's module. ``in_order``: see ``Group``."""
    return Group(name, help=text, in_order=in_order)


def command(
    name: str, *, examples: str, exits: Iterable[int] = tuple(GENERAL)
) -> Callable[[Callable[..., Any]], Command]:
    """A command without verbs (``ddm init``); call it ``cli`` in its module. Verbs use ``@cli.command``."""
    return click.command(name, cls=Command, examples=examples, exits=exits)


@dataclass(frozen=True, slots=True)
class Table:
    """Rows for people. Numbers are set right; None is shown as ``-``."""

    columns: Sequence[str]
    rows: Sequence[Sequence[object]]
    title: str = ""

    def cells(self) -> list[list[str]]:
        return [["-" if cell is None else one_line(str(cell)) for cell in row] for row in self.rows]

    def right(self, column: int) -> bool:
        """Whether the column holds numbers only."""
        kinds = {type(row[column]) for row in self.rows if row[column] is not None}
        return bool(kinds) and kinds <= {int, float}


def plain(table: Table) -> str:
    """The table as aligned text, without frames, colours or line breaks: for pipes, logs and tests."""
    lines = [list(table.columns), *table.cells()]
    widths = [max(len(line[column]) for line in lines) for column in range(len(table.columns))]
    right = [table.right(column) for column in range(len(table.columns))]
    text = [
        "  ".join(
            cell.rjust(width) if flush else cell.ljust(width)
            for cell, width, flush in zip(line, widths, right, strict=True)
        ).rstrip()
        for line in lines
    ]
    return "\n".join([*filter(None, [table.title]), *text])


Rendered = str | Table | Iterable["str | Table"]


def emit(value: object, as_json: bool, render: Callable[[Any], Rendered]) -> None:
    """Print the answer of a command: as one JSON document, or as what ``render`` makes of it.

    ``render`` returns a text, a Table, or several of them.
    """
    if as_json:
        session().emitted = True
        click.echo(json.dumps(jsonable(value), indent=2, ensure_ascii=False))
        return
    rendered = render(value)
    for item in [rendered] if isinstance(rendered, str | Table) else rendered:
        if isinstance(item, Table) and sys.stdout.isatty():
            _rich_table(item)
        else:
            click.echo(plain(item) if isinstance(item, Table) else item)


def jsonable(value: object) -> Any:
    """The value in JSON's words: times as ISO 8601, durations in seconds, paths and checksums as text."""
    match value:
        case None | bool() | int() | float() if type(value).__module__ == "builtins":
            return value
        case Enum():
            return jsonable(value.value)
        case str():
            return str(value)
        case datetime():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case Mapping():
            return {str(jsonable(key)): jsonable(item) for key, item in value.items()}
        case Set():
            return sorted((jsonable(item) for item in value), key=str)
        case list() | tuple():
            return [jsonable(item) for item in value]
    if is_dataclass(value) and not isinstance(value, type) and "__str__" not in type(value).__dict__:
        return {item.name: jsonable(getattr(value, item.name)) for item in fields(value)}
    return str(value)


def _rich_table(table: Table) -> None:
    from rich.console import Console
    from rich.table import Table as Rich
    from rich.text import Text

    rich = Rich(
        title=table.title or None, title_justify="left", box=None, pad_edge=False, header_style="bold"
    )
    for column, name in enumerate(table.columns):
        rich.add_column(name, justify="right" if table.right(column) else "left", overflow="fold")
    for row in table.cells():
        rich.add_row(*map(Text, row))
    Console(soft_wrap=True).print(rich)


class Progress(Protocol):
    def advance(self, count: int = 1, note: str = "") -> None:
        """So many more are done."""
        ...

    def at(self, done: int, note: str = "") -> None:
        """So many are done altogether."""
        ...


class _PlainProgress:
    """A line now and then: never more often than ``every`` seconds."""

    def __init__(
        self, title: str, total: int | None, unit: str, every: float, now: Callable[[], float]
    ) -> None:
        self._title, self._unit, self._every, self._now = title, unit, every, now
        self._total, self._of = total, "" if total is None else f" of {total}"
        self._done, self._said, self._last = 0, 0, now()

    def advance(self, count: int = 1, note: str = "") -> None:
        self.at(self._done + count, note)

    def at(self, done: int, note: str = "") -> None:
        self._done = done
        if self._now() - self._last >= self._every:
            self._say(note)

    def close(self) -> None:
        if self._said:  # one who heard of the beginning hears of the end
            self._say("")

    def _say(self, note: str) -> None:
        more = self._total is not None and self._done > self._total  # than was foreseen
        of = "" if more else self._of
        text = f"{self._title}: {self._done}{of} {self._unit}".rstrip()
        click.echo(f"{text}, {note}" if note else text, err=True)
        self._said, self._last = self._said + 1, self._now()


@contextmanager
def progress(
    title: str,
    *,
    total: int | None = None,
    unit: str = "files",
    every: float = 5.0,
    now: Callable[[], float] = time.monotonic,
) -> Iterator[Progress]:
    """Shows on standard error how far the work is: a bar on a terminal, else a line every few seconds."""
    if sys.stderr.isatty():
        with _rich_progress(title, total, unit) as bar:
            yield bar
        return
    lines = _PlainProgress(title, total, unit, every, now)
    yield lines
    lines.close()


@contextmanager
def _rich_progress(title: str, total: int | None, unit: str) -> Iterator[Progress]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[unit]} {task.fields[note]}", markup=False),
        TimeElapsedColumn(),
    )
    with Bars(*columns, console=Console(stderr=True)) as bars:
        task = bars.add_task(title, total=total, unit=unit, note="")

        class Bar:
            def advance(self, count: int = 1, note: str = "") -> None:
                bars.update(task, advance=count, note=note)

            def at(self, done: int, note: str = "") -> None:
                if total is not None and done > total:
                    bars.tasks[0].total = None  # there are more than was said
                bars.update(task, completed=done, note=note)

        yield Bar()
