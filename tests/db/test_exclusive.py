"""Only one process at a time does a thing with a catalogue; the lock goes with it, however it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from catalog.db.engine import Catalog
from catalog.errors import CatalogBusy, ExitCode, Retry

# It has started a program, as the local runner does.
HOLD = """
import subprocess, sys
from catalog.db.engine import Catalog
with Catalog(sys.argv[1], actor="shifter") as catalog, catalog.exclusive("flow"):
    job = subprocess.Popen(["sleep", "60"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    print(job.pid, flush=True)
    sys.stdin.readline()
    job.kill()
"""


class Holder:
    """Another process that holds the lock until told to let go."""

    def __init__(self, url: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", HOLD, url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        self.pid, self.job = self._process.pid, int(self._process.stdout.readline())

    def let_go(self) -> None:
        self._process.communicate("\n", timeout=60)
        assert self._process.returncode == 0

    def kill(self) -> None:
        self._process.kill()
        self._process.communicate(timeout=60)

    def end(self) -> None:
        if self._process.poll() is None:
            self.kill()
        for stream in (self._process.stdin, self._process.stdout):
            assert stream is not None
            stream.close()
        with suppress(ProcessLookupError):
            os.kill(self.job, signal.SIGKILL)


@pytest.fixture
def holder(catalog_url):
    found = Holder(catalog_url)
    yield found
    found.end()


def soon(catalog: Catalog) -> None:
    """Take the lock; a server may need a moment to notice that its client is dead."""
    end = time.monotonic() + 20
    while True:
        try:
            with catalog.exclusive("flow"):
                return
        except CatalogBusy:
            assert time.monotonic() < end, "the lock outlives its holder"
            time.sleep(0.05)


def test_the_second_is_told_who_is_first(catalog, holder):
    with pytest.raises(CatalogBusy) as busy, catalog.exclusive("flow"):
        pytest.fail("two at a time")
    assert "shifter" in str(busy.value)
    assert f"process {holder.pid}" in str(busy.value)
    assert (busy.value.code, busy.value.retry) == ("catalog_busy", Retry.LATER)
    assert busy.value.exit_code == ExitCode.BUSY
    assert "wait" in busy.value.advice


def test_another_thing_may_be_done_meanwhile(catalog, holder):
    with catalog.exclusive("bench"):
        catalog.check_schema()


def test_it_is_free_when_the_first_has_ended(catalog, holder):
    holder.let_go()
    soon(catalog)


def test_it_is_free_when_the_first_was_killed_though_its_jobs_live_on(catalog, holder):
    holder.kill()
    os.kill(holder.job, 0)  # still there
    soon(catalog)


def test_twice_in_one_process_is_refused_too(catalog):
    with catalog.exclusive("flow") as check:
        check()
        with pytest.raises(CatalogBusy, match="tester"), catalog.exclusive("flow"):
            pytest.fail("two at a time")
        check()
    with catalog.exclusive("flow"):
        pass


def test_it_is_free_after_an_exception(catalog):
    with pytest.raises(ZeroDivisionError), catalog.exclusive("flow"):
        raise ZeroDivisionError
    with catalog.exclusive("flow"):
        pass


def test_it_does_not_keep_others_from_writing(catalog, catalog_url):
    with catalog.exclusive("flow"), Catalog(catalog_url) as other, other.begin():
        pass


def test_a_file_has_one_lock_by_whatever_name(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    with (
        Catalog(f"sqlite:///{tmp_path}/real/catalog.db") as one,
        Catalog(f"sqlite:///{tmp_path}/link/catalog.db") as other,
        one.exclusive("flow"),
        pytest.raises(CatalogBusy),
        other.exclusive("flow"),
    ):
        pytest.fail("two at a time")
    assert Path(tmp_path / "real" / "catalog.db.flow.lock").exists()


def test_a_catalogue_in_memory_is_ours_alone():
    one, other = Catalog("sqlite://"), Catalog("sqlite://")
    with one, other, one.exclusive("flow"), other.exclusive("flow"):
        pass
