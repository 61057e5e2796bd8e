"""Names that begin so: what a shell offers while somebody types."""

from __future__ import annotations

from sqlalchemy import Connection, Text, cast, func, select

from catalog.db import schema, schema_recall, tally

TABLES = {
    "dataset": schema.dataset,
    "endpoint": schema.endpoint,
    "task": schema.task,
    "campaign": schema_recall.campaign,
}


def names(conn: Connection, noun: str, begin: str, most: int) -> list[str]:
    """Datasets, endpoints, tasks, campaigns or runs (by their digits) that begin so, in order."""
    if noun == "run":
        run = cast(tally.T.c.run, Text)
        query = select(run).where(tally.T.c.noun == "file", func.substr(run, 1, len(begin)) == begin)
        return list(conn.execute(query.distinct().order_by(run).limit(most)).scalars().all())
    name = TABLES[noun].c.name
    query = select(name).where(func.substr(name, 1, len(begin)) == begin).distinct()
    query = query.order_by(name).limit(most)
    return list(conn.execute(query).scalars().all())
