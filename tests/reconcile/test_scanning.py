"""A scan that is stopped anywhere, any number of times, tells in the end of every file once; and where it
tells of less than is there, it says so."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.clock import SimulatedClock
from catalog.seam import OpenSeam
from ddm.reconcile import engine as engines
from ddm.reconcile import scanning, scanstore, walklog
from ddm.reconcile.pace import Pace, time_left
from ddm.reconcile.scanning import Walk
from ddm.reconcile.scanparts import Parts, scratch
from ddm.reconcile.walklog import Log
from ddm.testing.crash import Stopped, StoppingSeam, When
from transfers.errors import EndpointUnreachable, FileMissing, PermissionRefused, failed
from transfers.model import NOT_TOLD, Listing, Unknown

TREE = {
    "/": (["top"], ["a", "b"]),
    "/a": (["one", 'two "2"\t', "line\nbreak", "caf\udce9"], ["deep"]),
    "/a/deep": (["x", "y"], []),
    "/b": ([], ["c", "d"]),
    "/b/c": (["z"], []),
    "/b/d": ([], []),
}
EXPECTED = Counter(
    [
        "/top",
        "/a/one",
        '/a/two "2"\t',
        "/a/line\x1a0Abreak",
        "/a/caf\x1aE9",
        "/a/deep/x",
        "/a/deep/y",
        "/b/c/z",
    ]
)


class Tree:
    """A walker of a tree; ``trouble``: what is answered for a directory instead, so many times."""

    def __init__(self, tree=TREE, trouble=(), ask_ahead=2):
        self.tree, self.trouble, self.ahead = tree, dict(trouble), ask_ahead
        self.asked: list[str] = []

    def walk(self, following):
        waiting: list[str] = []
        while True:
            while len(waiting) < self.ahead and (directory := following()) is not None:
                waiting.append(directory)
                self.asked.append(directory)
            if not waiting:
                return
            directory = waiting.pop(0)
            answers = self.trouble.get(directory, [])
            yield directory, answers.pop(0) if answers else self._listing(directory)

    def _listing(self, directory):
        files, below = self.tree[directory]
        numbers = [NOT_TOLD if name == "one" else len(name) for name in files]
        return Listing(files, numbers, [0] * len(files), [*range(len(files))], below)


@contextmanager
def at_work(where: Path, seam=None, clock=None, pace=None, jobs=4) -> Iterator[tuple[Walk, walklog.State]]:
    where.mkdir(exist_ok=True)
    with scratch(where) as engine:
        state = walklog.replay(where / scanstore.LOG)
        log = Log(where / scanstore.LOG, state.offset)
        parts = Parts(engine, where, state.parts)
        clock = clock or SimulatedClock()
        try:
            yield (
                Walk(
                    state,
                    log,
                    parts,
                    pace or Pace(),
                    clock,
                    seam or OpenSeam(),
                    jobs,
                    lambda _: None,
                    lambda _: None,
                ),
                state,
            )
        finally:
            parts.close()
            log.close()


def scan(where: Path, tree: Tree, **how) -> walklog.State:
    with at_work(where, **how) as (walk, state):
        walk.begin("/")
        walk.run(tree)
    return state


def seen(where: Path) -> Counter[str]:
    parts = scanstore.parts_of(where)
    with engines.opened(where) as engine:
        files = ", ".join(f"'{one}'" for one in parts)
        rows = engine.rows(f"SELECT path FROM read_parquet([{files}])") if parts else []
    return Counter(path for (path,) in rows)


@pytest.fixture(autouse=True)
def small_parts(monkeypatch):
    monkeypatch.setattr(scanning, "ROWS", 3)


def test_every_file_is_told_once_with_what_is_known_of_it(tmp_path):
    state = scan(tmp_path / "scan", Tree())
    assert seen(tmp_path / "scan") == EXPECTED
    assert (state.done, state.files, state.unread, state.waiting) == (6, 8, {}, {})
    kept = walklog.replay(tmp_path / "scan" / scanstore.LOG)
    assert (kept.done, kept.files, kept.bytes, kept.waiting) == (6, 8, state.bytes, {})
    with engines.opened(tmp_path) as engine:
        rows = engine.rows(
            f"SELECT path, size, adler32, problem, said FROM read_parquet('{tmp_path}/scan/part-*.parquet')"
        )
    known = {row[0]: row[1:] for row in rows}
    assert known["/a/one"] == (None, 0, None, None)
    assert known["/a/deep/y"] == (1, 1, None, None)


def test_it_is_stopped_at_each_crossing_and_goes_on(tmp_path):
    counting = StoppingSeam()
    scan(tmp_path / "all", Tree(), seam=counting)
    assert len(counting.crossings) >= 6
    for at in range(1, len(counting.crossings) + 1):
        for when in When:
            where = tmp_path / f"{at}{when}"
            with pytest.raises(Stopped):
                scan(where, Tree(), seam=StoppingSeam(at, when))
            before = Tree()
            state = scan(where, before)
            assert seen(where) == EXPECTED, (at, when)
            assert state.files == 8
            assert len(before.asked) <= 6


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 10**6), rows=st.integers(1, 6), jobs=st.integers(1, 5))
def test_a_tree_of_any_form_stopped_again_and_again(tmp_path_factory, seed, rows, jobs):
    chance = random.Random(seed)
    tree = {"/": ([f"f{n}" for n in range(chance.randrange(3))], [])}
    for _ in range(chance.randrange(12)):
        above = chance.choice([*tree])
        name = f"d{len(tree)}"
        tree[above][1].append(name)
        tree[f"{above.rstrip('/')}/{name}"] = ([f"f{n}" for n in range(chance.randrange(4))], [])
    where = tmp_path_factory.mktemp("scan") / "scan"
    scanning.ROWS = rows
    for _ in range(3):
        try:
            scan(
                where,
                Tree(tree),
                jobs=jobs,
                seam=StoppingSeam(chance.randrange(1, 6), chance.choice([*When])),
            )
        except Stopped:
            continue
    state = scan(where, Tree(tree), jobs=jobs)
    expected = Counter(f"{above.rstrip('/')}/{name}" for above, (files, _) in tree.items() for name in files)
    assert seen(where) == expected
    assert (state.done, state.files) == (len(tree), expected.total())


def test_what_cannot_be_read_is_tried_again_and_then_told(tmp_path):
    denied = failed(PermissionRefused, "no")
    trouble = {
        "/a": [Unknown("?"), Unknown("?")],
        "/b/c": [denied] * 9,
        "/b/d": [failed(FileMissing, "gone")] * 9,
    }
    clock = SimulatedClock()
    began = clock.now()
    tree = Tree(trouble=trouble)
    state = scan(tmp_path / "scan", tree, clock=clock)
    assert {one.path: one.code for one in state.unread.values()} == {
        "/b/c/": PermissionRefused.code,
        "/b/d/": FileMissing.code,
    }
    assert seen(tmp_path / "scan") == EXPECTED - Counter(["/b/c/z"])
    assert scanstore.unread_of(tmp_path / "scan") == ("/b/c/", "/b/d/")
    assert tree.asked.count("/b/c") == 1 + len(scanning.AGAIN)
    assert clock.now() - began >= sum(scanning.AGAIN, timedelta())
    again = scan(tmp_path / "scan", Tree())
    assert not again.unread, "what goes on tries them once more"
    assert seen(tmp_path / "scan") == EXPECTED


def test_links_are_not_followed_and_pipes_are_no_files(tmp_path):
    class Linked(Tree):
        def _listing(self, directory):
            return Listing(
                ["f"], [1], [0], [NOT_TOLD], [], ["round"], {"pipe": "a pipe", "dang\nling": "a link"}
            )

    state = scan(tmp_path / "scan", Linked())
    assert [one.path for one in state.unread.values()] == ["/round/"]
    assert state.files == 1
    with engines.opened(tmp_path) as engine:
        rows = engine.rows(
            f"SELECT path, problem FROM read_parquet('{tmp_path}/scan/part-*.parquet') ORDER BY ALL"
        )
    assert rows == [("/dang\x1a0Aling", "a link"), ("/f", None), ("/pipe", "a pipe")]


def test_a_storage_that_goes_away_leaves_what_was_read(tmp_path):
    class Gone(Tree):
        def walk(self, following):
            for count, answer in enumerate(super().walk(following)):
                if count == 3:
                    raise EndpointUnreachable("away")
                yield answer

    with pytest.raises(EndpointUnreachable):
        scan(tmp_path / "scan", Gone())
    assert walklog.replay(tmp_path / "scan" / scanstore.LOG).done == 3
    rest = Tree()
    scan(tmp_path / "scan", rest)
    assert len(rest.asked) == 3
    assert seen(tmp_path / "scan") == EXPECTED


def test_no_more_is_asked_for_than_is_paid_for(tmp_path):
    clock = SimulatedClock()
    began = clock.now()
    scan(tmp_path / "one", Tree(), clock=clock, pace=Pace(entries=2))
    # 8 files and 5 directories below; those of the last one asked for are not waited for
    assert timedelta(seconds=5) <= clock.now() - began <= timedelta(seconds=6.5)
    began = clock.now()
    scan(tmp_path / "two", Tree(), clock=clock, pace=Pace(directories=1))
    assert timedelta(seconds=4) <= clock.now() - began <= timedelta(seconds=6)


def test_time_left_is_told_only_where_it_can_be():
    minute = timedelta(minutes=1)
    assert time_left(25, 100, minute) == 3 * minute
    assert time_left(0, 100, minute) is None
    assert time_left(100, 90, minute) is None
