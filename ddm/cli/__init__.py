"""The commands: ``ddm NOUN VERB``, one module per noun, loaded when used."""

from __future__ import annotations

__all__ = ["main"]


def main() -> None:
    """The ``ddm`` program. Ends the process with an exit code (``catalog.errors.ExitCode``)."""
    import sys

    if sys.argv[1:2] in (["stage-in"], ["stage-out"]):  # worker nodes: as few imports as can be
        from ddm.cli import staging

        staging.main(sys.argv[1:])
    from ddm.cli.program import ddm

    ddm()
