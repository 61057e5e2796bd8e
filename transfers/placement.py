"""Where should new files go? Candidates and rules in, a ranking with a sentence for each candidate out. Pure.

Two questions, in this order. *May it?* A candidate of the wrong kind, closed, of other people, or without
the space is refused, and every reason is told. *Which first?* The rest is ranked by the criteria of the
rules, one after the other: the next one is looked at only between candidates that are equal by all before
it. Names come last, so that the same question always has the same answer.

What is not known is neither good nor bad: unknown free space is not zero and not infinite. Such a candidate
stays, behind those that surely have the space (``space``), unless the rules refuse it; and a distance nobody
told is farther than any that was told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from catalog.states import EndpointKind
from catalog.units import human_size
from transfers.words import ORDER, Criterion, UnknownSpace


@dataclass(frozen=True, slots=True)
class Candidate:
    """An endpoint that could take the files.

    ``owner``: the group it belongs to, "" nobody's in particular. ``groups``: who may write there beside the
    owner; empty: everybody. ``free``: bytes that may still be written, None when nobody tells. ``floor``: so
    many of them stay free. ``distance`` from where the files are; None when nobody tells. ``closed``: why
    nothing new is written there now, "" when it is open.
    """

    endpoint: str
    kind: EndpointKind = EndpointKind.DISK
    site: str = ""
    owner: str = ""
    groups: frozenset[str] = frozenset()
    free: int | None = None
    floor: int = 0
    distance: int | None = None
    closed: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be placed: bytes altogether, whose they are ("" nobody said), and on what kind of endpoint.

    ``preferred``: endpoints assigned to it, the best first; the others are the fallback. ``only``: there is
    no fallback.
    """

    size: int
    group: str = ""
    kind: EndpointKind | None = None
    preferred: tuple[str, ...] = ()
    only: bool = False


@dataclass(frozen=True, slots=True)
class Rules:
    """``[placement]``: the criteria, the most important first, and what unknown space means."""

    order: tuple[Criterion, ...] = ORDER
    unknown_space: UnknownSpace = UnknownSpace.ALLOW


@dataclass(frozen=True, slots=True)
class Choice:
    """A candidate that may take the files; ``rank`` 1 is the best. ``text`` says why it stands there."""

    rank: int
    endpoint: str
    text: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """A candidate that may not; one reason at least, each a piece of a sentence."""

    endpoint: str
    reasons: tuple[str, ...]

    @property
    def text(self) -> str:
        return "; ".join(self.reasons)


@dataclass(frozen=True, slots=True)
class Placement:
    """Every candidate is in one of the two, once."""

    ranking: tuple[Choice, ...] = ()
    refused: tuple[Refusal, ...] = ()

    @property
    def best(self) -> str | None:
        """The endpoint to write to; None: there is none."""
        return self.ranking[0].endpoint if self.ranking else None

    @property
    def endpoints(self) -> tuple[str, ...]:
        """Where to write, and where to go on when that fails."""
        return tuple(choice.endpoint for choice in self.ranking)


_DEFAULT = Rules()


def choose(candidates: Iterable[Candidate], wanted: Wanted, rules: Rules = _DEFAULT) -> Placement:
    """The candidates, ranked or refused. The order in which they are given says nothing."""
    refused: list[Refusal] = []
    good: list[Candidate] = []
    for candidate in sorted(candidates, key=lambda entry: entry.endpoint):
        if reasons := tuple(objections(candidate, wanted, rules)):
            refused.append(Refusal(candidate.endpoint, reasons))
        else:
            good.append(candidate)
    good.sort(key=lambda entry: tuple(_key(criterion, entry, wanted) for criterion in rules.order))
    ranking = [
        Choice(rank, entry.endpoint, _sentence(entry, wanted)) for rank, entry in enumerate(good, start=1)
    ]
    return Placement(tuple(ranking), tuple(refused))


def objections(candidate: Candidate, wanted: Wanted, rules: Rules = _DEFAULT) -> Iterator[str]:
    """Every reason why the candidate may not take the files."""
    if candidate.closed:
        yield f"closed: {candidate.closed}"
    if wanted.kind is not None and candidate.kind is not wanted.kind:
        yield f"it is {candidate.kind}, and {wanted.kind} is wanted"
    if wanted.only and candidate.endpoint not in wanted.preferred:
        yield f"not among those allowed: {', '.join(wanted.preferred) or 'none'}"
    if not _may_write(candidate, wanted.group):
        who = " and ".join(sorted({candidate.owner, *candidate.groups} - {""}))
        whose = f"these are of {wanted.group}" if wanted.group else "nobody said whose these are"
        yield f"only files of {who} go there, and {whose}"
    if candidate.free is None:
        if rules.unknown_space is UnknownSpace.REFUSE:
            yield "nobody tells its free space"
    elif candidate.free - wanted.size < candidate.floor:
        kept = f", of which {human_size(candidate.floor)} stay free" if candidate.floor else ""
        yield f"{human_size(wanted.size)} do not fit: {human_size(max(0, candidate.free))} are free{kept}"


def _may_write(candidate: Candidate, group: str) -> bool:
    return not candidate.groups or (group != "" and group in {candidate.owner, *candidate.groups})


def _key(criterion: Criterion, candidate: Candidate, wanted: Wanted) -> tuple[int, int]:
    """Small is good."""
    match criterion:
        case Criterion.ASSIGNED:
            return 0, _place(candidate, wanted)
        case Criterion.OWNED:
            return 0, int(not _owned(candidate, wanted))
        case Criterion.NEAR:
            return int(candidate.distance is None), candidate.distance or 0
        case Criterion.KIND:
            return 0, int(candidate.kind is EndpointKind.TAPE)
        case Criterion.ROOM:
            return 0, int(candidate.free is None)
        case Criterion.SPACE:
            return int(candidate.free is None), -(candidate.free or 0)


def _place(candidate: Candidate, wanted: Wanted) -> int:
    """Its place among the preferred; those that are not come after all of them."""
    names = wanted.preferred
    return names.index(candidate.endpoint) if candidate.endpoint in names else len(names)


def _owned(candidate: Candidate, wanted: Wanted) -> bool:
    return wanted.group != "" and candidate.owner == wanted.group


def _sentence(candidate: Candidate, wanted: Wanted) -> str:
    parts = []
    if (place := _place(candidate, wanted)) < len(wanted.preferred):
        parts.append("assigned" if place == 0 else f"assigned as number {place + 1}")
    elif wanted.preferred:
        parts.append("a fallback")
    if _owned(candidate, wanted):
        parts.append(f"owned by {wanted.group}")
    parts.append(_how_far(candidate))
    parts.append(str(candidate.kind))
    if candidate.free is None:
        parts.append("free space unknown")
    else:
        left = human_size(candidate.free - wanted.size)
        parts.append(f"{human_size(candidate.free)} free, {left} afterwards")
    return ", ".join(parts)


def _how_far(candidate: Candidate) -> str:
    where = f" at {candidate.site}" if candidate.site else ""
    if candidate.distance is None:
        return f"distance unknown{where}"
    return f"distance {candidate.distance}{where}"
