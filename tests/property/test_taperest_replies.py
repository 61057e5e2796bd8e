"""Readers of Tape REST answers: whatever a service says, they do not raise, and Done has its evidence."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from catalog.states import Locality
from transfers.backends.taperest.errors import LONGEST_PAUSE, Answer, pause
from transfers.backends.taperest.payload import duration
from transfers.backends.taperest.replies import (
    Told,
    aligned,
    judged,
    read_created,
    read_discovery,
    read_localities,
    read_request,
    settled,
)
from transfers.model import Done, Failed, Unknown

NAMES = ["/cta/a", "/cta/b", "/cta/c d"]
ANSWERED = [*NAMES, "/x/cta/a", "/a", "//cta//b", "cta/a"]
STATES = [
    "SUBMITTED",
    "STARTED",
    "COMPLETED",
    "FAILED",
    "CANCELLED",
    "completed",
    "DONE",
    "",
    None,
    1,
    ["COMPLETED"],
]
WORDS = [True, False, None, "true", 1, 0, "yes"]
ERRORS = ["", "medium error", "No such file", None, 3]
LOCALITIES = ["DISK", "TAPE", "DISK_AND_TAPE", "LOST", "NONE", "UNAVAILABLE", "disk", "SHELF", None, 7]


def _maybe(key: str, values: list[object]) -> st.SearchStrategy[dict[str, object]]:
    return st.one_of(st.just({}), st.sampled_from(values).map(lambda value: {key: value}))


FILES = st.builds(
    lambda path, *words: {"path": path} | {key: value for word in words for key, value in word.items()},
    st.sampled_from(ANSWERED),
    _maybe("state", list(STATES)),
    _maybe("onDisk", list(WORDS)),
    _maybe("error", list(ERRORS)),
    _maybe("locality", list(LOCALITIES)),
)
KEYS = st.sampled_from(["path", "files", "id"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["path", "files", "id"]), inner)
    ),
    max_leaves=8,
)


def _cut(text: bytes, at: int | None) -> bytes:
    return text if at is None else text[: at % (len(text) + 1)]


@given(
    st.lists(FILES, max_size=6),
    st.lists(FILES, max_size=4),
    st.none() | st.integers(0),
    st.none() | st.integers(0),
    st.booleans(),
    st.sampled_from([NAMES, NAMES[:1], NAMES[1:]]),
)
def test_done_only_of_a_file_that_a_good_answer_says_is_there_now(
    files: list[dict[str, object]],
    info: list[dict[str, object]],
    cut: int | None,
    cut_info: int | None,
    vanished: bool,
    asked: list[str],
) -> None:
    request = read_request(_cut(json.dumps({"id": "r", "files": files}).encode(), cut), "r") or {}
    told = aligned(request, asked)
    where = read_localities(_cut(json.dumps(info).encode(), cut_info), set(asked)) or {}
    assert set(told) <= set(asked)
    for name in asked:
        place = where.get(name, Unknown("not told"))
        outcome = settled(told.get(name), name) or judged(told.get(name), place, name, vanished=vanished)
        mine = [file for file in files if str(file["path"]).replace("//", "/") == name]
        seen = [file for file in info if str(file["path"]).replace("//", "/") == name]
        if outcome == Done():
            on_disk = [file.get("onDisk") is True for file in mine]
            online = [str(file.get("locality")).upper() in ("DISK", "DISK_AND_TAPE") for file in seen]
            assert (on_disk and all(on_disk)) or (online and all(online))
        if isinstance(outcome, Failed) and outcome.code == "file_missing":
            assert any(file.get("error") == "No such file" for file in files + info)


@given(
    st.builds(
        Told,
        st.sampled_from([True, False, None]),
        st.sampled_from(["", "COMPLETED", "FAILED", "X"]),
        st.text(),
    ),
    st.sampled_from(list(Locality)) | st.just(Unknown("?")),
    st.booleans(),
)
def test_verdicts_never_raise_and_never_succeed_without_a_witness(
    told: Told, where: object, vanished: bool
) -> None:
    outcome = settled(told, "/a") or judged(told, where, "/a", vanished=vanished)
    if outcome == Done():
        assert told.on_disk or (isinstance(where, Locality) and where.readable)


@given(st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_are_read_without_an_exception(body: bytes) -> None:
    read_discovery(body)
    token = read_created(body, body.decode(errors="replace"))
    assert token is None or (token.isascii() and " " not in token)
    for told in (read_request(body, "r") or {}).values():
        assert told is None or isinstance(told, Told)
    read_localities(body, set(NAMES))
    answer = Answer(500, body, {"content-type": "application/json"})
    assert len(answer.words) < 400
    assert str(answer.error("here")).isprintable()


@given(st.text(max_size=40))
def test_no_retry_after_holds_up_for_long(text: str) -> None:
    asked = pause(Answer(429, b"", {"retry-after": text}), datetime(2026, 1, 1, tzinfo=UTC))
    assert timedelta(0) <= asked <= LONGEST_PAUSE


@given(st.timedeltas(timedelta(0), timedelta(days=10_000)))
def test_durations_are_never_longer_and_at_most_a_second_shorter(time: timedelta) -> None:
    text = duration(time)
    number = int("".join(letter for letter in text if letter.isdigit()))
    told = timedelta(days=number) if text.endswith("D") else timedelta(seconds=number)
    assert told <= max(time, timedelta(seconds=1)) < told + timedelta(seconds=2)
