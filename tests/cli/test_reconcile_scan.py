"""ddm reconcile scan, on directories that are really there: whole, stopped, killed, not believed."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog.errors import BadInput, ExitCode
from catalog.states import ScanState
from ddm.app import open_app, open_catalog
from ddm.config import load
from ddm.operations import scanning as operation
from ddm.reconcile import engine as engines
from ddm.reconcile import scanning, scanstore, snapshots
from tests.cli.place import Place
from tests.fixtures_gfal2 import gfal2_library
from tests.fixtures_xrootd import stock_server
from transfers.testing.xrootd import DISK_AREA, XRootDServer, free_port

__all__ = ["gfal2_library", "stock_server"]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """A catalogue, and a disk with some files of nobody."""
    monkeypatch.setattr(scanning, "AGAIN", ())
    place = Place(tmp_path)
    place.register()
    for name in ("a/one", "a/b/two", "c/three"):
        path = place.root / "disk" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return place


def test_where_nothing_can_be_written_nothing_is_begun(place):
    (place.root / "reconcile").write_text("a file")
    line = place.refused(ExitCode.FAILED, "reconcile", "scan", "disk")
    assert str(place.root / "reconcile") in line
    assert place.json("reconcile", "scans") == []


def paths(root: Path, number: int) -> Counter[str]:
    """What the parts of a scan hold."""
    parts = sorted((root / "reconcile" / f"scan-{number:06d}").glob("part-*.parquet"))
    with engines.opened(root) as engine:
        rows = engine.rows(f"SELECT path FROM read_parquet({[str(one) for one in parts]})") if parts else []
    return Counter(path for (path,) in rows)


def test_a_scan_is_made_shown_and_can_be_compared(place):
    told = place.json("reconcile", "scan", "disk")
    assert (told["state"], told["entries"], told["bytes"], told["directories"], told["whole"]) == (
        "DONE", 3, len("a/onea/b/twoc/three"), 4, True,
    )  # fmt: skip
    assert paths(place.root, 1) == Counter(["/a/one", "/a/b/two", "/c/three"])
    assert "3 files" in place.good("reconcile", "scan", "disk")
    assert [one["id"] for one in place.json("reconcile", "scans")] == [2, 1]
    assert place.json("reconcile", "scans", "--endpoint", "tape") == []
    assert "scan-000001" in place.good("reconcile", "scans", "--show", 1)
    below = place.json("reconcile", "scan", "disk", "/a//b")
    assert (below["root"], below["entries"]) == ("/a/b/", 1)


def test_what_the_catalogue_expects_is_written_before(place, tmp_path):
    place.good("reconcile", "scan", "disk")
    settings = load(place.root / "ddm.toml")
    with open_catalog(settings) as catalog:
        row = operation.listing(catalog, settings, 1)[0]
        stored = scanstore.open_scan(settings, row)
        assert stored.reading.endpoint == "disk"
        assert stored.reading.begun >= row.catalogue_at
        assert (stored.unread, stored.live, snapshots.read(stored.before).rows) == ((), (), 0)
        operation.disbelieve(catalog, 1, "a test")
        with pytest.raises(Exception, match="only a scan that is DONE"):
            scanstore.open_scan(settings, operation.listing(catalog, settings, 1)[0])


def test_one_that_is_not_finished_says_what_to_do(place, monkeypatch):
    monkeypatch.setattr(operation, "_ended", lambda *_: 1 / 0)
    assert place.run("reconcile", "scan", "disk").exit_code != 0
    monkeypatch.undo()
    said = place.refused(ExitCode.USAGE, "reconcile", "scan", "disk")
    assert "--resume 1" in said
    assert "disbelieve 1" in said
    assert place.json("reconcile", "scan", "disk", "/c")["entries"] == 1, "another place"
    assert place.json("reconcile", "scan", "disk", "--anew")["id"] == 3
    assert "--resume 1" in place.refused(ExitCode.USAGE, "reconcile", "scan", "disk")
    assert "reads no dump" in place.refused(
        ExitCode.USAGE, "reconcile", "scan", "--resume", 1, "--prefix", "/x"
    )
    assert place.json("reconcile", "scan", "--resume", 1)["entries"] == 3
    assert "nothing to go on with" in place.refused(ExitCode.FAILED, "reconcile", "scan", "--resume", 1)
    assert place.json("reconcile", "disbelieve", 1, "--reason", "a test")["state"] == "REFUSED"


def test_one_that_is_being_made_is_not_made_by_two(place):
    settings = load(place.root / "ddm.toml")
    app = open_app(settings)
    row = operation.begin(app, "disk", "/")
    with scanstore.held(settings, row):
        assert "being made now" in place.refused(ExitCode.BUSY, "reconcile", "scan", "--resume", row.id)
    app.close()
    assert place.json("reconcile", "scan", "--resume", row.id)["entries"] == 3


def test_a_scan_of_nothing_is_not_believed_where_something_is_expected(place):
    told = place.run("reconcile", "scan", "disk", "/no/such")
    assert told.exit_code == ExitCode.HELD
    assert "REFUSED: there is no such directory" in told.stdout
    told = place.run("reconcile", "scan", "tape")
    assert told.exit_code == ExitCode.HELD
    assert "REFUSED: it is empty, and the catalogue expects 3 files there" in told.stdout
    assert place.json("reconcile", "scans")[0]["state"] == "REFUSED"


def test_a_number_that_comes_again_does_not_take_the_files_of_another_scan(place):
    place.good("db", "backup", place.root / "old.db")
    place.good("reconcile", "scan", "disk")
    place.good("db", "backup", place.root / "new.db")
    place.good("db", "restore", place.root / "old.db", "--replace")
    (place.root / "disk/a/four").write_text("4")
    again = place.json("reconcile", "scan", "disk")
    assert (again["id"], again["entries"]) == (1, 4)
    assert paths(place.root, 1).total() == 4
    kept = [one.name for one in (place.root / "reconcile").iterdir()]
    assert len(kept) == 2, "nothing is removed"
    place.good("db", "restore", place.root / "new.db", "--replace")
    settings = load(place.root / "ddm.toml")
    with open_catalog(settings) as catalog, pytest.raises(BadInput, match="of another scan"):
        scanstore.open_scan(settings, operation.listing(catalog, settings, 1)[0])


@pytest.mark.parametrize("words", [["disk", "a"], ["disk", "/../x"], []])
def test_what_cannot_be_scanned_is_refused_in_one_line(place, words):
    place.refused(ExitCode.USAGE, "reconcile", "scan", *words)
    assert place.json("reconcile", "scans") == []


@pytest.mark.parametrize("backend", ["posix", pytest.param("xrootd", marks=pytest.mark.xrootd)])
def test_it_is_killed_at_random_moments_and_tells_of_every_file_once(tmp_path, backend, request):
    store = tmp_path / "store"
    prefix = f"file://{store}"
    if backend == "xrootd":
        server = request.getfixturevalue("stock_server")
        store = server.disk_file("/disk/killed-scans")
        prefix = f"{server.disk_prefix}/killed-scans"
    command = [
        sys.executable,
        "-m",
        "tests.reconcile.killing",
        str(tmp_path),
        "4",
        backend,
        prefix,
        str(store),
    ]
    answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    told = json.loads(answer.stdout.splitlines()[-1])
    place = Place.again(tmp_path)
    state = place.json("reconcile", "scans")
    if not state or state[0]["state"] == ScanState.GOING:
        place.good(*told["words"])
    assert told["killed"] >= 2
    assert paths(tmp_path, 1) == Counter(told["paths"])
    row = place.json("reconcile", "scans")[0]
    assert (row["id"], row["state"], row["entries"]) == (1, "DONE", len(told["paths"]))


@pytest.fixture(scope="module")
def webdav(gfal2_library: None, stock_server: XRootDServer) -> Iterator[tuple[XRootDServer, str]]:
    """A server that speaks HTTP, and the URL of its disk."""
    port = free_port()
    with XRootDServer.start(extra=f"xrd.protocol XrdHttp:{port} libXrdHttp.so\n") as server:
        yield server, f"http://127.0.0.1:{port}{DISK_AREA}"


@pytest.mark.xrootd
@pytest.mark.parametrize("backend", ["xrootd", pytest.param("gfal2", marks=pytest.mark.gfal2)])
def test_a_real_server_with_a_directory_that_it_does_not_read(tmp_path, backend, request, monkeypatch):
    monkeypatch.setattr(scanning, "AGAIN", ())
    if backend == "gfal2":
        server, url = request.getfixturevalue("webdav")
    else:
        server = request.getfixturevalue("stock_server")
        url = server.disk_prefix
    place = Place(tmp_path)
    name = "scan-of-a-real-server"
    for path in ("a/one.raw", "a/b/two.raw", "shut/three.raw"):
        server.put(f"/disk/{name}/{path}", b"12345")
    shut = server.disk_file(f"/disk/{name}/shut")
    shut.chmod(0)
    (place.root / "ddm.toml").write_text(
        f'catalog = "sqlite:///ddm.db"\n[endpoint.eos]\nkind = "disk"\nbackend = "{backend}"\n'
        f'prefix = "{url}/{name}"\n'
    )
    place.good("db", "upgrade")
    try:
        told = place.json("reconcile", "scan", "eos")
    finally:
        shut.chmod(0o755)
    assert (told["entries"], told["bytes"], told["unread"]) == (2, 10, 1)
    assert paths(place.root, 1) == Counter(["/a/one.raw", "/a/b/two.raw"])
    shown = place.json("reconcile", "scans", "--show", 1)
    assert [one["path"] for one in shown["unread"]] == ["/shut/"]
