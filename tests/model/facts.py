"""What the catalogue knows of a copy of the small world, as the real facts of retention."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from catalog.checksum import Adler32
from catalog.evidence import Grade, Piece, Wanted
from catalog.retention import (
    Acceptance,
    Asking,
    Copy,
    Facts,
    FileFacts,
    Ground,
    Member,
    Product,
    RawChunk,
    Statement,
    Uses,
    Waiver,
)
from catalog.states import EndpointKind, GroupState, Locality, ReplicaState, Role
from tests.model import world
from tests.model.world import AGE, GRACE, SETTLE, Small

TICK = timedelta(days=1)
NOW = datetime(2026, 1, 20, 12, tzinfo=UTC)
WANTED = Wanted(Grade.B, SETTLE * TICK, AGE * TICK)
EVENTS = {"a": 10, "b": 20, "m": 30}
FILE_IDS = {"a": 1, "b": 2, "m": 3}
REPLICA_IDS = {"a": 1, "b": 2, "d": 3, "e": 4, "t": 5}


class Terms(NamedTuple):
    """``counted``: the product holds events; ``alias``: the tape endpoint is the disk by another name;
    ``chain``: the state of the merge of which ``m`` is an input (None: there is none); ``released``: the
    settings let the inputs of what is archived go. Of a catalogue that somebody damaged: ``numberless``, the
    size and adler32 of ``m`` are gone; ``forgotten``, and which file its merge made."""

    counted: bool = True
    alias: bool = False
    chain: GroupState | None = None
    released: bool = True
    numberless: bool = False
    forgotten: bool = False


PLAIN = Terms()


def _at(age: int | None) -> datetime | None:
    return None if age is None else NOW - age * TICK


def _file(key: str, terms: Terms, told: bool | None = True) -> FileFacts:
    role = Role.FINAL if key == "m" else Role.INTERMEDIATE
    events = {True: EVENTS[key], False: EVENTS[key] - 1, None: None}[told]
    numbers = (None, None) if key == "m" and terms.numberless else (100 * EVENTS[key], EVENTS[key])
    return FileFacts(FILE_IDS[key], f"/f/{key}", role, "mDST", 7, *numbers, events)


def _of(name: str) -> str:
    return name if name in world.CHUNKS else "m"


def _copy(state: Small, name: str, terms: Terms) -> Copy:
    copy: world.Copy = getattr(state, name)
    tape = name == "t"
    assert copy.state is not None
    path = f"/f/{_of(name)}"
    endpoint = {"t": "tape", "e": "disk2"}.get(name, "disk")
    place = f"memory://{'disk' if terms.alias and tape else endpoint}{path}"
    since = NOW - copy.since * TICK
    file = _file(_of(name), terms)
    told = copy.grade > "a"
    pieces = tuple(
        Piece(
            Grade(copy.grade),
            NOW - age * TICK,
            "tape",
            "service",
            size=file.size if told else None,
            adler32=Adler32((file.adler32 or 0) + copy.odd) if told else None,
            locality=Locality.NEARLINE,
        )
        for age in copy.pieces
    )
    return Copy(
        REPLICA_IDS[name],
        endpoint,
        path,
        EndpointKind.TAPE if tape else EndpointKind.DISK,
        copy.state,
        since,
        place,
        verified_at=_at(copy.seen),
        verified_how="service" if copy.seen is not None else "",
        evidence=pieces,
    )


def _live(copy: world.Copy) -> bool:
    return copy.state not in (None, ReplicaState.DELETED)


def _products(state: Small, terms: Terms) -> Iterator[Product]:
    if state.group in (None, GroupState.VOID):
        return
    members = tuple(
        Member(number, FILE_IDS[key], f"/f/{key}", 100 * EVENTS[key], EVENTS[key], EVENTS[key])
        for number, key in enumerate(world.CHUNKS)
    )
    made = state.group not in (GroupState.PLANNED, GroupState.MERGING) and not terms.forgotten
    yield Product(
        group_id=100 + state.merge,
        task="P08",
        product="mDST",
        run=7,
        part=0,
        state=state.group or "",
        plan="plan",
        planned_size=3000,
        members=members,
        output=_file("m", terms, state.told) if made else None,
        inputs=frozenset({1} if state.lacks == 2 else {1, 2}) if made else None,
        tapes=(_copy(state, "t", terms),) if made and _live(state.t) else (),
        check=state.check,
        waivers=(Waiver(0, "shift", "one event", NOW - world.CAP * TICK),) if state.waiver else (),
        siblings=int(state.sibling),
        missing=int(state.unprocessed),
        wanted=WANTED,
        counted=terms.counted,
    )


def _chained(state: Small, terms: Terms) -> Product:
    """The log archive of a production, or whatever is made of ``m``: archived in every respect."""
    file = _file("m", terms)
    tape = Copy(
        9,
        "tape",
        "/f/n",
        EndpointKind.TAPE,
        ReplicaState.AVAILABLE,
        NOW - world.CAP * TICK,
        "memory://tape/f/n",
        evidence=tuple(
            Piece(Grade.B, NOW - age * TICK, "tape", "service", size=9, adler32=Adler32(9)) for age in (3, 0)
        ),
    )
    return Product(
        group_id=200,
        task="P08",
        product="all",
        run=7,
        part=0,
        state=terms.chain or "",
        plan="plan",
        planned_size=file.size,
        members=(Member(0, file.file_id, file.lfn, file.size, file.adler32, file.n_events),),
        output=FileFacts(9, "/f/n", Role.FINAL, "all", 7, 9, 9, file.n_events),
        inputs=frozenset({file.file_id}),
        tapes=(tape,),
        check="PASSED",
        waivers=(),
        siblings=0,
        missing=0,
        wanted=WANTED,
    )


def facts(state: Small, name: str, ground: Ground, asking: Asking, terms: Terms, person: str = "") -> Facts:
    """What the catalogue knows of that copy, when it is to go for that reason. ``person``: who asks."""
    key = _of(name)
    of_chunk = key in world.CHUNKS
    made = tuple(_products(state, terms))
    used = {word: int(state.busy == word) for word in ("jobs", "leases", "pins", "requests")}
    copy = getattr(state, name)
    others = () if of_chunk else tuple(other for other in world.MERGED if other != name)
    alike = ("t" if name == "d" else "d" if name == "t" else "") if terms.alias else ""
    namesakes = (
        ("the same file, by another endpoint's name",) if alike and _live(getattr(state, alike)) else ()
    )
    chained = (_chained(state, terms),) if terms.chain and not of_chunk else ()
    lost = ground is Ground.LOSS
    return Facts(
        asking=asking,
        ground=ground,
        now=NOW,
        file=_file(key, terms),
        copy=_copy(state, name, terms),
        wanted=WANTED,
        grace=GRACE * TICK,
        person=person,
        reason="asked for" if person else "",
        products=made if of_chunk else chained,
        released=terms.released,
        origins=() if of_chunk else made,
        others=tuple(_copy(state, other, terms) for other in others if _live(getattr(state, other))),
        uses=Uses(**used),
        holds=("kept by shift",) if state.hold else (),
        freezes=("frozen by shift",) if state.freeze else (),
        namesakes=("another production's file",) if state.namesake else namesakes,
        raw=(RawChunk("/raw/1", kept=False, gap=state.gap),) if lost else None,
        acceptance=Acceptance(person, "it does not matter", 1, 1) if lost and person else None,
        paper=_statement(state, key, name, copy.paper, terms),
    )


def _statement(
    state: Small, key: str, name: str, paper: world.Paper | None, terms: Terms
) -> Statement | None:
    if paper is None:
        return None
    file, copy = _file(key, terms), _copy(state, name, terms)
    output, merged = _file("m", terms), paper.ground is Ground.MERGED
    products: dict[int, tuple[str, int | None, int | None, str | None]] = {}
    if merged and terms.chain and key == "m":
        products[200] = ("/f/n", 9, 9, _chained(state, terms).digest)
    elif merged and paper.merge is not None:
        digest = next(_products(state._replace(group=GroupState.ARCHIVED), terms)).digest
        products[100 + paper.merge] = (output.lfn, output.size, output.adler32, digest)
    return Statement(
        seal="s" * 64,
        intact=True,
        version=2,
        issued=NOW - paper.age * TICK,
        ground=paper.ground,
        lfn=file.lfn,
        size=file.size,
        adler32=file.adler32,
        endpoint=copy.endpoint,
        path=copy.path,
        products=products,
    )
