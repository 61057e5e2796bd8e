"""Holds: what a person keeps on disk and tape, whatever the rules would let go."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from catalog import months
from catalog.db import files, holds, look
from catalog.db.engine import Catalog, Connection
from catalog.db.holds import Hold, Kept
from catalog.errors import BadInput
from catalog.queryfields import TIME
from catalog.states import HoldScope, ReplicaState
from ddm.naming import named
from ddm.operations.common import because, doing

_HERE = "in the catalogue"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be kept: files by LFN, or a run (perhaps of one dataset), or a dataset, or a task."""

    lfns: tuple[str, ...] = ()
    run: int | None = None
    dataset: str | None = None
    task: str | None = None


@dataclass(frozen=True, slots=True)
class Added:
    """A new hold. ``trashed`` copies of its files lie in the trash and stay there; the removal of
    ``going`` ones was sent before the hold was made, and goes on."""

    hold: Hold
    trashed: int
    going: int


def add(catalog: Catalog, wanted: Wanted, until: str | None, reason: str) -> Added:
    """Keep files until a time (``2027-03-01``, ``6 months``; None: until the hold is lifted).

    Raises BadInput, NotRegistered.
    """
    end = _end(catalog.clock.now(), until)
    with doing(catalog, act=True) as conn:
        key = holds.add(conn, _kept(conn, wanted), end, because(catalog, reason))
    with catalog.read() as conn:  # afterwards: who decided at the same time has ended by now
        late = holds.late(conn, key)
        (made,) = holds.lines(conn, ids=[key])
    return Added(made, late.get(ReplicaState.TRASHED, 0), late.get(ReplicaState.DELETING, 0))


def _end(now: datetime, until: str | None) -> datetime | None:
    if until is None:
        return None
    with suppress(ValueError):  # then it may be a time
        return months.parse(until).after(now)
    with suppress(ValueError):
        found = TIME.read(until.strip())
        if isinstance(found, datetime):
            return found
    raise BadInput("expected a time, such as 2027-03-01, or a span, such as 6 months", subject="--until")


def _kept(conn: Connection, wanted: Wanted) -> Kept:
    """What is meant; one thing only, or nobody would know what to lift. Raises BadInput, NotRegistered."""
    dataset = None if wanted.dataset is None else files.dataset_id(conn, wanted.dataset)
    match wanted:
        case Wanted(lfns=(_, *_), run=None, dataset=None, task=None):
            known = look.file_ids(conn, wanted.lfns)
            return Kept(HoldScope.FILES, tuple(known[lfn] for lfn in dict.fromkeys(wanted.lfns)))
        case Wanted(lfns=(), run=int(run), task=None):
            return Kept(HoldScope.RUN, run=run, dataset=dataset)
        case Wanted(lfns=(), run=None, dataset=str(), task=None):
            return Kept(HoldScope.DATASET, dataset=dataset)
        case Wanted(lfns=(), run=None, dataset=None, task=str(task)):
            tasks = look.task_ids(conn)
            return Kept(HoldScope.TASK, task=tasks[named(task, tasks, "--task", "task", _HERE)][0])
    raise BadInput("name files, or a run (perhaps with its dataset), or a dataset, or a task", subject="hold")


def lift(catalog: Catalog, ids: Sequence[int], reason: str, *, act: bool) -> list[Hold]:
    """End holds before their time; without ``act`` only the plan. Raises NotRegistered, IllegalTransition."""
    with doing(catalog, act) as conn:
        return holds.lift(conn, list(dict.fromkeys(ids)), because(catalog, reason))


def lines(catalog: Catalog, *, everything: bool) -> list[Hold]:
    """Holds that are in force, newest first; or all that ever were."""
    with catalog.read() as conn:
        return holds.lines(conn, at=None if everything else catalog.clock.now())
