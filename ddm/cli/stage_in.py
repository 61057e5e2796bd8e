"""``ddm stage-in`` and ``ddm stage-out`` in the tree of commands: help, completion, the reference page.

The programs themselves are in ``ddm.cli.staging``, which the ``ddm`` script calls without loading this.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ddm.cli import staging
from ddm.cli.toolkit import Command, Session, command, pass_session


def made(verb: str) -> Command:
    """The command that hands its words to the program."""

    @command(verb, examples="\n".join(staging.EXAMPLES[verb]), exits=staging.EXITS)
    @click.argument("manifest", type=click.Path(path_type=Path))
    @pass_session
    def program(session: Session, /, manifest: Path, **options: Any) -> int:
        words = [str(manifest), *(["--verbose"] if session.verbosity else [])]
        for option in staging.OPTIONS:
            value = options[option.name.lstrip("-")]
            if value:
                words += [option.name, str(value)] if option.metavar else [option.name]
        return staging.run(verb, words)

    for option in reversed(staging.OPTIONS):
        if option.metavar:
            kind = click.IntRange(1) if option.metavar == "N" else click.Path(path_type=Path)
            add = click.option(
                option.name,
                metavar=option.metavar,
                help=option.help,
                type=kind,
                default=option.default or None,
            )
        else:
            add = click.option(option.name, is_flag=True, help=option.help)
        program = add(program)
    program.help = staging.TEXTS[verb]
    return program


cli = made("stage-in")
