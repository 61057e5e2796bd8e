"""Waivers on their way between the catalogue (their numbers as JSON) and the rules of ``merging.waiving``."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from catalog.db import waivers
from catalog.db.engine import Connection
from merging.verdict import Difference, difference, plain
from merging.waiving import Waiver


def in_force(conn: Connection, checks: Sequence[int]) -> dict[int, list[Waiver]]:
    """The waivers in force, by cross-check."""
    found = waivers.standing(conn, checks)
    return {
        check: [Waiver(row.id, read(row.differences), row.made_by, row.reason) for row in rows]
        for check, rows in found.items()
    }


def write(differences: Iterable[Difference]) -> str:
    """Differences as they are kept."""
    return json.dumps([plain(entry) for entry in differences])


def read(text: str) -> tuple[Difference, ...]:
    """What ``write`` wrote."""
    return tuple(difference(entry) for entry in json.loads(text))
