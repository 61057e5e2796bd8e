"""Is the database itself sound? What the databases can say of their own files and references."""

from __future__ import annotations

from sqlalchemy import Connection, func, select, text

from catalog.db import schema

LIMIT = 20  # sentences of each kind: a person needs the first ones


def faults(conn: Connection) -> list[str]:
    """What is wrong with the stored data, in words; empty if nothing is.

    SQLite is asked for the soundness of its file and of all references. PostgreSQL keeps its references at
    every statement and its files by itself, so there only the rules across tables are asked.
    """
    found: list[str] = []
    if conn.dialect.name == "sqlite":
        found += _sqlite(conn)
    return found + _across(conn)


def _sqlite(conn: Connection) -> list[str]:
    said = [str(row[0]) for row in conn.execute(text(f"PRAGMA integrity_check({LIMIT})"))]
    found = [line for line in said if line != "ok"]
    broken = conn.execute(text("PRAGMA foreign_key_check")).fetchmany(LIMIT)
    return found + [f"table {row[0]}, row {row[1]}: refers to a {row[2]} that is not there" for row in broken]


def _across(conn: Connection) -> list[str]:
    """Rules that no constraint of one table can hold."""
    member, group, certified, replica = schema.member, schema.group, schema.certified, schema.replica
    void = (
        select(func.count())
        .select_from(member)
        .join(group, group.c.id == member.c.group_id)
        .where(member.c.live, group.c.state == "VOID")
    )
    unproven = (
        select(func.count())
        .select_from(replica)
        .outerjoin(certified, certified.c.replica_id == replica.c.id)
        .where(replica.c.state == "DELETING", certified.c.replica_id.is_(None))
    )
    questions = (
        (void, "members of void groups count as live"),
        (unproven, "replicas are being deleted without a certificate"),
    )
    found = []
    for question, sentence in questions:
        number = int(conn.execute(question).scalar_one())
        if number:
            found.append(f"{number} {sentence}")
    return found
