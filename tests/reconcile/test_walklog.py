"""The log of a scan holds what was kept, however it was cut off, and nothing else."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.errors import BadInput
from ddm.reconcile.walklog import Log, Unread, replay

KEPT = [
    ([["found", "/"]], 0),
    ([["found", "/a\n/"], ["found", "/é/"], ["done", 0, 3, 30]], 1),
    ([["unread", 1, "denied", "no"], ["done", 2, 1, 5], ["found", "/é/b/"]], 2),
    ([["done", 1, 2, 7]], 3),
]


def states(path):
    """The log after each commit, and the state that it tells."""
    found = [(0, replay(path))]
    log = Log(path, 0)
    for records, part in KEPT:
        log.keep(records, part)
        found.append((path.stat().st_size, replay(path)))
    log.close()
    return found


def test_the_log_tells_what_was_found_read_and_not_read(tmp_path):
    third, last = (state for _, state in states(tmp_path / "log")[3:])
    assert third.unread == {1: Unread("/a\n/", "denied", "no")}
    assert third.waiting == last.waiting == {3: "/é/b/"}
    assert (third.done, third.files, third.bytes, third.parts) == (2, 4, 35, 2)
    assert last.unread == {}, "it was read when it was tried again"
    assert (last.found, last.done, last.files, last.bytes, last.parts) == (4, 3, 6, 42, 3)


@given(cut=st.integers(0, 300))
def test_a_log_that_is_cut_off_holds_what_was_kept_before(tmp_path_factory, cut):
    path = tmp_path_factory.mktemp("cut") / "log"
    told = states(path)
    text = path.read_bytes()[:cut]
    path.write_bytes(text)
    size, expected = max((one for one in told if one[0] <= len(text)), key=lambda one: one[0])
    state = replay(path)
    assert (state, state.offset) == (expected, size)
    log = Log(path, state.offset)
    log.keep([["found", "/next/"]], 9)
    log.close()
    again = replay(path)
    assert list(again.waiting.values())[-1] == "/next/"
    assert again.parts == 9
    assert again.found == state.found + 1


@pytest.mark.parametrize("line", [["done", 7, 1, 1], ["what"], {"a": 1}, ["found", 3]])
def test_what_no_scan_wrote_is_refused(tmp_path, line):
    path = tmp_path / "log"
    path.write_text("".join(json.dumps(one) + "\n" for one in (line, ["kept", 1])))
    with pytest.raises(BadInput, match="not what a scan wrote"):
        replay(path)
