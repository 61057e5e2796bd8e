"""The freeze switch in a person's hand: lay a freeze, take it away, say which lie."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from catalog.db import freezes, look
from catalog.db.engine import Catalog
from catalog.db.freezes import Freeze
from ddm.operations.common import because, doing


@dataclass(frozen=True, slots=True)
class Laid:
    """A freeze that was laid, and how many removals under it a storage may have been told of before."""

    freeze: Freeze
    under_way: int


@dataclass(frozen=True, slots=True)
class Thawed:
    """The freezes that were taken away, and those that lie still."""

    thawed: tuple[Freeze, ...]
    still: tuple[Freeze, ...]


def lay(catalog: Catalog, endpoint: str | None, task: str | None, reason: str) -> Laid:
    """Freeze an endpoint, a task, or everything; from the moment it returns nothing more is sent.

    Raises BadInput.
    """
    with doing(catalog, act=True) as conn:
        made = freezes.lay(conn, endpoint, task, because(catalog, reason))
    with catalog.read() as conn:
        sent = look.being_removed(conn)
        return Laid(made, sum(made in found for found in freezes.over(conn, sent).values()))


def thaw(catalog: Catalog, ids: Sequence[int] | None, reason: str) -> Thawed:
    """Take freezes away; None: every one. Raises NotRegistered or IllegalTransition."""
    with doing(catalog, act=True) as conn:
        done = freezes.thaw(conn, ids, because(catalog, reason))
        return Thawed(tuple(done), tuple(freezes.standing(conn)))


def standing(catalog: Catalog) -> list[Freeze]:
    """The freezes that lie, oldest first."""
    with catalog.read() as conn:
        return freezes.standing(conn)


def lines(lying: Iterable[Freeze]) -> Iterator[str]:
    """The freezes that lie, a line each."""
    for freeze in lying:
        yield f"Frozen: {freeze.sentence} (ddm trash thaw {freeze.id})"
