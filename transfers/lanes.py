"""In which order runs are recalled, so that drives are busy and tapes are mounted once: pure.

Runs in the plain order of their tapes cover the tapes of one or two runs at a time: few mounts, but most
drives idle. So they are laid into *lanes*. A lane is the runs that begin on one tape, in the order in which
they lie there. Side by side, at the same pace, go as many lanes as together need no more tapes than there are
drives; one that is over makes room for the next. Within a lane nothing changes, so each tape is still read
from its beginning to its end, once.

More lanes would be worse: a drive does not leave a tape of which ever more is wanted, and what is wanted of
the other tapes would fill the window. Measured on the simulated library: docs/benchmarks.md.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from heapq import heappop, heappush
from itertools import groupby

from catalog.model import RunOnTape

Lane = deque[RunOnTape]
"""Runs that begin on one tape."""


def in_lanes(runs: Sequence[RunOnTape], drives: int) -> list[RunOnTape]:
    """The runs in the order of recall, for so many drives (1: in the plain order of the tapes).

    ``runs`` in the plain order of the tapes, as ``catalog.db.wanted.Plan`` has them. Each comes once; those
    that begin on the same tape keep their order, and those of no known tape come last.
    """
    by_tape = groupby((run for run in runs if run.tapes), key=lambda run: run.tapes[0])
    waiting = deque(deque(lane) for _, lane in by_tape)
    found: list[RunOnTape] = []
    at_work: list[tuple[int, str, Lane]] = []  # by files taken, then by tape
    while waiting or at_work:
        pace = at_work[0][0] if at_work else 0
        for lane in _beside(waiting, [lane for _, _, lane in at_work], drives):
            heappush(at_work, (pace, lane[0].tapes[0], lane))
        while True:  # until a lane is over
            taken, tape, lane = heappop(at_work)
            run = lane.popleft()
            found.append(run)
            if not lane:
                break
            heappush(at_work, (taken + run.files, tape, lane))
    return found + [run for run in runs if not run.tapes]


def _beside(waiting: deque[Lane], at_work: Sequence[Lane], drives: int) -> list[Lane]:
    """The next lanes that fit beside those at work, taken out of the waiting ones; one, if none is at work.

    What a lane needs is taken from its next run: in the long run that changes from tape to tape.
    """
    in_use = {tape for lane in at_work for tape in lane[0].tapes}
    chosen: list[Lane] = []
    while waiting:
        together = in_use.union(waiting[0][0].tapes)
        if in_use and len(together) > drives:
            break
        in_use = together
        chosen.append(waiting.popleft())
    return chosen
