"""Facts of copies of which nothing speaks against their going, for every ground; and each way to spoil them.

``spoiled`` names, for each guard, changes of the facts after which that guard must object. Tests of the rule,
of its callers and of model checkers start from here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

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
from catalog.states import EndpointKind, Locality, ReplicaState, Role

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def piece(at: datetime, size: int, adler32: int, grade: Grade = Grade.B) -> Piece:
    """Evidence as a tape service tells it."""
    return Piece(grade, at, "tape", "service", "", size, Adler32(adler32), Locality.NEARLINE)


def tape_copy(file: FileFacts, replica: int = 90) -> Copy:
    """A settled copy on tape."""
    pieces = tuple(piece(NOW - n * DAY, file.size or 0, file.adler32 or 0) for n in (20, 10, 1))
    return Copy(
        replica, "tape", file.lfn, EndpointKind.TAPE, ReplicaState.AVAILABLE, NOW - 21 * DAY,
        f"root://tape/{file.lfn}", evidence=pieces, verified_at=NOW - 20 * DAY,
    )  # fmt: skip


def disk_copy(file: FileFacts, replica: int = 1, endpoint: str = "disk") -> Copy:
    """A copy on disk, compared yesterday."""
    return Copy(
        replica, endpoint, file.lfn, EndpointKind.DISK, ReplicaState.AVAILABLE, NOW - 30 * DAY,
        f"root://{endpoint}/{file.lfn}", verified_at=NOW - DAY, verified_how="service",
    )  # fmt: skip


def merged(*files: FileFacts, part: int = 0, output: int = 100) -> Product:
    """An archived, checked merge of these files."""
    members = tuple(
        Member(at, file.file_id, file.lfn, file.size, file.adler32, file.n_events)
        for at, file in enumerate(files)
    )
    events, size = sum(file.n_events or 0 for file in files), sum(file.size or 0 for file in files)
    out = FileFacts(output, f"/merged/mDST-1.{part}", Role.FINAL, "mDST", 1, size + 7, 77, events)
    return Product(
        group_id=part + 1,
        task="production",
        product="mDST",
        run=1,
        part=part,
        state="ARCHIVED",
        plan="abc",
        planned_size=size,
        members=members,
        output=out,
        inputs=frozenset(file.file_id for file in files),
        tapes=(tape_copy(out),),
        check="PASSED",
        waivers=(),
        siblings=0,
        missing=0,
        wanted=Wanted(),
    )


def goer(ground: Ground = Ground.MERGED, asking: Asking = Asking.WITHDRAW) -> Facts:
    """Nothing speaks against it."""
    role = Role.INTERMEDIATE if ground is Ground.MERGED else Role.FINAL
    file = FileFacts(1, "/chunks/mDST-1-1", role, "mDST", 1, 1000, 17, 50)
    sister = replace(file, file_id=2, lfn="/chunks/mDST-1-2", adler32=18)
    product = merged(file, sister)
    person = ground.by_a_person
    facts = Facts(
        asking=Asking.WITHDRAW,
        ground=ground,
        now=NOW,
        file=file,
        copy=disk_copy(file),
        wanted=Wanted(),
        grace=14 * DAY,
        person="anna" if person else "",
        reason="no longer wanted" if person else "",
        products=(product,) if ground is Ground.MERGED else (),
        origins=(),
        others=(),
        uses=Uses(0, 0, 0, 0),
        holds=(),
        freezes=(),
        namesakes=(),
    )
    match ground:
        case Ground.ON_TAPE:
            facts = replace(facts, others=(tape_copy(file),), origins=(merged(sister),))
        case Ground.SPARE:
            facts = replace(facts, others=(disk_copy(file, 2, "other"),))
        case Ground.BAD:
            bad = replace(facts.copy, state=ReplicaState.BAD)
            facts = replace(facts, copy=bad, others=(disk_copy(file, 2, "other"),))
        case Ground.LOSS:
            word = Acceptance("anna", "the disk is gone", 3, 3)
            facts = replace(facts, acceptance=word, raw=(RawChunk("/raw/1", True, False),))
    return facts if asking is Asking.WITHDRAW else withdrawn(facts)


def withdrawn(facts: Facts) -> Facts:
    """The same facts at the second asking, when the grace time is over."""
    products = {
        product.group_id: (product.output.lfn, product.output.size, product.output.adler32, product.digest)
        for product in facts.products or ()
        if product.output is not None
    }
    paper = Statement(
        seal="0" * 64,
        intact=True,
        version=2,
        issued=NOW - facts.grace - DAY,
        ground=facts.ground,
        lfn=facts.file.lfn,
        size=facts.file.size,
        adler32=facts.file.adler32,
        endpoint=facts.copy.endpoint,
        path=facts.copy.path,
        products=products,
        by=facts.person,
        reason=facts.reason,
        acceptance=facts.acceptance,
    )
    return replace(
        facts, asking=Asking.REMOVE, copy=replace(facts.copy, state=ReplicaState.TRASHED), paper=paper
    )


Change = Callable[[Facts], Facts]


@dataclass(frozen=True, slots=True)
class Spoiling:
    """A change after which the guard must object; of which grounds, and at which asking."""

    guard: str
    what: str
    change: Change
    grounds: tuple[Ground, ...]
    askings: tuple[Asking, ...] = tuple(Asking)


_ALL = tuple(Ground)
_TAPED = (Ground.MERGED, Ground.ON_TAPE)


def _product(**changes: object) -> Change:
    def change(facts: Facts) -> Facts:
        products = tuple(replace(product, **changes) for product in facts.products or ())  # type: ignore[arg-type]
        return replace(facts, products=products)

    return change


def _tape(alter: Callable[[Copy], Copy]) -> Change:
    """Change the copies on tape on whose strength it goes."""

    def tapes(copies: tuple[Copy, ...]) -> tuple[Copy, ...]:
        return tuple(alter(copy) if copy.kind is EndpointKind.TAPE else copy for copy in copies)

    def change(facts: Facts) -> Facts:
        if facts.ground is Ground.MERGED:
            products = tuple(replace(one, tapes=tapes(one.tapes)) for one in facts.products or ())
            return replace(facts, products=products)
        return replace(facts, others=tapes(facts.others or ()))

    return change


def _pieces(alter: Callable[[tuple[Piece, ...]], tuple[Piece, ...]]) -> Change:
    return _tape(lambda copy: replace(copy, evidence=alter(copy.evidence)))


def _copy(**changes: object) -> Change:
    return lambda facts: replace(facts, copy=replace(facts.copy, **changes))  # type: ignore[arg-type]


def _file(**changes: object) -> Change:
    return lambda facts: replace(facts, file=replace(facts.file, **changes))  # type: ignore[arg-type]


def _facts(**changes: object) -> Change:
    return lambda facts: replace(facts, **changes)  # type: ignore[arg-type]


def _uses(**changes: int | None) -> Change:
    return lambda facts: replace(facts, uses=replace(facts.uses, **changes))


def _paper(**changes: object) -> Change:
    def change(facts: Facts) -> Facts:
        assert facts.paper is not None
        return replace(facts, paper=replace(facts.paper, **changes))  # type: ignore[arg-type]

    return change


def _one_member_less(facts: Facts) -> Facts:
    (product,) = facts.products or ()
    return replace(facts, products=(replace(product, members=product.members[1:]),))


def _another_output(facts: Facts) -> Facts:
    (product,) = facts.products or ()
    assert product.output is not None
    output = replace(product.output, n_events=99)
    return replace(facts, products=(replace(product, output=output),))


def _moved_after_the_paper(facts: Facts) -> Facts:
    (product,) = facts.products or ()
    members = tuple(replace(member, n_events=1) for member in product.members)
    return replace(facts, products=(replace(product, members=members),))


def _same_place(facts: Facts) -> Facts:
    return _tape(lambda copy: replace(copy, place=facts.copy.place))(facts)


def _others(facts: Facts) -> Facts:
    """The other copies are not what one can rely on."""
    others = tuple(replace(copy, verified_at=NOW - 30 * DAY, evidence=()) for copy in facts.others or ())
    return replace(facts, others=others)


_MERGED, _REMOVE = (Ground.MERGED,), (Asking.REMOVE,)
_WAIVER = Waiver(3, "bert", "known", NOW - DAY)

SPOILINGS: tuple[Spoiling, ...] = (
    Spoiling("role", "a merged file", _file(role=Role.FINAL), _MERGED),
    Spoiling("role", "a raw file", _file(role=Role.RAW), _MERGED),
    Spoiling("state", "lost", _copy(state=ReplicaState.LOST), _ALL),
    Spoiling("state", "deleted", _copy(state=ReplicaState.DELETED), _ALL),
    Spoiling("disk", "on tape", _copy(kind=EndpointKind.TAPE), (*_TAPED, Ground.SPARE)),
    Spoiling("numbers", "no size", _file(size=None), (*_TAPED, Ground.SPARE, Ground.BAD)),
    Spoiling("numbers", "no checksum", _file(adler32=None), (*_TAPED, Ground.SPARE, Ground.BAD)),
    Spoiling("person", "nobody asks", _facts(person=" "), (Ground.SPARE, Ground.BAD)),
    Spoiling("person", "no reason", _facts(reason=""), (Ground.SPARE, Ground.BAD)),
    Spoiling("jobs", "a job", _uses(jobs=1), _ALL),
    Spoiling("jobs", "unknown jobs", _uses(jobs=None), _ALL),
    Spoiling("leases", "a lease", _uses(leases=1), _ALL),
    Spoiling("leases", "unknown leases", _uses(leases=None), _ALL),
    Spoiling("pins", "a pin", _uses(pins=1), _ALL),
    Spoiling("pins", "unknown pins", _uses(pins=None), _ALL),
    Spoiling("requests", "a copy under way", _uses(requests=2), _ALL),
    Spoiling("requests", "unknown requests", _uses(requests=None), _ALL),
    Spoiling("hold", "held", _facts(holds=("anna until 2027",)), _ALL),
    Spoiling("hold", "unknown holds", _facts(holds=None), _ALL),
    Spoiling("freeze", "frozen", _facts(freezes=("everything",)), _ALL),
    Spoiling("freeze", "unknown freezes", _facts(freezes=None), _ALL),
    Spoiling("namesakes", "a namesake", _facts(namesakes=("/x at disk",)), _ALL),
    Spoiling("namesakes", "unknown namesakes", _facts(namesakes=None), _ALL),
    Spoiling("settings", "kept by the settings", _facts(released=False), _MERGED),
    Spoiling("made", "nothing made", _facts(products=()), _MERGED),
    Spoiling("made", "unknown products", _facts(products=None), _MERGED),
    Spoiling("archived", "checked only", _product(state="CHECKED"), _MERGED),
    Spoiling("siblings", "another is not archived", _product(siblings=1), _MERGED),
    Spoiling("siblings", "unknown siblings", _product(siblings=None), _MERGED),
    Spoiling("members", "not planned so", _product(planned_size=1), _MERGED),
    Spoiling("members", "unknown plan", _product(planned_size=None), _MERGED),
    Spoiling("members", "made from others", _product(inputs=frozenset({1, 3})), _MERGED),
    Spoiling("members", "unknown inputs", _product(inputs=None), _MERGED),
    Spoiling("members", "not a member", _one_member_less, _MERGED),
    Spoiling("members", "another checksum", _file(adler32=5), _MERGED),
    Spoiling("check", "pending", _product(check="PENDING"), _MERGED),
    Spoiling("check", "failed", _product(check="FAILED"), _MERGED),
    Spoiling("check", "none", _product(check=""), _MERGED),
    Spoiling("waiver", "a void waiver", _product(check="WAIVED"), _MERGED),
    Spoiling("counts", "an event is missing", _another_output, _MERGED),
    Spoiling(
        "counts",
        "waived for another part",
        lambda facts: _product(check="WAIVED", waivers=(_WAIVER,))(_another_output(facts)),
        _MERGED,
    ),
    Spoiling("gaps", "a chunk is missing", _product(missing=1), _MERGED),
    Spoiling("gaps", "unknown chunks", _product(missing=None), _MERGED),
    Spoiling("output", "no merged file", _product(output=None, counted=False), _MERGED),
    Spoiling("tape", "no copy", _product(tapes=()), _MERGED),
    Spoiling("tape", "no other copy", _facts(others=()), (Ground.ON_TAPE,)),
    Spoiling("tape", "unknown copies", _facts(others=None), (Ground.ON_TAPE,)),
    Spoiling("tape", "lost", _tape(lambda copy: replace(copy, state=ReplicaState.LOST)), _TAPED),
    Spoiling("tape", "in a buffer", _tape(lambda copy: replace(copy, state=ReplicaState.ARCHIVING)), _TAPED),
    Spoiling("evidence", "none", _pieces(lambda _: ()), _TAPED),
    Spoiling(
        "evidence",
        "only on tape",
        _pieces(lambda all_: tuple(replace(p, grade=Grade.A) for p in all_)),
        _TAPED,
    ),
    Spoiling("evidence", "of before", _tape(lambda copy: replace(copy, since=NOW)), _TAPED),
    Spoiling(
        "agreement",
        "another size",
        _pieces(lambda all_: (*all_, replace(all_[-1], size=5))),
        _TAPED,
    ),
    Spoiling(
        "agreement",
        "another checksum",
        _pieces(lambda all_: (*all_, replace(all_[-1], adler32=Adler32(5)))),
        _TAPED,
    ),
    Spoiling(
        "agreement",
        "an untold checksum",
        _pieces(lambda all_: (*all_, replace(all_[-1], adler32=None))),
        _TAPED,
    ),
    Spoiling("settled", "seen once", _pieces(lambda all_: all_[-1:]), _TAPED),
    Spoiling("fresh", "long ago", _pieces(lambda all_: all_[:-1]), _TAPED, _REMOVE),
    Spoiling("place", "at the same place", _same_place, _TAPED),
    Spoiling("place", "unknown place", _tape(lambda copy: replace(copy, place="")), _TAPED),
    Spoiling("origin", "unknown origin", _facts(origins=None), (Ground.ON_TAPE,)),
    Spoiling(
        "origin",
        "its merge is not archived",
        lambda facts: replace(facts, origins=tuple(replace(p, state="CHECKED") for p in facts.origins or ())),
        (Ground.ON_TAPE,),
    ),
    Spoiling(
        "origin",
        "its check failed",
        lambda facts: replace(facts, origins=tuple(replace(p, check="FAILED") for p in facts.origins or ())),
        (Ground.ON_TAPE,),
    ),
    Spoiling("inputs", "unknown merges", _facts(products=None), (Ground.ON_TAPE,)),
    Spoiling(
        "inputs",
        "a merge needs it",
        lambda facts: replace(facts, products=(replace(merged(facts.file), state="MERGING"),)),
        (Ground.ON_TAPE,),
    ),
    Spoiling("spare", "no fresh copy", _others, (Ground.SPARE,)),
    Spoiling("spare", "no other copy", _facts(others=()), (Ground.SPARE,)),
    Spoiling("spare", "unknown copies", _facts(others=None), (Ground.SPARE,)),
    Spoiling("good", "no fresh copy", _others, (Ground.BAD,)),
    Spoiling("good", "unknown copies", _facts(others=None), (Ground.BAD,)),
    Spoiling("accepted", "by nobody", _facts(acceptance=None), (Ground.LOSS,)),
    Spoiling(
        "accepted", "another number", _facts(acceptance=Acceptance("anna", "why", 3, 4)), (Ground.LOSS,)
    ),
    Spoiling("accepted", "no reason", _facts(acceptance=Acceptance("anna", " ", 3, 3)), (Ground.LOSS,)),
    Spoiling("raw", "no gap", _facts(raw=(RawChunk("/raw/1", False, False),)), (Ground.LOSS,)),
    Spoiling("raw", "unknown chunks", _facts(raw=None), (Ground.LOSS,)),
    Spoiling("grace", "too early", _paper(issued=NOW - DAY), _ALL, _REMOVE),
    Spoiling("certificate", "no paper", _facts(paper=None), _ALL, _REMOVE),
    Spoiling("certificate", "not intact", _paper(intact=False), _ALL, _REMOVE),
    Spoiling("certificate", "another file", _paper(lfn="/other"), _ALL, _REMOVE),
    Spoiling("certificate", "another size", _paper(size=None), _ALL, _REMOVE),
    Spoiling("certificate", "another place", _paper(endpoint="elsewhere"), _ALL, _REMOVE),
    Spoiling("certificate", "another merge", _paper(products={}), _MERGED, _REMOVE),
    Spoiling("certificate", "other members", _moved_after_the_paper, _MERGED, _REMOVE),
)


def spoilings(ground: Ground, asking: Asking) -> list[Spoiling]:
    """The changes that concern this ground and asking."""
    return [one for one in SPOILINGS if ground in one.grounds and asking in one.askings]
