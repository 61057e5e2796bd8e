"""Datasets: add, show, close, reopen."""

from __future__ import annotations

from dataclasses import dataclass

from catalog.db import files, look
from catalog.db.engine import Catalog
from catalog.db.look import DatasetLine, RunOfDataset
from catalog.names import check_lfn
from ddm.operations.common import because, doing, why


@dataclass(frozen=True, slots=True)
class Changed:
    """The dataset, and whether the command changed it."""

    dataset: str
    state: str
    changed: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """A dataset with its runs."""

    dataset: DatasetLine
    runs: tuple[RunOfDataset, ...]


def add(catalog: Catalog, name: str) -> Changed:
    """Make the dataset, open, if there is none of that name. Raises BadName for a name that cannot be."""
    check_lfn("/" + name)
    with doing(catalog, act=True) as conn:
        known = name in {line.name for line in look.datasets(conn)}
        files.ensure_dataset(conn, name, why(catalog, "added"))
        return Changed(name, look.datasets(conn, name)[0].state, not known)


def every(catalog: Catalog) -> list[DatasetLine]:
    """Every dataset with its totals."""
    with catalog.read() as conn:
        return look.datasets(conn)


def show(catalog: Catalog, name: str) -> Shown:
    """One dataset, run by run. Raises NotRegistered."""
    with catalog.read() as conn:
        return Shown(look.datasets(conn, name)[0], tuple(look.runs(conn, name)))


def close(catalog: Catalog, name: str) -> Changed:
    """Say that no more files will come, so that its runs may be merged. Raises NotRegistered."""
    with doing(catalog, act=True) as conn:
        changed = files.close_dataset(conn, name, why(catalog, "closed"))
        return Changed(name, look.datasets(conn, name)[0].state, changed)


def reopen(catalog: Catalog, name: str, reason: str) -> Changed:
    """Let files be added again. Raises NotRegistered."""
    with doing(catalog, act=True) as conn:
        changed = files.reopen_dataset(conn, name, because(catalog, reason))
        return Changed(name, look.datasets(conn, name)[0].state, changed)
