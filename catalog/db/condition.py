"""A query as SQL: the tree of ``catalog.querytree`` becomes one condition on the table of files.

Every value is bound. SQL's own three values are those of the language: what is unknown is NULL. Where no
``not`` stands above, a condition needs to be right only about *true*, and may be written so that an index
finds it; below a ``not`` it must tell false from unknown.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from itertools import takewhile
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Double,
    Text,
    and_,
    case,
    exists,
    false,
    func,
    literal,
    not_,
    null,
    or_,
    select,
    true,
)

from catalog.db import schema
from catalog.db.schema import Time
from catalog.db.schema_meta import file_meta, meta_key
from catalog.errors import BadInput
from catalog.meta import MetaType, encode, read
from catalog.queryfields import META_PREFIX, Ago, Value
from catalog.querytree import (
    All,
    And,
    Compare,
    Has,
    IsUnknown,
    Not,
    Or,
    Query,
    Range,
    Replica,
    Within,
)
from catalog.states import ReplicaState, Witness

F, R, E, D, C, P = (
    schema.file,
    schema.replica,
    schema.endpoint,
    schema.dataset,
    schema.event_count,
    schema.parent,
)
Truth = ColumnElement[bool]

MOST_DATASETS = 1000
"""So many datasets are named one by one, so that the index (dataset, run) serves a run of any of them."""

USUAL = (ReplicaState.AVAILABLE, ReplicaState.UNVERIFIED)
"""States that most replicas are in; of the others there are few, and the index of states finds them."""


def condition(conn: Connection, query: Query, now: datetime) -> Truth:
    """What is true for the rows of ``file`` that the query finds. Raises BadInput for an unknown key."""
    compiler = _Compiler(conn, now)
    found = and_(F.c.retired_at.is_(None), compiler.truth(query, plain=True))
    return and_(found, compiler.of_any_dataset()) if _names_runs_only(query) else found


def events(*witnesses: Witness) -> ColumnElement[int]:
    """The number of events of a file, by the first of the witnesses that said one; NULL is unknown."""
    said = [
        select(C.c.n_events).where(C.c.file_id == F.c.id, C.c.witness == who.value).scalar_subquery()
        for who in witnesses
    ]
    return func.coalesce(*said, type_=BigInteger) if len(said) > 1 else said[0]


EVENTS: dict[str, Callable[[], ColumnElement[int]]] = {
    "n_events": lambda: events(Witness.READ, Witness.RAW_CATALOGUE),
    "n_events.read": lambda: events(Witness.READ),
    "n_events.job": lambda: events(Witness.JOB),
    "n_events.raw_catalogue": lambda: events(Witness.RAW_CATALOGUE),
}


class Said(NamedTuple):
    """What was said under a key: its value for a file, the column it is in, the key's number and type."""

    value: ColumnElement[Any]
    stored: ColumnElement[Any]
    key: int
    kind: MetaType


def said_under(conn: Connection, name: str) -> Said:
    """The key of ``meta.KEY``. Raises BadInput if nobody ever used it."""
    key = name.removeprefix(META_PREFIX)
    row = conn.execute(select(*meta_key.c["id", "type"]).where(meta_key.c.name == key)).first()
    if row is None:
        known = conn.execute(select(meta_key.c.name).order_by(meta_key.c.name).limit(1000)).scalars().all()
        near = ", ".join(get_close_matches(key, known, 3)) or "see 'ddm meta'"
        raise BadInput(f"nothing was ever said under the key '{key}' (near: {near})", subject=name)
    kind = MetaType(row.type)
    column = file_meta.c[{MetaType.REAL: "real_value", MetaType.TEXT: "text_value"}.get(kind, "int_value")]
    mine = select(column).where(file_meta.c.file_id == F.c.id, file_meta.c.key_id == row.id)
    return Said(mine.scalar_subquery(), column, int(row.id), kind)


class _Compiler:
    def __init__(self, conn: Connection, now: datetime) -> None:
        self.conn, self.now = conn, now
        self.sqlite = conn.dialect.name == "sqlite"

    # ------------------------------------------------------------------------------ the tree
    def truth(self, query: Query, *, plain: bool, of_replica: bool = False) -> Truth:
        """The query as a condition. ``plain``: nothing above asks whether it is false or unknown."""
        match query:
            case All():
                return true()
            case Not(item):
                return not_(self.truth(item, plain=False, of_replica=of_replica))
            case And(items):
                return and_(*(self.truth(item, plain=plain, of_replica=of_replica) for item in items))
            case Or(items):
                return or_(*(self.truth(item, plain=plain, of_replica=of_replica) for item in items))
            case Has(relation):
                return RELATIONS[relation]()
            case Replica(inner):
                return self.replica(inner, plain=plain)
            case IsUnknown(name):
                return self.column(name, of_replica).is_(None)
            case Compare(name, operator, value):
                return self.test(
                    name, lambda column: self.compare(column, operator, value), plain, of_replica
                )
            case Within(name, items):
                return self.test(name, lambda column: self.within(column, items), plain, of_replica)
        raise TypeError(f"no query: {query!r}")

    def replica(self, inner: Query, *, plain: bool) -> Truth:
        truth = self.truth(inner, plain=plain, of_replica=True)  # fields of a replica, which only it has
        live = R.c.state != ReplicaState.DELETED.value
        if plain and self.sqlite and _is_rare(inner):
            return F.c.id.in_(select(R.c.file_id).where(live, truth))
        mine = exists().where(R.c.file_id == F.c.id, live).correlate(F)
        if plain:
            return mine.where(truth)
        return case((mine.where(truth), true()), (mine.where(truth.is_(None)), null()), else_=false())

    # ---------------------------------------------------------------------------- the fields
    def test(self, name: str, test: Callable[[Column], Truth], plain: bool, of_replica: bool) -> Truth:
        if of_replica:
            if name in ("endpoint", "kind"):
                column = E.c.name if name == "endpoint" else E.c.kind
                return R.c.endpoint_id.in_(select(E.c.id).where(test(Column(name, column))))
            return test(Column(name, self.column(name, True)))
        if name.startswith(META_PREFIX):
            return self.meta(name, test, plain)
        if name == "dataset":
            return F.c.dataset_id.in_(self.datasets(test(Column(name, D.c.name))))
        truth = test(Column(name, self.column(name, False)))
        if name == "name" and plain:  # the index is of (directory, name): it is probed in each directory
            return and_(F.c.directory_id.in_(select(schema.directory.c.id)), truth)
        return truth

    def datasets(self, truth: Truth) -> Sequence[int] | Any:
        """Few datasets are named by their numbers: then the index (dataset, run) serves."""
        found = self.conn.execute(select(D.c.id).where(truth).limit(MOST_DATASETS + 1)).scalars().all()
        return found if len(found) <= MOST_DATASETS else select(D.c.id).where(truth)

    def of_any_dataset(self) -> Truth:
        found = self.datasets(true())
        return F.c.dataset_id.in_(found) if isinstance(found, list) else true()

    def column(self, name: str, of_replica: bool) -> ColumnElement[Any]:
        if of_replica:
            return REPLICA_COLUMNS[name]()
        if name.startswith(META_PREFIX):
            return said_under(self.conn, name).value
        if name in EVENTS:
            return EVENTS[name]()
        if name == "lfn":
            return schema.lfn()
        return F.c["registered_at" if name == "registered" else "dataset_id" if name == "dataset" else name]

    def meta(self, name: str, test: Callable[[Column], Truth], plain: bool) -> Truth:
        said = said_under(self.conn, name)
        if not plain:
            return test(Column(name, said.value, said.kind))
        truth = test(Column(name, said.stored, said.kind))
        return F.c.id.in_(select(file_meta.c.file_id).where(file_meta.c.key_id == said.key, truth))

    # --------------------------------------------------------------------------- the tests
    def compare(self, column: Column, sign: str, value: Value) -> Truth:
        if sign in ("~", "!~"):
            found = self.like(column, str(value))
            return found if sign == "~" else not_(found)
        if column.name == "lfn":
            found = is_lfn(str(value))
            return found if sign == "=" else not_(found)
        if column.meta is MetaType.BOOL and sign not in ("=", "!="):
            raise BadInput("is bool, it can only be = or != true or false", subject=column.name)
        truth: Truth = OPERATORS[sign](self.sorted(column), self.bound(column, value))
        return truth

    def within(self, column: Column, items: Sequence[Value | Range]) -> Truth:
        if column.name == "lfn":
            return or_(*(is_lfn(str(item)) for item in items))
        single = [self.bound(column, item) for item in items if not isinstance(item, Range)]
        found: list[Truth] = [column.at.in_(single)] if single else []
        for item in items:
            if isinstance(item, Range):
                low, high = self.compare(column, ">=", item.low), self.compare(column, "<=", item.high)
                found.append(and_(low, high))
        return or_(*found)

    def sorted(self, column: Column) -> ColumnElement[Any]:
        """The column as it is compared: texts by their bytes in both databases, whatever the locale is."""
        text = column.meta is MetaType.TEXT or column.name == "chunk"
        return column.at.collate("C") if text and not self.sqlite else column.at

    def bound(self, column: Column, value: Value) -> ColumnElement[Any]:
        if column.meta is not None:
            said = read(str(value), column.meta, column.name)
            whole, real, text = encode(column.meta, said, column.name)
            if text is not None:
                return literal(text, Text)
            return literal(real, Double) if whole is None else literal(whole, BigInteger)
        match value:
            case Ago(age):
                return literal(self.now - age, Time)
            case datetime():
                return literal(value, Time)
            case int():
                return literal(int(value), BigInteger)
        return literal(value, Text)

    def like(self, column: Column, pattern: str) -> Truth:
        if column.meta not in (None, MetaType.TEXT):
            raise BadInput(f"is {column.meta}; a pattern is for texts", subject=column.name)
        if column.name == "lfn":
            return self.like_lfn(pattern)
        found = self.pattern(column.at, pattern)
        begin = literal_prefix(pattern)
        if column.name == "name" and self.sqlite and begin and ord(begin[-1]) not in LAST:
            end = begin[:-1] + chr(ord(begin[-1]) + 1)  # SQLite uses an index for a range that it is told of
            found = and_(found, column.at >= literal(begin, Text), column.at < literal(end, Text))
        return found

    def like_lfn(self, pattern: str) -> Truth:
        """Most patterns are about directories, which are few; a name never holds a slash."""
        directory = schema.directory
        numbers = select(directory.c.id)
        head, slash, name = pattern.rpartition("/")
        if slash and name == "*":
            return F.c.directory_id.in_(numbers.where(self.pattern(directory.c.path, pattern)))
        if slash and not WILD.intersection(name):
            inside = F.c.directory_id.in_(numbers.where(self.pattern(directory.c.path, head + slash)))
            return and_(F.c.name == literal(name, Text), inside)
        found = self.pattern(schema.lfn(), pattern)
        head, slash, _ = literal_prefix(pattern).rpartition("/")
        if slash:
            begin = self.pattern(directory.c.path, head + slash + "*")
            found = and_(F.c.directory_id.in_(numbers.where(begin)), found)
        return found

    def pattern(self, column: ColumnElement[Any], pattern: str) -> Truth:
        """``*`` is any text, ``?`` one character, everything else itself."""
        if self.sqlite:
            spelled, sign = pattern.replace("[", "[[]"), "GLOB"
        else:
            plain = pattern.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
            spelled, sign = plain.replace("*", "%").replace("?", "_"), "LIKE"
        return column.op(sign, is_comparison=True)(literal(spelled, Text))


@dataclass(frozen=True, slots=True)
class Column:
    """What a condition is about; ``meta`` is the type of the key, where it is one."""

    name: str
    at: ColumnElement[Any]
    meta: MetaType | None = None


OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
WILD = frozenset("*?")
LAST = (0xD7FF, 0x10FFFF)  # characters without a next one


def literal_prefix(pattern: str) -> str:
    """What every text that fits begins with."""
    return "".join(takewhile(lambda char: char not in WILD, pattern))


def is_lfn(lfn: str) -> Truth:
    """The one file of that name, by the index of names."""
    head, slash, name = lfn.rpartition("/")
    numbers = select(schema.directory.c.id).where(schema.directory.c.path == literal(head + slash, Text))
    return and_(F.c.name == literal(name, Text), F.c.directory_id.in_(numbers))


REPLICA_COLUMNS: dict[str, Callable[[], ColumnElement[Any]]] = {
    "state": lambda: R.c.state,
    "locality": lambda: R.c.locality,
    "path": schema.place,
    "since": lambda: R.c.since,
    "verified": lambda: R.c.verified_at,
    "endpoint": lambda: R.c.endpoint_id,  # never unknown; compared by its name in ``test``
    "kind": lambda: R.c.endpoint_id,
}


def _children() -> Truth:
    child = schema.file.alias("child")
    made = select(P.c.file_id).join(child, child.c.id == P.c.file_id)
    return made.where(P.c.parent_id == F.c.id, child.c.retired_at.is_(None)).correlate(F).exists()


RELATIONS: dict[str, Callable[[], Truth]] = {
    "parents": lambda: select(P.c.parent_id).where(P.c.file_id == F.c.id).correlate(F).exists(),
    "children": _children,
    "replica": lambda: (
        select(R.c.id).where(R.c.file_id == F.c.id, R.c.state != "DELETED").correlate(F).exists()
    ),
}


def conjuncts(query: Query) -> tuple[Query, ...]:
    """What must all be true."""
    return query.items if isinstance(query, And) else (query,)


def _is_rare(inner: Query) -> bool:
    """Whether few replicas can fulfil it, by their state."""
    for item in conjuncts(inner):
        match item:
            case Compare("state", "=", value) if value not in USUAL:
                return True
            case Within("state", values) if not set(USUAL).intersection(map(str, values)):
                return True
    return False


def _names_runs_only(query: Query) -> bool:
    """Whether an index finds its files by their runs, and by nothing better."""
    runs = False
    for item in conjuncts(query):
        match item:
            case Compare("dataset", _, _) | Within("dataset" | "lfn" | "name", _):
                return False
            case Compare("lfn" | "name", "=", _):
                return False
            case Compare("run", _, _) | Within("run", _):
                runs = True
    return runs
