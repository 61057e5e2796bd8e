"""The query language by example: what is taken, how it is spelled, what is refused and with which words."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest

from catalog.errors import BadInput
from catalog.query import MAX_DEPTH, MAX_LENGTH, MAX_TERMS, parse, show
from catalog.querytree import Ago, And, Compare, Not, Range, Within


@pytest.mark.parametrize(
    ("text", "spelled"),
    [
        (
            "n_events>0 and run in 275600..275650 and product=mDST",
            "n_events > 0 and run in 275600..275650 and product = mDST",
        ),
        ("size > 4 GB OR size<=1GiB", "size > 4GB or size <= 1073741824B"),
        (
            "(run=1 and run=2) and not (part=1 or part=2)",
            "run = 1 and run = 2 and not (part = 1 or part = 2)",
        ),
        ("chunk in 00001..00100", "chunk in 00001..00100"),
        ("run not in (1,2 , 5..9)", "not run in (1, 2, 5..9)"),
        ("n_events is not unknown", "not n_events is unknown"),
        ("lfn ~ '*/W14/*'", "lfn ~ */W14/*"),
        ('name = "it\'s"', "name = 'it''s'"),
        ("adler32=4A9F1CF", "adler32 = 04a9f1cf"),
        ("registered>=2 d ago", "registered >= 2d ago"),
        ("registered < 2016-07-01", "registered < 2016-07-01T00:00:00Z"),
        ("registered < 2016-07-01T12:00+02:00", "registered < 2016-07-01T10:00:00Z"),
        ("replica.locality=unknown", "replica(locality = UNKNOWN)"),
        ("meta.beam.energy > 160", "meta.beam.energy > 160"),
        ("all", "all"),
        ("product = 'and'", "product = 'and'"),
        ("dataset = ''", "dataset = ''"),
    ],
)
def test_a_query_has_one_spelling(text, spelled):
    assert show(parse(text)) == spelled
    assert parse(spelled) == parse(text)


@pytest.mark.parametrize(
    ("text", "spelled"),
    [
        ("replica.state=AVAILABLE and replica.endpoint=cta", "replica(state = AVAILABLE and endpoint = cta)"),
        (
            "replica.state=AVAILABLE and run=1 and replica.endpoint=cta",
            "run = 1 and replica(state = AVAILABLE and endpoint = cta)",
        ),
        (
            "(replica.state=BAD or replica.state=LOST) and replica.kind=tape",
            "replica((state = BAD or state = LOST) and kind = tape)",
        ),
        ("not replica.state=BAD and replica.kind=tape", "not replica(state = BAD) and replica(kind = tape)"),
        ("replica(kind=disk) and replica(kind=tape)", "replica(kind = disk) and replica(kind = tape)"),
        ("replica.kind=disk and replica(kind=tape)", "replica(kind = tape) and replica(kind = disk)"),
        ("replica.kind=disk or run=1", "replica(kind = disk) or run = 1"),
        ("replica(kind=disk and not state=BAD)", "replica(kind = disk and not state = BAD)"),
    ],
)
def test_conditions_in_one_chain_speak_of_one_replica(text, spelled):
    assert show(parse(text)) == spelled


def test_values_are_typed():
    assert parse("run in 1..2") == Within("run", (Range(1, 2),))
    assert parse("registered = 36h ago") == Compare("registered", "=", Ago(timedelta(hours=36)))
    noon = datetime(2016, 7, 1, 12, tzinfo=UTC)
    assert parse("registered = 2016-07-01T12:00Z") == Compare("registered", "=", noon)
    assert parse("not run = 1 and size = 4GB") == And(
        (Not(Compare("run", "=", 1)), Compare("size", "=", 4_000_000_000))
    )


@pytest.mark.parametrize(
    ("text", "column", "expected"),
    [
        ("", 1, "a field, 'not' or '('"),
        ("run = and product = mDST", 7, "a whole number"),
        ("run = 1 product = mDST", 9, "'and', 'or' or the end"),
        ("run = 1 and (product = mDST", 28, "'and', 'or' or ')'"),
        ("run ~ 2756*", 5, "= != < <= > >="),
        ("run = 2756*", 7, "a whole number"),
        ("run = 9223372036854775808", 7, "a whole number"),
        ("size > 4 XB", 10, "'and', 'or' or the end"),
        ("size > -1", 8, "a size"),
        ("run in 5..3", 8, "begins with the smaller"),
        ("run in 5", 8, "a range as in a..b"),
        ("run in (5, 6", 13, "',' or ')'"),
        ("lfn in (a..b)", 10, "no ranges here"),
        ("registered > 2d", 14, "2d ago"),
        ("registered > 2016-02-30", 14, "a time"),
        ("adler32 = xyz", 11, "an adler32"),
        ("replica.state = GONE", 17, "one of COPYING, UNVERIFIED"),
        ("replica.state = DELETED", 17, "one of COPYING, UNVERIFIED"),
        ("has cats", 5, "parents or children or replica"),
        ("run is known", 8, "'unknown' or 'not unknown'"),
        ("name = 'abc", 8, "a closing quote"),
        ("run ! 5", 5, "an operator"),
        ("name = 'a\nb'", 8, "printable characters"),
        ("name ~ " + "*a" * 20, 8, "at most 16 *"),
        ("state = BAD", 1, "near: replica.state"),
        ("n_event > 0", 1, "near: n_events"),
        ("replica(run = 1)", 9, "there is no 'run'"),
        ("replica = 1", 9, "as in replica(state=AVAILABLE"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(text, column, expected):
    with pytest.raises(BadInput) as told:
        parse(text)
    assert told.value.subject == f"column {column}"
    assert expected in str(told.value)
    assert "^" in str(told.value)
    assert "\n" not in str(told.value)


def test_depth_length_and_number_are_limited():
    deep = "(" * MAX_DEPTH + "run = 1" + ")" * MAX_DEPTH
    assert parse(deep) == parse("run = 1")
    for text in (f"({deep})", "not " * (MAX_DEPTH + 1) + "run = 1", "(" * 100_000, "not " * 10_000):
        with pytest.raises(BadInput, match=r"inside one another|characters"):
            parse(text)
    wide = f"run in ({', '.join(['1'] * (MAX_TERMS - 1))})"
    parse(wide)
    for text in (f"{wide} or run = 1", " or ".join(["run = 1"] * MAX_TERMS)):
        with pytest.raises(BadInput, match=f"at most {MAX_TERMS}"):
            parse(text)
    with pytest.raises(BadInput, match=f"at most {MAX_LENGTH}"):
        parse("x" * (MAX_LENGTH + 1))


def test_a_long_query_is_read_at_once():
    begin = time.process_time()
    for text in ("." * MAX_LENGTH, " " * MAX_LENGTH, "'" * MAX_LENGTH, "a" * MAX_LENGTH, "(" * MAX_LENGTH):
        with pytest.raises(BadInput):
            parse(text)
    assert time.process_time() - begin < 20
