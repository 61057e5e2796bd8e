"""Which files of the archive are recounted. Pure: the same archive, fraction and seed give the same files."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Candidate:
    """A file of the archive: its name, when its bytes were last compared or recounted, and which of both."""

    file_id: int
    lfn: str
    size: int
    verified_at: datetime
    recounted: bool = False


def sample(candidates: Iterable[Candidate], fraction: float, seed: str) -> list[Candidate]:
    """So many of the files, at least one if there is any: those longest not verified come first.

    Files last verified on the same day are equally old: then those that were never recounted come first, and
    the rest is drawn by the seed. The order of the candidates does not matter. Raises ValueError for a
    fraction that is not above 0, or above 1.
    """
    if not 0 < fraction <= 1:
        raise ValueError("a fraction is above 0, and 1 at most")

    def rank(one: Candidate) -> tuple[date, bool, bytes, str]:
        return one.verified_at.date(), one.recounted, _drawn(seed, one.lfn), one.lfn

    known = sorted(candidates, key=rank)
    return known[: math.ceil(fraction * len(known) - 1e-9)]


def _drawn(seed: str, lfn: str) -> bytes:
    return hashlib.sha256(f"{seed}\n{lfn}".encode(errors="surrogateescape")).digest()
