"""The commands: ``ddm NOUN VERB``, one module per noun, loaded when used."""

from __future__ import annotations

__all__ = ["main"]


def main() -> None:
    """The ``ddm`` program. Ends the process with an exit code (``catalog.errors.ExitCode``)."""
    import sys

    if sys.argv[1:2] in (["stage-in"], ["stage-out"]):  # worker nodes: as few imports as can be
        from ddm.cli import light, staging

        light.main(staging.PROGRAMS[sys.argv[1]], sys.argv[2:])
    if sys.argv[1:3] in (["merge", "run"], ["check", "run"]):
        from ddm.cli import light, nodes

        light.main(nodes.PROGRAMS[sys.argv[1]], sys.argv[3:])
    try:
        from ddm.cli.program import ddm
    except KeyboardInterrupt:
        sys.stderr.write("ddm: interrupted; nothing was begun\n")
        sys.exit(130)  # catalog.errors.ExitCode.INTERRUPTED, which may not be there yet
    ddm()
