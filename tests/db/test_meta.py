"""Metadata on both databases: types hold, what is said comes back, what is known is changed with a reason."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from catalog.db import meta, schema_meta
from catalog.db.meta import Noun
from catalog.db.move import Why
from catalog.errors import BadInput, ConflictingRegistration, IllegalTransition, NotRegistered, RuleBroken
from catalog.meta import MetaType
from catalog.testing.builders import Situation
from tests.unit.test_meta import VALUES

WHEN = datetime(2016, 7, 1, 12, 0, 0, 123456, tzinfo=UTC)
EVERY = {"n": 7, "x": 0.1, "t": "grün", "b": False, "w": WHEN}


@pytest.fixture
def here(catalog):
    with catalog.read() as conn:
        yield Situation(conn, catalog.clock)


def test_what_is_said_comes_back_with_its_type(here):
    one, other = here.file(), here.file()
    assert meta.say_of_files(here.conn, {one: EVERY, other: {"n": -1}}, here.why) == []
    assert meta.of(here.conn, Noun.FILE, [one, other]) == {one: EVERY, other: {"n": -1}}
    kinds = {name: key.type for name, key in meta.keys(here.conn).items()}
    assert kinds == {
        "n": MetaType.INT,
        "x": MetaType.REAL,
        "t": MetaType.TEXT,
        "b": MetaType.BOOL,
        "w": MetaType.TIME,
    }
    assert [line.event for line in here.history("file", one)] == ["described"]


def test_of_a_dataset_the_history_has_every_value(here):
    assert meta.say_of_datasets(here.conn, {here.dataset: EVERY}, here.why) == []
    assert meta.of(here.conn, Noun.DATASET, [here.dataset]) == {here.dataset: EVERY}
    said = {line.new for line in here.history("dataset", here.dataset) if line.event == "described"}
    assert said == {"n=7", "x=0.1", "t=grün", "b=false", "w=2016-07-01T12:00:00.123456Z"}


def test_saying_again_changes_nothing_and_another_value_is_a_conflict(here):
    file = here.file()
    meta.say_of_files(here.conn, {file: {"n": 7, "x": 1.0}}, here.why)
    assert meta.say_of_files(here.conn, {file: {"n": 7, "x": 1, "new": "y"}}, here.why) == []
    (differs,) = meta.say_of_files(here.conn, {file: {"n": 8}}, here.why)
    assert (differs.id, differs.known, differs.said) == (file, 7, 8)
    assert str(differs) == "n is known as 7, here 8"
    assert meta.of(here.conn, Noun.FILE, [file])[file] == {"n": 7, "x": 1.0, "new": "y"}


def test_a_key_has_one_type_for_ever(here):
    file = here.file()
    meta.define(here.conn, "x", MetaType.REAL, "a real number", here.why)
    assert meta.say_of_files(here.conn, {file: {"x": 7}}, here.why) == []  # a real key takes an int
    assert meta.of(here.conn, Noun.FILE, [file]) == {file: {"x": 7.0}}
    with pytest.raises(BadInput, match="'x' is real; 'seven' is text"):
        meta.say_of_files(here.conn, {file: {"x": "seven"}}, here.why)
    with pytest.raises(ConflictingRegistration, match="one type for ever"):
        meta.define(here.conn, "x", MetaType.INT, "", here.why)
    key, new = meta.define(here.conn, "x", MetaType.REAL, "", here.why)
    assert (key.description, new) == ("a real number", False)


def test_within_one_call_the_first_value_decides(here):
    one, other = here.file(), here.file()
    with pytest.raises(BadInput, match="'n' is int"):
        meta.say_of_files(here.conn, {one: {"n": 1}, other: {"n": 1.5}}, here.why)


def test_a_refused_call_leaves_nothing(catalog):
    with catalog.begin() as conn:
        file = Situation(conn, catalog.clock).file()
    with pytest.raises(BadInput), catalog.begin() as conn:
        meta.say_of_files(conn, {file: {"n": 1, "t": "a\nb"}}, _why(catalog))
    with catalog.read() as conn:
        assert meta.keys(conn) == {}
        assert meta.of(conn, Noun.FILE, [file]) == {}


def _why(catalog):
    return Why(catalog.clock.now(), "tester")


@pytest.mark.parametrize("name", ["a b", "", "x" * 70])
def test_a_bad_key_is_refused(here, name):
    with pytest.raises(BadInput, match="not a key"):
        meta.say_of_files(here.conn, {here.file(): {name: 1}}, here.why)


def test_keys_that_differ_by_case_only_are_one_too_many(here):
    meta.define(here.conn, "nEvents", MetaType.INT, "", here.why)
    with pytest.raises(BadInput, match="'nEvents' already"):
        meta.say_of_files(here.conn, {here.file(): {"nevents": 1}}, here.why)


def test_a_known_value_changes_with_a_reason_and_the_history_keeps_it(here):
    file = here.file()
    meta.say_of_files(here.conn, {file: {"n": 7, "t": "a"}}, here.why)
    with pytest.raises(IllegalTransition, match="reason"):
        meta.change(here.conn, Noun.FILE, {file: {"n": 8}}, here.why.because(" "))
    assert meta.change(here.conn, Noun.FILE, {file: {"n": 8, "t": "a"}}, here.why) == 1
    assert meta.of(here.conn, Noun.FILE, [file])[file] == {"n": 8, "t": "a"}
    (line,) = [line for line in here.history("file", file) if line.event == "changed"]
    assert (line.old, line.new, line.reason) == ("n=7", "n=8", "a test")
    with pytest.raises(BadInput, match="'n' is int"):
        meta.change(here.conn, Noun.FILE, {file: {"n": "8"}}, here.why)
    with pytest.raises(NotRegistered, match="'other'"):
        meta.change(here.conn, Noun.FILE, {file: {"other": 1}}, here.why)


def test_a_value_is_withdrawn_with_a_reason_and_the_key_keeps_its_type(here):
    one, other = here.file(), here.file()
    meta.say_of_files(here.conn, {one: {"n": 7, "t": "a"}, other: {"n": 7}}, here.why)
    with pytest.raises(IllegalTransition, match="reason"):
        meta.forget(here.conn, Noun.FILE, [one], ["n"], here.why.because(""))
    with pytest.raises(NotRegistered):
        meta.forget(here.conn, Noun.FILE, [one], ["m"], here.why)
    assert meta.forget(here.conn, Noun.FILE, [one], ["n"], here.why) == 1
    assert meta.forget(here.conn, Noun.FILE, [one], ["n"], here.why) == 0
    assert meta.of(here.conn, Noun.FILE, [one, other]) == {one: {"t": "a"}, other: {"n": 7}}
    assert [line.old for line in here.history("file", one) if line.event == "forgotten"] == ["n=7"]
    with pytest.raises(BadInput, match="'n' is int"):
        meta.say_of_files(here.conn, {one: {"n": 7.0}}, here.why)
    assert meta.used(here.conn) == {
        "n": {Noun.FILE: 1, Noun.DATASET: 0},
        "t": {Noun.FILE: 1, Noun.DATASET: 0},
    }


def test_nothing_is_said_of_a_file_that_is_not_there(catalog):
    with pytest.raises(RuleBroken), catalog.begin() as conn:
        meta.say_of_files(conn, {4711: {"n": 7}}, _why(catalog))


def test_the_database_itself_holds_one_value_per_row(catalog):
    with catalog.begin() as conn:
        file = Situation(conn, catalog.clock).file()
        meta.say_of_files(conn, {file: {"n": 7}}, _why(catalog))
    with pytest.raises(RuleBroken), catalog.begin() as conn:
        conn.execute(text("UPDATE file_meta SET text_value = 'seven'"))


def test_more_values_than_any_limit_of_parameters(here):
    files = [here.file() for _ in range(400)]
    said = {file: {f"k{n}": file * n for n in range(100)} for file in files}
    assert meta.say_of_files(here.conn, said, here.why) == []
    assert meta.of(here.conn, Noun.FILE, files) == said
    assert meta.say_of_files(here.conn, said, here.why) == []
    assert len(here.history("file", files[0])) == 1


def test_the_check_of_the_database_sees_a_value_of_another_type(here):
    file = here.file()
    meta.say_of_files(here.conn, {file: EVERY}, here.why)
    assert meta.faults(here.conn) == []
    here.conn.execute(text("UPDATE meta_key SET type = 'bool' WHERE name = 'n'"))
    here.conn.execute(text("UPDATE meta_key SET type = 'real' WHERE name = 't'"))
    assert meta.faults(here.conn) == [
        "1 values of files under key t are no real",
        "1 values of files under key n are no bool",
    ]


ANY = st.sampled_from(list(MetaType)).flatmap(lambda kind: st.tuples(st.just(kind), VALUES[kind]))


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(said=st.lists(ANY, min_size=1, max_size=8))
def test_any_value_comes_back_from_the_database(here, said):
    here.file_of_all = getattr(here, "file_of_all", None) or here.file()
    values = {f"{kind}.k{number}": value for number, (kind, value) in enumerate(said)}
    for name in values:
        meta.define(here.conn, name, MetaType(name.split(".")[0]), "", here.why)
    conn, table = here.conn, schema_meta.file_meta
    assert meta.say_of_files(conn, {here.file_of_all: values}, here.why) == []
    assert meta.of(conn, Noun.FILE, [here.file_of_all]) == {here.file_of_all: values}
    meta.forget(conn, Noun.FILE, [here.file_of_all], list(values), here.why)
    assert conn.execute(select(table)).all() == []
