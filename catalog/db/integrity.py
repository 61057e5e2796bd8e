"""Is the catalogue sound? What the databases say of themselves, and every rule that SQL can ask for.

Nothing is changed. Asked are: tables, columns, indexes and rules of the schema; SQLite's own look at its file
and references; states that no machine has; the sums of ``tally`` against the tables; whether each thing's
history leads to its state; and the invariants that no constraint of a single table can hold.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from sqlalchemy import Connection, Table, and_, exists, func, literal, or_, select, text
from sqlalchemy.exc import DBAPIError

from catalog.db import family, follow, meta, schema, tally, versions
from catalog.db.move import TABLES
from catalog.states import MACHINES, DatasetState, GroupState, ItemState, JobState, ReplicaState

LIMIT = 20  # sentences of each kind: a person needs the first ones
MADE = (GroupState.MERGED, GroupState.CHECKED, GroupState.ARCHIVED, GroupState.CLEANED)

F, R, I, G, M, J, H, D = (  # noqa: E741
    schema.file,
    schema.replica,
    schema.item,
    schema.group,
    schema.member,
    schema.job,
    schema.history,
    schema.dataset,
)


def faults(conn: Connection) -> list[str]:
    """What is wrong with the stored data, in words; empty if nothing is."""
    missing = shape_faults(conn)
    if missing:
        return missing  # the other questions would fail
    found = _sqlite(conn) if conn.dialect.name == "sqlite" else []
    questions = (_states, tally.check, _history, _across, family.faults, versions.faults, meta.faults)
    try:
        return found + [fault for ask in questions for fault in ask(conn)]
    except DBAPIError:
        if not found:
            raise
        return found  # the file is too damaged for more questions


def _history(conn: Connection) -> list[str]:
    return follow.faults(conn, LIMIT)


# -------------------------------------------------------------------------------------------------- shape
def shape_faults(conn: Connection) -> list[str]:
    """Tables, columns, indexes and rules that the schema has and the database has not."""
    look = _sqlite_shape if conn.dialect.name == "sqlite" else _postgresql_shape
    return [
        fault
        for table in schema.metadata.sorted_tables
        for fault in _missing(conn, table, *look(conn, table))
    ]


def _missing(
    conn: Connection, table: Table, columns: Sequence[str], indexes: Sequence[str], rules: Sequence[str]
) -> Iterator[str]:
    if not columns:
        yield f"table {table.name} is missing"
        return
    prepared = conn.dialect.identifier_preparer
    named = [prepared.format_constraint(rule) for rule in table.constraints]
    wanted: tuple[tuple[str, Sequence[str], Sequence[str]], ...] = (
        ("column", [column.name for column in table.c], columns),
        ("index", [str(index.name) for index in table.indexes], indexes),
        ("rule", [str(name) for name in named if name], rules),
    )
    for what, names, found in wanted:
        yield from (f"table {table.name}: {what} {name} is missing" for name in sorted({*names} - {*found}))


def _sqlite_shape(conn: Connection, table: Table) -> tuple[list[str], list[str], list[str]]:
    """Columns, indexes and rules of the table, by their names."""
    name = {"name": table.name}
    columns = conn.scalars(text("SELECT name FROM pragma_table_info(:name)"), name).all()
    indexes = conn.scalars(
        text("SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = :name"), name
    )
    said = conn.scalars(
        text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = :name"), name
    ).all()
    words = " ".join(said).replace('"', " ").split()
    rules = [word for before, word in pairwise(words) if before.upper() == "CONSTRAINT"]
    return list(columns), list(indexes.all()), rules


def _postgresql_shape(conn: Connection, table: Table) -> tuple[list[str], list[str], list[str]]:
    here = {"name": table.name}
    columns = text(
        "SELECT column_name FROM information_schema.columns "
        "WHERE table_schema = current_schema() AND table_name = :name"
    )
    indexes = text(
        "SELECT indexname FROM pg_indexes WHERE schemaname = current_schema() AND tablename = :name"
    )
    rules = text(
        "SELECT c.conname FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid "
        "WHERE t.relname = :name AND t.relnamespace = CAST(current_schema() AS regnamespace)"
    )
    first, second, third = (list(conn.scalars(query, here).all()) for query in (columns, indexes, rules))
    return first, second, third


# ------------------------------------------------------------------------------------------------- SQLite
def _sqlite(conn: Connection) -> list[str]:
    said = [str(row[0]) for row in conn.execute(text(f"PRAGMA integrity_check({LIMIT})"))]
    found = [line for line in said if line != "ok"]
    broken = conn.execute(text("PRAGMA foreign_key_check")).fetchmany(LIMIT)
    return found + [f"table {row[0]}, row {row[1]}: refers to a {row[2]} that is not there" for row in broken]


# -------------------------------------------------------------------------------------------------- rules
def _states(conn: Connection) -> list[str]:
    found = []
    for machine in MACHINES:
        table = TABLES[machine.noun]
        query = select(table.c.state, func.count()).group_by(table.c.state)
        known = {str(state) for state in machine.states}
        found += [
            f"{number} of {machine.noun} are in state {state!r}, which there is not"
            for state, number in conn.execute(query)
            if state not in known
        ]
    return found


def _across(conn: Connection) -> list[str]:
    """Rules that no constraint of one table can hold."""
    found = []
    for question, sentence in (*_replica_rules(), *_group_rules(), *_other_rules()):
        if number := int(conn.execute(question).scalar_one()):
            found.append(f"{number} {sentence}")
    return found


def _number(table: Any, *conditions: Any) -> Any:
    return select(func.count()).select_from(table).where(*conditions)


def _replica_rules() -> tuple[tuple[Any, str], ...]:
    certified = exists(select(literal(1)).where(schema.certified.c.replica_id == R.c.id).correlate(R))
    written_off = exists(
        select(literal(1)).where(schema.tells_of("replica", R.c.id), H.c.event == "written_off").correlate(R)
    )
    return (
        (
            _number(
                R.join(F, F.c.id == R.c.file_id),
                R.c.state == ReplicaState.AVAILABLE,
                or_(F.c.size.is_(None), F.c.adler32.is_(None)),
            ),
            "replicas are AVAILABLE although nobody knows size and checksum of their files (invariant 1)",
        ),
        (
            _number(R, R.c.state == ReplicaState.DELETING, ~certified),
            "replicas are being deleted without a certificate",
        ),
        (
            _number(R, R.c.state == ReplicaState.DELETED, ~certified, ~written_off),
            "replicas were deleted without a certificate, and nobody wrote them off (invariant 3)",
        ),
    )


def _group_rules() -> tuple[tuple[Any, str], ...]:
    members = M.join(G, G.c.id == M.c.group_id)
    return (
        (_number(members, M.c.live, G.c.state == GroupState.VOID), "members of void groups count as live"),
        (
            _number(members, ~M.c.live, G.c.state != GroupState.VOID),
            "members of groups that are not void do not count as live (invariant 6)",
        ),
        (_number(G, G.c.state.in_(MADE), G.c.output_id.is_(None)), "merged groups have no output"),
    )


def _other_rules() -> tuple[tuple[Any, str], ...]:
    undefined, parent = schema.undefined_run, schema.parent
    asked = (JobState.SUBMITTING, JobState.RUNNING, JobState.ENDED)
    return (
        (
            _number(I, I.c.state.in_((ItemState.SUBMITTING, ItemState.SUBMITTED)), I.c.request_id.is_(None)),
            "items are asked for without a request (invariant 7)",
        ),
        (_number(J, J.c.state.in_(asked), J.c.label.is_(None)), "jobs are with a runner without a label"),
        (
            _number(
                undefined.join(D, D.c.id == undefined.c.dataset_id), and_(D.c.state == DatasetState.CLOSED)
            ),
            "runs of closed datasets are not defined",
        ),
        (_number(parent, parent.c.file_id == parent.c.parent_id), "files are their own parents"),
    )
