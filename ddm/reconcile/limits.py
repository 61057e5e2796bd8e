"""The limits of ``ddm.toml``, as the verdicts take them."""

from __future__ import annotations

from ddm.reconcile.verdicts import Limits
from ddm.settings import ReconcileSettings


def limits_of(settings: ReconcileSettings) -> Limits:
    return Limits(
        garbage=settings.garbage / 100,
        outside=settings.outside / 100,
        brake=settings.brake / 100,
        few=settings.brake_files,
        apart=settings.confirm_after,
        window=settings.window,
        margin=settings.clocks,
    )
