"""``ddm reconcile report``: what it says, in every form, of comparisons as they are stored."""

from __future__ import annotations

import re
import shlex
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from catalog.db import scans
from catalog.db.move import Why
from catalog.errors import ExitCode
from catalog.states import ScanSource
from ddm.app import open_catalog
from ddm.cli import reconcile
from ddm.config import load
from ddm.reconcile import engine as engines
from ddm.reconcile import findings
from ddm.reconcile.kinds import Kind
from ddm.reconcile.reports import Amount, Counted, Listed, Refused
from ddm.reconcile.reports_next import steps
from ddm.reconcile.verdicts import Standing
from ddm.shown import one_line
from tests.cli.place import Place
from tests.reconcile.reported import DAY, compared, found
from tests.unit.test_pages import HOSTILE, Page

LOST = [found(f"/data/2016/W1/{n}", expected=True, state="AVAILABLE") for n in range(30)]
DARK = [
    found(f"/scratch/{n}", Kind.DARK, Standing.BRAKED, run=None, size=None, seen_size=500) for n in range(40)
]
ONCE = [found("/data/2016/W2/x", Kind.SIZE, Standing.SEEN_ONCE, seen_size=999, expected=True, run=275679)]
FLIGHT = [found("/data/2016/W3/x", Kind.IN_FLIGHT, expected=True)]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Three comparisons of disk: all well, then more and more is gone."""
    place = Place(tmp_path_factory.mktemp("report"))
    place.good("db", "create")
    config = place.root / "ddm.toml"
    compared(config, 0, [])
    compared(config, 7, LOST[:10], unread=["/data/closed/", "/data/<b>\n/"], whole=True)
    compared(
        config, 14, [*LOST, *DARK, *ONCE, *FLIGHT], consistent=70, remarks=("40 of 141 dark: more than 2.0%",)
    )
    return place


def test_the_document_has_counts_trend_runs_directories_and_what_is_next(place):
    told = place.json("reconcile", "report")
    assert (told["version"], told["comparison"]) == (1, 3)
    assert told["totals"] == {
        "consistent": {"places": 70, "bytes": 70_000},
        "in_flight": {"places": 1, "bytes": 1000},
        "unreadable": {"places": 0, "bytes": 0},
        "differences": {"places": 71, "bytes": 30_000 + 40 * 500 + 999},
        "seen_once": {"places": 1, "bytes": 999},
        "confirmed": {"places": 30, "bytes": 30_000},
        "not_whole": {"places": 0, "bytes": 0},
        "braked": {"places": 40, "bytes": 20_000},
    }
    counts = [(one["kind"], one["standing"], one["expected"], one["places"]) for one in told["counts"]]
    assert ("lost", "confirmed", True, 30) in counts
    assert ("dark", "too many", False, 40) in counts
    assert ("in flight", "nothing to declare", True, 1) in counts
    (trend,) = told["trends"]
    assert [point["comparison"] for point in trend["points"]] == [1, 2, 3]
    assert [point["kinds"].get("lost", {}).get("places", 0) for point in trend["points"]] == [0, 10, 30]
    assert [point["kinds"]["consistent"]["places"] for point in trend["points"]] == [100, 100, 70]
    assert [(one["run"], one["places"]) for one in told["runs"]["largest"]] == [(275678, 30), (275679, 1)]
    assert [(one["run"], one["places"]) for one in told["runs"]["unknown"]] == [(None, 40)]
    assert [(one["directory"], one["places"]) for one in told["directories"]["largest"]] == [
        ("/scratch/", 40), ("/data/2016/W1/", 30), ("/data/2016/W2/", 1),
    ]  # fmt: skip
    assert {one["kind"] for one in told["examples"]} == {"lost", "dark", "size differs", "in flight"}
    assert [one["command"] for one in told["next"]] == [
        "ddm reconcile compare 3 --accept disk --reason WHY",
        "ddm reconcile plan 3 --out repair.txt",
        "ddm reconcile scan disk",
    ]
    assert told["lists"][0]["remarks"] == ["40 of 141 dark: more than 2.0%"]


def test_a_report_of_an_earlier_one_says_what_was_known_then(place):
    told = place.json("reconcile", "report", 2)
    assert [len(trend["points"]) for trend in told["trends"]] == [2]
    assert told["lists"][0]["unread"] == ["/data/<b>\x1a0A/", "/data/closed/"]
    assert "2 directories of disk could not be read; when they can" in [one["why"] for one in told["next"]]
    assert told["refused"] == []


def test_people_read_the_same(place):
    text = place.good("reconcile", "report")
    assert "70 places (70 kB) consistent; 71 places (51 kB) not, of which 30 places (30 kB) confirmed" in text
    assert "40 of 141 dark: more than 2.0%" in text
    assert "▁▃█" in text  # 0, 10 and 30 lost
    assert "Lost: 10 of 30" in text
    assert "differs at" not in text
    first = place.good("reconcile", "report", 1)
    assert "100 places (100 kB) consistent; no difference" in first
    assert "Nothing." in first
    assert "the first comparison" in first


def test_what_is_long_is_summed(place):
    told = place.json("reconcile", "report", "--top", 1, "--last", 2)
    assert [point["comparison"] for point in told["trends"][0]["points"]] == [2, 3]
    assert told["runs"]["rest"][0]["places"] == 1
    assert told["runs"]["groups"] == 2
    assert [(one["directory"], one["places"]) for one in told["directories"]["largest"]] == [("/", 71)]
    told = place.json("reconcile", "report", "--top", 2)["directories"]
    assert [(one["directory"], one["places"]) for one in told["largest"]] == [("/scratch/", 40)]
    assert [(one["endpoint"], one["places"]) for one in told["rest"]] == [("disk", 31)]
    assert told["groups"] == 3


@pytest.mark.parametrize("suffix", ["txt", "html", "md", "json", "parquet"])
def test_a_file_is_written_whole_and_never_over_another_but_by_force(place, suffix):
    file = place.root / f"report.{suffix}"
    file.write_text("mine")
    assert "nothing is overwritten" in place.refused(ExitCode.USAGE, "reconcile", "report", "--out", file)
    assert file.read_text() == "mine"
    told = place.good("reconcile", "report", "--out", file, "--force")
    assert str(file) in told
    assert file.read_bytes() != b"mine"
    assert not list(place.root.glob(".report*"))


def test_the_page_escapes_every_name_and_needs_nothing(place, tmp_path):
    other = Place(tmp_path)
    other.good("db", "create")
    names = [name.replace("\udcff", "\x1aFF").replace("\x00", "") for name in HOSTILE]
    rows = [found(f"/{name}/{name}", said=name, lfn=name, other=f"disk:{name}") for name in names]
    rows += [found(f"/u/{name}", Kind.UNREADABLE) for name in names]
    config = other.root / "ddm.toml"
    compared(config, 0, rows[:1], root="/<i>/")
    compared(
        config, 1, rows, root="/<i>/", source=ScanSource.DUMP, name=names[0],
        unread=[f"/{name}/" for name in names], remarks=tuple(name for name in names if "\n" not in name),
        accepted=names[1],
    )  # fmt: skip
    file = tmp_path / "page.html"
    other.good("reconcile", "report", "--out", file)
    page = Page(file.read_text("utf-8"))
    assert page.wants == []
    assert not {"script", "img", "b", "i", "link", "iframe"} & set(page.tags)
    for name in names:
        assert any(one_line(f"/{name}/{name}") == text for text in page.texts), name
    assert file.stat().st_size < 100_000
    again = other.json("reconcile", "report")
    assert {one["path"] for one in again["examples"]} == {row["path"] for row in rows}


def test_parquet_has_every_finding(place):
    file = place.root / "all.parquet"
    assert place.json("reconcile", "report", 3, "--out", file) == {
        "comparison": 3, "file": str(file), "findings": 72,
    }  # fmt: skip
    with engines.opened() as engine:
        names = [row[0] for row in engine.rows(f"DESCRIBE FROM '{file}'")]
        rows = engine.rows(f"SELECT comparison, kind, count(*) FROM '{file}' GROUP BY ALL ORDER BY kind")
    assert names == ["comparison", *findings.COLUMNS]
    assert rows == [(3, "dark", 40), (3, "in flight", 1), (3, "lost", 30), (3, "size differs", 1)]


def test_a_scan_that_came_to_no_end_and_one_that_is_not_believed_are_told(tmp_path):
    place = Place(tmp_path)
    place.good("db", "create")
    config = place.root / "ddm.toml"
    compared(config, 0, [])
    with open_catalog(load(config, {})) as catalog, catalog.begin() as conn:
        why = Why(DAY, "tester", "it is empty")
        endpoint = scans.one(conn, 1).endpoint_id
        refused = scans.begin(conn, endpoint, "/a b/", ScanSource.LISTING, why)
        scans.refuse(conn, refused.id, why)
        scans.stop(conn, scans.begin(conn, endpoint, "/", ScanSource.LISTING, why).id, why)
        scans.refuse(conn, scans.begin(conn, endpoint, "/", ScanSource.DUMP, why, name="x").id, why)
        scans.disbelieve(conn, 1, Why(DAY, "shift", "the door was sick"))
    told = place.json("reconcile", "report")
    assert [(one["scan"], one["state"], one["reason"]) for one in told["refused"]] == [
        (4, "REFUSED", "it is empty"), (3, "STOPPED", "it is empty"), (2, "REFUSED", "it is empty"),
    ]  # fmt: skip
    assert [one["command"] for one in told["next"]] == [
        "ddm reconcile scan disk --dump FILE",
        "ddm reconcile scan --resume 3",
        "ddm reconcile scan disk '/a b/'",
    ]
    assert told["lists"][0]["remarks"] == ["it is not believed any more: the door was sick"]


def test_what_cannot_be_reported_is_said_in_a_line(tmp_path):
    place = Place(tmp_path)
    place.good("db", "create")
    assert "nothing was compared yet" in place.refused(ExitCode.FAILED, "reconcile", "report")
    assert "no such comparison" in place.refused(ExitCode.FAILED, "reconcile", "report", 9)
    assert "give --out FILE" in place.refused(ExitCode.USAGE, "reconcile", "report", "--format", "parquet")
    assert "give --format" in place.refused(ExitCode.USAGE, "reconcile", "report", "--out", "x.pdf")
    number = compared(place.root / "ddm.toml", 0, [])
    (file,) = place.root.glob(f"reconcile/comparison-*{number}/{findings.FILE}")
    file.write_bytes(file.read_bytes()[:-9])
    assert str(file) in place.refused(ExitCode.USAGE, "reconcile", "report")
    copy = tmp_path / "x.parquet"
    assert str(file) in place.refused(ExitCode.USAGE, "reconcile", "report", "--out", copy)
    assert not copy.exists()
    file.unlink()
    assert "compare again" in place.refused(ExitCode.USAGE, "reconcile", "report")


def test_every_field_of_the_document_is_in_the_how_to(place):
    text = (Path(__file__).parents[2] / "docs/howto/reconcile-report.md").read_text()
    said = set(re.findall(r"`([a-z_0-9]+)`", text.partition("## JSON")[2]))
    kinds = {str(kind) for kind in Kind}

    def fields(value) -> set[str]:
        if isinstance(value, dict):
            return (set(value) - kinds) | set().union(*map(fields, value.values()))
        return set().union(*map(fields, value)) if isinstance(value, list) else set()

    missing = fields(place.json("reconcile", "report", "--top", 2)) - said
    assert missing == set()


def test_of_a_storage_that_was_really_scanned_and_compared(tmp_path):
    """Nine files are registered; one is gone, one is longer, one is nobody's. Two scans say so."""
    place = Place(tmp_path)
    place.good("db", "create")
    config = place.root / "ddm.toml"
    config.write_text(config.read_text() + '\n[reconcile]\nconfirm_after = "0 s"\n')
    place.good(
        "file", "register", place.raw_list(9), "--dataset", "2016/W14", "--endpoint", "disk", "--close"
    )
    lines = (place.root / "raw.csv").read_text().splitlines()[1:]
    for number, (lfn, size, *_) in enumerate(line.split(",") for line in lines):
        path = place.root / "disk" / lfn.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        if number:
            path.write_bytes(b"x" * (int(size) + (number == 1)))
    strange = f"{HOSTILE[0].replace('/', '_')}\x1b.raw"
    (path.parent / strange).write_text("mine")
    for _ in range(2):
        place.good("reconcile", "scan", "disk")
        assert place.run("reconcile", "compare").exit_code == ExitCode.HELD
    told = place.json("reconcile", "report")
    assert told["totals"]["confirmed"]["places"] == 3
    assert [one["kinds"]["lost"]["places"] for one in told["trends"][0]["points"]] == [1, 1]
    assert [one["files"] for one in told["trends"][0]["points"]] == [9, 9]
    assert {(one["kind"], one["run"]) for one in told["examples"]} == {
        ("lost", 275678), ("size differs", 275678), ("dark", None),
    }  # fmt: skip
    assert [one["command"] for one in told["next"]] == ["ddm reconcile plan 2 --out repair.txt"]
    assert told["lists"][0]["earlier_scan"] == 1
    file = tmp_path / "page.html"
    place.good("reconcile", "report", "--out", file)
    page = Page(file.read_text())
    assert "script" not in page.tags
    assert any(strange.split("\x1b")[0] in text for text in page.texts)
    place.good("reconcile", "report", "--out", tmp_path / "all.parquet")


def test_every_command_that_a_report_names_can_be_given(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "FILE").touch()

    def counted(standing: Standing) -> Counted:
        return Counted("a b", Kind.DARK, standing, False, Amount(1, 1))

    listed = Listed(
        12, "a b", "/x y/", "listing", "", DAY, DAY, Amount(), 0, False, None, 1, ("/x y/z/",), (), ""
    )
    dump = replace(listed, source="dump", name="eos.txt")
    refused = [
        Refused(14, "eos", "/", "listing", state, DAY, "") for state in ("STOPPED", "GOING", "REFUSED")
    ]
    told = steps(7, [counted(standing) for standing in Standing], [listed, dump], refused, timedelta(days=1))
    assert len(told) > 8
    for step in told:
        program, noun, verb, *words = shlex.split(step.command)
        assert (program, noun) == ("ddm", "reconcile")
        reconcile.cli.commands[verb].make_context(verb, words)  # as click takes them
