"""Asking event sources, many files at a time, so that one bad file or source never stops the others.

Rules of a pass over the files of a scope, for each source in the order of ddm.toml:

1. A source is asked of files of which its witness has said nothing: those that wait and are due, and those it
   was never asked of. A limit is a speed limit: what it leaves comes in the next pass.
2. A count is kept, with the source's name. No answer waits, longer every time; after ``max_attempts``, or
   when trying again cannot help, it is given up until a person asks again.
3. A source that fails as a whole is left for this pass: no attempt of any file is counted.
4. A source that fails in an unexpected way is asked file by file: the guilty ones are in trouble, alone.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from catalog.clock import Clock
from catalog.db import events
from catalog.db.engine import Catalog
from catalog.db.events import Asker, Prospect, Question, Scope, Silence
from catalog.db.move import Why
from catalog.errors import DataManagementError, Retry
from catalog.ranges import LARGEST
from ddm.events.ports import Answer, Asked, Counted, EventSource, NotKnown, Place, Trouble
from ddm.settings import EventSettings
from transfers.planning import next_attempt

WINDOW = 500_000
"""Ids of files that a round of the flow looks through for new ones: well below a second of the database."""
NOT_MENTIONED = NotKnown("the source said nothing of it")
UNHEARD = ("unheard", "was asked, and no answer came: the process may have died of it")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Named:
    """An open source with its name and the products it is asked of (none: all)."""

    name: str
    source: EventSource
    products: tuple[str, ...] = ()

    @property
    def asker(self) -> Asker:
        return Asker(self.name, self.source.witness, self.source.reads_files)

    def within(self, scope: Scope) -> Scope:
        return replace(scope, products=self.products)


@dataclass(slots=True)
class Filled:
    """What came of a pass for a source: files asked of, counts kept, no counts by kind, why it stopped."""

    source: str
    asked: int = 0
    counted: int = 0
    unknown: int = 0
    trouble: int = 0
    given_up: int = 0
    error: str = ""


@dataclass(frozen=True, slots=True)
class Planned:
    """What a pass would ask a source."""

    source: str
    witness: str
    fresh: int
    due: int
    later: int
    given_up: int


@dataclass
class Filling:
    """The open event sources of a process, and how far each has looked for new files."""

    catalog: Catalog
    sources: Sequence[Named]
    settings: EventSettings
    clock: Clock
    chance: random.Random
    reached: dict[str, int] = field(default_factory=dict)
    told: dict[str, str] = field(default_factory=dict)  # of which error of a source the log knows

    def plan(self, scope: Scope) -> list[Planned]:
        """How many files each source would be asked of; asks nobody."""
        found = []
        with self.catalog.read() as conn:
            for named in self.sources:
                seen: Prospect = events.prospect(conn, named.asker, named.within(scope), self.clock.now())
                counts = (seen.fresh, seen.due, seen.later, seen.given_up)
                found.append(Planned(named.name, str(named.source.witness), *counts))
        return found

    def fill(self, scope: Scope) -> list[Filled]:
        """One pass over every file of the scope. Raises CatalogBusy if another process does the same."""
        with self.catalog.exclusive("events"):
            return [self._pass(named, self._everything(named, scope)) for named in self.sources]

    def round(self) -> int:
        """A step of the flow: at most ``per_round`` files a source. Returns how many counts were kept."""
        with self.catalog.exclusive("events"):
            return sum(self._pass(named, self._some(named)).counted for named in self.sources)

    # -------------------------------------------------------------------- which files
    def _everything(self, named: Named, scope: Scope) -> Iterator[list[Question]]:
        """First all that are due, then all that are new. Nothing comes twice, whatever is answered."""
        size, scope, after = max(1, named.source.at_once), named.within(scope), 0
        start = self.clock.now()
        while batch := self._due(named, scope, start, size):
            yield batch
        while batch := self._fresh(named, scope, size, after):
            after = batch[-1].file_id
            yield batch

    def _some(self, named: Named) -> Iterator[list[Question]]:
        """As many as a round allows: half of them due again if there are as many, so that neither starves."""
        size, scope, now = max(1, named.source.at_once), named.within(Scope()), self.clock.now()
        room = self.settings.per_round
        waiting = self._due(named, scope, now, room)
        after = self.reached.get(named.name, 0)
        new = self._fresh(named, scope, room, after, after + WINDOW)
        share = max(room - len(new), (room + 1) // 2)
        chosen = waiting[:share] + new[: room - min(len(waiting), share)]
        yield from (chosen[n : n + size] for n in range(0, len(chosen), size))
        self.reached[named.name] = self._next_window(after, chosen, new)

    def _next_window(self, after: int, chosen: Sequence[Question], new: Sequence[Question]) -> int:
        """Where to look next: behind the last asked, else in the next window, at last from the start."""
        asked = [question for question in chosen if question.ask_id is None]
        if len(asked) < len(new) or len(new) == self.settings.per_round:
            return asked[-1].file_id if asked else after
        with self.catalog.read() as conn:
            last = events.last_file(conn)
        return after + WINDOW if after + WINDOW < last else 0

    def _due(self, named: Named, scope: Scope, now: datetime, limit: int) -> list[Question]:
        with self.catalog.begin("events.settle") as conn:
            events.settle(conn, named.asker, self._why(named))
        with self.catalog.read() as conn:
            return events.due(conn, named.asker, scope, now, limit)

    def _fresh(
        self, named: Named, scope: Scope, limit: int, after: int, upto: int | None = None
    ) -> list[Question]:
        with self.catalog.read() as conn:
            return events.fresh(conn, named.asker, scope, limit, after=after, upto=upto)

    def _why(self, named: Named) -> Why:
        return Why(self.clock.now(), f"{self.catalog.actor} asking {named.name}")

    # ------------------------------------------------------------------------- asking
    def _pass(self, named: Named, batches: Iterator[list[Question]]) -> Filled:
        found = Filled(named.name)
        for batch in batches:
            try:
                batch = self._intended(named, batch, found)
                answers = self._answers(named, batch) if batch else {}
            except DataManagementError as error:  # rule 3
                found.error = f"{error} ({error.subject})" if error.subject else str(error)
                break
            self._record(named, batch, answers, found)
        if found.error and self.told.get(named.name) != found.error:
            _log.warning("event source %s: %s", named.name, found.error)
        self.told[named.name] = found.error
        return found

    def _answers(self, named: Named, batch: Sequence[Question]) -> Mapping[str, Answer]:
        places: dict[int, list[tuple[str, str]]] = {}
        if named.source.reads_files:
            with self.catalog.read() as conn:
                places = events.places(conn, [question.file_id for question in batch])
        files = [
            Asked(
                question.lfn,
                question.run,
                question.product,
                question.size,
                tuple(Place(*place) for place in places.get(question.file_id, ())),
            )
            for question in batch
        ]
        try:
            with self.catalog.seam.crossing(f"{named.name}.ask"):
                return named.source.ask(files)
        except DataManagementError:
            self._forget(named, batch)
            raise
        except Exception as error:  # noqa: BLE001  a plugin may raise anything: rule 4
            _log.warning("event source %s: %s: %s", named.name, type(error).__name__, error)
            return self._one_by_one(named, files, error)

    def _intended(self, named: Named, batch: list[Question], found: Filled) -> list[Question]:
        """Commit, before files are read, that they will be: the attempt counts even if it kills the process.

        One that was attempted often enough, and from which nobody came back, is given up instead.
        """
        if not named.source.reads_files:
            return batch
        code, reason = UNHEARD
        deadly = [question for question in batch if question.attempts >= self.settings.max_attempts]
        others = [question for question in batch if question.attempts < self.settings.max_attempts]
        silences = [Silence(question, code, reason, None) for question in deadly]
        silences += [
            Silence(question, code, reason, self._later(question.attempts + 1)) for question in others
        ]
        with self.catalog.begin("events.intend") as conn:
            found.given_up += len(events.postpone(conn, named.asker, silences, self._why(named)))
            keys = events.ask_ids(conn, named.asker, [question.file_id for question in others])
        return [replace(question, ask_id=keys[question.file_id]) for question in others]

    def _forget(self, named: Named, batch: Sequence[Question]) -> None:
        """The source was out of reach: an attempt that was committed before is none, it is due at once."""
        if named.source.reads_files:
            why = self._why(named)
            undone = [
                Silence(replace(question, attempts=question.attempts - 1), "source_failed", "", why.at)
                for question in batch
            ]
            with self.catalog.begin("events.forget") as conn:
                events.postpone(conn, named.asker, undone, why)

    def _one_by_one(self, named: Named, files: Sequence[Asked], error: Exception) -> Mapping[str, Answer]:
        answers: dict[str, Answer] = {}
        for file in files if len(files) > 1 else ():
            try:
                answers |= named.source.ask([file])
            except DataManagementError:
                raise
            except Exception as alone:  # noqa: BLE001  a plugin may raise anything
                answers[file.lfn] = _raised(alone)
        if len(files) == 1:
            return {files[0].lfn: _raised(error)}
        return answers

    # ---------------------------------------------------------------------- recording
    def _record(
        self, named: Named, batch: Sequence[Question], answers: Mapping[str, Answer], found: Filled
    ) -> None:
        said: list[tuple[Question, int]] = []
        silences: list[Silence] = []
        for question in batch:
            answer = answers.get(question.lfn, NOT_MENTIONED)
            if isinstance(answer, Counted) and 0 <= answer.events <= LARGEST:
                said.append((question, answer.events))
                continue
            if isinstance(answer, Counted):
                answer = Trouble(f"said {answer.events} events, which is no count", "bad_count")
            found.unknown += isinstance(answer, NotKnown)
            found.trouble += isinstance(answer, Trouble)
            silences.append(self._silence(question, answer))
        why = self._why(named)
        with self.catalog.begin("events.record") as conn:
            refused = events.count(conn, named.asker, said, why)
            silences += [Silence(question, events.CONTRADICTION, text, None) for question, text in refused]
            found.given_up += len(events.postpone(conn, named.asker, silences, why))
        found.asked += len(batch)
        found.counted += len(said) - len(refused)
        found.trouble += len(refused)

    def _silence(self, question: Question, answer: NotKnown | Trouble) -> Silence:
        code = answer.code if isinstance(answer, Trouble) else "not_known"
        hopeless = isinstance(answer, Trouble) and answer.retry != Retry.LATER
        tried = question.attempts + 1
        over = hopeless or tried >= self.settings.max_attempts
        return Silence(question, code, answer.reason, None if over else self._later(tried))

    def _later(self, attempts: int) -> datetime:
        return next_attempt(
            attempts,
            now=self.clock.now(),
            first=self.settings.first_wait,
            longest=self.settings.longest_wait,
            chance=self.chance.random(),
        )


def _raised(error: Exception) -> Trouble:
    return Trouble(f"{type(error).__name__}: {error}", "source_error")
