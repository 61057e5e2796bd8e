"""Giving back space and renewing what the database knows of its tables, while others go on."""

from __future__ import annotations

import os
from dataclasses import dataclass

from sqlalchemy import bindparam, text

from catalog.db import schema, tally
from catalog.db.engine import Catalog
from catalog.db.trouble import named, translated


@dataclass(frozen=True, slots=True)
class Vacuumed:
    """Bytes of the catalogue before and after, and the rows of sums that were joined."""

    catalog: str
    before: int
    after: int
    folded: int


def vacuum(catalog: Catalog) -> Vacuumed:
    """Join the sums, drop dead rows, give free pages back.

    SQLite writes the file anew, for which its disk and that of temporary files (``SQLITE_TMPDIR``, else
    /var/tmp) each need the room of one more; writers wait meanwhile.
    (No ANALYZE there: counts of today, kept while the tables grow tenfold, mislead its planner.) PostgreSQL
    keeps the room of dead rows for new ones, counts the tables for its planner, and nobody waits.
    """
    before = size(catalog)
    with catalog.begin("vacuum") as conn:
        folded = tally.fold(conn)
    with translated(catalog.engine), catalog.engine.connect() as opened:
        if opened.dialect.name == "sqlite":
            opened.exec_driver_sql("PRAGMA temp_store=FILE").close()  # else the whole copy is in memory
            opened.exec_driver_sql("VACUUM")
            opened.exec_driver_sql("PRAGMA temp_store=MEMORY").close()
            opened.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").close()
        else:
            conn = opened.execution_options(isolation_level="AUTOCOMMIT")
            quoted = conn.dialect.identifier_preparer.format_table
            tables = ", ".join(quoted(table) for table in schema.metadata.sorted_tables)
            conn.execute(text(f"VACUUM (ANALYZE) {tables}"))
    return Vacuumed(catalog.name, before, size(catalog), folded)


def size(catalog: Catalog) -> int:
    """Bytes of the catalogue on disk, indexes included."""
    if catalog.engine.dialect.name == "sqlite":
        path = named(catalog.engine.url)
        files = (path, f"{path}-wal")
        return sum(os.stat(file).st_size for file in files if os.path.exists(file))
    query = text(
        "SELECT COALESCE(sum(pg_total_relation_size(oid)), 0) FROM pg_class WHERE relname IN :tables "
        "AND relnamespace = CAST(current_schema() AS regnamespace)"
    ).bindparams(bindparam("tables", expanding=True))
    with catalog.read() as conn:
        names = [table.name for table in schema.metadata.sorted_tables]
        return int(conn.execute(query, {"tables": names}).scalar_one())
