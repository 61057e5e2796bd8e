"""When this catalogue was brought back from a backup or an export: what it says of before may be over.

An older catalogue believes in copies that were removed since, and in evidence of copies that are gone. So who
asks whether something was seen lately asks whether it was seen since then.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, inspect, select, text

from catalog.db import schema
from catalog.db.move import Why

NOUN, EVENT = "catalogue", "brought back"
H = schema.history


def remember(conn: Connection, why: Why) -> None:
    """Note it in the history; also in a catalogue of an older schema, which is upgraded afterwards."""
    values = {
        "noun": NOUN, "noun_id": 1, "last_id": 1, "event": EVENT, "old": "", "new": "",
        "at": schema.iso(why.at), "actor": why.actor, "reason": why.reason,
    }  # fmt: skip
    there = {column["name"] for column in inspect(conn).get_columns(H.name)}
    names = [name for name in values if name in there]
    marks = ", ".join(f":{name}" for name in names)
    conn.execute(text(f"INSERT INTO history ({', '.join(names)}) VALUES ({marks})"), values)  # noqa: S608


def last(conn: Connection) -> datetime | None:
    """When it was brought back last; None: never."""
    query = select(func.max(H.c.at)).where(H.c.noun == NOUN, H.c.noun_id == 1, H.c.event == EVENT)
    found: datetime | None = conn.execute(query).scalar()
    return found
