"""The DATE raw format: what a file of events looks like from outside, how to read and write an event's head.

A file (a raw chunk or an event dump) is a plain sequence of events, without file header or trailer. Every
event starts with a header of 32-bit words: word 0 is the size of the event in bytes with its header and its
sub-events (a multiple of 4, never 0), word 1 the magic, which also tells the byte order. Two layouts exist,
told apart by word 3: below 0xFFFF it is the header length of the old one (DATE 3), otherwise the version
(0x0003xxxx) of the new one (DATE 4 and 5), whose header length is word 2.

============  ==============  =======================
word          old             new
============  ==============  =======================
2             type            header length
3             header length   version
4             run             type
5             burst           run
6             number in run   number in run
7             number in burst burst << 20 | number in burst
============  ==============  =======================

The type is the low 16 bits of its word. Super events hold sub-events with headers of their own; only top
level events are walked and counted here. Sources: DATE's event.h, public COMPASS decoding library.
"""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

MAGIC: Final = 0xDA1E5AFE
_MAGIC_LITTLE: Final = struct.pack("<I", MAGIC)
_MAGIC_BIG: Final = struct.pack(">I", MAGIC)
_WORDS_LITTLE: Final = struct.Struct("<8I")
_WORDS_BIG: Final = struct.Struct(">8I")

HEAD: Final = 32
"""Bytes at the start of an event that tell all we need of it."""
_SHORTEST_HEADER: Final = 64
_OLD_LAYOUT_BELOW: Final = 0xFFFF
_NEW_MAJOR: Final = 3

EMPTY_DUMP: Final = b"No event of this run was dumped.\n"
"""What stands in an event dump without any event: 33 bytes, as 33 bytes are the mark of an empty dump."""


class EventType(IntEnum):
    """The event types on which all versions of DATE agree."""

    START_OF_RUN = 1
    END_OF_RUN = 2
    START_OF_RUN_FILES = 3
    END_OF_RUN_FILES = 4
    START_OF_BURST = 5
    END_OF_BURST = 6
    PHYSICS = 7
    CALIBRATION = 8


@dataclass(frozen=True, slots=True)
class DateEvent:
    """One top-level event: where it is in the file, and what its header says.

    ``size`` is in bytes, header included; its content starts at ``offset + header``. ``type`` is an
    ``EventType`` or another number; ``foreign`` when the file is not little-endian.
    """

    offset: int
    size: int
    type: int
    run: int
    burst: int
    number: int = 0
    header: int = 68
    foreign: bool = False


START_RECORDS: Final = frozenset({EventType.START_OF_RUN, EventType.START_OF_RUN_FILES})
END_RECORDS: Final = frozenset({EventType.END_OF_RUN, EventType.END_OF_RUN_FILES})


class NoEvent(ValueError):
    """These bytes are not the head of a DATE event; the text says why."""


def decoded(head: bytes, offset: int) -> DateEvent:
    """The event whose first ``HEAD`` bytes these are, checked in itself. Raises NoEvent."""
    if len(head) < HEAD:
        raise NoEvent(f"only {len(head)} bytes, too few for an event header")
    foreign = head[4:8] == _MAGIC_BIG
    if not foreign and head[4:8] != _MAGIC_LITTLE:
        raise NoEvent("no DATE event here (no magic)")
    words = (_WORDS_BIG if foreign else _WORDS_LITTLE).unpack_from(head)
    size, _, w2, w3, w4, w5, number, w7 = words
    if w3 < _OLD_LAYOUT_BELOW:
        event = DateEvent(offset, size, w2 & 0xFFFF, w4, w5, number, w3, foreign)
    elif w3 >> 16 == _NEW_MAJOR:
        event = DateEvent(offset, size, w4 & 0xFFFF, w5, w7 >> 20, number, w2, foreign)
    else:
        raise NoEvent(f"unknown header version 0x{w3:08x}")
    if event.header < _SHORTEST_HEADER or event.header % 4:
        raise NoEvent(f"a header of {event.header} bytes cannot be")
    if event.size < event.header or event.size % 4:
        raise NoEvent(f"an event of {event.size} bytes cannot be, its header has {event.header}")
    return event


def is_empty_dump(path: str | os.PathLike[str]) -> bool:
    """Whether the file is the sentinel of an event dump without events.

    Programs write different sentences, so any 33 bytes that do not start like an event are one; ours is
    ``EMPTY_DUMP``. A file of 0 bytes is not: it is what a failed write leaves behind.
    """
    with open(path, "rb", buffering=0) as stream:
        if os.fstat(stream.fileno()).st_size != len(EMPTY_DUMP):
            return False
        return stream.read(HEAD)[4:8] not in (_MAGIC_LITTLE, _MAGIC_BIG)


_VERSION: Final = 0x00030006
_HEADER: Final = struct.Struct("<17I")
_NO_ID: Final = 0xFFFFFFFF


def build_event(
    type: int,  # noqa: A002 - the format's word
    run: int,
    burst: int,
    number: int,
    payload: bytes = b"",
    *,
    number_in_burst: int = 0,
    trigger: int = 0,
    seconds: int = 0,
) -> bytes:
    """One event in the new layout, version 3.6: a little-endian header of 68 bytes, then the payload.

    ``number`` counts in the run, ``number_in_burst`` in the burst (spill); ``trigger`` is the trigger mask,
    ``seconds`` the time since 1970. Raises ValueError for a payload that is not a multiple of 4 bytes or a
    number that does not fit its field.
    """
    if len(payload) % 4:
        raise ValueError(f"the payload of an event is a multiple of 4 bytes, not {len(payload)}")
    if not (0 <= number_in_burst < 1 << 20 and 0 <= burst < 1 << 12):
        raise ValueError(f"burst {burst} or number {number_in_burst} in it does not fit the event header")
    pattern = (trigger << 1 & 0xFFFFFFFF, trigger >> 31)
    identity = (run, number, burst << 20 | number_in_burst)
    words = (_HEADER.size, _VERSION, int(type), *identity, *pattern, 0, 0, 0, 0, _NO_ID, _NO_ID, seconds)
    try:
        return _HEADER.pack(_HEADER.size + len(payload), MAGIC, *words) + payload
    except struct.error as error:
        raise ValueError(f"a number does not fit the event header: {error}") from None
