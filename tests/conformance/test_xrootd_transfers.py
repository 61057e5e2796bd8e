"""Copies between two real XRootD servers when something goes wrong: numbers as in docs/explanation/copies.md.

Every case says: the class of the error, within the deadline; what readers see meanwhile (nothing, never a
part); what is left when all is well again (nothing); and that giving the order again does it.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from catalog.states import Locality
from tests.agent import Agent
from tests.copyfield import (
    FETCHED,
    MIDDLE,
    SIZE,
    STREAMED,
    UPLOADED,
    Field,
    Road,
    Trip,
    by_road,
    open_field,
    while_waiting,
)
from tests.fixtures_xrootd import xrootd_programs
from transfers.model import Observed
from transfers.testing.relay import DOWN, UP, Relay
from transfers.testing.smalldisk import SmallDisk
from transfers.testing.xrootd_disk import AREA

__all__ = ["xrootd_programs"]
pytestmark = pytest.mark.xrootd

STRANGER = b"another file"
OPENING = rb"\x0b\xc2.{20}" + AREA.encode()
"""The head of a request to open (kXR_open: 3010), up to the name."""
CLOSING = rb"\x0b\xbb.{4}\x00{16}"
"""A request to close (kXR_close: 3003)."""


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, xrootd_programs: None) -> Iterator[Field]:
    with open_field(tmp_path_factory.mktemp("copies")) as ground:
        yield ground


@pytest.fixture
def ground(shared: Field) -> Iterator[Field]:
    """The shared field, well again after each test."""
    yield shared
    shared.heal()


# --------------------------------------------------------------------------------- 1. the destination's state
@by_road()
def test_1_1_nothing_is_there(ground: Field, road: Road) -> None:
    trip = Trip(ground, road)
    assert trip.code() == "done"
    assert trip.seen() == Observed(len(trip.data), trip.adler32, Locality.ONLINE)
    trip.check_whole()


@by_road(STREAMED, UPLOADED)
def test_1_2_an_equal_file_is_adopted(ground: Field, road: Road) -> None:
    trip = Trip(ground, road)
    trip.put_destination(trip.data)
    before = trip.destination.stat()
    assert trip.code() == "done"
    after = trip.destination.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    trip.check_whole()


@by_road()
@pytest.mark.parametrize("same_size", [True, False], ids=["same size", "other size"])
def test_1_3_another_file_is_not_touched(ground: Field, road: Road, same_size: bool) -> None:
    trip = Trip(ground, road)
    other = bytes(len(trip.data)) if same_size else STRANGER
    trip.put_destination(other)
    assert trip.code() == "file_exists"
    trip.check_untouched(other)


@by_road(STREAMED, UPLOADED)
def test_1_4_a_file_that_another_writes_meanwhile_is_not_touched(ground: Field, road: Road) -> None:
    """Who is first, wins. The other is told, and removes nothing."""
    trip = Trip(ground, road)
    rival = Trip(ground, UPLOADED, STRANGER)
    order = replace(rival.order, path=trip.path)

    with Agent(ground.environment) as other:

        def first() -> None:
            assert other.call("copy", ground.there.prefix, [order]).code(trip.path) == "done"

        ground.destination_wire.when(UP, OPENING + trip.path.encode(), first)
        assert trip.code() == "file_exists"
    assert ground.destination_wire.happened.is_set()
    trip.check_untouched(STRANGER)


def test_1_5_a_local_file_that_comes_while_we_fetch_is_not_touched(ground: Field) -> None:
    trip = Trip(ground, FETCHED)
    ground.source_wire.after(DOWN, MIDDLE, lambda: trip.put_destination(STRANGER))
    assert trip.code() == "file_exists"
    trip.check_untouched(STRANGER)


# ---------------------------------------------------------------------------------------------- 2. the source
@by_road()
def test_2_1_it_has_vanished_since_the_plan(ground: Field, road: Road) -> None:
    trip = Trip(ground, road)
    trip.source.unlink()
    assert trip.code() == "file_missing"
    trip.check_nothing()


@by_road()
def test_2_2_it_is_too_short(ground: Field, road: Road) -> None:
    trip = Trip(ground, road)
    os.truncate(trip.source, MIDDLE)
    assert trip.code() == "size_mismatch"
    trip.check_nothing()


@by_road()
def test_2_3_it_is_cut_short_while_we_read(ground: Field, road: Road) -> None:
    trip = Trip(ground, road)
    wire, way = trip.wire
    wire.after(way, 1_000_000, lambda: os.truncate(trip.source, MIDDLE))
    code = trip.code()
    if code == "done":  # all was read when it was cut
        trip.check_whole()
        return
    assert code in ("size_mismatch", "transient")
    trip.check_nothing()
    assert trip.code() == "size_mismatch"


@by_road()
def test_2_4_its_bytes_are_others(ground: Field, road: Road) -> None:
    trip = Trip(ground, road)
    trip.put_source(STRANGER + trip.data[len(STRANGER) :])
    assert trip.code() == "checksum_mismatch"
    trip.check_nothing()


@by_road(STREAMED, FETCHED)
def test_2_5_its_bytes_are_others_and_its_server_tells_the_old_checksum(ground: Field, road: Road) -> None:
    """A disk that rots: what the server has once computed is not true any more."""
    trip = Trip(ground, road)
    told = ground.agent.call("probe", ground.source_prefix, [trip.source_path], **ground.options)
    assert told.of[trip.source_path].adler32 == trip.adler32
    rot(trip.source)
    told = ground.agent.call("probe", ground.source_prefix, [trip.source_path], **ground.options)
    assert told.of[trip.source_path].adler32 == trip.adler32
    assert trip.code() == "checksum_mismatch"
    trip.check_nothing()


@by_road(STREAMED, UPLOADED)
@pytest.mark.parametrize("size", [1000, SIZE], ids=["small", "large"])
def test_2_6_an_attempt_before_has_done_it_and_then_it_vanished(ground: Field, road: Road, size: int) -> None:
    """Of that attempt nothing may be known: what lies there decides."""
    trip = Trip(ground, road, ground.data[:size])
    trip.put_destination(trip.data)
    trip.source.unlink()
    assert trip.code() == "done"
    trip.check_whole()
    trip.put_destination(STRANGER)
    assert trip.code() == ("file_missing" if size == 1000 else "file_exists")
    trip.check_untouched(STRANGER)


def rot(file: Path) -> None:
    """Change a byte, and nothing that tells of it."""
    before = file.stat()
    with file.open("r+b") as stream:
        stream.seek(MIDDLE)
        byte = stream.read(1)[0]
        stream.seek(MIDDLE)
        stream.write(bytes([byte ^ 0x10]))
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


# -------------------------------------------------------------------------------------- 3. somebody is killed
def when_a_part_is_written(ground: Field, road: Road, act: Callable[[], object]) -> threading.Event:
    """Act when the destination has a part, and the source has not given all. The event tells that it was."""
    wire, way, count = (
        (ground.destination_wire, UP, MIDDLE // 2)
        if road.to_server
        else (ground.source_wire, DOWN, 20_000_000)
    )
    wire.after(way, count, act)
    return wire.happened


@by_road(STREAMED, FETCHED)
def test_3_1_nobody_listens_at_the_source(ground: Field, road: Road) -> None:
    trip = Trip(ground, road)
    ground.here.kill()
    assert trip.code() == "endpoint_unreachable"
    trip.check_nothing()
    trip.check_again()


@by_road(STREAMED, UPLOADED)
def test_3_2_nobody_listens_at_the_destination(ground: Field, road: Road) -> None:
    trip = Trip(ground, road)
    ground.there.kill()
    assert trip.code() == "endpoint_unreachable"
    trip.check_nothing()
    trip.check_again()


@by_road(STREAMED, FETCHED)
def test_3_3_the_source_is_killed_in_the_middle(ground: Field, road: Road) -> None:
    trip = Trip(ground, road, ground.data * 2)
    happened = when_a_part_is_written(ground, road, ground.here.kill)
    assert trip.code() == "endpoint_unreachable"
    assert happened.wait(5)
    trip.check_nothing()
    trip.check_again()


@by_road(STREAMED, UPLOADED)
def test_3_4_the_destination_is_killed_in_the_middle(ground: Field, road: Road) -> None:
    trip = Trip(ground, road)
    ground.destination_wire.after(UP, MIDDLE, ground.there.kill)
    assert trip.code() == "endpoint_unreachable"
    assert ground.destination_wire.happened.wait(5)
    trip.check_nothing()
    trip.check_again()


@by_road(STREAMED, UPLOADED)
def test_3_5_the_client_is_killed_in_the_middle(ground: Field, road: Road) -> None:
    """The server drops the unfinished file when it has held it for its time."""
    trip = Trip(ground, road)
    ground.destination_wire.after(UP, MIDDLE, ground.kill_client)
    trip.begin()
    assert ground.destination_wire.happened.wait(20)
    trip.check_nothing()
    trip.check_again()


def test_3_6_a_client_is_killed_that_fetches(ground: Field) -> None:
    """Under the name is nothing; a part with a name of ours is left for whoever clears the directory."""
    trip = Trip(ground, FETCHED)
    ground.source_wire.after(DOWN, MIDDLE, ground.kill_client)
    trip.begin()
    assert ground.source_wire.happened.wait(20)
    assert trip.seen() is None
    assert all(Path(path).relative_to(trip.local.parent).parts[0].startswith(".ddm-") for path in trip.left())
    ground.heal()
    assert trip.code() == "done"
    assert trip.local.read_bytes() == trip.data


@by_road(STREAMED, UPLOADED)
def test_3_7_the_destination_is_killed_when_it_is_to_close(ground: Field, road: Road) -> None:
    """Nobody can tell whether it has closed the file. This one had not, and drops it."""
    trip = Trip(ground, road)
    ground.destination_wire.when(UP, CLOSING, ground.there.kill)
    assert trip.code() == "unknown"
    assert ground.destination_wire.happened.wait(5)
    trip.check_nothing()
    trip.check_again()


@by_road(STREAMED, UPLOADED)
def test_3_8_the_connection_breaks_before_the_close_is_answered(ground: Field, road: Road) -> None:
    """Nobody can tell, and this one had closed the file: the next attempt finds it, and writes nothing."""
    trip = Trip(ground, road)
    wire = ground.destination_wire
    wire.when(UP, CLOSING, lambda: wire.when(DOWN, b"", wire.cut))
    assert trip.code() == "unknown"
    before = trip.destination.stat()
    ground.heal()
    assert trip.code() == "done"
    after = trip.destination.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    trip.check_whole()


# ------------------------------------------------------------------------------------------------- 4. silence
@by_road(STREAMED, FETCHED)
def test_4_1_the_source_is_silent_from_the_start(ground: Field, road: Road) -> None:
    trip = Trip(ground, road)
    ground.here.freeze()
    assert trip.code() == "storage_timeout"
    trip.check_nothing()
    trip.check_again()


@by_road(STREAMED, UPLOADED)
def test_4_2_the_destination_is_silent_from_the_start(ground: Field, road: Road) -> None:
    trip = Trip(ground, road)
    ground.there.freeze()
    assert trip.code() == "storage_timeout"
    ground.there.thaw()
    trip.check_nothing()
    trip.check_again()


@by_road(STREAMED, FETCHED)
def test_4_3_the_source_falls_silent_in_the_middle(ground: Field, road: Road) -> None:
    trip = Trip(ground, road, ground.data * 2)
    happened = when_a_part_is_written(ground, road, ground.here.freeze)
    assert trip.code() == "storage_timeout"
    assert happened.wait(5)
    trip.check_nothing()
    trip.check_again()


@by_road(STREAMED, UPLOADED)
def test_4_4_the_destination_falls_silent_in_the_middle(ground: Field, road: Road) -> None:
    trip = Trip(ground, road)
    ground.destination_wire.after(UP, MIDDLE, ground.there.freeze)
    assert trip.code() == "storage_timeout"
    ground.there.thaw()
    trip.check_nothing()
    trip.check_again()


@by_road(STREAMED, UPLOADED)
def test_4_6_the_destination_falls_silent_when_it_is_to_open(ground: Field, road: Road) -> None:
    trip = Trip(ground, road)
    ground.destination_wire.when(UP, OPENING + trip.path.encode(), ground.there.freeze)
    assert trip.code() == "storage_timeout"
    assert ground.destination_wire.happened.wait(5)
    ground.there.thaw()
    trip.check_nothing()
    trip.check_again()


@by_road(UPLOADED, FETCHED)
def test_4_5_the_wire_stalls_in_the_middle(ground: Field, road: Road) -> None:
    trip = Trip(ground, road)
    wire, way = trip.wire
    wire.after(way, MIDDLE, wire.stall)
    assert trip.code() == "storage_timeout"
    wire.reset()
    wire.cut()
    trip.check_nothing()
    trip.check_again()


# ---------------------------------------------------------------------------------------------- 5. on the way
def wires(ground: Field, road: Road) -> list[tuple[Relay, object]]:
    found: list[tuple[Relay, object]] = [(ground.source_wire, DOWN)] if road.from_server else []
    return [*found, (ground.destination_wire, UP)] if road.to_server else found


@by_road()
def test_5_1_a_byte_changes_on_the_way(ground: Field, road: Road) -> None:
    """The client library may see it and send the part again; otherwise the copy is not taken. A server that
    sees it may hang up."""
    for wire, way in wires(ground, road):
        trip = Trip(ground, road)
        wire.flip(way, MIDDLE)  # type: ignore[arg-type]
        code = trip.code()
        assert wire.happened.wait(5)
        if code == "done":
            trip.check_whole()
        else:
            assert code in (
                "checksum_mismatch", "transient", "unreadable_reply", "endpoint_unreachable", "unknown",
            )  # fmt: skip
            trip.check_nothing()
            trip.check_again()


@by_road()
def test_5_2_the_connection_breaks_in_the_middle(ground: Field, road: Road) -> None:
    """The client library may mend it and go on; otherwise the copy is not taken."""
    for wire, way in wires(ground, road):
        trip = Trip(ground, road)
        wire.after(way, MIDDLE, wire.cut)  # type: ignore[arg-type]
        code = trip.code()
        assert wire.happened.wait(5)
        if code == "done":
            trip.check_whole()
        else:
            assert code in ("endpoint_unreachable", "storage_timeout", "transient", "unknown")
            trip.check_nothing()
            trip.check_again()


@by_road(STREAMED, UPLOADED)
def test_5_3_the_destination_keeps_other_bytes_than_it_got(ground: Field, road: Road) -> None:
    """A bad disk or memory there: the server's checksum, computed from what it kept, tells."""
    trip = Trip(ground, road)

    def spoil() -> None:
        with trip.destination.open("r+b") as stream:
            stream.write(bytes([trip.data[0] ^ 1]))

    def written() -> bool:
        return trip.destination.exists() and trip.destination.stat().st_size > 0

    ground.destination_wire.after(UP, MIDDLE, while_waiting(spoil, written))
    assert trip.code() == "checksum_mismatch"
    trip.check_nothing()
    trip.check_again()


# ------------------------------------------------------------------------------------------------ 6. no space
@by_road(STREAMED, UPLOADED)
def test_6_1_the_destination_is_full(tmp_path: Path, xrootd_programs: None, road: Road) -> None:
    with open_field(tmp_path, space=MIDDLE) as ground:
        trip = Trip(ground, road)
        assert trip.code() == "quota_exceeded"
        trip.check_nothing()
        assert ground.there.disk is not None
        ground.there.disk.resize(SIZE)  # what was written of the first attempt takes no room
        trip.check_again()


def test_6_2_the_local_disk_is_full(ground: Field) -> None:
    trip = Trip(ground, FETCHED)
    trip.local.parent.mkdir(parents=True)
    with SmallDisk(trip.local.parent, MIDDLE) as disk:
        before = dict(ground.environment)
        ground.dismiss()
        ground.environment |= disk.environment
        try:
            assert trip.code() == "quota_exceeded"
            trip.check_nothing()
            disk.resize(SIZE)
            trip.check_again()
        finally:
            ground.dismiss()
            ground.environment = before


# ------------------------------------------------------------------- 9. copies that servers make themselves
@pytest.fixture
def apart(ground: Field) -> Iterator[Field]:
    """Servers copy among themselves; the bytes go through the source's wire only."""
    before = dict(ground.options)
    ground.options.update(thirdparty="only", copy_timeout="12")
    yield ground
    ground.options = before


def test_9_1_the_destination_fetches_from_the_source(apart: Field) -> None:
    trip = Trip(apart, STREAMED)
    assert trip.code() == "done"
    trip.check_whole()


def test_9_2_a_third_party_copy_touches_no_other_file(apart: Field) -> None:
    trip = Trip(apart, STREAMED)
    trip.put_destination(STRANGER)
    assert trip.code() == "file_exists"
    trip.check_untouched(STRANGER)


def test_9_3_a_third_party_copy_of_other_bytes_is_removed(apart: Field) -> None:
    trip = Trip(apart, STREAMED)
    trip.put_source(STRANGER + trip.data[len(STRANGER) :])
    assert trip.code() == "checksum_mismatch"
    trip.check_nothing()


def test_9_4_the_source_of_a_third_party_copy_is_killed(apart: Field) -> None:
    """The destination tries to reach it for long. We see that nothing grows, and leave no part."""
    apart.options |= {"copy_timeout": "300", "stall": "2"}
    trip = Trip(apart, STREAMED, apart.data * 2)
    apart.source_wire.after(DOWN, MIDDLE, apart.here.kill)
    assert trip.code() == "storage_timeout"
    assert apart.source_wire.happened.wait(5)
    trip.check_nothing()
    apart.options |= {"copy_timeout": "12", "stall": "10"}
    trip.check_again()
