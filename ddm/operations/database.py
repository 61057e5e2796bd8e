"""Making, upgrading and checking the database of the catalogue."""

from __future__ import annotations

from dataclasses import dataclass

from catalog.db import integrity
from catalog.db.engine import Catalog
from catalog.errors import SchemaOutOfDate


@dataclass(frozen=True, slots=True)
class Upgraded:
    """The schema revision before (None: there was no catalogue) and now."""

    catalog: str
    before: str | None
    now: str | None

    @property
    def changed(self) -> bool:
        return self.before != self.now


@dataclass(frozen=True, slots=True)
class Checked:
    """The schema revision, and what is wrong with the database (empty: nothing)."""

    catalog: str
    revision: str | None
    faults: tuple[str, ...]


def create(catalog: Catalog) -> Upgraded:
    """Make the schema in an empty database; one that is current stays as it is.

    Raises SchemaOutOfDate if the database holds the schema of another version.
    """
    before, wanted = catalog.revisions()
    if before not in (None, wanted):
        catalog.check_schema()
    return upgrade(catalog)


def upgrade(catalog: Catalog) -> Upgraded:
    """Bring the schema to that of this version, from any older one or from nothing. Repeat freely.

    Raises SchemaOutOfDate if the database is of a newer version.
    """
    before, wanted = catalog.revisions()
    if before != wanted:
        if before is not None and not catalog.knows(before):
            raise SchemaOutOfDate(
                f"the database is at revision {before}, which this version of ddm does not know: "
                "a newer one made it",
                subject=catalog.name,
            )
        catalog.create()
    return Upgraded(catalog.name, before, catalog.revisions()[0])


def check(catalog: Catalog) -> Checked:
    """Look at revision, file and references. Raises SchemaOutOfDate unless the revision is this version's."""
    catalog.check_schema()
    with catalog.read() as conn:
        return Checked(catalog.name, catalog.revisions()[0], tuple(integrity.faults(conn)))
