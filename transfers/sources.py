"""Which replica to read first? Replicas and what was seen of them lately in, an order with reasons out. Pure.

Sources are compared by, one after the other: locality (a file that is online is read now, a nearline one
after a recall, and one of unknown locality is tried before that recall); recent success (one that mostly
fails of late goes behind those that do not, however near it is); distance (unknown is farther than any
known); how good its record is; its URL. So the order is the same whichever way the sources are given.

What was seen is a ``Record``: successes and failures that fade, half of them in a half-life. Nothing seen and
everything faded are the same: a source that failed is forgiven by and by, without anybody resetting it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from catalog.states import Locality

HALF_LIFE = timedelta(minutes=30)
DOUBTFUL = 0.5
"""A chance of success below this puts a source behind the others."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
STEPS = 20
"""Chances are compared in so many steps: a hair's breadth is no reason to go to another source."""


@dataclass(frozen=True, slots=True)
class Record:
    """Successes and failures as they weigh at the time ``at``; they fade from then on."""

    good: float = 0.0
    bad: float = 0.0
    at: datetime = EPOCH

    def at_time(self, now: datetime, half_life: timedelta = HALF_LIFE) -> Record:
        """The same record as it weighs now. A clock that goes back does not make it heavier."""
        past = max(timedelta(0), now - self.at)
        left = 0.5 ** (past / half_life)
        return Record(self.good * left, self.bad * left, max(now, self.at))

    def seen(self, good: bool, now: datetime, half_life: timedelta = HALF_LIFE) -> Record:
        """The record after one more transfer, which succeeded or failed."""
        faded = self.at_time(now, half_life)
        return Record(faded.good + good, faded.bad + (not good), faded.at)

    def chance(self, now: datetime, half_life: timedelta = HALF_LIFE) -> float:
        """How likely the next one succeeds, 0 to 1. Of a source never seen: 3/4."""
        faded = self.at_time(now, half_life)
        return (faded.good + 1.5) / (faded.good + faded.bad + 2.0)


@dataclass(frozen=True, slots=True)
class Source:
    """A replica that could be read; URLs are distinct. ``distance`` from the reader; None: nobody tells.

    ``key``: under which name its record is kept; the endpoint unless given, else the URL.
    """

    url: str
    endpoint: str = ""
    locality: Locality = Locality.ONLINE
    distance: int | None = None
    key: str = ""

    @property
    def record_key(self) -> str:
        return self.key or self.endpoint or self.url


@dataclass(frozen=True, slots=True)
class Ranked:
    """A source to be read; ``rank`` 1 first. ``needs_recall``: it is on tape only. ``text`` says why."""

    rank: int
    source: Source
    needs_recall: bool
    text: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A source that cannot be read, and why."""

    source: Source
    text: str


@dataclass(frozen=True, slots=True)
class Sources:
    """Every source is in one of the two, once."""

    ranking: tuple[Ranked, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()

    @property
    def urls(self) -> tuple[str, ...]:
        """What to read, and where to go on when that fails."""
        return tuple(entry.source.url for entry in self.ranking)


_PLACE: Mapping[Locality, int] = {
    Locality.ONLINE: 0,
    Locality.ONLINE_AND_NEARLINE: 0,
    Locality.UNKNOWN: 1,
    Locality.NEARLINE: 2,
}
"""Localities that can be read, the best first; the others cannot."""

_WHY_NOT: Mapping[Locality, str] = {
    Locality.LOST: "the service says it is lost",
    Locality.UNAVAILABLE: "the service says it cannot be read now",
    Locality.NONE: "the service says there is no such file",
}


def order(
    sources: Iterable[Source],
    records: Mapping[str, Record],
    now: datetime,
    half_life: timedelta = HALF_LIFE,
) -> Sources:
    """The sources, best first. ``records`` by ``Source.record_key``; a source without one was never seen."""
    good: list[tuple[tuple[float, ...], str, str, Source, float]] = []
    unreadable: list[Unreadable] = []
    for source in sources:
        if source.locality not in _PLACE:
            unreadable.append(Unreadable(source, _WHY_NOT[source.locality]))
            continue
        chance = records.get(source.record_key, Record()).chance(now, half_life)
        key = (
            float(_PLACE[source.locality]),
            float(chance < DOUBTFUL),
            float(source.distance is None),
            float(source.distance or 0),
            -float(round(chance * STEPS)),
        )
        good.append((key, source.url, source.endpoint, source, chance))
    good.sort(key=lambda entry: entry[:3])
    unreadable.sort(key=lambda entry: (entry.source.url, entry.source.endpoint))
    ranking = [
        Ranked(rank, source, source.locality is Locality.NEARLINE, _sentence(source, chance))
        for rank, (*_, source, chance) in enumerate(good, start=1)
    ]
    return Sources(tuple(ranking), tuple(unreadable))


def _sentence(source: Source, chance: float) -> str:
    locality = {Locality.NEARLINE: "on tape: to be recalled", Locality.UNKNOWN: "locality unknown"}
    far = "distance unknown" if source.distance is None else f"distance {source.distance}"
    of_late = "mostly failed of late" if chance < DOUBTFUL else f"chance of success {chance:.0%}"
    return ", ".join((locality.get(source.locality, "online"), far, of_late))
