"""Where files are on tape: what the endpoint told, or what was imported with them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, and_, literal, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from catalog.db import schema, schema_meta, schema_recall
from catalog.states import EndpointKind

F, R, E, T = schema.file, schema.replica, schema.endpoint, schema_recall.tape_place
K, M = schema_meta.meta_key, schema_meta.file_meta

TAPE_KEY, POSITION_KEY = "cta.vid", "cta.fseq"
"""Metadata of files that a listing of CTA brought."""


def remember(conn: Connection, places: Sequence[tuple[int, str, int]]) -> None:
    """(replica id, tape, position) as the endpoint tells them now; they replace what was known."""
    if not places:
        return
    make: Any = sqlite_insert if conn.dialect.name == "sqlite" else postgresql_insert
    statement = make(T)
    statement = statement.on_conflict_do_update(
        index_elements=[T.c.replica_id],
        set_={"tape": statement.excluded.tape, "position": statement.excluded.position},
    )
    rows = [{"replica_id": key, "tape": tape, "position": position} for key, tape, position in places]
    conn.execute(statement, rows)


def learn(conn: Connection, chosen: Any) -> None:
    """Places that came with a listing of CTA, for tape replicas of chosen files that have none yet."""
    keys = {
        name: conn.execute(select(K.c.id).where(K.c.name == name)).scalar()
        for name in (TAPE_KEY, POSITION_KEY)
    }
    if None in keys.values():
        return
    tape, position = M.alias("tape_said"), M.alias("position_said")
    found = (
        select(R.c.id, tape.c.text_value, position.c.int_value)
        .select_from(F)
        .join(R, R.c.file_id == F.c.id)
        .join(E, and_(E.c.id == R.c.endpoint_id, E.c.kind == EndpointKind.TAPE))
        .join(tape, and_(tape.c.file_id == F.c.id, tape.c.key_id == keys[TAPE_KEY]))
        .join(position, and_(position.c.file_id == F.c.id, position.c.key_id == keys[POSITION_KEY]))
        .where(chosen, ~select(literal(1)).where(T.c.replica_id == R.c.id).exists())
        .where(tape.c.text_value.is_not(None), position.c.int_value.is_not(None))
    )
    make: Any = sqlite_insert if conn.dialect.name == "sqlite" else postgresql_insert
    new = make(T).from_select(["replica_id", "tape", "position"], found)
    conn.execute(new.on_conflict_do_nothing())  # another request may learn them at the same time
