"""Queries for Hypothesis, and what each must answer: an evaluation in plain Python, three values included.

A file is a dict: its fields (None is unknown), ``replicas`` (a list of dicts), ``has`` (a set), ``meta``.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from catalog.queryfields import FIELDS, META_PREFIX, RELATIONS, REPLICA_FIELDS, Ago
from catalog.querytree import All, And, Compare, Has, IsUnknown, Not, Or, Range, Replica, Within

NOW = datetime(2016, 7, 14, 12, tzinfo=UTC)
WORDS = ["a", "b", "ab", "a.b", "A", "a*b", "a?", "[a]", "é", "a b", "it's", "%", "a_b", "\\"]
LFNS = [f"/{d}/{n}" for d in ("x", "x/y", "a*") for n in ("a", "ab", "a.b", "b", "[a]", "é", "a_b", "a%b")]
CHUNKS = ["", "00001", "00002", "00010", "11000"]
TIMES = [NOW - timedelta(days=n, microseconds=n) for n in range(4)]
PATTERNS = [
    "*",
    "a*",
    "*b",
    "?",
    "a?b",
    "*/a*",
    "/x/*",
    "[a]",
    "*[a]*",
    "a_b",
    "*%*",
    "",
    "/x/*b",
    "\\*",
    "*\\*",
]
META = {"energy": "real", "shift": "int", "quality": "text", "good": "bool", "taken": "time"}


def value(name: str, field):
    """A value that the field may have, often one that some file has."""
    choice = {
        "dataset": st.sampled_from(["d1", "d2", "d3", "é"]),
        "product": st.sampled_from(["raw", "mDST", "hist"]),
        "endpoint": st.sampled_from(["disk", "tape", "disk2", "none"]),
        "lfn": st.sampled_from(LFNS),
        "path": st.sampled_from([*LFNS, "/p/a"]),
        "chunk": st.sampled_from(CHUNKS),
    }
    if name in choice:
        return choice[name]
    match field.kind.name:
        case "text" | "digits":
            return st.sampled_from(WORDS)
        case "number":
            return st.one_of(st.integers(0, 4), st.integers(-(1 << 63), (1 << 63) - 1))
        case "size":
            return st.one_of(st.integers(0, 4), st.integers(0, (1 << 63) - 1))
        case "time":
            ago = st.integers(0, 4).map(lambda days: Ago(timedelta(days=days)))
            return st.one_of(ago, st.sampled_from(TIMES))
        case "adler32":
            return st.sampled_from([1, 2, (1 << 32) - 1]).map(lambda n: field.kind.read(f"{n:x}"))
        case "word":
            return st.sampled_from(field.kind.expected.removeprefix("one of ").split(", "))
    raise AssertionError(name)


def _ordered_pair(pair):
    low, high = pair
    swap = type(low) is type(high) and not isinstance(low, Ago) and high < low
    return Range(high, low) if swap else Range(low, high)


@st.composite
def tests_of(draw, fields):
    """A condition on one of these fields."""
    name = draw(st.sampled_from(sorted(fields)))
    field = fields[name]
    one = value(name, field)
    match draw(st.sampled_from(["compare", "compare", "within", "unknown"])):
        case "unknown":
            return IsUnknown(name)
        case "within":
            item = st.one_of(one, st.tuples(one, one).map(_ordered_pair)) if field.kind.ordered else one
            return Within(name, tuple(draw(st.lists(item, min_size=1, max_size=3))))
    operator = draw(st.sampled_from(field.kind.operators))
    pattern = st.sampled_from(PATTERNS)
    return Compare(name, operator, draw(pattern if operator in ("~", "!~") else one))


@st.composite
def meta_tests(draw):
    key = draw(st.sampled_from(sorted(META)))
    values = {
        "real": st.sampled_from(["0", "1.5", "-2", "1e3"]),
        "int": st.sampled_from(["0", "1", "-2"]),
        "text": st.sampled_from(WORDS),
        "bool": st.sampled_from(["true", "false"]),
        "time": st.sampled_from(["2016-07-01T12:00Z", "2016-07-02T12:00:00Z"]),
    }[META[key]]
    operators = ["=", "!="]
    operators += [] if META[key] == "bool" else ["<", "<=", ">", ">="]
    operator = draw(st.sampled_from(operators))
    return Compare(META_PREFIX + key, operator, draw(values))


def _joined(kind):
    def join(items):
        flat = [part for item in items for part in (item.items if isinstance(item, kind) else [item])]
        return kind(tuple(flat))

    return join


def _tree(leaf):
    return st.recursive(
        leaf,
        lambda inner: st.one_of(
            inner.map(Not),
            st.lists(inner, min_size=2, max_size=3).map(_joined(And)),
            st.lists(inner, min_size=2, max_size=3).map(_joined(Or)),
        ),
        max_leaves=6,
    )


def queries(*, meta: bool = False):
    """Any query."""
    leaves = [
        tests_of(FIELDS),
        tests_of(FIELDS),
        st.sampled_from(sorted(RELATIONS)).map(Has),
        st.just(All()),
        _tree(tests_of(REPLICA_FIELDS)).map(Replica),
    ]
    return _tree(st.one_of(*leaves, *([meta_tests()] if meta else [])))


# ------------------------------------------------------------------------- what must come
def evaluate(query, file, read_meta=None):
    """True, False or None (unknown)."""
    match query:
        case All():
            return True
        case Has(relation):
            return relation in file["has"]
        case Not(item):
            found = evaluate(item, file, read_meta)
            return None if found is None else not found
        case And(items):
            return _all([evaluate(item, file, read_meta) for item in items])
        case Or(items):
            return _any([evaluate(item, file, read_meta) for item in items])
        case Replica(condition):
            return _any([evaluate(condition, replica) for replica in file["replicas"]])
        case IsUnknown(field):
            return _get(file, field) is None
        case Compare(field, operator, wanted):
            return _compare(_get(file, field), operator, _said(field, wanted, read_meta))
        case Within(field, items):
            return _any(
                [_in(_get(file, field), item, lambda v: _said(field, v, read_meta)) for item in items]
            )
    raise AssertionError(query)


def _get(file, field):
    if field.startswith(META_PREFIX):
        return file["meta"].get(field.removeprefix(META_PREFIX))
    return file[field]


def _said(field, wanted, read_meta):
    if field.startswith(META_PREFIX):
        return read_meta(field.removeprefix(META_PREFIX), wanted)
    return NOW - wanted.age if isinstance(wanted, Ago) else wanted


def _in(have, item, said):
    if isinstance(item, Range):
        return _all([_compare(have, ">=", said(item.low)), _compare(have, "<=", said(item.high))])
    return _compare(have, "=", said(item))


def _compare(have, operator, wanted):
    if have is None:
        return None
    match operator:
        case "=":
            return have == wanted
        case "!=":
            return have != wanted
        case "<":
            return have < wanted
        case "<=":
            return have <= wanted
        case ">":
            return have > wanted
        case ">=":
            return have >= wanted
        case "~":
            return _like(have, wanted)
        case "!~":
            return not _like(have, wanted)
    raise AssertionError(operator)


def _like(have, pattern):
    regular = "".join({"*": ".*", "?": "."}.get(char, re.escape(char)) for char in pattern)
    return re.fullmatch(regular, have, re.DOTALL) is not None


def _all(found):
    return False if False in found else None if None in found else True


def _any(found):
    return True if True in found else None if None in found else False
