"""The settings of a simulated tape library, and how they are read from an endpoint's options."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from catalog.units import parse_size
from transfers.errors import Unsupported

NEVER = math.inf
"""A time that does not come."""

_WORDS = {"mount_order": ("oldest", "most"), "when_full": ("wait", "refuse")}
_COUNTS = ("drives", "write_drives", "seed")
_SIZES = ("tape_size", "buffer_size")
_TIMES = ("mount", "unmount", "seek", "locate", "archive_delay", "latency")


@dataclass(frozen=True, slots=True)
class LibrarySettings:
    """The machine. Times in seconds, ``rate`` in bytes per second and drive, sizes in bytes.

    ``drives`` read; a mount costs ``mount``, after ``unmount`` if another tape was in the drive.
    ``seek``: the fixed cost of going to a file that does not follow the one read last; ``locate``: what comes
    on top for each file position that lies between.
    ``mount_order``: a free drive takes the tape with the ``oldest`` request, or with the ``most`` requests.
    ``buffer_size``: room for disk copies, 0 for as much as you like. ``when_full``: a recall that has no room
    lets its drive ``wait``, or its request is ``refuse``-d as busy when it is made.
    ``archive_delay``: from the writing of a file to its tape copy; ``write_drives``: written files are laid
    on so many tapes in turn, ``tape_size`` on each.
    ``latency``: of each call. ``seed``: of all faults that are drawn by chance.
    """

    drives: int = 2
    mount: float = 5.0
    unmount: float = 2.0
    seek: float = 0.5
    rate: float = 300e6
    archive_delay: float = 5.0
    tape_size: float = 12e12
    latency: float = 0.0
    seed: int = 0
    locate: float = 0.0
    mount_order: str = "oldest"
    buffer_size: float = 0
    when_full: str = "wait"
    write_drives: int = 1

    def __post_init__(self) -> None:
        if not (self.drives >= 1 and self.write_drives >= 1 and self.rate > 0):
            raise Unsupported("a tape library needs at least one drive and a rate above zero")
        if not all(getattr(self, name) >= 0 for name in _TIMES):  # so that NaN is refused too
            raise Unsupported("times of a tape library cannot be negative")
        if not all(getattr(self, name) >= 0 for name in _SIZES):
            raise Unsupported("sizes of a tape library cannot be negative")
        for name, words in _WORDS.items():
            if getattr(self, name) not in words:
                raise Unsupported(f"{name} is {' or '.join(words)}, not {getattr(self, name)!r}")

    @classmethod
    def from_options(cls, options: Mapping[str, str]) -> LibrarySettings:
        """The settings in the options of an endpoint; sizes may have a unit (``200 TB``).

        Raises Unsupported for an option nobody knows or a value that cannot be read.
        """
        known = {entry.name for entry in fields(cls)}
        if strange := sorted(set(options) - known):
            names = ", ".join(sorted(known))
            raise Unsupported(f"unknown option {strange[0]!r} of the simulated tape library; known: {names}")
        values: dict[str, Any] = {}
        for name, text in options.items():
            try:
                values[name] = _value(name, text)
            except ValueError as error:
                raise Unsupported(
                    f"option {name} of the simulated tape library cannot be read: {error}"
                ) from None
        return cls(**values)


def _value(name: str, text: str) -> str | int | float:
    if name in _WORDS:
        return text
    if name in _COUNTS:
        if not re.fullmatch(r"[+-]?[0-9]{1,18}", text.strip(), re.ASCII):
            raise ValueError(f"expected a whole number, not {text!r}")
        return int(text)
    if name in (*_SIZES, "rate") and not _is_number(text):
        return parse_size(text)
    if not _is_number(text):
        raise ValueError(f"expected a number of seconds, such as 90 or 0.5, not {text!r}")
    return float(text)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
