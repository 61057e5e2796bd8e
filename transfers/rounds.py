"""Many files, each with several places to copy it from or to: bulk calls, the next place after a failure.

Files that go through the same storage travel in one call (as many as it takes at a time); calls run side by
side. As soon as a call is back, what failed in it is tried at its next place, without waiting for the other
calls. Nothing is decided here about what the bytes should be: the copiers compare, and this believes only
``Done`` (invariant 5).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field

from catalog.errors import Retry
from transfers.errors import StorageError, TransferStopped, failed
from transfers.manifest import Attempt
from transfers.model import CopyOrder, Done, Failed, FetchOrder, Outcome, Pending, Unknown
from transfers.planning import batches
from transfers.ports import Storage
from transfers.registry import Doors
from transfers.watch import UNWATCHED, Watch

Order = CopyOrder | FetchOrder
LISTENING = 0.2  # seconds between looks for signals
UNTOLD = Unknown("the storage did not say what became of it")
NOWHERE = Failed("file_missing", "there is no place to copy it from or to", Retry.PERSON)


@dataclass(frozen=True, slots=True)
class Task:
    """One file to move. ``places``: the storage's end, as URLs, the best first; ``order`` makes the order for
    a path at the storage. All orders of a task are of one kind."""

    key: str
    places: tuple[str, ...]
    order: Callable[[str], Order]


@dataclass(frozen=True, slots=True)
class Moved:
    """What became of a task: its last outcome, the place that served it ("" if none), and every try."""

    outcome: Outcome
    place: str = ""
    attempts: tuple[tuple[str, Outcome], ...] = ()

    @property
    def good(self) -> bool:
        return isinstance(self.outcome, Done)


Told = Callable[[str, Moved], None]
"""Told of every task once, when it is over; called from the thread that called ``move``."""


def move(
    tasks: Sequence[Task],
    doors: Doors,
    *,
    watch: Watch = UNWATCHED,
    threads: int = 4,
    split: int = 1,
    told: Told = lambda key, moved: None,
) -> dict[str, Moved]:
    """Move them all; one answer per key. At most ``threads`` calls at a time; ``split``: so many of them may
    be to one storage (one is best for a storage that moves many files of one call at a time by itself).

    A BaseException (a signal, say) stops what is under way, waits for that, and goes on. An exception that is
    no StorageError does the same: it is a defect, and says nothing about the files.
    """
    run = _Run(doors, _Stoppable(watch), told, split)
    with ThreadPoolExecutor(max(1, threads), thread_name_prefix="ddm-move") as pool:
        try:
            run.submit(pool, tasks)
            while run.under_way:
                # Not for ever: a signal that comes just before the wait would be heard of only after it.
                for future in wait(run.under_way, LISTENING, FIRST_COMPLETED).done:
                    run.submit(pool, run.land(future))
        except BaseException:
            run.watch.stop()
            raise
    return run.moved


class _Stoppable:
    """The caller's watch, which this side can stop as well; knows tasks by their keys."""

    def __init__(self, watch: Watch) -> None:
        self._watch, self._stopped = watch, False

    def stop(self) -> None:
        self._stopped = True

    def moved(self, key: str, done: int) -> None:
        self._watch.moved(key, done)

    def stopped(self) -> bool:
        return self._stopped or self._watch.stopped()


class _Named:
    """A watch for one call: what the storage calls by the order's key, the caller calls by the task's."""

    def __init__(self, watch: Watch, keys: Mapping[str, str]) -> None:
        self._watch, self._keys = watch, keys

    def moved(self, key: str, done: int) -> None:
        self._watch.moved(self._keys.get(key, key), done)

    def stopped(self) -> bool:
        return self._watch.stopped()


@dataclass
class _Run:
    """The state of one ``move``."""

    doors: Doors
    watch: _Stoppable
    told: Told
    split: int
    moved: dict[str, Moved] = field(default_factory=dict)
    tries: dict[str, list[tuple[str, Outcome]]] = field(default_factory=dict)
    under_way: dict[Future[Mapping[str, Outcome]], list[tuple[Task, str, Order]]] = field(
        default_factory=dict
    )

    def submit(self, pool: ThreadPoolExecutor, tasks: Sequence[Task]) -> None:
        """Send each task to its next place, together with the others that go there."""
        calls: dict[tuple[int, type[Order], int], tuple[Storage, list[tuple[Task, str, Order]]]] = {}
        meant: Counter[tuple[int, str]] = Counter()
        for task in tasks:
            if (found := self._next(task)) is not None:
                storage, url, order = found
                key = (id(storage), _key(order))  # in one call, one of two answers would stand for both
                call = (id(storage), type(order), meant[key])
                calls.setdefault(call, (storage, []))[1].append((task, url, order))
                meant[key] += 1
        for storage, batch in calls.values():
            for part in batches(batch, _share(len(batch), storage, self.split)):
                future = pool.submit(_call, storage, [order for *_, order in part], self._named(part))
                self.under_way[future] = list(part)

    def _next(self, task: Task) -> tuple[Storage, str, Order] | None:
        """The storage, URL and order of the next try; None: there is none, and the task is over."""
        tries = self.tries.setdefault(task.key, [])
        for url in task.places[len(tries) :]:
            if self.watch.stopped():
                self._over(task, failed(TransferStopped, f"{url}: stopped before it began"))
                return None
            try:
                storage, path = self.doors.locate(url)
                return storage, url, task.order(path)
            except StorageError as error:  # this place cannot be reached from here: another may
                tries.append((url, failed(type(error), str(error))))
        self._over(task, verdict([outcome for _, outcome in tries]))
        return None

    def _named(self, part: Sequence[tuple[Task, str, Order]]) -> Watch:
        return _Named(self.watch, {_key(order): task.key for task, _, order in part})

    def land(self, future: Future[Mapping[str, Outcome]]) -> list[Task]:
        """Take in an answer; the tasks that are to be tried at another place."""
        part = self.under_way.pop(future)
        error = future.exception()
        if error is not None and not isinstance(error, StorageError):
            raise error
        again = []
        for task, url, order in part:
            outcome: Outcome
            if error is not None:
                outcome = failed(type(error), str(error))
            else:
                outcome = future.result().get(_key(order), UNTOLD)
            self.tries[task.key].append((url, outcome))
            if isinstance(outcome, Done):
                self.watch.moved(task.key, order.size or 0)  # also by a backend that does not tell
                self._over(task, outcome, url)
            elif isinstance(outcome, Failed) and outcome.code == TransferStopped.code:
                self._over(task, outcome)
            else:
                again.append(task)
        return again

    def _over(self, task: Task, outcome: Outcome, place: str = "") -> None:
        found = Moved(outcome, place, tuple(self.tries[task.key]))
        if not found.good:
            self.watch.moved(task.key, 0)  # nothing is left of it
        self.moved[task.key] = found
        self.told(task.key, found)


def _share(files: int, storage: Storage, split: int) -> int:
    """How many files go into one call: as many as it takes, in at least ``split`` even parts."""
    return max(1, min(storage.capabilities.max_files_per_call, -(-files // max(1, split))))


def _call(storage: Storage, orders: Sequence[Order], watch: Watch) -> Mapping[str, Outcome]:
    copies = [order for order in orders if isinstance(order, CopyOrder)]
    if copies:
        return storage.copier.copy(copies, watch)
    return storage.copier.fetch([order for order in orders if isinstance(order, FetchOrder)], watch)


def _key(order: Order) -> str:
    """What the outcome of an order is keyed by."""
    return order.path if isinstance(order, CopyOrder) else order.destination


def verdict(outcomes: Sequence[Outcome]) -> Outcome:
    """The outcome that speaks for a file that no place served: the first one, which is of the place that was
    to serve it; but one that may pass by itself before one that will not, since then the file is not lost."""
    bad = [outcome for outcome in outcomes if not isinstance(outcome, Done)]
    if not bad:
        return NOWHERE
    hopeful = [outcome for outcome in bad if not isinstance(outcome, Failed) or outcome.retry is Retry.LATER]
    return (hopeful or bad)[0]


def code_and_text(outcome: Outcome) -> tuple[str, str]:
    """The outcome as reports say it: ("", "") for Done."""
    match outcome:
        case Done():
            return "", ""
        case Failed(code, text):
            return code, text
        case Pending():
            return "unreadable_reply", "the copy was said to be pending"
        case Unknown(text):
            return "unreadable_reply", text  # invariant 5: unknown is never success


def attempts(moved: Moved) -> tuple[Attempt, ...]:
    """Every try as reports list it."""
    return tuple(Attempt(url, *code_and_text(outcome)) for url, outcome in moved.attempts)
