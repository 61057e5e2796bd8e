"""Doing what signed lines of a plan of repair say, a page at a time.

1. The copies as the catalogue has them, then one question to the storages for all places of the page; after
   that one transaction, in which the copies are looked at again, locked, moved, and the outcome is written.
2. Nothing is removed here. What is to go is noted as debris, and goes the way of debris.
3. What nobody can tell stays open, with the reason; the next 'apply' asks again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from catalog.db import attempts, mending
from catalog.db.attempts import Named, Place, Seen
from catalog.db.engine import Connection
from catalog.db.mending import Rearchived
from catalog.db.move import Why
from catalog.db.repairs import Repair
from catalog.model import KnownCopy, RepairLine
from catalog.states import RepairAct, RepairOutcome
from ddm.app import App
from ddm.operations.common import why
from ddm.operations.lookagain import Found, Looked, is_left
from ddm.reconcile import actions
from ddm.reconcile.kinds import Kind
from ddm.releaserules import rules_of
from ddm.steps import debris
from transfers.errors import FileMissing
from transfers.model import SILENT, Failed, Observed, Unknown

A, O = RepairAct, RepairOutcome  # noqa: E741


# ------------------------------------------------------------------------------------------- acting
def act(app: App, conn: Connection, plan: Repair, page: Sequence[RepairLine], seen: Looked) -> Found:
    """Do the lines, in the caller's transaction. Returns the outcome of every line that has one now."""
    found = dict(seen.found)
    todo = _still(conn, [line for line in page if line.position in seen.verdicts], found)
    reason = f"plan of repair {plan.id}, signed by {plan.signed_by}"
    mine = Mending(app, conn, plan, why(app.catalog, reason), seen)
    match page[0].act if page else None:
        case A.REVERIFY:
            mine.moved(todo, mending.doubt(conn, mine.reasons(todo), mine.why), found)
        case A.LOST:
            mine.moved(todo, mending.lose(conn, mine.reasons(todo), mine.why), found)
        case A.RECALL:
            mine.recall(todo, found)
        case A.REARCHIVE:
            mine.archive_again(todo, found)
        case A.ADOPT:
            mine.adopt(todo, found)
        case A.TRASH:
            mine.trash(todo, found)
    return found


def _still(conn: Connection, lines: Sequence[RepairLine], found: Found) -> list[RepairLine]:
    """Those whose copies are as they were a moment ago, locked now."""
    now = mending.copies(conn, [line.replica_id for line in lines if line.replica_id is not None], lock=True)
    kept = []
    for line in lines:
        left = actions.unchanged(line, now.get(line.replica_id or 0))
        if left is None:
            kept.append(line)
        else:
            found[line.position] = (left.outcome, left.reason)
    return kept


@dataclass(frozen=True, slots=True)
class Mending:
    """One page of a plan that is being done, in one transaction."""

    app: App
    conn: Connection
    plan: Repair
    why: Why
    seen: Looked

    def reasons(self, lines: Sequence[RepairLine]) -> dict[int, str]:
        """What the storage said, by replica."""
        return {
            line.replica_id: self.seen.verdicts[line.position].reason
            for line in lines
            if line.replica_id is not None
        }

    @staticmethod
    def moved(lines: Sequence[RepairLine], ids: set[int], found: Found) -> None:
        for line in lines:
            good = line.replica_id in ids
            found[line.position] = (O.DONE, "") if good else (O.CHANGED, "its state has no such event")

    # ----------------------------------------------------------------------------- from and to tape
    def recall(self, lines: Sequence[RepairLine], found: Found) -> None:
        """Lost on disk; the recall is asked for when all lines are done."""
        now = mending.copies(self.conn, list(self.reasons(lines)))
        there = mending.on_tape(self.conn, [copy.file_id for copy in now.values()])
        todo = []
        for line in lines:
            if now[line.replica_id or 0].file_id in there:
                todo.append(line)
            else:
                text = "no copy of it on tape is AVAILABLE: it can only be marked lost"
                found[line.position] = (O.REFUSED, text)
        self.moved(todo, mending.lose(self.conn, self.reasons(todo), self.why), found)

    def archive_again(self, lines: Sequence[RepairLine], found: Found) -> None:
        ids = [line.replica_id for line in lines if line.replica_id is not None]
        now, used = mending.copies(self.conn, ids), mending.in_use(self.conn, ids)
        sources = mending.on_disk(self.conn, [copy.file_id for copy in now.values()])
        locked = mending.still_good(self.conn, [one.replica_id for its in sources.values() for one in its])
        todo: list[Rearchived] = []
        asked = []
        for line in lines:
            copy = now[line.replica_id or 0]
            source = next((s for s in sources.get(copy.file_id, ()) if self._whole(s, locked)), None)
            if not copy.tape:
                found[line.position] = (O.REFUSED, f"{copy.endpoint} is no tape endpoint")
            elif copy.replica_id in used:
                found[line.position] = (O.REFUSED, f"{used[copy.replica_id]}: end that first")
            elif source is None:
                text = "no copy of it on disk is seen whole: the last trace of it is not written off"
                silent = next(filter(None, map(self._silence, sources.get(copy.file_id, ()))), "")
                found[line.position] = (None, f"{text}; {silent}") if silent else (O.REFUSED, text)
            else:
                asked.append(line)
                reason = self.seen.verdicts[line.position].reason
                todo.append(Rearchived(copy, source.replica_id, reason))
        gone = mending.archive_again(self.conn, todo, self.app.endpoint_ids, self.why)
        self.moved(asked, gone, found)

    def _whole(self, copy: KnownCopy, locked: set[int]) -> bool:
        """Whether a copy was seen to be its file a moment ago, and still is AVAILABLE."""
        told = self.seen.places.get((copy.endpoint, copy.path))
        same = isinstance(told, Observed) and (told.size, told.adler32) == (copy.size, copy.adler32)
        return same and copy.size is not None and copy.replica_id in locked

    def _silence(self, copy: KnownCopy) -> str:
        """Why nobody knows whether a copy is there; "" if its storage told."""
        match self.seen.places.get((copy.endpoint, copy.path), SILENT):
            case Failed(code=code, text=text) if code != FileMissing.code:
                return f"{copy.endpoint}: {text}"
            case Unknown(text):
                return f"{copy.endpoint}: {text}"
        return ""

    # ----------------------------------------------------------------------------------- adopting
    def adopt(self, lines: Sequence[RepairLine], found: Found) -> None:
        back = [line for line in lines if line.kind == Kind.RETURNED]
        self.moved(back, mending.find(self.conn, self.reasons(back), self.why), found)
        self._move_places([line for line in lines if line.kind == Kind.WRONG_PLACE], found)
        self._registered([line for line in lines if line.replica_id is None], found)

    def _move_places(self, lines: Sequence[RepairLine], found: Found) -> None:
        ids = [line.replica_id for line in lines if line.replica_id is not None]
        now, used = mending.copies(self.conn, ids), mending.in_use(self.conn, ids)
        taken = self._known([(line.endpoint, line.other or "") for line in lines])
        todo, asked = [], []
        for line in lines:
            copy = now[line.replica_id or 0]
            if (line.endpoint, line.other or "") in taken:
                found[line.position] = (O.REFUSED, f"the catalogue has another copy at {line.other}")
            elif copy.replica_id in used:
                found[line.position] = (O.REFUSED, f"{used[copy.replica_id]}: end that first")
            else:
                asked.append(line)
                todo.append((copy, line.other or "", self.seen.verdicts[line.position].reason))
        gone = mending.move_place(self.conn, todo, self.app.endpoint_ids, self.why)
        self.moved(asked, gone, found)

    def _known(self, places: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
        """Those of these places that a copy of the catalogue has now."""
        ids = self.app.endpoint_ids
        asked = {Place(ids.get(endpoint, 0), path): (endpoint, path) for endpoint, path in places}
        prefixes = rules_of(self.app.settings).prefixes
        return {asked[p] for p in attempts.known(self.conn, list(asked), ids, prefixes, live=True)}

    def _registered(self, lines: Sequence[RepairLine], found: Found) -> None:
        """What ``register`` came to: it is known now, or it says why not."""
        known = self._known([(line.endpoint, line.path) for line in lines])
        for line in lines:
            if (line.endpoint, line.path) in known:
                found[line.position] = (O.DONE, "")
            else:
                reason = self.seen.verdicts[line.position].reason
                found[line.position] = (O.REFUSED, reason or "it was not registered")

    # ----------------------------------------------------------------------------------- trashing
    def trash(self, lines: Sequence[RepairLine], found: Found) -> None:
        known = self._known([(line.endpoint, line.path) for line in lines])
        # what an attempt left is known by its path: only its own adler32 could make it somebody's last copy
        contents = {
            line.position: (line.size, line.adler32)
            for line in lines
            if line.size is not None and (line.adler32 is not None or not is_left(line))
        }
        last = mending.without_good_copy(self.conn, set(contents.values()))
        todo = []
        for line in lines:
            if (line.endpoint, line.path) in known:
                found[line.position] = (O.CHANGED, "an entry of the catalogue is at that place")
            elif line.position in contents and (lfn := last.get(contents[line.position])) is not None:
                text = f"it may be the last copy of {lfn}, of which none is AVAILABLE"
                found[line.position] = (O.REFUSED, text)
            else:
                todo.append(line)
        self._note(todo, found)

    def _note(self, lines: Sequence[RepairLine], found: Found) -> None:
        left = [line for line in lines if is_left(line)]
        named = [line for line in lines if not is_left(line)]
        self._note_left(left, found)
        rows = [
            Named(self.app.endpoint_ids[line.endpoint], line.path, line.size or 0, line.adler32)
            for line in named
        ]
        due = self.app.now + self.app.settings.reconcile.grace
        attempts.note_named(self.conn, self.plan.id, rows, due, self.why)
        found |= {line.position: (O.DONE, "") for line in named}

    def _note_left(self, lines: Sequence[RepairLine], found: Found) -> None:
        """What attempts of jobs left, as far as it is what their papers promised, and the jobs are over."""
        by_task: dict[int, list[Seen]] = defaultdict(list)
        for line in lines:
            place = Place(self.app.endpoint_ids[line.endpoint], line.path)
            if (attempt := self.seen.left.left.get(place)) is None:
                outcome = None if place in self.seen.left.silent else O.REFUSED
                found[line.position] = (outcome, self.seen.left.why_not.get(place, "nobody left it"))
                continue
            task, job, number = attempt
            by_task[task].append(Seen(job, number, place.endpoint, place.path, line.size))
            found[line.position] = (O.DONE, "")
        for task, seen in by_task.items():
            debris.note_down(self.app, self.conn, task, debris.Found(tuple(seen)), reason=self.why.reason)
