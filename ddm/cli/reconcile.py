"""``ddm reconcile``: what we believe against what is there. One module for each verb."""

from __future__ import annotations

from ddm.cli import (
    reconcile_catalogues,
    reconcile_compare,
    reconcile_counts,
    reconcile_plan,
    reconcile_report,
    reconcile_scan,
    reconcile_tidy,
    reconcile_verify,
)
from ddm.cli.toolkit import group

cli = group(
    "reconcile",
    "Compare what storages hold with what the catalogue says of them, and repair it.",
    in_order=True,
)
# In the order of the work: list, compare, read, repair; then content, events and other catalogues; room.
for part in (
    reconcile_scan,
    reconcile_compare,
    reconcile_report,
    reconcile_plan,
    reconcile_verify,
    reconcile_counts,
    reconcile_catalogues,
    reconcile_tidy,
):
    for verb in part.COMMANDS:
        cli.add_command(verb)
