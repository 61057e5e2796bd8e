"""``ddm merge run`` between a real XRootD server and a work directory, killed -9 at random moments."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog.checksum import adler32
from catalog.errors import ExitCode
from merging.date import EventType, build_event
from tests.fixtures_xrootd import xrootd_programs
from transfers.testing.xrootd_disk import HOLD, DiskServer

__all__ = ["xrootd_programs"]
pytestmark = [pytest.mark.slow, pytest.mark.xrootd, pytest.mark.timeout(240)]

INPUTS, EVENTS, KILLS = 8, 40, 6
PROGRAM = (sys.executable, "-m", "ddm", "merge", "run")


@pytest.fixture
def server(xrootd_programs: None) -> Iterator[DiskServer]:
    with DiskServer.start() as server:
        yield server


def seeded(server: DiskServer, node: Path) -> tuple[Path, bytes]:
    """Inputs of some MB at the server, the manifest of their merge, and what it must give."""
    inputs, merged = [], b""
    for number in range(INPUTS):
        data = b"".join(
            build_event(EventType.PHYSICS, 1, 1, n, bytes(50_000)) for n in range(EVENTS + number)
        )
        name = f"/in/f{number}.raw"
        server.put(name, data)
        url, checksum = server.prefix + name, str(adler32([data]))
        inputs.append({"lfn": name, "url": url, "size": len(data), "adler32": checksum})
        merged += data
    url = f"{server.prefix}/out/merged"
    promise = {"lfn": "/out/merged", "url": url, "tool": "date", "counter": "date", "product": "dump"}
    manifest = node / "m.json"
    manifest.write_text(json.dumps({"version": 1, "label": "m", "inputs": inputs, "promises": [promise]}))
    return manifest, merged


def run(manifest: Path, limit: float) -> int:
    """Run the merge, and kill it after so many seconds; its exit code."""
    words = [*PROGRAM, str(manifest), "--ahead", "5 MB", "--quiet"]
    with subprocess.Popen(words, stderr=subprocess.PIPE) as process:
        try:
            process.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            process.kill()
        return process.wait()


def test_killed_again_and_again_a_merge_announces_nothing_wrong_and_leaves_nothing(
    server: DiskServer, tmp_path: Path
) -> None:
    manifest, merged = seeded(server, tmp_path)
    chance = random.Random(5)
    whole = {f"/in/f{n}.raw": server.file(f"/in/f{n}.raw").stat().st_size for n in range(INPUTS)}
    report, out = tmp_path / "m.json.report.json", server.file("/out/merged")
    began = time.monotonic()
    assert run(manifest, 60) == 0
    usual = time.monotonic() - began
    kills = 0
    while kills < KILLS:
        report.unlink(missing_ok=True)
        out.unlink(missing_ok=True)
        code = run(manifest, chance.uniform(0.2, 0.95) * usual)
        assert code in (0, -signal.SIGKILL, ExitCode.STORAGE)
        kills += code == -signal.SIGKILL
        if report.exists():
            found = json.loads(report.read_text())
            print(found["code"], found["text"])
            if found["code"]:  # the server still held what the killed one had begun to write
                assert (found["outputs"], found["fault"]) == ([], "storage")
            else:
                assert found["outputs"][0]["adler32"] == str(adler32([merged]))
                assert out.read_bytes() == merged
    time.sleep(HOLD)  # the server gives up what was broken off
    assert run(manifest, 120) == 0
    found = json.loads(report.read_text())
    assert (found["code"], found["outputs"][0]["n_read"], len(found["inputs"])) == ("", sum(range(40, 48)), 8)
    assert out.read_bytes() == merged
    assert {path.name for path in tmp_path.iterdir()} == {"m.json", "m.json.report.json"}
    end = time.monotonic() + HOLD + 30
    while server.names() != {**whole, "/out/merged": len(merged)}:
        assert time.monotonic() < end, server.names()
        time.sleep(0.1)
