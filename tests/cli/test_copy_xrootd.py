"""The commands that move bytes, and staging, with a real XRootD server."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys

import pytest
from click.testing import CliRunner

from catalog.checksum import adler32
from ddm.cli.program import ddm
from tests.fixtures_xrootd import stock_server
from transfers.testing.suites import settle_for_real

__all__ = ["stock_server"]
pytestmark = pytest.mark.xrootd

A = random.Random(1).randbytes(300_000)
B = b"second"


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def store(stock_server, request):
    """A directory of the server, as a URL without slash at its end, of this test alone."""
    name = f"/{request.node.name.split('[')[0]}-{os.getpid()}"
    return Store(stock_server, name)


class Store:
    def __init__(self, server, name):
        self.server, self.name = server, name
        self.url = f"{server.disk_prefix}{name}"

    def put(self, name, data):
        self.server.put(self.path(name), data)

    def path(self, name):
        area = self.server.disk_prefix.removeprefix(self.server.url)
        return f"/{area.strip('/')}{self.name}/{name}"

    def read(self, name):
        return self.server.disk_file(self.path(name)).read_bytes()

    def names(self):
        root = self.server.disk_file(self.path("x")).parent
        return {str(p.relative_to(root)) for p in root.rglob("*") if p.is_file()} if root.exists() else set()


def run(*words, code=0):
    told = CliRunner().invoke(ddm, [str(word) for word in words])
    assert told.exit_code == code, told.output
    return told


def as_json(*words, code=0):
    return json.loads(run(*words, "--json", code=code).stdout)


def test_files_go_there_and_come_back_compared_by_the_servers_checksum(store, here):
    (here / "a").write_bytes(A)
    (here / "b").write_bytes(B)
    told = as_json("copy", "a", "b", f"{store.url}/d/", "--parallel", "2")
    assert [f["state"] for f in told["files"]] == ["copied", "copied"]
    assert (store.read("d/a"), store.read("d/b")) == (A, B)
    assert [f["state"] for f in as_json("copy", "a", "b", f"{store.url}/d/")["files"]] == ["there", "there"]
    told = as_json("copy", "-r", f"{store.url}/d", "back/")
    assert all("told by the service at the source" in f["compared"] for f in told["files"])
    assert (here / "back" / "d" / "a").read_bytes() == A
    told = as_json("copy", f"{store.url}/d/a", f"{store.url}/e/a")  # from the server to the server
    assert [f["state"] for f in told["files"]] == ["copied"]
    assert store.read("e/a") == A


def test_nothing_is_overwritten_there(store, here):
    store.put("d/a", b"older")
    (here / "a").write_bytes(A)
    told = as_json("copy", "a", f"{store.url}/d/", code=23)
    assert told["files"][0]["code"] == "file_exists"
    assert store.read("d/a") == b"older"
    told = as_json("copy", f"{store.url}/d/nosuch", "x", code=23)
    assert told["files"][0]["code"] == "file_missing"
    assert not (here / "x").exists()


def test_a_directory_there_is_named_as_one_and_what_helps(store, here):
    store.put("d/b", B)
    (here / "a").write_bytes(A)
    told = run("copy", "a", f"{store.url}/d", code=21).stdout
    assert "is a directory; to copy into a directory, end its name with a slash" in told
    told = run("copy", f"{store.url}/d", ".", code=21).stdout
    assert "is a directory; a directory is copied with --recursive" in told
    run("copy", "a", f"{store.url}/d/")
    assert store.names() == {"d/a", "d/b"}


def test_a_server_that_is_not_there_is_the_networks_fault_told_once(here):
    told = as_json("copy", "root://127.0.0.1:1//nosuch/a", "x", code=22)
    assert told["files"][0]["code"] == "endpoint_unreachable"
    listed = subprocess.run(program("ls", "root://127.0.0.1:1//nosuch"), capture_output=True, text=True)
    assert (listed.returncode, listed.stderr.count("\n")) == (22, 1)


def test_ls_and_checksum_ask_the_server(store, here):
    store.put("d/a", A)
    store.put("d/s/b", B)
    told = as_json("ls", "-r", f"{store.url}/d")
    assert told["from"] == "service"
    found = {e["path"].rpartition("/d/")[2]: e["size"] for e in told["entries"] if not e["is_directory"]}
    assert found == {"a": len(A), "s/b": len(B)}
    assert f"{len(A)}" in run("ls", "-l", f"{store.url}/d").stdout
    (line,) = as_json("checksum", f"{store.url}/d/a")
    assert (line["checksum"], line["how"]) == (f"adler32:{adler32([A])}", "service")
    (line,) = as_json("checksum", "-a", "md5", f"{store.url}/d/s/b")
    assert (line["checksum"], line["how"]) == ("md5:a9f0e61a137d86aa9db53465e0801612", "read")


def manifest(here, kind, files):
    path = here / f"{kind}.json"
    path.write_text(json.dumps({"version": 1, "kind": kind, "label": "j", "files": files}))
    return path


def report(here, kind):
    path = here / f"{kind}.json.report.json"
    return json.loads(path.read_text()) if path.exists() else None


def program(*words):
    return [sys.executable, "-m", "ddm", *map(str, words)]


def test_a_link_that_leads_to_itself_hides_no_file(store, here):
    """A stock server breaks off its list there."""
    names = {f"{number:02}.raw" for number in range(40)}
    for name in names:
        store.put(f"run/{name}", B)
    for odd in ("loop", "05-loop", "z-loop"):
        store.server.disk_file(store.path(f"run/{odd}")).symlink_to(odd)
    for words in (["ls", "-r", store.url], ["ls", f"{store.url}/run"]):
        entries = as_json(*words)["entries"]
        assert {entry["path"].rpartition("/")[2] for entry in entries} - {"run"} == names
    run("copy", "-r", f"{store.url}/run", "here/")
    assert {path.name for path in (here / "here/run").iterdir()} == names


def test_staging_in_and_out(store, here):
    store.put("in/a", A)
    sources = [{"url": f"{store.url}/nosuch/a", "distance": 1}, {"url": f"{store.url}/in/a", "distance": 2}]
    stage_in = manifest(
        here, "stage-in", [{"lfn": "/x/a", "size": len(A), "adler32": str(adler32([A])), "sources": sources}]
    )
    done = subprocess.run(program("stage-in", stage_in, "--dir", "w"), capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert [a["code"] for a in report(here, "stage-in")["files"][0]["attempts"]] == ["file_missing", ""]
    assert (here / "w" / "a").read_bytes() == A
    places = ["root://127.0.0.1:1//gone/a", f"{store.url}/out/a"]
    stage_out = manifest(here, "stage-out", [{"lfn": "/x/a", "destinations": places}])
    for _ in range(2):  # the second time it is adopted
        done = subprocess.run(program("stage-out", stage_out, "--dir", "w"), capture_output=True, timeout=120)
        assert done.returncode == 0, done.stderr
        (out,) = report(here, "stage-out")["outputs"]
        assert (out["url"], out["adler32"]) == (places[1], str(adler32([A])))
        assert store.read("out/a") == A


@pytest.mark.slow
def test_stage_out_killed_in_the_middle_is_finished_by_repetition(store, here):
    """kill -9 at some moments: what has a final name is whole; nothing is announced before all is there."""
    chance = random.Random(7)
    data = {f"f{n}": chance.randbytes(3_000_000) for n in range(4)}
    (here / "w").mkdir()
    for name, content in data.items():
        (here / "w" / name).write_bytes(content)
    for attempt in range(3):
        files = [{"lfn": f"/x/{name}", "destinations": [f"{store.url}/{attempt}/{name}"]} for name in data]
        words = program("stage-out", manifest(here, "stage-out", files), "--dir", "w", "--quiet")
        process = subprocess.Popen(words)
        try:
            process.wait(timeout=0.4 + 0.2 * attempt)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
        told = report(here, "stage-out")
        assert told is None or len(told["outputs"]) == len(data)

        def finished(words: list[str] = words) -> bool:
            done = subprocess.run(words, capture_output=True, timeout=120)
            if done.returncode:  # the server has not yet dropped what the dead client had open: it is busy
                assert done.returncode == 23, done.stderr
                assert report(here, "stage-out")["outputs"] == []
            return done.returncode == 0

        settle_for_real(finished, every=0.5, limit=60)
        assert len(report(here, "stage-out")["outputs"]) == len(data)
        for name, content in data.items():
            assert store.read(f"{attempt}/{name}") == content
        (here / "stage-out.json.report.json").unlink()
