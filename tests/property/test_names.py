"""Names: what is built is read back, what is read is built back, and nothing is read in two ways."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from catalog.compass import CASTOR, COMPASS
from catalog.errors import BadName
from catalog.names import FIELDS, Template, check_lfn, join

FREE = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.+=@~-]{0,20}", fullmatch=True)
AWKWARD = st.sampled_from(
    [
        "transv2022W08t4.0",
        "W01t0.8rich1.6",
        "a-2016--275678-11091-0-7-1-1",
        "a.merge-275678-ch000",
        "x.275678",
        "0",
    ]
)
WORD = st.from_regex(r"[A-Za-z][A-Za-z0-9]{0,6}", fullmatch=True)
VALUES = {
    "run": st.integers(10_000, 999_999),
    "chunk": st.from_regex(r"[0-9]{5}", fullmatch=True),
    "slot": st.integers(0, 999),
    "phast": st.integers(0, 999),
    "year": st.integers(1000, 2999),
    "period": WORD,
    "rawperiod": WORD,
    "tens": st.from_regex(r"[0-9]{2}", fullmatch=True),
    "prod": FREE | AWKWARD,
    "soft": FREE | AWKWARD,
    "path": st.lists(FREE, max_size=4).map(lambda names: "".join(f"{name}/" for name in names)),
    "part": st.integers(0, 9999),
    "nnn": st.integers(0, 9999),
    "jobid": st.integers(0, 10**18 - 1),
    "attempt": st.integers(0, 999),
}
TEMPLATES = {key: Template(text, CASTOR) for key, text in COMPASS.items()}
DIRECTORIES = [key for key, text in COMPASS.items() if text.endswith("/")]
NAMES = [key for key, text in COMPASS.items() if "/" not in text and not text.startswith("{logs}")]


def values_of(template: Template) -> st.SearchStrategy[dict[str, str | int]]:
    return st.fixed_dictionaries({name: VALUES[name] for name in sorted(template.fields)})


def test_every_field_of_the_vocabulary_is_tried():
    assert VALUES.keys() == FIELDS.keys()
    assert set().union(*(template.fields for template in TEMPLATES.values())) == FIELDS.keys()


@pytest.mark.parametrize("key", TEMPLATES)
@given(data=st.data())
def test_what_is_built_is_read_back(key, data):
    template = TEMPLATES[key]
    values = data.draw(values_of(template))
    assert template.parse(template.build(**values)) == values


@given(st.sampled_from(DIRECTORIES), st.sampled_from(NAMES), st.data())
def test_directory_and_name_together_are_read_back_as_one_lfn(directory, name, data):
    template = Template(join(COMPASS[directory], COMPASS[name]), CASTOR)
    values = data.draw(values_of(template))
    lfn = template.lfn(**values)
    assert check_lfn(lfn) == lfn
    assert template.parse(lfn) == values


@given(st.sampled_from(sorted(TEMPLATES)), st.data())
def test_what_is_read_is_built_back(key, data):
    """Damaged names are refused, or they are names of something else: never another spelling of one thing."""
    template = TEMPLATES[key]
    name = template.build(**data.draw(values_of(template)))
    at = data.draw(st.integers(0, len(name)))
    cut = data.draw(st.integers(0, 2))
    insert = data.draw(st.text("0123.-/ \nax٣", max_size=2))
    damaged = name[:at] + insert + name[at + cut :]
    try:
        values = template.parse(damaged)
    except BadName:
        return
    assert template.build(**values) == damaged


@given(st.text())
def test_an_lfn_is_absolute_plain_and_short_or_refused(text):
    try:
        lfn = check_lfn("/" + text)
    except BadName:
        return
    for part in lfn.split("/")[1:]:
        assert part not in ("", ".", "..")
        assert part.strip(" ") == part
        assert not any(unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") for character in part)
    assert len(lfn.encode()) <= 1024


def readings(pieces: list[str], text: str, known: dict[str, str]) -> Iterator[dict[str, str]]:
    """Every way to read the text, found by trying every border: slow and obviously right."""
    if not pieces:
        if not text:
            yield known
        return
    first, rest = pieces[0], pieces[1:]
    if not first.startswith("{"):
        if text.startswith(first):
            yield from readings(rest, text[len(first) :], known)
        return
    name = first[1:-1]
    for end in range(len(text) + 1):
        value = text[:end]
        if known.get(name, value) == value and re.fullmatch(FIELDS[name].pattern.replace("§", ""), value):
            yield from readings(rest, text[end:], {**known, name: value})


# Free text followed by something it can swallow is where two readings come from.
DOUBTFUL = st.sampled_from(
    [["{prod}", ".001", "{part}"], ["{path}", "{soft}", ".a", ".001", "{part}"], ["{prod}", "-", "{slot}"]]
)
PIECES = DOUBTFUL | st.lists(
    st.sampled_from(
        [
            "{prod}",
            "{soft}",
            "{slot}",
            "{nnn}",
            "{part}",
            "{path}",
            "{period}",
            ".",
            "-",
            "0",
            "a",
            "/",
            "001",
        ]
    ),
    min_size=1,
    max_size=7,
)


@given(PIECES, st.data())
def test_a_text_is_read_exactly_when_it_has_one_reading(pieces, data):
    try:
        template = Template("".join(pieces))
    except BadName:
        assume(False)
    text = data.draw(
        st.text("a0.-/1", max_size=12)
        | st.lists(st.sampled_from(["a", "0", ".001", ".", "-", "001", "/", ".0"]), max_size=8).map("".join)
    )
    found = list(readings(pieces, text, {}))
    if len(found) == 1:
        assert {name: FIELDS[name].read(value) for name, value in found[0].items()} == template.parse(text)
    else:
        with pytest.raises(BadName):
            template.parse(text)


SMALL = {
    **VALUES,
    "prod": st.text("a0.-", min_size=1, max_size=5),
    "soft": st.text("a0.-", min_size=1, max_size=5),
    "slot": st.integers(0, 12),
    "nnn": st.integers(0, 2),
    "part": st.integers(0, 2),
    "path": st.sampled_from(["", "a/", "a/0/", "a.001/"]),
}


@given(PIECES, st.data())
def test_any_template_that_is_accepted_reads_back_what_it_builds_or_refuses(pieces, data):
    try:
        template = Template("".join(pieces))
        values = {name: data.draw(SMALL[name], label=name) for name in sorted(template.fields)}
        name = template.build(**values)
    except BadName:
        assume(False)
    assert template.parse(name) == values
    assert len(list(readings(pieces, name, {}))) == 1
