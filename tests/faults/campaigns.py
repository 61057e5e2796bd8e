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
import sqlite3
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from catalog.clock import SimulatedClock
from catalog.db import campaigns
from catalog.db.engine import Catalog
from catalog.errors import NotRegistered
from catalog.seam import Seam
from catalog.states import EndpointKind, RequestKind
from ddm import flow, registration
from ddm.app import App, open_app
from ddm.operations import requests, staging
from ddm.steps import verify
from ddm.testing.crash import Stopped, StoppingSeam, When
from tests.faults import campaign_end
from tests.faults.campaign_library import Library
from tests.faults.campaign_script import DATASET, DAY, DIRECTORY, HOUR, START, Consumer, Script, draw
from transfers.errors import EndpointUnreachable, FileMissing, NotOnline
from transfers.ports import Storage

RECALL_STEPS = ("release", "recalled", "want recall", "recall")
MAX_ROUNDS = 4000
BUSY = timedelta(seconds=20)  # after a round that moved something
LOOK, SLEEP = 6 * HOUR, DAY  # at most: while copies are pinned, which may go; and otherwise
RESUMES = 12  # times that the operator resumes what is held before a test gives up


class Campaigns:
    """One script. ``wrong``: what was found to be wrong, as sentences; ``story``: what happened."""

    def __init__(self, script: Script) -> None:
        self.script, self.settings = script, script.settings
        self.chance = random.Random(script.seed)
        self.clock = SimulatedClock(START)
        self.library = Library(script, self.clock, self.chance)
        self.story, self.wrong = list[tuple[datetime, str]](), list[str]()
        self.crashes, self.stopped = script.crashes, 0
        self._register()
        self.catalog = Catalog(self.settings.catalog, clock=self.clock, actor="consumer")
        self._tables = sqlite3.connect(self.settings.catalog.removeprefix("sqlite:///"), isolation_level=None)

    def _register(self) -> None:
        """The files are registered, and have been compared."""
        with Catalog(self.settings.catalog, clock=self.clock) as catalog:
            registration.register(
                catalog,
                self.script.files,
                dataset=DATASET,
                endpoint="tape",
                kind=EndpointKind.TAPE,
                close=True,
            )
        app = self.open(None, {"tape": self.library.plain})
        while verify.compare(app):
            pass
        app.close()

    # ---------------------------------------------------------------------------- consumers
    def _happen(self) -> None:
        """What the others do: fate, and the consumers."""
        for text in self.library.strike():
            self.say(text)
        now = self.clock.now()
        for consumer in self.script.consumers:
            if not consumer.asked and now >= consumer.begins:
                self._ask(consumer)
            if consumer.asked and not consumer.over:
                self._use(consumer, now)

    def _ask(self, consumer: Consumer) -> None:
        """Ask, now and then interrupted in the middle: then ask again."""
        if self.chance.random() < self.script.hasty:
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
        ((last,),) = self.ask_tables(
            "SELECT max(id) FROM history WHERE NOT EXISTS (SELECT 1 FROM lease l"
            " JOIN campaign c ON c.id = l.campaign_id AND c.name = ?)",
            consumer.name,
        )
        consumer.asked_after = consumer.asked_after if last is None else last
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

    def _parts(self, consumer: Consumer) -> list[campaigns.Campaign]:
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
        rows = self.ask_tables(
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

    def ask_tables(self, question: str, *values: str) -> list[Any]:
        """Asked at every turn, so by the driver itself; and the code under test has no part in it."""
        return self._tables.execute(question, values).fetchall()

    def close(self) -> None:
        self._tables.close()
        self.catalog.close()

    def _read(self, consumer: Consumer, lfn: str, path: str, size: int, now: datetime) -> bool:
        """Whether it has been read to its end, and may be released. It must be what was wanted, and be there
        from the moment it is served to the moment it is released."""
        if lfn in consumer.read and now - consumer.read[lfn] < consumer.holds:
            return False
        try:
            seen = self.library.store.read(path)
        except EndpointUnreachable:
            return False
        except (NotOnline, FileMissing) as error:
            if not self.library.may_be_gone(path):
                self.blame(f"{consumer.name} was served {path}, and it was not there: {error}")
            return False
        if seen != self.library.good[path]:
            self.blame(f"{consumer.name} was served a bad copy of {path}")
        consumer.read.setdefault(lfn, now)
        return now - consumer.read[lfn] >= consumer.holds

    # ------------------------------------------------------------------------------ running
    def run(self) -> list[str]:
        """The whole story; what is wrong at its end or on the way."""
        while self.crashes and not self.library.healed:
            self.crashes -= 1
            seam = StoppingSeam(self.chance.randint(1, 250), self.chance.choice(list(When)))
            with suppress(Stopped):
                self.program(seam, until=self.script.heals_at)
            if seam.stopped:
                self.stopped += 1
                self.say(f"the program stopped {seam.where}")
            self._pass(self.chance.choice([timedelta(0), HOUR, 60 * HOUR]))
        self.program(None, until=self.script.heals_at)
        self._pass(max(self.script.heals_at - self.clock.now(), timedelta(0)))
        for _ in range(RESUMES):
            self.program(None, until=self.clock.now() + 3 * DAY)
            if self._settled():
                break
            self._resume()
        else:
            self.program(None, until=self.clock.now() + 3 * DAY)
        self._blame(campaign_end.at_the_end(self))
        self.close()
        return self.wrong

    def _pass(self, time: timedelta) -> None:
        """Time without a program; the others live on."""
        end = self.clock.now() + time
        while self.clock.now() < end:
            self.clock.sleep(min(end - self.clock.now(), 3 * HOUR))
            self._happen()

    def open(self, seam: Seam | None, storages: Mapping[str, Storage] | None = None) -> App:
        return open_app(
            self.settings,
            clock=self.clock,
            seam=seam,
            chance=random.Random(self.script.seed),
            storages=storages or {"tape": self.library.faulty},
            runners={},
        )

    def program(self, seam: Seam | None, until: datetime) -> None:
        """The program's rounds, as ``flow.run`` makes them, until then."""
        app = self.open(seam)
        try:
            flow.recover(app)
            for _ in range(MAX_ROUNDS):
                self._happen()
                moved = {name: step(app) for name, step in flow.STEPS if name in RECALL_STEPS}
                app.desk.idle = not any(moved.values())
                self._blame(campaign_end.window(self))
                if app.desk.idle and (self.clock.now() >= until or (self.library.healed and self._settled())):
                    return
                self.clock.sleep(self._until_something_happens(until) if app.desk.idle else BUSY)
            self.blame(f"{MAX_ROUNDS} rounds, and no rest: {moved}")
        finally:
            app.close()

    def _until_something_happens(self, until: datetime) -> timedelta:
        """Rounds that only wait prove nothing: sleep to the next event, but no longer than ``SLEEP``."""
        now, consumers = self.clock.now(), [c for c in self.script.consumers if not c.over]
        times = [until, *self.library.next_event]
        for consumer in consumers:
            times += [consumer.begins, *(at + consumer.holds for at in consumer.read.values())]
            times += [consumer.cancels_at] if consumer.cancels_at else []
            times += [consumer.renewed_at + DAY] if consumer.renewed_at else []
        rows = self.ask_tables(
            "SELECT min(next_try_at) FROM item WHERE state = 'QUEUED'"
            " UNION ALL SELECT min(next_poll_at) FROM request"
            " UNION ALL SELECT min(next_at) FROM storm WHERE state <> 'closed'"
            " UNION ALL SELECT min(until) FROM lease WHERE state IN ('WANTED', 'ACTIVE')"
            " UNION ALL SELECT min(until) FROM pin WHERE state = 'RELEASING'"
            " UNION ALL SELECT min(until) FROM pin WHERE state = 'ACTIVE'"
        )
        found = [campaign_end.time_of(row[0]) if row[0] else None for row in rows]
        times += [at for at in found if at is not None]
        if found[-1] is not None:  # pins are renewed, and looked at
            times += [found[-1] - self.settings.endpoints["tape"].pin_lifetime / 4, now + LOOK]
        ahead = min((at - now for at in times if at > now), default=SLEEP)
        return min(max(ahead, self.settings.flow.interval), SLEEP)

    def _settled(self) -> bool:
        """Nothing moves any more, and what is held cannot be recalled."""
        if not all(consumer.asked for consumer in self.script.consumers):
            return False
        ((busy,),) = self.ask_tables(
            "SELECT (SELECT count(*) FROM item WHERE state IN ('QUEUED', 'SUBMITTING', 'SUBMITTED'))"
            " + (SELECT count(*) FROM pin WHERE state IN ('ACTIVE', 'RELEASING'))"
        )
        if busy:
            return False
        held = self.ask_tables(
            f"SELECT f.name, x.code FROM item x {campaign_end.ON_FILE} WHERE x.state = 'HELD'"
        )
        codes = {f"{DIRECTORY}/{name}": code for name, code in held}
        wanting = [path for _, path, state, _ in campaign_end.leases(self) if state in ("WANTED", "ACTIVE")]
        if codes.keys() - set(wanting):  # to be given up
            return False
        return all(codes.get(path) in self.library.causes(path) for path in wanting)

    def _resume(self) -> None:
        """The operator, who resumes what is held now that all is well."""
        with suppress(NotRegistered):
            if again := requests.resume(self.catalog, RequestKind.STAGE, None, "all is well again"):
                self.say(f"{len(again)} held are resumed: {Counter(entry.code for entry in again)}")

    # ------------------------------------------------------------------------------- telling
    def say(self, text: str) -> None:
        self.story.append((self.clock.now(), text))

    def blame(self, text: str) -> None:
        if text not in self.wrong:
            self.say(f"WRONG: {text}")
            self.wrong.append(text)

    def _blame(self, found: Iterable[str]) -> None:
        for text in found:
            self.blame(text)


def main(seeds: Sequence[int]) -> None:
    """Tell the story of each seed."""
    for seed in seeds:
        with tempfile.TemporaryDirectory() as directory:
            with Catalog(f"sqlite:///{directory}/world.db") as catalog:
                catalog.create()
            script = draw(seed, Path(directory))
            print(f"seed {seed}", script.settings.endpoints["tape"], script.library, script.rates, sep="\n")
            print(*script.consumers, sep="\n")
            world = Campaigns(script)
            try:
                world.run()
            finally:
                print(*(f"{at:%d %H:%M} {text}" for at, text in world.story), sep="\n")
            print(f"seed {seed}: {world.wrong or 'all is right'}")


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]])
