"""What the catalogue says today of all that delete certificates name: a few questions for many papers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, select

from catalog.db import evidence, going_copies, schema, schema_checks
from catalog.db.engine import among
from catalog.retention.facts import Member
from catalog.retention.verifying import CopyToday, GroupToday, Today

F, R, E, G, M, C, H = (
    schema.file,
    schema.replica,
    schema.endpoint,
    schema.group,
    schema.member,
    schema.check,
    schema.history,
)
W = schema_checks.waiver


def today(conn: Connection, replicas: Sequence[int], groups: Sequence[int]) -> Today:
    """These replicas and merge groups as they are now, with their past."""
    return Today(_copies(conn, sorted(set(replicas))), _groups(conn, sorted(set(groups))))


def _copies(conn: Connection, replicas: Sequence[int]) -> dict[int, CopyToday]:
    query = (
        select(
            R.c.id, schema.lfn(), *F.c["size", "adler32"], E.c.name, schema.place(), *R.c["state", "since"]
        )
        .join(F, F.c.id == R.c.file_id)
        .join(E, E.c.id == R.c.endpoint_id)
        .where(among(conn, R.c.id, replicas))
    )
    rows: Sequence[Any] = conn.execute(query).all() if replicas else ()
    pieces = evidence.everything(conn, replicas) if replicas else {}
    past = _past(conn, "replica", replicas, ("trashed", "restored", "removed"))
    return {
        key: CopyToday(
            lfn, size, adler32, endpoint, path, state, since, pieces.get(key, ()), tuple(past.get(key, ()))
        )
        for key, lfn, size, adler32, endpoint, path, state, since in rows
    }


def _past(
    conn: Connection, noun: str, ids: Sequence[int], events: Sequence[str]
) -> dict[int, list[tuple[str, datetime, str]]]:
    """What happened to each of these things, of these events, oldest first."""
    if not ids:
        return {}
    table = {"replica": R, "check": C}[noun]
    query = (
        select(table.c.id, *H.c["event", "at", "reason"])
        .select_from(table)
        .join(H, schema.tells_of(noun, table.c.id))
        .where(among(conn, table.c.id, ids), H.c.event.in_(events))
        .order_by(H.c.id)
    )
    found: dict[int, list[tuple[str, datetime, str]]] = defaultdict(list)
    for key, event, at, reason in conn.execute(query).all():
        found[key].append((event, at, reason))
    return found


def _groups(conn: Connection, groups: Sequence[int]) -> dict[int, GroupToday]:
    if not groups:
        return {}
    same = and_(C.c.task_id == G.c.task_id, C.c.run == G.c.run, C.c.product == G.c.product)
    query = (
        select(G.c.id, G.c.state, schema.lfn(), *F.c["size", "adler32"], C.c.id, C.c.state)
        .select_from(G)
        .outerjoin(F, F.c.id == G.c.output_id)
        .outerjoin(C, same)
        .where(among(conn, G.c.id, groups))
    )
    rows: Sequence[Any] = conn.execute(query).all()
    checks = sorted({row[5] for row in rows if row[5] is not None})
    past = _past(conn, "check", checks, ("agree", "differ", "waived", "reopened", "found_to_differ"))
    waivers, members = _waivers(conn, checks), _members(conn, groups)
    return {
        key: GroupToday(
            state=state,
            output=None if lfn is None else (lfn, size, adler32),
            members=tuple(members.get(key, ())),
            check=check_state or "",
            past=tuple((event, at) for event, at, _ in past.get(check, ())),
            waivers=tuple(waivers.get(check, ())),
        )
        for key, state, lfn, size, adler32, check, check_state in rows
    }


def _waivers(
    conn: Connection, checks: Sequence[int]
) -> dict[int, list[tuple[str, datetime, datetime | None]]]:
    query = select(*W.c["check_id", "made_by", "made_at", "void_at"]).where(among(conn, W.c.check_id, checks))
    found: dict[int, list[tuple[str, datetime, datetime | None]]] = defaultdict(list)
    for check, by, made, void in conn.execute(query.order_by(W.c.id)).all():
        found[check].append((by, made, void))
    return found


def _members(conn: Connection, groups: Sequence[int]) -> dict[int, list[Member]]:
    query = (
        select(
            *M.c["group_id", "position", "file_id"],
            schema.lfn(),
            *F.c["size", "adler32"],
            going_copies.n_events(),
        )
        .join(F, F.c.id == M.c.file_id)
        .where(among(conn, M.c.group_id, groups))
        .order_by(M.c.group_id, M.c.position)
    )
    rows: Sequence[Any] = conn.execute(query).all()
    found: dict[int, list[Member]] = defaultdict(list)
    for group, *member in rows:
        found[group].append(Member(*member))
    return found
