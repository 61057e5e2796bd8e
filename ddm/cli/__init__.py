"""The commands: ``ddm NOUN VERB``, one module per noun, loaded when used."""

from __future__ import annotations

__all__ = ["main"]


def main() -> None:
    """The ``ddm`` program. Ends the process with an exit code (``catalog.errors.ExitCode``)."""
    from ddm.cli.program import ddm

    ddm()
