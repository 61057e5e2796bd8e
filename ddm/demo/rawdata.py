"""Raw data of a small period, as an experiment leaves them on tape: DATE events, and a raw catalogue.

Everything follows from the random numbers given: the same seed makes the same bytes. A chunk begins with a
start-of-run record and holds two bursts (spills), each between its start and end records, with physics events
and now and then a calibration event. The content of a physics event is what ``ddm.demo.reco`` reads back: the
number of tracks, the momentum of each (GeV/c, 32-bit floats), and noise of a few hundred bytes.

As in real periods not everything is perfect: of one chunk the raw catalogue does not know the number of
events (-1), and one chunk holds no physics event at all. With a single chunk there is neither of the two.
"""

from __future__ import annotations

import csv
import random
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from catalog.checksum import Adler32, adler32
from merging.date import EventType, build_event

RANDOM_TRIGGER = 1 << 11
"""The bit of the trigger mask for events taken at random times; the event dump keeps them."""

TAPE = "/castor/cern.ch/compass/"
FIRST_RUN = 275678
_BUILDERS = 4
_FIRST_BUILDER = 11
_FIRST_SEQUENCE = 91
_BURSTS = 2
_CHUNKS_PER_TAPE = 8
_START = 1_471_651_200
"""20 August 2016, in seconds since 1970."""


@dataclass(frozen=True, slots=True)
class RawChunk:
    """A raw file. ``n_events``: physics events as the raw catalogue knows them, None if it does not.

    ``size`` in bytes; ``chunk`` as in the name, five digits; ``tape`` is the label of the cartridge.
    """

    lfn: str
    run: int
    chunk: str
    size: int
    adler32: Adler32
    n_events: int | None
    tape: str


def make_period(
    directory: Path,
    *,
    rng: random.Random,
    chunks: Sequence[int] = (24, 20),
    events: tuple[int, int] = (150, 400),
    tape: str = TAPE,
    year: int = 2016,
    raw_period: str = "W14",
    first_run: int = FIRST_RUN,
) -> list[RawChunk]:
    """Write the raw files of a period, each at ``directory`` + its LFN, and say what they are.

    ``chunks``: how many in each run, runs being numbered from ``first_run``; ``events``: fewest and most
    physics events in a chunk. Existing files are not overwritten (FileExistsError).
    """
    unknown, empty = _special(chunks)
    made: list[RawChunk] = []
    for run_index, chunk_index, name in _chunk_names(chunks):
        run, place = first_run + run_index, (run_index, chunk_index)
        lfn = f"{tape}data/{year}/raw/{raw_period}/cdr{name}-{run}.raw"
        n_events = 0 if place == empty else rng.randint(*events)
        data = _chunk(rng, run, chunk_index, n_events)
        path = directory / lfn.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "xb") as out:
            out.write(data)
        label = f"V{len(made) // _CHUNKS_PER_TAPE + 1:05d}"
        known = None if place == unknown else n_events
        made.append(RawChunk(lfn, run, name, len(data), adler32([data]), known, label))
    return made


def write_raw_catalogue(chunks: Sequence[RawChunk], path: Path) -> None:
    """Write the raw catalogue: a line ``run LFN events`` for each chunk, -1 events when unknown."""
    with open(path, "x", encoding="utf-8") as out:
        for chunk in chunks:
            out.write(f"{chunk.run} {chunk.lfn} {-1 if chunk.n_events is None else chunk.n_events}\n")


def write_registration(chunks: Sequence[RawChunk], path: Path) -> None:
    """Write the list for ``ddm file register``: CSV ``lfn,size,adler32,n_events``, empty when unknown."""
    with open(path, "x", encoding="utf-8", newline="") as out:
        rows = csv.writer(out, lineterminator="\n")
        rows.writerow(("lfn", "size", "adler32", "n_events"))
        for chunk in chunks:
            n_events = "" if chunk.n_events is None else chunk.n_events
            rows.writerow((chunk.lfn, chunk.size, chunk.adler32, n_events))


def _special(chunks: Sequence[int]) -> tuple[tuple[int, int] | None, tuple[int, int] | None]:
    """(run, chunk), by index, of the chunk with an unknown count and of the one without events."""
    if not chunks or min(chunks) < 1:
        raise ValueError(f"a period has runs of at least one chunk each, not {list(chunks)}")
    if sum(chunks) == 1:
        return None, None
    unknown = (0, min(3, chunks[0] - 1))
    empty = (len(chunks) - 1, min(5, chunks[-1] - 1))
    if empty == unknown:
        empty = (0, unknown[1] - 1)
    return unknown, empty


def _chunk_names(chunks: Sequence[int]) -> Iterator[tuple[int, int, str]]:
    """Index of the run, of the chunk in it, and the chunk's number: two digits of the event builder first."""
    sequence = _FIRST_SEQUENCE
    for run_index, number in enumerate(chunks):
        rows = -(-number // _BUILDERS)
        if sequence + rows > 1000:
            raise ValueError(f"{sum(chunks)} chunks are more than chunk numbers of five digits can name")
        for builder in range(min(_BUILDERS, number)):
            for chunk_index in range(builder, number, _BUILDERS):
                name = f"{_FIRST_BUILDER + builder}{sequence + chunk_index // _BUILDERS:03d}"
                yield run_index, chunk_index, name
        sequence += rows


def _chunk(rng: random.Random, run: int, index: int, n_events: int) -> bytes:
    """The bytes of one chunk with that many physics events."""
    first, seconds = index * 10_000 + 1, _START + 60 * index
    parts = [build_event(EventType.START_OF_RUN, run, 0, 0, seconds=seconds)]
    for spill in range(_BURSTS):
        burst = index * _BURSTS % 200 + spill + 1
        parts.append(build_event(EventType.START_OF_BURST, run, burst, first, seconds=seconds))
        for number in range(n_events * spill // _BURSTS, n_events * (spill + 1) // _BURSTS):
            parts.append(_physics(rng, run, burst, first + number, seconds + 30 * spill))
            if number % 40 == 20:
                noise = rng.randbytes(120)
                parts.append(build_event(EventType.CALIBRATION, run, burst, first + number, noise))
        parts.append(build_event(EventType.END_OF_BURST, run, burst, first, seconds=seconds))
    return b"".join(parts)


def _physics(rng: random.Random, run: int, burst: int, number: int, seconds: int) -> bytes:
    momenta = [rng.expovariate(1 / 20) + 0.5 for _ in range(rng.randint(0, 6))]
    content = struct.pack(f"<I{len(momenta)}f", len(momenta), *momenta)
    content += rng.randbytes(4 * rng.randint(40, 90))
    trigger = RANDOM_TRIGGER if rng.random() < 0.1 else 1 << rng.randint(0, 10)
    in_burst = number % 10_000
    return build_event(
        EventType.PHYSICS,
        run,
        burst,
        number,
        content,
        number_in_burst=in_burst,
        trigger=trigger,
        seconds=seconds,
    )
