"""Repairs on real XRootD servers: every kind of difference really made, found twice, planned, signed, and
done while we and the server are killed."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from catalog.states import RepairAct, RepairState
from ddm.operations import repairing
from ddm.operations.repairing import Applied
from ddm.steps import debris
from tests.fixtures_xrootd import eos_server
from tests.reconcile.realrepairs import DAY, RealPlace, content, raw
from transfers.testing.xrootd import XRootDServer
from transfers.testing.xrootd_disk import DiskServer

__all__ = ["eos_server"]
pytestmark = [pytest.mark.xrootd, pytest.mark.timeout(900)]

LOST, SHORT, OTHER, MOVED, TAPE_ONLY, DISK_ONLY, BACK = (raw(number) for number in range(7))
WELL = {raw(number) for number in range(7, 12)}
TAPED = (4, 5, 10, 11)
DARK, ADOPTED, KEPT = "/somebody/file.root", "/raw/W14/cdr11500-275678.raw", "/somebody/else.root"
ELSEWHERE = f"/raw/W15/{MOVED.rpartition('/')[2]}"
OLD, YOUNG = "/raw/W14/.ddm-host-1-2-3.part", "/raw/W14/.ddm-host-1-2-4.part"
LINES = 12


@pytest.fixture
def place(eos_server: XRootDServer, tmp_path: Path) -> Iterator[RealPlace]:
    with DiskServer.start() as server:
        place = RealPlace(tmp_path, server, eos_server, 12, TAPED)
        yield place
        place.app.close()


def planned(place: RealPlace) -> tuple[Path, str, str]:
    """A signed plan of every kind; gives where an attempt left something, and a withdrawn part of a merge."""
    assert place.look() == {}
    place.at(BACK).unlink()
    place.put(OLD)
    left = place.debris()
    place.look()
    assert place.look()[f"disk:{BACK}"] == ("lost", "confirmed")
    done = repairing.apply(place.app, place.signed("first.txt"))
    assert {(one.act, one.files) for one in done.shown.amounts} == {(RepairAct.LOST, 1)}, "debris is young"
    place.put(BACK)
    place.at(LOST).unlink()
    place.put(SHORT, b"x")
    place.put(OTHER, content(OTHER)[:-1] + b"!")
    place.app.storages["disk"].prober.probe([OTHER])  # the server sums what is there now, and lists that
    place.rename(MOVED, ELSEWHERE)
    place.at(TAPE_ONLY).unlink()
    place.forget_tape(DISK_ONLY)
    stale = place.stale()
    for path in (DARK, ADOPTED, KEPT, YOUNG):
        place.put(path)
    place.clock.sleep(15 * DAY)
    seen = place.look()
    assert {standing for kind, standing in seen.values() if kind != "debris"} == {"seen once"}
    confirmed = place.look()
    kinds = {
        LOST: "lost", SHORT: "size differs", OTHER: "checksum differs", MOVED: "wrong place",
        ELSEWHERE: "wrong place", TAPE_ONLY: "on tape only", BACK: "returned", stale: "stale merge part",
        OLD: "debris", YOUNG: "debris", left: "debris", DARK: "dark", ADOPTED: "dark", KEPT: "dark",
    }  # fmt: skip
    wanted = {f"disk:{path}": (kind, "confirmed") for path, kind in kinds.items()}
    assert confirmed == wanted | {f"tape:{DISK_ONLY}": ("on disk only", "confirmed")}
    file = place.signed("plan.txt", **{DARK: "trash", ADOPTED: "adopt", stale: "trash"})
    assert f"# trash\tdisk\t{YOUNG}" in file.read_text()
    return file, left, stale


def with_the_server_killed(place: RealPlace, file: Path, monkeypatch: pytest.MonkeyPatch) -> Applied:
    """The server dies after the first page of two lines."""
    monkeypatch.setattr(repairing, "AT_ONCE", 2)
    app = place.today()
    try:
        return repairing.apply(app, file, lambda lines: place.server.kill())
    finally:
        app.close()
        place.server.restart()


def killing(place: RealPlace, file: Path, kills: int, seed: int) -> subprocess.Popen[str]:
    words = [str(place.root), str(file), str(kills), str(seed)]
    command = [sys.executable, "-m", "tests.reconcile.killing_repairs", *words]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def done(place: RealPlace, file: Path) -> Applied:
    """The rest of it, by somebody whom nothing happens to."""
    app = place.today()
    try:
        return repairing.apply(app, file)
    finally:
        app.close()


def judge(place: RealPlace, applied: Applied, left: str, stale: str, before: dict[str, bytes]) -> None:
    """Everything ended as the how-to says, nothing is lost, and neighbours are as they were."""
    assert applied.shown.plan.state is RepairState.DONE, applied
    outcomes = [(str(one.outcome), one.files) for one in applied.shown.amounts]
    assert sum(files for _, files in outcomes) == LINES
    assert {outcome for outcome, _ in outcomes} == {"done"}, applied.shown.lines
    assert [one.lfn for one in applied.shown.redo] == [LOST]
    assert place.disk() == before, "apply itself touches no file"
    place.flow()
    states = place.states()
    good = {f"disk:{path}" for path in WELL | {BACK, ELSEWHERE, ADOPTED, DISK_ONLY}}
    good |= {f"tape:{raw(number)}" for number in TAPED}
    bad = {
        f"disk:{SHORT}": "BAD",
        f"disk:{OTHER}": "BAD",
        f"disk:{LOST}": "LOST",
        f"disk:{TAPE_ONLY}": "LOST",
    }
    assert states == dict.fromkeys(good, "AVAILABLE") | bad
    assert place.is_on_tape(DISK_ONLY), "it is written there again"
    with place.app.catalog.read() as conn:
        assert conn.exec_driver_sql("SELECT count(*) FROM campaign WHERE name = 'repair 2'").scalar() == 1
    late = place.today(timedelta(days=30))
    try:
        while debris.remove(late):
            pass
    finally:
        late.close()
    gone = {OLD, left, stale, DARK}
    assert place.disk() == {path: data for path, data in before.items() if path not in gone}


def test_every_kind_is_repaired_while_we_and_the_server_are_killed(
    place: RealPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, left, stale = planned(place)
    before, states = place.disk(), place.states()
    applied = with_the_server_killed(place, file, monkeypatch)
    assert "wait for a storage to answer" in applied.stopped
    assert applied.left >= LINES - 4
    assert not any(one.outcome and one.outcome.strange for one in applied.shown.amounts)
    gone = {path for path, state in place.states().items() if state == "LOST" and states[path] != "LOST"}
    assert gone == set(), "a server that is away has lost nothing"
    child = killing(place, file, 4, seed=1)
    assert int(child.communicate(timeout=300)[0].split()[-1]) >= 2
    judge(place, done(place, file), left, stale, before)


@pytest.mark.nightly
@pytest.mark.parametrize("seed", range(5))
def test_storms_of_kills_of_both(place: RealPlace, seed: int) -> None:
    file, left, stale = planned(place)
    before = place.disk()
    child = killing(place, file, 60, seed)
    while child.poll() is None:
        time.sleep(0.5 + seed / 10)
        place.server.kill()
        time.sleep(0.3)
        place.server.restart()
    assert int(child.communicate()[0].split()[-1]) >= 3
    judge(place, done(place, file), left, stale, before)
