"""Renewal by a command: real programs, threads and processes. Nothing of what they print is seen."""

from __future__ import annotations

import logging
import os
import stat
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from catalog.checksum import Adler32
from catalog.clock import SimulatedClock
from tests.unit.transfers_credentials import place
from tests.unit.transfers_credentials.place import HOUR, NOW
from transfers.backends import memory
from transfers.backends.memory import MemoryStorage
from transfers.credentials import Pace, read_token
from transfers.credentials.keeper import RETRY, Keeper, Renewal
from transfers.errors import CredentialExpired, CredentialMissing, PermissionRefused
from transfers.guards import credentialed
from transfers.model import CopyOrder, FetchOrder
from transfers.testing.suites import fetched, settle_for_real

ME = os.getuid()
ENVIRON = {"PATH": os.environ["PATH"]}


@pytest.fixture
def clock():
    return SimulatedClock(NOW)


class Agency:
    """A token file and a program that renews it, which notes each time it ran and prints what it must not."""

    def __init__(self, root: Path) -> None:
        self.file, self.fresh, self.ran = root / "token", root / "fresh", root / "ran"
        self.program = root / "renew-token"
        place.token(self.fresh, 12 * HOUR, sub="fresh")
        self.does()

    def does(self, first: str = "") -> None:
        self.program.write_text(
            f"#!/bin/sh\necho ran >> {self.ran}\ncat {self.fresh}; cat {self.fresh} >&2\n{first}\n"
            f"umask 077; cp {self.fresh} {self.file}.new && mv {self.file}.new {self.file}\n"
        )
        self.program.chmod(0o700)

    @property
    def runs(self) -> int:
        return len(self.ran.read_text().splitlines()) if self.ran.exists() else 0

    def renewal(self, **changes) -> Renewal:
        known = {"command": (str(self.program), "--password", "sesame"), "path": str(self.file)}
        return Renewal(**{**known, "environ": ENVIRON, **changes})

    def keeper(self, clock, **changes) -> Keeper:
        return Keeper("grid", lambda: read_token(str(self.file), ME), clock, self.renewal(**changes))


@pytest.fixture
def agency(tmp_path):
    return Agency(tmp_path)


def test_enough_is_left_alone(agency, clock):
    place.token(agency.file, 7 * HOUR)
    keeper = agency.keeper(clock)
    assert keeper.current(HOUR).ends_at == NOW + 7 * HOUR
    assert agency.runs == 0


@pytest.mark.parametrize(
    ("lasts", "needed"), [(2 * HOUR, timedelta(0)), (7 * HOUR, 8 * HOUR), (-HOUR, timedelta(0))]
)
def test_too_little_is_renewed_before_the_work(agency, clock, lasts, needed, caplog):
    caplog.set_level(logging.DEBUG)
    place.token(agency.file, lasts)
    assert agency.keeper(clock).current(needed).ends_at == NOW + 12 * HOUR
    assert agency.runs == 1
    assert "credential grid was renewed by renew-token" in caplog.text
    assert not (stat.S_IMODE(os.stat(f"{agency.file}.ddm-lock").st_mode) & 0o077)


def test_none_at_all_is_made(agency, clock):
    assert agency.keeper(clock).current().subject == "fresh"


def test_without_a_command_it_is_only_looked_at(agency, clock):
    place.token(agency.file, HOUR)
    keeper = Keeper("grid", lambda: read_token(str(agency.file), ME), clock)
    assert keeper.current(HOUR).ends_at == NOW + HOUR
    with pytest.raises(CredentialExpired, match=r"ends in 1 h .*, and the work needs 2 h"):
        keeper.current(2 * HOUR)


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("exit 3", "renew-token ended with exit code 3"),
        ("kill -9 $$", "renew-token ended with signal 9"),
        ("rm -f TOKEN; exit 0", "renew-token gave none that lasts for 6 h"),
    ],
)
def test_a_renewal_that_fails_is_told_and_not_repeated_at_once(agency, clock, script, why, caplog):
    agency.does(first=script.replace("TOKEN", f"{agency.fresh}"))
    keeper = agency.keeper(clock)
    for _ in range(3):
        with pytest.raises(CredentialMissing, match=why):
            keeper.current()
    assert agency.runs == 1
    clock.sleep(RETRY)
    with pytest.raises(CredentialMissing):
        keeper.current()
    assert agency.runs == 2
    assert why in caplog.text


def test_work_goes_on_with_the_old_one_while_it_is_enough(agency, clock):
    agency.does(first="exit 1")
    place.token(agency.file, 2 * HOUR)
    keeper = agency.keeper(clock)
    assert keeper.current(HOUR).ends_at == NOW + 2 * HOUR
    with pytest.raises(CredentialExpired, match=r"the work needs 3 h; renewing it failed: .* exit code 1"):
        keeper.current(3 * HOUR)


def test_more_than_can_be_had_does_not_run_the_command_for_every_call(agency, clock):
    keeper = agency.keeper(clock)
    for _ in range(4):
        with pytest.raises(CredentialExpired, match="the work needs 4 d"):
            keeper.current(timedelta(days=4))
    assert agency.runs == 1


def test_a_command_that_does_not_exist(agency, clock):
    with pytest.raises(CredentialMissing, match="nowhere cannot be started"):
        agency.keeper(clock, command=("/nowhere",)).current()


def test_a_command_that_hangs_is_ended_with_its_children(agency, clock, tmp_path):
    agency.does(first=f"sleep 600 & echo $! > {tmp_path}/child; wait")
    keeper = agency.keeper(clock, timeout=timedelta(seconds=1))
    with pytest.raises(CredentialMissing, match="did not end within 1 s"):
        keeper.current()
    child = int((tmp_path / "child").read_text())

    def gone() -> bool:  # killed, which a busy machine may take a moment to carry out
        try:
            return Path(f"/proc/{child}/stat").read_text().split()[2] == "Z"
        except OSError:
            return True

    settle_for_real(gone)


def test_a_file_others_can_read_is_not_renewed_but_refused(agency, clock):
    place.token(agency.file, HOUR, mode=0o644)
    with pytest.raises(PermissionRefused):
        agency.keeper(clock).current()
    assert agency.runs == 0


def test_many_threads_renew_once(agency, clock):
    place.token(agency.file, -HOUR)
    keeper = agency.keeper(clock)
    found = []
    threads = [threading.Thread(target=lambda: found.append(keeper.current().ends_at)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert found == [NOW + 12 * HOUR] * 8
    assert agency.runs == 1


PROCESS = """
import os, sys
from catalog.clock import SystemClock
from transfers.credentials import read_token
from transfers.credentials.keeper import Keeper, Renewal
program, path = sys.argv[1:]
renewal = Renewal((program,), path, {"PATH": os.environ["PATH"]})
sys.stdin.readline()
print(Keeper("grid", lambda: read_token(path, os.getuid()), SystemClock(), renewal).current().subject)
"""


def test_many_processes_renew_once(agency):
    from datetime import UTC, datetime

    place.token(agency.fresh, 12 * HOUR, now=datetime.now(UTC), sub="fresh")
    command = [sys.executable, "-c", PROCESS, str(agency.program), str(agency.file)]
    started = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(4)
    ]
    for process in started:
        process.stdin.write("go\n")
        process.stdin.flush()
    assert [process.communicate(timeout=60)[0].strip() for process in started] == ["fresh"] * 4
    assert agency.runs == 1


def test_somebody_elses_renewal_is_waited_for_and_not_for_ever(agency, clock):
    import fcntl

    handle = os.open(f"{agency.file}.ddm-lock", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(handle, fcntl.LOCK_EX)
    with pytest.raises(CredentialMissing, match="somebody else has been renewing it for 2 min"):
        agency.keeper(clock).current()
    assert clock.now() - NOW >= timedelta(minutes=2)
    assert agency.runs == 0
    os.close(handle)
    assert agency.keeper(clock).current().subject == "fresh"


def test_nothing_of_it_is_shown(agency, clock, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    place.token(agency.file, HOUR)
    keeper = agency.keeper(clock)
    keeper.current()
    agency.does(first="exit 1")
    clock.sleep(11 * HOUR)
    keeper.current()
    shown = [caplog.text, *capfd.readouterr(), repr(agency.renewal()), str(agency.renewal()), repr(keeper)]
    for secret in (agency.fresh.read_text().strip(), "sesame"):
        assert not any(secret in text for text in shown)
    assert "renew-token" in caplog.text


# ----------------------------------------------------------------------------- around a storage
def test_work_begins_only_with_a_credential_that_lasts_as_long(agency, clock):
    store = MemoryStorage("eos", clock)
    agency.program.unlink()
    place.token(agency.file, HOUR)
    pace = Pace(rate=1000, per_file=timedelta(0), margin=timedelta(0))
    storage = credentialed(store.storage(), agency.keeper(clock, before=timedelta(0)), pace)
    assert storage.prober.probe(["/a"])
    short, long = 3_600_000, 3_601_000
    missing = storage.copier.copy([CopyOrder("/a", "memory://none/x", short, Adler32(1))])
    assert missing["/a"].code == "file_missing"
    with pytest.raises(CredentialExpired, match="the work needs 1 h 1 s"):
        storage.copier.copy([CopyOrder("/a", "memory://none/x", long, Adler32(1))])
    with pytest.raises(CredentialExpired):
        storage.copier.fetch([FetchOrder("/a", "x", long)])
    assert fetched(storage.copier, "/a", "x").code == "file_missing"
    agency.file.unlink()
    with pytest.raises(CredentialMissing):
        storage.prober.probe(["/a"])
    memory.reset()
