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
