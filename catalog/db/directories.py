"""LFNs in the tables: a directory's number and a name.

Millions of files share a few thousand directories. Apart, they take a third of the bytes, and one unique
index serves the look-up by LFN and by base name.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import BigInteger, Connection, Integer, Text, cast, func, select
from sqlalchemy.dialects.postgresql import ARRAY, insert

from catalog.db import schema
from catalog.db.engine import among_text, insert_columns, new_ids

D = schema.directory


def split(lfn: str) -> tuple[str, str]:
    """The directory, with its slash, and the base name."""
    head, slash, name = lfn.rpartition("/")
    return head + slash, name


def known(conn: Connection, paths: Iterable[str]) -> dict[str, int]:
    """The numbers of the directories that the catalogue has."""
    query = select(D.c.path, D.c.id).where(among_text(conn, D.c.path, list(set(paths))))
    return {row[0]: row[1] for row in conn.execute(query).all()}


def below(conn: Connection, path: str) -> list[str]:
    """The directories that the catalogue has at this path (which ends with a slash) and below, in order."""
    query = select(D.c.path).where(func.substr(D.c.path, 1, len(path)) == path)
    return sorted(row[0] for row in conn.execute(query).all())


def ensure(conn: Connection, paths: Iterable[str]) -> dict[str, int]:
    """The numbers of all these directories; new ones are made."""
    wanted = set(paths)
    found = known(conn, wanted)
    missing = sorted(wanted - found.keys())
    if not missing:
        return found
    if conn.dialect.name == "sqlite":
        ids = new_ids(conn, D, len(missing))
        insert_columns(conn, D, {"id": ids, "path": missing}, len(missing))
        return found | dict(zip(missing, ids, strict=True))
    # another session may make the same one at this moment
    conn.execute(insert(D).on_conflict_do_nothing(), [{"path": path} for path in missing])
    return found | known(conn, missing)


def wanted(conn: Connection, lfns: Sequence[str], ids: Mapping[str, int]) -> Any:
    """The LFNs as something to join with ``file``: (position in the list, directory_id, name).

    ``ids`` are of their directories; an LFN in another directory has directory_id 0.
    """
    apart = [split(lfn) for lfn in lfns]
    if conn.dialect.name == "sqlite":
        # "12/name": a text that begins with a number casts to it, which is faster than taking JSON apart
        listed = json.dumps([f"{ids.get(head, 0)}/{name}" for head, name in apart])
        values = func.json_each(listed).table_valued("key", "value")
        return select(
            values.c.key.label("position"),
            cast(values.c.value, Integer).label("directory_id"),
            func.substr(values.c.value, func.instr(values.c.value, "/") + 1).label("name"),
        ).subquery("wanted")
    heads, names = [ids.get(head, 0) for head, _ in apart], [name for _, name in apart]
    arrays = (
        cast([*range(len(apart))], ARRAY(BigInteger)),
        cast(heads, ARRAY(BigInteger)),
        cast(names, ARRAY(Text)),
    )
    return (
        func.unnest(*arrays).table_valued("position", "directory_id", "name").render_derived().alias("wanted")
    )
