"""ddm reconcile compare: differences really made on a disk and a tape, found, confirmed, and explained."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any
from zlib import adler32

import pytest

from catalog.errors import ExitCode
from ddm.reconcile import scanning
from tests.cli.place import RAW, Place
from tests.fixtures_xrootd import stock_server

__all__ = ["stock_server"]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """Ten files on disk, three of them on tape as well, registered with their true values."""
    monkeypatch.setattr(scanning, "AGAIN", ())
    place = Place(tmp_path)
    toml = place.root / "ddm.toml"
    text = toml.read_text()
    text = text.replace('backend = "simtape"', 'backend = "posix"').replace("simtape://", "file://")
    toml.write_text(re.sub(r'options = \{ "drives.*', "", text) + '\n[reconcile]\nconfirm_after = "0 s"\n')
    place.good("db", "upgrade")
    register(place, "disk", range(10))
    register(place, "tape", range(3))
    return place


@pytest.fixture(scope="module")
def compared_once(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A comparison of a disk with nothing on it; only asked, never changed."""
    place = Place(tmp_path_factory.mktemp("asked"))
    place.good("db", "upgrade")
    (place.root / "disk" / "stranger").write_text("x")
    place.good("reconcile", "scan", "disk")
    assert place.run("reconcile", "compare").exit_code == ExitCode.HELD
    return place


def raw(number: int) -> str:
    return f"{RAW}/cdr11{number:03d}-275678.raw"


def register(place: Place, endpoint: str, numbers: range) -> None:
    lines = []
    for path in map(raw, numbers):
        data = f"the events of {path}".encode()
        there = place.root / endpoint / path[1:]
        there.parent.mkdir(parents=True, exist_ok=True)
        there.write_bytes(data)
        lines.append(f"{path},{len(data)},{adler32(data):08x},10")
    listed = place.list(*lines, name=f"{endpoint}.csv")
    place.good("file", "register", listed, "--dataset", "2016/W14", "--endpoint", endpoint)


def look(place: Place, *scanned: str, code: int = ExitCode.HELD) -> dict[str, Any]:
    """Scan these endpoints, and compare."""
    numbers = [place.json("reconcile", "scan", *one.split())["id"] for one in scanned]
    told = place.run("reconcile", "compare", *numbers, "--json")
    assert told.exit_code == code, told.output
    return json.loads(told.stdout)


def kinds(place: Place, number: int, *narrow: str) -> dict[str, tuple[str, str]]:
    found = place.json("reconcile", "show", number, *narrow)["findings"]
    return {f"{one['endpoint']}:{one['path']}": (one["kind"], one["standing"]) for one in found}


def at(place: Place, endpoint: str, number: int) -> Path:
    return place.root / endpoint / raw(number)[1:]


def spoil(place: Place) -> dict[str, str]:
    """Make differences; gives what each place then is."""
    at(place, "disk", 5).unlink()
    at(place, "disk", 6).write_text("x")
    at(place, "disk", 0).unlink()
    at(place, "tape", 1).unlink()
    (place.root / "disk/b").mkdir()
    os.rename(at(place, "disk", 7), place.root / "disk/b/cdr11007-275678.raw")
    (place.root / "disk/b/new.root").write_text("new")
    (place.root / "disk/b/cdr11008-275678.raw").write_bytes(at(place, "disk", 8).read_bytes())
    return {
        f"disk:{raw(5)}": "lost",
        f"disk:{raw(6)}": "size differs",
        f"disk:{raw(0)}": "on tape only",
        f"tape:{raw(1)}": "on disk only",
        f"disk:{raw(7)}": "wrong place",
        "disk:/b/cdr11007-275678.raw": "wrong place",
        "disk:/b/new.root": "dark",
        "disk:/b/cdr11008-275678.raw": "duplicate name",
    }


def test_what_was_really_done_to_files_is_found_and_confirmed_by_a_second_scan(place):
    done = look(place, "disk", "tape", code=ExitCode.DONE)
    assert [(one["kind"], one["places"]) for one in done["counts"]] == [("consistent", 10), ("consistent", 3)]
    wanted = spoil(place)
    for number, standing in ((2, "seen once"), (3, "confirmed"), (4, "confirmed")):
        done = look(place, "disk", "tape")
        assert done["comparison"]["id"] == number
        assert kinds(place, number) == {where: (kind, standing) for where, kind in wanted.items()}
    told = place.run("reconcile", "compare", "--json")
    assert (told.exit_code, json.loads(told.stdout)["comparison"]["id"]) == (ExitCode.HELD, 4)
    assert "the same was compared before" in place.run("reconcile", "compare").output
    only = ("--kind", "lost", "--standing", "confirmed", "--under", RAW, "--endpoint", "disk")
    assert kinds(place, 3, *only) == {f"disk:{raw(5)}": ("lost", "confirmed")}
    assert "whole comparison; of the places" in place.good("reconcile", "show", 3, *only)
    assert "whole comparison; of" not in place.good("reconcile", "show", 3)
    assert "there are more: --limit" in place.good("reconcile", "show", "--limit", 2)
    shown = place.good("reconcile", "show")
    assert all(kind in shown for kind in wanted.values())
    assert [one["comparison"]["id"] for one in place.json("reconcile", "comparisons")] == [4, 3, 2, 1]
    assert "disk (7), tape (8)" in place.good("reconcile", "comparisons", "--limit", 1)
    explained = place.good("reconcile", "explain", f"disk:{raw(5)}")
    assert "comparison 4, scan 7" in explained
    assert "comparison 1, scan 1 of" in explained
    assert "ddm reconcile plan" in explained
    assert "the catalogue has no copy there" in place.good(
        "reconcile", "explain", f"file://{place.root}/disk/b/new.root"
    )
    assert len(place.json("reconcile", "explain", "cdr11000-275678.raw")) == 2


def test_what_is_asked_wrongly_is_told_in_a_line(place):
    assert "there is no scan to compare" in place.refused(ExitCode.USAGE, "reconcile", "compare")
    assert "nothing was compared yet" in place.refused(ExitCode.FAILED, "reconcile", "show")
    assert "nothing was compared yet" in place.good("reconcile", "comparisons")
    for _ in range(2):
        place.good("reconcile", "scan", "disk")
    said = place.refused(ExitCode.FAILED, "reconcile", "compare", 17)
    assert "no such scan (scan 17); see 'ddm reconcile scans'" in said
    assert "check the name" not in said, "one advice"
    assert "begins with a slash: /moved" in place.refused(
        ExitCode.USAGE, "reconcile", "show", "--under", "moved"
    )
    assert "scan 1 is of disk too" in place.refused(ExitCode.USAGE, "reconcile", "compare", 1, 2)
    assert "no such comparison" in place.refused(ExitCode.FAILED, "reconcile", "compare", 1, "--with", 3)
    assert "--accept and --reason" in place.run("reconcile", "compare", "--accept", "disk").output
    place.good("reconcile", "disbelieve", 2, "--reason", "the door was sick")
    assert "REFUSED" in place.refused(ExitCode.FAILED, "reconcile", "compare", 2)
    done = look(place, code=ExitCode.DONE)
    assert [one["scan"] for one in done["scans"]] == [1]
    assert done["left_out"] == ["tape: it was never scanned as a whole"]
    assert "no copy of it" in place.refused(ExitCode.FAILED, "reconcile", "explain", "nothing.root")


@pytest.mark.parametrize(
    ("words", "subject"),
    [
        (("scan", "nowhere"), "ENDPOINT"),
        (("scans", "--endpoint", "nowhere"), "--endpoint"),
        (("scans", "--state", "nowhere"), "--state"),
        (("compare", "--accept", "nowhere", "--reason", "a fire", "--again"), "--accept"),
        (("comparisons", "--endpoint", "nowhere"), "--endpoint"),
        (("show", "--endpoint", "nowhere"), "--endpoint"),
        (("show", "--kind", "nowhere"), "--kind"),
        (("show", "--standing", "nowhere"), "--standing"),
        (("explain", "nowhere:/x"), "nowhere:/x"),
        (("explain", "root://nowhere//x"), "root://nowhere//x"),
        (("report", "--format", "nowhere"), "--format"),
        (("plan", "--endpoint", "nowhere"), "--endpoint"),
        (("plan", "--task", "nowhere"), "--task"),
        (("verify", "--all", "--budget", "1 TB", "--endpoint", "nowhere"), "--endpoint"),
        (("verify", "--status", "--endpoint", "nowhere"), "--endpoint"),
        (("verify", "--all", "--how", "nowhere"), "--how"),
        (("counts", "--period", "nowhere"), "--period"),
        (("counts", "--task", "nowhere"), "--task"),
        (("catalogues", "rucio", "replicas.csv", "--endpoint", "nowhere"), "--endpoint"),
    ],
)
def test_a_name_that_is_none_is_wrong_usage_everywhere(compared_once, words, subject):
    said = compared_once.refused(ExitCode.USAGE, "reconcile", *words)
    assert subject in said
    assert "nowhere" in said
    assert re.search("known: .|is not one of .", said), said
    before = compared_once.json("reconcile", "comparisons")
    assert [one["comparison"]["id"] for one in before] == [1], "nothing was made"


@pytest.mark.parametrize("words", [("trash", "freeze"), ("trash", "add", raw(0)), ("trash", "plan")])
def test_so_it_is_for_the_trash(compared_once, words):
    reason = ("--reason", "a test") if words[1] != "plan" else ()
    said = compared_once.refused(ExitCode.USAGE, *words, "--endpoint", "nowhere", *reason)
    assert "no endpoint 'nowhere'" in said
    assert "known: disk, tape (--endpoint)" in said


@pytest.mark.xrootd
def test_a_real_server(tmp_path, stock_server, monkeypatch):
    """Lost, truncated, moved and dark on an XRootD server; nothing below what it cannot read is lost."""
    monkeypatch.setattr(scanning, "AGAIN", ())
    place = Place(tmp_path)
    name = "comparison-of-a-real-server"
    (place.root / "ddm.toml").write_text(
        (place.root / "ddm.toml")
        .read_text()
        .replace('backend = "posix"', 'backend = "xrootd"', 1)
        .replace('"file://{here}/disk"', f'"{stock_server.disk_prefix}/{name}"')
        + '\n[reconcile]\nconfirm_after = "0 s"\n'
    )
    place.good("db", "upgrade")
    register(place, "disk", range(6))
    for number in range(6):
        stock_server.put(f"/disk/{name}{raw(number)}", at(place, "disk", number).read_bytes())
    stock_server.put(f"/disk/{name}/shut/dark.raw", b"12345")
    store = stock_server.disk_file(f"/disk/{name}")

    def there(number: int) -> Path:
        return store / raw(number)[1:]

    there(0).unlink()
    os.truncate(there(1), 3)
    (store / "b").mkdir()
    there(2).rename(store / "b" / there(2).name)
    (store / "shut").chmod(0)
    wanted = {
        f"disk:{raw(0)}": "lost",
        f"disk:{raw(1)}": "size differs",
        f"disk:{raw(2)}": "wrong place",
        f"disk:/b/{there(2).name}": "wrong place",
    }
    try:
        for number, standing in ((1, "seen once"), (2, "confirmed")):
            done = look(place, "disk")
            assert kinds(place, number) == {where: (kind, standing) for where, kind in wanted.items()}
            assert any("1 directory could not be read" in one for one in done["scans"][0]["remarks"])
    finally:
        (store / "shut").chmod(0o755)


def raw_list(place: Place, numbers: range, *, name: str, end: str = "\n") -> Path:
    lines = [f"{raw(n)},{len(f'the events of {raw(n)}')}" for n in numbers]
    path = place.root / name
    path.write_text("\n".join(["lfn,size", *lines]) + end)
    return path


def unregister(place: Place) -> dict[str, str]:
    """Two files that the catalogue does not know, one of them of another size; nobody's; and a lost one."""
    for endpoint, number, data in (
        ("tape", 50, f"the events of {raw(50)}"), ("disk", 51, "half"), ("tape", 52, "x"),
    ):  # fmt: skip
        at(place, endpoint, number).write_text(data)
    at(place, "disk", 5).unlink()
    size = len(f"the events of {raw(50)}")
    return {
        f"tape:{raw(50)}": "the raw catalogue has it with the same size",
        f"disk:{raw(51)}": f"the raw catalogue has it with {size} bytes, not 4",
        f"disk:{raw(5)}": "the raw catalogue still lists it with the same size",
    }


def test_the_raw_catalogue_is_asked_of_what_is_dark_or_lost(place):
    wanted = unregister(place)
    listed = raw_list(place, range(52), name="raw.csv")
    look(place, "disk", "tape")
    for endpoint in ("disk", "tape"):
        place.good("reconcile", "scan", endpoint)
    told = place.run("reconcile", "compare", "--raw", listed, "--json")
    assert told.exit_code == ExitCode.HELD, told.output
    told = json.loads(told.stdout)
    assert {(one["kind"], one["standing"], one["places"]) for one in told["counts"]} == {
        ("consistent", "nothing to declare", 9), ("consistent", "nothing to declare", 3),
        ("dark", "confirmed", 1),
        ("not registered", "confirmed", 1), ("lost", "confirmed", 1),
    }  # fmt: skip
    found = place.json("reconcile", "show", 2)["findings"]
    assert {f"{one['endpoint']}:{one['path']}": one["said"] for one in found} == {
        **wanted, f"tape:{raw(52)}": None
    }  # fmt: skip
    which, came, by_size = told["scans"][0]["remarks"]
    assert "only their names and sizes were compared" in by_size
    assert which.startswith(f"raw catalogue: {listed}, {listed.stat().st_size} bytes, adler32 ")
    assert "52 files: 2 places are not registered here, 1 missing files are still listed" in came
    for shown in (place.good("reconcile", "show"), place.good("reconcile", "report")):
        assert "not registered" in shown
        assert which in shown
    page = place.root / "page.html"
    place.good("reconcile", "report", "--out", page)
    assert "not registered" in page.read_text()
    place.good("reconcile", "plan", 2, "--out", place.root / "plan.txt")
    (line,) = (one for one in (place.root / "plan.txt").read_text().splitlines() if raw(50) in one)
    assert line.startswith("# -\t")
    assert "'ddm file register' registers it" in line
    assert "trash" not in line
    assert "the same was compared before" in place.run("reconcile", "compare", "--raw", listed).output
    assert "the same was compared before" not in place.run("reconcile", "compare").output


HALVES = {
    "lfn,size\n/a/half,": "it is cut off",
    "lfn,size\n" + "no path at all,x\n" * 20: "lines cannot be read",
    "lfn,size\n": "it is empty",
    "\0\1\2" * 100: "explains nothing",
}


def test_a_raw_list_that_is_not_believed_explains_nothing_and_that_is_said(place):
    unregister(place)
    place.good("reconcile", "scan", "disk")
    for text, said in HALVES.items():
        (place.root / "raw.csv").write_text(text)
        told = place.run("reconcile", "compare", "--raw", place.root / "raw.csv", "--json")
        assert told.exit_code == ExitCode.HELD, told.output
        told = json.loads(told.stdout)
        assert {one["kind"] for one in told["counts"]} == {"consistent", "dark", "lost"}
        came = told["scans"][0]["remarks"][1]
        assert came.startswith("the raw catalogue explains nothing: ")
        assert said in came
    assert "No such file" in place.refused(ExitCode.USAGE, "reconcile", "compare", "--raw", "nowhere.csv")
    assert len(place.json("reconcile", "comparisons")) == len(HALVES)
