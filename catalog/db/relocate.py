"""Moving the whole catalogue from one database to another, either way; the old one stays as it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from catalog.db.engine import Catalog
from catalog.db.filling import Source, Told, fill, sqlite_file
from catalog.db.streams import Content, rows, shapes, standstill
from catalog.errors import BadInput


@dataclass(frozen=True, slots=True)
class Moved:
    """From where to where (URLs without passwords), and what is in each table of both."""

    source: str
    target: str
    revision: str
    tables: Mapping[str, Content]

    @property
    def rows(self) -> int:
        return sum(content.rows for content in self.tables.values())


def move(catalog: Catalog, url: str, told: Told = lambda table, rows: None) -> Moved:
    """Copy all rows into a new or empty database, and compare every table of the two.

    Meanwhile nobody writes to the old one, and no flow runs on it. It is left as it is. Raises BadInput if
    the new one holds anything; after any trouble the new one is as it was before.
    """
    catalog.check_schema()
    _refuse_same(catalog, url)
    revision = str(catalog.revisions()[1])
    with catalog.exclusive("flow"), standstill(catalog) as conn:
        source = Source(revision, shapes(), lambda shape: rows(conn, shape))
        tables = fill(url, source, told)
    with Catalog(url) as target:
        return Moved(catalog.name, target.name, revision, tables)


def _refuse_same(catalog: Catalog, url: str) -> None:
    old, new = sqlite_file(catalog.engine.url.render_as_string(hide_password=False)), sqlite_file(url)
    if old is not None and new is not None and old.resolve() == new.resolve():
        raise BadInput("this is where the catalogue is already", subject=str(new))
