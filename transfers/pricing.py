"""What a campaign of recalls will cost before it starts, and what holds up one that runs.

The price is a model, not a promise: every resource is given the time it would need alone, the slowest is the
bottleneck, and the campaign takes as long as it. Times in seconds unless they say hours; rates in bytes per
second.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from catalog.units import human_size


class Bottleneck(StrEnum):
    """What to make faster, or whom to ask, if it is to go faster."""

    NOTHING = "nothing"  # there is nothing to recall
    ENDPOINT = "endpoint"  # it is ill: nearly nothing is sent to it
    PERSON = "person"  # all that is left waits for somebody
    CONSUMERS = "consumers"  # the buffer is full of what nobody has read yet
    WINDOW = "window"  # less may be in flight than the drives could do
    DRIVES = "drives"  # reading the tapes
    MOUNTS = "mounts"  # mounting and seeking
    NETWORK = "network"
    FLOW = "flow"  # files wait and there is room: our own program is late


PACE = {
    Bottleneck.CONSUMERS: "the consumers set the pace: the buffer fills faster than they read",
    Bottleneck.WINDOW: "the window sets the pace: with more bytes in flight the drives would do more",
    Bottleneck.DRIVES: "the drives set the pace, reading",
    Bottleneck.MOUNTS: "the drives set the pace, mounting and seeking",
    Bottleneck.NETWORK: "the network sets the pace",
}


@dataclass(frozen=True, slots=True)
class TapeLoad:
    """What is wanted of one tape."""

    files: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Work:
    """What is wanted. ``tapes``: how it lies on tape, when that is known."""

    files: int
    bytes: int
    runs: int
    tapes: Sequence[TapeLoad] | None = None


@dataclass(frozen=True, slots=True)
class Library:
    """The tape system, as an administrator describes it. ``rate``: of one drive. ``network``: None if ample.

    ``latency``: from a request to the moment at which the service looks for a drive.
    """

    drives: int = 4
    rate: float = 300e6
    mount: float = 90.0
    unmount: float = 60.0
    seek: float = 20.0
    tape_size: int = 12 * 10**12
    latency: float = 60.0
    network: float | None = None

    def __post_init__(self) -> None:
        if self.drives < 1 or self.rate <= 0 or self.tape_size <= 0 or (self.network or 1) <= 0:
            raise ValueError("a tape library has at least one drive, and its rates and sizes are above zero")
        if min(self.mount, self.unmount, self.seek, self.latency) < 0:
            raise ValueError("times of a tape library cannot be negative")


@dataclass(frozen=True, slots=True)
class Price:
    """What it will cost if nothing goes wrong. ``mounts_at_most``: every run is on tapes of its own.

    ``hours`` <= ``hours_at_most``: the best and the worst over the mounts in question. ``bottleneck`` is that
    of ``hours``.
    """

    files: int
    bytes: int
    runs: int
    mounts: int
    mounts_at_most: int
    hours: float
    hours_at_most: float
    bottleneck: Bottleneck
    sentence: str


def price(work: Work, library: Library, *, window: int | None = None, drained: float | None = None) -> Price:
    """The price of recalling this work in the order of the tapes.

    ``window``: bytes that may be pinned or on their way at once; None: no limit. ``drained``: how fast
    consumers read and release; None: unknown, taken as fast enough. The hours end when the last file is
    online; with 0 consumption, and more than the window to recall, that is never (infinite hours).
    """
    if work.files <= 0:
        return Price(0, 0, 0, 0, 0, 0.0, 0.0, Bottleneck.NOTHING, "nothing is to be recalled")
    least, most = _mounts(work, library)
    # with fewer tapes than drives, more tapes are faster; with more, slower
    turn = min(max(library.drives, least), most)
    found = [_hours(work, library, mounts, window, drained) for mounts in (turn, least, most)]
    hours, slowest = min(found, key=lambda each: each[0])
    longest = max(each[0] for each in found)
    what = f"{_plural(work.files, 'file')} of {_plural(work.runs, 'run')}, {human_size(work.bytes)}"
    mounts = _plural(least, "mount") if least == most else f"{least} to {most} mounts"
    sentence = f"{what}: {mounts}, {_between(hours, longest)}; {PACE[slowest]}"
    return Price(work.files, work.bytes, work.runs, least, most, hours, longest, slowest, sentence)


def _mounts(work: Work, library: Library) -> tuple[int, int]:
    """How many, at least and at most. Of tapes that are known: one each."""
    if work.tapes is not None:
        tapes = max(1, sum(tape.files > 0 for tape in work.tapes))
        return tapes, tapes
    full = max(1, math.ceil(work.bytes / library.tape_size))
    return full, max(full, min(work.files, full + max(work.runs, 1) - 1))


def _hours(
    work: Work, library: Library, mounts: int, window: int | None, drained: float | None
) -> tuple[float, Bottleneck]:
    """How long it takes, and by what: the slowest of all that work at the same time."""
    drives = min(library.drives, mounts)
    handling = mounts * (library.mount + library.unmount) + work.files * library.seek
    reading = work.bytes / library.rate
    slow = Bottleneck.MOUNTS if handling > reading else Bottleneck.DRIVES
    needs = {slow: max((handling + reading) / drives, _longest_tape(work, library))}
    if library.network is not None:
        needs[Bottleneck.NETWORK] = work.bytes / library.network
    if window is not None and work.bytes > window:
        # each window's worth waits once for the service and a mount; only then do its bytes move
        turn = library.latency + library.mount
        moving = needs[slow] * window / work.bytes
        if turn > moving:
            needs[Bottleneck.WINDOW] = turn * work.bytes / window if window > 0 else math.inf
        if drained is not None:
            needs[Bottleneck.CONSUMERS] = (work.bytes - window) / drained if drained > 0 else math.inf
    bottleneck = max(needs, key=lambda name: needs[name])
    return (needs[bottleneck] + library.latency) / 3600, bottleneck


def _longest_tape(work: Work, library: Library) -> float:
    """One tape is read by one drive."""
    return max(
        (library.mount + tape.files * library.seek + tape.bytes / library.rate for tape in work.tapes or ()),
        default=0.0,
    )


def _spoken(hours: float) -> str:
    if math.isinf(hours):
        return "never over"
    return (
        f"{hours * 60:.0f} min" if hours < 1.5 else f"{hours:.3g} h" if hours < 100 else f"{hours / 24:.0f} d"
    )


def _between(least: float, most: float) -> str:
    low, high = _spoken(least), _spoken(most)
    if math.isinf(least):
        return low
    return f"about {low}" if low == high else f"about {low} to {high}"


def _plural(n: int, noun: str) -> str:
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


@dataclass(frozen=True, slots=True)
class Load:
    """What is seen of a running campaign at one endpoint, or of all campaigns there.

    ``queued``: files wanted and not yet asked for, that may be asked for now; ``later``: those whose next try
    is not due yet. ``in_flight``: asked for, not online. ``pinned_bytes``: online and not released.
    ``for_person``: held, or not confirmed yet. ``ill_since``: begin of a storm, ``ill_by`` its cause.
    ``bytes_per_s``: now, at the endpoint. ``expected``, ``network``: what its drives, and the network, can do
    at most, when known.
    """

    queued: int = 0
    later: int = 0
    in_flight: int = 0
    in_flight_bytes: int = 0
    pinned_bytes: int = 0
    window_bytes: int | None = None
    window_files: int | None = None
    for_person: int = 0
    bytes_per_s: float = 0.0
    expected: float | None = None
    network: float | None = None
    ill_since: datetime | None = None
    ill_by: str = ""


FULL = 0.95
"""A window filled to this part is full: the next whole run may not fit."""


def bottleneck(load: Load) -> tuple[Bottleneck, str]:
    """What holds it up, in one word and in a sentence for people. The first rule that fits."""
    waiting = load.queued + load.later
    if waiting + load.in_flight + load.for_person == 0:
        return Bottleneck.NOTHING, "nothing is wanted"
    if load.ill_since is not None:
        what = "is unreachable" if load.ill_by == "endpoint_unreachable" else f"answers {load.ill_by}"
        return Bottleneck.ENDPOINT, f"the endpoint {what} since {load.ill_since:%Y-%m-%d %H:%M} UTC"
    if waiting + load.in_flight == 0:
        return Bottleneck.PERSON, f"{_plural(load.for_person, 'file')} waiting for a person"
    used = load.in_flight_bytes + load.pinned_bytes
    full = load.window_bytes is not None and used >= FULL * load.window_bytes
    if full and waiting and load.pinned_bytes > load.in_flight_bytes:
        part = f"{human_size(load.pinned_bytes)} of {human_size(load.window_bytes or 0)} are online"
        return Bottleneck.CONSUMERS, f"the buffer is full of files that nobody reads: {part}"
    if load.network is not None and load.bytes_per_s >= 0.9 * load.network:
        return Bottleneck.NETWORK, f"the network is full: {human_size(int(load.bytes_per_s))}/s"
    if load.in_flight == 0:
        return _nothing_sent(load)
    crowded = full or (load.window_files is not None and load.in_flight >= FULL * load.window_files)
    if load.queued and not crowded:
        return Bottleneck.FLOW, f"{load.queued} files wait although there is room: is 'ddm flow run' running?"
    return _drives(load, crowded)


def _nothing_sent(load: Load) -> tuple[Bottleneck, str]:
    if load.queued:
        return Bottleneck.FLOW, f"{load.queued} files wait and none is asked for: is 'ddm flow run' running?"
    return Bottleneck.ENDPOINT, f"{load.later} files failed and wait for their next try"


def _drives(load: Load, crowded: bool) -> tuple[Bottleneck, str]:
    """As much is in flight as may be, or as is wanted."""
    pending = f"{load.in_flight} files are pending at the service, {human_size(int(load.bytes_per_s))}/s come"
    if load.expected is None or load.bytes_per_s >= 0.5 * load.expected:
        return Bottleneck.DRIVES, f"the tape drives: {pending}"
    can = f"of {human_size(int(load.expected))}/s that the drives could read"
    if crowded and load.queued:
        return Bottleneck.WINDOW, f"the window is full, and mounts take their time: {pending} {can}"
    return Bottleneck.MOUNTS, f"mounts and seeks, or other users of the drives: {pending} {can}"
