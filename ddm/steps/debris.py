"""What attempts left behind: found at the very places that their papers promised, removed after a wait.

A plan of repair that a person signed may name other files (``ddm.operations.mending``): these go the same
way, and are compared with the size and checksum that were signed for just before.

An attempt that came to nothing has written to paths of its own (docs/decisions/0002): its label is in them,
and no other attempt's. So the list is exact: every path that the papers of a job's attempts promised, that no
entry of the catalogue has or ever had. What is not on the list is not looked at, let alone removed.

1. Only of jobs that are over, and of attempts of which the runner does not say that they run.
2. Looked for by asking the storage for exactly these paths; silence is not absence, and not presence.
3. Written down first; removed at ``due_at`` or later, if all that is still so, nothing is frozen there, and
   nobody keeps the job's inputs. The row stays, and so do the job and its history.
4. Within the budget of the hour and under the brake of all removals (``ddm.steps.pace``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from catalog.checksum import Adler32
from catalog.db import attempts, freezes, holds, removal_hours
from catalog.db.attempts import Debris, Place, Seen, label_of
from catalog.db.engine import Connection
from catalog.db.mending import Content
from catalog.db.move import note
from catalog.model import OpenJob
from catalog.states import RequestKind
from ddm.app import App
from ddm.jobs.ports import JobRef, NoAnswer, Running
from ddm.recipe import Recipe
from ddm.releaserules import rules_of
from ddm.steps import lastcopies, pace
from ddm.steps.common import retry_at, trouble_of, whole_call_failed
from ddm.steps.trains import whole
from transfers.errors import ChecksumMismatch, FileMissing, SizeMismatch, StorageError
from transfers.model import Done, Failed, Observation, Observed, Outcome, Unknown
from transfers.planning import batches
from transfers.policy import Action, decide
from transfers.verify import not_this_file

JOBS_AT_ONCE = 500
LOOK_AGAIN = timedelta(hours=1)
OTHER_BYTES = (SizeMismatch.code, ChecksumMismatch.code)


@dataclass(frozen=True, slots=True)
class Found:
    """What was seen of debris. ``silent``: paths of which the storage did not say whether a file is there;
    ``running``: attempts that may run still."""

    seen: tuple[Seen, ...] = ()
    looked: int = 0
    silent: tuple[str, ...] = ()
    running: tuple[str, ...] = ()

    def __add__(self, other: Found) -> Found:
        return Found(
            self.seen + other.seen,
            self.looked + other.looked,
            self.silent + other.silent,
            self.running + other.running,
        )


# ---------------------------------------------------------------------------------------------- finding
def find(app: App, task: int) -> Found:
    """Look for what attempts of the task's jobs left behind. Writes nothing down."""
    recipe, found, after = app.recipes[task], Found(), 0
    while True:
        with app.catalog.read() as conn:
            jobs = attempts.over(conn, task, app.now, after=after, limit=JOBS_AT_ONCE, vain=True)
            wanted = dict(_promised(app, recipe, jobs))
            known = _known(app, conn, list(wanted))
        if not jobs:
            return found
        after = jobs[-1].id
        found += _look(app, recipe, {place: entry for place, entry in wanted.items() if place not in known})


def _known(app: App, conn: Connection, places: Sequence[Place], *, live: bool = False) -> set[Place]:
    return attempts.known(conn, places, app.endpoint_ids, rules_of(app.settings).prefixes, live=live)


Attempt = tuple[OpenJob, int]
"""A job, and one of its attempts."""


def _promised(app: App, recipe: Recipe, jobs: Sequence[OpenJob]) -> Iterator[tuple[Place, Attempt]]:
    """Every place where the papers of an attempt of these jobs let it write."""
    for job in jobs:
        for number in range(1, job.attempt + 1):
            labelled = replace(job, label=label_of(job.id, number))
            for _, _, path in recipe.promises(labelled).values():
                for disk in recipe.disks:
                    if disk in app.endpoint_ids:
                        yield Place(app.endpoint_ids[disk], path), (job, number)


def _look(app: App, recipe: Recipe, wanted: Mapping[Place, Attempt]) -> Found:
    names = {key: name for name, key in app.endpoint_ids.items()}
    there: dict[Place, int] = {}
    silent: list[str] = []
    by_disk: dict[int, list[Place]] = defaultdict(list)
    for place in wanted:
        by_disk[place.endpoint].append(place)
    for endpoint, places in by_disk.items():
        for place, answer in _asked(app, names[endpoint], places):
            match answer:
                case Observed(size=size):
                    there[place] = size
                case Failed(code=FileMissing.code):
                    pass
                case _:
                    silent.append(f"{names[endpoint]}:{place.path}")
    running = _running(app, recipe, [wanted[place] for place in there])
    seen = [
        Seen(job.id, number, place.endpoint, place.path, there[place])
        for place in there
        for job, number in [wanted[place]]
        if label_of(job.id, number) not in running
    ]
    return Found(tuple(seen), len(wanted), tuple(silent), tuple(sorted(running)))


def _asked(app: App, endpoint: str, places: Sequence[Place]) -> Iterator[tuple[Place, Observation | None]]:
    for batch in batches(places, app.settings.endpoints[endpoint].max_files_per_request):
        paths = [place.path for place in batch]
        answers: Mapping[str, Observation]
        try:
            answers = app.storages[endpoint].prober.probe(paths)
        except StorageError as error:
            answers = whole_call_failed(error, paths)
        for place in batch:
            yield place, answers.get(place.path)


def _running(app: App, recipe: Recipe, tried: Sequence[Attempt]) -> dict[str, bool]:
    """The labels of attempts of which the runner says that they run, or (False) tells nothing."""
    runner = app.runners.get(recipe.task.runner)
    labels = {label_of(job.id, number): (job, number) for job, number in tried}
    if not labels or runner is None:
        return dict.fromkeys(labels, False)
    refs = {
        label: whole(label, job.native) if number == job.attempt else JobRef(label, "")
        for label, (job, number) in labels.items()
    }
    answers = runner.poll(list({ref.label: ref for ref in refs.values()}.values()))
    silence = NoAnswer()
    told = {label: answers.get(ref.label, silence) for label, ref in refs.items()}
    return {
        label: isinstance(answer, Running)
        for label, answer in told.items()
        if isinstance(answer, Running | NoAnswer)
    }


@dataclass(frozen=True, slots=True)
class LeftBy:
    """Of places that somebody found: what an attempt left there, as (task, job, attempt); or why not so.
    ``silent``: those of whose attempt the runner told nothing now."""

    left: Mapping[Place, tuple[int, int, int]]
    why_not: Mapping[Place, str]
    silent: frozenset[Place] = frozenset()


def left_by(app: App, places: Sequence[Place]) -> LeftBy:
    """Whether attempts of jobs that are over were to write to these places, as ``find`` asks it. It asks
    runners, and writes nothing down."""
    labels = {place: at for place in places if (at := attempts.attempt_at(place.path)) is not None}
    jobs = sorted({job for job, _ in labels.values()})
    left: dict[Place, tuple[int, int, int]] = {}
    silent: set[Place] = set()
    why_not = dict.fromkeys(places, "no attempt of a job that is over was to write there")
    for task, recipe in app.recipes.items():
        with app.catalog.read() as conn:
            over = attempts.over(conn, task, app.now, limit=len(jobs), jobs=jobs) if jobs else []
            wanted = {place: entry for place, entry in _promised(app, recipe, over) if place in labels}
            known = _known(app, conn, list(wanted))
        running = _running(app, recipe, list(wanted.values()))
        for place, (job, number) in wanted.items():
            if place in known:
                why_not[place] = "an entry of the catalogue is, or was, at that place"
            elif label_of(job.id, number) in running:
                why_not[place] = f"its runner does not say that attempt {label_of(job.id, number)} is over"
                if not running[label_of(job.id, number)]:
                    silent.add(place)
            else:
                left[place] = (task, job.id, number)
    why_not = {place: text for place, text in why_not.items() if place not in left}
    return LeftBy(left, why_not, frozenset(silent - left.keys()))


def note_down(app: App, conn: Connection, task: int, found: Found, *, reason: str = "") -> int:
    """Write down what was found, to be removed after the longest grace time of the task's products."""
    grace = max(product.grace for product in app.recipes[task].products.values())
    why = app.why(reason or "left behind by an attempt that came to nothing")
    return len(attempts.note_debris(conn, found.seen, app.now + grace, why))


# --------------------------------------------------------------------------------------------- removing
def remove(app: App) -> int:
    """Remove the debris that is due. The intent is committed before the call."""
    with app.catalog.read() as conn:
        if not attempts.debris(conn, due=app.now, limit=1):
            return 0
    with app.catalog.begin() as conn:
        freezes.guard(conn)
        due = attempts.debris(conn, due=app.now, limit=app.settings.flow.batch)
        chosen = _within_budget(app, conn, _chosen(app, conn, due))
        attempts.sent(conn, [entry.id for its in chosen.values() for entry in its], app.why())
    for endpoint, its in chosen.items():
        for batch in batches(its, app.settings.endpoints[endpoint].max_files_per_request):
            _remove_batch(app, endpoint, batch)
    return len(due)


def _chosen(app: App, conn: Connection, due: Sequence[Debris]) -> list[Debris]:
    """Those of which everything is as it was when they were found; the others wait, or are spared."""
    places = {entry.id: Place(app.endpoint_ids.get(entry.endpoint, 0), entry.path) for entry in due}
    left = [places[entry.id] for entry in due if entry.job is not None]
    named = [places[entry.id] for entry in due if entry.job is None]
    known = _known(app, conn, left) | _known(app, conn, named, live=True)
    jobs = [entry.job for entry in due if entry.job is not None]
    open_jobs = attempts.unfinished(conn, jobs)
    raw = attempts.raw_of(conn, jobs)
    held = holds.over(conn, sorted({file for files in raw.values() for file in files}), app.now)
    frozen = freezes.standing(conn)
    spared: dict[int, str] = {}
    waits: dict[int, str] = {}
    for entry in due:
        recipe = app.recipes.get(entry.task or 0)
        task = recipe.task.name if recipe else None
        if places[entry.id] in known:
            spared[entry.id] = "an entry of the catalogue is at that place"
        elif entry.job in open_jobs:
            waits[entry.id] = "its job is not over any more"
        elif (entry.job is not None and recipe is None) or entry.endpoint not in app.storages:
            waits[entry.id] = "its task or endpoint is not in ddm.toml"
        elif ice := [f.sentence for f in frozen if _lies_over(f, entry.endpoint, task)]:
            waits[entry.id] = ice[0]
        elif kept := [words for file in raw.get(entry.job or 0, ()) for words in held.get(file, ())]:
            waits[entry.id] = kept[0]
    attempts.spare(conn, spared, app.why())
    attempts.postpone(conn, waits, app.now + LOOK_AGAIN)
    return [entry for entry in due if entry.id not in spared and entry.id not in waits]


def _within_budget(app: App, conn: Connection, entries: Sequence[Debris]) -> dict[str, list[Debris]]:
    """By endpoint, those that may be removed in this hour; the others wait for the next one."""
    by_disk: dict[str, list[Debris]] = defaultdict(list)
    for entry in entries:
        by_disk[entry.endpoint].append(entry)
    later: dict[int, str] = {}
    for endpoint, its in by_disk.items():
        taken = pace.within_budget(app, conn, endpoint, [entry.size or 0 for entry in its])
        later |= {entry.id: "the budget of this hour is used up" for entry in its[taken:]}
        del its[taken:]
    attempts.postpone(conn, later, removal_hours.hour_of(app.now) + removal_hours.HOUR)
    return by_disk


def _lies_over(freeze: freezes.Freeze, endpoint: str, task: str | None) -> bool:
    """``task`` None: nobody knows whose file it is; then it is frozen when in doubt."""
    everything = freeze.endpoint is None and freeze.task is None
    of_task = freeze.task is not None and task in (None, freeze.task)
    return everything or freeze.endpoint == endpoint or of_task


def _remove_batch(app: App, endpoint: str, entries: Sequence[Debris]) -> None:
    outcomes: dict[str, Outcome] = _not_as_signed(app, endpoint, entries)
    paths = [entry.path for entry in entries if entry.path not in outcomes]
    try:
        outcomes |= app.storages[endpoint].remover.remove(paths) if paths else {}
    except StorageError as error:
        outcomes |= whole_call_failed(error, paths)
    gone = [entry for entry in entries if _is_gone(outcomes.get(entry.path))]
    ids = {entry.id for entry in gone}
    left = {
        entry.id: f"{failure.code}: {failure.text}"
        for entry in entries
        if entry.id not in ids
        for failure in [trouble_of(outcomes.get(entry.path))]
    }
    other = {
        entry.id: left.pop(entry.id)
        for entry in entries
        if entry.id in left and trouble_of(outcomes.get(entry.path)).code in OTHER_BYTES
    }
    with app.catalog.begin() as conn:
        attempts.gone(conn, sorted(ids), app.why())
        attempts.spare(conn, other, app.why())
        attempts.postpone(conn, left, retry_at(app, 1))
        first = [entry.path for entry in entries if entry.sent_at is None]
        strange = pace.count(app, conn, endpoint, first, outcomes)
        for entry in gone:
            attempt = "" if entry.attempt is None else f"attempt {entry.attempt}: "
            why = app.why(f"{attempt}{endpoint}:{entry.path}")
            noun, key = ("repair", entry.repair) if entry.job is None else ("job", entry.job)
            note(conn, noun, [key or 0], "debris_removed", why)
    if strange:
        pace.brake(app, endpoint, strange)


def _not_as_signed(app: App, endpoint: str, entries: Sequence[Debris]) -> dict[str, Outcome]:
    """Why files that a person named must not be removed: they are not what was signed for, nobody can see
    whether they are, or one of them may be the last copy of a file by now."""
    named = [Place(0, entry.path) for entry in entries if entry.job is None]
    seen = {place.path: answer for place, answer in _asked(app, endpoint, named)}
    found: dict[str, Outcome] = {}
    for entry in entries:
        if entry.job is None:
            adler32 = None if entry.adler32 is None else Adler32(entry.adler32)
            wrong = not_this_file(entry.size or 0, adler32, seen.get(entry.path))
            if wrong is not None:
                found[entry.path] = wrong
    contents = {
        entry.path: (entry.size or 0, entry.adler32)
        for entry in entries
        if entry.job is None and entry.path not in found
    }
    going: dict[Content, set[str]] = defaultdict(set)
    for path, content in contents.items():
        told = seen.get(path)
        going[content] |= {told.itself} - {""} if isinstance(told, Observed) else set()
    last = lastcopies.perhaps(app, going) if going else {}
    return found | {
        path: Unknown(f"not removed: {last[content]}")
        for path, content in contents.items()
        if content in last
    }


def _is_gone(outcome: Outcome | None) -> bool:
    """Absence counts as removed: it was sent, and nobody else may have the path (invariant 5)."""
    match outcome:
        case Done():
            return True
        case Failed(code=code):
            return decide(code, RequestKind.REMOVE, 1, 1).action is Action.DONE
        case _:
            return False
