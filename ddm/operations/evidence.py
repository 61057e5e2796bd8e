"""Evidence of copies on tape, for people: shown piece by piece, and taken on demand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from catalog.checksum import Adler32
from catalog.db import evidence, evidence_look, look
from catalog.db.engine import Catalog, Connection
from catalog.db.evidence_look import TapeCopy
from catalog.errors import NotRegistered
from catalog.evidence import Grade, Piece, Settled, Wanted, settled, stale
from catalog.states import ReplicaState
from ddm.app import App
from ddm.settings import Settings
from ddm.steps import evidence as step
from ddm.steps.evidence import Finding


@dataclass(frozen=True, slots=True)
class PieceShown:
    """A piece of evidence. ``counts``: it was taken since the copy is AVAILABLE, and nothing is in doubt."""

    taken_at: datetime
    grade: Grade
    source: str
    how: str
    request: str
    size: int | None
    adler32: Adler32 | None
    locality: str
    counts: bool


@dataclass(frozen=True, slots=True)
class CopyShown:
    """A copy on tape with all its evidence. ``settled_at``: since when it is enough to delete on its
    strength; None: it is not, and ``not_settled`` says why. ``stale``: why it is too old for that now.
    ``next_at``: when evidence is taken again."""

    lfn: str
    run: int
    endpoint: str
    path: str
    state: ReplicaState
    since: datetime
    wanted: Grade
    settled_at: datetime | None
    not_settled: str
    stale: str
    next_at: datetime | None
    pieces: tuple[PieceShown, ...]


def show(catalog: Catalog, settings: Settings, words: Sequence[str]) -> list[CopyShown]:
    """The copies on tape of files (LFNs or base names), and of the merged files of runs, with their evidence.

    Raises NotRegistered for a word that is neither, or when none of it is at a tape endpoint.
    """
    with catalog.read() as conn:
        return _shown(conn, settings, _copies(conn, words), catalog.clock.now())


def _copies(conn: Connection, words: Sequence[str]) -> list[TapeCopy]:
    runs = [int(word) for word in words if word.isdecimal()]
    files = look.file_ids(conn, [word for word in words if not word.isdecimal()])
    found = evidence_look.copies(conn, files=list(files.values()), runs=runs)
    known = {copy.run for copy in found}
    if missing := [run for run in runs if run not in known]:
        raise NotRegistered(
            "nothing that was merged of this run is at a tape endpoint", subject=str(missing[0])
        )
    if not found:
        raise NotRegistered("it has no copy at a tape endpoint", subject=words[0] if words else "sample")
    return found


def _shown(conn: Connection, settings: Settings, found: Sequence[TapeCopy], now: datetime) -> list[CopyShown]:
    ids = [copy.replica_id for copy in found]
    every, counting = evidence.everything(conn, ids), evidence.counting(conn, ids)
    asked = evidence.asked(conn, ids)
    shown = []
    for copy in found:
        product = settings.products.get(copy.product)
        what = product.wanted if product else Wanted()
        good = counting[copy.replica_id]
        state = settled(good, what, now)
        shown.append(
            CopyShown(
                *(copy.lfn, copy.run, copy.endpoint, copy.path, copy.state, copy.since, what.grade),
                settled_at=state.at if isinstance(state, Settled) else None,
                not_settled="" if isinstance(state, Settled) else _why(copy, state.reason),
                stale=(stale(good, what, now) or "") if isinstance(state, Settled) else "",
                next_at=asked.get(copy.replica_id),
                pieces=tuple(_piece(piece, piece in good) for piece in every[copy.replica_id]),
            )
        )
    return shown


def _why(copy: TapeCopy, reason: str) -> str:
    return reason if copy.state is ReplicaState.AVAILABLE else f"it is {copy.state}"


def _piece(piece: Piece, counts: bool) -> PieceShown:
    return PieceShown(
        *(piece.taken_at, piece.grade, piece.source, piece.how, piece.request, piece.size, piece.adler32),
        str(piece.locality),
        counts,
    )


# ------------------------------------------------------------------------------------- on demand
class Result(StrEnum):
    """What came of a look on demand."""

    TAKEN = "taken"  # a piece of evidence
    LESS = "less"  # a piece that is less than what is wanted
    UNHEARD = "unheard"  # nobody answered, or not so that it says something: nothing has changed
    CONTRADICTED = "contradicted"  # the replica has left AVAILABLE
    RECALLED = "recalled"  # it is on its way from tape; the flow reads it
    WAITS = "waits"  # it is to be read from tape, and is in the buffer yet: the flow looks again
    NOT_AVAILABLE = "not available"  # it is not AVAILABLE: the flow compares it


NOTHING = frozenset({Result.LESS, Result.UNHEARD, Result.NOT_AVAILABLE})
"""Results that are no evidence, and no promise of any."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What came of one copy."""

    lfn: str
    endpoint: str
    result: Result
    grade: Grade | None
    text: str


def verify(
    app: App,
    words: Sequence[str],
    *,
    sample: int = 0,
    reread: bool = False,
    told: Callable[[int], None] = lambda asked_about: None,
) -> list[Verified]:
    """Take evidence now of the copies on tape of these files and runs, or of ``sample`` merged files of which
    it was taken longest ago. ``reread``: and have them read again from tape, which the flow does.

    ``told`` hears how many more were asked about. Repeat freely. Raises NotRegistered.
    """
    with app.catalog.read() as conn:
        if sample:
            found = evidence_look.copies(conn, files=evidence_look.longest_ago(conn, sample))
        else:
            found = _copies(conn, words)
    good = [copy.replica_id for copy in found if copy.state is ReplicaState.AVAILABLE]
    with app.catalog.begin("verify") as conn:
        evidence.ask(conn, good, app.now, reread=reread)
        due = evidence.of_replicas(conn, good)
    looked = step.look(app, [one for one in due if not one.lease_id], told)
    findings = {one.due.replica_id: one for one in looked}
    return [_verified(app, copy, findings.get(copy.replica_id)) for copy in found]


def _verified(app: App, copy: TapeCopy, finding: Finding | None) -> Verified:
    def told(result: Result, text: str = "", grade: Grade | None = None) -> Verified:
        return Verified(copy.lfn, copy.endpoint, result, grade, text)

    if copy.state is not ReplicaState.AVAILABLE:
        return told(Result.NOT_AVAILABLE, f"it is {copy.state}")
    if finding is None or finding.recall:
        return told(Result.RECALLED)
    if finding.event:
        return told(Result.CONTRADICTED, finding.reason)
    if finding.reread:
        return told(
            Result.WAITS, "somebody uses it" if finding.due.pinned else "it is asked to leave the buffer"
        )
    if finding.piece is None:
        return told(Result.UNHEARD, finding.reason)
    product = app.settings.products.get(copy.product)
    wanted = (product.wanted if product else Wanted()).repeated
    enough = finding.piece.grade.includes(wanted)
    text = "" if enough else f"the service tells no checksum; grade {wanted} is wanted"
    return told(Result.TAKEN if enough else Result.LESS, text, finding.piece.grade)
