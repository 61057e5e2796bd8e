"""Recalls, copies and removals that are held: try again, or give up."""

from __future__ import annotations

from collections.abc import Sequence

from catalog.db import people
from catalog.db.engine import Catalog
from catalog.db.people import Resumed
from catalog.states import RequestKind
from ddm.operations.common import because, doing


def resume(catalog: Catalog, kind: RequestKind, items: Sequence[int] | None, reason: str) -> list[Resumed]:
    """Try held items of the kind again at once, all of them if none is named.

    Raises NotRegistered or IllegalTransition for the first that is not held; then nothing was changed.
    """
    with doing(catalog, act=True) as conn:
        chosen = people.held_items(conn, kind) if items is None else sorted(set(items))
        return people.resume_items(conn, kind, chosen, because(catalog, reason))


def give_up(catalog: Catalog, items: Sequence[int], reason: str, *, act: bool) -> list[Resumed]:
    """Give held recalls up. Raises NotRegistered, or IllegalTransition if a job still wants one."""
    with doing(catalog, act) as conn:
        return people.give_up_recalls(conn, sorted(set(items)), because(catalog, reason))
