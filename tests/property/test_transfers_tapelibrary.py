"""Whatever is asked of the simulated library, in whatever order: no file is ever without a copy.

Every call goes to two libraries: one is written down and read back now and then, the other lives on and is
looked at more often. They must always say the same.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import ClassVar, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from catalog.checksum import Adler32
from transfers.backends.tapelibrary import Fault, LibrarySettings, Recall, TapeLibrary
from transfers.errors import EndpointUnreachable, QuotaExceeded
from transfers.model import Done, Failed, Observed, Pending, StageOrder

T = TypeVar("T")
SUM = Adler32(7)
NAMES = st.sampled_from(["/a", "/b", "/c", "/d", "/e", "/f"])
LISTS = st.lists(NAMES, min_size=1, unique=True)
MACHINE = {
    "mount": 10,
    "unmount": 5,
    "seek": 2,
    "locate": 1,
    "rate": 10,
    "archive_delay": 30,
    "tape_size": 25,
}


class Journey(RuleBasedStateMachine):
    """Acts on the libraries, and on a model that only knows which files were written and asked for."""

    settings: ClassVar = LibrarySettings(drives=2, write_drives=2, **MACHINE)

    def __init__(self) -> None:
        super().__init__()
        self.library, self.twin = TapeLibrary(self.settings), TapeLibrary(self.settings)
        self.now = 0.0
        self.written: set[str] = set()
        self.tokens: list[str] = []
        self.clean = True

    def both(self, call: Callable[[TapeLibrary], T]) -> T:
        answers = []
        for library in (self.library, self.twin):
            try:
                answers.append(("answer", call(library)))
            except (QuotaExceeded, EndpointUnreachable) as error:
                answers.append(("raised", error))
        (kind, answer), (other_kind, other) = answers
        assert kind == other_kind
        if kind == "raised":
            assert str(answer) == str(other)
            raise answer
        assert answer == other
        return answer

    @initialize()
    def begin(self) -> None:
        for path in ("/a", "/b", "/c", "/d"):
            self.write(path, True)

    @rule(path=NAMES, on_tape=st.booleans())
    def write(self, path: str, on_tape: bool) -> None:
        if path in self.written:
            return
        try:
            if on_tape:
                self.both(lambda library: library.add_on_tape(path, 10, SUM, now=self.now))
            else:
                self.both(lambda library: library.add_to_buffer(path, 10, SUM, now=self.now))
        except QuotaExceeded:
            assert self.library.buffer.used + 10 > self.settings.buffer_size
        else:
            self.written.add(path)

    @rule(paths=LISTS, lifetime=st.sampled_from([1, 1000]))
    def stage(self, paths: list[str], lifetime: int) -> None:
        orders = [StageOrder(path, 10, timedelta(seconds=lifetime)) for path in paths]
        receipt = self.both(lambda library: library.stage(orders, self.now))
        assert list(receipt.outcomes) == paths
        assert receipt.token not in self.tokens
        self.tokens.append(receipt.token)

    @precondition(lambda self: self.tokens)
    @rule(data=st.data(), paths=LISTS, cancels=st.booleans())
    def release_or_cancel(self, data: st.DataObject, paths: list[str], cancels: bool) -> None:
        token = data.draw(st.sampled_from(self.tokens))
        for path in paths:
            if cancels:
                assert self.both(lambda library, p=path: library.cancel(token, p, self.now)) == Done()
            else:
                assert self.both(lambda library, p=path: library.release(token, p, self.now)) == Done()
                record = self.library.files.get(path)
                assert record is None or token not in record.held

    @precondition(lambda self: self.tokens)
    @rule(data=st.data())
    def forget(self, data: st.DataObject) -> None:
        token = data.draw(st.sampled_from(self.tokens))
        self.both(lambda library: library.forget(token, self.now))

    @precondition(lambda self: self.written)
    @rule(data=st.data())
    def evict(self, data: st.DataObject) -> None:
        path = data.draw(st.sampled_from(sorted(self.written)))
        self.both(lambda library: library.evict(path, self.now))

    @rule(path=NAMES)
    def remove(self, path: str) -> None:
        outcome = self.both(lambda library: library.remove(path, self.now))
        assert isinstance(outcome, Done) == (path in self.written)
        self.written.discard(path)

    @rule(path=NAMES, kind=st.sampled_from(Fault))
    def inject(self, path: str, kind: Fault) -> None:
        self.both(lambda library: library.inject(path, kind))
        self.clean = False

    @rule(what=st.sampled_from(["drive", "drive", "tape", "tape", "service"]), data=st.data())
    def trouble(self, what: str, data: st.DataObject) -> None:
        """Of a drive, of a tape, of the whole service; it passes."""
        seconds = data.draw(st.sampled_from([1, 12, 40]))
        until, number = self.now + seconds, data.draw(st.integers(0, 1))
        if what == "drive":
            self.both(lambda library: library.drive_down(number, self.now, until=until))
        elif what == "tape":
            tape, refuse = f"T{number + 1:05d}", data.draw(st.booleans())
            self.both(lambda library: library.break_tape(tape, self.now, until=until, refuse=refuse))
        else:  # nobody is asked while it lasts; what happens meanwhile is seen afterwards
            self.both(lambda library: library.outage(self.now + number, seconds))
            self.now = until + number

    @rule(seconds=st.sampled_from([1, 2, 12, 40, 500]))
    def wait(self, seconds: int) -> None:
        for _ in range(4):
            self.now += seconds / 4
            self.twin.advance(self.now)

    @rule()
    def restart(self) -> None:
        data = json.loads(json.dumps(self.library.to_data()))
        self.library = TapeLibrary(self.settings)
        self.library.load(data)
        assert json.loads(json.dumps(self.library.to_data())) == data

    @rule()
    def everything_can_be_read_in_the_end(self) -> None:
        """Without faults every file is readable some time after it was asked for."""
        self.both(lambda library: library.heal())
        if not self.clean:
            return
        self.now += 10_000
        for path in sorted(self.written):
            order = StageOrder(path, 10, timedelta(seconds=100))
            token = self.both(lambda library, o=order: library.stage([o], self.now)).token
            self.now += 10_000
            assert self.both(lambda library, t=token, p=path: library.poll(t, p, self.now)) == Done()
            self.both(lambda library, t=token, p=path: library.release(t, p, self.now))

    @invariant()
    def no_file_is_without_a_copy(self) -> None:
        assert set(self.library.files) == self.written
        for path in self.written:
            seen = self.both(lambda library, p=path: library.observe(p, self.now))
            assert isinstance(seen, Observed)
            assert (seen.size, seen.adler32) == (10, SUM)
            assert seen.locality.on_tape or seen.locality.readable
            assert (seen.place is None) == (not seen.locality.on_tape)

    @invariant()
    def what_is_done_can_be_read_and_what_is_not_cannot(self) -> None:
        for path in self.written:
            seen = self.library.observe(path, self.now)
            readable = self.both(lambda library, p=path: library.readable(p, self.now))
            assert isinstance(seen, Observed)
            assert isinstance(readable, Failed) != seen.locality.readable
            assert not self.clean or isinstance(readable, Failed) or readable == (10, SUM)
            for token in self.tokens:
                outcome = self.both(lambda library, t=token, p=path: library.poll(t, p, self.now))
                assert (outcome == Done()) == seen.locality.readable
                assert outcome != Pending() or token in self.library.files[path].held

    @invariant()
    def room_is_counted_right_and_never_overrun(self) -> None:
        buffer, records = self.library.buffer, self.library.files.active.values()
        on_disk = [record for record in records if record.disk_at <= self.now]
        reading = [drive.record for drive in self.library.drives if drive.record is not None]
        assert buffer.used == sum(record.size for record in [*on_disk, *reading]) <= buffer.size
        assert buffer.spare == sum(record.size for record in on_disk if record.spare)

    @invariant()
    def nothing_is_read_more_often_than_it_was_asked_for_and_queues_are_what_is_wanted(self) -> None:
        files, robot = self.library.files, self.library.robot
        assert all(record.recalls <= record.stages for record in files.values())
        queued = [record for record in files.active.values() if record.recall is Recall.QUEUED]
        assert sum(queue.live for queue in robot.queues.values()) == len(queued)
        assert robot.queued_bytes == sum(record.size for record in queued)


class CrampedJourney(Journey):
    """As Journey, with a buffer that has room for two files."""

    settings = LibrarySettings(drives=2, buffer_size=25, mount_order="most", **MACHINE)


class RefusingJourney(Journey):
    """As Journey, with room for three files, which refuses what it has no room for."""

    settings = LibrarySettings(drives=2, buffer_size=30, when_full="refuse", **MACHINE)


TestJourney = Journey.TestCase
TestCrampedJourney = CrampedJourney.TestCase
TestRefusingJourney = RefusingJourney.TestCase
