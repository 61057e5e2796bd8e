"""The query language: nothing but BadInput is raised, and what is written is read back."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from catalog.errors import BadInput
from catalog.query import parse, show
from catalog.queryfields import FIELDS, REPLICA_FIELDS
from catalog.querytree import KEYWORDS
from tests.property.queries import queries

FRAGMENTS = [
    *sorted(KEYWORDS),
    *FIELDS,
    *(f"replica.{name}" for name in REPLICA_FIELDS),
    *("(", ")", ",", "..", "=", "!=", "<", "<=", ">", ">=", "~", "!~", "'", '"', "!"),
    *("1", "275600", "4GB", "4 GB", "2d ago", "2016-07-01", "mDST", "raw", "AVAILABLE", "'a b'", "04a9f1cf"),
    *("meta.energy", "*", "é", "\x00", "\n", "\ud800", "9" * 25, "-1"),
]


def taken(text: str) -> bool:
    """Whether it is a query; anything but BadInput gets out."""
    try:
        tree = parse(text)
    except BadInput as error:
        told = error
    else:
        assert parse(show(tree)) == tree
        assert show(parse(show(tree))) == show(tree)
        return True
    assert "\n" not in str(told)
    assert "column" in told.subject or "characters" in str(told)
    return False


@given(st.text(max_size=60))
def test_any_text_is_a_query_or_bad_input(text):
    taken(text)


@given(st.lists(st.sampled_from(FRAGMENTS), max_size=14).map(" ".join))
def test_any_words_are_a_query_or_bad_input(text):
    taken(text)


@given(queries(meta=True))
def test_what_is_written_is_read_back(query):
    assert parse(show(query)) == query


@given(queries(), st.data())
def test_a_cut_query_is_a_query_or_bad_input(query, data):
    text = show(query)
    at = data.draw(st.integers(0, len(text)))
    taken(text[:at] + data.draw(st.sampled_from(["", "(", "'", " ", "not"])) + text[at + 1 :])
