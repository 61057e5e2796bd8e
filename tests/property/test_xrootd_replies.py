"""Parsers of XRootD answers: whatever a server says, they do not raise, and Done means online."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from catalog.checksum import Adler32
from transfers.backends.xrootd.errors import Trouble
from transfers.backends.xrootd.replies import (
    confirmed,
    polled,
    read_checksum,
    read_copied,
    read_query_prepare,
    read_token,
)
from transfers.model import Done, Failed, Unknown

PATHS = st.sampled_from(["/cta/a", "/cta/b", "/cta/c d"])
WORDS = st.one_of(st.booleans(), st.none(), st.integers(-1, 1), st.sampled_from(["true", "", "medium error"]))
KEYS = ("path_exists", "on_tape", "online", "requested", "error_text")
ENTRIES = st.builds(
    lambda path, words: {"path": path} | {key: word for key, word in words.items() if word is not ...},
    PATHS,
    st.fixed_dictionaries({key: st.one_of(st.booleans(), WORDS, st.just(...)) for key in KEYS}),
)
GARBAGE = st.one_of(st.just(b""), st.binary(max_size=3).map(lambda tail: b"\0" + tail))


@st.composite
def told(draw: st.DrawFn) -> tuple[bytes, list[dict[str, object]]]:
    """An answer as a server could give it, cut perhaps, and the entries that went in."""
    entries = draw(st.lists(ENTRIES, max_size=6))
    text = json.dumps({"request_id": "x", "responses": entries}).encode()
    if draw(st.booleans()):
        text = text[: draw(st.integers(0, len(text)))]
    return text + draw(GARBAGE), entries


@given(told())
def test_done_only_of_a_file_that_every_entry_says_is_online(
    case: tuple[bytes, list[dict[str, object]]],
) -> None:
    text, entries = case
    asked = ["/cta/a", "/cta/b"]
    answers = read_query_prepare(text, asked).answers
    assert set(answers) <= set(asked)
    for path in asked:
        for outcome in (polled(answers.get(path), path), confirmed(answers.get(path), path)):
            if outcome == Done():
                online = [entry.get("online") for entry in entries if entry["path"] == path]
                assert online
                assert all(word is True for word in online)
            if isinstance(outcome, Failed) and outcome.code == "file_missing":
                assert any(entry.get("path_exists") is False for entry in entries if entry["path"] == path)


@given(st.binary(max_size=300))
def test_any_bytes_are_read_without_an_exception_and_tell_nothing(reply: bytes) -> None:
    assert read_query_prepare(reply, ["/cta/a"]).answers == {}
    assert isinstance(read_checksum(reply), Unknown | Adler32)
    read_token(reply)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner)))
def test_any_json_is_read_without_an_exception(value: object) -> None:
    read_query_prepare(json.dumps(value).encode(), ["/cta/a"])
    read_query_prepare(json.dumps({"responses": value}).encode(), ["/cta/a"])
    read_copied(value)


@given(st.integers(0, 2**32 - 1), st.sampled_from(["08x", "x", "X"]), GARBAGE)
def test_a_checksum_is_read_however_it_is_written(value: int, form: str, tail: bytes) -> None:
    assert read_checksum(b"adler32 " + format(value, form).encode() + tail) == Adler32(value)
    assert read_copied(f"adler32:{value:{form}}") == Adler32(value)


@given(st.integers(0, 500), st.integers(0, 4000), st.text())
def test_any_status_is_some_outcome_and_never_done(code: int, errno: int, text: str) -> None:
    trouble = Trouble(code, errno, text)
    assert isinstance(trouble.outcome("/a"), Failed | Unknown)
    assert str(trouble.exception("root://host"))
