"""What comparisons declare, and what they never do: in a world where only the test and the clock move."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from catalog.checksum import Adler32
from catalog.db import comparisons
from catalog.db.comparisons import Comparison
from catalog.db.engine import Catalog
from catalog.db.move import Why, move
from catalog.errors import BadInput, CatalogBusy, IllegalTransition
from catalog.states import REPLICA, ComparisonState
from ddm.app import App
from ddm.operations import comparing, reconciling, scandumps, scanning
from ddm.reconcile import run
from ddm.reconcile.findings import Finding
from ddm.reconcile.kinds import Kind
from ddm.reconcile.verdicts import Standing
from ddm.testing.crash import Stopped, StoppingSeam, When
from ddm.testing.world import World

K, S = Kind, Standing
DAY = timedelta(days=1)


class Calm:
    """Twelve raw files on tape, and nothing else."""

    def __init__(self, root: Path) -> None:
        self.world = World(root, runs=2, chunks=6)
        self.settings(directory=root / "reconcile")
        self.app: App = self.world.open()
        self.world.register(self.app)
        self.paths = [file.lfn for file in self.world.raw]
        self.tape = self.world.tape.library.files
        self.pass_(2 * DAY)

    def settings(self, **values: object) -> None:
        ours = replace(self.world.settings.reconcile, **values)  # type: ignore[arg-type]
        self.world.settings = replace(self.world.settings, reconcile=ours)
        if hasattr(self, "app"):
            self.app.settings = self.world.settings

    def write(self, path: str, *, size: int | None = None, adler32: int | None = None) -> None:
        """Other bytes take the place of a file, behind everybody's back."""
        was = self.tape[path]
        del self.tape[path]
        now = Adler32(was.adler32 if adler32 is None else adler32)
        self.world.tape.seed_tape([(path, was.size if size is None else size, now)], tape="V1")

    def pass_(self, time: timedelta) -> None:
        self.world.clock.sleep(time)

    def scan(self, path: str = "/") -> int:
        number = reconciling.scan(self.app, "tape", path).id
        self.pass_(timedelta(minutes=1))
        return number

    def dump(self, *lines: str, end: str = "\n", at: timedelta = timedelta(0)) -> int:
        """A dump that was made so long ago; lines take the place of those of the storage."""
        path = self.world.settings.root / "tape.csv"
        path.write_text("\n".join(["path,size,adler32", *(lines or self.lines())]) + end)
        made = self.world.clock.now() - at
        found = scandumps.dump(self.app, "tape", path, prefix="/", made=(made, made))
        row = scandumps.begin(self.app, "tape", "/", found, anew=True)
        return scandumps.read(self.app, row, found).id

    def lines(self) -> list[str]:
        return [f"{path},{one.size},{one.adler32}" for path, one in sorted(self.tape.items())]

    def compare(self, *numbers: int, **options: object) -> dict[str, tuple[Kind, Standing]]:
        self.done = comparing.compare(self.app.catalog, self.app.settings, numbers, **options)  # type: ignore[arg-type]
        self.findings = list(self.of(self.done.comparison.id))
        return {one.path: (one.kind, one.standing) for one in self.findings}

    def of(self, number: int) -> list[Finding]:
        return list(reconciling.findings(self.app.catalog, self.app.settings, number))

    def move(self, found: Finding, event: str, **also: object) -> None:
        """Something happens to a copy."""
        assert found.replica_id is not None
        with self.app.catalog.begin() as conn:
            why = Why(self.world.clock.now(), "test", "because")
            assert move(conn, REPLICA, [found.replica_id], event, why, **also) == [found.replica_id]

    def directory(self, one: Comparison) -> Path:
        return self.app.settings.reconcile.directory / one.directory

    def compared(self) -> list[Comparison]:
        with self.app.catalog.read() as conn:
            return comparisons.listing(conn, 99)

    def stopped(self, seam: StoppingSeam, number: int) -> list[str]:
        """Compare anew in a program with this seam; gives what it crossed."""
        url = self.app.settings.catalog
        with Catalog(url, clock=self.world.clock, seam=seam) as catalog:
            comparing.compare(catalog, self.app.settings, [number], again=True)
        return seam.crossings

    def look(self, path: str = "/") -> dict[str, tuple[Kind, Standing]]:
        return self.compare(self.scan(path))

    def remarks(self) -> str:
        return " | ".join(remark for one in self.done.scans for remark in one.remarks)


@pytest.fixture
def calm(tmp_path):
    calm = Calm(tmp_path)
    yield calm
    calm.app.close()


def test_a_difference_is_confirmed_by_a_second_scan_a_day_later_and_not_sooner(calm):
    gone, other, rotten = calm.paths[:3]
    del calm.tape[gone]
    calm.write(other, size=calm.tape[other].size + 1)
    calm.write(rotten, adler32=calm.tape[rotten].adler32 ^ 1)
    calm.world.tape.put("/strange", 5, Adler32(5))
    kinds = {gone: K.LOST, other: K.SIZE, rotten: K.CHECKSUM, "/strange": K.DARK}
    begun = calm.world.clock.now()
    assert calm.look() == {path: (kind, S.SEEN_ONCE) for path, kind in kinds.items()}
    assert "nothing is confirmed" in calm.remarks()
    calm.pass_(DAY / 2)
    assert calm.look() == {path: (kind, S.SEEN_ONCE) for path, kind in kinds.items()}
    calm.pass_(DAY / 2)
    assert calm.look() == {path: (kind, S.CONFIRMED) for path, kind in kinds.items()}
    assert {one.first_seen for one in calm.findings} == {begun}
    assert [one.earlier_comparison for one in calm.done.scans] == [1]
    (lost,) = (one for one in calm.findings if one.kind is K.LOST)
    raw = calm.world.raw[0]
    assert (lost.lfn, lost.run, lost.dataset, lost.size, lost.expected, lost.present) == (
        raw.lfn, raw.run, "2016/W14", raw.size, True, False,
    )  # fmt: skip


def test_the_same_scans_say_nothing_new(calm):
    del calm.tape[calm.paths[0]]
    first = calm.scan()
    assert set(calm.compare(first).values()) == {(K.LOST, S.SEEN_ONCE)}
    one = calm.done
    calm.pass_(9 * DAY)
    assert set(calm.compare(first).values()) == {(K.LOST, S.SEEN_ONCE)}
    assert calm.done == replace(one, new=False)
    assert set(calm.compare(first, again=True).values()) == {(K.LOST, S.SEEN_ONCE)}
    assert calm.done.comparison.id == 2


def test_what_comes_and_goes_is_not_confirmed(calm):
    raw = calm.world.raw[0]
    del calm.tape[raw.lfn]
    calm.look()
    calm.pass_(2 * DAY)
    calm.world.tape.seed_tape([(raw.lfn, raw.size, raw.adler32)], tape="V1")
    assert calm.look() == {}
    calm.pass_(DAY / 4)
    del calm.tape[raw.lfn]
    assert calm.look() == {raw.lfn: (K.LOST, S.SEEN_ONCE)}  # the first look said so too, the second did not
    calm.pass_(2 * DAY)
    assert calm.look() == {raw.lfn: (K.LOST, S.CONFIRMED)}


def test_what_somebody_writes_anew_each_day_is_not_confirmed(calm):
    for size in (5, 6, 7):
        calm.tape.pop("/strange", None)
        calm.world.tape.put("/strange", size, Adler32(size))
        assert calm.look() == {"/strange": (K.DARK, S.SEEN_ONCE)}
        calm.pass_(2 * DAY)


def test_a_copy_that_something_happened_to_in_between_is_seen_once(calm):
    del calm.tape[calm.paths[0]]
    calm.look()
    (lost,) = calm.findings
    calm.pass_(DAY)
    calm.move(lost, "verified", verified_at=calm.world.clock.now(), verified_how="test")
    assert set(calm.look().values()) == {(K.LOST, S.SEEN_ONCE)}
    calm.pass_(2 * DAY)
    assert set(calm.look().values()) == {(K.LOST, S.CONFIRMED)}


def test_a_scan_that_a_person_does_not_believe_confirms_nothing(calm):
    del calm.tape[calm.paths[0]]
    calm.look()
    calm.pass_(2 * DAY)
    scanning.disbelieve(calm.app.catalog, 1, "the robot was in service")
    assert set(calm.look().values()) == {(K.LOST, S.SEEN_ONCE)}
    with pytest.raises(BadInput, match="confirms nothing: scan 1 of tape is not believed: the robot"):
        calm.compare(2, earlier=1)
    with calm.app.catalog.read() as conn:
        assert comparisons.usable(conn, 1) == ("scan 1 of tape is not believed: the robot was in service",)
        assert comparisons.usable(conn, 2) == ()


def test_only_the_comparison_that_is_named_may_confirm(calm):
    del calm.tape[calm.paths[0]]
    calm.look()
    calm.pass_(2 * DAY)
    calm.look()
    calm.pass_(timedelta(hours=1))
    number = calm.scan()
    assert set(calm.compare(number).values()) == {(K.LOST, S.CONFIRMED)}
    assert set(calm.compare(number, earlier=2).values()) == {(K.LOST, S.SEEN_ONCE)}  # too soon after it


def test_the_brake_holds_back_until_a_person_says_that_it_is_so(calm):
    calm.settings(brake_files=2)
    for path in calm.paths[:3]:
        del calm.tape[path]
    calm.world.tape.put("/strange", 5, Adler32(5))
    calm.look()
    assert [calm.compare(1)[path] for path in (calm.paths[0], "/strange")] == [
        (K.LOST, S.BRAKED),
        (K.DARK, S.SEEN_ONCE),
    ]
    assert "3 of 12 missing: more than 2.0%" in calm.remarks()
    calm.pass_(2 * DAY)
    number = calm.scan()
    reasons = {"tape": "a box of tapes fell into water"}
    found = calm.compare(number, accepted=reasons)
    assert found[calm.paths[0]] == (K.LOST, S.SEEN_ONCE)  # what was braked confirms nothing
    assert found["/strange"] == (K.DARK, S.CONFIRMED)
    assert calm.done.scans[0].accepted == reasons["tape"]
    calm.pass_(2 * DAY)
    assert calm.compare(calm.scan(), accepted=reasons)[calm.paths[0]] == (K.LOST, S.CONFIRMED)
    with pytest.raises(BadInput, match="known: tape"):
        calm.compare(number, accepted={"disk": "x"})


# ------------------------------------------------------------------------------------ lists of somebody else
def test_a_list_that_is_cut_off_declares_nothing(calm):
    del calm.tape[calm.paths[0]]
    calm.world.tape.put("/strange", 5, Adler32(5))
    calm.look()
    calm.pass_(2 * DAY)
    number = calm.dump(*calm.lines(), end="")
    assert calm.compare(number) == {calm.paths[0]: (K.LOST, S.NOT_WHOLE), "/strange": (K.DARK, S.NOT_WHOLE)}
    scanning.disbelieve(calm.app.catalog, 1, "so that only the other is left")
    with pytest.raises(BadInput, match="it is not whole"):
        calm.compare()


def test_lines_that_nobody_can_read_speak_of_what_they_may_be_about(calm):
    one, other = calm.paths[0], calm.paths[7]
    for path in (one, other):
        del calm.tape[path]
    calm.look()
    calm.pass_(2 * DAY)
    warning = "WARNING - no answer - asking once more,,"
    assert set(calm.compare(calm.dump(*calm.lines(), warning)).values()) == {(K.LOST, S.CONFIRMED)}
    assert "1 lines do not say of which file" in calm.remarks()
    calm.pass_(2 * DAY)
    cut = one[-18:]  # of the end of a line that begins somewhere in the middle of its name
    found = calm.compare(calm.dump(*calm.lines(), f"{cut},{10},00000001"))
    assert found[one] == (K.LOST, S.NOT_WHOLE)


def test_lines_of_another_place_may_be_the_same_files_under_another_name(calm):
    calm.settings(outside=20)
    one, other = calm.paths[0], calm.paths[7]
    for path in (one, other):
        del calm.tape[path]
    calm.look()
    calm.pass_(2 * DAY)
    path = calm.world.settings.root / "strange.csv"
    lines = [f"/all{line}" for line in calm.lines()] + [f"/alias{one},10,00000001"]
    path.write_text("\n".join(["path,size,adler32", *lines]) + "\n")
    now = calm.world.clock.now()
    found = scandumps.dump(calm.app, "tape", path, prefix="/all", made=(now, now))
    row = scandumps.read(calm.app, scandumps.begin(calm.app, "tape", "/", found), found)
    assert calm.compare(row.id) == {one: (K.LOST, S.NOT_WHOLE), other: (K.LOST, S.CONFIRMED)}


def test_what_the_catalogue_did_since_a_dump_was_begun_explains_itself(calm):
    gone, moved = calm.paths[:2]
    lines = [line for line in calm.lines() if gone not in line and moved not in line]
    calm.pass_(DAY)
    number = calm.dump(*lines, at=DAY)
    assert set(calm.compare(number).values()) == {(K.LOST, S.SEEN_ONCE)}
    (one,) = (found for found in calm.findings if found.path == moved)
    calm.move(one, "verified", verified_at=calm.world.clock.now(), verified_how="test")
    number = calm.dump(*lines, at=DAY)
    assert calm.compare(number) == {gone: (K.LOST, S.SEEN_ONCE), moved: (K.IN_FLIGHT, S.NOTHING)}
    (one,) = (found for found in calm.findings if found.path == moved)
    assert "UNVERIFIED before, AVAILABLE since" in one.said or one.said.startswith("AVAILABLE since")


def test_a_dump_may_be_as_old_as_the_window_and_the_copies_that_are_younger_are_in_flight(calm):
    lines = [line for line in calm.lines() if calm.paths[1] not in line]
    found = calm.compare(calm.dump(*lines, at=2 * DAY + timedelta(minutes=5)))  # before all was registered
    assert found == {calm.paths[1]: (K.IN_FLIGHT, S.NOTHING)}
    number = calm.dump(*lines, at=DAY)
    calm.pass_(30 * DAY)
    with pytest.raises(BadInput, match="older than 30 days"):
        calm.compare(number)
    with pytest.raises(BadInput, match="older than 30 days"):
        calm.compare()


# ----------------------------------------------------------------------------------------- below a directory
def test_a_scan_of_a_directory_says_nothing_of_the_rest(calm):
    below = calm.paths[0].rpartition("/")[0]
    calm.world.tape.put(f"{below}/deep/strange", 5, Adler32(5))
    del calm.tape[calm.paths[0]]
    calm.look()
    calm.pass_(2 * DAY)
    assert calm.look(f"{below}/deep") == {f"{below}/deep/strange": (K.DARK, S.CONFIRMED)}
    assert calm.done.scans[0].expected == 0
    calm.pass_(2 * DAY)
    # the last look was at a part, the first at all: that one confirms, and the part had nothing against it
    assert {one for _, one in calm.look().values()} == {S.CONFIRMED}


# ---------------------------------------------------------------------------------------------------- killed
def test_a_comparison_that_is_killed_anywhere_leaves_nothing_behind(calm):
    del calm.tape[calm.paths[0]]
    number = calm.scan()
    names = calm.stopped(StoppingSeam(), number)
    assert names == ["comparison begun", "findings stored", "comparison done"]
    for at in range(1, 5):
        for when in When:
            seam = StoppingSeam(at=at, when=when)
            before = sum(one.state is ComparisonState.DONE for one in calm.compared())
            with pytest.raises(Stopped):
                calm.stopped(seam, number)
            for one in calm.compared():
                assert (one.state is ComparisonState.DONE) == (one.after_at is not None)
                assert one.state is not ComparisonState.DONE or len(calm.of(one.id)) == 1
            done = sum(one.state is ComparisonState.DONE for one in calm.compared())
            assert done - before == (seam.crossings[-1] == "comparison done" and when is When.AFTER)
    assert set(calm.compare(number, again=True).values()) == {(K.LOST, S.SEEN_ONCE)}
    assert {one.state for one in calm.compared()} == {ComparisonState.DONE, ComparisonState.GIVEN_UP}
    kept = {one.directory for one in calm.compared() if one.state is ComparisonState.DONE}
    found = calm.app.settings.reconcile.directory.glob("comparison-*")
    assert {path.name for path in found} == kept


def test_a_comparison_that_is_interrupted_is_given_up_at_once(calm, monkeypatch):
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    number = calm.scan()
    monkeypatch.setattr(run, "run", interrupted)
    with pytest.raises(KeyboardInterrupt):
        calm.compare(number)
    (left,) = calm.compared()
    assert (left.state, left.reason) == (ComparisonState.GIVEN_UP, "interrupted")
    assert not list(calm.app.settings.reconcile.directory.glob("comparison-*"))


def test_a_number_that_comes_again_after_a_restore_takes_no_findings_of_another(calm):
    root = calm.app.settings.reconcile.directory
    (root / "comparison-000001").mkdir(parents=True)
    (root / "comparison-000001" / "findings.parquet").write_text("of another")
    del calm.tape[calm.paths[0]]
    assert set(calm.look().values()) == {(K.LOST, S.SEEN_ONCE)}
    assert calm.done.comparison.directory == "comparison-000001-2"
    assert (root / "comparison-000001" / "findings.parquet").read_text() == "of another"


def test_one_comparison_at_a_time(calm):
    calm.scan()
    with calm.app.catalog.exclusive("reconcile-compare"), pytest.raises(CatalogBusy):
        calm.compare()


def test_scans_that_are_not_done_are_not_compared(calm):
    row = scanning.begin(calm.app, "tape", "/")
    with pytest.raises(IllegalTransition, match="only a scan that is DONE"):
        calm.compare(row.id)
    with pytest.raises(BadInput, match="never scanned as a whole"):
        calm.compare()
