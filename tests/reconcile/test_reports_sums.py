"""Sums of findings by the engine: nothing counted twice, nothing left out, as long as was asked for."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ddm.reconcile import engine as engines
from ddm.reconcile.kinds import DIFFERENCES, Kind
from ddm.reconcile.reports import Shares
from ddm.reconcile.reports_sums import DEEPEST, Sums, sums
from ddm.reconcile.verdicts import Standing
from tests.reconcile.reported import write_findings


def found(endpoint="eos", path="/a/x", kind=Kind.LOST, standing=Standing.CONFIRMED, run=7, size=5, **more):
    return {
        "endpoint": endpoint,
        "path": path,
        "kind": kind,
        "standing": standing,
        "run": run,
        "size": size,
    } | more


def summed(where: Path, rows: list[dict], top: int = 3, shown: int = 2) -> Sums:
    with engines.opened(where, engines.Bounds(memory_mb=200, threads=1)) as engine:
        write_findings(engine, engine.directory, rows)
        return sums(engine, engine.directory, top, shown)


rows = st.lists(
    st.builds(
        found,
        endpoint=st.sampled_from(["eos", "castor"]),
        path=st.lists(st.sampled_from(["a", "b", "c\n", "", "<", "é'"]), min_size=1, max_size=4).map(
            lambda names: "/" + "/".join(names)
        ),
        kind=st.sampled_from(Kind),
        standing=st.sampled_from(Standing),
        run=st.sampled_from([None, 1, 2, 3, 4, 5]),
        size=st.sampled_from([None, 0, 3]),
        seen_size=st.sampled_from([None, 7]),
    ),
    max_size=30,
)


def _bytes(row):
    return next((row[key] for key in ("seen_size", "size") if row[key] is not None), 0)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=rows, top=st.integers(1, 4))
def test_every_difference_is_in_one_share_and_the_largest_are_told(tmp_path, rows, top):
    done = summed(tmp_path, rows, top)
    differences = [row for row in rows if row["kind"] in DIFFERENCES]
    _each_once(done.runs, differences, top)
    _each_once(done.directories, differences, top)
    runs = Counter(row["run"] for row in differences if row["run"] is not None)
    assert done.runs.groups == len(runs)
    assert {one.of: one.amount.places for one in done.runs.largest}.items() <= runs.items()
    assert sorted(runs.values(), reverse=True)[:top] == [one.amount.places for one in done.runs.largest]
    _below(done.directories, differences, top)


def _each_once(shares: Shares, differences: list[dict], top: int) -> None:
    every = (*shares.largest, *shares.rest, *shares.unknown)
    assert len(shares.largest) <= top
    assert sum(one.amount.places for one in every) == len(differences)
    assert sum(one.amount.bytes for one in every) == sum(map(_bytes, differences))
    assert sum(one.confirmed for one in every) == sum(row["standing"] == "confirmed" for row in differences)
    kinds = sum((Counter(one.kinds) for one in every), Counter())
    assert kinds == Counter(row["kind"] for row in differences)
    sizes = [one.amount.places for one in shares.largest]
    assert sizes == sorted(sizes, reverse=True)


def _below(shares: Shares, differences: list[dict], top: int) -> None:
    """A directory has what is in it and below, but for what has a line of its own."""
    mine: Counter = Counter()
    lines = {(one.endpoint, one.of) for one in shares.largest}
    for row in differences:
        path, endpoint = row["path"], row["endpoint"]
        above = [(endpoint, path[: n + 1]) for n, letter in enumerate(path) if letter == "/"]
        mine[next((one for one in reversed(above) if one in lines), None)] += 1
    assert {(one.endpoint, one.of): one.amount.places for one in shares.largest} == {
        line: mine[line] for line in lines
    }
    assert sum(one.amount.places for one in shares.rest) == mine[None]
    if shares.groups <= top:
        assert not shares.rest  # each directory has its line
    else:
        assert all(one.amount.places * top >= len(differences) for one in shares.largest)


def test_a_tree_that_is_gone_is_one_line(tmp_path):
    gone = [found(path=f"/data/2016/run-{n}/{m}") for n in range(20) for m in range(3)]
    dark = [found("castor", f"/scratch/{n}/x", Kind.DARK, Standing.SEEN_ONCE, None) for n in range(30)]
    shares = summed(tmp_path, [*gone, *dark], top=4).directories
    told = [(one.endpoint, one.of, one.amount.places, one.confirmed) for one in shares.largest]
    assert told == [("eos", "/data/2016/", 60, 60), ("castor", "/scratch/", 30, 0)]
    assert shares.groups == 50


def test_a_name_of_a_thousand_levels_does_not_take_a_thousand_statements(tmp_path):
    deep = found(path="/" + "a/" * 1000 + "x")
    (line,) = summed(tmp_path, [deep]).directories.largest
    assert line.of == "/" + "a/" * (DEEPEST - 1)


def test_of_each_kind_some_are_told_the_confirmed_ones_first(tmp_path):
    rows = [
        found(path="/small", size=1),
        found(path="/large", size=9),
        found(path="/middle", size=5),
        found(path="/once", size=99, standing=Standing.SEEN_ONCE),
        found("castor", "/a:b/x", Kind.WRONG_PLACE, other="eos:/a:b/y", said="moved"),
        found("castor", "/u", Kind.UNREADABLE, standing=Standing.NOTHING, first_seen="2026-11-30 05:00:00"),
    ]
    told = summed(tmp_path, rows).examples
    assert [one.path for one in told if one.kind is Kind.LOST] == ["/large", "/middle"]
    (wrong,) = (one for one in told if one.kind is Kind.WRONG_PLACE)
    assert (wrong.endpoint, wrong.other, wrong.said) == ("castor", "eos:/a:b/y", "moved")
    (unread,) = (one for one in told if one.kind is Kind.UNREADABLE)
    assert unread.standing is Standing.NOTHING
    assert unread.first_seen.isoformat() == "2026-11-30T05:00:00+00:00"


@pytest.mark.parametrize("rows", [[], [found(kind=Kind.IN_FLIGHT)]])
def test_where_nothing_differs_nothing_is_summed(tmp_path, rows):
    done = summed(tmp_path, rows)
    for shares in (done.runs, done.directories):
        assert shares.largest == shares.rest == shares.unknown == ()
        assert shares.groups == 0
