"""Names are recognised quickly, and just as ``Template.parse`` and ``check_lfn`` would."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.compass import CASTOR, COMPASS
from catalog.errors import BadName
from catalog.names import MAX_LFN_BYTES, Template, check_lfn
from ddm import config
from ddm.importing.names import Names
from ddm.importing.twins import Twins
from ddm.templates import demo_toml

TEMPLATES = [Template(text, CASTOR) for text in COMPASS.values()]
PIECES = st.sampled_from(
    [
        "cdr",
        "mDST",
        "histsum",
        "evtdump",
        "-",
        ".",
        ".raw",
        ".root",
        ".001",
        "/",
        "0",
        "00",
        "11091",
        "275678",
        "7",
        "x",
    ]
)
SOUP = st.lists(PIECES, max_size=9).map("".join)


@settings(deadline=None)
@given(text=SOUP, template=st.sampled_from(TEMPLATES))
def test_quick_takes_what_parse_takes_and_nothing_else(text, template):
    fields = sorted(template.fields)
    if len(fields) < 2:
        return
    try:
        values = template.parse(text)
    except BadName:
        assert template.quick(*fields)(text) is None
        return
    found = template.quick(*fields)(text)
    assert found is not None
    assert template.build(**values) == text
    read = dict(zip(fields, found, strict=True))
    assert {name: type(value)(read[name]) for name, value in values.items() if name not in ("part",)} == {
        name: value for name, value in values.items() if name not in ("part",)
    }


@pytest.fixture(scope="module")
def names(tmp_path_factory) -> Names:
    path = tmp_path_factory.mktemp("names") / "ddm.toml"
    path.write_text(demo_toml(program=["true"]))
    found = config.load(path, {})
    return Names(next(iter(found.tasks.values())), found)


DIRECTORY = st.sampled_from(
    ["/a", "/a/b", "/ä", "/a//b", "/a/..", "a", "", "/" + "d" * 1000, "/" + "ä" * 505]
)
NAME = st.one_of(
    st.sampled_from(["x", "..", ".", "", "x" * 20, "x" * 30, "ä", "a b", " a", "a\t"]), st.text(max_size=5)
)


@settings(deadline=None)
@given(files=st.lists(st.tuples(DIRECTORY, NAME), max_size=8))
def test_a_name_in_a_directory_seen_before_is_checked_no_less(names, files):
    for directory, name in files:
        text = f"{directory}/{name}"
        try:
            good = check_lfn(text) == text
        except BadName:
            good = False
        try:
            assert names.lfn(text) == text
        except BadName:
            assert not good
        else:
            assert good
            assert len(text.encode()) <= MAX_LFN_BYTES


ROWS = st.lists(st.tuples(st.sampled_from("abcde"), st.integers(0, 2), st.integers(0, 2)), max_size=25)


@settings(deadline=None)
@given(rows=ROWS, held=st.integers(1, 7))
def test_twins_that_differ_are_found_and_no_others(rows, held) -> None:
    from ddm.importing import twins

    before, twins.HELD = twins.HELD, held
    try:
        with Twins() as found:
            for line, (name, words, meta) in enumerate(rows):
                found.add(name, words, meta, line, new=True)
            pairs = [(one, other) for (one, _), (other, _) in found.pairs()]
    finally:
        twins.HELD = before
    for one, other in pairs:
        assert one < other
        assert rows[one][0] == rows[other][0]
        assert rows[one][1:] != rows[other][1:]
    for name in "abcde":
        mine = [row for row in rows if row[0] == name]
        differ = len({words for _, words, _ in mine}) > 1 or len({meta for _, _, meta in mine if meta}) > 1
        assert differ == any(rows[one][0] == name for one, _ in pairs)
