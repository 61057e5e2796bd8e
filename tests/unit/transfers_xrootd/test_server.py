"""The test server as a program: it starts, keeps its files, refuses clearly, leaves nothing running."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fixtures_xrootd import stock_server
from transfers.testing.xrootd import XRootDServer, XRootDServerError, main, missing_packages

__all__ = ["stock_server"]
pytestmark = pytest.mark.xrootd


def processes_of(directory: Path) -> list[str]:
    found = subprocess.run(["ps", "-eo", "args"], check=True, capture_output=True, text=True).stdout
    return [line for line in found.splitlines() if str(directory) in line]


@pytest.fixture
def directory(stock_server: XRootDServer) -> Iterator[Path]:
    """Not below pytest's own directory, which only root may enter; skipped where no server can run."""
    with tempfile.TemporaryDirectory(prefix="ddm-test-") as name:
        Path(name).chmod(0o755)
        yield Path(name) / "server"


def shell(*args: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "transfers.testing.xrootd", *map(str, args)]
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)


def test_from_the_shell_it_starts_answers_stops_and_leaves_nothing(directory: Path) -> None:
    started = shell("start", directory)
    try:
        assert (started.returncode, started.stdout[:17]) == (0, "root://127.0.0.1:")
        assert "already runs" in shell("start", directory).stderr
        assert len(processes_of(directory)) == 3
        assert '"file": 0' in shell("tape", directory, "status").stdout
        refused = shell("tape", directory, "fault", "*", "nonsense")
        assert refused.returncode == 1
        assert "no such fault" in refused.stderr
    finally:
        assert shell("stop", directory).returncode == 0
    assert processes_of(directory) == []


def test_a_directory_keeps_its_files(directory: Path) -> None:
    with XRootDServer.start(directory) as first:
        first.load("/cta/a b.raw", b"events")
    with XRootDServer.start(directory) as second:
        assert second.on_tape("/cta/a b.raw")
        assert not second.on_disk("/cta/a b.raw")


def test_a_killed_server_comes_back_on_its_port(directory: Path) -> None:
    with XRootDServer.start(directory) as server:
        server.kill()
        assert [line for line in processes_of(directory) if "xrootd.cfg" in line] == []
        server.restart()
        assert [line for line in processes_of(directory) if "xrootd.cfg" in line] != []
    server.stop()  # once more is harmless


def test_thousands_of_files_are_seeded_at_once_and_their_recalls_are_counted(directory: Path) -> None:
    with XRootDServer.start(directory) as server:
        server.seed({f"/cta/run/{number:04d}": b"%d" % number for number in range(1000)}, tapes=3)
        places = server.places()
        assert len(places) == 1000
        assert {tape for tape, _ in places.values()} == {"S00", "S01", "S02"}
        assert places["/cta/run/0003"] == ("S00", 4)
        assert server.tape_file("/cta/run/0999").read_bytes() == b"999"
        assert not server.on_disk("/cta/run/0999")
        server.seed({"/cta/named/a": b"x"}, tapes={"/cta/named/a": "V00042"})
        assert server.places()["/cta/named/a"][0] == "V00042"
        assert (server.recalls(), server.mounts(), server.pins()) == ({}, {}, {})
        server._tape("--", "id:1", "stage", "/cta/named/a", "/cta/run/0000")
        server.wait()
        assert server.recalls() == {"/cta/named/a": 1, "/cta/run/0000": 1}
        assert server.mounts() == {"V00042": 1, "S00": 1}
        assert server.pins() == {"/cta/named/a": 1, "/cta/run/0000": 1}
        server.evict("/cta/named/a")
        assert server.tally()["/cta/named/a"]["evicted"] == 1


def test_requests_of_files_are_forgotten_by_pattern(directory: Path) -> None:
    with XRootDServer.start(directory) as server:
        server.set("drives", 0)
        server.seed({f"/cta/{name}": b"x" for name in ("a1", "a2", "b1")})
        server._tape("--", "id:1", "stage", "/cta/a1", "/cta/a2", "/cta/b1")
        assert server.forget_files("/cta/a*") == 2
        assert server.status()["request"] == 1
        assert server.tally()["/cta/a1"] == {"asked": 1, "priority 0": 1, "forgotten": 1}


def test_a_killed_tape_library_keeps_its_requests_its_tallies_and_its_settings(directory: Path) -> None:
    with XRootDServer.start(directory) as server:
        server.set("drives", 0)
        server.seed({"/cta/a": b"x"})
        server._tape("--", "id:1", "stage", "/cta/a")
        with pytest.raises(XRootDServerError, match="still runs"):
            server.restart("tapelib")
        server.kill("tapelib")
        with pytest.raises(XRootDServerError, match="cannot talk"):
            server.status()
        server.restart("tapelib")
        assert server.status()["request"] == 1
        assert server.status()["settings"]["drives"] == 0
        server.set("drives", 1)
        server.wait()
        assert server.recalls() == {"/cta/a": 1}


def test_parts_are_frozen_and_killed_from_the_shell(directory: Path) -> None:
    with XRootDServer.start(directory) as server:
        for words in (
            ["freeze"],
            ["thaw"],
            ["freeze", "tapelib"],
            ["thaw", "tapelib"],
            ["kill"],
            ["restart"],
        ):
            assert shell(words[0], directory, *words[1:]).returncode == 0
        assert server.status()["file"] == 0
    assert main(["kill", str(directory), "everything"]) == 2


def test_a_temporary_directory_goes_with_the_server(stock_server: XRootDServer) -> None:
    with XRootDServer.start() as server:
        assert server.directory.is_dir()
    assert not server.directory.exists()
    assert processes_of(server.directory) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's server runs as another user")
def test_a_directory_that_the_servers_user_cannot_reach_is_refused(
    stock_server: XRootDServer, tmp_path: Path
) -> None:
    tmp_path.chmod(0o700)
    with pytest.raises(XRootDServerError, match="cannot reach"):
        XRootDServer.start(tmp_path / "server")


def test_missing_programs_are_named_by_their_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert "xrootd-server" in missing_packages(eos=False)
    assert "g++" in missing_packages(eos=True)
    with pytest.raises(XRootDServerError, match="apt-get install xrootd-server"):
        XRootDServer.start()


def test_nothing_to_attach_to(tmp_path: Path) -> None:
    with pytest.raises(XRootDServerError, match="no XRootD test server"):
        XRootDServer.attach(tmp_path)
    assert main(["wrong"]) == 2
