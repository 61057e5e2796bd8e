"""What ddm promises, said of the truth and not of the catalogue.

**The events.** Every event that came into a product is readable from a good copy, or a person accepted its
loss. In the small world the adversary has few strikes: each spoils one copy, at any time. A loss is the
adversary's, and not ours, only if it struck a copy that ddm's rules had kept for good, and every removal of
ours was *fair*: when it was decided, a good copy of all that was removed stood elsewhere, on tape or (for
a spare copy) on another disk; or one had stood there when it was last looked at, which was not longer ago
than evidence may be old, and was struck since, so that nobody could know. What the adversary destroys before
ddm removed anything (a chunk that is not merged yet) is not ddm's doing either. The raw files stay on tape.

**The rest** is judged when a copy is withdrawn and when its removal is decided: nothing goes from under a
reader, nothing that a person keeps, or has to look at, or did not ask for; never before its grace time, never
without a certificate that says what is so, never another entry's bytes.
"""

from __future__ import annotations

from catalog.retention import Asking, Ground
from catalog.states import GROUP, CheckState, GroupState, ReplicaState
from tests.model.facts import Terms
from tests.model.world import AGE, CHUNKS, GRACE, MERGED, NAMES, READABLE, Copy, Small, Truth


def _holds(state: Small, chunk: str) -> bool:
    """Whether the merged file holds all that this chunk held, or its lack was accepted."""
    if chunk == "a" or state.lacks == 0:
        return True
    return state.lacks == 1 and state.check is CheckState.WAIVED and state.waiver


def _stands(copy: Copy, good: tuple[Truth, ...], looked_at: int | None) -> bool:
    """It is good; or it was when it was looked at, not too long ago, and nobody could know."""
    if copy.truth in good:
        return True
    return copy.struck and copy.unseen and looked_at is not None and looked_at <= AGE


def fair(state: Small, name: str, ground: Ground, terms: Terms) -> bool:
    """Whether the removal of this copy, decided now, leaves what it holds somewhere else."""
    copy: Copy = getattr(state, name)
    if copy.truth not in READABLE or ground is Ground.LOSS:
        return True
    if name == "t" and copy.truth is Truth.TAPE and ground is not Ground.BAD:
        return False  # what is on tape stays there
    newest = state.t.pieces[-1] if state.t.pieces else None
    on_tape = name != "t" and not (terms.alias and name == "d") and _stands(state.t, (Truth.TAPE,), newest)
    if name in CHUNKS:
        return on_tape and _holds(state, name)
    if ground in (Ground.ON_TAPE, Ground.MERGED):
        return on_tape
    others = [getattr(state, other) for other in ("d", "e") if other != name]
    return on_tape or any(_stands(other, (Truth.GOOD,), other.seen) for other in others)


def accepted(state: Small, name: str, ground: Ground, person: str) -> bool:
    """Whether a person has accepted what is lost by removing this copy."""
    if ground is Ground.LOSS:
        return person != ""
    return name == "b" and state.lacks == 1 and state.waiver and state.check is CheckState.WAIVED


def lost(state: Small) -> str:
    """The event or the file that is lost by our doing; empty: none."""
    if state.accepted:
        return ""
    merged = any(getattr(state, name).truth in READABLE for name in MERGED)
    excused = not state.unfair and any(getattr(state, name).struck for name in MERGED)
    for chunk in CHUNKS:
        copy: Copy = getattr(state, chunk)
        if copy.ours and copy.truth not in READABLE and not excused:
            if not merged:
                return f"the events of {NAMES[chunk]} are lost: no good copy is left of anything"
            if not _holds(state, chunk) and state.group is not GroupState.MISMATCHED:
                return f"events of {NAMES[chunk]} are lost: they are not in the merged file"
    removed = [name for name in MERGED if getattr(state, name).ours]
    if removed and not merged and not excused and not _chunks_left(state):
        return "the merged file is lost: no good copy of it is left"
    return ""


def _chunks_left(state: Small) -> bool:
    return all(getattr(state, chunk).truth in READABLE for chunk in CHUNKS)


def broken(state: Small, name: str, ground: Ground, person: str, asking: Asking, terms: Terms) -> str:
    """The promise that is broken by withdrawing this copy now, or by deciding its removal."""
    copy: Copy = getattr(state, name)
    what, act = NAMES[name], "withdrawn" if asking is Asking.WITHDRAW else "removed"
    if state.busy:
        return f"{what} is {act} while {state.busy} need it"
    if copy.state is ReplicaState.BAD and ground not in (Ground.BAD, Ground.LOSS):
        return f"{what} is {act}: its bytes differ, and no person has looked at it"
    if state.hold:
        return f"{what} is {act} though a person keeps it"
    if state.freeze:
        return f"{what} is {act} though deletion is frozen"
    if ground not in (Ground.MERGED, Ground.ON_TAPE) and not person:
        return f"{what} is {act} as '{ground}', and nobody asked for it"
    if ground is Ground.MERGED and not terms.released:
        return f"{what} is {act}, and the settings keep it"
    if state.namesake or (terms.alias and name in ("d", "t") and _other_name_lives(state, name)):
        return f"{what} is {act}, and another entry of the catalogue has the same bytes"
    if ground is Ground.MERGED and name not in CHUNKS and not _named(state, name):
        return f"{what} is {act}: no copy under its name is left"
    if ground is Ground.ON_TAPE and terms.chain not in (None, GroupState.ARCHIVED, GroupState.CLEANED):
        return f"{what} is {act}, and a merge that is planned needs it"
    if looked := _looked_at(state, ground):
        return f"{what} is {act} while {looked}"
    if asking is Asking.REMOVE:
        return _papers(state, copy, what, ground, terms)
    return ""


def _other_name_lives(state: Small, name: str) -> bool:
    return getattr(state, "t" if name == "d" else "d").state not in (None, ReplicaState.DELETED)


def _named(state: Small, name: str) -> bool:
    return any(getattr(state, other).truth in READABLE for other in MERGED if other != name)


def _looked_at(state: Small, ground: Ground) -> str:
    """What of the run is not right yet: until then a person may need all that its jobs made."""
    if ground not in (Ground.MERGED, Ground.ON_TAPE):
        return ""
    if state.sibling and ground is Ground.MERGED:
        return "another merge of its run is not archived"
    if state.unprocessed and ground is Ground.MERGED:
        return "a raw chunk of its run is not processed"
    if ground is Ground.MERGED and (state.group, "revised") in GROUP.table:
        return "a person may still revise its merge, for which all inputs are needed"
    if state.group in (GroupState.MISMATCHED, GroupState.HELD):
        return "a person has to look at its merge"
    if state.check is CheckState.FAILED:
        return "a person has to look at its cross-check"
    if state.check is CheckState.WAIVED and not state.waiver:
        return "what a person accepted is not so any more"
    return ""


def _papers(state: Small, copy: Copy, what: str, ground: Ground, terms: Terms) -> str:
    if copy.paper is None:
        return f"{what} is removed without a certificate"
    if copy.paper.age < GRACE:
        return f"{what} is removed within its grace time"
    if ground is Ground.MERGED and terms.chain is None and copy.paper.merge != state.merge:
        return f"{what} is removed, and its certificate tells of another merged file"
    if ground is Ground.LOSS and not state.gap:
        return f"{what} is removed, its events are no registered gap"
    return ""
