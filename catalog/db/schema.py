"""The tables, and the rules that the database itself holds.

Held here: every state is one of its machine's; AVAILABLE needs ``verified_at`` (invariant 1); one live
replica per file and endpoint; one live item per kind and replica; a file in at most one live group
(invariant 6); labels unique; nothing that is referred to can be deleted. Times are aware UTC (ISO text in
SQLite). SQLite cannot use a partial index for a bound state, so the indexes that questions need are whole
ones; the partial ones only hold rules. Migrations in ``catalog/db/migrations`` make the same schema; a test
compares them.
"""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ColumnElement,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    Label,
    MetaData,
    Select,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    and_,
    func,
    literal_column,
    select,
    text,
)

from catalog.states import (
    CHECK,
    DATASET,
    GROUP,
    ITEM,
    JOB,
    PIN,
    REPLICA,
    EndpointKind,
    JobKind,
    Locality,
    RequestKind,
    Role,
    Witness,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

SPAN = 256
"""A row of history speaks for at most so many ids: then those that may tell of one thing are few."""

NEVER = datetime(9999, 1, 1, tzinfo=UTC)
"""``next_try_at`` of a replica that cannot be compared, since its file's size or checksum is unknown."""

BigId = BigInteger().with_variant(Integer, "sqlite")


class Time(TypeDecorator[datetime]):
    """An aware UTC time. SQLite keeps it as sortable ISO text, PostgreSQL as timestamptz."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(Text())
        return dialect.type_descriptor(DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        return iso(value) if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return datetime.fromisoformat(value) if isinstance(value, str) else value.astimezone(UTC)


@lru_cache(maxsize=256)  # the rows of a batch share their times
def iso(moment: datetime) -> str:
    """The one text form of a time in SQLite: UTC, microseconds, sortable."""
    if moment.tzinfo is None:
        raise ValueError("a time without a zone")
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _one_of(column: str, values: type[StrEnum]) -> CheckConstraint:
    # Not IN (…): SQLite would build its list anew for every row, which is half the time of an insert.
    return CheckConstraint(" OR ".join(f"{column} = '{value}'" for value in values), name=column)


def _id() -> Column[int]:
    return Column("id", BigId, primary_key=True)


def _to(target: str, *, nullable: bool = False, name: str = "") -> Column[int]:
    return Column(
        name or f"{target}_id", BigId, ForeignKey(f"{target}.id", ondelete="RESTRICT"), nullable=nullable
    )


endpoint = Table(
    "endpoint",
    metadata,
    _id(),
    Column("name", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    _one_of("kind", EndpointKind),
)

dataset = Table(
    "dataset",
    metadata,
    _id(),
    Column("name", Text, nullable=False, unique=True),
    Column("state", Text, nullable=False),
    Column("since", Time, nullable=False),
    _one_of("state", DATASET.states),
)

task = Table(
    "task",
    metadata,
    _id(),
    Column("name", Text, nullable=False, unique=True),
    _to("dataset"),
    Column("definition", Text, nullable=False),  # JSON, frozen when the task is defined
    Column("defined_at", Time, nullable=False),
)

directory = Table(
    "directory",
    metadata,
    _id(),
    Column("path", Text, nullable=False, unique=True),  # begins and ends with a slash
)

file = Table(  # its LFN is the directory's path and the name: read it with lfn()
    "file",
    metadata,
    _id(),
    _to("directory"),
    Column("name", Text, nullable=False),
    _to("dataset"),
    Column("role", Text, nullable=False),
    Column("product", Text, nullable=False),
    Column("run", Integer, nullable=False),
    Column("chunk", Text, nullable=False),  # "" for a merged file; leading zeros kept
    Column("part", Integer),  # of a merged file
    Column("size", BigInteger),  # bytes; NULL, like adler32: nobody has said, and nothing can be compared
    Column("adler32", BigInteger),
    Column("registered_at", Time, nullable=False),
    Column("retired_at", Time),  # replaced by a later attempt; the name is free again
    _one_of("role", Role),
    CheckConstraint("size >= 0", name="size"),
    CheckConstraint("adler32 BETWEEN 0 AND 4294967295", name="adler32"),
)
Index(  # the directory first: files that are registered together are neighbours in it
    "uq_file_name",
    file.c.directory_id,
    file.c.name,
    unique=True,
    sqlite_where=text("retired_at IS NULL"),
    postgresql_where=text("retired_at IS NULL"),
)
Index(  # whose bytes may still lie where the name was
    "ix_file_retired",
    file.c.directory_id,
    file.c.name,
    sqlite_where=text("retired_at IS NOT NULL"),
    postgresql_where=text("retired_at IS NOT NULL"),
)
Index("ix_file_dataset_run", file.c.dataset_id, file.c.run)
STRETCH = 65536
"""So many ids in a row have their checksums together in the next index: new files change a few of its pages,
where checksums alone would have them change nearly all (decision 0040)."""
Index("ix_file_adler32", text(f"(id / {STRETCH})"), file.c.adler32)

undefined_run = Table(  # a run of which we do not know all files; it keeps its dataset open
    "undefined_run",
    metadata,
    Column("dataset_id", BigId, ForeignKey("dataset.id", ondelete="RESTRICT"), primary_key=True),
    Column("run", Integer, primary_key=True),
    Column("reason", Text, nullable=False),
    Column("since", Time, nullable=False),
    sqlite_with_rowid=False,
)

event_count = Table(
    "event_count",
    metadata,
    Column("file_id", BigId, ForeignKey("file.id", ondelete="RESTRICT"), primary_key=True),
    Column("witness", Text, primary_key=True),
    Column("n_events", BigInteger, nullable=False),
    Column("said_at", Time, nullable=False),
    Column("said_by", Text, nullable=False),
    Column("by_type", Text),  # JSON: the same by type, where the witness tells types apart
    _one_of("witness", Witness),
    CheckConstraint("n_events >= 0", name="n_events"),
    sqlite_with_rowid=False,
)

parent = Table(
    "parent",
    metadata,
    Column("file_id", BigId, ForeignKey("file.id", ondelete="RESTRICT"), primary_key=True),
    Column("parent_id", BigId, ForeignKey("file.id", ondelete="RESTRICT"), primary_key=True),
    Index("ix_parent_parent_id", "parent_id"),
    sqlite_with_rowid=False,
)

replica = Table(
    "replica",
    metadata,
    _id(),
    _to("file"),
    _to("endpoint"),
    Column("path", Text),  # NULL: that of the LFN, which spares a third of the bytes; read it with place()
    Column("state", Text, nullable=False),
    Column("since", Time, nullable=False),
    Column("locality", Text, nullable=False, server_default="UNKNOWN"),
    Column("verified_at", Time),
    Column("verified_how", Text),
    Column("tries", Integer, nullable=False, server_default="0"),  # comparisons that got no answer
    Column("next_try_at", Time, nullable=False),
    Column("read_at", Time),  # when every byte was last read by us, and right
    _one_of("state", REPLICA.states),
    CheckConstraint("state <> 'AVAILABLE' OR verified_at IS NOT NULL", name="verified"),  # invariant 1
)
Index(  # NULL differs from NULL: any number of DELETED ones; the index serves look-ups by file as well
    "uq_replica_live",
    replica.c.file_id,
    replica.c.endpoint_id,
    text("(CASE WHEN state = 'DELETED' THEN NULL ELSE 0 END)"),
    unique=True,
)
Index(
    "ix_replica_path",
    replica.c.path,
    sqlite_where=text("path IS NOT NULL"),
    postgresql_where=text("path IS NOT NULL"),
)
Index("ix_replica_state", replica.c.state, replica.c.next_try_at)
READABLE = "state = 'AVAILABLE'"
"""What is verified again: SQLite uses the next two indexes only for the very same words."""

for _name in ("verified_at", "read_at"):  # the longest not verified first
    Index(
        f"ix_replica_{_name}",
        replica.c.endpoint_id,
        replica.c[_name],
        replica.c.id,
        sqlite_where=text(READABLE),
        postgresql_where=text(READABLE),
    )

certificate = Table(
    "certificate",
    metadata,
    _id(),
    Column("seal", Text, nullable=False, unique=True),  # sha256 of body
    Column("body", Text, nullable=False),  # canonical JSON: why these replicas may go
    Column("issued_at", Time, nullable=False),
)

certified = Table(
    "certified",
    metadata,
    Column("replica_id", BigId, ForeignKey("replica.id", ondelete="RESTRICT"), primary_key=True),
    _to("certificate"),
    sqlite_with_rowid=False,
)

request = Table(
    "request",
    metadata,
    _id(),
    Column("kind", Text, nullable=False),
    _to("endpoint"),
    Column("label", Text, nullable=False, unique=True),  # our idempotency key
    Column("external_id", Text),  # the service's own, once heard
    Column("created_at", Time, nullable=False),
    Column("next_poll_at", Time),  # of a recall, or a copy by a service, that is under way
    Column("polled_at", Time),
    Column("service", Text),  # who was asked to copy, if not the endpoint itself
    _one_of("kind", RequestKind),
)
Index(
    "ix_request_next_poll_at",
    request.c.next_poll_at,
    sqlite_where=text("next_poll_at IS NOT NULL"),
    postgresql_where=text("next_poll_at IS NOT NULL"),
)

item = Table(
    "item",
    metadata,
    _id(),
    Column("kind", Text, nullable=False),
    _to("endpoint"),
    _to("replica"),
    _to("replica", nullable=True, name="source_id"),
    _to("request", nullable=True),
    Column("state", Text, nullable=False),
    Column("since", Time, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),  # that count against the file
    Column("tries", Integer, nullable=False, server_default="0"),  # all of them
    Column("next_try_at", Time, nullable=False),
    Column("code", Text),  # of the last trouble
    Column("reason", Text),
    Column("campaign_id", BigId),  # of a recall: who asked first, and pays for it in shares of the window
    _one_of("kind", RequestKind),
    _one_of("state", ITEM.states),
)
Index(
    "ix_item_request_id",
    item.c.request_id,
    sqlite_where=text("state = 'SUBMITTED'"),
    postgresql_where=text("state = 'SUBMITTED'"),
)
Index(
    "uq_item_live",
    item.c.replica_id,
    item.c.kind,
    text("(CASE WHEN state IN ('DONE', 'FAILED', 'CANCELED') THEN NULL ELSE 0 END)"),
    unique=True,
)
LIVE_ITEM = " AND ".join(f"item.state <> '{state}'" for state in ITEM.finals)
"""An item that is not over: SQLite uses the next index only for the very same words."""

Index(  # what is being copied from a replica
    "ix_item_source_id",
    item.c.source_id,
    sqlite_where=text(f"source_id IS NOT NULL AND {LIVE_ITEM.replace('item.', '')}"),
    postgresql_where=text(f"source_id IS NOT NULL AND {LIVE_ITEM.replace('item.', '')}"),
)
Index("ix_item_state", item.c.state, item.c.kind, item.c.next_try_at, item.c.id)

pin = Table(
    "pin",
    metadata,
    _id(),
    _to("replica"),
    Column("state", Text, nullable=False),
    Column("since", Time, nullable=False),
    Column("token", Text, nullable=False),
    Column("until", Time, nullable=False),
    Column("looked_at", Time),  # when the service last said that the copy is there
    _one_of("state", PIN.states),
)
Index(
    "uq_pin_live",
    pin.c.replica_id,
    text("(CASE WHEN state IN ('ACTIVE', 'RELEASING') THEN 0 END)"),
    unique=True,
)
Index("ix_pin_state", pin.c.state, pin.c.until)

group = Table(
    "merge_group",
    metadata,
    _id(),
    _to("task"),
    Column("run", Integer, nullable=False),
    Column("product", Text, nullable=False),
    Column("part", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("since", Time, nullable=False),
    Column("plan", Text, nullable=False),  # hash of the plan it belongs to
    Column("lfn", Text, nullable=False),  # of the output, frozen
    Column("expected_size", BigInteger, nullable=False),
    _to("file", nullable=True, name="output_id"),
    Column("reason", Text),
    Column("plan_id", BigId),  # the stored plan; None for those of before there were any
    _one_of("state", GROUP.states),
)
Index(
    "uq_merge_group_live",
    group.c.task_id,
    group.c.product,
    group.c.run,
    group.c.part,
    unique=True,
    sqlite_where=text("state <> 'VOID'"),
    postgresql_where=text("state <> 'VOID'"),
)
Index("ix_merge_group_state", group.c.state, group.c.task_id, group.c.product, group.c.run)
Index("ix_merge_group_run", group.c.task_id, group.c.run, group.c.product)
Index("ix_merge_group_output_id", group.c.output_id)

member = Table(
    "member",
    metadata,
    Column("group_id", BigId, ForeignKey("merge_group.id", ondelete="RESTRICT"), primary_key=True),
    Column("position", Integer, primary_key=True),
    _to("file"),
    Column("live", Boolean, nullable=False),  # false once the group is void
    sqlite_with_rowid=False,
)
Index(  # invariant 6
    "uq_member_live",
    member.c.file_id,
    unique=True,
    sqlite_where=text("live"),
    postgresql_where=text("live"),
)
Index("ix_member_file_id", member.c.file_id)

job = Table(
    "job",
    metadata,
    _id(),
    _to("task"),
    Column("kind", Text, nullable=False),
    Column("run", Integer, nullable=False),
    Column("chunk", Text, nullable=False),  # "" for a merge
    Column("merge_group_id", BigId, ForeignKey("merge_group.id", ondelete="RESTRICT")),
    Column("state", Text, nullable=False),
    Column("since", Time, nullable=False),
    Column("attempt", Integer, nullable=False, server_default="0"),
    Column("label", Text),  # of the current attempt
    Column("native", Text),  # the runner's own id
    Column("next_try_at", Time, nullable=False),
    Column("code", Text),
    Column("reason", Text),
    Column("product", Text),  # only this product of a chunk is made again; NULL: all that the task makes
    Column("inputs_read", Integer),  # of how many inputs the last report told size and adler32
    _one_of("kind", JobKind),
    _one_of("state", JOB.states),
)
Index("uq_job_label", job.c.label, unique=True)
Index("ix_job_state", job.c.state)
Index("ix_job_task", job.c.task_id, job.c.kind, job.c.run, job.c.state)
Index("ix_job_merge_group_id", job.c.merge_group_id)

job_input = Table(
    "job_input",
    metadata,
    Column("job_id", BigId, ForeignKey("job.id", ondelete="RESTRICT"), primary_key=True),
    Column("position", Integer, primary_key=True),
    _to("file"),
    sqlite_with_rowid=False,
)
Index("ix_job_input_file_id", job_input.c.file_id)

check = Table(
    "cross_check",
    metadata,
    _id(),
    _to("task"),
    Column("run", Integer, nullable=False),
    Column("product", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("since", Time, nullable=False),
    Column("verdict", Text, nullable=False, server_default=""),  # what differed or is missing, in words
    Column("findings", Text),  # JSON: the same as values, with the numbers
    Column("checked_at", Time),
    UniqueConstraint("task_id", "run", "product"),
    _one_of("state", CHECK.states),
)

gap = Table(
    "gap",
    metadata,
    _id(),
    _to("task"),
    _to("file"),  # the raw chunk that will not be processed
    Column("reason", Text, nullable=False),
    Column("approver", Text, nullable=False),
    Column("n_events", BigInteger),  # lost with it, None when nobody knows
    Column("registered_at", Time, nullable=False),
    UniqueConstraint("task_id", "file_id"),
)

history = Table(  # one row for the ids noun_id to last_id, if they moved together
    "history",
    metadata,
    _id(),
    Column("noun", Text, nullable=False),
    Column("noun_id", BigId, nullable=False),
    Column("last_id", BigId, nullable=False),
    Column("event", Text, nullable=False),
    Column("old", Text, nullable=False),
    Column("new", Text, nullable=False),
    Column("at", Time, nullable=False),
    Column("actor", Text, nullable=False),
    Column("reason", Text, nullable=False),
    CheckConstraint(f"last_id >= noun_id AND last_id < noun_id + {SPAN}", name="span"),
)
Index("ix_history_noun", history.c.noun, history.c.noun_id, history.c.last_id)
Index("ix_history_at", history.c.at)

tally = Table(  # sums of the tables above, kept with every write: see catalog.db.tally
    "tally",
    metadata,
    Column("noun", Text, primary_key=True),
    Column("owner", BigId, primary_key=True),  # dataset of a file or replica, task of a job or group
    Column("run", Integer, primary_key=True),
    Column("role", Text, primary_key=True),
    Column("product", Text, primary_key=True),  # the kind of a job
    Column("place", BigId, primary_key=True),  # endpoint of a replica, else 0
    Column("state", Text, primary_key=True),
    Column("shard", BigInteger, primary_key=True),  # 0, or a transaction whose part is not folded yet
    Column("n", BigInteger, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("events", BigInteger, nullable=False),
    Column("unknown", BigInteger, nullable=False),  # files without an event count
    sqlite_with_rowid=False,
)


def named(name: Any, of: Any = file) -> ColumnElement[bool]:
    """Files of that base name (or one of a question for many), in whatever directory."""
    same = of.c.name.in_(name) if isinstance(name, Select) else of.c.name == name
    return and_(of.c.directory_id.in_(select(directory.c.id)), same)  # one probe of the index for each


@lru_cache(maxsize=64)
def lfn(of: Any = file) -> Label[str]:
    """The LFN of a file."""
    return _lfn(of).label("lfn")


@lru_cache(maxsize=64)
def _lfn(of: Any) -> ColumnElement[str]:
    path = select(directory.c.path).where(directory.c.id == of.c.directory_id).correlate(of)
    return path.scalar_subquery().concat(of.c.name)


@cache
def stretch() -> ColumnElement[int]:
    """Which stretch of ids a file is in, as the index of checksums has it."""
    return literal_column(f"({file.name}.id / {STRETCH})", BigInteger)


@lru_cache(maxsize=64)
def on_reachable_disk(of: Any = replica, at: Any = endpoint) -> ColumnElement[bool]:
    """Replicas on disks that programs can read. Those that a person carried elsewhere (``ddm carry``) are
    UNAVAILABLE however good they were, and allow nothing to go."""
    return and_(at.c.kind == EndpointKind.DISK, of.c.locality != Locality.UNAVAILABLE)


@lru_cache(maxsize=64)
def place(of: Any = replica, owner: Any = file) -> Label[str]:
    """The path of a replica at its endpoint."""
    return func.coalesce(of.c.path, _lfn(owner), type_=Text).label("path")


def tells_of(noun: Any, key: Any) -> ColumnElement[bool]:
    """The rows of history that speak of this thing (a number, or a column of the tables asked)."""
    first = history.c.noun_id
    return and_(history.c.noun == noun, first > key - SPAN, first <= key, history.c.last_id >= key)


from catalog.db import schema_checks as _checks  # noqa: E402, F401
from catalog.db import schema_comparisons as _comparisons  # noqa: E402, F401
from catalog.db import schema_debris as _debris  # noqa: E402, F401
from catalog.db import schema_events as _events  # noqa: E402, F401  its tables are of this metadata
from catalog.db import schema_evidence as _evidence  # noqa: E402, F401
from catalog.db import schema_holds as _holds  # noqa: E402, F401
from catalog.db import schema_merge as _merge  # noqa: E402, F401
from catalog.db import schema_meta as _meta  # noqa: E402, F401
from catalog.db import schema_recall as _recall  # noqa: E402, F401
from catalog.db import schema_release as _release  # noqa: E402, F401
from catalog.db import schema_repairs as _repairs  # noqa: E402, F401
from catalog.db import schema_scans as _scans  # noqa: E402, F401
from catalog.db import schema_verifying as _verifying  # noqa: E402, F401
