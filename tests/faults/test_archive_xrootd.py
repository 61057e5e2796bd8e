"""To tape by XRootD: evidence of every grade from a real server, what is there already, what is different."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from catalog.evidence import Grade
from catalog.states import Locality, RequestKind
from ddm import flow
from ddm.operations.requests import resume
from tests.faults.archiving import SmallArchive, small_archive
from tests.fixtures_xrootd import eos_server
from transfers.testing.xrootd import XRootDServer

__all__ = ["eos_server"]
pytestmark = pytest.mark.xrootd

QUICK = 'interval = "100 ms"\nfirst_wait = "200 ms"\nlongest_wait = "500 ms"\n'
DEADLINE = 60.0


@pytest.fixture
def base(eos_server: XRootDServer, tmp_path: Path) -> str:
    return f"/cta/archive-{tmp_path.name}-{time.monotonic_ns()}"


def until(archive: SmallArchive, true: Callable[[], bool]) -> None:
    """Rounds of the flow until something is true."""
    end = time.monotonic() + DEADLINE
    while not true():
        assert time.monotonic() < end, (archive.states(), archive.items(), archive.pieces())
        flow.tick(archive.app)
        time.sleep(0.1)


@pytest.fixture
def closing() -> Iterator[list[SmallArchive]]:
    made: list[SmallArchive] = []
    yield made
    for archive in made:
        archive.app.close()


def tape(server: XRootDServer) -> str:
    where = f'backend = "xrootd"\nprefix = "{server.url}/"\n'
    return where + 'options = { tape = "true" }\nstage_timeout = "30 s"'


def test_a_file_is_archived_settles_and_is_read_again_from_tape(
    eos_server: XRootDServer, base: str, tmp_path: Path, closing: list[SmallArchive]
) -> None:
    data = {f"{base}/m-{n}.root": b"merged %d " % n * (1 + n * 300_000) for n in range(1, 4)}
    archive = small_archive(
        tmp_path, data, tape(eos_server), product='evidence = "c"\nsettle = "1 s"\n', flow=QUICK
    )
    closing.append(archive)
    until(archive, lambda: set(archive.states().values()) == {"AVAILABLE"})
    assert {pieces[0].grade for pieces in archive.pieces().values()} == {Grade.B}
    until(archive, lambda: all(Grade.C in [p.grade for p in some] for some in archive.pieces().values()))
    for lfn, pieces in archive.pieces().items():
        (read,) = (piece for piece in pieces if piece.grade is Grade.C)
        assert (read.size, read.how, read.source) == (len(data[lfn]), "read", "tape (xrootd)")
        before = [piece.locality for piece in pieces if piece.taken_at <= read.taken_at]
        assert Locality.NEARLINE in before
        assert eos_server.recalls()[lfn] == 1
    until(archive, lambda: not any(eos_server.on_disk(lfn) for lfn in data))  # and released


def archived(
    eos_server: XRootDServer, base: str, tmp_path: Path, closing: list[SmallArchive]
) -> tuple[SmallArchive, str]:
    """A file of grade c that is on tape only, and was not recalled yet."""
    lfn = f"{base}/m.root"
    archive = small_archive(
        tmp_path,
        {lfn: b"merged " * 1000},
        tape(eos_server),
        product='evidence = "c"\nsettle = "1 s"\n',
        flow=QUICK + "max_attempts = 2\n",
    )
    closing.append(archive)
    until(archive, lambda: archive.states()[lfn] == "AVAILABLE")
    eos_server.wait_on_tape(lfn)
    return archive, lfn


def test_other_bytes_recall_after_recall_are_a_bad_copy(
    eos_server: XRootDServer, base: str, tmp_path: Path, closing: list[SmallArchive]
) -> None:
    archive, lfn = archived(eos_server, base, tmp_path, closing)
    eos_server.fault(lfn, "corrupt")
    until(archive, lambda: archive.states()[lfn] == "BAD")
    assert "adler32" in archive.reasons(lfn)[-1]
    assert archive.pieces()[lfn] == ()


def test_while_a_recall_is_held_no_evidence_counts(
    eos_server: XRootDServer, base: str, tmp_path: Path, closing: list[SmallArchive]
) -> None:
    """The tape system says itself that it cannot read the file: a person looks at the recall."""
    archive, lfn = archived(eos_server, base, tmp_path, closing)
    good = eos_server.tape_file(lfn).read_bytes()
    eos_server.tape_file(lfn).write_bytes(b"Merged " * 1000)
    until(archive, lambda: archive.pieces()[lfn] == ())
    assert archive.states()[lfn] == "AVAILABLE"
    eos_server.tape_file(lfn).write_bytes(good)
    resume(archive.app.catalog, RequestKind.STAGE, None, "the tape was repaired")
    until(archive, lambda: Grade.C in [piece.grade for piece in archive.pieces()[lfn]])


def test_equal_is_adopted_different_is_held_and_never_touched(
    eos_server: XRootDServer, base: str, tmp_path: Path, closing: list[SmallArchive]
) -> None:
    data = {f"{base}/{name}.root": b"merged bytes" * 50 for name in ("equal", "longer", "other")}
    equal, longer, other = data
    theirs = {longer: data[longer] + b"!", other: data[other].replace(b"m", b"M")}
    eos_server.load(equal, data[equal])
    for lfn, content in theirs.items():
        eos_server.load(lfn, content)
    archive = small_archive(tmp_path, data, tape(eos_server), flow=QUICK)
    closing.append(archive)
    until(archive, lambda: archive.states()[equal] == "AVAILABLE")
    assert any(reason.startswith("adopted: ") for reason in archive.reasons(equal))
    for lfn, content in theirs.items():
        state, code, reason = archive.items()[lfn]
        assert (state, code) == ("HELD", "file_exists")
        assert f"{len(content)} bytes" in reason
        assert f"{len(data[lfn])} bytes" in reason
        assert archive.states()[lfn] == "COPYING"
        assert eos_server.tape_file(lfn).read_bytes() == content
    for _ in range(3):
        flow.tick(archive.app)
    assert {archive.items()[lfn][0] for lfn in theirs} == {"HELD"}
