"""The programs of worker nodes in the tree of commands: help, completion, the reference page.

The ``ddm`` script calls them without loading this.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ddm.cli import light
from ddm.cli.light import EXITS, Option, Program
from ddm.cli.toolkit import Command, Session, command, pass_session


def made(program: Program) -> Command:
    """The command that hands its words to the program."""

    @command(program.name.split()[-1], examples="\n".join(program.examples), exits=EXITS)
    @click.argument("manifest", type=click.Path(path_type=Path))
    @pass_session
    def found(session: Session, /, manifest: Path, **options: Any) -> int:
        words = [str(manifest), *(["--verbose"] if session.verbosity else [])]
        for option in program.options:
            value = options[option.name.lstrip("-").replace("-", "_")]
            if value:
                words += [option.name, str(value)] if option.metavar else [option.name]
        return light.run(program, words)

    for option in reversed(program.options):
        found = _option(option)(found)
    found.help = program.text
    return found


def _option(option: Option) -> Any:
    if not option.metavar:
        return click.option(option.name, is_flag=True, help=option.help)
    kinds: dict[str, Any] = {"N": click.IntRange(1), "SIZE": str}
    kind = kinds.get(option.metavar, click.Path(path_type=Path))
    return click.option(
        option.name, metavar=option.metavar, help=option.help, type=kind, default=option.default or None
    )
