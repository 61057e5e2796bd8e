"""What a comparison can find of one place, and what is expected of a copy in each state.

A place is a path at an endpoint. It is *expected* when the catalogue has a live replica there, *present*
when a scan has it. Every place is of one kind, asked for in the order of ``tests/reconcile/reference.py``.
What is on its way is no difference, so whatever a request, a job or the time of the scan explains is
IN_FLIGHT, and only that which stood still, before the scan and after it, can be lost or differ.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from catalog.states import ReplicaState as R


class Kind(StrEnum):
    """What is true of a place, or of two that belong together."""

    CONSISTENT = "consistent"
    DUPLICATE = "duplicate name"
    IN_FLIGHT = "in flight"
    UNREADABLE = "unreadable"
    SIZE = "size differs"
    CHECKSUM = "checksum differs"
    DISK_ONLY = "on disk only"
    TAPE_ONLY = "on tape only"
    WRONG_PLACE = "wrong place"
    LOST = "lost"
    RETURNED = "returned"
    STALE = "stale merge part"
    DEBRIS = "debris"
    UNREGISTERED = "not registered"
    DARK = "dark"


K = Kind
MEANING: Mapping[Kind, str] = {
    K.CONSISTENT: "there, with the size and checksum that are known; or not there, and believed to be lost",
    K.IN_FLIGHT: "explained by a request, a job, or something that happened during the scan",
    K.UNREADABLE: "the scan could not read it: its directory, or what it says of it; nothing is concluded",
    K.SIZE: "there with another size",
    K.CHECKSUM: "there with another adler32",
    K.DISK_ONLY: "archived by the catalogue, not on tape; a good copy is on disk",
    K.TAPE_ONLY: "gone from disk; the copy on tape is there",
    K.WRONG_PLACE: "gone from its place; one file of its name and size, unknown, is at another",
    K.LOST: "expected, and nowhere that was looked at",
    K.RETURNED: "believed lost, and there",
    K.DUPLICATE: "a second one: the same place in a list twice, two entries for one place, or one name twice",
    K.STALE: "of a merged file that was replaced or withdrawn",
    K.DEBRIS: "of an attempt of a job that is over, or a temporary name of ours",
    K.UNREGISTERED: "there, and the raw catalogue knows it, ours does not",
    K.DARK: "there, and nobody knows it",
}

LACKING = frozenset({K.DISK_ONLY, K.TAPE_ONLY, K.WRONG_PLACE, K.LOST})
"""Kinds that rest on absence: a scan that is not whole says nothing of them."""

DIFFERENCES = frozenset(Kind) - {K.CONSISTENT, K.IN_FLIGHT, K.UNREADABLE}
"""Kinds that may be declared, once they are confirmed."""


class Expected(StrEnum):
    """What a state of a replica says of the bytes at its place."""

    THERE = "there"
    PASSING = "passing"
    GONE = "gone"


EXPECTED: Mapping[R, Expected] = {
    R.COPYING: Expected.PASSING,
    R.UNVERIFIED: Expected.THERE,
    R.ARCHIVING: Expected.THERE,
    R.AVAILABLE: Expected.THERE,
    R.SUSPECT: Expected.THERE,
    R.BAD: Expected.THERE,
    R.LOST: Expected.GONE,
    R.TRASHED: Expected.PASSING,  # its bytes may go at any time
    R.DELETING: Expected.PASSING,
}
"""Of every state that can be live. DELETED ones are not asked: their place may be anybody's."""
