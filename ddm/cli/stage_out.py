"""``ddm stage-out`` in the tree of commands: see ``ddm.cli.stage_in``."""

from __future__ import annotations

from ddm.cli.stage_in import made

cli = made("stage-out")
