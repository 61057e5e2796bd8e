"""The demo's reconstruction program, and the merge tools that lose events."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from ddm.demo import reco
from ddm.demo.rawdata import RANDOM_TRIGGER, make_period
from merging.counters import count_root_hist, count_root_tree, of_format
from merging.date import EMPTY_DUMP, EventType, build_event
from merging.datewalk import events
from merging.registry import find_format

uproot = pytest.importorskip("uproot")

count_date = of_format("date")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def raw(path: Path, *, n_events: int = 60) -> Path:
    """A raw chunk of the demo."""
    period = path.with_suffix(".period")
    (chunk, *_) = make_period(period, rng=random.Random(3), chunks=(1,), events=(n_events, n_events))
    return (period / chunk.lfn.lstrip("/")).rename(path)


def words() -> dict[str, int]:
    return json.loads(Path("events.json").read_text())


def test_every_physics_event_is_an_entry_of_tree_and_histogram(here: Path, capsys) -> None:
    assert reco.main([str(raw(here / "cdr.raw"))]) == 0
    assert count_root_tree(here / "mDST.root") == 60
    assert count_root_hist(here / "hist.root") == 60
    assert words() == {
        "mDST.root": 60,
        "hist.root": 60,
        "testevtdump.raw": count_date(here / "testevtdump.raw"),
    }
    assert capsys.readouterr().out.splitlines() == ["60 events had been written to miniDST", "End of Job"]


def test_the_tree_holds_what_the_raw_events_hold(here: Path) -> None:
    source = raw(here / "cdr.raw")
    reco.main([str(source)])
    found = reco.reconstruct(source)
    with uproot.open("mDST.root") as file:
        tree = file["mDST"].arrays()
    assert tree["event"].tolist() == [event.event for event in found]
    assert tree["spill"].tolist() == [event.spill for event in found]
    assert tree["n_tracks"].tolist() == [len(event.momenta) for event in found]
    assert [tuple(p) for p in tree["momentum"].tolist()] == [event.momenta for event in found]
    assert sum(map(len, tree["momentum"].tolist())) > 0


def test_the_dump_holds_the_random_triggers_word_for_word(here: Path) -> None:
    physics = [
        build_event(EventType.PHYSICS, 1, 1, number, bytes(8), trigger=trigger)
        for number, trigger in enumerate([1, RANDOM_TRIGGER, 1 << 12, RANDOM_TRIGGER | 1, 1 << 31])
    ]
    calibration = build_event(EventType.CALIBRATION, 1, 1, 9, trigger=RANDOM_TRIGGER)
    Path("cdr.raw").write_bytes(b"".join([*physics, calibration]))
    assert reco.main(["cdr.raw"]) == 0
    assert Path("testevtdump.raw").read_bytes() == physics[1] + physics[3]


def test_a_chunk_without_events_gives_empty_files_not_none(here: Path) -> None:
    Path("cdr.raw").write_bytes(build_event(EventType.START_OF_RUN, 1, 0, 0))
    assert reco.main(["cdr.raw"]) == 0
    assert Path("testevtdump.raw").read_bytes() == EMPTY_DUMP
    assert count_root_tree(here / "mDST.root") == count_root_hist(here / "hist.root") == 0
    with uproot.open("mDST.root") as file:
        assert {"run", "spill", "event", "momentum"} <= set(file["mDST"].keys())
    assert words() == {"mDST.root": 0, "hist.root": 0, "testevtdump.raw": 0}


def test_a_broken_chunk_fails_and_writes_nothing(here: Path, capsys) -> None:
    source = raw(here / "cdr.raw")
    source.write_bytes(source.read_bytes()[:-4])
    assert reco.main([str(source)]) == 1
    assert "offset" in capsys.readouterr().err
    assert not list(here.glob("*.root"))


@pytest.mark.parametrize(("only", "lost"), [("", 5), ("cdr", 5), ("other", 0)])
def test_lost_events_are_not_owned_up_to(here: Path, only: str, lost: int) -> None:
    reco.main([str(raw(here / "cdr.raw")), "--lose", "5", "--lose-of", only])
    assert count_root_tree(here / "mDST.root") == 60 - lost
    assert words()["mDST.root"] == 60


def test_histograms_keep_what_is_out_of_range(here: Path) -> None:
    with uproot.recreate("h.root") as out:
        values = reco.numpy.array([-1.0, 0.0, 0.5, 1.0, 7.0])
        out["h"] = reco.histogram(values, "title;x;y", 2, 0.0, 1.0)
    with uproot.open("h.root") as file:
        assert file["h"].values(flow=True).tolist() == [1, 1, 1, 2]
        assert file["h"].member("fEntries") == 5
        assert (file["h"].title, file["h"].axis().member("fTitle")) == ("title", "x")


@pytest.mark.parametrize(
    ("tool", "product", "count"),
    [
        ("ddm.demo.faults:LossyDate", "testevtdump.raw", count_date),
        ("ddm.demo.faults:LossyRoot", "mDST.root", count_root_tree),
    ],
)
def test_a_lossy_merge_claims_more_than_it_wrote(here: Path, monkeypatch, tool, product, count) -> None:
    inputs = []
    for n_events in (40, 80):
        directory = here / str(n_events)
        directory.mkdir()
        monkeypatch.chdir(directory)
        reco.main([str(raw(directory / "cdr.raw", n_events=n_events))])
        inputs.append(directory / product)
    result = find_format(tool, {}).merge(inputs, here / "merged")
    assert result.n_events == sum(map(count, inputs))
    assert count(here / "merged") == count(inputs[0]) < result.n_events


def test_reading_back_the_demo_chunk_counts_the_same(here: Path) -> None:
    source = raw(here / "cdr.raw")
    assert len(reco.reconstruct(source)) == count_date(source)
    assert sum(event.type == EventType.PHYSICS for event in events(source)) == 60
