"""Making, upgrading, checking and keeping the database of the catalogue."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from catalog.db import backup as backups
from catalog.db import comeback, integrity, pgdump, portable, relocate, upkeep
from catalog.db.backup import Backup, Restored
from catalog.db.engine import Catalog
from catalog.db.filling import sqlite_file, sqlite_url
from catalog.db.move import Why
from catalog.db.portable import Export
from catalog.db.relocate import Moved
from catalog.db.upkeep import Vacuumed
from catalog.errors import BadInput, SchemaOutOfDate

Told = Callable[[str, int], None]
"""Is told what is worked on, and how many of its rows or pages are done."""


@dataclass(frozen=True, slots=True)
class Upgraded:
    """The schema revision before (None: there was no catalogue) and now, and the backup made before."""

    catalog: str
    before: str | None
    now: str | None
    backup: Path | None = None

    @property
    def changed(self) -> bool:
        return self.before != self.now


@dataclass(frozen=True, slots=True)
class Checked:
    """The schema revision, and what is wrong with the database (empty: nothing)."""

    catalog: str
    revision: str | None
    faults: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import brought, and where it is now."""

    directory: Path
    catalog: str
    revision: str
    tables: int
    rows: int


def quiet(_what: str, _done: int) -> None:
    """Tells nobody."""


def url_of(place: str) -> str:
    """The URL of a catalogue that a person names: by its URL, or a SQLite file by its path."""
    return place if "://" in place else sqlite_url(Path(place).absolute())


# ---------------------------------------------------------------------------------- making and upgrading
def create(catalog: Catalog) -> Upgraded:
    """Make the schema in an empty database; one that is current stays as it is.

    Raises SchemaOutOfDate if the database holds the schema of another version.
    """
    before, wanted = catalog.revisions()
    if before not in (None, wanted):
        catalog.check_schema()
    return upgrade(catalog)


def upgrade(catalog: Catalog, *, keep: bool = True, told: Told = quiet) -> Upgraded:
    """Bring the schema to that of this version, from any older one or from nothing. Repeat freely.

    All or nothing, and not while a flow runs. A SQLite catalogue is copied before, unless ``keep`` is False.
    Raises SchemaOutOfDate if the database is of a newer version.
    """
    before, wanted = catalog.revisions()
    if before == wanted:
        return Upgraded(catalog.name, before, wanted)
    if before is None:
        catalog.create()
        return Upgraded(catalog.name, None, catalog.revisions()[0])
    if not catalog.knows(before):
        raise SchemaOutOfDate(
            f"the database is at revision {before}, which this version of ddm does not know: "
            "a newer one made it",
            subject=catalog.name,
        )
    with catalog.exclusive("flow"):
        kept = _kept_before(catalog, f"before-{wanted}", told) if keep else None
        catalog.create()
    return Upgraded(catalog.name, before, catalog.revisions()[0], kept)


def _kept_before(catalog: Catalog, what: str, told: Told) -> Path | None:
    """A copy of a SQLite catalogue beside it, under a name that nothing has."""
    place = sqlite_file(_url(catalog))
    if place is None:
        return None
    names = [f"{place.name}.{what}", *(f"{place.name}.{what}-{number}" for number in range(2, 1000))]
    free = next(place.with_name(name) for name in names if not place.with_name(name).exists())
    return backups.backup(catalog, free, _pages(told)).path


def check(catalog: Catalog) -> Checked:
    """Ask for every rule. Raises SchemaOutOfDate unless the revision is this version's."""
    catalog.check_schema()
    with catalog.read() as conn:
        return Checked(catalog.name, catalog.revisions()[0], tuple(integrity.faults(conn)))


def vacuum(catalog: Catalog) -> Vacuumed:
    """Give back the room of dead rows, and join the sums. Raises SchemaOutOfDate."""
    catalog.check_schema()
    return upkeep.vacuum(catalog)


# ------------------------------------------------------------------------------------------------ backups
def backup(catalog: Catalog, to: Path, environ: Mapping[str, str], *, told: Told = quiet) -> Backup:
    """Copy the catalogue into a new file, while others write; into a directory under a name with the time.

    Raises BadInput if the file exists, SchemaOutOfDate if there is no catalogue.
    """
    if catalog.revisions()[0] is None:
        catalog.check_schema()
    place = sqlite_file(_url(catalog))
    if to.is_dir():
        name, ending = (place.stem, ".db") if place else (str(catalog.engine.url.database), ".pgdump")
        to = to / f"{name}-{catalog.clock.now().astimezone(UTC):%Y%m%dT%H%M%SZ}{ending}"
    if place is None:
        return pgdump.dump(catalog, to, environ)
    return backups.backup(catalog, to, _pages(told))


def restore(
    backup: Path,
    url: str,
    now: datetime,
    environ: Mapping[str, str],
    *,
    replace: bool = False,
    told: Told = quiet,
) -> Restored:
    """Bring a backup back to where the URL says; see ``catalog.db.backup.restore`` and ``pgdump``.

    Raises BadInput if something is there already, or the backup is of the other kind of database.
    """
    place, archive = sqlite_file(url), pgdump.is_archive(backup)
    if archive == (place is not None):
        kind = "PostgreSQL" if archive else "SQLite"
        raise BadInput(
            f"a backup of {kind} can be restored into {kind} only; then 'ddm db move' takes it elsewhere",
            subject=str(backup),
        )
    with Catalog(url) as catalog:
        if place is None:
            revision = pgdump.bring_back(backup, catalog, environ)
            _came_back(catalog, backup, now)
            return Restored(backup, catalog.name, revision, None)
        with catalog.exclusive("flow") if place.exists() else nullcontext():
            catalog.engine.dispose()
            found = backups.restore(backup, place, now, replace=replace, told=_pages(told))
            _came_back(catalog, backup, now)
            return found


def _came_back(catalog: Catalog, source: Path, now: datetime) -> None:
    """What was seen before does not count as seen lately: copies may be gone since."""
    with catalog.begin() as conn:
        comeback.remember(conn, Why(now, catalog.actor, f"from {source}"))


def _url(catalog: Catalog) -> str:
    return catalog.engine.url.render_as_string(hide_password=False)


def _pages(told: Told) -> backups.Told:
    return lambda done, _total: told("pages", done)


# ---------------------------------------------------------------------------------------- whole catalogues
def export(catalog: Catalog, directory: Path, *, told: Told = quiet) -> Export:
    """Write the whole catalogue as Parquet into a new directory."""
    return portable.export(catalog, directory, told)


def load(directory: Path, url: str, *, told: Told = quiet) -> Imported:
    """Fill a new or empty catalogue from such a directory."""
    found = portable.load(directory, url, told)
    with Catalog(url) as catalog:
        _came_back(catalog, directory, catalog.clock.now())
        return Imported(directory, catalog.name, found.revision, len(found.parts), found.rows)


def move(catalog: Catalog, url: str, *, told: Told = quiet) -> Moved:
    """Copy the catalogue into a new or empty database, and compare; the old one stays."""
    return relocate.move(catalog, url, told)
