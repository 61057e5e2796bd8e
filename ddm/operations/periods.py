"""The end-of-campaign statement of a period, made from the catalogue."""

from __future__ import annotations

from collections.abc import Sequence

from catalog.db import periods
from catalog.db.engine import Catalog
from catalog.db.periods import TaskFact
from catalog.errors import BadInput, NotRegistered
from catalog.statement.paper import Statement, stated
from ddm.periodfacts import facts
from ddm.settings import Settings


def statement(
    catalog: Catalog, settings: Settings, name: str, *, year: int | None = None, task: str | None = None
) -> Statement:
    """The statement of all tasks of a period, or of the task of that name if no task has that period.

    ``task``: only this one of them. All questions are of one moment of the catalogue. Raises NotRegistered;
    BadInput if several years have that period.
    """
    with catalog.read() as conn:
        chosen = choose(periods.tasks(conn), name, year, task)
        return stated(facts(conn, catalog, settings, name, chosen))


def choose(known: Sequence[TaskFact], name: str, year: int | None, task: str | None) -> list[TaskFact]:
    """The tasks that are meant. Raises NotRegistered, BadInput."""
    found = [entry for entry in known if entry.period == name] or [e for e in known if e.name == name]
    if task is not None:
        found = [entry for entry in found if entry.name == task]
    years = sorted({entry.year for entry in found if entry.year is not None})
    if year is not None:
        found = [entry for entry in found if entry.year == year]
    elif len(years) > 1:
        text = f"which year? {', '.join(map(str, years))} have it"
        raise BadInput(text, subject="--year")
    if not found:
        words = sorted({entry.period for entry in known if entry.period} | {entry.name for entry in known})
        raise NotRegistered(
            f"no task of the catalogue has that period or name; known: {', '.join(words) or 'none'}",
            subject=name,
        )
    return found
