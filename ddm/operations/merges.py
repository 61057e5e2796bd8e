"""Merges and cross-checks: show, do over, withdraw, accept a difference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from catalog.db import facts, look, redo
from catalog.db.engine import Catalog
from catalog.db.facts import GroupFact, JobFact
from catalog.db.redo import Redone
from ddm.operations.common import because, doing


@dataclass(frozen=True, slots=True)
class GroupShown:
    """A merge group with its newest job."""

    group: GroupFact
    job: JobFact | None


def show(catalog: Catalog, run: int) -> list[GroupShown]:
    """The live merge groups of a run, with their newest jobs."""
    with catalog.read() as conn:
        found = facts.groups_of_run(conn, run)
        jobs = look.jobs_of_groups(conn, [group.id for group in found])
        return [GroupShown(group, jobs.get(group.id)) for group in found]


def again(catalog: Catalog, ids: Sequence[int], reason: str, *, act: bool) -> list[Redone]:
    """Merge groups again; see ``catalog.db.redo.merge_again``."""
    with doing(catalog, act) as conn:
        return redo.merge_again(conn, sorted(set(ids)), because(catalog, reason))


def void(catalog: Catalog, ids: Sequence[int], reason: str, *, act: bool) -> list[Redone]:
    """Withdraw the groups of a run and product; see ``catalog.db.redo.void``."""
    with doing(catalog, act) as conn:
        return redo.void(conn, sorted(set(ids)), because(catalog, reason))
