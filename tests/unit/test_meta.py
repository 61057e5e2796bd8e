"""Values of metadata: what is written is read back, what a type does not have is refused in one sentence."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from catalog.errors import BadInput
from catalog.meta import MAX_TEXT_BYTES, MetaType, check_key, decode, encode, read, type_of, written

CONTROL = "".join(map(chr, [*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029]))
TEXTS = st.text(
    st.characters(exclude_characters=CONTROL, exclude_categories=["Cs"]), min_size=1, max_size=200
)
TIMES = st.datetimes(
    min_value=datetime(1, 1, 2),  # noqa: DTZ001
    max_value=datetime(9999, 12, 30),  # noqa: DTZ001
    timezones=st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes))),
)
VALUES = {
    MetaType.INT: st.integers(-(1 << 63), (1 << 63) - 1),
    MetaType.REAL: st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(1 << 53), 1 << 53),
    MetaType.TEXT: TEXTS,
    MetaType.BOOL: st.booleans(),
    MetaType.TIME: TIMES,
}
TYPED = st.sampled_from(list(MetaType)).flatmap(lambda kind: st.tuples(st.just(kind), VALUES[kind]))


@given(TYPED)
@example((MetaType.REAL, -0.0))
@example((MetaType.TIME, datetime(1, 1, 1, tzinfo=UTC)))
@example((MetaType.TIME, datetime.max.replace(tzinfo=UTC)))
def test_what_is_kept_comes_back(typed):
    kind, value = typed
    back = decode(kind, encode(kind, value))
    assert back == value
    assert type_of(back) is kind
    if kind is MetaType.REAL:
        assert math.copysign(1, back) == 1 or back < 0  # no minus zero


@given(TYPED)
def test_what_is_written_is_read_back(typed):
    kind, value = typed
    kept = decode(kind, encode(kind, value))
    assert read(written(kept), kind) == kept


@given(st.sampled_from([MetaType.INT, MetaType.REAL, MetaType.BOOL, MetaType.TIME]).flatmap(VALUES.get))
def test_a_type_is_read_off_what_was_written(value):
    kind = type_of(value)
    assert type_of(read(written(decode(kind, encode(kind, value))))) is kind


@given(st.text(max_size=60) | st.text(st.sampled_from("0123456789+-.eETZ:~ tru"), max_size=30))
def test_any_text_is_a_value_or_one_refusal(text):
    try:
        value = read(text)
    except BadInput:
        return
    kind = type_of(value)
    assert decode(kind, encode(kind, value)) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("7", 7),
        ("-7", -7),
        ("0", 0),
        ("7.0", 7.0),
        ("1e3", 1000.0),
        ("true", True),
        ("False", False),
        ("007", "007"),
        ("00017", "00017"),
        ("2016-07-01T12:00Z", datetime(2016, 7, 1, 12, tzinfo=UTC)),
        ("2016-07-01 12:00:00.25+02:00", datetime(2016, 7, 1, 10, 0, 0, 250_000, tzinfo=UTC)),
        ("2016-07-01", "2016-07-01"),
        ("nan", "nan"),
        ("1_000", "1_000"),
        ("٣", "٣"),
    ],
)
def test_the_plainest_type_is_taken_and_no_zero_is_lost(text, value):
    found = read(text)
    assert (found, type(found)) == (value, type(value))


def test_under_a_key_the_text_is_of_its_type():
    assert read("7", MetaType.REAL) == 7.0
    assert read("7", MetaType.TEXT) == "7"
    assert read("2016-07-01", MetaType.TIME) == datetime(2016, 7, 1, tzinfo=UTC)
    assert read("2016-07-01T06:00", MetaType.TIME) == datetime(2016, 7, 1, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "value", "says"),
    [
        (MetaType.INT, True, "is int; True is bool"),
        (MetaType.INT, 7.0, "is int; 7.0 is real"),
        (MetaType.INT, "7", "is int; '7' is text"),
        (MetaType.BOOL, 1, "is bool; 1 is int"),
        (MetaType.TEXT, 7, "is text; 7 is int"),
        (MetaType.TIME, "2016-07-01", "is time"),
        (MetaType.REAL, False, "is real; False is bool"),
        (MetaType.INT, 1 << 63, "64 bits"),
        (MetaType.REAL, math.nan, "finite"),
        (MetaType.REAL, -math.inf, "finite"),
        (MetaType.REAL, 10**400, "finite"),
        (MetaType.REAL, (1 << 53) + 1, "would round"),
        (MetaType.TEXT, "", "empty"),
        (MetaType.TEXT, "a\nb", "line break"),
        (MetaType.TEXT, "a\x00b", "control"),
        (MetaType.TEXT, "\ud800", "half a character"),
        (MetaType.TEXT, "ä" * (MAX_TEXT_BYTES // 2) + "x", "1025 bytes"),
        (MetaType.TEXT, "x" * 1_000_000, "1000000 bytes"),
        (MetaType.TIME, datetime(2016, 7, 1), "without a zone"),  # noqa: DTZ001
        (MetaType.TIME, datetime.max.replace(tzinfo=timezone(timedelta(hours=-1))), "years 1 to 9999"),
    ],
)
def test_what_a_type_does_not_have_is_refused(kind, value, says):
    with pytest.raises(BadInput, match="phast") as refused:
        encode(kind, value, "phast")
    assert says in str(refused.value)
    assert len(str(refused.value)) < 300


@pytest.mark.parametrize(
    "text", ["1" * 1_000_000, "-" + "9" * 30, "1e999", "x" * 1_000_000, "2016-13-01T00:00Z", ""]
)
def test_a_text_that_is_no_value_is_refused_in_short(text):
    with pytest.raises(BadInput) as refused:
        read(text, None, "phast")
    assert len(str(refused.value)) < 300


@pytest.mark.parametrize("name", ["phast", "phast.version", "nV0", "a.b.c.d", "run", "x" * 63])
def test_a_key_is_words_joined_by_dots(name):
    assert check_key(name) == name


@pytest.mark.parametrize(
    "name", ["", "7", "_x", "a..b", "a.", ".a", "a b", "a-b", "ä", "a.b.c.d.e", "x" * 64, "a\n"]
)
def test_another_key_is_refused(name):
    with pytest.raises(BadInput, match="not a key"):
        check_key(name)
