"""Recall campaigns when everything may go wrong: from seeds, at every crash, with rules broken on purpose.

CI takes ``CI_SEEDS`` seeds; DDM_SEEDS=4711 or DDM_SEEDS=1-500 takes others. ``python -m tests.faults.seeds``
is the nightly profile with ten thousand, ``python -m tests.faults.campaigns 4711`` tells the story of one.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from catalog.checksum import Adler32
from catalog.db import pins, recall_leases
from catalog.db.engine import Catalog
from catalog.db.move import move
from catalog.model import NewFile
from catalog.names import LFN
from catalog.states import PIN, EndpointKind, Role
from ddm import registration
from ddm.operations import staging
from ddm.settings import EndpointSettings, FlowSettings, RecallSettings, Settings
from ddm.steps import recalled, stage
from ddm.testing.crash import Stopped, StoppingSeam, When
from tests.faults import campaign_end
from tests.faults.campaign_script import DAY, DIRECTORY, HOUR, START, Consumer, Script, draw
from tests.faults.campaigns import Campaigns
from tests.faults.seeds import Anew, ground, wrong
from transfers.backends.tapelibrary import Fault, LibrarySettings

CI_SEEDS, AT_ONCE = 40, 20  # the others are for the night
Patch = pytest.MonkeyPatch


def seeds() -> Sequence[int]:
    asked = os.environ.get("DDM_SEEDS", "")
    if asked:
        first, _, last = asked.partition("-")
        return range(int(first), int(last or first) + 1)
    return range(1, CI_SEEDS + 1)


SEEDS = seeds()


@pytest.fixture(scope="module")
def anew(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Anew]:
    """Makes a directory with an empty catalogue, in place of the one before."""
    with ground(tmp_path_factory.mktemp("campaigns")) as make:
        yield make


# ------------------------------------------------------------------------------------ from seeds
@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("first", SEEDS[::AT_ONCE])
def test_small_campaigns_with_random_faults_end_right(first: int, anew: Anew) -> None:
    seeds = SEEDS[first - SEEDS[0] :][:AT_ONCE]
    found = {seed: wrong(seed, anew)[:5] for seed in seeds}
    assert {seed: texts for seed, texts in found.items() if texts} == {}


def test_a_seed_gives_the_same_story_every_time(anew: Anew) -> None:
    one = Campaigns(draw(7, anew()))
    one.run()
    other = Campaigns(draw(7, anew()))
    other.run()
    assert one.story == other.story


# --------------------------------------------------------------------------------- by hand
def chunk(run: int, number: int, size: int = 10**9) -> NewFile:
    path = f"{DIRECTORY}/cdr{11_000 + number}-{run}.raw"
    return NewFile(
        lfn=LFN(path),
        role=Role.RAW,
        product=registration.RAW,
        run=run,
        chunk=f"{11_000 + number}",
        size=size,
        adler32=Adler32(number * 7919 + run),
        path=path,
    )


FILES = [chunk(run, number) for run in (1, 2) for number in range(2)]


def wants(name: str, files: Sequence[NewFile], **terms: Any) -> Consumer:
    asked = staging.Terms(name=name, **{"lifetime": None, **terms})
    return Consumer(name=name, lfns=tuple(str(file.lfn) for file in files), terms=asked, begins=START)


def script(
    directory: Path, consumers: list[Consumer], files: Sequence[NewFile] = FILES, **entry: Any
) -> Script:
    """A small world in which nothing goes wrong; ``entry`` are settings of the tape endpoint."""
    known: dict[str, Any] = {"stage_timeout": 12 * HOUR, "max_files_per_request": 3, **entry}
    tape = EndpointSettings(
        name="tape", kind=EndpointKind.TAPE, backend="memory", prefix="memory://tape", **known
    )
    settings = Settings(
        root=directory,
        catalog=f"sqlite:///{directory}/world.db",
        endpoints={"tape": tape},
        flow=FlowSettings(interval=timedelta(minutes=30), longest_wait=2 * HOUR),
        recall=RecallSettings(storm_files=5),
    )
    return Script(
        seed=1,
        files=files,
        tapes={file.path: f"V{file.run}" for file in files},
        settings=settings,
        library=LibrarySettings(drives=2, mount=60.0, rate=50e6),
        consumers=consumers,
        heals_at=START + 24 * HOUR,
    )


def test_bad_files_at_the_head_of_a_queue_keep_nobody_from_the_others(anew: Anew) -> None:
    """A storm whose canaries are bad files alone would never end."""
    files = [chunk(run, number) for run in (1, 2) for number in range(12)]
    world = Campaigns(script(anew(), [wants("all", files)], files, stage_files=12))
    world.library.store.break_tape("V1")
    world.program(None, until=START + 6 * HOUR)
    assert set(world.script.consumers[0].read) == {str(file.lfn) for file in files if file.run == 2}
    world.close()


def test_what_is_pinned_for_a_later_campaign_does_not_fill_the_window_for_ever(anew: Anew) -> None:
    """The first ends by the clock, its files pinned; the run of the second is larger than what is left."""
    files = [chunk(1, number) for number in range(6)]
    first = wants("first", files[3:], lifetime=4 * HOUR)
    first.forgets = True
    second = wants("second", files)
    second.begins = START + 3 * HOUR
    world = Campaigns(script(anew(), [first, second], files, stage_files=5))
    assert world.run() == []
    assert len(second.read) == 6


def test_a_recall_that_is_held_for_nobody_needs_no_person(anew: Anew) -> None:
    """Its file is lost, and the only lease on it ends by the clock while it is held."""
    world = Campaigns(script(anew(), [wants("a", FILES, lifetime=40 * HOUR)]))
    world.library.store.break_tape("V1")
    world.program(None, until=START + 30 * HOUR)
    held = "SELECT state, count(*) FROM item WHERE state IN ('HELD', 'FAILED') GROUP BY state"
    assert [tuple(row) for row in world.ask_tables(held)] == [("HELD", 2)]
    world.clock.sleep(20 * HOUR)
    world.program(None, until=START + 60 * HOUR)
    assert [tuple(row) for row in world.ask_tables(held)] == [("FAILED", 2)]
    assert list(campaign_end.at_the_end(world)) == []
    world.close()


def test_a_file_spoiled_on_the_way_is_read_again_and_nobody_sees_it(anew: Anew) -> None:
    world = Campaigns(script(anew(), [wants("a", FILES), wants("b", FILES[1:])]))
    for fault, file in zip((Fault.CORRUPT, Fault.TRUNCATE), FILES, strict=False):
        world.library.store.inject(file.path, fault, 1)
    assert world.run() == []
    assert [world.library.reads(file.path) for file in FILES] == [2, 2, 1, 1]


def test_a_pin_of_nobody_that_nobody_was_told_of_is_found_when_the_flow_is_idle(
    anew: Anew, monkeypatch: Patch
) -> None:
    monkeypatch.setattr(pins, "leave", lambda *_: 0)
    assert Campaigns(script(anew(), [wants("a", FILES)])).run() == []


def test_the_service_is_told_at_once_that_nobody_needs_a_copy(anew: Anew) -> None:
    world = Campaigns(script(anew(), [wants("a", FILES)]))
    world.program(None, until=START + 3 * HOUR)
    assert len(world.script.consumers[0].read) == len(FILES)
    assert world.library.held() == {}
    world.close()


@pytest.mark.parametrize(("order", "reads"), [("ab", 2), ("ba", 1)])
def test_what_is_asked_for_in_the_turn_of_its_release_is_wanted_anew_if_asked_afterwards(
    order: str, reads: int, anew: Anew
) -> None:
    a, b = wants("a", FILES), wants("b", FILES)
    b.begins = START + 7 * DAY
    world = Campaigns(script(anew(), [a, b] if order == "ab" else [b, a]))
    world.program(None, until=START)
    world.clock.sleep(3 * HOUR)
    with closing(world.open(None)) as app:
        assert recalled.poll(app) > 0
    b.begins = world.clock.now() - HOUR  # in one turn a reads what has come and releases it, and b asks
    assert world.run() == []
    assert {world.library.reads(file.path) for file in FILES} == {reads}


# ------------------------------------------------------------------------------ at every crash
def end_of(world: Campaigns) -> dict[str, Any]:
    """Everything by which two ends are compared: not the times, and not how often a file was asked for."""
    tables = {
        "campaigns": "SELECT name, state, files, size, recalled, recalled_size FROM campaign",
        "leases": f"SELECT c.name, f.name, x.state FROM lease x JOIN campaign c ON c.id = x.campaign_id"
        f" {campaign_end.ON_FILE}",
        "recalls": f"SELECT f.name, x.state FROM item x {campaign_end.ON_FILE} WHERE x.kind = 'stage'",
        "pins": f"SELECT DISTINCT f.name, x.state FROM pin x {campaign_end.ON_FILE}"
        " WHERE x.state <> 'EXPIRED'",
    }
    end: dict[str, Any] = {
        name: sorted(map(tuple, world.ask_tables(question))) for name, question in tables.items()
    }
    end["read from tape"] = {path: world.library.reads(path) for path in world.library.good}
    end["read by"] = {consumer.name: sorted(consumer.read) for consumer in world.script.consumers}
    return end


def go(world: Campaigns, seam: StoppingSeam | None) -> None:
    """The program and the consumers, all of whom stop at the seam."""
    catalog = Catalog(world.settings.catalog, clock=world.clock, seam=seam, actor="consumer")
    world.catalog = catalog
    try:
        world.program(seam, until=START + 3 * 24 * HOUR)
    finally:
        catalog.close()
        world.catalog = Catalog(world.settings.catalog, clock=world.clock, actor="consumer")


def small(directory: Path) -> Campaigns:
    """Two consumers that share a run, in a window of one run; one recall is forgotten once."""
    consumers = [wants("a", FILES), wants("b", FILES[2:])]
    consumers[1].holds = 2 * HOUR
    world = Campaigns(script(directory, consumers, stage_files=2))
    world.library.store.inject(FILES[3].path, Fault.LOST, 1)
    return world


def crashed_at(at: int, when: When, anew: Anew, undisturbed: dict[str, Any]) -> Iterator[str]:
    world, seam = small(anew()), StoppingSeam(at, when)
    with pytest.raises(Stopped):
        go(world, seam)
    world.stopped += 1
    yield from (f"{seam.where}, at once: {text}" for text in campaign_end.window(world))
    go(world, None)
    for text in (*world.wrong, *campaign_end.at_the_end(world)):
        yield f"{seam.where}: {text}"
    end = end_of(world)
    yield from (f"{seam.where}: {key}: {end[key]}" for key in end if end[key] != undisturbed[key])
    world.close()


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_crash_at_any_crossing_of_a_campaign_changes_nothing_at_the_end(
    anew: Anew, capsys: pytest.CaptureFixture[str]
) -> None:
    world, seam = small(anew()), StoppingSeam()
    go(world, seam)
    undisturbed = end_of(world)
    assert (world.wrong, list(campaign_end.at_the_end(world))) == ([], [])
    assert {"commit", "tape.stage", "tape.poll", "tape.probe", "tape.release"} <= set(seam.crossings)
    world.close()
    with capsys.disabled():
        print(f"\n{len(seam.crossings)} crossings of a small campaign, {2 * len(seam.crossings)} crashes")
    stops = [(at, when) for at in range(1, len(seam.crossings) + 1) for when in When]
    assert [text for at, when in stops for text in crashed_at(at, when, anew, undisturbed)] == []


# -------------------------------------------------------------------------------- seeded breaks
def not_compared(patch: Patch) -> None:
    """What is said to be online is handed out unseen."""
    patch.setattr(recalled, "_verdict", lambda recall, seen: None)


def first_lease_releases(patch: Patch) -> None:
    """A pin goes when any reader leaves."""

    def leave(conn: Any, replicas: Sequence[int], why: Any) -> int:
        chosen = set(replicas)
        query = pins.P.select().where(pins.P.c.state == "ACTIVE")
        found = [row.id for row in conn.execute(query) if row.replica_id in chosen]
        return len(move(conn, PIN, found, "last_reader_left", why))

    patch.setattr(pins, "leave", leave)


def no_window(patch: Patch) -> None:
    """Everything that is wanted is asked for at once."""
    patch.setattr(stage, "share_window", lambda heads, **_: {head.id: list(head.wishes) for head in heads})
    patch.setattr(stage, "_within", lambda settings, queue, load: list(queue))


def nothing_evicted_is_missed(patch: Patch) -> None:
    patch.setattr(recall_leases, "gone", lambda *_: 0)


def pins_leak(patch: Patch) -> None:
    patch.setattr(pins, "leave", lambda *_: 0)
    patch.setattr(pins, "unneeded", lambda *_, **__: [])


BREAKS = {
    "not compared after recall": (not_compared, "was served a bad copy"),
    "released before the last lease": (first_lease_releases, "times; wanted, faults"),
    "no window": (no_window, "the window is"),
    "an evicted copy is not recalled": (nothing_evicted_is_missed, "is ACTIVE at the end"),
    "pins leak": (pins_leak, "pins are ACTIVE at the end"),
}


def breakable(directory: Path, *, evicts: bool) -> Campaigns:
    """A world in which each break does harm, and the rules in force do none."""
    slow, quick = wants("slow", FILES), wants("quick", FILES)
    slow.holds = 10 * HOUR
    late = wants("late", FILES[1:2])
    late.begins = START + 2 * HOUR
    world = Campaigns(script(directory, [quick, slow, late], stage_budget=2 * 10**9))
    world.library.store.inject(FILES[3].path, Fault.CORRUPT, 1)
    if evicts:
        world.script.timetable.append((START + 5 * HOUR, "evict"))
    return world


@pytest.mark.parametrize("name", BREAKS)
def test_a_seeded_break_of_recalls_is_caught(name: str, anew: Anew, monkeypatch: Patch) -> None:
    seed, words = BREAKS[name]
    evicts = "evicted" in name
    assert breakable(anew(), evicts=evicts).run() == []
    seed(monkeypatch)
    found = breakable(anew(), evicts=evicts).run()
    assert [text for text in found if words in text], found
