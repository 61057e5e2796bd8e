"""The seam: every call to the outside and every commit passes here, so that a test can stop the world.

In production the seam does nothing. Under test it counts the crossings and ends the process (for a test:
raises an exception that nothing catches) before or after the n-th of them; then the program is started
anew and must reach the same end state. See tests/faults.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Protocol


class Seam(Protocol):
    def crossing(self, name: str) -> AbstractContextManager[None]:
        """Wraps one outside call or one commit. ``name`` says which, e.g. ``commit`` or ``cta.stage``."""
        ...


class OpenSeam:
    """The seam of production: nothing happens."""

    def crossing(self, name: str) -> AbstractContextManager[None]:
        return nullcontext()
