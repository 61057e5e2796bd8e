"""Groups that datasets belong to: made, shown, their members changed."""

from __future__ import annotations

from collections.abc import Sequence

from catalog.db import owners
from catalog.db.engine import Catalog
from catalog.db.owners import GroupLine
from ddm.operations.common import because, doing, why


def add(catalog: Catalog, name: str, description: str, members: Sequence[str]) -> GroupLine:
    """Make the group; one that is there stays as it is. Raises BadName, BadInput."""
    with doing(catalog, act=True) as conn:
        owners.add(conn, name, description, members, why(catalog))
        return owners.groups(conn, name)[0]


def show(catalog: Catalog, name: str | None) -> list[GroupLine]:
    """Every group, or one. Raises NotRegistered."""
    with catalog.read() as conn:
        return owners.groups(conn, name)


def change(
    catalog: Catalog, name: str, joining: Sequence[str], leaving: Sequence[str], reason: str
) -> GroupLine:
    """Let members join and leave. Raises NotRegistered, NotOwner, BadInput."""
    with doing(catalog, act=True) as conn:
        return owners.change_members(conn, name, joining, leaving, because(catalog, reason))
