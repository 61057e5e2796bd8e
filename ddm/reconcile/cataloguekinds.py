"""What the comparison of two catalogues finds, and when it is not to be believed: pure.

Nothing is declared of a difference between catalogues, and nothing is changed in either. But a half list, or
one of other files, looks like a thousand losses; so the same rules hold as for scans (``verdicts``): a list
that is not plausible is not compared, absence from one that is not whole says nothing, and what is too much
is held back until a person looked.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from ddm.reconcile.verdicts import Limits, Reading, gaps


class Odd(StrEnum):
    """What is not the same of a file. A file that both have may be of several kinds."""

    ONLY_HERE = "only here"
    ONLY_THERE = "only there"
    SIZE = "size differs"
    CHECKSUM = "checksum differs"
    DATASET = "other dataset"
    EVENTS = "events differ"
    AMBIGUOUS = "ambiguous"
    PASSING = "in flight"
    UNREADABLE = "unreadable"


PASSING = str(Odd.PASSING)
"""What the reason begins with why an entry is not compared that is not there to stay."""

MEANING: Mapping[Odd, str] = {
    Odd.ONLY_HERE: "our catalogue has it, the other one does not",
    Odd.ONLY_THERE: "the other catalogue has it, ours does not, or only one that was replaced",
    Odd.SIZE: "both have it, with other sizes",
    Odd.CHECKSUM: "both have it, with other adler32",
    Odd.DATASET: "both have it, in datasets that do not correspond",
    Odd.EVENTS: "both have it, with other numbers of events",
    Odd.AMBIGUOUS: "the name stands for several files, or the other catalogue contradicts itself",
    Odd.PASSING: "only here, and changed since the other catalogue was read; or it comes or goes there",
    Odd.UNREADABLE: "what the other catalogue says of it, or of its dataset, could not be read",
}

DIFFERENCES = frozenset(Odd) - {Odd.PASSING, Odd.UNREADABLE}
"""Kinds that a person must look at."""


def doubts(
    counts: Mapping[Odd, int], here: int, there: int, both: int, reading: Reading, limits: Limits
) -> dict[Odd, str]:
    """Why these kinds are not to be believed; kinds that may be have no entry.

    ``here``, ``there``: files of each catalogue; ``both``: those that they have in common.
    """
    found: dict[Odd, str] = {}
    for kind in sorted(DIFFERENCES):
        count = counts.get(kind, 0)
        of = {Odd.ONLY_HERE: here, Odd.ONLY_THERE: there}.get(kind, both)
        if not count:
            continue
        if kind is Odd.ONLY_HERE and (holes := gaps(reading)):
            found[kind] = f"the other list is not whole: {'; '.join(holes)}"
        elif count > max(limits.few, limits.brake * of):
            found[kind] = f"{count} of {of}: more than {limits.brake:.1%}; is it a list of the same files?"
    return found
