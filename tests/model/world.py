"""A few files, small enough that everything that can happen to them can be tried.

Two chunks ``a`` and ``b`` on disk, merged into ``m``: its copies ``d`` and ``e`` on disk and ``t`` on tape.
What the catalogue knows and what is true are told apart: ``truth`` of a copy is what its bytes really are.
Time is counted in ticks: evidence settles in one, is too old after two, grace is one.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from catalog.retention import Ground
from catalog.states import CheckState, GroupState, ReplicaState

CAP = 3  # ticks: older is as good as that
SETTLE, AGE, GRACE = 1, 2, 1
LONG = CAP + SETTLE


class Truth(StrEnum):
    """What the bytes of a copy really are. BUFFER: good, and in the buffer of a tape endpoint only."""

    NONE = "none"
    GOOD = "good"
    BUFFER = "buffer"
    TAPE = "on tape"
    BAD = "bad"
    GONE = "gone"


READABLE = (Truth.GOOD, Truth.BUFFER, Truth.TAPE)


class Paper(NamedTuple):
    """A certificate: its age, its ground, the number of the merge it relies on (None: of none), who asked."""

    age: int
    ground: Ground
    merge: int | None
    person: str = ""


class Copy(NamedTuple):
    """``state``: None, there is no replica. ``since``: ticks in it; ``seen``: ticks since it was compared.

    ``pieces``: ages of the evidence, first and newest; ``grade``: of all of it. ``call``: a removal of its
    bytes is under way at the storage and may be carried out at any time: ``sent`` after its intent was
    committed, ``late`` when nobody waits for its answer any more, ``early`` when no intent was committed.
    ``struck``: the adversary spoiled it; ``unseen``: and no service has been asked since. ``ours``: we
    removed its bytes. ``lied``: the service said on tape of what is in the buffer. ``odd``: some evidence
    tells another checksum.
    """

    state: ReplicaState | None = None
    truth: Truth = Truth.NONE
    since: int = 0
    seen: int | None = None
    pieces: tuple[int, ...] = ()
    grade: str = "b"
    paper: Paper | None = None
    call: str = ""
    struck: bool = False
    unseen: bool = False
    ours: bool = False
    lied: bool = False
    odd: bool = False


class Small(NamedTuple):
    """The whole small world.

    ``group``: None, nothing is planned. ``lacks``: 1, ``m`` lacks an event of ``b``; 2, it was made from
    ``a`` alone. ``told``: the catalogue's count of ``m``: as many as went in, fewer, or None. ``busy``: what
    needs the copies now. ``sibling``: another merge of the run is not archived; ``unprocessed``: a raw chunk
    of the run is neither processed nor a gap. ``strikes``: left to the adversary. ``unfair``: some bytes were
    removed though nothing stood for them. ``merge``: the number of the merge that made ``m``.
    """

    a: Copy = Copy()
    b: Copy = Copy()
    d: Copy = Copy()
    e: Copy = Copy()
    t: Copy = Copy()
    group: GroupState | None = None
    check: CheckState = CheckState.PENDING
    waiver: bool = False
    lacks: int = 0
    told: bool | None = None
    busy: str = ""
    hold: bool = False
    freeze: bool = False
    sibling: bool = False
    unprocessed: bool = False
    namesake: bool = False
    strikes: int = 0
    unfair: bool = False
    accepted: bool = False
    gap: bool = False
    merge: int = 0


CHUNKS, MERGED = ("a", "b"), ("d", "e", "t")
NAMES = {
    "a": "chunk a",
    "b": "chunk b",
    "d": "the merged file on disk",
    "e": "the merged file on the second disk",
    "t": "the merged file on tape",
}


def on_disk(seen: int | None = 0, **also: object) -> Copy:
    """A good copy on disk, AVAILABLE, compared so many ticks ago."""
    return Copy(ReplicaState.AVAILABLE, Truth.GOOD, 0, seen)._replace(**also)


def on_tape(*pieces: int, **also: object) -> Copy:
    """A good copy on tape, AVAILABLE, with evidence of these ages."""
    return Copy(ReplicaState.AVAILABLE, Truth.TAPE, LONG, CAP, tuple(pieces))._replace(**also)


def alike(state: Small) -> Small:
    """One of two states that differ only in which of the chunks is which."""
    if state.lacks or _order(state.a) <= _order(state.b):
        return state
    return state._replace(a=state.b, b=state.a)


def _order(copy: Copy) -> tuple[str, ...]:
    return (str(copy.state), copy.truth, copy.call, str(copy.paper), str(copy.seen), str(copy.struck))


def older(copy: Copy, tape: bool = False) -> Copy:
    """One tick later. Since when a copy is what it is matters on tape only."""
    if copy.state is None:
        return copy
    *before, newest = copy.pieces or (0,)
    return copy._replace(
        since=min(copy.since + 1, LONG) if tape else 0,
        seen=None if copy.seen is None else min(copy.seen + 1, CAP),
        # as far apart as they were, as far as it matters
        pieces=(*(min(age + 1, LONG) for age in before), min(newest + 1, CAP)) if copy.pieces else (),
        paper=copy.paper and copy.paper._replace(age=min(copy.paper.age + 1, CAP)),
    )


def spread(pieces: tuple[int, ...]) -> tuple[int, ...]:
    """Of all evidence, the first and the newest: what is between them adds nothing."""
    return (pieces[0], pieces[-1]) if len(pieces) > 2 else pieces
