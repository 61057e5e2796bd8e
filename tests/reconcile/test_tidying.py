"""Old lists go, and nothing else: not what may still confirm, what a plan is of, what is held, or unknown."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import tempfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.db import comparisons, scans
from catalog.db.engine import Catalog
from catalog.db.tidying import Look
from catalog.errors import BadInput, CatalogBusy, IllegalTransition
from ddm.operations import compared, proposing, reconcilereport, scanning, tidying
from ddm.operations.compared import Which
from ddm.operations.proposing import Wish
from ddm.operations.tidying import Tidied
from ddm.reconcile import engine, scanstore, scratchdirs, tidiness
from ddm.reconcile.kinds import Kind
from ddm.reconcile.verdicts import Limits, Looked, Standing, between, earlier_of
from ddm.testing.crash import Stopped, StoppingSeam, When
from tests.reconcile.test_comparing import DAY, Calm

ONE = timedelta(seconds=1)
OLD = tuple((what, number) for what in ("scan", "comparison") for number in (1, 2))


@pytest.fixture
def calm(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    calm = Calm(tmp_path)
    yield calm
    calm.app.close()


def looks(calm: Calm, many: int) -> None:
    """One file is gone, and seen to be so each other day."""
    calm.tape.pop(calm.paths[0], None)
    for _ in range(many):
        calm.look()
        calm.pass_(2 * DAY)


def plan(calm: Calm, keep: int = 1, older: timedelta = ONE) -> Tidied:
    return tidying.plan(calm.app.catalog, calm.app.settings, keep, older)


def tidy(calm: Calm, keep: int = 1, older: timedelta = ONE) -> Tidied:
    return tidying.tidy(calm.app.catalog, calm.app.settings, keep, older)


def going(done: Tidied) -> set[tuple[str, int]]:
    return {(one.what, one.number) for one in done.going}


def tree(calm: Calm) -> set[Path]:
    return set(calm.app.settings.reconcile.directory.rglob("*"))


def test_all_but_the_newest_goes_and_the_numbers_stay(calm):
    looks(calm, 4)
    before = tree(calm)
    shown = plan(calm)
    assert going(shown) == {*OLD, ("scan", 3)}  # the last scan may be compared anew, with what confirmed it
    assert shown.size == sum(path.stat().st_size for path in before if path.is_file() and _old(path))
    assert (tree(calm), shown.acted) == (before, False)
    assert going(plan(calm, keep=4)) == going(plan(calm, older=9 * DAY)) == set()
    assert going(plan(calm, older=7 * DAY)) == {("scan", 1)}  # scan 2 stays, and what confirmed it
    done = tidy(calm)
    assert (len(done.removed), done.notes) == (5, ())
    assert tree(calm) == {path for path in before if not _old(path)}
    report = reconcilereport.report(calm.app.catalog, calm.app.settings, None, last=9, top=5)
    assert [point.comparison for point in report.trends[0].points] == [1, 2, 3, 4]
    assert {point.places(Kind.LOST) for point in report.trends[0].points} == {1}
    assert going(tidy(calm)) == set()
    assert set(calm.look().values()) == {(Kind.LOST, Standing.CONFIRMED)}
    assert calm.done.scans[0].earlier_comparison == 4


def _old(path: Path) -> bool:
    return bool({f"{what}-00000{number}" for what, number in (*OLD, ("scan", 3))} & set(path.parts))


def test_whoever_asks_for_what_is_gone_is_told_so(calm, tmp_path):
    looks(calm, 3)
    tidy(calm)
    catalog, settings = calm.app.catalog, calm.app.settings
    shown = compared.show(catalog, settings, 1, Which(), 9)
    assert (shown.findings, shown.counts != ()) == ((), True)
    words = "findings were removed .* by"
    assert "its numbers are kept" in shown.comparison.gone
    with pytest.raises(BadInput, match=words):
        compared.stream(catalog, settings, 1, Which())
    with pytest.raises(IllegalTransition, match=words):
        reconcilereport.report(catalog, settings, 1, last=9, top=5)
    with pytest.raises(IllegalTransition, match=words):
        proposing.plan(calm.app, Wish(comparison=1), tmp_path / "plan.txt")
    with pytest.raises(BadInput, match=words):
        calm.compare(3, earlier=1, again=True)
    with pytest.raises(BadInput, match="its lists were removed"):
        calm.compare(1)
    (place,) = compared.explain(catalog, settings, f"tape:{calm.paths[0]}")
    assert [bool(look.trouble) for look in place.looks] == [False, False, True]
    assert scanning.show(catalog, settings, 1, 9).problems == ()


def test_what_may_still_confirm_stays_whatever_is_asked(calm):
    looks(calm, 2)
    calm.look()  # what comes at once after it cannot be confirmed by it, and needs an older one
    assert ("comparison", 2) not in going(plan(calm))
    why = {(one.what, one.number): one.why for one in plan(calm).entries}
    assert why["comparison", 2] == "a later one may be confirmed by it"
    tidy(calm)
    assert set(calm.look().values()) == {(Kind.LOST, Standing.CONFIRMED)}
    assert calm.done.scans[0].earlier_comparison == 2


def test_what_a_plan_that_is_not_at_its_end_is_of_stays(calm, tmp_path):
    looks(calm, 1)
    proposing.plan(calm.app, Wish(), tmp_path / "plan.txt")
    looks(calm, 3)
    assert going(plan(calm)) == {("scan", 2), ("scan", 3), ("comparison", 2)}
    assert {one.why for one in plan(calm).entries if one.number == 1} == {"plan 1 is PLANNED"}


def test_scans_that_are_made_or_can_be_gone_on_with_stay(calm):
    looks(calm, 2)
    with scanstore.held(calm.app.settings, scanning.begin(calm.app, "tape", "/")):
        calm.pass_(DAY)
        assert going(tidy(calm)) == {("scan", 1)}
    assert {one.why for one in plan(calm).entries if one.number == 3} == {"it is GOING"}
    with calm.app.catalog.exclusive("reconcile-compare"), pytest.raises(CatalogBusy):
        tidy(calm)


def test_only_what_our_records_name_goes(calm):
    looks(calm, 3)
    root = calm.app.settings.reconcile.directory
    mine = [root / "scan-000001" / name for name in ("notes.txt", "part-000009.parquet", "before/mine")]
    for path in mine:
        path.write_text("mine")
    (root / "scan-000002/scan.json").write_text('{"scan": 2, "by": "another"}')
    (root / "comparison-000001/comparison.json").unlink()
    others = {path for path in tree(calm) if {"scan-000002", "comparison-000001"} & set(path.parts)}
    done = tidy(calm)
    assert len(done.notes) == 1
    assert "are not ours and stay" in done.notes[0]
    assert all(path.read_text() == "mine" for path in mine)
    assert {path for path in tree(calm) if "scan-000001" in path.parts and path.is_file()} == set(mine)
    assert others <= tree(calm)
    assert "remove it by hand" in {(one.what, one.number): one.why for one in done.entries}["scan", 2]
    assert going(tidy(calm)) == set()


def test_a_removal_that_is_killed_anywhere_is_gone_on_with(calm):
    looks(calm, 3)
    url, settings = calm.app.settings.catalog, calm.app.settings
    for at in range(1, 30):
        with Catalog(url, clock=calm.world.clock, seam=StoppingSeam(at, list(When)[at % 2])) as catalog:
            try:
                tidying.tidy(catalog, settings, 1, ONE)
            except Stopped:
                pass
            else:
                break
        with calm.app.catalog.read() as conn:
            rows = [comparisons.one(conn, number) for number in (1, 2, 3)]
            seen = [scans.one(conn, number) for number in (1, 2, 3)]
        for row in rows:
            assert row.gone or len(calm.of(row.id)) == 1  # whole, or nobody reads it
        assert all(one.tidied_at or len(list(tree_of(calm, one.directory))) >= 5 for one in seen)
    else:
        pytest.fail("it never comes to an end")
    assert at > 4
    left = {path.name for path in settings.reconcile.directory.iterdir()}
    assert left == {"scan-000003", "comparison-000002", "comparison-000003"}


def tree_of(calm: Calm, name: str) -> set[Path]:
    return set((calm.app.settings.reconcile.directory / name).rglob("*"))


# ------------------------------------------------------------------------------------- what may still confirm
NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
ROOTS = st.sampled_from(["/", "/a/", "/a/b/", "/c/"])
HOURS = st.integers(0, 240)
LOOKS = st.lists(st.tuples(ROOTS, HOURS, st.booleans(), st.booleans()), max_size=8)


@given(LOOKS, ROOTS, HOURS)
def test_what_comes_later_is_confirmed_by_the_same_whether_old_ones_were_tidied_or_not(drawn, root, after):
    made = [
        Look(n, n, 1, where, NOON + timedelta(hours=at), NOON + timedelta(hours=at + 1), *flags)
        for n, (where, at, *flags) in enumerate(drawn, 1)
    ]
    now, limits = NOON + timedelta(hours=245), Limits()
    needed = tidiness.confirming(made, [], limits, now)
    left = [look if look.comparison in needed else replace(look, tidied=True) for look in made]
    begun = now + timedelta(hours=after)
    scan = Looked(0, 0, root, begun, begun)
    seen = [tidiness.usable(looks) for looks in (made, left)]
    before, later = (earlier_of(scan, known, limits) for known in seen)
    assert before == later
    if before is not None:
        assert between(before, scan, seen[0]) == between(before, scan, seen[1])


# --------------------------------------------------------------------------------------------------- scratch
KILLED = """
import os, signal, sys
from pathlib import Path
from ddm.reconcile import engine
with engine.opened(Path(sys.argv[1])) as one:
    one.do("CREATE TABLE t AS SELECT * FROM range(100)")
    (one.directory / "deep").mkdir()
    (one.directory / "deep" / "text").write_text("x" * 1000)
    if sys.argv[2] == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    print(one.directory, flush=True)
    sys.stdin.read()
"""


def test_scratch_of_a_killed_process_goes_and_that_of_a_living_one_stays(calm):
    root = calm.app.settings.reconcile.directory
    root.mkdir()
    program = [sys.executable, "-c", KILLED, str(root)]
    assert subprocess.run([*program, "kill"]).returncode == -signal.SIGKILL
    other = root / "ddm-compare-of-before"
    other.mkdir()
    (root / "ddm-compare-link").symlink_to(other)
    living = subprocess.Popen([*program, "live"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        held = Path(living.stdout.readline().strip())
        shown = plan(calm)
        (killed,) = (left for left in shown.scratch if not left.why)
        assert killed.size > 1000
        assert {left.directory for left in shown.scratch} == {killed.directory, other}
        assert shown.size == killed.size
        assert tidy(calm).removed == (killed.directory,)
        assert not killed.directory.exists()
        assert (held / "deep/text").is_file()
        assert other.is_dir()
        assert not scratchdirs.remove(scratchdirs.Left(held, 0, ""))
    finally:
        living.communicate("")
    assert (living.returncode, held.exists()) == (0, False)


def test_scratch_is_looked_at_again_before_it_goes(calm):
    root = calm.app.settings.reconcile.directory
    root.mkdir()
    with engine.opened(root) as mine:
        assert plan(calm).scratch == ()
        assert not scratchdirs.remove(scratchdirs.Left(mine.directory, 0, ""))
        assert mine.number("SELECT 1") == 1
    assert list(root.iterdir()) == []
    left = root / "ddm-compare-left"
    left.mkdir()
    (left / scratchdirs.HOLD).touch()
    (found,) = plan(calm).scratch
    with open(left / scratchdirs.HOLD) as hold:
        fcntl.flock(hold, fcntl.LOCK_EX)
        assert not scratchdirs.remove(found)
    assert scratchdirs.remove(found)
    assert os.listdir(root) == []
