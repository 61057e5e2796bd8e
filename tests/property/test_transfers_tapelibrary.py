"""Whatever is asked of the simulated library, in whatever order: no file is ever without a copy."""

from __future__ import annotations

import json
from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from catalog.checksum import Adler32
from transfers.backends.tapelibrary import Fault, LibrarySettings, TapeLibrary
from transfers.model import Done, Failed, Observed, Pending, StageOrder

SUM = Adler32(7)
NAMES = st.sampled_from(["/a", "/b", "/c", "/d"])
SETTINGS = LibrarySettings(drives=2, mount=10, unmount=5, seek=2, rate=10, archive_delay=30, tape_size=25)


class Journey(RuleBasedStateMachine):
    """Acts on the library, and on a model that only knows which files were written and asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.library = TapeLibrary(SETTINGS)
        self.now = 0.0
        self.written: set[str] = set()
        self.tokens: list[str] = []
        self.clean = True

    @rule(path=NAMES, on_tape=st.booleans())
    def write(self, path: str, on_tape: bool) -> None:
        if path not in self.written:
            add = self.library.add_on_tape if on_tape else self.library.add_to_buffer
            add(path, 10, SUM, now=self.now)
            self.written.add(path)

    @rule(paths=st.lists(NAMES, min_size=1, unique=True), lifetime=st.sampled_from([1, 1000]))
    def stage(self, paths: list[str], lifetime: int) -> None:
        orders = [StageOrder(path, 10, timedelta(seconds=lifetime)) for path in paths]
        receipt = self.library.stage(orders, self.now)
        assert list(receipt.outcomes) == paths
        assert receipt.token not in self.tokens
        self.tokens.append(receipt.token)

    @precondition(lambda self: self.tokens)
    @rule(data=st.data(), paths=st.lists(NAMES, min_size=1, unique=True))
    def release(self, data: st.DataObject, paths: list[str]) -> None:
        token = data.draw(st.sampled_from(self.tokens))
        for path in paths:
            assert self.library.release(token, path, self.now) == Done()
            record = self.library.files.get(path)
            assert record is None or token not in record.held

    @precondition(lambda self: self.tokens)
    @rule(data=st.data())
    def forget(self, data: st.DataObject) -> None:
        self.library.forget(data.draw(st.sampled_from(self.tokens)), self.now)

    @rule(path=NAMES)
    def remove(self, path: str) -> None:
        assert isinstance(self.library.remove(path), Done) == (path in self.written)
        self.written.discard(path)

    @rule(path=NAMES, kind=st.sampled_from(Fault))
    def inject(self, path: str, kind: Fault) -> None:
        self.library.inject(path, kind)
        self.clean = False

    @rule(seconds=st.sampled_from([1, 7, 40, 500]))
    def wait(self, seconds: int) -> None:
        self.now += seconds

    @rule()
    def restart(self) -> None:
        data = json.loads(json.dumps(self.library.to_data()))
        self.library = TapeLibrary(SETTINGS)
        self.library.load(data)

    @rule()
    def everything_can_be_read_in_the_end(self) -> None:
        """Without faults every file is readable some time after it was asked for."""
        self.library.heal()
        if not self.clean or not self.written:
            return
        token = self.library.stage([StageOrder(path, 10) for path in sorted(self.written)], self.now).token
        self.now += 100_000
        for path in self.written:
            assert self.library.poll(token, path, self.now) == Done()

    @invariant()
    def no_file_is_without_a_copy(self) -> None:
        assert set(self.library.files) == self.written
        for path in self.written:
            seen = self.library.observe(path, self.now)
            assert isinstance(seen, Observed)
            assert (seen.size, seen.adler32) == (10, SUM)
            assert seen.locality.on_tape or seen.locality.readable

    @invariant()
    def what_is_done_can_be_read_and_what_is_not_cannot(self) -> None:
        for path in self.written:
            seen = self.library.observe(path, self.now)
            readable = self.library.readable(path, self.now)
            assert isinstance(seen, Observed)
            assert isinstance(readable, Failed) != seen.locality.readable
            assert not self.clean or isinstance(readable, Failed) or readable == (10, SUM)
            for token in self.tokens:
                outcome = self.library.poll(token, path, self.now)
                assert (outcome == Done()) == seen.locality.readable
                assert outcome != Pending() or token in self.library.files[path].held


TestJourney = Journey.TestCase
