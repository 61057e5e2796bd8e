"""``ddm completion``: the script that makes a shell complete commands, options and names."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from ddm.cli.toolkit import command

SHELLS = ("bash", "zsh", "fish")
VARIABLE = "_DDM_COMPLETE"


@command(
    "completion",
    examples="ddm completion bash > ~/.local/share/bash-completion/completions/ddm\n"
    'eval "$(ddm completion zsh)"\n'
    "ddm completion fish > ~/.config/fish/completions/ddm.fish",
    exits=[],
)
@click.argument("shell", type=click.Choice(SHELLS))
def cli(shell: str) -> None:
    """Print the script that makes Tab complete commands, options, and names from the catalogue.

    Datasets, endpoints, tasks, runs, products, columns and the fields of queries are offered; nothing is
    when the catalogue cannot be asked at once.
    """
    kind = get_completion_class(shell)
    assert kind is not None
    root = click.get_current_context().find_root().command
    click.echo(_script(kind, root))


def _script(kind: type[click.shell_completion.ShellComplete], root: click.Command) -> str:
    complete = kind(root, {}, "ddm", VARIABLE)
    return complete.source_template % complete.source_vars()  # source() would ask bash for its version first
