"""Small recall campaigns in which everything may go wrong, each drawn from one seed.

A ``Campaigns`` is a tape library with a few runs on it, consumers that ask for files, read them and release
them, a program that recalls, and a timetable of misfortune. Until the day of healing calls fail, replies are
lost, tapes break, copies are evicted, the program is stopped anywhere and started anew. Then all that can be
repaired is repaired, an operator resumes what is held, and after some weeks everything must be right.

    python -m tests.faults.campaigns 4711        # the story of one seed

The storage tells size and checksum of the copy on disk, as one does that has computed them: in the memory
backend alone they are those of the namespace, and a bad copy would look good.
"""

from __future__ import annotations

import random
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from catalog.checksum import Adler32
from catalog.clock import SimulatedClock
from catalog.db import campaigns, integrity, tally
from catalog.db.engine import Catalog
from catalog.errors import NotRegistered
from catalog.model import NewFile
from catalog.names import LFN
from catalog.seam import Seam
from catalog.states import EndpointKind, RequestKind, Role
from ddm import flow, registration
from ddm.app import App, open_app
from ddm.operations import requests, staging
from ddm.settings import EndpointSettings, FlowSettings, RecallSettings, Settings
from ddm.testing.crash import Stopped, StoppingSeam, When
from transfers.backends.memory import MemoryStorage
from transfers.backends.tapelibrary import Fault, LibrarySettings, Recall
from transfers.errors import EndpointUnreachable, FileMissing, NotOnline
from transfers.model import Observation, Observed, Outcome
from transfers.ports import Storage
from transfers.testing.faults import Probabilities, faulty

DATASET, DIRECTORY = "2016/W14", "/castor/raw/W14"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LONG_AGO, FAR = datetime(1970, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
RECALL_STEPS = ("release", "recalled", "want recall", "recall")
COSTLY = (Fault.FAIL, Fault.CORRUPT, Fault.TRUNCATE, Fault.EVICTED)
"""Faults of a file after which it must be read from tape once more."""
MAX_ROUNDS = 4000
BUSY, SLEEP = timedelta(seconds=20), timedelta(hours=6)  # after a round that moved something; or at most
ITERATIONS = 12  # times that the operator resumes what is held before a test gives up


class Story(list[tuple[datetime, str]]):
    """What happened, to be printed when a seed fails."""


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
        active = self._store.library.files.active
        for path in paths:
            if path in active and active[path].recall is Recall.READING:
                self.interrupted[path] += 1
        return self._store.cancel(token, paths)


@dataclass
class Consumer:
    """Somebody who wants files: asks at ``begins``, reads each file served, releases it ``holds`` later.

    ``lifetime``: its leases end by themselves; ``renews``: it renews them daily. ``forgets``: it dies and
    releases nothing. ``cancels_at``: it changes its mind.
    """

    name: str
    lfns: tuple[str, ...]
    terms: staging.Terms
    begins: datetime
    holds: timedelta
    renews: bool
    forgets: bool
    cancels_at: datetime | None
    asked: bool = False
    over: bool = False
    renewed_at: datetime | None = None
    read: dict[str, datetime] = field(default_factory=dict)

    @property
    def must_be_served(self) -> bool:
        """It goes on wanting its files until it has them."""
        return self.cancels_at is None and (self.terms.lifetime is None or self.renews)


class Campaigns:
    """One seed. ``wrong``: what was found to be wrong, as sentences."""

    def __init__(self, seed: int, directory: Path) -> None:
        self.seed = seed
        self.chance = chance = random.Random(seed)
        self.clock = SimulatedClock()
        self.story, self.wrong = Story(), list[str]()
        self.weather = Chance(chance.getrandbits(32))
        self.files = _files(chance)
        self.settings = _settings(chance, directory, self.files)
        self.tape = MemoryStorage("tape", self.clock, tape=True, settings=_library(chance, self.files))
        self._fill_tapes()
        self.rates = _rates(chance)
        self.stager = Counted(self.tape)
        self.storages = {"tape": faulty(self._honest(), self.rates, self.weather)}
        self.drawn: dict[str, Counter[Fault]] = defaultdict(Counter)
        self.struck: Counter[str] = Counter()  # copies evicted, requests forgotten: by the timetable
        self._watch_the_library()
        start = self.clock.now()
        self.heals_at = start + chance.uniform(0.5, 3) * DAY
        self.consumers = [self._consumer(number, start) for number in range(chance.randint(1, 4))]
        self.timetable = sorted(self._misfortunes(start), key=lambda entry: entry[0])
        self.crashes = chance.choice([0, 0, 1, 2, 4])
        self.catalog = Catalog(self.settings.catalog, clock=self.clock, actor="consumer")
        self.healed = False
        self.peak_files = self.peak_size = 0
        self._register()

    # ------------------------------------------------------------------ making the world
    def _honest(self) -> Storage:
        plain = self.tape.storage()
        return Storage(plain.capabilities, Honest(self.tape), plain.copier, plain.remover, stager=self.stager)

    def _fill_tapes(self) -> None:
        for run in sorted({file.run for file in self.files}):
            whole = self.chance.random() < 0.7  # a run on one tape, or spread over all
            tape = f"V{self.chance.randint(1, 3)}"
            for file in self.files:
                if file.run == run:
                    on = tape if whole else f"V{self.chance.randint(1, 3)}"
                    self.tape.seed_tape([(file.path, file.size or 0, _adler32(file))], tape=on)

    def _watch_the_library(self) -> None:
        faults, spare = self.tape.library.faults, self.tape.library.buffer._evict
        draw = faults.draw

        def drawn(path: str, times: int, kinds: tuple[Fault, ...]) -> Fault | None:
            fault = draw(path, times, kinds)
            if fault is not None:
                self.drawn[path][fault] += 1
            return fault

        def evict_spare(record):  # type: ignore[no-untyped-def]
            self.struck[record.path] += 1  # its holds have lapsed, and the buffer needed the room
            spare(record)

        faults.draw = drawn  # type: ignore[method-assign]
        self.tape.library.buffer._evict = evict_spare

    def _register(self) -> None:
        with Catalog(self.settings.catalog, clock=self.clock) as catalog:
            registration.register(
                catalog, self.files, dataset=DATASET, endpoint="tape", kind=EndpointKind.TAPE, close=True
            )
        app = self.open(None, {"tape": self._honest()})
        while flow.tick(app)["compare"]:
            pass
        app.close()

    def _consumer(self, number: int, start: datetime) -> Consumer:
        chance = self.chance
        names = [str(file.lfn) for file in self.files]
        if chance.random() < 0.3:
            names = chance.sample(names, chance.randint(1, len(names)))
        else:
            runs = sorted({file.run for file in self.files})
            some = set(chance.sample(runs, chance.randint(1, len(runs))))
            names = [str(file.lfn) for file in self.files if file.run in some]
        lifetime = chance.choice([None, None, timedelta(days=chance.uniform(0.5, 5))])
        renews = lifetime is not None and lifetime > 2 * DAY and chance.random() < 0.6
        terms = staging.Terms(
            name=f"campaign {number}",
            production=chance.choice(["", "P08"]),
            priority=chance.randint(1, 5),
            lifetime=lifetime,
            tail_percent=chance.choice([None, 80.0]),
            tail_after=chance.choice([None, DAY]),
        )
        begins = start + chance.choice([0.0, chance.uniform(0, 2)]) * DAY
        return Consumer(
            terms.name,
            tuple(names),
            terms,
            begins,
            chance.choice([timedelta(0), chance.uniform(0, 30) * HOUR]),
            renews,
            lifetime is not None and not renews and chance.random() < 0.5,
            begins + chance.uniform(0, 3) * DAY if chance.random() < 0.1 else None,
        )

    def _misfortunes(self, start: datetime) -> Iterator[tuple[datetime, str]]:
        """What happens when; how it happens is in ``_strike``."""
        chance = self.chance
        for kind in (*Fault, "evict", "forget", "outage", "pause tape", "lose tape", "lose file", "drive"):
            if kind is Fault.NO_ARCHIVE or chance.random() < 0.5:
                continue
            times = 1 if kind in ("lose tape", "outage") else chance.randint(1, 4)
            for _ in range(times):
                yield start + chance.choice([0.0, chance.random()]) * (self.heals_at - start), str(kind)

    # ---------------------------------------------------------------------------- misfortune
    def _strike(self) -> None:
        now = self.clock.now()
        self.tape.library.advance(now.timestamp())
        while self.timetable and self.timetable[0][0] <= now:
            self._happens(self.timetable.pop(0)[1])
        if not self.healed and now >= self.heals_at:
            self._heal()

    def _happens(self, kind: str) -> None:
        chance, library = self.chance, self.tape.library
        file = chance.choice(self.files)
        at = self.clock.now().timestamp()
        self.say(f"{kind} ({file.path})")
        match kind:
            case "evict":
                for path in chance.sample([f.path for f in self.files], min(5, len(self.files))):
                    library.evict(path, at)
                    self.struck[path] += 1
            case "forget":
                tokens = sorted({token for record in library.files.active.values() for token in record.held})
                if tokens:
                    self._forget(chance.choice(tokens))
            case "outage":
                self.tape.outage(chance.uniform(0.5, 30) * 3600)
            case "pause tape":
                self.tape.break_tape(
                    f"V{chance.randint(1, 3)}",
                    seconds=chance.uniform(1, 20) * 3600,
                    refuse=chance.random() < 0.5,
                )
            case "lose tape":
                self.tape.break_tape(library.files[file.path].tape)
            case "lose file":
                library.advance(at)
                library.lose(file.path)
            case "drive":
                self.tape.drive_down(0, seconds=chance.uniform(1, 20) * 3600)
            case _:
                pattern = chance.choice(["*", file.path, f"*{file.run}*"])
                self.tape.inject(
                    pattern, kind, chance.choice([1, 3, None]), chance=chance.choice([0.05, 0.3, 1])
                )

    def _forget(self, token: str) -> None:
        for record in self.tape.library.files.active.values():
            self.struck[record.path] += token in record.held
        self.tape.forget(token)

    def _heal(self) -> None:
        self.say("everything that can be repaired is repaired")
        self.tape.heal()
        self.weather.calm = self.healed = True
        self.timetable.clear()

    # ---------------------------------------------------------------------------- consumers
    def _consume(self) -> None:
        now = self.clock.now()
        for consumer in self.consumers:
            if not consumer.asked and now >= consumer.begins:
                self._ask(consumer)
            if consumer.asked and not consumer.over:
                self._use(consumer, now)

    def _ask(self, consumer: Consumer) -> None:
        """Ask, now and then interrupted in the middle: then ask again."""
        if self.chance.random() < 0.2:
            seam = StoppingSeam(self.chance.randint(1, 4), self.chance.choice(list(When)))
            with (
                Catalog(self.settings.catalog, clock=self.clock, seam=seam, actor="consumer") as hasty,
                suppress(Stopped),
            ):
                self._request(hasty, consumer)
            if not seam.stopped:
                return
        self._request(self.catalog, consumer)

    def _request(self, catalog: Catalog, consumer: Consumer) -> None:
        try:
            with catalog.read():
                staging.missing(catalog, consumer.name)  # asked already, and interrupted just afterwards
            known = {part.state for part in self._parts(consumer)}
        except NotRegistered:
            known = set()
        if known <= {"FILLING"}:
            want = staging.Wanted(files=consumer.lfns)
            plan = staging.request(catalog, self.settings, want, consumer.terms, confirmed=True)
            self.say(f"{consumer.name} asks for {plan.files} files, asked: {plan.asked}")
            if not plan.asked:  # all of them are lost, says the catalogue
                consumer.over = True
        consumer.asked = True

    def _parts(self, consumer: Consumer):  # type: ignore[no-untyped-def]
        with self.catalog.read() as conn:
            return campaigns.all_named(conn, consumer.name)

    def _use(self, consumer: Consumer, now: datetime) -> None:
        if consumer.cancels_at is not None and now >= consumer.cancels_at:
            staging.cancel(self.catalog, consumer.name, "changed our mind")
            self.say(f"{consumer.name} is canceled")
            consumer.over = True
            return
        if consumer.renews and (consumer.renewed_at is None or now - consumer.renewed_at > DAY):
            staging.renew(self.catalog, consumer.name, consumer.terms.lifetime)
            consumer.renewed_at = now
        if not self._something_to_do(consumer, now):
            return
        for page in staging.ready(self.catalog, consumer.name):
            done = [file.lfn for file in page if self._read(consumer, file.lfn, file.path, file.size, now)]
            if done and not consumer.forgets:
                staging.release(self.catalog, consumer.name, done)

    def _something_to_do(self, consumer: Consumer, now: datetime) -> bool:
        """Something is online that it has not read, or has held for long enough: asked of the tables, as the
        consumers ask at every turn."""
        rows = self._ask_tables(
            "SELECT f.name FROM lease l JOIN campaign c ON c.id = l.campaign_id AND c.name = ?"
            " JOIN replica r ON r.id = l.replica_id JOIN file f ON f.id = r.file_id WHERE l.state = 'ACTIVE'",
            consumer.name,
        )
        names = [f"{DIRECTORY}/{row[0]}" for row in rows]
        return any(
            name not in consumer.read
            or (not consumer.forgets and now - consumer.read[name] >= consumer.holds)
            for name in names
        )

    def _ask_tables(self, question: str, *values: str) -> list[Any]:
        with self.catalog.read() as conn:
            return list(conn.exec_driver_sql(question, values))

    def _read(self, consumer: Consumer, lfn: str, path: str, size: int, now: datetime) -> bool:
        """Whether it has been read, and may be released. What a reader sees must be what was wanted."""
        if lfn not in consumer.read:
            try:
                seen = self.tape.read(path)
            except EndpointUnreachable:
                return False
            except (NotOnline, FileMissing) as error:
                if not self._may_be_gone(path):
                    self.blame(f"{consumer.name} was served {path}, and it was not there: {error}")
                return False
            if seen != self.good[path]:
                self.blame(f"{consumer.name} was served a bad copy of {path}")
            consumer.read[lfn] = now
        return now - consumer.read[lfn] >= consumer.holds

    def _may_be_gone(self, path: str) -> bool:
        return bool(self.struck[path] or self.drawn[path][Fault.EVICTED])

    @property
    def good(self) -> dict[str, tuple[int, Adler32]]:
        return {file.path: (file.size or 0, _adler32(file)) for file in self.files}

    # ------------------------------------------------------------------------------ running
    def run(self) -> list[str]:
        """The whole story; what is wrong at its end or on the way."""
        while self.crashes and not self.healed:
            self.crashes -= 1
            seam = StoppingSeam(self.chance.randint(1, 250), self.chance.choice(list(When)))
            with suppress(Stopped):
                self._program(seam, until=self.heals_at)
            self.say(f"the program stopped {seam.where}")
            self._pass(self.chance.choice([timedelta(0), HOUR, 60 * HOUR]))
        self._program(None, until=self.heals_at)
        self._pass(max(self.heals_at - self.clock.now(), timedelta(0)))
        for _ in range(ITERATIONS):
            self._program(None, until=self.clock.now() + 3 * DAY)
            if self._settled():
                break
            self._resume()
        self._look_at_the_end()
        self.catalog.close()
        return self.wrong

    def _pass(self, time: timedelta) -> None:
        """Time without a program; the others live on."""
        end = self.clock.now() + time
        while self.clock.now() < end:
            self.clock.sleep(min(end - self.clock.now(), 3 * HOUR))
            self._strike()
            self._consume()

    def open(self, seam: Seam | None, storages: Mapping[str, Storage] | None = None) -> App:
        return open_app(
            self.settings,
            clock=self.clock,
            seam=seam,
            chance=random.Random(self.seed),
            storages=storages or self.storages,
            runners={},
        )

    def _program(self, seam: Seam | None, until: datetime) -> None:
        """The program's rounds, as ``flow.run`` makes them, until then."""
        app = self.open(seam)
        try:
            flow.recover(app)
            for _ in range(MAX_ROUNDS):
                self._strike()
                self._consume()
                moved = {name: step(app) for name, step in flow.STEPS if name in RECALL_STEPS}
                app.desk.idle = not any(moved.values())
                self._look_at_the_window()
                if app.desk.idle and self.clock.now() >= until:
                    return
                self.clock.sleep(self._until_something_happens(until) if app.desk.idle else BUSY)
            self.blame(f"{MAX_ROUNDS} rounds, and no rest: {moved}")
        finally:
            app.close()

    def _until_something_happens(self, until: datetime) -> timedelta:
        """Rounds that only wait prove nothing: sleep to the next event, but no longer than ``SLEEP``."""
        now, consumers = self.clock.now(), self.consumers
        times = [until, *(at for at, _ in self.timetable[:1]), *(c.begins for c in consumers if not c.asked)]
        if not self.healed:
            times.append(self.heals_at)
        times += [
            at + c.holds for c in consumers if not c.over for at in c.read.values() if at + c.holds > now
        ]
        times += [c.cancels_at for c in consumers if c.cancels_at is not None and not c.over]
        times += [datetime.fromtimestamp(at, UTC) for at, *_ in self.tape.library.agenda._heap[:1]]
        times += [
            datetime.fromisoformat(row[0]).replace(tzinfo=UTC)
            for row in self._ask_tables(
                "SELECT min(next_try_at) FROM item WHERE state = 'QUEUED'"
                " UNION ALL SELECT min(next_poll_at) FROM request UNION ALL SELECT min(next_at) FROM storm"
                " WHERE state <> 'closed'"
            )
            if row[0] is not None
        ]
        return min(max(min(times) - now, self.settings.flow.interval), SLEEP)

    def _settled(self) -> bool:
        """Nothing moves any more, and what is held cannot be recalled."""
        if not all(consumer.asked for consumer in self.consumers):
            return False
        ((busy,),) = self._ask_tables(
            "SELECT (SELECT count(*) FROM item WHERE state IN ('QUEUED', 'SUBMITTING', 'SUBMITTED'))"
            " + (SELECT count(*) FROM pin WHERE state IN ('ACTIVE', 'RELEASING'))"
        )
        wanting = [entry for entry in self._leases() if entry[2] in ("WANTED", "ACTIVE")]
        return not busy and all(self._lost(path) for _, path, _, _ in wanting)

    def _resume(self) -> None:
        """The operator, who resumes what is held now that all is well."""
        with suppress(NotRegistered):
            if again := requests.resume(self.catalog, RequestKind.STAGE, None, "all is well again"):
                self.say(f"{len(again)} held are resumed: {Counter(entry.code for entry in again)}")

    def _lost(self, path: str) -> bool:
        record = self.tape.library.files[path]
        return record.lost and not record.disk_at <= self.clock.now().timestamp()

    # ------------------------------------------------------------------------------- looking
    def _look_at_the_window(self) -> None:
        """What is asked for and pinned is within the window; one file larger than the window is let through
        alone (documented at ``share_window``)."""
        entry = self.settings.endpoints["tape"]
        parts = self._ask_tables(
            "SELECT count(*), coalesce(sum(f.size), 0) FROM item x JOIN replica r ON r.id = x.replica_id"
            " JOIN file f ON f.id = r.file_id WHERE x.state IN ('SUBMITTING', 'SUBMITTED')"
            " UNION ALL SELECT count(*), coalesce(sum(f.size), 0) FROM pin x JOIN replica r"
            " ON r.id = x.replica_id JOIN file f ON f.id = r.file_id WHERE x.state IN ('ACTIVE', 'RELEASING')"
        )
        files, size = (sum(column) for column in zip(*parts, strict=True))
        if files > entry.stage_files:
            self.blame(f"{files} files are asked for and pinned, the window is {entry.stage_files}")
        if entry.stage_budget is not None and size > entry.stage_budget and files > 1:
            self.blame(f"{size} bytes in {files} files, the window is {entry.stage_budget}")
        if self.clean:
            held = [r for r in self.tape.library.files.active.values() if r.held and not r.lost]
            size = sum(record.size for record in held)
            if entry.stage_budget is not None and size > entry.stage_budget and len(held) > 1:
                self.blame(f"the library holds {size} bytes for us, the window is {entry.stage_budget}")

    @property
    def clean(self) -> bool:
        """No request of ours can be unknown to us, and none known to us is unknown to the library."""
        return self.rates == Probabilities() and not self.crashed

    @property
    def crashed(self) -> bool:
        return any(text.startswith("the program stopped") for _, text in self.story)

    def _leases(self) -> list[tuple[str, str, str, str]]:
        """Campaign, path, state, and since when."""
        rows = self._ask_tables(
            "SELECT c.name, f.name, l.state, l.since FROM lease l JOIN campaign c ON c.id = l.campaign_id"
            " JOIN replica r ON r.id = l.replica_id JOIN file f ON f.id = r.file_id"
        )
        return [(row[0], f"{DIRECTORY}/{row[1]}", row[2], row[3]) for row in rows]

    def _look_at_the_end(self) -> None:
        self._all_served()
        self._bad_ones_are_held()
        self._nothing_leaks()
        self._no_recall_without_a_reason()
        with self.catalog.read() as conn:
            self.wrong += [f"tally: {text}" for text in tally.check(conn)]
            self.wrong += [f"integrity: {text}" for text in integrity.faults(conn)]

    def _all_served(self) -> None:
        path_of = {str(file.lfn): file.path for file in self.files}
        for consumer in self.consumers:
            if not consumer.must_be_served:
                continue
            for lfn in consumer.lfns:
                if lfn not in consumer.read and not self._lost(path_of[lfn]):
                    self.blame(f"{consumer.name} never got {lfn}")
        for name, path, state, _ in self._leases():
            if state in ("WANTED", "ACTIVE") and not self._lost(path):
                self.blame(f"the lease of {name} on {path} is {state} at the end")
        waiting = {name for name, _, state, _ in self._leases() if state == "WANTED"}
        for consumer in self.consumers:
            for part in self._parts(consumer) if consumer.asked and not consumer.over else ():
                right = ("OPEN", "TAIL") if consumer.name in waiting else ("DONE",)
                if part.state not in right:
                    self.blame(f"{consumer.name} is {part.state}, not {right}")

    def _bad_ones_are_held(self) -> None:
        rows = self._ask_tables(
            "SELECT f.name, i.state, i.code, i.reason FROM item i JOIN replica r ON r.id = i.replica_id"
            " JOIN file f ON f.id = r.file_id WHERE i.state NOT IN ('DONE', 'CANCELED')"
        )
        held = {f"{DIRECTORY}/{row[0]}" for row in rows if row[1] == "HELD"}
        wanted = {path for _, path, state, _ in self._leases() if state == "WANTED"}
        for name, state, code, reason in rows:
            if state == "FAILED" or (state == "HELD" and f"{DIRECTORY}/{name}" not in wanted):
                continue  # it was held, and nobody wants it any more
            if state != "HELD" or code != "tape_lost" or not reason:
                self.blame(f"the recall of {name} is {state} at the end: {code}: {reason}")
            elif not self._lost(f"{DIRECTORY}/{name}"):
                self.blame(f"{name} is held as {code}, and it could be recalled")
        for name, path, state, _ in self._leases():
            if state == "WANTED" and self._lost(path) and path not in held:
                self.blame(f"{name} waits for {path}, which is lost, and nobody is told")

    def _nothing_leaks(self) -> None:
        pins = self._ask_tables("SELECT state, count(*) FROM pin GROUP BY state")
        live = [entry for entry in pins if entry[0] in ("ACTIVE", "RELEASING")]
        self.wrong += [f"{n} pins are {state} at the end" for state, n in live]
        if self.clean:
            now = self.clock.now().timestamp()
            active = self.tape.library.files.active.values()
            held = [r.path for r in active if r.disk_at <= now and max(r.held.values(), default=0) > now]
            if held:
                self.blame(f"the library still holds {held} for us")

    def _no_recall_without_a_reason(self) -> None:
        """A file is read from tape once for each time that it is wanted, from the first lease that nobody
        else's lease overlaps to the last; and once more

        - for each drawn fault that spoils, ends or drops a reading (``COSTLY``);
        - for each time the timetable evicted its copy or forgot its request, or the library needed the room
          of a copy whose holds had lapsed (they lapse when the program is stopped or not heard for days);
        - for each recall that was taken back while a drive was reading: that reading is for nobody.

        A lost reply or a crash is no reason: the request is known to the library, and joined when repeated.
        """
        files = self.tape.library.files
        for path, periods in self._periods().items():
            faults = sum(self.drawn[path][fault] for fault in COSTLY)
            reasons = (periods, faults, self.struck[path], self.stager.interrupted[path])
            if files[path].recalls > sum(reasons):
                self.blame(f"{path} was read {files[path].recalls} times; reasons: {reasons}")
        for file in self.files:
            if file.path not in self._periods() and files[file.path].recalls:
                self.blame(f"{file.path} was recalled, and nobody wanted it")

    def _periods(self) -> dict[str, int]:
        """How often each file was wanted anew: groups of leases that overlap in time."""
        begun = {consumer.name: consumer.begins for consumer in self.consumers}
        spans: dict[str, list[tuple[datetime, datetime]]] = defaultdict(list)
        for name, path, state, since in self._leases():
            end = FAR if state in ("WANTED", "ACTIVE") else _time(since)
            spans[path].append((begun[name], end))
        found = {}
        for path, times in spans.items():
            latest, found[path] = LONG_AGO, 0
            for start, end in sorted(times):
                found[path] += start >= latest
                latest = max(latest, end)
        return found

    # ------------------------------------------------------------------------------- telling
    def say(self, text: str) -> None:
        self.story.append((self.clock.now(), text))

    def blame(self, text: str) -> None:
        if text not in self.wrong:
            self.say(f"WRONG: {text}")
            self.wrong.append(text)


# --------------------------------------------------------------------------------- what is drawn
def _files(chance: random.Random) -> list[NewFile]:
    found, runs = list[NewFile](), chance.randint(1, 6)
    for number in range(chance.randint(5, 60)):
        run = 275_678 + number * runs // 60 if chance.random() < 0.8 else 275_678 + chance.randrange(runs)
        name = f"cdr{11_000 + number}-{run}.raw"
        found.append(
            NewFile(
                lfn=LFN(f"{DIRECTORY}/{name}"),
                role=Role.RAW,
                product=registration.RAW,
                run=run,
                chunk=f"{11_000 + number}",
                size=chance.choice([10, 1000]) * chance.randint(1, 20) * 10**6,
                adler32=Adler32(chance.getrandbits(32)),
                path=f"{DIRECTORY}/{name}",
            )
        )
    return found


def _settings(chance: random.Random, directory: Path, files: Sequence[NewFile]) -> Settings:
    sizes = [file.size or 0 for file in files]
    budget = chance.choice([None, int(sum(sizes) * chance.uniform(0.02, 0.8)) + 1])
    return Settings(
        root=directory,
        catalog=f"sqlite:///{directory}/world.db",
        endpoints={
            "tape": EndpointSettings(
                name="tape",
                kind=EndpointKind.TAPE,
                backend="memory",
                prefix="memory://tape",
                stage_budget=budget,
                stage_files=chance.choice([1, 5, 20, 1000])
                if len(files) < 20
                else chance.choice([5, 20, 1000]),
                stage_low=chance.choice([50, 90, 100]),
                pin_lifetime=chance.uniform(12, 72) * HOUR,
                stage_timeout=chance.uniform(12, 48) * HOUR,
                max_files_per_request=chance.choice([1, 3, 20, 1000]),
            )
        },
        flow=FlowSettings(
            interval=timedelta(minutes=chance.choice([10, 60])),
            max_attempts=chance.choice([3, 8]),
            longest_wait=6 * HOUR,
        ),
        recall=RecallSettings(storm_files=chance.choice([5, 500]), storm_pause=HOUR, longest_poll=2 * HOUR),
    )


def _library(chance: random.Random, files: Sequence[NewFile]) -> LibrarySettings:
    sizes = [file.size or 0 for file in files]
    room = max(2 * max(sizes), int(sum(sizes) * chance.uniform(0.1, 1)))
    return LibrarySettings(
        drives=chance.randint(1, 3),
        mount=60.0,
        rate=50e6,
        seed=chance.getrandbits(30),
        mount_order=chance.choice(["oldest", "most"]),
        buffer_size=chance.choice([0, 0, room]),
        when_full=chance.choice(["wait", "refuse"]),
    )


def _rates(chance: random.Random) -> Probabilities:
    if chance.random() < 0.4:
        return Probabilities()
    return Probabilities(*(chance.choice([0.0, 0.03, 0.2]) for _ in range(4)))


def _adler32(file: NewFile) -> Adler32:
    assert file.adler32 is not None
    return file.adler32


def _time(text: str | datetime) -> datetime:
    time = datetime.fromisoformat(text) if isinstance(text, str) else text
    return time.replace(tzinfo=UTC)


def main(seeds: Sequence[int]) -> None:
    """Tell the story of each seed."""
    for seed in seeds:
        with tempfile.TemporaryDirectory() as directory:
            with Catalog(f"sqlite:///{directory}/world.db") as catalog:
                catalog.create()
            world = Campaigns(seed, Path(directory))
            print(f"seed {seed}", world.settings.endpoints["tape"], world.tape.library.settings, sep="\n")
            print(world.rates)
            print(*world.consumers, sep="\n")
            try:
                world.run()
            finally:
                print(*(f"{at:%d %H:%M} {text}" for at, text in world.story), sep="\n")
            print(f"seed {seed}: {world.wrong or 'all is right'}")


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]])
