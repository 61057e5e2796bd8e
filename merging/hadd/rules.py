"""Which member of a histogram or profile is added, which must be equal, which is kept from the first.

Members have the names they are streamed by; ``fArray`` holds the bins. Sources: ROOT's TH1Merger.cxx
(SameAxesMerge), TProfileHelper.h (Merge), TH1.h and TAxis.h (the status bits).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

_HISTOGRAM: Final = re.compile(r"TH([123])[CSIFDL]|TProfile(2D|3D)?")
_TOTAL: Final = re.compile(r"fEntries|fTsumw[a-z0-9]*")

BINS: Final = "fArray"
ENTRIES: Final = "fEntries"
WEIGHTS: Final = "fTsumw"
COUNTS: Final = "fBinEntries"
"""Of profiles: the sum of weights in every bin."""
SQUARES: Final = {"fSumw2": BINS, "fBinSumw2": COUNTS}
"""Arrays that are left empty as long as they equal another one, signs left out."""
ARRAYS: Final = (BINS, COUNTS, *SQUARES)
AXES: Final = ("fXaxis", "fYaxis", "fZaxis")
EQUAL: Final = ("fNcells", "fErrorMode", "fYmin", "fYmax", "fZmin", "fZmax", "fTmin", "fTmax")
"""Numbers that decide whether two may be added; those that are there."""
_COUNTING: Final = ("fNbins", "fXmin", "fXmax", "fBufferSize")

IS_AVERAGE: Final = 1 << 18
AUTO_BIN: Final = 1 << 20
"""Bits of a histogram: it holds averages; its axis was found from its content (kAutoBinPTwo)."""
CAN_EXTEND: Final = 1 << 1
"""Bit of ``fBits2`` of an axis: it grows when something is filled outside of it."""


@lru_cache(maxsize=256)
def dimension(classname: str) -> int:
    """Axes of a histogram or profile of this class; 0 for any other class."""
    found = _HISTOGRAM.fullmatch(classname)
    if not found:
        return 0
    return int(found[1] or (found[2] or "1")[0])


def is_profile(classname: str) -> bool:
    return classname.startswith("TProfile")


@lru_cache(maxsize=1024)
def is_added(member: str) -> bool:
    """Whether a member of a histogram is added up."""
    return member in ARRAYS or _TOTAL.fullmatch(member) is not None


@lru_cache(maxsize=1024)
def is_kept(member: str) -> bool:
    """Whether a number may differ and is that of the first: style, limits of the drawing and the like."""
    return not is_added(member) and member not in EQUAL and member not in _COUNTING
