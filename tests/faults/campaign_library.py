"""The tape library of small recall campaigns: how it goes wrong, and an account of what did."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from catalog.clock import Clock
from tests.faults.campaign_script import Script, adler32_of
from transfers.backends.memory import MemoryStorage
from transfers.backends.tapelibrary import Fault, Recall
from transfers.model import Observation, Observed, Outcome
from transfers.ports import Storage
from transfers.testing.faults import faulty

COSTLY = (Fault.FAIL, Fault.CORRUPT, Fault.TRUNCATE, Fault.EVICTED)
"""Faults of a file after which it must be read from tape once more."""


class Chance(random.Random):
    """Draws of faults, until it is ``calm``: then nothing that may happen by chance does."""

    calm = False

    def random(self) -> float:
        return 1.0 if self.calm else super().random()


class Honest:
    """A prober that tells what the copy on disk contains."""

    def __init__(self, store: MemoryStorage) -> None:
        self._store = store

    def probe(self, paths: Sequence[str]) -> Mapping[str, Observation]:
        return {path: self._told(path, seen) for path, seen in self._store.probe(paths).items()}

    def _told(self, path: str, seen: Observation) -> Observation:
        if not isinstance(seen, Observed) or not seen.locality.readable:
            return seen
        size, checksum = self._store.library.files[path].on_disk_contents
        return replace(seen, size=size, adler32=checksum)


class Counted:
    """A stager that counts, per file, the recalls that were taken back while a drive was reading."""

    def __init__(self, store: MemoryStorage) -> None:
        self._store = store
        self.interrupted: Counter[str] = Counter()
        self.stage, self.poll, self.release = store.stage, store.poll, store.release

    def cancel(self, token: str, paths: Sequence[str]) -> Mapping[str, Outcome]:
        answers = self._store.cancel(token, paths)
        active = self._store.library.files.active
        for path in paths:
            if path in active and active[path].recall is Recall.READING and not active[path].held:
                self.interrupted[path] += 1
        return answers


class Library:
    """The library, its ports with and without faults, and why a file may have been read once more.

    ``drawn``: faults of each file. ``struck``: how often a copy was evicted or a request forgotten.
    """

    def __init__(self, script: Script, clock: Clock, chance: random.Random) -> None:
        self._script, self._clock, self._chance = script, clock, chance
        self.store = MemoryStorage("tape", clock, tape=True, settings=script.library)
        self.good = {file.path: (file.size or 0, adler32_of(file)) for file in script.files}
        for path, (size, checksum) in self.good.items():
            self.store.seed_tape([(path, size, checksum)], tape=script.tapes[path])
        self.stager = Counted(self.store)
        plain = self.store.storage()
        self.plain = Storage(
            plain.capabilities, Honest(self.store), plain.copier, plain.remover, stager=self.stager
        )
        self._weather = Chance(script.seed)
        self.faulty = faulty(self.plain, script.rates, self._weather)
        self.drawn: dict[str, Counter[Fault]] = defaultdict(Counter)
        self.struck: Counter[str] = Counter()
        self.healed = False
        self._watch()

    def _watch(self) -> None:
        faults, buffer = self.store.library.faults, self.store.library.buffer
        draw, evict = faults.draw, buffer._evict

        def drawn(path: str, times: int, kinds: tuple[Fault, ...]) -> Fault | None:
            fault = draw(path, times, kinds)
            if fault is not None:
                self.drawn[path][fault] += 1
            return fault

        def evict_spare(record: Any) -> None:
            self.struck[record.path] += 1  # its holds have lapsed, and the buffer needed the room
            evict(record)

        faults.draw = drawn  # type: ignore[method-assign]
        buffer._evict = evict_spare

    # ---------------------------------------------------------------------------- misfortune
    def strike(self) -> list[str]:
        """Let happen what is due; in words."""
        now, script = self._clock.now(), self._script
        self.store.library.advance(now.timestamp())
        told = []
        while script.timetable and script.timetable[0][0] <= now and not self.healed:
            told.append(self._happens(script.timetable.pop(0)[1]))
        if not self.healed and now >= script.heals_at:
            self.store.heal()
            self._weather.calm = self.healed = True
            script.timetable.clear()
            told.append("everything that can be repaired is repaired")
        return told

    @property
    def next_event(self) -> list[datetime]:
        """When the next misfortune is due, and the healing. (Of drives the program learns by asking.)"""
        coming = [at for at, _ in self._script.timetable[:1]]
        return coming + ([] if self.healed else [self._script.heals_at])

    def _happens(self, kind: str) -> str:
        chance, library = self._chance, self.store.library
        file = chance.choice(self._script.files)
        match kind:
            case "evict":
                for path in chance.sample(sorted(self.good), min(5, len(self.good))):
                    library.evict(path, self._clock.now().timestamp())
                    self.struck[path] += 1
            case "forget":
                tokens = sorted({token for record in library.files.active.values() for token in record.held})
                if tokens:
                    self._forget(chance.choice(tokens))
            case "outage":
                self.store.outage(chance.uniform(0.5, 30) * 3600)
            case "pause tape":
                refuse = chance.random() < 0.5
                seconds = chance.uniform(1, 20) * 3600
                self.store.break_tape(f"V{chance.randint(1, 3)}", seconds=seconds, refuse=refuse)
            case "lose tape":
                tape = library.files[file.path].tape
                self._no_only_copies([path for path, name in self._script.tapes.items() if name == tape])
                self.store.break_tape(tape)
            case "lose file":
                self._no_only_copies([file.path])
                library.lose(file.path)
            case "drive":
                self.store.drive_down(0, seconds=chance.uniform(1, 20) * 3600)
            case _:
                pattern = chance.choice(["*", file.path, f"*{file.run}*"])
                count, likely = chance.choice([1, 3, None]), chance.choice([0.05, 0.3, 1])
                self.store.inject(pattern, kind, count, chance=likely)
        return f"{kind} ({file.path})"

    def _no_only_copies(self, paths: Sequence[str]) -> None:
        """Only copies are never evicted: in a small buffer they would take the room of others for ever."""
        for path in paths if self.store.library.buffer.limited else ():
            self.store.library.evict(path, self._clock.now().timestamp())
            self.struck[path] += 1

    def _forget(self, token: str) -> None:
        for record in self.store.library.files.active.values():
            self.struck[record.path] += token in record.held
        self.store.forget(token)

    # ------------------------------------------------------------------------------- looking
    @property
    def was_out(self) -> bool:
        """There was an outage."""
        return bool(self.store.library.robot.outages)

    def lost(self, path: str) -> bool:
        """Nobody can read the file any more."""
        return bool(self.causes(path))

    def causes(self, path: str) -> tuple[str, ...]:
        """As what a lost file is held: the tape is gone, and there is no copy on disk, or only a bad one."""
        record = self.store.library.files[path]
        if not record.lost:
            return ()
        if record.disk_at > self._clock.now().timestamp():
            return ("tape_lost",)
        return ("checksum_mismatch", "size_mismatch") if record.damage else ()

    def may_be_gone(self, path: str) -> bool:
        """A copy may have gone although it was held."""
        return bool(self.struck[path] or self.drawn[path][Fault.EVICTED])

    def reads(self, path: str) -> int:
        """How often the file was read from tape."""
        return self.store.library.files[path].recalls

    def reasons(self, path: str) -> tuple[int, int, int]:
        """Why it may have been read more than once: faults, copies or requests lost, readings for nobody."""
        costly = sum(self.drawn[path][fault] for fault in COSTLY)
        return costly, self.struck[path], self.stager.interrupted[path]

    def held(self) -> dict[str, int]:
        """Sizes of the files that the library keeps for us, or is fetching. Not those of which a reading has
        failed: the library joins the request that failed to the next one, and nobody releases it. Nor those
        whose tape was lost while it was read: it has told us so, and the drive only does not know yet."""
        now, found = self._clock.now().timestamp(), {}
        for record in self.store.library.files.active.values():
            if self.drawn[record.path][Fault.FAIL] or record.lost:
                continue
            kept = record.disk_at <= now and max(record.held.values(), default=0.0) > now
            if kept or (record.held and record.recall in (Recall.QUEUED, Recall.READING)):
                found[record.path] = record.size
        return found
