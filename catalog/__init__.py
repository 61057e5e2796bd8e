"""The nouns: names, values, states, errors, and the catalogue that remembers them.

``from catalog import Catalog`` opens a catalogue; the pure part (names, states, checksums, errors) loads
without SQLAlchemy, so that transfers, merging and worker programs stay light.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from catalog.checksum import Adler32
from catalog.errors import DataManagementError

if TYPE_CHECKING:
    from catalog.db.engine import Catalog

__all__ = ["Adler32", "Catalog", "DataManagementError"]


def __getattr__(name: str) -> Any:
    if name == "Catalog":
        from catalog.db.engine import Catalog

        return Catalog
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
