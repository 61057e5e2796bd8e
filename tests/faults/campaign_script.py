"""What is drawn for small recall campaigns: files, settings, consumers, and what goes wrong when."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from catalog.checksum import Adler32
from catalog.model import NewFile
from catalog.names import LFN
from catalog.states import EndpointKind, Role
from ddm import registration
from ddm.operations import staging
from ddm.settings import EndpointSettings, FlowSettings, RecallSettings, Settings
from transfers.backends.tapelibrary import Fault, LibrarySettings
from transfers.testing.faults import Probabilities

DATASET, DIRECTORY = "2016/W14", "/castor/raw/W14"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
START = datetime(2016, 8, 1, tzinfo=UTC)


@dataclass(kw_only=True)
class Consumer:
    """Somebody who wants files: asks at ``begins``, reads each file served, releases it ``holds`` later.

    ``lifetime``: its leases end by themselves; ``renews``: it renews them daily. ``forgets``: it dies and
    releases nothing. ``cancels_at``: it changes its mind. ``asked_after``: what the history's last row was
    when it asked; what ended before that was not there for it.
    """

    name: str
    lfns: tuple[str, ...]
    terms: staging.Terms
    begins: datetime
    holds: timedelta = timedelta(0)
    renews: bool = False
    forgets: bool = False
    cancels_at: datetime | None = None
    asked: bool = False
    asked_after: int = 0
    over: bool = False
    renewed_at: datetime | None = None
    read: dict[str, datetime] = field(default_factory=dict)

    @property
    def must_be_served(self) -> bool:
        """It goes on wanting its files until it has them."""
        return self.cancels_at is None and (self.terms.lifetime is None or self.renews)


@dataclass(kw_only=True)
class Script:
    """Everything that is decided before the story begins. ``tapes``: on which tape each path is.

    ``timetable``: what goes wrong when. From ``heals_at`` on nothing does. ``crashes``: how often the program
    is stopped, at random crossings; ``hasty``: how often, of all, a consumer's request is.
    """

    seed: int
    files: Sequence[NewFile]
    tapes: Mapping[str, str]
    settings: Settings
    library: LibrarySettings
    consumers: list[Consumer]
    rates: Probabilities = field(default_factory=Probabilities)
    timetable: list[tuple[datetime, str]] = field(default_factory=list)
    heals_at: datetime = START
    crashes: int = 0
    hasty: float = 0.0


def draw(seed: int, directory: Path) -> Script:
    """The script of a seed."""
    chance = random.Random(seed)
    files = _files(chance)
    heals_at = START + chance.uniform(0.5, 3) * DAY
    return Script(
        seed=seed,
        files=files,
        tapes=_tapes(chance, files),
        settings=_settings(chance, directory, files),
        library=_library(chance, files),
        consumers=[_consumer(chance, number, files, START) for number in range(chance.randint(1, 4))],
        rates=_rates(chance),
        timetable=sorted(_misfortunes(chance, START, heals_at)),
        heals_at=heals_at,
        crashes=chance.choice([0, 0, 1, 2, 4]),
        hasty=0.2,
    )


def _tapes(chance: random.Random, files: Sequence[NewFile]) -> dict[str, str]:
    """A run is on one tape, or spread over all."""
    found = {}
    for run in sorted({file.run for file in files}):
        whole, tape = chance.random() < 0.7, f"V{chance.randint(1, 3)}"
        for file in files:
            if file.run == run:
                found[file.path] = tape if whole else f"V{chance.randint(1, 3)}"
    return found


def _consumer(chance: random.Random, number: int, files: Sequence[NewFile], start: datetime) -> Consumer:
    names = [str(file.lfn) for file in files]
    if chance.random() < 0.3:
        names = chance.sample(names, chance.randint(1, len(names)))
    else:
        runs = sorted({file.run for file in files})
        some = set(chance.sample(runs, chance.randint(1, len(runs))))
        names = [str(file.lfn) for file in files if file.run in some]
    lifetime = chance.choice([None, None, timedelta(days=chance.uniform(0.5, 5))])
    renews = lifetime is not None and lifetime > 2 * DAY and chance.random() < 0.6
    terms = staging.Terms(
        name=f"campaign {number}",
        production=chance.choice(["", "P08"]),
        priority=chance.randint(1, 5),
        lifetime=lifetime,
        tail_percent=chance.choice([None, 80.0]),
        tail_after=chance.choice([None, DAY]),
    )
    begins = start + chance.choice([0.0, chance.uniform(0, 2)]) * DAY
    return Consumer(
        name=terms.name,
        lfns=tuple(names),
        terms=terms,
        begins=begins,
        holds=chance.choice([timedelta(0), chance.uniform(0, 30) * HOUR]),
        renews=renews,
        forgets=lifetime is not None and not renews and chance.random() < 0.5,
        cancels_at=begins + chance.uniform(0, 3) * DAY if chance.random() < 0.1 else None,
    )


def _misfortunes(chance: random.Random, start: datetime, end: datetime) -> Iterator[tuple[datetime, str]]:
    """What happens when; how it happens is in ``campaign_library.Misfortune``."""
    for kind in (*Fault, "evict", "forget", "outage", "pause tape", "lose tape", "lose file", "drive"):
        if kind is Fault.NO_ARCHIVE or chance.random() < 0.5:
            continue
        times = 1 if kind in ("lose tape", "outage") else chance.randint(1, 4)
        for _ in range(times):
            yield start + chance.choice([0.0, chance.random()]) * (end - start), str(kind)


def _files(chance: random.Random) -> list[NewFile]:
    found, runs = list[NewFile](), chance.randint(1, 6)
    for number in range(chance.randint(5, chance.choice([12, 25, 60]))):
        run = 275_678 + number * runs // 60 if chance.random() < 0.8 else 275_678 + chance.randrange(runs)
        name = f"cdr{11_000 + number}-{run}.raw"
        found.append(
            NewFile(
                lfn=LFN(f"{DIRECTORY}/{name}"),
                role=Role.RAW,
                product=registration.RAW,
                run=run,
                chunk=f"{11_000 + number}",
                size=chance.choice([10, 1000]) * chance.randint(1, 20) * 10**6,
                adler32=Adler32(chance.getrandbits(32)),
                path=f"{DIRECTORY}/{name}",
            )
        )
    return found


def _settings(chance: random.Random, directory: Path, files: Sequence[NewFile]) -> Settings:
    sizes = [file.size or 0 for file in files]
    budget = chance.choice([None, int(sum(sizes) * chance.uniform(0.02, 0.8)) + 1])
    return Settings(
        root=directory,
        catalog=f"sqlite:///{directory}/world.db",
        endpoints={
            "tape": EndpointSettings(
                name="tape",
                kind=EndpointKind.TAPE,
                backend="memory",
                prefix="memory://tape",
                stage_budget=budget,
                stage_files=chance.choice([1, 5, 20, 1000])
                if len(files) < 20
                else chance.choice([5, 20, 1000]),
                stage_low=chance.choice([50, 90, 100]),
                pin_lifetime=chance.uniform(12, 72) * HOUR,
                stage_timeout=chance.uniform(12, 48) * HOUR,
                max_files_per_request=chance.choice([3, 20, 1000]),
            )
        },
        flow=FlowSettings(
            interval=timedelta(minutes=chance.choice([10, 60])),
            max_attempts=chance.choice([3, 8]),
            longest_wait=6 * HOUR,
        ),
        recall=RecallSettings(
            storm_files=chance.choice([5, 500]),
            storm_pause=3 * HOUR,
            longest_poll=2 * HOUR,
            progress_every=DAY,
        ),
    )


def _library(chance: random.Random, files: Sequence[NewFile]) -> LibrarySettings:
    sizes = [file.size or 0 for file in files]
    room = max(2 * max(sizes), int(sum(sizes) * chance.uniform(0.1, 1)))
    return LibrarySettings(
        drives=chance.randint(1, 3),
        mount=60.0,
        rate=50e6,
        seed=chance.getrandbits(30),
        mount_order=chance.choice(["oldest", "most"]),
        buffer_size=chance.choice([0, 0, room]),
        when_full=chance.choice(["wait", "refuse"]),
    )


def _rates(chance: random.Random) -> Probabilities:
    if chance.random() < 0.4:
        return Probabilities()
    return Probabilities(*(chance.choice([0.0, 0.03, 0.2]) for _ in range(4)))


def adler32_of(file: NewFile) -> Adler32:
    assert file.adler32 is not None
    return file.adler32
