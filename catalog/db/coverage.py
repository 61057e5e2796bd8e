"""Questions about the ranges of files: do they cover each exactly once, and how far are they? Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, case, func, select

from catalog import ranges as pure
from catalog.db import schema, schema_events
from catalog.db.engine import among
from catalog.ranges import Span, Uncovered
from catalog.states import RangeState, Witness

E, H, F = schema_events.event_range, schema_events.heartbeat, schema.file
NAME = schema.lfn(F).label("lfn")
TRUSTED = (Witness.READ, Witness.RAW_CATALOGUE, Witness.JOB)
"""Whose number of events counts for the ranges of a file: the first of these who says one."""


@dataclass(frozen=True, slots=True)
class Flawed:
    """A file whose ranges do not cover it exactly once. ``events`` None: nobody knows how many it has."""

    file_id: int
    lfn: str
    events: int | None
    flaws: tuple[Uncovered, ...]


@dataclass(frozen=True, slots=True)
class Progress:
    """A file that is shared: its ranges by state, and its events: in all, in finished ranges, processed.

    ``events_processed`` adds to the finished ones what running processes say of their progress.
    """

    file_id: int
    lfn: str
    ranges: int
    planned: int
    running: int
    finished: int
    held: int
    events: int
    events_finished: int
    events_processed: int


def uncovered(
    conn: Connection, task: int, run: int, *, finished: bool = False, limit: int = 1000
) -> list[Flawed]:
    """Files of a run that are shared and whose live ranges do not cover them exactly once, in order of LFN.

    ``finished``: whose *finished* ranges do not, that is whose events are not all processed exactly once.
    One statement sweeps over the ranges of the whole run; only the files it finds are looked at closely.
    """
    counted = E.c.state == RangeState.DONE if finished else E.c.state != RangeState.VOID
    swept = _swept(task, run, counted)
    events, query = _best_events(select(F.c.id, NAME).join(swept, swept.c.file_id == F.c.id))
    query = (
        query.add_columns(events)
        .where((swept.c.broken == 1) | (func.coalesce(swept.c.last, -1) != func.coalesce(events, -2)))
        .order_by(NAME)
        .limit(limit)
    )
    rows: Any = conn.execute(query).all()
    spans = _spans(conn, task, [row[0] for row in rows], counted)
    return [Flawed(file, lfn, number, _flaws(number, spans.get(file, []))) for file, lfn, number in rows]


def _swept(task: int, run: int, counted: ColumnElement[bool]) -> Any:
    """Per file: does a range begin elsewhere than where the one before ends, and where does the last end?

    Ranges cover a file exactly once just if neither is wrong: sums could compensate, neighbours cannot.
    Ranges that do not count make a row of their own kind: a file without any that counts is seen too.
    """
    counts = case((counted, 1), else_=0)
    before = func.lag(E.c.stop).over(partition_by=(E.c.file_id, counts), order_by=(E.c.start, E.c.stop))
    broken = case((counted & (E.c.start != func.coalesce(before, 0)), 1), else_=0)
    each = (
        select(E.c.file_id, broken.label("broken"), case((counted, E.c.stop)).label("last"))
        .where(E.c.task_id == task, E.c.state != RangeState.VOID, E.c.file_id.in_(_of_run(task, run)))
        .subquery("each")
    )
    return (
        select(each.c.file_id, func.max(each.c.broken).label("broken"), func.max(each.c.last).label("last"))
        .group_by(each.c.file_id)
        .subquery("swept")
    )


def _of_run(task: int, run: int) -> Select[Any]:
    """The files of a run that the task reads: its ranges are of no others."""
    T = schema.task  # noqa: N806
    dataset = select(T.c.dataset_id).where(T.c.id == task).scalar_subquery()
    return select(F.c.id).where(F.c.dataset_id == dataset, F.c.run == run)


def _best_events(query: Select[Any]) -> tuple[ColumnElement[Any], Select[Any]]:
    """The number of events by the most trusted witness, and the query joined with all of them."""
    said = [schema.event_count.alias(f"by_{who}") for who in TRUSTED]
    for table, who in zip(said, TRUSTED, strict=True):
        query = query.outerjoin(table, (table.c.file_id == F.c.id) & (table.c.witness == who))
    return func.coalesce(*(table.c.n_events for table in said)), query


def _spans(
    conn: Connection, task: int, files: Sequence[int], counted: ColumnElement[bool]
) -> dict[int, list[Span]]:
    found: dict[int, list[Span]] = {}
    query = select(E.c.file_id, E.c.start, E.c.stop).where(
        E.c.task_id == task, counted, among(conn, E.c.file_id, files)
    )
    for file, start, stop in conn.execute(query).all() if files else ():
        found.setdefault(file, []).append((start, stop))
    return found


def _flaws(events: int | None, spans: Sequence[Span]) -> tuple[Uncovered, ...]:
    return () if events is None else tuple(pure.uncovered(events, spans))


def progress(
    conn: Connection, task: int, run: int | None = None, *, after: int = 0, limit: int = 1000
) -> list[Progress]:
    """The shared files of a task, or of one of its runs, by file id: those ``after`` the last page."""
    length, done = E.c.stop - E.c.start, E.c.state == RangeState.DONE
    said = case((done, length), else_=func.coalesce(H.c.processed_up_to - E.c.start, 0))
    states = (RangeState.PLANNED, RangeState.RUNNING, RangeState.DONE, RangeState.HELD)
    sums = (
        select(
            E.c.file_id,
            func.count().label("ranges"),
            *(func.count(case((E.c.state == state, 1))).label(str(state)) for state in states),
            func.sum(length).label("events"),
            func.sum(case((done, length), else_=0)).label("events_finished"),
            func.sum(said).label("events_processed"),
        )
        .outerjoin(H, H.c.range_id == E.c.id)
        .where(E.c.task_id == task, E.c.state != RangeState.VOID, E.c.file_id > after)
        .group_by(E.c.file_id)
        .order_by(E.c.file_id)
    )
    if run is not None:
        sums = sums.where(E.c.file_id.in_(_of_run(task, run)))
    page = sums.limit(limit).subquery("page")
    query = select(F.c.id, NAME, *list(page.c)[1:]).join(page, page.c.file_id == F.c.id).order_by(F.c.id)
    return [Progress(row[0], row[1], *map(int, row[2:])) for row in conn.execute(query)]
