"""Other bytes for some members of an object, and all that depends on their length set right.

An edit replaces a piece of the object's bytes. Behind it everything moves: byte counts of all that encloses
it, tags that name a class by the place where it was named first, references to objects. ``edited`` recomputes
those, also for a key of another length. Where a removed piece held the first name of a class that is used
later, the class is named at its next use.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any

from merging.rootio.walk import Node, Unwalkable, Walked
from merging.rootio.wire import BYTE_COUNT, CLASS_MASK, LARGEST_COUNT, MAP_OFFSET, NEW_CLASS, U32


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """``data`` in place of the bytes ``start`` to ``stop``. At ``start == stop`` they are put in between."""

    start: int
    stop: int
    data: bytes


def replaced(node: Node, name: str, value: Any) -> Edit:
    """A new value for a member: a number, a str, a sequence or array of numbers, None for a pointer.

    Arrays may have another length; a member that counts them is an edit of its own. KeyError for a member
    that is not there; struct.error for a number that its type cannot hold; Unwalkable for a member of a type
    that takes no such value.
    """
    step, start, stop = node.place(name)
    try:
        return Edit(start, stop, step.encode(value, name))
    except NotImplementedError as error:
        raise Unwalkable(str(error)) from None


def edited(walked: Walked, edits: Iterable[Edit], keylen: int) -> bytes:
    """The object's bytes with these edits, for a key of length ``keylen``.

    Raises Unwalkable where edits overlap, something refers to an object that is removed, what was passed over
    (``Walked.opaque``) would move although it may hold references, or an object becomes too large (1 GB).
    """
    ordered = sorted(edits)
    places = _Places(ordered)
    homes, more = _class_homes(walked, places)
    if more:
        ordered = sorted([*ordered, *more])
        places = _Places(ordered)
    _check_opaque(walked, places, keylen)
    out = bytearray(_joined(walked.data, ordered))
    for start, end in walked.counts:
        if not places.gone(start):
            at = places.now(start)
            size = places.now(end) - at - 4
            if size > LARGEST_COUNT:
                raise Unwalkable(f"an object of {size} bytes, the format ends at {LARGEST_COUNT}")
            U32.pack_into(out, at, size | BYTE_COUNT)
    for place, target, is_class in walked.tags:
        if places.gone(place):
            continue
        if is_class:
            home = homes.get(target, target)
            tag = CLASS_MASK | (places.now(home) + keylen + MAP_OFFSET)
            if home == place:
                continue  # it names the class now
        elif places.gone(target):
            raise Unwalkable(f"byte {place} refers to an object that is taken out")
        else:
            tag = places.now(target) + keylen + MAP_OFFSET
        U32.pack_into(out, places.now(place), tag)
    return bytes(out)


class _Places:
    """Where the bytes of an object are after the edits."""

    def __init__(self, ordered: list[Edit]) -> None:
        self._starts = [edit.start for edit in ordered]
        self._stops = [edit.stop for edit in ordered]
        self._shifts = [0, *accumulate(len(edit.data) - (edit.stop - edit.start) for edit in ordered)]
        for before, after in pairwise(ordered):
            if after.start < before.stop:
                raise Unwalkable(f"two edits of byte {after.start}")

    def now(self, place: int) -> int:
        """The new place; what is put in at a place comes before it and belongs to what ends there."""
        return place + self._shifts[bisect_right(self._stops, place)]

    def gone(self, place: int) -> bool:
        """Whether the byte there was replaced or taken out."""
        index = bisect_right(self._starts, place) - 1
        return index >= 0 and place < self._stops[index]


def _class_homes(walked: Walked, places: _Places) -> tuple[dict[int, int], list[Edit]]:
    """For classes whose first naming is gone: the tag that names them from now on, and the edits for it."""
    homes: dict[int, int] = {}
    edits = []
    for place, target, is_class in walked.tags:
        if is_class and not places.gone(place) and places.gone(target) and target not in homes:
            homes[target] = place
            name = walked.classes[target].encode("utf-8", "surrogateescape")
            # The tag itself stays where it is and is followed by the name.
            edits.append(Edit(place, place + 4, U32.pack(NEW_CLASS) + name + b"\0"))
    return homes, edits


def _check_opaque(walked: Walked, places: _Places, keylen: int) -> None:
    for node in walked.opaque:
        if not places.gone(node.start) and places.now(node.start) + keylen != node.start + walked.keylen:
            text = f"a {node.classname} at byte {node.start} cannot be moved: what it refers to is not known"
            raise Unwalkable(text)


def _joined(data: bytes, ordered: list[Edit]) -> bytes:
    pieces: list[bytes | memoryview] = []
    at = 0
    view = memoryview(data)
    for edit in ordered:
        pieces += [view[at : edit.start], edit.data]
        at = edit.stop
    return b"".join([*pieces, view[at:]])
